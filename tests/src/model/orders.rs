//! Every order in which two futures can take their turns.

use super::ready::step;
use std::pin::pin;

/// One order, as the choices that were made where both could go on: `false` is
/// the first future.
#[derive(Debug, Default)]
pub struct Order {
    choices: Vec<bool>,
    made: usize,
}

impl Order {
    /// Runs both to their ends, one turn at a time.
    pub fn run<A, B>(
        &mut self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        let (mut first, mut second) = (pin!(first), pin!(second));
        let (mut a, mut b) = (None, None);
        loop {
            let takes_second = match (&a, &b) {
                (None, None) => self.choose(),
                (None, Some(_)) => false,
                (Some(_), None) => true,
                (Some(_), Some(_)) => break,
            };
            match takes_second {
                false => a = step(first.as_mut()),
                true => b = step(second.as_mut()),
            }
        }
        a.zip(b).expect("both ended")
    }

    fn choose(&mut self) -> bool {
        if self.made == self.choices.len() {
            self.choices.push(false);
        }
        self.made += 1;
        self.choices[self.made - 1]
    }

    /// The next order; `None` after the last one.
    fn next(mut self) -> Option<Self> {
        while self.choices.pop()? {}
        self.choices.push(true);
        self.made = 0;
        Some(self)
    }
}

/// Runs a race once in each order, from the same beginning, which is the race's
/// own matter; how many orders there are. They must be the same each time: what
/// the futures do may depend on the order only.
pub fn every_order(mut race: impl FnMut(&mut Order)) -> usize {
    let mut orders = 0;
    let mut order = Some(Order::default());
    while let Some(mut now) = order {
        race(&mut now);
        orders += 1;
        order = now.next();
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::super::turns::turn;
    use super::*;
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    #[test]
    fn each_order_comes_once() {
        let mut seen = BTreeSet::new();
        let orders = every_order(|order| {
            let log = RefCell::new(String::new());
            let write = async |name: char, times: usize| {
                for _ in 0..times {
                    turn().await;
                    log.borrow_mut().push(name);
                }
            };
            order.run(write('a', 2), write('b', 2));
            seen.insert(log.into_inner());
        });
        let expected = ["aabb", "abab", "abba", "baab", "baba", "bbaa"];
        assert_eq!(
            seen.iter().map(String::as_str).collect::<Vec<_>>(),
            expected
        );
        // To end takes a turn as well.
        assert!(orders >= expected.len(), "{orders}");
    }
}
