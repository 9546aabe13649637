//! What a person made of both sides of a conflict, and resolutions taken back.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::{
    Device, asks, conflict, draft, file, id, manifest, name, nonce, page, version_conflict,
};
use protocol::changes::Change;
use protocol::conflicts::{Choice, Chosen, Conflict, Reopen, Resolve, Resolved};
use protocol::content::Content;
use protocol::ids::ConflictId;
use protocol::problem::Problem;
use sync::edit::{ConflictDecision, DraftBytes, DraftId, Resolution, Trouble};
use sync::message::{Answer, BytesLost, Input, Notice, Observation, Request, StoredState};

const MERGED: &[u8] = b"merged";

fn the_conflict() -> Conflict {
    conflict(ConflictId::from_random([1; 16]), id(1), 1)
}

fn resolved() -> Conflict {
    Conflict {
        resolved: Some(Resolved {
            choice: Chosen::Merged,
            at_ms: 1,
            by: None,
            seen_version: Some(2),
        }),
        ..the_conflict()
    }
}

/// A page that shows a conflict of a file at version 2.
fn quarrel() -> Device {
    Device::from(StoredState {
        items: vec![file(1, None, "a", 2)],
        conflicts: vec![the_conflict()],
        cursor: Some("c0".to_owned()),
        complete: true,
        ..StoredState::default()
    })
    .caught_up()
}

fn merged(draft_id: u64, bytes: &[u8], seen_version: u64) -> Observation {
    Observation::Merged {
        conflict: the_conflict().id,
        nonce: nonce(draft_id as u8),
        draft: draft(draft_id, bytes),
        seen_version,
    }
}

fn asks_resolve(body: &Request) -> Option<(ConflictId, Resolve)> {
    match body {
        Request::Resolve { conflict, body } => Some((*conflict, body.clone())),
        _ => None,
    }
}

fn asks_reopen(body: &Request) -> Option<Reopen> {
    match body {
        Request::Reopen { body, .. } => Some(body.clone()),
        _ => None,
    }
}

/// Answers the pull with what became of the conflict.
fn told(device: &mut Device, conflict: Conflict, next: &str) {
    let mut page = page(Vec::new(), next);
    page.changes.push(Change::Conflict { conflict });
    device.hears(page);
}

fn kept(device: &Device) -> Option<&Resolution> {
    device.engine.trees().resolutions().get(&the_conflict().id)
}

/// Hashes and uploads a merge, and returns what it asks for.
fn sent(device: &mut Device, bytes: &[u8]) -> (sync::message::RequestId, Resolve) {
    device.hash(bytes);
    let (request, (_, body)) = device.take(asks_resolve);
    let missing_blocks = manifest(bytes)
        .blocks
        .iter()
        .map(|block| block.hash)
        .collect();
    device.refuse(request, Problem::BlocksMissing { missing_blocks });
    let (upload, _) = device.take(asks::upload);
    device.answer(upload, Answer::Uploaded);
    let (request, (_, again)) = device.take(asks_resolve);
    assert_eq!(again.operation_id, body.operation_id);
    (request, again)
}

#[test]
fn a_merge_is_hashed_uploaded_and_then_chosen() {
    let mut device = quarrel();
    device.observe(merged(5, MERGED, 2));
    // It is nowhere else: it is kept although there is a connection.
    assert_eq!(device.to_keep, [DraftId(5)]);
    device.input(Input::BytesKept { draft: DraftId(5) });
    let (request, body) = sent(&mut device, MERGED);
    assert_eq!(body.seen_version, 2);
    let content = manifest(MERGED).into();
    assert_eq!(body.choice, Choice::Merged { content });
    device.answer(request, Answer::Conflict(resolved()));
    // The bytes stay until the feed has told what came of it.
    assert!(device.released.is_empty());
    assert!(kept(&device).is_some());
    told(&mut device, resolved(), "c1");
    assert_eq!(device.released, [DraftId(5)]);
    assert!(device.stored.resolutions.is_empty());
    assert!(device.engine.trees().conflicts.is_empty());
    assert!(device.told.is_empty());
}

#[test]
fn a_merge_survives_a_crash_and_a_lost_answer() {
    let mut device = quarrel();
    device.observe(merged(5, MERGED, 2));
    device.input(Input::BytesKept { draft: DraftId(5) });
    let (request, first) = sent(&mut device, MERGED);
    device.lose(request);
    let mut device = device.restarted();
    // What it did comes with the feed before its own answer does.
    told(&mut device, resolved(), "c1");
    assert!(kept(&device).is_some());
    let (request, (_, again)) = device.take(asks_resolve);
    assert_eq!(again.operation_id, first.operation_id);
    device.answer(request, Answer::Conflict(resolved()));
    device.hears(page(Vec::new(), "c1"));
    assert!(kept(&device).is_none());
    assert_eq!(device.released, [DraftId(5)]);
    assert!(device.told.is_empty());
}

#[test]
fn a_merge_that_did_not_see_the_head_is_kept_and_not_sent_for_another() {
    let mut device = quarrel();
    device.observe(merged(5, MERGED, 2));
    device.input(Input::BytesKept { draft: DraftId(5) });
    let (request, _) = sent(&mut device, MERGED);
    device.refuse(request, version_conflict(3));
    let problem = version_conflict(3);
    let trouble = Trouble::Refused { problem };
    let conflict = the_conflict().id;
    let stopped = Notice::MergeStopped {
        conflict,
        trouble: trouble.clone(),
    };
    assert_eq!(device.told, [stopped]);
    device.hears(page(vec![file(1, None, "a", 3)], "c1"));
    let mut device = device.restarted().caught_up();
    let resolution = kept(&device).expect("it is kept");
    assert_eq!(resolution.trouble, Some(trouble));
    assert_eq!(
        resolution.draft().map(|draft| draft.bytes),
        Some(DraftBytes::Kept)
    );
    assert!(device.released.is_empty());
    assert!(
        device
            .sent
            .iter()
            .all(|(_, body)| asks_resolve(body).is_none())
    );

    // Merged again, with what is there now.
    device.observe(merged(6, b"again", 3));
    assert_eq!(device.released, [DraftId(5)]);
    let (request, body) = sent(&mut device, b"again");
    assert_eq!(body.seen_version, 3);
    device.answer(request, Answer::Conflict(resolved()));
    told(&mut device, resolved(), "c2");
    assert!(kept(&device).is_none());
}

#[test]
fn a_merge_of_what_somebody_else_resolved_is_kept() {
    let mut device = quarrel();
    device.observe(merged(5, MERGED, 2));
    let (request, _) = sent(&mut device, MERGED);
    device.refuse(request, Problem::AlreadyResolved);
    told(&mut device, resolved(), "c1");
    assert!(device.released.is_empty());
    let resolution = kept(&device).expect("it is kept");
    assert!(resolution.trouble.is_some());
    // Until the person lets go of it.
    let conflict = the_conflict().id;
    device.observe(Observation::Unresolved { conflict });
    assert_eq!(device.released, [DraftId(5)]);
    assert!(device.stored.resolutions.is_empty());
}

#[test]
fn a_merge_whose_bytes_went_with_the_page_is_to_be_made_again() {
    let mut device = quarrel();
    device.observe(merged(5, MERGED, 2));
    let mut device = device.restarted().caught_up();
    let resolution = kept(&device).expect("it is told");
    assert_eq!(resolution.trouble, Some(Trouble::BytesGone));
    assert!(
        device
            .sent
            .iter()
            .all(|(_, body)| asks_resolve(body).is_none())
    );
    // With its blocks known, the server may have them all.
    let mut hashed = quarrel();
    hashed.observe(merged(5, MERGED, 2));
    hashed.hash(MERGED);
    let mut hashed = hashed.restarted();
    let (request, (_, body)) = hashed.take(asks_resolve);
    let content = manifest(MERGED).into();
    assert_eq!(body.choice, Choice::Merged { content });
    let missing_blocks = manifest(MERGED)
        .blocks
        .iter()
        .map(|block| block.hash)
        .collect();
    hashed.refuse(request, Problem::BlocksMissing { missing_blocks });
    let stopped = kept(&hashed).and_then(|resolution| resolution.trouble.clone());
    assert_eq!(stopped, Some(Trouble::BytesGone));
    device.observe(merged(6, b"again", 2));
    device.hash(b"again");
    device.take(asks_resolve);
}

#[test]
fn what_can_not_be_read_stops_the_merge() {
    let mut device = quarrel();
    device.observe(merged(5, MERGED, 2));
    let draft = device.to_hash.remove(0);
    let result = Err(BytesLost::Gone);
    device.input(Input::Hashed { draft, result });
    assert!(matches!(device.told[..], [Notice::MergeStopped { .. }]));
}

#[test]
fn another_choice_takes_the_place_of_a_merge() {
    let mut device = quarrel();
    device.observe(merged(5, MERGED, 2));
    device.observe(Observation::Resolved {
        conflict: the_conflict().id,
        nonce: nonce(6),
        choice: Choice::KeepTheirs,
    });
    assert_eq!(device.released, [DraftId(5)]);
    // What was read meanwhile is of no use.
    let draft = device.to_hash.remove(0);
    let result = Ok(manifest(MERGED));
    device.input(Input::Hashed { draft, result });
    let (_, (_, body)) = device.take(asks_resolve);
    assert_eq!(body.choice, Choice::KeepTheirs);
}

#[test]
fn a_resolution_is_taken_back_once() {
    let mut device = Device::with(vec![file(1, None, "a", 3)]).caught_up();
    let conflict = the_conflict().id;
    let reopened = Observation::Reopened {
        conflict,
        nonce: nonce(7),
        seen_version: 3,
    };
    device.observe(reopened);
    let (request, first) = device.take(asks_reopen);
    assert_eq!(first.seen_version, 3);
    device.lose(request);
    let mut device = device.restarted().caught_up();
    let (request, again) = device.take(asks_reopen);
    assert_eq!(again.operation_id, first.operation_id);
    device.answer(request, Answer::Conflict(the_conflict()));
    // The answer may be old: what counts is what the feed tells.
    assert!(device.engine.trees().conflicts.is_empty());
    told(&mut device, the_conflict(), "c1");
    assert_eq!(device.stored.conflicts, [the_conflict()]);
    assert!(device.stored.resolutions.is_empty());
}

#[test]
fn a_resolution_that_can_not_be_taken_back_is_told() {
    for (problem, is_told) in [(version_conflict(4), true), (Problem::NotResolved, false)] {
        let mut device = Device::with(vec![file(1, None, "a", 3)]).caught_up();
        device.observe(Observation::Reopened {
            conflict: the_conflict().id,
            nonce: nonce(7),
            seen_version: 3,
        });
        let (request, _) = device.take(asks_reopen);
        device.refuse(request, problem);
        assert_eq!(device.told.len(), usize::from(is_told));
        assert!(device.stored.resolutions.is_empty());
    }
}

#[test]
fn an_old_answer_to_a_choice_does_not_close_what_is_open_again() {
    let mut device = quarrel();
    device.observe(Observation::Resolved {
        conflict: the_conflict().id,
        nonce: nonce(6),
        choice: Choice::KeepTheirs,
    });
    let (request, _) = device.take(asks_resolve);
    // Resolved, and open again, before the answer is here.
    device.input(Input::PullWanted);
    told(&mut device, the_conflict(), "c1");
    device.answer(request, Answer::Conflict(resolved()));
    device.hears(page(Vec::new(), "c1"));
    assert_eq!(device.stored.conflicts.len(), 1);
    assert!(
        device
            .engine
            .trees()
            .conflicts
            .contains_key(&the_conflict().id)
    );
    assert!(device.stored.resolutions.is_empty());
}

#[test]
fn what_an_older_page_stored_is_read() {
    let json = serde_json::json!({
        "conflict": the_conflict().id,
        "nonce": nonce(1),
        "order": 3,
        "seen_version": 2,
        "choice": { "choice": "keep_mine" },
    });
    let read: Resolution = serde_json::from_value(json).expect("it was good once");
    assert_eq!(read.wanted, ConflictDecision::Keep(Choice::KeepMine));
    let keep_both = Choice::KeepBoth {
        copy_id: id(2),
        copy_name: name("copy"),
    };
    let merged = Choice::Merged {
        content: Content::Whole(manifest(MERGED)),
    };
    let troubles = [
        Trouble::BytesGone,
        Trouble::KeepsChanging,
        Trouble::Refused {
            problem: Problem::NameTaken { item: id(2) },
        },
    ];
    for wanted in [
        ConflictDecision::Reopen,
        ConflictDecision::Keep(Choice::KeepTheirs),
        ConflictDecision::Keep(keep_both),
        ConflictDecision::Keep(merged),
        ConflictDecision::Merge {
            item: id(1),
            draft: draft(5, MERGED),
        },
    ] {
        for trouble in &troubles {
            let resolution = Resolution {
                wanted: wanted.clone(),
                trouble: Some(trouble.clone()),
                ..read.clone()
            };
            let json = serde_json::to_string(&resolution).expect("plain data");
            assert_eq!(
                serde_json::from_str::<Resolution>(&json).expect("it was written"),
                resolution
            );
        }
    }
}
