//! Invitations: whoever has the address of one makes an account where others may not. Each is
//! good once, and for a week.

use crate::access::administrator::Administrator;
use crate::directory::newcomers::invite_hash;
use crate::error::Failure;
use crate::labels::invite_note;
use crate::ports::{Database, Statement};
use crate::random;
use crate::store::sql::invites;
use crate::store::stand_ins::nearest;
use protocol::administration::{Invite, InviteMade, Invites, NewInvite};
use protocol::ids::{InviteId, UnixMillis};
use protocol::limits::{INVITE_MILLIS, MAX_INVITES};
use protocol::problem::{Limited, Problem};
use serde::Deserialize;

#[derive(Deserialize)]
struct InviteRow {
    id: InviteId,
    note: String,
    made_by: String,
    #[serde(deserialize_with = "nearest")]
    made_at: UnixMillis,
    #[serde(deserialize_with = "nearest")]
    ends_at: UnixMillis,
}

impl From<InviteRow> for Invite {
    fn from(row: InviteRow) -> Self {
        Self {
            id: row.id,
            note: row.note,
            made_by: row.made_by,
            made_at_ms: row.made_at,
            ends_at_ms: row.ends_at,
        }
    }
}

/// Those that hold.
///
/// # Errors
/// 404 `no_such_route`, or the database fails.
pub async fn list(db: &impl Database, by: &Administrator) -> Result<Invites, Failure> {
    let rows = by.ask(db, open(by)).await??;
    let invites = rows.into_iter().map(Invite::from).collect();
    Ok(Invites { invites })
}

fn open(by: &Administrator) -> crate::query::Query<Vec<InviteRow>> {
    let open = Statement::new(invites::OPEN).bind(by.now());
    open.readable(&["id"])
}

/// Makes one.
///
/// 1. 400 `bad_name`.
/// 2. 404 `no_such_route`; 507 `limit_reached`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn make(
    db: &impl Database,
    by: &Administrator,
    new: &NewInvite,
) -> Result<InviteMade, Failure> {
    // 1
    let note = invite_note(&new.note)?;
    // 2
    let id = InviteId::from_random(random::bytes()?);
    let secret = data_encoding::HEXLOWER.encode(&random::bytes::<16>()?);
    let insert = by
        .about(invites::INSERT)
        .id(id)
        .id(invite_hash(&secret))
        .bind(note)
        .bind(by.now().saturating_add(INVITE_MILLIS))
        .bind(MAX_INVITES);
    let audit = Statement::new(invites::AUDIT_MADE).id(id).bind(by.now());
    let ((), (), open) = by.ask(db, (insert, audit, open(by))).await?;
    let made = open?.into_iter().find(|row| row.id == id);
    let made = made.ok_or(Problem::LimitReached {
        what: Limited::Invites,
        most: MAX_INVITES,
    })?;
    Ok(InviteMade {
        invite: made.into(),
        secret,
    })
}

/// Takes one back.
///
/// # Errors
/// 404 `no_such_route`, 404 `no_such_invite`, or the database fails.
pub async fn remove(db: &impl Database, by: &Administrator, id: InviteId) -> Result<(), Failure> {
    let about = |sql| by.about(sql).id(id);
    let batch = (
        about(invites::AUDIT_REMOVED),
        about(invites::REMOVE).changes(),
    );
    let ((), removed) = by.ask(db, batch).await?;
    match removed? {
        0 => Err(Problem::NoSuchInvite.into()),
        _ => Ok(()),
    }
}
