use super::home::{Begun, Call, Home, block, changed, content, id, operation};
use crate::failure::Failure;
use crate::gather::{Answered, Gather, Gatherable};
use blocks::manifest::BlockRef;
use protocol::batches::{FileMade, FilesMade};
use protocol::content::{Content, Receipted};
use protocol::files::NewFile;
use protocol::items::{ChangePlace, ChangeTrashed, ItemChange, PlaceChange};
use protocol::limits::MAX_BATCH_BLOCKS;
use protocol::name::Name;

fn new_file(n: u8, blocks: &[BlockRef]) -> NewFile<Receipted> {
    NewFile {
        operation_id: operation(n),
        id: id(n),
        parent: None,
        name: Name::parse("notes.txt").expect("a name"),
        content: Some(Content::Whole(content(blocks)).into()),
    }
}

fn ask(
    gather: &Gather<Home, NewFile<Receipted>>,
    home: &Home,
    n: u8,
    blocks: u64,
) -> Begun<Answered> {
    let blocks: Vec<BlockRef> = (0..blocks).map(|n| block(n, 1)).collect();
    let (gather, file) = (gather.clone(), new_file(n, &blocks));
    home.begin(async move { gather.ask(file).await })
}

#[test]
fn the_server_refuses_no_batch_for_the_blocks_of_its_files() {
    let home = Home::new();
    let gather = Gather::new(home.clone());
    let most = MAX_BATCH_BLOCKS as u64;
    let sizes = [(1, most / 2), (2, most - most / 2), (3, 1)];
    let waiting = sizes.map(|(n, blocks)| ask(&gather, &home, n, blocks));
    home.pass(100);
    let asked = home.call();
    let Call::CreateFiles(files) = &asked.call else {
        panic!("{:?}", asked.call);
    };
    assert_eq!(files.len(), 2);
    let results = vec![FileMade::Made(changed(1, 1)), FileMade::Made(changed(2, 1))];
    asked.say(Ok(FilesMade { results }));
    assert!(waiting[1].is_over() && !waiting[2].is_over());
    home.pass(100);
    assert!(matches!(home.call().call, Call::CreateFile(file) if file.id == id(3)));
}

#[test]
fn a_file_of_more_blocks_than_a_batch_may_have_is_sent_all_the_same() {
    let home = Home::new();
    let gather = Gather::new(home.clone());
    let _waits = ask(&gather, &home, 1, MAX_BATCH_BLOCKS as u64 + 1);
    home.pass(100);
    assert!(matches!(home.call().call, Call::CreateFile(_)));
}

#[test]
fn a_file_that_is_made_alone_hears_the_answer_to_itself() {
    let home = Home::new();
    let platform = home.clone();
    let sent = home.begin(async move { NewFile::send(&platform, vec![new_file(1, &[])]).await });
    home.call().say(Ok(changed(1, 1)));
    assert_eq!(sent.end(), [Ok(changed(1, 1))]);
}

#[test]
fn a_rename_and_a_move_to_the_trash_and_back_are_each_asked_as_what_they_are() {
    let trashed = ChangeTrashed::new(operation(1), 1);
    let moved = ChangePlace {
        operation_id: operation(1),
        base_place_version: 1,
        parent: None,
        name: Name::parse("b").expect("a name"),
    };
    for to in [
        PlaceChange::Move(moved),
        PlaceChange::Trash(trashed.clone()),
        PlaceChange::Restore(trashed),
    ] {
        let (home, wanted) = (Home::new(), format!("{to:?}"));
        let (platform, change) = (home.clone(), ItemChange { item: id(7), to });
        let sent = home.begin(async move { ItemChange::send(&platform, vec![change]).await });
        let asked = home.call();
        assert!(matches!(&asked.call, Call::Place(change)
            if change.item == id(7) && format!("{:?}", change.to) == wanted));
        asked.say::<protocol::items::ItemChanged>(Err(Failure::Unreachable));
        assert_eq!(sent.end(), [Err(Failure::Unreachable)]);
    }
}
