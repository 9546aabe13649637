//! Thumbnails: who keeps them, what they count, and how long they stay.

use crate::stage::{GONE, LATE, Stage, THEN, owner};
use blocks::hash::BlockHash;
use driftless_core::reads;
use driftless_core::writes::deletion::BOUNDS;
use driftless_core::writes::thumbnails::{NewThumbnail, store};
use driftless_tests::client::{
    change_trashed, commit_of, frames, manifest, new_file, operation_id, thumbnail,
};
use driftless_tests::model::lapses::Lapse::{AnswerLost, Unreached};
use driftless_tests::model::legs::Device;
use driftless_tests::model::ready::ready;
use protocol::ids::{ItemId, PackId, Version};
use protocol::items::DeleteForGood;
use protocol::limits::{BLOCK_CHARGE, LIST_ROW_CHARGE};
use protocol::problem::Problem;
use protocol::thumbnails::Thumbnail;

fn keep_by(
    stage: &Stage,
    by: &Device,
    item: ItemId,
    version: Option<Version>,
    bytes: &[u8],
) -> Result<(), Problem> {
    let server = &stage.server;
    let new = NewThumbnail {
        item,
        version,
        bytes: bytes.to_vec(),
    };
    let id = PackId::from_random(server.fresh_id());
    server.packs.clock.set(THEN);
    let author = by.at(THEN);
    let kept = ready(store(&server.db, &server.packs, &author, id, &new));
    kept.map_err(|failure| server.problem(failure))
}

fn keep(stage: &Stage, item: ItemId, version: Version, bytes: &[u8]) -> Result<(), Problem> {
    keep_by(stage, &stage.ann, item, Some(version), bytes)
}

fn found_by(stage: &Stage, by: &Device, items: &[ItemId]) -> Vec<Thumbnail> {
    let reach = by.reach();
    let found = reads::thumbnails::of_files(&stage.server.db, by.space, &reach, items);
    ready(found).unwrap()
}

fn found(stage: &Stage, item: ItemId) -> Option<Thumbnail> {
    found_by(stage, &stage.ann, &[item]).pop()
}

fn delete(stage: &Stage, item: ItemId) {
    let (server, ann) = (&stage.server, &stage.ann);
    let there = server.item(ann, item).unwrap();
    let trashed = server.trash(ann, THEN, item, change_trashed(&there));
    let request = DeleteForGood {
        operation_id: operation_id(),
        base_place_version: trashed.unwrap().item.place_version,
        with_open_conflicts: false,
    };
    let deleted = server.delete(ann, THEN, item, request, &BOUNDS).unwrap();
    assert!(deleted.done);
}

#[test]
fn a_thumbnail_stays_as_long_as_its_file_and_goes_with_it() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("photo.jpg", b"a photo");
    let before = server.space(ann).unwrap();
    let small = thumbnail(b"small");
    assert_eq!(found(&stage, file), None);
    keep(&stage, file, 1, &small).unwrap();
    let kept = found(&stage, file).unwrap();
    assert_eq!((kept.item, kept.version), (file, 1));
    assert_eq!(kept.hash, BlockHash::of(&small));
    assert_eq!(kept.length as usize, small.len());
    stage.is_sound();
    // It counts: the block, and the entry.
    let after = server.space(ann).unwrap();
    let charged = small.len() as u64 + BLOCK_CHARGE + LIST_ROW_CHARGE;
    assert_eq!(after.used_bytes, before.used_bytes + charged);
    // The file is what it was, for everybody who reads it, and nobody is told of a change.
    assert_eq!(server.content(ann, file, None).unwrap(), b"a photo");
    let list = server.manifest(ann, file, None).unwrap();
    assert_eq!(list.blocks, manifest(b"a photo").blocks);
    assert_eq!(server.newest(ann).unwrap().0, 1);

    // Nothing but the thumbnail needs its block, and that is enough.
    assert_eq!(stage.collect(LATE).blocks, 0);
    assert!(stage.has(&small));
    delete(&stage, file);
    stage.is_sound();
    assert_eq!(server.space(ann).unwrap().used_bytes, 0);
    assert_eq!(stage.collect(LATE).blocks, 2);
    assert!(!stage.has(&small));
    stage.collect(GONE);
    assert_eq!(server.packs.len(), 0);
    stage.is_sound();
}

#[test]
fn each_version_has_its_own_and_the_first_one_stays() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("photo.jpg", b"first");
    let (one, other, two) = (thumbnail(b"1"), thumbnail(b"other"), thumbnail(b"2"));
    keep(&stage, file, 1, &one).unwrap();
    let rows = stage.rows();
    // Again, and another one: nothing comes of either.
    keep(&stage, file, 1, &one).unwrap();
    keep(&stage, file, 1, &other).unwrap();
    assert_eq!(stage.rows(), rows);
    assert_eq!(found(&stage, file).unwrap().hash, BlockHash::of(&one));

    stage.store(&[b"second"]);
    server
        .commit(ann, THEN, file, commit_of(1, b"second"))
        .unwrap();
    // What was shown of the first version is none of the second.
    assert_eq!(found(&stage, file), None);
    let refused = keep(&stage, file, 1, &other);
    assert!(
        matches!(refused, Err(Problem::VersionConflict { .. })),
        "{refused:?}"
    );
    assert_eq!(found(&stage, file), None);
    keep(&stage, file, 2, &two).unwrap();
    assert_eq!(found(&stage, file).unwrap().version, 2);
    assert_eq!(server.content(ann, file, Some(1)).unwrap(), b"first");
    assert_eq!(server.content(ann, file, Some(2)).unwrap(), b"second");
    stage.is_sound();
    // Splices of a list that has one know nothing of it.
    let base = protocol::content::Base {
        item: file,
        version: 1,
    };
    let since = server.manifest_since(ann, file, 2, base).unwrap();
    assert_eq!(since.splices.len(), 1);
    assert_eq!(stage.collect(LATE).blocks, 0);
    delete(&stage, file);
    assert_eq!(stage.collect(LATE).blocks, 4);
    stage.is_sound();
}

#[test]
fn a_copy_with_the_same_thumbnail_costs_an_entry_and_no_block() {
    let stage = Stage::new();
    let server = &stage.server;
    let (file, copy) = (
        stage.file("photo.jpg", b"a photo"),
        stage.file("copy.jpg", b"a photo"),
    );
    let small = thumbnail(b"small");
    keep(&stage, file, 1, &small).unwrap();
    let used = || server.space(&stage.ann).unwrap().used_bytes;
    let (before, packs) = (used(), server.packs.len());
    keep(&stage, copy, 1, &small).unwrap();
    assert_eq!(used(), before + LIST_ROW_CHARGE);
    assert_eq!(server.packs.len(), packs);
    delete(&stage, file);
    assert_eq!(stage.collect(LATE).blocks, 0);
    assert_eq!(found(&stage, copy).unwrap().hash, BlockHash::of(&small));
    stage.is_sound();
    // A file whose content is the thumbnail's counts it once.
    let before = used();
    stage.file("small.webp", &small);
    let entry = LIST_ROW_CHARGE + protocol::limits::ITEM_CHARGE + protocol::limits::VERSION_CHARGE;
    assert_eq!(used(), before + entry);
    stage.is_sound();
}

#[test]
fn what_is_no_picture_or_of_no_live_file_is_refused_and_leaves_nothing() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("photo.jpg", b"a photo");
    let folder = driftless_tests::drive::new_folder(None, "folder");
    let folder = server.create_folder(ann, THEN, folder).unwrap().item.id;
    let trashed = stage.file("trashed.jpg", b"trashed");
    let item = server.item(ann, trashed).unwrap();
    server
        .trash(ann, THEN, trashed, change_trashed(&item))
        .unwrap();
    let small = thumbnail(b"small");
    let (rows, packs) = (stage.rows(), server.packs.len());
    let page = keep(&stage, file, 1, b"<html><script>alert(1)</script>");
    assert!(matches!(page, Err(Problem::BadRequest { .. })), "{page:?}");
    assert_eq!(keep(&stage, folder, 1, &small), Err(Problem::NotAFile));
    assert_eq!(keep(&stage, trashed, 1, &small), Err(Problem::InTrash));
    let nobody = ItemId::from_random([9; 16]);
    assert_eq!(keep(&stage, nobody, 1, &small), Err(Problem::NoSuchItem));
    let bob = owner(server, "bob");
    let by_bob = keep_by(&stage, &bob, file, None, &small);
    assert_eq!(by_bob, Err(Problem::NoSuchItem));
    assert_eq!((stage.rows(), server.packs.len()), (rows, packs));
    assert_eq!(found_by(&stage, &bob, &[file]), []);
    stage.is_sound();
}

#[test]
fn a_full_drive_takes_none_and_a_block_that_waited_is_kept() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("photo.jpg", b"a photo");
    let used = server.space(ann).unwrap().used_bytes;
    let small = thumbnail(&[7; 1_000]);
    let set = |quota: u64| {
        let sql = format!("UPDATE spaces SET quota_bytes = {quota}");
        server.db.connection().execute_batch(&sql).unwrap();
    };
    let rows = stage.rows();
    set(used + 1_000);
    let full = keep(&stage, file, 1, &small);
    assert!(
        matches!(full, Err(Problem::QuotaExceeded { .. })),
        "{full:?}"
    );
    assert_eq!(stage.rows(), rows);
    set(used + 10_000);
    server.store_blocks(ann, THEN, frames(&[&small])).unwrap();
    keep(&stage, file, 1, &small).unwrap();
    assert_eq!(stage.collect(LATE).blocks, 0);
    stage.is_sound();
}

#[test]
fn wherever_it_breaks_off_a_repeat_finishes_it() {
    for lapse in [Unreached, AnswerLost] {
        for at in 0..6 {
            let stage = Stage::new();
            let file = stage.file("photo.jpg", b"a photo");
            let small = thumbnail(b"small");
            let lapses = (0..at).map(|_| None).chain([Some(lapse)]);
            stage.server.db.lapses.plan(lapses);
            let _ = keep(&stage, file, 1, &small);
            stage.server.db.lapses.clear();
            keep(&stage, file, 1, &small).unwrap();
            assert_eq!(found(&stage, file).unwrap().hash, BlockHash::of(&small));
            assert_eq!(stage.collect(LATE).blocks, 0);
            assert!(stage.has(&small));
            assert_eq!(
                driftless_tests::model::audit::faults(&stage.server),
                [""; 0]
            );
        }
    }
}

#[test]
fn what_was_shared_may_be_given_a_thumbnail_by_an_editor_and_seen_by_both() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let folder = driftless_tests::drive::new_folder(None, "shared");
    let folder = server.create_folder(ann, THEN, folder).unwrap().item.id;
    stage.store(&[b"in it", b"beside"]);
    let file = |parent, name: &str, bytes: &[u8]| {
        let new = new_file(parent, name, Some(manifest(bytes)));
        server.create_file(ann, THEN, new).unwrap().item.id
    };
    let (inside, beside) = (
        file(Some(folder), "in.jpg", b"in it"),
        file(None, "beside.jpg", b"beside"),
    );
    let token = Device {
        folder: Some(folder),
        ..ann.clone()
    };
    keep_by(&stage, &token, inside, Some(1), &thumbnail(b"in")).unwrap();
    let elsewhere = keep_by(&stage, &token, beside, Some(1), &thumbnail(b"be"));
    assert_eq!(elsewhere, Err(Problem::NoSuchItem));
    keep(&stage, beside, 1, &thumbnail(b"be")).unwrap();
    let of_token = found_by(&stage, &token, &[beside, inside]);
    assert_eq!(of_token.len(), 1);
    assert_eq!(of_token[0].item, inside);
    assert_eq!(found_by(&stage, ann, &[beside, inside]).len(), 2);
    // Its bytes are those of a block of the file.
    let fetch = protocol::blocks::Fetch {
        want: vec![of_token[0].hash],
        of: vec![inside],
        ..Default::default()
    };
    assert!(server.fetch(&token, &fetch).is_ok());
    let fetch = protocol::blocks::Fetch {
        want: vec![BlockHash::of(&thumbnail(b"be"))],
        of: vec![inside, beside],
        ..fetch
    };
    assert_eq!(server.fetch(&token, &fetch), Err(Problem::NoSuchBlock));
    stage.is_sound();
}
