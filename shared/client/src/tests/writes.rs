use super::home::{
    Asked, Begun, Call, File, Home, TUNING, block, blocks, changed, content, engine, file, hashes,
    id, operation, receipt,
};
use crate::bell::Bell;
use crate::drafts::Drafts;
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::lists::Lists;
use crate::ports::Carrying;
use crate::sender::Sender;
use crate::tuning::Tuning;
use crate::writes::Writes;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use protocol::conflicts::{Conflict, NewConflict};
use protocol::content::{Base, Content};
use protocol::files::{Commit, NewFile, Proposal, ProposalAnswer, ProposalStatus};
use protocol::ids::{ConflictId, Version};
use protocol::items::ItemChanged;
use protocol::limits::TARGET_PACK_BYTES;
use protocol::name::Name;
use protocol::problem::Problem;
use protocol::receipts::Receipt;
use std::rc::Rc;
use sync::edit::DraftId;
use sync::ids::Nonce;
use sync::message::{Answer, BytesLost, Input, Lost, Observation};

struct Desk {
    home: Home,
    engine: EngineCell,
    drafts: Drafts<Home>,
    writes: Rc<Writes<Home>>,
}

type Ended = Begun<Result<Answer, Lost>>;

impl Desk {
    fn with(tuning: Tuning) -> Self {
        let home = Home::new();
        let engine = EngineCell::new(engine(vec![file(1, 1, 20), file(2, 1, 20)]));
        let lists = Lists::new(home.clone(), engine.clone(), tuning);
        let sender = Sender::new(home.clone(), tuning);
        let drafts = Drafts::new(
            home.clone(),
            engine.clone(),
            tuning,
            lists.clone(),
            sender.clone(),
            Bell::default(),
        );
        let of_writes = (engine.clone(), drafts.clone());
        let writes = Writes::new(
            home.clone(),
            of_writes.0,
            tuning,
            lists,
            of_writes.1,
            sender,
        );
        Self {
            home,
            engine,
            drafts,
            writes: Rc::new(writes),
        }
    }

    fn new() -> Self {
        Self::with(TUNING)
    }

    fn know(&self, n: u8, version: Version, list: &[BlockRef]) {
        let list = (version, list.to_vec());
        self.home.lists.borrow_mut().insert(id(n), list);
    }

    fn known(&self, n: u8) -> Option<(Version, Vec<BlockRef>)> {
        self.home.lists.borrow().get(&id(n)).cloned()
    }

    /// An edit of the first file, hashed.
    fn edit(&self, file: &File, list: &[BlockRef]) -> DraftId {
        let edit = self.drafts.pick(file);
        let draft = edit.id;
        let observed = Observation::Edited {
            item: id(1),
            nonce: Nonce([1; 16]),
            draft: edit,
            seen: None,
        };
        let hashed = Input::Hashed {
            draft,
            result: Ok(content(list)),
        };
        for input in [Input::Observed(observed), hashed] {
            self.engine.write().handle(input, 1_000, 0.5);
        }
        draft
    }

    fn commit(&self, list: &[BlockRef], carries: Option<DraftId>) -> Ended {
        let body = Commit {
            operation_id: operation(1),
            base_version: 1,
            content: Content::Whole(content(list)),
        };
        let writes = self.writes.clone();
        self.home
            .begin(async move { writes.commit(id(1), body, carries).await })
    }

    fn create(&self, list: &[BlockRef]) -> Ended {
        let body = NewFile {
            operation_id: operation(3),
            id: id(3),
            parent: None,
            name: Name::parse("copy").expect("a name"),
            content: Some(Content::Whole(content(list))),
        };
        let writes = self.writes.clone();
        self.home
            .begin(async move { writes.create(body, None).await })
    }

    fn commits(&self) -> (Content, Asked) {
        let asked = self.home.call();
        match &asked.call {
            Call::Commit(body) => (body.content.clone(), asked),
            other => panic!("{other:?}"),
        }
    }

    /// The blocks that a commit carries, and its content.
    fn carries(&self) -> (Vec<BlockHash>, Content, Asked) {
        let asked = self.home.call();
        match &asked.call {
            Call::Carry(Carrying::Commit { body, .. }, carried) => {
                (carried.clone(), body.content.content.clone(), asked)
            }
            other => panic!("{other:?}"),
        }
    }
}

fn is_made(end: Result<Answer, Lost>, made: &ItemChanged) -> bool {
    matches!(end, Ok(Answer::Item(changed)) if changed == *made)
}

#[test]
fn what_the_base_has_is_neither_proposed_nor_counted() {
    let desk = Desk::new();
    desk.know(1, 1, &blocks(&[1, 2]));
    let body = Proposal {
        current_version: 1,
        new_block_hashes: hashes(&blocks(&[1, 1, 3])),
        new_bytes: Some(20),
    };
    let writes = desk.writes.clone();
    let proposed = desk
        .home
        .begin(async move { writes.propose(id(1), body).await });
    let asked = desk.home.call();
    let Call::Propose(sent) = &asked.call else {
        panic!("{:?}", asked.call);
    };
    assert_eq!(sent.new_block_hashes, hashes(&blocks(&[3])));
    assert_eq!(sent.new_bytes, Some(10));
    let missing_blocks = hashes(&blocks(&[3]));
    let status = ProposalStatus::Ok;
    asked.say(Ok(ProposalAnswer {
        status,
        missing_blocks: missing_blocks.clone(),
    }));
    assert!(matches!(proposed.end(), Ok(Answer::Missing(missing)) if missing == missing_blocks));
}

#[test]
fn the_hashes_of_a_base_of_another_version_are_all_proposed() {
    let desk = Desk::new();
    desk.know(1, 2, &blocks(&[1, 2]));
    let body = Proposal {
        current_version: 1,
        new_block_hashes: hashes(&blocks(&[1, 3])),
        new_bytes: None,
    };
    let writes = desk.writes.clone();
    let _proposed = desk
        .home
        .begin(async move { writes.propose(id(1), body).await });
    assert!(matches!(desk.home.call().call, Call::Propose(sent)
        if sent.new_block_hashes == hashes(&blocks(&[1, 3]))));
}

#[test]
fn a_commit_says_only_what_is_new_and_its_list_is_the_next_base() {
    let desk = Desk::new();
    let new = blocks(&[1, 3]);
    desk.know(1, 1, &blocks(&[1, 2]));
    let committed = desk.commit(&new, None);
    let (sent, asked) = desk.commits();
    assert!(matches!(sent, Content::Spliced(spliced)
        if spliced.base == Base { item: id(1), version: 1 }));
    asked.say(Ok(changed(1, 2)));
    assert!(is_made(committed.end(), &changed(1, 2)));
    assert_eq!(desk.known(1), Some((2, new)));
}

#[test]
fn an_edit_is_not_lost_where_the_server_has_another_list_than_this_device() {
    let desk = Desk::new();
    let new = blocks(&[1, 3]);
    desk.know(1, 1, &blocks(&[1, 2]));
    let committed = desk.commit(&new, None);
    let refused = Failure::Refused(Problem::NoSuchBase);
    desk.commits().1.say::<ItemChanged>(Err(refused));
    assert_eq!(desk.known(1), None);
    let (sent, asked) = desk.commits();
    assert!(matches!(sent, Content::Whole(whole) if whole.blocks == new));
    asked.say(Ok(changed(1, 2)));
    assert!(is_made(committed.end(), &changed(1, 2)));
}

#[test]
fn an_edit_that_came_second_is_not_sent_again_by_itself() {
    let desk = Desk::new();
    desk.know(1, 1, &blocks(&[1, 2]));
    let committed = desk.commit(&blocks(&[1, 3]), None);
    let second = Failure::Refused(Problem::NoSuchItem);
    desk.commits().1.say::<ItemChanged>(Err(second));
    let end = committed.end().map(drop);
    assert_eq!(end, Err(Lost::Refused(Problem::NoSuchItem)));
    assert!(desk.home.asked().is_none() && desk.known(1).is_some());
}

#[test]
fn a_small_edit_travels_in_one_request_with_every_block_that_it_leaves_out_of_its_list() {
    let desk = Desk::new();
    let new = blocks(&[1, 3, 4]);
    desk.know(1, 1, &blocks(&[1, 2]));
    let draft = desk.edit(&File::of(&new), &new);
    let committed = desk.commit(&new, Some(draft));
    let (carried, content, asked) = desk.carries();
    assert_eq!(carried, hashes(&blocks(&[3, 4])));
    // Its list has a place for them, and does not name them once more.
    let mut list = content;
    assert!(list.named().is_empty());
    list.put_in(&blocks(&[3, 4]));
    assert_eq!(*list.named(), blocks(&[3, 4]));
    asked.say(Ok(changed(1, 2)));
    assert!(is_made(committed.end(), &changed(1, 2)));
}

#[test]
fn an_edit_whose_base_is_not_known_here_does_not_guess_what_to_carry() {
    let desk = Desk::new();
    let new = blocks(&[1, 3]);
    let draft = desk.edit(&File::of(&new), &new);
    let committed = desk.commit(&new, Some(draft));
    assert!(matches!(committed.end(), Ok(Answer::NotCarried)));
    assert!(desk.home.asked().is_none());
}

#[test]
fn much_that_can_not_be_compared_here_is_proposed_before_it_travels() {
    let desk = Desk::new();
    let new = [block(1, 10), block(3, 101)];
    desk.know(1, 1, &blocks(&[1, 2]));
    let draft = desk.edit(&File::of(&new), &new);
    assert!(matches!(
        desk.commit(&new, Some(draft)).end(),
        Ok(Answer::NotCarried)
    ));
    // No worker has spent time on it.
    assert!(desk.home.told.borrow().is_empty());
    // With the bases at hand it is tried, and turns out to be as much.
    desk.home.cache(blocks(&[2])[0]);
    assert!(matches!(
        desk.commit(&new, Some(draft)).end(),
        Ok(Answer::NotCarried)
    ));
    assert!(!desk.home.told.borrow().is_empty() && desk.home.asked().is_none());
}

#[test]
fn blocks_for_which_a_commit_has_no_room_are_on_the_server_before_it() {
    let desk = Desk::with(Tuning {
        carried_bytes: 1 << 40,
        ..TUNING
    });
    let large = (TARGET_PACK_BYTES * 2 / 3) as u32;
    let new = [block(3, large), block(4, large)];
    desk.know(1, 1, &blocks(&[1, 2]));
    let draft = desk.edit(&File::of(&new), &new);
    let committed = desk.commit(&new, Some(draft));
    let ahead = desk.home.call();
    assert!(matches!(&ahead.call, Call::StoreBlocks(blocks) if *blocks == [(new[0].hash, false)]));
    assert!(desk.home.asked().is_none());
    ahead.say(Ok(()));
    let (carried, _, asked) = desk.carries();
    assert_eq!(carried, [new[1].hash]);
    asked.say(Ok(changed(1, 2)));
    assert!(is_made(committed.end(), &changed(1, 2)));
}

#[test]
fn a_commit_whose_file_was_moved_away_is_not_taken_for_a_network_that_is_down() {
    let desk = Desk::new();
    let new = blocks(&[1, 3]);
    desk.know(1, 1, &blocks(&[1, 2]));
    let picked = File::of(&new);
    let draft = desk.edit(&picked, &new);
    let committed = desk.commit(&new, Some(draft));
    picked.lose();
    desk.carries()
        .2
        .say::<ItemChanged>(Err(Failure::Unreachable));
    let end = committed.end().map(drop);
    assert_eq!(end, Err(Lost::BytesLost(BytesLost::Gone)));
}

#[test]
fn a_file_that_is_here_already_is_made_without_its_bytes() {
    let desk = Desk::new();
    let list = blocks(&[1, 2]);
    desk.know(2, 1, &list);
    let made = desk.create(&list);
    let asked = desk.home.call();
    assert!(matches!(&asked.call, Call::CreateFile(body)
        if matches!(&body.content, Some(Content::Spliced(copy)) if copy.base.item == id(2))));
    // Its base is gone at the server: the file is made all the same.
    asked.say::<ItemChanged>(Err(Failure::Refused(Problem::NoSuchBase)));
    desk.home.pass(50);
    let asked = desk.home.call();
    assert!(matches!(&asked.call, Call::CreateFile(body)
        if matches!(&body.content, Some(Content::Whole(whole)) if whole.blocks == list)));
    asked.say(Ok(changed(3, 1)));
    assert!(is_made(made.end(), &changed(3, 1)));
    assert_eq!(desk.known(3), Some((1, list)));
}

#[test]
fn a_version_that_came_second_is_kept_whole_where_its_base_is_another_at_the_server() {
    let desk = Desk::new();
    desk.know(1, 1, &blocks(&[1, 2]));
    let new = blocks(&[1, 3]);
    let body = NewConflict {
        operation_id: operation(1),
        id: ConflictId::from_random([5; 16]),
        base_version: 1,
        content: Content::Whole(content(&new)),
    };
    let writes = desk.writes.clone();
    let kept = desk
        .home
        .begin(async move { writes.keep(id(1), body).await });
    let asked = desk.home.call();
    assert!(matches!(&asked.call, Call::KeepConflict(body)
        if matches!(body.content, Content::Spliced(_))));
    asked.say::<Conflict>(Err(Failure::Refused(Problem::NoSuchBase)));
    let asked = desk.home.call();
    assert!(matches!(&asked.call, Call::KeepConflict(body)
        if matches!(&body.content, Content::Whole(whole) if whole.blocks == new)));
    asked.say::<Conflict>(Err(Failure::Unreachable));
    assert_eq!(kept.end().map(drop), Err(Failure::Unreachable));
}

/// A device that works on one folder: it keeps what it has sent.
fn of_a_folder() -> Desk {
    let desk = Desk::new();
    desk.home.root.set(Some(id(9)));
    desk
}

impl Desk {
    fn upload(&self, draft: DraftId, list: &[BlockRef]) {
        let (drafts, wanted) = (self.drafts.clone(), hashes(list));
        let sent = self
            .home
            .begin(async move { drafts.send(draft, &wanted).await });
        self.home.pass(200);
        self.home.call().say(Ok(()));
        assert_eq!(sent.end(), Ok(()));
    }

    /// The blocks that a proposal of this content is told to send.
    fn proposes(&self, list: &[BlockRef]) -> Vec<BlockHash> {
        let body = Proposal {
            current_version: 1,
            new_block_hashes: hashes(list),
            new_bytes: None,
        };
        let writes = self.writes.clone();
        let proposed = self
            .home
            .begin(async move { writes.propose(id(1), body).await });
        let asked = self.home.call();
        let Call::Propose(sent) = &asked.call else {
            panic!("{:?}", asked.call);
        };
        let missing_blocks = sent.new_block_hashes.clone();
        let status = ProposalStatus::Ok;
        asked.say(Ok(ProposalAnswer {
            status,
            missing_blocks,
        }));
        match proposed.end() {
            Ok(Answer::Missing(missing)) => missing,
            other => panic!("{other:?}"),
        }
    }

    /// The receipts that the last content was sent with.
    fn shown(&self) -> Option<Vec<Option<Receipt>>> {
        let shown = self.home.shown.borrow_mut().pop();
        shown.expect("a content").map(|receipts| receipts.0)
    }
}

#[test]
fn what_was_sent_into_a_folder_is_shown_with_the_commit_and_not_sent_again() {
    let desk = of_a_folder();
    let new = blocks(&[1, 3, 4]);
    let draft = desk.edit(&File::of(&new), &new);
    desk.upload(draft, &new[1..2]);
    // The server tells of all that the file does not have.
    assert_eq!(desk.proposes(&new), hashes(&[new[0], new[2]]));
    desk.upload(draft, &[new[2], new[0]]);
    let committed = desk.commit(&new, None);
    let asked = desk.commits().1;
    let all = new.iter().map(|block| Some(receipt(*block)));
    assert_eq!(desk.shown(), Some(all.collect()));
    asked.say(Ok(changed(1, 2)));
    assert!(is_made(committed.end(), &changed(1, 2)));
    desk.drafts.release(draft);
    let _committed = desk.commit(&new, None);
    assert_eq!(desk.shown(), None);
}

#[test]
fn a_new_file_that_comes_second_in_a_file_of_its_name_shows_what_was_sent_for_it() {
    let desk = of_a_folder();
    let new = blocks(&[1, 3]);
    let draft = desk.edit(&File::of(&new), &new);
    desk.upload(draft, &new);
    // The edit is of file 1, whose conflict becomes one of file 2.
    let body = NewConflict {
        operation_id: operation(2),
        id: ConflictId::from_random([2; 16]),
        base_version: 0,
        content: Content::Whole(content(&new)),
    };
    let writes = desk.writes.clone();
    let _kept = desk
        .home
        .begin(async move { writes.keep(id(2), body).await });
    let all = new.iter().map(|block| Some(receipt(*block)));
    assert_eq!(desk.shown(), Some(all.collect()));
}

#[test]
fn a_block_that_a_receipt_did_not_help_for_is_sent_again() {
    let desk = of_a_folder();
    let new = blocks(&[1, 3]);
    let draft = desk.edit(&File::of(&new), &new);
    desk.upload(draft, &new);
    assert!(desk.proposes(&new).is_empty());
    let committed = desk.commit(&new, None);
    let missing_blocks = hashes(&new[1..]);
    let lost = Failure::Refused(Problem::BlocksMissing { missing_blocks });
    desk.commits().1.say::<ItemChanged>(Err(lost));
    assert!(committed.end().is_err());
    assert_eq!(desk.proposes(&new), hashes(&new[1..]));
}

#[test]
fn a_commit_that_carries_blocks_shows_receipts_for_what_went_ahead() {
    let desk = Desk::with(Tuning {
        carried_bytes: 1 << 40,
        ..TUNING
    });
    desk.home.root.set(Some(id(9)));
    let large = (TARGET_PACK_BYTES * 2 / 3) as u32;
    let new = [block(3, large), block(4, large)];
    desk.know(1, 1, &blocks(&[1, 2]));
    let draft = desk.edit(&File::of(&new), &new);
    let _committed = desk.commit(&new, Some(draft));
    desk.home.call().say(Ok(()));
    let (carried, content, _asked) = desk.carries();
    assert_eq!(
        (carried, content.named().to_vec()),
        (vec![new[1].hash], vec![new[0]])
    );
    assert_eq!(desk.shown(), Some(vec![Some(receipt(new[0]))]));
}

#[test]
fn whoever_has_the_whole_space_shows_nothing_and_names_no_files() {
    let desk = Desk::new();
    let new = blocks(&[1, 3]);
    let draft = desk.edit(&File::of(&new), &new);
    desk.upload(draft, &new);
    let _committed = desk.commit(&new, None);
    assert_eq!(desk.shown(), None);
    assert_eq!(*desk.home.of.borrow(), [Vec::new()]);
}
