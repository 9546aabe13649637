//! What there is, and what can happen next.

use super::{properties, server};
use stateright::{Model, Property};

/// How far is explored.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub clients: usize,
    /// Edits of each client.
    pub edits: u8,
    /// Versions that the file may come to have.
    pub versions: usize,
    /// Answers that are lost.
    pub lost: u8,
    /// Copies of commits that arrive late.
    pub late: u8,
    /// How often the time of grace passes.
    pub days: u8,
    /// Packs that are stored.
    pub packs: u8,
}

/// The rules that hold; a test leaves one out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The head is compared in the batch that writes.
    pub version_predicate: bool,
    /// A list refers to stored blocks only.
    pub foreign_key: bool,
    /// The collector leaves blocks of the last day.
    pub grace: bool,
    /// The collector looks again in the batch that removes.
    pub second_look: bool,
    /// A repeat is known by its id.
    pub operation_ids: bool,
    /// The id of a pack is never used again.
    pub fresh_packs: bool,
    /// A version that came second is kept before anyone is asked.
    pub keep_before_asking: bool,
}

impl Rules {
    pub const ALL: Self = Self {
        version_predicate: true,
        foreign_key: true,
        grace: true,
        second_look: true,
        operation_ids: true,
        fresh_packs: true,
        keep_before_asking: true,
    };
}

pub struct World {
    pub bounds: Bounds,
    pub rules: Rules,
}

/// A file's content is one block; there are two.
pub const BLOCKS: u8 = 2;

/// An edit: a client's number and which of its edits.
pub type Op = (u8, u8);

/// A version or a conflict: what it holds and who wrote it. The first version
/// is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Written {
    pub block: u8,
    pub op: Option<Op>,
}

/// A row of `blocks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub pack: u8,
    /// Stored longer ago than the time of grace.
    pub is_old: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Version n is at n - 1.
    pub versions: Vec<Written>,
    pub conflicts: Vec<Written>,
    pub rows: [Option<Row>; BLOCKS as usize],
    /// Packs whose object is there, and those that are condemned, as bits.
    pub objects: u8,
    pub condemned: u8,
    pub next_pack: u8,
    /// The answers that are kept for repeats: the version, or 0 for a conflict.
    pub operations: Vec<(Op, Step, u8)>,
    pub clients: Vec<Client>,
    pub collector: Collector,
    pub lost: u8,
    pub late: u8,
    pub days: u8,
    /// Somebody was told that a block is missing that they had sent today.
    pub upload_was_collected: bool,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    Commit,
    Keep,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// The version that it has seen.
    pub seen: u8,
    /// Edits that it has begun.
    pub edits: u8,
    pub edit: Option<Edit>,
    /// What it was told of its edits: the version, or 0 for a conflict.
    pub told: Vec<(Op, u8)>,
}

/// An edit under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    pub op: Op,
    pub base: u8,
    pub block: u8,
    /// The block was sent for this edit, today.
    pub sent: bool,
    pub step: Step,
    pub at: At,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// About to be asked for.
    Ask,
    /// The server has read a snapshot: its head, and whether the block is there.
    Decided,
    /// The block is missing: about to be sent.
    Send,
    /// Its object is written, as this pack.
    Put(u8),
}

/// One run of the collector at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Collector {
    Idle,
    /// Found a block that nothing needs.
    Found(u8, u8),
    /// Read of a condemned pack.
    Condemned(u8),
    /// Deleted its object.
    Deleted(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client changes its file, to hold this block.
    Edit(u8, u8),
    /// A client pulls.
    Pull(u8),
    /// The next step of a client's request.
    Go(u8),
    /// The same, and the answer is lost.
    GoAndLose(u8),
    /// A copy of a client's commit arrives.
    Late(u8),
    /// The collector finds a block, or a condemned pack.
    Find(u8),
    FindCondemned(u8),
    /// The next step of the collector's run.
    Collect,
    /// The collector's run is cut off.
    CutOff,
    /// The time of grace passes.
    Day,
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let client = Client {
            seen: 1,
            edits: 0,
            edit: None,
            told: Vec::new(),
        };
        let row = |pack| {
            Some(Row {
                pack,
                is_old: false,
            })
        };
        vec![State {
            versions: vec![Written { block: 0, op: None }],
            conflicts: Vec::new(),
            // The second block is left from an upload that was never finished.
            rows: [row(0), row(1)],
            objects: 0b11,
            condemned: 0,
            next_pack: 2,
            operations: Vec::new(),
            clients: vec![client; self.bounds.clients],
            collector: Collector::Idle,
            lost: 0,
            late: 0,
            days: 0,
            upload_was_collected: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (c, client) in (0..).zip(&state.clients) {
            match &client.edit {
                None => {
                    if client.edits < self.bounds.edits {
                        actions.extend((0..BLOCKS).map(|block| Action::Edit(c, block)));
                    }
                    if usize::from(client.seen) < state.versions.len() {
                        actions.push(Action::Pull(c));
                    }
                }
                Some(edit) => {
                    actions.push(Action::Go(c));
                    if edit.at == At::Decided && state.lost < self.bounds.lost {
                        actions.push(Action::GoAndLose(c));
                    }
                    if edit.step == Step::Commit && state.late < self.bounds.late {
                        actions.push(Action::Late(c));
                    }
                }
            }
        }
        match state.collector {
            Collector::Idle => {
                actions.extend((0..BLOCKS).map(Action::Find));
                let condemned =
                    (0..self.bounds.packs).filter(|pack| state.condemned >> pack & 1 == 1);
                actions.extend(condemned.map(Action::FindCondemned));
            }
            _ => actions.extend([Action::Collect, Action::CutOff]),
        }
        if state.days < self.bounds.days {
            actions.push(Action::Day);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        server::apply(self, &mut state, action)?;
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
