//! What ends a stolen secret, against a running server:
//! 1. a token that may only read: reads, is told of news, and is refused on every
//!    route that changes something; nothing has changed then
//! 2. a token of one folder: lists, reads and changes what is in it, nothing else is
//!    there for it, and without its folder nothing is
//! 3. a token makes no tokens, revokes no device but itself, and does not change
//!    the password
//! 4. another password: the other session and the token end at once, but for what
//!    is kept
//! 5. there are only so many devices, and whoever signs in may end one
//! 6. a browser is marked, in a cookie that no script can read, and stays so
//! 7. a sign-up under no registration is refused

use blocks::hash::BlockHash;
use driftless_tests::client::{Failure, Reply, conflict_id, frames, item_id, manifest, new_file};
use driftless_tests::live::{PASSWORD, anyone, person, user_name};
use driftless_tests::random::unseen_bytes;
use driftless_tests::sign_in::{self, new_device, program};
use driftless_tests::tree::Tree;
use protocol::accounts::{Session, SignUpFinish};
use protocol::blocks::Fetch;
use protocol::devices::{DeviceKind, Scope};
use protocol::headers::{CLIENT, PLACE_COOKIE};
use protocol::ids::DeviceId;
use protocol::limits::{DEFAULT_TOKEN_DAYS, MAX_DEVICES_PER_USER};
use protocol::paths;
use protocol::problem::Problem;
use protocol::routes::Route;
use std::collections::BTreeSet;

const NEW_PASSWORD: &str = "hunter of wild geese";
const DAY: u64 = 24 * 60 * 60 * 1_000;

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_token_that_may_only_read_writes_nothing() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"text").unwrap().item;
    let made = ann
        .client
        .new_limited_token("backup", Scope::ReadOnly, Some(7))
        .unwrap();
    assert_eq!(made.device.scope, Scope::ReadOnly);
    let end = made.device.created_at_ms + 7 * DAY;
    assert_eq!(made.device.ends_at_ms, Some(end));
    let reader = ann.client.with_token(Some(&made.token));

    // 1. It reads, with whatever method reading takes.
    assert_eq!(reader.me().unwrap().device, made.device);
    assert_eq!(reader.content(file.id, None).unwrap(), b"text");
    assert_eq!(Tree::of(&reader).unwrap().items.len(), 1);
    let block = BlockHash::of(b"text");
    let want = Fetch {
        want: vec![block],
        ..Fetch::default()
    };
    let fetched = reader
        .send_json("POST", paths::FETCH_BLOCKS, &want)
        .unwrap();
    assert_eq!(fetched.status, 200, "{fetched:?}");
    assert!(reader.poll(None, 0).is_ok());

    // 2. It changes nothing.
    let before = ann.client.get(paths::CHANGES).unwrap().body;
    let id = file.id;
    for (method, path) in [
        ("POST", paths::FOLDERS.to_owned()),
        ("POST", paths::FILES.to_owned()),
        ("POST", paths::FILES_BATCH.to_owned()),
        ("POST", paths::sync(id)),
        ("POST", paths::commit(id)),
        ("POST", paths::file_conflicts(id)),
        ("POST", paths::BLOCKS.to_owned()),
        ("PATCH", paths::item(id)),
        ("POST", paths::trash(id)),
        ("POST", paths::restore(id)),
        ("POST", paths::resolve(conflict_id())),
        ("POST", paths::reopen(conflict_id())),
        ("POST", paths::ACCESS_TOKENS.to_owned()),
        ("DELETE", paths::device(ann.session.device.id)),
        ("POST", paths::CONFIRM.to_owned()),
        ("POST", paths::PASSWORD_START.to_owned()),
        ("POST", paths::PASSWORD_FINISH.to_owned()),
    ] {
        let refused = reader.send(method, &path, &[], Some(b"{}")).unwrap();
        assert_eq!(refused.problem(), Problem::ReadOnly, "{method} {path}");
        assert_eq!(refused.status, 403);
    }
    let new = new_file(None, "theirs", Some(manifest(b"text")));
    assert_eq!(
        reader.new_file(&new).unwrap_err().problem(),
        Problem::ReadOnly
    );
    let stored = reader.store_frames(&frames(&[&unseen_bytes(9)])).unwrap();
    assert_eq!(stored.problem(), Problem::ReadOnly);
    assert_eq!(ann.client.get(paths::CHANGES).unwrap().body, before);

    // 3. It may end itself.
    reader.sign_out().unwrap();
    assert_eq!(reader.me().unwrap_err().problem(), Problem::SessionEnded);
}

/// The model has every refusal (`strangers::one_folder`); this is that the handlers ask.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_token_of_one_folder_has_nothing_else() {
    let ann = person();
    let folder = ann.client.new_folder(None, "folder").unwrap().item;
    let inside = ann.client.put_file(Some(folder.id), "inside", b"inside");
    let (inside, outside) = (
        inside.unwrap().item,
        ann.client
            .put_file(None, "outside", b"outside")
            .unwrap()
            .item,
    );

    // 1. It is made for a folder that is there.
    let refused = |folder| ann.client.new_folder_token(folder).unwrap_err().problem();
    assert_eq!(refused(outside.id), Problem::NotAFolder);
    assert_eq!(refused(item_id()), Problem::FolderGone);
    let made = ann.client.new_folder_token(folder.id).unwrap();
    assert_eq!(made.device.folder, Some(folder.id));
    let token = ann.client.with_token(Some(&made.token));
    assert_eq!(token.devices().unwrap().devices, [made.device]);

    // 2. It sees what is in the folder, and nothing else.
    let listed = Tree::of(&token).unwrap().items;
    let listed: BTreeSet<_> = listed.keys().copied().collect();
    assert_eq!(listed, [folder.id, inside.id].into());
    assert_eq!(token.content(inside.id, None).unwrap(), b"inside");
    for path in [
        paths::item(outside.id),
        paths::manifest(outside.id, 1),
        paths::content(outside.id, None),
    ] {
        let told = token.get(&path).unwrap();
        assert_eq!(told.problem(), Problem::NoSuchItem, "{path}");
    }
    let (one_folder, block) = (Problem::OneFolder, BlockHash::of(b"outside"));
    for path in [
        paths::ME.to_owned(),
        paths::CONFLICTS.to_owned(),
        Route::News.path().to_owned(),
        paths::block(block),
    ] {
        assert_eq!(token.get(&path).unwrap().problem(), one_folder, "{path}");
    }

    // 3. It changes what is in the folder, and nothing else.
    let new = new_file(Some(folder.id), "new", Some(manifest(b"outside")));
    let refused = token.new_file(&new).unwrap_err().problem();
    assert!(
        matches!(refused, Problem::BlocksMissing { .. }),
        "{refused:?}"
    );
    let carried = token.send_carrying(paths::FILES, &new, &frames(&[b"outside"]));
    assert_eq!(carried.unwrap().status, 201);
    let away = token.change_place(&inside, None, "away");
    assert_eq!(away.unwrap_err().problem(), one_folder);
    let refused = token.trash(&outside).unwrap_err().problem();
    assert_eq!(refused, Problem::NoSuchItem);
    let refused = token.new_folder(None, "at the top").unwrap_err().problem();
    assert_eq!(refused, one_folder);
    token.trash(&inside).unwrap();

    // 4. Without its folder it sees nothing.
    ann.client.trash(&folder).unwrap();
    let refused = token.changes(None, None).unwrap_err().problem();
    assert_eq!(refused, Problem::FolderGone);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_token_makes_no_tokens_and_revokes_no_device() {
    let ann = person();
    let made = ann.client.new_access_token("script").unwrap();
    let end = made.device.created_at_ms + DEFAULT_TOKEN_DAYS * DAY;
    assert_eq!(
        (made.device.is_token, made.device.ends_at_ms),
        (true, Some(end))
    );
    let token = ann.client.with_token(Some(&made.token));
    assert!(token.new_folder(None, "it may write").is_ok());

    let refused = |answer: Result<(), Failure>| {
        assert_eq!(answer.unwrap_err().problem(), Problem::NotForTokens);
    };
    refused(token.new_access_token("another").map(drop));
    refused(token.revoke(ann.session.device.id).map(drop));
    refused(sign_in::change_password(&token, NEW_PASSWORD, vec![]).map(drop));
    // Not even with the password.
    refused(sign_in::confirm(&token, &ann.name, PASSWORD).map(drop));
    assert!(ann.client.me().is_ok());
    sign_in::confirm(&ann.client, &ann.name, PASSWORD).unwrap();

    // Tokens without an end, or for ever, are none.
    for days in [0, 367, u64::from(u32::MAX)] {
        let answer = ann.client.new_limited_token("x", Scope::Full, Some(days));
        assert!(matches!(
            answer.unwrap_err().problem(),
            Problem::BadRequest { .. }
        ));
    }
    let unknown = br#"{"name": "x", "scope": "everything"}"#;
    let json = [("content-type", "application/json")];
    let answer = ann
        .client
        .send("POST", paths::ACCESS_TOKENS, &json, Some(unknown));
    assert_eq!(answer.unwrap().status, 400, "an unknown scope is none");
    token.revoke(made.device.id).unwrap();
    assert_eq!(token.me().unwrap_err().problem(), Problem::SessionEnded);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_changed_password_ends_what_the_old_one_let_in() {
    let ann = person();
    let come_in = |password| {
        let reply = sign_in::sign_in(&anyone(), &ann.name, password, program("x"), &[]);
        sign_in::signed_in(&anyone(), reply.unwrap()).unwrap()
    };
    let (phone, phones) = come_in(PASSWORD);
    let (thief, _) = come_in(PASSWORD);
    let token = ann.second_device("token");
    let polls = std::thread::scope(|scope| {
        let poll = scope.spawn(|| thief.poll_raw(None, "20").unwrap());
        std::thread::sleep(std::time::Duration::from_millis(300));
        let keep = vec![phones.device.id];
        let changed = sign_in::change_password(&ann.client, NEW_PASSWORD, keep).unwrap();
        assert_eq!(changed.ended, 2);
        poll.join().unwrap()
    });
    assert_eq!(
        polls.problem(),
        Problem::SessionEnded,
        "a poll that waited ends"
    );
    for out in [&thief, &token] {
        assert_eq!(out.me().unwrap_err().problem(), Problem::SessionEnded);
        let folder = out.new_folder(None, "x").unwrap_err();
        assert_eq!(folder.problem(), Problem::SessionEnded);
    }
    assert!(phone.me().is_ok() && ann.client.me().is_ok());
    // What was kept has not given the new password.
    let kept = phone.new_access_token("x").unwrap_err();
    assert_eq!(kept.problem(), Problem::ConfirmPassword);

    let old = sign_in::start(&anyone(), &ann.name, PASSWORD).unwrap();
    assert!(
        old.finish(PASSWORD, program("x")).is_none(),
        "the old password"
    );
    assert!(come_in(NEW_PASSWORD).0.me().is_ok());
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_person_has_only_so_many_devices() {
    let ann = person();
    for n in 1..MAX_DEVICES_PER_USER {
        ann.second_device(&n.to_string());
    }
    let refused = ann
        .client
        .new_access_token("one more")
        .unwrap_err()
        .problem();
    let Problem::TooManyDevices { limit, oldest } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(limit, MAX_DEVICES_PER_USER);
    let come_in = |replaces: Option<DeviceId>| {
        let attempt = sign_in::start(&anyone(), &ann.name, PASSWORD).unwrap();
        let mut finish = attempt.finish(PASSWORD, program("new")).unwrap();
        finish.replaces = replaces;
        let reply = anyone().send_json("POST", paths::SIGN_IN_FINISH, &finish);
        reply.unwrap()
    };
    let problem = come_in(None).problem();
    assert!(
        matches!(problem, Problem::TooManyDevices { .. }),
        "{problem:?}"
    );
    let session: Session = come_in(Some(oldest.unwrap().id)).json().unwrap();
    let left: BTreeSet<_> = ann_devices(&session);
    assert_eq!(left.len() as u64, MAX_DEVICES_PER_USER);
    assert!(left.contains(&session.device.id));
}

fn ann_devices(session: &Session) -> BTreeSet<DeviceId> {
    let client = anyone().with_token(session.token.as_deref());
    let devices = client.devices().unwrap().devices;
    devices.into_iter().map(|device| device.id).collect()
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_browser_is_marked_out_of_scripts_reach_and_stays_so() {
    let name = user_name();
    let browser = || new_device("Chrome on Linux", DeviceKind::Browser, None);
    let mark_of = |reply: &Reply| {
        let all = reply.headers.get_all("set-cookie");
        let mut all = all.iter().map(|value| value.to_str().unwrap().to_owned());
        all.find(|set| set.starts_with(PLACE_COOKIE))
    };
    let own = (CLIENT, "test");
    let reply = sign_in::sign_up(&anyone(), &name, PASSWORD, browser(), &[own]).unwrap();
    let set = mark_of(&reply).expect("a mark");
    for rule in [
        "; Secure",
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/",
        "; Max-Age=",
    ] {
        assert!(set.contains(rule), "{set}");
    }
    let mark = set.split(';').next().unwrap().to_owned();
    // Coming back, it stays the same; alone it lets nobody in.
    let cookie = ("cookie", mark.as_str());
    let reply = sign_in::sign_in(&anyone(), &name, PASSWORD, browser(), &[own, cookie]).unwrap();
    assert!(mark_of(&reply).unwrap().starts_with(&mark));
    let reply = anyone().send("GET", paths::ME, &[cookie], None).unwrap();
    assert_eq!(reply.problem(), Problem::NotSignedIn);
    // A program gets none.
    let reply = sign_in::sign_in(&anyone(), &name, PASSWORD, program("x"), &[]).unwrap();
    assert_eq!(mark_of(&reply), None);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_sign_up_under_no_registration_is_refused() {
    let made_up = "0".repeat(64);
    for registration in [
        None,
        Some(String::new()),
        Some(format!("{made_up}.{made_up}")),
    ] {
        let finish = SignUpFinish {
            user_name: user_name(),
            message: protocol::opaque::Message(vec![0; 192]),
            registration,
            device: program("x"),
            invite: None,
        };
        let reply = anyone()
            .send_json("POST", paths::SIGN_UP_FINISH, &finish)
            .unwrap();
        assert_eq!(reply.problem(), Problem::BadSignInMessage);
    }
}
