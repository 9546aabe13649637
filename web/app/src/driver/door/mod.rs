//! The door: what a person hands in, from the drop to the engine. Nothing of an
//! intake is taken in before the person has answered what it asks; what each
//! file becomes is decided by [`sync::intake`].
//!
//! | file | does |
//! | --- | --- |
//! | here | intakes that are walked, or wait for an answer or for the rest |
//! | [`taking`] | what is done with them, in a [part](crate::parts) of the page |
//! | [`pass`] | one of them on its way in, file by file |
//! | [`folders`] | the folders that this makes, taken back if it is cancelled |
//! | [`shown`] | what the person sees, as the decision takes it |
//! | [`remembered`] | answers that hold for a folder |

mod folders;
mod pass;
mod remembered;
mod shown;
pub mod taking;

use super::current::Current;
use super::panel::Panel;
use super::panel::coming::Passage;
use super::ports::Client;
use crate::parts::{AGAIN_MILLIS, PartFuture};
use crate::state::door::{AtDoor, IntakeId, LeftOut, NamesAnswer};
use crate::state::notices::Notices;
use crate::state::uploads::{Stage, UploadId};
use crate::words::{say, say_many, t};
use folders::MadeFolders;
use futures_util::FutureExt;
use leptos::prelude::{GetUntracked, RwSignal, Set, Update, WithUntracked};
use pass::{HandedIn, Inside};
use platform::browser::clock;
use platform::intake::{DropContents, Watch};
use protocol::ids::{ItemId, UserId};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// What is done in the part.
pub enum DoorAct {
    /// Takes in what was handed in to a folder, or asks about it. `onto` is the file that it was
    /// dropped onto: a single file of its name is its next version, whoever drops it there
    /// has said so.
    Add {
        folder: Option<ItemId>,
        onto: Option<ItemId>,
        intake: DropContents,
    },
    /// Takes a file in as the next version of an item, whatever its name is.
    AddVersion { item: ItemId, file: File },
    /// Tries once more what was cancelled, or could not be.
    Retry(UploadId),
    /// The person has answered: it is carried out against what is shown by then.
    Answer(IntakeId, NamesAnswer),
    /// Files whose names are taken in this folder are asked about again.
    AskAgain(Option<ItemId>),
    /// The tree shows something else: so do the questions about it.
    LookAgain,
}

impl DoorAct {
    /// Files that would be lost with the page.
    fn files(&self) -> usize {
        match self {
            Self::Add { intake, .. } => intake.files.len(),
            Self::AddVersion { .. } => 1,
            Self::Retry(_) | Self::Answer(..) | Self::AskAgain(_) | Self::LookAgain => 0,
        }
    }
}

/// How it is reached.
#[derive(Clone, Copy)]
pub struct DoorPart {
    /// Only fetches it.
    pub load: fn() -> PartFuture<()>,
    /// [`Door::carry_out`].
    pub act: fn(Rc<Door>, DoorAct) -> PartFuture<()>,
}

pub struct Door {
    part: DoorPart,
    inside: Inside,
    last_id: Cell<IntakeId>,
    /// What waits for an answer.
    asked: RefCell<BTreeMap<IntakeId, HandedIn>>,
    /// Whose answers are remembered.
    user: Cell<Option<UserId>>,
}

/// A walk, as somebody watches it who can end it.
pub struct Walk {
    door: Rc<Door>,
    passage: Rc<Passage>,
}

impl Watch for Walk {
    fn found(&self, files: usize) -> bool {
        self.passage.files.set(files);
        let is_over = self.passage.stopped.is_set();
        if !is_over {
            self.door.show_walks();
        }
        !is_over
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.door.inside.panel.coming.end(&self.passage);
        self.door.show_walks();
    }
}

impl Door {
    pub fn new(
        part: DoorPart,
        current: Current,
        panel: Rc<Panel>,
        shown: AtDoor,
        tree: RwSignal<Tree>,
        notices: Notices,
    ) -> Rc<Self> {
        let folders = MadeFolders::new(current.clone());
        Rc::new(Self {
            part,
            inside: Inside {
                current,
                tree,
                panel,
                folders,
                shown,
                notices,
            },
            last_id: Cell::new(0),
            asked: RefCell::default(),
            user: Cell::new(None),
        })
    }

    /// Somebody is signed in: what they said for good holds again.
    pub fn open_for(&self, user: UserId) {
        self.user.set(Some(user));
        remembered::read(self.inside.shown.remembered, user);
    }

    /// Has it done in the part: at once, if that is here. Otherwise it waits for the part,
    /// and with it the page.
    pub fn act(self: &Rc<Self>, act: DoorAct) {
        let mut loading = (self.part.load)();
        let outcome = (&mut loading).now_or_never();
        if let Some(Ok(())) = outcome {
            return self.begin(act);
        }
        let door = self.clone();
        let passage = Rc::new(Passage::default());
        passage.files.set(act.files());
        let panel = &self.inside.panel;
        panel.coming.begin(passage.clone());
        panel.keep_summing();
        spawn_local(async move {
            let Inside {
                current,
                panel,
                notices,
                ..
            } = &door.inside;
            let client = current.client();
            let mut is_missing = match outcome {
                Some(_) => true,
                None => loading.await.is_err(),
            };
            if is_missing {
                notices.bad(t(
                    "A part of this page could not be loaded yet. What you added waits for it: keep this page open",
                ));
            }
            while is_missing {
                clock::sleep(AGAIN_MILLIS).await;
                is_missing = (door.part.load)().await.is_err();
            }
            panel.coming.end(&passage);
            let is_same = client.as_ref().is_some_and(|then| is_now(current, then));
            if is_same && !passage.stopped.is_set() {
                door.begin(act);
            }
        });
    }

    /// Has it done, once the part is here.
    fn begin(self: &Rc<Self>, act: DoorAct) {
        let mut done = (self.part.act)(self.clone(), act);
        if (&mut done).now_or_never().is_none() {
            spawn_local(async move {
                let _ = done.await;
            });
        }
    }

    /// Takes in what a walk brings: see [`DoorAct::Add`].
    pub fn walk(
        self: &Rc<Self>,
        folder: Option<ItemId>,
        onto: Option<ItemId>,
        begin: impl FnOnce(Walk) -> Pin<Box<dyn Future<Output = DropContents>>>,
    ) {
        let door = self.clone();
        let passage = Rc::new(Passage::default());
        passage.is_walk.set(true);
        door.inside.panel.coming.begin(passage.clone());
        let watch = Walk {
            door: door.clone(),
            passage: passage.clone(),
        };
        let walked = begin(watch);
        spawn_local(async move {
            let current = &door.inside.current;
            let client = current.client();
            let intake = walked.await;
            let is_same = client.as_ref().is_some_and(|then| is_now(current, then));
            if passage.stopped.is_set() || !is_same {
                return;
            }
            door.act(DoorAct::Add {
                folder,
                onto,
                intake,
            });
        });
    }

    /// The tree shows something else.
    pub fn look_again(self: &Rc<Self>) {
        if !self.asked.borrow().is_empty() {
            self.act(DoorAct::LookAgain);
        }
    }

    /// Nothing of it is taken in.
    pub fn refuse(&self, id: IntakeId) {
        let Some(handed_in) = self.take_question(id) else {
            return;
        };
        if let Some(row) = &handed_in.row {
            row.finish(Stage::Cancelled);
        }
        let text = match handed_in.dropped.as_slice() {
            [one] => say!("“{name}” was not uploaded", name = one.file.name()),
            many => say_many!(
                many.len(),
                "The file was not uploaded",
                "None of these {n} files was uploaded"
            ),
        };
        self.inside.notices.good(text);
        let decided = self.inside.shown.decided;
        decided.update(|decided| *decided += 1);
    }

    fn take_question(&self, id: IntakeId) -> Option<HandedIn> {
        let handed_in = self.asked.borrow_mut().remove(&id);
        let questions = self.inside.shown.questions;
        questions.update(|all| all.retain(|question| question.id != id));
        handed_in
    }

    /// Whether something would be gone with the page that it does not have yet.
    pub fn is_open(&self) -> bool {
        !self.asked.borrow().is_empty() || !self.inside.panel.coming.is_empty()
    }

    /// Ends all uploads, and whatever is on its way in: what is not taken in by now
    /// will not be. What the server is being asked to store at this moment ends first,
    /// so that the rows say what is there.
    pub fn cancel_all(&self) {
        let panel = &self.inside.panel;
        panel.cancel_all();
        let asked = self.asked.take();
        let files: usize = asked.values().map(|one| one.dropped.len()).sum();
        panel.coming.add_cancelled(panel.coming.stop_all() + files);
        let questions = self.inside.shown.questions;
        if !questions.with_untracked(Vec::is_empty) {
            questions.set(Vec::new());
        }
        self.show_walks();
        self.inside.folders.withdraw_all();
        panel.sum_once();
    }

    /// Takes back folders of what was cancelled, as far as nobody speaks of them.
    pub fn tidy(&self) {
        self.inside.folders.tidy();
    }

    /// The person has seen what was not taken in.
    pub fn clear_left_out(&self) {
        self.inside.shown.left_out.set(LeftOut::default());
    }

    /// Nothing of what `user` said for good stays in the browser.
    pub fn forget_answers(&self, user: Option<UserId>) {
        remembered::forget_all(self.inside.shown.remembered, user);
    }

    /// The person has signed out.
    pub fn forget_all(&self) {
        self.inside.panel.coming.stop_all();
        self.inside.panel.coming.clear_cancelled();
        self.asked.take();
        self.inside.folders.forget_all();
        self.user.set(None);
        self.inside.shown.questions.set(Vec::new());
        self.inside.shown.walking.set(None);
        self.clear_left_out();
    }

    fn show_walks(&self) {
        let walking = self.inside.panel.coming.found();
        if self.inside.shown.walking.get_untracked() != walking {
            self.inside.shown.walking.set(walking);
        }
    }
}

/// Whether the page still works for the same session.
fn is_now(current: &Current, then: &Client) -> bool {
    current.client().is_some_and(|now| then.is_same(&now))
}
