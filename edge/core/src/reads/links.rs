//! The links to items of a space, for its owner, and what a visitor finds at one.

use crate::access::Visitor;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::there;
use crate::store::items;
use crate::store::links::{self as store, KEY, LinkRow, PasswordRow};
use crate::store::sql::links;
use protocol::ids::{ItemId, SpaceId, UnixMillis};
use protocol::links::{Link, LinkItem, LinkShown};
use std::collections::BTreeSet;

/// Those of a space that last, or those of one item of it, the newest first.
///
/// # Errors
/// 404 `no_such_item`, or the database fails.
pub async fn links(
    db: &impl Database,
    space: SpaceId,
    of: Option<ItemId>,
    now: UnixMillis,
) -> Result<Vec<Link>, Failure> {
    let rows = match of {
        None => {
            let all = Statement::new(links::OF_SPACE).id(space).bind(now);
            query::one(db, all.readable::<LinkRow>(KEY)).await?
        }
        Some(of) => {
            let of_item = Statement::new(links::OF_ITEM).id(space).bind(now).id(of);
            let looks = (items::item(space, of), of_item.readable::<LinkRow>(KEY));
            let (item, rows) = query::all(db, looks).await?;
            there(item?)?;
            rows?
        }
    };
    Ok(rows.into_iter().map(Link::from).collect())
}

/// The items of a space to which links lead, each once.
///
/// # Errors
/// The database fails.
pub async fn linked(
    db: &impl Database,
    space: SpaceId,
    now: UnixMillis,
) -> Result<Vec<ItemId>, Failure> {
    let links = links(db, space, None, now).await?;
    let items: BTreeSet<ItemId> = links.into_iter().map(|link| link.item).collect();
    Ok(items.into_iter().collect())
}

/// The password that a link asks for.
///
/// # Errors
/// 400 `bad_request`: it asks for none; or the database fails.
pub async fn password(db: &impl Database, visitor: &Visitor) -> Result<PasswordRow, Failure> {
    let password = store::password(visitor.space, visitor.link.id);
    let password = query::one(db, password).await?;
    password.ok_or_else(|| bad_request("the link has no password"))
}

/// What a visitor is told at the door.
///
/// # Errors
/// 404 `no_such_link`, or the database fails.
pub async fn shown(db: &impl Database, visitor: &Visitor) -> Result<LinkShown, Failure> {
    let Visitor { space, held, link } = visitor;
    let given = held.visit().and_then(|visit| visit.password);
    let needs_password = link.password.is_some() && link.password != given;
    let item = match needs_password {
        true => None,
        false => {
            let item = query::one(db, items::item(*space, held.root)).await?;
            let item = item.ok_or(held.gone())?;
            Some(LinkItem {
                id: item.id,
                is_folder: item.is_folder(),
                name: item.name.into(),
            })
        }
    };
    Ok(LinkShown {
        owner_name: link.owner_name.clone(),
        may: link.may,
        needs_password,
        item,
        ends_at_ms: link.ends_at(),
        counts_downloads: link.most_downloads.is_some(),
    })
}
