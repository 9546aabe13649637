//! Running a server for others, under `/api/v1/admin/`: its people, who may make an account,
//! invitations, what was done in that, and how the server is. It is for administrators in
//! person. To everybody else, and to every access token, there is nothing at these addresses.

use crate::ids::{InviteId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

/// Query parameter of [`People`]: the `next_after` of the last page.
pub const AFTER: &str = "after";
/// Query parameter of [`Audit`]: the `next_before` of the last page.
pub const BEFORE: &str = "before";

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignUpMode {
    /// Anybody.
    Open,
    /// Whoever has an invitation.
    Invited,
    /// Nobody, whatever invitation they have.
    Closed,
    /// What a newer server says and this build does not know.
    #[serde(other)]
    Unknown,
}

/// `GET /api/v1/admin/people`: a page of everybody who has an account, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct People {
    /// The people of this page.
    pub people: Vec<ManagedPerson>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_after: Option<String>,
}

/// A person, as administrators see them. Nothing is told of what they have stored but how
/// much it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedPerson {
    /// Who it is.
    pub id: UserId,
    /// What they sign in with.
    pub name: String,
    /// When they made the account.
    pub created_at_ms: UnixMillis,
    /// Whether they administer this server, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_administrator: bool,
    /// Since when they are shut out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at_ms: Option<UnixMillis>,
    /// When their account ends, if they have ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    /// Browsers, programs and access tokens that can get in, or could if the person were not
    /// shut out.
    pub devices: u64,
    /// When one of them was last seen, to the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at_ms: Option<UnixMillis>,
    /// Bytes that count.
    pub used_bytes: u64,
    /// The most bytes that may count.
    pub quota_bytes: u64,
}

/// `PATCH /api/v1/admin/people/{id}`: what is left out stays. Answered with the
/// [`ManagedPerson`], once all of it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonChange {
    /// Whether they administer this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_administrator: Option<bool>,
    /// Whether they are shut out. All that is theirs stays, and so does what they share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_disabled: Option<bool>,
    /// The most bytes that may count. It may be less than what they have: then nothing can be
    /// added, and nothing goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_bytes: Option<u64>,
}

/// `GET /api/v1/admin/settings`, and the answer to [`SettingsChange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerSettings {
    /// Who may make an account.
    pub sign_up: SignUpMode,
    /// What a new account may store, in bytes, as the operator has configured it.
    pub new_quota_bytes: u64,
}

/// `PATCH /api/v1/admin/settings`: what is left out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsChange {
    /// Who may make an account from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_up: Option<SignUpMode>,
}

/// `GET /api/v1/admin/invites`: those that hold and that nobody has used, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invites {
    /// All of them.
    pub invites: Vec<Invite>,
}

/// An invitation to make an account. It is good once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    /// Which one it is.
    pub id: InviteId,
    /// Whom it is for, as whoever made it wrote; may be empty.
    pub note: String,
    /// Who made it, by the name of that time.
    pub made_by: String,
    /// When.
    pub made_at_ms: UnixMillis,
    /// Until when it holds.
    pub ends_at_ms: UnixMillis,
}

/// `POST /api/v1/admin/invites`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvite {
    /// Whom it is for, so that administrators tell invitations apart.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The answer to [`NewInvite`]. Nobody is told the secret again: the server keeps its hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteMade {
    /// The invitation.
    pub invite: Invite,
    /// Its secret: 32 hexadecimal digits. Its address is `/join#` with the secret behind it,
    /// which browsers send to no server.
    pub secret: String,
}

/// Nothing that is logged has the secret.
impl std::fmt::Debug for InviteMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InviteMade({:?}, …)", self.invite)
    }
}

/// `GET /api/v1/admin/audit`: who did what to whom, the newest first. It is kept for 400 days,
/// and 10,000 entries of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audit {
    /// The entries of this page.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
}

/// Something that was done. Names are those of that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Counts them.
    pub n: u64,
    /// When it was done.
    pub at_ms: UnixMillis,
    /// What.
    pub act: AuditAct,
    /// Who did it.
    pub by: String,
    /// To whom, if it was done to somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// To what: a quota in bytes, who may make an account from then on, or whom an invitation
    /// is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What can be done that is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditAct {
    /// An account was made.
    SignedUp,
    /// Somebody is an administrator from then on.
    Appointed,
    /// Somebody is none any more.
    Dismissed,
    /// Somebody is shut out.
    Disabled,
    /// Somebody is let in again.
    Enabled,
    /// Somebody has another quota.
    QuotaChanged,
    /// Others may make an account.
    SignUpChanged,
    /// An invitation was made,
    InviteMade,
    /// taken back,
    InviteRemoved,
    /// or used.
    InviteUsed,
    /// Somebody set a password with a recovery code.
    Recovered,
    /// Somebody ended their account, some time from then,
    AccountEnded,
    /// or keeps it after all.
    AccountKept,
    /// What a newer server says and this build does not know.
    #[serde(other)]
    Unknown,
}

/// `GET /api/v1/admin/health`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// What time it is at the server.
    pub now_ms: UnixMillis,
    /// Every job, also one that never ran.
    pub jobs: Vec<JobHealth>,
    /// Stored blocks that the scrub has found damaged or missing, and that nobody has sent
    /// again.
    pub damaged_blocks: u64,
    /// In how many people's drives these are.
    pub damaged_drives: u64,
}

/// How a job went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobHealth {
    /// Which one.
    pub job: Job,
    /// How long it may be between two of its runs. A job whose last run is longer ago does
    /// not run; `None` for one that runs when there is something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_every_ms: Option<u64>,
    /// Its last run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<JobRun>,
}

/// A run of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobRun {
    /// When it was due.
    pub at_ms: UnixMillis,
    /// Whether it did what it is to do.
    pub is_done: bool,
    /// When one last did, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at_ms: Option<UnixMillis>,
    /// What it did, or why it stopped: in words for whoever runs this, which may be others in
    /// another release.
    pub detail: String,
}

/// A job that the server runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Removes stored blocks that nothing needs any more.
    Collector,
    /// Removes rows of the directory whose time is over.
    Sweep,
    /// Reads what is stored again.
    Scrub,
    /// Writes packs anew of which little is needed.
    Rewriting,
    /// Removes accounts that have ended.
    Ending,
    /// Removes versions and what is in the trash once they were kept for their time.
    Retention,
    /// Tells polls of changes. It runs when there are some.
    Delivery,
    /// What a newer server says and this build does not know.
    #[serde(other)]
    Unknown,
}

fn is_false(value: &bool) -> bool {
    !*value
}
