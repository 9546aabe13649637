//! Small pictures of files: which are wanted, and what is shown. All that is done about them
//! is in [`work`], a part of the page: somebody without pictures and videos never fetches it.

mod still;
pub mod work;

use super::current::Current;
use super::ports::{Client, Means};
use crate::parts::PartFuture;
use crate::state::Drive;
use futures_util::FutureExt;
use leptos::prelude::Set;
use platform::api::content::ObjectUrl;
use protocol::ids::{ItemId, UnixMillis, Version};
use protocol::items::Item;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use sync::edit::DraftId;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;
use work::Looked;

/// One version of a file.
pub type Key = (ItemId, Version);

/// Endings of names of which a thumbnail is made. The bytes have the last word.
const ENDINGS: [&str; 9] = [
    "jpg", "jpeg", "jfif", "png", "apng", "gif", "webp", "avif", "bmp",
];
/// A larger picture, in bytes, gets none.
const MOST_BYTES: u64 = 32 << 20;
/// Of these a player shows one picture, without reading the whole file.
const VIDEOS: [&str; 6] = ["mp4", "m4v", "mov", "webm", "ogv", "mkv"];
/// How many of the files that this tab has uploaded wait for a thumbnail: the newest. What
/// is beyond gets one when it is looked at.
const MOST_UPLOADED: usize = 2_000;

/// A file that may have a thumbnail.
#[derive(Clone, Copy, Debug)]
pub struct Picture {
    pub key: Key,
    size: u64,
    is_video: bool,
    /// When the server took it, by the server's clock.
    taken_at: UnixMillis,
}

impl Picture {
    /// `None` for what has no thumbnail.
    pub fn of(item: &Item) -> Option<Self> {
        let file = item.file.as_ref()?;
        let (_, ending) = item.name.as_str().rsplit_once('.')?;
        let is_in = |all: &[&str]| all.iter().any(|one| one.eq_ignore_ascii_case(ending));
        let is_video = is_in(&VIDEOS);
        let is_one = is_video || is_in(&ENDINGS) && file.size <= MOST_BYTES;
        let is_there = file.version > 0 && file.size > 0;
        (is_one && is_there).then_some(Self {
            key: (item.id, file.version),
            size: file.size,
            is_video,
            taken_at: file.committed.at_ms,
        })
    }
}

/// Sees to all that is wanted ([`work::run`]): a part of the page.
pub type Work = fn(Rc<Thumbnails>) -> PartFuture<()>;

pub struct Thumbnails {
    drive: Drive,
    current: Current,
    means: Means,
    pub work: Work,
    /// What views show, and how many do.
    wanted: RefCell<BTreeMap<Key, (Picture, usize)>>,
    /// What this tab has uploaded, the newest last.
    uploaded: RefCell<VecDeque<(Picture, File)>>,
    /// What is known of those that are not shown.
    looked: RefCell<BTreeMap<Key, Looked>>,
    /// Of those that are shown.
    urls: RefCell<BTreeMap<Key, ObjectUrl>>,
    works: Cell<bool>,
}

impl Thumbnails {
    pub fn new(drive: Drive, current: Current, means: Means, work: Work) -> Rc<Self> {
        Rc::new(Self {
            drive,
            current,
            means,
            work,
            wanted: RefCell::default(),
            uploaded: RefCell::default(),
            looked: RefCell::default(),
            urls: RefCell::default(),
            works: Cell::new(false),
        })
    }

    /// A view shows this file from now on.
    pub fn wants(self: &Rc<Self>, picture: Picture) {
        let mut wanted = self.wanted.borrow_mut();
        wanted.entry(picture.key).or_insert((picture, 0)).1 += 1;
        let is_new = !self.urls.borrow().contains_key(&picture.key);
        drop(wanted);
        if is_new {
            self.begin();
        }
    }

    /// One that showed it does not any more.
    pub fn lets_go(&self, key: Key) {
        let mut wanted = self.wanted.borrow_mut();
        if let Some((_, views)) = wanted.get_mut(&key) {
            *views -= 1;
            if *views == 0 {
                wanted.remove(&key);
            }
        }
    }

    /// The server has taken a file of this tab's.
    pub fn uploaded(self: &Rc<Self>, client: &Client, draft: DraftId, item: &Item) {
        let Some(picture) = Picture::of(item) else {
            return;
        };
        // What is not in hand at this moment is not waited for.
        let Some(Some(file)) = client.drafts().file(draft).now_or_never() else {
            return;
        };
        // A copy of an older version would be none of this one.
        if file.size() as u64 != picture.size {
            return;
        }
        let mut uploaded = self.uploaded.borrow_mut();
        uploaded.push_back((picture, file));
        if uploaded.len() > MOST_UPLOADED {
            uploaded.pop_front();
        }
        drop(uploaded);
        self.begin();
    }

    /// Sees to it, unless that is being done.
    fn begin(self: &Rc<Self>) {
        if self.current.api().user().is_some() && !self.works.replace(true) {
            let thumbnails = self.clone();
            spawn_local(async move {
                let work = thumbnails.work;
                // Without it there are icons, and the next view tries again.
                if work(thumbnails.clone()).await.is_err() {
                    thumbnails.works.set(false);
                }
            });
        }
    }

    /// Nobody is signed in any more, or nobody looks at this root.
    pub fn forget(&self) {
        self.uploaded.take();
        self.looked.take();
        self.urls.take();
        self.drive.thumbnails.set(BTreeMap::new());
    }
}

#[cfg(test)]
mod tests {
    use super::Picture;
    use blocks::chunk::SizeClass;
    use protocol::ids::{DeviceId, ItemId};
    use protocol::items::{Committed, FileHead, Item};
    use protocol::name::Name;

    fn file(name: &str, version: u64, size: u64) -> Item {
        let committed = Committed {
            user_name: "ann".to_owned(),
            device_id: DeviceId::from_random([1; 16]),
            device_name: "Laptop".to_owned(),
            at_ms: 1,
        };
        Item {
            id: ItemId::from_random([2; 16]),
            parent: None,
            name: Name::parse(name).expect("a name"),
            place_version: 1,
            file: Some(FileHead {
                version,
                size,
                size_class: SizeClass::for_size(size),
                modified_at_ms: 1.into(),
                committed,
                damaged: false,
            }),
            mount: None,
            created_at_ms: 1,
            trashed_at_ms: None,
            damaged: false,
        }
    }

    #[test]
    fn pictures_that_the_server_has_may_have_a_thumbnail() {
        let is_one = |name, version, size| Picture::of(&file(name, version, size)).is_some();
        assert!(is_one("Photo.JPG", 1, 1_000));
        assert!(is_one("a.b.avif", 3, 32 << 20));
        assert!(is_one("film.MOV", 1, 4 << 30));
        // The server does not have it yet; nothing is in it; it is too large.
        assert!(!is_one("photo.jpg", 0, 1_000));
        assert!(!is_one("photo.jpg", 1, 0));
        assert!(!is_one("photo.jpg", 1, (32 << 20) + 1));
        // They may run something, or are decoded by nobody here.
        for name in ["a.svg", "a.pdf", "a.mp3", "a.heic", "jpg", "a.jpg.html"] {
            assert!(!is_one(name, 1, 1_000), "{name}");
        }
        let folder = Item {
            file: None,
            ..file("folder.png", 1, 1_000)
        };
        assert!(Picture::of(&folder).is_none());
    }
}
