//! What somebody has of another person's space: one item with all that is in it, as long
//! as its grant lasts. Every look at the space reads the grant in the same batch, and
//! every change is written in a batch that is refused unless the grant is there still.

use crate::ports::Statement;
use crate::query::Query;
use crate::store::grants::{self, Held as HeldRow};
use crate::store::sql::grants as sql;
use protocol::grants::Role;
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use protocol::problem::Problem;

/// What of a space a request is about, and whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The item that was shared.
    pub root: ItemId,
    /// With whom.
    pub user: UserId,
    /// The time of the request.
    pub now: UnixMillis,
    /// Whether the request may change something.
    pub changes: bool,
}

impl Held {
    /// The query that tells whether it was shared, and for what.
    pub fn looks(&self, space: SpaceId) -> Query<Option<HeldRow>> {
        grants::held(space, self.root, self.user)
    }

    /// # Errors
    /// 404 `no_such_item`: it is not shared, or not any more. 403 `read_only`.
    pub fn check(&self, row: Option<HeldRow>) -> Result<(), Problem> {
        let role = row.and_then(|row| row.role_at(self.now));
        match role.ok_or(Problem::NoSuchItem)? {
            Role::Editor => Ok(()),
            Role::Viewer if !self.changes => Ok(()),
            Role::Viewer => Err(Problem::ReadOnly),
            // Of a release that knows more roles.
            Role::Unknown => Err(Problem::NoSuchItem),
        }
    }

    /// Refuses the batch unless they may change it at that moment.
    pub fn guard(&self, space: SpaceId) -> Statement {
        Statement::new(sql::GUARD_EDITS)
            .id(space)
            .id(self.root)
            .id(self.user)
            .bind(self.now)
    }
}
