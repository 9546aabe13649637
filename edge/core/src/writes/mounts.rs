//! Mounts are taken away: by their owner, or because what they lead to is not shared any
//! more. They are made like files and folders ([`super::create`]), and are moved like them.
//! Nothing of what a mount leads to is touched by any of this.

use super::grants::{again, changed_one};
use super::{Announcement, Author, JournalEntry, append};
use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::query;
use crate::rules::there;
use crate::store::items;
use crate::store::journal::spot;
use crate::store::rows::HeadRow;
use crate::store::sql::deletion;
use protocol::activity::Spot;
use protocol::ids::{GrantId, ItemId, Seq};
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

async fn write(
    db: &impl Database,
    author: &Author,
    id: ItemId,
    from: Option<Spot>,
) -> Result<(Announcement, Seq), Failure> {
    let advance = Statement::new(deletion::ADVANCE_AND_UNCOUNT)
        .id(author.space)
        .bind(1_u64)
        .bind(serde_json::to_string(&[id])?);
    let mut statements = take_away(author, id)?;
    let entry = JournalEntry::unmounted(id, from);
    statements.push(append(author, [(0, &entry)].into_iter())?);
    let (head, _) = query::all(db, (advance.first::<HeadRow>(), statements)).await?;
    let head = head?.ok_or_else(|| DbError::Fault("a space is missing".into()))?;
    let news = Announcement {
        event: entry.event_of(author),
        about: entry.about().collect(),
        below: Default::default(),
    };
    Ok((news, head.head_seq))
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
