//! Another password: what ends with the old one.

use super::people::{Gate, SECRET, count};
use driftless_tests::model::sqlite::Sqlite;
use protocol::problem::Problem;

const OLD: &str = "correct horse battery staple";
const NEW: &str = "hunter of wild geese";

#[test]
fn a_changed_password_ends_every_other_session_and_token() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let laptop = gate.sign_up("ann", OLD).unwrap();
    let phone = gate.sign_in("ann", OLD).unwrap();
    let thief = gate.sign_in("ann", OLD).unwrap();
    let token = gate.token(&laptop, None).unwrap();
    let bob = gate.sign_up("bob", OLD).unwrap();

    let mut ended = gate
        .change_password(&laptop, NEW, &[phone.device.id])
        .unwrap();
    ended.sort_unstable();
    let mut expected = vec![thief.device.id, token.device.id];
    expected.sort_unstable();
    assert_eq!(ended, expected);
    let mut left = gate.devices(laptop.user);
    left.sort_unstable();
    let mut expected = vec![laptop.device.id, phone.device.id];
    expected.sort_unstable();
    assert_eq!(left, expected);
    assert_eq!(gate.devices(bob.user), [bob.device.id], "nobody else's");

    assert_eq!(
        gate.sign_in("ann", OLD).unwrap_err(),
        Problem::SignInRefused
    );
    gate.sign_in("ann", NEW).unwrap();
    gate.sign_in("bob", OLD).unwrap();
}

/// Whoever was between the two steps of a sign-in with the old password stays out.
#[test]
fn a_sign_in_that_was_under_way_with_the_old_password_is_refused() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    let begun = gate.begin("ann", OLD).unwrap();
    gate.change_password(&ann, NEW, &[]).unwrap();
    assert_eq!(
        gate.finish(begun, None).unwrap_err(),
        Problem::SignInRefused
    );
    assert_eq!(gate.devices(ann.user), [ann.device.id]);
}

/// Two devices change the password at once: one does, and the other one is out.
#[test]
fn of_two_changes_at_once_one_counts() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let one = gate.sign_up("ann", OLD).unwrap();
    let other = gate.sign_in("ann", OLD).unwrap();
    gate.change_password(&one, NEW, &[]).unwrap();
    assert_eq!(
        gate.change_password(&other, "a third password", &[])
            .unwrap_err(),
        Problem::SessionEnded
    );
    gate.sign_in("ann", NEW).unwrap();
    assert_eq!(count(&db, "SELECT record_version FROM users"), 2);
}

/// A device that is kept has to give the new password before it may do more.
#[test]
fn what_was_kept_is_still_a_session() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    let mut phone = gate.sign_in("ann", OLD).unwrap();
    gate.change_password(&ann, NEW, &[phone.device.id]).unwrap();
    phone.proven_at = count(&db, "SELECT min(proven_at) FROM devices");
    assert_eq!(
        gate.token(&phone, None).unwrap_err(),
        Problem::ConfirmPassword
    );
    assert_eq!(
        gate.confirm(&phone, "ann", OLD).unwrap_err(),
        Problem::SignInRefused
    );
    let phone = gate.confirm(&phone, "ann", NEW).unwrap();
    gate.token(&phone, None).unwrap();
}
