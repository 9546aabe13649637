//! Sign-up, sign-in, sign-out.
//!
//! Both take two requests, start and finish, because OPAQUE does: the password
//! never leaves the client, and neither answer tells whether a name exists.

use super::devices::{Device, DeviceKind};
use crate::ids::{DeviceId, SpaceId, UserId};
use crate::opaque::Message;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/accounts/sign-up/start`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignUpStart {
    pub user_name: String,
    /// OPAQUE's `RegistrationRequest`.
    pub message: Message,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignUpStarted {
    /// OPAQUE's `RegistrationResponse`.
    pub message: Message,
    /// Names this registration in the second request, which has to say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
}

/// `POST /api/v1/accounts/sign-up/finish`: makes the account and signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignUpFinish {
    pub user_name: String,
    /// OPAQUE's `RegistrationUpload`.
    pub message: Message,
    /// As the first answer said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    pub device: NewDevice,
}

/// `POST /api/v1/accounts/sign-in/start`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignInStart {
    pub user_name: String,
    /// OPAQUE's `CredentialRequest`.
    pub message: Message,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignInStarted {
    /// Names this attempt in the second request; good once, for a minute.
    pub attempt: String,
    /// OPAQUE's `CredentialResponse`.
    pub message: Message,
}

/// `POST /api/v1/accounts/sign-in/finish`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignInFinish {
    pub attempt: String,
    /// OPAQUE's `CredentialFinalization`.
    pub message: Message,
    pub device: NewDevice,
    /// The device that ends if there are as many as there may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<DeviceId>,
}

/// `POST /api/v1/accounts/confirm`: the password again, on a device that is signed
/// in, as the second request of a sign-in. 204, and for some minutes the device
/// may do what a stolen session must not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Confirm {
    pub attempt: String,
    /// OPAQUE's `CredentialFinalization`.
    pub message: Message,
}

/// `POST /api/v1/accounts/password/start`: answered with [`SignUpStarted`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasswordStart {
    /// OPAQUE's `RegistrationRequest` for the new password.
    pub message: Message,
}

/// `POST /api/v1/accounts/password/finish`: from now on the new password signs
/// in. Every other device and token ends, but for those that are kept. Answered
/// with [`PasswordChanged`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasswordFinish {
    /// OPAQUE's `RegistrationUpload`.
    pub message: Message,
    /// As the first answer said.
    pub registration: String,
    /// The devices that stay signed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<DeviceId>,
    /// All of them do: the password is the same, and only its record is new.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keep_all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// How many devices and tokens have ended.
    pub ended: u64,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// The device that signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewDevice {
    /// What this device is to be called: "Chrome on Linux".
    pub name: String,
    pub kind: DeviceKind,
    /// The id this browser had before. It keeps it if it is the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<DeviceId>,
}

/// The answer to both finishes, and to `GET /api/v1/accounts/me`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub user: User,
    pub device: Device,
    pub space: Space,
    /// Only for a device of the kind `program`, and only once: a browser gets
    /// its token in a cookie that no script can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The sign-in record was made with keys that the operator is about to give
    /// up: whoever has the password at hand makes it anew, by `password/start`
    /// and `password/finish` with `keep_all`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub renew_record: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub name: String,
}

/// A space's use of storage. Counted are the blocks that versions and conflicts refer
/// to, each once, and the metadata that is kept of them. What was uploaded and nothing
/// refers to is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub id: SpaceId,
    /// All that counts, with `metadata_bytes`.
    pub used_bytes: u64,
    pub quota_bytes: u64,
    /// What is charged for the rows of items, versions, conflicts, blocks and their
    /// lists.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata_bytes: u64,
    /// The plain bytes of all stored blocks, each once: also of those that nothing
    /// refers to yet or any more, which do not count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stored_bytes: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub trash: Trash,
    #[serde(default, skip_serializing_if = "is_default")]
    pub counts: Counts,
}

/// What an older server does not send.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What the trash holds, with all that is below what was trashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trash {
    /// Files and folders.
    pub items: u64,
    /// The newest versions of the files in it. To delete them for good gives back more
    /// where they have older versions, and less where they share blocks with others.
    pub bytes: u64,
    /// There is more in it than was counted.
    #[serde(default)]
    pub has_more: bool,
}

/// How many rows a space has, and how many it may have; see
/// [`Limited`](super::problem::Limited).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub items: u64,
    pub most_items: u64,
    /// Versions and conflicts.
    pub versions: u64,
    pub most_versions_of_a_file: u64,
    pub list_rows: u64,
    pub most_list_rows: u64,
}

/// `GET /api/v1/server`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Server {
    pub sign_up_open: bool,
}
