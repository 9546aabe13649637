//! A person accepts an offer. The request does a bounded amount of work and says whether all
//! is done; if not, nothing has changed hands, and the client asks again.

use super::fit::{Offered, offered};
use super::hints;
use crate::directory::shares;
use crate::error::Failure;
use crate::ports::{Database, DbError};
use crate::query;
use crate::services::Services;
use crate::store::handover::{HandoverRow, Transfer, find};
use crate::writes::Author;
use crate::writes::blocks::copies::{self, CopyBounds};
use crate::writes::handover::Handing;
use protocol::handover::Accepted;
use protocol::ids::{GrantId, ItemId, PackId};
use protocol::problem::Problem;

/// How often the batch is tried while others get in between, or the database does not answer.
const MAX_ATTEMPTS: u32 = 6;

/// Accepts an offer, as far as the bounds allow. `author` is the person, with their own
/// space. A repeat goes on; once all is done, it says so.
///
/// 1. What was handed over already is finished.
/// 2. 404 `no_such_grant`; what was handed over to the old owner before is finished first.
/// 3. See [`offered`]; 409 `id_taken` also where the id names another item to the old owner.
/// 4. Blocks that the new space lacks are copied. While some are left, that is all.
/// 5. The rows move, and both spaces are told.
/// 6. See [`hints::mend`].
///
/// # Errors
/// Those of 2 and 3; 503 `hands_full`; or a database or the pack store fails. Nothing has
/// changed hands then, or a repeat says that it has.
pub async fn accept(
    services: &impl Services,
    author: &Author,
    id: GrantId,
    fresh_id: impl Fn() -> Result<[u8; 16], Failure>,
    bounds: &CopyBounds,
) -> Result<Accepted, Failure> {
    let user = author.person()?.user_id;
    let own = services.database_of(author.space)?;
    let mut copied_bytes = 0_u64;
    let mut last = DbError::Busy("not tried".into());
    for _ in 0..MAX_ATTEMPTS {
        // 1
        if let Some(before) = query::one(&own, find(author.space, id)).await? {
            return finish(services, author, &before, copied_bytes).await;
        }
        // 2
        let directory = services.directory()?;
        let share = shares::of_grant(&directory, user, id).await?;
        let share = share.ok_or(Problem::NoSuchGrant)?;
        let of = Transfer {
            item: share.item,
            from: share.space,
            to: author.space,
        };
        let db = services.database_of(of.from)?;
        hints::mend_all_of(services, of.from, author.now).await?;
        // 3
        let offered = offered(&db, of, (user, id), author.now, &author.limits).await?;
        let old_owner = offered.grant.owner.user_id;
        shares::check_id(&directory, old_owner, of.item, of.to).await?;
        // 4
        let lacked_bytes = offered.needed.lacked_bytes;
        if lacked_bytes > 0 {
            let packs = services.packs()?;
            let fresh_pack = || Ok(PackId::from_random(fresh_id()?));
            let copied = copies::copy(&db, &packs, of, author.now, fresh_pack, bounds).await?;
            copied_bytes = copied_bytes.saturating_add(copied.bytes);
            let left_bytes = lacked_bytes.saturating_sub(copied.bytes);
            if left_bytes > 0 && !copied.found_damage {
                return Ok(Accepted {
                    item: of.item,
                    done: false,
                    copied_bytes,
                    left_bytes,
                });
            }
            last = DbError::Busy("blocks were missing again and again".into());
            if copied.found_damage {
                continue;
            }
        }
        // 5
        let fresh = (
            GrantId::from_random(fresh_id()?),
            ItemId::from_random(fresh_id()?),
        );
        match hand_over(services, &db, author, (of, &offered), fresh).await {
            Err(Failure::Database(error @ (DbError::Constraint(_) | DbError::Busy(_)))) => {
                last = error;
            }
            Err(other) => return Err(other),
            Ok(()) => {}
        }
    }
    Err(match last {
        DbError::Constraint(why) => DbError::Busy(format!("gave up after {why}")),
        other => other,
    }
    .into())
}

async fn hand_over(
    services: &impl Services,
    db: &impl Database,
    author: &Author,
    (of, offered): (Transfer, &Offered),
    fresh: (GrantId, ItemId),
) -> Result<(), Failure> {
    let handing = Handing {
        of,
        grant: &offered.grant,
        offered_at: offered.offered_at,
        item: &offered.item,
        counts: offered.counts,
        place: offered.place.clone(),
        fresh,
    };
    let handed = handing.write(db, author).await?;
    let (gone, seq) = &handed.gone;
    services.announce(gone.message(of.from, *seq, handed.woken));
    let (come, seq) = &handed.come;
    services.announce(come.message(of.to, *seq, Vec::new()));
    Ok(())
}

/// Mends the directory's indexes, if they do not know of it yet.
async fn finish(
    services: &impl Services,
    author: &Author,
    before: &HandoverRow,
    copied_bytes: u64,
) -> Result<Accepted, Failure> {
    if !before.is_mended() {
        hints::mend(services, author, before).await?;
    }
    Ok(Accepted {
        item: before.item,
        done: true,
        copied_bytes,
        left_bytes: 0,
    })
}
