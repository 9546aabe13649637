//! Links that the owner of a space makes to items of it. Each link, and its change and
//! end, is an entry of the journal, written in one batch with the row; what it tells of
//! the link is what its owner calls it, never the key.

use super::grants::{again, changed_one, guard_live, journal};
use super::{Announcement, Author, JournalEntry};
use crate::access::Visitor;
use crate::access::ends::sooner;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::{check_own, check_way, there};
use crate::store::items;
use crate::store::links::{self, LinkAsMade, count};
use crate::store::space;
use crate::store::sql::links as sql;
use blocks::number::MAX_EXACT;
use protocol::ids::{ItemId, LinkId, Seq, UnixMillis};
use protocol::items::Item;
use protocol::limits::MAX_LINKS_PER_SPACE;
use protocol::links::{Link, LinkKey, May};
use protocol::notifications::EventType;
use protocol::problem::{Limited, Problem};

/// How long a link's row is kept after its end: a day, for whoever wants it longer.
const ENDED_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// A link's password, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPassword {
    /// OPAQUE's record, in hexadecimal.
    pub record: String,
    /// The fingerprint of its keys.
    pub sign_in_key: String,
    /// OPAQUE's identifier.
    pub credential: String,
}

/// What a link is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTerms {
    /// What its owner calls it.
    pub label: String,
    /// What it allows.
    pub may: May,
    /// Until when.
    pub ends_at: Option<UnixMillis>,
    /// For how many downloads.
    pub most_downloads: Option<u64>,
    /// The password, if it is to have one.
    pub password: Option<NewPassword>,
}

/// What of a link is to be another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkTermsChange {
    /// What its owner calls it, as [`link_label`](crate::labels::link_label) has it.
    pub label: Option<String>,
    /// What it allows.
    pub may: Option<May>,
    /// Until when.
    pub ends_at: Option<Option<UnixMillis>>,
    /// For how many downloads.
    pub most_downloads: Option<Option<u64>>,
    /// The password.
    pub password: Option<Option<NewPassword>>,
}

/// What became of a link.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The link as it is now; of one that is no more, as it was.
    pub link: Link,
    /// What the space's journal has of it; `None` if nothing has changed.
    pub news: Option<(Announcement, Seq)>,
}

/// Whether a link can have what a request says of it.
///
/// # Errors
/// 400 `bad_request`: it would allow nothing, or be at its end.
pub fn check(
    may: Option<May>,
    ends_at: Option<UnixMillis>,
    most_downloads: Option<u64>,
    now: UnixMillis,
) -> Result<(), Failure> {
    may.map_or(Ok(""), stored)?;
    match ends_at {
        Some(end) if end <= now => return Err(bad_request("ends_at_ms has come already")),
        Some(end) if end > MAX_EXACT => {
            let detail = format!("ends_at_ms is larger than {MAX_EXACT}");
            return Err(bad_request(detail));
        }
        _ => {}
    }
    match most_downloads {
        Some(most) if !(1..=MAX_EXACT).contains(&most) => {
            let detail = format!("most_downloads is not from 1 to {MAX_EXACT}");
            Err(bad_request(detail))
        }
        _ => Ok(()),
    }
}

/// Makes a link. `put_key` writes its key into the directory before its row is there, so
/// that no link is listed that nobody can follow; a key without a row leads nowhere.
///
/// 1. 404 `no_such_item`, 409 `is_a_mount`, 409 `in_trash`; 409 `not_a_folder` where files are to be put in.
/// 2. 507 `limit_reached`.
///
/// # Errors
/// These, or the database fails.
pub async fn make(
    db: &impl Database,
    author: &Author,
    (id, key, item): (LinkId, LinkKey, ItemId),
    wanted: &LinkTerms,
    put_key: impl AsyncFn() -> Result<(), Failure>,
) -> Result<Linked, Failure> {
    again(async || {
        let looks = (
            items::item(author.space, item),
            items::way(author.space, Some(item)),
            count(author.space, author.now),
            space::space(author.space),
        );
        let (item, way, count, of) = query::all(db, looks).await?;
        // 1
        let item = there(item?)?;
        check_own(&item)?;
        check_way(&way?)?;
        check_takes(wanted.may, &item)?;
        // 2
        if count? >= MAX_LINKS_PER_SPACE {
            return Err(Problem::LimitReached {
                what: Limited::Links,
                most: MAX_LINKS_PER_SPACE,
            }
            .into());
        }
        let account_ends_at = of?.ends_at;
        put_key().await?;
        insert(db, author, (id, key, &item), account_ends_at, wanted).await
    })
    .await
}

/// # Errors
/// 409 `not_a_folder`.
fn check_takes(may: May, item: &Item) -> Result<(), Problem> {
    match may.uploads() && !item.is_folder() {
        true => Err(Problem::NotAFolder),
        false => Ok(()),
    }
}

async fn insert(
    db: &impl Database,
    author: &Author,
    (id, key, item): (LinkId, LinkKey, &Item),
    account_ends_at: Option<UnixMillis>,
    wanted: &LinkTerms,
) -> Result<Linked, Failure> {
    let link = Link {
        id,
        key,
        item: item.id,
        name: item.name.to_string(),
        is_folder: item.is_folder(),
        label: wanted.label.clone(),
        may: wanted.may,
        has_password: wanted.password.is_some(),
        created_at_ms: author.now,
        ends_at_ms: sooner(wanted.ends_at, account_ends_at),
        most_downloads: wanted.most_downloads,
        opened: 0,
        downloaded: 0,
    };
    let insert = Statement::new(sql::INSERT)
        .id(author.space)
        .id(id)
        .id(key)
        .id(item.id)
        .bind(author.person()?.user_name.as_str())
        .bind(link.label.as_str())
        .bind(stored(link.may)?)
        .bind(link.created_at_ms)
        .bind(wanted.ends_at)
        .bind(link.most_downloads);
    let sweep = Statement::new(sql::SWEEP)
        .id(author.space)
        .bind(author.now.saturating_sub(ENDED_MILLIS));
    let mut statements = vec![guard_live(author, item.id)?, sweep, insert];
    if wanted.password.is_some() {
        statements.push(put_password(author, id, wanted.password.as_ref()));
    }
    let entry = JournalEntry::link(EventType::ShareGranted, item, &link.label);
    write(db, author, link, entry, statements).await
}

fn put_password(author: &Author, id: LinkId, password: Option<&NewPassword>) -> Statement {
    Statement::new(sql::PUT_PASSWORD)
        .id(author.space)
        .id(id)
        .bind(password.map(|password| password.record.as_str()))
        .bind(password.map(|password| password.sign_in_key.as_str()))
        .bind(password.map(|password| password.credential.as_str()))
}

/// Whether there is such a link.
///
/// # Errors
/// 404 `no_such_link`, or the database fails.
pub async fn check_there(db: &impl Database, author: &Author, id: LinkId) -> Result<(), Failure> {
    find(db, author, id).await.map(drop)
}

/// Changes what a link allows, until when, or its password.
///
/// 1. 404 `no_such_link`; its item may be in the trash.
/// 2. 409 `not_a_folder`.
///
/// # Errors
/// These, or the database fails.
pub async fn change(
    db: &impl Database,
    author: &Author,
    id: LinkId,
    change: &LinkTermsChange,
) -> Result<Linked, Failure> {
    again(async || {
        // 1
        let (made, item) = find(db, author, id).await?;
        let before = made.link;
        // 2
        let had_ended = before.ends_at_ms.is_some_and(|end| end <= author.now);
        let password = change.password.as_ref();
        let label = change.label.clone();
        // Whoever sends back what they were told, which may be the end of the account, means
        // no other end.
        let another = change.ends_at.filter(|end| *end != before.ends_at_ms);
        let ends_at = another.unwrap_or(made.ends_at);
        let link = Link {
            label: label.unwrap_or_else(|| before.label.clone()),
            may: change.may.unwrap_or(before.may),
            ends_at_ms: sooner(ends_at, made.account_ends_at),
            most_downloads: change.most_downloads.unwrap_or(before.most_downloads),
            has_password: password.map_or(before.has_password, Option::is_some),
            ..before.clone()
        };
        check_takes(link.may, &item)?;
        if link == before && ends_at == made.ends_at && password.is_none() {
            return Ok(Linked { link, news: None });
        }
        let change = Statement::new(sql::CHANGE)
            .id(author.space)
            .id(id)
            .bind(link.label.as_str())
            .bind(stored(link.may)?)
            .bind(ends_at)
            .bind(link.most_downloads);
        let mut statements = vec![change, changed_one()];
        if let Some(password) = password {
            statements.push(put_password(author, id, password.as_ref()));
        }
        let event = match had_ended {
            true => EventType::ShareGranted,
            false => EventType::ShareChanged,
        };
        let entry = JournalEntry::link(event, &item, &link.label);
        write(db, author, link, entry, statements).await
    })
    .await
}

/// Takes a link back: from then on it is like one that never was.
///
/// 1. 404 `no_such_link`.
///
/// # Errors
/// This, or the database fails.
pub async fn remove(db: &impl Database, author: &Author, id: LinkId) -> Result<Linked, Failure> {
    again(async || {
        // 1
        let (LinkAsMade { link, .. }, item) = find(db, author, id).await?;
        let remove = Statement::new(sql::REMOVE).id(author.space).id(id);
        let entry = JournalEntry::link(EventType::ShareRevoked, &item, &link.label);
        write(db, author, link, entry, vec![remove, changed_one()]).await
    })
    .await
}

/// Counts a visit.
///
/// # Errors
/// The database fails.
pub async fn count_visit(db: &impl Database, visitor: &Visitor) -> Result<(), Failure> {
    let count = Statement::new(sql::COUNT_VISIT);
    db.run(count.id(visitor.space).id(visitor.link.id)).await?;
    Ok(())
}

/// Counts a download before its first byte is sent. Two can't both be the last: the
/// statement that counts also looks whether one is left.
///
/// # Errors
/// 404 `no_such_link`: none is left, or the link is no more; or the database fails.
pub async fn count_download(db: &impl Database, visitor: &Visitor) -> Result<(), Failure> {
    let given = visitor.held.visit().and_then(|visit| visit.password);
    let count = Statement::new(sql::COUNT_DOWNLOAD)
        .id(visitor.space)
        .id(visitor.link.id)
        .bind(visitor.held.now)
        .bind(given);
    match db.run(count).await?.changes {
        0 => Err(Problem::NoSuchLink.into()),
        _ => Ok(()),
    }
}

async fn find(
    db: &impl Database,
    author: &Author,
    id: LinkId,
) -> Result<(LinkAsMade, Item), Failure> {
    let made = query::one(db, links::link(author.space, id)).await?;
    let made = made.ok_or(Problem::NoSuchLink)?;
    let item = query::one(db, items::item(author.space, made.link.item)).await?;
    Ok((made, item.ok_or(Problem::NoSuchLink)?))
}

/// What a link allows as its row has it, which is its name.
fn stored(may: May) -> Result<&'static str, Failure> {
    match may {
        May::View => Ok("view"),
        May::Upload => Ok("upload"),
        May::ViewAndUpload => Ok("view_and_upload"),
        May::Unknown => Err(bad_request("may is none of view, upload, view_and_upload")),
    }
}

async fn write(
    db: &impl Database,
    author: &Author,
    link: Link,
    entry: JournalEntry,
    statements: Vec<Statement>,
) -> Result<Linked, Failure> {
    let seq = journal(db, author, &entry, statements).await?;
    let news = Announcement::of(author, std::slice::from_ref(&entry));
    Ok(Linked {
        link,
        news: news.map(|news| (news, seq)),
    })
}
