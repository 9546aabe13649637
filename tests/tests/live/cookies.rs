//! A browser's sign-in, against a running server:
//! 1. a browser gets its token in a cookie that no script can read, and nowhere else
//! 2. with the cookie it reads; it writes only with the app's own header
//! 3. a request that the browser marks as another site's is refused
//! 4. signing out takes the cookie back and ends it
//! 5. a browser that signs in again keeps its device id, if it is its own
//! 6. with one person's cookie, nothing is done for a page that says it is another's

use blocks::hash::BlockHash;
use driftless_tests::client::{Reply, conflict_id, item_id, name, operation_id};
use driftless_tests::live::{PASSWORD, anyone, person, user_name};
use driftless_tests::sign_in::{self, new_device};
use protocol::accounts::Session;
use protocol::devices::DeviceKind;
use protocol::headers::{CLIENT, SESSION_COOKIE, USER};
use protocol::ids::DeviceId;
use protocol::items::NewFolder;
use protocol::paths;
use protocol::problem::Problem;

const OWN: (&str, &str) = (CLIENT, "test");

/// Signs a browser up; the answer as it came.
fn browser(user_name: &str) -> Reply {
    let device = new_device("Chrome on Linux", DeviceKind::Browser, None);
    sign_in::sign_up(&anyone(), user_name, PASSWORD, device, &[OWN]).unwrap()
}

/// `name=value` of the cookie that was set.
fn cookie(reply: &Reply) -> String {
    let header = reply.header("set-cookie");
    header.split(';').next().unwrap().to_owned()
}

fn send(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Reply {
    anyone().send(method, path, headers, body).unwrap()
}

fn folder(text: &str) -> Vec<u8> {
    serde_json::to_vec(&NewFolder {
        operation_id: operation_id(),
        id: item_id(),
        parent: None,
        name: name(text),
    })
    .unwrap()
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn the_cookie_is_out_of_scripts_reach() {
    let reply = browser(&user_name());
    let set = reply.header("set-cookie").to_owned();
    let mut parts = set.split(';').map(|part| part.trim().to_lowercase());
    let pair = parts.next().unwrap();
    assert!(
        pair.starts_with(&format!("{}=", SESSION_COOKIE.to_lowercase())),
        "{set}"
    );
    let attributes: Vec<String> = parts.collect();
    for needed in ["secure", "httponly", "path=/"] {
        assert!(attributes.iter().any(|a| a == needed), "{needed}: {set}");
    }
    assert!(
        attributes
            .iter()
            .any(|a| a == "samesite=strict" || a == "samesite=lax"),
        "{set}"
    );
    // `__Host-` forbids it; a browser would drop the cookie.
    assert!(!attributes.iter().any(|a| a.starts_with("domain")), "{set}");
    // It outlives the browser's window.
    assert!(
        attributes
            .iter()
            .any(|a| a.starts_with("max-age=") || a.starts_with("expires=")),
        "{set}"
    );
    let session: Session = reply.clone().json().unwrap();
    assert_eq!(session.token, None, "no script may see a browser's token");
    let secret = cookie(&reply).split_once('=').unwrap().1.to_owned();
    assert!(secret.len() >= 22, "128 bits at least");
    assert!(!String::from_utf8_lossy(&reply.body).contains(&secret));
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn the_cookie_reads_and_with_the_apps_header_writes() {
    let cookie = cookie(&browser(&user_name()));
    let me: Session = send("GET", paths::ME, &[("cookie", &cookie)], None)
        .json()
        .unwrap();
    assert_eq!(me.device.kind, DeviceKind::Browser);
    assert_eq!(me.token, None);
    // Among other cookies too.
    let several = format!("theme=dark; {cookie}; x=y");
    assert_eq!(
        send("GET", paths::ME, &[("cookie", &several)], None).status,
        200
    );
    let headers = [
        ("cookie", cookie.as_str()),
        ("content-type", "application/json"),
        OWN,
        ("sec-fetch-site", "same-origin"),
    ];
    let reply = send("POST", paths::FOLDERS, &headers, Some(&folder("mine")));
    assert_eq!(reply.status, 201, "{reply:?}");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn another_sites_request_is_refused() {
    let cookie = cookie(&browser(&user_name()));
    let json = ("content-type", "application/json");
    let cookie = ("cookie", cookie.as_str());
    let before = send("GET", paths::CHANGES, &[cookie], None);
    for headers in [
        vec![cookie, json],
        vec![cookie, ("content-type", "text/plain")],
        vec![cookie, json, OWN, ("sec-fetch-site", "cross-site")],
        vec![cookie, json, OWN, ("sec-fetch-site", "same-site")],
    ] {
        for (method, path, body) in [
            ("POST", paths::FOLDERS.to_owned(), folder("theirs")),
            ("POST", paths::SIGN_OUT.to_owned(), vec![]),
            (
                "POST",
                paths::ACCESS_TOKENS.to_owned(),
                br#"{"name":"theirs"}"#.to_vec(),
            ),
            (
                "POST",
                paths::BLOCKS.to_owned(),
                driftless_tests::client::frames(&[b"theirs"]),
            ),
        ] {
            let reply = send(method, &path, &headers, Some(&body));
            assert_eq!(reply.problem(), Problem::CrossSite, "{path} {headers:?}");
        }
    }
    let after = send("GET", paths::CHANGES, &[cookie], None);
    assert_eq!(before.body, after.body, "nothing was changed");
}

/// A token in a header is nothing that another site can make a browser send.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_bearer_needs_no_app_header() {
    let ann = person();
    assert!(ann.client.new_folder(None, "mine").is_ok());
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn signing_out_takes_the_cookie_back() {
    let reply = browser(&user_name());
    let cookie = cookie(&reply);
    let headers = [("cookie", cookie.as_str()), OWN];
    let out = send("POST", paths::SIGN_OUT, &headers, Some(b""));
    assert!((200..300).contains(&out.status), "{out:?}");
    let set = out.header("set-cookie").to_lowercase();
    assert!(
        set.starts_with(&format!("{}=;", SESSION_COOKIE.to_lowercase())),
        "{set}"
    );
    assert!(set.contains("max-age=0") || set.contains("1970"), "{set}");
    // Nor does the browser keep what it was answered.
    assert_eq!(out.header("clear-site-data"), "\"cache\"");
    // A browser drops a `__Host-` cookie that lacks these, and keeps the old one.
    assert!(set.contains("secure") && set.contains("path=/"), "{set}");
    let reply = send("GET", paths::ME, &[("cookie", &cookie)], None);
    assert_eq!(reply.header("clear-site-data"), "\"cache\"");
    assert_eq!(reply.problem(), Problem::SessionEnded);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_browser_that_comes_back_keeps_its_device() {
    let name = user_name();
    let first: Session = browser(&name).json().unwrap();
    let again = |id: DeviceId| -> Session {
        let device = new_device("Chrome on Linux", DeviceKind::Browser, Some(id));
        sign_in::sign_in(&anyone(), &name, PASSWORD, device, &[OWN])
            .unwrap()
            .json()
            .unwrap()
    };
    assert_eq!(again(first.device.id).device.id, first.device.id);
    let strangers = person().session.device.id;
    assert_ne!(again(strangers).device.id, strangers);
}

/// Every address that is for somebody, by method.
fn doors() -> Vec<(&'static str, String)> {
    let (item, conflict) = (item_id(), conflict_id());
    let device = person().session.device.id;
    let to = |path: &str| path.to_owned();
    vec![
        ("GET", to(paths::ME)),
        ("POST", to(paths::CONFIRM)),
        ("POST", to(paths::PASSWORD_START)),
        ("POST", to(paths::PASSWORD_FINISH)),
        ("POST", to(paths::SIGN_OUT)),
        ("GET", to(paths::DEVICES)),
        ("POST", to(paths::ACCESS_TOKENS)),
        ("DELETE", paths::device(device)),
        ("POST", to(paths::FOLDERS)),
        ("POST", to(paths::ITEMS_BATCH)),
        ("GET", paths::item(item)),
        ("PATCH", paths::item(item)),
        ("DELETE", paths::item(item)),
        ("POST", paths::trash(item)),
        ("POST", paths::restore(item)),
        ("POST", to(paths::EMPTY_TRASH)),
        ("POST", to(paths::FILES)),
        ("POST", to(paths::FILES_BATCH)),
        ("POST", paths::sync(item)),
        ("POST", paths::commit(item)),
        ("GET", paths::manifest(item, 1)),
        ("GET", paths::content(item, None)),
        ("POST", paths::file_conflicts(item)),
        ("POST", to(paths::BLOCKS)),
        ("POST", to(paths::FETCH_BLOCKS)),
        ("POST", to(paths::FETCH_SIGNATURES)),
        ("GET", paths::block(BlockHash::of(b"x"))),
        ("GET", to(paths::CONFLICTS)),
        ("GET", paths::conflict(conflict)),
        ("GET", paths::conflict_content(conflict)),
        ("GET", paths::conflict_manifest(conflict)),
        ("POST", paths::reopen(conflict)),
        ("POST", paths::resolve(conflict)),
        ("GET", to(paths::CHANGES)),
        ("GET", to(paths::POLL)),
    ]
}

/// A tab of ann's that has slept while bob signed in beside it.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn one_persons_page_does_nothing_with_anothers_cookie() {
    let ann = person().session.user.id.to_string();
    let bob_name = user_name();
    let reply = browser(&bob_name);
    let cookie = cookie(&reply);
    let bob: Session = reply.json().unwrap();
    let from = |user: &str, method: &str, path: &str, body: &[u8]| {
        let headers = [("cookie", cookie.as_str()), OWN, (USER, user)];
        let body = (method != "GET").then_some(body);
        send(method, path, &headers, body)
    };
    let before = send("GET", paths::CHANGES, &[("cookie", &cookie)], None);
    let another = Problem::AnotherUser {
        user_name: bob_name,
    };
    for (method, path) in doors() {
        let reply = from(&ann, method, &path, b"{}");
        assert_eq!(reply.problem(), another, "{method} {path}");
    }
    let reply = from(&ann, "POST", paths::FOLDERS, &folder("ann's"));
    assert_eq!(reply.problem(), another);
    let after = send("GET", paths::CHANGES, &[("cookie", &cookie)], None);
    assert_eq!((after.status, &after.body), (200, &before.body));

    // His own page is served, and so is one that says nothing; what is no id says
    // nothing that could be believed.
    let own = bob.user.id.to_string();
    let reply = from(&own, "POST", paths::FOLDERS, &folder("bob's"));
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(from("bob", "GET", paths::ME, b"").status, 400);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_token_that_says_whose_it_is_is_believed_only_if_that_is_so() {
    let (ann, bob) = (person(), person());
    let me = |user: &str| ann.client.send("GET", paths::ME, &[(USER, user)], None);
    let own = me(&ann.session.user.id.to_string()).unwrap();
    assert_eq!(own.status, 200);
    let another = me(&bob.session.user.id.to_string()).unwrap();
    let user_name = ann.name.clone();
    assert_eq!(another.problem(), Problem::AnotherUser { user_name });
}
