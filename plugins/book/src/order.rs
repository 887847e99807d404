//! Putting things in order.
//!
//! Owns: the one sort of this crate. The library makes one anew for each kind
//! of thing that is sorted, 5 to 15 kB each time, and a widget is small.
//! Must not know: what is put in order.

use std::cmp::Ordering;

/// Things that are put in order one by one.
const RUN: usize = 8;

/// The things in order; those that are equal stay as they stood. What comes in
/// order, as records mostly do, is looked through once.
pub(crate) fn sorted_by_key<T, K: Ord>(things: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    sorted_by(things, |one, other| key(one).cmp(&key(other)))
}

/// As [`sorted_by_key`], by a comparison.
pub(crate) fn sorted_by<T>(mut things: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if things.len() < 2 {
        return things;
    }
    let mut places = places(things.len(), &|one, other| {
        compare(&things[one], &things[other])
    });
    for start in 0..places.len() {
        // Around the ring of those that take each other's place.
        let mut to = start;
        loop {
            let from = std::mem::replace(&mut places[to], to);
            if from == start || from == to {
                break;
            }
            things.swap(to, from);
            to = from;
        }
    }
    things
}

/// The things in order, each once.
pub(crate) fn distinct<T: Ord>(things: Vec<T>) -> Vec<T> {
    let mut things = sorted_by(things, T::cmp);
    things.dedup();
    things
}

/// The places of so many things, in the order of the things; empty where they
/// are in order.
///
/// Not generic and not inlined, so that there is one; and by merging runs of 8,
/// 16, 32, …, since the library's own is ten times as large.
#[inline(never)]
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    if (1..count).all(|at| compare(at - 1, at).is_le()) {
        return Vec::new();
    }
    let mut places: Vec<_> = (0..count).collect();
    for run in places.chunks_mut(RUN) {
        insert_each(run, compare);
    }
    let mut merged = Vec::with_capacity(count);
    let mut run = RUN;
    while run < count {
        for pair in places.chunks(2 * run) {
            let (left, right) = pair.split_at(run.min(pair.len()));
            merge(left, right, compare, &mut merged);
        }
        std::mem::swap(&mut places, &mut merged);
        merged.clear();
        run *= 2;
    }
    places
}

/// Puts a short run in order: to merge runs of one or two is as much comparing,
/// and much copying.
fn insert_each(run: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    for end in 1..run.len() {
        let mut at = end;
        while at > 0 && compare(run[at - 1], run[at]).is_gt() {
            run.swap(at - 1, at);
            at -= 1;
        }
    }
}

fn merge(
    mut left: &[usize],
    mut right: &[usize],
    compare: &dyn Fn(usize, usize) -> Ordering,
    merged: &mut Vec<usize>,
) {
    while let ([one, lefts @ ..], [other, rights @ ..]) = (left, right) {
        if compare(*one, *other).is_le() {
            merged.push(*one);
            left = lefts;
        } else {
            merged.push(*other);
            right = rights;
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_the_library(things: Vec<(u8, u8)>) {
            let mut expected = things.clone();
            expected.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(sorted_by_key(things.clone(), |(key, _)| *key), expected);
            let mut expected = things.clone();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(distinct(things), expected);
        }
    }
}
