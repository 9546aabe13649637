use super::home::Home;
use crate::gate::{Gate, GateState};

fn pass(home: &Home, gate: &Gate) -> super::home::Begun<bool> {
    let gate = gate.clone();
    home.begin(async move { gate.pass().await })
}

#[test]
fn nothing_leaves_before_it_is_known_who_is_signed_in() {
    let (home, gate) = (Home::new(), Gate::default());
    let waits = pass(&home, &gate);
    assert!(!waits.is_over());
    gate.set(GateState::Open);
    home.work();
    assert!(waits.end());
}

#[test]
fn a_request_fails_at_once_where_the_server_was_not_reached() {
    let (home, gate) = (Home::new(), Gate::default());
    let waits = pass(&home, &gate);
    gate.set(GateState::Unreachable);
    home.work();
    assert!(!waits.end());
    // And waits again while the server is asked again.
    gate.set(GateState::Asking);
    assert!(!pass(&home, &gate).is_over());
}
