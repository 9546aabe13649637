//! Devices: signed-in browsers and access tokens for programs.

use crate::ids::{DeviceId, UnixMillis};
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
}

/// The one time that the token is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessToken {
    pub device: Device,
    pub token: String,
}
