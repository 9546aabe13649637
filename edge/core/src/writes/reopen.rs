//! A resolution that is taken back: the conflict is open again, for as long as
//! its versions are kept, and nobody's later work is touched.
//!
//! A choice that made a version is undone by one more version, never by taking
//! one away: other devices may hold it, and what was acknowledged stays. Where
//! somebody has written since, undoing would put old content over theirs, so the
//! file stays as it is; the person sees both sides again and decides against
//! what is there now. A copy that somebody has touched is somebody's file.

use super::commit::next_version;
use super::conflict::{guard_head, read_conflict};
use super::place::replace;
use super::room::Charge;
use super::versioning::{
    answers, check_not_trashed, check_version, head, item, list, read_item, read_list, read_path,
};
use super::{Answer, Author, Change, Decision, Entry, Subject};
use crate::error::Failure;
use crate::ports::{DbError, Rows, Statement};
use crate::store::rows::{self, ConflictRow, ListRow};
use crate::store::sql::conflicts;
use crate::store::stand_ins;
use crate::within::Named;
use blocks::manifest::{BlockRef, Manifest};
use protocol::conflicts::{Chosen, Conflict, Reopen, Resolved};
use protocol::ids::{ConflictId, ItemId, OperationId, SpaceId};
use protocol::items::Item;
use protocol::notifications::EventType;
use protocol::problem::Problem;
use protocol::seeded::{self, Bug};
use serde::Serialize;
use std::borrow::Cow;

/// `Reopen` of one conflict.
#[derive(Serialize)]
pub struct ReopenConflict {
    pub reopen: ConflictId,
    /// The conflict's file, which never changes; read beforehand.
    pub item: ItemId,
    #[serde(flatten)]
    pub request: Reopen,
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

    /// The blocks from before the choice are in a version's list.
    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        Some(Cow::default())
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let about = |sql| Statement::new(sql).id(space).id(self.reopen);
        Ok(vec![
            read_conflict(space, self.reopen),
            read_item(space, self.item),
            read_path(space, self.item),
            read_list(space, self.item, self.request.seen_version),
            about(conflicts::VERSION_BEFORE),
            about(conflicts::LIST_BEFORE),
            about(conflicts::COPY),
        ])
    }

    /// In this order: 404 unknown, 409 not resolved, 409 not the head; then, if
    /// a version is to be made, 409 in the trash.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        let row = ConflictRow::first(answers(snapshot, 0)?).ok_or(Problem::NoSuchConflict)?;
        let resolved = row.resolved().ok_or(Problem::NotResolved)?;
        let item = item(answers(snapshot, 1)?)?;
        check_version(head(&item)?, self.request.seen_version)?;

        let (mut statements, changed, charge) = self.undo(author, &item, &resolved, snapshot)?;
        statements.extend(self.opened(author, &row));
        let mut journal: Vec<Entry> = changed.into_iter().collect();
        journal.push(Entry::conflict(item.id, row.id));
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
    /// Takes back what the choice did to the tree, tells of the item that this
    /// changes, and what it adds.
    fn undo(
        &self,
        author: &Author,
        item: &Item,
        resolved: &Resolved,
        snapshot: &[Rows],
    ) -> Result<(Vec<Statement>, Option<Entry>, Charge), Failure> {
        let made = resolved.seen_version.and_then(|seen| seen.checked_add(1));
        let is_head = made == Some(head(item)?.version);
        if resolved.choice.made_a_version() && is_head {
            check_not_trashed(answers(snapshot, 2)?)?;
            let base = list(answers(snapshot, 3)?)?;
            let before = before(snapshot)?;
            let (statements, charge) = next_version(author, item, &base, &before)?;
            return Ok((statements, Some(Entry::item(item.id)), charge));
        }
        let guard = guard_head(author, item.id, self.request.seen_version);
        let mut statements = vec![guard];
        let copy = answers(snapshot, 6)?.rows.first().and_then(rows::item);
        let copy = copy.filter(is_as_it_was_made);
        let Some(copy) = copy.filter(|_| matches!(resolved.choice, Chosen::KeepBoth { .. })) else {
            return Ok((statements, None, Charge::default()));
        };
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

    /// Opens the conflict, unless its resolution is not the one that was read.
    fn opened(&self, author: &Author, row: &ConflictRow) -> Vec<Statement> {
        let about = |sql| Statement::new(sql).id(author.space).id(self.reopen);
        let open = about(conflicts::REOPEN)
            .bind(row.choice.clone())
            .bind(row.resolved_at)
            .bind(row.seen_version);
        let mut statements = vec![open, Statement::new(conflicts::GUARD_RESOLVED)];
        if seeded::is(Bug::ReopenedWithoutBytes) {
            statements.push(about(crate::store::sql::seeded::FORGET_CONFLICT_BLOCKS));
        }
        statements
    }
}

fn is_as_it_was_made(copy: &Item) -> bool {
    copy.version() == 1 && copy.place_version == 1 && copy.trashed_at_ms.is_none()
}

/// What the file held before the choice.
fn before(snapshot: &[Rows]) -> Result<Manifest, Failure> {
    let row = answers(snapshot, 4)?.rows.first();
    let missing = || DbError::Fault("a conflict was resolved on no version".into());
    let row = row.ok_or_else(missing)?;
    let list: Option<ListRow> = answers(snapshot, 5)?.first()?;
    let blocks = list.map(|row| row.read()).transpose()?.unwrap_or_default();
    Ok(stand_ins::content(row, blocks))
}
