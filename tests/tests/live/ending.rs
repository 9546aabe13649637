//! The end of an account, against a server of its own where that comes after seconds, and to
//! which scheduled events can be sent:
//! 1. ann shares a folder with a file with bob, makes a link to it, and ends her account
//! 2. bob is told at once, by his poll, and reads until the end
//! 3. ann keeps it, and all is as before; she ends it again
//! 4. from the second on that it comes, ann is out, and bob has nothing of hers
//! 5. the job removes what is left, and the name is free again

use driftless_tests::client::{Client, Reply};
use driftless_tests::live::{PASSWORD, person_at, setting};
use driftless_tests::random::unseen_bytes;
use driftless_tests::sign_in::{self, program};
use protocol::accounts::AccountEnd;
use protocol::grants::{Grant, Grants};
use protocol::links::Link;
use protocol::news::News;
use protocol::notifications::EventType;
use protocol::paths;
use protocol::problem::Problem;
use protocol::routes::Route;
use serde_json::json;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// More runs of the job than it takes.
const MOST_RUNS: u32 = 40;

fn now() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970")
}

fn grants(client: &Client) -> Grants {
    let reply = client.get(Route::Grants.path()).unwrap();
    reply.json().unwrap()
}

fn bare(client: &Client, method: &str, path: &str) -> Reply {
    client.send(method, path, &[], Some(b"")).unwrap()
}

fn end(client: &Client) -> u64 {
    let end: AccountEnd = bare(client, "POST", paths::END_ACCOUNT).json().unwrap();
    end.ends_at_ms
}

/// One run of the job, a day later.
fn night(server: &Client) {
    let later = now() + Duration::from_secs(24 * 60 * 60);
    let time = later.as_millis();
    let path = format!("/cdn-cgi/handler/scheduled?time={time}&cron=27+*+*+*+*");
    assert_eq!(server.get(&path).unwrap().status, 200);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn an_account_ends_when_it_says_and_nothing_is_left_of_it() {
    let server = Client::new(&setting("DRIFTLESS_ENDING_URL"));
    // 1
    let (ann, bob) = (person_at(&server), person_at(&server));
    let folder = ann.client.new_folder(None, "Plans").unwrap().item.id;
    let bytes = unseen_bytes(300_000);
    let file = ann.client.put_file(Some(folder), "notes", &bytes).unwrap();
    let new = json!({"person": bob.name, "role": "viewer"});
    let given = ann
        .client
        .send_json("POST", &Route::Give.of(folder), &new)
        .unwrap();
    let given: Grant = given.json().unwrap();
    assert_eq!(given.ends_at_ms, None);
    let new = json!({"may": "view"});
    let linked = ann
        .client
        .send_json("POST", &Route::MakeLink.of(folder), &new)
        .unwrap();
    let link: Link = linked.json().unwrap();
    let shown = format!("{}?link={}", Route::ShownLink.path(), link.key);
    // 2
    let polls = thread::scope(|scope| {
        let poll = scope.spawn(|| bob.client.poll(None, 20));
        thread::sleep(Duration::from_secs(1));
        let ends_at = end(&ann.client);
        (poll.join().unwrap().unwrap(), ends_at)
    });
    let (event, ends_at) = polls;
    let kind = event.map(|event| event.event_type);
    assert_eq!(kind, Some(EventType::ShareChanged));
    assert!(ends_at > u64::try_from(now().as_millis()).unwrap());
    assert_eq!(end(&ann.client), ends_at, "the first end stays");
    assert_eq!(ann.client.me().unwrap().ends_at_ms, Some(ends_at));
    let with_bob = grants(&bob.client).with_me;
    assert_eq!(with_bob[0].ends_at_ms, Some(ends_at));
    let news: News = bob.client.get(Route::News.path()).unwrap().json().unwrap();
    let told = news.entries.iter().find_map(|one| one.done.account);
    assert_eq!(told.unwrap().ends_at_ms, Some(ends_at));
    let content = format!("{}?root={folder}", Route::FileContent.of(file.item.id));
    assert_eq!(bob.client.get(&content).unwrap().body, bytes);
    // 3
    assert_eq!(bare(&ann.client, "DELETE", paths::KEEP_ACCOUNT).status, 204);
    assert_eq!(ann.client.me().unwrap().ends_at_ms, None);
    assert_eq!(grants(&bob.client).with_me, [given]);
    let ends_at = end(&ann.client);
    // 4
    let left = u128::from(ends_at).saturating_sub(now().as_millis());
    thread::sleep(Duration::from_millis(u64::try_from(left).unwrap() + 50));
    let refused = ann.client.me().unwrap_err().problem();
    assert_eq!(refused, Problem::SessionEnded);
    let attempt = sign_in::start(&server, &ann.name, PASSWORD).unwrap();
    let opens = attempt.finish(PASSWORD, program("x")).is_some();
    assert!(!opens, "her password opens no answer any more");
    assert_eq!(grants(&bob.client).with_me, []);
    assert_eq!(
        bob.client.get(&content).unwrap().problem(),
        Problem::NoSuchItem
    );
    assert_eq!(server.get(&shown).unwrap().problem(), Problem::NoSuchLink);
    // 5
    let again = || sign_in::sign_up(&server, &ann.name, "another password", program("x"), &[]);
    assert_eq!(again().unwrap_err().problem(), Problem::UserNameTaken);
    let mut runs = 0;
    let anew = loop {
        runs += 1;
        assert!(runs < MOST_RUNS, "the account is never gone");
        night(&server);
        if let Ok(reply) = again() {
            break sign_in::signed_in(&server, reply).unwrap();
        }
    };
    assert_ne!(anew.1.user.id, ann.session.user.id);
    assert_eq!(
        grants(&anew.0),
        Grants {
            with_me: vec![],
            by_me: vec![],
            linked: vec![]
        }
    );
}
