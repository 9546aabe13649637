//! Many new files at once. Each is an operation of its own, made or refused as if
//! it had come alone, and repeated as such; they only share the batches:
//!
//! 1. One batch reads the snapshot of all, with as many statements as for one:
//!    D1 takes 50 for a request on the free plan.
//! 2. Each is decided on by the rule of [`Create`]. One that wants what another
//!    of them is about to take waits for the next round, which sees it taken.
//! 3. One batch writes all that may be made.
//! 4. If it was refused, each half begins again, down to single files: so a race
//!    about one of them ends like any other race, and the others go through.

use super::create::{Create, NewItem, insert};
use super::versioning::check_manifest;
use super::{
    Answer, Applied, Author, Change, Decided, Entry, MAX_ATTEMPTS, OperationRow, given_up, write,
};
use crate::error::{Failure, bad_request};
use crate::ports::{Database, DbError, Rows, Statement};
use crate::store::sql::{blocks, items, journal};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::hash::BlockHash;
use shared::ids::{ItemId, OperationId, SpaceId};
use shared::limits::{MAX_BATCH_BLOCKS, MAX_BATCH_FILES};
use shared::protocol::files::NewFile;
use shared::seeded::{self, Bug};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What became of one file.
type End = Result<Applied, Failure>;

/// A file of the request that has no end yet.
struct Wanted {
    /// Which of the request's files it is.
    index: usize,
    create: Create,
    request_hash: BlockHash,
}

/// Makes new files, each once, however often it is asked for. Answers for each,
/// in their order.
///
/// # Errors
/// 400: they are too many; then nothing was done.
pub async fn create_files<D: Database>(
    db: &D,
    author: &Author,
    files: Vec<NewFile>,
) -> Result<Vec<End>, Failure> {
    check_bounds(&files)?;
    let (mut ends, mut all) = (Vec::new(), Vec::new());
    for (index, file) in files.into_iter().enumerate() {
        let create = Create::from(file);
        ends.push(
            create
                .content()
                .map_or(Ok(()), check_manifest)
                .err()
                .map(Err),
        );
        if ends.last().is_some_and(Option::is_none) {
            let request_hash = BlockHash::of(&serde_json::to_vec(&create)?);
            all.push(Wanted {
                index,
                create,
                request_hash,
            });
        }
    }
    let mut set = |index: usize, end: End| {
        if let Some(of) = ends.get_mut(index) {
            *of = Some(end);
        }
    };
    let (mut groups, mut lost) = (vec![all], 0);
    while let Some(mut group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        match attempt(db, author, &group).await {
            Ok(outcomes) => {
                let mut waiting = Vec::new();
                for (wanted, outcome) in group.into_iter().zip(outcomes) {
                    match outcome {
                        Some(end) => set(wanted.index, end),
                        None => waiting.push(wanted),
                    }
                }
                groups.push(waiting);
            }
            Err(Failure::Database(DbError::Constraint(_))) if lost + 1 < MAX_ATTEMPTS => {
                lost += 1;
                groups.push(group.split_off(group.len().div_ceil(2)));
                groups.push(group);
            }
            Err(Failure::Database(DbError::Busy(_))) if lost + 1 < MAX_ATTEMPTS => {
                lost += 1;
                groups.push(group);
            }
            Err(failure) => {
                let failure = match failure {
                    Failure::Database(error) => given_up(error).into(),
                    other => other,
                };
                for wanted in groups.drain(..).flatten().chain(group) {
                    set(wanted.index, Err(failure.clone()));
                }
            }
        }
    }
    let none = || Err(DbError::Fault("a file without an end".into()).into());
    let mut ends: Vec<End> = ends
        .into_iter()
        .map(|end| end.unwrap_or_else(none))
        .collect();
    if seeded::is(Bug::BatchAnswersMixed) {
        ends.sort_by_key(Result::is_err);
    }
    Ok(ends)
}

fn check_bounds(files: &[NewFile]) -> Result<(), Failure> {
    let count = files.len();
    if count > MAX_BATCH_FILES {
        return Err(bad_request(format!(
            "{count} files are more than {MAX_BATCH_FILES}"
        )));
    }
    let contents = files.iter().filter_map(|file| file.content.as_ref());
    let count: usize = contents.map(|content| content.blocks.len()).sum();
    if count > MAX_BATCH_BLOCKS {
        return Err(bad_request(format!(
            "{count} blocks are more than {MAX_BATCH_BLOCKS}"
        )));
    }
    Ok(())
}

/// One round. `None`: it waits for the next one. The first never does.
async fn attempt<D: Database>(
    db: &D,
    author: &Author,
    group: &[Wanted],
) -> Result<Vec<Option<End>>, Failure> {
    // 1
    let snapshot = Snapshot::read(db, author.space, group).await?;
    // 2
    let mut taken = Taken::default();
    let (mut outcomes, mut new, mut decided) = (Vec::new(), Vec::new(), Vec::new());
    for (
        place,
        Wanted {
            create,
            request_hash,
            ..
        },
    ) in group.iter().enumerate()
    {
        let operation = create.operation_id();
        if let Some(first) = snapshot.operations.get(&operation) {
            outcomes.push(Outcome::Ended(first.clone().repeat(*request_hash)));
            continue;
        }
        match create.check(author, &snapshot.of(place, create)) {
            Err(_) if taken.has_folder_of(create) => outcomes.push(Outcome::Waits),
            Err(refused) => outcomes.push(Outcome::Ended(Err(refused))),
            Ok(_) if !taken.takes(create) => outcomes.push(Outcome::Waits),
            Ok(item) => {
                outcomes.push(Outcome::Made);
                decided.push(Decided {
                    operation,
                    request_hash: *request_hash,
                    journal: vec![Entry::item(item.item.id)],
                    answer: Answer::Item {
                        item: item.item.clone(),
                    },
                });
                new.push(item);
            }
        }
    }
    // 3
    let mut made = make(db, author, &new, decided).await?.into_iter();
    let ends = outcomes.into_iter().map(|outcome| match outcome {
        Outcome::Ended(end) => Some(end),
        Outcome::Made => made.next().map(Ok),
        Outcome::Waits => None,
    });
    Ok(ends.collect())
}

/// What was decided on a file.
enum Outcome {
    /// It was made before, or is refused.
    Ended(End),
    Made,
    Waits,
}

async fn make<D: Database>(
    db: &D,
    author: &Author,
    new: &[NewItem],
    decided: Vec<Decided>,
) -> Result<Vec<Applied>, Failure> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let seqs = write(db, author, insert(author, new)?, &decided).await?;
    let applied = decided.into_iter().zip(seqs).zip(new);
    let applied = applied.map(|((decided, seq), new)| Applied {
        answer: decided.answer,
        seq,
        news: Some(new.item.id),
    });
    Ok(applied.collect())
}

/// What the files of a round are about to take.
#[derive(Default)]
struct Taken {
    operations: HashSet<OperationId>,
    items: HashSet<ItemId>,
    names: HashSet<(Option<ItemId>, String)>,
}

impl Taken {
    /// Whether what is to hold the file is about to be made: a file, which can't.
    fn has_folder_of(&self, create: &Create) -> bool {
        create
            .parent()
            .is_some_and(|parent| self.items.contains(&parent))
    }

    /// Takes all that the file needs, if nothing of it is taken.
    fn takes(&mut self, create: &Create) -> bool {
        let (operation, item) = (create.operation_id(), create.id());
        let name = (create.parent(), create.name().key());
        let is_taken = self.operations.contains(&operation)
            || self.items.contains(&item)
            || self.names.contains(&name);
        if !is_taken {
            self.operations.insert(operation);
            self.items.insert(item);
            self.names.insert(name);
        }
        !is_taken
    }
}

/// What the database says of all of a group's files.
struct Snapshot {
    operations: HashMap<OperationId, OperationRow>,
    ids_in_use: HashSet<ItemId>,
    /// The ways up from each parent.
    paths: HashMap<ItemId, Rows>,
    /// Who has the name of the file at this place of the group.
    children: HashMap<usize, Rows>,
    /// What is said of blocks that are not as they are claimed to be.
    unmet: HashMap<(BlockHash, u32), Json>,
}

#[derive(Deserialize)]
struct OfOperation {
    id: OperationId,
    #[serde(flatten)]
    operation: OperationRow,
}

#[derive(Deserialize)]
struct OfId {
    id: ItemId,
}

#[derive(Deserialize)]
struct OfStart {
    start: ItemId,
}

#[derive(Deserialize)]
struct OfPlace {
    place: usize,
}

#[derive(Deserialize)]
struct OfBlock {
    hash: BlockHash,
    claimed: u32,
}

impl Snapshot {
    async fn read<D: Database>(db: &D, space: SpaceId, group: &[Wanted]) -> Result<Self, Failure> {
        let creates = || group.iter().map(|wanted| &wanted.create);
        let operations: Vec<_> = creates().map(Create::operation_id).collect();
        let ids: Vec<_> = creates().map(Create::id).collect();
        let parents: BTreeSet<_> = creates().filter_map(Create::parent).collect();
        let names: Vec<_> = creates()
            .map(|create| (create.parent(), create.name().key()))
            .collect();
        let contents = creates().filter_map(Create::content);
        let claimed: Vec<_> = contents.flat_map(|content| &content.blocks).collect();
        let reads = vec![
            about(journal::OPERATIONS, space, &operations)?,
            about(items::IDS_IN_USE, space, &ids)?,
            about(items::PATHS, space, &parents)?,
            about(items::LIVE_CHILDREN, space, &names)?,
            about(blocks::UNMET, space, &claimed)?,
        ];
        let answers: [Rows; 5] = db
            .batch(reads)
            .await?
            .try_into()
            .map_err(|_| DbError::Fault("reads have no answers".into()))?;
        let [operations, ids, paths, children, unmet] = answers;
        let operations: Vec<OfOperation> = operations.all()?;
        let ids: Vec<OfId> = ids.all()?;
        Ok(Self {
            operations: operations
                .into_iter()
                .map(|row| (row.id, row.operation))
                .collect(),
            ids_in_use: ids.into_iter().map(|row| row.id).collect(),
            paths: by_key(paths, |row: OfStart| row.start)?,
            children: by_key(children, |row: OfPlace| row.place)?,
            unmet: by_key(unmet, |row: OfBlock| (row.hash, row.claimed))?
                .into_iter()
                .filter_map(|(block, rows)| Some((block, rows.rows.into_iter().next()?)))
                .collect(),
        })
    }

    /// The answers that the file would have had to reads of its own.
    fn of(&self, place: usize, create: &Create) -> [Rows; 4] {
        let is_in_use = self.ids_in_use.contains(&create.id());
        let in_use = is_in_use.then(|| Json::from(create.id().to_string()));
        let path = create.parent().and_then(|parent| self.paths.get(&parent));
        let child = self.children.get(&place);
        let blocks = create.content().map(|content| content.blocks.iter());
        let unmet = blocks.into_iter().flatten().filter_map(|block| {
            let row = self.unmet.get(&(block.hash, block.length))?;
            Some(row.clone())
        });
        [
            rows(in_use),
            path.cloned().unwrap_or_default(),
            child.cloned().unwrap_or_default(),
            rows(unmet),
        ]
    }
}

fn about(sql: &'static str, space: SpaceId, list: &impl Serialize) -> Result<Statement, Failure> {
    let list = serde_json::to_string(list)?;
    Ok(Statement::new(sql).id(space).bind(list))
}

fn rows(rows: impl IntoIterator<Item = Json>) -> Rows {
    Rows {
        rows: rows.into_iter().collect(),
        changes: 0,
    }
}

/// Rows by what they are about, each part in its order.
fn by_key<T: for<'de> Deserialize<'de>, K: Eq + std::hash::Hash>(
    all: Rows,
    key: impl Fn(T) -> K,
) -> Result<HashMap<K, Rows>, Failure> {
    let keys: Vec<T> = all.all()?;
    let mut of_key: HashMap<K, Rows> = HashMap::new();
    for (row, about) in all.rows.into_iter().zip(keys) {
        of_key.entry(key(about)).or_default().rows.push(row);
    }
    Ok(of_key)
}
