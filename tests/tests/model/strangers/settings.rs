//! What an operator has turned off.

use super::front::Request;
use super::world::{ANNS, World, secret};
use crate::accounts::people::SECRET;
use crate::stage::THEN;
use blocks::hash::BlockHash;
use driftless_tests::client::{frames, gzipped, patched_by_symbols};
use driftless_tests::model::http::{Host, Reply};
use driftless_tests::random;
use protocol::blocks::Fetch;
use protocol::headers::SESSION_COOKIE;
use protocol::paths;

/// What Ann is answered where the operator has set this.
fn sent(world: &World, setting: (&'static str, &'static str), path: &str, body: &[u8]) -> Reply {
    let settings = [("SIGN_IN_SECRET", SECRET), setting];
    let host = Host {
        db: &world.server.db,
        packs: &world.server.packs,
        now: THEN,
        origin: "https://drive.example",
        settings: &settings,
        ended_polls: None,
    };
    let request = Request {
        method: "POST".to_owned(),
        path: path.to_owned(),
        cookie: Some(format!("{SESSION_COOKIE}={}", secret(ANNS))),
        has_client_header: true,
        body: body.to_vec(),
        ..Request::default()
    };
    host.answer(&request.as_sent())
}

/// Where requests have little CPU time.
#[test]
fn patches_by_symbols_are_refused_where_they_are_turned_off() {
    let world = World::new();
    let store = |body: &[u8], stream_patches| {
        let setting = ("STREAM_PATCHES", stream_patches);
        let reply = sent(&world, setting, paths::BLOCKS, body);
        (
            reply.status,
            String::from_utf8_lossy(&reply.body).into_owned(),
        )
    };
    let rows: Vec<String> = (0..900).map(|row: u32| (row * row).to_string()).collect();
    let text = rows.join(";");
    let base = gzipped(text.as_bytes());
    let block = gzipped(text.replace("400", "4OO").as_bytes());
    assert_eq!(store(&frames(&[&base]), "off").0, 200);
    let patch = patched_by_symbols(&base, &block).unwrap();
    let (status, told) = store(&patch, "off");
    assert!(status == 422 && told.contains("patch_refused"), "{told}");
    assert_eq!(store(&patch, "on").0, 200);
}

#[test]
fn what_would_compress_is_compressed_if_asked_unless_that_is_turned_off() {
    let world = World::new();
    let (text, noise) = (
        b"so many words ".repeat(9_000),
        random::unseen_bytes(90_000),
    );
    let stored = sent(
        &world,
        ("COMPRESSED_DOWNLOADS", "on"),
        paths::BLOCKS,
        &frames(&[&text, &noise]),
    );
    assert_eq!(stored.status, 200);
    let encoding = |block: &[u8], compressed, setting| {
        let asked = Fetch {
            want: vec![BlockHash::of(block)],
            compressed,
            ..Fetch::default()
        };
        let body = serde_json::to_vec(&asked).unwrap();
        let setting = ("COMPRESSED_DOWNLOADS", setting);
        let reply = sent(&world, setting, paths::FETCH_BLOCKS, &body);
        assert!(reply.body == frames(&[block]));
        let mut headers = reply.headers.into_iter();
        headers
            .find(|(name, _)| *name == "content-encoding")
            .map(|(_, value)| value)
    };
    assert_eq!(encoding(&text, true, "on").as_deref(), Some("gzip"));
    assert_eq!(encoding(&text, true, "off"), None);
    assert_eq!(encoding(&text, false, "on"), None);
    assert_eq!(encoding(&noise, true, "on"), None);
}
