//! Many changes of places in one request, in [`rounds`](super::rounds). Each is decided
//! on by the rules of [`place`](super::place). A change that looks at what another one
//! is about to change waits for the next round.

use super::place::{Meaning, PlaceLooked, Placed, after, decide, event_of, write as write_places};
use super::rounds::{self, End, Pending, Round};
use super::{
    Answer, Applied, Author, Decided, JournalEntry, OperationRow, Subject,
    operations as operations_of, write,
};
use crate::access::reach::Named;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, DbError, Statement};
use crate::query;
use crate::room::Charge;
use crate::store::items::ways;
use crate::store::rows::{self, PathRow};
use crate::store::sql::items;
use blocks::hash::BlockHash;
use protocol::ids::{ItemId, OperationId, SpaceId};
use protocol::items::{Item, ItemChange, PlaceChange};
use protocol::limits::MAX_BATCH_ITEMS;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Makes changes of places, each once, however often it is requested. Returns the ends
/// of all, in their order; a change that comes as a refusal ends with it.
///
/// # Errors
/// 400: there are too many; then nothing was done.
pub async fn change_items<D: Database>(
    db: &D,
    author: &Author,
    changes: Vec<Result<ItemChange, Problem>>,
) -> Result<Vec<End>, Failure> {
    let count = changes.len();
    if count > MAX_BATCH_ITEMS {
        return Err(bad_request(format!(
            "{count} changes are more than {MAX_BATCH_ITEMS}"
        )));
    }
    let changes = changes.into_iter().map(|one| one.map_err(Failure::from));
    let round = Places { db, author };
    rounds::all(&round, (db, author), changes.collect(), names).await
}

/// Makes one change of a place.
///
/// # Errors
/// Why the change can't be made; then nothing of it was made. Only after
/// [`DbError::Busy`] it may have been.
pub async fn change_item<D: Database>(
    db: &D,
    author: &Author,
    item: ItemId,
    to: PlaceChange,
) -> Result<Applied, Failure> {
    let ends = change_items(db, author, vec![Ok(ItemChange { item, to })]).await?;
    let none = || Err(DbError::Fault("a change without an end".into()).into());
    ends.into_iter().next().unwrap_or_else(none)
}

struct Places<'a, D> {
    db: &'a D,
    author: &'a Author,
}

impl<D: Database> Round<ItemChange> for Places<'_, D> {
    async fn attempt(&self, group: &[Pending<ItemChange>]) -> Result<Vec<Option<End>>, Failure> {
        // 1
        let snapshot = Snapshot::read(self.db, self.author.space, group).await?;
        // 2
        let mut taken = Taken::default();
        let (mut ends, mut at) = (Vec::new(), Vec::new());
        let (mut placed, mut decided) = (Vec::new(), Vec::new());
        for (number, Pending { change, .. }) in group.iter().enumerate() {
            let request_hash = BlockHash::of(&serde_json::to_vec(&Meaning::from(change))?);
            let operation = change.to.operation_id();
            if let Some(first) = snapshot.operations.get(&operation) {
                let subject = Subject::Item(change.item);
                ends.push(Some(match first.clone().repeat(request_hash) {
                    Ok(first) => first.answer(self.db, self.author.space, subject).await,
                    Err(reused) => Err(reused),
                }));
                continue;
            }
            let looked = snapshot.looked(number, change)?;
            if taken.is_looked_at(change, &looked) {
                taken.note_waiting(change, &looked);
                ends.push(None);
                continue;
            }
            let here = looked.here.clone();
            let there = looked.there.clone();
            match decide(self.author, &change.to, looked) {
                Ok(one) => {
                    taken.takes(operation, &one, here.iter().chain(&there));
                    decided.push(books(change, request_hash, operation, &one));
                    placed.push(one);
                    at.push(number);
                    ends.push(None);
                }
                Err(refused) => ends.push(Some(Err(refused))),
            }
        }
        // 3
        for (number, applied) in at.into_iter().zip(self.make(&placed, decided).await?) {
            if let Some(end) = ends.get_mut(number) {
                *end = Some(Ok(applied));
            }
        }
        Ok(ends)
    }
}

impl<D: Database> Places<'_, D> {
    async fn make(
        &self,
        placed: &[Placed],
        decided: Vec<Decided>,
    ) -> Result<Vec<Applied>, Failure> {
        if placed.is_empty() {
            return Ok(Vec::new());
        }
        let statements = write_places(self.author, placed)?;
        let work = (statements, Charge::default());
        write(self.db, self.author, work, decided).await
    }
}

fn books(
    change: &ItemChange,
    request_hash: BlockHash,
    operation: OperationId,
    placed: &Placed,
) -> Decided {
    let item: Item = after(placed);
    Decided {
        operation,
        request_hash,
        journal: vec![JournalEntry::new(event_of(&change.to), &item).from(placed.from.clone())],
        answer: Answer::Item { item },
    }
}

/// What the changes of a round are about to do, and what the waiting ones are about.
#[derive(Default)]
struct Taken {
    operations: HashSet<OperationId>,
    /// Items that get another place.
    items: HashSet<ItemId>,
    /// Folders that an item is put into or leaves, and all folders above them: their
    /// heights may change.
    grown: HashSet<ItemId>,
    names: HashSet<(Option<ItemId>, String)>,
}

impl Taken {
    /// Whether anything that a change looks at is about to change.
    fn is_looked_at(&self, change: &ItemChange, looked: &PlaceLooked) -> bool {
        let ways = looked.here.iter().chain(&looked.there).map(|row| row.id);
        let rivals = looked.rival.into_iter().chain(looked.rival_at_top);
        let mut seen = ways.chain(rivals).chain([change.item]);
        seen.any(|id| self.items.contains(&id))
            || (looked.height > 0 && self.grown.contains(&change.item))
            || self.operations.contains(&change.to.operation_id())
            || wanted_places(change, looked).any(|place| self.names.contains(&place))
    }

    fn takes<'a>(
        &mut self,
        operation: OperationId,
        placed: &Placed,
        ways: impl Iterator<Item = &'a PathRow>,
    ) {
        self.operations.insert(operation);
        self.items.insert(placed.item.id);
        self.grown.extend(ways.map(|row| row.id));
        if placed.item.trashed_at_ms.is_none() {
            let place = (placed.item.parent, placed.item.name.key());
            self.names.insert(place);
        }
    }

    /// Makes later changes wait as well, if they are about the same things as this one,
    /// which waits.
    fn note_waiting(&mut self, change: &ItemChange, looked: &PlaceLooked) {
        self.operations.insert(change.to.operation_id());
        self.items.insert(change.item);
        let ways = looked.here.iter().chain(&looked.there);
        self.grown.extend(ways.map(|row| row.id));
        self.names.extend(wanted_places(change, looked));
    }
}

/// The places where a change may put its item.
fn wanted_places<'a>(
    change: &'a ItemChange,
    looked: &'a PlaceLooked,
) -> impl Iterator<Item = (Option<ItemId>, String)> + 'a {
    let own = looked.item.as_ref();
    let (parents, name) = match &change.to {
        PlaceChange::Trash(_) => (Vec::new(), None),
        PlaceChange::Move(to) => (vec![to.parent], Some(&to.name)),
        PlaceChange::Restore(change) => {
            let parents = match change.parent {
                Some(parent) => vec![parent],
                None => vec![own.and_then(|item| item.parent), None],
            };
            (parents, change.name.as_ref().or(own.map(|item| &item.name)))
        }
    };
    let key = name.map(protocol::name::Name::key);
    let places = parents.into_iter();
    places.filter_map(move |parent| Some((parent, key.clone()?)))
}

/// What the database says about all changes of a group.
struct Snapshot {
    operations: HashMap<OperationId, OperationRow>,
    items: HashMap<ItemId, Item>,
    /// The ways up from each moved item, and from each folder that a change names.
    ways: HashMap<ItemId, Vec<PathRow>>,
    /// The item that has the name of a question, by the question's place in the list.
    rivals: HashMap<usize, ItemId>,
    /// Where the questions of each change begin in that list.
    asked: Vec<usize>,
    heights: HashMap<ItemId, u64>,
}

#[derive(Deserialize)]
struct RivalRow {
    place: usize,
    id: ItemId,
}

#[derive(Deserialize)]
struct HeightRow {
    start: ItemId,
    height: u64,
}

/// A question who has a name at a place: the item that wants the name, the name's key
/// (`None` is that of its own name), and the place, which is a folder, the top of the
/// space, or the item's own folder. See [`items::RIVALS`].
type AskedName = (ItemId, Option<String>, String);

fn asked(change: &ItemChange) -> Vec<AskedName> {
    let at = |parent: Option<ItemId>| parent.map_or_else(String::new, |id| id.to_string());
    match &change.to {
        PlaceChange::Trash(_) => Vec::new(),
        PlaceChange::Move(to) => vec![(change.item, Some(to.name.key()), at(to.parent))],
        PlaceChange::Restore(to) => {
            let key = to.name.as_ref().map(protocol::name::Name::key);
            match to.parent {
                Some(parent) => vec![(change.item, key, at(parent))],
                None => vec![
                    (change.item, key.clone(), "here".to_owned()),
                    (change.item, key, String::new()),
                ],
            }
        }
    }
}

/// The folder that a change names.
fn parent_of(change: &ItemChange) -> Option<ItemId> {
    match &change.to {
        PlaceChange::Trash(_) => None,
        PlaceChange::Move(to) => to.parent,
        PlaceChange::Restore(to) => to.parent?,
    }
}

/// What a change names of the space. Where a restored item comes back to is decided
/// later, if the request does not say.
fn names(change: &ItemChange) -> Vec<Named<'_>> {
    let parent = match &change.to {
        PlaceChange::Trash(_) => None,
        PlaceChange::Move(to) => Some(to.parent),
        PlaceChange::Restore(to) => to.parent,
    };
    let item = Named::Item(change.item);
    let parent = parent.map(Named::Parent);
    [item].into_iter().chain(parent).collect()
}

impl Snapshot {
    async fn read<D: Database>(
        db: &D,
        space: SpaceId,
        group: &[Pending<ItemChange>],
    ) -> Result<Self, Failure> {
        let changes = || group.iter().map(|wanted| &wanted.change);
        let operations: Vec<_> = changes().map(|one| one.to.operation_id()).collect();
        let ids: BTreeSet<_> = changes().map(|one| one.item).collect();
        let moves = || changes().filter(|one| !matches!(one.to, PlaceChange::Trash(_)));
        let moved: BTreeSet<_> = moves().map(|one| one.item).collect();
        let starts: BTreeSet<_> = moved
            .iter()
            .copied()
            .chain(moves().filter_map(parent_of))
            .collect();
        let (mut questions, mut begin) = (Vec::new(), Vec::new());
        for change in changes() {
            begin.push(questions.len());
            questions.extend(asked(change));
        }
        let of_moves = match moved.is_empty() {
            true => None,
            false => Some((
                ways(space, &starts)?,
                about(items::RIVALS, space, &questions)?.rows::<RivalRow>(),
                about(items::HEIGHTS, space, &moved)?.rows::<HeightRow>(),
            )),
        };
        let known = about(items::ITEMS_OF, space, &ids)?;
        let known = known.read_by(|rows| Ok(rows::items(&rows.rows)));
        let looks = (operations_of(space, &operations)?, known, of_moves);
        let (operations, known, of_moves) = query::all(db, looks).await?;
        let (ways, rivals, heights) = match of_moves {
            Some((ways, rivals, heights)) => (ways?, rivals?, heights?),
            None => Default::default(),
        };
        let known = known?.into_iter().map(|item| (item.id, item));
        let rivals = rivals.into_iter().map(|row| (row.place, row.id));
        let heights = heights.into_iter().map(|row| (row.start, row.height));
        Ok(Self {
            operations: operations?,
            items: known.collect(),
            ways,
            rivals: rivals.collect(),
            asked: begin,
            heights: heights.collect(),
        })
    }

    /// What the change with this number in the group looks at.
    fn looked(&self, number: usize, change: &ItemChange) -> Result<PlaceLooked, Failure> {
        let missing = || DbError::Fault("a change was not asked about".into());
        let begin = *self.asked.get(number).ok_or_else(missing)?;
        let way = |from: Option<ItemId>| from.and_then(|id| self.ways.get(&id).cloned());
        let questions = asked(change).len();
        let rival = |nth: usize| {
            let place = begin.checked_add(nth)?;
            (nth < questions).then(|| self.rivals.get(&place).copied())?
        };
        let is_trash = matches!(change.to, PlaceChange::Trash(_));
        Ok(PlaceLooked {
            item: self.items.get(&change.item).cloned(),
            here: way(Some(change.item).filter(|_| !is_trash)).unwrap_or_default(),
            there: way(parent_of(change)).unwrap_or_default(),
            rival: rival(0),
            rival_at_top: rival(1),
            height: match is_trash {
                true => 0,
                false => self.heights.get(&change.item).copied().unwrap_or_default(),
            },
        })
    }
}

fn about(sql: &'static str, space: SpaceId, list: &impl Serialize) -> Result<Statement, Failure> {
    let list = serde_json::to_string(list)?;
    Ok(Statement::new(sql).id(space).bind(list))
}
