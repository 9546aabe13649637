//! Devices: signed-in browsers and access tokens for programs.

use crate::ids::{DeviceId, ItemId, UnixMillis};
use serde::{Deserialize, Serialize};

/// How a device is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Authorized by a cookie.
    Browser,
    /// Authorized by `Authorization: Bearer <token>`.
    Program,
    /// A kind that a newer server knows.
    #[serde(other)]
    Unknown,
}

/// Whatever holds one secret: a signed-in browser or an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// A browser keeps its id when it signs in again.
    pub id: DeviceId,
    /// For people: "Chrome on Linux".
    pub name: String,
    /// How it is let in.
    pub kind: DeviceKind,
    /// When it first signed in, or was made.
    pub created_at_ms: UnixMillis,
    /// When the device last asked for something, to the hour: writing it more often
    /// would cost a row for each request.
    pub last_seen_at_ms: UnixMillis,
    /// When the device ends, however often it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Scope::is_full")]
    pub scope: Scope,
    /// Whether it is an access token: a signed-in device made it, without the password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_token: bool,
    /// The folder that the token is for, with everything in it; `None` is the whole
    /// drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<ItemId>,
}

/// What a device may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything that its kind may.
    #[default]
    Full,
    /// Nothing that changes anything.
    ReadOnly,
    /// A scope of a newer server: less than everything.
    #[serde(other)]
    Unknown,
}

impl Scope {
    /// Whether it is [`Scope::Full`], which is not said in JSON.
    pub fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

/// `PATCH /api/v1/devices/{id}`: answered with the [`Device`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceChange {
    /// What the person calls it. It stays when the device signs in again, and is shown with
    /// whatever the device does from now on.
    pub name: String,
}

/// `GET /api/v1/devices`. `DELETE /api/v1/devices/{id}` revokes one and ends
/// its polls; it answers 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Devices {
    /// All that can get in.
    pub devices: Vec<Device>,
}

/// `POST /api/v1/devices/tokens`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccessToken {
    /// What the token is for: "backup script".
    pub name: String,
    /// What the token may do.
    #[serde(default, skip_serializing_if = "Scope::is_full")]
    pub scope: Scope,
    /// After how many days the token ends, 1 to 366; 90 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    /// The folder that the token is for; without it, the whole drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<ItemId>,
}

/// The one time that the token is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessToken {
    /// The token as the list of devices has it.
    pub device: Device,
    /// The secret.
    pub token: String,
}
