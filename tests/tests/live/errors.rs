//! Every problem that a client can provoke, against a running server: each has
//! its status and its code, and nothing was changed.
//! 1. furnish a space: a file with two versions, a folder, a trashed file, a
//!    resolved conflict, another person with a file, a revoked token
//! 2. walk the table: send the request, compare status and code, and look
//!    whether the feed or the space used has moved
//! 3. check that the table names every problem, or says why it can't

use blocks::frame::{CARRYING_CONTENT_TYPE, carrying_head, plain_header};
use blocks::hash::BlockHash;
use driftless_tests::client::{
    Client, Reply, change_trashed, commit_of, conflict_id, frames, item_id, manifest, name,
    new_file, operation_id, patched,
};
use driftless_tests::drive::resolve;
use driftless_tests::live::{PASSWORD, Person, anyone, person};
use driftless_tests::random;
use driftless_tests::sign_in::{self, program};
use driftless_tests::tree::Tree;
use protocol::accounts::SignUpStart;
use protocol::batches::{FileMade, FilesMade, NewFiles};
use protocol::conflicts::{Choice, NewConflict};
use protocol::content::{Base, Content, Splice, Spliced};
use protocol::files::{Commit, Proposal};
use protocol::ids::{ConflictId, DeviceId, ItemId};
use protocol::items::{ChangePlace, DeleteForGood, Item, NewFolder};
use protocol::limits::{
    MAX_BATCH_FILES, MAX_BATCH_ITEMS, MAX_BLOCK_BYTES, MAX_FOLDER_DEPTH, MAX_JSON_BODY_BYTES,
    MAX_PACK_BLOCKS, MAX_PACK_BODY_BYTES,
};
use protocol::opaque::Message;
use protocol::paths;
use protocol::problem::Problem;
use std::collections::BTreeSet;

/// How a problem is covered by tests.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Covered {
    /// By the table below.
    Here,
    /// By a test of its own.
    By(&'static str),
    /// By none of these tests, because…
    Not(&'static str),
}

use Covered::{By, Here, Not};

/// A new variant of `Problem` does not compile until it is listed here, and the
/// test fails until the table provokes it or a reason says why it can't.
macro_rules! coverage {
    ($($pattern:pat => $code:literal $covered:expr;)*) => {
        fn code(problem: &Problem) -> &'static str {
            match problem {
                $($pattern => $code,)*
            }
        }

        const COVERAGE: &[(&str, Covered)] = &[$(($code, $covered)),*];
    };
}

coverage! {
    Problem::BadRequest { .. } => "bad_request" Here;
    Problem::BadJson { .. } => "bad_json" Here;
    Problem::BadFrames { .. } => "bad_frames" Here;
    Problem::BadName { .. } => "bad_name" Here;
    Problem::BadCursor => "bad_cursor" Here;
    Problem::BadManifest { .. } => "bad_manifest" Here;
    Problem::BadSignInMessage => "bad_sign_in_message" Here;
    Problem::NotSignedIn => "not_signed_in" Here;
    Problem::SessionEnded => "session_ended" Here;
    Problem::SignInRefused => "sign_in_refused"
        By("live/accounts::a_wrong_password_and_an_unknown_name_get_identical_answers");
    Problem::RecoveryRefused => "recovery_refused"
        Not("model::accounts::recovery::a_wrong_code_and_an_unknown_name_are_answered_alike has one");
    Problem::RecoveryCodesChanged => "recovery_codes_changed"
        Not("model::accounts::recovery::of_two_sets_at_once_the_first_stays has one");
    Problem::SignUpClosed => "sign_up_closed" By("live/settings::a_closed_server_signs_nobody_up");
    Problem::InviteNeeded => "invite_needed"
        Not("model::accounts::newcomers::of_two_people_with_one_invitation_one_gets_in has one");
    Problem::AccountDisabled => "account_disabled"
        Not("model::strangers::running::whoever_is_shut_out_learns_why_after_the_password_and_has_all_again_afterwards has one");
    Problem::CrossSite => "cross_site" By("live/cookies::another_sites_request_is_refused");
    Problem::AnotherUser { .. } => "another_user"
        By("live/cookies::one_persons_page_does_nothing_with_anothers_cookie");
    Problem::ConfirmPassword => "confirm_password"
        Not("it takes a session of ten minutes: model::accounts::limits has one");
    Problem::NotForTokens => "not_for_tokens"
        By("live/tokens::a_token_makes_no_tokens_and_revokes_no_device");
    Problem::ReadOnly => "read_only" By("live/tokens::a_token_that_may_only_read_writes_nothing");
    Problem::OneFolder => "one_folder" By("live/tokens::a_token_of_one_folder_has_nothing_else");
    Problem::FolderGone => "folder_gone"
        By("live/tokens::a_token_of_one_folder_has_nothing_else");
    Problem::NoSuchRoute => "no_such_route" Here;
    Problem::NoSuchItem => "no_such_item" Here;
    Problem::NoSuchVersion => "no_such_version" Here;
    Problem::NoSuchBase => "no_such_base" Here;
    Problem::NoSuchBlock => "no_such_block" Here;
    Problem::NoSuchConflict => "no_such_conflict" Here;
    Problem::NoSuchDevice => "no_such_device" Here;
    Problem::NoSuchPerson => "no_such_person"
        Not("model::strangers::a_stranger_is_refused_everywhere_and_changes_nothing has one");
    Problem::NoSuchGrant => "no_such_grant"
        Not("model::strangers::shared::only_its_two_people_know_a_grant has one");
    Problem::NoSuchLink => "no_such_link"
        Not("model::strangers::links::what_a_link_is_no_more_is_told_like_what_never_was has one");
    Problem::NoSuchSearch => "no_such_search"
        Not("model::strangers::marks::a_search_is_saved_once_renamed_by_whoever_saw_it_and_removed has one");
    Problem::NoSuchInvite => "no_such_invite"
        Not("model::accounts::newcomers::of_two_people_with_one_invitation_one_gets_in has one");
    Problem::LinkPassword => "link_password"
        Not("model::strangers::links::a_password_is_asked_for_and_opens_the_link has one");
    Problem::WrongPassword => "wrong_password"
        Not("model::strangers::links::a_password_can_be_tried_only_so_often has one");
    Problem::UploadOnly => "upload_only"
        Not("model::strangers::links::a_drop_box_shows_nothing has one");
    Problem::DownloadsCounted => "downloads_counted"
        Not("model::strangers::links::the_last_download_is_had_once has one");
    Problem::NoRoom => "no_room"
        Not("model::strangers::links::nobody_is_told_how_full_the_drive_is has one");
    Problem::MethodNotAllowed { .. } => "method_not_allowed" Here;
    Problem::VersionConflict { .. } => "version_conflict" Here;
    Problem::PlaceConflict { .. } => "place_conflict" Here;
    Problem::NameTaken { .. } => "name_taken" Here;
    Problem::UserNameTaken => "user_name_taken" Here;
    Problem::TooManyDevices { .. } => "too_many_devices"
        By("live/tokens::a_person_has_only_so_many_devices");
    Problem::LastAdministrator => "last_administrator"
        Not("model::strangers::running::the_last_administrator_stays_one has one");
    Problem::NotOffered => "not_offered"
        By("live/handover::a_folder_is_handed_over_and_back");
    Problem::TooMuchToHandOver { .. } => "too_much_to_hand_over"
        Not("model::strangers::handover::more_than_fits_into_one_transaction_is_refused_with_the_numbers has one");
    Problem::DamagedFile { .. } => "damaged_file"
        Not("model::strangers::handover::a_file_that_is_damaged_is_named_and_nothing_changes_hands has one");
    Problem::SharedWithOneself => "shared_with_oneself"
        Not("model::strangers::a_stranger_is_refused_everywhere_and_changes_nothing has one");
    Problem::IdTaken => "id_taken" Here;
    Problem::NotAFile => "not_a_file" Here;
    Problem::NotAFolder => "not_a_folder" Here;
    Problem::IsAMount => "is_a_mount"
        Not("model::strangers::mounts::a_mount_takes_nothing_and_is_not_given_on has one");
    Problem::NotAMount => "not_a_mount"
        Not("model::strangers::a_stranger_is_refused_everywhere_and_changes_nothing has one");
    Problem::AlreadyMounted { .. } => "already_mounted"
        Not("model::strangers::mounts::there_is_one_mount_of_a_share_and_one_in_the_trash_gives_way has one");
    Problem::MoveIntoItself => "move_into_itself" Here;
    Problem::TooDeep => "too_deep" Here;
    Problem::InTrash => "in_trash" Here;
    Problem::NotInTrash => "not_in_trash" Here;
    Problem::DeletedForGood => "deleted_for_good"
        Not("suite::deletions::a_deleted_items_id_is_not_used_again has one");
    Problem::OpenConflicts { .. } => "open_conflicts" Here;
    Problem::OperationReused => "operation_reused" Here;
    Problem::AlreadyResolved => "already_resolved" Here;
    Problem::NotResolved => "not_resolved" Here;
    Problem::PreconditionFailed => "precondition_failed" Here;
    Problem::BodyTooLarge { .. } => "body_too_large" Here;
    Problem::BlockTooLarge { .. } => "block_too_large" Here;
    Problem::RangeNotSatisfiable { .. } => "range_not_satisfiable" Here;
    Problem::HashMismatch { .. } => "hash_mismatch" Here;
    Problem::PatchRefused { .. } => "patch_refused" Here;
    Problem::BlocksMissing { .. } => "blocks_missing" Here;
    Problem::TooManyRequests { .. } => "too_many_requests"
        By("live/settings::the_quota_and_the_limit_on_sign_ins_hold");
    Problem::TooManyPolls => "too_many_polls"
        Not("it takes a hub that is full of other people: the table of waiters has its own test");
    Problem::PollReplaced => "poll_replaced"
        By("live/poll::a_second_poll_of_a_device_replaces_the_first");
    Problem::QuotaExceeded { .. } => "quota_exceeded"
        By("live/settings::the_quota_and_the_limit_on_sign_ins_hold");
    Problem::LimitReached { .. } => "limit_reached"
        By("live/settings::the_quota_and_the_limit_on_sign_ins_hold");
    Problem::Internal => "internal" Not("no request is known that makes the server fail");
    Problem::Unavailable => "unavailable" Not("it takes a database that does not answer");
    Problem::HandsFull { .. } => "hands_full"
        By("live_memory::many_large_requests_at_once_end_nobodys_and_come_through");
    Problem::SignInUnavailable => "sign_in_unavailable"
        Not("it takes a server with another secret: model::accounts::keys has one");
    Problem::Unknown => "unknown" Not("no server sends it: it is how older pages read newer codes");
}

/// What the requests of the table are about.
struct Space {
    ann: Person,
    /// At version 2.
    file: Item,
    folder: Item,
    trashed: Item,
    resolved: ConflictId,
    open: ConflictId,
    bobs_file: ItemId,
    deepest: ItemId,
    ended: Client,
}

fn furnish() -> Space {
    let (ann, bob) = (person(), person());
    let client = &ann.client;
    let made = client.put_file(None, "file", b"first").unwrap().item;
    let file = client.put_version(made.id, 1, b"second").unwrap().item;
    let folder = client.new_folder(None, "folder").unwrap().item;
    let trashed = client.new_empty_file(None, "trashed").unwrap().item;
    let trashed = client.trash(&trashed).unwrap().item;
    let conflict = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content: manifest(b"first"),
    };
    client.new_conflict(file.id, &conflict).unwrap();
    client.resolve(conflict.id, 2, Choice::KeepTheirs).unwrap();
    let open = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        ..conflict.clone()
    };
    client.new_conflict(file.id, &open).unwrap();
    let mut deepest = folder.id;
    for _ in 0..2 * MAX_FOLDER_DEPTH {
        match client.new_folder(Some(deepest), "deeper") {
            Ok(made) => deepest = made.item.id,
            Err(_) => break,
        }
    }
    let ended = ann.second_device("ended");
    ended.sign_out().unwrap();
    Space {
        bobs_file: bob.client.new_empty_file(None, "bob's").unwrap().item.id,
        resolved: conflict.id,
        open: open.id,
        ann,
        file,
        folder,
        trashed,
        deepest,
        ended,
    }
}

type Row = (&'static str, &'static str, fn(&Space) -> Reply);

fn post(space: &Space, path: &str, body: &impl serde::Serialize) -> Reply {
    space.ann.client.send_json("POST", path, body).unwrap()
}

fn delete(client: &Client, item: &Item) -> Reply {
    let body = DeleteForGood {
        operation_id: operation_id(),
        base_place_version: item.place_version,
        with_open_conflicts: false,
    };
    let path = paths::item(item.id);
    client.send_json("DELETE", &path, &body).unwrap()
}

fn post_text(space: &Space, path: &str, body: &str) -> Reply {
    let headers = [("content-type", "application/json")];
    let client = &space.ann.client;
    client
        .send("POST", path, &headers, Some(body.as_bytes()))
        .unwrap()
}

fn get(space: &Space, path: &str) -> Reply {
    space.ann.client.get(path).unwrap()
}

fn upload(space: &Space, body: &[u8]) -> Reply {
    space.ann.client.store_frames(body).unwrap()
}

/// A commit on the file's head, by a splice that removes a block of a version.
fn spliced(item: ItemId, version: u64, at: u32) -> Commit<Content> {
    let whole = commit_of(2, b"first");
    let splice = Splice {
        at,
        remove: 1,
        insert: whole.content.blocks.clone(),
        carried: 0,
    };
    let content = Content::Spliced(Spliced {
        size: whole.content.size,
        size_class: whole.content.size_class,
        modified_at_ms: whole.content.modified_at_ms,
        base: Base { item, version },
        splices: vec![splice],
    });
    whole.with_content(content)
}

/// A body that says to carry blocks.
fn carrying(space: &Space, body: &[u8]) -> Reply {
    let headers = [("content-type", CARRYING_CONTENT_TYPE)];
    let path = paths::commit(space.file.id);
    let client = &space.ann.client;
    client.send("POST", &path, &headers, Some(body)).unwrap()
}

fn place(space: &Space, item: &Item, parent: Option<ItemId>, text: &str) -> Reply {
    let change = ChangePlace {
        operation_id: operation_id(),
        base_place_version: item.place_version,
        parent,
        name: name(text),
    };
    let path = paths::item(item.id);
    space.ann.client.send_json("PATCH", &path, &change).unwrap()
}

fn folder_in(parent: Option<ItemId>, text: &str) -> NewFolder {
    NewFolder {
        operation_id: operation_id(),
        id: item_id(),
        parent,
        name: name(text),
    }
}

/// What is sent, the code it is refused with, and how to send it.
const TABLE: &[Row] = &[
    ("a body that is no JSON", "bad_json", |s| {
        post_text(s, paths::FOLDERS, "{")
    }),
    ("an empty body", "bad_json", |s| {
        post_text(s, &paths::commit(s.file.id), "")
    }),
    ("JSON of another shape", "bad_json", |s| {
        post_text(s, &paths::commit(s.file.id), "[1, 2]")
    }),
    ("a hash that is none", "bad_json", |s| {
        let body = r#"{"current_version": 2, "new_block_hashes": ["abc"]}"#;
        post_text(s, &paths::sync(s.file.id), body)
    }),
    ("a limit that is no number", "bad_request", |s| {
        get(s, "/api/v1/changes/list?limit=x")
    }),
    ("a version that is no number", "bad_request", |s| {
        get(s, &format!("{}?version=x", paths::content(s.file.id, None)))
    }),
    ("a file to compare with that is no id", "bad_request", |s| {
        let path = paths::manifest(s.file.id, 1);
        get(s, &format!("{path}&since=1&of=x"))
    }),
    ("a timeout that is no number", "bad_request", |s| {
        s.ann.client.poll_raw(None, "soon").unwrap()
    }),
    ("too many new files at once", "bad_request", |s| {
        let new = |n| new_file(None, &format!("new {n}"), None);
        let files = (0..=MAX_BATCH_FILES).map(new).collect();
        post(s, paths::FILES_BATCH, &NewFiles { files })
    }),
    ("half a frame", "bad_frames", |s| {
        upload(s, &frames(&[b"whole", b"torn"])[..60])
    }),
    ("no frame", "bad_frames", |s| upload(s, b"")),
    ("a frame of an unknown codec", "bad_frames", |s| {
        let mut body = frames(&[b"block"]);
        body[0] = 9;
        upload(s, &body)
    }),
    ("an empty block", "bad_frames", |s| {
        upload(s, &frames(&[b""]))
    }),
    ("too many frames", "bad_frames", |s| {
        upload(s, &frames(&vec![b"x".as_slice(); MAX_PACK_BLOCKS + 1]))
    }),
    ("a user name of spaces", "bad_name", |_| {
        let start = SignUpStart {
            user_name: "  ".to_owned(),
            message: sign_in::prepare(PASSWORD).message,
            invite: None,
        };
        anyone()
            .send_json("POST", paths::SIGN_UP_START, &start)
            .unwrap()
    }),
    ("a device name that is too long", "bad_name", |s| {
        let body = serde_json::json!({"name": "x".repeat(1_000)});
        post(s, paths::ACCESS_TOKENS, &body)
    }),
    ("a cursor of nobody", "bad_cursor", |s| {
        get(s, "/api/v1/changes/list?since_token=garbage")
    }),
    ("a poll with a cursor of nobody", "bad_cursor", |s| {
        s.ann.client.poll_raw(Some("garbage"), "0").unwrap()
    }),
    ("splices outside of their base", "bad_manifest", |s| {
        post(s, &paths::commit(s.file.id), &spliced(s.file.id, 1, 99))
    }),
    ("a content in neither form", "bad_json", |s| {
        let mut commit = serde_json::to_value(commit_of(2, b"first")).unwrap();
        commit["content"]["splices"] = serde_json::json!([]);
        post(s, &paths::commit(s.file.id), &commit)
    }),
    ("a body that ends before its JSON does", "bad_frames", |s| {
        carrying(s, &[9, 0, 0, 0, b'{'])
    }),
    ("carried JSON that is none", "bad_json", |s| {
        carrying(s, &[1, 0, 0, 0, b'{'])
    }),
    ("a size that is not the blocks'", "bad_manifest", |s| {
        let mut commit = commit_of(2, b"first");
        commit.content.size += 1;
        post(s, &paths::commit(s.file.id), &commit)
    }),
    ("a time that no date can tell", "bad_json", |s| {
        let mut commit = serde_json::to_value(commit_of(2, b"first")).unwrap();
        commit["content"]["modified_at_ms"] = serde_json::json!(1_u64 << 53);
        post(s, &paths::commit(s.file.id), &commit)
    }),
    ("a version that comes back as another", "bad_json", |s| {
        post(s, &paths::commit(s.file.id), &commit_of(1 << 53, b"first"))
    }),
    ("a version past what is exact", "bad_request", |s| {
        get(s, &paths::content(s.file.id, Some(1 << 53)))
    }),
    ("an empty block in a list", "bad_manifest", |s| {
        let mut file = new_file(None, "new", Some(manifest(b"first")));
        let content = file.content.as_mut().unwrap();
        content.blocks[0].length = 0;
        content.size = 0;
        post(s, paths::FILES, &file)
    }),
    ("a block larger than its class's", "bad_manifest", |s| {
        let mut commit = commit_of(2, b"first");
        commit.content.blocks[0].length = (1 << 20) + 1;
        commit.content.size = (1 << 20) + 1;
        post(s, &paths::commit(s.file.id), &commit)
    }),
    ("a folder with a name that is none", "bad_name", |s| {
        let folder = serde_json::json!({
            "operation_id": operation_id(), "id": item_id(), "parent": null, "name": "..",
        });
        post(s, paths::FOLDERS, &folder)
    }),
    ("new files that are no list of objects", "bad_json", |s| {
        post_text(s, paths::FILES_BATCH, r#"{"files": [[], {}]}"#)
    }),
    ("a list in place of an object", "bad_json", |s| {
        let fields = serde_json::json!([operation_id(), item_id(), null, "new"]);
        post(s, paths::FOLDERS, &fields)
    }),
    ("a number with a sign", "bad_request", |s| {
        get(
            s,
            &format!("{}?version=%2B1", paths::content(s.file.id, None)),
        )
    }),
    ("a number that is empty", "bad_request", |s| {
        get(s, &format!("{}?version=", paths::content(s.file.id, None)))
    }),
    ("a number that is there twice", "bad_request", |s| {
        get(s, "/api/v1/changes/list?limit=1&limit=2")
    }),
    ("a timeout with a sign", "bad_request", |s| {
        s.ann.client.poll_raw(None, "+2").unwrap()
    }),
    ("a content under a name that is none", "bad_name", |s| {
        get(
            s,
            &format!("{}?name=a%2Fb", paths::content(s.file.id, None)),
        )
    }),
    ("a sign-up message of noise", "bad_sign_in_message", |_| {
        let start = SignUpStart {
            user_name: "somebody".to_owned(),
            message: Message(vec![1, 2, 3]),
            invite: None,
        };
        anyone()
            .send_json("POST", paths::SIGN_UP_START, &start)
            .unwrap()
    }),
    ("a sign-in message of noise", "bad_sign_in_message", |s| {
        let start = serde_json::json!({"user_name": s.ann.name, "message": "AAAA"});
        anyone()
            .send_json("POST", paths::SIGN_IN_START, &start)
            .unwrap()
    }),
    ("no token", "not_signed_in", |s| {
        let path = paths::commit(s.file.id);
        anyone()
            .send_json("POST", &path, &commit_of(2, b"first"))
            .unwrap()
    }),
    ("blocks without a token", "not_signed_in", |_| {
        anyone().store_frames(&frames(&[b"block"])).unwrap()
    }),
    ("new files without a token", "not_signed_in", |_| {
        let files = vec![new_file(None, "new", None)];
        anyone()
            .send_json("POST", paths::FILES_BATCH, &NewFiles { files })
            .unwrap()
    }),
    ("an ended session", "session_ended", |s| {
        let path = paths::commit(s.file.id);
        s.ended
            .send_json("POST", &path, &commit_of(2, b"first"))
            .unwrap()
    }),
    ("an unknown address", "no_such_route", |s| {
        get(s, "/api/v1/teapots")
    }),
    ("an address that goes on", "no_such_route", |s| {
        get(s, "/api/v1/files/x/content/more")
    }),
    ("another version of the API", "no_such_route", |s| {
        get(s, "/api/v99/changes/list")
    }),
    ("a method that is not taken", "method_not_allowed", |s| {
        let client = &s.ann.client;
        let reply = client.send("DELETE", paths::CHANGES, &[], None).unwrap();
        assert!(reply.header("allow").contains("GET"), "{reply:?}");
        reply
    }),
    (
        "a GET of the address for many new files",
        "method_not_allowed",
        |s| get(s, paths::FILES_BATCH),
    ),
    (
        "a GET of the address for many changes of places",
        "method_not_allowed",
        |s| get(s, paths::ITEMS_BATCH),
    ),
    (
        "more changes of places than a request may ask for",
        "bad_request",
        |s| {
            let changes = vec![serde_json::json!({}); MAX_BATCH_ITEMS + 1];
            post(
                s,
                paths::ITEMS_BATCH,
                &serde_json::json!({"changes": changes}),
            )
        },
    ),
    ("a GET of what takes POST", "method_not_allowed", |s| {
        get(s, &paths::commit(s.file.id))
    }),
    ("an unknown file", "no_such_item", |s| {
        post(s, &paths::commit(item_id()), &commit_of(1, b"first"))
    }),
    ("another person's file", "no_such_item", |s| {
        post(s, &paths::commit(s.bobs_file), &commit_of(1, b"first"))
    }),
    ("an id that is none", "no_such_item", |s| {
        get(s, "/api/v1/files/readme.txt/content")
    }),
    ("a parent that does not exist", "no_such_item", |s| {
        post(s, paths::FOLDERS, &folder_in(Some(item_id()), "new"))
    }),
    ("an unknown version", "no_such_version", |s| {
        get(s, &paths::content(s.file.id, Some(3)))
    }),
    ("a manifest of an unknown version", "no_such_version", |s| {
        get(s, &paths::manifest(s.file.id, 99))
    }),
    ("a list since an unknown version", "no_such_base", |s| {
        let (item, version) = (s.file.id, 99);
        get(s, &paths::manifest_since(item, 1, Base { item, version }))
    }),
    ("splices of an unknown version", "no_such_base", |s| {
        post(s, &paths::commit(s.file.id), &spliced(s.file.id, 99, 0))
    }),
    ("splices of another person's file", "no_such_base", |s| {
        post(s, &paths::commit(s.file.id), &spliced(s.bobs_file, 1, 0))
    }),
    ("an unknown block", "no_such_block", |s| {
        get(s, &paths::block(BlockHash::of(&random::unseen_bytes(9))))
    }),
    ("a hash that is none, to read", "no_such_block", |s| {
        get(s, "/api/v1/blocks/abc")
    }),
    ("an unknown conflict", "no_such_conflict", |s| {
        get(s, &paths::conflict_content(conflict_id()))
    }),
    ("an unknown device", "no_such_device", |s| {
        let id = DeviceId::from_random(random::id_bytes());
        let client = &s.ann.client;
        client
            .send("DELETE", &paths::device(id), &[], None)
            .unwrap()
    }),
    ("a commit on an old base", "version_conflict", |s| {
        post(s, &paths::commit(s.file.id), &commit_of(1, b"first"))
    }),
    ("a commit on a base to come", "version_conflict", |s| {
        post(s, &paths::commit(s.file.id), &commit_of(3, b"first"))
    }),
    ("a proposal on an old base", "version_conflict", |s| {
        let proposal = Proposal {
            current_version: 1,
            new_block_hashes: vec![],
            new_bytes: None,
        };
        post(s, &paths::sync(s.file.id), &proposal)
    }),
    ("a rename on an old base", "place_conflict", |s| {
        let mut item = s.file.clone();
        item.place_version += 1;
        place(s, &item, None, "renamed")
    }),
    ("a name that is taken", "name_taken", |s| {
        post(s, paths::FOLDERS, &folder_in(None, "FILE"))
    }),
    ("a rename to a name that is taken", "name_taken", |s| {
        place(s, &s.file, None, "Folder")
    }),
    ("a user name that is taken", "user_name_taken", |s| {
        let refused = sign_in::sign_up(&anyone(), &s.ann.name, "x", program("x"), &[]);
        match refused.unwrap_err() {
            driftless_tests::client::Failure::Refused { status, body } => Reply {
                status,
                headers: Default::default(),
                body: serde_json::to_vec(&body).unwrap(),
            },
            other => panic!("{other}"),
        }
    }),
    ("an id that is in use", "id_taken", |s| {
        let mut file = new_file(None, "new", None);
        file.id = s.folder.id;
        post(s, paths::FILES, &file)
    }),
    ("a folder where a file is meant", "not_a_file", |s| {
        post(s, &paths::commit(s.folder.id), &commit_of(1, b"first"))
    }),
    ("a folder's content", "not_a_file", |s| {
        get(s, &paths::content(s.folder.id, None))
    }),
    ("a file where a folder is meant", "not_a_folder", |s| {
        post(s, paths::FOLDERS, &folder_in(Some(s.file.id), "new"))
    }),
    ("a move into a file", "not_a_folder", |s| {
        place(s, &s.folder, Some(s.file.id), "folder")
    }),
    ("a folder into itself", "move_into_itself", |s| {
        place(s, &s.folder, Some(s.folder.id), "folder")
    }),
    ("a folder below itself", "move_into_itself", |s| {
        place(s, &s.folder, Some(s.deepest), "folder")
    }),
    ("a folder too deep down", "too_deep", |s| {
        post(s, paths::FOLDERS, &folder_in(Some(s.deepest), "deeper"))
    }),
    ("a commit to what is in the trash", "in_trash", |s| {
        post(s, &paths::commit(s.trashed.id), &commit_of(1, b"first"))
    }),
    (
        "to delete for good what is not in the trash",
        "not_in_trash",
        |s| delete(&s.ann.client, &s.file),
    ),
    (
        "to delete for good what somebody has to decide on",
        "open_conflicts",
        |_| {
            let bob = person();
            let client = &bob.client;
            let made = client.put_file(None, "file", b"first").unwrap().item;
            client.put_version(made.id, 1, b"second").unwrap();
            let open = NewConflict {
                operation_id: operation_id(),
                id: conflict_id(),
                base_version: 1,
                content: manifest(b"first"),
            };
            client.new_conflict(made.id, &open).unwrap();
            delete(client, &client.trash(&made).unwrap().item)
        },
    ),
    (
        "another change by a used operation id",
        "operation_reused",
        |_| {
            // Its first use is a change, so it is made in a space of its own.
            let bob = person();
            let file = new_file(None, "one", None);
            bob.client.new_file(&file).unwrap();
            let mut other = file.clone();
            other.name = name("two");
            bob.client.send_json("POST", paths::FILES, &other).unwrap()
        },
    ),
    ("a conflict that was resolved", "already_resolved", |s| {
        let body = serde_json::json!({
            "operation_id": operation_id(), "seen_version": 2, "choice": "keep_mine",
        });
        post(s, &paths::resolve(s.resolved), &body)
    }),
    (
        "a conflict that is open, opened again",
        "not_resolved",
        |s| {
            let body = serde_json::json!({ "operation_id": operation_id(), "seen_version": 2 });
            post(s, &paths::reopen(s.open), &body)
        },
    ),
    (
        "a merge that did not see the head",
        "version_conflict",
        |s| {
            let choice = Choice::Merged {
                content: manifest(b"first").into(),
            };
            post(s, &paths::resolve(s.open), &resolve(1, choice))
        },
    ),
    (
        "a merge of blocks that are not stored",
        "blocks_missing",
        |s| {
            let choice = Choice::Merged {
                content: manifest(&random::unseen_bytes(64)).into(),
            };
            post(s, &paths::resolve(s.open), &resolve(2, choice))
        },
    ),
    (
        "a state of conflicts that there is not",
        "bad_request",
        |s| get(s, &format!("{}?state=lost", paths::CONFLICTS)),
    ),
    ("a page of conflicts from nowhere", "bad_cursor", |s| {
        get(s, &paths::resolved_conflicts(Some("nowhere")))
    }),
    ("a JSON body that is too large", "body_too_large", |s| {
        let text = format!("{{\"name\": \"{}\"}}", "x".repeat(MAX_JSON_BODY_BYTES));
        post_text(s, paths::ACCESS_TOKENS, &text)
    }),
    ("frames that are too large", "body_too_large", |s| {
        upload(s, &vec![0; MAX_PACK_BODY_BYTES + 1])
    }),
    ("a block that is too large", "block_too_large", |s| {
        let mut body = plain_header(BlockHash::of(b""), MAX_BLOCK_BYTES as u32 + 1).to_vec();
        body.resize(1_000, 0);
        upload(s, &body)
    }),
    (
        "a content that is not the expected one",
        "precondition_failed",
        |s| {
            let client = &s.ann.client;
            let path = paths::content(s.file.id, None);
            client
                .send("GET", &path, &[("if-match", "\"another\"")], None)
                .unwrap()
        },
    ),
    ("a range behind the end", "range_not_satisfiable", |s| {
        let client = &s.ann.client;
        let path = paths::content(s.file.id, None);
        let range = [("range", "bytes=1000-")];
        client.send("GET", &path, &range, None).unwrap()
    }),
    ("bytes of another hash", "hash_mismatch", |s| {
        let mut body = frames(&[b"right", b"wrong"]);
        *body.last_mut().unwrap() ^= 1;
        upload(s, &body)
    }),
    ("a patch whose base is not stored", "patch_refused", |s| {
        let base = random::unseen_bytes(1_000);
        upload(s, &patched(&[&base], &[base.as_slice(), b"more"].concat()))
    }),
    ("a patch that makes another block", "patch_refused", |s| {
        let mut body = patched(&[b"first"], b"first, and then");
        *body.last_mut().unwrap() ^= 1;
        upload(s, &body)
    }),
    (
        "a commit of blocks that are not stored",
        "blocks_missing",
        |s| {
            let bytes = random::unseen_bytes(100);
            post(s, &paths::commit(s.file.id), &commit_of(2, &bytes))
        },
    ),
    (
        "a file of blocks that are not stored",
        "blocks_missing",
        |s| {
            let bytes = random::unseen_bytes(100);
            post(
                s,
                paths::FILES,
                &new_file(None, "new", Some(manifest(&bytes))),
            )
        },
    ),
    ("a restore on an old base", "place_conflict", |s| {
        let mut item = s.trashed.clone();
        item.place_version -= 1;
        post(s, &paths::restore(item.id), &change_trashed(&item))
    }),
];

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn every_refusal_says_what_it_is_and_changes_nothing() {
    let space = furnish();
    let mut tree = Tree::of(&space.ann.client).unwrap();
    let used = space.ann.client.me().unwrap().space;
    for &(what, expected, send) in TABLE {
        let reply = send(&space);
        assert_eq!(code(&reply.problem()), expected, "{what}: {reply:?}");
        let length = reply.header("content-type").len();
        assert!(
            length == 0 || reply.header("content-type").starts_with("application/json"),
            "{what}"
        );
        let pulled = tree.pull(&space.ann.client, None).unwrap();
        assert_eq!(pulled.changes, [], "{what} changed something");
        assert_eq!(pulled.resets, 0, "{what}");
        assert_eq!(space.ann.client.me().unwrap().space, used, "{what}");
    }
}

/// Needs no server, so that a new problem is noticed in every run.
#[test]
fn every_problem_is_provoked_or_explained() {
    let provoked: BTreeSet<&str> = TABLE.iter().map(|row| row.1).collect();
    let here: BTreeSet<&str> = COVERAGE
        .iter()
        .filter(|(_, covered)| *covered == Here)
        .map(|(code, _)| *code)
        .collect();
    assert_eq!(provoked, here);
    for (code, covered) in COVERAGE {
        match covered {
            Here => {}
            By(test) => {
                let (file, test) = test.split_once("::").expect("file::test");
                let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
                let source = std::fs::read_to_string(format!("{folder}/{file}.rs")).unwrap();
                assert!(source.contains(&format!("fn {test}()")), "{code}: {test}");
            }
            Not(reason) => assert!(!reason.is_empty(), "{code}"),
        }
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn one_bad_file_of_many_is_told_by_its_place() {
    let ann = person();
    let good = |text: &str| serde_json::to_value(new_file(None, text, None)).unwrap();
    let but = |key: &str, value: serde_json::Value| {
        let mut file = serde_json::to_value(new_file(None, key, Some(manifest(b"x")))).unwrap();
        file[key] = value;
        file
    };
    let mut lying = but("parent", serde_json::Value::Null);
    lying["content"]["size"] = 7.into();
    let files = [
        good("one"),
        but("name", "a/b".into()),
        but("id", "none".into()),
        lying,
        but("content", serde_json::json!([1])),
        good("two"),
    ];
    let body = serde_json::json!({ "files": files });
    let reply = ann.client.send_json("POST", paths::FILES_BATCH, &body);
    let FilesMade { results } = reply.unwrap().json().unwrap();
    let told: Vec<&str> = results
        .iter()
        .map(|made| match made {
            FileMade::Made(_) => "made",
            FileMade::Refused(body) => code(&body.problem),
        })
        .collect();
    let expected = [
        "made",
        "bad_name",
        "bad_json",
        "bad_manifest",
        "bad_json",
        "made",
    ];
    assert_eq!(told, expected);
    assert_eq!(Tree::of(&ann.client).unwrap().items.len(), 2);
}

/// Which addresses there are is tested natively: here, that the runtime passes the
/// methods on, and that none of them acts as a GET.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn unknown_methods_are_refused() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"x").unwrap().item.id;
    let item = paths::item(file);
    let content = paths::content(file, None);
    for method in [
        "PROPFIND", "LOCK", "COPY", "PURGE", "PUT", "OPTIONS", "REPORT",
    ] {
        for (path, allow) in [
            (paths::CHANGES, "GET, HEAD"),
            (paths::ME, "GET, HEAD"),
            (&content, "GET, HEAD"),
            (&item, "GET, HEAD, PATCH, DELETE"),
            (paths::FOLDERS, "POST"),
        ] {
            let reply = ann.client.send(method, path, &[], None).unwrap();
            assert_eq!(reply.status, 405, "{method} {path}");
            assert_eq!(reply.header("allow"), allow, "{method} {path}");
            assert_eq!(code(&reply.problem()), "method_not_allowed");
        }
        let nowhere = ann.client.send(method, "/api/v1/teapots", &[], None);
        assert_eq!(nowhere.unwrap().status, 404, "{method}");
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_carrying_content_type_is_told_by_its_type() {
    let ann = person();
    for (n, kind) in [
        "Application/Vnd.Driftless.Carrying",
        "application/vnd.driftless.carrying; v=1",
    ]
    .into_iter()
    .enumerate()
    {
        let bytes = random::unseen_bytes(100);
        let file = new_file(None, &format!("file {n}"), Some(manifest(&bytes)));
        let json = serde_json::to_vec(&file).unwrap();
        let head = carrying_head(&json);
        let body = [head.as_slice(), frames(&[&bytes]).as_slice()].concat();
        let headers = [("content-type", kind)];
        let reply = ann.client.send("POST", paths::FILES, &headers, Some(&body));
        assert_eq!(reply.unwrap().status, 201, "{kind}");
    }
}
