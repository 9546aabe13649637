//! The matrix of `driftless_tests::matrix`, asked of a running server: through the
//! runtime and its cookies, headers and methods, the database, and the Notification
//! Service, which holds the polls.

use driftless_tests::client::{Client, Reply};
use driftless_tests::drive::new_folder;
use driftless_tests::live::{PASSWORD, anyone, url, user_name};
use driftless_tests::matrix::drive::{Drive, Key, People};
use driftless_tests::matrix::{Answer, Cell, Host, conclude, grants, links};
use driftless_tests::model::http::Request;
use driftless_tests::sign_in::{new_device, sign_up};
use protocol::activity::Activity;
use protocol::devices::{AccessToken, DeviceKind, NewAccessToken, Scope};
use protocol::headers::{CLIENT, SESSION_COOKIE};
use protocol::ids::{ItemId, UnixMillis};
use protocol::items::ItemChanged;
use protocol::paths;
use protocol::routes::Route;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Requests under way at one time: more do not make two processors faster.
const AT_ONCE: usize = 6;

struct Live(Client);

impl Host for Live {
    fn answer(&self, request: &Request) -> Answer {
        let query = request.query.iter();
        let query: Vec<_> = query
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let path = match query.is_empty() {
            true => request.path.clone(),
            false => format!("{}?{}", request.path, query.join("&")),
        };
        let headers = request.headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let body = (!request.body.is_empty()).then_some(request.body.as_slice());
        let reply = self.0.send(&request.method, &path, &headers, body);
        let reply = reply.expect("an answer");
        Answer {
            status: reply.status,
            body: reply.body,
        }
    }

    fn now(&self) -> UnixMillis {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a time");
        u64::try_from(now.as_millis()).expect("a time")
    }

    fn wait_until(&self, moment: UnixMillis) {
        thread::sleep(Duration::from_millis(moment.saturating_sub(self.now())));
    }
}

/// A person with a browser, whose requests are not those of a program.
struct Browser {
    name: String,
    client: Client,
    session: String,
}

impl Browser {
    fn new() -> Self {
        let name = user_name();
        let device = new_device("Chrome on Linux", DeviceKind::Browser, None);
        let reply = sign_up(&anyone(), &name, PASSWORD, device, &[(CLIENT, "page")]);
        let reply = reply.expect("signed up");
        let cookie = reply.header("set-cookie").split(';').next();
        let pair = cookie.and_then(|cookie| cookie.split_once('='));
        let (is, session) = pair.expect("a cookie");
        assert_eq!(is, SESSION_COOKIE);
        Self {
            name,
            client: anyone(),
            session: session.to_owned(),
        }
    }

    fn posts<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> T {
        let cookie = format!("{SESSION_COOKIE}={}", self.session);
        let headers = [("cookie", cookie.as_str()), (CLIENT, "page")];
        let body = serde_json::to_vec(body).expect("JSON");
        let reply = self.client.send("POST", path, &headers, Some(&body));
        reply.and_then(Reply::json).expect("made")
    }

    fn token(&self, scope: Scope, folder: Option<ItemId>) -> Key {
        let new = NewAccessToken {
            name: "a program".to_owned(),
            scope,
            days: None,
            folder,
        };
        let token: AccessToken = self.posts(paths::ACCESS_TOKENS, &new);
        Key::Token(token.token)
    }
}

fn drive() -> Drive<Live> {
    let [ann, bob, carl] = [(); 3].map(|()| Browser::new());
    let own: ItemChanged = bob.posts(paths::FOLDERS, &new_folder(None, "own"));
    let people = People {
        bob_reads: bob.token(Scope::ReadOnly, None),
        bobs_folder: bob.token(Scope::Full, Some(own.item.id)),
        ann: Key::Session(ann.session),
        bob: Key::Session(bob.session),
        bobs_name: bob.name,
        carls_name: carl.name,
    };
    let client = Client::with_idle_connections(&url(), AT_ONCE);
    Drive::new(Live(client), people)
}

/// Does something with each of these, some at a time.
fn each<T: Send, R: Send>(all: Vec<T>, act: impl Fn(T) -> R + Sync) -> Vec<R> {
    let (left, done) = (Mutex::new(all), Mutex::new(Vec::new()));
    let next = || left.lock().expect("the list").pop();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(one) = next() {
                    let one = act(one);
                    done.lock().expect("the list").push(one);
                }
            });
        }
    });
    done.into_inner().expect("the list")
}

/// Asks first what is refused, of which the owner must hear nothing.
fn check<W: Send>(callers: Vec<W>, cells: impl Fn(&Drive<Live>, W) -> Vec<Cell> + Sync) {
    let drive = drive();
    let cells = each(callers, |who| cells(&drive, who));
    let cells = cells.into_iter().flatten();
    let (refused, allowed): (Vec<_>, Vec<_>) = cells.partition(Cell::is_refusal);
    let count = refused.len() + allowed.len();
    let asks = |cells| each(cells, |cell: Cell| cell.ask(&drive.host).err());
    let before = newest(&drive);
    let wrong = asks(refused);
    assert_eq!(
        newest(&drive),
        before,
        "what was refused has changed something"
    );
    let wrong: Vec<String> = wrong.into_iter().chain(asks(allowed)).flatten().collect();
    conclude(count, &wrong);
}

/// The last entry of the journal.
fn newest(drive: &Drive<Live>) -> Option<u64> {
    let told: Activity = drive.gets(Route::Activity, "", ());
    told.entries.first().map(|done| done.seq)
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn everybody_with_whom_something_is_shared_has_that_and_no_more_at_a_running_server() {
    check(grants::Who::ALL.to_vec(), grants::cells);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn everybody_with_a_link_has_what_it_allows_and_no_more_at_a_running_server() {
    check(links::Who::ALL.to_vec(), links::cells);
}
