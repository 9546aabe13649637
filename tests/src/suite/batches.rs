//! New files, many in one request:
//!
//! 1. all are made, in their order, each with an entry in the journal
//! 2. one that is refused refuses no other
//! 3. a name, an id or an operation that two of them want is given to the first
//! 4. each is an operation of its own, also when it comes in another request
//! 5. their contents are whole, or splices of other lists, also of each other's

use crate::client::{MODIFIED_AT, manifest, new_file, operation_id};
use crate::drive::{Answered, Drive, Site};
use crate::tree::Tree;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use protocol::changes::Change;
use protocol::content::{Base, Content, Splice, Spliced};
use protocol::files::NewFile;
use protocol::ids::ItemId;
use protocol::items::{Item, ItemChanged};
use protocol::limits::{MAX_BATCH_BLOCKS, MAX_BATCH_FILES};
use protocol::problem::Problem;

/// Files `name-0`, `name-1`… with contents of their own, whose blocks are stored
/// in one request.
fn stored(drive: &impl Drive, parent: Option<ItemId>, count: usize) -> Vec<(NewFile, Vec<u8>)> {
    let contents: Vec<Vec<u8>> = (0..count)
        .map(|n| format!("content {n} of {parent:?}").into_bytes())
        .collect();
    let blocks: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    drive.store(&blocks).unwrap();
    let files = contents.into_iter().enumerate().map(|(n, bytes)| {
        let file = new_file(parent, &format!("name-{n}"), Some(manifest(&bytes)));
        (file, bytes)
    });
    files.collect()
}

fn files(of: &[(NewFile, Vec<u8>)]) -> Vec<NewFile> {
    of.iter().map(|(file, _)| file.clone()).collect()
}

fn made(ends: Vec<Answered<ItemChanged>>) -> Vec<ItemChanged> {
    ends.into_iter().map(Result::unwrap).collect()
}

pub fn files_of_one_request_are_made_in_their_order(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap();
    let mut all = stored(&ann, Some(folder.item.id), MAX_BATCH_FILES - 1);
    all.push((new_file(None, "empty", None), Vec::new()));
    let changed = made(ann.create_files(&files(&all)).unwrap());
    assert_eq!(changed.len(), all.len());
    for (n, (changed, (file, bytes))) in changed.iter().zip(&all).enumerate() {
        assert_eq!(changed.seq, folder.seq + 1 + n as u64);
        assert_eq!(changed.item.id, file.id);
        assert_eq!(changed.item, ann.item(file.id).unwrap());
        assert_eq!(&ann.content(file.id, None).unwrap(), bytes);
    }
    let tree = Tree::of(&ann).unwrap();
    assert_eq!(tree.items.len(), all.len() + 1);
    for changed in changed {
        assert_eq!(tree.items[&changed.item.id], changed.item);
    }
}

pub fn each_file_of_a_request_is_decided_on_by_itself(site: &impl Site) {
    let ann = site.person();
    let bob = site.second_device(&ann, "second");
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let trashed = ann.new_folder(None, "trashed").unwrap().item;
    ann.put_in_trash(&trashed).unwrap();
    let taken = ann.new_empty_file(Some(folder.id), "Taken").unwrap().item;
    let mut wanted = files(&stored(&ann, Some(folder.id), 3));
    let mut told = Tree::of(&bob).unwrap();

    let nowhere = new_file(Some(ItemId::from_random([9; 16])), "nowhere", None);
    let unstored = manifest(b"nobody has stored this");
    let missing = unstored.blocks[0].hash;
    let mut wrong = manifest(b"content 0");
    wrong.size += 1;
    let same_id = NewFile {
        id: taken.id,
        ..new_file(None, "same id", None)
    };
    wanted.insert(0, new_file(Some(folder.id), "tAKEN", None));
    wanted.insert(2, nowhere);
    wanted.insert(3, new_file(Some(taken.id), "below a file", None));
    wanted.push(new_file(Some(trashed.id), "in the trash", None));
    wanted.push(new_file(None, "unstored", Some(unstored)));
    wanted.push(new_file(None, "contradicts itself", Some(wrong)));
    wanted.push(same_id);

    let ends = ann.create_files(&wanted).unwrap();
    let refused: Vec<Option<Problem>> = ends.iter().map(|end| end.clone().err()).collect();
    let bad = |problem: &Option<Problem>| matches!(problem, Some(Problem::BadManifest { .. }));
    assert_eq!(refused[0], Some(Problem::NameTaken { item: taken.id }));
    assert_eq!(refused[1], None);
    assert_eq!(refused[2], Some(Problem::NoSuchItem));
    assert_eq!(refused[3], Some(Problem::NotAFolder));
    assert_eq!(refused[4..6], [None, None]);
    assert_eq!(refused[6], Some(Problem::InTrash));
    let missing_blocks = vec![missing];
    assert_eq!(refused[7], Some(Problem::BlocksMissing { missing_blocks }));
    assert!(bad(&refused[8]), "{:?}", refused[8]);
    assert_eq!(refused[9], Some(Problem::IdTaken));

    // Nobody is told of anything else.
    let changes = told.pull(&bob, None).unwrap().changes;
    let told: Vec<ItemId> = changes.iter().filter_map(item_of).collect();
    assert_eq!(told, [wanted[1].id, wanted[4].id, wanted[5].id]);
}

fn item_of(change: &Change) -> Option<ItemId> {
    match change {
        Change::Item { item } => Some(item.id),
        _ => None,
    }
}

pub fn what_one_file_takes_another_does_not_get(site: &impl Site) {
    let ann = site.person();
    let first = new_file(None, "Name", None);
    let same_name = new_file(None, "nAME", None);
    let same_id = NewFile {
        id: first.id,
        ..new_file(None, "another", None)
    };
    let same_operation = NewFile {
        operation_id: first.operation_id,
        ..new_file(None, "a third", None)
    };
    let elsewhere = new_file(None, "elsewhere", None);
    let wanted = [
        first.clone(),
        same_name,
        same_id,
        same_operation,
        first.clone(),
        elsewhere.clone(),
    ];
    let ends = ann.create_files(&wanted).unwrap();
    assert_eq!(ends[0].as_ref().unwrap().item.id, first.id);
    let item = first.id;
    assert_eq!(ends[1], Err(Problem::NameTaken { item }));
    assert_eq!(ends[2], Err(Problem::IdTaken));
    assert_eq!(ends[3], Err(Problem::OperationReused));
    assert_eq!(ends[4], ends[0]);
    assert_eq!(ends[5].as_ref().unwrap().item.id, elsewhere.id);
    assert_eq!(Tree::of(&ann).unwrap().items.len(), 2);
}

pub fn a_repeated_batch_makes_nothing_twice(site: &impl Site) {
    let ann = site.person();
    let mut wanted = files(&stored(&ann, None, 5));
    wanted.insert(2, new_file(Some(wanted[0].id), "below a file", None));
    let first = ann.create_files(&wanted).unwrap();
    let state = || (Tree::of(&ann).unwrap(), ann.space().unwrap());
    let before = state();
    assert_eq!(first[2], Err(Problem::NotAFolder));
    assert_eq!(ann.create_files(&wanted).unwrap(), first);
    assert_eq!(state(), before);
}

pub fn a_batch_and_single_requests_are_the_same_operations(site: &impl Site) {
    let ann = site.person();
    let wanted = files(&stored(&ann, None, 4));
    let alone = ann.create_file(&wanted[1]).unwrap();
    let ends = made(ann.create_files(&wanted).unwrap());
    assert_eq!(ends[1], alone);
    for (file, end) in wanted.iter().zip(&ends) {
        assert_eq!(&ann.create_file(file).unwrap(), end);
    }
    let reused = NewFile {
        operation_id: wanted[3].operation_id,
        ..new_file(None, "another", None)
    };
    let ends = ann.create_files(&[reused]).unwrap();
    assert_eq!(ends, [Err(Problem::OperationReused)]);
}

/// A copy of a file of so many blocks of 7 bytes.
fn copy_of(item: &Item, blocks: usize) -> NewFile<Content> {
    let base = Base {
        item: item.id,
        version: 1,
    };
    let copy = Spliced {
        size: 7 * blocks as u64,
        size_class: SizeClass::for_size(0),
        modified_at_ms: MODIFIED_AT,
        base,
        splices: vec![],
    };
    let name = format!("copy {}", operation_id());
    new_file(None, &name, None).with_content(Some(Content::Spliced(copy)))
}

pub fn files_of_a_batch_come_in_either_form(site: &impl Site) {
    let ann = site.person();
    let of = |blocks: &[&[u8]]| {
        let mut whole = manifest(&blocks.concat());
        whole.blocks = blocks.iter().map(|b| manifest(b).blocks[0]).collect();
        whole
    };
    let (old, new) = (
        of(&[b"one", b"two", b"three"]),
        of(&[b"one", b"2", b"three"]),
    );
    ann.store(&[b"one", b"two", b"three"]).unwrap();
    let file = ann
        .create_file(&new_file(None, "file", Some(old.clone())))
        .unwrap()
        .item;
    let spliced = |content: &Manifest, item, version| {
        Content::Spliced(Spliced::of(content, Base { item, version }, &old.blocks))
    };
    let named =
        |name, content: &Content| new_file(None, name, None).with_content(Some(content.clone()));
    let edit = spliced(&new, file.id, 1);
    let first = new_file(None, "first", Some(old.clone()));
    let wanted = [
        named("copy", &spliced(&old, file.id, 1)),
        named("edit", &edit),
        named("no base", &spliced(&new, file.id, 2)),
        named("does not fit", &{
            let splice = Splice {
                at: 4,
                remove: 1,
                ..Splice::default()
            };
            match edit.clone() {
                Content::Spliced(edit) => Content::Spliced(Spliced {
                    splices: vec![splice],
                    ..edit
                }),
                whole @ Content::Whole(_) => whole,
            }
        }),
        first.clone().into(),
        named("copy of the first", &spliced(&old, first.id, 1)),
        named("file", &spliced(&old, file.id, 1)),
    ];
    let ends = ann.send_new_files(&wanted).unwrap();
    let missing_blocks = vec![BlockHash::of(b"2")];
    assert_eq!(ends[1], Err(Problem::BlocksMissing { missing_blocks }));
    ann.store(&[b"2"]).unwrap();
    let ends = ann.send_new_files(&wanted).unwrap();
    let made = |n: usize| ends[n].as_ref().unwrap();
    for (n, content) in [(0, &old), (1, &new), (4, &old), (5, &old)] {
        let list = ann.manifest(made(n).item.id, 1).unwrap();
        assert_eq!(list.blocks, content.blocks, "{n}");
        assert_eq!(list.size, content.size, "{n}");
    }
    assert_eq!(ends[2], Err(Problem::NoSuchBase));
    assert!(matches!(ends[3], Err(Problem::BadManifest { .. })));
    assert_eq!(ends[6], Err(Problem::NameTaken { item: file.id }));

    // Whole, alone and together: the same operations.
    let whole = |n: usize, content: &Manifest| {
        let content = Content::from(content.clone());
        wanted[n].clone().with_content(Some(content))
    };
    let again = [whole(0, &old), whole(1, &new), whole(5, &old)];
    let repeated = ann.send_new_files(&again).unwrap();
    assert_eq!(repeated, [0, 1, 5].map(|n| ends[n].clone()));
    assert_eq!(&ann.send_new_file(&again[1]).unwrap(), made(1));
    let other = ann.send_new_files(&[whole(1, &old)]).unwrap();
    assert_eq!(other, [Err(Problem::OperationReused)]);
}

pub fn a_batch_is_bounded(site: &impl Site) {
    let ann = site.person();
    let many: Vec<NewFile> = (0..=MAX_BATCH_FILES)
        .map(|n| new_file(None, &format!("file {n}"), None))
        .collect();
    let bad = |end: Answered<_>| matches!(end, Err(Problem::BadRequest { .. }));
    assert!(bad(ann.create_files(&many)));
    let block: BlockRef = manifest(b"a block").blocks[0];
    let with = |count| {
        let mut content = manifest(b"a block");
        content.blocks = vec![block; count];
        content.size = u64::from(block.length) * count as u64;
        new_file(None, &format!("with {count}"), Some(content))
    };
    let half = MAX_BATCH_BLOCKS / 2;
    assert!(bad(ann.create_files(&[with(half), with(half + 1)])));
    assert_eq!(Tree::of(&ann).unwrap().items.len(), 0);
    ann.store(&[b"a block"]).unwrap();
    let made = made(ann.create_files(&[with(half - 1), with(half + 1)]).unwrap());
    // What a base has counts for each file that is based on it.
    let copies = [
        copy_of(&made[0].item, half - 1),
        copy_of(&made[1].item, half + 1),
        copy_of(&made[1].item, half + 1),
    ];
    assert!(matches!(
        ann.send_new_files(&copies[1..]),
        Err(Problem::BadRequest { .. })
    ));
    assert_eq!(Tree::of(&ann).unwrap().items.len(), 2);
    let ends = ann.send_new_files(&copies[..2]).unwrap();
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 2);
    assert_eq!(ann.create_files(&[]).unwrap(), []);
}
