//! A server at rest, read to the last byte.

use super::{AtRest, ItemAtRest};
use crate::client::{Client, Failure};
use crate::tree::Tree;
use blocks::hash::BlockHash;
use protocol::cursor::Cursor;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::thread;

/// Reads everything: every version of every file, and every conflict.
///
/// # Errors
/// The server does not answer.
pub fn at_rest(client: &Client, threads: usize) -> Result<AtRest, Failure> {
    let tree = Tree::of(client)?;
    let cursor: Cursor = tree
        .cursor
        .as_deref()
        .unwrap_or_default()
        .parse()
        .expect("a cursor");
    let items: Vec<&Item> = tree.items.values().collect();
    let read = |items: &[&Item]| -> Result<Vec<(ItemId, ItemAtRest)>, Failure> {
        items
            .iter()
            .map(|item| Ok((item.id, item_at_rest(client, item)?)))
            .collect()
    };
    let parts: Vec<_> = thread::scope(|scope| {
        let share = items.len().div_ceil(threads).max(1);
        let readers: Vec<_> = items
            .chunks(share)
            .map(|part| scope.spawn(|| read(part)))
            .collect();
        readers
            .into_iter()
            .map(|reader| reader.join().expect("a reader"))
            .collect()
    });
    let mut rest = AtRest {
        head: cursor.seq,
        ..AtRest::default()
    };
    for part in parts {
        rest.items.extend(part?);
    }
    for &id in tree.conflicts.keys() {
        let bytes = client.conflict_content(id)?;
        rest.conflicts.insert(id, BlockHash::of(&bytes));
    }
    Ok(rest)
}

fn item_at_rest(client: &Client, item: &Item) -> Result<ItemAtRest, Failure> {
    let head = item.file.as_ref().map_or(0, |head| head.version);
    let bytes = (1..=head).map(|version| client.content(item.id, Some(version)));
    let versions: Result<_, Failure> = bytes.map(|bytes| Ok(BlockHash::of(&bytes?))).collect();
    Ok(ItemAtRest {
        name: item.name.as_str().to_owned(),
        place_version: item.place_version,
        versions: versions?,
    })
}
