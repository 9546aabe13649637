//! Many new files in one request, in [`rounds`](super::rounds). Each is decided on by
//! the rule of [`Create`]. A file that wants what another one is about to take, or that
//! is based on another one, waits for the next round.

use super::content::{BaseLooked, ContentLooked};
use super::create::{Create, CreateLooked, NewItem, insert};
use super::rounds::{self, End, Round};
use super::{
    Answer, Applied, Author, Change, Decided, JournalEntry, OperationRow, Repeated, content,
    operations as operations_of, request_hash, write,
};
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Rows, Statement};
use crate::query::{self, Told, look};
use crate::room::{self, Charge, NewBlocks, Room};
use crate::store::blocks::{Unmet, unmet};
use crate::store::items::{self, InUse};
use crate::store::rows::{IdRow, PathRow};
use crate::store::space::{in_no_list, space as read_space};
use crate::store::sql;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use protocol::content::{Base, Content};
use protocol::files::NewFile;
use protocol::ids::{ItemId, OperationId, SpaceId};
use protocol::limits::{MAX_BATCH_BLOCKS, MAX_BATCH_FILES};
use protocol::notifications::EventType;
use protocol::problem::Problem;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

type Wanted = rounds::Pending<Create>;

/// Makes new files, each once, however often it is requested. Returns the ends of all,
/// in their order; a file that could not be read ends with what was wrong with it.
///
/// # Errors
/// 400: there are too many files or blocks.
pub async fn create_files<D: Database>(
    db: &D,
    author: &Author,
    files: Vec<Result<NewFile<Content>, Problem>>,
) -> Result<Vec<End>, Failure> {
    check_bounds(&files)?;
    let files = files.into_iter();
    let files = files.map(|file| file.map_err(Failure::from).and_then(checked));
    let creates = Creates { db, author };
    rounds::all(&creates, (db, author), files.collect(), Create::names).await
}

struct Creates<'a, D> {
    db: &'a D,
    author: &'a Author,
}

impl<D: Database> Round<Create> for Creates<'_, D> {
    /// A new file waits for another only while that brings blocks or takes a name.
    fn most(&self) -> u32 {
        u32::MAX
    }

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
        let looked = snapshot.looked(place, create);
        let blocks = taken.new_blocks(&snapshot, create);
        let end = match decide(author, &snapshot, create, looked) {
            Ok(Creation::Make(item, one)) if taken.takes(create) => {
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
            Ok(Creation::Make(..)) => None,
            Ok(Creation::Repeat(repeated)) => {
                Some(repeated.answer(db, author.space, create.subject()).await)
            }
            Err(_) if taken.has_what_it_needs(create) => None,
            Err(refused @ Failure::Problem(Problem::BlocksMissing { .. })) => {
                // Blocks that do not fit are refused before they travel in vain.
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
enum Creation {
    /// The file was made before.
    Repeat(Repeated),
    Make(NewItem, Decided),
}

fn decide(
    author: &Author,
    snapshot: &Snapshot,
    create: &Create,
    looked: CreateLooked,
) -> Result<Creation, Failure> {
    let spelled_out = create.spelled_out(&looked)?;
    let whole = spelled_out.as_ref().unwrap_or(create);
    let request_hash = request_hash(whole)?;
    let operation = create.operation_id();
    if let Some(first) = snapshot.operations.get(&operation) {
        return first.clone().repeat(request_hash).map(Creation::Repeat);
    }
    let new = whole.check(author, looked)?;
    let decided = Decided {
        operation,
        request_hash,
        journal: vec![JournalEntry::new(EventType::FileCreate, &new.item)],
        answer: Answer::Item {
            item: new.item.clone(),
        },
    };
    Ok(Creation::Make(new, decided))
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
    write(db, author, (insert(author, new)?, charge), decided).await
}

/// What the files of a round are about to take.
#[derive(Default)]
struct Taken {
    operations: HashSet<OperationId>,
    items: HashSet<ItemId>,
    names: HashSet<(Option<ItemId>, String)>,
    /// The room that is left, if something was taken.
    room: Option<Room>,
    /// Blocks that no list had, and that a file is about to bring into one.
    blocks: HashSet<BlockHash>,
}

impl Taken {
    /// Whether this round is about to make the file's base or its parent. The next
    /// round decides then: it finds the base, and refuses the parent, which is a file.
    fn has_what_it_needs(&self, create: &Create) -> bool {
        let base = base_of(create).map(|base| base.item);
        let mut needs = base.into_iter().chain(create.parent());
        needs.any(|item| self.items.contains(&item))
    }

    fn room(&self, snapshot: &Snapshot) -> Room {
        self.room.unwrap_or(snapshot.room)
    }

    /// Finds the blocks of a file that no list has and that no other file is about to bring
    /// into one, each once.
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

    /// Takes the operation, the id and the name that the file needs, unless one of them
    /// is taken; returns whether it did.
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

/// What the database says about all files of a group.
struct Snapshot {
    operations: HashMap<OperationId, OperationRow>,
    ids_in_use: HashMap<ItemId, InUse>,
    /// The ways up from each parent.
    ways: HashMap<ItemId, Told<Vec<PathRow>>>,
    /// The item that has the name of a file, by the file's place in the group.
    rivals: HashMap<usize, Told<Vec<IdRow>>>,
    /// What is wrong with blocks, by the hash and the length that were claimed.
    unmet: HashMap<(BlockHash, u32), Unmet>,
    /// The list of a file's base, by the file's place in the group.
    bases: HashMap<usize, Told<Vec<BaseRow>>>,
    room: Room,
    /// The blocks that no list has.
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

/// A block of a base; an empty base is one row without a block.
#[derive(Deserialize)]
struct BaseRow {
    hash: Option<BlockHash>,
    length: Option<u32>,
    damaged: u8,
}

impl Snapshot {
    /// # Errors
    /// 400: with those of their bases, the files have too many blocks.
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
        // One row more than there may be tells that there are too many.
        let most = (MAX_BATCH_BLOCKS as u64).saturating_add(1);
        let by_start = |rows: &Rows| by_key(rows, |row: OfStart| row.start);
        let by_place = |rows: &Rows| by_key(rows, |row: OfPlace| row.place);
        let bases = about(sql::content::BASES, space, &bases)?.bind(most);
        let looks = (
            operations_of(space, &operations)?,
            items::in_use(space, &ids)?,
            about(sql::items::PATHS, space, &parents)?.read_by(by_start),
            about(sql::items::LIVE_CHILDREN, space, &names)?.read_by(by_place),
            unmet(space, &claimed)?,
            bases.read_by(|rows| Ok((rows.rows.len(), by_key(rows, |row: OfPlace| row.place)?))),
            read_space(space),
            in_no_list(space, &claimed)?,
        );
        let told = query::all(db, looks).await?;
        let (operations, ids, ways, rivals, unmet, bases, row, in_no_list) = told;
        let (base_rows, bases) = bases?;
        check_block_count(claimed.len().saturating_add(base_rows))?;
        let ids = ids?.into_iter().map(|row| (row.id, row));
        let unmet = unmet?.into_iter().map(|row| ((row.hash, row.claimed), row));
        Ok(Self {
            operations: operations?,
            ids_in_use: ids.collect(),
            ways: ways?,
            rivals: rivals?,
            unmet: unmet.collect(),
            bases,
            room: Room {
                space: row?,
                limits: author.limits,
            },
            in_no_list: in_no_list?.into_iter().collect(),
        })
    }

    /// What the file would look at if it came alone.
    fn looked(&self, place: usize, create: &Create) -> CreateLooked {
        let way = create.parent().and_then(|parent| self.ways.get(&parent));
        let rivals = self.rivals.get(&place);
        let rival = rivals.map(|told| Ok(look(told)?.first().map(|row| row.id)));
        CreateLooked {
            in_use: Ok(self.ids_in_use.get(&create.id()).copied()),
            way: way.cloned().unwrap_or(Ok(Vec::new())),
            rival: rival.unwrap_or(Ok(None)),
            free: None,
            content: create.content().map(|content| self.content(place, content)),
            mount: None,
        }
    }

    fn content(&self, place: usize, content: &Content) -> ContentLooked {
        let named = content.named();
        let unmet = named
            .iter()
            .filter_map(|block| self.unmet.get(&(block.hash, block.length)));
        let is_spliced = matches!(content, Content::Spliced(_));
        ContentLooked {
            unmet: Ok(unmet.copied().collect()),
            base: is_spliced.then(|| self.base(place)),
        }
    }

    fn base(&self, place: usize) -> BaseLooked {
        let rows = match self.bases.get(&place) {
            Some(told) => look(told).map(Vec::as_slice),
            None => Ok(&[][..]),
        };
        let damaged = |rows: &[BaseRow]| {
            let damaged = rows.iter().filter(|row| row.damaged != 0);
            damaged.filter_map(|row| row.hash).collect()
        };
        let blocks = |rows: &[BaseRow]| rows.iter().filter_map(BaseRow::block).collect();
        BaseLooked {
            is_there: rows.clone().map(|rows| !rows.is_empty()),
            damaged: rows.clone().map(damaged),
            blocks: rows.map(blocks),
        }
    }
}

impl BaseRow {
    fn block(&self) -> Option<BlockRef> {
        let (hash, length) = (self.hash?, self.length?);
        Some(BlockRef { hash, length })
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

/// Groups rows by what they are about, each group in the order of its rows. A row that
/// can't be read spoils only its own group.
fn by_key<T: DeserializeOwned, K: Eq + std::hash::Hash, R: DeserializeOwned>(
    all: &Rows,
    key: impl Fn(T) -> K,
) -> Told<HashMap<K, Told<Vec<R>>>> {
    let mut of_key: HashMap<K, Told<Vec<R>>> = HashMap::new();
    for (about, row) in all.all::<T>()?.into_iter().zip(all.each::<R>()) {
        let part = of_key.entry(key(about)).or_insert_with(|| Ok(Vec::new()));
        match (row, part.as_mut()) {
            (Ok(row), Ok(rows)) => rows.push(row),
            (Err(why), Ok(_)) => *part = Err(why),
            (_, Err(_)) => {}
        }
    }
    Ok(of_key)
}
