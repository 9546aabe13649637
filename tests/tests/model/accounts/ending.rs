//! The door of an account that has come to its end is that of one that never was.

use super::people::{DAY, Gate, NOW, SECRET, count, marked};
use driftless_core::directory::{ends, shares};
use driftless_core::labels::UserName;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use protocol::ids::{UnixMillis, UserId};
use protocol::problem::Problem;

const PASSWORD: &str = "correct horse battery staple";
const END: UnixMillis = NOW + 7 * DAY;

fn ends_at(db: &Sqlite, user: UserId, before: Option<UnixMillis>, end: Option<UnixMillis>) {
    assert!(ready(ends::put(db, user, before, end, NOW)).unwrap());
}

#[test]
fn nobody_signs_in_to_an_account_that_has_ended() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    ends_at(&db, ann.user, None, Some(END));
    gate.now = END - 1;
    gate.sign_in("ann", PASSWORD).unwrap();
    let begun = gate.begin("ann", PASSWORD).unwrap();
    let later = gate.begin("ann", PASSWORD).unwrap();
    gate.finish(begun, None).unwrap();
    // Whoever was between the two steps stays out.
    gate.now = END;
    assert_eq!(
        gate.finish(later, None).unwrap_err(),
        Problem::SignInRefused
    );
    let devices = || count(&db, "SELECT count(*) FROM devices");
    let before = devices();
    let refused = |who: &str| gate.sign_in(who, PASSWORD).unwrap_err();
    assert_eq!((refused("ann"), refused("nobody")), {
        (Problem::SignInRefused, Problem::SignInRefused)
    });
    assert_eq!(devices(), before);
    // The name is taken all the same, until nothing is left.
    let again = gate.sign_up("Ann", PASSWORD);
    assert_eq!(again.unwrap_err(), Problem::UserNameTaken);
    // Kept after all, it is as it was.
    ends_at(&db, ann.user, Some(END), None);
    gate.sign_in("ann", PASSWORD).unwrap();
}

/// Attempts at it are counted as at a name that nobody has, also where it was known.
#[test]
fn no_place_knows_an_account_that_has_ended() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    gate.source = marked("203.0.113.9");
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    gate.sign_in("ann", PASSWORD).unwrap();
    ends_at(&db, ann.user, None, Some(END));
    let counts = |gate: &Gate<'_>, who: &str| {
        let before = count(&db, "SELECT coalesce(sum(count), 0) FROM guesses");
        drop(gate.begin(who, PASSWORD).unwrap());
        count(&db, "SELECT coalesce(sum(count), 0) FROM guesses") - before
    };
    // By its browser; and by its name and its network.
    gate.now = END - 1;
    assert_eq!((counts(&gate, "ann"), counts(&gate, "nobody")), (1, 2));
    gate.now = END;
    assert_eq!((counts(&gate, "ann"), counts(&gate, "nobody")), (2, 2));
}

#[test]
fn nothing_is_shared_with_somebody_whose_account_has_ended() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    ends_at(&db, ann.user, None, Some(END));
    let name = UserName::parse("ann").unwrap();
    let found = |now| ready(shares::by_name(&db, &name, now)).map(|person| person.id);
    assert_eq!(found(END - 1).ok(), Some(ann.user));
    let gone = found(END).unwrap_err().into_problem();
    assert_eq!(gone, Problem::NoSuchPerson);
}
