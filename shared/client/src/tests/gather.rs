use super::home::{Asked, Begun, Call, Home, changed, id, operation};
use crate::failure::Failure;
use crate::gather::{Answered, Gather};
use protocol::batches::{FileMade, ItemsChanged};
use protocol::items::{ChangeTrashed, ItemChange, PlaceChange};
use protocol::limits::MAX_BATCH_ITEMS;
use protocol::problem::Problem;

struct Places {
    home: Home,
    gather: Gather<Home, ItemChange>,
}

impl Places {
    fn new() -> Self {
        let home = Home::new();
        let gather = Gather::new(home.clone());
        Self { home, gather }
    }

    fn trash(&self, n: u8) -> Begun<Answered> {
        let gather = self.gather.clone();
        let change = ItemChange {
            item: id(n),
            to: PlaceChange::Trash(ChangeTrashed::new(operation(n), 1)),
        };
        self.home.begin(async move { gather.ask(change).await })
    }

    /// The next request, once nothing more comes.
    fn request(&self) -> (Vec<ItemChange>, Asked) {
        self.home.pass(100);
        let mut asked = self.home.call();
        match &mut asked.call {
            Call::Places(changes) => (std::mem::take(changes), asked),
            other => panic!("{other:?}"),
        }
    }
}

fn made(n: u8) -> FileMade {
    FileMade::Made(changed(n, 1))
}

#[test]
fn each_change_hears_its_own_answer_and_not_its_neighbours() {
    let places = Places::new();
    let (one, two, three) = (places.trash(1), places.trash(2), places.trash(3));
    let (changes, asked) = places.request();
    assert_eq!(changes.len(), 3);
    let refused = FileMade::Refused(Problem::NoSuchItem.into());
    let results = vec![made(1), refused, made(3)];
    asked.say(Ok(ItemsChanged { results }));
    assert_eq!(one.end(), Ok(changed(1, 1)));
    assert_eq!(two.end(), Err(Failure::Refused(Problem::NoSuchItem)));
    assert_eq!(three.end(), Ok(changed(3, 1)));
}

#[test]
fn a_change_that_the_person_takes_back_in_time_does_not_travel() {
    let places = Places::new();
    let (one, two, three) = (places.trash(1), places.trash(2), places.trash(3));
    drop(two);
    let (changes, _asked) = places.request();
    let items: Vec<_> = changes.iter().map(|change| change.item).collect();
    assert_eq!(items, [id(1), id(3)]);
    assert!(!one.is_over() && !three.is_over());
}

#[test]
fn a_request_whose_answers_nobody_wants_is_given_up() {
    let places = Places::new();
    let (one, two) = (places.trash(1), places.trash(2));
    let (_, asked) = places.request();
    drop(one);
    assert!(!asked.is_given_up());
    drop(two);
    assert!(asked.is_given_up());
}

#[test]
fn an_answer_that_is_torn_tells_no_change_that_it_was_made() {
    let places = Places::new();
    let (one, two) = (places.trash(1), places.trash(2));
    let (_, asked) = places.request();
    let results = vec![made(1)];
    asked.say(Ok(ItemsChanged { results }));
    assert_eq!(one.end(), Err(Failure::Unreachable));
    assert_eq!(two.end(), Err(Failure::Unreachable));
}

#[test]
fn a_batch_that_is_refused_tells_each_of_its_changes_why() {
    let places = Places::new();
    let (one, two) = (places.trash(1), places.trash(2));
    let (_, asked) = places.request();
    let why = Failure::Refused(Problem::SessionEnded);
    asked.say::<ItemsChanged>(Err(why.clone()));
    assert_eq!(one.end(), Err(why.clone()));
    assert_eq!(two.end(), Err(why));
}

#[test]
fn the_server_refuses_no_batch_for_its_length() {
    let places = Places::new();
    // Two full requests travel, and more than one waits.
    let many = 3 * MAX_BATCH_ITEMS + 3;
    let waiting: Vec<_> = (0..many).map(|n| places.trash((n % 250) as u8)).collect();
    let travelling = [places.request(), places.request()];
    assert!(places.home.asked().is_none());
    for (changes, asked) in travelling {
        assert_eq!(changes.len(), MAX_BATCH_ITEMS);
        asked.say::<ItemsChanged>(Err(Failure::Unreachable));
    }
    let (changes, asked) = places.request();
    assert_eq!(changes.len(), MAX_BATCH_ITEMS);
    asked.say::<ItemsChanged>(Err(Failure::Unreachable));
    let (rest, _asked) = places.request();
    assert_eq!(rest.len(), 3);
    assert!(!waiting[many - 1].is_over());
}
