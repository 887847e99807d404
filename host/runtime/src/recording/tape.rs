//! What a call asks of the host, and is answered, in its order.
//!
//! Owns: taking calls down within a bound, and finding the recorded answer to
//! what a guest asks, with a note where it asks for something else.
//! Must not know: which functions there are, and what their answers hold.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, PoisonError};

use serde::Serialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::{Asked, CallDifference};
use crate::call::CallSetup;
use crate::limits::wide;

/// The bytes that the calls of one recording may take.
pub(super) const MOST_BYTES: usize = 48 << 20;

/// The differences in calls that are kept of one replay; further ones are
/// counted.
const MOST_DIFFERENCES: usize = 1_000;

/// Bytes that stand around each call in the document.
const AROUND: usize = 40;

/// A call into the host: which function, with what, and what it answered.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) asked: Asked,
    /// As the document has it: some are large, and most are read once.
    pub(super) answer: Box<RawValue>,
}

/// What goes along with a call whose host functions are listened to.
#[derive(Debug)]
pub(crate) enum Tape {
    /// They answer, and it is taken down.
    Recording(Recorder),
    /// A recording answers in their place.
    Replaying(Player),
}

impl CallSetup {
    /// Does something with the tape; none where there is none.
    pub(super) fn taped<T>(&self, work: impl FnOnce(&mut Tape) -> T) -> Option<T> {
        let tape = self.tape.as_ref()?;
        let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
        Some(work(&mut tape))
    }

    /// The call begins anew: what it asked before has not happened.
    pub(crate) fn rewind_tape(&self) {
        self.taped(Tape::rewind);
    }
}

impl Tape {
    /// An empty one, to record on.
    pub(crate) fn blank() -> Self {
        Self::Recording(Recorder::new())
    }

    /// The call begins anew, and what it asked before has not happened.
    fn rewind(&mut self) {
        match self {
            Self::Recording(recorder) => *recorder = Recorder::within(recorder.most),
            Self::Replaying(player) => player.rewind(),
        }
    }
}

/// Takes down what is asked and answered.
#[derive(Debug)]
pub(crate) struct Recorder {
    calls: Vec<Call>,
    bytes: usize,
    most: usize,
    is_full: bool,
}

impl Recorder {
    /// Within the bound of a document.
    fn new() -> Self {
        Self::within(MOST_BYTES)
    }

    fn within(most: usize) -> Self {
        Self {
            calls: Vec::new(),
            bytes: 0,
            most,
            is_full: false,
        }
    }

    /// Takes down a call with its answer. From the one on that has no room,
    /// nothing is kept.
    pub(super) fn take(&mut self, asked: Asked, answer: &impl Serialize) {
        if self.is_full {
            return;
        }
        let around = AROUND + asked.size();
        let left = self.most.saturating_sub(self.bytes.saturating_add(around));
        match written(answer, left) {
            Some(answer) => {
                self.bytes += around + answer.get().len();
                self.calls.push(Call { asked, answer });
            }
            None => {
                self.is_full = true;
                self.calls = Vec::new();
            }
        }
    }

    /// What was taken down; none where it was more than there is room for.
    pub(super) fn calls(&mut self) -> Option<Arc<[Call]>> {
        let calls = std::mem::take(&mut self.calls);
        (!self.is_full).then(|| calls.into())
    }
}

/// An answer as the document has it; none where it takes more bytes than these.
fn written(answer: &impl Serialize, left: usize) -> Option<Box<RawValue>> {
    struct Within(Vec<u8>, usize);

    impl io::Write for Within {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.len() + bytes.len() > self.1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut within = Within(Vec::new(), left);
    serde_json::to_writer(&mut within, answer).ok()?;
    RawValue::from_string(String::from_utf8(within.0).ok()?).ok()
}

/// Answers from a recording.
///
/// A call that comes at its place has the answer of that place; one that comes
/// elsewhere that of the next call that asked the same, else of the last one
/// before.
#[derive(Debug)]
pub(crate) struct Player {
    calls: Arc<[Call]>,
    /// Where each thing was asked, by rising place.
    places: HashMap<Asked, Vec<usize>>,
    /// The place that should come next.
    next: usize,
    /// The place that the last difference was about.
    told: Option<usize>,
    /// Calls so far.
    asked: u64,
    differences: Vec<CallDifference>,
    further: u64,
}

impl Player {
    pub(super) fn of(calls: Arc<[Call]>) -> Self {
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for (at, call) in calls.iter().enumerate() {
            places.entry(call.asked.clone()).or_default().push(at);
        }
        Self {
            calls,
            places,
            next: 0,
            told: None,
            asked: 0,
            differences: Vec::new(),
            further: 0,
        }
    }

    fn rewind(&mut self) {
        (self.next, self.told, self.asked) = (0, None, 0);
        self.differences.clear();
        self.further = 0;
    }

    /// The recorded answer to this; none where nothing like it was asked.
    pub(super) fn answer(&mut self, asked: &Asked) -> Option<Box<RawValue>> {
        self.asked += 1;
        let places = self.places.get(asked).map_or(&[][..], Vec::as_slice);
        let ahead = places.partition_point(|place| *place < self.next);
        let (ahead, before) = (
            places.get(ahead).copied(),
            ahead.checked_sub(1).map(|at| places[at]),
        );
        if let Some(place) = ahead {
            self.skip_to(place);
            self.next = place + 1;
        } else {
            let recorded = self.calls.get(self.next).map(|call| call.asked.clone());
            self.told = recorded.is_some().then_some(self.next);
            self.differs(self.asked, recorded, Some(asked.clone()));
        }
        let place = ahead.or(before)?;
        Some(self.calls.get(place)?.answer.clone())
    }

    /// What was different, the calls included that did not come any more; and
    /// how many more differences there are.
    pub(super) fn end(&mut self) -> (Vec<CallDifference>, u64) {
        self.skip_to(self.calls.len());
        self.next = self.calls.len();
        (std::mem::take(&mut self.differences), self.further)
    }

    fn skip_to(&mut self, place: usize) {
        for at in self.next..place {
            if self.told != Some(at) {
                let recorded = self.calls.get(at).map(|call| call.asked.clone());
                self.differs(wide(at) + 1, recorded, None);
            }
        }
    }

    fn differs(&mut self, number: u64, recorded: Option<Asked>, asked: Option<Asked>) {
        if self.differences.len() == MOST_DIFFERENCES {
            self.further += 1;
            return;
        }
        self.differences.push(CallDifference {
            number,
            recorded,
            asked,
        });
    }
}

impl Asked {
    /// This function, with arguments of these names.
    pub(super) fn of<const N: usize>(
        function: &'static str,
        arguments: [(&'static str, Json); N],
    ) -> Self {
        let named = arguments.map(|(name, value)| (name.to_owned(), value));
        Self::new(function, &Json::Object(named.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(number: u32) -> Asked {
        Asked::of("session.order", [("id", json!(number))])
    }

    fn player(numbers: &[u32]) -> Player {
        let mut recorder = Recorder::new();
        for (at, number) in numbers.iter().enumerate() {
            recorder.take(asked(*number), &at);
        }
        Player::of(recorder.calls().unwrap())
    }

    /// Asks for these; gives the places whose answers came.
    fn replayed(player: &mut Player, numbers: &[u32]) -> Vec<Option<usize>> {
        let place = |number: &u32| {
            let answer = player.answer(&asked(*number))?;
            Some(answer.get().parse().unwrap())
        };
        numbers.iter().map(place).collect()
    }

    /// Number, recorded, asked.
    fn differences(player: &mut Player) -> Vec<(u64, Option<Asked>, Option<Asked>)> {
        let (differences, further) = player.end();
        assert_eq!(further, 0);
        let all = differences.into_iter();
        all.map(|one| (one.number, one.recorded, one.asked))
            .collect()
    }

    #[test]
    fn the_same_calls_have_the_same_answers_each_at_its_place() {
        let calls = [1, 2, 1, 1, 3];
        let mut player = player(&calls);
        let places: Vec<_> = (0..5).map(Some).collect();
        assert_eq!(replayed(&mut player, &calls), places);
        assert_eq!(differences(&mut player), []);
    }

    #[test]
    fn a_call_that_is_left_out_is_told_once_and_the_rest_goes_on() {
        let mut player = player(&[1, 2, 3, 4]);
        assert_eq!(
            replayed(&mut player, &[1, 3, 4]),
            [Some(0), Some(2), Some(3)]
        );
        assert_eq!(differences(&mut player), [(2, Some(asked(2)), None)]);
    }

    #[test]
    fn a_call_in_the_place_of_another_is_one_difference() {
        let mut player = player(&[1, 2, 3]);
        assert_eq!(replayed(&mut player, &[1, 9, 3]), [Some(0), None, Some(2)]);
        let expected = [(2, Some(asked(2)), Some(asked(9)))];
        assert_eq!(differences(&mut player), expected);
    }

    #[test]
    fn one_that_is_asked_again_has_the_last_answer_and_is_told() {
        let mut player = player(&[1, 2]);
        assert_eq!(
            replayed(&mut player, &[1, 2, 1]),
            [Some(0), Some(1), Some(0)]
        );
        assert_eq!(differences(&mut player), [(3, None, Some(asked(1)))]);
    }

    #[test]
    fn calls_in_another_order_have_their_answers() {
        let mut player = player(&[1, 2, 3]);
        let places = replayed(&mut player, &[2, 1, 3]);
        assert_eq!(places, [Some(1), Some(0), Some(2)]);
        assert_eq!(differences(&mut player).len(), 2);
    }

    #[test]
    fn differences_are_counted_where_they_are_too_many_to_keep() {
        let mut player = player(&[]);
        for number in 0..1_500 {
            assert!(player.answer(&asked(number)).is_none());
        }
        let (kept, further) = player.end();
        assert_eq!((kept.len(), further), (MOST_DIFFERENCES, 500));
    }

    #[test]
    fn what_has_no_room_ends_the_recording() {
        let size = AROUND + asked(1).size() + "\"x\"".len();
        let mut recorder = Recorder::within(2 * size);
        recorder.take(asked(1), &"x");
        recorder.take(asked(1), &"x");
        recorder.take(asked(1), &"");
        assert!(recorder.is_full && recorder.calls().is_none());
        let mut tape = Tape::Recording(recorder);
        tape.rewind();
        let Tape::Recording(mut recorder) = tape else {
            panic!("it records no more")
        };
        recorder.take(asked(1), &"x");
        assert_eq!(recorder.calls().unwrap().len(), 1);
    }
}
