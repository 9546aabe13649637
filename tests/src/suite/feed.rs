//! 1. the first listing, page by page, names everything exactly once
//! 2. then each change is told, in the journal's order, and nothing is skipped
//! 3. a malformed cursor is refused, another space's starts anew

use crate::drive::{Answered, Drive, Site, proposal};
use crate::tree::{Feed, Tree};
use protocol::changes::Change;
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, SpaceId};
use protocol::items::ItemChanged;
use protocol::limits::MAX_CHANGES_PER_PAGE;
use protocol::problem::Problem;
use std::collections::BTreeSet;

fn ids(changes: &[Change]) -> Vec<ItemId> {
    let id = |change: &Change| match change {
        Change::Item { item } => item.id,
        other => panic!("{other:?}"),
    };
    changes.iter().map(id).collect()
}

/// Makes ten items: a few of each kind.
fn furnish(ann: &impl Drive) -> BTreeSet<ItemId> {
    let mut all = BTreeSet::new();
    let mut parent = None;
    for i in 0..3 {
        let folder = ann.new_folder(parent, &format!("folder {i}")).unwrap();
        parent = Some(folder.item.id);
        all.insert(folder.item.id);
    }
    for i in 0..7 {
        let file = ann.new_empty_file(parent, &format!("file {i}")).unwrap();
        all.insert(file.item.id);
        if i == 6 {
            ann.put_in_trash(&file.item).unwrap();
        }
    }
    all
}

pub fn the_first_listing_names_everything_exactly_once(site: &impl Site) {
    let ann = site.person();
    let mut empty = Tree::default();
    let pulled = empty.pull(&ann, None).unwrap();
    assert_eq!((pulled.resets, pulled.changes.len()), (1, 0));

    let all = furnish(&ann);
    for limit in [None, Some(1), Some(3), Some(10), Some(1_000)] {
        let mut tree = Tree::default();
        let pulled = tree.pull(&ann, limit).unwrap();
        assert_eq!(pulled.resets, 1, "only the first page resets");
        let listed = ids(&pulled.changes);
        assert_eq!(listed.len(), all.len(), "limit {limit:?}");
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), all);
        let again = tree.pull(&ann, limit).unwrap();
        assert_eq!((again.resets, again.changes.len()), (0, 0));
        let trashed = tree.items.values().filter(|i| i.trashed_at_ms.is_some());
        assert_eq!(trashed.count(), 1);
    }
    // A device that had seen the empty space comes to the same tree.
    let pulled = empty.pull(&ann, Some(3)).unwrap();
    assert_eq!(pulled.resets, 0);
    assert_eq!(empty.items, Tree::of(&ann).unwrap().items);
}

pub fn each_change_is_told(site: &impl Site) {
    let ann = site.person();
    let mut tree = Tree::of(&ann).unwrap();
    let mut tells = |answer: Answered<ItemChanged>| {
        let item = answer.unwrap().item;
        let pulled = tree.pull(&ann, None).unwrap();
        assert_eq!(pulled.resets, 0);
        let change = Change::Item { item: item.clone() };
        assert_eq!(pulled.changes, [change]);
        item
    };
    let made = tells(ann.put_file(None, "file", b"first"));
    let edited = tells(ann.put_version(made.id, 1, b"second"));
    let renamed = tells(ann.move_to(&edited, None, "new"));
    let trashed = tells(ann.put_in_trash(&renamed));
    tells(ann.take_from_trash(&trashed));
    // What changes nothing is not told.
    ann.store(&[b"just blocks"]).unwrap();
    ann.propose(made.id, &proposal(2, vec![])).unwrap();
    assert_eq!(tree.pull(&ann, None).unwrap().changes, []);
}

pub fn sequence_numbers_have_no_gaps(site: &impl Site) {
    let ann = site.person();
    let mut seqs = Vec::new();
    let made = ann.new_empty_file(None, "file").unwrap();
    seqs.push(made.seq);
    let renamed = ann.move_to(&made.item, None, "new").unwrap();
    seqs.push(renamed.seq);
    // Refused changes take no number.
    ann.move_to(&made.item, None, "x").unwrap_err();
    ann.new_empty_file(None, "NEW").unwrap_err();
    ann.put_version(made.item.id, 7, b"x").unwrap_err();
    seqs.push(ann.put_version(made.item.id, 1, b"x").unwrap().seq);
    seqs.push(ann.put_in_trash(&renamed.item).unwrap().seq);
    assert_eq!(seqs, [1, 2, 3, 4]);
}

pub fn a_page_that_is_read_twice_says_the_same(site: &impl Site) {
    let ann = site.person();
    let start = Tree::of(&ann).unwrap().cursor.unwrap();
    furnish(&ann);
    let read = |limit| ann.changes(Some(&start), limit).unwrap();
    assert_eq!(read(None), read(None));
    assert_eq!(read(Some(4)), read(Some(4)));
    assert!(read(Some(4)).has_more);
    // The cursors of pages of different length lead to the same end.
    for limit in [1, 2, 4, 7] {
        let mut tree = Tree {
            cursor: Some(start.clone()),
            ..Tree::default()
        };
        tree.pull(&ann, Some(limit)).unwrap();
        assert_eq!(tree.items, Tree::of(&ann).unwrap().items);
    }
}

/// Writes while the tree is listed must not fall between the pages.
pub fn changes_during_the_first_listing_are_not_missed(site: &impl Site) {
    let ann = site.person();
    furnish(&ann);
    let mut tree = Tree::default();
    let mut made = 0;
    loop {
        let page = ann.changes(tree.cursor.as_deref(), Some(2)).unwrap();
        for change in page.changes {
            let Change::Item { item } = change else {
                panic!("{change:?}");
            };
            tree.items.insert(item.id, item);
        }
        tree.cursor = Some(page.next_token);
        if made < 5 {
            let name = format!("during {made}");
            let new = ann.new_empty_file(None, &name).unwrap().item;
            let any = tree.items.values().next().unwrap().clone();
            // An item that was listed already, and may be in the trash.
            let _: Answered<_> = ann.move_to(&any, any.parent, &format!("renamed {made}"));
            ann.put_version(new.id, 1, b"more").unwrap();
            made += 1;
        }
        if !page.has_more {
            break;
        }
    }
    tree.pull(&ann, None).unwrap();
    assert_eq!(tree.items, Tree::of(&ann).unwrap().items);
}

pub fn a_malformed_cursor_is_refused(site: &impl Site) {
    let ann = site.person();
    let good = Tree::of(&ann).unwrap().cursor.unwrap();
    for bad in ["x", "1.", "1.AAAA", "2.e30", &good[..good.len() - 3]] {
        let refused = ann.changes(Some(bad), None).unwrap_err();
        assert_eq!(refused, Problem::BadCursor, "{bad}");
    }
}

pub fn a_cursor_that_is_not_of_this_journal_starts_anew(site: &impl Site) {
    let (ann, bob) = (site.person(), site.person());
    let all = furnish(&ann);
    bob.new_folder(None, "bob's").unwrap();
    let foreign = Tree::of(&bob).unwrap().cursor.unwrap();
    let nobodys = Cursor {
        space: SpaceId::from_random([7; 16]),
        seq: 1,
        listed_to: None,
    };
    // A position that the journal has not reached: of a database that was lost.
    let ahead = Cursor {
        space: ann.space_id(),
        seq: 1_000_000,
        listed_to: None,
    };
    for cursor in [foreign, nobodys.to_string(), ahead.to_string()] {
        let mut tree = Tree {
            cursor: Some(cursor.clone()),
            ..Tree::default()
        };
        let pulled = tree.pull(&ann, Some(3)).unwrap();
        assert_eq!(pulled.resets, 1, "{cursor}");
        assert_eq!(tree.items.keys().copied().collect::<BTreeSet<_>>(), all);
    }
}

pub fn a_limit_out_of_bounds_is_refused(site: &impl Site) {
    let ann = site.person();
    furnish(&ann);
    for bad in [0, MAX_CHANGES_PER_PAGE + 1] {
        let refused = ann.changes(None, Some(bad)).unwrap_err();
        assert!(matches!(refused, Problem::BadRequest { .. }), "{bad}");
    }
    let most = ann.changes(None, Some(MAX_CHANGES_PER_PAGE)).unwrap();
    assert_eq!(most.changes.len(), 10);
}
