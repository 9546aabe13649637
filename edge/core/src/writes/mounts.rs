//! Mounts are taken away: by their owner, or because what they lead to is not shared any
//! more. They are made like files and folders ([`super::create`]), and are moved like them.
//! Nothing of what a mount leads to is touched by any of this.

use super::grants::{again, changed_one};
use super::{Announcement, Author, JournalEntry, append};
use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::query::{self, Query};
use crate::rules::there;
use crate::store::items;
use crate::store::journal::spot;
use crate::store::rows::HeadRow;
use crate::store::sql::deletion;
use protocol::activity::Spot;
use protocol::ids::{GrantId, ItemId, Seq, SpaceId};
use protocol::problem::Problem;

/// Takes a mount away. It may be in the trash, with a folder.
///
/// 1. 404 `no_such_item`, 409 `not_a_mount`.
///
/// # Errors
/// These, or the database fails.
pub async fn remove(
    db: &impl Database,
    author: &Author,
    id: ItemId,
) -> Result<(Announcement, Seq), Failure> {
    again(async || {
        // 1
        let item = there(query::one(db, items::item(author.space, id)).await?)?;
        if item.mount.is_none() {
            return Err(Problem::NotAMount.into());
        }
        write(db, author, id, Some(spot(&item))).await
    })
    .await
}

/// Takes the mount of a grant away that is no more, if there is one.
///
/// # Errors
/// The database fails.
pub async fn forget(
    db: &impl Database,
    author: &Author,
    grant: GrantId,
) -> Result<Option<(Announcement, Seq)>, Failure> {
    again(
        async || match query::one(db, items::mount_of(author.space, grant)).await? {
            Some(mount) => Ok(Some(write(db, author, mount.id, mount.spot()).await?)),
            None => Ok(None),
        },
    )
    .await
}

/// The same of several grants, each with the space of whoever had it, in one batch. Returns
/// what is told in which space.
///
/// # Errors
/// The database fails.
pub async fn forget_each(
    db: &impl Database,
    author: &Author,
    grants: &[(SpaceId, GrantId)],
) -> Result<Vec<(SpaceId, Announcement, Seq)>, Failure> {
    let looks = || {
        grants
            .iter()
            .map(|(home, grant)| items::mount_of(*home, *grant))
    };
    again(async || {
        let found = query::all(db, looks().collect::<Vec<_>>()).await?;
        let (mut writes, mut told) = (Vec::new(), Vec::new());
        for ((home, _), mount) in grants.iter().zip(found) {
            let Some(mount) = mount? else { continue };
            let author = Author {
                space: *home,
                ..author.clone()
            };
            let (write, news) = removal(&author, mount.id, mount.spot())?;
            writes.push(write);
            told.push((*home, news));
        }
        let heads = query::all(db, writes).await?.into_iter();
        let told = told.into_iter().zip(heads);
        told.map(|((home, news), (head, _))| Ok((home, news, head?)))
            .collect()
    })
    .await
}

async fn write(
    db: &impl Database,
    author: &Author,
    id: ItemId,
    from: Option<Spot>,
) -> Result<(Announcement, Seq), Failure> {
    let (writes, news) = removal(author, id, from)?;
    let (head, _) = query::all(db, writes).await?;
    Ok((news, head?))
}

/// The statements that take a mount away; the first tells where the journal is then.
type Removal = (Query<Seq>, Vec<Statement>);

/// What takes a mount away, and what is told of it.
fn removal(
    author: &Author,
    id: ItemId,
    from: Option<Spot>,
) -> Result<(Removal, Announcement), Failure> {
    let advance = Statement::new(deletion::ADVANCE_AND_UNCOUNT)
        .id(author.space)
        .bind(1_u64)
        .bind(serde_json::to_string(&[id])?);
    let head = advance.first::<HeadRow>().then(|row| {
        let row = row.ok_or_else(|| DbError::Fault("a space is missing".into()))?;
        Ok(row.head_seq)
    });
    let mut statements = take_away(author, id)?;
    let entry = JournalEntry::unmounted(id, from);
    statements.push(append(author, [(0, &entry)].into_iter())?);
    let news = Announcement {
        event: entry.event_of(author),
        owner: None,
        about: entry.about().collect(),
        below: Default::default(),
    };
    Ok(((head, statements), news))
}

/// The statements that take a mount's row away, if it is there. Its id is not used again.
///
/// # Errors
/// The list can't be written.
pub fn take_away(author: &Author, id: ItemId) -> Result<Vec<Statement>, Failure> {
    let id = serde_json::to_string(&[id])?;
    let about = |sql| Statement::new(sql).id(author.space).bind(id.as_str());
    Ok(vec![
        about(deletion::REMEMBER),
        about(deletion::DELETE_ITEMS),
        changed_one(),
    ])
}
