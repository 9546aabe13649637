//! Ann hands a folder over to bob: what becomes of it for her, for him, for carl, who has a
//! part of it, and for whoever has a link. Wherever it is cut off and whatever happens
//! meanwhile, it is in one of the two spaces, whole.

use super::attempt::{Attempt, Code};
use super::front::{Given, reply};
use super::shared::Drive;
use super::tries::Tries;
use super::world::{ANNS, BROWSER, CARLS, OF_FOLDER, TOKEN, World};
use crate::stage::{LATE, THEN};
use blocks::hash::BlockHash;
use driftless_core::access::reach::Reach;
use driftless_core::collect;
use driftless_core::error::Failure;
use driftless_core::handover::accept::accept;
use driftless_core::handover::hints;
use driftless_core::reads::thumbnails::of_files;
use driftless_core::services::Services;
use driftless_core::writes::blocks::copies::{BOUNDS, CopyBounds};
use driftless_core::writes::offers;
use driftless_core::writes::thumbnails::{self, NewThumbnail};
use driftless_tests::client::{change_trashed, commit_of, frames, manifest, new_file, thumbnail};
use driftless_tests::drive::{change_place, new_conflict, new_folder};
use driftless_tests::model::audit::faults;
use driftless_tests::model::lapses::Lapse;
use driftless_tests::model::legs::{Device, Legs};
use driftless_tests::model::night::Night;
use driftless_tests::model::packs::MemoryPacks;
use driftless_tests::model::ready::{ready, step};
use driftless_tests::model::server::Server;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::model::turns::Turns;
use driftless_tests::random::id_bytes;
use protocol::activity::{Activity, OfferStep};
use protocol::changes::{Change, ChangePage};
use protocol::grants::{Grant, Grants, ROOT, Role};
use protocol::handover::{Accepted, Handover};
use protocol::ids::{ConflictId, GrantId, ItemId, PackId, SpaceId};
use protocol::items::{Item, ItemChanged};
use protocol::limits::{MAX_HANDED_ITEMS, MAX_HANDED_ROWS};
use protocol::links::{LINK, Link};
use protocol::news::News;
use protocol::notifications::{EventType, JournalGrew};
use protocol::problem::Problem;
use protocol::routes::Route;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

type By = (char, Option<ItemId>);

const ANN: By = (ANNS, None);
const BOB: By = (BROWSER, None);
const CARL: By = (CARLS, None);

const NOT_OFFERED: Code = (409, "not_offered");
const NO_GRANT: Code = (404, "no_such_grant");
const NO_ITEM: Code = (404, "no_such_item");

const ONE: &[u8] = b"the first version";
const TWO: &[u8] = b"the second version";
const MINE: &[u8] = b"a version that came second";
const BELOW: &[u8] = b"what is in the folder in it";
const BINNED: &[u8] = b"what is in the trash";

/// What is tried at each route of an offer.
pub fn at_an_offer(tries: &Tries<'_>) -> Vec<Attempt> {
    let token = tries.bearing(TOKEN);
    vec![tries.refused("a token", token, (403, "not_for_tokens"))]
}

/// What ann hands over, and who has something of it.
struct Scene {
    drive: Drive,
    /// Where it stands.
    around: ItemId,
    folder: ItemId,
    /// At version 2.
    file: ItemId,
    conflict: ConflictId,
    sub: ItemId,
    below: ItemId,
    trashed: ItemId,
    /// Bob's, of the folder, and where he has it.
    grant: Grant,
    mount: Item,
    /// Carl's, of the folder in it.
    carls: Grant,
    link: Link,
}

impl Scene {
    fn new() -> Self {
        Self::on(Drive::new())
    }

    fn on(drive: Drive) -> Self {
        let around = drive.folder(None);
        let folder = drive.folder(Some(around));
        let sub = drive.folder(Some(folder));
        let server = &drive.world.server;
        let body = frames(&[ONE, TWO, MINE, BELOW, BINNED]);
        server.store_blocks(&drive.ann, THEN, body).unwrap();
        let file = |parent, bytes: &[u8]| {
            let new = new_file(Some(parent), &drive.name(), Some(manifest(bytes)));
            server.create_file(&drive.ann, THEN, new).unwrap().item
        };
        let (first, below, trashed) = (file(folder, ONE), file(sub, BELOW), file(sub, BINNED));
        let next = commit_of(1, TWO);
        server.commit(&drive.ann, THEN, first.id, next).unwrap();
        let kept = server.keep_conflict(&drive.ann, THEN, first.id, new_conflict(MINE));
        let conflict = kept.unwrap().id;
        drive.trash(trashed.id);
        let grant = drive.shares(folder, "viewer");
        let work: ItemChanged = drive.gets(
            BOB,
            Route::CreateFolder,
            "",
            json!(new_folder(None, "Work")),
        );
        let mount = drive.mounts(BOB, grant.id, Some(work.item.id));
        let to_carl = json!({"person": "carl", "role": "editor"});
        let carls: Grant = drive.gets(ANN, Route::Give, sub, to_carl);
        drive.mounts(CARL, carls.id, None);
        let link = drive.link(folder, json!({"may": "view"}));
        Self {
            around,
            folder,
            file: first.id,
            conflict,
            sub,
            below: below.id,
            trashed: trashed.id,
            grant,
            mount,
            carls,
            link,
            drive,
        }
    }

    fn offers(&self) -> Grant {
        self.drive
            .gets(ANN, Route::Offer, self.grant.id, Json::Null)
    }

    fn accepts(&self) -> Result<Accepted, Problem> {
        let told = self
            .drive
            .asks(BOB, Route::AcceptOffer, self.grant.id, Json::Null)?;
        match told {
            Given::Text(text) => Ok(serde_json::from_str(&text).unwrap()),
            Given::Each(_) => panic!("one answer"),
        }
    }

    fn accepts_to_the_end(&self) -> Accepted {
        for _ in 0..100 {
            let accepted = self.accepts().unwrap();
            if accepted.done {
                return accepted;
            }
        }
        panic!("it never ends");
    }

    fn items(&self) -> [ItemId; 5] {
        [self.folder, self.file, self.sub, self.below, self.trashed]
    }

    fn bob(&self) -> SpaceId {
        self.drive.world.bob.space
    }

    fn ann(&self) -> SpaceId {
        self.drive.world.ann.space
    }

    /// In whose space it is; it is in one, whole.
    fn space(&self) -> SpaceId {
        let spaces: BTreeSet<String> = self
            .items()
            .iter()
            .map(|item| {
                let sql = format!("SELECT group_concat(space) FROM items WHERE id = '{item}'");
                text(&self.drive.world, &sql)
            })
            .collect();
        assert_eq!(spaces.len(), 1, "{spaces:?}");
        spaces.first().unwrap().parse().unwrap()
    }

    /// All that was so before is so, with another owner.
    fn is_bobs(&self) {
        let drive = &self.drive;
        assert_eq!(self.space(), self.bob());
        is_sound(&drive.world);
        // Bob has it where he had it, under the name that he gave it.
        let folder = item(drive, BOB, self.folder);
        assert_eq!(
            (folder.parent, &folder.name),
            (self.mount.parent, &self.mount.name)
        );
        assert_eq!(read(drive, BOB, self.file), TWO);
        assert_eq!(read(drive, BOB, self.below), BELOW);
        let mine = drive.asks(BOB, Route::ConflictContent, self.conflict, Json::Null);
        assert!(matches!(mine, Ok(Given::Text(text)) if text.as_bytes() == MINE));
        assert!(item(drive, BOB, self.trashed).trashed_at_ms.is_some());
        let mounted = drive.asks(BOB, Route::Item, self.mount.id, Json::Null);
        drive.is_refused(mounted, NO_ITEM);
        let none = |grants: &Grants| {
            grants
                .with_me
                .iter()
                .all(|grant| grant.item != self.folder && grant.item != self.sub)
        };
        let bobs: Grants = drive.gets(BOB, Route::Grants, "", Json::Null);
        assert!(none(&bobs), "{bobs:?}");
        // Ann may change it, from where it stood.
        let anns: Grants = drive.gets(ANN, Route::Grants, "", Json::Null);
        let hers: Vec<&Grant> = anns
            .with_me
            .iter()
            .filter(|grant| grant.item == self.folder)
            .collect();
        let [hers] = hers.as_slice() else {
            panic!("{anns:?}");
        };
        assert_eq!(
            (&*hers.owner.user_name, hers.role),
            ("bob", Role::Editor),
            "{hers:?}"
        );
        assert!(anns.by_me.iter().all(|grant| grant.item != self.folder));
        let listed = feed(drive, ANN, None);
        let mounts: Vec<&Item> = items(&listed.changes)
            .filter(|item| item.mount.is_some_and(|mount| mount.grant == hers.id))
            .collect();
        let [mount] = mounts.as_slice() else {
            panic!("{listed:?}");
        };
        assert_eq!(mount.parent, Some(self.around));
        let ann = (ANNS, Some(self.folder));
        assert_eq!(read(drive, ann, self.below), BELOW);
        let next = json!(commit_of(1, BELOW));
        let changed: ItemChanged = drive.gets(ann, Route::Commit, self.below, next);
        assert_eq!(changed.item.version(), 2);
        drive.is_refused(
            drive.asks(ANN, Route::Item, self.below, Json::Null),
            NO_ITEM,
        );
        // Carl's access has the id that it had, by which he has it among his files.
        let carls: Grants = drive.gets(CARL, Route::Grants, "", Json::Null);
        let his = carls.with_me.iter().find(|grant| grant.item == self.sub);
        let his = his.expect("carl's");
        assert_eq!(
            (his.id, his.role, &*his.owner.user_name),
            (self.carls.id, Role::Editor, "bob")
        );
        let carl = (CARLS, Some(self.sub));
        assert_eq!(read(drive, carl, self.below), BELOW);
        let next = json!(commit_of(2, BELOW));
        let changed: ItemChanged = drive.gets(carl, Route::Commit, self.below, next);
        assert_eq!(changed.item.version(), 3);
        // And so does whoever has the link.
        let mut request = drive.request('z', Route::FileContent, &self.file.to_string(), vec![]);
        request.cookie = None;
        request.query = vec![(LINK, self.link.key.to_string())];
        let seen = reply(&drive.world, &request, THEN);
        assert_eq!((seen.status, seen.body), (200, TWO.to_vec()));
        is_sound(&drive.world);
    }

    /// Nothing has become of it.
    fn is_anns(&self) {
        let drive = &self.drive;
        assert_eq!(self.space(), self.ann());
        is_sound(&drive.world);
        assert_eq!(read(drive, ANN, self.file), TWO);
        let carl = (CARLS, Some(self.sub));
        assert_eq!(read(drive, carl, self.below), BELOW);
    }
}

fn text(world: &World, sql: &str) -> String {
    let connection = world.server.db.connection();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn count(world: &World, sql: &str) -> i64 {
    let connection = world.server.db.connection();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn run(world: &World, sql: &str) {
    world.server.db.connection().execute_batch(sql).unwrap();
}

/// All counts are right, all blocks are there, and no journal has a gap.
fn is_sound(world: &World) {
    assert_eq!(faults(&world.server), [""; 0]);
    let gaps = "
        SELECT count(*) FROM spaces s WHERE s.head_seq <> (
          SELECT count(*) FROM changes c WHERE c.space = s.id
        ) OR s.head_seq <> (SELECT coalesce(max(c.seq), 0) FROM changes c WHERE c.space = s.id)";
    assert_eq!(count(world, gaps), 0, "a journal has a gap");
    assert_eq!(count(world, "SELECT count(*) FROM moving"), 0);
}

fn item(drive: &Drive, by: By, id: ItemId) -> Item {
    drive.gets(by, Route::Item, id, Json::Null)
}

fn read(drive: &Drive, by: By, file: ItemId) -> Vec<u8> {
    match drive.asks(by, Route::FileContent, file, Json::Null) {
        Ok(Given::Text(text)) => text.into_bytes(),
        other => panic!("{other:?}"),
    }
}

fn items(changes: &[Change]) -> impl Iterator<Item = &Item> {
    changes.iter().filter_map(|change| match change {
        Change::Item { item } => Some(item),
        _ => None,
    })
}

fn feed(drive: &Drive, (digit, root): By, since: Option<&str>) -> ChangePage {
    let mut request = drive.request(digit, Route::Changes, "", Vec::new());
    let since = since.map(|since| ("since_token", since.to_owned()));
    let root = root.map(|root| (ROOT, root.to_string()));
    request.query = since.into_iter().chain(root).collect();
    let told = reply(&drive.world, &request, THEN);
    assert_eq!(told.status, 200, "{}", String::from_utf8_lossy(&told.body));
    serde_json::from_slice(&told.body).unwrap()
}

/// What a device of somebody has stored.
struct Replica {
    by: By,
    cursor: Option<String>,
    items: BTreeMap<ItemId, Item>,
    /// How often it was told everything anew.
    resets: u32,
}

impl Replica {
    fn of(drive: &Drive, by: By) -> Self {
        let mut replica = Self {
            by,
            cursor: None,
            items: BTreeMap::new(),
            resets: 0,
        };
        replica.pull(drive);
        replica
    }

    fn pull(&mut self, drive: &Drive) {
        loop {
            let page = feed(drive, self.by, self.cursor.as_deref());
            if page.reset {
                self.items.clear();
                self.resets += 1;
            }
            for change in page.changes {
                match change {
                    Change::Item { item } => drop(self.items.insert(item.id, item)),
                    Change::Deleted { item } => drop(self.items.remove(&item)),
                    _ => {}
                }
            }
            self.cursor = Some(page.next_token);
            if !page.has_more {
                break;
            }
        }
    }

    /// It has what a device has that asks for the first time.
    fn has_all(&self, drive: &Drive) {
        assert_eq!(self.items, Self::of(drive, self.by).items, "{:?}", self.by);
    }
}

/// What the newest entry of somebody's journal that is worth telling says.
fn newest(drive: &Drive, by: By, kind: EventType) -> Option<protocol::activity::Done> {
    let told: Activity = drive.gets(by, Route::Activity, "", Json::Null);
    let mut of_kind = told
        .entries
        .into_iter()
        .filter(|done| done.event.event_type == kind);
    of_kind.next()
}

#[test]
fn whoever_accepts_has_it_all_in_their_own_space_and_everybody_else_has_what_they_had() {
    let scene = Scene::new();
    let drive = &scene.drive;
    let replicas = [ANN, BOB, CARL, (CARLS, Some(scene.sub))];
    let mut replicas = replicas.map(|by| Replica::of(drive, by));
    // Before she offers it, ann is told how much it is; bob is told nothing.
    let told: Handover = drive.gets(ANN, Route::ShowOffer, scene.grant.id, Json::Null);
    assert_eq!((told.items, told.room), (5, None));
    let bobs = drive.asks(BOB, Route::ShowOffer, scene.grant.id, Json::Null);
    drive.is_refused(bobs, NOT_OFFERED);
    let early = drive.asks(BOB, Route::AcceptOffer, scene.grant.id, Json::Null);
    drive.is_refused(early, NOT_OFFERED);
    let offered = scene.offers();
    assert_eq!(offered.offered_at_ms, Some(THEN));
    assert_eq!(scene.offers(), offered);
    for by in [ANN, BOB] {
        let told = newest(drive, by, EventType::ShareOffered).unwrap();
        assert_eq!(
            (told.offer, told.person.as_deref()),
            (Some(OfferStep::Made), Some("bob"))
        );
    }
    let for_bob: Handover = drive.gets(BOB, Route::ShowOffer, scene.grant.id, Json::Null);
    let room = for_bob.room.unwrap();
    assert_eq!((for_bob.items, room.needed_bytes), (told.items, told.bytes));
    let used = |by| -> protocol::accounts::Session { drive.gets(by, Route::Me, "", Json::Null) };
    let (anns, bobs) = (used(ANN).space.used_bytes, used(BOB).space.used_bytes);
    assert_eq!(room.used_bytes, bobs);
    let accepted = scene.accepts_to_the_end();
    assert_eq!((accepted.item, accepted.left_bytes), (scene.folder, 0));
    let all: usize = [ONE, TWO, MINE, BELOW, BINNED]
        .map(<[u8]>::len)
        .iter()
        .sum();
    assert_eq!(accepted.copied_bytes, all as u64);
    // What he was told it takes is what it takes, but for his mount.
    let mount = protocol::limits::ITEM_CHARGE;
    assert_eq!(used(BOB).space.used_bytes, bobs + room.needed_bytes - mount);
    assert_eq!(used(ANN).space.used_bytes, anns - told.bytes + mount);
    for replica in &mut replicas {
        let resets = replica.resets;
        replica.pull(drive);
        replica.has_all(drive);
        // Carl's part is in another space now.
        let is_carls = replica.by.1.is_some();
        assert_eq!(replica.resets - resets, u32::from(is_carls));
    }
    // Once more, it says the same and does nothing.
    let before = drive.world.everything();
    assert_eq!(
        scene.accepts(),
        Ok(Accepted {
            copied_bytes: 0,
            ..accepted
        })
    );
    assert!(before == drive.world.everything());
    // Each is told once.
    let told: Activity = drive.gets(ANN, Route::Activity, "", Json::Null);
    let handed: Vec<_> = told
        .entries
        .iter()
        .filter(|done| done.event.event_type == EventType::HandedOver)
        .collect();
    let [handed] = handed.as_slice() else {
        panic!("{handed:?}");
    };
    assert_eq!(
        (handed.event.file_id, handed.person.as_deref()),
        (scene.folder, Some("bob"))
    );
    assert_eq!(handed.event.by.as_ref().unwrap().user_name, "bob");
    let bobs = newest(drive, BOB, EventType::HandedOver).unwrap();
    assert_eq!(
        (bobs.event.file_id, bobs.person.as_deref()),
        (scene.folder, Some("ann"))
    );
    let carls = newest(drive, CARL, EventType::ShareOffered).unwrap();
    assert_eq!(
        (carls.offer, carls.person.as_deref()),
        (Some(OfferStep::Accepted), Some("bob"))
    );
    let news: News = drive.gets(ANN, Route::News, "", Json::Null);
    let of_kind =
        |one: &&protocol::news::ByOthers| one.done.event.event_type == EventType::HandedOver;
    assert_eq!(news.entries.iter().filter(of_kind).count(), 1);
    scene.is_bobs();
}

#[test]
fn thumbnails_go_along_with_their_files() {
    let scene = Scene::new();
    let drive = &scene.drive;
    let (server, small) = (&drive.world.server, thumbnail(b"of what is below"));
    let new = NewThumbnail {
        item: scene.below,
        version: Some(1),
        bytes: small.clone(),
    };
    let id = PackId::from_random(server.fresh_id());
    let author = drive.ann.at(THEN);
    ready(thumbnails::store(
        &server.db,
        &server.packs,
        &author,
        id,
        &new,
    ))
    .unwrap();
    scene.offers();
    scene.accepts_to_the_end();
    let of = |space| ready(of_files(&server.db, space, &Reach::Whole, &[scene.below])).unwrap();
    assert_eq!(of(scene.ann()), []);
    let found = of(scene.bob());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].hash, BlockHash::of(&small));
    let stored = format!(
        "SELECT count(*) FROM blocks WHERE space = '{}' AND lower(hex(hash)) = '{}'",
        scene.bob(),
        found[0].hash
    );
    assert_eq!(count(&drive.world, &stored), 1);
    scene.is_bobs();
}

#[test]
fn only_the_two_of_a_grant_offer_decline_and_accept() {
    let scene = Scene::new();
    let drive = &scene.drive;
    let id = scene.grant.id;
    let asks = |by, route| drive.asks(by, route, id, Json::Null);
    for by in [BOB, CARL] {
        drive.is_refused(asks(by, Route::Offer), NO_GRANT);
    }
    scene.offers();
    for (by, routes) in [
        (
            CARL,
            [Route::ShowOffer, Route::EndOffer, Route::AcceptOffer],
        ),
        (ANN, [Route::AcceptOffer; 3]),
    ] {
        for route in routes {
            drive.is_refused(asks(by, route), NO_GRANT);
        }
    }
    // It is between people.
    for route in [
        Route::ShowOffer,
        Route::EndOffer,
        Route::AcceptOffer,
        Route::Offer,
    ] {
        let token = asks((TOKEN, None), route);
        drive.is_refused(token, (403, "not_for_tokens"));
        let token = asks((OF_FOLDER, None), route);
        drive.is_refused(token, (403, "one_folder"));
        // He may look at the folder.
        let root = asks((BROWSER, Some(scene.folder)), route);
        let code = match route {
            Route::ShowOffer => "one_folder",
            _ => "read_only",
        };
        drive.is_refused(root, (403, code));
    }
    // He declines, she offers it again and takes it back.
    asks(BOB, Route::EndOffer).unwrap();
    let told = newest(drive, ANN, EventType::ShareOffered).unwrap();
    assert_eq!(told.offer, Some(OfferStep::Declined));
    drive.is_refused(asks(BOB, Route::AcceptOffer), NOT_OFFERED);
    asks(BOB, Route::EndOffer).unwrap();
    scene.offers();
    asks(ANN, Route::EndOffer).unwrap();
    let told = newest(drive, BOB, EventType::ShareOffered).unwrap();
    assert_eq!(told.offer, Some(OfferStep::TakenBack));
    drive.is_refused(asks(BOB, Route::AcceptOffer), NOT_OFFERED);
    // An offer ends with the access, and with the folder's stay.
    scene.offers();
    let bin = drive.trash(scene.folder);
    drive.is_refused(asks(BOB, Route::AcceptOffer), (409, "in_trash"));
    drive.is_refused(asks(ANN, Route::Offer), (409, "in_trash"));
    drive.restore(&bin);
    asks(ANN, Route::TakeBack).unwrap();
    drive.is_refused(asks(BOB, Route::AcceptOffer), NO_GRANT);
    drive.is_refused(asks(ANN, Route::Offer), NO_GRANT);
    let again = drive.shares(scene.folder, "viewer");
    assert_eq!(again.offered_at_ms, None);
    scene.is_anns();
}

#[test]
fn what_the_new_owner_has_already_is_not_copied() {
    let scene = Scene::new();
    let drive = &scene.drive;
    let server = &drive.world.server;
    let bob = Device {
        space: scene.bob(),
        user: drive.world.bob.user,
        user_name: "bob".into(),
        ..drive.ann.clone()
    };
    server
        .store_blocks(&bob, THEN, frames(&[TWO, BELOW]))
        .unwrap();
    let new = new_file(None, "his own", Some(manifest(TWO)));
    server.create_file(&bob, THEN, new).unwrap();
    scene.offers();
    let told: Handover = drive.gets(BOB, Route::ShowOffer, scene.grant.id, Json::Null);
    let bytes = told.bytes - told.room.unwrap().needed_bytes;
    assert_eq!(bytes, TWO.len() as u64 + protocol::limits::BLOCK_CHARGE);
    let accepted = scene.accepts_to_the_end();
    let copied = [ONE, MINE, BINNED].map(<[u8]>::len).iter().sum::<usize>();
    assert_eq!(accepted.copied_bytes, copied as u64);
    scene.is_bobs();
}

#[test]
fn it_takes_several_requests_and_nobody_sees_half_of_it() {
    let scene = Scene::new();
    scene.offers();
    let server = &scene.drive.world.server;
    let bounds = CopyBounds {
        packs: 1,
        bytes: 1,
        ..BOUNDS
    };
    let night = Night::over(server);
    let author = bob_of(&scene).at(THEN);
    let mut steps = 0;
    let mut left = u64::MAX;
    loop {
        let fresh = || Ok(id_bytes());
        let accepted = ready(accept(&night, &author, scene.grant.id, fresh, &bounds)).unwrap();
        if accepted.done {
            break;
        }
        assert!(accepted.left_bytes < left);
        (steps, left) = (steps + 1, accepted.left_bytes);
        scene.is_anns();
        // What was copied is collected meanwhile, once, and is copied again.
        if steps == 2 {
            let collected = server.collect(LATE, &collect::BOUNDS).unwrap();
            assert!(collected.blocks > 0, "{collected:?}");
            left = u64::MAX;
        }
    }
    assert_eq!(steps, 6);
    scene.is_bobs();
}

fn bob_of(scene: &Scene) -> Device {
    Device {
        space: scene.bob(),
        user: scene.drive.world.bob.user,
        user_name: "bob".into(),
        ..scene.drive.ann.clone()
    }
}

/// The request breaks off after any of its calls of the database, and is repeated, or the
/// job goes on.
#[test]
fn wherever_it_breaks_off_it_is_in_one_space_and_a_repeat_or_the_job_finishes_it() {
    let (mut handed, mut kept, mut by_job) = (0, 0, 0);
    for lapse in [Lapse::Unreached, Lapse::AnswerLost] {
        for again in [true, false] {
            for call in 0..60 {
                let scene = Scene::new();
                scene.offers();
                let db = &scene.drive.world.server.db;
                let good = (0..call).map(|_| None);
                // More in a row than any batch is tried.
                let fails = vec![Some(lapse); 8];
                db.lapses.plan(good.chain(fails).collect::<Vec<_>>());
                let told = scene.accepts();
                db.lapses.clear();
                is_sound(&scene.drive.world);
                let space = scene.space();
                if told.is_ok_and(|accepted| accepted.done) {
                    assert_eq!(space, scene.bob());
                    scene.is_bobs();
                    break;
                }
                if space == scene.ann() {
                    kept += 1;
                    scene.is_anns();
                } else {
                    handed += 1;
                }
                if again {
                    scene.accepts_to_the_end();
                    scene.is_bobs();
                    continue;
                }
                let night = Night::over(&scene.drive.world.server);
                let mended = ready(hints::run(&night, THEN)).unwrap();
                assert_eq!(ready(hints::run(&night, THEN)).unwrap(), 0);
                match space == scene.bob() {
                    true => scene.is_bobs(),
                    false => scene.is_anns(),
                }
                by_job += mended;
            }
        }
    }
    assert!(
        handed > 5 && kept > 20 && by_job > 2,
        "{handed} {kept} {by_job}"
    );
}

/// The pack store fails at any of its calls.
#[test]
fn a_pack_store_that_fails_loses_nothing() {
    for lapse in [Lapse::Unreached, Lapse::AnswerLost] {
        for call in 0..8 {
            let scene = Scene::new();
            scene.offers();
            let packs = &scene.drive.world.server.packs;
            let good = (0..call).map(|_| None);
            packs
                .lapses
                .plan(good.chain([Some(lapse)]).collect::<Vec<_>>());
            let told = scene.accepts();
            packs.lapses.clear();
            if told.is_err() {
                scene.is_anns();
            }
            scene.accepts_to_the_end();
            scene.is_bobs();
        }
    }
}

#[test]
fn without_room_nothing_is_copied_and_bob_is_told_how_much_he_lacks() {
    let scene = Scene::new();
    let drive = &scene.drive;
    scene.offers();
    let told: Handover = drive.gets(BOB, Route::ShowOffer, scene.grant.id, Json::Null);
    let room = told.room.unwrap();
    let quota = |bytes: u64| {
        let bob = scene.bob();
        let set = format!("UPDATE spaces SET quota_bytes = {bytes} WHERE id = '{bob}'");
        run(&drive.world, &set);
    };
    let enough = room.used_bytes + room.needed_bytes;
    quota(enough - 1);
    let before = drive.world.everything();
    match scene.accepts() {
        Err(Problem::QuotaExceeded {
            used_bytes,
            quota_bytes,
            needed_bytes,
            trash_bytes,
        }) => {
            assert_eq!((used_bytes, quota_bytes), (room.used_bytes, enough - 1));
            assert_eq!(needed_bytes, Some(room.needed_bytes));
            assert!(trash_bytes.is_some());
        }
        other => panic!("{other:?}"),
    }
    assert!(before == drive.world.everything());
    scene.is_anns();
    quota(enough);
    scene.accepts_to_the_end();
    quota(2 * enough);
    scene.is_bobs();
}

/// The rows of many items, as if somebody had made them.
fn many(scene: &Scene, items: u64, rows: u64) {
    let (ann, folder, file) = (scene.ann(), scene.folder, scene.file);
    let fill = format!(
        "INSERT INTO items (space, id, parent, name, name_key, place_version, version, created_at)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {items})
         SELECT '{ann}', printf('%08x-0000-4000-8000-000000000000', n), '{folder}', 'folder ' || n,
           'folder ' || n, 1, NULL, 0 FROM n WHERE n <= {items};
         INSERT INTO file_blocks (space, item, ord, since_version, until_version, hash, length)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows})
         SELECT '{ann}', '{file}', 1000 + n, 1, 2, f.hash, f.length
         FROM n, (SELECT hash, length FROM file_blocks WHERE item = '{file}' LIMIT 1) f
         WHERE n <= {rows};
         UPDATE spaces SET item_count = item_count + {items}, row_count = row_count + {rows}
         WHERE id = '{ann}';"
    );
    run(&scene.drive.world, &fill);
}

#[test]
fn more_than_fits_into_one_transaction_is_refused_with_the_numbers() {
    for (items, rows) in [(MAX_HANDED_ITEMS, 0), (0, MAX_HANDED_ROWS)] {
        let scene = Scene::new();
        let drive = &scene.drive;
        scene.offers();
        many(&scene, items, rows);
        let refused = [
            scene.accepts().err(),
            drive
                .asks(ANN, Route::Offer, scene.grant.id, Json::Null)
                .err(),
        ];
        for problem in refused {
            match problem {
                Some(Problem::TooMuchToHandOver {
                    items: there,
                    most_items,
                    rows: have,
                    most_rows,
                }) => {
                    assert_eq!((most_items, most_rows), (MAX_HANDED_ITEMS, MAX_HANDED_ROWS));
                    assert!(there > most_items || have > most_rows);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(scene.space(), scene.ann());
    }
}

#[test]
fn as_much_as_may_be_is_handed_over_in_one_transaction() {
    let scene = Scene::new();
    scene.offers();
    // Five items are there, of some rows.
    many(&scene, MAX_HANDED_ITEMS - 5, MAX_HANDED_ROWS - 20);
    let began = std::time::Instant::now();
    scene.accepts_to_the_end();
    eprintln!("{:?} for all of it", began.elapsed());
    let bob = scene.bob();
    let sql = format!("SELECT count(*) FROM items WHERE space = '{bob}' AND name LIKE 'folder _%'");
    assert!(count(&scene.drive.world, &sql) as u64 >= MAX_HANDED_ITEMS - 5);
    // Every device learns of all of it, over several pages.
    for by in [ANN, BOB] {
        let mut replica = Replica::of(&scene.drive, by);
        replica.pull(&scene.drive);
        replica.has_all(&scene.drive);
    }
    is_sound(&scene.drive.world);
}

#[test]
fn a_file_that_is_damaged_is_named_and_nothing_changes_hands() {
    // As the scrub has found it, and as the copying finds it.
    for is_marked in [true, false] {
        let scene = Scene::new();
        let drive = &scene.drive;
        scene.offers();
        let server = &drive.world.server;
        let hash = BlockHash::of(BELOW);
        if is_marked {
            let mark = format!("UPDATE blocks SET damaged_at = 1 WHERE hash = x'{hash}'");
            run(&drive.world, &mark);
        } else {
            let place = format!("SELECT space || '/' || pack FROM blocks WHERE hash = x'{hash}'");
            let key = text(&drive.world, &place);
            let offset = format!("SELECT offset FROM blocks WHERE hash = x'{hash}'");
            let offset = count(&drive.world, &offset);
            assert!(server.packs.corrupt(&key, offset as usize));
        }
        let name = item(drive, ANN, scene.below).name.to_string();
        let told = scene.accepts();
        let item = scene.below;
        assert_eq!(told, Err(Problem::DamagedFile { item, name }));
        assert_eq!(scene.space(), scene.ann());
        // Its owner sends it again.
        server
            .store_blocks(&drive.ann, THEN, frames(&[BELOW]))
            .unwrap();
        scene.accepts_to_the_end();
        scene.is_bobs();
    }
}

#[test]
fn it_can_be_handed_back_and_is_what_it_was() {
    let scene = Scene::new();
    let drive = &scene.drive;
    scene.offers();
    scene.accepts_to_the_end();
    let mut replicas = [ANN, BOB, (CARLS, Some(scene.sub))].map(|by| Replica::of(drive, by));
    let anns: Grants = drive.gets(ANN, Route::Grants, "", Json::Null);
    let hers = anns
        .with_me
        .into_iter()
        .find(|one| one.item == scene.folder);
    let hers = hers.unwrap();
    let _: Grant = drive.gets(BOB, Route::Offer, hers.id, Json::Null);
    let accepted: Accepted = drive.gets(ANN, Route::AcceptOffer, hers.id, Json::Null);
    // Her space has all blocks still.
    assert_eq!((accepted.done, accepted.copied_bytes), (true, 0));
    scene.is_anns();
    assert_eq!(item(drive, ANN, scene.folder).parent, Some(scene.around));
    let bobs: Grants = drive.gets(BOB, Route::Grants, "", Json::Null);
    let his = bobs.with_me.iter().find(|one| one.item == scene.folder);
    assert_eq!(his.unwrap().role, Role::Editor);
    for replica in &mut replicas {
        replica.pull(drive);
        replica.has_all(drive);
    }
    // What somebody deletes for good stays deleted, wherever it was before.
    let file = drive.trash(scene.below);
    let gone = json!({
        "operation_id": driftless_tests::client::operation_id(),
        "base_place_version": file.place_version,
    });
    drive
        .asks(ANN, Route::DeleteItem, scene.below, gone)
        .unwrap();
    for replica in &mut replicas {
        replica.pull(drive);
        replica.has_all(drive);
    }
    is_sound(&drive.world);
}

#[test]
fn an_id_that_is_in_use_at_the_new_owners_is_refused() {
    let scene = Scene::new();
    let drive = &scene.drive;
    scene.offers();
    let mut own = new_folder(None, "of the same id");
    own.id = scene.below;
    let _: ItemChanged = drive.gets(BOB, Route::CreateFolder, "", json!(own));
    let before = drive.world.everything();
    assert_eq!(scene.accepts(), Err(Problem::IdTaken));
    assert!(before == drive.world.everything());
}

#[test]
fn without_a_mount_or_with_one_in_the_trash_it_comes_to_the_top_under_a_free_name() {
    for is_trashed in [false, true] {
        let scene = Scene::new();
        let drive = &scene.drive;
        let name = item(drive, ANN, scene.folder).name;
        let taken = new_folder(None, &name.to_string().to_uppercase());
        let _: ItemChanged = drive.gets(BOB, Route::CreateFolder, "", json!(taken));
        match is_trashed {
            true => {
                let work = scene.mount.parent.unwrap();
                let work = item(drive, BOB, work);
                let bin = json!(change_trashed(&work));
                drive.asks(BOB, Route::Trash, work.id, bin).unwrap();
            }
            false => drop(
                drive
                    .asks(BOB, Route::RemoveMount, scene.mount.id, Json::Null)
                    .unwrap(),
            ),
        }
        scene.offers();
        scene.accepts_to_the_end();
        let folder = item(drive, BOB, scene.folder);
        assert_eq!(folder.parent, None);
        assert_eq!(folder.name.to_string(), format!("{name} (2)"));
        assert_eq!(read(drive, BOB, scene.below), BELOW);
        is_sound(&drive.world);
    }
}

#[test]
fn mounts_in_it_are_the_old_owners_and_go_away() {
    let scene = Scene::new();
    let drive = &scene.drive;
    // Carl shares with ann, who has it in the folder; bob has the folder in it as well.
    let carls = drive.given("ann", "of carl");
    let inside = drive.mounts(ANN, carls.id, Some(scene.sub));
    let below = drive.shares(scene.sub, "editor");
    let second = drive.mounts(BOB, below.id, None);
    let mut replicas = [ANN, BOB].map(|by| Replica::of(drive, by));
    scene.offers();
    scene.accepts_to_the_end();
    for (by, mount) in [(ANN, inside.id), (BOB, inside.id), (BOB, second.id)] {
        let mounted = drive.asks(by, Route::Item, mount, Json::Null);
        drive.is_refused(mounted, NO_ITEM);
    }
    let anns: Grants = drive.gets(ANN, Route::Grants, "", Json::Null);
    assert!(anns.with_me.iter().any(|grant| grant.id == carls.id));
    for replica in &mut replicas {
        replica.pull(drive);
        replica.has_all(drive);
    }
    scene.is_bobs();
}

#[test]
fn the_end_of_either_account_takes_what_is_that_persons_then() {
    let scene = Scene::new();
    let drive = &scene.drive;
    scene.offers();
    scene.accepts_to_the_end();
    // Ann's account has ended long ago, and all of it goes.
    let world = &drive.world;
    let (ann, user) = (scene.ann(), world.ann.user);
    let end = THEN - 1_000_000_000;
    run(
        world,
        &format!(
            "UPDATE spaces SET ends_at = {end} WHERE id = '{ann}';
             UPDATE users SET ends_at = {end} WHERE id = '{user}';"
        ),
    );
    let night = Night::over(&world.server);
    let all = driftless_core::ending::due::EndingBounds {
        accounts: 10,
        steps: 1_000,
        ..driftless_core::ending::due::BOUNDS
    };
    assert_eq!(night.run(THEN, &all).unwrap().gone, 1);
    assert_eq!(read(drive, BOB, scene.file), TWO);
    assert_eq!(read(drive, (CARLS, Some(scene.sub)), scene.below), BELOW);
    is_sound(world);
    // Then bob's does.
    let (bob, user) = (scene.bob(), world.bob.user);
    run(
        world,
        &format!(
            "UPDATE spaces SET ends_at = {end} WHERE id = '{bob}';
             UPDATE users SET ends_at = {end} WHERE id = '{user}';"
        ),
    );
    assert_eq!(night.run(THEN, &all).unwrap().gone, 1);
    let of_bob = format!("SELECT count(*) FROM handovers WHERE space = '{bob}'");
    assert_eq!(count(world, &of_bob), 0);
    is_sound(world);
}

#[test]
fn what_ends_an_account_ends_the_offer() {
    let scene = Scene::new();
    scene.offers();
    let ann = scene.ann();
    run(
        &scene.drive.world,
        &format!("UPDATE spaces SET ends_at = {THEN} WHERE id = '{ann}'"),
    );
    assert_eq!(scene.accepts(), Err(Problem::NoSuchGrant));
    assert_eq!(scene.space(), ann);
}

#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Edits,
    Moves,
    Renames,
    Trashes,
    Revokes,
    TakesBack,
    MakesFile,
    CarlAccepts,
    AcceptsTwice,
}

/// While bob accepts, somebody else looks at one moment and writes at the same or a later one:
/// at every pair of moments.
#[test]
fn whatever_happens_meanwhile_comes_before_or_after_it() {
    use Meanwhile::*;
    let server = Server::new();
    let (mut handed, mut kept) = (0, 0);
    for what in [
        Edits,
        Moves,
        Renames,
        Trashes,
        Revokes,
        TakesBack,
        MakesFile,
        CarlAccepts,
        AcceptsTwice,
    ] {
        let (mut looks_at, mut writes_at) = (0, 0);
        loop {
            server.clear();
            let race = Race::new(&server);
            let (services, other) = (race.services(), race.services());
            let fresh = || Ok(id_bytes());
            let author = race.bob.at(THEN);
            let accepts = accept(&services, &author, race.grant, fresh, &BOUNDS);
            let meanwhile = race.meanwhile(&other, what);
            let (turns, accepted, done) = at_moments(accepts, meanwhile, (looks_at, writes_at));
            race.is_right(what, accepted, done);
            match race.space() == race.bob.space {
                true => handed += 1,
                false => kept += 1,
            }
            match (writes_at < turns, looks_at < turns) {
                (true, _) => writes_at += 1,
                (false, true) => (looks_at, writes_at) = (looks_at + 1, looks_at + 1),
                (false, false) => break,
            }
        }
    }
    assert!(handed > 500 && kept > 100, "{handed} {kept}");
}

/// Runs both: the second makes its first call after so many turns of the first, and all others
/// after so many. Returns how many turns the first had before the second was through.
fn at_moments<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
    (looks_at, writes_at): (usize, usize),
) -> (usize, A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut a, mut b, mut turns) = (None, None, 0);
    while a.is_none() && turns < writes_at {
        if turns == looks_at {
            // To get there, and the call.
            b = step(second.as_mut()).or_else(|| step(second.as_mut()));
        }
        a = step(first.as_mut());
        turns += 1;
    }
    while b.is_none() {
        b = step(second.as_mut());
    }
    let goes_on = a.is_none();
    while a.is_none() {
        a = step(first.as_mut());
    }
    let turns = if goes_on { usize::MAX } else { turns };
    let (a, b) = a.zip(b).expect("both ended");
    (turns, a, b)
}

/// A file in a folder of ann's that she offers bob, who has its block already, and carl.
struct Race<'a> {
    server: &'a Server,
    ann: Device,
    bob: Device,
    carl: Device,
    grant: GrantId,
    carls: GrantId,
    around: ItemId,
    /// As it is offered.
    folder: Item,
    file: ItemId,
}

struct InTurns<'a>(&'a Server);

impl<'a> Services for InTurns<'a> {
    type Db = Turns<'a, Sqlite>;
    type Packs = Turns<'a, MemoryPacks>;

    fn directory(&self) -> Result<Self::Db, Failure> {
        Ok(Turns(&self.0.db))
    }

    fn database_of(&self, _: SpaceId) -> Result<Self::Db, Failure> {
        Ok(Turns(&self.0.db))
    }

    fn space_databases(&self) -> Result<Vec<Self::Db>, Failure> {
        Ok(vec![Turns(&self.0.db)])
    }

    fn packs(&self) -> Result<Self::Packs, Failure> {
        Ok(Turns(&self.0.packs))
    }

    fn announce(&self, _: JournalGrew) {}
}

impl<'a> Race<'a> {
    fn new(server: &'a Server) -> Self {
        let person = |name: &str| {
            let device = Device {
                user: protocol::ids::UserId::from_random(id_bytes()),
                ..crate::stage::owner(server, name)
            };
            let insert =
                "INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
                VALUES (?1, ?2, ?2, ?3, x'00', 0)";
            let row = (device.user.to_string(), name, device.space.to_string());
            server.db.connection().execute(insert, row).unwrap();
            device
        };
        let (ann, bob, carl) = (person("ann"), person("bob"), person("carl"));
        let folder = |parent, name: &str| {
            let new = new_folder(parent, name);
            server.create_folder(&ann, THEN, new).unwrap().item.id
        };
        let around = folder(None, "around");
        let given = folder(Some(around), "given");
        for who in [&ann, &bob] {
            server.store_blocks(who, THEN, frames(&[ONE, TWO])).unwrap();
        }
        let new = new_file(Some(given), "file", Some(manifest(ONE)));
        let file = server.create_file(&ann, THEN, new).unwrap().item.id;
        let gives = |to: &Device| {
            let wanted = driftless_core::writes::grants::GrantTerms {
                id: GrantId::from_random(id_bytes()),
                item: given,
                person: protocol::grants::Person {
                    user_id: to.user,
                    user_name: to.user_name.clone(),
                },
                role: Role::Editor,
                ends_at: None,
            };
            let by = ann.at(THEN);
            let granted = driftless_core::writes::grants::give(&server.db, &by, &wanted);
            let grant = ready(granted).unwrap().grant;
            let put = driftless_core::directory::shares::put(&server.db, ann.space, &grant, THEN);
            ready(put).unwrap();
            ready(offers::offer(&server.db, &by, grant.id)).unwrap();
            grant.id
        };
        let (grant, carls) = (gives(&bob), gives(&carl));
        Self {
            server,
            bob,
            carl,
            grant,
            carls,
            around,
            folder: server.item(&ann, given).unwrap(),
            ann,
            file,
        }
    }

    fn services(&self) -> InTurns<'a> {
        InTurns(self.server)
    }

    async fn meanwhile(&self, services: &InTurns<'a>, what: Meanwhile) -> Result<(), Failure> {
        let (db, packs) = (Turns(&services.0.db), Turns(&services.0.packs));
        let legs = Legs {
            db: &db,
            packs: &packs,
        };
        let ann = self.ann.at(THEN);
        let folder = &self.folder;
        match what {
            Meanwhile::Edits => legs
                .commit(&self.ann, THEN, self.file, commit_of(1, TWO))
                .await
                .map(drop),
            Meanwhile::Moves => legs
                .change_place(
                    &self.ann,
                    THEN,
                    folder.id,
                    change_place(folder, None, "away"),
                )
                .await
                .map(drop),
            Meanwhile::Renames => legs
                .change_place(
                    &self.ann,
                    THEN,
                    folder.id,
                    change_place(folder, Some(self.around), "renamed"),
                )
                .await
                .map(drop),
            Meanwhile::Trashes => legs
                .trash(&self.ann, THEN, folder.id, change_trashed(folder))
                .await
                .map(drop),
            Meanwhile::Revokes => driftless_core::writes::grants::take_back(&db, &ann, self.grant)
                .await
                .map(drop),
            Meanwhile::TakesBack => offers::end(&db, &ann, self.grant).await.map(drop),
            Meanwhile::MakesFile => legs
                .create_file(
                    &self.ann,
                    THEN,
                    new_file(Some(folder.id), "another", Some(manifest(ONE))),
                )
                .await
                .map(drop),
            Meanwhile::CarlAccepts => {
                let (by, fresh) = (self.carl.at(THEN), || Ok(id_bytes()));
                accept(services, &by, self.carls, fresh, &BOUNDS)
                    .await
                    .map(drop)
            }
            Meanwhile::AcceptsTwice => {
                let (by, fresh) = (self.bob.at(THEN), || Ok(id_bytes()));
                accept(services, &by, self.grant, fresh, &BOUNDS)
                    .await
                    .map(drop)
            }
        }
    }

    fn space(&self) -> SpaceId {
        let sql = format!("SELECT space FROM items WHERE id = '{}'", self.folder.id);
        let connection = self.server.db.connection();
        let space: String = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        space.parse().unwrap()
    }

    fn is_right(
        &self,
        what: Meanwhile,
        accepted: Result<Accepted, Failure>,
        done: Result<(), Failure>,
    ) {
        assert_eq!(faults(self.server), [""; 0], "{what:?}");
        let is_bobs = self.space() == self.bob.space;
        let has_accepted = accepted.as_ref().is_ok_and(|accepted| accepted.done);
        // Carl's block is not there, so his takes another request or is refused.
        let is_carls = self.space() == self.carl.space;
        assert_eq!(has_accepted, is_bobs, "{what:?}: {accepted:?}");
        let who = match (is_bobs, is_carls) {
            (true, _) => &self.bob,
            (_, true) => &self.carl,
            _ => &self.ann,
        };
        let of = |sql: &str| {
            let sql = format!("{sql} WHERE space = '{}'", who.space);
            let connection = self.server.db.connection();
            connection
                .query_row(&sql, [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        let has_ended = match what {
            // What was acknowledged is there, whoever has it.
            Meanwhile::Edits => {
                let version = self.server.item(who, self.file).unwrap().version();
                assert_eq!(version, 1 + u64::from(done.is_ok()), "{done:?}");
                let bytes = [ONE, TWO][usize::from(done.is_ok())];
                let read = self.server.content(who, self.file, None);
                assert_eq!(read.unwrap(), bytes);
                false
            }
            Meanwhile::MakesFile => {
                let files = of("SELECT count(version) FROM items");
                assert_eq!(files, 1 + i64::from(done.is_ok()), "{done:?}");
                false
            }
            Meanwhile::Moves | Meanwhile::Renames => false,
            Meanwhile::Trashes | Meanwhile::Revokes | Meanwhile::TakesBack => done.is_ok(),
            Meanwhile::CarlAccepts => is_carls,
            Meanwhile::AcceptsTwice => {
                assert!(done.is_ok() && has_accepted, "{done:?} {accepted:?}");
                false
            }
        };
        // What ends the offer is done, or bob has it: never both, never neither.
        assert_eq!(is_bobs, !has_ended, "{what:?}: {accepted:?} {done:?}");
    }
}
