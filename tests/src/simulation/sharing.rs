//! What the people of a drive share: the owner gives access, changes it and takes it
//! back, and moves items across its border; the others follow what they were given.

use super::at_hand::{items, observed};
use super::call::{Call, Caller};
use super::contents::name;
use super::oracle::Violation;
use super::sight::Sight;
use super::world::{Event, World};
use crate::model::ready::ready;
use client::gate::GateState;
use driftless_core::ports::{Database, Statement};
use protocol::grants::{GrantChange, Grants, NewGrant, Role};
use protocol::ids::{GrantId, ItemId, OperationId};
use protocol::items::{ChangePlace, ChangeTrashed, ItemChange, PlaceChange};
use sync::ids::Nonce;
use sync::message::{Input, Observation};
use sync::place::Place;
use sync::trees::LocalContent;

const USER: &str = "
INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
VALUES (?1, ?2, ?2, ?3, x'00', 0)";
const DEVICE: &str = "
INSERT INTO devices
  (id, user, kind, name, token_hash, created_at, last_seen_at, ends_at, proven_at)
VALUES (?1, ?2, 'browser', ?3, unhex(?4), ?5, ?5, ?5 + 100000000000, ?5)";

type Checked = Result<(), Violation>;

impl World {
    /// Everybody of a drive of several people gets an account, and those with whom the
    /// owner shares get devices.
    pub(super) fn move_in(&mut self) {
        let Some(society) = &self.society else {
            return;
        };
        let people = society.people.clone();
        for (person, one) in people.iter().enumerate() {
            let home = match person {
                0 => self.space,
                _ => self.server.new_space(1 << 20),
            };
            let user = Statement::new(USER).id(one.user).bind(one.name).id(home);
            ready(self.server.db.run(user)).expect("an account");
            if person > 0 {
                for _ in 0..=self.rng.below(2) {
                    self.add_device(person);
                    if self.rng.permille(500) {
                        self.add_root(self.devices.len() - 1);
                    }
                }
            }
        }
        for (n, device) in self.devices.iter().enumerate() {
            if self.on_page(n).first() != Some(&n) {
                continue;
            }
            let who = &device.who;
            let hash = driftless_core::access::shown::Token::parse(&device.token);
            let row = Statement::new(DEVICE)
                .id(who.id)
                .id(who.user)
                .bind(who.name.as_str())
                .id(hash.expect("a token").hash())
                .bind(self.now);
            ready(self.server.db.run(row)).expect("a device");
        }
    }

    /// The one tab of a device that follows something.
    pub(super) fn tab_of(&self, device: usize) -> Option<usize> {
        (0..self.tabs.len()).find(|tab| self.tabs[*tab].device == device)
    }

    /// A page is told what is shared with its person.
    pub(super) fn shown(&mut self, tab: usize, grants: Grants) -> Checked {
        let device = self.tabs[tab].device;
        let of = &self.devices[device];
        let Some(root) = of.root else {
            let known = self.on_page(device).into_iter();
            let known: Vec<_> = known.map(|one| self.devices[one].root).collect();
            let others = grants.with_me.iter();
            let others = others.filter(|one| !known.contains(&Some(one.item)));
            let others: Vec<_> = others.cloned().collect();
            if let Some(grant) = self.rng.pick(&others) {
                self.devices[device].root = Some(grant.item);
                self.devices[device].role = Some(grant.role);
                self.after(1, Event::Open { tab });
            }
            return Ok(());
        };
        let grant = grants.with_me.iter().find(|one| one.item == root);
        let role = grant.map(|grant| grant.role);
        let was_withdrawn = of.withdrawn;
        self.devices[device].role = role;
        // What was withdrawn may be shared again.
        if was_withdrawn && role.is_some() && self.tabs[tab].is_open() {
            self.devices[device].withdrawn = false;
            self.tabs[tab].set_gate(GateState::Open);
            if self.input(tab, Input::Online)? {
                self.input(tab, Input::PullWanted)?;
            }
        }
        Ok(())
    }
}

/// In so many of a thousand cases the owner is at work on what somebody else's request is
/// about.
const MEDDLED: u64 = 25;
/// The same of a person's choice between two sides, of which there are few.
const MEDDLED_WITH_CHOICE: u64 = 300;

impl World {
    /// While a request of somebody with whom they share is at the server, the owner ends or
    /// changes their access, or moves away what it is about.
    pub(super) fn meddle(&mut self, caller: Caller, call: &Call) {
        let chance = match call {
            Call::Resolve { .. } => MEDDLED_WITH_CHOICE,
            _ => MEDDLED,
        };
        let (Some(root), Some(society)) = (caller.root, &self.society) else {
            return;
        };
        if !self.lively || !self.rng.permille(chance) {
            return;
        }
        let sight = society.now().clone();
        let user = self.device_of(caller.tab).who.user;
        let mut grants = sight.grants.iter();
        let grant = grants.find(|(_, given)| given.user == user && given.item == root);
        let act = match (self.rng.below(4), grant) {
            (0, Some((&grant, _))) => Some(Call::TakeBack { grant }),
            (1, Some((&grant, _))) => Some(Call::ChangeGrant {
                grant,
                body: GrantChange {
                    role: Some(Role::Viewer),
                    ends_at_ms: None,
                },
            }),
            (2, _) => {
                let mut inside = about(call).into_iter();
                let item = inside.find(|id| sight.is_inside(*id, root));
                item.and_then(|item| self.away(&sight, root, item))
            }
            (_, Some((&grant, _))) => Some(Call::ChangeGrant {
                grant,
                body: GrantChange {
                    role: None,
                    ends_at_ms: Some(Some(self.now + 1 + self.rng.below(60))),
                },
            }),
            _ => None,
        };
        let mut tabs = 0..self.tabs.len();
        let owners = tabs.find(|tab| {
            self.tabs[*tab].is_open() && {
                let device = &self.devices[self.tabs[*tab].device];
                device.is_owners() && device.signed_in
            }
        });
        if let (Some(call), Some(tab)) = (act, owners) {
            let life = self.tabs[tab].life;
            let owner = Caller {
                tab,
                life,
                call: 0,
                root: None,
            };
            self.begin(owner, call, true);
        }
    }

    /// The root goes to the trash, and anything else out of it.
    fn away(&mut self, sight: &Sight, root: ItemId, item: ItemId) -> Option<Call> {
        let operation_id = OperationId::from_random(self.rng.bytes());
        let base_place_version = sight.items.get(&item)?.place_version;
        let to = match item == root {
            true => PlaceChange::Trash(ChangeTrashed {
                operation_id,
                base_place_version,
                parent: None,
                name: None,
            }),
            false => PlaceChange::Move(ChangePlace {
                operation_id,
                base_place_version,
                parent: None,
                name: name(&mut self.rng),
            }),
        };
        Some(Call::ChangeItems(vec![ItemChange { item, to }]))
    }
}

/// What a request is about: a file or a folder, and where something is to stand.
fn about(call: &Call) -> Vec<ItemId> {
    match call {
        Call::Commit { item, .. }
        | Call::KeepConflict { item, .. }
        | Call::Propose { item, .. }
        | Call::Item { item }
        | Call::Manifest { item, .. } => vec![*item],
        Call::CreateFile { body, .. } => body.parent.into_iter().collect(),
        Call::CreateFolder(body) => body.parent.into_iter().collect(),
        Call::CreateFiles(files) => files.iter().filter_map(|file| file.parent).collect(),
        Call::ChangeItems(changes) => {
            let each = changes.iter().flat_map(|change| match &change.to {
                PlaceChange::Move(to) => [to.parent, Some(change.item)],
                PlaceChange::Trash(_) | PlaceChange::Restore(_) => [None, Some(change.item)],
            });
            each.flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// One act of somebody with whom the owner shares.
///
/// # Errors
/// An invariant that does not hold.
pub fn visit(world: &mut World, tab: usize) -> Checked {
    let device = world.tabs[tab].device;
    let is_open = world.tabs[tab].is_open();
    if !is_open && !world.devices[device].signed_in {
        world.sign_in(device);
    }
    let looks = match world.devices[device].root {
        Some(_) => 200,
        None => 600,
    };
    if world.rng.permille(looks) {
        world.send(tab, None, Call::Grants);
    }
    if world.lively && world.rng.permille(150) {
        super::nosy::pry(world, tab)?;
    }
    if world.lively && world.rng.permille(8) {
        leave(world, tab);
    }
    if !world.tabs[tab].is_open() {
        return Ok(());
    }
    if world.devices[device].withdrawn {
        let is_done = !world.lively || world.rng.permille(300);
        return match is_done {
            true => world.take_left(tab),
            false => Ok(()),
        };
    }
    super::people::help(world, tab)?;
    if !world.lively || !world.tabs[tab].is_open() {
        return Ok(());
    }
    match world.devices[device].role {
        Some(Role::Editor) => super::people::act(world, tab),
        _ => world.input(tab, Input::PullWanted).map(drop),
    }
}

/// Gives up what they follow.
fn leave(world: &mut World, tab: usize) {
    let who = &world.device_of(tab).who;
    let (user, root) = (who.user, world.device_of(tab).root);
    let Some(society) = &world.society else {
        return;
    };
    let grants = society.now().grants.iter();
    let mut own = grants.filter(|(_, given)| given.user == user && Some(given.item) == root);
    if let Some((&grant, _)) = own.next() {
        world.send(tab, None, Call::TakeBack { grant });
    }
}

/// One act of the owner about what is shared, now and then.
///
/// # Errors
/// An invariant that does not hold.
pub fn share(world: &mut World, tab: usize) -> Checked {
    let given = world
        .society
        .as_ref()
        .map_or(0, |all| all.now().grants.len());
    // Some pages work on two roots.
    if given < 4 && world.rng.permille(250) {
        give(world, tab);
        return Ok(());
    }
    match world.rng.below(100) {
        0..=7 => give(world, tab),
        8..=10 => change(world, tab),
        11..=12 => take_back(world, tab),
        13..=24 => return cross(world, tab),
        25..=27 => return trash_root(world, tab),
        _ => {}
    }
    Ok(())
}

fn ends_at(world: &mut World) -> Option<u64> {
    let pause = 1_000 + world.rng.below(120_000);
    world.rng.permille(250).then_some(world.now + pause)
}

fn role(world: &mut World) -> Role {
    match world.rng.permille(700) {
        true => Role::Editor,
        false => Role::Viewer,
    }
}

fn give(world: &mut World, tab: usize) {
    let only_folders = world.rng.permille(750);
    let all = items(world, tab, |trashed, content| {
        !trashed && (!only_folders || *content == LocalContent::Folder)
    });
    let all = match (only_folders, &world.society) {
        (true, Some(society)) if world.rng.permille(500) => fullest(society.now(), all),
        _ => all,
    };
    let people = world.society.as_ref().map_or(0, |all| all.people.len());
    let person = 1 + world.rng.below(people as u64 - 1) as usize;
    let Some(&item) = world.rng.pick(&all) else {
        return;
    };
    let person = world.society.as_ref().map(|all| all.people[person].name);
    let body = NewGrant {
        person: person.unwrap_or_default().to_owned(),
        role: role(world),
        ends_at_ms: ends_at(world),
    };
    world.send(tab, None, Call::Give { item, body });
}

/// The folder with most in it: its listing has several pages.
fn fullest(sight: &Sight, folders: Vec<ItemId>) -> Vec<ItemId> {
    let count = |folder: &ItemId| {
        let items = sight.items.keys();
        items.filter(|id| sight.is_inside(**id, *folder)).count()
    };
    folders.into_iter().max_by_key(count).into_iter().collect()
}

fn any_grant(world: &mut World) -> Option<(GrantId, ItemId)> {
    let grants: Vec<(GrantId, ItemId)> = {
        let society = world.society.as_ref()?;
        let grants = society.now().grants.iter();
        grants.map(|(id, given)| (*id, given.item)).collect()
    };
    world.rng.pick(&grants).copied()
}

fn change(world: &mut World, tab: usize) {
    let Some((grant, _)) = any_grant(world) else {
        return;
    };
    let body = match world.rng.permille(600) {
        true => GrantChange {
            role: Some(role(world)),
            ends_at_ms: None,
        },
        false => GrantChange {
            role: None,
            ends_at_ms: Some(ends_at(world)),
        },
    };
    world.send(tab, None, Call::ChangeGrant { grant, body });
}

fn take_back(world: &mut World, tab: usize) {
    if let Some((grant, _)) = any_grant(world) {
        world.send(tab, None, Call::TakeBack { grant });
    }
}

/// Moves something into what is shared, or out of it.
fn cross(world: &mut World, tab: usize) -> Checked {
    let Some((_, root)) = any_grant(world) else {
        return Ok(());
    };
    let live = items(world, tab, |trashed, _| !trashed);
    let folders = items(world, tab, |trashed, content| {
        !trashed && *content == LocalContent::Folder
    });
    let (inside, outside): (Vec<ItemId>, Vec<ItemId>) = {
        let engine = world.tabs[tab].engine();
        let trees = engine.trees();
        let above = |id: &ItemId| trees.local(*id)?.parent;
        let is_inside = |id: &ItemId| {
            let way = std::iter::successors(Some(*id), above).take(40);
            way.into_iter().any(|one| one == root)
        };
        live.into_iter().partition(is_inside)
    };
    let goes_in = world.rng.permille(500);
    let (from, to) = match goes_in {
        true => (outside, inside),
        false => (inside, outside),
    };
    let from: Vec<ItemId> = from.into_iter().filter(|id| *id != root).collect();
    let to: Vec<ItemId> = to.into_iter().filter(|id| folders.contains(id)).collect();
    let Some(&item) = world.rng.pick(&from) else {
        return Ok(());
    };
    let parent = world.rng.pick(&to).copied();
    if parent.is_none() && goes_in {
        return Ok(());
    }
    let name = {
        let engine = world.tabs[tab].engine();
        engine.trees().local(item).map(|local| local.name.clone())
    };
    let Some(name) = name else {
        return Ok(());
    };
    let place = Place { parent, name };
    let nonce = Nonce(world.rng.bytes());
    observed(world, tab, Observation::Placed { item, nonce, place }, None)
}

/// Moves what is shared to the trash, or takes it back.
fn trash_root(world: &mut World, tab: usize) -> Checked {
    let Some((_, item)) = any_grant(world) else {
        return Ok(());
    };
    let trashed = {
        let engine = world.tabs[tab].engine();
        engine.trees().local(item).map(|local| local.trashed)
    };
    let Some(trashed) = trashed else {
        return Ok(());
    };
    if !trashed {
        super::people::give_up_in_the_trash(world, tab, item);
    }
    let nonce = Nonce(world.rng.bytes());
    let observation = Observation::Trashed {
        item,
        nonce,
        trashed: !trashed,
    };
    observed(world, tab, observation, None)
}
