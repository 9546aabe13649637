//! Old versions of many files that become their newest again, in [`rounds`](super::rounds).
//! Each is decided on as a commit is, so nothing is passed over that its person has not seen.
//! No block is sent, and no list leaves the database whole: only what two differ in is read.

use super::rounds::{self, End, Pending, Round};
use super::{
    Answer, Applied, Author, Decided, JournalEntry, OperationRow, Subject,
    operations as operations_of, write,
};
use crate::access::reach::Named;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query;
use crate::room::{self, Charge, NewBlocks, Room, check_versions};
use crate::rules::{check_version, check_way, head, there};
use crate::store::items::ways;
use crate::store::rows::{self, PathRow};
use crate::store::space::space as read_space;
use crate::store::sql::{items, reverts as sql};
use ::blocks::chunk::SizeClass;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use ::blocks::number::FileTime;
use protocol::ids::{ItemId, OperationId, SpaceId, Version};
use protocol::items::{FileHead, Item};
use protocol::limits::{MAX_BATCH_BLOCKS, MAX_BATCH_FILES, MAX_FILE_BLOCKS};
use protocol::notifications::EventType;
use protocol::past::Revert;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Makes old versions the newest, each once, however often it is requested. Returns the ends
/// of all, in their order; one that comes as a refusal ends with it.
///
/// # Errors
/// 400: there are too many; then nothing was done.
pub async fn revert_files<D: Database>(
    db: &D,
    author: &Author,
    files: Vec<Result<Revert, Problem>>,
) -> Result<Vec<End>, Failure> {
    let count = files.len();
    if count > MAX_BATCH_FILES {
        return Err(bad_request(format!(
            "{count} files are more than {MAX_BATCH_FILES}"
        )));
    }
    let files = files.into_iter().map(|one| one.map_err(Failure::from));
    let round = Reverts { db, author };
    rounds::all(&round, (db, author), files.collect(), |change| {
        vec![Named::File(change.item)]
    })
    .await
}

struct Reverts<'a, D> {
    db: &'a D,
    author: &'a Author,
}

impl<D: Database> Round<Revert> for Reverts<'_, D> {
    async fn attempt(&self, group: &[Pending<Revert>]) -> Result<Vec<Option<End>>, Failure> {
        // 1
        let mut snapshot = Snapshot::read(self.db, self.author, group).await?;
        // 2
        let (mut ends, mut at) = (Vec::new(), Vec::new());
        let (mut charge, mut taken) = (Charge::default(), Taken::default());
        let (mut written, mut decided) = (Vec::new(), Vec::new());
        for (place, Pending { change, .. }) in group.iter().enumerate() {
            let hash = BlockHash::of(&serde_json::to_vec(change)?);
            if let Some(first) = snapshot.operations.get(&change.operation_id) {
                let subject = Subject::Item(change.item);
                ends.push(Some(match first.clone().repeat(hash) {
                    Ok(first) => first.answer(self.db, self.author.space, subject).await,
                    Err(reused) => Err(reused),
                }));
                continue;
            }
            if taken.is_in_the_way(change) || !snapshot.has_all(place) {
                ends.push(None);
                continue;
            }
            match snapshot.decide(self.author, place, change) {
                Ok((item, adds)) if taken.has_room_for(&adds) => {
                    if let Err(full) = snapshot.room.check(&adds, NewBlocks::default()) {
                        let full = room::tell_trash(self.db, self.author.space, full).await?;
                        ends.push(Some(Err(full.into())));
                        continue;
                    }
                    snapshot.room = snapshot.room.after(&adds, NewBlocks::default());
                    taken.takes(change, &adds);
                    charge.versions = charge.versions.saturating_add(adds.versions);
                    charge.rows.extend(adds.rows);
                    written.push((change.item, change.version, change.base_version));
                    decided.push(Decided {
                        operation: change.operation_id,
                        request_hash: hash,
                        journal: vec![JournalEntry::new(EventType::FileUpdate, &item)],
                        answer: Answer::Item { item },
                    });
                    at.push(place);
                    ends.push(None);
                }
                Ok(_) => ends.push(None),
                Err(refused) => ends.push(Some(Err(refused))),
            }
        }
        // 3
        for (place, applied) in at
            .into_iter()
            .zip(self.make(written, charge, decided).await?)
        {
            if let Some(end) = ends.get_mut(place) {
                *end = Some(Ok(applied));
            }
        }
        Ok(ends)
    }
}

/// `[file, version, head]`, as the statements take them.
type Written = (ItemId, Version, Version);

impl<D: Database> Reverts<'_, D> {
    async fn make(
        &self,
        written: Vec<Written>,
        charge: Charge,
        decided: Vec<Decided>,
    ) -> Result<Vec<Applied>, Failure> {
        if written.is_empty() {
            return Ok(Vec::new());
        }
        let statements = statements(self.author, &written)?;
        write(self.db, self.author, (statements, charge), decided).await
    }
}

/// As many statements for one file as for many. The batch is refused if one of the versions
/// is not there any more, or one of the heads has moved on.
fn statements(author: &Author, written: &[Written]) -> Result<Vec<Statement>, Failure> {
    let list = serde_json::to_string(written)?;
    let about = |sql| Statement::new(sql).id(author.space).bind(list.as_str());
    let all = || Statement::new(items::GUARD_CHANGED).bind(written.len() as u64);
    let by = author.committed();
    Ok(vec![
        about(sql::INSERT_VERSIONS)
            .bind(by.user_name)
            .id(by.device_id)
            .bind(by.device_name)
            .bind(author.now),
        all(),
        about(sql::CLOSE_ROWS),
        about(sql::OPEN_ROWS),
        about(sql::UPDATE_HEADS),
        all(),
    ])
}

/// What the files of a round are about to take.
#[derive(Default)]
struct Taken {
    operations: HashSet<OperationId>,
    items: HashSet<ItemId>,
    rows: usize,
}

impl Taken {
    /// Whether another change of the round is about the same file, or has the same id.
    fn is_in_the_way(&self, change: &Revert) -> bool {
        self.items.contains(&change.item) || self.operations.contains(&change.operation_id)
    }

    /// Whether the round takes so much more; the first always fits.
    fn has_room_for(&self, adds: &Charge) -> bool {
        let rows = self.rows.saturating_add(adds.rows.len());
        self.items.is_empty() || rows <= MAX_BATCH_BLOCKS
    }

    fn takes(&mut self, change: &Revert, adds: &Charge) {
        self.operations.insert(change.operation_id);
        self.items.insert(change.item);
        self.rows = self.rows.saturating_add(adds.rows.len());
    }
}

#[derive(Clone, Copy, Deserialize)]
struct VersionRow {
    place: usize,
    size: u64,
    size_class: SizeClass,
    modified_at: FileTime,
}

#[derive(Deserialize)]
struct OtherRow {
    place: usize,
    hash: BlockHash,
    length: u32,
    damaged: u8,
}

/// The most rows that are read for a round: one more than a file has.
const MOST_READ: u64 = MAX_FILE_BLOCKS as u64 + 1;

/// What the database says about all files of a group.
struct Snapshot {
    operations: HashMap<OperationId, OperationRow>,
    items: HashMap<ItemId, Item>,
    ways: HashMap<ItemId, Vec<PathRow>>,
    /// The versions that are there, by the places of their files in the group.
    versions: HashMap<usize, VersionRow>,
    /// What they have and the heads have not.
    others: BTreeMap<usize, Vec<OtherRow>>,
    /// Whether more of that is there than was read.
    is_cut: bool,
    room: Room,
}

impl Snapshot {
    async fn read<D: Database>(
        db: &D,
        author: &Author,
        group: &[Pending<Revert>],
    ) -> Result<Self, Failure> {
        let space = author.space;
        let changes = || group.iter().map(|wanted| &wanted.change);
        let operations: Vec<_> = changes().map(|change| change.operation_id).collect();
        let ids: BTreeSet<ItemId> = changes().map(|change| change.item).collect();
        let files: Vec<Written> = changes()
            .map(|change| (change.item, change.version, change.base_version))
            .collect();
        let known = about(items::ITEMS_OF, space, &ids)?;
        let looks = (
            operations_of(space, &operations)?,
            known.read_by(|rows| Ok(rows::items(&rows.rows))),
            ways(space, &ids)?,
            about(sql::VERSIONS, space, &files)?.readable::<VersionRow>(&["place"]),
            about(sql::OTHERS, space, &files)?
                .bind(MOST_READ)
                .rows::<OtherRow>(),
            read_space(space),
        );
        let (operations, known, ways, versions, others, row) = query::all(db, looks).await?;
        let others = others?;
        let is_cut = others.len() as u64 >= MOST_READ;
        let mut by_place: BTreeMap<usize, Vec<OtherRow>> = BTreeMap::new();
        for row in others {
            by_place.entry(row.place).or_default().push(row);
        }
        let versions = versions?.into_iter().map(|row| (row.place, row));
        Ok(Self {
            operations: operations?,
            items: known?.into_iter().map(|item| (item.id, item)).collect(),
            ways: ways?,
            versions: versions.collect(),
            others: by_place,
            is_cut,
            room: Room {
                space: row?,
                limits: author.limits,
            },
        })
    }

    /// Whether all was read of a file of the group: where the rows end, some may be missing.
    fn has_all(&self, place: usize) -> bool {
        let last = self.others.last_key_value().map(|(last, _)| *last);
        !self.is_cut || last.is_some_and(|last| place < last)
    }

    /// The file as it is then, and what it adds. In this order: 404 unknown, 409 a folder,
    /// 409 in the trash, 409 not the head, 404 no such version, 422 damaged blocks, 507 too
    /// many versions.
    fn decide(
        &self,
        author: &Author,
        place: usize,
        change: &Revert,
    ) -> Result<(Item, Charge), Failure> {
        let item = there(self.items.get(&change.item).cloned())?;
        let head = head(&item)?;
        let way = self.ways.get(&item.id).map(Vec::as_slice);
        check_way(way.unwrap_or_default())?;
        check_version(head, change.base_version)?;
        let version = self.versions.get(&place).ok_or(Problem::NoSuchVersion)?;
        if change.version >= head.version {
            return Err(bad_request("it is the newest version already"));
        }
        let others = self.others.get(&place).map(Vec::as_slice);
        let others = others.unwrap_or_default();
        let damaged = others.iter().filter(|row| row.damaged != 0);
        let missing: BTreeSet<BlockHash> = damaged.map(|row| row.hash).collect();
        if !missing.is_empty() {
            let missing_blocks = missing.into_iter().collect();
            return Err(Problem::BlocksMissing { missing_blocks }.into());
        }
        check_versions(&author.limits, head.version)?;
        let adds = Charge {
            items: 0,
            versions: 1,
            rows: others.iter().map(OtherRow::block).collect(),
        };
        let file = FileHead {
            version: head.version.saturating_add(1),
            size: version.size,
            size_class: version.size_class,
            modified_at_ms: version.modified_at,
            committed: author.committed(),
            damaged: false,
        };
        let file = Some(file);
        Ok((Item { file, ..item }, adds))
    }
}

impl OtherRow {
    fn block(&self) -> BlockRef {
        BlockRef {
            hash: self.hash,
            length: self.length,
        }
    }
}

fn about(sql: &'static str, space: SpaceId, list: &impl Serialize) -> Result<Statement, Failure> {
    let list = serde_json::to_string(list)?;
    Ok(Statement::new(sql).id(space).bind(list))
}
