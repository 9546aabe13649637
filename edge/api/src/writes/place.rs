//! Rename, move, trash and restore: changes of an item's place, each one row
//! whatever is below the item.

use super::room::Charge;
use super::versioning::{
    answers, check_not_trashed, check_place, guard_place, item, read_item, read_path, read_place,
};
use super::{Answer, Author, Change, Decision, Entry};
use crate::error::{Failure, bad_request};
use crate::ports::{Rows, Statement};
use crate::store::rows::PathRow;
use crate::store::sql::{self, items};
use serde::Serialize;
use shared::ids::{ItemId, OperationId, PlaceVersion, SpaceId};
use shared::protocol::items::{ChangePlace, ChangeTrashed, Item};
use shared::protocol::problem::Problem;
use shared::seeded::{self, Bug};

/// A rename, a move, or both.
#[derive(Serialize)]
pub struct Move {
    pub item: ItemId,
    #[serde(flatten)]
    pub to: ChangePlace,
}

impl Change for Move {
    fn operation_id(&self) -> OperationId {
        self.to.operation_id
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let [path, child] = read_place(space, self.to.parent, &self.to.name);
        let here = read_path(space, self.item);
        Ok(vec![read_item(space, self.item), here, path, child])
    }

    /// In this order: 404 unknown, 409 another place version, 409 in the trash,
    /// 404 no such parent, 409 the parent can't take it, 409 the name is taken.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        let item = item(answers(snapshot, 0)?)?;
        check_place_version(&item, self.to.base_place_version)?;
        check_not_trashed(answers(snapshot, 1)?)?;
        let (path, child) = (answers(snapshot, 2)?, answers(snapshot, 3)?);
        check_place(path, child, self.to.parent, item.id, item.is_folder())?;
        let guard = guard_place(author.space, self.to.parent, item.id, item.is_folder());
        let placed = Item {
            parent: self.to.parent,
            name: self.to.name.clone(),
            ..item
        };
        Ok(replace(author, placed, guard))
    }
}

/// Into the trash: the item and, without touching it, all that is below.
#[derive(Serialize)]
pub struct Trash {
    pub trash: ItemId,
    #[serde(flatten)]
    pub change: ChangeTrashed,
}

impl Change for Trash {
    fn operation_id(&self) -> OperationId {
        self.change.operation_id
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        Ok(vec![read_item(space, self.trash)])
    }

    /// In this order: 404 unknown, 409 another place version, 409 in the trash
    /// already.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        let item = item(answers(snapshot, 0)?)?;
        check_place_version(&item, self.change.base_place_version)?;
        if item.trashed_at_ms.is_some() {
            return Err(Problem::InTrash.into());
        }
        let trashed_at_ms = Some(author.now);
        let trashed = Item {
            trashed_at_ms,
            ..item
        };
        let mut decision = replace(author, trashed, None);
        if seeded::is(Bug::TrashNotInJournal) {
            decision.journal.clear();
        }
        Ok(decision)
    }
}

/// Out of the trash, to where it was. Where that folder is itself in the trash,
/// the item comes back at the top of the space: whoever wants one file back
/// need not restore everything around it.
#[derive(Serialize)]
pub struct Restore {
    pub restore: ItemId,
    #[serde(flatten)]
    pub change: ChangeTrashed,
}

/// Who has this item's name in its own folder, or at the top?
const TWINS: [&str; 2] = [items::LIVE_TWIN, items::LIVE_TWIN_AT_ROOT];

impl Change for Restore {
    fn operation_id(&self) -> OperationId {
        self.change.operation_id
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let mut reads = vec![
            read_item(space, self.restore),
            read_path(space, self.restore),
        ];
        reads.extend(TWINS.map(|sql| Statement::new(sql).id(space).id(self.restore)));
        Ok(reads)
    }

    /// In this order: 404 unknown, 409 another place version, 400 not in the
    /// trash, 409 the name is taken.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        let item = item(answers(snapshot, 0)?)?;
        check_place_version(&item, self.change.base_place_version)?;
        if item.trashed_at_ms.is_none() {
            return Err(bad_request("it is not in the trash"));
        }
        let path: Vec<PathRow> = answers(snapshot, 1)?.all()?;
        let folder_is_gone = path.iter().skip(1).any(PathRow::is_trashed);
        let (parent, twin) = if folder_is_gone {
            (None, answers(snapshot, 3)?)
        } else {
            (item.parent, answers(snapshot, 2)?)
        };
        // The way up was looked at above; only the name is left to check.
        check_place(&Rows::default(), twin, None, item.id, item.is_folder())?;
        let guard = guard_place(author.space, parent, item.id, item.is_folder());
        let restored = Item {
            parent,
            trashed_at_ms: None,
            ..item
        };
        Ok(replace(author, restored, guard))
    }
}

fn check_place_version(item: &Item, base: PlaceVersion) -> Result<(), Failure> {
    if item.place_version == base {
        return Ok(());
    }
    Err(Problem::PlaceConflict {
        current_place_version: item.place_version,
    }
    .into())
}

/// Writes a place over the one that the item still had when it was read.
pub fn replace(author: &Author, placed: Item, guard: Option<Statement>) -> Decision {
    let mut statements: Vec<Statement> = guard.into_iter().collect();
    let update = if seeded::is(Bug::PlacePredicateDropped) {
        sql::seeded::UPDATE_PLACE
    } else {
        items::UPDATE_PLACE
    };
    statements.push(
        Statement::new(update)
            .id(author.space)
            .id(placed.id)
            .bind(placed.place_version)
            .bind(placed.parent.map(|id| id.to_string()))
            .bind(placed.name.as_str())
            .bind(placed.name.key())
            .bind(placed.trashed_at_ms),
    );
    statements.push(Statement::new(items::GUARD_PLACE));
    let item = Item {
        place_version: placed.place_version.saturating_add(1),
        ..placed
    };
    Decision {
        statements,
        journal: vec![Entry::item(item.id)],
        answer: Answer::Item { item },
        charge: Charge::default(),
    }
}
