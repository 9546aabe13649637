#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use protocol::cursor::{BadCursor, Cursor};
use protocol::ids::{ItemId, SpaceId};
use protocol::limits::MAX_POLLED_ROOTS;
use protocol::positions::{Position, Positions};

fn at(root: Option<u8>, seq: u64) -> Position {
    let cursor = Cursor {
        space: SpaceId::from_random([1; 16]),
        seq,
        listed_to: None,
    };
    Position {
        root: root.map(|n| ItemId::from_random([n; 16])),
        cursor: cursor.to_string(),
    }
}

fn all(all: &[Position]) -> Result<Positions, BadCursor> {
    Positions::new(all.to_vec())
}

#[test]
fn positions_survive_their_text() {
    for list in [
        vec![at(Some(1), 5)],
        vec![at(None, 4), at(Some(1), 5)],
        vec![at(None, 4), at(Some(2), 5), at(Some(1), 0)],
    ] {
        let text = all(&list).unwrap().to_string();
        assert!(Positions::are_in(&text));
        let read: Positions = text.parse().unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), list);
    }
}

/// One's own drive comes first, wherever it stood.
#[test]
fn a_list_has_one_spelling_and_needs_no_escaping() {
    let list = all(&[at(Some(1), 5), at(None, 4)]).unwrap();
    let (own, root) = (at(None, 4).cursor, at(Some(1), 5).cursor);
    let text = format!("{own}~01010101-0101-4101-8101-010101010101.{root}");
    assert_eq!(list.to_string(), text);
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    assert!(text.bytes().all(fits), "{text}");
}

#[test]
fn a_cursor_is_no_list() {
    let own = at(None, 4).cursor;
    assert!(!Positions::are_in(&own));
    assert_eq!(own.parse::<Positions>(), Err(BadCursor));
    // Nor is a list a cursor.
    let text = all(&[at(None, 4), at(Some(1), 5)]).unwrap().to_string();
    assert_eq!(text.parse::<Cursor>(), Err(BadCursor));
}

/// Whether a cursor in it is any good is for whoever looks at that drive.
#[test]
fn a_cursor_that_is_none_spoils_no_list() {
    let root = ItemId::from_random([1; 16]);
    let text = format!("garbage~{root}.rubbish.more");
    let read: Vec<Position> = text.parse::<Positions>().unwrap().into_iter().collect();
    assert_eq!(read[0].cursor, "garbage");
    assert_eq!(
        (read[1].root, read[1].cursor.as_str()),
        (Some(root), "rubbish.more")
    );
}

#[test]
fn garbage_is_no_list() {
    let (own, root) = (at(None, 4).cursor, at(Some(1), 5));
    let (id, cursor) = (root.root.unwrap(), root.cursor);
    let good = format!("{own}~{id}.{cursor}");
    assert!(good.parse::<Positions>().is_ok());
    for bad in [
        String::new(),
        "~".to_owned(),
        format!("{own}~"),
        format!("{good}~"),
        format!("{own}~~{id}.{cursor}"),
        format!("{own}~{id}"),
        format!("{own}~{id}."),
        format!("{own}~.{cursor}"),
        format!("{own}~{cursor}"),
        format!("{own}~ {id}.{cursor}"),
        format!(
            "{own}~{}.{cursor}",
            id.to_string().to_uppercase().replace('0', "A")
        ),
        format!("{own}~{}.{cursor}", id.to_string().replace('-', "")),
        // One root twice.
        format!("{good}~{id}.{cursor}"),
    ] {
        assert_eq!(bad.parse::<Positions>(), Err(BadCursor), "{bad:?}");
    }
}

#[test]
fn a_list_has_a_root_and_no_more_than_a_poll_waits_for() {
    assert_eq!(all(&[]), Err(BadCursor));
    assert_eq!(all(&[at(None, 4)]), Err(BadCursor));
    assert_eq!(
        all(&[at(None, 4), at(None, 5), at(Some(1), 5)]),
        Err(BadCursor)
    );
    let many = |count: usize| -> Vec<Position> {
        let roots = (0..count).map(|n| at(Some(n as u8), 1));
        [at(None, 4)].into_iter().chain(roots).collect()
    };
    let most = all(&many(MAX_POLLED_ROOTS)).unwrap().to_string();
    // Some servers take no longer address than 8 KiB.
    assert!(most.len() < 5_000, "{}", most.len());
    assert!(most.parse::<Positions>().is_ok());
    assert_eq!(all(&many(MAX_POLLED_ROOTS + 1)), Err(BadCursor));
    let root = ItemId::from_random([99; 16]);
    let more = format!("{most}~{root}.{}", at(None, 4).cursor);
    assert_eq!(more.parse::<Positions>(), Err(BadCursor));
}
