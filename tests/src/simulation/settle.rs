//! How a run ends: the faults stop, and all devices have to agree.

use super::oracle::Violation;
use super::sight::is_found;
use super::world::{Event, World};
use protocol::changes::Change;
use protocol::conflicts::Conflict;
use protocol::cursor::Cursor;
use protocol::ids::{ConflictId, ItemId};
use protocol::items::Item;
use std::collections::{BTreeMap, BTreeSet};
use sync::ids::Nonce;
use sync::message::Input;

/// Once faults have stopped, all devices agree within this long, in
/// milliseconds of simulated time: however much is still to be sent.
pub const WITHIN_MILLIS: u64 = 15 * 60_000;
/// Once nothing is left to be sent or fetched and the journal has stopped growing, they
/// agree within so many rounds of pull and poll.
pub const WITHIN_ROUNDS: u64 = 3;
/// Steps between two looks.
const LOOK_EVERY: u64 = 8;

/// How long it took until all devices agreed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settled {
    /// Simulated milliseconds since the faults stopped.
    pub millis: u64,
    /// Rounds of pull and poll of the tab that made the most, since the faults
    /// stopped…
    pub rounds: u64,
    /// …and since there was nothing left to be sent or fetched.
    pub rounds_since_news: u64,
}

/// Stops the faults and lets everything come to rest.
///
/// # Errors
/// It does not, or an invariant does not hold meanwhile.
pub fn settle(world: &mut World) -> Result<Settled, Violation> {
    world.faults.stop();
    world.lively = false;
    let since = world.now;
    for tab in 0..world.tabs.len() {
        if world.tabs[tab].is_open() {
            world.input(tab, Input::Paused(false))?;
        }
    }
    for device in 0..world.devices.len() {
        world.after(1, Event::Mend { device });
        let mut tabs = 0..world.tabs.len();
        if world.open_tabs(device).is_empty()
            && let Some(tab) = tabs.find(|tab| world.tabs[*tab].device == device)
        {
            world.after(1, Event::Open { tab });
        }
    }
    let open = world.tabs.iter().filter(|tab| tab.is_open());
    open.for_each(|tab| tab.ports().forget_rounds());
    let mut most_behind = 0;
    loop {
        for _ in 0..LOOK_EVERY {
            let goes_on = world.step()?;
            world
                .oracle
                .check("the drive never stands still", goes_on, String::new)?;
        }
        if unsent(world).is_some() {
            let open = world.tabs.iter().filter(|tab| tab.is_open());
            open.for_each(|tab| tab.ports().there_is_news());
        }
        let open = world.tabs.iter().filter(|tab| tab.is_open());
        let rounds = open.map(|tab| tab.ports().rounds().0).max();
        // Only of those that have not seen all: others may be woken in vain.
        most_behind = most_behind.max(rounds_behind(world));
        let settled = Settled {
            millis: world.now - since,
            rounds: rounds.unwrap_or(0),
            rounds_since_news: most_behind,
        };
        let Some(why) = difference(world) else {
            return Ok(settled);
        };
        let in_time = settled.millis < WITHIN_MILLIS && settled.rounds_since_news <= WITHIN_ROUNDS;
        world.oracle.check("all devices converge", in_time, || {
            format!("{settled:?}: {why}")
        })?;
    }
}

/// Rounds since there was nothing left to be sent, of the tab that made the most
/// and still has not seen the whole journal.
fn rounds_behind(world: &World) -> u64 {
    let Ok((head, _)) = world.server.newest(&world.devices[0].who) else {
        return 0;
    };
    let open = world.tabs.iter().filter(|tab| tab.is_open());
    // Whoever follows a part sees no entry of the rest.
    let open = open.filter(|tab| world.devices[tab.device].is_owners());
    let behind = open.filter(|tab| {
        let cursor: Option<Cursor> = tab.engine().cursor().and_then(|text| text.parse().ok());
        cursor.is_none_or(|cursor| cursor.seq < head)
    });
    behind.map(|tab| tab.ports().rounds().1).max().unwrap_or(0)
}

/// What keeps the devices from having what the server has.
fn difference(world: &World) -> Option<String> {
    if let Some(why) = unsent(world) {
        return Some(why);
    }
    let (head, _) = world.server.newest(&world.devices[0].who).ok()?;
    for (n, tab) in world
        .tabs
        .iter()
        .enumerate()
        .filter(|(_, tab)| tab.is_open() && world.devices[tab.device].is_owners())
    {
        let cursor: Option<Cursor> = tab.engine().cursor().and_then(|text| text.parse().ok());
        if cursor.is_none_or(|cursor| cursor.seq != head || cursor.listed_to.is_some()) {
            return Some(format!("tab {n} has seen {cursor:?} of {head}"));
        }
    }
    let (tree, conflicts) = (server_tree(world), server_conflicts(world));
    let of_owner = (0..world.tabs.len())
        .filter(|tab| world.devices[world.tabs[*tab].device].is_owners())
        .filter(|tab| world.tabs[*tab].is_open())
        .find_map(|tab| difference_of_tab(world, tab, &tree, &conflicts));
    of_owner.or_else(|| difference_of_shares(world, &tree, &conflicts))
}

/// What keeps those with whom the owner shares from having exactly what they may see.
fn difference_of_shares(
    world: &World,
    tree: &BTreeMap<ItemId, Item>,
    conflicts: &BTreeMap<ConflictId, Conflict>,
) -> Option<String> {
    let sight = world.society.as_ref()?.now();
    for (n, device) in world.devices.iter().enumerate() {
        if device.is_owners() {
            continue;
        }
        let user = device.who.user;
        let sees =
            |root: ItemId| sight.sees(user, root, world.now) && is_found(&world.server, user, root);
        let Some(root) = device.root else {
            // What else the page works on is followed.
            let others = world.on_page(n).into_iter();
            let others: Vec<_> = others.map(|one| world.devices[one].root).collect();
            let grants = sight.grants.values();
            let mut grants = grants.filter(|given| !others.contains(&Some(given.item)));
            let missed = grants.find(|given| given.user == user && sees(given.item));
            if let Some(given) = missed {
                return Some(format!("device {n} does not follow {given:?}"));
            }
            if !device.disk.storage.borrow().is_empty() {
                return Some(format!("device {n} still stores what is not shared"));
            }
            continue;
        };
        let tab = world.tab_of(n)?;
        if !sees(root) || !world.tabs[tab].is_open() || device.withdrawn {
            return Some(format!("device {n} follows {root}, as if it were shared"));
        }
        let part = tree.values().filter(|item| sight.is_inside(item.id, root));
        let part = part.map(|item| {
            let parent = item.parent.filter(|_| item.id != root);
            let told = Item {
                parent,
                ..item.clone()
            };
            (item.id, told)
        });
        let open = conflicts.iter();
        let open = open.filter(|(_, conflict)| sight.is_inside(conflict.item, root));
        let open = open.map(|(id, conflict)| (*id, conflict.clone())).collect();
        let why = difference_of_tab(world, tab, &part.collect(), &open);
        if why.is_some() {
            return why;
        }
    }
    None
}

/// What a device has not sent or not fetched yet.
fn unsent(world: &World) -> Option<String> {
    if world.hub.broken_packs > 0 {
        return Some("packs are still to be repaired".to_owned());
    }
    for (n, tab) in world
        .tabs
        .iter()
        .enumerate()
        .filter(|(_, tab)| tab.is_open())
    {
        let engine = tab.engine();
        let trees = engine.trees();
        if let Some(edit) = trees.edits().next() {
            return Some(format!("tab {n} still has {edit:?}"));
        }
        if let Some(resolution) = trees.resolutions().values().next() {
            return Some(format!("tab {n} still has {resolution:?}"));
        }
        let holds_content = world.devices[tab.device].holds_content;
        if let Some(item) = trees.behind().find(|_| holds_content) {
            return Some(format!("tab {n} does not hold the head of {item}"));
        }
    }
    for (n, device) in world.devices.iter().enumerate() {
        let storage = device.disk.storage.borrow();
        if let Some((key, edit)) = storage.edits.first_key_value() {
            return Some(format!("device {n} still stores {key:?}: {edit:?}"));
        }
        if let Some((key, _)) = storage.resolutions.first_key_value() {
            return Some(format!("device {n} still stores {key:?}"));
        }
        let open = world.open_tabs(n);
        let names: Vec<_> = open.iter().map(|tab| world.tabs[*tab].name).collect();
        if let Some(name) = storage.names_but(&names).first() {
            return Some(format!("device {n} still stores what {name:?} has left"));
        }
    }
    None
}

/// What met a change of somebody else's is listed until a person has seen it.
///
/// # Errors
/// Some of it is listed nowhere.
pub fn check_matters(world: &mut World) -> Result<(), Violation> {
    let open = world.tabs.iter().filter(|tab| tab.is_open());
    let mut listed: BTreeSet<Nonce> = BTreeSet::new();
    for tab in open {
        listed.extend(tab.engine().trees().matters.keys());
    }
    let lost: Vec<Nonce> = world.oracle.matters.difference(&listed).copied().collect();
    world
        .oracle
        .check("what met is told until it is seen", lost.is_empty(), || {
            format!("{lost:?}")
        })
}

fn difference_of_tab(
    world: &World,
    tab: usize,
    tree: &BTreeMap<ItemId, Item>,
    conflicts: &BTreeMap<ConflictId, Conflict>,
) -> Option<String> {
    let device = &world.devices[world.tabs[tab].device];
    let storage = device.disk.storage.borrow();
    let engine = world.tabs[tab].engine();
    let trees = engine.trees();
    let known: BTreeMap<ItemId, Item> = trees
        .entries()
        .filter_map(|(id, entry)| Some((id, entry.remote.as_deref().cloned()?)))
        .collect();
    for (whose, known) in [("knows", &known), ("stores", &storage.items)] {
        if known.len() != tree.len() {
            return Some(format!(
                "tab {tab} {whose} {} of {} items",
                known.len(),
                tree.len()
            ));
        }
        if let Some((_, item)) = tree.iter().find(|(id, item)| known.get(id) != Some(item)) {
            let known = known.get(&item.id);
            return Some(format!("tab {tab} {whose} {known:?} instead of {item:?}"));
        }
    }
    for (whose, known) in [("knows", &trees.conflicts), ("stores", &storage.conflicts)] {
        if known != conflicts {
            return Some(format!(
                "tab {tab} {whose} {known:?} instead of {conflicts:?}"
            ));
        }
    }
    if storage.cursor.as_deref() != engine.cursor() {
        return Some(format!("tab {tab} has another cursor than its storage"));
    }
    None
}

fn server_conflicts(world: &World) -> BTreeMap<ConflictId, Conflict> {
    let open = world.server.conflicts(&world.devices[0].who);
    let open = open.unwrap_or_default().into_iter();
    open.map(|conflict| (conflict.id, conflict)).collect()
}

/// The tree as a new device would list it.
pub fn server_tree(world: &World) -> BTreeMap<ItemId, Item> {
    let who = &world.devices[0].who;
    let (mut items, mut since) = (BTreeMap::new(), None);
    while let Ok(page) = world.server.changes(who, since.as_deref(), None) {
        for change in page.changes {
            match change {
                Change::Item { item } => drop(items.insert(item.id, item)),
                Change::Deleted { item } => drop(items.remove(&item)),
                _ => {}
            }
        }
        since = Some(page.next_token);
        if !page.has_more {
            break;
        }
    }
    items
}
