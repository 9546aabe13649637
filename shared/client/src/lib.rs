//! The client: everything around the sync engine but the IO itself, which is
//! behind ports. What is decided is decided in [`sync`]; this carries it out. A page
//! runs it, and so does the simulator.
//!
//! | file | does |
//! | --- | --- |
//! | [`ports`] | what it needs from where it runs |
//! | [`runner`] | inputs into the engine, its effects in order, its timer |
//! | [`requests`] | a request of the engine, at the server |
//! | [`writes`] | those that store a content: in as few bytes and requests as can be |
//! | [`gather`], [`batches`] | new files, or changes of places, many in one request |
//! | [`lists`] | the block lists that this device knows |
//! | [`drafts`] | the bytes of unsent edits: hashed, sent, kept, let go |
//! | [`frames`] | blocks of a draft as patches, as LZ4 or plain |
//! | [`sender`], [`weight`] | blocks of many files on their way, packed together |
//! | [`queue`] | what waits to travel together |
//! | [`fill`] | what was sent, into the block cache |
//! | [`downloads`] | files out of the block cache, and what it lacks from the server |
//! | [`gate`] | no request before it is known who is signed in |
//! | [`patience`] | asking again, for what a person waits for |

pub mod batches;
pub mod bell;
pub mod downloads;
pub mod drafts;
pub mod engine;
pub mod failure;
pub mod fill;
pub mod frames;
pub mod gate;
pub mod gather;
pub mod lists;
pub mod located;
mod lull;
pub mod patience;
pub mod ports;
pub mod queue;
pub mod requests;
pub mod runner;
pub mod sender;
pub mod tuning;
pub mod weight;
pub mod writes;

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
use sync::message::Input;
use tuning::Tuning;
use writes::Writes;

/// One engine at work, for one user's session.
pub struct Client<P: Code>(Rc<Parts<P>>);

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
    /// `gate` says whether requests may leave; a ring of `again`, that what waits for
    /// the network is worth another try.
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

    /// Whether both are handles of one.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The engine, to be read.
    pub fn engine(&self) -> Ref<'_, Engine> {
        self.0.engine.read()
    }

    pub fn platform(&self) -> &P {
        &self.0.platform
    }

    pub fn lists(&self) -> &Lists<P> {
        &self.0.lists
    }

    pub fn drafts(&self) -> &Drafts<P> {
        &self.0.drafts
    }

    /// Rung when what waits for the network is worth another try.
    pub fn again(&self) -> &Bell {
        &self.0.again
    }

    /// Set when the session is over.
    pub fn over(&self) -> &Latch {
        &self.0.over
    }

    /// Hands inputs in, shows what they change and begins what follows.
    pub fn take(&self, inputs: Vec<Input>) {
        self.0.runner.take(inputs);
    }

    /// Carries out what waits, unless that is being done.
    pub fn work(&self) {
        self.0.runner.work();
    }

    /// How many changes the server does not have.
    pub fn unsent(&self) -> usize {
        let engine = self.engine();
        let trees = engine.trees();
        let later: usize = trees.edits().map(|edit| edit.later.len()).sum();
        trees.edit_count() + later + trees.resolutions().len()
    }

    /// Ends it: nothing is handed in, written or sent any more. Copies of drafts stay.
    pub fn end(&self) {
        self.0.runner.end();
        self.0.drafts.let_go();
        self.0.fill.forget();
    }
}
