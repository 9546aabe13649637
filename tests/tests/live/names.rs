//! Places, against a running server: two moves at the same time.

use driftless_tests::client::Failure;
use driftless_tests::live::person;
use driftless_tests::tree::Tree;
use protocol::problem::Problem;

/// Two moves that are each fine alone and would make a ring together.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn two_moves_at_once_make_no_ring() {
    let ann = person();
    for round in 0..5 {
        let a = ann
            .client
            .new_folder(None, &format!("a{round}"))
            .unwrap()
            .item;
        let b = ann
            .client
            .new_folder(None, &format!("b{round}"))
            .unwrap()
            .item;
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| ann.client.change_place(&a, Some(b.id), "x"));
            let second = scope.spawn(|| ann.client.change_place(&b, Some(a.id), "y"));
            (first.join().unwrap(), second.join().unwrap())
        });
        let refused: Vec<Problem> = [first.err(), second.err()]
            .into_iter()
            .flatten()
            .map(Failure::problem)
            .collect();
        assert_eq!(refused, [Problem::MoveIntoItself], "round {round}");
        let tree = Tree::of(&ann.client).unwrap();
        for start in [a.id, b.id] {
            let mut at = Some(start);
            let mut steps = 0;
            while let Some(id) = at {
                at = tree.items[&id].parent;
                steps += 1;
                assert!(steps < 10, "a ring");
            }
        }
    }
}
