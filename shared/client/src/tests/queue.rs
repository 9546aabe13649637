use super::home::Home;
use crate::ports::{Clock, Spawn};
use crate::queue::{Carrier, Queue};
use futures_channel::oneshot;
use std::cell::RefCell;
use std::rc::Rc;

/// Carries numbers, three to a request.
#[derive(Clone)]
struct Numbers(Rc<Inner>);

struct Inner {
    home: Home,
    queue: Queue<u32>,
    /// What travels, until the test says that it has arrived.
    under_way: RefCell<Vec<(Vec<u32>, oneshot::Sender<()>)>>,
}

impl Numbers {
    fn new() -> Self {
        Self(Rc::new(Inner {
            home: Home::new(),
            queue: Queue::default(),
            under_way: RefCell::default(),
        }))
    }

    fn hand_in_all(&self, numbers: std::ops::Range<u32>) {
        self.hand_in(numbers);
        self.0.home.work();
    }

    fn travelling(&self) -> Vec<Vec<u32>> {
        let under_way = self.0.under_way.borrow();
        under_way.iter().map(|(batch, _)| batch.clone()).collect()
    }

    fn arrive(&self) {
        let (_, end) = self.0.under_way.borrow_mut().remove(0);
        let _ = end.send(());
        self.0.home.work();
    }
}

impl Carrier for Numbers {
    type Piece = u32;
    const AT_ONCE: usize = 2;
    const GATHER_MILLIS: u64 = 100;

    fn queue(&self) -> &Queue<u32> {
        &self.0.queue
    }

    fn platform(&self) -> &(impl Clock + Spawn + Clone + 'static) {
        &self.0.home
    }

    fn fills_a_request(&self) -> bool {
        self.0.queue.waiting().len() >= 3
    }

    fn take_batch(&self) -> Vec<u32> {
        let mut waiting = self.0.queue.waiting();
        let count = waiting.len().min(3);
        waiting.drain(..count).collect()
    }

    fn carry(&self, batch: Vec<u32>) -> impl Future<Output = ()> + 'static {
        let (end, ended) = oneshot::channel();
        self.0.under_way.borrow_mut().push((batch, end));
        async move {
            let _ = ended.await;
        }
    }
}

#[test]
fn a_file_that_comes_alone_waits_a_moment_for_others_and_then_sets_out() {
    let numbers = Numbers::new();
    numbers.hand_in_all(0..1);
    assert!(numbers.travelling().is_empty() && !numbers.0.queue.is_idle());
    numbers.0.home.pass(100);
    assert_eq!(numbers.travelling(), [[0]]);
    numbers.arrive();
    assert!(numbers.0.queue.is_idle());
}

#[test]
fn a_thousand_files_do_not_set_out_in_a_thousand_requests() {
    let numbers = Numbers::new();
    // Two full requests travel at a time; the rest waits, in its order.
    numbers.hand_in_all(0..8);
    assert_eq!(numbers.travelling(), [[0, 1, 2], [3, 4, 5]]);
    numbers.0.home.pass(1_000);
    assert_eq!(numbers.travelling().len(), 2);
    // A request that is not full waits until nothing travels.
    numbers.arrive();
    numbers.0.home.pass(1_000);
    assert_eq!(numbers.travelling(), [[3, 4, 5]]);
    numbers.arrive();
    numbers.0.home.pass(100);
    assert_eq!(numbers.travelling(), [[6, 7]]);
}

#[test]
fn what_fills_a_request_does_not_wait_for_more() {
    let numbers = Numbers::new();
    numbers.hand_in_all(0..3);
    assert_eq!(numbers.travelling(), [[0, 1, 2]]);
}

#[test]
fn what_is_left_of_a_drop_does_not_set_out_beside_its_full_request() {
    let numbers = Numbers::new();
    numbers.hand_in_all(0..1);
    numbers.0.home.pass(60);
    numbers.hand_in_all(1..4);
    numbers.0.home.pass(1_000);
    assert_eq!(numbers.travelling(), [[0, 1, 2]]);
    numbers.arrive();
    numbers.0.home.pass(100);
    assert_eq!(numbers.travelling(), [[3]]);
}
