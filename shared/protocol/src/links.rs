//! Links: whoever has the address of one has something of one item, without an account.
//!
//! The address of a link's page has its [`LinkKey`]. A request of such a visitor names
//! the key with the query [`LINK`], and is then about the link's item and what is in it,
//! whoever is signed in in that browser. A link with a password asks for a pass besides,
//! in the header [`LINK_PASS`](crate::headers::LINK_PASS): see [`PassFinish`].

use crate::grants::said;
use crate::ids::{ItemId, LinkId, UnixMillis};
use crate::opaque::Message;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;

/// Query parameter: the key of the link that a visitor follows. It is not for requests
/// with [`ROOT`](crate::grants::ROOT).
pub const LINK: &str = "link";
/// Query parameter of [`LinkShown`]: `1` when somebody begins a visit, which is counted.
pub const OPENED: &str = "opened";
/// Query parameter of [`Links`]: only those of this item.
pub const ITEM: &str = "item";

/// The secret in a link's address: 128 random bits, as 32 hexadecimal digits in small
/// letters. Whoever knows it has what the link allows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct LinkKey([u8; 16]);

/// The text is no key of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a link: 32 hexadecimal digits are expected")]
pub struct BadLinkKey;

impl LinkKey {
    /// Makes a key of 16 random bytes.
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

/// A key is a secret, so nothing that is logged has it.
impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

impl FromStr for LinkKey {
    type Err = BadLinkKey;

    fn from_str(text: &str) -> Result<Self, BadLinkKey> {
        let bytes = base16ct::lower::decode_vec(text);
        let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BadLinkKey)
    }
}

impl Serialize for LinkKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LinkKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a link allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum May {
    /// To see the item and what is in it, and to download that.
    View,
    /// To put files into the folder, and to see nothing of it.
    Upload,
    /// Both.
    ViewAndUpload,
    /// What a newer server allows.
    #[serde(other)]
    Unknown,
}

impl May {
    /// Whether it lets visitors see and download.
    pub fn views(self) -> bool {
        matches!(self, Self::View | Self::ViewAndUpload)
    }

    /// Whether it lets visitors put in files.
    pub fn uploads(self) -> bool {
        matches!(self, Self::Upload | Self::ViewAndUpload)
    }
}

/// A link, as the owner of its item is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// Its own id.
    pub id: LinkId,
    /// What its address has.
    pub key: LinkKey,
    /// The item that it is of.
    pub item: ItemId,
    /// What the item is called now.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// What its owner calls it, to know it again; visitors are not told. It may be empty.
    pub label: String,
    /// What it allows.
    pub may: May,
    /// Whether visitors are asked for a password.
    pub has_password: bool,
    /// When it was made.
    pub created_at_ms: UnixMillis,
    /// From then on it is no more; `None`: until it is taken back. It ends with the account
    /// of its owner at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    /// After so many downloads it is no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_downloads: Option<u64>,
    /// How many visits there were.
    pub opened: u64,
    /// How many files were downloaded: each time that one was sent from its first byte.
    pub downloaded: u64,
}

/// `GET /api/v1/links?item=`: all that have not ended, of items that are in no trash;
/// with [`ITEM`], those of that item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Links {
    /// The newest first.
    pub links: Vec<Link>,
}

/// `POST /api/v1/items/{id}/links`: answered with the [`Link`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLink {
    /// What the owner calls it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What it allows. Files can be put into a folder only.
    pub may: May,
    /// When it ends; without it, once it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    /// After how many downloads it ends, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_downloads: Option<u64>,
    /// What visitors have to know besides; without it, nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<LinkPassword>,
}

/// `PATCH /api/v1/links/{id}`: answered with the [`Link`]. What is left out stays as it
/// is, and `null` takes it away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkChange {
    /// What the owner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<May>,
    /// When it ends.
    #[serde(
        default,
        deserialize_with = "said",
        skip_serializing_if = "Option::is_none"
    )]
    pub ends_at_ms: Option<Option<UnixMillis>>,
    /// After how many downloads in all it ends.
    #[serde(
        default,
        deserialize_with = "said",
        skip_serializing_if = "Option::is_none"
    )]
    pub most_downloads: Option<Option<u64>>,
    /// The password from now on. Passes for the one before are good no more.
    #[serde(
        default,
        deserialize_with = "said",
        skip_serializing_if = "Option::is_none"
    )]
    pub password: Option<Option<LinkPassword>>,
}

/// A password for a link, of which the server learns no more than of an account's: the
/// end of a registration that `POST /api/v1/links/password/start` began. That takes a
/// [`PasswordStart`](crate::accounts::PasswordStart), and is answered with
/// [`SignUpStarted`](crate::accounts::SignUpStarted).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkPassword {
    /// OPAQUE's `RegistrationUpload`.
    pub message: Message,
    /// The registration that the first answer named.
    pub registration: String,
}

/// `GET /api/v1/links/shown?link=&opened=`: what a visitor finds, also before the
/// password is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkShown {
    /// Whose item it is.
    pub owner_name: String,
    /// What the link allows.
    pub may: May,
    /// Whether a password has to be given first: there is one, and the request has shown
    /// no pass that is good.
    pub needs_password: bool,
    /// The item; `None` until the password is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<LinkItem>,
    /// When the link ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    /// Whether downloads are limited. Then `GET /api/v1/files/{id}/content` alone sends
    /// bytes, always from the first one on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts_downloads: bool,
}

/// The item of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkItem {
    /// Into which files are put, if it is a folder.
    pub id: ItemId,
    /// What it is called.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// `POST /api/v1/links/pass/start?link=`: begins to give a link's password, as a sign-in
/// begins. Answered with [`SignInStarted`](crate::accounts::SignInStarted).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassStart {
    /// OPAQUE's `CredentialRequest`.
    pub message: Message,
}

/// `POST /api/v1/links/pass/finish?link=`: answered with a [`Pass`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassFinish {
    /// The attempt that the first answer named.
    pub attempt: String,
    /// OPAQUE's `CredentialFinalization`.
    pub message: Message,
}

/// What lets a visitor in who has given the password: in the header
/// [`LINK_PASS`](crate::headers::LINK_PASS). The answer sets a cookie as well, which
/// counts for requests that change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pass {
    /// The header's value.
    pub pass: String,
    /// From then on the password has to be given again.
    pub until_ms: UnixMillis,
}

/// The answer to whoever puts in a file over a link: `POST /api/v1/files?link=`. A name
/// that is taken refuses nothing, and is not told: the server finds one that is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutIn {
    /// Always true.
    pub stored: bool,
}
