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
}

/// `POST /api/v1/accounts/sign-up/finish`: makes the account and signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignUpFinish {
    pub user_name: String,
    /// OPAQUE's `RegistrationUpload`.
    pub message: Message,
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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub name: String,
}

/// A space's use of storage. Counted are the blocks it stores, each once, and
/// kept until collected, so that versions and conflicts count too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub id: SpaceId,
    pub used_bytes: u64,
    pub quota_bytes: u64,
}

/// `GET /api/v1/server`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Server {
    pub sign_up_open: bool,
}
