//! Every request and response, pinned: `fixtures/wire/v1` holds what version 1
//! writes, each file decodes to the value given here, and the value encodes to
//! the file. A released fixture is never changed; a new form gets a new file.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use protocol::accounts::{
    AccountEnd, Confirm, Counts, NewDevice, PasswordChanged, PasswordFinish, PasswordStart, Server,
    Session, SignInFinish, SignInStart, SignInStarted, SignUpFinish, SignUpStart, SignUpStarted,
    Space, Trash, User,
};
use protocol::activity::{AccountNews, Activity, ConflictStep, Done, OfferStep, Spot};
use protocol::administration::{
    Audit, AuditAct, AuditEntry, Health, Invite, InviteMade, Invites, Job, JobHealth, JobRun,
    ManagedPerson, NewInvite, People, PersonChange, ServerSettings, SettingsChange, SignUpMode,
};
use protocol::batches::ChangeItems;
use protocol::blocks::{Fetch, FetchSignatures, Listed, ToSign};
use protocol::changes::{Change, ChangePage};
use protocol::conflicts::{
    Choice, Chosen, Conflict, Conflicts, NewConflict, Reopen, Resolve, Resolved,
};
use protocol::content::{Base, Content, Receipted, Splice, Spliced};
use protocol::devices::{
    AccessToken, Device, DeviceChange, DeviceKind, Devices, NewAccessToken, Scope,
};
use protocol::files::{
    BlocksStored, Commit, FileManifest, FileVersion, FileVersions, ManifestSince, MarkVersion,
    NewFile, Proposal, ProposalAnswer, ProposalStatus,
};
use protocol::grants::{Grant, GrantChange, Grants, ItemGrants, NewGrant, Person, Role};
use protocol::handover::{Accepted, Handover, HandoverRoom};
use protocol::ids::{
    ConflictId, DeviceId, GrantId, InviteId, ItemId, LinkId, OperationId, SearchId, SpaceId, UserId,
};
use protocol::items::{
    ChangePlace, ChangeTrashed, Committed, DeleteForGood, DeletedForGood, EmptyTrash, FileHead,
    Item, ItemChange, ItemChanged, Mount, NewFolder, NewMount, PlaceChange,
};
use protocol::links::{
    Link, LinkChange, LinkItem, LinkKey, LinkPassword, LinkShown, Links, May, NewLink, Pass,
    PassFinish, PassStart, PutIn,
};
use protocol::marks::{ChangeStars, Marks, NewSearch, NewStar, SavedSearch, SearchChange, Star};
use protocol::name::Name;
use protocol::news::{ByOthers, News, Seen};
use protocol::notifications::{
    Actor, Awaited, Drop, Event, EventType, JournalGrew, Opened, Park, PollEvent, Wake,
};
use protocol::opaque::Message;
use protocol::openings::{Opening, Openings, SayOpen, Telling};
use protocol::problem::{ErrorBody, Limited, Problem};
use protocol::receipts::{Receipt, Receipts};
use protocol::recovery::{NewRecoveryCodes, RecoverFinish, RecoverStart, RecoveryCodes};
use protocol::retention::{ChangeRetention, Retention, SpaceRetention};
use protocol::thumbnails::{Thumbnail, Thumbnails};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

/// Names the fixtures once: the test of them all, and natively the check that
/// no file lies unused.
macro_rules! fixtures {
    ($($file:literal => $value:expr;)*) => {
        #[test]
        fn every_fixture_decodes_to_its_value_and_back() {
            $(check($file, include_str!(concat!("../fixtures/wire/v1/", $file, ".json")), $value);)*
        }

        #[cfg(not(target_arch = "wasm32"))]
        #[test]
        fn no_fixture_is_forgotten() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wire/v1");
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let mut named = vec![$(concat!($file, ".json")),*];
            named.sort_unstable();
            assert_eq!(files, named);
        }
    };
}

fn check<T: Serialize + DeserializeOwned + Debug>(file: &str, text: &str, value: T) {
    let fixture: Value = serde_json::from_str(text).unwrap();
    let decode = |json: &Value| -> T {
        T::deserialize(json).unwrap_or_else(|error| panic!("{file}: {error}"))
    };
    // Not every type can be compared, but every one can be shown in full.
    let expected = format!("{value:?}");
    assert_eq!(format!("{:?}", decode(&fixture)), expected, "{file}");
    let encoded = serde_json::to_value(&value).unwrap();
    assert_eq!(encoded, fixture, "{file}");

    let mut grown = fixture;
    grow(&mut grown);
    assert_eq!(
        format!("{:?}", decode(&grown)),
        expected,
        "{file}: a field that a newer build sends must be ignored"
    );
}

/// Puts a field that nobody knows into every object.
fn grow(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            fields.values_mut().for_each(grow);
            fields.insert("field_of_the_future".to_owned(), json!({"a": [1, null]}));
        }
        Value::Array(elements) => elements.iter_mut().for_each(grow),
        _ => {}
    }
}

fn device_id() -> DeviceId {
    DeviceId::from_random([0xD0; 16])
}

fn item_id() -> ItemId {
    ItemId::from_random([0x17; 16])
}

fn folder_id() -> ItemId {
    ItemId::from_random([0xF0; 16])
}

fn operation_id() -> OperationId {
    OperationId::from_random([0x09; 16])
}

fn conflict_id() -> ConflictId {
    ConflictId::from_random([0xC0; 16])
}

fn space_id() -> SpaceId {
    SpaceId::from_random([0x5A; 16])
}

fn user_id() -> UserId {
    UserId::from_random([0xA1; 16])
}

fn message() -> Message {
    Message(vec![0xFB, 0xFF, 0, 1])
}

fn name() -> Name {
    Name::parse("Überblick.pdf").unwrap()
}

fn content() -> Manifest {
    Manifest {
        size: 8,
        size_class: 18.try_into().unwrap(),
        modified_at_ms: FileTime::nearest(1_795_392_000_123),
        blocks: vec![
            BlockRef {
                hash: BlockHash::of(b"first"),
                length: 5,
            },
            BlockRef {
                hash: BlockHash::of(b"two"),
                length: 3,
            },
        ],
    }
}

fn committed() -> Committed {
    Committed {
        user_name: "ann".to_owned(),
        device_id: device_id(),
        device_name: "Chrome on Linux".to_owned(),
        at_ms: 1_795_392_001_000,
    }
}

fn file() -> Item {
    Item {
        id: item_id(),
        parent: Some(folder_id()),
        name: name(),
        place_version: 3,
        file: Some(FileHead {
            version: 7,
            size: 8,
            size_class: 18.try_into().unwrap(),
            modified_at_ms: FileTime::nearest(1_795_392_000_123),
            committed: committed(),
            damaged: false,
        }),
        created_at_ms: 1_795_000_000_000,
        mount: None,
        trashed_at_ms: None,
        damaged: false,
    }
}

fn folder() -> Item {
    Item {
        id: folder_id(),
        parent: None,
        name: Name::parse("Reports").unwrap(),
        place_version: 2,
        file: None,
        created_at_ms: 1_795_000_000_000,
        mount: None,
        trashed_at_ms: Some(1_795_000_000_001),
        damaged: false,
    }
}

fn conflict(resolved: Option<Resolved>) -> Conflict {
    Conflict {
        id: conflict_id(),
        item: item_id(),
        base_version: 6,
        size: 8,
        modified_at_ms: FileTime::nearest(1_795_392_000_123),
        committed: committed(),
        resolved,
        damaged: false,
    }
}

fn keep_both() -> Choice {
    Choice::KeepBoth {
        copy_id: ItemId::from_random([0x18; 16]),
        copy_name: name().conflicted_copy("Phone", "2026-11-23", 1),
    }
}

fn receipt(n: u8) -> Receipt {
    Receipt {
        until_hour: 498_743,
        mac: [n; 16],
    }
}

fn resolve(choice: Choice) -> Resolve {
    Resolve {
        operation_id: operation_id(),
        seen_version: 7,
        choice,
    }
}

fn device(kind: DeviceKind) -> Device {
    Device {
        id: device_id(),
        name: "Chrome on Linux".to_owned(),
        kind,
        created_at_ms: 1_795_000_000_000,
        last_seen_at_ms: 1_795_390_800_000,
        ends_at_ms: None,
        scope: Scope::Full,
        is_token: false,
        folder: None,
    }
}

/// A device as it is told since it has an end.
fn ending(kind: DeviceKind, scope: Scope) -> Device {
    Device {
        ends_at_ms: Some(1_802_000_000_000),
        scope,
        is_token: kind == DeviceKind::Program,
        ..device(kind)
    }
}

fn session(kind: DeviceKind, token: Option<String>) -> Session {
    Session {
        user: User {
            id: user_id(),
            name: "ann".to_owned(),
        },
        device: device(kind),
        space: Space {
            id: space_id(),
            used_bytes: 8,
            quota_bytes: 10_737_418_240,
            metadata_bytes: 0,
            stored_bytes: 0,
            trash: Trash::default(),
            counts: Counts::default(),
        },
        token,
        renew_record: false,
        ends_at_ms: None,
        has_marks: false,
        is_administrator: false,
    }
}

fn search_id() -> SearchId {
    SearchId::from_random([0x5E; 16])
}

fn saved_search() -> SavedSearch {
    SavedSearch {
        id: search_id(),
        name: "Large pictures".to_owned(),
        query: "kind:picture size:>10MB".to_owned(),
        version: 1,
        saved_at_ms: 1_795_392_000_123,
    }
}

/// Of an invitation.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

const ACTS: [AuditAct; 13] = [
    AuditAct::SignedUp,
    AuditAct::Appointed,
    AuditAct::Dismissed,
    AuditAct::Disabled,
    AuditAct::Enabled,
    AuditAct::QuotaChanged,
    AuditAct::SignUpChanged,
    AuditAct::InviteMade,
    AuditAct::InviteRemoved,
    AuditAct::InviteUsed,
    AuditAct::Recovered,
    AuditAct::AccountEnded,
    AuditAct::AccountKept,
];

fn managed_person() -> ManagedPerson {
    ManagedPerson {
        id: user_id(),
        name: "ann".to_owned(),
        created_at_ms: 1_795_000_000_000,
        is_administrator: false,
        disabled_at_ms: None,
        ends_at_ms: None,
        devices: 0,
        seen_at_ms: None,
        used_bytes: 0,
        quota_bytes: 20,
    }
}

fn invite() -> Invite {
    Invite {
        id: "88888888-8888-4888-8888-888888888888"
            .parse::<InviteId>()
            .unwrap(),
        note: "For Bob".to_owned(),
        made_by: "ann".to_owned(),
        made_at_ms: 1_795_000_000_000,
        ends_at_ms: 1_795_604_800_000,
    }
}

fn audit_entry() -> AuditEntry {
    AuditEntry {
        n: 7,
        at_ms: 1_795_000_000_000,
        act: AuditAct::QuotaChanged,
        by: "ann".to_owned(),
        of: None,
        detail: None,
    }
}

fn health() -> Health {
    let job = |job| JobHealth {
        job,
        due_every_ms: None,
        last: None,
    };
    let run = |is_done, detail: &str| {
        Some(JobRun {
            at_ms: 1_794_999_999_000,
            is_done,
            done_at_ms: is_done.then_some(1_794_999_999_000),
            detail: detail.to_owned(),
        })
    };
    Health {
        now_ms: 1_795_000_000_000,
        jobs: vec![
            JobHealth {
                due_every_ms: Some(93_600_000),
                last: run(true, "Collected"),
                ..job(Job::Collector)
            },
            job(Job::Sweep),
            JobHealth {
                last: run(false, "the database"),
                ..job(Job::Scrub)
            },
            job(Job::Ending),
            job(Job::Delivery),
        ],
        damaged_blocks: 2,
        damaged_drives: 1,
    }
}

fn new_device(id: Option<DeviceId>) -> NewDevice {
    NewDevice {
        name: "Chrome on Linux".to_owned(),
        kind: DeviceKind::Browser,
        id,
    }
}

fn event() -> Event {
    Event {
        event_type: EventType::FileUpdate,
        file_id: item_id(),
        timestamp: 1_795_392_001_000,
        name: None,
        by: None,
    }
}

fn event_by_ann(event_type: EventType) -> Event {
    Event {
        event_type,
        name: Some("report.txt".to_owned()),
        by: Some(Actor {
            user_id: user_id(),
            user_name: "ann".to_owned(),
            device_id: device_id(),
            device_name: "Chrome on Linux".to_owned(),
        }),
        ..event()
    }
}

fn done() -> Done {
    let spot = |name: &str| Spot {
        parent: Some(folder_id()),
        name: name.to_owned(),
    };
    Done {
        seq: 42,
        event: event_by_ann(EventType::FileMove),
        from: Some(spot("draft.txt")),
        at: Some(Spot {
            parent: None,
            ..spot("report.txt")
        }),
        version: Some(7),
        conflict: None,
        step: None,
        person: None,
        role: None,
        link: None,
        account: None,
        offer: None,
    }
}

fn account_ends(at: Option<u64>) -> Done {
    let mut done = shared();
    done.event = event_by_ann(EventType::ShareChanged);
    done.event.name = None;
    done.at = None;
    done.version = None;
    done.role = None;
    done.account = Some(AccountNews { ends_at_ms: at });
    done
}

fn offered() -> Done {
    Done {
        event: event_by_ann(EventType::ShareOffered),
        person: Some("bob".to_owned()),
        offer: Some(OfferStep::Made),
        from: None,
        version: None,
        ..done()
    }
}

fn shared() -> Done {
    Done {
        seq: 43,
        event: event_by_ann(EventType::ShareGranted),
        from: None,
        person: Some("bob".to_owned()),
        role: Some(Role::Editor),
        ..done()
    }
}

fn link_made() -> Done {
    Done {
        person: None,
        role: None,
        link: Some("Invoices".to_owned()),
        ..shared()
    }
}

fn put_in_over_a_link() -> Done {
    let mut done = link_made();
    done.seq = 44;
    done.event = event_by_ann(EventType::FileCreate);
    done.event.by = None;
    done
}

fn link() -> Link {
    Link {
        id: LinkId::from_random([0x75; 16]),
        key: LinkKey::from_random([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
        item: folder_id(),
        name: "Reports".to_owned(),
        is_folder: true,
        label: "Invoices".to_owned(),
        may: May::View,
        has_password: false,
        created_at_ms: 1_795_392_000_123,
        ends_at_ms: None,
        most_downloads: None,
        opened: 3,
        downloaded: 2,
    }
}

fn link_password() -> LinkPassword {
    LinkPassword {
        message: message(),
        registration: "registration".to_owned(),
    }
}

fn grant() -> Grant {
    let person = |user_id, name: &str| Person {
        user_id,
        user_name: name.to_owned(),
    };
    Grant {
        id: GrantId::from_random([0x64; 16]),
        item: folder_id(),
        name: "Reports".to_owned(),
        is_folder: true,
        owner: person(user_id(), "ann"),
        person: person(UserId::from_random([0xB0; 16]), "bob"),
        role: Role::Viewer,
        created_at_ms: 1_795_392_000_123,
        ends_at_ms: None,
        account_ends_at_ms: None,
        offered_at_ms: None,
    }
}

fn conflict_kept() -> Done {
    Done {
        seq: 41,
        event: event_by_ann(EventType::Conflict),
        from: None,
        conflict: Some(conflict_id()),
        step: Some(ConflictStep::Kept),
        ..done()
    }
}

fn journal_grew() -> JournalGrew {
    JournalGrew {
        space: space_id(),
        owner: None,
        seq: 42,
        event: event(),
        about: vec![],
        below: vec![],
        also: vec![],
    }
}

/// The sentence is for people and may be reworded; the code, its fields and
/// the status are what programs rely on.
fn problem(problem: Problem) -> ErrorBody {
    assert_eq!(problem.status(), pinned_status(&problem), "{problem:?}");
    ErrorBody {
        problem,
        message: "For people".to_owned(),
    }
}

/// Without a wildcard, so that a new variant has to come by here, and gets a
/// fixture above.
fn pinned_status(problem: &Problem) -> u16 {
    match problem {
        Problem::BadRequest { .. } => 400,
        Problem::BadJson { .. } => 400,
        Problem::BadFrames { .. } => 400,
        Problem::BadName { .. } => 400,
        Problem::BadCursor => 400,
        Problem::BadManifest { .. } => 400,
        Problem::BadSignInMessage => 400,
        Problem::NotSignedIn => 401,
        Problem::SessionEnded => 401,
        Problem::SignInRefused => 401,
        Problem::RecoveryRefused => 401,
        Problem::LinkPassword => 401,
        Problem::WrongPassword => 401,
        Problem::SignUpClosed => 403,
        Problem::InviteNeeded => 403,
        Problem::AccountDisabled => 403,
        Problem::NoSuchInvite => 404,
        Problem::LastAdministrator => 409,
        Problem::CrossSite => 403,
        Problem::AnotherUser { .. } => 403,
        Problem::ConfirmPassword => 403,
        Problem::NotForTokens => 403,
        Problem::ReadOnly => 403,
        Problem::UploadOnly => 403,
        Problem::DownloadsCounted => 403,
        Problem::OneFolder => 403,
        Problem::FolderGone => 403,
        Problem::NoSuchRoute => 404,
        Problem::NoSuchItem => 404,
        Problem::NoSuchVersion => 404,
        Problem::NoSuchBase => 404,
        Problem::NoSuchBlock => 404,
        Problem::NoSuchConflict => 404,
        Problem::NoSuchDevice => 404,
        Problem::NoSuchPerson => 404,
        Problem::NoSuchGrant => 404,
        Problem::NoSuchLink => 404,
        Problem::NoSuchSearch => 404,
        Problem::MethodNotAllowed { .. } => 405,
        Problem::VersionConflict { .. } => 409,
        Problem::PlaceConflict { .. } => 409,
        Problem::NameTaken { .. } => 409,
        Problem::UserNameTaken => 409,
        Problem::TooManyDevices { .. } => 409,
        Problem::RecoveryCodesChanged => 409,
        Problem::NotOffered => 409,
        Problem::TooMuchToHandOver { .. } => 409,
        Problem::DamagedFile { .. } => 409,
        Problem::SharedWithOneself => 409,
        Problem::IdTaken => 409,
        Problem::NotAFile => 409,
        Problem::IsAMount => 409,
        Problem::NotAMount => 409,
        Problem::AlreadyMounted { .. } => 409,
        Problem::NotAFolder => 409,
        Problem::MoveIntoItself => 409,
        Problem::TooDeep => 409,
        Problem::InTrash => 409,
        Problem::NotInTrash => 409,
        Problem::DeletedForGood => 409,
        Problem::OpenConflicts { .. } => 409,
        Problem::OperationReused => 409,
        Problem::AlreadyResolved => 409,
        Problem::NotResolved => 409,
        Problem::BodyTooLarge { .. } => 413,
        Problem::BlockTooLarge { .. } => 413,
        Problem::PreconditionFailed => 412,
        Problem::RangeNotSatisfiable { .. } => 416,
        Problem::HashMismatch { .. } => 422,
        Problem::PatchRefused { .. } => 422,
        Problem::BlocksMissing { .. } => 422,
        Problem::TooManyRequests { .. } => 429,
        Problem::TooManyPolls => 429,
        Problem::PollReplaced => 409,
        Problem::Internal => 500,
        Problem::Unknown => 500,
        Problem::Unavailable => 503,
        Problem::HandsFull { .. } => 503,
        Problem::SignInUnavailable => 503,
        Problem::QuotaExceeded { .. } => 507,
        Problem::NoRoom => 507,
        Problem::LimitReached { .. } => 507,
    }
}

fn detail() -> String {
    "what is wrong".to_owned()
}

fixtures! {
    "access_token" => AccessToken {
        device: device(DeviceKind::Program),
        token: "dl_0123456789".to_owned(),
    };
    "blocks_stored" => BlocksStored { stored: 3, already_stored: 1, receipts: None };
    "blocks_stored_with_receipts" => BlocksStored {
        stored: 2,
        already_stored: 0,
        receipts: Some(Receipts(vec![Some(receipt(1)), Some(receipt(2))])),
    };
    "change_page" => ChangePage {
        reset: true,
        changes: vec![
            Change::Item { item: file() },
            Change::Item { item: folder() },
            Change::Conflict { conflict: conflict(None) },
        ],
        next_token: "1.opaque".to_owned(),
        has_more: true,
    };
    "change_page_deleted" => ChangePage {
        reset: false,
        changes: vec![Change::Deleted { item: item_id() }],
        next_token: "1.opaque".to_owned(),
        has_more: false,
    };
    "change_page_empty" => ChangePage {
        reset: false,
        changes: vec![],
        next_token: "1.opaque".to_owned(),
        has_more: false,
    };
    "change_page_shared" => ChangePage {
        reset: false,
        changes: vec![Change::Shared],
        next_token: "1.opaque".to_owned(),
        has_more: false,
    };
    "change_place" => ChangePlace {
        operation_id: operation_id(),
        base_place_version: 2,
        parent: None,
        name: name(),
    };
    "change_items" => ChangeItems {
        changes: vec![
            ItemChange {
                item: item_id(),
                to: PlaceChange::Move(ChangePlace {
                    operation_id: operation_id(),
                    base_place_version: 2,
                    parent: Some(folder_id()),
                    name: name(),
                }),
            },
            ItemChange {
                item: folder_id(),
                to: PlaceChange::Trash(ChangeTrashed::new(operation_id(), 1)),
            },
            ItemChange {
                item: folder_id(),
                to: PlaceChange::Restore(ChangeTrashed {
                    parent: Some(None),
                    name: Some(name()),
                    ..ChangeTrashed::new(operation_id(), 2)
                }),
            },
        ],
    };
    "change_trashed" => ChangeTrashed::new(operation_id(), 2);
    "change_trashed_elsewhere" => ChangeTrashed {
        parent: Some(Some(folder_id())),
        ..ChangeTrashed::new(operation_id(), 2)
    };
    "commit" => Commit { operation_id: operation_id(), base_version: 6, content: content() };
    "commit_empty_content" => Commit {
        operation_id: operation_id(),
        base_version: 1,
        content: Manifest::empty(FileTime::nearest(1_795_392_000_123)),
    };
    "commit_spliced" => Commit {
        operation_id: operation_id(),
        base_version: 6,
        content: Content::Spliced(Spliced {
            size: 8,
            size_class: content().size_class,
            modified_at_ms: content().modified_at_ms,
            base: Base { item: item_id(), version: 6 },
            splices: vec![Splice { at: 3, remove: 2, insert: content().blocks, carried: 0 }],
        }),
    };
    "commit_spliced_carrying" => Commit {
        operation_id: operation_id(),
        base_version: 6,
        content: Content::Spliced(Spliced {
            size: 8,
            size_class: content().size_class,
            modified_at_ms: content().modified_at_ms,
            base: Base { item: item_id(), version: 6 },
            splices: vec![
                Splice { at: 3, remove: 2, insert: vec![], carried: 1 },
                Splice { at: 9, remove: 0, insert: vec![], carried: 2 },
            ],
        }),
    };
    "commit_with_receipts" => Commit {
        operation_id: operation_id(),
        base_version: 6,
        content: Receipted {
            content: content().into(),
            receipts: Some(Receipts(vec![None, Some(receipt(2))])),
        },
    };
    "conflict_resolved_keep_both" => conflict(Some(Resolved {
        choice: keep_both().chosen(),
        at_ms: 1_795_392_002_000,
        by: Some(committed()),
        seen_version: Some(7),
    }));
    "conflict_resolved_keep_mine" => conflict(Some(Resolved {
        choice: Chosen::KeepMine,
        at_ms: 1_795_392_002_000,
        by: None,
        seen_version: None,
    }));
    "conflict_resolved_merged" => conflict(Some(Resolved {
        choice: Chosen::Merged,
        at_ms: 1_795_392_002_000,
        by: Some(committed()),
        seen_version: Some(7),
    }));
    "conflicts" => Conflicts { conflicts: vec![conflict(None)], next: None };
    "conflicts_page" => Conflicts { conflicts: vec![], next: Some("1.opaque".to_owned()) };
    "device_ending" => Devices {
        devices: vec![ending(DeviceKind::Browser, Scope::Full), ending(DeviceKind::Program, Scope::ReadOnly)]
    };
    "device_of_a_folder" => Devices {
        devices: vec![Device { folder: Some(folder_id()), ..ending(DeviceKind::Program, Scope::Full) }]
    };
    "devices" => Devices { devices: vec![device(DeviceKind::Browser), device(DeviceKind::Program)] };
    "drop" => Drop { user: user_id(), device: device_id() };
    "activity" => Activity { entries: vec![done(), conflict_kept()], next_before: Some(42) };
    "activity_links" => Activity {
        entries: vec![put_in_over_a_link(), link_made()],
        next_before: None,
    };
    "news" => News {
        unseen: 1,
        seen_up_to_ms: 1_795_392_000_123,
        entries: vec![ByOthers { root: Some(folder_id()), done: conflict_kept() }],
    };
    "marks" => Marks {
        stars: vec![
            Star { item: item_id(), root: None, at_ms: 1_795_392_000_123 },
            Star { item: item_id(), root: Some(folder_id()), at_ms: 1_795_392_000_122 },
        ],
        searches: vec![saved_search()],
    };
    "change_stars" => ChangeStars {
        star: vec![
            NewStar { item: item_id(), root: None },
            NewStar { item: item_id(), root: Some(folder_id()) },
        ],
        unstar: vec![folder_id()],
    };
    "saved_search" => saved_search();
    "new_search" => NewSearch {
        id: search_id(),
        name: "Large pictures".to_owned(),
        query: "kind:picture size:>10MB".to_owned(),
    };
    "search_change" => SearchChange {
        base_version: 1,
        name: Some("Large".to_owned()),
        query: None,
    };
    "openings" => Openings {
        tells: true,
        openings: vec![Opening {
            item: item_id(),
            person: Person { user_id: user_id(), user_name: "ann".to_owned() },
            is_open: true,
            ago_ms: 61_000,
        }],
    };
    "thumbnails" => Thumbnails {
        thumbnails: vec![Thumbnail {
            item: item_id(),
            version: 3,
            hash: BlockHash::of(b"first"),
            length: 9_000,
        }],
    };
    "say_open" => SayOpen { item: item_id(), is_open: true };
    "telling" => Telling { tells: false };
    "opened" => Opened { users: vec![user_id()], space: space_id() };
    "event_opened" => Event { event_type: EventType::FileOpened, ..event() };
    "news_seen" => Seen { up_to_ms: 1_795_392_000_123 };
    "activity_account" => Activity {
        entries: vec![account_ends(Some(1_796_000_000_000)), account_ends(None)],
        next_before: None,
    };
    "activity_shared" => Activity { entries: vec![shared()], next_before: None };
    "event" => event();
    "event_conflict" => event_by_ann(EventType::Conflict);
    "event_create" => event_by_ann(EventType::FileCreate);
    "event_restore" => event_by_ann(EventType::FileRestore);
    "event_delete" => Event { event_type: EventType::FileDelete, ..event() };
    "event_share_changed" => event_by_ann(EventType::ShareChanged);
    "event_share_offered" => event_by_ann(EventType::ShareOffered);
    "event_handed_over" => event_by_ann(EventType::HandedOver);
    "event_share_granted" => event_by_ann(EventType::ShareGranted);
    "event_share_revoked" => event_by_ann(EventType::ShareRevoked);
    "event_mount" => event_by_ann(EventType::Mount);
    "event_move" => Event { event_type: EventType::FileMove, ..event() };
    "delete_for_good" => DeleteForGood {
        operation_id: operation_id(),
        base_place_version: 3,
        with_open_conflicts: false,
    };
    "deleted_for_good" => DeletedForGood { done: false, deleted: 2, freed_bytes: 8 };
    "empty_trash" => EmptyTrash {
        operation_id: operation_id(),
        trashed_up_to_ms: Some(1_795_392_000_123),
        with_open_conflicts: true,
    };
    "fetch" => Fetch {
        want: vec![BlockHash::of(b"first"), BlockHash::of(b"two")],
        bases: vec![BlockHash::of(b"two").short()],
        ..Fetch::default()
    };
    "fetch_by_symbols" => Fetch {
        want: vec![BlockHash::of(b"first")],
        bases: vec![BlockHash::of(b"two").short()],
        by_symbols: true,
        ..Fetch::default()
    };
    "fetch_solid" => Fetch {
        want: vec![BlockHash::of(b"first")],
        bases: vec![BlockHash::of(b"two").short()],
        solid: true,
        ..Fetch::default()
    };
    "fetch_compressed" => Fetch {
        want: vec![BlockHash::of(b"first")],
        compressed: true,
        ..Fetch::default()
    };
    "fetch_listed" => Fetch {
        listed: Some(Listed {
            item: item_id(),
            version: 7,
            want: vec![[3, 2], [9, 1]],
            since: 6,
            bases: vec![[0, 12]],
        }),
        ..Fetch::default()
    };
    "fetch_of_a_file" => Fetch {
        want: vec![BlockHash::of(b"first")],
        of: vec![item_id()],
        ..Fetch::default()
    };
    "fetch_signatures" => FetchSignatures {
        blocks: vec![ToSign { hash: BlockHash::of(b"first"), first_bytes: 24 }],
        of: vec![],
    };
    "fetch_signatures_of_a_file" => FetchSignatures {
        blocks: vec![ToSign { hash: BlockHash::of(b"first"), first_bytes: 24 }],
        of: vec![item_id()],
    };
    "fetch_without_bases" => Fetch {
        want: vec![BlockHash::of(b"first")], ..Fetch::default()
    };
    "file_manifest" => FileManifest { version: 7, size: 8, blocks: content().blocks };
    "file_versions" => FileVersions {
        versions: vec![FileVersion {
            version: 7,
            size: 8,
            modified_at_ms: FileTime::from(1_000),
            committed: committed(),
            name: String::new(),
            pinned: false,
            marks: 0,
        }],
        next_before: Some(7),
    };
    "file_version_marked" => FileVersion {
        version: 7,
        size: 8,
        modified_at_ms: FileTime::from(1_000),
        committed: committed(),
        name: "As it was sent".to_owned(),
        pinned: true,
        marks: 2,
    };
    "mark_version" => MarkVersion {
        version: 7, base_marks: 1, name: "As it was sent".to_owned(), pinned: true,
    };
    "space_retention" => SpaceRetention {
        retention: Retention { versions: None, trash_days: Some(90) },
        is_own: true,
        otherwise: Retention::default(),
    };
    "change_retention" => ChangeRetention { retention: Some(Retention::default()) };
    "change_retention_back" => ChangeRetention { retention: None };
    "grant" => grant();
    "grant_ending" => Grant { ends_at_ms: Some(1_802_000_000_000), role: Role::Editor, is_folder: false, ..grant() };
    "grant_of_an_ending_account" => Grant {
        ends_at_ms: Some(1_796_000_000_000),
        account_ends_at_ms: Some(1_796_000_000_000),
        ..grant()
    };
    "grant_offered" => Grant { offered_at_ms: Some(1_795_392_001_000), ..grant() };
    "handover" => Handover { items: 12, bytes: 3_000_000, room: None };
    "handover_offered" => Handover {
        items: 12,
        bytes: 3_000_000,
        room: Some(HandoverRoom {
            needed_bytes: 2_000_000,
            used_bytes: 1_000_000,
            quota_bytes: 10_737_418_240,
        }),
    };
    "accepted" => Accepted {
        item: folder_id(), done: false, copied_bytes: 33_554_432, left_bytes: 1_000_000,
    };
    "activity_offered" => Activity { entries: vec![offered()], next_before: None };
    "grant_change" => GrantChange { role: Some(Role::Editor), ends_at_ms: Some(Some(1_802_000_000_000)) };
    "grant_change_endless" => GrantChange { role: None, ends_at_ms: Some(None) };
    "grant_change_nothing" => GrantChange::default();
    "grants" => Grants { with_me: vec![grant()], by_me: vec![], linked: vec![] };
    "grants_linked" => Grants { with_me: vec![], by_me: vec![], linked: vec![item_id()] };
    "item_grants" => ItemGrants { grants: vec![grant()] };
    "new_grant" => NewGrant { person: "bob".to_owned(), role: Role::Editor, ends_at_ms: None };
    "new_grant_ending" => NewGrant {
        person: "bob".to_owned(), role: Role::Viewer, ends_at_ms: Some(1_802_000_000_000)
    };
    "link" => link();
    "link_ending" => Link {
        may: May::ViewAndUpload,
        has_password: true,
        ends_at_ms: Some(1_802_000_000_000),
        most_downloads: Some(5),
        ..link()
    };
    "links" => Links { links: vec![link()] };
    "new_link" => NewLink {
        label: String::new(),
        may: May::Upload,
        ends_at_ms: None,
        most_downloads: None,
        password: None,
    };
    "new_link_full" => NewLink {
        label: "Invoices".to_owned(),
        may: May::View,
        ends_at_ms: Some(1_802_000_000_000),
        most_downloads: Some(5),
        password: Some(link_password()),
    };
    "link_change" => LinkChange {
        label: Some("Bills".to_owned()),
        may: Some(May::View),
        ends_at_ms: Some(Some(1_802_000_000_000)),
        most_downloads: Some(Some(5)),
        password: Some(Some(link_password())),
    };
    "link_change_nothing" => LinkChange::default();
    "link_change_open" => LinkChange {
        ends_at_ms: Some(None),
        most_downloads: Some(None),
        password: Some(None),
        ..LinkChange::default()
    };
    "link_shown" => LinkShown {
        owner_name: "ann".to_owned(),
        may: May::View,
        needs_password: false,
        item: Some(LinkItem {
            id: folder_id(),
            name: "Reports".to_owned(),
            is_folder: true,
        }),
        ends_at_ms: Some(1_802_000_000_000),
        counts_downloads: true,
    };
    "link_shown_closed" => LinkShown {
        owner_name: "ann".to_owned(),
        may: May::Upload,
        needs_password: true,
        item: None,
        ends_at_ms: None,
        counts_downloads: false,
    };
    "pass" => Pass { pass: "1.1795392000123.00".to_owned(), until_ms: 1_795_392_000_123 };
    "pass_finish" => PassFinish { attempt: "attempt".to_owned(), message: message() };
    "pass_start" => PassStart { message: message() };
    "put_in" => PutIn { stored: true };
    "item_changed_file" => ItemChanged { item: file(), seq: 42 };
    "item_changed_folder" => ItemChanged { item: folder(), seq: 43 };
    "item_changed_mount" => ItemChanged {
        item: Item { mount: Some(Mount { grant: grant().id }), trashed_at_ms: None, ..folder() },
        seq: 44,
    };
    "journal_grew" => journal_grew();
    "journal_grew_shared" => JournalGrew {
        about: vec![item_id(), folder_id()], also: vec![user_id()], ..journal_grew()
    };
    "journal_grew_by_the_owner" => JournalGrew {
        owner: Some(user_id()), ..journal_grew()
    };
    "journal_grew_of_a_folder" => JournalGrew {
        about: vec![folder_id()], below: vec![folder_id()], ..journal_grew()
    };
    "manifest_since" => ManifestSince {
        version: 7,
        size: 8,
        since: 6,
        of: None,
        splices: vec![Splice { at: 0, remove: 1, insert: content().blocks, carried: 0 }],
    };
    "manifest_since_of_another" => ManifestSince {
        version: 7,
        size: 8,
        since: 6,
        of: Some(folder_id()),
        splices: vec![],
    };
    "new_access_token" => NewAccessToken {
        name: "backup script".to_owned(), scope: Scope::Full, days: None, folder: None
    };
    "new_access_token_read_only" => NewAccessToken {
        name: "backup script".to_owned(), scope: Scope::ReadOnly, days: Some(30), folder: None
    };
    "new_access_token_of_a_folder" => NewAccessToken {
        name: "backup script".to_owned(), scope: Scope::ReadOnly, days: Some(30),
        folder: Some(folder_id())
    };
    "new_conflict" => NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 6,
        content: content(),
    };
    "new_file" => NewFile {
        operation_id: operation_id(),
        id: item_id(),
        parent: Some(folder_id()),
        name: name(),
        content: Some(content()),
    };
    "new_file_empty" => NewFile::<Manifest> {
        operation_id: operation_id(),
        id: item_id(),
        parent: None,
        name: name(),
        content: None,
    };
    "new_file_copied" => NewFile {
        operation_id: operation_id(),
        id: item_id(),
        parent: None,
        name: Name::parse("copy.txt").unwrap(),
        content: Some(Content::Spliced(Spliced {
            size: 8,
            size_class: content().size_class,
            modified_at_ms: content().modified_at_ms,
            base: Base { item: item_id(), version: 6 },
            splices: vec![],
        })),
    };
    "new_mount" => NewMount {
        operation_id: operation_id(),
        id: folder_id(),
        grant: grant().id,
        parent: None,
        name: Name::parse("Reports").unwrap(),
    };
    "new_folder" => NewFolder {
        operation_id: operation_id(),
        id: folder_id(),
        parent: None,
        name: Name::parse("Reports").unwrap(),
    };
    "park" => Park {
        user: user_id(),
        device: device_id(),
        space: space_id(),
        root: None,
        seen: 41,
        timeout_seconds: 60,
        also: Vec::new(),
        asked_at: None,
    };
    "park_of_a_root" => Park {
        user: user_id(),
        device: device_id(),
        space: space_id(),
        root: Some(folder_id()),
        seen: 41,
        timeout_seconds: 60,
        also: Vec::new(),
        asked_at: None,
    };
    "park_of_several" => Park {
        user: user_id(),
        device: device_id(),
        space: space_id(),
        root: None,
        seen: 41,
        timeout_seconds: 60,
        also: vec![Awaited { space: SpaceId::from_random([0x5B; 16]), root: Some(folder_id()), seen: 7 }],
        asked_at: Some(1_784_560_000_000),
    };
    "poll_event" => PollEvent::of_space(space_id(), event());
    "poll_event_of_a_root" => PollEvent {
        event: event_by_ann(EventType::FileMove),
        root: Some(folder_id()),
        space: Some(space_id()),
    };
    "proposal" => Proposal {
        current_version: 6,
        new_block_hashes: vec![BlockHash::of(b"first"), BlockHash::of(b"two")],
        new_bytes: None,
    };
    "proposal_answer" => ProposalAnswer {
        status: ProposalStatus::Ok,
        missing_blocks: vec![BlockHash::of(b"two")],
    };
    "reopen" => Reopen { operation_id: operation_id(), seen_version: 8 };
    "resolve_keep_both" => resolve(keep_both());
    "resolve_keep_mine" => resolve(Choice::KeepMine);
    "resolve_keep_theirs" => resolve(Choice::KeepTheirs);
    "resolve_merged" => resolve(Choice::Merged { content: content().into() });
    "server" => Server { sign_up_open: true, sign_up: None, account_goes_on_ms: None };
    "server_of_the_invited" => Server {
        sign_up_open: false,
        sign_up: Some(SignUpMode::Invited),
        account_goes_on_ms: None,
    };
    "server_of_ending_accounts" => Server {
        sign_up_open: false,
        sign_up: None,
        account_goes_on_ms: Some(604_800_000),
    };
    "session_browser" => session(DeviceKind::Browser, None);
    "session_counted" => {
        let mut counted = session(DeviceKind::Browser, None);
        counted.space.metadata_bytes = 4_096;
        counted.space.stored_bytes = 10;
        counted.space.trash = Trash { items: 3, bytes: 5, has_more: true };
        counted.space.counts = Counts {
            items: 7,
            most_items: 500_000,
            versions: 9,
            most_versions_of_a_file: 10_000,
            list_rows: 12,
            most_list_rows: 4_000_000,
        };
        counted
    };
    "session_program" => session(DeviceKind::Program, Some("dl_0123456789".to_owned()));
    "sign_in_finish" => SignInFinish {
        attempt: "attempt".to_owned(),
        message: message(),
        device: new_device(Some(device_id())),
        replaces: None,
    };
    "sign_in_start" => SignInStart { user_name: "ann".to_owned(), message: message() };
    "sign_in_started" => SignInStarted { attempt: "attempt".to_owned(), message: message() };
    "sign_up_finish" => SignUpFinish {
        user_name: "ann".to_owned(),
        message: message(),
        registration: None,
        device: new_device(None),
        invite: None,
    };
    "sign_up_finish_invited" => SignUpFinish {
        user_name: "ann".to_owned(),
        message: message(),
        registration: Some("registration".to_owned()),
        device: new_device(None),
        invite: Some(SECRET.to_owned()),
    };
    "sign_up_finish_named" => SignUpFinish {
        user_name: "ann".to_owned(),
        message: message(),
        registration: Some("registration".to_owned()),
        device: new_device(None),
        invite: None,
    };
    "sign_up_start" => SignUpStart { user_name: "ann".to_owned(), message: message(), invite: None };
    "sign_up_start_invited" => SignUpStart {
        user_name: "ann".to_owned(), message: message(), invite: Some(SECRET.to_owned()),
    };
    "sign_up_started" => SignUpStarted { message: message(), registration: None };
    "sign_up_started_named" => SignUpStarted {
        message: message(), registration: Some("registration".to_owned())
    };
    "confirm" => Confirm { attempt: "attempt".to_owned(), message: message() };
    "password_start" => PasswordStart { message: message() };
    "password_finish" => PasswordFinish {
        message: message(), registration: "registration".to_owned(), keep: vec![device_id()], keep_all: false
    };
    "password_finish_renewing" => PasswordFinish {
        message: message(), registration: "registration".to_owned(), keep: vec![], keep_all: true
    };
    "password_changed" => PasswordChanged { ended: 3 };
    "recovery_codes" => RecoveryCodes {
        version: 2, left: 9, made_at_ms: Some(1_795_000_000_000),
    };
    "recovery_codes_none" => RecoveryCodes::default();
    "new_recovery_codes" => NewRecoveryCodes {
        base_version: 1, hashes: vec![BlockHash::of(b"a code")],
    };
    "recover_start" => RecoverStart { message: message() };
    "recover_finish" => RecoverFinish {
        user_name: "ann".to_owned(),
        code: "01234-56789-abcde-fghjk".to_owned(),
        message: message(),
        registration: "registration".to_owned(),
        device: new_device(None),
    };
    "device_change" => DeviceChange { name: "The kitchen's".to_owned() };
    "account_end" => AccountEnd { ends_at_ms: 1_796_000_000_000 };
    "session_ending" => Session {
        ends_at_ms: Some(1_796_000_000_000),
        ..session(DeviceKind::Browser, None)
    };
    "session_with_marks" => Session { has_marks: true, ..session(DeviceKind::Browser, None) };
    "session_of_an_administrator" => Session {
        is_administrator: true,
        ..session(DeviceKind::Browser, None)
    };
    "managed_person" => ManagedPerson {
        is_administrator: true,
        disabled_at_ms: Some(1_795_000_000_001),
        ends_at_ms: Some(1_796_000_000_000),
        devices: 3,
        seen_at_ms: Some(1_795_000_000_002),
        used_bytes: 10,
        ..managed_person()
    };
    "people" => People { people: vec![managed_person()], next_after: Some("ann".to_owned()) };
    "people_end" => People::default();
    "person_change" => PersonChange {
        is_administrator: Some(true), is_disabled: Some(false), quota_bytes: Some(1_024),
    };
    "person_change_nothing" => PersonChange::default();
    "server_settings" => ServerSettings {
        sign_up: SignUpMode::Open, new_quota_bytes: 10_737_418_240,
    };
    "settings_change" => SettingsChange { sign_up: Some(SignUpMode::Closed) };
    "invites" => Invites { invites: vec![invite()] };
    "new_invite" => NewInvite { note: "For Bob".to_owned() };
    "invite_made" => InviteMade { invite: invite(), secret: SECRET.to_owned() };
    "audit" => Audit {
        entries: ACTS.iter().enumerate().map(|(at, act)| AuditEntry {
            n: (ACTS.len() - at) as u64,
            act: *act,
            ..audit_entry()
        }).collect(),
        next_before: None,
    };
    "audit_of_a_quota" => Audit {
        entries: vec![AuditEntry {
            of: Some("bob".to_owned()), detail: Some("1024".to_owned()), ..audit_entry()
        }],
        next_before: Some(7),
    };
    "health" => health();
    "session_renewing" => Session { renew_record: true, ..session(DeviceKind::Browser, None) };
    "wake" => Wake { users: vec![user_id()], elsewhere: vec![], news: journal_grew() };
    "wake_elsewhere" => Wake { users: vec![user_id()], elsewhere: vec![user_id()], news: journal_grew() };

    "problem_account_disabled" => problem(Problem::AccountDisabled);
    "problem_invite_needed" => problem(Problem::InviteNeeded);
    "problem_last_administrator" => problem(Problem::LastAdministrator);
    "problem_no_such_invite" => problem(Problem::NoSuchInvite);
    "problem_already_resolved" => problem(Problem::AlreadyResolved);
    "problem_another_user" => problem(Problem::AnotherUser { user_name: "bob".to_owned() });
    "problem_bad_cursor" => problem(Problem::BadCursor);
    "problem_bad_frames" => problem(Problem::BadFrames { detail: detail() });
    "problem_bad_json" => problem(Problem::BadJson { detail: detail() });
    "problem_bad_manifest" => problem(Problem::BadManifest { detail: detail() });
    "problem_bad_name" => problem(Problem::BadName { detail: detail() });
    "problem_bad_request" => problem(Problem::BadRequest { detail: detail() });
    "problem_bad_sign_in_message" => problem(Problem::BadSignInMessage);
    "problem_block_too_large" => problem(Problem::BlockTooLarge { limit_bytes: 16_777_216 });
    "problem_blocks_missing" => problem(Problem::BlocksMissing {
        missing_blocks: vec![BlockHash::of(b"two")],
    });
    "problem_body_too_large" => problem(Problem::BodyTooLarge { limit_bytes: 2_097_152 });
    "problem_confirm_password" => problem(Problem::ConfirmPassword);
    "problem_cross_site" => problem(Problem::CrossSite);
    "problem_folder_gone" => problem(Problem::FolderGone);
    "problem_hands_full" => problem(Problem::HandsFull { retry_after_seconds: 1 });
    "problem_hash_mismatch" => problem(Problem::HashMismatch {
        claimed: BlockHash::of(b"first"),
        actual: BlockHash::of(b"two"),
    });
    "problem_id_taken" => problem(Problem::IdTaken);
    "problem_in_trash" => problem(Problem::InTrash);
    "problem_internal" => problem(Problem::Internal);
    "problem_limit_reached" => problem(Problem::LimitReached {
        what: Limited::VersionsOfAFile,
        most: 10_000,
    });
    "problem_method_not_allowed" => problem(Problem::MethodNotAllowed { method: "PUT".to_owned() });
    "problem_move_into_itself" => problem(Problem::MoveIntoItself);
    "problem_name_taken" => problem(Problem::NameTaken { item: item_id() });
    "problem_no_such_base" => problem(Problem::NoSuchBase);
    "problem_no_such_block" => problem(Problem::NoSuchBlock);
    "problem_no_such_conflict" => problem(Problem::NoSuchConflict);
    "problem_no_such_device" => problem(Problem::NoSuchDevice);
    "problem_recovery_refused" => problem(Problem::RecoveryRefused);
    "problem_recovery_codes_changed" => problem(Problem::RecoveryCodesChanged);
    "problem_link_password" => problem(Problem::LinkPassword);
    "problem_wrong_password" => problem(Problem::WrongPassword);
    "problem_upload_only" => problem(Problem::UploadOnly);
    "problem_downloads_counted" => problem(Problem::DownloadsCounted);
    "problem_no_room" => problem(Problem::NoRoom);
    "problem_no_such_link" => problem(Problem::NoSuchLink);
    "problem_no_such_search" => problem(Problem::NoSuchSearch);
    "limit_reached_stars" => problem(Problem::LimitReached { what: Limited::Stars, most: 2_000 });
    "limit_reached_searches" => problem(Problem::LimitReached { what: Limited::Searches, most: 100 });
    "limit_reached_invites" => problem(Problem::LimitReached { what: Limited::Invites, most: 200 });
    "limit_reached_links" => problem(Problem::LimitReached { what: Limited::Links, most: 1_000 });
    "problem_no_such_grant" => problem(Problem::NoSuchGrant);
    "problem_no_such_person" => problem(Problem::NoSuchPerson);
    "problem_no_such_item" => problem(Problem::NoSuchItem);
    "problem_no_such_route" => problem(Problem::NoSuchRoute);
    "problem_no_such_version" => problem(Problem::NoSuchVersion);
    "problem_is_a_mount" => problem(Problem::IsAMount);
    "problem_not_offered" => problem(Problem::NotOffered);
    "problem_too_much_to_hand_over" => problem(Problem::TooMuchToHandOver {
        items: 6_000, most_items: 5_000, rows: 70_000, most_rows: 100_000,
    });
    "problem_damaged_file" => problem(Problem::DamagedFile {
        item: item_id(), name: "report.txt".to_owned(),
    });
    "problem_not_a_mount" => problem(Problem::NotAMount);
    "problem_already_mounted" => problem(Problem::AlreadyMounted { item: item_id() });
    "problem_not_a_file" => problem(Problem::NotAFile);
    "problem_not_a_folder" => problem(Problem::NotAFolder);
    "problem_deleted_for_good" => problem(Problem::DeletedForGood);
    "problem_not_in_trash" => problem(Problem::NotInTrash);
    "problem_not_resolved" => problem(Problem::NotResolved);
    "problem_not_for_tokens" => problem(Problem::NotForTokens);
    "problem_not_signed_in" => problem(Problem::NotSignedIn);
    "problem_one_folder" => problem(Problem::OneFolder);
    "problem_open_conflicts" => problem(Problem::OpenConflicts { count: 2 });
    "problem_operation_reused" => problem(Problem::OperationReused);
    "problem_patch_refused" => problem(Problem::PatchRefused {
        block: BlockHash::of(b"first"),
        detail: detail(),
    });
    "problem_place_conflict" => problem(Problem::PlaceConflict { current_place_version: 4 });
    "problem_poll_replaced" => problem(Problem::PollReplaced);
    "problem_precondition_failed" => problem(Problem::PreconditionFailed);
    "problem_quota_exceeded" => problem(Problem::QuotaExceeded { used_bytes: 9, quota_bytes: 10, needed_bytes: None, trash_bytes: None });
    "quota_exceeded_by" => problem(Problem::QuotaExceeded {
        used_bytes: 9,
        quota_bytes: 10,
        needed_bytes: Some(2),
        trash_bytes: Some(0),
    });
    "problem_range_not_satisfiable" => problem(Problem::RangeNotSatisfiable { size: 8 });
    "problem_read_only" => problem(Problem::ReadOnly);
    "problem_session_ended" => problem(Problem::SessionEnded);
    "problem_shared_with_oneself" => problem(Problem::SharedWithOneself);
    "problem_sign_in_refused" => problem(Problem::SignInRefused);
    "problem_sign_in_unavailable" => problem(Problem::SignInUnavailable);
    "problem_sign_up_closed" => problem(Problem::SignUpClosed);
    "problem_too_deep" => problem(Problem::TooDeep);
    "problem_too_many_devices" => problem(Problem::TooManyDevices {
        limit: 100, oldest: Some(Box::new(ending(DeviceKind::Program, Scope::ReadOnly)))
    });
    "problem_too_many_polls" => problem(Problem::TooManyPolls);
    "problem_too_many_requests" => problem(Problem::TooManyRequests { retry_after_seconds: 60 });
    "problem_unavailable" => problem(Problem::Unavailable);
    "problem_user_name_taken" => problem(Problem::UserNameTaken);
    "problem_version_conflict" => problem(Problem::VersionConflict {
        current_version: 7,
        committed: committed(),
    });
}

/// What a newer server says must not make an older page fail.
#[test]
fn unknown_variants_are_tolerated() {
    let body: ErrorBody = serde_json::from_value(json!({
        "code": "problem_of_the_future", "message": "Hm", "detail": 7
    }))
    .unwrap();
    assert_eq!(body.problem, Problem::Unknown);
    assert_eq!(body.message, "Hm");

    let page: ChangePage = serde_json::from_value(json!({
        "reset": false, "next_token": "1.x", "has_more": false,
        "changes": [
            {"kind": "change_of_the_future", "item": "not an item", "grant": {"to": 3}},
            {"kind": "item", "item": folder()},
        ],
    }))
    .unwrap();
    assert_eq!(
        page.changes,
        [Change::Unknown, Change::Item { item: folder() }]
    );

    let mut future = serde_json::to_value(event()).unwrap();
    future["event_type"] = "share_update".into();
    let event: Event = serde_json::from_value(future).unwrap();
    assert_eq!(event.event_type, EventType::Unknown);

    let mut future = serde_json::to_value(grant()).unwrap();
    future["role"] = "commenter".into();
    let grant: Grant = serde_json::from_value(future).unwrap();
    assert_eq!(grant.role, Role::Unknown);

    let mut future = serde_json::to_value(device(DeviceKind::Browser)).unwrap();
    future["kind"] = "fridge".into();
    let device: Device = serde_json::from_value(future).unwrap();
    assert_eq!(device.kind, DeviceKind::Unknown);
}

#[test]
fn an_error_body_says_the_problem_in_words() {
    for problem in [
        Problem::BadCursor,
        Problem::BlocksMissing {
            missing_blocks: vec![BlockHash::of(b"two")],
        },
        Problem::VersionConflict {
            current_version: 7,
            committed: committed(),
        },
    ] {
        let body = ErrorBody::from(problem.clone());
        assert_eq!(body.message, problem.to_string());
        assert!(!body.message.is_empty());
    }
}

#[test]
fn how_long_to_wait_is_said_in_words_for_people() {
    let said = |retry_after_seconds| {
        Problem::TooManyRequests {
            retry_after_seconds,
        }
        .to_string()
    };
    assert_eq!(said(60), "Too many attempts: try again in 60 seconds");
    assert_eq!(said(3_541), "Too many attempts: try again in 60 minutes");
}

/// Optional fields may be left out or null.
#[test]
fn absent_optional_fields_are_none() {
    let json =
        json!({"operation_id": operation_id(), "id": item_id(), "parent": null, "name": "a"});
    let file: NewFile = serde_json::from_value(json).unwrap();
    assert!(file.content.is_none());
    let json = json!({"operation_id": operation_id(), "id": item_id(), "parent": null, "name": "a", "content": null});
    let file: NewFile = serde_json::from_value(json).unwrap();
    assert!(file.content.is_none());
    let json = json!({"name": "Chrome", "kind": "browser", "id": null});
    let device: NewDevice = serde_json::from_value(json).unwrap();
    assert!(device.id.is_none());
}

/// A bad value inside is refused, not repaired.
#[test]
fn contradictions_are_refused() {
    let good = serde_json::to_value(Commit {
        operation_id: operation_id(),
        base_version: 6,
        content: content(),
    })
    .unwrap();
    for (pointer, bad) in [
        ("/base_version", json!(-1)),
        ("/base_version", json!("6")),
        ("/base_version", json!(1.5)),
        ("/base_version", Value::Null),
        ("/operation_id", json!("x")),
        ("/content/size_class", json!(17)),
        ("/content/size_class", json!(23)),
        ("/content/size_class", json!(274)),
        ("/content/blocks/0/1", json!(-5)),
        ("/content/blocks/0/0", json!("abc")),
        ("/content/blocks/0", json!([])),
        ("/content/blocks", json!(null)),
    ] {
        let mut json = good.clone();
        *json.pointer_mut(pointer).unwrap() = bad.clone();
        assert!(
            serde_json::from_value::<Commit>(json).is_err(),
            "{pointer} = {bad}"
        );
    }
}

/// A choice that a newer page offers must not be taken for one of today's.
#[test]
fn an_unknown_choice_is_refused() {
    let mut json = serde_json::to_value(resolve(Choice::KeepMine)).unwrap();
    json["choice"] = "merge".into();
    assert!(serde_json::from_value::<Resolve>(json).is_err());
}
