//! Who may do what with which item. Every request of somebody, and of whoever visits a
//! link, goes through [`admit`], and every change of a space through the [`Reach`] of its author; nothing
//! else decides on either.
//!
//! - [`administrator`]: who runs this server for others.
//! - [`shown`]: what a request shows of who sends it.
//! - [`scope`]: whether a token is for what is asked.
//! - [`held`]: what somebody has of another person's space, by a grant or a link.
//! - [`ends`]: when access ends that was given.
//! - [`reach`]: what of a space somebody has, and what a request or a change is about.
//! - [`passes`]: what proves that the password of a link was given.
//! - [`receipts`]: for which blocks whoever has a folder has shown the bytes.
//! - [`confirmed`]: what asks for a password that was given just now.

pub mod administrator;
pub mod confirmed;
pub mod ends;
pub mod held;
pub mod passes;
pub mod reach;
pub mod receipts;
pub mod scope;
pub mod shown;

use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query;
use crate::store::links::VisitedLink;
use crate::store::rows::DeviceRow;
use crate::store::sql::{devices, link_keys, shares};
use crate::store::stand_ins::{nearest, nearest_or_null};
use confirmed::Asking;
use held::{LinkVisit, SharedBy, SharedPart};
use protocol::devices::{Device, Scope};
use protocol::headers::USER;
use protocol::ids::{ItemId, LinkId, SpaceId, UnixMillis, UserId};
use protocol::limits::SESSION_IDLE_MILLIS;
use protocol::notifications::Actor;
use protocol::problem::Problem;
use reach::Reach;
use receipts::BlockSender;
use scope::permits;
use serde::Deserialize;
use shown::{Credential, Presented, ShownLink};

/// Writing each use of a device would cost a row for each request.
const TOUCH_MILLIS: u64 = 60 * 60 * 1_000;

/// Whoever was let in.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Somebody with a device that is signed in.
    Person(SignedIn),
    /// Whoever has the address of a link.
    Visitor(Visitor),
}

impl Caller {
    /// The space that the request is about.
    pub fn space(&self) -> SpaceId {
        match self {
            Self::Person(who) => who.space,
            Self::Visitor(visitor) => visitor.space,
        }
    }

    /// What of the space they have.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Person(who) => who.reach(),
            Self::Visitor(visitor) => Reach::of_held(visitor.held),
        }
    }

    /// The visitor, if it is none who is signed in.
    pub fn visitor(&self) -> Option<&Visitor> {
        match self {
            Self::Person(_) => None,
            Self::Visitor(visitor) => Some(visitor),
        }
    }

    /// What they are told of a failure: a visitor is not told how full the drive is.
    pub fn told(&self, failure: Failure) -> Failure {
        match (self, failure) {
            (
                Self::Visitor(_),
                Failure::Problem(Problem::QuotaExceeded { .. } | Problem::LimitReached { .. }),
            ) => Problem::NoRoom.into(),
            (_, failure) => failure,
        }
    }

    /// Who sends blocks.
    pub fn sender(&self) -> BlockSender {
        match self {
            Self::Person(who) => who.sender(),
            Self::Visitor(visitor) => BlockSender::Visitor(visitor.link.id),
        }
    }
}

/// Whoever visits a link. Nobody knows who it is.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The space that the link's item is in.
    pub space: SpaceId,
    /// What of it the link is of.
    pub held: SharedPart,
    /// The link.
    pub link: VisitedLink,
}

/// Who knocks, before the space was asked what they have of it.
#[derive(Clone, Debug)]
pub enum Admitted {
    /// Somebody with a device.
    Person(SignedIn),
    /// Whoever visits a link of this space.
    Visitor(SpaceId, SharedPart),
}

/// A device that is signed in, and whose it is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Whose device it is.
    pub user: UserId,
    /// The user's name.
    pub user_name: String,
    /// The space that the request is about: their own, or one of which something was
    /// shared with them.
    pub space: SpaceId,
    /// What of that was shared with them; `None` in their own space.
    pub held: Option<SharedPart>,
    /// The device.
    pub device: Device,
    /// When the device last gave the password.
    pub proven_at: UnixMillis,
    /// When their account ends, if they have ended it.
    pub account_ends_at: Option<UnixMillis>,
    /// Whether they administer this server, as the row said that let them in.
    pub is_administrator: bool,
    /// The token that the request showed.
    pub credential: Credential,
}

impl SignedIn {
    /// What of the space they have.
    pub fn reach(&self) -> Reach {
        match self.held {
            Some(held) => Reach::of_held(held),
            None => Reach::of(self.device.folder),
        }
    }

    /// From when on they can't get in any more, unless somebody moves that moment: the end
    /// of their device or their account, or of what was shared with them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn over_at(&self, db: &impl Database) -> Result<Option<UnixMillis>, Failure> {
        let share = match self.held {
            Some(held) => query::one(db, held.looks(self.space)).await?,
            None => None,
        };
        let ends = [
            self.device.ends_at_ms,
            self.account_ends_at,
            share.and_then(|share| share.ends_at()),
        ];
        Ok(ends.into_iter().flatten().min())
    }

    /// What they have of another person's space by a grant of this item, if there is one,
    /// to look at it at `now`.
    pub fn part(&self, root: ItemId, now: UnixMillis) -> SharedPart {
        SharedPart {
            root,
            by: SharedBy::Grant(self.user),
            now,
            changes: false,
        }
    }

    /// Who sends blocks.
    pub fn sender(&self) -> BlockSender {
        BlockSender::Person(self.user)
    }

    /// Who they are to others.
    pub fn actor(&self) -> Actor {
        Actor {
            user_id: self.user,
            user_name: self.user_name.clone(),
            device_id: self.device.id,
            device_name: self.device.name.clone(),
        }
    }

    /// Whether they are told of a device of the same person.
    pub fn sees(&self, device: &Device) -> bool {
        self.reach().is_whole() || device.id == self.device.id
    }

    /// See [`check_person`](confirmed::check_person).
    ///
    /// # Errors
    /// 403 `not_for_tokens`.
    pub fn check_person(&self) -> Result<(), Problem> {
        confirmed::check_person(&self.device)
    }

    /// What the rules of [`crate::directory`] look at.
    pub fn asking(&self) -> Asking<'_> {
        Asking {
            user: self.user,
            device: &self.device,
            proven_at: self.proven_at,
        }
    }
}

#[derive(Deserialize)]
struct TokenRow {
    #[serde(flatten)]
    device: DeviceRow,
    #[serde(deserialize_with = "nearest")]
    proven_at: UnixMillis,
    #[serde(deserialize_with = "nearest_or_null")]
    revoked_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    account_ends_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    disabled_at: Option<UnixMillis>,
    is_admin: u8,
    user: UserId,
    user_name: String,
    home_space: SpaceId,
}

#[derive(Deserialize)]
struct SpaceOfShare {
    space: SpaceId,
}

/// Lets a request in, or not. Of a visitor nothing is asked but the link: see
/// [`admit_visitor`].
///
/// 1. 401 `not_signed_in` without a token.
/// 2. 403 `cross_site` if a cookie is to change something for another site.
/// 3. 401 `session_ended` if the token is unknown, revoked, too long unused or at
///    its end, or if the account of its person is, or is disabled.
/// 4. 403 `another_user` if the request says that it is somebody else's.
/// 5. 403 `read_only` if its [`scope`] does not reach to what is asked.
/// 6. Once an hour, writes that the device was seen.
/// 7. 404 `no_such_item` if the request names a root that was not shared with them, or if
///    its token is for one folder. Whether it still is shared, and what for, is for
///    [`Reach`] to ask of the space.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn admit(
    directory: &impl Database,
    shown: &Presented<'_>,
    now: UnixMillis,
) -> Result<Admitted, Failure> {
    let changes = !permits(Scope::ReadOnly, shown.changes_state, shown.path);
    if let Some(link) = &shown.link {
        return admit_visitor(directory, link, changes, now).await;
    }
    // 1
    let credential =
        Credential::of(shown.authorization, shown.cookies).ok_or(Problem::NotSignedIn)?;
    // 2
    let is_cookie = matches!(credential, Credential::Cookie(_));
    if is_cookie && shown.changes_state && !shown.is_own_page {
        return Err(Problem::CrossSite.into());
    }
    // 3
    let hash = credential.token().hash();
    let find = Statement::new(devices::BY_TOKEN).id(hash);
    let find_space = |root: ItemId| {
        let space = Statement::new(shares::SPACE_BY_TOKEN).id(hash).id(root);
        space.first::<SpaceOfShare>()
    };
    let looks = (find.first::<TokenRow>(), shown.root.map(find_space));
    let (row, shared) = query::all(directory, looks).await?;
    let row = row?.ok_or(Problem::SessionEnded)?;
    let device = Device::from(row.device);
    let idle = now.saturating_sub(device.last_seen_at_ms);
    let ends = [device.ends_at_ms, row.account_ends_at];
    let is_over = ends.into_iter().flatten().any(|end| end <= now);
    let is_shut_out = row.revoked_at.is_some() || row.disabled_at.is_some();
    if is_shut_out || idle > SESSION_IDLE_MILLIS || is_over {
        return Err(Problem::SessionEnded.into());
    }
    // 4
    check_user(shown.user, row.user, &row.user_name)?;
    // 5
    if !permits(device.scope, shown.changes_state, shown.path) {
        return Err(Problem::ReadOnly.into());
    }
    // 6
    if idle > TOUCH_MILLIS {
        let touch = Statement::new(devices::TOUCH).id(device.id).bind(now);
        directory.run(touch).await?;
    }
    // 7
    let (space, held) = match (shown.root, shared) {
        (Some(root), Some(shared)) => {
            let shared = shared?.filter(|_| device.folder.is_none());
            let held = SharedPart {
                root,
                by: SharedBy::Grant(row.user),
                now,
                changes,
            };
            (shared.ok_or(Problem::NoSuchItem)?.space, Some(held))
        }
        _ => (row.home_space, None),
    };
    Ok(Admitted::Person(SignedIn {
        user: row.user,
        user_name: row.user_name,
        space,
        held,
        device,
        proven_at: row.proven_at,
        account_ends_at: row.account_ends_at,
        is_administrator: row.is_admin != 0,
        credential,
    }))
}

#[derive(Deserialize)]
struct SpaceOfLink {
    space: SpaceId,
    link: LinkId,
    item: ItemId,
}

/// Finds the space of a link. Whether the link still is there, and what for, is for
/// [`Reach`] to ask of the space.
///
/// # Errors
/// 404 `no_such_link`, or the database fails.
async fn admit_visitor(
    directory: &impl Database,
    shown: &ShownLink,
    changes: bool,
    now: UnixMillis,
) -> Result<Admitted, Failure> {
    let find = Statement::new(link_keys::FIND).id(passes::key_hash(shown.key));
    let found = query::one(directory, find.first::<SpaceOfLink>()).await?;
    let SpaceOfLink { space, link, item } = found.ok_or(Problem::NoSuchLink)?;
    let visit = LinkVisit {
        link,
        password: shown.password,
        aim: shown.aim,
    };
    let held = SharedPart {
        root: item,
        by: SharedBy::Link(visit),
        now,
        changes,
    };
    Ok(Admitted::Visitor(space, held))
}

/// Refuses a request of somebody else than whoever its token belongs to, if it says
/// whose it is.
///
/// # Errors
/// 403 `another_user`, 400 for an id that is none.
fn check_user(said: Option<&str>, user: UserId, user_name: &str) -> Result<(), Failure> {
    let Some(said) = said else {
        return Ok(());
    };
    let said: UserId = said
        .parse()
        .map_err(|_| bad_request(format!("{USER} is not an id")))?;
    if said == user {
        return Ok(());
    }
    let user_name = user_name.to_owned();
    Err(Problem::AnotherUser { user_name }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_served_as_nobody_but_the_person_that_it_belongs_to() {
        let (ann, bob) = (UserId::from_random([1; 16]), UserId::from_random([2; 16]));
        let told = |said: Option<&str>| {
            let checked = check_user(said, bob, "bob");
            checked.map_err(Failure::into_problem)
        };
        assert_eq!(told(Some(&bob.to_string())), Ok(()));
        assert_eq!(told(None), Ok(()));
        let user_name = "bob".to_owned();
        assert_eq!(
            told(Some(&ann.to_string())),
            Err(Problem::AnotherUser { user_name })
        );
        for bad in ["", "bob", "*"] {
            let refused = told(Some(bad)).map_err(|problem| problem.status());
            assert_eq!(refused, Err(400), "{bad:?}");
        }
    }
}
