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
/// 1. What was handed over already is finished: it is looked for after each step.
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
    let own = services.database_of(author.space)?;
    let accepting = Accepting {
        services,
        author,
        id,
        bounds,
    };
    let mut copied_bytes = 0_u64;
    let mut last = DbError::Busy("not tried".into());
    for _ in 0..MAX_ATTEMPTS {
        let step = accepting.step(&fresh_id, &mut copied_bytes).await;
        // 1. Another request may have done it meanwhile, or this one, and nobody knows.
        if let Some(before) = query::one(&own, find(author.space, id)).await? {
            return finish(services, author, &before, copied_bytes).await;
        }
        match step {
            Ok(Step::Copied(accepted)) => return Ok(accepted),
            Ok(Step::Goes) => {}
            Err(Failure::Database(error @ (DbError::Constraint(_) | DbError::Busy(_)))) => {
                last = error;
            }
            Err(other) => return Err(other),
        }
    }
    Err(match last {
        DbError::Constraint(why) => DbError::Busy(format!("gave up after {why}")),
        other => other,
    }
    .into())
}

/// What one step came to.
enum Step {
    /// Blocks are left to be copied.
    Copied(Accepted),
    /// It is done, or has to be looked at again.
    Goes,
}

struct Accepting<'a, S> {
    services: &'a S,
    author: &'a Author,
    id: GrantId,
    bounds: &'a CopyBounds,
}

impl<S: Services> Accepting<'_, S> {
    /// Steps 2 to 5, see [`accept`].
    async fn step(
        &self,
        fresh_id: &impl Fn() -> Result<[u8; 16], Failure>,
        copied_bytes: &mut u64,
    ) -> Result<Step, Failure> {
        let (services, author) = (self.services, self.author);
        let user = author.person()?.user_id;
        // 2
        let directory = services.directory()?;
        let share = shares::of_grant(&directory, user, self.id).await?;
        let share = share.ok_or(Problem::NoSuchGrant)?;
        let of = Transfer {
            item: share.item,
            from: share.space,
            to: author.space,
        };
        let db = services.database_of(of.from)?;
        hints::mend_all_of(services, of.from, author.now).await?;
        // 3
        let person = (user, self.id);
        let offered = offered(&db, of, person, author.now, &author.limits).await?;
        let old_owner = offered.grant.owner.user_id;
        shares::check_id(&directory, old_owner, of.item, of.to).await?;
        // 4
        let lacked_bytes = offered.needed.lacked_bytes;
        if lacked_bytes > 0 {
            let packs = services.packs()?;
            let fresh_pack = || Ok(PackId::from_random(fresh_id()?));
            let copied = copies::copy(&db, &packs, of, author.now, fresh_pack, self.bounds).await?;
            *copied_bytes = copied_bytes.saturating_add(copied.bytes);
            let left_bytes = lacked_bytes.saturating_sub(copied.bytes);
            if copied.found_damage {
                return Ok(Step::Goes);
            }
            if left_bytes > 0 {
                return Ok(Step::Copied(Accepted {
                    item: of.item,
                    done: false,
                    copied_bytes: *copied_bytes,
                    left_bytes,
                }));
            }
        }
        // 5
        let fresh = (
            GrantId::from_random(fresh_id()?),
            ItemId::from_random(fresh_id()?),
        );
        hand_over(services, &db, author, (of, &offered), fresh).await?;
        Ok(Step::Goes)
    }
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
    // Whoever is woken looks for it where it is by then. If this fails, it is done again.
    if let Ok(Some(done)) = query::one(db, find(author.space, offered.grant.id)).await {
        let _ = hints::mend(services, author, &done).await;
    }
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
