#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random::Xorshift;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::splice::{GAP, PlacedBlock, RowChanges, apply, plan};
use protocol::content::{BadSplice, Base, Content, Splice, Spliced, spliced, splices};
use protocol::ids::ItemId;
use protocol::limits::MAX_FILE_BLOCKS;

/// Block number `n`: different numbers are different blocks.
fn block(n: u64) -> BlockRef {
    BlockRef {
        hash: BlockHash::of(&n.to_le_bytes()),
        length: 1,
    }
}

fn blocks(numbers: impl IntoIterator<Item = u64>) -> Vec<BlockRef> {
    numbers.into_iter().map(block).collect()
}

fn fresh(list: &[BlockRef]) -> Vec<PlacedBlock> {
    apply(&[], &plan(&[], list))
}

/// A row as the database holds it.
struct StoredRow {
    row: PlacedBlock,
    since: u64,
    until: Option<u64>,
}

/// A file's rows and, as the naive model, every version's list in full.
#[derive(Default)]
struct History {
    rows: Vec<StoredRow>,
    versions: Vec<Vec<BlockRef>>,
}

impl History {
    /// The list of a version, by range of versions as the database reads it.
    fn read(&self, version: u64) -> Vec<PlacedBlock> {
        let mut rows: Vec<PlacedBlock> = self
            .rows
            .iter()
            .filter(|r| r.since <= version && r.until.is_none_or(|until| version < until))
            .map(|r| r.row)
            .collect();
        rows.sort_by_key(|row| row.ord);
        rows
    }

    fn commit(&mut self, new: Vec<BlockRef>) -> RowChanges {
        let base = self.read(self.versions.len() as u64);
        let version = self.versions.len() as u64 + 1;
        let changes = plan(&base, &new);
        for ord in &changes.closed {
            let open = self
                .rows
                .iter_mut()
                .find(|r| r.row.ord == *ord && r.until.is_none());
            open.expect("only an open row is closed").until = Some(version);
        }
        for &row in &changes.opened {
            // The primary key, and what it must be that only a person sees.
            let taken =
                |r: &StoredRow| r.row.ord == row.ord && (r.since == version || r.until.is_none());
            assert!(!self.rows.iter().any(taken), "place {} is taken", row.ord);
            self.rows.push(StoredRow {
                row,
                since: version,
                until: None,
            });
        }
        assert_eq!(apply(&base, &changes), self.read(version));
        self.versions.push(new);
        changes
    }

    /// Every version reads back as the model has it, in places that D1 can hold.
    fn check(&self) {
        for (list, version) in self.versions.iter().zip(1..) {
            let rows = self.read(version);
            let read: Vec<BlockRef> = rows.iter().map(|row| row.block).collect();
            assert_eq!(&read, list, "version {version}");
            assert!(rows.is_sorted_by(|a, b| a.ord < b.ord));
            assert!(rows.iter().all(|row| (1..1 << 53).contains(&row.ord)));
        }
    }
}

#[test]
fn the_first_version_leaves_gaps() {
    let rows = fresh(&blocks([1, 2, 3]));
    let ords: Vec<u64> = rows.iter().map(|row| row.ord).collect();
    assert_eq!(ords, [GAP, 2 * GAP, 3 * GAP]);
    assert_eq!(plan(&[], &[]), RowChanges::default());
}

#[test]
fn the_same_list_again_writes_nothing() {
    let list = blocks([1, 2, 2, 3]);
    assert_eq!(plan(&fresh(&list), &list), RowChanges::default());
}

#[test]
fn one_changed_block_of_many_costs_two_rows() {
    let list = blocks(0..8_000);
    let base = fresh(&list);
    let mut new = list.clone();
    new[4_000] = block(9_999);
    let changes = plan(&base, &new);
    assert_eq!(changes.closed, [base[4_000].ord]);
    assert_eq!(changes.opened.len(), 1);
}

#[test]
fn rows_follow_the_change_wherever_it_falls() {
    let list = blocks(0..1_000);
    let base = fresh(&list);
    for at in [0, 1, 500, 998, 999, 1_000] {
        let mut inserted = list.clone();
        inserted.splice(at..at, blocks(5_000..5_003));
        let changes = plan(&base, &inserted);
        assert_eq!((changes.closed.len(), changes.opened.len()), (0, 3));

        let removed = at.min(997);
        let mut shorter = list.clone();
        shorter.drain(removed..removed + 3);
        let changes = plan(&base, &shorter);
        assert_eq!((changes.closed.len(), changes.opened.len()), (3, 0));
    }
    // Two edits far apart are two small changes, not one from first to last.
    let mut both = list.clone();
    both[1] = block(7_000);
    both[998] = block(7_001);
    let changes = plan(&base, &both);
    assert_eq!((changes.closed.len(), changes.opened.len()), (2, 2));
}

#[test]
fn a_list_may_become_empty_and_full_again() {
    let mut history = History::default();
    history.commit(blocks([1, 2]));
    history.commit(vec![]);
    history.commit(blocks([1, 2]));
    history.commit(blocks([2, 1, 2]));
    history.check();
}

/// A gap can be halved 32 times; the insertion after that finds none.
#[test]
fn a_gap_that_is_used_up_makes_the_list_be_written_anew() {
    for at in [0, 1] {
        let mut history = History::default();
        let mut list = blocks([1, 2]);
        history.commit(list.clone());
        let mut rewrites = 0;
        for n in 100..200 {
            list.insert(at, block(n));
            let changes = history.commit(list.clone());
            if changes.opened.len() > 1 {
                assert_eq!(changes.closed.len(), list.len() - 1);
                assert_eq!(changes.opened.len(), list.len());
                rewrites += 1;
            }
        }
        assert_eq!(rewrites, 3, "inserting at {at}");
        history.check();
    }
}

#[test]
fn a_gap_too_small_for_all_that_is_inserted_is_found_too() {
    let mut base = fresh(&blocks([1, 2]));
    base[1].ord = base[0].ord + 4;
    let three = plan(&base, &blocks([1, 10, 11, 12, 2]));
    assert_eq!((three.closed.len(), three.opened.len()), (0, 3));
    let four = plan(&base, &blocks([1, 10, 11, 12, 13, 2]));
    assert_eq!((four.closed.len(), four.opened.len()), (2, 6));
}

#[test]
fn appending_for_ever_does_not_leave_the_numbers_that_d1_holds() {
    let mut history = History::default();
    history.commit(blocks([1, 2]));
    history.rows[1].row.ord = (1 << 53) - 1;
    history.commit(blocks([1, 2, 3]));
    history.commit(blocks([1, 2, 3, 4]));
    assert!(
        history.read(3).iter().all(|row| row.ord < 1 << 53),
        "{:?}",
        history.read(3)
    );
}

#[test]
fn the_longest_list_fits() {
    let rows = fresh(&blocks(0..MAX_FILE_BLOCKS as u64));
    assert!(rows.last().unwrap().ord < 1 << 53);
    assert_eq!(rows.len(), MAX_FILE_BLOCKS);
}

/// The same block many times over is where a difference has many answers.
#[test]
fn seeded_histories_equal_the_model() {
    for seed in 1..60 {
        let mut numbers = Xorshift::new(seed);
        let mut history = History::default();
        let mut list = Vec::new();
        let alphabet = if seed % 2 == 0 { 3 } else { 1_000_000 };
        for _ in 0..60 {
            let at = numbers.below(list.len() + 1);
            let removed = numbers.below((list.len() - at + 1).min(6));
            let inserted = numbers.below(6);
            let new: Vec<BlockRef> = (0..inserted)
                .map(|_| block(numbers.below(alphabet) as u64))
                .collect();
            list.splice(at..at + removed, new);
            let changes = history.commit(list.clone());
            let whole = changes.opened.len() == list.len();
            assert!(
                whole || changes.closed.len() + changes.opened.len() <= removed + inserted,
                "seed {seed}: {changes:?} for {removed} removed and {inserted} inserted"
            );
        }
        history.check();
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_lists_in_a_row_equal_the_model(
            lists in prop::collection::vec(prop::collection::vec(0_u64..8, 0..30), 1..12),
        ) {
            let mut history = History::default();
            for list in lists {
                history.commit(blocks(list));
            }
            history.check();
        }
    }
}

/// Whatever the lists: the splices of one make the other, fit one behind the
/// other, and tell nothing that is the same.
#[test]
fn splices_make_one_list_of_another() {
    let mut random = Xorshift::new(11);
    for round in 0..400 {
        let numbers = 1 + random.below(60);
        let mut list = |most: usize| -> Vec<BlockRef> {
            let length = random.below(most);
            let numbers = (0..length).map(|_| random.below(numbers) as u64);
            blocks(numbers.collect::<Vec<_>>())
        };
        let (old, mut new) = (list(80), list(80));
        if round % 2 == 0 {
            // An edit: most of it is the old one.
            let middle = old.len() / 2;
            new = [&old[..middle], &list(3), &old[middle..]].concat();
        }
        let splices = splices(&old, &new);
        assert_eq!(spliced(&old, &splices).unwrap(), new);
        for pair in splices.windows(2) {
            assert!(pair[0].at + pair[0].remove < pair[1].at);
        }
        let inserted: usize = splices.iter().map(|splice| splice.insert.len()).sum();
        assert!(round % 2 == 1 || inserted <= 2);
    }
}

fn as_splices_of(old: &[BlockRef], new: &[BlockRef]) -> Spliced {
    Spliced {
        size: new.len() as u64,
        size_class: SizeClass::for_size(0),
        modified_at_ms: 0.into(),
        base: Base {
            item: ItemId::from_random([1; 16]),
            version: 1,
        },
        splices: splices(old, new),
    }
}

/// What the server makes of splices, with what the request carries.
fn put_in(spliced: Spliced, carried: &[BlockRef]) -> Vec<Splice> {
    let mut content = Content::Spliced(spliced);
    content.put_in(carried);
    match content {
        Content::Spliced(spliced) => spliced.splices,
        Content::Whole(_) => panic!("it was splices"),
    }
}

/// Whatever is carried and in whatever order, the list is the same with names and
/// without; and nobody is named who is carried in his turn.
#[test]
fn carried_blocks_need_no_names() {
    let mut random = Xorshift::new(12);
    for round in 0..400 {
        let mut list = |most: usize| -> Vec<BlockRef> {
            let length = random.below(most);
            let numbers = (0..length).map(|_| random.below(40) as u64);
            blocks(numbers.collect::<Vec<_>>())
        };
        let (old, new) = (list(60), list(60));
        let whole = as_splices_of(&old, &new);
        let mut known = old.clone();
        let mut carried: Vec<BlockRef> = Vec::new();
        for block in &new {
            if !known.contains(block) {
                known.push(*block);
                carried.push(*block);
            }
        }
        let in_turn = whole.clone().leave_out(&carried);
        let named: Vec<&BlockRef> = in_turn.splices.iter().flat_map(|s| &s.insert).collect();
        let unnamed: u32 = in_turn.splices.iter().map(|splice| splice.carried).sum();
        assert_eq!(unnamed as usize, carried.len());
        assert!(
            named
                .iter()
                .all(|block| old.contains(block) || new.iter().filter(|b| b == block).count() > 1)
        );
        let put = put_in(in_turn.clone(), &carried);
        assert_eq!(spliced(&old, &put).unwrap(), new);

        match round % 3 {
            0 => carried.reverse(),
            1 => carried.truncate(carried.len() / 2),
            _ => drop(carried.drain(..carried.len() / 2)),
        }
        let some = whole.leave_out(&carried);
        assert_eq!(spliced(&old, &put_in(some, &carried)).unwrap(), new);

        if unnamed > 0 {
            let short = put_in(in_turn, &new[..0]);
            let refused = spliced(&old, &short).unwrap_err();
            assert!(matches!(refused, BadSplice::NotCarried { .. }), "{refused}");
        }
    }
}

/// A list that is new from end to end costs no search.
#[test]
fn lists_that_share_nothing_are_one_splice() {
    let old = blocks(0..MAX_FILE_BLOCKS as u64);
    let new = blocks(50_000..50_000 + MAX_FILE_BLOCKS as u64);
    let splices = splices(&old, &new);
    assert_eq!(splices.len(), 1);
    assert_eq!(spliced(&old, &splices).unwrap(), new);
}

#[test]
fn splices_of_another_list_do_not_fit() {
    let old = blocks(0..10);
    let splice = |at, remove| Splice {
        at,
        remove,
        insert: blocks([99]),
        carried: 0,
    };
    for bad in [
        vec![splice(11, 0)],
        vec![splice(10, 1)],
        vec![splice(0, 11)],
        vec![splice(u32::MAX, u32::MAX)],
        vec![splice(3, 2), splice(4, 0)],
    ] {
        assert!(spliced(&old, &bad).is_err(), "{bad:?}");
    }
    let good = [splice(0, 0), splice(0, 5), splice(5, 5), splice(10, 0)];
    assert_eq!(spliced(&old, &good).unwrap(), blocks([99, 99, 99, 99]));
    let many = Splice {
        insert: blocks(0..MAX_FILE_BLOCKS as u64),
        ..splice(0, 0)
    };
    assert!(spliced(&old, &[many.clone(), many]).is_err());
}
