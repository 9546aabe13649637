//! What becomes of each item: a pure function of what the server tells.

use protocol::activity::Spot;
use protocol::ids::{ItemId, PlaceVersion, Version};
use protocol::items::Item;
use protocol::limits::MAX_FOLDER_DEPTH;
use protocol::name::Name;
use protocol::past::{PastItem, Stood, Then};
use protocol::problem::Problem;
use std::collections::{BTreeMap, HashSet};

/// What becomes of what was not in the folder then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It stays.
    Stays,
    /// It goes where it was then: what is new, or was in the trash, into the trash, and what
    /// was elsewhere back there.
    Goes,
}

/// What is done with an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It gets the content that it had, or the nearest before that is kept.
    Content {
        /// The version with that content.
        version: Version,
        /// The head that the plan has seen.
        base: Version,
        /// Whether the file held just that then.
        is_exact: bool,
    },
    /// It gets the place that it had.
    Place {
        /// The folder; `None` is the top of the space.
        parent: Option<ItemId>,
        /// What it was called.
        name: Name,
        /// Whether it is in the trash by itself now.
        from_trash: bool,
        /// The place version that the plan has seen.
        base: PlaceVersion,
    },
    /// It goes into the trash.
    Trash {
        /// The place version that the plan has seen.
        base: PlaceVersion,
    },
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// With this item.
    pub item: ItemId,
    /// What it is called now.
    pub name: String,
    /// What.
    pub act: Act,
}

/// An item that stays as it is, or of which something does.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// The item.
    pub item: ItemId,
    /// What it is called now; of what is gone, what it was called.
    pub name: String,
    /// Why.
    pub why: Why,
}

/// Why something stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// It was not in the folder then.
    Came,
    /// Somebody has to decide on a conflict first.
    InConflict,
    /// It is deleted for good, or where whoever asks does not see it.
    Gone,
    /// No version from then or before is kept.
    NotKept,
    /// Where it stood is not known, or not told to whoever asks.
    Untold,
    /// Something may be in it that could not be taken out.
    Holds,
    /// The server refused it.
    Refused(Problem),
}

/// What is done, in this order, and what stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// New files, which make room for names.
    pub files_out: Vec<Step>,
    /// Places, those of folders before those of what was in them.
    pub places: Vec<Vec<Step>>,
    /// New folders, once what was in the folder then is out of them.
    pub folders_out: Vec<Step>,
    /// Contents.
    pub contents: Vec<Step>,
    /// What stays.
    pub stays: Vec<Stay>,
}

impl Plan {
    /// All steps, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let places = self.places.iter().flatten();
        let steps = self.files_out.iter().chain(places);
        steps.chain(&self.folders_out).chain(&self.contents)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps().next().is_none()
    }

    /// The same plan for these items only.
    #[must_use]
    pub fn only(mut self, items: &HashSet<ItemId>) -> Self {
        let keep = |steps: &mut Vec<Step>| steps.retain(|step| items.contains(&step.item));
        keep(&mut self.files_out);
        self.places.iter_mut().for_each(keep);
        keep(&mut self.folders_out);
        keep(&mut self.contents);
        self.stays.retain(|stay| items.contains(&stay.item));
        self
    }
}

/// Plans what becomes of what the server has told; of an item that was told more than once,
/// the last counts.
pub fn plan(entries: &[PastItem], came: Came) -> Plan {
    let by_id: BTreeMap<ItemId, &PastItem> =
        entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut plan = Plan::default();
    let mut places: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
    for entry in by_id.values() {
        let Some(now) = &entry.now else {
            let place = entry.then.as_ref().and_then(|then| then.place.as_ref());
            let name = place.map(|place| place.name.clone()).unwrap_or_default();
            plan.stay(entry.id, name, Why::Gone);
            continue;
        };
        if entry.in_conflict {
            plan.stay(now.id, now.name.to_string(), Why::InConflict);
            continue;
        }
        match &entry.then {
            Some(then) if then.stood == Stood::Inside => {
                plan.back(&mut places, &by_id, now, then);
            }
            Some(then) if then.stood == Stood::Unknown => {
                plan.stay(now.id, now.name.to_string(), Why::Untold);
            }
            _ if came == Came::Stays => plan.stay(now.id, now.name.to_string(), Why::Came),
            Some(then) if then.stood == Stood::Elsewhere => {
                plan.place(&mut places, &by_id, now, then.place.as_ref());
            }
            _ => plan.out(&by_id, now),
        }
    }
    plan.places = places.into_values().collect();
    plan
}

type Known<'a> = BTreeMap<ItemId, &'a PastItem>;

impl Plan {
    fn stay(&mut self, item: ItemId, name: String, why: Why) {
        self.stays.push(Stay { item, name, why });
    }

    /// What was in the folder gets its place and its content back.
    fn back(
        &mut self,
        places: &mut BTreeMap<usize, Vec<Step>>,
        known: &Known<'_>,
        now: &Item,
        then: &Then,
    ) {
        self.place(places, known, now, then.place.as_ref());
        let Some(head) = &now.file else {
            return;
        };
        match &then.content {
            Some(content) if content.is_now => {}
            Some(content) => self.contents.push(Step {
                item: now.id,
                name: now.name.to_string(),
                act: Act::Content {
                    version: content.version,
                    base: head.version,
                    is_exact: content.is_exact,
                },
            }),
            None => self.stay(now.id, now.name.to_string(), Why::NotKept),
        }
    }

    fn place(
        &mut self,
        places: &mut BTreeMap<usize, Vec<Step>>,
        known: &Known<'_>,
        now: &Item,
        place: Option<&Spot>,
    ) {
        let named = place.and_then(|spot| Some((spot.parent, Name::parse(&spot.name).ok()?)));
        let Some((parent, name)) = named else {
            self.stay(now.id, now.name.to_string(), Why::Untold);
            return;
        };
        let from_trash = now.trashed_at_ms.is_some();
        if !from_trash && parent == now.parent && name == now.name {
            return;
        }
        let step = Step {
            item: now.id,
            name: now.name.to_string(),
            act: Act::Place {
                parent,
                name,
                from_trash,
                base: now.place_version,
            },
        };
        places.entry(depth(known, parent)).or_default().push(step);
    }

    /// Something new goes into the trash, unless it goes along with a folder that is new.
    fn out(&mut self, known: &Known<'_>, now: &Item) {
        if now.parent.is_some_and(|parent| goes(known, parent)) {
            return;
        }
        let step = Step {
            item: now.id,
            name: now.name.to_string(),
            act: Act::Trash {
                base: now.place_version,
            },
        };
        match now.is_folder() {
            true => self.folders_out.push(step),
            false => self.files_out.push(step),
        }
    }
}

/// Whether a folder is new, and nothing keeps it from going into the trash.
fn goes(known: &Known<'_>, folder: ItemId) -> bool {
    known.get(&folder).is_some_and(|entry| {
        let was_away = match &entry.then {
            None => true,
            Some(then) => then.stood == Stood::InTrash,
        };
        was_away && entry.now.is_some() && !entry.in_conflict
    })
}

/// How many of the folders above a place are told of: each has to be where it was before
/// what was in it comes back.
fn depth(known: &Known<'_>, parent: Option<ItemId>) -> usize {
    let mut above = parent;
    let mut depth = 0;
    while let Some(entry) = above.and_then(|id| known.get(&id)) {
        depth += 1;
        if depth > MAX_FOLDER_DEPTH {
            break;
        }
        let place = entry.then.as_ref().and_then(|then| then.place.as_ref());
        above = place.and_then(|place| place.parent);
    }
    depth
}
