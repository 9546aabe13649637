//! Somebody tries passwords.

use super::people::{DAY, Gate, MINUTE, NOW, SECRET, count, marked, stranger};
use driftless_core::directory::guesses::{RequestSource, network};
use driftless_core::directory::sweep;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::sign_in::Registering;
use protocol::limits::{
    KNOWN_PLACE_MILLIS, MAX_GUESSES_PER_NAME, MAX_GUESSES_PER_NETWORK, MAX_GUESSES_PER_PLACE,
};
use protocol::problem::Problem;

const PASSWORD: &str = "correct horse battery staple";

fn is_slowed(answer: Result<impl Sized, Problem>) -> bool {
    match answer {
        Ok(_) => false,
        Err(Problem::TooManyRequests {
            retry_after_seconds,
        }) => {
            assert!((1..=3_600).contains(&retry_after_seconds));
            true
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// How many sign-ins of a name can be started in turn, each from where `from` says;
/// none is finished.
fn guesses(gate: &mut Gate<'_>, who: &str, from: impl Fn(u64) -> RequestSource) -> u64 {
    let mut made = 0;
    loop {
        gate.source = from(made);
        if is_slowed(gate.begin(who, "guess")) {
            return made;
        }
        made += 1;
        assert!(made < 1_000, "nobody slows this down");
    }
}

fn elsewhere(n: u64) -> RequestSource {
    stranger(&network(&format!("198.51.100.{}", n % 250)))
}

#[test]
fn starts_that_never_finish_are_counted_by_name_wherever_they_come_from() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.source = marked("203.0.113.7");
    let home = gate.source.clone();
    gate.sign_up("ann", PASSWORD).unwrap();
    assert_eq!(guesses(&mut gate, "ann", elsewhere), MAX_GUESSES_PER_NAME);
    // A name that does not exist is counted in the same way.
    assert_eq!(
        guesses(&mut gate, "nobody", elsewhere),
        MAX_GUESSES_PER_NAME
    );

    // The person's own browser comes in all the same, and so does a new browser in
    // the network that was used before.
    gate.source = home;
    gate.sign_in("ann", PASSWORD).unwrap();
    gate.source = stranger("203.0.113.7");
    gate.sign_in("ann", PASSWORD).unwrap();
    // What was tried here is another count, and it ends as well.
    assert_eq!(
        guesses(&mut gate, "ann", |_| stranger("203.0.113.7")),
        MAX_GUESSES_PER_PLACE
    );
    // A mark that belongs to nobody makes nobody known.
    gate.source = marked("198.51.100.9");
    assert!(is_slowed(gate.begin("ann", PASSWORD)));

    // An hour later, strangers may try again.
    gate.now = NOW + 60 * MINUTE + 1;
    gate.source = elsewhere(0);
    gate.sign_in("ann", PASSWORD).unwrap();
}

#[test]
fn an_ipv6_network_is_one_however_many_addresses_it_has() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let mut made = 0;
    // Each guess of another name, from another address of one /64.
    loop {
        gate.source = stranger(&network(&format!("2001:db8:1:2:{made:x}::1")));
        if is_slowed(gate.begin(&format!("name {made}"), "guess")) {
            break;
        }
        made += 1;
        assert!(made <= MAX_GUESSES_PER_NETWORK, "nobody slows this down");
    }
    assert_eq!(made, MAX_GUESSES_PER_NETWORK);
    gate.source = stranger(&network("2001:db8:1:3::1"));
    assert!(!is_slowed(gate.begin("ann", "guess")), "the next network");
}

#[test]
fn who_knows_the_password_is_never_slowed_down() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", PASSWORD).unwrap();
    for _ in 0..MAX_GUESSES_PER_PLACE + 5 {
        gate.sign_in("ann", PASSWORD).unwrap();
    }
}

/// While sign-up is open, its first step must be no better way to try passwords.
#[test]
fn sign_up_says_nothing_of_a_password_and_is_slowed_down_too() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", PASSWORD).unwrap();
    // The same question has another answer each time: none can be compared with
    // what a sign-in answers, nor with what was answered before the name was taken.
    let (_, question) = Registering::new(PASSWORD);
    let first = gate.start_sign_up("ann", &question).unwrap();
    let second = gate.start_sign_up("ann", &question).unwrap();
    assert_ne!(first.message, second.message);
    let mut made = 2;
    while !is_slowed(gate.start_sign_up("ann", &question)) {
        made += 1;
        assert!(made <= MAX_GUESSES_PER_NAME, "nobody slows this down");
    }
    assert_eq!(made, MAX_GUESSES_PER_NAME);
    assert!(
        !is_slowed(gate.begin("ann", PASSWORD)),
        "sign-ins are counted apart"
    );
}

#[test]
fn a_lost_laptops_browser_is_not_known_any_more() {
    use driftless_core::directory::devices;
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.source = marked("203.0.113.7");
    let laptop = gate.sign_up("ann", PASSWORD).unwrap();
    let its = gate.source.clone();
    assert!(ready(devices::revoke(&db, laptop.user, laptop.device.id, NOW)).unwrap());
    guesses(&mut gate, "ann", elsewhere);
    gate.source = its;
    assert!(is_slowed(gate.begin("ann", PASSWORD)));
}

#[test]
fn the_daily_job_removes_what_is_over() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", PASSWORD).unwrap();
    gate.begin("ann", "guess").unwrap();
    let rows = |table: &str| count(&db, &format!("SELECT count(*) FROM {table}"));
    let all = || ["sign_in_attempts", "guesses", "known_places", "devices"].map(rows);
    ready(sweep::run(&db, NOW + MINUTE / 2)).unwrap();
    assert!(!all().contains(&0), "{:?}", all());
    ready(sweep::run(&db, NOW + DAY)).unwrap();
    assert_eq!((rows("sign_in_attempts"), rows("guesses")), (0, 0));
    assert_eq!((rows("known_places"), rows("devices")), (1, 1));
    gate.now = NOW + KNOWN_PLACE_MILLIS + 31 * DAY;
    ready(sweep::run(&db, gate.now)).unwrap();
    assert_eq!(all(), [0; 4]);
    gate.sign_in("ann", PASSWORD).unwrap();
}

/// Who reads the database reads neither who has tried nor from where.
#[test]
fn the_counts_name_nobody() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    gate.sign_up("ann", PASSWORD).unwrap();
    gate.begin("ann", "guess").unwrap();
    let named = "SELECT (SELECT count(*) FROM guesses WHERE key LIKE '%ann%' OR key LIKE '%203%.%')
      + (SELECT count(*) FROM known_places WHERE length(key) <> 64)";
    assert_eq!(count(&db, named), 0);
}
