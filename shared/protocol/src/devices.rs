//! Devices: signed-in browsers and access tokens for programs.

use crate::ids::{DeviceId, ItemId, UnixMillis};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Authorized by a cookie.
    Browser,
    /// Authorized by `Authorization: Bearer <token>`.
    Program,
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    pub name: String,
    pub kind: DeviceKind,
    pub created_at_ms: UnixMillis,
    /// To the hour: writing it more often would cost a row for each request.
    pub last_seen_at_ms: UnixMillis,
    /// From then on it is out, however often it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    #[serde(default, skip_serializing_if = "Scope::is_full")]
    pub scope: Scope,
    /// An access token: made by a signed-in device, and not by the password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_token: bool,
    /// The folder that it is for, with all that is in it; `None` is the whole drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<ItemId>,
}

/// What a device may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything that its kind may.
    #[default]
    Full,
    /// Nothing that changes anything.
    ReadOnly,
    /// What a newer server knows: less than everything.
    #[serde(other)]
    Unknown,
}

impl Scope {
    pub fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

/// `GET /api/v1/devices`. `DELETE /api/v1/devices/{id}` revokes one and ends
/// its polls; it answers 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Devices {
    pub devices: Vec<Device>,
}

/// `POST /api/v1/devices/tokens`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewAccessToken {
    /// What the token is for: "backup script".
    pub name: String,
    #[serde(default, skip_serializing_if = "Scope::is_full")]
    pub scope: Scope,
    /// After how many days it ends, 1 to 366; 90 if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    /// The folder that it is for; the whole drive if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<ItemId>,
}

/// The one time that the token is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessToken {
    pub device: Device,
    pub token: String,
}
