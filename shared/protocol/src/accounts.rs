//! Sign-up, sign-in, sign-out.
//!
//! Both take two requests, start and finish, because OPAQUE does: the password
//! never leaves the client, and neither answer tells whether a name exists.

use super::administration::SignUpMode;
use super::devices::{Device, DeviceKind};
use crate::ids::{DeviceId, SpaceId, UnixMillis, UserId};
use crate::opaque::Message;
use serde::{Deserialize, Serialize};

/// Query parameter of `GET /api/v1/accounts/me`: `1` if that nobody is signed in is an
/// answer and no error. A browser logs an error whatever the page thinks of it.
pub const NOBODY: &str = "nobody";

/// `POST /api/v1/accounts/sign-up/start`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUpStart {
    /// The name to be taken.
    pub user_name: String,
    /// OPAQUE's `RegistrationRequest`.
    pub message: Message,
    /// The secret of an invitation, from its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
}

/// The answer to [`SignUpStart`] and to a password's start.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUpStarted {
    /// OPAQUE's `RegistrationResponse`.
    pub message: Message,
    /// Names this registration. The second request has to repeat it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
}

/// `POST /api/v1/accounts/sign-up/finish`: makes the account and signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUpFinish {
    /// The name to be taken.
    pub user_name: String,
    /// OPAQUE's `RegistrationUpload`.
    pub message: Message,
    /// The registration that the first answer named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// The browser or program that signs in.
    pub device: NewDevice,
    /// The secret of the invitation, as in the first request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
}

/// `POST /api/v1/accounts/sign-in/start`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInStart {
    /// The person's name.
    pub user_name: String,
    /// OPAQUE's `CredentialRequest`.
    pub message: Message,
}

/// The answer to a sign-in's start.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInStarted {
    /// Names this attempt in the second request. It is good once, for a minute.
    pub attempt: String,
    /// OPAQUE's `CredentialResponse`.
    pub message: Message,
}

/// `POST /api/v1/accounts/sign-in/finish`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInFinish {
    /// The attempt that the first answer named.
    pub attempt: String,
    /// OPAQUE's `CredentialFinalization`.
    pub message: Message,
    /// The browser or program that signs in.
    pub device: NewDevice,
    /// The device that ends if the user has as many devices as one may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<DeviceId>,
}

/// `POST /api/v1/accounts/confirm`: proves the password again, on a device that is
/// signed in, as the second request of a sign-in. Answered with 204. For some minutes
/// after it, the device may do what a stolen session must not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confirm {
    /// The attempt that the first answer named.
    pub attempt: String,
    /// OPAQUE's `CredentialFinalization`.
    pub message: Message,
}

/// `POST /api/v1/accounts/password/start`: answered with [`SignUpStarted`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordStart {
    /// OPAQUE's `RegistrationRequest` for the new password.
    pub message: Message,
}

/// `POST /api/v1/accounts/password/finish`: from now on, the new password signs in.
/// Every other device and token ends, except for those in `keep`. Answered with
/// [`PasswordChanged`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordFinish {
    /// OPAQUE's `RegistrationUpload`.
    pub message: Message,
    /// The registration that the first answer named.
    pub registration: String,
    /// The devices that stay signed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<DeviceId>,
    /// All devices stay signed in: the password is the same, and only its record is
    /// new.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keep_all: bool,
}

/// The answer to a changed password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChanged {
    /// How many devices and tokens have ended.
    pub ended: u64,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// The device that signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewDevice {
    /// What this device is to be called: "Chrome on Linux".
    pub name: String,
    /// How the device will be let in.
    pub kind: DeviceKind,
    /// The id that this browser had before. The browser keeps the id if it belongs to
    /// the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<DeviceId>,
}

/// The answer to both finishes, and to `GET /api/v1/accounts/me`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Who is signed in.
    pub user: User,
    /// The device that asks.
    pub device: Device,
    /// How full the drive is.
    pub space: Space,
    /// The token, only for a device of the kind `program`, and only once. A browser
    /// gets its token in a cookie that no script can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Whether the sign-in record was made with keys that the operator is about to
    /// give up. Then the client, which has the password at hand, makes the record
    /// anew by `password/start` and `password/finish` with `keep_all`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub renew_record: bool,
    /// When the account ends, with everything in it, and with all access to it that others
    /// have; `None` if nobody has ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    /// Whether there is anything in the person's [`Marks`](crate::marks::Marks), so that
    /// whoever has none need not ask.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_marks: bool,
    /// Whether the person [administers](crate::administration) this server.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_administrator: bool,
}

/// The answer to `POST /api/v1/accounts/end`. Until then, everything is as before, and
/// `DELETE /api/v1/accounts/end` takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountEnd {
    /// When the account ends.
    pub ends_at_ms: UnixMillis,
}

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Never changes.
    pub id: UserId,
    /// What the person signs in with.
    pub name: String,
}

/// A space's use of storage. The blocks that versions and conflicts refer to count,
/// each once, and so does their metadata. Blocks that nothing refers to do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Space {
    /// The space whose use this is.
    pub id: SpaceId,
    /// Bytes of everything that counts, `metadata_bytes` included.
    pub used_bytes: u64,
    /// The most bytes that may count.
    pub quota_bytes: u64,
    /// Bytes that the rows of items, versions, conflicts, blocks and lists are charged.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata_bytes: u64,
    /// Plain bytes of all stored blocks, each once. Blocks that nothing refers to yet,
    /// or any more, are in this number although they do not count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stored_bytes: u64,
    /// What the trash holds; it counts as well.
    #[serde(default, skip_serializing_if = "is_default")]
    pub trash: Trash,
    /// Rows, which have limits of their own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counts: Counts,
}

/// Whether a field can be left out: an older server does not send it.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What the trash holds, with everything below the trashed folders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trash {
    /// Files and folders.
    pub items: u64,
    /// Bytes of the newest versions of its files. Deleting them for good gives back
    /// more if they have older versions, and less if they share blocks with others.
    pub bytes: u64,
    /// Whether the trash holds more than was counted.
    #[serde(default)]
    pub has_more: bool,
}

/// How many rows a space has, and how many it may have; see
/// [`Limited`](super::problem::Limited).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Files and folders, those in the trash too.
    pub items: u64,
    /// The most of them.
    pub most_items: u64,
    /// Versions and conflicts.
    pub versions: u64,
    /// The most versions that one file may have.
    pub most_versions_of_a_file: u64,
    /// Entries of all block lists.
    pub list_rows: u64,
    /// The most of them.
    pub most_list_rows: u64,
}

/// `GET /api/v1/server`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Server {
    /// Whether anybody may make an account at this moment.
    pub sign_up_open: bool,
    /// Who may make one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_up: Option<SignUpMode>,
    /// How long an account goes on after its person has ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_goes_on_ms: Option<u64>,
}
