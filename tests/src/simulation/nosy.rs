//! Requests of persons who want to know, or to change, more than they may. No client
//! makes them: they name what is elsewhere, show receipts of others, and go on with
//! cursors of what is not shared any more.

use super::call::Call;
use super::contents::name;
use super::device::time_of;
use super::door::SECRET;
use super::oracle::Violation;
use super::sight::{Sight, stored};
use super::world::World;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use driftless_core::access::receipts::{BlockSender, ReceiptBook};
use driftless_core::directory::keys;
use protocol::blocks::{Fetch, FetchSignatures, ToSign};
use protocol::content::{Content, Receipted};
use protocol::cursor::Cursor;
use protocol::files::{Commit, Proposal};
use protocol::ids::{ItemId, OperationId, SpaceId, UserId, Version};
use protocol::items::{ChangePlace, ChangeTrashed, ItemChange, NewFolder, PlaceChange};
use protocol::positions::Position;
use protocol::receipts::Receipt;
use std::rc::Rc;

/// One of them, by the person at a tab, which may be closed.
///
/// # Errors
/// An invariant that does not hold.
pub fn pry(world: &mut World, tab: usize) -> Result<(), Violation> {
    let Some(sight) = world.society.as_ref().map(|society| society.now().clone()) else {
        return Ok(());
    };
    let Some(root) = a_root(world, tab, &sight) else {
        return Ok(());
    };
    let call = match world.rng.below(11) {
        0 => fetch(world, &sight),
        1 => sign(world, &sight),
        2 => propose(world, &sight, root),
        3 => any(world, &sight, |_| true).map(|(item, version)| Call::Manifest { item, version }),
        4 | 5 => place(world, &sight, root),
        6 | 7 => commit(world, tab, &sight, root),
        8 => Some(Call::CreateFolder(NewFolder {
            operation_id: OperationId::from_random(world.rng.bytes()),
            id: ItemId::from_random(world.rng.bytes()),
            parent: Some(root),
            name: name(&mut world.rng),
        })),
        9 => look(world, &sight),
        _ => Some(follow(world, &sight, root)),
    };
    if let Some(call) = call {
        world.send(tab, Some(root), call);
    }
    Ok(())
}

/// What they follow, or what is shared with anybody, or was.
fn a_root(world: &mut World, tab: usize, sight: &Sight) -> Option<ItemId> {
    let own = world.device_of(tab).root;
    let user = world.device_of(tab).who.user;
    let known = world.society.as_ref().map(|society| society.roots.clone());
    let known: Vec<ItemId> = known.into_iter().flatten().collect();
    let given = sight.grants.values().filter(|given| given.user == user);
    let given: Vec<ItemId> = given.map(|given| given.item).collect();
    match world.rng.below(4) {
        0 => world.rng.pick(&known).copied(),
        1 => world.rng.pick(&given).copied(),
        _ => own.or_else(|| given.first().copied()),
    }
}

/// Any file that fits, with its version.
fn any(
    world: &mut World,
    sight: &Sight,
    fits: impl Fn(ItemId) -> bool,
) -> Option<(ItemId, Version)> {
    let files = sight.items.iter();
    let files = files.filter_map(|(id, spot)| Some((*id, spot.version?)));
    let files: Vec<(ItemId, Version)> = files.filter(|(id, _)| fits(*id)).collect();
    world.rng.pick(&files).copied()
}

fn block(world: &mut World) -> Option<BlockRef> {
    let all = stored(&world.server, world.space);
    world.rng.pick(&all).copied()
}

/// A block that is nowhere in what somebody has, and that they never sent.
fn foreign(world: &mut World, user: UserId, sight: &Sight, root: ItemId) -> Option<BlockRef> {
    let had = sight.blocks(&world.server, world.space, root);
    let sent = world.society.as_ref()?.sent.get(&user);
    let is_theirs =
        |hash: &BlockHash| had.contains(hash) || sent.is_some_and(|sent| sent.contains(hash));
    let mut others = stored(&world.server, world.space);
    others.retain(|block| !is_theirs(&block.hash));
    world.rng.pick(&others).copied()
}

fn of(world: &mut World, sight: &Sight) -> Vec<ItemId> {
    let of = any(world, sight, |_| true).filter(|_| world.rng.permille(700));
    of.map(|(file, _)| file).into_iter().collect()
}

fn fetch(world: &mut World, sight: &Sight) -> Option<Call> {
    Some(Call::FetchBlocks(Fetch {
        want: vec![block(world)?.hash],
        of: of(world, sight),
        ..Fetch::default()
    }))
}

fn sign(world: &mut World, sight: &Sight) -> Option<Call> {
    let block = block(world)?;
    Some(Call::Signatures(FetchSignatures {
        blocks: vec![ToSign {
            hash: block.hash,
            first_bytes: block.length.min(1_024),
        }],
        of: of(world, sight),
    }))
}

fn propose(world: &mut World, sight: &Sight, root: ItemId) -> Option<Call> {
    let (item, current_version) = any(world, sight, |id| sight.is_inside(id, root))?;
    Some(Call::Propose {
        item,
        body: Proposal {
            current_version,
            new_block_hashes: vec![block(world)?.hash],
            new_bytes: None,
        },
    })
}

fn look(world: &mut World, sight: &Sight) -> Option<Call> {
    let all: Vec<ItemId> = sight.items.keys().copied().collect();
    let item = world.rng.pick(&all).copied()?;
    Some(Call::Item { item })
}

/// Moves something out, or in, or the root itself.
fn place(world: &mut World, sight: &Sight, root: ItemId) -> Option<Call> {
    let all: Vec<ItemId> = sight.items.keys().copied().collect();
    let folders = sight
        .items
        .iter()
        .filter(|(_, spot)| spot.version.is_none());
    let folders: Vec<ItemId> = folders.map(|(id, _)| *id).collect();
    let inside = all.iter().filter(|id| sight.is_inside(**id, root));
    let inside: Vec<ItemId> = inside.copied().collect();
    let item = match world.rng.permille(700) {
        true => world.rng.pick(&inside).copied()?,
        false => world.rng.pick(&all).copied()?,
    };
    let spot = sight.items.get(&item)?;
    let operation_id = OperationId::from_random(world.rng.bytes());
    let base_place_version = spot.place_version;
    let to = match world.rng.below(4) {
        0 => PlaceChange::Trash(ChangeTrashed {
            operation_id,
            base_place_version,
            parent: None,
            name: None,
        }),
        _ => PlaceChange::Move(ChangePlace {
            operation_id,
            base_place_version,
            parent: world.rng.pick(&folders).copied(),
            name: name(&mut world.rng),
        }),
    };
    let mut changes = vec![ItemChange { item, to }];
    if world.rng.permille(300) {
        changes.push(changes[0].clone());
    }
    Some(Call::ChangeItems(changes))
}

/// Commits a block that they never had, with a receipt of somebody else's.
fn commit(world: &mut World, tab: usize, sight: &Sight, root: ItemId) -> Option<Call> {
    let (item, version) = any(world, sight, |id| sight.is_inside(id, root))?;
    let user = world.device_of(tab).who.user;
    let block = foreign(world, user, sight, root)?;
    let elsewhere = SpaceId::from_random([9; 16]);
    let other = match user == UserId::from_random([2; 16]) {
        true => UserId::from_random([3; 16]),
        false => UserId::from_random([2; 16]),
    };
    let shown = match world.rng.below(3) {
        0 => None,
        1 => receipt(world, other, world.space, block),
        _ => receipt(world, user, elsewhere, block),
    };
    let id = world.made(tab, version, None, vec![block]);
    let content = Content::Whole(Manifest {
        size: u64::from(block.length),
        size_class: SizeClass::for_size(0),
        modified_at_ms: time_of(id),
        blocks: vec![block],
    });
    let body = Commit {
        operation_id: OperationId::from_random(world.rng.bytes()),
        base_version: version,
        content: Receipted::with(content, |_| shown),
    };
    let frames = None;
    Some(Call::Commit { item, body, frames })
}

fn receipt(world: &World, user: UserId, space: SpaceId, block: BlockRef) -> Option<Receipt> {
    let secret = keys::secret(Some(SECRET)).ok()?;
    let book = ReceiptBook::new(&secret, BlockSender::Person(user), space);
    Some(book.give(block.hash, world.now))
}

/// Goes on where somebody had seen the journal.
fn follow(world: &mut World, sight: &Rc<Sight>, root: ItemId) -> Call {
    let cursor = Cursor {
        space: world.space,
        seq: 1 + world.rng.below(sight.head.max(1)),
        listed_to: None,
    };
    match world.rng.below(3) {
        0 => Call::Changes { since: None },
        1 => Call::Poll {
            positions: vec![Position {
                root: Some(root),
                cursor: cursor.to_string(),
            }],
            seconds: 0,
            is_listed: world.rng.permille(500),
        },
        _ => Call::Changes {
            since: Some(cursor.to_string()),
        },
    }
}
