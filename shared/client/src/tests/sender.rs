use super::home::{Asked, Begun, Call, File, Home, TUNING, block, hashes, id, located};
use crate::failure::Failure;
use crate::ports::{Frame, Made, SendProgress};
use crate::sender::{FileToSend, Sender};
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::manifest::BlockRef;
use protocol::problem::Problem;
use std::cell::RefCell;
use std::rc::Rc;
use sync::edit::DraftId;

const HEADER: u64 = FRAME_HEADER_BYTES as u64;

type Bytes = Rc<Vec<BlockRef>>;

/// Files whose blocks fill a request each.
struct Upload {
    home: Home,
    sender: Sender<Home>,
}

/// One file on its way.
struct OnItsWay {
    end: Begun<Result<(), Failure>>,
    told: Rc<RefCell<Vec<SendProgress>>>,
}

impl OnItsWay {
    fn last(&self) -> SendProgress {
        *self.told.borrow().last().expect("it is told")
    }
}

impl Upload {
    fn new() -> Self {
        let home = Home::new();
        let sender = Sender::new(home.clone(), TUNING);
        Self { home, sender }
    }

    fn send(&self, file: &File, frames: Vec<Frame<Bytes>>) -> OnItsWay {
        let told = Rc::new(RefCell::new(Vec::new()));
        let (sender, file, hears) = (self.sender.clone(), file.clone(), told.clone());
        let end = self.home.begin(async move {
            let count = frames.len();
            let make = async |hand_on: &dyn Fn(Vec<Frame<Bytes>>)| hand_on(frames);
            let progress = move |sent| hears.borrow_mut().push(sent);
            let source = FileToSend {
                draft: DraftId(1),
                item: Some(id(1)),
                file: &file,
            };
            sender.send(source, count, progress, make).await
        });
        OnItsWay { end, told }
    }

    fn send_plain(&self, file: &File, blocks: &[BlockRef]) -> OnItsWay {
        let frames = located(blocks).into_iter().map(Frame::plain);
        self.send(file, frames.collect())
    }

    /// The next pack: its blocks, and which of them are made.
    fn pack(&self) -> (Vec<(blocks::hash::BlockHash, bool)>, Asked) {
        let mut asked = self.home.call();
        match &mut asked.call {
            Call::StoreBlocks(blocks) => (std::mem::take(blocks), asked),
            other => panic!("{other:?}"),
        }
    }
}

fn compressed(block: BlockRef, payload_bytes: u32) -> Frame<Bytes> {
    made(block, payload_bytes, Vec::new())
}

fn patch(block: BlockRef, payload_bytes: u32) -> Frame<Bytes> {
    made(block, payload_bytes, vec![self::block(99, 200)])
}

fn made(block: BlockRef, payload_bytes: u32, bases: Vec<BlockRef>) -> Frame<Bytes> {
    let made = Made {
        hash: block.hash,
        frame_bytes: payload_bytes + FRAME_HEADER_BYTES as u32,
        bases,
    };
    Frame {
        made: Some((made, Rc::default())),
        ..Frame::plain(located(&[block])[0])
    }
}

#[test]
fn bytes_that_have_left_are_counted_without_their_headers() {
    let upload = Upload::new();
    let list = [block(1, 60), block(2, 60)];
    let file = upload.send_plain(&File::of(&list), &list);
    let (_, asked) = upload.pack();
    (asked.progress)(HEADER + 60 + HEADER + 5);
    let travelling = SendProgress {
        stored: 0,
        travelling: 65,
        spared: 0,
        patched: 0,
    };
    assert_eq!(file.last(), travelling);
    asked.say(Ok(()));
    let stored = SendProgress {
        stored: 120,
        travelling: 0,
        spared: 0,
        patched: 0,
    };
    assert_eq!(file.last(), stored);
    assert_eq!(file.end.end(), Ok(()));
}

#[test]
fn small_files_share_a_request_and_each_counts_its_own_bytes() {
    let upload = Upload::new();
    let (one, two) = ([block(1, 20)], [block(2, 30)]);
    let files = [
        upload.send_plain(&File::of(&one), &one),
        upload.send_plain(&File::of(&two), &two),
    ];
    assert!(upload.home.asked().is_none());
    upload.home.pass(400);
    let (pack, asked) = upload.pack();
    assert_eq!(pack.len(), 2);
    (asked.progress)(HEADER + 20 + HEADER + 7);
    assert_eq!(files.each_ref().map(|file| file.last().travelling), [20, 7]);
    asked.say(Ok(()));
    assert_eq!(files.map(|file| file.last().stored), [20, 30]);
}

#[test]
fn what_is_compressed_is_spared_and_not_taken_from_another_block() {
    let upload = Upload::new();
    let whole = block(1, 200);
    let file = upload.send(&File::of(&[whole]), vec![compressed(whole, 120)]);
    assert_eq!((file.last().spared, file.last().patched), (80, 0));
}

#[test]
fn a_pack_that_is_sent_again_counts_once_and_what_it_does_not_save_is_not_saved() {
    let upload = Upload::new();
    let whole = block(1, 200);
    let file = upload.send(&File::of(&[whole]), vec![patch(whole, 120)]);
    assert_eq!((file.last().spared, file.last().patched), (80, 80));
    let (pack, asked) = upload.pack();
    assert_eq!(pack, [(whole.hash, true)]);
    (asked.progress)(HEADER + 120);
    asked.say::<()>(Err(Failure::Refused(Problem::PatchRefused {
        block: whole.hash,
        detail: String::new(),
    })));
    // The server lacks the base: the block goes whole.
    let (pack, asked) = upload.pack();
    assert_eq!(pack, [(whole.hash, false)]);
    asked.say(Ok(()));
    let all = SendProgress {
        stored: 200,
        travelling: 0,
        spared: 0,
        patched: 0,
    };
    assert_eq!(file.last(), all);
    assert_eq!(file.end.end(), Ok(()));
}

#[test]
fn patches_go_one_by_one_once_a_server_has_refused_a_solid_body() {
    let upload = Upload::new();
    upload.home.makes_solid.set(true);
    let solids = || std::mem::take(&mut *upload.home.solids.borrow_mut());
    let (one, two) = (block(1, 200), block(2, 200));
    let first = upload.send(&File::of(&[one]), vec![patch(one, 120)]);
    let (pack, asked) = upload.pack();
    assert_eq!((pack, solids()), (vec![(one.hash, true)], vec![true]));
    asked.say::<()>(Err(Failure::Refused(Problem::BadFrames {
        detail: "frame 0 has the unknown codec 83".into(),
    })));
    let (pack, asked) = upload.pack();
    assert_eq!((pack, solids()), (vec![(one.hash, true)], vec![false]));
    asked.say(Ok(()));
    assert_eq!(first.end.end(), Ok(()));
    let second = upload.send(&File::of(&[two]), vec![patch(two, 120)]);
    upload.pack().1.say(Ok(()));
    assert_eq!((second.end.end(), solids()), (Ok(()), vec![false]));
}

#[test]
fn what_has_no_patch_is_no_solid_body_and_what_is_refused_twice_is_refused() {
    let upload = Upload::new();
    upload.home.makes_solid.set(true);
    let whole = block(1, 200);
    let file = upload.send_plain(&File::of(&[whole]), &[whole]);
    let refused = Failure::Refused(Problem::BadFrames {
        detail: String::new(),
    });
    upload.pack().1.say::<()>(Err(refused.clone()));
    assert_eq!(file.end.end(), Err(refused.clone()));
    let file = upload.send(&File::of(&[whole]), vec![patch(whole, 120)]);
    upload.pack().1.say::<()>(Err(refused.clone()));
    upload.pack().1.say::<()>(Err(refused.clone()));
    assert_eq!(file.end.end(), Err(refused));
    assert_eq!(*upload.home.solids.borrow(), [false, true, false]);
}

#[test]
fn a_block_that_is_refused_whole_is_not_sent_for_ever() {
    let upload = Upload::new();
    let whole = block(1, 200);
    let file = upload.send_plain(&File::of(&[whole]), &[whole]);
    let refused = Failure::Refused(Problem::PatchRefused {
        block: whole.hash,
        detail: String::new(),
    });
    upload.pack().1.say::<()>(Err(refused.clone()));
    assert_eq!(file.end.end(), Err(refused));
    assert!(upload.home.asked().is_none());
}

#[test]
fn a_file_that_changed_while_it_was_sent_takes_no_other_down() {
    let upload = Upload::new();
    let (one, two) = ([block(1, 60)], [block(2, 60)]);
    let changed = upload.send_plain(&File::of(&one), &one);
    let sound = upload.send_plain(&File::of(&two), &two);
    let mismatch = Failure::Refused(Problem::HashMismatch {
        claimed: one[0].hash,
        actual: two[0].hash,
    });
    upload.pack().1.say::<()>(Err(mismatch.clone()));
    assert_eq!(changed.end.end(), Err(mismatch));
    upload.home.pass(400);
    let (pack, asked) = upload.pack();
    assert_eq!(pack, [(two[0].hash, false)]);
    asked.say(Ok(()));
    assert_eq!(sound.end.end(), Ok(()));
}

#[test]
fn a_file_that_was_moved_away_is_told_apart_from_a_network_that_is_down() {
    let upload = Upload::new();
    let (one, two) = ([block(1, 60)], [block(2, 60)]);
    let lost = File::of(&one);
    let moved = upload.send_plain(&lost, &one);
    let sound = upload.send_plain(&File::of(&two), &two);
    lost.lose();
    upload.pack().1.say::<()>(Err(Failure::Unreachable));
    assert_eq!(moved.end.end(), Err(Failure::FileUnreadable));
    // The other is sent again, and this time the network is down.
    upload.home.pass(400);
    upload.pack().1.say::<()>(Err(Failure::Unreachable));
    assert_eq!(sound.end.end(), Err(Failure::Unreachable));
}

#[test]
fn an_upload_that_the_person_cancels_takes_no_more_of_the_network() {
    let upload = Upload::new();
    let (one, two) = ([block(1, 60)], [block(2, 60)]);
    let cancelled = upload.send_plain(&File::of(&one), &one);
    let goes_on = upload.send_plain(&File::of(&two), &two);
    let (_, shared) = upload.pack();
    drop(cancelled);
    assert!(!shared.is_given_up());
    let alone = [block(3, 300)];
    let large = upload.send_plain(&File::of(&alone), &alone);
    let (pack, asked) = upload.pack();
    assert_eq!(pack, [(alone[0].hash, false)]);
    drop(large);
    assert!(asked.is_given_up());
    shared.say(Ok(()));
    assert_eq!(goes_on.end.end(), Ok(()));
    assert!(upload.sender.is_idle());
}

#[test]
fn more_packs_than_three_do_not_travel_at_one_time() {
    let upload = Upload::new();
    let files: Vec<_> = (0..5)
        .map(|n| {
            let list = [block(n, 100)];
            upload.send_plain(&File::of(&list), &list)
        })
        .collect();
    let packs: Vec<_> = std::iter::from_fn(|| upload.home.asked()).collect();
    assert_eq!(packs.len(), 3);
    packs.into_iter().for_each(|pack| pack.say(Ok(())));
    assert!(files[2].end.is_over() && !files[4].end.is_over());
    // What waited meanwhile shares a request.
    assert_eq!(upload.pack().0.len(), 2);
}

#[test]
fn a_last_small_edit_does_not_wait_for_files_that_do_not_come() {
    let upload = Upload::new();
    let list = [block(1, 20)];
    let _file = upload.send_plain(&File::of(&list), &list);
    assert!(upload.home.asked().is_none());
    upload.sender.set_out();
    upload.home.work();
    assert_eq!(upload.pack().0, [(hashes(&list)[0], false)]);
}

#[test]
fn a_file_that_is_cancelled_before_it_set_out_does_not_travel() {
    let upload = Upload::new();
    let (one, two) = ([block(1, 40)], [block(2, 40)]);
    let cancelled = upload.send_plain(&File::of(&one), &one);
    let _goes_on = upload.send_plain(&File::of(&two), &two);
    drop(cancelled);
    upload.home.pass(400);
    assert_eq!(upload.pack().0, [(two[0].hash, false)]);
}

/// Whether there is room for more frames while seven of 8 MiB wait or travel.
fn waits_for_room(upload: &Upload) -> (OnItsWay, Begun<()>) {
    let frames = (0..7).map(|n| patch(block(n, 9 << 20), 8 << 20));
    let file = upload.send(&File::of(&[]), frames.collect());
    let sender = upload.sender.clone();
    let room = upload.home.begin(async move { sender.has_room().await });
    (file, room)
}

#[test]
fn no_more_frames_are_made_than_there_is_memory_for() {
    let upload = Upload::new();
    let (_file, room) = waits_for_room(&upload);
    // Three travel and four wait, which are 32 MiB.
    assert!(!room.is_over());
    upload.pack().1.say(Ok(()));
    assert!(!room.is_over());
    upload.pack().1.say(Ok(()));
    assert!(room.is_over());
}

#[test]
fn the_memory_of_an_upload_that_is_cancelled_is_there_for_the_next() {
    let upload = Upload::new();
    let (file, room) = waits_for_room(&upload);
    drop(file);
    upload.home.work();
    assert!(room.is_over());
}
