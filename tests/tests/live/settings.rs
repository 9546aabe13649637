//! What an operator can set, against servers that `npm test` starts for it:
//! one with a small quota and its limit on sign-ins, one with sign-up closed.
//! 1. fill a space by many files at once: the quota is reached and never passed, and
//!    what nothing refers to is not counted
//! 2. a full space still reads, renames and throws away, and takes as much again as was
//!    deleted for good
//! 3. a file has only so many versions
//! 4. guess passwords until the server has had enough
//! 5. sign up where nobody may

use driftless_tests::client::{Client, Failure, operation_id};
use driftless_tests::live::{PASSWORD, person_at, setting, user_name};
use driftless_tests::random::unseen_bytes;
use driftless_tests::sign_in::{self, program};
use driftless_tests::tree::Tree;
use protocol::items::{DeleteForGood, EmptyTrash, ItemChanged};
use protocol::paths;
use protocol::problem::{Limited, Problem};
use std::thread;

/// More sign-ins a minute than any sensible limit allows.
const GUESSES: usize = 300;

/// One test, because its second half uses up what its first half needs.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn the_quota_and_the_limit_on_sign_ins_hold() {
    let anyone = Client::new(&setting("DRIFTLESS_STRICT_URL"));
    let quota: u64 = setting("DRIFTLESS_STRICT_QUOTA").parse().expect("bytes");
    the_quota_is_never_passed(&anyone, quota);
    guessing_is_slowed_down(&anyone);
}

fn the_quota_is_never_passed(anyone: &Client, quota: u64) {
    let ann = person_at(anyone);
    let client = &ann.client;
    let space = || client.me().unwrap().space;
    assert_eq!(space().quota_bytes, quota);

    // What nothing refers to is not counted, and refuses nothing.
    let eighth = usize::try_from(quota / 8).unwrap();
    for _ in 0..10 {
        client.store_blocks(&[&unseen_bytes(eighth)]).unwrap();
    }
    assert_eq!(space().used_bytes, 0);
    // Twelve files at once where there is room for seven.
    let answers: Vec<Result<ItemChanged, Failure>> = thread::scope(|scope| {
        let files: Vec<_> = (0..12)
            .map(|n| {
                let name = format!("file {n}");
                scope.spawn(move || client.put_file(None, &name, &unseen_bytes(eighth)))
            })
            .collect();
        files
            .into_iter()
            .map(|file| file.join().expect("a file panicked"))
            .collect()
    });
    let mut files = Vec::new();
    for answer in answers {
        match answer.map_err(Failure::problem) {
            Ok(made) => files.push(made.item),
            Err(Problem::QuotaExceeded {
                used_bytes,
                quota_bytes,
                ..
            }) => assert!(used_bytes <= quota_bytes && quota_bytes == quota),
            // Others have pushed its blocks out, or were faster again and again.
            Err(Problem::BlocksMissing { .. } | Problem::Unavailable) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(!files.is_empty() && space().used_bytes <= quota);
    while let Ok(made) = client.put_file(None, &format!("{}", files.len()), &unseen_bytes(eighth)) {
        files.push(made.item);
    }
    assert_eq!(files.len(), 7, "as many as fit, with their rows");
    let one_more = client.store_blocks(&[&unseen_bytes(eighth)]).unwrap_err();
    assert!(matches!(
        one_more.problem(),
        Problem::QuotaExceeded { needed_bytes: Some(needed), .. } if needed > quota / 8
    ));
    // A full space still reads, renames, and throws away.
    let file = &files[0];
    client.change_place(file, None, "renamed").unwrap();
    let file = client.item(file.id).unwrap();
    assert_eq!(client.content(file.id, None).unwrap().len(), eighth);
    let trashed = client.trash(&file).unwrap().item;
    assert_eq!(space().trash.bytes, eighth as u64);
    // And has room again for what was deleted for good.
    let request = DeleteForGood {
        operation_id: operation_id(),
        base_place_version: trashed.place_version,
        with_open_conflicts: false,
    };
    let path = paths::item(file.id);
    client
        .send_json("DELETE", &path, &request)
        .unwrap()
        .success()
        .unwrap();
    let next = client
        .put_file(None, "next", &unseen_bytes(eighth))
        .unwrap();
    assert_eq!(Tree::of(client).unwrap().items.len(), 7);

    // Versions of a file are as many as the operator has set.
    let most: u64 = setting("DRIFTLESS_STRICT_VERSIONS")
        .parse()
        .expect("a number");
    let last = client.trash(&next.item).unwrap().item;
    let request = EmptyTrash {
        operation_id: operation_id(),
        trashed_up_to_ms: last.trashed_at_ms,
        with_open_conflicts: false,
    };
    client
        .send_json("POST", paths::EMPTY_TRASH, &request)
        .unwrap()
        .success()
        .unwrap();
    let file = client.put_file(None, "versions", b"0").unwrap().item.id;
    for base in 1..most {
        let bytes = base.to_string();
        client.put_version(file, base, bytes.as_bytes()).unwrap();
    }
    let refused = client.put_version(file, most, b"one more").unwrap_err();
    let what = Limited::VersionsOfAFile;
    assert_eq!(refused.problem(), Problem::LimitReached { what, most });
}

fn guessing_is_slowed_down(anyone: &Client) {
    let name = user_name();
    let refused = (0..GUESSES)
        .find_map(|_| sign_in::start(anyone, &name, "guess").err())
        .expect("so many guesses were not slowed down");
    let Problem::TooManyRequests {
        retry_after_seconds,
    } = refused.problem()
    else {
        panic!("another refusal");
    };
    assert!((1..=3_600).contains(&retry_after_seconds));
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_closed_server_signs_nobody_up() {
    let anyone = Client::new(&setting("DRIFTLESS_CLOSED_URL"));
    assert!(!anyone.server().unwrap().sign_up_open);
    let refused = sign_in::sign_up(&anyone, &user_name(), PASSWORD, program("x"), &[]);
    assert_eq!(refused.unwrap_err().problem(), Problem::SignUpClosed);
}
