//! What devices are called.

use super::people::{DAY, Gate, SECRET};
use driftless_core::directory::devices;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use protocol::ids::{DeviceId, UserId};
use protocol::problem::Problem;

const PASSWORD: &str = "correct horse battery staple";
const KITCHEN: &str = "The kitchen's";

fn names(gate: &Gate<'_>, user: UserId) -> Vec<(DeviceId, String)> {
    let listed = ready(devices::list(gate.db, user, gate.now)).expect("a list");
    let listed = listed.into_iter().map(|device| (device.id, device.name));
    listed.collect()
}

#[test]
fn a_device_keeps_the_name_that_its_person_gave_it() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    gate.now += 1;
    let phone = gate.sign_in("ann", PASSWORD).unwrap();
    let own = (ann.device.id, "Chrome on Linux".to_owned());
    assert_eq!(
        names(&gate, ann.user),
        [own.clone(), (phone.device.id, own.1.clone())]
    );

    // From another device, and with spaces that nobody means.
    let renamed = gate.rename(&ann, phone.device.id, "  The kitchen's ");
    assert_eq!(renamed.unwrap().name, KITCHEN);
    let both = [own, (phone.device.id, KITCHEN.to_owned())];
    assert_eq!(names(&gate, ann.user), both);

    // It calls itself "Chrome on Linux" when it signs in again.
    let again = gate
        .sign_in_again("ann", PASSWORD, phone.device.id)
        .unwrap();
    assert_eq!(again.device.id, phone.device.id);
    assert_eq!(again.device.name, KITCHEN);
    assert_eq!(names(&gate, ann.user), both);
    // One that has no name of its own is called what it calls itself.
    let first = gate.sign_in_again("ann", PASSWORD, ann.device.id).unwrap();
    assert_eq!(first.device.name, "Chrome on Linux");
}

#[test]
fn only_its_person_names_a_device_and_only_one_that_is_in() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", PASSWORD).unwrap();
    let bob = gate.sign_up("bob", PASSWORD).unwrap();
    let token = gate.token(&ann, Some(1)).unwrap();
    let before = names(&gate, ann.user);

    let refused = |answer: Result<_, Problem>| answer.map(|_| ()).unwrap_err();
    assert_eq!(
        refused(gate.rename(&bob, ann.device.id, KITCHEN)),
        Problem::NoSuchDevice
    );
    assert_eq!(
        refused(gate.rename(&token, token.device.id, KITCHEN)),
        Problem::NotForTokens
    );
    for bad in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(65)] {
        let answer = refused(gate.rename(&ann, ann.device.id, bad));
        assert!(matches!(answer, Problem::BadName { .. }), "{bad:?}");
    }
    assert_eq!(names(&gate, ann.user), before);

    // A token can be called something else by its person, and not after its end.
    gate.rename(&ann, token.device.id, "nightly").unwrap();
    gate.now += DAY;
    assert_eq!(
        refused(gate.rename(&ann, token.device.id, "nightly copy")),
        Problem::NoSuchDevice
    );
}
