//! A file that is saved again before it is stored: each content is a version.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use sync::edit::{DraftBytes, DraftId, Trouble};
use sync::message::{Answer, BytesLost, Input, Notice, Observation, Request};

/// Answers whatever stores the content that is on its way.
fn store(device: &mut Device, bytes: &[u8], base: u64) {
    device.hash(bytes);
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(bytes));
    device.uploads();
    let (request, commit) = device.take(asks::commit);
    assert_eq!(commit.base_version, base);
    assert_eq!(commit.content, manifest(bytes));
    device.answer(request, changed(file(1, None, "a", base + 1)));
}

#[test]
fn a_file_saved_three_times_at_once_has_three_versions() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    for (n, bytes) in [(1, b"two" as &[u8]), (2, b"three"), (3, b"four")] {
        device.observe(edit(n, bytes));
    }
    assert!(device.released.is_empty(), "nothing is let go of");
    let stored = &device.stored.edits[0];
    assert_eq!(stored.drafts().count(), 3, "all of it survives a crash");
    store(&mut device, b"two", 1);
    store(&mut device, b"three", 2);
    store(&mut device, b"four", 3);
    assert!(device.stored.edits.is_empty());
    let released = [1, 2, 3].map(DraftId);
    assert_eq!(device.released, released);
}

#[test]
fn a_new_file_that_is_handed_in_again_has_two_versions() {
    let mut device = Device::with(Vec::new());
    device.observe(made(1, None, "a", Some(b"one")));
    device.observe(edit(2, b"two"));
    device.hash(b"one");
    device.uploads();
    let (request, made) = device.take(asks::create_file);
    assert_eq!(made.content, Some(manifest(b"one")));
    device.answer(request, changed(file(1, None, "a", 1)));
    store(&mut device, b"two", 1);
}

#[test]
fn what_follows_a_version_that_came_second_is_kept_as_well() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]).caught_up();
    device.observe(edit(1, b"two"));
    device.observe(edit(2, b"three"));
    let mut kept = Vec::new();
    for bytes in [b"two" as &[u8], b"three"] {
        device.hash(bytes);
        // It is compared with whatever may be the same, and is not.
        let asked = |device: &mut Device| {
            let at = device.sent.iter().position(|(_, body)| {
                asks::propose(body).is_some() || asks::manifest(body).is_some()
            })?;
            Some(device.sent.remove(at))
        };
        let compare = |device: &mut Device| {
            while let Some((request, body)) = asked(device) {
                let answer = match asks::propose(&body) {
                    Some(_) => Answer::Missing(Vec::new()),
                    None => Answer::Manifest(manifest(b"other").blocks),
                };
                device.answer(request, answer);
            }
        };
        compare(&mut device);
        let (request, commit) = device.take(asks::commit);
        assert_eq!(commit.base_version, 1);
        device.refuse(request, version_conflict(2));
        // A pull that began before the refusal does not explain it.
        let is_asked = |device: &Device| {
            let mut sent = device.sent.iter();
            sent.any(|(_, body)| asks::keep_conflict(body).is_some())
        };
        while !is_asked(&device) {
            device.hears(page(vec![file(1, None, "a", 2)], "c2"));
            compare(&mut device);
        }
        let (request, (_, second)) = device.take(asks::keep_conflict);
        kept.push(second.content.clone());
        let answer = Answer::Conflict(conflict(second.id, id(1), 1));
        device.answer(request, answer);
    }
    assert_eq!(kept, [manifest(b"two"), manifest(b"three")]);
    assert!(device.stored.edits.is_empty());
}

#[test]
fn cancelling_one_of_two_lets_the_other_go_on() {
    for (cancelled, left, base) in [(1, b"three" as &[u8], 1), (2, b"two", 1)] {
        let mut device = Device::with(vec![file(1, None, "a", 1)]);
        device.observe(edit(1, b"two"));
        device.observe(edit(2, b"three"));
        let draft = DraftId(cancelled);
        if cancelled == 1 {
            device.to_hash.clear();
        }
        device.observe(Observation::Recalled { draft });
        assert_eq!(device.released, [draft]);
        store(&mut device, left, base);
        assert!(device.stored.edits.is_empty());
    }
}

#[test]
fn a_rename_stays_when_the_upload_beside_it_is_cancelled() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.observe(edit(1, b"two"));
    device.observe(placed(1, 5, None, "b"));
    device.observe(Observation::Recalled { draft: DraftId(1) });
    let (_, change) = device.take(asks::change_place);
    assert_eq!(change.name, name("b"));
}

#[test]
fn each_of_two_can_be_picked_again_after_a_reload() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.observe(edit(1, b"two"));
    device.observe(edit(2, b"three"));
    let mut device = device.restarted();
    let edit = device
        .engine
        .trees()
        .edit(id(1))
        .expect("both are known")
        .clone();
    assert_eq!(edit.trouble, Some(Trouble::BytesGone));
    assert!(edit.drafts().all(|draft| draft.bytes == DraftBytes::Gone));
    device.input(Input::BytesBack {
        draft: draft(2, b"three"),
    });
    device.input(Input::BytesBack {
        draft: draft(1, b"two"),
    });
    store(&mut device, b"two", 1);
    store(&mut device, b"three", 2);
}

#[test]
fn offline_all_of_them_are_brought_to_safety() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    let (request, _) = device.take(asks::changes);
    device.lose(request);
    device.observe(edit(1, b"two"));
    device.observe(edit(2, b"three"));
    assert_eq!(device.to_keep, [1, 2].map(DraftId));
    for draft in [1, 2].map(DraftId) {
        device.input(Input::BytesKept { draft });
    }
    let kept = device.stored.edits[0]
        .drafts()
        .all(|draft| draft.bytes == DraftBytes::Kept);
    assert!(kept);
}

#[test]
fn nothing_has_changed_is_said_of_what_was_compared() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.edits(1, b"two");
    let (request, _) = device.take(asks::propose);
    device.answer(request, Answer::Missing(Vec::new()));
    let (request, _) = device.take(asks::manifest);
    let is_told = |device: &Device| {
        device
            .told
            .contains(&Notice::Unchanged { draft: DraftId(1) })
    };
    assert!(!is_told(&device));
    device.answer(request, Answer::Manifest(manifest(b"two").blocks));
    assert!(is_told(&device));
    assert!(
        !device
            .sent
            .iter()
            .any(|(_, body)| matches!(body, Request::Commit { .. }))
    );
}

#[test]
fn bytes_that_are_lost_hold_up_what_follows_until_a_person_helps() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.observe(edit(1, b"two"));
    device.observe(edit(2, b"three"));
    let draft = device.to_hash.remove(0);
    let result = Err(BytesLost::Gone);
    device.input(Input::Hashed { draft, result });
    assert!(device.to_hash.is_empty(), "the order is the person's");
    device.observe(Observation::Recalled { draft });
    store(&mut device, b"three", 1);
}

#[test]
fn a_new_file_whose_first_bytes_are_lost_goes_into_the_trash_with_the_next_ones() {
    let mut device = Device::with(Vec::new());
    device.observe(made(1, None, "a", Some(b"one")));
    device.observe(edit(2, b"two"));
    let mut device = device.restarted();
    device.input(Input::BytesBack {
        draft: draft(2, b"two"),
    });
    device.observe(Observation::Trashed {
        item: id(1),
        nonce: nonce(3),
        trashed: true,
    });
    let edit = device
        .engine
        .trees()
        .edit(id(1))
        .expect("it is not forgotten");
    let left: Vec<_> = edit.drafts().map(|draft| draft.id).collect();
    assert_eq!(left, [DraftId(2)]);
    assert!(edit.trashed.is_some() && edit.trouble.is_none());
    // It is made, and trashed.
    device.pulled(Vec::new(), "c0");
    device.hash(b"two");
    device.uploads();
    let (request, made) = device.take(asks::create_file);
    assert_eq!(made.content, Some(manifest(b"two")));
    device.answer(request, changed(file(1, None, "a", 1)));
    assert!(device.released.contains(&DraftId(2)));
}
