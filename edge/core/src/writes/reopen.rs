//! Reopening: a resolution is taken back. The conflict is open again, and nobody's
//! later work is touched.
//!
//! A choice that made a version is undone by one more version. No version is taken
//! away: other devices may hold it, and what was acknowledged stays. If somebody has
//! written since, undoing would put old content over theirs, so the file stays as it
//! is; the person sees both sides again and decides with what is there now. A copy that
//! the choice made goes to the trash, unless somebody has changed it since.

use super::commit::next_version;
use super::conflict::{guard_head, updated};
use super::place::replace;
use super::{Answer, Author, Change, Decision, JournalEntry, Subject};
use crate::access::reach::Named;
use crate::error::Failure;
use crate::ports::{DbError, Statement};
use crate::query::{Queries, Query, Told};
use crate::room::Charge;
use crate::rules::{check_version, check_way, head, there};
use crate::store::rows::{self, ConflictRow, PathRow};
use crate::store::{conflicts, items, sql, stand_ins, versions};
use blocks::manifest::{BlockRef, Manifest};
use blocks::splice::PlacedBlock;
use protocol::activity::ConflictStep;
use protocol::conflicts::{Chosen, Conflict, Reopen, Resolved};
use protocol::ids::{ConflictId, ItemId, OperationId, SpaceId};
use protocol::items::Item;
use protocol::notifications::EventType;
use protocol::problem::Problem;
use serde::Serialize;
use std::borrow::Cow;

/// `Reopen` of one conflict.
#[derive(Serialize)]
pub struct ReopenConflict {
    /// The conflict.
    pub reopen: ConflictId,
    /// The conflict's file, which never changes; read beforehand.
    pub item: ItemId,
    /// The request.
    #[serde(flatten)]
    pub request: Reopen,
}

/// What is looked at before a resolution is taken back.
pub struct ReopenLooked {
    conflict: Told<Option<ConflictRow>>,
    item: Told<Option<Item>>,
    undo: UndoLooked,
}

/// What undoing a choice looks at.
struct UndoLooked {
    way: Told<Vec<PathRow>>,
    /// The list of the head that the person saw.
    base: Told<Vec<PlacedBlock>>,
    /// What the file held before the choice.
    before: Told<Manifest>,
    /// The file that the choice may have made beside it.
    copy: Told<Option<Item>>,
}

impl Change for ReopenConflict {
    fn operation_id(&self) -> OperationId {
        self.request.operation_id
    }

    fn subject(&self) -> Subject {
        Subject::Conflict(self.reopen)
    }

    fn names(&self) -> Vec<Named<'_>> {
        vec![Named::ConflictOf(self.item)]
    }

    /// Nothing is new: the blocks from before the choice are in a version's list.
    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        Some(Cow::default())
    }

    type Looked = ReopenLooked;

    fn looks(&self, space: SpaceId) -> Result<impl Queries<Told = ReopenLooked>, Failure> {
        let looks = (
            conflicts::conflict(space, self.reopen),
            items::item(space, self.item),
            items::way(space, Some(self.item)),
            versions::list(space, self.item, self.request.seen_version),
            before(space, self.reopen),
            copy(space, self.reopen),
        );
        Ok(
            looks.map(|(conflict, item, way, base, before, copy)| ReopenLooked {
                conflict,
                item,
                undo: UndoLooked {
                    way,
                    base,
                    before,
                    copy,
                },
            }),
        )
    }

    /// In this order: 404 unknown, 409 not resolved, 409 not the head; then, if
    /// a version is to be made, 409 in the trash.
    fn decide(&self, author: &Author, looked: ReopenLooked) -> Result<Decision, Failure> {
        let row = looked.conflict?.ok_or(Problem::NoSuchConflict)?;
        let resolved = row.resolved().ok_or(Problem::NotResolved)?;
        let item = there(looked.item?)?;
        check_version(head(&item)?, self.request.seen_version)?;

        let (mut statements, changed, charge) = self.undo(author, &item, &resolved, looked.undo)?;
        statements.extend(self.opened(author, &row));
        let mut journal: Vec<JournalEntry> = changed.into_iter().collect();
        journal.push(JournalEntry::conflict(
            &item,
            row.id,
            ConflictStep::Reopened,
        ));
        let conflict = Conflict {
            resolved: None,
            ..row.into()
        };
        Ok(Decision {
            statements,
            journal,
            answer: Answer::Conflict { conflict },
            charge,
        })
    }
}

impl ReopenConflict {
    /// Takes back what the choice did to the tree: the statements, the journal entry of
    /// the item that changes, if one does, and what they add.
    fn undo(
        &self,
        author: &Author,
        item: &Item,
        resolved: &Resolved,
        looked: UndoLooked,
    ) -> Result<(Vec<Statement>, Option<JournalEntry>, Charge), Failure> {
        let made = resolved.seen_version.and_then(|seen| seen.checked_add(1));
        let is_head = made == Some(head(item)?.version);
        if resolved.choice.made_a_version() && is_head {
            check_way(&looked.way?)?;
            let (base, before) = (looked.base?, looked.before?);
            let (statements, charge) = next_version(author, item, &base, &before)?;
            return Ok((statements, Some(updated(author, item, &before)?), charge));
        }
        let guard = guard_head(author, item.id, self.request.seen_version);
        let mut statements = vec![guard];
        let copy = looked.copy?.filter(is_as_it_was_made);
        let Some(copy) = copy.filter(|_| matches!(resolved.choice, Chosen::KeepBoth { .. })) else {
            return Ok((statements, None, Charge::default()));
        };
        author.reach.check_beside(item.id)?;
        let id = copy.id;
        statements.push(guard_head(author, id, 1));
        let trashed_at_ms = Some(author.now);
        let trashed = replace(
            author,
            Item {
                trashed_at_ms,
                ..copy
            },
            EventType::FileDelete,
        )?;
        statements.extend(trashed.statements);
        let entry = trashed.journal.into_iter().next();
        Ok((statements, entry, Charge::default()))
    }

    /// The statements that open the conflict, if its resolution is still the one that
    /// was read.
    fn opened(&self, author: &Author, row: &ConflictRow) -> Vec<Statement> {
        let about = |sql| Statement::new(sql).id(author.space).id(self.reopen);
        let open = about(sql::conflicts::REOPEN)
            .bind(row.choice.clone())
            .bind(row.resolved_at)
            .bind(row.seen_version);
        vec![open, Statement::new(sql::conflicts::GUARD_RESOLVED)]
    }
}

fn is_as_it_was_made(copy: &Item) -> bool {
    copy.version() == 1 && copy.place_version == 1 && copy.trashed_at_ms.is_none()
}

/// What the file held before the choice.
fn before(space: SpaceId, id: ConflictId) -> impl Queries<Told = Told<Manifest>> {
    let about = |sql| Statement::new(sql).id(space).id(id);
    let version = about(sql::conflicts::VERSION_BEFORE);
    let looks = (
        version.read_by(|rows| Ok(rows.rows.first().cloned())),
        about(sql::conflicts::LIST_BEFORE).list().or_default(),
    );
    looks.map(|(version, blocks)| {
        let missing = || DbError::Fault("a conflict was resolved on no version".into());
        let version = version?.ok_or_else(missing)?;
        Ok(stand_ins::content(&version, blocks?))
    })
}

fn copy(space: SpaceId, id: ConflictId) -> Query<Option<Item>> {
    let copy = Statement::new(sql::conflicts::COPY).id(space).id(id);
    copy.read_by(|rows| Ok(rows.rows.first().and_then(rows::item)))
}
