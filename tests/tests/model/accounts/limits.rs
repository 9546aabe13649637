//! What a session or a token may do, and until when.

use super::people::{DAY, Gate, MINUTE, NOW, SECRET, problem};
use driftless_core::directory::devices;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use protocol::devices::Scope;
use protocol::limits::{MAX_DEVICES_PER_USER, MAX_TOKEN_DAYS, SESSION_MILLIS};
use protocol::problem::Problem;

const PASSWORD: &str = "correct horse battery staple";

#[test]
fn a_stolen_session_makes_no_tokens_unless_it_knows_the_password() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    gate.token(&ann, None).unwrap();
    gate.now = NOW + 11 * MINUTE;
    assert_eq!(
        gate.token(&ann, None).unwrap_err(),
        Problem::ConfirmPassword
    );
    assert_eq!(
        ann.asking().check_confirmed(gate.now),
        Err(Problem::ConfirmPassword),
        "nor does it revoke a device"
    );
    assert_eq!(
        gate.change_password(&ann, "another password", &[])
            .unwrap_err(),
        Problem::ConfirmPassword
    );
    assert_eq!(
        gate.confirm(&ann, "ann", "wrong").unwrap_err(),
        Problem::SignInRefused
    );
    // Another person's password confirms nothing.
    gate.sign_up("bob", PASSWORD).unwrap();
    assert_eq!(
        gate.confirm(&ann, "bob", PASSWORD).unwrap_err(),
        Problem::SignInRefused
    );
    let ann = gate.confirm(&ann, "ann", PASSWORD).unwrap();
    gate.token(&ann, None).unwrap();
}

#[test]
fn a_token_makes_no_tokens_revokes_nothing_and_changes_no_password() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    let mut token = gate.token(&ann, None).unwrap();
    assert!(token.device.is_token);
    assert_eq!(token.device.scope, Scope::ReadOnly);
    // Also if it claims to have given the password.
    token.proven_at = NOW;
    assert_eq!(gate.token(&token, None).unwrap_err(), Problem::NotForTokens);
    assert_eq!(
        token.asking().check_confirmed(NOW),
        Err(Problem::NotForTokens)
    );
    assert_eq!(
        gate.change_password(&token, "another password", &[])
            .unwrap_err(),
        Problem::NotForTokens
    );
    assert_eq!(
        gate.confirm(&token, "ann", PASSWORD).unwrap_err(),
        Problem::NotForTokens
    );
}

#[test]
fn every_session_and_token_has_an_end() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    assert_eq!(ann.device.ends_at_ms, Some(NOW + SESSION_MILLIS));
    let week = gate.token(&ann, Some(7)).unwrap();
    assert_eq!(week.device.ends_at_ms, Some(NOW + 7 * DAY));
    for days in [0, MAX_TOKEN_DAYS + 1, u64::MAX] {
        let refused = gate.token(&ann, Some(days)).unwrap_err();
        assert!(matches!(refused, Problem::BadRequest { .. }), "{days}");
    }
    gate.now = NOW + 7 * DAY;
    assert_eq!(gate.devices(ann.user), [ann.device.id], "the token is over");
}

#[test]
fn a_person_has_only_so_many_devices_and_is_told_which_one_to_end() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    gate.now += 1;
    for _ in 1..MAX_DEVICES_PER_USER {
        gate.token(&ann, None).unwrap();
    }
    let too_many = |refused: Problem| match refused {
        Problem::TooManyDevices { limit, oldest } => {
            assert_eq!(limit, MAX_DEVICES_PER_USER);
            oldest.unwrap().id
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(too_many(gate.token(&ann, None).unwrap_err()), ann.device.id);
    let oldest = too_many(gate.sign_in("ann", PASSWORD).unwrap_err());
    // Signed out everywhere else: whoever knows the password comes in all the same.
    let begun = gate.begin("ann", PASSWORD).unwrap();
    gate.finish(begun, Some(oldest)).unwrap();
    assert!(!gate.devices(ann.user).contains(&ann.device.id));
    assert_eq!(gate.devices(ann.user).len() as u64, MAX_DEVICES_PER_USER);
}

/// Two things at once: a session that ends makes no token that outlives it.
#[test]
fn a_session_that_has_just_ended_makes_no_token() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    problem(ready(devices::sign_out(&db, ann.user, ann.device.id, NOW))).unwrap();
    assert_eq!(gate.token(&ann, None).unwrap_err(), Problem::SessionEnded);
    assert_eq!(
        gate.change_password(&ann, "another password", &[])
            .unwrap_err(),
        Problem::SessionEnded
    );
    gate.sign_in("ann", PASSWORD).unwrap();
}
