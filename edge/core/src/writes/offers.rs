//! The owner of a space offers what they have shared to the person that has it, to be theirs
//! from then on. An offer is a part of the grant and ends with it. That the person accepts is
//! [`super::handover`].

use super::grants::{Granted, again, changed_one, find, guard_live, write};
use super::{Author, JournalEntry};
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::check_way;
use crate::store::handover::counts;
use crate::store::items;
use crate::store::sql::handover as sql;
use protocol::activity::OfferStep;
use protocol::grants::Grant;
use protocol::ids::{GrantId, UnixMillis};
use protocol::items::Item;
use protocol::problem::Problem;

/// Makes an offer. One that is made already stays as it is.
///
/// 1. 404 `no_such_grant`, also if it has ended; 409 `in_trash`.
/// 2. 409 `too_much_to_hand_over`.
///
/// # Errors
/// These, or the database fails.
pub async fn offer(db: &impl Database, author: &Author, id: GrantId) -> Result<Granted, Failure> {
    again(async || {
        // 1
        let (before, item) = find(db, author.space, id).await?;
        let before = before.grant;
        check_lasts(&before, author.now)?;
        let looks = (
            items::way(author.space, Some(item.id)),
            counts(author.space, item.id),
        );
        let (way, counts) = query::all(db, looks).await?;
        check_way(&way?)?;
        // 2
        counts?.ok_or(Problem::NoSuchGrant)?.check()?;
        if before.offered_at_ms.is_some() {
            return Ok(Granted {
                grant: before,
                news: None,
                offer: None,
            });
        }
        let offer = Statement::new(sql::OFFER).id(author.space).id(id);
        let statements = vec![
            guard_live(author, item.id)?,
            offer.bind(author.now),
            changed_one(),
        ];
        let grant = Grant {
            offered_at_ms: Some(author.now),
            ..before
        };
        put(db, author, (grant, &item), OfferStep::Made, statements).await
    })
    .await
}

/// Ends an offer: the owner takes it back, or whoever it was made to declines. Where there
/// is none, nothing changes.
///
/// 1. 404 `no_such_grant`, also for an author whose grant it is not.
///
/// # Errors
/// This, or the database fails.
pub async fn end(db: &impl Database, author: &Author, id: GrantId) -> Result<Granted, Failure> {
    again(async || {
        // 1
        let (before, item) = find(db, author.space, id).await?;
        let before = before.grant;
        let by = author.person()?.user_id;
        let step = match by {
            by if by == before.owner.user_id => OfferStep::TakenBack,
            by if by == before.person.user_id => OfferStep::Declined,
            _ => return Err(Problem::NoSuchGrant.into()),
        };
        if before.offered_at_ms.is_none() {
            return Ok(Granted {
                grant: before,
                news: None,
                offer: None,
            });
        }
        let end = Statement::new(sql::END_OFFER).id(author.space).id(id);
        let grant = Grant {
            offered_at_ms: None,
            ..before
        };
        put(db, author, (grant, &item), step, vec![end, changed_one()]).await
    })
    .await
}

/// Whether a grant gives access at a time.
///
/// # Errors
/// 404 `no_such_grant`.
pub fn check_lasts(grant: &Grant, now: UnixMillis) -> Result<(), Problem> {
    match grant.ends_at_ms {
        Some(end) if end <= now => Err(Problem::NoSuchGrant),
        _ => Ok(()),
    }
}

async fn put(
    db: &impl Database,
    author: &Author,
    (grant, item): (Grant, &Item),
    step: OfferStep,
    statements: Vec<Statement>,
) -> Result<Granted, Failure> {
    let entry = JournalEntry::offer(item, &grant.person.user_name, step);
    let granted = write(db, author, grant, entry, statements).await?;
    Ok(Granted {
        offer: Some(step),
        ..granted
    })
}
