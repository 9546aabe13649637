//! What travels compressed.

use super::front::{Request, send};
use super::world::{ANNS, World, secret};
use crate::stage::THEN;
use blocks::frame::{CARRYING_CONTENT_TYPE, carrying_head};
use blocks::hash::BlockHash;
use driftless_tests::client::{frames, manifest, new_file};
use driftless_tests::model::http::Reply;
use driftless_tests::random;
use flate2::Compression;
use flate2::read::ZlibEncoder;
use protocol::blocks::Fetch;
use protocol::headers::SESSION_COOKIE;
use protocol::items::ItemChanged;
use protocol::limits::MAX_JSON_BODY_BYTES;
use protocol::paths;
use protocol::problem::{ErrorBody, Problem};
use std::io::{Read, repeat};

/// What Ann is answered, with one header more.
fn answer(world: &World, request: Request, header: (&'static str, &str)) -> Reply {
    let request = Request {
        cookie: Some(format!("{SESSION_COOKIE}={}", secret(ANNS))),
        has_client_header: true,
        ..request
    };
    let mut sent = request.as_sent();
    sent.headers.push((header.0, header.1.to_owned()));
    send(world, &sent, THEN)
}

fn post(world: &World, path: &str, coding: &str, body: Vec<u8>) -> Reply {
    let request = Request {
        method: "POST".to_owned(),
        path: path.to_owned(),
        body,
        ..Request::default()
    };
    answer(world, request, ("content-encoding", coding))
}

fn deflated(plain: impl Read) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut encoder = ZlibEncoder::new(plain, Compression::default());
    encoder.read_to_end(&mut compressed).expect("memory");
    compressed
}

#[test]
fn a_body_of_json_may_be_compressed() {
    let world = World::new();
    let block = random::unseen_bytes(1_000);
    let stored = post(&world, paths::BLOCKS, "", frames(&[&block]));
    assert_eq!(stored.status, 200);
    let wanted = Fetch {
        want: vec![BlockHash::of(&block)],
        ..Fetch::default()
    };
    let json = serde_json::to_vec(&wanted).unwrap();
    for coding in ["deflate", " Deflate "] {
        let reply = post(&world, paths::FETCH_BLOCKS, coding, deflated(&*json));
        assert!(reply.status == 200 && reply.body == frames(&[&block]));
    }
}

#[test]
fn json_that_carries_blocks_may_be_compressed() {
    let world = World::new();
    let bytes = random::unseen_bytes(1_000);
    let json = |name| serde_json::to_vec(&new_file(None, name, Some(manifest(&bytes)))).unwrap();
    let answer = |coding: &str, json: Vec<u8>| {
        let request = Request {
            method: "POST".to_owned(),
            path: paths::FILES.to_owned(),
            body: [carrying_head(&json), frames(&[&bytes])].concat(),
            ..Request::default()
        };
        let kind = format!("{CARRYING_CONTENT_TYPE}; json={coding}");
        let reply = answer(&world, request, ("content-type", &kind));
        (reply.status, reply.body)
    };
    let (status, made) = answer("deflate", deflated(&*json("one")));
    let made: ItemChanged = serde_json::from_slice(&made).unwrap();
    assert_eq!((status, made.item.version()), (201, 1));
    for (coding, body) in [("deflate", json("two")), ("gzip", deflated(&*json("two")))] {
        assert_eq!(answer(coding, body).0, 400);
    }
}

#[test]
fn a_body_that_is_compressed_otherwise_or_too_much_is_refused() {
    let world = World::new();
    let refused = |coding, body| {
        let reply = post(&world, paths::FETCH_BLOCKS, coding, body);
        serde_json::from_slice::<ErrorBody>(&reply.body)
            .unwrap()
            .problem
    };
    let whole = deflated(&b"{\"want\":[]}"[..]);
    for coding in ["gzip", "br", "deflate, gzip"] {
        let problem = refused(coding, whole.clone());
        assert!(matches!(problem, Problem::BadRequest { .. }), "{problem:?}");
    }
    let cut_off = whole[..whole.len() - 5].to_vec();
    for broken in [b"{\"want\":[]}".to_vec(), cut_off, Vec::new()] {
        let problem = refused("deflate", broken);
        assert!(matches!(problem, Problem::BadJson { .. }), "{problem:?}");
    }
    // Some 2 kB of a body become more than the most that JSON may have.
    let most = MAX_JSON_BODY_BYTES as u64;
    let bomb = deflated(repeat(b' ').take(most + 1));
    assert!(bomb.len() < 4_000);
    let limit_bytes = most;
    assert_eq!(
        refused("deflate", bomb),
        Problem::BodyTooLarge { limit_bytes }
    );
    // As many are none too many, and no JSON.
    let problem = refused("deflate", deflated(repeat(b' ').take(most)));
    assert!(matches!(problem, Problem::BadJson { .. }), "{problem:?}");
}
