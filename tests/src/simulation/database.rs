//! What must hold of the server's database and its packs: at every moment, and
//! at the end.

use super::oracle::{Made, Oracle, Violation};
use crate::model::legs::Device as Asker;
use crate::model::ready::ready;
use crate::model::server::Server;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use driftless_core::ports::{Database, Statement};
use driftless_core::store::packs::pack_key;
use protocol::ids::{ItemId, PackId, SpaceId};
use protocol::items::{Item, ItemChanged};
use protocol::limits::{BLOCK_GRACE_MILLIS, MAX_FOLDER_DEPTH};
use protocol::problem::Problem;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use sync::edit::DraftId;

type Checked = Result<(), Violation>;

/// Each answers a number that is 0.
const ALWAYS: [(&str, &str); 6] = [
    (
        "the quota is a recount",
        // Other spaces than the drive's hold nothing.
        "WITH listed AS (SELECT length FROM blocks b WHERE
           EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = b.space AND f.hash = b.hash)
           OR EXISTS (SELECT 1 FROM conflict_blocks c WHERE c.space = b.space AND c.hash = b.hash))
         SELECT
           abs(sum(used_bytes) - (SELECT coalesce(sum(length), 0) FROM blocks))
           + abs(sum(used_blocks) - (SELECT count(*) FROM blocks))
           + abs(sum(needed_bytes) - (SELECT coalesce(sum(length), 0) FROM listed))
           + abs(sum(needed_blocks) - (SELECT count(*) FROM listed))
           + abs(sum(item_count) - (SELECT count(*) FROM items))
           + abs(sum(version_count) - (SELECT count(*) FROM versions) - (SELECT count(*) FROM conflicts))
           + abs(sum(row_count) - (SELECT count(*) FROM file_blocks) - (SELECT count(*) FROM conflict_blocks))
           AS n FROM spaces",
    ),
    (
        "the journal has no gaps",
        "SELECT coalesce(sum(gap), 0) AS n FROM
           (SELECT max(seq) - min(seq) + 1 - count(*) AS gap FROM changes GROUP BY space)",
    ),
    (
        "the journal ends at the head",
        "SELECT coalesce(sum(abs(head_seq - coalesce(
           (SELECT max(seq) FROM changes c WHERE c.space = s.id), 0))), 0) AS n FROM spaces s",
    ),
    (
        "the newest version is the last",
        "SELECT count(*) AS n FROM items i WHERE version IS NOT NULL AND version IS NOT
           (SELECT max(version) FROM versions v WHERE v.space = i.space AND v.item = i.id)",
    ),
    (
        "no version needs a block that is not stored",
        "SELECT count(*) AS n FROM file_blocks f WHERE NOT EXISTS
           (SELECT 1 FROM blocks b WHERE b.space = f.space AND b.hash = f.hash)",
    ),
    (
        "no conflict needs a block that is not stored",
        "SELECT count(*) AS n FROM conflict_blocks f WHERE NOT EXISTS
           (SELECT 1 FROM blocks b WHERE b.space = f.space AND b.hash = f.hash)",
    ),
];

/// Where stored blocks are.
const PACKS: &str = "SELECT DISTINCT space, pack FROM blocks";

#[derive(Deserialize)]
struct NumberRow {
    n: i64,
}

#[derive(Deserialize)]
struct PackRow {
    space: SpaceId,
    pack: PackId,
}

/// What the database and the packs must look like at every moment.
/// `broken_packs`: so many are damaged or missing on purpose.
///
/// # Errors
/// The first that does not hold.
pub fn check(oracle: &mut Oracle, server: &Server, broken_packs: usize) -> Checked {
    for (invariant, sql) in ALWAYS {
        let rows = ready(server.db.run(Statement::new(sql)));
        let row: Option<NumberRow> = rows.ok().and_then(|rows| rows.first().ok().flatten());
        let n = row.map_or(-1, |row| row.n);
        oracle.check(invariant, n == 0, || format!("off by {n}"))?;
    }
    check_numbers(oracle, server)?;
    let rows = ready(server.db.run(Statement::new(PACKS)));
    let packs: Vec<PackRow> = rows
        .ok()
        .and_then(|rows| rows.all().ok())
        .unwrap_or_default();
    let lost = packs
        .iter()
        .filter(|row| !server.packs.has(&pack_key(row.space, row.pack)));
    let lost = lost.count();
    oracle.check(
        "no row points to a pack that is not there",
        lost <= broken_packs,
        || format!("{lost} do"),
    )
}

/// Versions are counted without gaps, but for those that were thinned.
fn check_numbers(oracle: &mut Oracle, server: &Server) -> Checked {
    const MISSING: &str = "SELECT i.id AS item, i.version - count(v.version) AS n
      FROM items i LEFT JOIN versions v ON v.space = i.space AND v.item = i.id
      WHERE i.version IS NOT NULL GROUP BY i.space, i.id HAVING n <> 0";
    #[derive(Deserialize)]
    struct MissingRow {
        item: ItemId,
        n: i64,
    }
    let rows = ready(server.db.run(Statement::new(MISSING))).unwrap_or_default();
    let missing: Vec<MissingRow> = rows.all().unwrap_or_default();
    let missing: BTreeMap<ItemId, i64> = missing.iter().map(|row| (row.item, row.n)).collect();
    let mut thinned: BTreeMap<ItemId, i64> = BTreeMap::new();
    for (item, _) in &oracle.thinned {
        *thinned.entry(*item).or_default() += 1;
    }
    thinned.retain(|item, _| !oracle.deleted.contains(item));
    let holds = missing == thinned;
    oracle.check("versions are counted without gaps", holds, || {
        format!("{missing:?}, and {thinned:?} were thinned")
    })
}

/// Which blocks are stored, and since when.
pub fn stored(server: &Server) -> BTreeMap<BlockHash, u64> {
    const STORED: &str = "SELECT lower(hex(hash)) AS hash, stored_at FROM blocks";
    #[derive(Deserialize)]
    struct StoredRow {
        hash: BlockHash,
        stored_at: u64,
    }
    let rows = ready(server.db.run(Statement::new(STORED)));
    let rows: Vec<StoredRow> = rows
        .ok()
        .and_then(|rows| rows.all().ok())
        .unwrap_or_default();
    rows.into_iter()
        .map(|row| (row.hash, row.stored_at))
        .collect()
}

/// The collector took nothing that an upload under way may count on.
///
/// # Errors
/// It did.
pub fn check_collected(
    oracle: &mut Oracle,
    server: &Server,
    before: &BTreeMap<BlockHash, u64>,
    now: u64,
) -> Checked {
    let after = stored(server);
    let mut gone = before.iter().filter(|(hash, _)| !after.contains_key(hash));
    let is_old = gone.all(|(_, stored_at)| stored_at + BLOCK_GRACE_MILLIS < now);
    oracle.check("what was stored lately is not collected", is_old, || {
        format!("at {now}")
    })
}

/// Every item, where it is, and who made what is in it.
pub struct Tree {
    /// Each with its parent, and whether it is in the trash itself.
    items: BTreeMap<ItemId, (Option<ItemId>, bool)>,
    /// Files with the drafts that became versions or conflicts of them.
    made: Vec<(ItemId, DraftId)>,
}

/// What the database has now.
pub fn tree(server: &Server) -> Tree {
    const ITEMS: &str = "SELECT id, parent, trashed_at IS NOT NULL AS trashed FROM items";
    const MADE: &str = "SELECT item, modified_at AS n FROM versions
      UNION SELECT item, modified_at FROM conflicts";
    #[derive(Deserialize)]
    struct ItemRow {
        id: ItemId,
        parent: Option<ItemId>,
        trashed: u8,
    }
    #[derive(Deserialize)]
    struct MadeRow {
        item: ItemId,
        n: u64,
    }
    let rows = |sql| ready(server.db.run(Statement::new(sql))).unwrap_or_default();
    let items: Vec<ItemRow> = rows(ITEMS).all().unwrap_or_default();
    let made: Vec<MadeRow> = rows(MADE).all().unwrap_or_default();
    Tree {
        items: items
            .into_iter()
            .map(|row| (row.id, (row.parent, row.trashed != 0)))
            .collect(),
        made: made
            .into_iter()
            .map(|row| (row.item, DraftId(row.n)))
            .collect(),
    }
}

impl Tree {
    fn is_in_trash(&self, item: ItemId) -> bool {
        let mut next = Some(item);
        for _ in 0..=2 * MAX_FOLDER_DEPTH {
            match next.and_then(|id| self.items.get(&id)) {
                Some((_, true)) => return true,
                Some((parent, false)) => next = *parent,
                None => return false,
            }
        }
        false
    }
}

/// What one call of a deletion for good took away was in the trash when it did.
///
/// # Errors
/// It was not, or a folder went before what is in it.
pub fn check_deleted(oracle: &mut Oracle, server: &Server, before: &Tree) -> Checked {
    let after = tree(server);
    let gone: Vec<ItemId> = before
        .items
        .keys()
        .filter(|id| !after.items.contains_key(id))
        .copied()
        .collect();
    for id in &gone {
        let is_in_trash = before.is_in_trash(*id);
        oracle.check(
            "only what is in the trash is deleted for good",
            is_in_trash,
            || format!("{id}"),
        )?;
    }
    let mut parents = after.items.values().filter_map(|(parent, _)| *parent);
    let orphan = parents.find(|parent| !after.items.contains_key(parent));
    oracle.check("no item is without its folder", orphan.is_none(), || {
        format!("{orphan:?}")
    })?;
    let made = before.made.iter().filter(|(item, _)| gone.contains(item));
    oracle.deleted_drafts.extend(made.map(|(_, draft)| *draft));
    oracle.deleted.extend(gone);
    Ok(())
}

/// An item was put into a folder that takes it: looked at in the step in which
/// it was written, so that nothing else happened since.
///
/// # Errors
/// The folder, or one above it, is in the trash, or is the item.
pub fn check_put(
    oracle: &mut Oracle,
    server: &Server,
    who: &Asker,
    changed: &ItemChanged,
) -> Checked {
    // A repeat is answered with what was true once.
    if server
        .newest(who)
        .is_ok_and(|(head, _)| head != changed.seq)
    {
        return Ok(());
    }
    let (mut next, mut above) = (changed.item.parent, 0);
    let mut takes_it = true;
    while let Some(id) = next.filter(|_| takes_it) {
        let folder = server.item(who, id);
        takes_it = above < MAX_FOLDER_DEPTH
            && id != changed.item.id
            && folder
                .as_ref()
                .is_ok_and(|folder| folder.is_folder() && folder.trashed_at_ms.is_none());
        next = folder.ok().and_then(|folder| folder.parent);
        above += 1;
    }
    oracle.check("a folder takes what is put into it", takes_it, || {
        format!("{changed:?}")
    })
}

/// Everything acknowledged is there, byte for byte; everything made is
/// somewhere. To be asked when all is at rest.
///
/// # Errors
/// The first that does not hold.
pub fn check_nothing_lost(oracle: &mut Oracle, server: &Server, who: &Asker) -> Checked {
    let versions: Vec<_> = oracle
        .versions
        .iter()
        .map(|(key, accepted)| (*key, accepted.blocks.clone()))
        .collect();
    for item in oracle.deleted.clone() {
        let is_gone = server.item(who, item).is_err();
        oracle.check("what is deleted for good stays so", is_gone, || {
            format!("{item}")
        })?;
    }
    for ((item, version), blocks) in &versions {
        if oracle.deleted.contains(item) {
            continue;
        }
        if oracle.thinned.contains(&(*item, *version)) {
            let read = server.content(who, *item, Some(*version));
            let is_gone = read.is_err_and(|problem| problem == Problem::NoSuchVersion);
            oracle.check("what is thinned stays so", is_gone, || {
                format!("{item} {version}")
            })?;
            continue;
        }
        let manifest = server.manifest(who, *item, Some(*version));
        let holds = manifest
            .as_ref()
            .is_ok_and(|manifest| manifest.blocks == *blocks);
        oracle.check("an acknowledged version stays", holds, || {
            format!("{item} {version}: {manifest:?}")
        })?;
        let bytes = server.content(who, *item, Some(*version));
        let holds = bytes.as_ref().is_ok_and(|bytes| is_whole(bytes, blocks));
        oracle.check("its bytes can be read", holds, || {
            format!("{item} {version}: {bytes:?}")
        })?;
    }
    for (id, draft) in oracle.conflicts.clone() {
        let item = oracle.conflicts_of.get(&id);
        if item.is_some_and(|item| oracle.deleted.contains(item)) {
            continue;
        }
        let bytes = server.conflict_content(who, id);
        let contents = oracle.drafts.get(&draft).map(|made| made.contents.clone());
        let holds = bytes.as_ref().is_ok_and(|bytes| {
            let mut contents = contents.iter().flatten();
            contents.any(|blocks| is_whole(bytes, blocks))
        });
        oracle.check("a conflict's bytes can be read", holds, || {
            format!("{id}: {bytes:?}")
        })?;
    }
    check_made(oracle, server)
}

/// Whether these bytes are these blocks.
pub fn is_whole(bytes: &[u8], blocks: &[BlockRef]) -> bool {
    let mut rest = bytes;
    for block in blocks {
        let Some((part, after)) = rest.split_at_checked(block.length as usize) else {
            return false;
        };
        if BlockHash::of(part) != block.hash {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// What persons handed in is a version, a conflict, or the same as a version; or
/// it is `waiting` somewhere to become one. What was refused was never taken.
///
/// # Errors
/// Some of it is nowhere.
pub fn check_sources(oracle: &mut Oracle, server: &Server, waiting: &BTreeSet<DraftId>) -> Checked {
    let there = There::of(oracle, server);
    let sources = oracle.drafts.iter().filter(|(_, made)| made.is_source);
    let lost = sources
        .filter(|(_, made)| made.taken && !made.given_up)
        .find(|(draft, made)| !waiting.contains(draft) && !there.has(**draft, made));
    let lost = lost.map(|(draft, made)| format!("{draft:?} {made:?}"));
    oracle.check("what is handed in is somewhere", lost.is_none(), || {
        lost.unwrap_or_default()
    })
}

/// What persons made is a version, a conflict, or the same as a version.
fn check_made(oracle: &mut Oracle, server: &Server) -> Checked {
    check_sources(oracle, server, &BTreeSet::new())?;
    let there = There::of(oracle, server);
    for (draft, made) in oracle.drafts.clone() {
        let is_there = there.has(draft, &made) || !made.taken || made.superseded || made.given_up;
        oracle.check("what was made is somewhere", is_there, || {
            format!("{draft:?} {made:?}")
        })?;
    }
    Ok(())
}

/// What the server has, resolved conflicts included.
struct There {
    drafts: BTreeSet<DraftId>,
    contents: BTreeSet<Vec<BlockHash>>,
}

impl There {
    fn of(oracle: &Oracle, server: &Server) -> Self {
        // Also those of which every answer was lost.
        const ON_SERVER: &str =
            "SELECT modified_at AS n FROM versions UNION SELECT modified_at FROM conflicts";
        let rows = ready(server.db.run(Statement::new(ON_SERVER)));
        let rows: Vec<NumberRow> = rows
            .ok()
            .and_then(|rows| rows.all().ok())
            .unwrap_or_default();
        let on_server = rows.into_iter().map(|row| DraftId(row.n as u64));
        let versions = oracle.versions.values();
        let mut drafts: BTreeSet<DraftId> = versions.map(|accepted| accepted.draft).collect();
        drafts.extend(oracle.conflicts.values());
        drafts.extend(on_server);
        drafts.extend(&oracle.deleted_drafts);
        let versions = oracle.versions.values();
        let contents: BTreeSet<Vec<BlockHash>> =
            versions.map(|accepted| hashes(&accepted.blocks)).collect();
        Self { drafts, contents }
    }

    fn has(&self, draft: DraftId, made: &Made) -> bool {
        let mut same = made.contents.iter();
        self.drafts.contains(&draft) || same.any(|blocks| self.contents.contains(&hashes(blocks)))
    }
}

fn hashes(blocks: &[BlockRef]) -> Vec<BlockHash> {
    blocks.iter().map(|block| block.hash).collect()
}

/// The server's tree: no two live names alike, nothing in itself.
///
/// # Errors
/// The first that does not hold.
pub fn check_tree(oracle: &mut Oracle, items: &BTreeMap<ItemId, Item>) -> Checked {
    let mut names = BTreeSet::new();
    for item in items.values().filter(|item| item.trashed_at_ms.is_none()) {
        let is_new = names.insert((item.parent, folded(item.name.as_str())));
        oracle.check("live names are unique", is_new, || format!("{item:?}"))?;
    }
    for item in items.values() {
        let (mut next, mut steps) = (item.parent, 0);
        while let Some(id) = next.filter(|_| steps < 200) {
            next = items.get(&id).and_then(|item| item.parent);
            steps += 1;
        }
        oracle.check("the tree has no cycle", steps < 200, || {
            format!("{}", item.id)
        })?;
    }
    Ok(())
}

/// A name as a file system that folds case has it: not by the project's own
/// code, and enough for the names that the simulated persons use.
fn folded(name: &str) -> String {
    name.replace("e\u{301}", "\u{e9}")
        .replace("E\u{301}", "\u{c9}")
        .to_lowercase()
}
