//! Somebody who goes back to what was there at a moment, and the moments, as looks at the
//! tables have them.

use crate::model::legs::{Answered, Device, Legs};
use crate::model::packs::MemoryPacks;
use crate::model::ready::ready;
use crate::model::server::Server;
use crate::model::sqlite::Sqlite;
use crate::model::turns::Turns;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use client::Failure;
use client::past::{self, Watch};
use driftless_core::error::Failure as Refusal;
use driftless_core::ports::{Database, Statement};
use driftless_core::reads::past::WantedPast;
use protocol::ids::{ItemId, OperationId, Seq, UnixMillis, Version};
use protocol::items::{ItemChange, ItemChanged};
use protocol::past::{Past, PastItem, Revert};
use protocol::problem::Problem;
use serde::Deserialize;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How often a request is sent again whose answer is lost.
const MOST_TRIES: usize = 8;

/// Where an item stood, whether it was in the trash by itself, and its newest version.
pub type Was = (Option<ItemId>, String, bool, Option<Version>);

/// A moment, and what was there.
#[derive(Clone, Debug)]
pub struct Moment {
    pub at: UnixMillis,
    pub seq: Seq,
    pub items: BTreeMap<ItemId, Was>,
    /// Requests were under way at it that the journal does not tell of any more.
    pub is_ambiguous: bool,
}

/// The rows of versions, by whose content they are.
pub type Versions = BTreeMap<(ItemId, Version), u64>;

/// Who goes back, and what they have sent so far.
pub struct Returner {
    pub server: Rc<Server>,
    pub who: Device,
    pub now: Rc<Cell<UnixMillis>>,
    pub of: Option<ItemId>,
    pub at: UnixMillis,
    pub told: RefCell<Vec<PastItem>>,
    pub sent: RefCell<Vec<Revert>>,
    /// Whether all that was sent is sent once more.
    pub repeats: Cell<bool>,
    /// After so many requests they want no more.
    pub patience: Cell<u64>,
    pub seed: [u8; 16],
    pub operations: Cell<u64>,
}

impl Returner {
    /// Asks until there is an answer.
    async fn patiently<T>(
        &self,
        ask: impl AsyncFn(&Legs<'_, Turns<'_, Sqlite>, Turns<'_, MemoryPacks>>) -> Answered<T>,
    ) -> Result<T, Failure> {
        for _ in 0..MOST_TRIES {
            let (db, packs) = (Turns(&self.server.db), Turns(&self.server.packs));
            let legs = Legs {
                db: &db,
                packs: &packs,
            };
            match ask(&legs).await {
                Ok(told) => return Ok(told),
                Err(Refusal::Problem(problem)) => return Err(Failure::Refused(problem)),
                Err(_) => {}
            }
        }
        Err(Failure::Unreachable)
    }

    fn ends(&self, ends: Vec<Answered<ItemChanged>>) -> Vec<Result<ItemChanged, Problem>> {
        let problem = |failure| match failure {
            Refusal::Problem(problem) => problem,
            _ => Problem::Unavailable,
        };
        ends.into_iter().map(|end| end.map_err(problem)).collect()
    }
}

impl past::Server for Returner {
    async fn past(&self, after: Option<Seq>) -> Result<Past, Failure> {
        let wanted = WantedPast {
            of: self.of,
            at: self.at,
            after,
            limit: Some(7),
        };
        let now = self.now.get();
        self.patiently(async |legs| legs.past(&self.who, now, &wanted).await)
            .await
    }

    async fn change_items(
        &self,
        changes: &[ItemChange],
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        let ends = self
            .patiently(async |legs| {
                let now = self.now.get();
                legs.change_items(&self.who, now, changes.to_vec()).await
            })
            .await?;
        Ok(self.ends(ends))
    }

    async fn revert(&self, files: &[Revert]) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        self.sent.borrow_mut().extend(files);
        let ends = self
            .patiently(async |legs| {
                let now = self.now.get();
                legs.revert(&self.who, now, files.to_vec()).await
            })
            .await?;
        Ok(self.ends(ends))
    }

    fn operation(&self) -> OperationId {
        let next = self.operations.get() + 1;
        self.operations.set(next);
        let mut bytes = self.seed;
        for (byte, more) in bytes.iter_mut().zip(next.to_le_bytes()) {
            *byte ^= more;
        }
        OperationId::from_random(bytes)
    }
}

impl Watch for Returner {
    fn is_stopped(&self) -> bool {
        let left = self.patience.get();
        self.patience.set(left.saturating_sub(1));
        left == 0
    }

    fn went_on(&self, _: usize) {}
}

/// Somebody who is at it, or was.
pub struct Returning {
    pub returner: Rc<Returner>,
    pub moment: Moment,
    /// Whether what was told was compared.
    pub is_checked: bool,
}

pub fn items(server: &Server) -> BTreeMap<ItemId, Was> {
    const ITEMS: &str =
        "SELECT id, parent, name, trashed_at IS NOT NULL AS trashed, version FROM items";
    #[derive(Deserialize)]
    struct ItemRow {
        id: ItemId,
        parent: Option<ItemId>,
        name: String,
        trashed: u8,
        version: Option<Version>,
    }
    let rows = ready(server.db.run(Statement::new(ITEMS))).expect("rows");
    let rows: Vec<ItemRow> = rows.all().expect("items");
    let items = rows.into_iter().map(|row| {
        let was = (row.parent, row.name, row.trashed != 0, row.version);
        (row.id, was)
    });
    items.collect()
}

pub fn versions(server: &Server) -> Versions {
    const VERSIONS: &str = "SELECT v.item, v.version, v.modified_at AS draft FROM versions v
      JOIN items i ON i.space = v.space AND i.id = v.item";
    #[derive(Deserialize)]
    struct VersionRow {
        item: ItemId,
        version: Version,
        draft: u64,
    }
    let rows = ready(server.db.run(Statement::new(VERSIONS))).expect("rows");
    let rows: Vec<VersionRow> = rows.all().expect("versions");
    let versions = rows.into_iter();
    versions
        .map(|row| ((row.item, row.version), row.draft))
        .collect()
}

pub fn list_of(server: &Server, item: ItemId, version: Version) -> Vec<BlockRef> {
    const LIST: &str = "SELECT lower(hex(hash)) AS hash, length FROM file_blocks
      WHERE item = ?1 AND since_version <= ?2 AND (until_version IS NULL OR until_version > ?2)
      ORDER BY ord";
    #[derive(Deserialize)]
    struct BlockRow {
        hash: BlockHash,
        length: u32,
    }
    let list = Statement::new(LIST).id(item).bind(version);
    let rows = ready(server.db.run(list)).expect("rows");
    let rows: Vec<BlockRow> = rows.all().expect("a list");
    let blocks = rows.into_iter().map(|row| BlockRef {
        hash: row.hash,
        length: row.length,
    });
    blocks.collect()
}
