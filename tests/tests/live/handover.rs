//! A folder gets another owner, against D1 and R2:
//! 1. ann shares a folder with bob and its file with carl, and asks bob to be the owner; her
//!    page is told how much it is, and his what room it takes
//! 2. bob accepts, and carl's poll of the file in ann's drive ends
//! 3. bob has it among his files, ann may change it, carl reads on, and nobody lost a version
//! 4. bob hands it back; nothing is copied, because ann's drive has all blocks still

use driftless_tests::client::{Client, commit_of};
use driftless_tests::live::person;
use driftless_tests::random::unseen_bytes;
use protocol::grants::{Grant, Grants, ROOT};
use protocol::handover::{Accepted, Handover};
use protocol::ids::{GrantId, ItemId};
use protocol::items::{Item, ItemChanged};
use protocol::problem::Problem;
use protocol::routes::Route;
use serde_json::json;
use std::thread;
use std::time::Duration;

fn gives(owner: &Client, item: ItemId, person: &str) -> Grant {
    let new = json!({"person": person, "role": "viewer"});
    let given = owner.send_json("POST", &Route::Give.of(item), &new);
    given.unwrap().json().unwrap()
}

fn bare(client: &Client, route: Route, id: GrantId) -> driftless_tests::client::Reply {
    let method = route.method().name();
    client.send(method, &route.of(id), &[], Some(b"")).unwrap()
}

fn accepts(client: &Client, id: GrantId) -> u64 {
    let mut copied = 0;
    for _ in 0..100 {
        let reply = bare(client, Route::AcceptOffer, id);
        let accepted: Accepted = reply.json().unwrap();
        copied += accepted.copied_bytes;
        if accepted.done {
            return copied;
        }
    }
    panic!("it never ends");
}

fn content(client: &Client, file: ItemId, root: Option<ItemId>) -> Vec<u8> {
    let root = root.map(|root| format!("?{ROOT}={root}"));
    let path = Route::FileContent.of(file);
    let path = format!("{path}{}", root.unwrap_or_default());
    client.get(&path).unwrap().body
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_folder_is_handed_over_and_back() {
    // 1
    let (ann, bob, carl) = (person(), person(), person());
    let folder = ann.client.new_folder(None, "Plans").unwrap().item.id;
    let bytes = unseen_bytes(3_000_000);
    let file = ann.client.put_file(Some(folder), "notes", &bytes).unwrap();
    let file = file.item.id;
    let grant = gives(&ann.client, folder, &bob.name);
    let carls = gives(&ann.client, file, &carl.name);
    let refused = bare(&bob.client, Route::AcceptOffer, grant.id);
    assert_eq!(refused.problem(), Problem::NotOffered);
    let told: Handover = bare(&ann.client, Route::ShowOffer, grant.id)
        .json()
        .unwrap();
    assert!(told.items == 2 && told.bytes > 3_000_000, "{told:?}");
    let offered: Grant = bare(&ann.client, Route::Offer, grant.id).json().unwrap();
    assert!(offered.offered_at_ms.is_some());
    let told: Handover = bare(&bob.client, Route::ShowOffer, grant.id)
        .json()
        .unwrap();
    assert_eq!(told.room.unwrap().needed_bytes, told.bytes);
    // 2
    let before = ann.client.me().unwrap().space.used_bytes;
    thread::scope(|scope| {
        let path = format!("{}?{ROOT}={file}", Route::Poll.path());
        let client = &carl.client;
        let poll = scope.spawn(move || {
            let headers = [("timeout", "20")];
            client.send("GET", &path, &headers, None).unwrap()
        });
        thread::sleep(Duration::from_secs(1));
        assert_eq!(accepts(&bob.client, grant.id), 3_000_000);
        let woken = poll.join().unwrap();
        assert_eq!(woken.status, 200, "carl is told to look where it is now");
    });
    // 3
    assert_eq!(content(&bob.client, file, None), bytes);
    assert_eq!(content(&ann.client, file, Some(folder)), bytes);
    assert_eq!(content(&carl.client, file, Some(file)), bytes);
    assert!(ann.client.me().unwrap().space.used_bytes + 3_000_000 < before);
    let theirs: Grants = carl
        .client
        .get(Route::Grants.path())
        .unwrap()
        .json()
        .unwrap();
    let [theirs] = theirs.with_me.as_slice() else {
        panic!("{theirs:?}");
    };
    assert_eq!((theirs.id, &theirs.owner.user_name), (carls.id, &bob.name));
    let hers: Grants = ann
        .client
        .get(Route::Grants.path())
        .unwrap()
        .json()
        .unwrap();
    let hers = hers.with_me[0].id;
    let commit = format!("{}?{ROOT}={folder}", Route::Commit.of(file));
    let next = ann.client.send_json("POST", &commit, &commit_of(1, b""));
    let next: ItemChanged = next.unwrap().json().unwrap();
    assert_eq!(next.item.version(), 2);
    // 4
    assert_eq!(bare(&bob.client, Route::Offer, hers).status, 200);
    assert_eq!(accepts(&ann.client, hers), 0);
    let item: Item = ann.client.item(file).unwrap();
    assert_eq!((item.version(), item.parent), (2, Some(folder)));
    let first = ann.client.content(file, Some(1)).unwrap();
    assert_eq!(first, bytes);
    assert_eq!(
        bob.client.item(file).unwrap_err().problem(),
        Problem::NoSuchItem
    );
}
