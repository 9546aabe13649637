//! The job that thins versions, step by step beside all else, and what must hold of each of
//! its steps. What it may take is said here once more, in other words than the server's.

use super::background::Check;
use super::database;
use super::oracle::{Oracle, Violation};
use super::under_way::Background;
use super::world::World;
use crate::model::ready::ready;
use crate::model::server::Server;
use crate::model::turns::Turns;
use blocks::hash::BlockHash;
use driftless_core::ports::{Database, Statement};
use driftless_core::retention::thin::{self, ThinBounds};
use protocol::files::MarkVersion;
use protocol::ids::{ItemId, Version};
use protocol::retention::{KeptVersions, Retention};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use sync::edit::DraftId;

const HOUR: u64 = 60 * 60 * 1_000;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// What the drive keeps: less than anybody would, so that there is something to thin.
pub const KEPT: KeptVersions = KeptVersions {
    all_days: 1,
    hourly_days: 2,
    daily_days: 4,
    weekly_days: 9,
};

/// How far the job goes in one run.
const THINNED: ThinBounds = ThinBounds {
    versions_per_page: 7,
    pages: 6,
    versions_of_a_file: 40,
    steps: 3,
    files_per_step: 2,
    rows_per_step: 4,
};

/// A version as its row has it.
#[derive(Clone, Copy, Debug)]
struct Kept {
    at: u64,
    is_pinned: bool,
    draft: DraftId,
}

/// All versions of files that are there, and all entries of their lists.
pub struct Past {
    versions: BTreeMap<(ItemId, Version), Kept>,
    /// The newest version of each file.
    heads: BTreeMap<ItemId, Version>,
    /// What conflicts refer to.
    referred: BTreeSet<(ItemId, Version)>,
    rows: BTreeSet<(ItemId, BlockHash)>,
}

impl Past {
    fn of(server: &Server) -> Self {
        const VERSIONS: &str = "
SELECT v.item, v.version, v.at, v.pinned, v.modified_at AS draft, i.version AS head
FROM versions v JOIN items i ON i.space = v.space AND i.id = v.item";
        const REFERRED: &str = "
SELECT item, base_version AS version FROM conflicts
UNION SELECT item, seen_version FROM conflicts WHERE seen_version IS NOT NULL";
        const ROWS: &str = "
SELECT DISTINCT f.item, lower(hex(f.hash)) AS hash
FROM file_blocks f JOIN items i ON i.space = f.space AND i.id = f.item";
        #[derive(Deserialize)]
        struct VersionRow {
            item: ItemId,
            version: Version,
            at: u64,
            pinned: u8,
            draft: u64,
            head: Version,
        }
        #[derive(Deserialize)]
        struct ReferredRow {
            item: ItemId,
            version: Version,
        }
        #[derive(Deserialize)]
        struct ListRow {
            item: ItemId,
            hash: BlockHash,
        }
        let rows = |sql| ready(server.db.run(Statement::new(sql))).expect("rows");
        let versions: Vec<VersionRow> = rows(VERSIONS).all().expect("versions");
        let referred: Vec<ReferredRow> = rows(REFERRED).all().expect("conflicts");
        let lists: Vec<ListRow> = rows(ROWS).all().expect("lists");
        let heads = versions.iter().map(|row| (row.item, row.head)).collect();
        let versions = versions.into_iter().map(|row| {
            let kept = Kept {
                at: row.at,
                is_pinned: row.pinned != 0,
                draft: DraftId(row.draft),
            };
            ((row.item, row.version), kept)
        });
        Self {
            versions: versions.collect(),
            heads,
            referred: referred
                .into_iter()
                .map(|row| (row.item, row.version))
                .collect(),
            rows: lists.into_iter().map(|row| (row.item, row.hash)).collect(),
        }
    }

    fn newer(&self, item: ItemId, version: Version) -> impl Iterator<Item = (Version, u64)> {
        let newer = self
            .versions
            .range((item, version + 1)..=(item, Version::MAX));
        newer.map(|((_, version), kept)| (*version, kept.at))
    }

    /// For which pieces of time a version may have gone, each with its newest version.
    fn reasons(&self, item: ItemId, version: Version, now: u64) -> Vec<Version> {
        let at = self.versions[&(item, version)].at;
        let is_over = |length: u64, days: u64| (at / length + 1) * length + days * DAY <= now;
        let pieces = [
            (HOUR, true),
            (DAY, is_over(HOUR, KEPT.hourly_days)),
            (WEEK, is_over(DAY, KEPT.daily_days)),
            (u64::MAX, is_over(WEEK, KEPT.weekly_days)),
        ];
        let reasons = pieces.into_iter().filter(|(_, may)| *may);
        let reasons = reasons.filter_map(|(length, _)| {
            let same = self.newer(item, version).filter(|(_, other)| match length {
                // Of all that is as old.
                u64::MAX => (other / WEEK + 1) * WEEK + KEPT.weekly_days * DAY <= now,
                length => other / length == at / length,
            });
            same.map(|(newer, _)| newer).max()
        });
        reasons.collect()
    }
}

/// What one step of the job has taken might go, and nothing else has.
///
/// # Errors
/// The first that does not hold.
fn check_thinned(
    oracle: &mut Oracle,
    server: &Server,
    before: &Past,
    now: u64,
) -> Result<(), Violation> {
    let after = Past::of(server);
    let gone = before.versions.iter();
    let gone = gone.filter(|(key, _)| !after.versions.contains_key(key));
    for ((item, version), kept) in gone {
        let (item, version) = (*item, *version);
        let told = || format!("{item} {version} at {now}: {kept:?}");
        let is_newest = before.heads.get(&item) == Some(&version);
        oracle.check("the newest version stays", !is_newest, told)?;
        oracle.check("a pinned version stays", !kept.is_pinned, told)?;
        let is_referred = before.referred.contains(&(item, version));
        oracle.check("what a conflict refers to stays", !is_referred, told)?;
        let replaced = before.newer(item, version).map(|(_, at)| at).min();
        let was_lately = replaced.is_none_or(|at| at + DAY > now);
        oracle.check("what was the newest lately stays", !was_lately, told)?;
        let mut reasons = before.reasons(item, version, now).into_iter();
        let stands = reasons.any(|newest| after.versions.contains_key(&(item, newest)));
        oracle.check("each piece of time keeps its newest", stands, told)?;
        oracle.thinned.insert((item, version));
        oracle.deleted_drafts.insert(kept.draft);
    }
    let of_rows = before.rows.difference(&after.rows);
    oracle.thinned_blocks.extend(of_rows.map(|(_, hash)| *hash));
    const IN_PIECES: &str = "
SELECT count(*) AS n FROM versions v JOIN items i ON i.space = v.space AND i.id = v.item
WHERE v.size <> (
  SELECT coalesce(sum(f.length), 0) FROM file_blocks f
  WHERE f.space = v.space AND f.item = v.item AND f.since_version <= v.version
    AND (f.until_version IS NULL OR f.until_version > v.version)
)";
    const UNKNOWN: &str = "
SELECT count(*) AS n FROM file_blocks f JOIN items i ON i.space = f.space AND i.id = f.item
WHERE f.until_version IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM versions v WHERE v.space = f.space AND v.item = f.item
      AND (v.version = f.since_version
        OR v.version > f.since_version AND v.version < f.until_version)
  )
  AND NOT EXISTS (SELECT 1 FROM thinned t WHERE t.space = f.space AND t.item = f.item)";
    #[derive(Deserialize)]
    struct NumberRow {
        n: u64,
    }
    let all = [
        ("every version has its whole list", IN_PIECES),
        ("rows that nothing needs are not forgotten", UNKNOWN),
    ];
    for (invariant, sql) in all {
        let rows = ready(server.db.run(Statement::new(sql)));
        let row: Option<NumberRow> = rows.ok().and_then(|rows| rows.first().ok().flatten());
        let holds = row.is_some_and(|row| row.n == 0);
        oracle.check(invariant, holds, || format!("at {now}"))?;
    }
    Ok(())
}

impl World {
    /// The job begins a run, unless it is at work. Now and then somebody has pinned
    /// something before, or lets go of it.
    pub(super) fn thin(&mut self) {
        self.pin();
        if self.is_at_work(Background::Thinning) {
            return;
        }
        let (server, now) = (Rc::clone(&self.server), self.now);
        self.begin_run(Background::Thinning, async move {
            let db = Turns(&server.db);
            let kept = Retention {
                versions: Some(KEPT),
                trash_days: None,
            };
            thin::run(&db, now, &kept, &THINNED).await
        });
    }

    pub(super) fn check_of_thinning(&self) -> Check {
        let before = Past::of(&self.server);
        Box::new(move |world| {
            check_thinned(&mut world.oracle, &world.server, &before, world.now)?;
            database::check(&mut world.oracle, &world.server, world.hub.broken_packs)?;
            world.log(|| format!("thinned: {:?}", world.oracle.thinned.len()));
            Ok(())
        })
    }

    /// Somebody pins a version, or lets go of one that is pinned.
    fn pin(&mut self) {
        const MARKED: &str = "
SELECT v.item, v.version, v.pinned, v.marks FROM versions v
JOIN items i ON i.space = v.space AND i.id = v.item ORDER BY v.item, v.version";
        #[derive(Clone, Deserialize)]
        struct MarkedRow {
            item: ItemId,
            version: Version,
            pinned: u8,
            marks: u64,
        }
        if !self.rng.permille(600) {
            return;
        }
        let rows = ready(self.server.db.run(Statement::new(MARKED))).expect("rows");
        let rows: Vec<MarkedRow> = rows.all().expect("versions");
        let Some(row) = self.rng.pick(&rows).cloned() else {
            return;
        };
        let wanted = MarkVersion {
            version: row.version,
            base_marks: row.marks,
            name: String::new(),
            pinned: row.pinned == 0,
        };
        let who = self.devices[0].who.clone();
        // What is in the trash is refused.
        let _ = self.server.mark_version(&who, self.now, row.item, &wanted);
    }
}
