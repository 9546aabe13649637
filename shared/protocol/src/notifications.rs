//! The long poll, and what travels behind it.
//!
//! `GET /api/v1/notifications/poll` with the header `Timeout: <seconds>` and
//! the query `since_token` answers 200 with an [`Event`] or 204 at the timeout.
//! An event carries no truth: it is a reason to pull. With
//! [`Positions`](crate::positions::Positions) as its `since_token`, one poll waits for
//! several drives, and is answered with a [`PollEvent`].

use crate::ids::{DeviceId, ItemId, Seq, SpaceId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

/// What happened, and the answer to a poll of one drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// What happened to that item.
    pub event_type: EventType,
    /// The item whose change woke the poll; others may have changed too.
    pub file_id: ItemId,
    /// When the change was committed, in milliseconds since 1970.
    pub timestamp: UnixMillis,
    /// What the item was called then; `None` in a journal from before names were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who did it; `None` as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
}

/// The answer to a poll of several drives: the event, and where there is something to pull.
/// There may be news of the others too, which the next poll is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PollEvent {
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
    /// The root that it is news of; `None` of the person's own drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ItemId>,
    /// The space that it happened in; `None` from a hub that does not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<SpaceId>,
}

impl PollEvent {
    /// News of a space, of which nobody has said yet in which root it is.
    pub fn of_space(space: SpaceId, event: Event) -> Self {
        Self {
            event,
            root: None,
            space: Some(space),
        }
    }
}

/// Who changed something, by the names that they had then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Actor {
    /// The person.
    pub user_id: UserId,
    /// What they were called.
    pub user_name: String,
    /// The device that sent the change.
    pub device_id: DeviceId,
    /// What it was called.
    pub device_name: String,
}

/// What happened to the item. A kind that a reader does not know is a reason to pull, as
/// all kinds are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// The file has another version.
    FileUpdate,
    /// The file or folder is new.
    FileCreate,
    /// The item was renamed, moved, or both.
    FileMove,
    /// The item is in the trash, or deleted for good, with everything below it.
    FileDelete,
    /// The item is back from the trash, with everything below it.
    FileRestore,
    /// A conflict of the file is there, resolved, or open again.
    Conflict,
    /// Somebody was given access to the item.
    ShareGranted,
    /// What somebody may do with the item is another, or until when.
    ShareChanged,
    /// Access to the item was taken back, or given up.
    ShareRevoked,
    /// Somebody was asked to become the owner of the item, or is not asked any more.
    ShareOffered,
    /// The item has another owner: it has left one space for another, with all that is in
    /// it.
    HandedOver,
    /// A mount is new, was renamed or moved, or is no more. Nobody but its owner is told.
    Mount,
    /// Something has happened in what others share with the person, or they have marked
    /// something for themselves on another device. Only a poll of their own drive says so;
    /// its `file_id` is no item's.
    Elsewhere,
    /// Somebody else has opened or closed a file that several people have: no entry of a
    /// journal tells of it. Its `file_id` is no item's.
    FileOpened,
    /// A kind that this build does not know.
    #[serde(other)]
    Unknown,
}

impl EventType {
    /// Whether entries of this kind are about files and folders, and not about who has
    /// access to them.
    pub fn is_of_contents(self) -> bool {
        match self {
            Self::FileUpdate
            | Self::FileCreate
            | Self::FileMove
            | Self::FileDelete
            | Self::FileRestore
            | Self::Conflict => true,
            Self::ShareGranted
            | Self::ShareChanged
            | Self::ShareRevoked
            | Self::ShareOffered
            | Self::HandedOver
            | Self::Mount
            | Self::Elsewhere
            | Self::FileOpened
            | Self::Unknown => false,
        }
    }
}

/// API server → queue: a journal entry was written. With [`EventType::FileOpened`] and
/// [`EventType::Elsewhere`] none was, and only those in `also` are told, whatever they have
/// seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalGrew {
    /// The space whose journal grew.
    pub space: SpaceId,
    /// Whose own the space is, if it was they who wrote the entry: they are told before it
    /// is asked who else may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The position of its newest entry; 0 where none was written.
    pub seq: Seq,
    /// What the polls answer.
    pub event: Event,
    /// What was changed, and the folders where it stood before and stands now: whoever
    /// has access to one of them, or to a folder around it, is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<ItemId>,
    /// The folders that went into the trash or came out of it: whoever has access to
    /// something that is in them is told as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<ItemId>,
    /// Who is told besides: their access has just ended, or somebody else has opened a file
    /// that they may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<UserId>,
}

/// What a poll waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// The space that it is in.
    pub space: SpaceId,
    /// What of the space is shared with the person; `None` in their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ItemId>,
    /// The journal position that the device has seen.
    pub seen: Seq,
}

impl Awaited {
    /// Whether two polls wait for the same, whatever each has seen.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.space, self.root) == (other.space, other.root)
    }
}

/// API server → hub: hold this poll. The answer is the poll's: 200 or 204.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Park {
    /// Whose poll it is.
    pub user: UserId,
    /// The device that waits.
    pub device: DeviceId,
    /// The space that it waits for.
    pub space: SpaceId,
    /// What it waits for of another person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ItemId>,
    /// The journal position that the device has seen. If the hub knows a later one, it
    /// answers at once: the news came while the poll was under way.
    pub seen: Seq,
    /// 0 to 60.
    pub timeout_seconds: u64,
    /// What else it waits for, with the same seat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Awaited>,
    /// When it was asked for, in milliseconds since 1970: one that comes late does not take
    /// the seat of one that its device asked for after it. `None` from a server that does
    /// not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<UnixMillis>,
}

impl Park {
    /// All that it waits for.
    pub fn awaited(&self) -> impl Iterator<Item = Awaited> {
        let first = Awaited {
            space: self.space,
            root: self.root,
            seen: self.seen,
        };
        std::iter::once(first).chain(self.also.iter().copied())
    }
}

/// Queue consumer → hub: these users may see a journal entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// Those of them whose polls this hub holds.
    pub users: Vec<UserId>,
    /// Those of them to whom it happened in what others share with them: it is news to the
    /// polls of their own drives as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<UserId>,
    /// What they are woken for.
    pub news: JournalGrew,
}

/// Queue consumer → hub: others have opened or closed files that these users may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Those of them whose polls this hub holds.
    pub users: Vec<UserId>,
    /// The space that the files are in.
    pub space: SpaceId,
}

/// API server → hub: a device was revoked; its poll ends now with 401.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drop {
    /// Whose device it was.
    pub user: UserId,
    /// The revoked device.
    pub device: DeviceId,
}
