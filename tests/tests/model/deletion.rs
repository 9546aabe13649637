//! Deletion for good: all of it, nothing else, in whatever order things happen and
//! wherever it is cut off.

use crate::stage::{GONE, InTurns, LATE, Stage, THEN};
use blocks::hash::BlockHash;
use driftless_core::collect::BOUNDS as COLLECTED;
use driftless_core::writes::deletion::{BOUNDS, DeletionBounds};
use driftless_tests::client::{
    change_trashed, commit_of, conflict_id, frames, item_id, manifest, name, new_file, operation_id,
};
use driftless_tests::model::audit::faults;
use driftless_tests::model::lapses::Lapse::{AnswerLost, Unreached};
use driftless_tests::model::orders::every_order;
use protocol::changes::Change;
use protocol::conflicts::{Choice, NewConflict, Resolve};
use protocol::content::{Base, Content, Spliced};
use protocol::ids::{ItemId, UnixMillis};
use protocol::items::{ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, NewFolder};
use protocol::problem::Problem;
use std::collections::BTreeMap;

/// So little at a time that everything takes several requests.
const FEW: DeletionBounds = DeletionBounds {
    items_per_step: 7,
    rows_per_step: 3,
    steps: 3,
};

fn folder(stage: &Stage, parent: Option<ItemId>, text: &str) -> ItemId {
    let folder = NewFolder {
        operation_id: operation_id(),
        id: item_id(),
        parent,
        name: name(text),
    };
    let made = stage.server.create_folder(&stage.ann, THEN, folder);
    made.unwrap().item.id
}

fn file_in(stage: &Stage, parent: Option<ItemId>, text: &str, bytes: &[u8]) -> ItemId {
    stage.store(&[bytes]);
    let file = new_file(parent, text, Some(manifest(bytes)));
    let made = stage.server.create_file(&stage.ann, THEN, file);
    made.unwrap().item.id
}

fn item(stage: &Stage, id: ItemId) -> Item {
    stage.server.item(&stage.ann, id).unwrap()
}

fn trash_at(stage: &Stage, now: UnixMillis, id: ItemId) -> Item {
    let change = change_trashed(&item(stage, id));
    let trashed = stage.server.trash(&stage.ann, now, id, change);
    trashed.unwrap().item
}

fn trash(stage: &Stage, id: ItemId) -> Item {
    trash_at(stage, THEN, id)
}

fn deletion(item: &Item) -> DeleteForGood {
    DeleteForGood {
        operation_id: operation_id(),
        base_place_version: item.place_version,
        with_open_conflicts: false,
    }
}

fn emptying() -> EmptyTrash {
    EmptyTrash {
        operation_id: operation_id(),
        trashed_up_to_ms: None,
        with_open_conflicts: false,
    }
}

fn delete(stage: &Stage, item: &Item) -> Result<DeletedForGood, Problem> {
    let request = deletion(item);
    stage
        .server
        .delete(&stage.ann, THEN, item.id, request, &BOUNDS)
}

fn empty(stage: &Stage) -> Result<DeletedForGood, Problem> {
    let request = emptying();
    stage.server.empty_trash(&stage.ann, THEN, request, &BOUNDS)
}

fn keep_conflict(stage: &Stage, file: ItemId, bytes: &[u8]) -> protocol::ids::ConflictId {
    stage.store(&[bytes]);
    let new = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content: manifest(bytes),
    };
    let kept = stage.server.keep_conflict(&stage.ann, THEN, file, new);
    kept.unwrap().id
}

/// What a device knows that follows the feed.
#[derive(Default)]
struct Follower {
    items: BTreeMap<ItemId, Item>,
    conflicts: usize,
    cursor: Option<String>,
}

impl Follower {
    fn pull(&mut self, stage: &Stage, limit: u64) {
        loop {
            let cursor = self.cursor.as_deref();
            let page = stage.server.changes(&stage.ann, cursor, Some(limit));
            let page = page.unwrap();
            for change in page.changes {
                match change {
                    Change::Item { item } => {
                        let above = item.parent.is_none_or(|id| self.items.contains_key(&id));
                        assert!(above || self.cursor.is_none(), "no item without its folder");
                        self.items.insert(item.id, item);
                    }
                    Change::Deleted { item } => {
                        let below = self.items.values().any(|other| other.parent == Some(item));
                        assert!(!below, "a folder goes after what is in it");
                        self.items.remove(&item);
                    }
                    Change::Conflict { .. } => self.conflicts += 1,
                    Change::Shared => panic!("nobody shares anything"),
                    Change::Unknown => panic!("a change of an unknown kind"),
                }
            }
            self.cursor = Some(page.next_token);
            if !page.has_more {
                return;
            }
        }
    }

    /// Has what somebody has who begins now.
    fn agrees(&self, stage: &Stage) {
        let mut fresh = Self::default();
        fresh.pull(stage, 1_000);
        assert_eq!(self.items, fresh.items);
    }
}

#[test]
fn what_is_deleted_for_good_is_gone_and_its_space_is_free() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let kept = file_in(&stage, None, "kept", b"shared by both");
    let before = server.space(ann).unwrap();
    let file = file_in(&stage, None, "file", b"shared by both");
    for (base, bytes) in [(1, &b"second"[..]), (2, b"third")] {
        stage.store(&[bytes]);
        server
            .commit(ann, THEN, file, commit_of(base, bytes))
            .unwrap();
    }
    let conflict = keep_conflict(&stage, file, b"came second");
    let resolve = Resolve {
        operation_id: operation_id(),
        seen_version: 3,
        choice: Choice::KeepTheirs,
    };
    server.resolve(ann, THEN, conflict, resolve).unwrap();
    let mut device = Follower::default();
    device.pull(&stage, 1_000);
    let used = server.space(ann).unwrap().used_bytes;
    let trashed = trash(&stage, file);
    assert_eq!(server.space(ann).unwrap().trash.bytes, 5);
    assert_eq!(server.space(ann).unwrap().used_bytes, used, "not yet");

    let request = deletion(&trashed);
    let deleted = server.delete(ann, THEN, file, request, &BOUNDS).unwrap();
    assert!(deleted.done && deleted.deleted == 1);
    let after = server.space(ann).unwrap();
    assert_eq!(deleted.freed_bytes, used - before.used_bytes);
    assert_eq!(
        (after.used_bytes, after.counts, after.trash),
        (before.used_bytes, before.counts, before.trash)
    );
    assert_eq!(server.item(ann, file).unwrap_err(), Problem::NoSuchItem);
    assert_eq!(
        server.content(ann, file, Some(1)).unwrap_err(),
        Problem::NoSuchItem
    );
    assert_eq!(
        server.conflict(ann, conflict).unwrap_err(),
        Problem::NoSuchConflict
    );
    device.pull(&stage, 1_000);
    device.agrees(&stage);
    // A repeat is answered alike and does nothing.
    let again = server.delete(ann, THEN, file, request, &BOUNDS).unwrap();
    assert!(again.done && again.deleted == 1);
    let other = server.delete(ann, THEN, file, deletion(&trashed), &BOUNDS);
    assert_eq!(other.unwrap_err(), Problem::NoSuchItem);
    // What another file needs stays; the rest is collected as ever.
    stage.collect(LATE);
    assert_eq!(server.content(ann, kept, None).unwrap(), b"shared by both");
    assert!(!stage.has(b"second") && !stage.has(b"came second"));
    stage.is_sound();
}

/// Clients choose both ids.
#[test]
fn a_file_goes_for_good_with_a_conflict_that_has_the_same_id() {
    let stage = Stage::new();
    let file = file_in(&stage, None, "file", b"a version");
    let commit = commit_of(1, b"");
    stage.server.commit(&stage.ann, THEN, file, commit).unwrap();
    stage.store(&[b"another one"]);
    let conflict = NewConflict {
        operation_id: operation_id(),
        id: file.to_string().parse().unwrap(),
        base_version: 1,
        content: manifest(b"another one"),
    };
    let kept = stage.server.keep_conflict(&stage.ann, THEN, file, conflict);
    kept.unwrap();
    let request = DeleteForGood {
        with_open_conflicts: true,
        ..deletion(&trash(&stage, file))
    };
    let deleted = stage
        .server
        .delete(&stage.ann, THEN, file, request, &BOUNDS);
    assert_eq!(deleted.unwrap().deleted, 1);
    assert_eq!(faults(&stage.server), [""; 0]);
}

#[test]
fn only_what_is_in_the_trash_itself_can_be_deleted_for_good() {
    let stage = Stage::new();
    let outer = folder(&stage, None, "outer");
    let inner = file_in(&stage, Some(outer), "inner", b"1");
    let live = item(&stage, outer);
    assert_eq!(delete(&stage, &live).unwrap_err(), Problem::NotInTrash);
    let trashed = trash(&stage, outer);
    let below = item(&stage, inner);
    assert_eq!(delete(&stage, &below).unwrap_err(), Problem::NotInTrash);
    let conflict = Problem::PlaceConflict {
        current_place_version: trashed.place_version,
    };
    assert_eq!(delete(&stage, &live).unwrap_err(), conflict);
    let nobody = Item {
        id: item_id(),
        ..trashed.clone()
    };
    assert_eq!(delete(&stage, &nobody).unwrap_err(), Problem::NoSuchItem);
    assert_eq!(delete(&stage, &trashed).unwrap().deleted, 2);
    stage.is_sound();
}

/// Folders in folders, a file of many versions and one that is there twice: with few
/// rows at a time, each state in between is sound, and every device can follow.
#[test]
fn a_large_folder_goes_bit_by_bit_and_every_state_is_sound() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let kept = file_in(&stage, None, "kept", b"kept");
    let outer = folder(&stage, None, "outer");
    let mut parents = vec![outer];
    for depth in 0..3 {
        let parent = *parents.last().unwrap();
        parents.push(folder(&stage, Some(parent), &format!("folder {depth}")));
        for n in 0..6 {
            let bytes = format!("{depth} {n}").into_bytes();
            file_in(&stage, Some(parent), &format!("file {n}"), &bytes);
        }
    }
    let many = file_in(&stage, Some(parents[2]), "many versions", b"v1");
    for base in 1..9 {
        let bytes = format!("v{}", base + 1).into_bytes();
        stage.store(&[&bytes]);
        server
            .commit(ann, THEN, many, commit_of(base, &bytes))
            .unwrap();
    }
    // Trashed by itself first, and then with all around it.
    trash(&stage, many);
    let trashed = trash(&stage, outer);
    let mut device = Follower::default();
    device.pull(&stage, 1_000);
    let request = deletion(&trashed);
    let (mut requests, mut deleted) = (0, 0);
    loop {
        let answer = server.delete(ann, THEN, outer, request, &FEW).unwrap();
        requests += 1;
        deleted += answer.deleted;
        assert_eq!(faults(server), Vec::<String>::new());
        device.pull(&stage, 2);
        device.agrees(&stage);
        if answer.done {
            break;
        }
        assert!(requests < 50);
    }
    assert!(requests > 5, "{requests}");
    assert_eq!(deleted, 23);
    assert_eq!(device.items.len(), 1);
    assert_eq!(server.content(ann, kept, None).unwrap(), b"kept");
    let counts = server.space(ann).unwrap().counts;
    assert_eq!((counts.items, counts.versions, counts.list_rows), (1, 1, 1));
    stage.collect(LATE);
    stage.collect(GONE);
    assert_eq!(server.packs.len(), 1);
    stage.is_sound();
}

#[test]
fn an_emptied_trash_keeps_what_came_later() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let outer = folder(&stage, None, "outer");
    let inner = file_in(&stage, Some(outer), "inner", b"1");
    let files: Vec<ItemId> = (2..6)
        .map(|n| file_in(&stage, None, &n.to_string(), &[n]))
        .collect();
    // A file in a trashed folder, trashed before it, comes twice and goes once.
    trash(&stage, inner);
    trash(&stage, outer);
    for file in &files[..2] {
        trash(&stage, *file);
    }
    trash_at(&stage, THEN + 10, files[2]);
    let mut request = emptying();
    request.trashed_up_to_ms = Some(THEN + 9);
    let first = server.empty_trash(ann, THEN, request, &BOUNDS).unwrap();
    assert!(first.done && first.deleted == 4, "{first:?}");
    assert!(
        item(&stage, files[2]).trashed_at_ms.is_some(),
        "it was not seen"
    );
    // A repeat empties nothing that came later, even if it names no time.
    let request = emptying();
    let first = server.empty_trash(ann, THEN, request, &BOUNDS).unwrap();
    assert_eq!(first.deleted, 1);
    trash(&stage, files[3]);
    let again = server.empty_trash(ann, THEN, request, &BOUNDS).unwrap();
    assert_eq!(again.deleted, 1);
    assert!(item(&stage, files[3]).trashed_at_ms.is_some());
    let other = EmptyTrash {
        trashed_up_to_ms: Some(0),
        ..request
    };
    let reused = server.empty_trash(ann, THEN, other, &BOUNDS);
    assert_eq!(reused.unwrap_err(), Problem::OperationReused);
    assert_eq!(empty(&stage).unwrap().deleted, 1);
    assert_eq!(
        empty(&stage).unwrap(),
        DeletedForGood {
            done: true,
            ..Default::default()
        }
    );
    stage.is_sound();
}

/// The second side of an open conflict is somebody's only copy.
#[test]
fn an_open_conflict_goes_only_if_that_is_said() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let outer = folder(&stage, None, "outer");
    let file = file_in(&stage, Some(outer), "file", b"1");
    stage.store(&[b"2"]);
    server.commit(ann, THEN, file, commit_of(1, b"2")).unwrap();
    let conflict = keep_conflict(&stage, file, b"mine");
    let trashed = trash(&stage, outer);
    let before = stage.rows();
    let refused = Problem::OpenConflicts { count: 1 };
    assert_eq!(delete(&stage, &trashed).unwrap_err(), refused);
    assert_eq!(empty(&stage).unwrap_err(), refused);
    assert_eq!(stage.rows(), before);
    assert_eq!(server.conflict_content(ann, conflict).unwrap(), b"mine");
    let request = DeleteForGood {
        with_open_conflicts: true,
        ..deletion(&trashed)
    };
    let deleted = server.delete(ann, THEN, outer, request, &BOUNDS).unwrap();
    assert_eq!(deleted.deleted, 2);
    assert_eq!(server.conflicts(ann).unwrap(), []);
    assert_eq!(server.space(ann).unwrap().used_bytes, 0);
    stage.is_sound();
}

/// Whoever restores it first keeps it; whoever is second is told.
#[test]
fn a_restored_item_is_never_deleted() {
    let (mut restored, mut deleted) = (0, 0);
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let outer = folder(&stage, None, "outer");
        let file = file_in(&stage, Some(outer), "file", b"1");
        let trashed = trash(&stage, outer);
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let back = ChangeTrashed::new(operation_id(), trashed.place_version);
        let (gone, back) = order.run(
            legs.delete(&stage.ann, THEN, outer, deletion(&trashed), &BOUNDS),
            legs.restore(&stage.ann, THEN, outer, back),
        );
        match back {
            Ok(_) => {
                restored += 1;
                let refused = gone.unwrap_err().into_problem();
                assert_eq!(refused, Problem::NotInTrash);
                assert_eq!(stage.server.content(&stage.ann, file, None).unwrap(), b"1");
            }
            Err(refused) => {
                deleted += 1;
                assert_eq!(refused.into_problem(), Problem::NoSuchItem);
                assert!(gone.unwrap().done);
                assert_eq!(stage.server.space(&stage.ann).unwrap().used_bytes, 0);
            }
        }
        stage.is_sound();
    });
    assert!(restored > 0 && deleted > 0, "{restored} {deleted}");
}

/// Either the conflict is kept, and then it speaks against the deletion, or its client
/// is told that the file is gone, and makes a file of it.
#[test]
fn a_conflict_that_is_kept_meanwhile_is_not_lost() {
    let (mut kept, mut deleted) = (0, 0);
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let file = file_in(&stage, None, "file", b"1");
        stage.store(&[b"2", b"mine"]);
        let (server, ann) = (&stage.server, &stage.ann);
        server.commit(ann, THEN, file, commit_of(1, b"2")).unwrap();
        let trashed = trash(&stage, file);
        let new = NewConflict {
            operation_id: operation_id(),
            id: conflict_id(),
            base_version: 1,
            content: manifest(b"mine"),
        };
        let id = new.id;
        let in_turns = InTurns::of(server);
        let legs = in_turns.legs();
        let (gone, conflict) = order.run(
            legs.delete(ann, THEN, file, deletion(&trashed), &BOUNDS),
            legs.keep_conflict(ann, THEN, file, new),
        );
        match conflict {
            Ok(_) => {
                kept += 1;
                let refused = gone.unwrap_err().into_problem();
                assert_eq!(refused, Problem::OpenConflicts { count: 1 });
                assert_eq!(server.conflict_content(ann, id).unwrap(), b"mine");
            }
            Err(refused) => {
                deleted += 1;
                assert_eq!(refused.into_problem(), Problem::NoSuchItem);
                assert!(gone.unwrap().done);
            }
        }
        stage.is_sound();
    });
    assert!(kept > 0 && deleted > 0, "{kept} {deleted}");
}

/// A copy of a version that is deleted meanwhile has all of it, or is told that its base
/// is gone.
#[test]
fn a_copy_of_what_is_deleted_is_whole() {
    let (mut copied, mut refusals) = (0, 0);
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let file = file_in(&stage, None, "file", b"1");
        let trashed = trash(&stage, file);
        let base = Base {
            item: file,
            version: 1,
        };
        let content = manifest(b"1");
        let spliced = Content::Spliced(Spliced::of(&content, base, &content.blocks));
        let copy = new_file(None, "copy", None).with_content(Some(spliced));
        let id = copy.id;
        let (server, ann) = (&stage.server, &stage.ann);
        let in_turns = InTurns::of(server);
        let legs = in_turns.legs();
        let (gone, made) = order.run(
            legs.delete(ann, THEN, file, deletion(&trashed), &BOUNDS),
            legs.create_file(ann, THEN, copy),
        );
        assert!(gone.unwrap().done);
        match made {
            Ok(_) => {
                copied += 1;
                assert_eq!(server.content(ann, id, None).unwrap(), b"1");
            }
            Err(refused) => {
                refusals += 1;
                assert_eq!(refused.into_problem(), Problem::NoSuchBase);
            }
        }
        stage.is_sound();
    });
    assert!(copied > 0 && refusals > 0, "{copied} {refusals}");
}

/// Two devices empty the trash at once, and nothing is counted out twice.
#[test]
fn two_who_empty_the_trash_are_as_one() {
    let mut stage = Stage::new();
    let few = DeletionBounds {
        items_per_step: 7,
        rows_per_step: 1,
        steps: 2,
    };
    every_order(|order| {
        stage.reset();
        for n in 1..=2 {
            let file = file_in(&stage, None, &n.to_string(), &[n]);
            trash(&stage, file);
        }
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let (first, second) = order.run(
            legs.empty_trash(&stage.ann, THEN, emptying(), &few),
            legs.empty_trash(&stage.ann, THEN, emptying(), &few),
        );
        let deleted = first.unwrap().deleted + second.unwrap().deleted;
        assert_eq!(deleted, 2);
        stage.is_sound();
        stage.collect(LATE);
        assert_eq!(stage.server.space(&stage.ann).unwrap().used_bytes, 0);
        stage.is_sound();
    });
}

/// Cut off at each of its calls, before and after the call did its work: the same
/// request goes on, and if nobody sends it, the collector does.
#[test]
fn a_deletion_may_be_cut_off_anywhere() {
    let mut cuts = 0;
    for (lapse, is_sent_again) in [
        (Unreached, true),
        (Unreached, false),
        (AnswerLost, true),
        (AnswerLost, false),
    ] {
        for at in 0.. {
            let stage = Stage::new();
            let (server, ann) = (&stage.server, &stage.ann);
            let outer = folder(&stage, None, "outer");
            for n in 1..=4 {
                file_in(&stage, Some(outer), &n.to_string(), &[n]);
            }
            let trashed = trash(&stage, outer);
            let request = deletion(&trashed);
            // Its calls go wrong from one on, as those of an isolate that ends.
            let lapses = (0..at).map(|_| None).chain([Some(lapse)]);
            server
                .db
                .lapses
                .plan(lapses.chain((0..40).map(|_| Some(Unreached))));
            let ended = server.delete(ann, THEN, outer, request, &BOUNDS);
            server.db.lapses.clear();
            if ended.is_ok() {
                break;
            }
            cuts += 1;
            assert_eq!(faults(server), Vec::<String>::new());
            if is_sent_again {
                let again = server.delete(ann, THEN, outer, request, &BOUNDS).unwrap();
                assert!(again.done, "{lapse:?} at call {at}");
                assert_eq!(server.space(ann).unwrap().used_bytes, 0);
            }
            let is_gone = server.item(ann, outer).is_err();
            server.collect(LATE, &COLLECTED).unwrap();
            let used = server.space(ann).unwrap().used_bytes;
            assert_eq!(used == 0, is_gone, "{lapse:?} at call {at}");
            stage.collect(GONE);
            assert_eq!(server.packs.is_empty(), is_gone);
            stage.is_sound();
        }
    }
    assert!(cuts >= 12, "{cuts}");
}

/// What is no list's any more makes room at once, also for its own bytes.
#[test]
fn a_full_drive_takes_as_much_again_once_its_trash_is_empty() {
    let stage = Stage::new();
    let mut ann = stage.ann.clone();
    ann.space = stage.server.new_space(4_500);
    let stage = Stage { ann, ..stage };
    let (server, ann) = (&stage.server, &stage.ann);
    let file = file_in(&stage, None, "film", &[1; 2_500]);
    let refused = server.store_blocks(ann, THEN, frames(&[&[2; 2_500]]));
    let Err(Problem::QuotaExceeded { trash_bytes, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(trash_bytes, Some(0));
    trash(&stage, file);
    let refused = server.store_blocks(ann, THEN, frames(&[&[2; 2_500]]));
    let Err(Problem::QuotaExceeded { trash_bytes, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(trash_bytes, Some(2_500));
    assert!(empty(&stage).unwrap().done);
    let next = file_in(&stage, None, "next film", &[2; 2_500]);
    assert_eq!(server.content(ann, next, None).unwrap(), [2; 2_500]);
    assert!(
        server.block(ann, BlockHash::of(&[1; 2_500])).is_err(),
        "it made room"
    );
    stage.is_sound();
}
