//! What an operator has turned off.

use super::front::Request;
use super::world::{ANNS, World, secret};
use crate::accounts::people::SECRET;
use crate::stage::THEN;
use driftless_tests::client::{frames, gzipped, patched_by_symbols};
use driftless_tests::model::http::Host;
use protocol::headers::SESSION_COOKIE;
use protocol::paths;

/// Where requests have little CPU time.
#[test]
fn patches_by_symbols_are_refused_where_they_are_turned_off() {
    let world = World::new();
    let store = |body: &[u8], stream_patches| {
        let settings = [
            ("SIGN_IN_SECRET", SECRET),
            ("STREAM_PATCHES", stream_patches),
        ];
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
            path: paths::BLOCKS.to_owned(),
            cookie: Some(format!("{SESSION_COOKIE}={}", secret(ANNS))),
            has_client_header: true,
            body: body.to_vec(),
            ..Request::default()
        };
        let reply = host.answer(&request.as_sent());
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
