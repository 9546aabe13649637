use super::home::{
    Asked, Begun, Call, Home, TUNING, Told, blocks, content, engine, file, hashes, id,
};
use crate::bell::Bell;
use crate::downloads::{NotComposed, compose, compose_here, keep};
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::lists::Lists;
use blocks::hash::{BlockHash, ShortHash};
use blocks::manifest::BlockRef;
use blocks::patch::BaseRun;
use protocol::blocks::{Fetch, at};
use protocol::files::{FileManifest, ManifestSince};
use protocol::ids::ItemId;
use protocol::problem::Problem;
use std::cell::RefCell;
use std::rc::Rc;

struct Download {
    home: Home,
    list: Vec<BlockRef>,
    told: Rc<RefCell<Vec<u64>>>,
}

impl Download {
    /// Of a version whose list is here.
    fn of(list: &[BlockRef]) -> Self {
        let home = Home::new();
        let known = (2, list.to_vec());
        home.lists.borrow_mut().insert(id(1), known);
        Self {
            home,
            list: list.to_vec(),
            told: Rc::default(),
        }
    }

    fn begin(&self) -> Begun<Result<Vec<BlockHash>, NotComposed>> {
        let size = self.list.iter().map(|block| u64::from(block.length)).sum();
        let (home, told) = (self.home.clone(), self.told.clone());
        let engine = EngineCell::new(engine(vec![file(1, 2, size)]));
        self.home.begin(async move {
            let lists = Lists::new(home.clone(), engine, TUNING);
            let progress = |bytes| told.borrow_mut().push(bytes);
            compose(&home, &lists, &Bell::default(), (id(1), 2, size), progress).await
        })
    }

    /// A request for blocks, and which ones.
    fn request(&self) -> (Vec<BlockRef>, Asked) {
        let asked = self.home.call();
        let Call::FetchBlocks(body) = &asked.call else {
            panic!("{:?}", asked.call);
        };
        let of: Vec<ItemId> = self.home.root.get().map(|_| id(1)).into_iter().collect();
        assert_eq!(body.of, of);
        let want = match &body.listed {
            Some(listed) => at(&self.list, &listed.want).expect("places of its list"),
            None => body.want.clone(),
        };
        let wanted = want.iter().map(|hash| {
            let mut list = self.list.iter();
            *list
                .find(|block| block.hash == *hash)
                .expect("a block of it")
        });
        (wanted.collect(), asked)
    }

    fn answer(&self, with: impl Fn(&[BlockRef]) -> Vec<BlockRef>) {
        let (wanted, asked) = self.request();
        asked.say(Ok(Rc::new(with(&wanted))));
    }
}

#[test]
fn a_file_has_all_its_blocks_in_order_and_those_that_repeat_each_time() {
    let download = Download::of(&blocks(&[1, 2, 1, 3]));
    // On one folder, the server has to know of which file the blocks are.
    download.home.root.set(Some(id(9)));
    download.home.cache(download.list[1]);
    let begun = download.begin();
    let (wanted, asked) = download.request();
    // What is here does not travel, and what repeats travels once.
    assert_eq!(wanted, blocks(&[1, 3]));
    asked.say(Ok(Rc::new(wanted)));
    assert_eq!(begun.end().unwrap(), hashes(&download.list));
    assert_eq!(*download.told.borrow(), [10, 30, 40]);
}

#[test]
fn a_block_of_the_cache_that_is_damaged_is_fetched_and_not_served() {
    let download = Download::of(&blocks(&[1, 2]));
    download.list.iter().for_each(|block| {
        download.home.cache(*block);
    });
    let damaged = download.list[0];
    download.home.damaged.borrow_mut().insert(damaged.hash);
    let begun = download.begin();
    let (wanted, asked) = download.request();
    assert_eq!(wanted, [damaged]);
    download.home.damaged.borrow_mut().clear();
    asked.say(Ok(Rc::new(wanted)));
    assert_eq!(begun.end().unwrap(), hashes(&download.list));
}

/// A download of the next version of a file whose first block was replaced, up to its request
/// for blocks; the old blocks are all in the cache, of which some are damaged.
fn next(
    old: &[BlockRef],
    new: &[BlockRef],
    damaged: &[BlockRef],
) -> (Download, Begun<Result<Vec<BlockHash>, NotComposed>>) {
    let download = Download::of(new);
    let home = &download.home;
    home.lists.borrow_mut().insert(id(1), (1, old.to_vec()));
    for block in old {
        home.cache(*block);
    }
    home.damaged.borrow_mut().extend(hashes(damaged));
    let replaced = BaseRun {
        block: 0,
        base: 0..1,
    };
    home.runs.borrow_mut().push(replaced);
    let begun = download.begin();
    let since = home.call();
    assert!(matches!(since.call, Call::ManifestSince(2, _)));
    since.say::<ManifestSince>(Err(Problem::NoSuchVersion.into()));
    home.call().say(Ok(FileManifest {
        version: 2,
        size: content(new).size,
        blocks: new.to_vec(),
    }));
    (download, begun)
}

/// The bases that are told for its first block.
fn told_bases(old: &[BlockRef], new: &[BlockRef], damaged: &[BlockRef]) -> Vec<ShortHash> {
    let (download, begun) = next(old, new, damaged);
    let (body, asked) = fetch(&download);
    let bases = match &body.listed {
        Some(listed) => {
            assert_eq!((listed.since, listed.version), (1, 2));
            let bases = at(old, &listed.bases).expect("places of the old list");
            bases.iter().map(BlockHash::short).collect()
        }
        None => body.bases,
    };
    download.home.damaged.borrow_mut().clear();
    asked.say(Ok(Rc::new(vec![new[0]])));
    assert_eq!(begun.end().unwrap(), hashes(new));
    bases
}

#[test]
fn the_server_hears_only_of_bases_that_can_be_read() {
    let (old, new) = (blocks(&[1, 2, 3, 4]), blocks(&[5, 2, 3, 4]));
    assert_eq!(told_bases(&old, &new, &[]), [old[0].hash.short()]);
    // Its patch would be bytes in vain: the block travels whole after it.
    assert_eq!(told_bases(&old, &new, &old[..1]), []);
}

#[test]
fn where_much_is_new_all_old_blocks_may_be_bases() {
    let (old, new) = (blocks(&[1, 2]), blocks(&[5, 2]));
    let all: Vec<ShortHash> = old.iter().map(|block| block.hash.short()).collect();
    assert_eq!(told_bases(&old, &new, &[]), all);
}

/// The request that is made now, which names its blocks or tells their places.
fn fetch(download: &Download) -> (Fetch, Asked) {
    let (_, asked) = download.request();
    let Call::FetchBlocks(body) = &asked.call else {
        panic!("{:?}", asked.call);
    };
    (body.clone(), asked)
}

#[test]
fn blocks_are_told_by_their_places_and_by_their_names_once_these_are_refused() {
    let (old, new) = (blocks(&[1, 2, 3]), blocks(&[5, 6, 3]));
    let refusals = [
        Problem::NoSuchVersion,
        Problem::BadRequest {
            detail: "want must name 1 to 64 blocks".to_owned(),
        },
    ];
    for refusal in refusals {
        let (download, begun) = next(&old, &new, &[]);
        let (body, asked) = fetch(&download);
        assert_eq!((body.want, body.bases), (vec![], vec![]));
        asked.say::<Rc<Vec<BlockRef>>>(Err(refusal.into()));
        let (body, asked) = fetch(&download);
        assert_eq!((body.listed, body.want), (None, hashes(&new[..2])));
        assert!(!body.bases.is_empty());
        asked.say(Ok(Rc::new(vec![new[1]])));
        // And for the rest.
        let (body, asked) = fetch(&download);
        assert_eq!((body.listed, body.want), (None, hashes(&new[..1])));
        assert!(!body.bases.is_empty());
        asked.say(Ok(Rc::new(vec![new[0]])));
        assert_eq!(begun.end().unwrap(), hashes(&new));
    }
}

#[test]
fn places_that_bring_other_blocks_are_told_once() {
    let (old, new) = (blocks(&[1, 2]), blocks(&[5, 2]));
    let (download, begun) = next(&old, &new, &[]);
    let (body, asked) = fetch(&download);
    assert!(body.listed.is_some());
    asked.say(Ok(Rc::new(blocks(&[7]))));
    let (body, asked) = fetch(&download);
    assert_eq!((body.listed, body.want), (None, hashes(&new[..1])));
    asked.say(Ok(Rc::new(vec![new[0]])));
    assert_eq!(begun.end().unwrap(), hashes(&new));
}

#[test]
fn blocks_are_named_by_who_holds_nothing_and_where_the_list_is_long() {
    let download = Download::of(&blocks(&[1]));
    let _begun = download.begin();
    assert_eq!(fetch(&download).0.listed, None);
    let numbers: Vec<u64> = (0..1_001).collect();
    let (old, new) = (
        blocks(&numbers),
        blocks(&[&[1_001], &numbers[1..]].concat()),
    );
    let (long, _begun) = next(&old, &new, &[]);
    let (body, _) = fetch(&long);
    assert_eq!((body.listed, body.bases), (None, vec![old[0].hash.short()]));
}

#[test]
fn an_answer_that_ends_early_is_asked_on_from_there() {
    let download = Download::of(&blocks(&[1, 2, 3]));
    let begun = download.begin();
    download.answer(|wanted| wanted[..1].to_vec());
    let (wanted, asked) = download.request();
    assert_eq!(wanted, blocks(&[2, 3]));
    asked.say(Ok(Rc::new(wanted)));
    assert_eq!(begun.end().unwrap(), hashes(&download.list));
}

#[test]
fn blocks_that_are_not_what_their_hashes_say_are_not_asked_for_for_ever() {
    let download = Download::of(&blocks(&[1]));
    download
        .home
        .damaged
        .borrow_mut()
        .insert(download.list[0].hash);
    let begun = download.begin();
    for _ in 0..3 {
        download.answer(<[BlockRef]>::to_vec);
    }
    assert!(matches!(begun.end(), Err(NotComposed::Damaged)));
}

#[test]
fn answers_that_bring_nothing_count_as_a_server_that_is_not_reached() {
    let download = Download::of(&blocks(&[1]));
    let begun = download.begin();
    for _ in 0..9 {
        download.answer(|_| Vec::new());
    }
    // It waits before it tries again.
    assert!(download.home.asked().is_none() && !begun.is_over());
    download.home.pass(1_000);
    assert!(download.home.asked().is_some());
}

#[test]
fn a_download_that_was_cut_off_goes_on_and_fetches_nothing_twice() {
    let download = Download::of(&blocks(&[1, 2]));
    let begun = download.begin();
    download.answer(|wanted| wanted[..1].to_vec());
    let (_, asked) = download.request();
    asked.say::<Rc<Vec<BlockRef>>>(Err(Failure::Unreachable));
    download.home.pass(30_000);
    let (wanted, asked) = download.request();
    assert_eq!(wanted, blocks(&[2]));
    asked.say(Ok(Rc::new(wanted)));
    assert_eq!(begun.end().unwrap(), hashes(&download.list));
}

#[test]
fn a_person_hears_that_the_server_is_not_reached_and_does_not_wait_for_ever() {
    let download = Download::of(&blocks(&[1]));
    let begun = download.begin();
    let mut asked = 0;
    while let Some(call) = download.home.asked() {
        asked += 1;
        call.say::<Rc<Vec<BlockRef>>>(Err(Failure::Unreachable));
        download.home.pass(60_000);
    }
    assert_eq!(asked, 7);
    let end = begun.end();
    assert!(matches!(
        end,
        Err(NotComposed::Server(Failure::Unreachable))
    ));
}

#[test]
fn a_file_whose_blocks_are_all_here_is_put_together_without_a_request() {
    let download = Download::of(&blocks(&[1, 2, 1]));
    let here = |version| {
        let home = download.home.clone();
        let engine = EngineCell::new(engine(vec![file(1, 2, 3)]));
        download.home.begin(async move {
            let lists = Lists::new(home.clone(), engine, TUNING);
            compose_here(&home, &lists, (id(1), version)).await
        })
    };
    // A block is missing; then none is; and of another version nothing is known.
    download.home.cache(download.list[0]);
    assert_eq!(here(2).end(), Ok(None));
    download.home.cache(download.list[1]);
    assert_eq!(here(2).end(), Ok(Some(hashes(&download.list))));
    assert_eq!(here(1).end(), Ok(None));
}

#[test]
fn what_is_kept_offline_comes_to_stay_and_all_of_it_is_verified() {
    let download = Download::of(&blocks(&[1, 2, 1, 3]));
    let home = download.home.clone();
    // The first is here and damaged, the second is here.
    home.cache(download.list[0]);
    home.cache(download.list[1]);
    home.damaged.borrow_mut().insert(download.list[0].hash);
    let begun = {
        let home = home.clone();
        let engine = EngineCell::new(engine(vec![file(1, 2, 70)]));
        home.clone().begin(async move {
            let lists = Lists::new(home.clone(), engine, TUNING);
            keep(&home, &lists, &Bell::default(), (id(1), 2, 70), Vec::new()).await
        })
    };
    let (wanted, asked) = download.request();
    assert_eq!(wanted, blocks(&[1, 3]));
    assert!(!begun.is_over());
    home.damaged.borrow_mut().clear();
    asked.say(Ok(Rc::new(wanted.clone())));
    assert_eq!(begun.end().unwrap(), download.list);
    assert_eq!(*home.told.borrow(), [Told::Stays(hashes(&wanted))]);
}

#[test]
fn a_file_that_the_cache_would_not_take_is_put_together_if_all_of_it_is_here() {
    let download = Download::of(&blocks(&[1, 2]));
    let compose = || {
        let home = download.home.clone();
        let engine = EngineCell::new(engine(vec![file(1, 2, 1 << 31)]));
        download.home.begin(async move {
            let lists = Lists::new(home.clone(), engine, TUNING);
            let whole = (id(1), 2, 1 << 31);
            compose(&home, &lists, &Bell::default(), whole, |_| {}).await
        })
    };
    download.home.cache(download.list[0]);
    assert!(matches!(compose().end(), Err(NotComposed::Cache(_))));
    download.home.cache(download.list[1]);
    assert_eq!(compose().end().unwrap(), hashes(&download.list));
}
