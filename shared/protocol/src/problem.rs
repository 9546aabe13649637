//! Everything that can be wrong with a request: one code, one status and one
//! sentence each, in one shape: `{"code": "…", "message": "…", …fields}`.

use super::devices::Device;
use super::items::Committed;
use crate::ids::{ItemId, PlaceVersion, Version};
use crate::tagged::{Unread, tagged};
use crate::units;
use blocks::hash::BlockHash;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// The code, with its fields.
    #[serde(flatten)]
    pub problem: Problem,
    /// For people; the code is for programs.
    pub message: String,
}

impl From<Problem> for ErrorBody {
    fn from(problem: Problem) -> Self {
        let message = problem.to_string();
        Self { problem, message }
    }
}

/// Whether and when a refused request may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request never succeeds.
    Never,
    /// After the client has signed in again.
    SignIn,
    /// After the client has pulled, and decided anew.
    Pull,
    /// After the client has uploaded what is missing.
    Upload,
    /// The same request, later.
    Later,
}

/// What a space has only so many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Limited {
    /// Files and folders of a space, those in the trash too.
    Items,
    /// Versions of one file.
    VersionsOfAFile,
    /// Entries of the block lists of a space: of all versions and conflicts.
    ListRows,
    /// What a space's owner has shared, each item once for each person.
    Grants,
    /// Links to items of a space.
    Links,
    /// What a person has starred.
    Stars,
    /// Searches that a person has saved.
    Searches,
    /// Open invitations to make an account.
    Invites,
    /// What a newer server says and this build does not know.
    #[serde(other)]
    Unknown,
}

impl std::fmt::Display for Limited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Items => "files and folders",
            Self::VersionsOfAFile => "versions of this file",
            Self::ListRows => "pieces of files",
            Self::Grants => "shares",
            Self::Links => "links",
            Self::Stars => "stars",
            Self::Searches => "saved searches",
            Self::Invites => "open invitations",
            Self::Unknown => "of what is limited",
        })
    }
}

/// What went wrong. Each variant's name in snake case is its code.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each message says what the code means")]
pub enum Problem {
    #[error("The request can't be read: {detail}")]
    BadRequest { detail: String },
    #[error("The JSON body can't be read: {detail}")]
    BadJson { detail: String },
    #[error("The body is not made of whole frames: {detail}")]
    BadFrames { detail: String },
    #[error("{detail}")]
    BadName { detail: String },
    #[error("The cursor is not one that this server gave out")]
    BadCursor,
    #[error("The block list contradicts itself: {detail}")]
    BadManifest { detail: String },
    #[error("The sign-in messages can't be read")]
    BadSignInMessage,

    #[error("Sign in first")]
    NotSignedIn,
    #[error(
        "This sign-in has ended: it was signed out or revoked, not used for 90 days, or at its end"
    )]
    SessionEnded,
    #[error("The name or the password is wrong")]
    SignInRefused,
    #[error("The name or the recovery code is wrong, or the code was used before")]
    RecoveryRefused,
    #[error("This link has a password: give it first")]
    LinkPassword,
    #[error("The password is wrong")]
    WrongPassword,

    #[error("Sign-up is closed on this server")]
    SignUpClosed,
    #[error("Making an account here takes an invitation")]
    InviteNeeded,
    /// Told to whoever has proven to be the person.
    #[error("Your account is disabled. Ask whoever runs this server")]
    AccountDisabled,
    #[error("This request did not come from the app's own page")]
    CrossSite,
    /// The request says that it is somebody else's: see [`USER`](super::headers::USER).
    #[error("{user_name} is signed in in this browser now")]
    AnotherUser { user_name: String },
    #[error("Confirm your password first")]
    ConfirmPassword,
    #[error("An access token can't do this: sign in with your password")]
    NotForTokens,
    #[error("This may only be read: that is all that the access is for")]
    ReadOnly,
    #[error("This link is for sending files, and shows none")]
    UploadOnly,
    #[error("This link counts downloads: ask for the content of a whole file")]
    DownloadsCounted,
    #[error("The access is to one file or folder, and this is about more than that")]
    OneFolder,
    #[error("The folder of this access token is in the trash or was deleted")]
    FolderGone,

    #[error("There is nothing at this address")]
    NoSuchRoute,
    #[error("There is no such file or folder")]
    NoSuchItem,
    #[error("There is no such version")]
    NoSuchVersion,
    #[error("There is no such version that the content could be based on. Send the whole list")]
    NoSuchBase,
    #[error("There is no such block")]
    NoSuchBlock,
    #[error("There is no such conflict")]
    NoSuchConflict,
    #[error("There is no such device")]
    NoSuchDevice,
    #[error("Nobody here has this name")]
    NoSuchPerson,
    #[error("Nothing is shared like that any more")]
    NoSuchGrant,
    /// There never was one, or it is no more, which nobody is told apart.
    #[error("There is no such link, or not any more")]
    NoSuchLink,
    #[error("There is no such saved search, or not any more")]
    NoSuchSearch,
    /// There never was one, or it is no more, which nobody is told apart.
    #[error("This invitation does not hold any more: it was used, taken back or has ended")]
    NoSuchInvite,
    #[error("This address does not take {method}")]
    MethodNotAllowed { method: String },

    #[error(
        "The file is at version {current_version}, written by {} on {}",
        .committed.user_name, .committed.device_name
    )]
    VersionConflict {
        current_version: Version,
        committed: Committed,
    },
    #[error("It was renamed, moved or trashed in the meantime")]
    PlaceConflict { current_place_version: PlaceVersion },
    #[error("There is something with this name already")]
    NameTaken { item: ItemId },
    #[error("This user name is taken")]
    UserNameTaken,
    #[error("{}", too_many_devices(*.limit, .oldest.as_deref()))]
    TooManyDevices {
        limit: u64,
        /// The device that was not used for the longest time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        oldest: Option<Box<Device>>,
    },
    #[error("Nobody else administers this server: make somebody else an administrator first")]
    LastAdministrator,
    #[error("Recovery codes were made elsewhere in the meantime: look at them again")]
    RecoveryCodesChanged,
    #[error("Nobody asks you to become the owner of this, or not any more")]
    NotOffered,
    #[error("{}", too_much(*.items, *.most_items, *.rows, *.most_rows))]
    TooMuchToHandOver {
        /// Files and folders, those in the trash too.
        items: u64,
        most_items: u64,
        /// Their versions and conflicts, and all entries of the block lists of these.
        rows: u64,
        most_rows: u64,
    },
    /// A block of one of its versions is damaged, and it would be lost.
    #[error(
        "A part of “{name}” is damaged, so it can't be handed over: its owner can mend it by sending the file again, or delete it for good"
    )]
    DamagedFile { item: ItemId, name: String },
    #[error("It is yours already: share it with somebody else")]
    SharedWithOneself,
    #[error("This id is in use already")]
    IdTaken,
    #[error("This is a folder, and that takes a file")]
    NotAFile,
    /// What it leads to is not the asker's, and no change of the mount is to change that.
    #[error("This only leads to what somebody shares with you: do it there, or remove it here")]
    IsAMount,
    #[error("This leads to nothing that is shared: delete it instead")]
    NotAMount,
    #[error("It is among your files already")]
    AlreadyMounted { item: ItemId },
    #[error("This is a file, and that takes a folder")]
    NotAFolder,
    #[error("A folder can't be moved into itself or below itself")]
    MoveIntoItself,
    #[error("Folders can't be nested any deeper")]
    TooDeep,
    #[error("It is in the trash: restore it first")]
    InTrash,
    #[error("It is not in the trash itself: only what is can be deleted for good")]
    NotInTrash,
    /// A new file or folder has the id of an item that was deleted for good.
    #[error("What had this id was deleted for good: a new one needs a new id")]
    DeletedForGood,
    #[error("{count} conflicts of it are open: they would go along")]
    OpenConflicts { count: u64 },
    #[error("This operation id was used for another change")]
    OperationReused,
    #[error("This conflict has been resolved already")]
    AlreadyResolved,
    #[error("This conflict is open")]
    NotResolved,

    #[error("It is not what the request expects: another version, or newer than that date")]
    PreconditionFailed,
    #[error("The body is larger than {}", units::bytes(*.limit_bytes))]
    BodyTooLarge { limit_bytes: u64 },
    #[error("The block is larger than {}", units::bytes(*.limit_bytes))]
    BlockTooLarge { limit_bytes: u64 },
    #[error("The range is outside of the {size} bytes of the file")]
    RangeNotSatisfiable { size: u64 },
    #[error("The bytes of block {claimed} have the hash {actual}")]
    HashMismatch {
        claimed: BlockHash,
        actual: BlockHash,
    },
    #[error("The patch for block {block} does not make it: {detail}. Send the block whole")]
    PatchRefused { block: BlockHash, detail: String },
    #[error("{} blocks are not stored yet", missing_blocks.len())]
    BlocksMissing { missing_blocks: Vec<BlockHash> },
    #[error("Too many attempts: try again in {}", wait(*.retry_after_seconds))]
    TooManyRequests { retry_after_seconds: u64 },
    #[error("Too many people wait for news at this moment")]
    TooManyPolls,
    #[error("A newer poll has taken this one's place")]
    PollReplaced,
    #[error("{}", no_room(*.used_bytes, *.quota_bytes, *.needed_bytes, *.trash_bytes))]
    QuotaExceeded {
        /// Bytes that count now: see [`Space`](super::accounts::Space).
        used_bytes: u64,
        quota_bytes: u64,
        /// Bytes that the request would add. It fits once so many are free.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needed_bytes: Option<u64>,
        /// Bytes in the trash, as in [`Trash`](super::accounts::Trash).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trash_bytes: Option<u64>,
    },
    /// Visitors are not told how full somebody's drive is.
    #[error("There is no room for this in the drive that it is sent to")]
    NoRoom,
    #[error("There are {} {what}, and there can be no more of them", units::grouped(*.most))]
    LimitReached { what: Limited, most: u64 },

    #[error("The server failed; nothing was changed that was not acknowledged")]
    Internal,
    #[error("The server is busy; try again")]
    Unavailable,
    /// The server has no memory for the request at this moment. Nothing was changed.
    #[error("The server has its hands full: try again in {}", wait(*.retry_after_seconds))]
    HandsFull { retry_after_seconds: u64 },
    #[error(
        "Nobody can sign in or sign up here for now: the server does not have the secret that its accounts were made with. Whoever runs it finds in its log what to do"
    )]
    SignInUnavailable,

    /// What a newer server says and this build does not know.
    #[error("The server refused the request")]
    Unknown,
}

/// The fields of all problems.
#[derive(Deserialize)]
struct Fields {
    detail: Option<String>,
    user_name: Option<String>,
    method: Option<String>,
    current_version: Option<Version>,
    committed: Option<Committed>,
    current_place_version: Option<PlaceVersion>,
    item: Option<ItemId>,
    limit: Option<u64>,
    oldest: Option<Box<Device>>,
    count: Option<u64>,
    limit_bytes: Option<u64>,
    size: Option<u64>,
    claimed: Option<BlockHash>,
    actual: Option<BlockHash>,
    block: Option<BlockHash>,
    missing_blocks: Option<Vec<BlockHash>>,
    retry_after_seconds: Option<u64>,
    used_bytes: Option<u64>,
    quota_bytes: Option<u64>,
    needed_bytes: Option<u64>,
    trash_bytes: Option<u64>,
    what: Option<Limited>,
    most: Option<u64>,
    items: Option<u64>,
    most_items: Option<u64>,
    rows: Option<u64>,
    most_rows: Option<u64>,
    name: Option<String>,
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        tagged(deserializer, Self::read)
    }
}

impl<'de> Deserialize<'de> for ErrorBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Rest {
            message: String,
        }
        tagged(deserializer, |unread| {
            let Rest { message } = unread.read()?;
            let problem = Problem::read(unread)?;
            Ok(Self { problem, message })
        })
    }
}

impl Problem {
    fn read(unread: &Unread) -> Result<Self, serde_json::Error> {
        use Problem::*;
        #[derive(Deserialize)]
        struct Tag {
            code: String,
        }
        let Tag { code } = unread.read()?;
        let fields = || unread.read::<Fields>();
        Ok(match code.as_str() {
            "bad_request" => BadRequest {
                detail: needed(fields()?.detail, "detail")?,
            },
            "bad_json" => BadJson {
                detail: needed(fields()?.detail, "detail")?,
            },
            "bad_frames" => BadFrames {
                detail: needed(fields()?.detail, "detail")?,
            },
            "bad_name" => BadName {
                detail: needed(fields()?.detail, "detail")?,
            },
            "bad_cursor" => BadCursor,
            "bad_manifest" => BadManifest {
                detail: needed(fields()?.detail, "detail")?,
            },
            "bad_sign_in_message" => BadSignInMessage,
            "not_signed_in" => NotSignedIn,
            "session_ended" => SessionEnded,
            "sign_in_refused" => SignInRefused,
            "recovery_refused" => RecoveryRefused,
            "link_password" => LinkPassword,
            "wrong_password" => WrongPassword,
            "sign_up_closed" => SignUpClosed,
            "invite_needed" => InviteNeeded,
            "account_disabled" => AccountDisabled,
            "cross_site" => CrossSite,
            "another_user" => AnotherUser {
                user_name: needed(fields()?.user_name, "user_name")?,
            },
            "confirm_password" => ConfirmPassword,
            "not_for_tokens" => NotForTokens,
            "read_only" => ReadOnly,
            "upload_only" => UploadOnly,
            "downloads_counted" => DownloadsCounted,
            "one_folder" => OneFolder,
            "folder_gone" => FolderGone,
            "no_such_route" => NoSuchRoute,
            "no_such_item" => NoSuchItem,
            "no_such_version" => NoSuchVersion,
            "no_such_base" => NoSuchBase,
            "no_such_block" => NoSuchBlock,
            "no_such_conflict" => NoSuchConflict,
            "no_such_device" => NoSuchDevice,
            "no_such_person" => NoSuchPerson,
            "no_such_grant" => NoSuchGrant,
            "no_such_link" => NoSuchLink,
            "no_such_search" => NoSuchSearch,
            "no_such_invite" => NoSuchInvite,
            "last_administrator" => LastAdministrator,
            "method_not_allowed" => MethodNotAllowed {
                method: needed(fields()?.method, "method")?,
            },
            "version_conflict" => {
                let fields = fields()?;
                VersionConflict {
                    current_version: needed(fields.current_version, "current_version")?,
                    committed: needed(fields.committed, "committed")?,
                }
            }
            "place_conflict" => PlaceConflict {
                current_place_version: needed(
                    fields()?.current_place_version,
                    "current_place_version",
                )?,
            },
            "name_taken" => NameTaken {
                item: needed(fields()?.item, "item")?,
            },
            "user_name_taken" => UserNameTaken,
            "too_many_devices" => {
                let fields = fields()?;
                TooManyDevices {
                    limit: needed(fields.limit, "limit")?,
                    oldest: fields.oldest,
                }
            }
            "recovery_codes_changed" => RecoveryCodesChanged,
            "not_offered" => NotOffered,
            "too_much_to_hand_over" => {
                let fields = fields()?;
                TooMuchToHandOver {
                    items: needed(fields.items, "items")?,
                    most_items: needed(fields.most_items, "most_items")?,
                    rows: needed(fields.rows, "rows")?,
                    most_rows: needed(fields.most_rows, "most_rows")?,
                }
            }
            "damaged_file" => {
                let fields = fields()?;
                DamagedFile {
                    item: needed(fields.item, "item")?,
                    name: needed(fields.name, "name")?,
                }
            }
            "shared_with_oneself" => SharedWithOneself,
            "id_taken" => IdTaken,
            "not_a_file" => NotAFile,
            "is_a_mount" => IsAMount,
            "not_a_mount" => NotAMount,
            "already_mounted" => AlreadyMounted {
                item: needed(fields()?.item, "item")?,
            },
            "not_a_folder" => NotAFolder,
            "move_into_itself" => MoveIntoItself,
            "too_deep" => TooDeep,
            "in_trash" => InTrash,
            "not_in_trash" => NotInTrash,
            "deleted_for_good" => DeletedForGood,
            "open_conflicts" => OpenConflicts {
                count: needed(fields()?.count, "count")?,
            },
            "operation_reused" => OperationReused,
            "already_resolved" => AlreadyResolved,
            "not_resolved" => NotResolved,
            "precondition_failed" => PreconditionFailed,
            "body_too_large" => BodyTooLarge {
                limit_bytes: needed(fields()?.limit_bytes, "limit_bytes")?,
            },
            "block_too_large" => BlockTooLarge {
                limit_bytes: needed(fields()?.limit_bytes, "limit_bytes")?,
            },
            "range_not_satisfiable" => RangeNotSatisfiable {
                size: needed(fields()?.size, "size")?,
            },
            "hash_mismatch" => {
                let fields = fields()?;
                HashMismatch {
                    claimed: needed(fields.claimed, "claimed")?,
                    actual: needed(fields.actual, "actual")?,
                }
            }
            "patch_refused" => {
                let fields = fields()?;
                PatchRefused {
                    block: needed(fields.block, "block")?,
                    detail: needed(fields.detail, "detail")?,
                }
            }
            "blocks_missing" => BlocksMissing {
                missing_blocks: needed(fields()?.missing_blocks, "missing_blocks")?,
            },
            "too_many_requests" => TooManyRequests {
                retry_after_seconds: needed(fields()?.retry_after_seconds, "retry_after_seconds")?,
            },
            "too_many_polls" => TooManyPolls,
            "poll_replaced" => PollReplaced,
            "quota_exceeded" => {
                let fields = fields()?;
                QuotaExceeded {
                    used_bytes: needed(fields.used_bytes, "used_bytes")?,
                    quota_bytes: needed(fields.quota_bytes, "quota_bytes")?,
                    needed_bytes: fields.needed_bytes,
                    trash_bytes: fields.trash_bytes,
                }
            }
            "no_room" => NoRoom,
            "limit_reached" => {
                let fields = fields()?;
                LimitReached {
                    what: needed(fields.what, "what")?,
                    most: needed(fields.most, "most")?,
                }
            }
            "internal" => Internal,
            "unavailable" => Unavailable,
            "hands_full" => HandsFull {
                retry_after_seconds: needed(fields()?.retry_after_seconds, "retry_after_seconds")?,
            },
            "sign_in_unavailable" => SignInUnavailable,
            _ => Unknown,
        })
    }
}

fn needed<T>(field: Option<T>, name: &'static str) -> Result<T, serde_json::Error> {
    field.ok_or_else(|| serde_json::Error::missing_field(name))
}

fn no_room(used: u64, quota: u64, needed: Option<u64>, trash: Option<u64>) -> String {
    let used = units::used(used, quota, trash.unwrap_or(0));
    match needed {
        Some(needed) => format!("There is no room for {} more: {used}", units::bytes(needed)),
        None => format!("The space is full: {used}"),
    }
}

fn too_much(items: u64, most_items: u64, rows: u64, most_rows: u64) -> String {
    let grouped = units::grouped;
    let (there, most) = match items > most_items {
        true => (
            format!("{} files and folders", grouped(items)),
            grouped(most_items),
        ),
        false => (
            format!("{} versions and pieces of files", grouped(rows)),
            grouped(most_rows),
        ),
    };
    format!("It has {there}, and at most {most} can be handed over at one time")
}

/// The time in words, rounded up, so that nobody comes back too early.
fn wait(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn too_many_devices(limit: u64, oldest: Option<&Device>) -> String {
    let most = format!("There are {limit} devices and access tokens, and that is the most");
    match oldest {
        Some(device) => format!(
            "{most}. Revoke one first: “{}” was not used for the longest time",
            device.name
        ),
        None => format!("{most}. Revoke one first"),
    }
}

impl Problem {
    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        use Problem::*;
        match self {
            BadRequest { .. }
            | BadJson { .. }
            | BadFrames { .. }
            | BadName { .. }
            | BadCursor
            | BadManifest { .. }
            | BadSignInMessage => 400,
            NotSignedIn | SessionEnded | SignInRefused | RecoveryRefused | LinkPassword
            | WrongPassword => 401,
            SignUpClosed
            | InviteNeeded
            | AccountDisabled
            | CrossSite
            | AnotherUser { .. }
            | ConfirmPassword
            | NotForTokens
            | ReadOnly
            | UploadOnly
            | DownloadsCounted
            | OneFolder
            | FolderGone => 403,
            NoSuchRoute | NoSuchItem | NoSuchVersion | NoSuchBase | NoSuchBlock
            | NoSuchConflict | NoSuchDevice | NoSuchPerson | NoSuchGrant | NoSuchLink
            | NoSuchSearch | NoSuchInvite => 404,
            MethodNotAllowed { .. } => 405,
            VersionConflict { .. }
            | PlaceConflict { .. }
            | NameTaken { .. }
            | UserNameTaken
            | TooManyDevices { .. }
            | LastAdministrator
            | RecoveryCodesChanged
            | NotOffered
            | TooMuchToHandOver { .. }
            | DamagedFile { .. }
            | SharedWithOneself
            | IdTaken
            | NotAFile
            | IsAMount
            | NotAMount
            | AlreadyMounted { .. }
            | NotAFolder
            | MoveIntoItself
            | TooDeep
            | InTrash
            | NotInTrash
            | DeletedForGood
            | OpenConflicts { .. }
            | OperationReused
            | AlreadyResolved
            | NotResolved
            | PollReplaced => 409,
            PreconditionFailed => 412,
            BodyTooLarge { .. } | BlockTooLarge { .. } => 413,
            RangeNotSatisfiable { .. } => 416,
            HashMismatch { .. } | PatchRefused { .. } | BlocksMissing { .. } => 422,
            TooManyRequests { .. } | TooManyPolls => 429,
            Internal | Unknown => 500,
            Unavailable | HandsFull { .. } | SignInUnavailable => 503,
            QuotaExceeded { .. } | NoRoom | LimitReached { .. } => 507,
        }
    }

    /// Whether and when the request may succeed.
    pub fn retry(&self) -> Retry {
        use Problem::*;
        match self {
            NotSignedIn | SessionEnded | AnotherUser { .. } => Retry::SignIn,
            VersionConflict { .. }
            | PlaceConflict { .. }
            | NameTaken { .. }
            | NoSuchItem
            | InTrash
            | NotInTrash
            | DeletedForGood
            | AlreadyResolved
            | NotResolved => Retry::Pull,
            PatchRefused { .. } | BlocksMissing { .. } => Retry::Upload,
            TooManyRequests { .. }
            | TooManyPolls
            | PollReplaced
            | Internal
            | Unavailable
            | HandsFull { .. } => Retry::Later,
            _ => Retry::Never,
        }
    }

    /// How long the server asked to be left alone, in seconds.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests {
                retry_after_seconds,
            }
            | Self::HandsFull {
                retry_after_seconds,
            } => Some(*retry_after_seconds),
            _ => None,
        }
    }
}
