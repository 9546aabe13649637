//! Errors change nothing: no row and no object is left of a request that is refused.

use crate::stage::{Stage, THEN};
use blocks::frame::Codec;
use blocks::hash::BlockHash;
use driftless_tests::client::{
    change_trashed, commit_of, conflict_id, framed, frames, item_id, manifest, new_file,
    operation_id,
};
use protocol::conflicts::{Choice, NewConflict, Resolve};
use protocol::content::{Base, Content, Splice, Spliced};
use protocol::files::{Commit, NewFile};
use protocol::ids::ItemId;
use protocol::problem::Problem;

struct Refusals {
    stage: Stage,
    before: (Vec<i64>, Vec<String>),
}

impl Refusals {
    fn of(stage: Stage) -> Self {
        let before = everything(&stage);
        Self { stage, before }
    }

    /// What was asked is refused with this code, and leaves nothing.
    fn leaves_nothing<T: std::fmt::Debug>(&self, code: &str, end: Result<T, Problem>) {
        let refused = end.expect_err(code);
        let json = serde_json::to_value(&refused).unwrap();
        assert_eq!(json["code"], code, "{refused:?}");
        assert_eq!(everything(&self.stage), self.before, "{code}");
        self.stage.is_sound();
    }

    fn create(&self, code: &str, file: impl Into<NewFile<Content>>, carried: Vec<u8>) {
        let Stage { server, ann } = &self.stage;
        let end = server.create_file_carrying(ann, THEN, file.into(), carried);
        self.leaves_nothing(code, end);
    }

    fn commit(&self, code: &str, file: ItemId, commit: Commit<Content>, carried: Vec<u8>) {
        let Stage { server, ann } = &self.stage;
        let end = server.commit_carrying(ann, THEN, file, commit, carried);
        self.leaves_nothing(code, end);
    }
}

fn everything(stage: &Stage) -> (Vec<i64>, Vec<String>) {
    (stage.rows(), stage.server.packs.keys())
}

fn trash(stage: &Stage, file: ItemId) {
    let item = stage.server.item(&stage.ann, file).unwrap();
    let change = change_trashed(&item);
    stage.server.trash(&stage.ann, THEN, file, change).unwrap();
}

#[test]
fn nothing_is_left_of_a_refused_change_that_carried_its_blocks() {
    let stage = Stage::new();
    let file = stage.file("file", b"first");
    stage.store(&[b"second"]);
    let next = commit_of(1, b"second");
    stage.server.commit(&stage.ann, THEN, file, next).unwrap();
    let gone = stage.file("gone", b"gone");
    trash(&stage, gone);
    let all = Refusals::of(stage);
    let new = |name: &str, bytes: &[u8]| new_file(None, name, Some(manifest(bytes)));
    let body = || frames(&[b"carried"]);

    let mut taken = new("another", b"carried");
    taken.id = file;
    all.create("id_taken", taken, body());
    all.create("name_taken", new("FILE", b"carried"), body());
    let mut nowhere = new("nowhere", b"carried");
    nowhere.parent = Some(item_id());
    all.create("no_such_item", nowhere.clone(), body());
    nowhere.parent = Some(file);
    all.create("not_a_folder", nowhere, body());
    let mut odd = new("odd", b"carried");
    if let Some(content) = &mut odd.content {
        content.size += 1;
    }
    all.create("bad_manifest", odd, body());
    let mut longer = new("longer", b"carried");
    if let Some(content) = &mut longer.content {
        content.size += 1;
        content.blocks[0].length += 1;
    }
    all.create("bad_manifest", longer, body());
    let base = Base {
        item: item_id(),
        version: 1,
    };
    let splices = vec![Splice {
        at: 0,
        remove: 0,
        insert: Vec::new(),
        carried: 1,
    }];
    let unknown = Content::Spliced(Spliced {
        size: 7,
        size_class: manifest(b"").size_class,
        modified_at_ms: 1.into(),
        base,
        splices: splices.clone(),
    });
    let copy = new("copy", b"").with_content(Some(unknown));
    all.create("no_such_base", copy, body());

    let commit = |base| Commit::from(commit_of(base, b"carried"));
    all.commit("version_conflict", file, commit(1), body());
    all.commit("no_such_item", item_id(), commit(1), body());
    all.commit("in_trash", gone, commit(1), body());
    // Some of it is stored already and stays.
    let both = frames(&[b"first", b"carried"]);
    all.commit("version_conflict", file, commit(1), both);
    let claimed = BlockHash::of(b"carried");
    let wrong = framed(Codec::Plain, claimed, b"damaged");
    all.commit("hash_mismatch", file, commit(2), wrong);
    let torn = body()[..20].to_vec();
    all.commit("bad_frames", file, commit(2), torn);
    let one =
        stage_of(&all)
            .server
            .commit_carrying(&stage_of(&all).ann, THEN, file, commit(2), body());
    assert_eq!(
        one.unwrap().item.version(),
        3,
        "and without a fault it goes through"
    );
}

fn stage_of(all: &Refusals) -> &Stage {
    &all.stage
}

/// Only where more is to follow is what came kept.
#[test]
fn what_is_carried_stays_if_more_of_it_is_missing() {
    let stage = Stage::new();
    let file = stage.file("file", b"first");
    let mut commit = commit_of(1, b"carried");
    let other = manifest(b"not sent");
    commit.content.size += other.size;
    commit.content.blocks.extend(other.blocks);
    let carried = frames(&[b"carried"]);
    let refused = stage
        .server
        .commit_carrying(&stage.ann, THEN, file, commit.into(), carried);
    assert!(matches!(refused, Err(Problem::BlocksMissing { .. })));
    assert!(stage.has(b"carried"));
    assert_eq!(stage.server.space(&stage.ann).unwrap().used_bytes, {
        let kept = Stage::new();
        kept.file("file", b"first");
        kept.server.space(&kept.ann).unwrap().used_bytes
    });
    stage.is_sound();
}

#[test]
fn nothing_is_left_of_other_refusals() {
    let mut stage = Stage::new();
    stage.ann.space = stage.server.new_space(4_000);
    let file = stage.file("file", b"first");
    stage.store(&[b"second", b"stored"]);
    let Stage { server, ann } = &stage;
    server
        .commit(ann, THEN, file, commit_of(1, b"second"))
        .unwrap();
    let all = Refusals::of(stage);
    let Stage { server, ann } = &all.stage;
    // An upload.
    let claimed = BlockHash::of(b"carried");
    let wrong = framed(Codec::Plain, claimed, b"damaged");
    let both = [frames(&[b"good"]), wrong].concat();
    all.leaves_nothing("hash_mismatch", server.store_blocks(ann, THEN, both));
    let large = frames(&[&[7; 4_000]]);
    all.leaves_nothing(
        "quota_exceeded",
        server.store_blocks(ann, THEN, large.clone()),
    );
    // A change that carries what does not fit.
    let file_of = new_file(None, "large", Some(manifest(&[7; 4_000])));
    all.create("quota_exceeded", file_of.clone(), large);
    all.leaves_nothing("quota_exceeded", server.create_file(ann, THEN, file_of));
    // A conflict and its resolution.
    let conflict = |base_version, bytes: &[u8]| NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version,
        content: manifest(bytes),
    };
    let keep = |new| server.keep_conflict(ann, THEN, file, new);
    all.leaves_nothing("bad_request", keep(conflict(2, b"stored")));
    all.leaves_nothing("blocks_missing", keep(conflict(1, b"missing")));
    all.leaves_nothing("quota_exceeded", keep(conflict(1, &[8; 4_000])));
    let kept = keep(conflict(1, b"stored")).unwrap();
    let all = Refusals::of(all.stage);
    let Stage { server, ann } = &all.stage;
    let merged = |seen_version, bytes: &[u8]| Resolve {
        operation_id: operation_id(),
        seen_version,
        choice: Choice::Merged {
            content: manifest(bytes).into(),
        },
    };
    let resolve = |request| server.resolve(ann, THEN, kept.id, request);
    all.leaves_nothing("version_conflict", resolve(merged(1, b"first")));
    all.leaves_nothing("blocks_missing", resolve(merged(2, b"missing")));
    all.leaves_nothing("quota_exceeded", resolve(merged(2, &[8; 4_000])));
}
