//! The change feed, against a running server:
//! 1. the first listing, page by page, names everything exactly once
//! 2. then each change is told, in the journal's order, and nothing is skipped
//! 3. a cursor never skips, whoever writes meanwhile
//! 4. a malformed cursor is refused, another space's starts anew

use driftless_tests::client::{Client, Failure, changes_path};
use driftless_tests::live::{Person, person};
use driftless_tests::tree::Tree;
use shared::cursor::Cursor;
use shared::ids::{ItemId, SpaceId};
use shared::limits::MAX_CHANGES_PER_PAGE;
use shared::protocol::changes::{Change, LIMIT};
use shared::protocol::paths::CHANGES;
use shared::protocol::problem::Problem;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

fn ids(changes: &[Change]) -> Vec<ItemId> {
    changes
        .iter()
        .map(|change| match change {
            Change::Item { item } => item.id,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Makes ten items: a few of each kind.
fn furnish(ann: &Person) -> BTreeSet<ItemId> {
    let client = &ann.client;
    let mut all = BTreeSet::new();
    let mut parent = None;
    for i in 0..3 {
        let folder = client.new_folder(parent, &format!("folder {i}")).unwrap();
        parent = Some(folder.item.id);
        all.insert(folder.item.id);
    }
    for i in 0..7 {
        let file = client.new_empty_file(parent, &format!("file {i}")).unwrap();
        all.insert(file.item.id);
        if i == 6 {
            client.trash(&file.item).unwrap();
        }
    }
    all
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn the_first_listing_names_everything_exactly_once() {
    let ann = person();
    let mut empty = Tree::default();
    let pulled = empty.pull(&ann.client, None).unwrap();
    assert_eq!((pulled.resets, pulled.changes.len()), (1, 0));

    let all = furnish(&ann);
    for limit in [None, Some(1), Some(3), Some(10), Some(1_000)] {
        let mut tree = Tree::default();
        let pulled = tree.pull(&ann.client, limit).unwrap();
        assert_eq!(pulled.resets, 1, "only the first page resets");
        let listed = ids(&pulled.changes);
        assert_eq!(listed.len(), all.len(), "limit {limit:?}");
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), all);
        let again = tree.pull(&ann.client, limit).unwrap();
        assert_eq!((again.resets, again.changes.len()), (0, 0));
        let trashed = tree.items.values().filter(|i| i.trashed_at_ms.is_some());
        assert_eq!(trashed.count(), 1);
    }
    // A device that had seen the empty space comes to the same tree.
    let pulled = empty.pull(&ann.client, Some(3)).unwrap();
    assert_eq!(pulled.resets, 0);
    assert_eq!(empty.items, Tree::of(&ann.client).unwrap().items);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn each_change_is_told() {
    let ann = person();
    let mut tree = Tree::of(&ann.client).unwrap();
    let pull = |tree: &mut Tree| {
        let pulled = tree.pull(&ann.client, None).unwrap();
        assert_eq!(pulled.resets, 0);
        pulled.changes
    };
    let made = ann.client.put_file(None, "file", b"first").unwrap().item;
    assert_eq!(pull(&mut tree), [Change::Item { item: made.clone() }]);
    let edited = ann.client.put_version(made.id, 1, b"second").unwrap().item;
    assert_eq!(
        pull(&mut tree),
        [Change::Item {
            item: edited.clone()
        }]
    );
    let renamed = ann.client.change_place(&edited, None, "new").unwrap().item;
    assert_eq!(
        pull(&mut tree),
        [Change::Item {
            item: renamed.clone()
        }]
    );
    let trashed = ann.client.trash(&renamed).unwrap().item;
    assert_eq!(
        pull(&mut tree),
        [Change::Item {
            item: trashed.clone()
        }]
    );
    let restored = ann.client.restore(&trashed).unwrap().item;
    assert_eq!(pull(&mut tree), [Change::Item { item: restored }]);
    assert_eq!(pull(&mut tree), []);
    // What changes nothing is not told.
    ann.client.store_blocks(&[b"just blocks"]).unwrap();
    ann.client.propose(made.id, 2, vec![]).unwrap();
    assert_eq!(pull(&mut tree), []);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn sequence_numbers_have_no_gaps() {
    let ann = person();
    let mut seqs = Vec::new();
    let made = ann.client.new_empty_file(None, "file").unwrap();
    seqs.push(made.seq);
    let renamed = ann.client.change_place(&made.item, None, "new").unwrap();
    seqs.push(renamed.seq);
    // Refused changes take no number.
    ann.client.change_place(&made.item, None, "x").unwrap_err();
    ann.client.new_empty_file(None, "NEW").unwrap_err();
    ann.client.put_version(made.item.id, 7, b"x").unwrap_err();
    seqs.push(ann.client.put_version(made.item.id, 1, b"x").unwrap().seq);
    seqs.push(ann.client.trash(&renamed.item).unwrap().seq);
    assert_eq!(seqs, [1, 2, 3, 4]);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_page_that_is_read_twice_says_the_same() {
    let ann = person();
    let start = Tree::of(&ann.client).unwrap().cursor.unwrap();
    furnish(&ann);
    let read = |limit| ann.client.changes(Some(&start), limit).unwrap();
    assert_eq!(read(None), read(None));
    assert_eq!(read(Some(4)), read(Some(4)));
    assert!(read(Some(4)).has_more);
    // The cursors of pages of different length lead to the same end.
    for limit in [1, 2, 4, 7] {
        let mut tree = Tree {
            cursor: Some(start.clone()),
            ..Tree::default()
        };
        tree.pull(&ann.client, Some(limit)).unwrap();
        assert_eq!(tree.items, Tree::of(&ann.client).unwrap().items);
    }
}

/// Writes while the tree is listed must not fall between the pages.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn changes_during_the_first_listing_are_not_missed() {
    let ann = person();
    furnish(&ann);
    let mut tree = Tree::default();
    let mut made = 0;
    loop {
        let page = ann.client.changes(tree.cursor.as_deref(), Some(2)).unwrap();
        for change in page.changes {
            let Change::Item { item } = change else {
                panic!("{change:?}");
            };
            tree.items.insert(item.id, item);
        }
        tree.cursor = Some(page.next_token);
        if made < 5 {
            let name = format!("during {made}");
            let new = ann.client.new_empty_file(None, &name).unwrap().item;
            let any = tree.items.values().next().unwrap().clone();
            let other_name = format!("renamed {made}");
            // An item that was listed already, and may be in the trash.
            let _: Result<_, Failure> = ann.client.change_place(&any, any.parent, &other_name);
            ann.client.put_version(new.id, 1, b"more").unwrap();
            made += 1;
        }
        if !page.has_more {
            break;
        }
    }
    tree.pull(&ann.client, None).unwrap();
    assert_eq!(tree.items, Tree::of(&ann.client).unwrap().items);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_cursor_never_skips_while_others_write() {
    const WRITERS: usize = 3;
    const FILES_EACH: usize = 25;
    let ann = person();
    let done = AtomicBool::new(false);
    let reader = ann.second_device("reader");
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let client = ann.client.clone();
                scope.spawn(move || write(&client, writer, FILES_EACH))
            })
            .collect();
        let (done, reader) = (&done, &reader);
        let reading = scope.spawn(move || {
            let mut tree = Tree::of(reader).unwrap();
            let mut told = 0;
            loop {
                // Asked before the pull, so that the last pull sees the end.
                let last = done.load(Ordering::SeqCst);
                let pulled = tree.pull(reader, Some(4)).unwrap();
                assert_eq!(pulled.resets, 0);
                told += pulled.changes.len();
                if last {
                    return (tree, told);
                }
            }
        });
        let made: BTreeSet<ItemId> = writers
            .into_iter()
            .flat_map(|writer| writer.join().expect("a writer panicked"))
            .collect();
        done.store(true, Ordering::SeqCst);
        let (tree, told) = reading.join().expect("the reader panicked");
        assert_eq!(made.len(), WRITERS * FILES_EACH);
        assert_eq!(tree.items.keys().copied().collect::<BTreeSet<_>>(), made);
        assert!(told >= made.len());
        assert_eq!(tree.items, Tree::of(&ann.client).unwrap().items);
    });
}

/// Makes files and gives each a second version.
fn write(client: &Client, writer: usize, count: usize) -> Vec<ItemId> {
    (0..count)
        .map(|i| {
            let name = format!("writer {writer} file {i}");
            let file = again_while_busy(|| client.new_empty_file(None, &name));
            let id = file.item.id;
            again_while_busy(|| client.put_version(id, 1, name.as_bytes()));
            id
        })
        .collect()
}

/// A busy server may ask to come again; then nothing was written.
fn again_while_busy<T>(send: impl Fn() -> Result<T, Failure>) -> T {
    for _ in 0..50 {
        match send() {
            Ok(answer) => return answer,
            Err(Failure::Refused { status: 503, .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the server was busy 50 times");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_malformed_cursor_is_refused() {
    let ann = person();
    let good = Tree::of(&ann.client).unwrap().cursor.unwrap();
    for bad in ["x", "1.", "1.AAAA", "2.e30", &good[..good.len() - 3]] {
        let reply = ann.client.get(&changes_path(Some(bad), None)).unwrap();
        assert_eq!(reply.problem(), Problem::BadCursor, "{bad}");
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_cursor_that_is_not_of_this_journal_starts_anew() {
    let (ann, bob) = (person(), person());
    let all = furnish(&ann);
    bob.client.new_folder(None, "bob's").unwrap();
    let foreign = Tree::of(&bob.client).unwrap().cursor.unwrap();
    let nobodys = Cursor {
        space: SpaceId::from_random([7; 16]),
        seq: 1,
        listed_to: None,
    };
    // A position that the journal has not reached: of a database that was lost.
    let ahead = Cursor {
        space: ann.session.space.id,
        seq: 1_000_000,
        listed_to: None,
    };
    for cursor in [foreign, nobodys.to_string(), ahead.to_string()] {
        let mut tree = Tree {
            cursor: Some(cursor.clone()),
            ..Tree::default()
        };
        let pulled = tree.pull(&ann.client, Some(3)).unwrap();
        assert_eq!(pulled.resets, 1, "{cursor}");
        assert_eq!(tree.items.keys().copied().collect::<BTreeSet<_>>(), all);
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_limit_that_makes_no_sense_is_refused() {
    let ann = person();
    furnish(&ann);
    let over = (MAX_CHANGES_PER_PAGE + 1).to_string();
    for bad in ["x", "-1", "1.5", "0", over.as_str(), "99999999999999999999"] {
        let reply = ann.client.get(&format!("{CHANGES}?{LIMIT}={bad}")).unwrap();
        assert!(
            matches!(reply.problem(), Problem::BadRequest { .. }),
            "{bad}: {reply:?}"
        );
    }
    let most = ann
        .client
        .changes(None, Some(MAX_CHANGES_PER_PAGE))
        .unwrap();
    assert_eq!(most.changes.len(), 10);
}
