//! The change feed, against a running server:
//! 1. a cursor never skips, whoever writes meanwhile
//! 2. a limit that is no number is refused

use driftless_tests::client::{Client, Failure};
use driftless_tests::live::{Person, person};
use driftless_tests::tree::Tree;
use protocol::changes::LIMIT;
use protocol::ids::ItemId;
use protocol::limits::MAX_CHANGES_PER_PAGE;
use protocol::paths::CHANGES;
use protocol::problem::Problem;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

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
