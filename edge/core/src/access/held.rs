//! What somebody has of another person's space: one item with all that is in it, as long
//! as a grant lasts, or a link. Every look at the space reads its row in the same batch,
//! and every change is written in a batch that is refused unless the row still says so.

use crate::ports::Statement;
use crate::query::Query;
use crate::store::grants::{self, GrantedRole as HeldRow};
use crate::store::links::{self, VisitedLink};
use crate::store::sql::grants as grants_sql;
use crate::store::sql::links as links_sql;
use protocol::grants::Role;
use protocol::ids::{ItemId, LinkId, SpaceId, UnixMillis, UserId};
use protocol::problem::Problem;

/// What of a space a request is about, and by what it is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedPart {
    /// The item that was shared.
    pub root: ItemId,
    /// How it was shared.
    pub by: SharedBy,
    /// The time of the request.
    pub now: UnixMillis,
    /// Whether the request may change something.
    pub changes: bool,
}

/// How an item was shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedBy {
    /// With a person.
    Grant(UserId),
    /// With whoever has the address.
    Link(LinkVisit),
}

/// A visit over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkVisit {
    /// The link.
    pub link: LinkId,
    /// The number of the password that the visitor has given.
    pub password: Option<u64>,
    /// What the visitor is after.
    pub aim: Aim,
}

/// What a visitor is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// To know what the link asks for.
    Door,
    /// What the link allows.
    Inside,
    /// The rest of a download that was counted.
    RestOfDownload,
}

/// The row of a grant or a link.
pub enum ShareRow {
    /// Of a grant.
    Grant(HeldRow),
    /// Of a link.
    Link(VisitedLink),
}

impl ShareRow {
    /// Since when what was done is told: of a link, never.
    pub fn since(&self) -> UnixMillis {
        match self {
            Self::Grant(grant) => grant.since(),
            Self::Link(_) => UnixMillis::MAX,
        }
    }

    /// Its end, if it has one.
    pub fn ends_at(&self) -> Option<UnixMillis> {
        match self {
            Self::Grant(grant) => grant.ends_at(),
            Self::Link(link) => link.ends_at(),
        }
    }
}

impl SharedPart {
    /// The query that tells whether it was shared, and for what.
    pub fn looks(&self, space: SpaceId) -> Query<Option<ShareRow>> {
        match self.by {
            SharedBy::Grant(user) => {
                let held = grants::held(space, self.root, user);
                held.then(|row| Ok(row.map(ShareRow::Grant)))
            }
            SharedBy::Link(visit) => {
                let visited = links::visited(space, visit.link);
                visited.then(|row| Ok(row.map(ShareRow::Link)))
            }
        }
    }

    /// What is said of an item that is not shared, or not any more.
    pub fn gone(&self) -> Problem {
        match self.by {
            SharedBy::Grant(_) => Problem::NoSuchItem,
            SharedBy::Link(_) => Problem::NoSuchLink,
        }
    }

    /// Whether it is shared at all.
    ///
    /// # Errors
    /// See [`gone`](Self::gone).
    pub fn check_there(&self, row: Option<ShareRow>) -> Result<ShareRow, Problem> {
        let is_there = match (&row, self.by) {
            (Some(ShareRow::Grant(row)), SharedBy::Grant(_)) => {
                // Another role is of a release that knows more of them.
                let role = row.role_at(self.now);
                matches!(role, Some(Role::Viewer | Role::Editor))
            }
            (Some(ShareRow::Link(link)), SharedBy::Link(visit)) => {
                let is_left = visit.aim == Aim::RestOfDownload || link.has_downloads_left();
                let is_known = link.may.views() || link.may.uploads();
                link.lasts_at(self.now) && is_left && is_known
            }
            _ => false,
        };
        row.filter(|_| is_there).ok_or(self.gone())
    }

    /// Whether it is shared for what the request is to do.
    ///
    /// # Errors
    /// 403 `read_only`; of a link 401 `link_password`, 403 `upload_only`.
    pub fn check_allowed(&self, row: &ShareRow) -> Result<(), Problem> {
        match (row, self.by) {
            (ShareRow::Grant(row), _) => match row.role_at(self.now) {
                Some(Role::Editor) => Ok(()),
                _ if !self.changes => Ok(()),
                _ => Err(Problem::ReadOnly),
            },
            (ShareRow::Link(link), SharedBy::Link(visit)) => {
                if visit.aim == Aim::Door {
                    return Ok(());
                }
                if link.password.is_some() && link.password != visit.password {
                    return Err(Problem::LinkPassword);
                }
                match self.changes {
                    true if !link.may.uploads() => Err(Problem::ReadOnly),
                    false if !link.may.views() => Err(Problem::UploadOnly),
                    _ => Ok(()),
                }
            }
            (ShareRow::Link(_), SharedBy::Grant(_)) => Err(Problem::NoSuchItem),
        }
    }

    /// Refuses the batch unless they may change it at that moment.
    pub fn guard(&self, space: SpaceId) -> Statement {
        match self.by {
            SharedBy::Grant(user) => Statement::new(grants_sql::GUARD_EDITS)
                .id(space)
                .id(self.root)
                .id(user)
                .bind(self.now),
            SharedBy::Link(visit) => Statement::new(links_sql::GUARD_UPLOADS)
                .id(space)
                .id(visit.link)
                .bind(self.now)
                .bind(visit.password),
        }
    }

    /// Refuses the batch unless they may see it at that moment. Visitors see nothing that
    /// people say of each other.
    ///
    /// # Errors
    /// 403 `one_folder`: it is a visit.
    pub fn guard_sight(&self, space: SpaceId) -> Result<Statement, Problem> {
        match self.by {
            SharedBy::Grant(user) => Ok(Statement::new(grants_sql::GUARD_SEES)
                .id(space)
                .id(self.root)
                .id(user)
                .bind(self.now)),
            SharedBy::Link(_) => Err(Problem::OneFolder),
        }
    }

    /// The visit, if it is one.
    pub fn visit(&self) -> Option<LinkVisit> {
        match self.by {
            SharedBy::Grant(_) => None,
            SharedBy::Link(visit) => Some(visit),
        }
    }
}
