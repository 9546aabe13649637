//! Folders that intakes have made, which are taken back when the intake is.

use crate::driver::current::Current;
use crate::driver::ports::Client;
use platform::browser::clock;
use protocol::ids::ItemId;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use sync::message::{Input, Observation};
use wasm_bindgen_futures::spawn_local;

pub struct MadeFolders {
    current: Current,
    /// What intakes have made and the server may not have yet.
    made: RefCell<Vec<ItemId>>,
    /// Of these, what a person has cancelled and a request still speaks of.
    to_withdraw: RefCell<Vec<ItemId>>,
    tidying: Cell<bool>,
}

impl MadeFolders {
    pub fn new(current: Current) -> Rc<Self> {
        Rc::new(Self {
            current,
            made: RefCell::default(),
            to_withdraw: RefCell::default(),
            tidying: Cell::new(false),
        })
    }

    pub fn note(&self, made: impl Iterator<Item = ItemId>, client: &Client) {
        let engine = client.engine();
        let is_new = |id: &ItemId| engine.trees().edit(*id).is_some_and(|edit| edit.is_new);
        let mut folders = self.made.borrow_mut();
        folders.retain(is_new);
        folders.extend(made);
    }

    /// The person has cancelled what they were made for.
    pub fn withdraw_all(self: &Rc<Self>) {
        self.to_withdraw.borrow_mut().extend(self.made.take());
        self.tidy();
    }

    /// The person has signed out.
    pub fn forget_all(&self) {
        self.made.take();
        self.to_withdraw.take();
    }

    /// Takes back folders that nothing is in and nobody has heard of; what a
    /// request speaks of at this moment is looked at again when that has ended.
    pub fn tidy(self: &Rc<Self>) {
        if self.to_withdraw.borrow().is_empty() || self.tidying.replace(true) {
            return;
        }
        let folders = self.clone();
        spawn_local(async move {
            clock::breathe().await;
            folders.tidying.set(false);
            if let Some(client) = folders.current.client() {
                let withdrawn = folders.to_be_withdrawn(&client);
                client.take(withdrawn);
            }
        });
    }

    fn to_be_withdrawn(&self, client: &Client) -> Vec<Input> {
        let engine = client.engine();
        let trees = engine.trees();
        let mut folders = self.to_withdraw.borrow_mut();
        folders.retain(|id| trees.edit(*id).is_some_and(|edit| edit.is_new));
        // Those made last are the deepest: what is above is empty after them.
        let (mut order, mut gone) = (Vec::new(), BTreeSet::new());
        for id in folders.iter().rev() {
            let below = trees.edits_below(*id);
            let is_empty = below.iter().all(|below| gone.contains(below));
            if is_empty && engine.sent(*id).is_none() {
                order.push(*id);
                gone.insert(*id);
            }
        }
        folders.retain(|id| !gone.contains(id));
        let inputs = order.into_iter();
        let inputs = inputs.map(|item| Input::Observed(Observation::Withdrawn { item }));
        inputs.collect()
    }
}
