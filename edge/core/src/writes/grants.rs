//! What the owner of a space shares of it. Each grant, and its change and end, is an entry
//! of the journal, written in one batch with the row. Asking again for what is there
//! already changes nothing, so there are no operation ids.
//!
//! The space of whoever was given access has an entry as well, by which their polls learn
//! of it: see [`hint`]. It says nothing that the grant does not.

use super::{Announcement, Author, JournalEntry, MAX_ATTEMPTS, append, given_up};
use crate::access::ends::sooner;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, DbError, Statement};
use crate::query;
use crate::room::{self, Charge};
use crate::rules::{check_own, check_way, there};
use crate::store::grants::{self, GrantAsGiven, RemovedRow, count};
use crate::store::items;
use crate::store::openings;
use crate::store::space;
use crate::store::sql::grants as sql;
use crate::store::sql::items as items_sql;
use blocks::number::MAX_EXACT;
use protocol::activity::OfferStep;
use protocol::grants::{Grant, GrantChange, Person, Role};
use protocol::ids::{GrantId, ItemId, Seq, SpaceId, UnixMillis, UserId};
use protocol::items::Item;
use protocol::limits::MAX_GRANTS_PER_SPACE;
use protocol::notifications::EventType;
use protocol::problem::{Limited, Problem};

/// How long a grant's row is kept after its end: a day, for whoever wants it longer.
const ENDED_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// What became of a grant.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The grant as it is now; of one that is no more, as it was.
    pub grant: Grant,
    /// What the space's journal has of it; `None` if nothing has changed.
    pub news: Option<(Announcement, Seq)>,
    /// What became of an offer to the person, if it is about one.
    pub offer: Option<OfferStep>,
}

/// What somebody is to have.
#[derive(Clone, Debug)]
pub struct GrantTerms {
    /// The id, if there is no grant yet; it must be fresh.
    pub id: GrantId,
    /// The item.
    pub item: ItemId,
    /// Who is to have access.
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// Until when.
    pub ends_at: Option<UnixMillis>,
}

/// Whether a grant can be for this.
///
/// # Errors
/// 400 `bad_request`: a role of no kind, or an end that has come.
pub fn check(
    role: Option<Role>,
    ends_at: Option<UnixMillis>,
    now: UnixMillis,
) -> Result<(), Failure> {
    if role == Some(Role::Unknown) {
        return Err(bad_request("role is neither viewer nor editor"));
    }
    match ends_at {
        Some(end) if end <= now => Err(bad_request("ends_at_ms has come already")),
        Some(end) if end > MAX_EXACT => Err(bad_request(format!(
            "ends_at_ms is larger than {MAX_EXACT}"
        ))),
        _ => Ok(()),
    }
}

/// Gives somebody access, or makes what they have another one. Who they are is for the
/// caller to look at: spaces do not know of people.
///
/// 1. 404 `no_such_item`, 409 `is_a_mount`, 409 `in_trash`.
/// 2. 507 `limit_reached`.
///
/// # Errors
/// These, or the database fails.
pub async fn give(
    db: &impl Database,
    author: &Author,
    wanted: &GrantTerms,
) -> Result<Granted, Failure> {
    again(async || {
        let (space, item) = (author.space, wanted.item);
        let looks = (
            items::item(space, item),
            items::way(space, Some(item)),
            grants::grant_for(space, item, wanted.person.user_id),
            count(space, author.now),
            space::space(space),
        );
        let (item, way, before, count, of) = query::all(db, looks).await?;
        // 1
        let item = there(item?)?;
        check_own(&item)?;
        check_way(&way?)?;
        let Some(before) = before? else {
            // 2
            if count? >= MAX_GRANTS_PER_SPACE {
                return Err(Problem::LimitReached {
                    what: Limited::Grants,
                    most: MAX_GRANTS_PER_SPACE,
                }
                .into());
            }
            return insert(db, author, (&item, of?.ends_at), wanted).await;
        };
        set(db, author, &item, before, wanted.role, wanted.ends_at).await
    })
    .await
}

/// Whether there is such a grant.
///
/// # Errors
/// 404 `no_such_grant`, or the database fails.
pub async fn check_there(db: &impl Database, author: &Author, id: GrantId) -> Result<(), Failure> {
    find(db, author.space, id).await.map(drop)
}

/// Whose a grant of the author's space is.
///
/// # Errors
/// 404 `no_such_grant`, or the database fails.
pub async fn person_of(
    db: &impl Database,
    author: &Author,
    id: GrantId,
) -> Result<UserId, Failure> {
    let (given, _) = find(db, author.space, id).await?;
    Ok(given.grant.person.user_id)
}

/// Changes what somebody may do, or until when.
///
/// 1. 404 `no_such_grant`; its item may be in the trash.
///
/// # Errors
/// This, or the database fails.
pub async fn change(
    db: &impl Database,
    author: &Author,
    id: GrantId,
    change: &GrantChange,
) -> Result<Granted, Failure> {
    again(async || {
        // 1
        let (before, item) = find(db, author.space, id).await?;
        let role = change.role.unwrap_or(before.grant.role);
        let ends_at = change.ends_at_ms.unwrap_or(before.ends_at);
        set(db, author, &item, before, role, ends_at).await
    })
    .await
}

/// Takes access away: the owner takes it back, or whoever has it gives it up.
///
/// 1. 404 `no_such_grant`, also for an author whose grant it is not.
///
/// # Errors
/// This, or the database fails.
pub async fn take_back(
    db: &impl Database,
    author: &Author,
    id: GrantId,
) -> Result<Granted, Failure> {
    again(async || {
        // 1
        let (GrantAsGiven { grant, .. }, item) = find(db, author.space, id).await?;
        let two = [grant.owner.user_id, grant.person.user_id];
        if !two.contains(&author.person()?.user_id) {
            return Err(Problem::NoSuchGrant.into());
        }
        let remove = Statement::new(sql::REMOVE).id(author.space).id(id);
        let entry = entry(EventType::ShareRevoked, &item, &grant, None);
        let forget = openings::forget(&[author.space], grant.person.user_id)?;
        let statements = vec![remove, changed_one(), forget];
        write(db, author, grant, entry, statements).await
    })
    .await
}

/// Writes into the space of whoever was given access that there is something to look at.
/// The item of the entry is not theirs, nor is where it stands.
///
/// # Errors
/// The database fails.
pub async fn hint(
    db: &impl Database,
    author: &Author,
    home: SpaceId,
    granted: &Granted,
    event: EventType,
) -> Result<(Announcement, Seq), Failure> {
    let author = &Author {
        space: home,
        ..author.clone()
    };
    let (grant, role) = (&granted.grant, Some(granted.grant.role));
    let says_role = event != EventType::ShareRevoked && granted.offer.is_none();
    let role = role.filter(|_| says_role);
    let mut entry = JournalEntry::access_elsewhere(
        event,
        grant.item,
        &grant.name,
        &grant.person.user_name,
        role,
    );
    entry.detail.offer = granted.offer;
    let seq = journal(db, author, &entry, Vec::new()).await?;
    let news = Announcement {
        event: entry.event_of(author),
        owner: None,
        about: Default::default(),
        below: Default::default(),
    };
    Ok((news, seq))
}

/// The same of access that ended with its items, in all of these spaces that are in a
/// database, in one batch.
///
/// # Errors
/// The database fails.
pub async fn hint_ended(
    db: &impl Database,
    author: &Author,
    ended: &[(SpaceId, &RemovedRow, &str)],
) -> Result<Vec<(SpaceId, Announcement, Seq)>, Failure> {
    let entries = ended.iter().map(|(home, grant, name)| {
        let (event, person) = (EventType::ShareRevoked, &grant.user_name);
        let entry = JournalEntry::access_elsewhere(event, grant.item, name, person, None);
        (*home, entry)
    });
    hint_each(db, author, entries.collect()).await
}

/// The same of access that is by the author from now on, because the item is theirs.
///
/// # Errors
/// The database fails.
pub async fn hint_new_owner(
    db: &impl Database,
    author: &Author,
    item: &Item,
    homes: &[SpaceId],
) -> Result<Vec<(SpaceId, Announcement, Seq)>, Failure> {
    let (name, person) = (item.name.as_str(), &author.person()?.user_name);
    let event = EventType::ShareOffered;
    let mut entry = JournalEntry::access_elsewhere(event, item.id, name, person, None);
    entry.detail.offer = Some(OfferStep::Accepted);
    let entries = homes.iter().map(|home| (*home, entry.clone()));
    hint_each(db, author, entries.collect()).await
}

async fn hint_each(
    db: &impl Database,
    author: &Author,
    entries: Vec<(SpaceId, JournalEntry)>,
) -> Result<Vec<(SpaceId, Announcement, Seq)>, Failure> {
    let (mut writes, mut told) = (Vec::new(), Vec::new());
    for (home, entry) in entries {
        let author = Author {
            space: home,
            ..author.clone()
        };
        let (advance, _) = room::advance(home, 1, &Charge::default(), &author.limits)?;
        writes.push((advance, append(&author, [(0, &entry)].into_iter())?));
        let news = Announcement {
            event: entry.event_of(&author),
            owner: None,
            about: Default::default(),
            below: Default::default(),
        };
        told.push((home, news));
    }
    let seqs = query::all(db, writes).await?.into_iter();
    let told = told.into_iter().zip(seqs);
    // A space of another database has no journal here.
    let told = told.filter_map(|((home, news), (seq, _))| Some((home, news, seq.ok()?)));
    Ok(told.collect())
}

/// A grant of a space, with its item.
///
/// # Errors
/// 404 `no_such_grant`, or the database fails.
pub(super) async fn find(
    db: &impl Database,
    space: SpaceId,
    id: GrantId,
) -> Result<(GrantAsGiven, Item), Failure> {
    let grant = query::one(db, grants::grant(space, id)).await?;
    let grant = grant.ok_or(Problem::NoSuchGrant)?;
    let item = query::one(db, items::item(space, grant.grant.item)).await?;
    Ok((grant, item.ok_or(Problem::NoSuchGrant)?))
}

async fn insert(
    db: &impl Database,
    author: &Author,
    (item, account_ends_at): (&Item, Option<UnixMillis>),
    wanted: &GrantTerms,
) -> Result<Granted, Failure> {
    let by = author.person()?;
    let owner = Person {
        user_id: by.user_id,
        user_name: by.user_name.clone(),
    };
    let grant = Grant {
        id: wanted.id,
        item: item.id,
        name: item.name.to_string(),
        is_folder: item.is_folder(),
        owner,
        person: wanted.person.clone(),
        role: wanted.role,
        created_at_ms: author.now,
        ends_at_ms: sooner(wanted.ends_at, account_ends_at),
        account_ends_at_ms: account_ends_at,
        offered_at_ms: None,
    };
    let insert = Statement::new(sql::INSERT)
        .id(author.space)
        .id(grant.id)
        .id(grant.item)
        .id(grant.owner.user_id)
        .bind(grant.owner.user_name.as_str())
        .id(grant.person.user_id)
        .bind(grant.person.user_name.as_str())
        .bind(stored(grant.role)?)
        .bind(grant.created_at_ms)
        .bind(wanted.ends_at);
    let sweep = Statement::new(sql::SWEEP)
        .id(author.space)
        .bind(author.now.saturating_sub(ENDED_MILLIS));
    let statements = vec![guard_live(author, item.id)?, sweep, insert];
    let entry = entry(EventType::ShareGranted, item, &grant, Some(grant.role));
    write(db, author, grant, entry, statements).await
}

async fn set(
    db: &impl Database,
    author: &Author,
    item: &Item,
    GrantAsGiven {
        grant: before,
        ends_at: own_end,
    }: GrantAsGiven,
    role: Role,
    ends_at: Option<UnixMillis>,
) -> Result<Granted, Failure> {
    let had_ended = before.ends_at_ms.is_some_and(|end| end <= author.now);
    // Whoever sends back what they were told means no other end.
    let ends_at = match ends_at == before.ends_at_ms {
        true => own_end,
        false => ends_at,
    };
    if (before.role, own_end) == (role, ends_at) {
        return Ok(Granted {
            grant: before,
            news: None,
            offer: None,
        });
    }
    let grant = Grant {
        role,
        ends_at_ms: sooner(ends_at, before.account_ends_at_ms),
        ..before
    };
    let change = Statement::new(sql::CHANGE)
        .id(author.space)
        .id(grant.id)
        .bind(stored(role)?)
        .bind(ends_at);
    let event = match had_ended {
        true => EventType::ShareGranted,
        false => EventType::ShareChanged,
    };
    let entry = entry(event, item, &grant, Some(role));
    write(db, author, grant, entry, vec![change, changed_one()]).await
}

fn entry(event: EventType, item: &Item, grant: &Grant, role: Option<Role>) -> JournalEntry {
    JournalEntry::access(event, item, &grant.person.user_name, role)
}

/// A role as its row has it, which is its name.
fn stored(role: Role) -> Result<&'static str, Failure> {
    match role {
        Role::Viewer => Ok("viewer"),
        Role::Editor => Ok("editor"),
        Role::Unknown => Err(bad_request("role is neither viewer nor editor")),
    }
}

/// Writes what becomes of a grant, with its entry.
///
/// # Errors
/// A guard refuses it, or the database fails.
pub(super) async fn write(
    db: &impl Database,
    author: &Author,
    grant: Grant,
    entry: JournalEntry,
    statements: Vec<Statement>,
) -> Result<Granted, Failure> {
    let seq = journal(db, author, &entry, statements).await?;
    let news = Announcement::of(author, std::slice::from_ref(&entry));
    Ok(Granted {
        grant,
        news: news.map(|news| (news, seq)),
        offer: None,
    })
}

/// Writes an entry together with what it tells of.
///
/// # Errors
/// A guard refuses it, or the database fails.
pub(super) async fn journal(
    db: &impl Database,
    author: &Author,
    entry: &JournalEntry,
    mut statements: Vec<Statement>,
) -> Result<Seq, Failure> {
    let (advance, _) = room::advance(author.space, 1, &Charge::default(), &author.limits)?;
    statements.push(append(author, [(0, entry)].into_iter())?);
    let (seq, _) = query::all(db, (advance, statements)).await?;
    Ok(seq?)
}

/// Refuses the batch unless an item is there, in no trash.
///
/// # Errors
/// The list can't be written.
pub(super) fn guard_live(author: &Author, item: ItemId) -> Result<Statement, Failure> {
    Ok(Statement::new(items_sql::GUARD_WITHIN)
        .id(author.space)
        .bind(serde_json::to_string(&[item])?)
        .id(item))
}

/// Refuses the batch unless the statement before has changed something.
pub(super) fn changed_one() -> Statement {
    Statement::new(items_sql::GUARD_CHANGED).bind(1_u64)
}

/// Tries while others get in between, or the database does not answer.
///
/// # Errors
/// Those of the attempt, or it was made too often.
pub(super) async fn again<T>(attempt: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut last = DbError::Busy("not tried".into());
    for _ in 0..MAX_ATTEMPTS {
        match attempt().await {
            Err(Failure::Database(error @ (DbError::Constraint(_) | DbError::Busy(_)))) => {
                last = error;
            }
            end => return end,
        }
    }
    Err(given_up(last).into())
}
