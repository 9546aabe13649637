use super::home::{File, Home, TUNING, Told, block, changed, content, engine, file, hashes, id};
use crate::bell::Bell;
use crate::drafts::Drafts;
use crate::engine::EngineCell;
use crate::fill::{BUNDLE_BYTES, Fill};
use crate::lists::Lists;
use crate::ports::Frame;
use crate::sender::{FileToSend, Sender};
use crate::tuning::Tuning;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use protocol::ids::Version;
use sync::edit::DraftId;
use sync::ids::Nonce;
use sync::message::{Answer, Input, Observation};

struct Cache {
    home: Home,
    fill: Fill<Home>,
    sender: Sender<Home>,
    draft: DraftId,
}

impl Cache {
    /// An edit of these blocks, based on the first version of a file.
    fn with(list: &[BlockRef], tuning: Tuning) -> Self {
        let home = Home::new();
        let engine = EngineCell::new(engine(vec![file(1, 1, 20)]));
        let lists = Lists::new(home.clone(), engine.clone(), tuning);
        let sender = Sender::new(home.clone(), tuning);
        let again = Bell::default();
        let of_sender = sender.clone();
        let drafts = Drafts::new(
            home.clone(),
            engine.clone(),
            tuning,
            lists,
            of_sender,
            again,
        );
        let fill = Fill::new(home.clone(), tuning, drafts.clone(), sender.clone());
        let edit = drafts.pick(&File::of(list));
        let draft = edit.id;
        let inputs = [
            Input::Observed(Observation::Edited {
                item: id(1),
                nonce: Nonce([1; 16]),
                draft: edit,
                seen: None,
            }),
            Input::Hashed {
                draft,
                result: Ok(content(list)),
            },
        ];
        for input in inputs {
            engine.write().handle(input, 1_000, 0.5);
        }
        Self {
            home,
            fill,
            sender,
            draft,
        }
    }

    fn of(list: &[BlockRef]) -> Self {
        Self::with(list, TUNING)
    }

    /// The server has taken the draft as this version.
    fn taken(&self, version: Version) {
        let answer = Ok(Answer::Item(changed(1, version)));
        self.fill.answered(self.draft, &answer);
        self.home.pass(400);
    }

    fn kept(&self) -> Vec<Vec<BlockHash>> {
        let told = self.home.told.borrow();
        let kept = told.iter().filter_map(|told| match told {
            Told::Kept(hashes) => Some(hashes.clone()),
            _ => None,
        });
        kept.collect()
    }
}

#[test]
fn the_blocks_of_a_version_are_here_when_the_next_one_is_compared_with_them() {
    let list = [block(1, 10), block(2, 10), block(1, 10)];
    let cache = Cache::of(&list);
    cache.home.cache(list[1]);
    cache.taken(2);
    // Each new one once.
    assert_eq!(cache.kept(), [[list[0].hash]]);
}

#[test]
fn an_edit_that_came_second_is_not_taken_for_the_version_that_won() {
    let cache = Cache::of(&[block(1, 10)]);
    cache.taken(3);
    assert!(cache.kept().is_empty());
}

#[test]
fn the_disk_is_left_to_what_is_hashed_and_sent() {
    let list = [block(1, 10)];
    let cache = Cache::of(&list);
    cache.home.is_hashing.set(true);
    cache.taken(2);
    cache.home.pass(10_000);
    assert!(cache.kept().is_empty());
    cache.home.is_hashing.set(false);
    let (sender, other) = (cache.sender.clone(), [block(9, 200)]);
    let sends = cache.home.begin(async move {
        let frames = super::home::located(&other).into_iter().map(Frame::plain);
        let frames = frames.collect();
        let make = async |hand_on: &dyn Fn(_)| hand_on(frames);
        let source = FileToSend {
            draft: DraftId(9),
            item: None,
            file: &File::of(&other),
        };
        sender.send(source, 1, |_| {}, make).await
    });
    cache.home.pass(10_000);
    assert!(cache.kept().is_empty());
    cache.home.call().say(Ok(()));
    assert_eq!(sends.end(), Ok(()));
    cache.home.pass(400);
    assert_eq!(cache.kept(), [hashes(&list)]);
}

#[test]
fn no_bundle_is_larger_than_a_reader_takes() {
    let half = (BUNDLE_BYTES / 2) as u32;
    let list = [block(1, half), block(2, half), block(3, half)];
    let cache = Cache::of(&list);
    cache.taken(2);
    cache.home.pass(400);
    assert_eq!(cache.kept(), [hashes(&list[..2]), hashes(&list[2..])]);
}

#[test]
fn a_file_that_travels_whole_as_fast_is_not_kept() {
    let tuning = Tuning {
        cached_bytes: 11,
        ..TUNING
    };
    let cache = Cache::with(&[block(1, 10)], tuning);
    cache.taken(2);
    assert!(cache.kept().is_empty());
}

#[test]
fn nothing_is_kept_any_more_when_a_session_is_over() {
    let cache = Cache::of(&[block(1, 10)]);
    let answer = Ok(Answer::Item(changed(1, 2)));
    cache.fill.answered(cache.draft, &answer);
    cache.fill.forget();
    cache.home.pass(10_000);
    assert!(cache.kept().is_empty());
}
