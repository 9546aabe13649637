//! The list of a file's versions.

use crate::stage::{Stage, THEN};
use driftless_core::reads::files::versions;
use driftless_tests::client::commit_of;
use driftless_tests::drive::new_folder;
use driftless_tests::model::ready::ready;
use protocol::files::FileVersions;
use protocol::ids::{ItemId, Version};
use protocol::problem::Problem;

fn listed(
    stage: &Stage,
    file: ItemId,
    page: (Option<Version>, Option<u64>),
) -> Result<FileVersions, Problem> {
    let (server, ann) = (&stage.server, &stage.ann);
    let listed = ready(versions(&server.db, ann.space, &ann.reach(), file, page));
    listed.map_err(|failure| server.problem(failure))
}

fn numbers(page: &FileVersions) -> Vec<Version> {
    page.versions
        .iter()
        .map(|version| version.version)
        .collect()
}

fn with_versions() -> (Stage, ItemId) {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("file", b"one");
    for (base, bytes) in [
        (1, b"two!".as_slice()),
        (2, b"three"),
        (3, b"four and more"),
    ] {
        stage.store(&[bytes]);
        let commit = commit_of(base, bytes);
        server.commit(ann, THEN + base, file, commit).unwrap();
    }
    (stage, file)
}

#[test]
fn all_versions_are_listed_page_by_page_the_newest_first() {
    let (stage, file) = with_versions();
    let whole = listed(&stage, file, (None, None)).unwrap();
    assert_eq!(numbers(&whole), [4, 3, 2, 1]);
    assert_eq!(whole.next_before, None);
    let sizes: Vec<u64> = whole.versions.iter().map(|version| version.size).collect();
    assert_eq!(sizes, [13, 5, 4, 3]);
    let newest = &whole.versions[0].committed;
    assert_eq!((newest.at_ms, newest.device_id), (THEN + 3, stage.ann.id));

    let first = listed(&stage, file, (None, Some(3))).unwrap();
    assert_eq!(
        (numbers(&first), first.next_before),
        (vec![4, 3, 2], Some(2))
    );
    let rest = listed(&stage, file, (first.next_before, Some(3))).unwrap();
    assert_eq!((numbers(&rest), rest.next_before), (vec![1], None));
    // Exactly as many as there are.
    let all = listed(&stage, file, (None, Some(4))).unwrap();
    assert_eq!((numbers(&all).len(), all.next_before), (4, None));
}

#[test]
fn a_row_that_cannot_be_read_does_not_end_the_list() {
    let (stage, file) = with_versions();
    {
        let db = stage.server.db.connection();
        let spoil = "UPDATE versions SET device = 'x' WHERE version = 3";
        assert_eq!(db.execute(spoil, []).unwrap(), 1);
    }
    let whole = listed(&stage, file, (None, None)).unwrap();
    assert_eq!(numbers(&whole), [4, 2, 1]);
    let first = listed(&stage, file, (None, Some(2))).unwrap();
    assert_eq!((numbers(&first), first.next_before), (vec![4], Some(3)));
}

#[test]
fn a_folder_has_no_versions() {
    let (stage, file) = with_versions();
    let (server, ann) = (&stage.server, &stage.ann);
    let folder = new_folder(None, "folder");
    let id = folder.id;
    server.create_folder(ann, THEN, folder).unwrap();
    assert!(matches!(
        listed(&stage, id, (None, None)),
        Err(Problem::NotAFile)
    ));
    let gone = ItemId::from_random([9; 16]);
    assert_eq!(listed(&stage, gone, (None, None)), Err(Problem::NoSuchItem));
    assert!(numbers(&listed(&stage, file, (Some(1), None)).unwrap()).is_empty());
}
