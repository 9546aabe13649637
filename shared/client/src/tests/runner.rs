use super::home::{Call, Home, TUNING, Told, engine, file, id};
use crate::Client;
use crate::bell::Bell;
use crate::failure::Failure;
use crate::gate::{Gate, GateState};
use crate::ports::Written;
use futures_channel::oneshot;
use protocol::ids::OperationId;
use protocol::items::ItemChanged;
use protocol::name::Name;
use sync::ids::Nonce;
use sync::message::{Input, Observation, Record, StoredState};
use sync::place::Place;

struct Page {
    home: Home,
    client: Client<Home>,
}

impl Page {
    fn new() -> Self {
        let (home, gate) = (Home::new(), Gate::default());
        gate.set(GateState::Open);
        let engine = engine(vec![file(1, 1, 20)]);
        let client = Client::new(home.clone(), engine, TUNING, gate, Bell::default());
        Self { home, client }
    }

    fn act(&self, observation: Observation) {
        self.client.take(vec![Input::Observed(observation)]);
        self.home.work();
    }

    fn make_folder(&self, n: u8) {
        self.act(Observation::Made {
            item: id(n),
            nonce: Nonce([n; 16]),
            place: Place {
                parent: None,
                name: Name::parse(&format!("folder {n}")).expect("a name"),
            },
            draft: None,
        });
    }

    /// The operation of a new folder that is asked for, and nothing else.
    fn folder(&self) -> Option<OperationId> {
        match self.home.asked()?.call {
            Call::CreateFolder(body) => Some(body.operation_id),
            other => panic!("{other:?}"),
        }
    }

    /// The items whose edits are stored.
    fn stored(&self) -> Vec<protocol::ids::ItemId> {
        let records = self.home.records.borrow();
        let edits = records.iter().filter_map(|record| match record {
            Record::Edit(edit) => Some(edit.item),
            _ => None,
        });
        edits.collect()
    }

    fn write_ends(&self, end: Result<Written, Failure>) {
        self.home.writes.borrow_mut().push_back(end);
    }
}

fn no_disk() -> Failure {
    Failure::Device("the database is lost".to_owned())
}

#[test]
fn nothing_is_sent_before_it_is_stored() {
    let page = Page::new();
    let (stored, waits) = oneshot::channel();
    page.home.slow_write.replace(Some(waits));
    page.make_folder(5);
    assert!(page.folder().is_none() && page.stored().is_empty());
    // It is shown at once all the same.
    assert!(page.client.engine().trees().edit(id(5)).is_some());
    let _ = stored.send(());
    page.home.work();
    assert_eq!(page.stored(), [id(5)]);
    assert!(page.folder().is_some());
}

#[test]
fn what_a_person_takes_back_before_it_was_sent_is_not_sent() {
    let page = Page::new();
    let (stored, waits) = oneshot::channel();
    page.home.slow_write.replace(Some(waits));
    page.make_folder(5);
    // It stands in line behind the folder that is being stored.
    page.make_folder(6);
    page.act(Observation::Withdrawn { item: id(6) });
    let _ = stored.send(());
    page.home.work();
    assert!(page.folder().is_some());
    assert_eq!(page.home.calls.get(), 1);
    assert_eq!(page.client.unsent(), 1);
}

#[test]
fn an_edit_outlives_the_loss_of_the_database() {
    let page = Page::new();
    page.home.recovers.set(true);
    page.write_ends(Err(no_disk()));
    page.make_folder(5);
    // It is in the empty database now, with everything else, and was sent.
    assert_eq!(page.stored(), [id(5)]);
    let items = page.home.records.borrow();
    assert!(
        items
            .iter()
            .any(|record| matches!(record, Record::Item(item) if item.id == id(1)))
    );
    assert!(page.folder().is_some());
}

#[test]
fn a_full_disk_stops_no_edit_and_is_not_written_to_for_ever() {
    let page = Page::new();
    page.home.recovers.set(true);
    page.write_ends(Err(no_disk()));
    page.write_ends(Err(no_disk()));
    page.make_folder(5);
    assert!(page.home.has_told(&Told::DoesWithout));
    assert!(page.folder().is_some());
}

#[test]
fn an_edit_is_sent_from_a_browser_that_has_no_database() {
    let page = Page::new();
    page.write_ends(Err(no_disk()));
    page.make_folder(5);
    assert!(page.folder().is_some());
    // Other tabs hear of it, which have no database either.
    let told = page.home.told.borrow();
    assert!(told.iter().any(|told| matches!(told, Told::Written(_))));
}

#[test]
fn a_database_of_another_user_is_told_and_nothing_is_written_to_it() {
    let page = Page::new();
    page.write_ends(Ok(Written::NotOurs));
    page.make_folder(5);
    assert!(page.home.has_told(&Told::NotOurs) && page.stored().is_empty());
}

#[test]
fn a_tab_goes_on_from_what_a_faster_one_has_stored() {
    let page = Page::new();
    let newer = StoredState {
        items: vec![file(1, 1, 20), file(2, 1, 20)],
        cursor: Some("c1".to_owned()),
        complete: true,
        ..StoredState::default()
    };
    page.home.stored.replace(Some(newer));
    page.write_ends(Ok(Written::CursorElsewhere));
    page.make_folder(5);
    assert!(page.client.engine().trees().remote(id(2)).is_some());
    assert!(page.client.engine().trees().edit(id(5)).is_some());
}

#[test]
fn a_tab_without_a_database_asks_the_leader_for_what_there_is() {
    let page = Page::new();
    page.write_ends(Ok(Written::CursorElsewhere));
    page.make_folder(5);
    assert!(page.home.has_told(&Told::AsksForState));
}

#[test]
fn an_edit_without_an_answer_is_asked_again_under_the_same_id() {
    let page = Page::new();
    page.make_folder(5);
    let asked = page.home.call();
    let Call::CreateFolder(body) = &asked.call else {
        panic!("{:?}", asked.call);
    };
    let operation = body.operation_id;
    asked.say::<ItemChanged>(Err(Failure::Unreachable));
    assert!(page.home.has_told(&Told::HasToWait));
    assert!(page.folder().is_none());
    page.home.pass(60_000);
    assert_eq!(page.folder(), Some(operation));
    assert_eq!(page.client.unsent(), 1);
}

#[test]
fn nothing_is_stored_or_sent_for_whoever_has_signed_out() {
    let page = Page::new();
    page.make_folder(5);
    let asked = page.home.call();
    page.client.end();
    page.home.work();
    assert!(asked.is_given_up());
    let stored = page.stored();
    page.make_folder(6);
    page.home.pass(3_600_000);
    assert_eq!(page.stored(), stored);
    assert!(page.client.engine().trees().edit(id(6)).is_none());
    assert!(page.home.asked().is_none());
}
