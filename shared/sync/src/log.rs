//! Which items of a tree have come, gone or changed: so that whoever has looked at all of it
//! once only looks at these.

use protocol::ids::ItemId;
use std::collections::VecDeque;
use std::sync::Arc;

/// So many changes are known.
const KEPT: usize = 4_096;

/// The last changes of one tree.
#[derive(Debug, Default)]
pub struct Log {
    /// That of another tree is another one.
    of: Arc<()>,
    /// How many changes there were before those that are known.
    before: usize,
    known: VecDeque<ItemId>,
}

/// How far somebody has seen the changes of a tree.
#[derive(Clone, Debug)]
pub struct Seen {
    of: Arc<()>,
    count: usize,
}

impl Log {
    /// Something of an item is another one now.
    pub fn note(&mut self, id: ItemId) {
        if self.known.len() == KEPT {
            self.known.pop_front();
            self.before += 1;
        }
        self.known.push_back(id);
    }

    /// What somebody has seen who looks at everything now.
    pub fn now(&self) -> Seen {
        Seen {
            of: self.of.clone(),
            count: self.before + self.known.len(),
        }
    }

    /// What has changed since, some of it several times; `None` if nobody knows.
    pub fn since(&self, seen: &Seen) -> Option<impl Iterator<Item = ItemId> + '_> {
        let from = seen.count.checked_sub(self.before)?;
        let is_ours = Arc::ptr_eq(&self.of, &seen.of);
        is_ours.then(|| self.known.range(from.min(self.known.len())..).copied())
    }
}

/// A copy changes by itself, and nobody has seen anything of it.
impl Clone for Log {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// How something came to be does not make it another one.
impl PartialEq for Log {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{ItemId, KEPT, Log, Seen};

    fn id(n: usize) -> ItemId {
        ItemId::from_random((n as u128 + 1).to_be_bytes())
    }

    fn since(log: &Log, seen: &Seen) -> Option<Vec<ItemId>> {
        log.since(seen).map(Iterator::collect)
    }

    #[test]
    fn it_tells_what_is_new_to_whoever_has_seen_the_rest() {
        let mut log = Log::default();
        let first = log.now();
        assert_eq!(since(&log, &first), Some(vec![]));
        log.note(id(256));
        let second = log.now();
        log.note(id(512));
        assert_eq!(since(&log, &first), Some(vec![id(256), id(512)]));
        assert_eq!(since(&log, &second), Some(vec![id(512)]));
        assert_eq!(since(&log, &log.now()), Some(vec![]));
    }

    #[test]
    fn it_says_so_where_it_does_not_know_any_more() {
        let mut log = Log::default();
        let seen = log.now();
        for n in 0..KEPT {
            log.note(id(n));
        }
        assert_eq!(since(&log, &seen).map(|ids| ids.len()), Some(KEPT));
        log.note(id(0));
        assert_eq!(since(&log, &seen), None);
    }

    #[test]
    fn what_was_seen_of_one_tree_is_nothing_of_another() {
        let mut log = Log::default();
        log.note(id(1));
        let seen = log.now();
        let mut copy = log.clone();
        copy.note(id(2));
        copy.note(id(3));
        assert_eq!(since(&copy, &seen), None);
        assert_eq!(since(&Log::default(), &seen), None);
        assert_eq!(log, copy);
    }
}
