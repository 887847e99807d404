//! Rows by id, absent ones among them.
//!
//! Owns: telling what is known to be absent from what was never looked for.
//! Must not know: what a row is.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Rows by id: the whole set, where it was read, and single ones.
#[derive(Debug)]
pub(crate) struct ById<I, T> {
    /// All there are, by id.
    all: Option<Arc<[T]>>,
    some: HashMap<I, Option<Arc<T>>>,
}

impl<I, T> Default for ById<I, T> {
    fn default() -> Self {
        Self {
            all: None,
            some: HashMap::new(),
        }
    }
}

/// A row with an id of its own.
pub(crate) trait Row {
    type Id: Copy + Eq + Hash + Ord;

    fn id(&self) -> Self::Id;
}

impl<T: Row + Clone> ById<T::Id, T> {
    pub(crate) fn all(&self) -> Option<Arc<[T]>> {
        self.all.clone()
    }

    /// Keeps all there are; they are in the order of their ids.
    pub(crate) fn put_all(&mut self, all: Arc<[T]>) {
        self.all = Some(all);
        self.some.clear();
    }

    /// None where it was never looked for; none in it where it is absent.
    pub(crate) fn get(&self, id: T::Id) -> Option<Option<Arc<T>>> {
        if let Some(all) = &self.all {
            let found = all.binary_search_by_key(&id, Row::id).ok();
            return Some(found.and_then(|at| all.get(at)).cloned().map(Arc::new));
        }
        self.some.get(&id).cloned()
    }

    /// The rows that are known.
    pub(crate) fn known(&self) -> impl Iterator<Item = &T> {
        let some = self.some.values().flatten().map(|row| &**row);
        self.all.iter().flat_map(|all| all.iter()).chain(some)
    }

    pub(crate) fn knows(&self, id: T::Id) -> bool {
        self.all.is_some() || self.some.contains_key(&id)
    }

    /// Keeps what was found of these; the others are absent.
    pub(crate) fn put(&mut self, asked: &[T::Id], found: impl IntoIterator<Item = T>) {
        if self.all.is_some() {
            return;
        }
        for row in found {
            self.some.insert(row.id(), Some(Arc::new(row)));
        }
        for id in asked {
            self.some.entry(*id).or_insert(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Named(u64, &'static str);

    impl Row for Named {
        type Id = u64;

        fn id(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn absent_is_not_the_same_as_unknown() {
        let mut rows = ById::default();
        assert_eq!(rows.get(1), None);
        rows.put(&[1, 2], [Named(2, "b")]);
        assert_eq!(rows.get(1), Some(None));
        assert_eq!(rows.get(2), Some(Some(Arc::new(Named(2, "b")))));
        assert_eq!(rows.get(3), None);
        assert!(rows.knows(1) && !rows.knows(3));
    }

    #[test]
    fn of_a_whole_set_everything_is_known() {
        let mut rows = ById::default();
        rows.put(&[1], []);
        rows.put_all([Named(1, "a"), Named(4, "d")].into());
        assert_eq!(rows.get(4).unwrap().unwrap().1, "d");
        assert_eq!(rows.get(1).unwrap().unwrap().1, "a");
        assert_eq!(rows.get(3), Some(None));
        assert!(rows.knows(9));
        assert_eq!(rows.all().unwrap().len(), 2);
    }
}
