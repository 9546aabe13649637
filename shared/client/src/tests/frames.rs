use super::home::{
    Begun, Call, File, Home, TUNING, Told, block, blocks, content, hashes, id, located,
};
use crate::frames::{make, payload_bytes};
use crate::ports::{Frame, Made};
use crate::tuning::Tuning;
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::patch::{BaseRun, MAX_DOCUMENT_BYTES};
use std::cell::RefCell;
use std::rc::Rc;

type Bytes = Rc<Vec<BlockRef>>;
type Groups = Rc<RefCell<Vec<Vec<Frame<Bytes>>>>>;

/// Makes frames of all blocks of a file, for as long as `most` groups are wanted.
fn begin(home: &Home, tuning: Tuning, list: &[BlockRef], base: &[BlockRef]) -> (Begun<()>, Groups) {
    let groups = Groups::default();
    let (platform, list, base) = (home.clone(), list.to_vec(), base.to_vec());
    let out = groups.clone();
    let begun = home.begin(async move {
        let hand_on = async |frames| {
            out.borrow_mut().push(frames);
            true
        };
        let (file, whole) = (File::of(&list), content(&list));
        make(
            &platform,
            &tuning,
            &file,
            &whole,
            located(&list),
            (Some(id(1)), &base),
            hand_on,
        )
        .await;
    });
    (begun, groups)
}

fn made(block: BlockRef, payload_bytes: u32) -> Made {
    Made {
        hash: block.hash,
        frame_bytes: payload_bytes + FRAME_HEADER_BYTES as u32,
        bases: Vec::new(),
    }
}

fn order(groups: &Groups) -> Vec<Vec<BlockHash>> {
    let groups = groups.borrow();
    let hashes = |group: &Vec<Frame<Bytes>>| {
        let frames = group.iter();
        frames.map(|frame| frame.located.block.hash).collect()
    };
    groups.iter().map(hashes).collect()
}

#[test]
fn a_block_that_can_not_be_made_smaller_goes_whole_and_none_is_left_out() {
    let (home, list) = (Home::new(), blocks(&[1, 2]));
    home.made.borrow_mut().push(made(list[0], 4));
    let (_begun, groups) = begin(&home, TUNING, &list, &[]);
    assert_eq!(order(&groups), [hashes(&list)]);
    let frames = groups.borrow_mut().remove(0);
    assert!(frames[0].made.is_some() && frames[1].made.is_none());
    // On the wire: what was made without its header, and the whole block.
    assert_eq!(payload_bytes(&frames), 4 + 10);
    assert_eq!(frames.iter().map(Frame::spared_bytes).sum::<u64>(), 6);
}

#[test]
fn a_worker_is_not_started_for_a_few_bytes() {
    let (home, list) = (Home::new(), blocks(&[1, 2]));
    let tuning = Tuning {
        compressed_bytes: 21,
        ..TUNING
    };
    let (_begun, groups) = begin(&home, tuning, &list, &[]);
    assert_eq!(order(&groups), [hashes(&list)]);
    assert!(home.told.borrow().is_empty());
}

#[test]
fn blocks_whose_bases_are_here_are_compared_without_asking_the_server() {
    let (home, list, base) = (Home::new(), blocks(&[1, 2]), blocks(&[3, 2]));
    home.cache(base[0]);
    home.runs.borrow_mut().push(BaseRun {
        block: 0,
        base: 0..1,
    });
    let (begun, groups) = begin(&home, TUNING, &list, &base);
    assert!(begun.is_over() && home.asked().is_none());
    // What has no base waits for nothing, and comes first.
    assert_eq!(order(&groups), [[list[1].hash], [list[0].hash]]);
    let told = [Told::Made("nothing"), Told::Made("the cache")];
    assert_eq!(*home.told.borrow(), told);
}

/// However little of it is new: one changed cell changes a stream to its end.
#[test]
fn a_small_file_may_be_a_document_if_all_of_its_base_is_here() {
    let list = blocks(&[1, 3, 4, 5, 6, 7, 8, 9]);
    let base = blocks(&[2, 3, 4, 5, 6, 7, 8, 9]);
    let named = |here: &[BlockRef], base: &[BlockRef]| {
        let home = Home::new();
        for block in here {
            home.cache(*block);
        }
        home.runs.borrow_mut().push(BaseRun {
            block: 0,
            base: 0..1,
        });
        let (_begun, _groups) = begin(&home, TUNING, &list, base);
        home.documents.take()
    };
    assert_eq!(named(&base, &base), [8]);
    assert_eq!(named(&base[..7], &base), [0]);
    // A file in which a block comes twice is not those blocks one after another.
    let twice = [&base[..], &base[..1]].concat();
    assert_eq!(named(&base, &twice), [0]);
    let large = BlockRef {
        length: MAX_DOCUMENT_BYTES as u32,
        ..base[7]
    };
    let too_large = [&base[..7], &[large]].concat();
    assert_eq!(named(&too_large, &too_large), [0]);
}

#[test]
fn a_base_of_which_much_is_new_is_searched_if_it_is_here() {
    let (home, list, base) = (Home::new(), blocks(&[1, 2]), blocks(&[3, 2]));
    for block in &base {
        home.cache(*block);
    }
    home.runs.borrow_mut().push(BaseRun {
        block: 0,
        base: 0..1,
    });
    let (_begun, groups) = begin(&home, TUNING, &list, &base);
    assert_eq!(order(&groups).len(), 2);
    let searched = Told::Made("all of the cache");
    assert!(home.told.borrow().contains(&searched));

    // One of nine blocks is too little for it.
    let (home, base) = (Home::new(), blocks(&[3, 4, 5, 6, 7, 8, 9, 10, 11]));
    for block in &base {
        home.cache(*block);
    }
    home.runs.borrow_mut().push(BaseRun {
        block: 0,
        base: 0..1,
    });
    let (_begun, groups) = begin(&home, TUNING, &list[..1], &base);
    assert_eq!(order(&groups).len(), 1);
    assert_eq!(*home.told.borrow(), [Told::Made("the cache")]);
}

#[test]
fn where_much_is_new_the_whole_base_is_signed_once() {
    let (home, list, base) = (Home::new(), blocks(&[1, 2]), blocks(&[3, 4]));
    for block in 0..2 {
        home.runs.borrow_mut().push(BaseRun {
            block,
            base: block..block + 1,
        });
    }
    let (begun, groups) = begin(&home, TUNING, &list, &base);
    let asked = home.call();
    let Call::Signatures(body) = &asked.call else {
        panic!("{:?}", asked.call);
    };
    assert_eq!(body.blocks.len(), 2);
    asked.say(Ok((Bytes::default(), 2_usize)));
    assert!(begun.is_over() && home.asked().is_none());
    assert_eq!(order(&groups).len(), 2);
}

#[test]
fn signatures_are_asked_for_until_every_base_block_is_signed() {
    let (home, list, base) = (Home::new(), blocks(&[1]), blocks(&[3, 4, 5, 6]));
    home.runs.borrow_mut().push(BaseRun {
        block: 0,
        base: 1..3,
    });
    // On one folder, the server has to know of which file they are.
    home.root.set(Some(id(9)));
    let (begun, groups) = begin(&home, TUNING, &list, &base);
    let mut signed = Vec::new();
    while let Some(asked) = home.asked() {
        let Call::Signatures(body) = &asked.call else {
            panic!("{:?}", asked.call);
        };
        signed.push(body.blocks.len());
        assert_eq!(body.of, [id(1)]);
        asked.say(Ok((Bytes::default(), 1_usize)));
    }
    assert_eq!(signed, [2, 1]);
    assert!(begun.is_over() && groups.borrow().len() == 1);
    assert_eq!(*home.told.borrow(), [Told::Made("signatures")]);
}

#[test]
fn an_upload_does_not_stop_where_signatures_are_not_to_be_had() {
    let (home, list, base) = (Home::new(), blocks(&[1]), blocks(&[3]));
    home.runs.borrow_mut().push(BaseRun {
        block: 0,
        base: 0..1,
    });
    let (_begun, groups) = begin(&home, TUNING, &list, &base);
    // An answer that signs nothing would be asked for for ever.
    let asked = home.call();
    assert!(matches!(&asked.call, Call::Signatures(body) if body.of.is_empty()));
    asked.say(Ok((Bytes::default(), 0_usize)));
    assert_eq!(order(&groups), [hashes(&list)]);
    assert!(home.told.borrow().is_empty());
}

#[test]
fn work_that_saves_nothing_is_given_up() {
    let home = Home::new();
    let list: Vec<BlockRef> = (0..5).map(|n| block(n, 16 << 20)).collect();
    let (_begun, groups) = begin(&home, TUNING, &list, &[]);
    let all: Vec<BlockHash> = order(&groups).concat();
    assert_eq!(all, hashes(&list));
    let tried = home.told.borrow().len();
    assert!(tried < groups.borrow().len(), "{tried} groups were tried");
}
