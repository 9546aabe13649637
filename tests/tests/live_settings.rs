//! What an operator can set, against servers that `npm test` starts for it:
//! one with a small quota and its limit on sign-ins, one with sign-up closed.
//! 1. fill a space by many uploads at once: the quota is reached and never passed
//! 2. a full space still reads, renames, and commits what it has stored
//! 3. guess passwords until the server has had enough
//! 4. sign up where nobody may

use driftless_tests::client::{Client, Failure, manifest, new_file};
use driftless_tests::live::{PASSWORD, person_at, setting, user_name};
use driftless_tests::random::unseen_bytes;
use driftless_tests::sign_in::{self, program};
use driftless_tests::tree::Tree;
use shared::protocol::problem::Problem;
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
    let used = || client.me().unwrap().space.used_bytes;
    assert_eq!(client.me().unwrap().space.quota_bytes, quota);

    // Eight uploads at once where there is room for five.
    let eighth = usize::try_from(quota / 8).unwrap();
    let kept = unseen_bytes(3 * eighth);
    for block in kept.chunks(eighth) {
        client.store_blocks(&[block]).unwrap();
    }
    let answers: Vec<Result<_, Failure>> = thread::scope(|scope| {
        let uploads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| client.store_blocks(&[&unseen_bytes(eighth)])))
            .collect();
        uploads
            .into_iter()
            .map(|upload| upload.join().expect("an upload panicked"))
            .collect()
    });
    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(stored, 5, "{answers:?}");
    for answer in answers {
        let Err(failure) = answer else { continue };
        match failure.problem() {
            Problem::QuotaExceeded {
                used_bytes,
                quota_bytes,
                ..
            } => assert!(used_bytes <= quota_bytes && quota_bytes == quota),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(used(), quota, "full, and not a byte more");

    let one_more = client.store_blocks(&[&unseen_bytes(1)]).unwrap_err();
    assert_eq!(
        one_more.problem(),
        Problem::QuotaExceeded {
            used_bytes: quota,
            quota_bytes: quota,
            needed_bytes: None,
            trash_bytes: None,
        }
    );
    // What costs nothing still works.
    let block = &kept[..eighth];
    assert_eq!(client.store_blocks(&[block]).unwrap().already_stored, 1);
    let mut content = manifest(b"");
    content.size = eighth as u64;
    content.blocks = vec![(shared::hash::BlockHash::of(block), eighth as u32).into()];
    let file = client
        .new_file(&new_file(None, "full", Some(content)))
        .unwrap()
        .item;
    client.change_place(&file, None, "renamed").unwrap();
    assert!(client.content(file.id, None).unwrap() == block);
    assert_eq!(Tree::of(client).unwrap().items.len(), 1);
    assert_eq!(used(), quota);
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
