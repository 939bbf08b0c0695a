use std::collections::BTreeMap;

use crate::number::DoubleDouble;

/// What is still to come, the best first: by how much less it is worth than the best of all, and of equal ones by a key.
/// What so many others are before is forgotten.
#[derive(Debug)]
pub(crate) struct Queue<K, T> {
    room: usize,
    entries: BTreeMap<(Loss, K), T>,
}

impl<K: Ord, T> Queue<K, T> {
    /// Room for so many.
    pub(crate) fn new(room: usize) -> Self {
        Self { room, entries: BTreeMap::new() }
    }

    /// Whether something of this loss would be forgotten at once, whatever its key is.
    pub(crate) fn is_late(&self, loss: DoubleDouble) -> bool {
        let last = self.entries.last_key_value();
        self.room == 0
            || self.entries.len() >= self.room && last.is_some_and(|((last, _), _)| Loss(loss) > *last)
    }

    /// What the next one is worth less.
    pub(crate) fn first(&self) -> Option<DoubleDouble> {
        self.entries.first_key_value().map(|((Loss(loss), _), _)| *loss)
    }

    pub(crate) fn push(&mut self, loss: DoubleDouble, key: K, entry: T) {
        if self.is_late(loss) {
            return;
        }
        self.entries.insert((Loss(loss), key), entry);
        if self.entries.len() > self.room {
            self.entries.pop_last();
        }
    }

    /// The next one, which leaves room for one less.
    pub(crate) fn pop(&mut self) -> Option<(DoubleDouble, K, T)> {
        let ((Loss(loss), key), entry) = self.entries.pop_first()?;
        self.room -= 1;
        Some((loss, key, entry))
    }
}

/// By its value; there are no NaNs, and zeros are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Loss(DoubleDouble);

impl Eq for Loss {}

impl PartialOrd for Loss {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Loss {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.partial_cmp(&other.0).unwrap_or(std::cmp::Ordering::Equal)
    }
}
