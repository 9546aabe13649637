//! What must hold. It sees every act of a person and every answer of the server
//! before the network may lose it, and believes no engine.

use super::storage::Written;
use crate::model::ready::ready;
use crate::model::server::Server;
use driftless_api::ports::{Database, Statement};
use serde::Deserialize;
use shared::ids::{ConflictId, ItemId, Version};
use shared::manifest::{BlockRef, Manifest};
use shared::protocol::items::Item;
use shared::sync::edit::DraftId;
use std::collections::{BTreeMap, BTreeSet};

/// A file that a person made or changed.
#[derive(Clone, Debug)]
pub struct Made {
    pub device: usize,
    pub item: ItemId,
    /// The version that the person saw when they did it.
    pub seen: Version,
    /// What the file held, also while it was read again.
    pub contents: Vec<Vec<BlockRef>>,
    /// The same person changed the file again before this was sent.
    pub superseded: bool,
    /// The person took it back, or its bytes were lost and that was told.
    pub withdrawn: bool,
}

/// Who made a version, and what they had seen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Accepted {
    draft: DraftId,
    blocks: Vec<BlockRef>,
    /// Set where a person chose, having seen this head.
    chosen_on: Option<Version>,
}

#[derive(Debug, Default)]
pub struct Oracle {
    pub drafts: BTreeMap<DraftId, Made>,
    versions: BTreeMap<(ItemId, Version), Accepted>,
    pub conflicts: BTreeMap<ConflictId, DraftId>,
    pub resolved: u64,
    /// How often each invariant was checked.
    pub checks: BTreeMap<&'static str, u64>,
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

type Checked = Result<(), Violation>;

impl Oracle {
    pub fn check(
        &mut self,
        invariant: &'static str,
        holds: bool,
        why: impl FnOnce() -> String,
    ) -> Checked {
        *self.checks.entry(invariant).or_default() += 1;
        if holds {
            return Ok(());
        }
        Err(Violation(format!("{invariant}: {}", why())))
    }

    /// The server has answered yes to a version.
    pub fn accepted(
        &mut self,
        item: ItemId,
        version: Version,
        content: &Manifest,
        chosen_on: Option<Version>,
    ) -> Checked {
        let accepted = Accepted {
            draft: DraftId(content.modified_at_ms),
            blocks: content.blocks.clone(),
            chosen_on,
        };
        let known = self.versions.get(&(item, version)).cloned();
        let is_same = known
            .as_ref()
            .is_none_or(|known| known.draft == accepted.draft);
        self.check("a version has one content", is_same, || {
            format!("{item} {version}")
        })?;
        let expected = self
            .drafts
            .get(&accepted.draft)
            .map(|made| made.contents.contains(&content.blocks));
        self.check("a version is what was made", expected == Some(true), || {
            format!("{item} {version}")
        })?;
        self.versions.entry((item, version)).or_insert(accepted);
        self.check_seen(item, version)?;
        self.check_seen(item, version + 1)
    }

    /// No lost update: whoever wrote a version had seen the one before it.
    fn check_seen(&mut self, item: ItemId, version: Version) -> Checked {
        let Some(accepted) = self.versions.get(&(item, version)).cloned() else {
            return Ok(());
        };
        let before = version - 1;
        if before == 0 {
            return Ok(());
        }
        if let Some(seen) = accepted.chosen_on {
            return self.check("no lost update", seen == before, || {
                format!("{item} {version} chosen on {seen}")
            });
        }
        let Some(earlier) = self.versions.get(&(item, before)) else {
            return Ok(());
        };
        let (made, earlier_made) = (
            &self.drafts[&accepted.draft],
            self.drafts.get(&earlier.draft),
        );
        let is_own = earlier_made.is_some_and(|earlier| earlier.device == made.device)
            && earlier.draft < accepted.draft;
        let (seen, draft) = (made.seen, accepted.draft);
        self.check("no lost update", seen == before || is_own, || {
            format!("{item} {version} by {draft:?}, whose maker saw {seen}")
        })
    }

    /// What a device shows as a version's content.
    pub fn shown(&mut self, item: ItemId, version: Version, blocks: &[BlockRef]) -> Checked {
        let known = self.versions.get(&(item, version));
        let holds = known.is_none_or(|known| known.blocks == blocks);
        self.check("wrong bytes are never shown", holds, || {
            format!("{item} {version}")
        })
    }

    pub fn stored(&mut self, _written: Written) {
        *self.checks.entry("transactions").or_default() += 1;
    }

    /// Everything acknowledged is there, byte for byte; everything made is
    /// somewhere.
    pub fn check_nothing_lost(
        &mut self,
        server: &Server,
        who: &crate::model::legs::Device,
    ) -> Checked {
        let versions: Vec<_> = self
            .versions
            .iter()
            .map(|(key, accepted)| (*key, accepted.blocks.clone()))
            .collect();
        for ((item, version), blocks) in versions {
            let manifest = server.manifest(who, item, Some(version));
            let holds = manifest
                .as_ref()
                .is_ok_and(|manifest| manifest.blocks == blocks);
            self.check("an acknowledged version stays", holds, || {
                format!("{item} {version}: {manifest:?}")
            })?;
            let bytes = server.content(who, item, Some(version));
            let size: u64 = blocks.iter().map(|block| u64::from(block.length)).sum();
            let holds = bytes.as_ref().is_ok_and(|bytes| bytes.len() as u64 == size);
            self.check("its bytes can be read", holds, || {
                format!("{item} {version}: {bytes:?}")
            })?;
        }
        let mut safe: BTreeSet<DraftId> = self
            .versions
            .values()
            .map(|accepted| accepted.draft)
            .collect();
        safe.extend(self.conflicts.values());
        let contents: BTreeSet<Vec<(_, u32)>> = self
            .versions
            .values()
            .map(|accepted| {
                accepted
                    .blocks
                    .iter()
                    .map(|block| (block.hash, block.length))
                    .collect()
            })
            .collect();
        for (draft, made) in self.drafts.clone() {
            let equal = made.contents.iter().any(|blocks| {
                contents.contains(
                    &blocks
                        .iter()
                        .map(|block| (block.hash, block.length))
                        .collect::<Vec<_>>(),
                )
            });
            let holds = safe.contains(&draft) || equal || made.superseded || made.withdrawn;
            self.check("what was made is somewhere", holds, || {
                format!("{draft:?} {made:?}")
            })?;
        }
        for id in self.conflicts.keys().copied().collect::<Vec<_>>() {
            let bytes = server.conflict_content(who, id);
            self.check("a conflict's bytes can be read", bytes.is_ok(), || {
                format!("{id}: {bytes:?}")
            })?;
        }
        Ok(())
    }

    /// What the database must look like at every moment.
    pub fn check_database(&mut self, server: &Server) -> Checked {
        #[derive(Deserialize)]
        struct Row {
            n: i64,
        }
        for (invariant, sql) in DATABASE {
            let rows = ready(server.db.run(Statement::new(sql)));
            let row: Option<Row> = rows.ok().and_then(|rows| rows.first().ok().flatten());
            let n = row.map_or(-1, |row| row.n);
            self.check(invariant, n == 0, || format!("off by {n}"))?;
        }
        Ok(())
    }

    /// The server's tree: no two live names alike, nothing in itself.
    pub fn check_tree(&mut self, items: &BTreeMap<ItemId, Item>) -> Checked {
        let mut names = BTreeSet::new();
        for item in items.values().filter(|item| item.trashed_at_ms.is_none()) {
            let is_new = names.insert((item.parent, item.name.key()));
            self.check("live names are unique", is_new, || format!("{item:?}"))?;
        }
        for item in items.values() {
            let (mut next, mut steps) = (item.parent, 0);
            while let Some(id) = next {
                next = items.get(&id).and_then(|item| item.parent);
                steps += 1;
                self.check("the tree has no cycle", steps < 200, || {
                    format!("{}", item.id)
                })?;
            }
        }
        Ok(())
    }
}

const DATABASE: [(&str, &str); 5] = [
    (
        "the quota is a recount",
        "SELECT coalesce(sum(used_bytes), 0) - (SELECT coalesce(sum(length), 0) FROM blocks) AS n FROM spaces",
    ),
    (
        "the journal has no gaps",
        "SELECT coalesce(max(seq) - min(seq) + 1 - count(*), 0) AS n FROM changes",
    ),
    (
        "the journal ends at the head",
        "SELECT coalesce(sum(head_seq), 0) - coalesce((SELECT max(seq) FROM changes), 0) AS n FROM spaces",
    ),
    (
        "versions are counted without gaps",
        "SELECT count(*) AS n FROM items i WHERE version IS NOT NULL AND version <>
           (SELECT count(*) FROM versions v WHERE v.space = i.space AND v.item = i.id)",
    ),
    (
        "no version needs a block that is not stored",
        "SELECT count(*) AS n FROM file_blocks f WHERE NOT EXISTS
           (SELECT 1 FROM blocks b WHERE b.space = f.space AND b.hash = f.hash)",
    ),
];
