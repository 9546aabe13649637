//! What a browser keeps, read piece by piece.

use crate::device::{Device, committed, edit, file, folder, id, made, nonce, placed, trashed};
use protocol::items::{Committed, Item};
use sync::growing::Growing;
use sync::message::{CopyLabel, Effect, Input, Observation, StoredState, TabRole};
use sync::tree::{ListedItem, Shows, Tree};
use sync::{Config, Engine, Silence};

const NOW: u64 = 1_000;

/// What a tab has left that was closed in the midst of much: a file and a folder that the
/// server does not have, a content, a move, and something in the trash.
fn left() -> StoredState {
    let mut device = Device::with(vec![
        file(1, None, "a", 2),
        folder(2, None, "b"),
        file(3, Some(id(2)), "c", 1),
        file(4, Some(id(2)), "C ", 1),
        folder(5, Some(id(2)), "d"),
        trashed(file(6, Some(id(5)), "e", 1)),
        file(7, Some(id(9)), "its folder is not known", 1),
        file(8, Some(id(2)), "x", 1),
    ]);
    device.observe(edit(21, b"another content"));
    device.observe(made(22, Some(5), "new", None));
    device.observe(made(23, Some(22), "new.txt", Some(b"new")));
    device.observe(placed(3, 24, Some(5), "moved"));
    device.observe(Observation::Trashed {
        item: id(8),
        nonce: nonce(25),
        trashed: true,
    });
    device.stored
}

fn config() -> Config {
    Config {
        role: TabRole::Leader,
        holds_content: false,
        copy: CopyLabel {
            device: "Laptop".to_owned(),
            date: "2026-11-24".to_owned(),
        },
        silence: Silence::default(),
    }
}

fn shows(here: &Committed) -> Shows<'_> {
    Shows { here, now_ms: NOW }
}

fn in_pieces(mut kept: StoredState, order: impl Fn(&mut Vec<Item>)) -> (Engine, Tree) {
    let here = committed();
    let mut items = std::mem::take(&mut kept.items);
    order(&mut items);
    let mut growing = Growing::begin(config(), kept, shows(&here));
    for item in items {
        growing.put(item);
    }
    growing.finish()
}

/// All that an engine says when it begins to work.
fn said(engine: &mut Engine) -> Vec<Effect> {
    engine.handle(Input::Elapsed, NOW, 0.5);
    std::iter::from_fn(|| engine.next_effect()).collect()
}

#[test]
fn it_is_the_same_whatever_the_pieces() {
    let kept = left();
    let mut whole = Engine::new(config(), kept.clone(), NOW);
    let here = committed();
    let mut expected = Tree::default();
    expected.complete = true;
    for (id, _) in whole.trees().entries() {
        if let Some(listed) = ListedItem::of(whole.trees(), id, None, shows(&here)) {
            expected.put(listed);
        }
    }
    assert_eq!(expected.len(), 10);
    assert!(expected.is_pending(id(23)));
    let trees = format!("{:?}", whole.trees());
    let effects = format!("{:?}", said(&mut whole));
    assert!(effects.contains("Send"), "{effects}");
    let orders: [fn(&mut Vec<Item>); 4] = [
        |_| {},
        |items| items.reverse(),
        |items| items.rotate_left(3),
        // One that was written while it was read comes twice.
        |items| items.push(items[2].clone()),
    ];
    for order in orders {
        let (mut engine, tree) = in_pieces(kept.clone(), order);
        assert_eq!(tree, expected);
        for n in 0..30 {
            assert_eq!(tree.below(id(n)), expected.below(id(n)), "folder {n}");
        }
        assert_eq!(format!("{:?}", engine.trees()), trees);
        assert_eq!(format!("{:?}", said(&mut engine)), effects);
    }
}

#[test]
fn nothing_is_decided_before_all_is_read() {
    let mut kept = left();
    let items = std::mem::take(&mut kept.items);
    let here = committed();
    let mut growing = Growing::begin(config(), kept, shows(&here));
    for item in items.into_iter().take(2) {
        growing.put(item);
    }
    // It has edits to send by now, and a feed to ask. All that it says before somebody hands
    // something in, which nobody can before the end, is what becomes of drafts whose bytes
    // ended with the tab.
    let (mut engine, _) = growing.finish();
    let early: Vec<Effect> = std::iter::from_fn(|| engine.next_effect()).collect();
    let is_asked = |effect: &Effect| !matches!(effect, Effect::Persist(_));
    assert!(!early.iter().any(is_asked), "{early:?}");
    assert!(said(&mut engine).iter().any(is_asked));
}

#[test]
fn what_is_as_the_server_has_it_is_there_once() {
    let kept = StoredState {
        items: vec![file(1, None, "a", 2)],
        ..StoredState::default()
    };
    let (engine, tree) = in_pieces(kept, |_| {});
    let (Some(known), Some(shown)) = (engine.trees().remote(id(1)), tree.get(id(1))) else {
        panic!("it is known and shown");
    };
    assert!(std::ptr::eq(known, shown));
}
