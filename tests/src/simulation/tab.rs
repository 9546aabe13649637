//! A tab: one client, and the program that it is in.

use super::device::Device;
use super::ports::{Common, Page, Ports};
use super::storage::TabName;
use client::Client;
use client::bell::Bell;
use client::gate::{Gate, GateState};
use client::tuning::Tuning;
use futures_executor::LocalPool;
use protocol::ids::UnixMillis;
use std::cell::Ref;
use sync::message::{CopyLabel, TabRole};
use sync::{Config, Engine};

/// Simulated files are small.
const TUNING: Tuning = Tuning {
    listed_blocks: 4,
    compared_bytes: 1,
    patched_bytes: 64,
    compressed_bytes: 256,
    signed_bytes: 256,
    trip_bytes: 64,
    cached_bytes: 1,
    carried_bytes: 20,
};

pub struct Tab {
    /// Which device it is of.
    pub device: usize,
    /// What the storage keeps its edits under.
    pub name: TabName,
    /// Counts openings: what was asked before one is answered to nobody.
    pub life: u32,
    /// What other tabs share arrives in order: nothing before this time.
    pub heard_until: u64,
    /// Requests since a minute began, against engines that spin.
    pub minute: (u64, u32),
    program: Option<Program>,
}

/// What runs while a tab is open.
struct Program {
    client: Client<Ports>,
    ports: Ports,
    gate: Gate,
    tasks: LocalPool,
}

impl Tab {
    /// A tab that is still to be opened.
    pub fn closed(device: usize) -> Self {
        Self {
            device,
            name: TabName(0),
            life: 0,
            heard_until: 0,
            minute: (0, 0),
            program: None,
        }
    }

    pub fn is_open(&self) -> bool {
        self.program.is_some()
    }

    /// Starts from what was stored. `number` is which tab this is.
    pub fn open(
        &mut self,
        number: usize,
        of: &Device,
        role: TabRole,
        program: (Common, Page),
        now: UnixMillis,
    ) {
        self.life += 1;
        let engine = engine(of, role, self.name, now);
        let tasks = LocalPool::new();
        let ports = Ports::new(
            (number, self.life, self.name),
            role,
            of.disk.clone(),
            of.root,
            program,
            tasks.spawner(),
        );
        let gate = Gate::default();
        gate.set(GateState::Open);
        let client = Client::new(ports.clone(), engine, TUNING, gate.clone(), Bell::default());
        self.program = Some(Program {
            client,
            ports,
            gate,
            tasks,
        });
    }

    /// Ends without a word, as in a crash.
    pub fn close(&mut self) {
        self.life += 1;
        self.program = None;
    }

    fn program(&self) -> &Program {
        self.program.as_ref().expect("the tab is open")
    }

    /// # Panics
    /// If the tab is closed; the same goes for those below.
    pub fn client(&self) -> Client<Ports> {
        self.program().client.clone()
    }

    pub fn ports(&self) -> &Ports {
        &self.program().ports
    }

    /// Says whether its requests may leave.
    pub fn set_gate(&self, state: GateState) {
        self.program().gate.set(state);
    }

    /// The engine, to be read.
    pub fn engine(&self) -> Ref<'_, Engine> {
        self.program().client.engine()
    }

    /// Lets all tasks go on until they wait for something.
    pub fn work(&mut self) {
        if let Some(program) = &mut self.program {
            program.tasks.run_until_stalled();
        }
    }
}

fn engine(of: &Device, role: TabRole, name: TabName, now: UnixMillis) -> Engine {
    let config = Config {
        role,
        holds_content: of.holds_content,
        copy: CopyLabel {
            device: of.who.name.clone(),
            date: "2026-11-24".to_owned(),
        },
        silence: of.disk.silence.get(),
    };
    let kept = of.disk.storage.borrow().load(name);
    Engine::new(config, kept, of.disk.clock(now))
}
