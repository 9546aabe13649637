//! The client is everything around the sync engine but the IO itself, which is behind
//! [`ports`]. The engine of [`sync`] decides what is to be done, and the client carries it
//! out. A page runs the client, and so does the simulator.
//!
//! | file | does |
//! | --- | --- |
//! | [`ports`] | what it needs from where it runs |
//! | `runner` | hands inputs to the engine, carries out its effects in order, sets its timer |
//! | [`requests`] | makes a request of the engine at the server |
//! | [`polls`] | puts the polls of all clients of a page into one request |
//! | `writes` | makes the requests that store a content, in few bytes and few requests |
//! | `gather`, `batches` | put new files, or changes of places, into one request |
//! | [`lists`] | looks up block lists, here or at the server |
//! | [`drafts`] | hashes, sends, copies and lets go the bytes of unsent edits |
//! | `frames` | makes blocks of a draft into patches or LZ4, or leaves them plain |
//! | `sender`, `weight` | send blocks of many files, packed together |
//! | `solid` | puts the patches of a request into one stream |
//! | `wallet` | has the receipts for what was sent, where only a folder is to be seen |
//! | `queue` | holds what waits to travel together |
//! | `fill` | puts what was sent into the block cache |
//! | [`downloads`] | puts files together from the block cache and the server |
//! | [`gate`] | holds requests until it is known who is signed in |
//! | [`patience`] | asks the server again, for what a person waits for |
//! | [`past`] | brings back what was in a folder at a time |

#![warn(missing_docs)]

mod batches;
pub mod bell;
pub mod downloads;
pub mod drafts;
mod engine;
pub mod failure;
mod fill;
mod frames;
pub mod gate;
mod gather;
pub mod lists;
pub mod located;
mod lull;
pub mod past;
pub mod patience;
pub mod polls;
pub mod ports;
mod queue;
pub mod requests;
mod runner;
mod sender;
mod solid;
pub mod tuning;
mod wallet;
mod weight;
mod writes;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use failure::Failure;

use bell::{Bell, Latch};
use drafts::Drafts;
use engine::EngineCell;
use fill::Fill;
use gate::Gate;
use lists::Lists;
use requests::{Code, Requests};
use runner::Runner;
use sender::Sender;
use std::cell::Ref;
use std::rc::Rc;
use sync::Engine;
use sync::edit::DraftId;
use sync::message::{Input, Observation};
use tuning::Tuning;
use writes::Writes;

/// One engine at work, for one user's session.
pub struct Client<P: Code>(Rc<Parts<P>>);

/// A content that the server does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsentContent {
    /// What names the content here.
    pub draft: DraftId,
    /// What the person's file is called.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

struct Parts<P: Code> {
    platform: P,
    engine: EngineCell,
    lists: Lists<P>,
    drafts: Drafts<P>,
    fill: Fill<P>,
    runner: Runner<P>,
    again: Bell,
    over: Latch,
}

impl<P: Code> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Code> Client<P> {
    /// A client of this engine. `gate` says whether requests may leave. A ring of `again`
    /// says that what waits for the network is worth another try.
    pub fn new(platform: P, engine: Engine, tuning: Tuning, gate: Gate, again: Bell) -> Self {
        let engine = EngineCell::new(engine);
        let over = Latch::default();
        let lists = Lists::new(platform.clone(), engine.clone(), tuning);
        let sender = Sender::new(platform.clone(), tuning);
        let drafts = Drafts::new(
            platform.clone(),
            engine.clone(),
            tuning,
            lists.clone(),
            sender.clone(),
            again.clone(),
        );
        let fill = Fill::new(platform.clone(), tuning, drafts.clone(), sender.clone());
        let writes = Writes::new(
            platform.clone(),
            engine.clone(),
            tuning,
            lists.clone(),
            drafts.clone(),
            sender,
        );
        let requests = Requests::new(
            (platform.clone(), engine.clone()),
            gate,
            lists.clone(),
            drafts.clone(),
            writes,
            (again.clone(), over.clone()),
        );
        let runner = Runner::new(
            platform.clone(),
            engine.clone(),
            drafts.clone(),
            fill.clone(),
            requests,
            over.clone(),
        );
        Self(Rc::new(Parts {
            platform,
            engine,
            lists,
            drafts,
            fill,
            runner,
            again,
            over,
        }))
    }

    /// Whether both are handles of one client.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The engine, to be read. The caller must not hold it while the client takes inputs.
    pub fn engine(&self) -> Ref<'_, Engine> {
        self.0.engine.read()
    }

    /// The ports that the client runs on.
    pub fn platform(&self) -> &P {
        &self.0.platform
    }

    /// The block lists that this device knows.
    pub fn lists(&self) -> &Lists<P> {
        &self.0.lists
    }

    /// The bytes of unsent edits.
    pub fn drafts(&self) -> &Drafts<P> {
        &self.0.drafts
    }

    /// The bell that rings when what waits for the network is worth another try.
    pub fn again(&self) -> &Bell {
        &self.0.again
    }

    /// The latch that is set when the session is over.
    pub fn over(&self) -> &Latch {
        &self.0.over
    }

    /// Hands inputs to the engine, shows what they change and begins what follows.
    pub fn take(&self, inputs: Vec<Input>) {
        self.0.runner.take(inputs);
    }

    /// Carries out the effects that wait, unless that is being done.
    pub fn work(&self) {
        self.0.runner.work();
    }

    /// Counts the changes that the server does not have: edits, contents that wait behind
    /// them, and resolutions.
    pub fn unsent(&self) -> usize {
        let engine = self.engine();
        let trees = engine.trees();
        let later: usize = trees.edits().map(|edit| edit.later.len()).sum();
        trees.edit_count() + later + trees.resolutions().len()
    }

    /// The contents that the server does not have, and that are nowhere but here: of files,
    /// and of what the person made of both sides of a conflict. Copies of what the server
    /// has are not among them.
    pub fn unsent_contents(&self) -> Vec<UnsentContent> {
        let engine = self.engine();
        let trees = engine.trees();
        let edits = trees.edits().flat_map(|edit| edit.drafts());
        let merges = trees.resolutions().values();
        let merges = merges.filter_map(|resolution| resolution.draft());
        let all = edits.chain(merges);
        let own = all.filter(|draft| draft.copy_of.is_none());
        let told = own.map(|draft| UnsentContent {
            draft: draft.id,
            name: draft.file_name.clone(),
            size: draft.size,
        });
        told.collect()
    }

    /// Lets go of everything that the server does not have.
    pub fn forget_unsent(&self) {
        let forgotten: Vec<Input> = {
            let engine = self.engine();
            let trees = engine.trees();
            let edits = trees.edits().map(|edit| edit.item);
            let edits = edits.map(|item| Observation::Withdrawn { item });
            let decided = trees.resolutions().keys().copied();
            let decided = decided.map(|conflict| Observation::Unresolved { conflict });
            edits.chain(decided).map(Input::Observed).collect()
        };
        self.take(forgotten);
    }

    /// Ends the session: the client takes, writes and sends nothing any more. Copies of
    /// drafts stay.
    pub fn end(&self) {
        self.0.runner.end();
        self.0.drafts.let_go();
        self.0.fill.forget();
    }
}
