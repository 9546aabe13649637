//! The long poll, against a running server with its Notification Service:
//! 1. a poll is held, and answered when another device commits
//! 2. without news it ends with 204 when its time is up
//! 3. a poll from behind is answered at once
//! 4. a device has one poll: a second one replaces the first
//! 5. a revoked device's poll ends
//! 6. nobody is woken by another person's commit
//! 7. two people who share a folder hear of what each other does in it
//! 8. whoever has a file too hears that somebody opens it; their own devices and tokens do not
//! 9. one poll waits for several drives, is told where something happened, and has one seat
//!
//! Times in here are bounds on what must have happened at all, generous enough
//! for a busy machine; how fast it is, the benchmark says.

use driftless_tests::client::{Client, Failure, Reply, commit_of, new_file};
use driftless_tests::live::person;
use driftless_tests::tree::Tree;
use protocol::changes::ChangePage;
use protocol::grants::{Grant, ROOT};
use protocol::headers;
use protocol::ids::ItemId;
use protocol::limits::MAX_POLLS_PER_USER;
use protocol::notifications::{Event, EventType, PollEvent};
use protocol::openings::Openings;
use protocol::paths;
use protocol::positions::{Position, Positions};
use protocol::problem::Problem;
use serde_json::json;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for the server to have parked a poll that was sent.
const PARKED: Duration = Duration::from_secs(2);
/// How long the polls here ask to be held: an answer that comes clearly sooner
/// came because of news.
const HOLD_SECONDS: u64 = 50;
const SOONER: Duration = Duration::from_secs(30);

fn cursor(client: &Client) -> String {
    Tree::of(client).unwrap().cursor.unwrap()
}

/// Polls in the background and does `act` once the poll is parked.
fn poll_while<T>(
    client: &Client,
    act: impl FnOnce() -> T,
) -> (Result<Option<Event>, Failure>, Duration, T) {
    let since = cursor(client);
    thread::scope(|scope| {
        let poll = scope.spawn(|| {
            let sent = Instant::now();
            (client.poll(Some(&since), HOLD_SECONDS), sent.elapsed())
        });
        thread::sleep(PARKED);
        assert!(!poll.is_finished(), "the poll was not held");
        let acted = act();
        let (answer, after) = poll.join().expect("the poll panicked");
        (answer, after, acted)
    })
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_held_poll_is_answered_on_a_commit() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"first").unwrap().item.id;
    let other = ann.second_device("other");
    let (answer, after, changed) = poll_while(&other, || {
        ann.client.put_version(file, 1, b"second").unwrap()
    });
    let event = answer.unwrap().expect("news");
    assert_eq!(event.event_type, EventType::FileUpdate);
    assert_eq!(event.file_id, file);
    let committed = changed.item.file.unwrap().committed;
    assert_eq!(event.timestamp, committed.at_ms);
    assert_eq!(event.name.as_deref(), Some("file"));
    assert_eq!(event.by.expect("who").device_id, committed.device_id);
    assert!(after < SOONER, "{after:?}");
}

/// Every kind of change is news, not commits alone.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_held_poll_is_answered_on_other_changes() {
    let ann = person();
    let other = ann.second_device("other");
    let (answer, after, made) =
        poll_while(&other, || ann.client.new_folder(None, "folder").unwrap());
    assert_eq!(answer.unwrap().expect("news").file_id, made.item.id);
    assert!(after < SOONER);
    let (answer, after, moved) = poll_while(&other, || {
        ann.client
            .change_place(&made.item, None, "renamed")
            .unwrap()
    });
    let event = answer.unwrap().expect("news");
    assert_eq!(event.file_id, made.item.id);
    assert_eq!(event.event_type, EventType::FileMove);
    assert!(after < SOONER);
    let (answer, _, _) = poll_while(&other, || ann.client.trash(&moved.item).unwrap());
    let event = answer.unwrap().expect("news");
    assert_eq!(event.event_type, EventType::FileDelete);
    // And to whoever asks later.
    let since = cursor(&ann.client);
    let restored = ann.client.item(made.item.id).unwrap();
    ann.client.restore(&restored).unwrap();
    let event = ann.client.poll(Some(&since), 0).unwrap().expect("news");
    assert_eq!(event.event_type, EventType::FileRestore);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn without_news_a_poll_ends_at_its_timeout() {
    let ann = person();
    let since = cursor(&ann.client);
    let sent = Instant::now();
    let reply = ann.client.poll_raw(Some(&since), "1").unwrap();
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    // The server's timer, so not to the millisecond of this machine's.
    assert!(sent.elapsed() >= Duration::from_millis(900));
    assert!(sent.elapsed() < SOONER);

    let reply = ann.client.poll_raw(Some(&since), "0").unwrap();
    assert_eq!(reply.status, 204);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_poll_from_behind_is_answered_at_once() {
    let ann = person();
    let since = cursor(&ann.client);
    let file = ann.client.new_empty_file(None, "file").unwrap().item.id;
    let sent = Instant::now();
    let event = ann.client.poll(Some(&since), HOLD_SECONDS).unwrap();
    assert_eq!(event.expect("news").file_id, file);
    assert!(sent.elapsed() < SOONER);
    // And again: the answer carries no truth, the cursor does.
    let event = ann.client.poll(Some(&since), HOLD_SECONDS).unwrap();
    assert_eq!(event.expect("news").file_id, file);
}

/// Whoever commits may itself wait, from where it is.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_device_that_pulled_its_own_commit_waits() {
    let ann = person();
    ann.client.new_empty_file(None, "file").unwrap();
    let since = cursor(&ann.client);
    assert_eq!(ann.client.poll(Some(&since), 2).unwrap(), None);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_second_poll_of_a_device_replaces_the_first() {
    let ann = person();
    let (first, after, second) = poll_while(&ann.client, || {
        let since = cursor(&ann.client);
        ann.client.poll(Some(&since), 1).unwrap()
    });
    assert_eq!(first.unwrap_err().problem(), Problem::PollReplaced);
    assert!(after < SOONER);
    assert_eq!(second, None, "the second one is held");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_revoked_devices_poll_ends() {
    let ann = person();
    let token = ann.client.new_access_token("lost").unwrap();
    let lost = ann.client.with_token(Some(&token.token));
    let (answer, after, _) = poll_while(&lost, || ann.client.revoke(token.device.id).unwrap());
    assert_eq!(answer.unwrap_err().problem(), Problem::SessionEnded);
    assert!(after < SOONER, "{after:?}");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn signing_out_ends_the_poll() {
    let ann = person();
    let (answer, after, _) = poll_while(&ann.client, || ann.client.sign_out().unwrap());
    assert_eq!(answer.unwrap_err().problem(), Problem::SessionEnded);
    assert!(after < SOONER, "{after:?}");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn nobody_is_woken_by_anothers_commit() {
    let (ann, bob) = (person(), person());
    let since = cursor(&bob.client);
    let answer = thread::scope(|scope| {
        let poll = scope.spawn(|| bob.client.poll(Some(&since), 6));
        thread::sleep(PARKED);
        ann.client.new_empty_file(None, "ann's").unwrap();
        poll.join().expect("the poll panicked")
    });
    assert_eq!(answer.unwrap(), None);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn all_devices_of_a_person_are_woken() {
    let ann = person();
    let devices: Vec<Client> = (0..4).map(|i| ann.second_device(&i.to_string())).collect();
    let since = cursor(&ann.client);
    thread::scope(|scope| {
        let since = &since;
        let polls: Vec<_> = devices
            .iter()
            .map(|device| scope.spawn(move || device.poll(Some(since), HOLD_SECONDS)))
            .collect();
        thread::sleep(PARKED);
        let file = ann.client.new_empty_file(None, "file").unwrap().item.id;
        for poll in polls {
            let event = poll.join().expect("a poll panicked").unwrap();
            assert_eq!(event.expect("news").file_id, file);
        }
    });
}

/// Poll, pull, poll: no commit of a series is missed, whatever falls between
/// two polls.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn poll_and_pull_miss_nothing() {
    const COMMITS: u64 = 30;
    let ann = person();
    let file = ann.client.new_empty_file(None, "file").unwrap().item.id;
    let other = ann.second_device("other");
    let mut tree = Tree::of(&other).unwrap();
    thread::scope(|scope| {
        let client = &ann.client;
        scope.spawn(move || {
            for base in 1..=COMMITS {
                client
                    .put_version(file, base, base.to_string().as_bytes())
                    .unwrap();
            }
        });
        let version = |tree: &Tree| tree.items[&file].file.as_ref().unwrap().version;
        while version(&tree) <= COMMITS {
            let before = version(&tree);
            let event = other.poll(tree.cursor.as_deref(), HOLD_SECONDS).unwrap();
            assert!(event.is_some(), "no news after version {before}");
            tree.pull(&other, None).unwrap();
        }
    });
}

/// A person's newcomer takes the seat of the one who was there longest, dead or not.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn no_device_is_shut_out_by_others_that_went_away() {
    let ann = person();
    let since = cursor(&ann.client);
    let devices: Vec<Client> = (0..=MAX_POLLS_PER_USER)
        .map(|i| ann.second_device(&i.to_string()))
        .collect();
    let (answered, answers) = mpsc::channel();
    thread::scope(|scope| {
        for device in &devices {
            let (since, answered) = (&since, answered.clone());
            scope.spawn(move || drop(answered.send(device.poll(Some(since), HOLD_SECONDS))));
        }
        // One is replaced, so all others are parked by then.
        let refused = answers.recv().unwrap().unwrap_err();
        assert_eq!(refused.problem(), Problem::PollReplaced);
        // They are none the worse for it.
        ann.client.new_empty_file(None, "file").unwrap();
        for _ in 0..MAX_POLLS_PER_USER {
            assert!(answers.recv().unwrap().unwrap().is_some());
        }
    });
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_timeout_that_is_no_number_of_seconds_is_refused() {
    let ann = person();
    let since = cursor(&ann.client);
    for bad in [
        "soon",
        "-1",
        "61",
        "1.5",
        "+2",
        "1e1",
        "99999999999999999999999",
    ] {
        let reply = ann.client.poll_raw(Some(&since), bad).unwrap();
        assert!(
            matches!(reply.problem(), Problem::BadRequest { .. }),
            "{bad}: {reply:?}"
        );
    }
    let reply = ann.client.poll_raw(Some("x"), "1").unwrap();
    assert_eq!(reply.problem(), Problem::BadCursor);
}

/// What is asked of something that was shared.
fn of(root: ItemId, path: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}{ROOT}={root}")
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn two_people_who_share_a_folder_hear_of_what_each_other_does_in_it() {
    let (ann, bob) = (person(), person());
    let around = ann.client.new_folder(None, "around").unwrap().item;
    let folder = ann.client.new_folder(Some(around.id), "plans");
    let folder = folder.unwrap().item.id;
    let inside = new_file(Some(folder), "plan.txt", None);
    let file = ann.client.new_file(&inside).unwrap().item;
    // Bob waits for his own drive, and hears that something was shared with him.
    let name = bob.client.me().unwrap().user.name;
    let (answer, after, grant) = poll_while(&bob.client, || {
        let new = json!({"person": name, "role": "editor"});
        let given = ann
            .client
            .send_json("POST", &paths::grants_of(folder), &new);
        given.unwrap().json::<Grant>().unwrap()
    });
    let event = answer.unwrap().expect("news");
    assert_eq!(
        (event.event_type, event.file_id),
        (EventType::ShareGranted, folder)
    );
    assert!(after < SOONER);
    let waits = |client: &Client, root: ItemId, act: &dyn Fn()| {
        let listed = client.get(&of(root, paths::CHANGES)).unwrap();
        let since = listed.json::<ChangePage>().unwrap().next_token;
        let path = of(root, &format!("{}?since_token={since}", paths::POLL));
        thread::scope(|scope| {
            let poll = scope.spawn(|| {
                let hold = HOLD_SECONDS.to_string();
                let timeout = [(headers::TIMEOUT, hold.as_str())];
                client.send("GET", &path, &timeout, None).unwrap()
            });
            thread::sleep(PARKED);
            assert!(!poll.is_finished(), "the poll was not held");
            act();
            poll.join().expect("the poll panicked")
        })
    };
    // Bob edits: ann hears of it.
    let (answer, _, ()) = poll_while(&ann.client, || {
        let commit = of(folder, &paths::commit(file.id));
        let edited = bob.client.send_json("POST", &commit, &commit_of(1, b""));
        edited.unwrap().success().unwrap();
    });
    let event = answer.unwrap().expect("news");
    assert_eq!(
        (event.event_type, event.file_id),
        (EventType::FileUpdate, file.id)
    );
    assert_eq!(event.by.map(|by| by.user_name), Some(name));
    // Ann does something of her own, which is no news to bob, and deletes the file.
    let reply = waits(&bob.client, folder, &|| {
        ann.client.new_folder(None, "of her own").unwrap();
        thread::sleep(PARKED);
        let file = ann.client.item(file.id).unwrap();
        ann.client.trash(&file).unwrap();
    });
    let event: Event = reply.json().unwrap();
    assert_eq!(
        (event.event_type, event.file_id),
        (EventType::FileDelete, file.id)
    );
    // What goes into the trash with the folder around it is gone for bob at once.
    let reply = waits(&bob.client, folder, &|| {
        ann.client.trash(&around).unwrap();
    });
    assert_eq!(reply.problem(), Problem::NoSuchItem);
    let trashed = ann.client.item(around.id).unwrap();
    ann.client.restore(&trashed).unwrap();
    // And once she takes it back, his poll ends, and there is nothing to wait for.
    let reply = waits(&bob.client, folder, &|| {
        let taken = ann
            .client
            .send("DELETE", &paths::grant(grant.id), &[], None);
        taken.unwrap().success().unwrap();
    });
    assert_eq!(reply.problem(), Problem::NoSuchItem);
    let gone = bob.client.get(&of(folder, paths::CHANGES)).unwrap();
    assert_eq!(gone.problem(), Problem::NoSuchItem);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn that_somebody_opens_a_file_is_told_to_others_who_have_it() {
    let (ann, bob) = (person(), person());
    let folder = ann.client.new_folder(None, "plans").unwrap().item.id;
    let inside = new_file(Some(folder), "plan.txt", None);
    let file = ann.client.new_file(&inside).unwrap().item.id;
    let new = json!({"person": bob.name, "role": "viewer"});
    let given = ann
        .client
        .send_json("POST", &paths::grants_of(folder), &new);
    given.unwrap().success().unwrap();
    let says = |is_open: bool| {
        let path = of(folder, paths::OPENINGS);
        let said = json!({"item": file, "is_open": is_open});
        let said = bob.client.send_json("POST", &path, &said).unwrap();
        assert_eq!(said.success().unwrap().status, 204);
    };
    let token = ann.client.new_access_token("a program").unwrap();
    let program = ann.client.with_token(Some(&token.token));
    let at_once = |client: &Client, path: &str, since: &str| {
        let path = format!("{path}?since_token={since}");
        let timeout = [(headers::TIMEOUT, "4")];
        client.send("GET", &path, &timeout, None).unwrap().status
    };
    let since = cursor(&ann.client);
    let (answer, after, of_token) = poll_while(&ann.client, || {
        thread::scope(|scope| {
            let told = scope.spawn(|| at_once(&program, paths::POLL, &since));
            thread::sleep(PARKED);
            says(true);
            told.join().expect("the poll panicked")
        })
    });
    let event = answer.unwrap().expect("news");
    assert_eq!(event.event_type, EventType::FileOpened);
    assert_ne!(event.file_id, file);
    assert!(event.by.is_none() && event.name.is_none(), "{event:?}");
    assert!(after < SOONER, "{after:?}");
    assert_eq!(of_token, 204);
    // It is asked for by what she may know, and that he has closed it comes by itself.
    let told: Openings = ann.client.get(paths::OPENINGS).unwrap().json().unwrap();
    let [one] = told.openings.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(
        (one.item, one.is_open, one.person.user_name.as_str()),
        (file, true, bob.name.as_str())
    );
    let (answer, ..) = poll_while(&ann.client, || says(false));
    assert_eq!(
        answer.unwrap().expect("news").event_type,
        EventType::FileOpened
    );
    // Bob himself hears nothing of it, and what ann does is no news of the space.
    let other = bob.second_device("other");
    let root = of(folder, paths::CHANGES);
    let since: ChangePage = other.get(&root).unwrap().json().unwrap();
    let path = of(
        folder,
        &format!("{}?since_token={}", paths::POLL, since.next_token),
    );
    let timeout = [(headers::TIMEOUT, "3")];
    says(true);
    assert_eq!(
        other.send("GET", &path, &timeout, None).unwrap().status,
        204
    );
}

/// Where a device stands by now in its own drive and in things that are shared.
fn positions(client: &Client, roots: &[Option<ItemId>]) -> String {
    let all = roots.iter().map(|&root| {
        let path = match root {
            Some(root) => of(root, paths::CHANGES),
            None => paths::CHANGES.to_owned(),
        };
        let page: ChangePage = client.get(&path).unwrap().json().unwrap();
        assert!(!page.has_more);
        let cursor = page.next_token;
        Position { root, cursor }
    });
    Positions::new(all.collect()).unwrap().to_string()
}

fn poll_for(client: &Client, token: &str, seconds: &str) -> Reply {
    let path = format!("{}?since_token={token}", paths::POLL);
    let timeout = [(headers::TIMEOUT, seconds)];
    client.send("GET", &path, &timeout, None).unwrap()
}

/// Polls for several drives, and does `act` once the poll is parked.
fn poll_for_while(client: &Client, token: &str, act: impl FnOnce()) -> (Reply, Duration) {
    thread::scope(|scope| {
        let poll = scope.spawn(|| {
            let sent = Instant::now();
            let hold = HOLD_SECONDS.to_string();
            (poll_for(client, token, &hold), sent.elapsed())
        });
        thread::sleep(PARKED);
        assert!(!poll.is_finished(), "the poll was not held");
        act();
        poll.join().expect("the poll panicked")
    })
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn one_poll_waits_for_several_drives_and_is_told_where_something_happened() {
    let (ann, bob) = (person(), person());
    let folders = ["one", "two"].map(|name| {
        let made = ann.client.new_folder(None, name).unwrap();
        let folder = made.item.id;
        let new = json!({"person": bob.name, "role": "editor"});
        let path = paths::grants_of(folder);
        let given = ann.client.send_json("POST", &path, &new).unwrap();
        (folder, given.json::<Grant>().unwrap())
    });
    let [(one, _), (two, grant)] = &folders;
    let (one, two) = (*one, *two);
    let all = [None, Some(one), Some(two)];
    let client = &bob.client;
    let adds = |name: &str, parent| {
        ann.client.new_folder(parent, name).unwrap();
    };
    // What happens elsewhere at ann's is none of it.
    let token = positions(client, &all);
    let (told, after) = poll_for_while(client, &token, || {
        adds("of her own", None);
        thread::sleep(PARKED);
        adds("in one", Some(one));
    });
    let told: PollEvent = told.json().unwrap();
    assert_eq!(told.event.event_type, EventType::FileCreate);
    assert_eq!(told.event.name.as_deref(), Some("in one"));
    assert_eq!(told.root, Some(one));
    assert!(after < SOONER, "{after:?}");
    // It is news of bob's own drive as well, once, that something happened elsewhere.
    let token = positions(client, &all);
    let told: PollEvent = poll_for(client, &token, "9").json().unwrap();
    assert_eq!(
        (told.event.event_type, told.root),
        (EventType::Elsewhere, None)
    );
    let (told, after) = poll_for_while(client, &token, || adds("in two", Some(two)));
    let told: PollEvent = told.json().unwrap();
    assert_eq!(told.event.name.as_deref(), Some("in two"));
    assert_eq!(told.root, Some(two));
    assert!(after < SOONER, "{after:?}");
    // Bob does something himself, on another device.
    let other = bob.second_device("other");
    let token = positions(client, &all);
    let (told, after) = poll_for_while(client, &token, || {
        other.new_folder(None, "his own").unwrap();
    });
    let told: PollEvent = told.json().unwrap();
    let is_elsewhere = told.event.event_type == EventType::Elsewhere;
    assert!(is_elsewhere || told.event.name.as_deref() == Some("his own"));
    assert_eq!(told.root, None);
    assert!(after < SOONER, "{after:?}");
    // From behind, the oldest news comes first.
    let told: PollEvent = poll_for(client, &token, "9").json().unwrap();
    assert_eq!(told.event.name.as_deref(), Some("his own"));
    // What is taken back is news of it, and nothing to the other.
    let token = positions(client, &[Some(one), Some(two)]);
    let (told, after) = poll_for_while(client, &token, || {
        let path = paths::grant(grant.id);
        let taken = ann.client.send("DELETE", &path, &[], None).unwrap();
        taken.success().unwrap();
    });
    let told: PollEvent = told.json().unwrap();
    assert_eq!((told.root, told.event.file_id), (Some(two), two));
    assert!(told.event.name.is_none() && told.event.by.is_none());
    assert!(after < SOONER, "{after:?}");
    let gone = client.get(&of(two, paths::CHANGES)).unwrap();
    assert_eq!(gone.problem(), Problem::NoSuchItem);
    // A list that is none, and a root beside one.
    let told = poll_for(client, &format!("{token}~"), "0").problem();
    assert_eq!(told, Problem::BadCursor);
    let told = poll_for(client, &format!("{token}&{ROOT}={one}"), "0").problem();
    assert!(matches!(told, Problem::BadRequest { .. }), "{told:?}");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_poll_of_several_drives_has_one_seat_and_takes_those_of_what_it_waits_for() {
    let (ann, bob) = (person(), person());
    let folder = ann.client.new_folder(None, "plans").unwrap().item.id;
    let new = json!({"person": bob.name, "role": "viewer"});
    let given = ann
        .client
        .send_json("POST", &paths::grants_of(folder), &new);
    given.unwrap().success().unwrap();
    let client = &bob.client;
    let (own, share) = (cursor(client), positions(client, &[Some(folder)]));
    let both = positions(client, &[None, Some(folder)]);
    // What waits for another thing keeps its seat.
    let (told, _) = poll_for_while(client, &own, || {
        assert_eq!(poll_for(client, &share, "1").status, 204);
        assert_eq!(poll_for(client, &both, "1").status, 204);
    });
    assert_eq!(told.problem(), Problem::PollReplaced);
    // A poll of the form before takes it, too.
    for single in [
        own.clone(),
        format!("{}&{ROOT}={folder}", share_cursor(&share)),
    ] {
        let (told, after) = poll_for_while(client, &both, || {
            assert_eq!(poll_for(client, &single, "1").status, 204);
        });
        assert_eq!(told.problem(), Problem::PollReplaced);
        assert!(after < SOONER, "{after:?}");
    }
    // Signing out ends it.
    let (told, after) = poll_for_while(client, &both, || {
        client.sign_out().unwrap();
    });
    assert_eq!(told.problem(), Problem::SessionEnded);
    assert!(after < SOONER, "{after:?}");
}

/// The cursor in a list of one.
fn share_cursor(list: &str) -> &str {
    let (_, cursor) = list.split_once('.').expect("a root and its cursor");
    cursor
}
