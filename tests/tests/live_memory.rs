//! An isolate's memory is everybody's, against a running server:
//! 1. large requests of many at once come through, and end nobody's
//! 2. those that are under way hold what they need: the next one is told to come back,
//!    with `Retry-After`, and a small change is not
//! 3. who goes away in the middle, of a request or of an answer, gives all of it back
//!
//! One test after another, since they are about what all of them share.

use blocks::hash::BlockHash;
use driftless_tests::client::{Client, frames};
use driftless_tests::live::{Person, person, url};
use driftless_tests::load::Large;
use driftless_tests::random::unseen_bytes;
use protocol::blocks::Fetch;
use protocol::limits::{MAX_BLOCK_BYTES, MAX_IN_FLIGHT_BYTES};
use protocol::paths;
use protocol::problem::Problem;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// What all of them share.
static MEMORY: Mutex<()> = Mutex::new(());

/// Until it is dropped, no other test fills the server's memory.
fn alone() -> MutexGuard<'static, ()> {
    MEMORY
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// As many of the largest blocks as the budget has room for, and one.
const TOO_MANY: usize = MAX_IN_FLIGHT_BYTES as usize / MAX_BLOCK_BYTES + 1;

/// How soon memory is free again when somebody has gone.
const SOON: Duration = Duration::from_secs(10);

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn many_large_requests_at_once_end_nobodys_and_come_through() {
    let _alone = alone();
    let ann = person();
    let large = Large::of(&ann.client).unwrap();
    let bob = person();
    thread::scope(|scope| {
        let poll = scope.spawn(|| bob.client.poll(None, 5));
        let tally = large.run(9, 1).unwrap();
        assert_eq!(tally.done, 9);
        println!("{tally:?}");
        let news = poll.join().expect("a poll").expect("nobody ends it");
        assert_eq!(news, None);
    });
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn who_goes_away_in_mid_upload_gives_back_what_it_held() {
    let _alone = alone();
    let ann = person();
    let body = frames(&[&unseen_bytes(MAX_BLOCK_BYTES)]);
    // Four are begun and go on slowly: there is no room for a fifth.
    let begun: Vec<TcpStream> = (1..TOO_MANY)
        .map(|_| begin(&ann, paths::BLOCKS, &body))
        .collect();
    let refused = until(|| {
        let reply = ann.client.store_frames(&body).ok()?;
        (reply.status == 503).then_some(reply)
    });
    assert_eq!(refused.header("retry-after"), "1");
    let seconds = 1;
    assert_eq!(
        refused.problem(),
        Problem::HandsFull {
            retry_after_seconds: seconds
        }
    );
    // A small change does not wait for them.
    ann.client.new_empty_file(None, "small").unwrap();
    drop(begun);
    until(|| stored(&ann.client, &body));
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn who_goes_away_in_mid_answer_gives_back_what_it_held() {
    let _alone = alone();
    let ann = person();
    let block = unseen_bytes(MAX_BLOCK_BYTES);
    ann.client.store_blocks(&[&block]).unwrap();
    let fetch = Fetch {
        want: vec![BlockHash::of(&block)],
        ..Fetch::default()
    };
    let fetch = serde_json::to_vec(&fetch).unwrap();
    // More than the budget in all, if none of them gave back anything.
    for _ in 0..TOO_MANY {
        let mut answer = until(|| {
            let mut answer = begin(&ann, paths::FETCH_BLOCKS, &fetch);
            let mut start = [0; 1 << 10];
            let length = answer.read(&mut start).ok()?;
            start[..length]
                .starts_with(b"HTTP/1.1 200")
                .then_some(answer)
        });
        let mut some = [0; 1 << 16];
        assert!(answer.read(&mut some).unwrap() > 0);
    }
    let body = frames(&[&unseen_bytes(MAX_BLOCK_BYTES)]);
    until(|| stored(&ann.client, &body));
    let whole = until(|| {
        ann.client
            .send("POST", paths::FETCH_BLOCKS, &JSON, Some(&fetch))
            .ok()
    });
    assert_eq!(whole.body.len(), frames(&[&block]).len());
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

fn stored(client: &Client, body: &[u8]) -> Option<()> {
    let reply = client.store_frames(body).ok()?;
    (reply.status == 200).then_some(())
}

/// Sends a request, but of a large body only the first half.
fn begin(who: &Person, path: &str, body: &[u8]) -> TcpStream {
    let url = url();
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("a connection");
    let token = who.client.token.as_deref().unwrap_or_default();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("a head");
    let some = if body.len() < 1 << 20 {
        body.len()
    } else {
        body.len() / 2
    };
    stream.write_all(&body[..some]).expect("a body");
    stream
}

/// Asks until there is an answer.
fn until<T>(ask: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < SOON, "not within {SOON:?}");
        thread::sleep(Duration::from_millis(200));
    }
}
