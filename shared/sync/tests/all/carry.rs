//! Edits whose blocks travel with their commit, and copies, which have none.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::content::{Base, Content};
use protocol::problem::Problem;
use sync::edit::{Copied, Draft, DraftBytes, DraftId, Trouble};
use sync::message::{Answer, BytesLost, Input, Lost, Observation, Request};

/// One file at version 1, an edit of it that is hashed, and a driver that knows
/// the base.
fn edited() -> Device {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.carries = true;
    device.edits(1, b"two");
    device
}

fn carried(body: &Request) -> Option<DraftId> {
    match body {
        Request::Commit { carries, .. } | Request::CreateFile { carries, .. } => *carries,
        _ => None,
    }
}

#[test]
fn a_small_edit_is_one_request() {
    let mut device = edited();
    let (request, draft) = device.take(carried);
    assert_eq!(draft, DraftId(1));
    device.answer(request, changed(file(1, None, "a", 2)));
    assert!(device.stored.edits.is_empty());
    assert!(
        device
            .sent
            .iter()
            .all(|(_, body)| matches!(body, Request::Changes { .. } | Request::Poll { .. }))
    );
}

#[test]
fn what_can_not_be_carried_is_proposed() {
    let mut device = edited();
    let (request, _) = device.take(carried);
    device.answer(request, Answer::NotCarried);
    let (request, proposal) = device.take(asks::propose);
    assert_eq!(proposal.new_block_hashes, [hash_of(b"two")]);
    device.answer(request, missing(b"two"));
    device.uploads();
    let (_, body) = device.take(|body| Some((carried(body), asks::commit(body)?)));
    assert_eq!(body.0, None);
}

#[test]
fn exactly_what_is_missing_is_sent_then() {
    let mut device = edited();
    let (request, _) = device.take(carried);
    device.refuse(
        request,
        Problem::BlocksMissing {
            missing_blocks: vec![hash_of(b"two")],
        },
    );
    let (request, blocks) = device.take(asks::upload);
    assert_eq!(blocks, [hash_of(b"two")]);
    device.answer(request, Answer::Uploaded);
    device.take(asks::commit);
}

/// The answer is lost, or the device ends: the same operation is asked for.
#[test]
fn bytes_do_not_travel_twice() {
    let mut device = edited();
    let operation = |body: &Request| Some((carried(body), asks::commit(body)?.operation_id));
    let (request, first) = device.take(operation);
    assert_eq!(first.0, Some(DraftId(1)));
    device.lose(request);
    device.wait();
    let (request, again) = device.take(operation);
    assert_eq!(again, (None, first.1));
    device.answer(request, changed(file(1, None, "a", 2)));
    assert!(device.stored.edits.is_empty());
}

#[test]
fn a_restart_asks_for_the_same() {
    let mut device = edited();
    let operation = |body: &Request| Some(asks::commit(body)?.operation_id);
    let (_, first) = device.take(operation);
    device.input(Input::BytesKept { draft: DraftId(1) });
    let mut device = device.restarted();
    device.carries = true;
    let not_carried = |body: &Request| asks::propose(body).map(|_| ());
    let (request, ()) = device.take(not_carried);
    device.answer(request, Answer::Missing(vec![]));
    let compare = device.take(asks::manifest);
    device.answer(compare.0, Answer::Manifest(manifest(b"one").blocks));
    let (_, again) = device.take(operation);
    assert_eq!(again, first);
}

#[test]
fn a_refused_patch_is_sent_whole() {
    let mut device = edited();
    let (request, _) = device.take(carried);
    let (block, detail) = (hash_of(b"two"), String::new());
    device.refuse(request, Problem::PatchRefused { block, detail });
    let (request, _) = device.take(asks::commit);
    let missing_blocks = vec![hash_of(b"two")];
    device.refuse(request, Problem::BlocksMissing { missing_blocks });
    device.take(asks::upload);
}

#[test]
fn a_file_that_has_changed_is_hashed_again() {
    let mut device = edited();
    let (request, _) = device.take(carried);
    device.input(Input::Answered {
        request,
        result: Err(Lost::BytesLost(BytesLost::Changed)),
    });
    device.hash(b"three");
    let (request, _) = device.take(carried);
    device.input(Input::Answered {
        request,
        result: Err(Lost::BytesLost(BytesLost::Gone)),
    });
    assert_eq!(device.stored.edits[0].trouble, Some(Trouble::BytesGone));
}

/// A base that is not the head any more is asked for without bytes: that is
/// refused, and they will be kept as a conflict.
#[test]
fn nothing_is_carried_to_an_older_base() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.carries = true;
    device.observe(edit(1, b"two"));
    device.pulled(vec![file(1, None, "a", 2)], "c1");
    device.hash(b"two");
    let (_, carries) = device.take(|body| asks::commit(body).map(|_| carried(body)));
    assert_eq!(carries, None);
}

fn made(n: u8, draft: Draft) -> Observation {
    Observation::Made {
        item: id(n),
        nonce: nonce(n),
        place: place(None, &format!("file {n}")),
        draft: Some(draft),
    }
}

#[test]
fn a_new_small_file_is_one_request_if_it_is_alone() {
    let mut device = Device::with(vec![]);
    device.carries = true;
    device.observe(made(1, draft(1, b"new")));
    device.hash(b"new");
    let (request, _) = device.take(carried);
    device.answer(request, changed(file(1, None, "file 1", 1)));
    assert!(device.stored.edits.is_empty());
    // Several share packs.
    device.observe(made(2, draft(2, b"second")));
    device.observe(made(3, draft(3, b"third")));
    device.hash(b"second");
    device.hash(b"third");
    assert!(device.sent.iter().all(|(_, body)| !carries(body)));
    device.take(asks::upload);
    device.take(asks::upload);
}

/// A draft of what version 1 of file 1 is.
fn copied(n: u64) -> Draft {
    Draft {
        bytes: DraftBytes::Gone,
        copy_of: Some(Copied {
            base: Base {
                item: id(1),
                version: 1,
            },
            size_class: manifest(b"").size_class,
        }),
        ..draft(n, b"one")
    }
}

fn content(body: &Request) -> Option<Content> {
    match body {
        Request::CreateFile { body, .. } => body.content.clone(),
        Request::KeepConflict { body, .. } => Some(body.content.clone()),
        _ => None,
    }
}

#[test]
fn a_copy_is_asked_for_by_its_base() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.carries = true;
    device.observe(made(2, copied(2)));
    assert!(device.to_hash.is_empty() && device.to_keep.is_empty());
    let (request, asked) = device.take(content);
    let Content::Spliced(spliced) = &asked else {
        panic!("{asked:?}");
    };
    assert_eq!((spliced.base.item, spliced.base.version), (id(1), 1));
    assert!(spliced.splices.is_empty());
    // Without an answer and after a restart, the same.
    let operation = |body: &Request| Some(asks::create_file(body)?.operation_id);
    device.lose(request);
    device.wait();
    let (_, first) = device.take(operation);
    let mut device = device.restarted();
    let (request, again) = device.take(operation);
    assert_eq!(first, again);
    device.answer(request, changed(file(2, None, "file 2", 1)));
    assert!(device.stored.edits.is_empty());
}

/// Somebody made the same copy under this name: no conflict.
#[test]
fn a_copy_reads_its_blocks_where_they_are_compared() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]).caught_up();
    device.observe(made(2, copied(2)));
    let (request, _) = device.take(content);
    device.refuse(request, Problem::NameTaken { item: id(3) });
    device.pulled(vec![file(3, None, "file 2", 1)], "c1");
    let (request, own) = device.take(asks::manifest);
    assert_eq!(own, (id(1), 1));
    device.answer(request, Answer::Manifest(manifest(b"one").blocks));
    let (request, rival) = device.take(asks::manifest);
    assert_eq!(rival, (id(3), 1));
    device.answer(request, Answer::Manifest(manifest(b"one").blocks));
    assert!(device.stored.edits.is_empty());
}

/// What somebody saved meanwhile is not written over: the old content becomes a conflict.
#[test]
fn an_earlier_version_is_brought_back_by_its_number_and_comes_second_as_any_edit() {
    let mut device = Device::with(vec![file(1, None, "a", 2)]).caught_up();
    device.observe(Observation::Edited {
        item: id(1),
        nonce: nonce(1),
        draft: copied(2),
        seen: None,
    });
    assert!(device.to_hash.is_empty() && device.to_keep.is_empty());
    let by_number = |content: &Content| match content {
        Content::Spliced(spliced) => {
            assert!(spliced.splices.is_empty());
            (spliced.base.item, spliced.base.version)
        }
        Content::Whole(_) => panic!("{content:?}"),
    };
    let (request, (base, asked)) = device.take(|body| match body {
        Request::Commit { body, .. } => Some((body.base_version, body.content.clone())),
        _ => None,
    });
    assert_eq!((base, by_number(&asked)), (2, (id(1), 1)));
    device.refuse(request, version_conflict(3));
    device.hears(page(vec![file(1, None, "a", 3)], "c1"));
    for _ in 0..3 {
        let (request, (_, version)) = device.take(asks::manifest);
        let bytes: &[u8] = match version {
            1 => b"one",
            2 => b"two",
            _ => b"others",
        };
        device.answer(request, Answer::Manifest(manifest(bytes).blocks));
    }
    let (_, kept) = device.take(content);
    assert_eq!(by_number(&kept), (id(1), 1));
}
