//! What a page asks of the engine: folders dropped at once, files dropped twice,
//! bytes that end with the page, tabs that end before others.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::conflicts::Choice;
use protocol::ids::ConflictId;
use sync::edit::{ConflictDecision, DraftBytes, Resolution, Trouble};
use sync::ids::IdForm;
use sync::message::{Answer, BytesLost, Input, Lost, Request};

#[test]
fn a_file_is_hashed_and_sent_while_its_folder_is_being_made() {
    let mut device = Device::with(Vec::new());
    device.observe(made(1, None, "folder", None));
    device.observe(made(2, Some(1), "file", Some(b"bytes")));
    let (folder_asked, _) = device.take(asks::create_folder);
    device.hash(b"bytes");
    let (sent, _) = device.take(asks::upload);
    device.answer(sent, Answer::Uploaded);
    let creates = |(_, body): &(_, Request)| matches!(body, Request::CreateFile { .. });
    assert!(!device.sent.iter().any(creates), "its folder is not there");
    device.answer(folder_asked, changed(folder(1, None, "folder")));
    let (_, body) = device.take(asks::create_file);
    assert_eq!(body.parent, Some(id(1)));
}

#[test]
fn after_an_upload_that_broke_the_server_is_asked_what_it_lacks() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.edits(1, b"other");
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(b"other"));
    let (request, _) = device.take(asks::upload);
    device.lose(request);
    device.input(Input::Online);
    // Asking for what is wanted is the question.
    let (_, commit) = device.take(asks::commit);
    assert_eq!(commit.content, manifest(b"other"));
}

#[test]
fn a_file_that_is_saved_unchanged_makes_no_version() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.edits(1, b"one");
    let (request, _) = device.take(asks::propose);
    device.answer(request, Answer::Missing(Vec::new()));
    let (request, of) = device.take(asks::manifest);
    assert_eq!(of, (id(1), 1));
    device.answer(request, Answer::Manifest(manifest(b"one").blocks));
    assert!(device.stored.edits.is_empty());
    assert_eq!(device.released.len(), 1);
}

#[test]
fn as_many_bytes_but_others_are_a_version() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.edits(1, b"two");
    let (request, _) = device.take(asks::propose);
    device.answer(request, Answer::Missing(Vec::new()));
    let (request, _) = device.take(asks::manifest);
    device.answer(request, Answer::Manifest(manifest(b"one").blocks));
    device.take(asks::commit);
}

#[test]
fn a_file_written_over_on_disk_while_it_is_hashed_goes_on_as_the_second() {
    let mut device = Device::on_disk(file(1, None, "a", 1));
    device.observe(edit(1, b"first"));
    device.observe(edit(2, b"second"));
    assert_eq!(device.released, [draft(1, b"").id]);
    assert_eq!(device.to_hash.len(), 2);
    device.input(Input::Hashed {
        draft: draft(1, b"").id,
        result: Err(BytesLost::Gone),
    });
    device.to_hash.remove(0);
    device.hash(b"second");
    let (_, proposal) = device.take(asks::propose);
    assert_eq!(proposal.new_block_hashes, [hash_of(b"second")]);
}

#[test]
fn an_upload_of_what_was_written_over_on_disk_is_given_up() {
    let mut device = Device::on_disk(file(1, None, "a", 1));
    device.edits(1, b"first");
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(b"first"));
    let (upload, _) = device.take(asks::upload);
    device.observe(edit(2, b"second"));
    assert_eq!(device.abandoned, [upload]);
    device.input(Input::Answered {
        request: upload,
        result: Err(Lost::BytesLost(BytesLost::Gone)),
    });
    let edit = device.engine.trees().edit(id(1)).expect("the second");
    assert_eq!(
        edit.draft().map(|draft| draft.bytes),
        Some(DraftBytes::Here)
    );
    assert!(!device.to_hash.is_empty());
}

#[test]
fn bytes_are_kept_once_and_only_without_a_connection() {
    let mut device = Device::with(Vec::new());
    device.observe(made(1, None, "a", Some(b"a")));
    assert!(device.to_keep.is_empty());
    let (request, _) = device.take(asks::changes);
    device.lose(request);
    device.observe(made(2, None, "b", Some(b"b")));
    let ids = [draft(1, b"").id, draft(2, b"").id];
    assert_eq!(device.to_keep, ids);
    device.input(Input::BytesKept { draft: ids[0] });
    device.input(Input::BytesNotKept { draft: ids[1] });
    device.observe(made(3, None, "c", Some(b"c")));
    assert_eq!(device.to_keep.len(), 3);
    let unkept = device.engine.trees().unkept_drafts();
    assert_eq!(
        unkept.len(),
        2,
        "the second and the third end with the page"
    );
}

#[test]
fn what_a_closed_tab_has_left_goes_on_here() {
    let mut closed = Device::with(vec![file(1, None, "a", 1)]);
    closed.observe(edit(1, b"left"));
    closed.observe(made(2, None, "folder", None));
    let left = closed.stored.edits;
    let choice = Resolution {
        conflict: ConflictId::from_random([9; 16]),
        nonce: nonce(9),
        id_form: IdForm::Fields,
        order: 7,
        seen_version: 1,
        wanted: ConflictDecision::Keep(Choice::KeepMine),
        trouble: None,
    };

    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.input(Input::Inherited {
        edits: left,
        resolutions: vec![choice.clone()],
        matters: Vec::new(),
    });
    assert_eq!(device.stored.edits.len(), 2);
    assert_eq!(device.stored.resolutions, [choice]);
    device.take(asks::create_folder);
    let edit = device.engine.trees().edit(id(1)).expect("it was left");
    // The file was in the hands of the page that is gone.
    assert_eq!(edit.trouble, Some(Trouble::BytesGone));
}

#[test]
fn what_was_changed_here_as_well_is_not_overwritten_by_what_a_closed_tab_has_left() {
    let mut closed = Device::with(vec![file(1, None, "a", 1)]);
    closed.observe(edit(1, b"left"));
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.observe(edit(2, b"here"));
    device.input(Input::Inherited {
        edits: closed.stored.edits,
        resolutions: Vec::new(),
        matters: Vec::new(),
    });
    let edit = device.engine.trees().edit(id(1)).expect("its own");
    assert_eq!(edit.draft(), Some(&draft(2, b"here")));
    assert!(device.released.is_empty());
}
