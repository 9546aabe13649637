//! 1. a content's forms are one: whole, or as splices of any version of the space
//! 2. what does not fit is refused, and changes nothing
//! 3. a request carries the blocks that it needs, and is one with them

use crate::client::{
    commit_of, content, framed, frames, manifest, new_file, operation_id, patched,
};
use crate::drive::{Drive, Site, new_conflict, proposal};
use crate::random;
use crate::tree::Tree;
use blocks::frame::{Codec, Frame, parse, patch_payload};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::patch::{Patch, encode};
use protocol::content::{Base, Content, Splice, Spliced, spliced};
use protocol::files::Commit;
use protocol::ids::{ItemId, Version};
use protocol::problem::Problem;

/// Blocks of a file and its next version, which has one other block in its
/// middle, as few bytes as blocks can have.
struct Edited {
    old: Vec<Vec<u8>>,
    new: Vec<Vec<u8>>,
}

impl Edited {
    fn of(blocks: u64) -> Self {
        let old: Vec<Vec<u8>> = (0..blocks).map(|n| random::bytes(n + 1, 40)).collect();
        let mut new = old.clone();
        new[old.len() / 2] = random::bytes(blocks + 9, 50);
        Self { old, new }
    }

    fn new_block(&self) -> &[u8] {
        &self.new[self.new.len() / 2]
    }
}

fn slices(blocks: &[Vec<u8>]) -> Vec<&[u8]> {
    blocks.iter().map(Vec::as_slice).collect()
}

/// A file of these blocks.
fn stored(drive: &impl Drive, name: &str, blocks: &[Vec<u8>]) -> ItemId {
    drive.store(&slices(blocks)).unwrap();
    let file = new_file(None, name, Some(content(blocks)));
    drive.create_file(&file).unwrap().item.id
}

fn commit(base_version: Version, content: impl Into<Content>) -> Commit<Content> {
    Commit {
        operation_id: operation_id(),
        base_version,
        content: content.into(),
    }
}

/// The new content as splices of the old one, which is this version.
fn splices(edited: &Edited, item: ItemId, version: Version) -> Content {
    let base = Base { item, version };
    let (old, new) = (content(&edited.old), content(&edited.new));
    Content::Spliced(Spliced::of(&new, base, &old.blocks))
}

fn state(drive: &impl Drive) -> (Tree, u64) {
    (Tree::of(drive).unwrap(), drive.used())
}

pub fn an_edit_is_told_by_its_splices(site: &impl Site) {
    let ann = site.person();
    let edited = Edited::of(400);
    let file = stored(&ann, "file", &edited.old);
    ann.store(&[edited.new_block()]).unwrap();
    let commit = commit(1, splices(&edited, file, 1));
    let json = serde_json::to_string(&commit).unwrap();
    assert!(json.len() < 500, "{json}");
    let changed = ann.send_commit(file, &commit).unwrap();
    assert_eq!(changed.item.version(), 2);
    assert_eq!(ann.content(file, None).unwrap(), edited.new.concat());
    let list = ann.manifest(file, 2).unwrap();
    assert_eq!(list.blocks, content(&edited.new).blocks);
    assert_eq!(list.size, content(&edited.new).size);
}

pub fn both_forms_are_one_operation(site: &impl Site) {
    let ann = site.person();
    let edited = Edited::of(6);
    let file = stored(&ann, "file", &edited.old);
    ann.store(&[edited.new_block()]).unwrap();
    for round in 0..2 {
        let base = 1 + 2 * round;
        let forms = [splices(&edited, file, 1), content(&edited.new).into()];
        let first = commit(base, forms[round as usize].clone());
        let changed = ann.send_commit(file, &first).unwrap();
        let second = first.with_content(forms[1 - round as usize].clone());
        assert_eq!(ann.send_commit(file, &second).unwrap(), changed);
        // Also when the head has moved on.
        let back = commit(base + 1, content(&edited.old));
        ann.send_commit(file, &back).unwrap();
        let before = state(&ann);
        assert_eq!(ann.send_commit(file, &second).unwrap(), changed);
        assert_eq!(state(&ann), before);
        // Another content is another operation.
        let other = second.with_content(content(&edited.old).into());
        let refused = ann.send_commit(file, &other).unwrap_err();
        assert_eq!(refused, Problem::OperationReused);
    }
}

/// New files and conflicts have the same forms; without splices they are copies.
pub fn a_copy_costs_a_few_bytes(site: &impl Site) {
    let ann = site.person();
    let edited = Edited::of(300);
    let file = stored(&ann, "file", &edited.old);
    let used = ann.used();
    let base = Base {
        item: file,
        version: 1,
    };
    let old = content(&edited.old);
    let same = Content::Spliced(Spliced::of(&old, base, &old.blocks));
    let copy = new_file(None, "file (copy)", None).with_content(Some(same.clone()));
    assert!(serde_json::to_vec(&copy).unwrap().len() < 500);
    let made = ann.send_new_file(&copy).unwrap();
    assert_eq!(ann.used(), used);
    let bytes = edited.old.concat();
    assert_eq!(ann.content(made.item.id, None).unwrap(), bytes);
    // The whole list is the same operation.
    let whole = copy.with_content(Some(old.clone().into()));
    assert_eq!(ann.send_new_file(&whole).unwrap(), made);

    ann.put_version(file, 1, b"second").unwrap();
    let kept = new_conflict(b"").with_content(same);
    let conflict = ann.send_conflict(file, &kept).unwrap();
    assert_eq!(ann.conflict_content(conflict.id).unwrap(), bytes);
    let whole = kept.with_content(old.into());
    assert_eq!(ann.send_conflict(file, &whole).unwrap(), conflict);
}

pub fn an_unknown_base_is_refused(site: &impl Site) {
    let (ann, bob) = (site.person(), site.person());
    let edited = Edited::of(6);
    let file = stored(&ann, "file", &edited.old);
    let bobs = stored(&bob, "file", &edited.old);
    let folder = ann.new_folder(None, "folder").unwrap().item.id;
    ann.store(&[edited.new_block()]).unwrap();
    let before = state(&ann);
    let nothing = ItemId::from_random(random::id_bytes());
    for (item, version) in [(file, 0), (file, 2), (bobs, 1), (folder, 1), (nothing, 1)] {
        let commit = commit(1, splices(&edited, item, version));
        let refused = ann.send_commit(file, &commit).unwrap_err();
        assert_eq!(refused, Problem::NoSuchBase, "{item} {version}");
        let refused =
            ann.send_new_file(&new_file(None, "new", None).with_content(Some(commit.content)));
        assert_eq!(
            refused.unwrap_err(),
            Problem::NoSuchBase,
            "{item} {version}"
        );
    }
    assert_eq!(state(&ann), before);
    // Whatever else speaks against it is told once it can be read.
    let commit = commit(1, splices(&edited, file, 1));
    let refused = ann.send_commit(folder, &commit).unwrap_err();
    assert_eq!(refused, Problem::NotAFile);
}

pub fn splices_that_do_not_fit_are_refused(site: &impl Site) {
    let ann = site.person();
    let edited = Edited::of(6);
    let file = stored(&ann, "file", &edited.old);
    ann.store(&[edited.new_block()]).unwrap();
    let before = state(&ann);
    let Content::Spliced(good) = splices(&edited, file, 1) else {
        panic!("splices");
    };
    let splice = |at, remove| Splice {
        at,
        remove,
        ..Splice::default()
    };
    for splices in [
        vec![splice(7, 0)],
        vec![splice(6, 1)],
        vec![splice(0, 7)],
        vec![splice(0, u32::MAX)],
        vec![splice(u32::MAX, 1)],
        vec![splice(2, 1), splice(1, 1)],
        vec![splice(2, 2), splice(3, 1)],
        // They fit, and the size does not.
        vec![splice(0, 1)],
    ] {
        let bad = Spliced {
            splices: splices.clone(),
            ..good.clone()
        };
        let commit = commit(1, Content::Spliced(bad));
        let refused = ann.send_commit(file, &commit).unwrap_err();
        let is_bad = matches!(refused, Problem::BadManifest { .. });
        assert!(is_bad, "{splices:?}: {refused:?}");
    }
    assert_eq!(state(&ann), before);
}

pub fn a_list_comes_as_splices_since_another(site: &impl Site) {
    let ann = site.person();
    let edited = Edited::of(400);
    let file = stored(&ann, "file", &edited.old);
    ann.store(&[edited.new_block()]).unwrap();
    ann.send_commit(file, &commit(1, content(&edited.new)))
        .unwrap();
    let lists = [&edited.old, &edited.new].map(|blocks| content(blocks).blocks);
    let other = stored(&ann, "other", &edited.old);
    for (version, item, since) in [
        (2, file, 1),
        (1, file, 2),
        (2, file, 2),
        (2, other, 1),
        (1, other, 1),
    ] {
        let base = Base {
            item,
            version: since,
        };
        let answer = ann.manifest_since(file, version, base).unwrap();
        assert_eq!((answer.version, answer.since), (version, since));
        assert_eq!(answer.of, (item != file).then_some(item));
        let [old, new] = [since, version].map(|version| &lists[version as usize - 1]);
        assert_eq!(&spliced(old, &answer.splices).unwrap(), new);
        assert_eq!(answer.splices.len(), usize::from(version != since));
        assert_eq!(
            answer.size,
            new.iter().map(|b| u64::from(b.length)).sum::<u64>()
        );
    }
    let bobs = stored(&site.person(), "file", &edited.old);
    let folder = ann.new_folder(None, "folder").unwrap().item.id;
    for (version, item, since, expected) in [
        (3, file, 1, Problem::NoSuchVersion),
        (0, file, 1, Problem::NoSuchVersion),
        (1, file, 3, Problem::NoSuchBase),
        (1, file, 0, Problem::NoSuchBase),
        (1, other, 2, Problem::NoSuchBase),
        (1, folder, 1, Problem::NoSuchBase),
        (1, bobs, 1, Problem::NoSuchBase),
    ] {
        let base = Base {
            item,
            version: since,
        };
        let refused = ann.manifest_since(file, version, base).unwrap_err();
        assert_eq!(refused, expected, "{version} {item} {since}");
    }
}

pub fn a_commit_carries_its_blocks(site: &impl Site) {
    let ann = site.person();
    let edited = Edited::of(400);
    let file = stored(&ann, "file", &edited.old);
    let commit = commit(1, splices(&edited, file, 1));
    let carried = frames(&[edited.new_block()]);
    let changed = ann.carry_commit(file, &commit, &carried).unwrap();
    assert_eq!(changed.item.version(), 2);
    assert_eq!(ann.content(file, None).unwrap(), edited.new.concat());
    let before = state(&ann);
    // With blocks or without: the same operation.
    assert_eq!(ann.carry_commit(file, &commit, &carried).unwrap(), changed);
    assert_eq!(ann.carry_commit(file, &commit, &[]).unwrap(), changed);
    assert_eq!(ann.send_commit(file, &commit).unwrap(), changed);
    assert_eq!(state(&ann), before);
}

/// A block that travels along is named by its frame.
pub fn carried_blocks_need_no_names(site: &impl Site) {
    let ann = site.person();
    let edited = Edited::of(400);
    let file = stored(&ann, "file", &edited.old);
    let carried = frames(&[edited.new_block()]);
    let blocks: Vec<BlockRef> = parse(&carried).unwrap().iter().map(Frame::block).collect();
    let named = commit(1, splices(&edited, file, 1));
    let Content::Spliced(content) = named.content.clone() else {
        panic!("splices");
    };
    let unnamed = named
        .clone()
        .with_content(Content::Spliced(content.leave_out(&blocks)));
    let json = serde_json::to_string(&unnamed).unwrap();
    assert!(!json.contains(&blocks[0].hash.to_string()), "{json}");

    let before = state(&ann);
    let is_bad = |refused: Problem| matches!(refused, Problem::BadManifest { .. });
    assert!(is_bad(ann.send_commit(file, &unnamed).unwrap_err()));
    assert!(is_bad(ann.carry_commit(file, &unnamed, &[]).unwrap_err()));
    let new = new_file(None, "new", None).with_content(Some(unnamed.content.clone()));
    assert!(is_bad(ann.send_new_file(&new).unwrap_err()));
    let kept = new_conflict(b"").with_content(unnamed.content.clone());
    assert!(is_bad(ann.send_conflict(file, &kept).unwrap_err()));
    assert_eq!(state(&ann), before);

    let changed = ann.carry_commit(file, &unnamed, &carried).unwrap();
    assert_eq!(changed.item.version(), 2);
    assert_eq!(ann.content(file, None).unwrap(), edited.new.concat());
    // With names or without: the same operation.
    assert_eq!(ann.carry_commit(file, &unnamed, &carried).unwrap(), changed);
    assert_eq!(ann.send_commit(file, &named).unwrap(), changed);
    let made = ann.carry_new_file(&new, &carried).unwrap();
    assert_eq!(
        ann.content(made.item.id, None).unwrap(),
        edited.new.concat()
    );
}

pub fn a_new_file_carries_its_blocks(site: &impl Site) {
    let ann = site.person();
    let bytes = b"small and new";
    let file = new_file(None, "file", Some(manifest(bytes)));
    let made = ann
        .carry_new_file(&file.clone().into(), &frames(&[bytes]))
        .unwrap();
    assert_eq!(ann.content(made.item.id, None).unwrap(), bytes);
    assert_eq!(ann.create_file(&file).unwrap(), made);
}

/// What came is stored where only more of it is missing.
pub fn what_is_carried_stays_when_more_is_missing(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"old").unwrap().item.id;
    let blocks = [b"first new".to_vec(), b"second new".to_vec()];
    let commit = commit(1, content(&blocks));
    let refused = ann.carry_commit(file, &commit, &frames(&[&blocks[0]]));
    let missing_blocks = vec![BlockHash::of(&blocks[1])];
    assert_eq!(
        refused.unwrap_err(),
        Problem::BlocksMissing { missing_blocks }
    );
    assert_eq!(ann.content(file, None).unwrap(), b"old");
    assert_eq!(ann.block(BlockHash::of(&blocks[0])).unwrap(), blocks[0]);
    let changed = ann
        .carry_commit(file, &commit, &frames(&[&blocks[1]]))
        .unwrap();
    assert_eq!(changed.item.version(), 2);
    assert_eq!(ann.content(file, None).unwrap(), blocks.concat());

    // A commit that came second is refused whole: its bytes are sent to be kept.
    let before = state(&ann);
    let second = commit_of(1, b"came second");
    let refused = ann.carry_commit(file, &second.clone().into(), &frames(&[b"came second"]));
    assert!(matches!(refused, Err(Problem::VersionConflict { .. })));
    assert_eq!(state(&ann), before);
    ann.store(&[b"came second"]).unwrap();
    ann.keep_conflict(file, &new_conflict(b"came second"))
        .unwrap();
    assert!(
        ann.propose(file, &proposal(2, vec![second.content.blocks[0].hash]))
            .unwrap()
            .missing_blocks
            .is_empty()
    );
}

pub fn what_is_carried_is_checked_first(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"old bytes").unwrap().item.id;
    let commit: Commit<Content> = commit_of(1, b"new bytes").into();
    let before = state(&ann);
    let claimed = BlockHash::of(b"new bytes");
    let wrong = framed(Codec::Plain, claimed, b"bad bytes");
    let refused = ann.carry_commit(file, &commit, &wrong).unwrap_err();
    assert!(matches!(refused, Problem::HashMismatch { .. }));
    let torn = &frames(&[b"new bytes"])[..45];
    let refused = ann.carry_commit(file, &commit, torn).unwrap_err();
    assert!(matches!(refused, Problem::BadFrames { .. }));
    let patch = Patch {
        bases: vec![BlockHash::of(b"no such base")],
        delta: encode(b"no such base", b"new bytes"),
    };
    let patch = framed(Codec::Patch, claimed, &patch_payload(9, &patch));
    let refused = ann.carry_commit(file, &commit, &patch).unwrap_err();
    assert!(matches!(refused, Problem::PatchRefused { block, .. } if block == claimed));
    assert_eq!(state(&ann), before);
    // A patch that comes out is as good as the block.
    let patch = patched(&[b"old bytes"], b"new bytes");
    let changed = ann.carry_commit(file, &commit, &patch).unwrap();
    assert_eq!(changed.item.version(), 2);
    assert_eq!(ann.content(file, None).unwrap(), b"new bytes");
}
