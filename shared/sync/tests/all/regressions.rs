//! What other drives got wrong, each with the report of it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::problem::Problem;
use sync::message::{Answer, Input, Observation};

fn made(n: u8, text: &str, bytes: &[u8]) -> Observation {
    Observation::Made {
        item: id(n),
        nonce: nonce(n),
        place: place(None, text),
        draft: Some(draft(u64::from(n), bytes)),
    }
}

/// cloudreve/desktop#48: files made offline were deleted upon reconnect.
#[test]
fn files_made_offline_are_there_after_reconnecting() {
    let mut device = Device::with(Vec::new());
    device.observe(made(7, "offline", b"new"));
    device.hash(b"new");
    let (request, _) = device.take(asks::changes);
    device.lose(request);
    let (request, _) = device.take(asks::upload);
    device.lose(request);
    device.input(Input::Online);
    // A listing that knows nothing of it replaces the tree.
    let mut listing = page(vec![file(1, None, "other", 1)], "c1");
    listing.reset = true;
    if device
        .sent
        .iter()
        .all(|(_, body)| asks::changes(body).is_none())
    {
        device.wait();
    }
    let (request, _) = device.take(asks::changes);
    device.answer(request, Answer::Changes(listing));
    assert!(device.engine.trees().local(id(7)).is_some());
    assert_eq!(device.stored.edits.len(), 1);
    let (_, blocks) = device.take(asks::upload);
    assert_eq!(blocks, [hash_of(b"new")]);
}

/// A restart in the middle deleted files (Dropbox, 2014): here in the middle of
/// a listing that is to replace the tree.
#[test]
fn a_restart_in_the_middle_of_a_listing_deletes_nothing() {
    let mut device = Device::with(vec![file(1, None, "a", 1), file(2, None, "b", 1)]);
    let (request, _) = device.take(asks::changes);
    let mut first = page(vec![file(1, None, "a", 1)], "l1");
    (first.reset, first.has_more) = (true, true);
    device.answer(request, Answer::Changes(first));
    let device = device.restarted();
    let is_known = |n| device.engine.trees().remote(id(n)).is_some();
    assert!(is_known(1) && is_known(2));
    assert_eq!(device.stored.cursor.as_deref(), Some("c0"));
}

/// syncthing#439, owncloud/client#12104: of two names that differ in case, or in
/// composition, one file was deleted.
#[test]
fn of_two_names_that_differ_in_case_no_file_is_lost() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c1");
    device.observe(made(7, "Caf\u{e9}", b"mine"));
    device.hash(b"mine");
    device.uploads();
    let (request, _) = device.take(asks::create_file);
    device.refuse(request, Problem::NameTaken { item: id(6) });
    device.pulled(vec![file(6, None, "CAFE\u{301}", 1)], "c2");
    let (request, _) = device.take(asks::manifest);
    device.answer(request, Answer::Manifest(manifest(b"theirs").blocks));
    // Both are on the server then.
    let (_, (item, kept)) = device.take(asks::keep_conflict);
    assert_eq!(item, id(6));
    assert_eq!(kept.content.blocks, manifest(b"mine").blocks);
}
