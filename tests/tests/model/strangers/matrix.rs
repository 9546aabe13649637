//! The matrix of `driftless_tests::matrix`, asked of the handlers themselves.

use super::front::send;
use super::world::{ANNS, BOBS_FOLDER, BROWSER, READ_ONLY, World, secret};
use crate::stage::THEN;
use driftless_tests::matrix::drive::{Drive, Key, People};
use driftless_tests::matrix::{Answer, Cell, Host, conclude, grants, links};
use driftless_tests::model::http::Request;
use protocol::ids::UnixMillis;
use std::cell::Cell as Shared;

/// The server of the strangers, at a time of its own.
struct Native {
    world: World,
    now: Shared<UnixMillis>,
}

impl Host for Native {
    fn answer(&self, request: &Request) -> Answer {
        let reply = send(&self.world, request, self.now.get());
        Answer {
            status: reply.status,
            body: reply.body,
        }
    }

    fn now(&self) -> UnixMillis {
        self.now.get()
    }

    fn wait_until(&self, moment: UnixMillis) {
        self.now.set(moment);
    }
}

impl Native {
    /// Rows that were ever changed, also in batches that were refused.
    fn written(&self) -> i64 {
        let connection = self.world.server.db.connection();
        let count = "SELECT total_changes()";
        connection.query_row(count, [], |row| row.get(0)).unwrap()
    }
}

fn drive() -> Drive<Native> {
    let people = People {
        ann: Key::Session(secret(ANNS)),
        bob: Key::Session(secret(BROWSER)),
        bob_reads: Key::Token(secret(READ_ONLY)),
        bobs_folder: Key::Token(secret(BOBS_FOLDER)),
        bobs_name: "bob".to_owned(),
        carls_name: "carl".to_owned(),
    };
    let host = Native {
        world: World::new(),
        // Whatever ends, ends before the sessions do.
        now: Shared::new(THEN - 10_000),
    };
    Drive::new(host, people)
}

/// Asks first what is refused, which must write nothing.
fn check(drive: &Drive<Native>, cells: Vec<Cell>) {
    let (refused, allowed): (Vec<_>, Vec<_>) = cells.into_iter().partition(Cell::is_refusal);
    let mut wrong = Vec::new();
    for cell in &refused {
        let before = drive.host.written();
        wrong.extend(cell.ask(&drive.host).err());
        if drive.host.written() != before {
            wrong.push(format!("{} has written something", cell.what));
        }
    }
    for cell in &allowed {
        wrong.extend(cell.ask(&drive.host).err());
    }
    let count = refused.len() + allowed.len();
    conclude(count, &wrong);
}

#[test]
fn everybody_with_whom_something_is_shared_has_that_and_no_more_at_every_route() {
    let drive = drive();
    let callers = grants::Who::ALL.into_iter();
    let cells = callers.flat_map(|who| grants::cells(&drive, who)).collect();
    check(&drive, cells);
}

#[test]
fn everybody_with_a_link_has_what_it_allows_and_no_more_at_every_route() {
    let drive = drive();
    let callers = links::Who::ALL.into_iter();
    let cells = callers.flat_map(|who| links::cells(&drive, who)).collect();
    check(&drive, cells);
}
