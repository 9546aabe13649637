//! Which secret a server has, and which the accounts need.

use super::people::{Gate, NOW, OTHER_SECRET, SECRET, count, execute, keys, problem};
use driftless_core::directory::keys::{KeysStanding, SignInKeys};
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::model::turns::Turns;
use driftless_tests::sign_in::Registering;
use protocol::problem::Problem;

const PASSWORD: &str = "correct horse battery staple";

#[test]
fn an_overwritten_secret_is_refused_in_plain_words_and_put_back_all_is_well() {
    let db = Sqlite::new();
    Gate::new(&db, SECRET, None)
        .sign_up("ann", PASSWORD)
        .unwrap();

    let wrong = Gate::new(&db, OTHER_SECRET, None);
    assert_eq!(
        wrong.sign_in("ann", PASSWORD).unwrap_err(),
        Problem::SignInUnavailable
    );
    assert_eq!(
        wrong.sign_in("nobody", PASSWORD).unwrap_err(),
        Problem::SignInUnavailable
    );
    assert_eq!(
        wrong.sign_up("bob", PASSWORD).unwrap_err(),
        Problem::SignInUnavailable
    );
    let why = ready(wrong.keys.check(&db, NOW)).unwrap_err().to_string();
    for word in [
        "SIGN_IN_SECRET",
        "Put that one back",
        "SIGN_IN_SECRET_PREVIOUS",
    ] {
        assert!(why.contains(word), "{why}");
    }
    assert_eq!(Problem::SignInUnavailable.status(), 503);
    assert_eq!(
        count(&db, "SELECT count(*) FROM users"),
        1,
        "nobody was signed up"
    );

    Gate::new(&db, SECRET, None)
        .sign_in("ann", PASSWORD)
        .unwrap();
}

/// A registration that was begun before the secret was overwritten makes no record
/// that the right keys can't read.
#[test]
fn a_sign_up_in_between_makes_no_record_of_the_wrong_keys() {
    let db = Sqlite::new();
    let right = Gate::new(&db, SECRET, None);
    right.sign_up("ann", PASSWORD).unwrap();
    let (registering, message) = Registering::new(PASSWORD);
    let started = right.start_sign_up("bob", &message).unwrap();
    let wrong = Gate::new(&db, OTHER_SECRET, None);
    let refused = wrong.finish_sign_up("bob", &started, registering);
    assert_eq!(refused.unwrap_err(), Problem::SignInUnavailable);
}

/// Two secrets side by side: everybody signs in, each record is made anew then, and
/// in the end the old secret is not needed any more.
#[test]
fn a_secret_is_changed_and_nobody_is_locked_out() {
    let db = Sqlite::new();
    let old = Gate::new(&db, SECRET, None);
    old.sign_up("ann", PASSWORD).unwrap();
    old.sign_up("bob", PASSWORD).unwrap();
    let (registering, message) = Registering::new(PASSWORD);
    let begun = old.start_sign_up("eve", &message).unwrap();

    let both = Gate::new(&db, OTHER_SECRET, Some(SECRET));
    assert!(!both.sign_up("dan", PASSWORD).unwrap().renew_record);
    // Begun with the old keys, and its record says so.
    both.finish_sign_up("eve", &begun, registering).unwrap();
    assert!(both.sign_in("eve", PASSWORD).unwrap().renew_record);
    let ann = both.sign_in("ann", PASSWORD).unwrap();
    assert!(ann.renew_record);
    let before = both.devices(ann.user);
    assert_eq!(both.renew(&ann, PASSWORD).unwrap(), []);
    assert_eq!(both.devices(ann.user), before, "everybody stays signed in");
    assert!(!both.sign_in("ann", PASSWORD).unwrap().renew_record);

    // Too early for Bob, who is told what somebody without an account is told.
    let new = Gate::new(&db, OTHER_SECRET, None);
    new.sign_in("ann", PASSWORD).unwrap();
    new.sign_in("dan", PASSWORD).unwrap();
    assert_eq!(
        new.sign_in("bob", PASSWORD).unwrap_err(),
        Problem::SignInRefused
    );
    assert!(both.sign_in("bob", PASSWORD).unwrap().renew_record);

    // Back again, in the same way.
    let back = Gate::new(&db, SECRET, Some(OTHER_SECRET));
    assert!(back.sign_in("ann", PASSWORD).unwrap().renew_record);
    assert!(!back.sign_in("bob", PASSWORD).unwrap().renew_record);
}

/// Accounts from before there were fingerprints: which keys they need is known as
/// soon as one has signed in, and not before.
#[test]
fn accounts_from_before_show_which_secret_is_theirs() {
    let db = Sqlite::new();
    Gate::new(&db, SECRET, None)
        .sign_up("ann", PASSWORD)
        .unwrap();
    Gate::new(&db, SECRET, None)
        .sign_up("bob", PASSWORD)
        .unwrap();
    execute(
        &db,
        "UPDATE users SET sign_in_key = NULL; DELETE FROM sign_in_key;",
    );

    // A secret that was overwritten with the update is not taken for theirs…
    let wrong = Gate::new(&db, OTHER_SECRET, None);
    assert_eq!(
        ready(wrong.keys.check(&db, NOW)).unwrap(),
        KeysStanding::Unproven
    );
    assert_eq!(
        wrong.sign_in("ann", PASSWORD).unwrap_err(),
        Problem::SignInRefused
    );
    wrong.sign_up("dan", PASSWORD).unwrap();
    wrong.sign_in("dan", PASSWORD).unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM sign_in_key"), 0);

    // …and the right one is, once somebody has shown it.
    let right = Gate::new(&db, SECRET, Some(OTHER_SECRET));
    assert_eq!(
        right.sign_in("ann", "wrong").unwrap_err(),
        Problem::SignInRefused
    );
    assert_eq!(count(&db, "SELECT count(*) FROM sign_in_key"), 0);
    let alone = Gate::new(&db, SECRET, None);
    assert!(!alone.sign_in("ann", PASSWORD).unwrap().renew_record);
    assert_eq!(
        ready(alone.keys.check(&db, NOW)).unwrap(),
        KeysStanding::Known
    );
    assert_eq!(
        count(&db, "SELECT count(*) FROM users WHERE sign_in_key IS NULL"),
        0
    );
    assert_eq!(
        wrong.sign_in("ann", PASSWORD).unwrap_err(),
        Problem::SignInUnavailable
    );
    // Who signed up in between is not lost.
    assert!(right.sign_in("dan", PASSWORD).unwrap().renew_record);
}

#[test]
fn of_two_servers_that_start_at_once_one_says_which_keys_count() {
    let (ours, theirs) = (keys(SECRET, None), keys(OTHER_SECRET, None));
    let orders = every_order(|order| {
        let db = Sqlite::new();
        let turns = Turns(&db);
        let (first, second) = order.run(ours.check(&turns, NOW), theirs.check(&turns, NOW));
        let ends = [problem(first), problem(second)];
        let winners = ends.iter().filter(|end| **end == Ok(KeysStanding::Known));
        assert_eq!(winners.count(), 1, "{ends:?}");
        assert!(ends.contains(&Err(Problem::SignInUnavailable)), "{ends:?}");
    });
    assert!(orders > 2, "{orders}");
}

#[test]
fn a_missing_or_short_secret_is_the_operators_to_mend() {
    for secret in [None, Some(""), Some("00"), Some("not hexadecimal")] {
        let refused = SignInKeys::of(secret, None).err().unwrap();
        assert_eq!(
            refused.into_problem(),
            Problem::SignInUnavailable,
            "{secret:?}"
        );
    }
    assert!(SignInKeys::of(Some(SECRET), Some("00")).is_err());
}
