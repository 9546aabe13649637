//! Edits on their way, with and without a connection.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use sync::edit::{DraftBytes, DraftId, Trouble};
use sync::message::{Answer, BytesLost, Input, Observation, StoredState};

/// One file at version 1, and an edit of it that is hashed.
fn edited(bytes: &[u8]) -> Device {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.edits(1, bytes);
    device
}

fn up_to_commit(device: &mut Device, bytes: &[u8]) {
    let (request, proposal) = device.take(asks::propose);
    assert_eq!(proposal.current_version, 1);
    device.answer(request, missing(bytes));
    let (request, blocks) = device.take(asks::upload);
    assert_eq!(blocks, [hash_of(bytes)]);
    device.answer(request, Answer::Uploaded);
}

#[test]
fn an_edit_is_hashed_proposed_uploaded_and_committed() {
    let mut device = edited(b"two");
    up_to_commit(&mut device, b"two");
    let (request, commit) = device.take(asks::commit);
    assert_eq!(commit.base_version, 1);
    assert_eq!(commit.content, manifest(b"two"));
    device.answer(request, changed(file(1, None, "a", 2)));
    assert!(device.stored.edits.is_empty());
    assert_eq!(device.released.len(), 1);
    assert_eq!(
        device
            .engine
            .trees()
            .remote(id(1))
            .map(|item| item.version()),
        Some(2)
    );
}

#[test]
fn nothing_is_sent_of_what_the_server_has() {
    let mut device = edited(b"other");
    let (request, _) = device.take(asks::propose);
    device.answer(request, Answer::Missing(Vec::new()));
    device.take(asks::commit);
}

#[test]
fn an_edit_made_offline_survives_a_restart_with_its_base() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    let (request, _) = device.take(asks::changes);
    device.lose(request);
    device.observe(edit(1, b"two"));
    assert_eq!(device.to_keep.len(), 1, "the bytes must outlive the page");
    let kept = device.to_keep[0];
    device.input(Input::BytesKept { draft: kept });
    let mut device = device.restarted();
    // Meanwhile somebody else wrote version 2.
    device.pulled(vec![file(1, None, "a", 2)], "c1");
    device.hash(b"two");
    let (_, commit) = device.take(asks::commit);
    assert_eq!(commit.base_version, 1, "the base is what the person saw");
}

#[test]
fn a_commit_whose_answer_was_lost_is_repeated_under_the_same_id() {
    let mut device = edited(b"two");
    up_to_commit(&mut device, b"two");
    let (_, first) = device.take(asks::commit);
    // The page is reloaded: the bytes are gone, but they are not needed.
    let mut device = device.restarted();
    // The feed already speaks of this very version.
    device.pulled(vec![file(1, None, "a", 2)], "c1");
    let (request, _) = device.take(asks::propose);
    device.refuse(request, version_conflict(2));
    let (request, second) = device.take(asks::commit);
    assert_eq!(first.operation_id, second.operation_id);
    device.answer(request, changed(file(1, None, "a", 2)));
    assert!(device.engine.trees().conflicts.is_empty());
    assert!(device.stored.edits.is_empty());
}

#[test]
fn an_edit_during_a_commit_is_based_on_its_outcome() {
    let mut device = edited(b"two");
    up_to_commit(&mut device, b"two");
    let (request, _) = device.take(asks::commit);
    device.observe(edit(2, b"three"));
    device.answer(request, changed(file(1, None, "a", 2)));
    device.hash(b"three");
    let (_, proposal) = device.take(asks::propose);
    assert_eq!(proposal.current_version, 2);
}

/// The page may have shown two versions more since the person began to type.
#[test]
fn what_was_typed_over_an_older_version_is_based_on_that_one() {
    let mut device = Device::with(vec![file(1, None, "a", 3)]).caught_up();
    device.observe(Observation::Edited {
        item: id(1),
        nonce: nonce(1),
        draft: draft(1, b"typed"),
        seen: Some(1),
    });
    device.hash(b"typed");
    let (request, commit) = device.take(asks::commit);
    assert_eq!(commit.base_version, 1);
    device.refuse(request, version_conflict(3));
    device.hears(page(vec![file(1, None, "a", 3)], "c1"));
    for _ in 0..2 {
        let (request, (_, version)) = device.take(asks::manifest);
        let bytes: &[u8] = if version == 1 { b"one" } else { b"others" };
        device.answer(request, Answer::Manifest(manifest(bytes).blocks));
    }
    let (_, (item, kept)) = device.take(asks::keep_conflict);
    assert_eq!((item, kept.base_version), (id(1), 1));
}

#[test]
fn a_new_folder_is_made_before_what_stands_in_it() {
    let mut device = Device::with(Vec::new());
    device.observe(made(2, None, "docs", None));
    device.observe(made(3, Some(2), "inner", None));
    let (request, made) = device.take(asks::create_folder);
    assert_eq!(made.id, id(2));
    assert!(
        device
            .sent
            .iter()
            .all(|(_, body)| asks::create_folder(body).is_none())
    );
    device.answer(request, changed(folder(2, None, "docs")));
    let (_, made) = device.take(asks::create_folder);
    assert_eq!((made.id, made.parent), (id(3), Some(id(2))));
}

#[test]
fn a_rename_and_its_undoing_offline_ask_nothing() {
    let mut device = Device::with(vec![folder(1, None, "a")]);
    let (request, _) = device.take(asks::changes);
    device.lose(request);
    for text in ["b", "a"] {
        device.observe(Observation::Placed {
            item: id(1),
            nonce: nonce(1),
            place: place(None, text),
        });
    }
    assert!(device.stored.edits.is_empty());
}

#[test]
fn bytes_that_are_gone_are_asked_for_and_only_the_rest_is_sent() {
    let mut device = edited(b"two");
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(b"two"));
    // Reloaded in mid-upload: the list of blocks is kept, the bytes are not.
    let mut device = device.restarted();
    let kept = &device.stored.edits[0];
    assert!(kept.draft().is_some_and(|draft| draft.manifest.is_some()));
    device.pulled(Vec::new(), "c0");
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(b"two"));
    let stored = &device.stored.edits[0];
    assert_eq!(stored.trouble, Some(Trouble::BytesGone));
    assert_eq!(
        stored.draft().map(|draft| draft.bytes),
        Some(DraftBytes::Gone)
    );
    device.input(Input::BytesBack {
        draft: draft(1, b"two"),
    });
    assert!(
        device.to_hash.is_empty(),
        "the same file need not be hashed again"
    );
}

#[test]
fn a_file_that_changes_while_it_is_read_is_hashed_again_once() {
    let mut device = edited(b"two");
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(b"two"));
    for _ in 0..2 {
        let (request, _) = device.take(asks::upload);
        device.input(Input::Answered {
            request,
            result: Err(sync::message::Lost::BytesLost(BytesLost::Changed)),
        });
        if let Some(&draft) = device.to_hash.first() {
            device.to_hash.clear();
            device.input(Input::Hashed {
                draft,
                result: Ok(manifest(b"six")),
            });
            let (request, _) = device.take(asks::propose);
            device.answer(request, missing(b"six"));
        }
    }
    assert_eq!(device.stored.edits[0].trouble, Some(Trouble::KeepsChanging));
}

/// Found by the simulator: the answer to a draft that was replaced never came,
/// and the edit waited for it for ever.
#[test]
fn an_edit_on_disk_while_the_one_before_is_hashed_goes_on() {
    let mut device = Device::on_disk(file(1, None, "a", 1));
    device.observe(edit(1, b"one"));
    device.observe(edit(2, b"two"));
    device.input(Input::Hashed {
        draft: DraftId(1),
        result: Ok(manifest(b"one")),
    });
    assert_eq!(device.to_hash.len(), 2, "the newer draft is hashed, too");
}

/// Found by the simulator: a write that another tab was faster than was left
/// out whole, and with it the edit.
#[test]
fn an_edit_is_stored_again_after_a_write_that_another_tab_was_faster_than() {
    let mut device = edited(b"two");
    device.stored.edits.clear();
    let mut stored = device.stored.clone();
    stored.cursor = Some("c9".to_owned());
    stored.items = vec![file(1, None, "a", 1), file(2, None, "b", 1)];
    device.stored = stored.clone();
    device.input(Input::Loaded(stored));
    assert_eq!(device.stored.edits.len(), 1);
    assert_eq!(device.stored.edits[0].item, id(1));
}

/// Found by the simulator: a folder on disk forgot which versions it had.
#[test]
fn what_is_held_is_stored_again_after_the_storage_was_lost() {
    let mut device = Device::with(vec![file(1, None, "a", 3)]);
    device.stored.held = vec![(id(1), 3)];
    let mut device = device.restarted();
    device.stored = StoredState::default();
    device.input(Input::StorageLost);
    assert_eq!(device.stored.held, [(id(1), 3)]);
    assert_eq!(device.stored.items.len(), 1);
}

/// As much is on its way as may be, and it takes its time.
#[test]
fn a_rename_does_not_wait_for_large_files() {
    let items = vec![file(1, None, "film", 1), file(2, None, "a", 1)];
    let mut device = Device::with(items).caught_up();
    let mut film = draft(5, b"film");
    film.size = 100 << 20;
    device.observe(Observation::Edited {
        item: id(1),
        nonce: nonce(5),
        draft: film,
        seen: None,
    });
    device.observe(placed(2, 6, None, "b"));
    let (_, place) = device.take(asks::change_place);
    assert_eq!(place.name, name("b"));
}

#[test]
fn a_pause_gives_up_what_only_brings_blocks_and_goes_on_where_it_was() {
    let mut device = edited(b"two");
    device.pulled(Vec::new(), "c0");
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(b"two"));
    assert!(is_sent(&device, asks::upload));
    device.input(Input::Paused(true));
    assert_eq!(device.abandoned.len(), 1);
    device.sent.retain(|(_, body)| asks::upload(body).is_none());
    device.input(Input::Online);
    device.observe(made(7, None, "new", Some(b"new")));
    device.observe(made(8, None, "docs", None));
    device.take(asks::create_folder);
    assert!(!is_sent(&device, asks::upload) && device.to_hash.is_empty());
    device.input(Input::Paused(false));
    assert_eq!(device.to_hash.len(), 1, "the new file is read");
    // What has arrived before is not sent again.
    let (request, _) = device.take(asks::commit);
    device.answer(request, changed(file(1, None, "a", 2)));
    assert!(!is_sent(&device, asks::upload));
}

/// It may be on the server, and the answer says so.
#[test]
fn a_pause_waits_for_what_may_be_stored_already() {
    let mut device = edited(b"two");
    device.pulled(Vec::new(), "c0");
    up_to_commit(&mut device, b"two");
    device.input(Input::Paused(true));
    assert!(device.abandoned.is_empty());
    let (request, _) = device.take(asks::commit);
    device.answer(request, changed(file(1, None, "a", 2)));
    assert!(device.stored.edits.is_empty());
}

fn is_sent<T>(device: &Device, wanted: impl Fn(&sync::message::Request) -> Option<T>) -> bool {
    let mut sent = device.sent.iter();
    sent.any(|(_, body)| wanted(body).is_some())
}
