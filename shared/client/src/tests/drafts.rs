use super::home::{File, Home, TUNING, Told, blocks, engine, file};
use crate::bell::Bell;
use crate::drafts::Drafts;
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::lists::Lists;
use crate::ports::NotCopied;
use crate::sender::Sender;
use blocks::chunk::SizeClass;
use futures_channel::oneshot;
use std::cell::RefCell;
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{BytesLost, Input, Lost};

struct Desk {
    home: Home,
    again: Bell,
    drafts: Drafts<Home>,
    /// What became of copies.
    told: Rc<RefCell<Vec<Input>>>,
}

impl Desk {
    fn new() -> Self {
        let (home, again) = (Home::new(), Bell::default());
        let engine = EngineCell::new(engine(vec![file(1, 1, 20)]));
        let lists = Lists::new(home.clone(), engine.clone(), TUNING);
        let sender = Sender::new(home.clone(), TUNING);
        let drafts = Drafts::new(home.clone(), engine, TUNING, lists, sender, again.clone());
        Self {
            home,
            again,
            drafts,
            told: Rc::default(),
        }
    }

    fn keep(&self, id: DraftId) {
        let told = self.told.clone();
        self.drafts
            .keep(id, move |input| told.borrow_mut().push(input));
        self.home.work();
    }

    fn has_copy(&self, id: DraftId) -> bool {
        self.home.copies.borrow().contains_key(&id)
    }

    fn hash(&self, id: DraftId) -> super::home::Begun<Option<Input>> {
        let drafts = self.drafts.clone();
        let class = SizeClass::for_size(0);
        self.home.begin(async move { drafts.hash(id, class).await })
    }
}

#[test]
fn a_draft_is_hashed_and_sent_from_its_copy_once_there_is_one() {
    let desk = Desk::new();
    let picked = File::of(&blocks(&[1]));
    let draft = desk.drafts.pick(&picked).id;
    desk.keep(draft);
    assert!(matches!(desk.told.borrow()[..], [Input::BytesKept { draft: kept }] if kept == draft));
    let drafts = desk.drafts.clone();
    let at_hand = desk.home.at_once(async move { drafts.file(draft).await });
    // The person may save over the file from now on.
    assert!(at_hand.is_some_and(|file| file != picked));
}

#[test]
fn a_copy_that_nobody_needs_goes_and_not_before_its_last_reader_is_done() {
    let desk = Desk::new();
    let draft = desk.drafts.pick(&File::of(&blocks(&[1]))).id;
    desk.keep(draft);
    desk.home
        .not_hashed
        .borrow_mut()
        .push_back(Failure::Unreachable);
    let reads = desk.hash(draft);
    assert!(!reads.is_over());
    desk.drafts.release(draft);
    assert!(desk.has_copy(draft));
    desk.home.work();
    // Nobody waits for the hashes of what was released.
    assert!(reads.end().is_none());
    assert!(!desk.has_copy(draft));
}

#[test]
fn a_copy_that_is_done_when_nobody_needs_it_any_more_goes_at_once() {
    let desk = Desk::new();
    let draft = desk.drafts.pick(&File::of(&blocks(&[1]))).id;
    let (done, waits) = oneshot::channel();
    desk.home.slow_copy.replace(Some(waits));
    desk.keep(draft);
    desk.drafts.release(draft);
    let _ = done.send(());
    desk.home.work();
    assert!(!desk.has_copy(draft) && desk.told.borrow().is_empty());
}

#[test]
fn a_copy_that_a_program_before_this_one_made_goes_too() {
    let desk = Desk::new();
    let copy = (DraftId(7), File::of(&blocks(&[1])));
    desk.home.copies.borrow_mut().extend([copy]);
    desk.drafts.release(DraftId(7));
    desk.home.work();
    assert!(desk.home.has_told(&Told::CopyRemoved(DraftId(7))));
}

#[test]
fn the_end_of_a_session_takes_no_copy_of_what_was_not_sent() {
    let desk = Desk::new();
    let draft = desk.drafts.pick(&File::of(&blocks(&[1]))).id;
    desk.keep(draft);
    desk.drafts.let_go();
    desk.home.work();
    assert!(desk.has_copy(draft));
}

#[test]
fn the_cache_gives_way_to_what_can_not_be_fetched_again() {
    let desk = Desk::new();
    let draft = desk.drafts.pick(&File::of(&blocks(&[1]))).id;
    desk.home.cache(blocks(&[9])[0]);
    desk.home.not_copied.borrow_mut().push_back(NotCopied::Full);
    desk.keep(draft);
    assert!(desk.home.cached.borrow().is_empty());
    assert!(matches!(desk.told.borrow()[..], [Input::BytesKept { .. }]));
}

#[test]
fn a_person_is_warned_where_there_is_no_room_for_a_copy() {
    let desk = Desk::new();
    let draft = desk.drafts.pick(&File::of(&blocks(&[1]))).id;
    desk.home.not_copied.borrow_mut().push_back(NotCopied::Full);
    desk.keep(draft);
    assert!(matches!(desk.told.borrow()[..], [Input::BytesNotKept { draft: of }] if of == draft));
}

#[test]
fn bytes_that_are_nowhere_are_told_to_be_gone() {
    let desk = Desk::new();
    let Some(Input::Hashed { result, .. }) = desk.hash(DraftId(7)).end() else {
        panic!("it is told");
    };
    assert_eq!(result.map(drop), Err(BytesLost::Gone));
    let drafts = desk.drafts.clone();
    let sent = desk
        .home
        .at_once(async move { drafts.send(DraftId(7), &[]).await });
    assert_eq!(sent, Err(Lost::BytesLost(BytesLost::Gone)));
}

#[test]
fn a_worker_that_can_not_be_loaded_waits_for_the_network_and_loses_no_edit() {
    let desk = Desk::new();
    let draft = desk.drafts.pick(&File::of(&blocks(&[1, 2]))).id;
    for _ in 0..20 {
        let mut failures = desk.home.not_hashed.borrow_mut();
        failures.push_back(Failure::Unreachable);
    }
    let hashing = desk.hash(draft);
    for _ in 0..20 {
        assert!(!hashing.is_over());
        desk.again.ring();
        desk.home.work();
    }
    let Some(Input::Hashed { result, .. }) = hashing.end() else {
        panic!("it is told");
    };
    let manifest = result.expect("hashed");
    assert_eq!((manifest.size, manifest.blocks.len()), (20, 2));
}

#[test]
fn a_worker_that_breaks_on_a_file_is_replaced_twice_and_not_for_ever() {
    let desk = Desk::new();
    let draft = desk.drafts.pick(&File::of(&blocks(&[1]))).id;
    let broken = || Failure::Device("a worker broke".to_owned());
    let fails = |times: usize| {
        let mut failures = desk.home.not_hashed.borrow_mut();
        failures.extend((0..times).map(|_| broken()));
    };
    fails(2);
    let hashed = |end: Option<Input>| matches!(end, Some(Input::Hashed { result: Ok(_), .. }));
    assert!(hashed(desk.hash(draft).end()));
    fails(3);
    assert!(!hashed(desk.hash(draft).end()));
}

#[test]
fn only_a_few_copies_are_made_at_one_time_and_none_is_forgotten() {
    let desk = Desk::new();
    let drafts: Vec<DraftId> = (0..9)
        .map(|_| desk.drafts.pick(&File::of(&blocks(&[1]))).id)
        .collect();
    for draft in &drafts {
        desk.drafts.keep(*draft, |_| {});
    }
    desk.drafts.release(drafts[8]);
    desk.home.work();
    assert!(drafts[..8].iter().all(|draft| desk.has_copy(*draft)));
    assert!(!desk.has_copy(drafts[8]));
}
