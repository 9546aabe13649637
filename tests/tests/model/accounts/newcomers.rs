//! Who may make an account: with an invitation, without one, and as the first of all.

use super::people::{DAY, Gate, NOW, SECRET, execute};
use driftless_core::directory::newcomers::{SignUpTerms, invite_hash};
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::sign_in::Registering;
use protocol::limits::INVITE_MILLIS;
use protocol::problem::Problem;

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn texts(db: &Sqlite, sql: &str) -> Vec<String> {
    let mut read = db.connection().prepare(sql).unwrap();
    let rows = read.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn administrators(db: &Sqlite) -> Vec<String> {
    texts(
        db,
        "SELECT name FROM users WHERE is_admin = 1 ORDER BY name",
    )
}

fn acts(db: &Sqlite) -> Vec<String> {
    texts(db, "SELECT act || ' ' || by_name FROM audit ORDER BY n")
}

fn invite(db: &Sqlite, secret: &str) {
    let ends = NOW + INVITE_MILLIS;
    execute(
        db,
        &format!(
            "INSERT INTO invites (id, key_hash, note, made_by, made_at, ends_at)
             VALUES ('{secret}', unhex('{}'), 'For Bob', 'ann', {NOW}, {ends})",
            invite_hash(secret)
        ),
    );
}

fn set_mode(db: &Sqlite, mode: &str) {
    let set = format!("INSERT OR REPLACE INTO server_settings VALUES ('sign_up', '{mode}')");
    execute(db, &set);
}

#[test]
fn the_first_account_is_the_administrators_and_no_other() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", "a long password").unwrap();
    gate.sign_up("bob", "a long password").unwrap();
    assert_eq!(administrators(&db), ["ann"]);
    assert_eq!(acts(&db), ["signed_up ann", "signed_up bob"]);
}

/// Whoever is first at a public server is not who runs it.
#[test]
fn where_the_operator_has_named_the_administrator_nobody_is_one_by_being_first() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.terms = SignUpTerms::configured(Some("closed"), Some("Ann"));
    let refused = gate.sign_up("mallory", "a long password").unwrap_err();
    assert_eq!(refused, Problem::SignUpClosed);
    gate.terms = SignUpTerms::configured(Some("open"), Some("Ann"));
    gate.sign_up("mallory", "a long password").unwrap();
    assert_eq!(administrators(&db), [""; 0]);
    // The name opens a closed door, and once.
    gate.terms = SignUpTerms::configured(Some("closed"), Some("Ann"));
    gate.sign_up("ann", "a long password").unwrap();
    assert_eq!(administrators(&db), ["ann"]);
    let again = gate.sign_up("ann ", "a long password").unwrap_err();
    assert_eq!(again, Problem::SignUpClosed);
}

#[test]
fn the_first_account_is_made_where_others_take_an_invitation_and_not_where_it_is_closed() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.terms = SignUpTerms::configured(Some("closed"), None);
    let refused = gate.sign_up("ann", "a long password").unwrap_err();
    assert_eq!(refused, Problem::SignUpClosed);
    gate.terms = SignUpTerms::configured(Some("invited"), None);
    gate.sign_up("ann", "a long password").unwrap();
    let refused = gate.sign_up("bob", "a long password").unwrap_err();
    assert_eq!(refused, Problem::InviteNeeded);
    // What an administrator sets counts more than what is configured.
    set_mode(&db, "open");
    gate.sign_up("bob", "a long password").unwrap();
    set_mode(&db, "closed");
    invite(&db, KEY);
    gate.invite = Some(KEY.to_owned());
    let refused = gate.sign_up("carl", "a long password").unwrap_err();
    assert_eq!(refused, Problem::SignUpClosed);
    assert_eq!(administrators(&db), ["ann"]);
}

/// Both have begun before either has ended.
#[test]
fn of_two_people_with_one_invitation_one_gets_in() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", "a long password").unwrap();
    set_mode(&db, "invited");
    invite(&db, KEY);
    gate.invite = Some(KEY.to_owned());
    let begun = ["bob", "carl"].map(|name| {
        let (registering, message) = Registering::new("a long password");
        let started = gate.start_sign_up(name, &message).unwrap();
        (name, started, registering)
    });
    let ends = begun.map(|(name, started, registering)| {
        let end = gate.finish_sign_up(name, &started, registering);
        end.map(drop)
    });
    assert_eq!(ends, [Ok(()), Err(Problem::NoSuchInvite)]);
    assert_eq!(
        texts(&db, "SELECT name FROM users ORDER BY name"),
        ["ann", "bob"]
    );
    assert_eq!(texts(&db, "SELECT id FROM invites"), [""; 0]);
    let used = "SELECT by_name || ' ' || of_name || ' ' || detail FROM audit
        WHERE act = 'invite_used'";
    assert_eq!(texts(&db, used), ["bob ann For Bob"]);
    gate.invite = None;
    let refused = gate.sign_up("carl", "a long password").unwrap_err();
    assert_eq!(refused, Problem::InviteNeeded);
}

/// Between the look and the batch: the batch alone decides.
#[test]
fn a_door_that_is_closed_after_the_look_lets_nobody_make_an_account() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", "a long password").unwrap();
    let (registering, message) = Registering::new("a long password");
    let started = gate.start_sign_up("bob", &message).unwrap();
    let made = gate.finish_sign_up_after("bob", &started, registering, || set_mode(&db, "closed"));
    assert_eq!(made.map(drop), Err(Problem::SignUpClosed));
    assert_eq!(texts(&db, "SELECT name FROM users"), ["ann"]);
    assert_eq!(acts(&db), ["signed_up ann"]);
}

#[test]
fn an_invitation_ends_after_a_week_and_a_made_up_one_is_none() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", "a long password").unwrap();
    set_mode(&db, "invited");
    invite(&db, KEY);
    for made_up in ["", "0", "0123456789ABCDEF0123456789ABCDEF", "' OR 1=1 --"] {
        gate.invite = Some(made_up.to_owned());
        let refused = gate.sign_up("bob", "a long password").unwrap_err();
        assert_eq!(refused, Problem::NoSuchInvite, "{made_up:?}");
    }
    gate.invite = Some(KEY.to_owned());
    gate.now = NOW + 7 * DAY;
    let refused = gate.sign_up("bob", "a long password").unwrap_err();
    assert_eq!(refused, Problem::NoSuchInvite);
    gate.now -= 1;
    gate.sign_up("bob", "a long password").unwrap();
}

/// A server that is updated, with what it has.
#[test]
fn the_oldest_account_of_a_server_that_is_updated_is_the_administrators() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../edge/migrations");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let this = files
        .iter()
        .position(|file| file.ends_with("0030_running.sql"));
    let (before, since) = files.split_at(this.unwrap());
    let db = rusqlite::Connection::open_in_memory().unwrap();
    let apply = |files: &[std::path::PathBuf]| {
        for file in files {
            db.execute_batch(&std::fs::read_to_string(file).unwrap())
                .unwrap();
        }
    };
    apply(before);
    // Eve's was made first, and she has ended it.
    for (name, made, ends) in [("bob", 7, "NULL"), ("ann", 5, "NULL"), ("eve", 3, "9")] {
        let insert = format!(
            "INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at, ends_at)
             VALUES ('{name}', '{name}', '{name}', 'of {name}', x'00', {made}, {ends})"
        );
        db.execute_batch(&insert).unwrap();
    }
    apply(since);
    let mut read = db
        .prepare("SELECT name FROM users WHERE is_admin = 1")
        .unwrap();
    let names = read.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    assert_eq!(names, ["ann"]);
}
