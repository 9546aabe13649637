//! Every change of a space, done the same way: read, decide, write.
//!
//! 1. One batch reads a snapshot: whether the operation was done before, and all that
//!    the decision looks at.
//! 2. The change decides on the snapshot, as a pure function: a [`Problem`], or the
//!    statements that make the change.
//! 3. One batch writes, with the journal entries and the answer to a repeat.
//!    Its keys and guards refuse it if the snapshot no longer holds.
//! 4. If the batch was refused, or if nobody knows whether it went through, begin
//!    again: the new snapshot tells which.
//!
//! So the database alone decides between writers. Why a batch was refused is found out
//! by reading again, never by parsing an error.
//!
//! [`blocks`] are stored in another way, because no journal entry tells of them.

pub mod blocks;
pub mod carry;
pub mod commit;
pub mod conflict;
pub mod content;
pub mod create;
pub mod creates;
pub mod deletion;
pub mod ending;
pub mod grants;
pub mod handover;
pub mod links;
pub mod marks;
pub mod mounts;
pub mod offers;
pub mod openings;
pub mod place;
pub mod places;
pub mod reopen;
pub mod reverts;
mod rounds;
pub mod space;
pub mod thumbnails;
pub mod versioning;

use crate::access::reach::{Named, Reach};
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, DbError, Statement};
use crate::query::{self, Queries, Query};
use crate::room::{self, Charge, Limits, room, with_trash};
use crate::rules::there;
use crate::store::journal::{Detail, spot};
use crate::store::rows::from_json;
use crate::store::sql::journal;
use crate::store::stand_ins::nearest;
use crate::store::{conflicts, items};
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use protocol::activity::{AccountNews, ConflictStep, OfferStep, Spot};
/// What a change answers is what the change feed says of it.
pub use protocol::changes::Change as Answer;
use protocol::grants::Role;
use protocol::ids::{ConflictId, DeviceId, ItemId, OperationId, Seq, SpaceId, UnixMillis, UserId};
use protocol::items::{Committed, Item, ItemChanged};
use protocol::notifications::{Actor, Event, EventType, JournalGrew};
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// Who changes what, and when.
#[derive(Clone, Debug)]
pub struct Author {
    /// The space that they change.
    pub space: SpaceId,
    /// Who they are, for the history.
    pub by: Contributor,
    /// The space that is their own, where that is known.
    pub home: Option<SpaceId>,
    /// The time of the change.
    pub now: UnixMillis,
    /// How many rows the space may have.
    pub limits: Limits,
    /// What of the space they may change.
    pub reach: Reach,
}

/// Who changes something, as the history has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contributor {
    /// Somebody with a device.
    Person(Actor),
    /// Whoever has the address of the link that its owner calls so.
    Visitor(String),
}

impl Author {
    /// Who wrote a version, if this author writes one now. Of a visitor nobody knows more
    /// than the link.
    pub fn committed(&self) -> Committed {
        let at_ms = self.now;
        match &self.by {
            Contributor::Person(actor) => Committed {
                user_name: actor.user_name.clone(),
                device_id: actor.device_id,
                device_name: actor.device_name.clone(),
                at_ms,
            },
            Contributor::Visitor(link) => Committed {
                user_name: "Somebody".to_owned(),
                device_id: DeviceId::from_random([0; 16]),
                device_name: match link.is_empty() {
                    true => "a link".to_owned(),
                    false => format!("the link “{link}”"),
                },
                at_ms,
            },
        }
    }

    /// Who it is.
    ///
    /// # Errors
    /// 403 `one_folder`: a visitor does nothing that only somebody can.
    pub fn person(&self) -> Result<&Actor, Problem> {
        self.actor().ok_or(Problem::OneFolder)
    }

    /// The owner of the space, if it is they.
    fn owner(&self) -> Option<UserId> {
        let actor = self.actor().filter(|_| self.home == Some(self.space));
        actor.map(|actor| actor.user_id)
    }

    fn actor(&self) -> Option<&Actor> {
        match &self.by {
            Contributor::Person(actor) => Some(actor),
            Contributor::Visitor(_) => None,
        }
    }

    /// What the journal keeps of an entry by this author.
    fn signed<'a>(&self, detail: &'a Detail) -> Cow<'a, Detail> {
        match &self.by {
            Contributor::Person(_) => Cow::Borrowed(detail),
            Contributor::Visitor(link) => Cow::Owned(Detail {
                link: Some(link.clone()),
                ..detail.clone()
            }),
        }
    }
}

/// One intended change of a space. Its serialized form has all that distinguishes it
/// from another change.
pub trait Change: Serialize {
    /// The id that the client gave the change, by which a repeat is known.
    fn operation_id(&self) -> OperationId;

    /// What its answer tells of.
    fn subject(&self) -> Subject;

    /// All that the change names of the space, to be checked for an author who has only
    /// a folder of it.
    fn names(&self) -> Vec<Named<'_>>;

    /// The blocks that the change names and that may be in no list yet; `None` if it
    /// adds no item, version or list.
    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        None
    }

    /// What the decision looks at: the answers to [`looks`](Self::looks).
    type Looked;

    /// The queries for what the decision looks at.
    ///
    /// # Errors
    /// The request contradicts itself, whatever the space holds.
    fn looks(&self, space: SpaceId) -> Result<impl Queries<Told = Self::Looked>, Failure>;

    /// The same change with the lists themselves in place of references to other lists,
    /// which were looked at; `None` if it has no references.
    ///
    /// # Errors
    /// The change refers to a list that is not there, or does not fit that list.
    fn spelled_out(&self, _looked: &Self::Looked) -> Result<Option<Self>, Failure>
    where
        Self: Sized,
    {
        Ok(None)
    }

    /// Decides on the change, which is spelled out.
    ///
    /// # Errors
    /// Why the change can't be made.
    fn decide(&self, author: &Author, looked: Self::Looked) -> Result<Decision, Failure>;
}

/// What a change's answer tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An item.
    Item(ItemId),
    /// A conflict.
    Conflict(ConflictId),
}

/// What a change writes, and what is answered once it is written.
#[derive(Debug)]
pub struct Decision {
    /// The statements, in the order in which they are written.
    pub statements: Vec<Statement>,
    /// The entries of the journal; polls are told of the first one.
    pub journal: Vec<JournalEntry>,
    /// What the client is answered.
    pub answer: Answer,
    /// What the statements add to the space: nothing if [`Change::adds`] is `None`.
    pub charge: Charge,
}

/// A journal entry: this item changed, or this conflict of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    item: ItemId,
    conflict: Option<ConflictId>,
    /// What polls say of it.
    event: EventType,
    detail: Detail,
}

impl JournalEntry {
    /// The entry of an item, as it is once the change is made. Whatever becomes of a mount
    /// is of one kind, which nobody is told who has a part of the space.
    pub fn new(event: EventType, item: &Item) -> Self {
        Self {
            item: item.id,
            conflict: None,
            event: item.mount.map_or(event, |_| EventType::Mount),
            detail: Detail {
                from: None,
                at: Some(spot(item)),
                version: item.file.as_ref().map(|head| head.version),
                ..Detail::default()
            },
        }
    }

    /// The entry of a conflict of an item.
    pub fn conflict(item: &Item, conflict: ConflictId, step: ConflictStep) -> Self {
        let mut entry = Self::new(EventType::Conflict, item);
        entry.conflict = Some(conflict);
        entry.detail.step = Some(step);
        entry
    }

    /// The entry of an item that is deleted for good. `from` is `None` if the item's
    /// record was damaged, so that nobody knows where it stood.
    pub fn deleted(item: ItemId, from: Option<Spot>) -> Self {
        Self {
            item,
            conflict: None,
            event: EventType::FileDelete,
            detail: Detail {
                from,
                ..Detail::default()
            },
        }
    }

    /// The same of a mount that is no more.
    pub fn unmounted(item: ItemId, from: Option<Spot>) -> Self {
        Self {
            event: EventType::Mount,
            ..Self::deleted(item, from)
        }
    }

    /// The same entry, for an item that stood at `before`, unless it still stands
    /// there.
    #[must_use]
    pub fn from(mut self, before: Spot) -> Self {
        self.detail.from = Some(before).filter(|before| self.detail.at.as_ref() != Some(before));
        self
    }

    /// Of access to an item that a person was given, or that has changed or ended.
    pub fn access(event: EventType, item: &Item, person: &str, role: Option<Role>) -> Self {
        let mut entry = Self::new(event, item);
        entry.detail.version = None;
        entry.detail.person = Some(person.to_owned());
        entry.detail.role = role;
        entry
    }

    /// Of an offer to become the owner of an item, to a person.
    pub fn offer(item: &Item, person: &str, step: OfferStep) -> Self {
        let mut entry = Self::access(EventType::ShareOffered, item, person, None);
        entry.detail.offer = Some(step);
        entry
    }

    /// Of a link to an item that was made, or that has changed or ended.
    pub fn link(event: EventType, item: &Item, label: &str) -> Self {
        let mut entry = Self::new(event, item);
        entry.detail.version = None;
        entry.detail.link = Some(label.to_owned());
        entry
    }

    /// The same as of [`access`](Self::access) in the space of that person, who is not told where the item stands.
    fn access_elsewhere(
        event: EventType,
        item: ItemId,
        name: &str,
        person: &str,
        role: Option<Role>,
    ) -> Self {
        let at = Spot {
            parent: None,
            name: name.to_owned(),
        };
        let detail = Detail {
            at: Some(at),
            person: Some(person.to_owned()),
            role,
            ..Detail::default()
        };
        Self {
            item,
            conflict: None,
            event,
            detail,
        }
    }

    /// Of all access that the author of the entry gives, or has: what becomes of their
    /// account. It is about no item. In the space of somebody else it says who that is.
    pub fn account(event: EventType, news: AccountNews, person: Option<&str>) -> Self {
        Self {
            item: ItemId::from_random([0; 16]),
            conflict: None,
            event,
            detail: Detail {
                person: person.map(str::to_owned),
                account: Some(news),
                ..Detail::default()
            },
        }
    }

    /// The item, and the folders where it stood and stands.
    fn about(&self) -> impl Iterator<Item = ItemId> {
        let spots = [&self.detail.from, &self.detail.at];
        let parents = spots.map(|spot| spot.as_ref().and_then(|spot| spot.parent));
        parents.into_iter().flatten().chain([self.item])
    }

    /// Whether it is of a folder that took what is in it into the trash or out of it.
    fn takes_along(&self) -> bool {
        let is_folder = self.detail.version.is_none();
        is_folder && matches!(self.event, EventType::FileDelete | EventType::FileRestore)
    }

    fn event_of(&self, author: &Author) -> Event {
        Event {
            event_type: self.event,
            file_id: self.item,
            timestamp: author.now,
            name: self.detail.name().map(str::to_owned),
            by: author.actor().cloned(),
        }
    }

    /// The event as the journal stores it, which is nothing for an update.
    fn kept_event(&self) -> Option<EventType> {
        Some(self.event).filter(|event| *event != EventType::FileUpdate)
    }
}

/// The statement that writes entries; each comes with how far it is below the journal's
/// head.
fn append<'a>(
    author: &Author,
    entries: impl Iterator<Item = (u64, &'a JournalEntry)>,
) -> Result<Statement, Failure> {
    let rows = entries.map(|(below, entry)| {
        let (item, conflict) = (entry.item, entry.conflict);
        let detail = author.signed(&entry.detail);
        (below, item, conflict, entry.kept_event(), detail)
    });
    let rows = serde_json::to_string(&rows.collect::<Vec<_>>())?;
    let actor = author.actor();
    Ok(Statement::new(journal::APPEND)
        .id(author.space)
        .bind(rows)
        .bind(author.now)
        .bind(actor.map(|actor| actor.user_id.to_string()))
        .bind(actor.map(|actor| actor.user_name.as_str()))
        .bind(actor.map(|actor| actor.device_id.to_string()))
        .bind(actor.map(|actor| actor.device_name.as_str())))
}

/// A change that was made, now or by the first request for it.
#[derive(Debug)]
pub struct Applied {
    /// What the client is answered.
    pub answer: Answer,
    /// The last journal entry of the change; for a repeat, that of the first time.
    pub seq: Seq,
    /// What polls are told of the change; `None` for a repeat, which is no news.
    pub news: Option<Announcement>,
}

/// What polls are told of a change, and who is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// What they are told.
    pub event: Event,
    /// The owner of the space, if it is known to be they who did it.
    pub owner: Option<UserId>,
    /// What was changed, and where it stood before and stands now: see
    /// [`JournalGrew`](protocol::notifications::JournalGrew).
    pub about: BTreeSet<ItemId>,
    /// The folders that went into the trash or came out of it.
    pub below: BTreeSet<ItemId>,
}

impl Announcement {
    /// Of a change with these entries, of which the first is told; `None` if there are none.
    fn of(author: &Author, journal: &[JournalEntry]) -> Option<Self> {
        let event = journal.first()?.event_of(author);
        let about = journal.iter().flat_map(JournalEntry::about).collect();
        let below = journal.iter().filter(|entry| entry.takes_along());
        Some(Self {
            event,
            owner: author.owner(),
            about,
            below: below.map(|entry| entry.item).collect(),
        })
    }

    /// The message that tells devices of it, and those of these people besides.
    pub fn message(&self, space: SpaceId, seq: Seq, also: Vec<UserId>) -> JournalGrew {
        let first = |items: &BTreeSet<ItemId>| items.iter().take(MOST_ABOUT).copied().collect();
        JournalGrew {
            space,
            owner: self.owner,
            seq,
            event: self.event.clone(),
            about: first(&self.about),
            below: first(&self.below),
            also,
        }
    }
}

/// A message of the queue has 128 KB. Whoever is not told because of more, which takes a
/// deletion for good all over the drive, learns of it with their next poll.
const MOST_ABOUT: usize = 1_000;

impl Applied {
    /// The same as it is told to whoever has a part of the space.
    #[must_use]
    pub fn told_to(mut self, reach: &Reach) -> Self {
        if let Answer::Item { item } = self.answer {
            let item = reach.told(item);
            self.answer = Answer::Item { item };
        }
        self
    }

    /// The answer of a change of an item.
    ///
    /// # Errors
    /// It is the answer of another kind of change.
    pub fn item_changed(self) -> Result<ItemChanged, Failure> {
        match self.answer {
            Answer::Item { item } => Ok(ItemChanged {
                item,
                seq: self.seq,
            }),
            other => Err(DbError::Fault(format!("an item was changed: {other:?}")).into()),
        }
    }
}

/// How often a change is tried while others get in between or the database does not
/// answer. Whenever a try loses to another writer, that writer's change was made, so
/// the space moves on.
const MAX_ATTEMPTS: u32 = 6;

/// Makes a change once, however often it is requested.
///
/// # Errors
/// Why the change can't be made; then nothing of it was made. Only after
/// [`DbError::Busy`] it may have been.
pub async fn apply<D: Database, C: Change>(
    db: &D,
    author: &Author,
    change: &C,
) -> Result<Applied, Failure> {
    let (reach, space) = (&author.reach, author.space);
    reach.check_change(db, space, change.names()).await?;
    let mut last = DbError::Busy("not tried".into());
    for _ in 0..MAX_ATTEMPTS {
        match attempt(db, author, change).await {
            Err(Failure::Database(error @ (DbError::Constraint(_) | DbError::Busy(_)))) => {
                last = error;
                // What they may change may have been what was refused.
                reach.check_change(db, space, change.names()).await?;
            }
            Err(failure) => return Err(with_trash(db, author.space, failure).await),
            end => return end,
        }
    }
    Err(given_up(last).into())
}

/// If others were faster each time, the reason is load, not a fault.
fn given_up(last: DbError) -> DbError {
    match last {
        DbError::Constraint(why) => DbError::Busy(format!("gave up after {why}")),
        other => other,
    }
}

async fn attempt<D: Database, C: Change>(
    db: &D,
    author: &Author,
    change: &C,
) -> Result<Applied, Failure> {
    // 1
    let adds = change.adds();
    let room = adds
        .as_deref()
        .map(|named| room(author.space, named, author.limits));
    let looks = change.looks(author.space)?;
    let before = operation(author.space, change.operation_id());
    let (before, room, looked) = query::all(db, (before, room.transpose()?, looks)).await?;
    let room = room.transpose()?;
    let spelled_out = change.spelled_out(&looked)?;
    let whole = spelled_out.as_ref().unwrap_or(change);
    let request_hash = request_hash(whole)?;
    if let Some(first) = before? {
        let repeated = first.repeat(request_hash)?;
        return repeated.answer(db, author.space, change.subject()).await;
    }
    // 2
    let decision = whole.decide(author, looked);
    if let Some((room, new)) = room {
        let charge = decision.as_ref().map(|decision| &decision.charge);
        room.check_end(charge, new)?;
    }
    // 3
    let Decision {
        statements,
        journal,
        answer,
        charge,
    } = decision?;
    let decided = Decided {
        operation: change.operation_id(),
        request_hash,
        journal,
        answer,
    };
    let applied = write(db, author, (statements, charge), vec![decided]).await?;
    let none = || DbError::Fault("a change without an entry".into()).into();
    applied.into_iter().next().ok_or_else(none)
}

/// Tells one change from another by what it comes to, so that a repeat in another form
/// still counts as the same.
fn request_hash(spelled_out: &impl Change) -> Result<BlockHash, Failure> {
    Ok(BlockHash::of(&serde_json::to_vec(spelled_out)?))
}

/// An operation that was decided on, with what is kept of it in the journal and for a
/// repeat.
struct Decided {
    operation: OperationId,
    request_hash: BlockHash,
    journal: Vec<JournalEntry>,
    answer: Answer,
}

/// Writes what was decided: the statements, then the journal, entry by entry, and the
/// answer of each operation for a repeat.
async fn write<D: Database>(
    db: &D,
    author: &Author,
    (statements, charge): (Vec<Statement>, Charge),
    decided: Vec<Decided>,
) -> Result<Vec<Applied>, Failure> {
    let (mut entries, mut operations, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let mut below_head: u64 = decided.iter().map(|one| one.journal.len() as u64).sum();
    let advanced = below_head;
    for one in &decided {
        for entry in &one.journal {
            below_head = below_head.saturating_sub(1);
            entries.push((below_head, entry));
        }
        let answer = serde_json::to_string(&one.answer)?;
        operations.push((one.operation, one.request_hash, answer, below_head));
        ends.push(below_head);
    }
    let about = |sql| Statement::new(sql).id(author.space);
    // This counts the blocks that no list has yet, so it comes before the lists are
    // written.
    let (advance, guard) = room::advance(author.space, advanced, &charge, &author.limits)?;
    let changed = decided.iter().flat_map(|one| &one.journal);
    let changed: BTreeSet<ItemId> = changed.map(|entry| entry.item).collect();
    let statements = author.reach.guarded(author.space, statements, &changed)?;
    let mut statements: Vec<Statement> = guard.into_iter().chain(statements).collect();
    statements.push(append(author, entries.into_iter())?);
    let operations = serde_json::to_string(&operations)?;
    let keep = about(journal::INSERT_OPERATIONS);
    statements.push(keep.bind(operations).bind(author.now));
    let (head_seq, _) = query::all(db, (advance, statements)).await?;
    let head_seq = head_seq?;
    let applied = decided.into_iter().zip(ends).map(|(one, below)| Applied {
        news: Announcement::of(author, &one.journal),
        answer: one.answer,
        seq: head_seq.saturating_sub(below),
    });
    Ok(applied.collect())
}

#[derive(Clone, Deserialize)]
struct OperationRow {
    request_hash: BlockHash,
    answer: String,
    #[serde(deserialize_with = "nearest")]
    seq: Seq,
}

/// What was answered if an operation was made before.
fn operation(space: SpaceId, id: OperationId) -> Query<Option<OperationRow>> {
    let operation = Statement::new(journal::OPERATION).id(space).id(id);
    operation.first()
}

/// The same for many operations.
fn operations(
    space: SpaceId,
    ids: &[OperationId],
) -> Result<Query<HashMap<OperationId, OperationRow>>, Failure> {
    #[derive(Deserialize)]
    struct WithId {
        id: OperationId,
        #[serde(flatten)]
        operation: OperationRow,
    }
    let ids = serde_json::to_string(ids)?;
    let operations = Statement::new(journal::OPERATIONS).id(space).bind(ids);
    Ok(operations.rows::<WithId>().then(|rows| {
        let rows = rows.into_iter().map(|row| (row.id, row.operation));
        Ok(rows.collect())
    }))
}

/// What is known of a change that was made before.
#[allow(clippy::large_enum_variant, reason = "one exists at a time")]
enum Repeated {
    Told(Applied),
    /// The change was made, and its answer can't be read any more.
    Unreadable {
        seq: Seq,
    },
}

impl Repeated {
    /// What was answered, or the subject as it is now.
    async fn answer<D: Database>(
        self,
        db: &D,
        space: SpaceId,
        subject: Subject,
    ) -> Result<Applied, Failure> {
        match self {
            Self::Told(applied) => Ok(applied),
            Self::Unreadable { seq } => as_it_is(db, space, subject, seq).await,
        }
    }
}

impl OperationRow {
    fn repeat(self, request_hash: BlockHash) -> Result<Repeated, Failure> {
        if self.request_hash != request_hash {
            return Err(Problem::OperationReused.into());
        }
        let seq = self.seq;
        Ok(match from_json(&self.answer) {
            Ok(answer) => Repeated::Told(Applied {
                answer,
                seq,
                news: None,
            }),
            Err(why) => {
                log::fault(format_args!("the answer at {seq} can't be read: {why}"));
                Repeated::Unreadable { seq }
            }
        })
    }
}

/// Answers a repeat whose first answer is lost, with its subject as it is now.
async fn as_it_is<D: Database>(
    db: &D,
    space: SpaceId,
    subject: Subject,
    seq: Seq,
) -> Result<Applied, Failure> {
    let answer = match subject {
        Subject::Item(id) => Answer::Item {
            item: there(query::one(db, items::item(space, id)).await?)?,
        },
        Subject::Conflict(id) => {
            let row = query::one(db, conflicts::conflict(space, id)).await?;
            let row = row.ok_or(Problem::NoSuchConflict)?;
            Answer::Conflict {
                conflict: row.into(),
            }
        }
    };
    Ok(Applied {
        answer,
        seq,
        news: None,
    })
}
