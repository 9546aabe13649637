//! Many new files at once, in [`rounds`](super::rounds): each is decided on by the
//! rule of [`Create`]. One that wants what another of them is about to take, or is
//! based on it, waits for the next round.

use super::create::{Create, InUse, NewItem, insert};
use super::room::{self, Charge, NewBlocks, Room};
use super::rounds::{self, End, Round};
use super::{
    Answer, Applied, Author, Change, Decided, Entry, OperationRow, Repeated, as_it_is, content,
    operations_of, request_hash, write,
};
use crate::error::{Failure, bad_request};
use crate::ports::{Database, DbError, Rows, Statement};
use crate::store::rows::ListRow;
use crate::store::sql::{self, blocks, items, journal};
use crate::store::stand_ins::nearest;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use protocol::content::{Base, Content};
use protocol::files::NewFile;
use protocol::ids::{ItemId, OperationId, SpaceId};
use protocol::limits::{MAX_BATCH_BLOCKS, MAX_BATCH_FILES};
use protocol::problem::Problem;
use protocol::seeded::{self, Bug};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap, HashSet};

type Wanted = rounds::Wanted<Create>;

/// Makes new files, each once, however often it is asked for. Answers for each,
/// in their order; one that could not be read is refused with what was wrong with it.
///
/// # Errors
/// 400: they are too many; then nothing was done.
pub async fn create_files<D: Database>(
    db: &D,
    author: &Author,
    files: Vec<Result<NewFile<Content>, Problem>>,
) -> Result<Vec<End>, Failure> {
    check_bounds(&files)?;
    let (mut ends, mut all) = (Vec::new(), Vec::new());
    for (index, file) in files.into_iter().enumerate() {
        match file.map_err(Failure::from).and_then(checked) {
            Ok(change) => {
                ends.push(None);
                all.push(Wanted { index, change });
            }
            Err(refused) => ends.push(Some(Err(refused))),
        }
    }
    let named: Vec<_> = all.iter().map(|wanted| wanted.change.names()).collect();
    let checked = author.check(db, &named).await?;
    drop(named);
    let mut checked = checked.into_iter();
    all.retain(|wanted: &Wanted| match checked.next() {
        Some(Err(refused)) => {
            if let Some(end) = ends.get_mut(wanted.index) {
                *end = Some(Err(refused.into()));
            }
            false
        }
        _ => true,
    });
    let mut ends = rounds::all(&Creates { db, author }, all, ends).await?;
    if seeded::is(Bug::BatchAnswersMixed) {
        ends.sort_by_key(Result::is_err);
    }
    Ok(ends)
}

struct Creates<'a, D> {
    db: &'a D,
    author: &'a Author,
}

impl<D: Database> Round<Create> for Creates<'_, D> {
    async fn attempt(&self, group: &[Wanted]) -> Result<Vec<Option<End>>, Failure> {
        attempt(self.db, self.author, group).await
    }
}

/// A file whose content does not contradict itself.
fn checked(file: NewFile<Content>) -> Result<Create, Failure> {
    let create = Create::from(file);
    create.content().map_or(Ok(()), content::check)?;
    Ok(create)
}

fn check_bounds(files: &[Result<NewFile<Content>, Problem>]) -> Result<(), Failure> {
    let count = files.len();
    if count > MAX_BATCH_FILES {
        return Err(bad_request(format!(
            "{count} files are more than {MAX_BATCH_FILES}"
        )));
    }
    let read = files.iter().filter_map(|file| file.as_ref().ok());
    let contents = read.filter_map(|file| file.content.as_ref());
    check_block_count(contents.map(|content| content.named().len()).sum())
}

fn check_block_count(count: usize) -> Result<(), Failure> {
    if count > MAX_BATCH_BLOCKS {
        return Err(bad_request(format!(
            "{count} blocks are more than {MAX_BATCH_BLOCKS}"
        )));
    }
    Ok(())
}

/// See [`Round`].
async fn attempt<D: Database>(
    db: &D,
    author: &Author,
    group: &[Wanted],
) -> Result<Vec<Option<End>>, Failure> {
    // 1
    let snapshot = Snapshot::read(db, author, group).await?;
    // 2
    let mut taken = Taken::default();
    let (mut ends, mut places) = (Vec::new(), Vec::new());
    let (mut new, mut decided) = (Vec::new(), Vec::new());
    for (place, Wanted { change: create, .. }) in group.iter().enumerate() {
        let answers = snapshot.of(place, create)?;
        let blocks = taken.new_blocks(&snapshot, create);
        let end = match decide(author, &snapshot, create, &answers) {
            Ok(Decision::Make(item, one)) if taken.takes(create) => {
                let (charge, added) = (item.charge(), count(&blocks));
                match taken.room(&snapshot).check(&charge, added) {
                    Ok(()) => {
                        taken.room = Some(taken.room(&snapshot).after(&charge, added));
                        taken.blocks.extend(blocks.iter().map(|block| block.hash));
                        places.push(place);
                        new.push(item);
                        decided.push(one);
                        None
                    }
                    Err(full) => Some(Err(room::tell_trash(db, author.space, full).await?.into())),
                }
            }
            Ok(Decision::Make(..)) => None,
            Ok(Decision::Repeat(Repeated::Told(applied))) => Some(Ok(applied)),
            Ok(Decision::Repeat(Repeated::Unreadable { seq })) => {
                Some(as_it_is(db, author.space, create.subject(), seq).await)
            }
            Err(_) if taken.has_what_it_needs(create) => None,
            Err(refused @ Failure::Problem(Problem::BlocksMissing { .. })) => {
                // Before they travel in vain.
                let fits = taken
                    .room(&snapshot)
                    .check(&Charge::default(), count(&blocks));
                Some(Err(match fits {
                    Ok(()) => refused,
                    Err(full) => room::tell_trash(db, author.space, full).await?.into(),
                }))
            }
            Err(refused) => Some(Err(refused)),
        };
        ends.push(end);
    }
    // 3
    let made = make(db, author, &new, decided).await?;
    for (place, applied) in places.into_iter().zip(made) {
        if let Some(end) = ends.get_mut(place) {
            *end = Some(Ok(applied));
        }
    }
    Ok(ends)
}

/// What becomes of a file, if it is not refused.
#[allow(clippy::large_enum_variant, reason = "one exists at a time")]
enum Decision {
    /// It was made before.
    Repeat(Repeated),
    Make(NewItem, Decided),
}

fn decide(
    author: &Author,
    snapshot: &Snapshot,
    create: &Create,
    answers: &[Rows],
) -> Result<Decision, Failure> {
    let spelled_out = create.spelled_out(answers)?;
    let whole = spelled_out.as_ref().unwrap_or(create);
    let request_hash = request_hash(create, whole)?;
    let operation = create.operation_id();
    if let Some(first) = snapshot.operations.get(&operation) {
        return first.clone().repeat(request_hash).map(Decision::Repeat);
    }
    let new = whole.check(author, answers)?;
    let decided = Decided {
        operation,
        request_hash,
        journal: vec![Entry::item(new.item.id)],
        answer: Answer::Item {
            item: new.item.clone(),
        },
    };
    Ok(Decision::Make(new, decided))
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
    let charge = new.iter().map(NewItem::charge).fold(
        Charge::default(),
        |mut all,
         Charge {
             items,
             versions,
             rows,
         }| {
            all.items = all.items.saturating_add(items);
            all.versions = all.versions.saturating_add(versions);
            all.rows.extend(rows);
            all
        },
    );
    let seqs = write(db, author, (insert(author, new)?, charge), &decided).await?;
    let applied = decided.into_iter().zip(seqs).map(|(decided, seq)| {
        let entry = decided.journal.first();
        Applied {
            news: entry.map(|entry| entry.event_at(author.now)),
            answer: decided.answer,
            seq,
        }
    });
    Ok(applied.collect())
}

/// What the files of a round are about to take.
#[derive(Default)]
struct Taken {
    operations: HashSet<OperationId>,
    items: HashSet<ItemId>,
    names: HashSet<(Option<ItemId>, String)>,
    /// What is left, if something was taken.
    room: Option<Room>,
    /// Blocks that were in no list.
    blocks: HashSet<BlockHash>,
}

impl Taken {
    /// Whether the file's base is about to be made, or what is to hold it: a file,
    /// which can't.
    fn has_what_it_needs(&self, create: &Create) -> bool {
        let base = base_of(create).map(|base| base.item);
        let mut needs = base.into_iter().chain(create.parent());
        needs.any(|item| self.items.contains(&item))
    }

    fn room(&self, snapshot: &Snapshot) -> Room {
        self.room.unwrap_or(snapshot.room)
    }

    /// Those of the file's blocks, each once, that no list has and that no other file
    /// is about to bring into one.
    fn new_blocks(&self, snapshot: &Snapshot, create: &Create) -> Vec<BlockRef> {
        let blocks = create.content().map(Content::named).unwrap_or_default();
        let mut blocks = blocks.into_owned();
        let mut seen = HashSet::new();
        blocks.retain(|block| {
            snapshot.in_no_list.contains(&block.hash)
                && !self.blocks.contains(&block.hash)
                && seen.insert(block.hash)
        });
        blocks
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
    ids_in_use: HashMap<ItemId, InUse>,
    /// The ways up from each parent.
    paths: HashMap<ItemId, Rows>,
    /// Who has the name of the file at this place of the group.
    children: HashMap<usize, Rows>,
    /// What is said of blocks that are not as they are claimed to be.
    unmet: HashMap<(BlockHash, u32), Json>,
    /// The list of the base of the file at this place of the group.
    bases: HashMap<usize, Rows>,
    room: Room,
    /// Those of the blocks that no list has.
    in_no_list: HashSet<BlockHash>,
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

/// A block of a base, or none of an empty one.
#[derive(Deserialize)]
struct BaseRow {
    #[serde(deserialize_with = "nearest")]
    size: u64,
    ord: Option<u64>,
    hash: Option<BlockHash>,
    length: Option<u32>,
    damaged: u8,
}

impl Snapshot {
    /// # Errors
    /// 400: with their bases, they have too many blocks.
    async fn read<D: Database>(db: &D, author: &Author, group: &[Wanted]) -> Result<Self, Failure> {
        let space = author.space;
        let creates = || group.iter().map(|wanted| &wanted.change);
        let operations: Vec<_> = creates().map(Create::operation_id).collect();
        let ids: Vec<_> = creates().map(Create::id).collect();
        let parents: BTreeSet<_> = creates().filter_map(Create::parent).collect();
        let names: Vec<_> = creates()
            .map(|create| (create.parent(), create.name().key()))
            .collect();
        let contents = creates().filter_map(Create::content);
        let claimed: Vec<_> = contents.map(Content::named).collect();
        let claimed = claimed.concat();
        let bases: Vec<_> = creates()
            .map(|create| base_of(create).map(|base| (base.item, base.version)))
            .collect();
        // One more than there may be tells that they are too many.
        let most = (MAX_BATCH_BLOCKS as u64).saturating_add(1);
        let reads = vec![
            about(journal::OPERATIONS, space, &operations)?,
            about(items::IDS_IN_USE, space, &ids)?,
            about(items::PATHS, space, &parents)?,
            about(items::LIVE_CHILDREN, space, &names)?,
            about(blocks::UNMET, space, &claimed)?,
            about(sql::content::BASES, space, &bases)?.bind(most),
            Statement::new(sql::space::SPACE).id(space),
            about(sql::space::IN_NO_LIST, space, &claimed)?,
        ];
        let answers: [Rows; 8] = db
            .batch(reads)
            .await?
            .try_into()
            .map_err(|_| DbError::Fault("reads have no answers".into()))?;
        let [
            operations,
            ids,
            paths,
            children,
            unmet,
            bases,
            row,
            in_no_list,
        ] = answers;
        let in_no_list: Option<ListRow> = in_no_list.first()?;
        let in_no_list = in_no_list.map(|row| row.read()).transpose()?;
        check_block_count(claimed.len().saturating_add(bases.rows.len()))?;
        let ids: Vec<InUse> = ids.all()?;
        Ok(Self {
            operations: operations_of(&operations)?,
            ids_in_use: ids.into_iter().map(|row| (row.id, row)).collect(),
            paths: by_key(paths, |row: OfStart| row.start)?,
            children: by_key(children, |row: OfPlace| row.place)?,
            unmet: by_key(unmet, |row: OfBlock| (row.hash, row.claimed))?
                .into_iter()
                .filter_map(|(block, rows)| Some((block, rows.rows.into_iter().next()?)))
                .collect(),
            bases: by_key(bases, |row: OfPlace| row.place)?,
            room: Room {
                space: crate::reads::space::row(&row)?,
                limits: author.limits,
            },
            in_no_list: in_no_list.unwrap_or_default().into_iter().collect(),
        })
    }

    /// The answers that the file would have had to reads of its own.
    fn of(&self, place: usize, create: &Create) -> Result<Vec<Rows>, Failure> {
        let in_use = self.ids_in_use.get(&create.id());
        let in_use = in_use.map(serde_json::to_value).transpose()?;
        let path = create.parent().and_then(|parent| self.paths.get(&parent));
        let child = self.children.get(&place);
        let blocks = create.content().map(Content::named).unwrap_or_default();
        let unmet = blocks.iter().filter_map(|block| {
            let row = self.unmet.get(&(block.hash, block.length))?;
            Some(row.clone())
        });
        let mut answers = vec![
            rows(in_use),
            path.cloned().unwrap_or_default(),
            child.cloned().unwrap_or_default(),
            rows(unmet),
        ];
        if base_of(create).is_some() {
            answers.extend(self.of_base(place)?);
        }
        Ok(answers)
    }

    /// The same about the base: its size if there is one, which of its blocks are
    /// damaged, and its list.
    fn of_base(&self, place: usize) -> Result<[Rows; 3], Failure> {
        let blocks: Vec<BaseRow> = match self.bases.get(&place) {
            Some(rows) => rows.all()?,
            None => Vec::new(),
        };
        let size = blocks.first().map(|row| json!({ "size": row.size }));
        let damaged = blocks.iter().filter(|row| row.damaged != 0);
        let damaged = damaged.map(|row| json!({ "hash": row.hash }));
        let list: Vec<_> = blocks
            .iter()
            .filter_map(|row| Some((row.ord?, row.hash?, row.length?)))
            .collect();
        let list = serde_json::to_string(&list)?;
        Ok([rows(size), rows(damaged), rows([json!({ "list": list })])])
    }
}

fn count(blocks: &[BlockRef]) -> NewBlocks {
    blocks.iter().fold(NewBlocks::default(), NewBlocks::with)
}

fn base_of(create: &Create) -> Option<Base> {
    match create.content()? {
        Content::Spliced(spliced) => Some(spliced.base),
        Content::Whole(_) => None,
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
