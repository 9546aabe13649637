//! The strong-consistency rule, against a running server, by many at once:
//! 1. N writers on one base or of one name: one is taken, the others are told by whom
//! 2. N repeats of one commit are one
//! 3. N uploads of one block store it once

use driftless_tests::client::{Client, Failure, commit_of};
use driftless_tests::live::{Person, person};
use driftless_tests::random;
use driftless_tests::tree::Tree;
use protocol::files::Commit;
use protocol::items::{Item, ItemChanged};
use protocol::problem::Problem;
use std::sync::Barrier;
use std::thread;

const WRITERS: usize = 8;

fn with_file(bytes: &[u8]) -> (Person, Item) {
    let ann = person();
    let item = ann.client.put_file(None, "file", bytes).unwrap().item;
    (ann, item)
}

/// Uploads what a commit needs, so that only the commit itself is left to do.
fn prepared(client: &Client, base: u64, bytes: &[u8]) -> Commit {
    client.store_blocks(&[bytes]).unwrap();
    commit_of(base, bytes)
}

/// All at once, each in a thread of its own.
fn at_once<T: Send>(
    writers: &[Client],
    write: impl Fn(usize, &Client) -> Result<T, Failure> + Sync,
) -> Vec<Result<T, Failure>> {
    let barrier = Barrier::new(writers.len());
    thread::scope(|scope| {
        let threads: Vec<_> = writers
            .iter()
            .enumerate()
            .map(|(i, client)| {
                let (barrier, write) = (&barrier, &write);
                scope.spawn(move || {
                    barrier.wait();
                    write(i, client)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a writer panicked"))
            .collect()
    })
}

/// nextcloud/desktop#225.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_second_writer_never_overwrites_the_first() {
    let (ann, item) = with_file(b"base");
    let writers: Vec<Client> = (0..WRITERS)
        .map(|i| ann.second_device(&format!("writer {i}")))
        .collect();
    for base in 1..=5 {
        let commits: Vec<Commit> = (0..WRITERS)
            .map(|i| prepared(&ann.client, base, format!("{base} by {i}").as_bytes()))
            .collect();
        let answers = at_once(&writers, |i, client| client.commit(item.id, &commits[i]));
        let winners: Vec<usize> = (0..WRITERS).filter(|&i| answers[i].is_ok()).collect();
        assert_eq!(winners.len(), 1, "base {base}: {answers:?}");
        let winner = winners[0];
        for (i, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(changed) => assert_eq!(changed.item.file.unwrap().version, base + 1),
                Err(Failure::Refused { status, body }) => {
                    assert_eq!(status, 409, "writer {i}");
                    let Problem::VersionConflict {
                        current_version,
                        committed,
                    } = body.problem
                    else {
                        panic!("writer {i}: {body:?}");
                    };
                    assert_eq!(current_version, base + 1);
                    assert_eq!(committed.device_name, format!("writer {winner}"));
                    assert_eq!(committed.user_name, ann.name);
                    assert!(committed.at_ms > 0);
                }
                Err(other) => panic!("writer {i}: {other}"),
            }
        }
        assert_eq!(
            ann.client.content(item.id, None).unwrap(),
            format!("{base} by {winner}").as_bytes()
        );
    }
    // Nobody's version was lost on the way.
    for version in 1..=6 {
        ann.client.content(item.id, Some(version)).unwrap();
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn one_of_many_takes_a_name() {
    let ann = person();
    let writers = vec![ann.client.clone(); WRITERS];
    let answers = at_once(&writers, |_, client| client.new_empty_file(None, "same"));
    let made: Vec<&ItemChanged> = answers.iter().flatten().collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    let winner = made[0].item.id;
    for answer in answers {
        if let Err(failure) = answer {
            assert_eq!(failure.problem(), Problem::NameTaken { item: winner });
        }
    }
    assert_eq!(Tree::of(&ann.client).unwrap().items.len(), 1);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn many_repeats_at_once_commit_once() {
    let (ann, item) = with_file(b"base");
    let writers = vec![ann.client.clone(); WRITERS];
    let commit = prepared(&ann.client, 1, b"second");
    let answers = at_once(&writers, |_, client| client.commit(item.id, &commit));
    let mut changed = answers
        .into_iter()
        .map(|answer| answer.unwrap_or_else(|failure| panic!("a repeat was refused: {failure}")));
    let first = changed.next().unwrap();
    assert!(changed.all(|other| other == first));
    assert_eq!(first.item.file.as_ref().unwrap().version, 2);
    assert_eq!(Tree::of(&ann.client).unwrap().items[&item.id], first.item);
}

/// Blocks may be uploaded twice, at once, in any order.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn many_uploads_of_one_block_store_it_once() {
    let ann = person();
    let block = random::unseen_bytes(100_000);
    let writers = vec![ann.client.clone(); WRITERS];
    let answers = at_once(&writers, |_, client| client.store_blocks(&[&block]));
    for answer in &answers {
        let answer = answer.as_ref().expect("an upload is no conflict");
        assert_eq!(answer.stored + answer.already_stored, 1);
    }
    assert_eq!(
        ann.client.me().unwrap().space.stored_bytes,
        block.len() as u64
    );
    let made = ann.client.put_file(None, "file", &block).unwrap();
    assert!(ann.client.content(made.item.id, None).unwrap() == block);
}
