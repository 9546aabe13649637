//! Versions that came second: kept, and later decided on.

use super::commit::next_version;
use super::create::{NewItem, insert as insert_items};
use super::room::Charge;
use super::versioning::{
    after, answers, check_not_trashed, check_place, check_version, head, item, list, read_item,
    read_list, read_path,
};
use super::{Answer, Author, Change, Decision, Entry, Subject, content};
use crate::error::{Failure, bad_request};
use crate::ports::{Rows, Statement};
use crate::store::rows::{ConflictRow, ListRow};
use crate::store::sql::{conflicts, deletion, items};
use crate::within::Named;
use blocks::manifest::{BlockRef, Manifest};
use protocol::conflicts::{Choice, Conflict, NewConflict, Resolve, Resolved};
use protocol::content::Content;
use protocol::ids::{ConflictId, ItemId, OperationId, SpaceId, Version};
use protocol::items::Item;
use protocol::problem::Problem;
use protocol::seeded::{self, Bug};
use serde::Serialize;
use std::borrow::Cow;

/// A refused version that is to be kept.
#[derive(Serialize)]
pub struct Keep {
    pub item: ItemId,
    #[serde(flatten)]
    pub new: NewConflict<Content>,
}

/// Where the answers about a kept content begin.
const CONTENT: usize = 2;

impl Change for Keep {
    fn operation_id(&self) -> OperationId {
        self.new.operation_id
    }

    fn subject(&self) -> Subject {
        Subject::Conflict(self.new.id)
    }

    fn names(&self) -> Vec<Named<'_>> {
        vec![Named::Item(self.item), Named::Content(&self.new.content)]
    }

    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        Some(self.new.content.named())
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let mut reads = vec![
            read_item(space, self.item),
            read_conflict(space, self.new.id),
        ];
        reads.extend(content::reads(space, &self.new.content)?);
        Ok(reads)
    }

    fn spelled_out(&self, snapshot: &[Rows]) -> Result<Option<Self>, Failure> {
        let content = content::spelled_out(&self.new.content, after(snapshot, CONTENT))?;
        Ok(content.map(|content| Self {
            item: self.item,
            new: NewConflict {
                content: content.into(),
                ..self.new
            },
        }))
    }

    /// In this order: 404 unknown, 409 a folder, 400 the base is the head, so
    /// that nothing conflicts, 409 the id is in use, 400 a wrong length, 422
    /// blocks missing. A file in the trash takes conflicts: the bytes must be
    /// safe wherever the file went.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        let item = item(answers(snapshot, 0)?)?;
        if self.new.base_version >= head(&item)?.version {
            return Err(bad_request("base_version is not older than the head"));
        }
        if !answers(snapshot, 1)?.rows.is_empty() {
            return Err(Problem::IdTaken.into());
        }
        let content = content::whole(&self.new.content)?;
        content::check_stored(content, after(snapshot, CONTENT))?;
        let conflict = Conflict {
            id: self.new.id,
            item: item.id,
            base_version: self.new.base_version,
            size: content.size,
            modified_at_ms: content.modified_at_ms,
            committed: author.committed(),
            resolved: None,
            damaged: false,
        };
        Ok(Decision {
            statements: insert(author, &conflict, content)?,
            journal: vec![Entry::conflict(item.id, conflict.id)],
            charge: Charge {
                items: 0,
                versions: 1,
                rows: content.blocks.clone(),
            },
            answer: Answer::Conflict { conflict },
        })
    }
}

pub fn read_conflict(space: SpaceId, id: ConflictId) -> Statement {
    Statement::new(conflicts::CONFLICT).id(space).id(id)
}

fn insert(
    author: &Author,
    conflict: &Conflict,
    content: &Manifest,
) -> Result<Vec<Statement>, Failure> {
    let row = Statement::new(conflicts::INSERT)
        .id(author.space)
        .id(conflict.id)
        .id(conflict.item)
        .bind(conflict.base_version)
        .bind(content.size)
        .bind(u64::from(u8::from(content.size_class)))
        .bind(content.modified_at_ms)
        .bind(author.user_name.as_str())
        .id(author.device_id)
        .bind(author.device_name.as_str())
        .bind(author.now);
    let blocks = Statement::new(conflicts::INSERT_BLOCKS)
        .id(author.space)
        .id(conflict.id)
        .bind(serde_json::to_string(&content.blocks)?);
    // Its file may have been deleted for good since it was read.
    let guard = Statement::new(deletion::GUARD_IS_THERE)
        .id(author.space)
        .id(conflict.item);
    Ok(vec![guard, row, blocks])
}

/// Where the answers about a merged content begin.
const MERGED: usize = 5;

/// A person's choice between the two versions of a conflict.
#[derive(Serialize)]
pub struct Decide {
    pub conflict: ConflictId,
    /// The conflict's file, which never changes; read beforehand.
    pub item: ItemId,
    #[serde(flatten)]
    pub resolve: Resolve,
}

impl Change for Decide {
    fn operation_id(&self) -> OperationId {
        self.resolve.operation_id
    }

    fn subject(&self) -> Subject {
        Subject::Conflict(self.conflict)
    }

    /// A copy stands beside the file.
    fn names(&self) -> Vec<Named<'_>> {
        let content = match &self.resolve.choice {
            Choice::Merged { content } => Some(Named::Content(content)),
            Choice::KeepMine | Choice::KeepTheirs | Choice::KeepBoth { .. } => None,
        };
        let file = Named::ConflictOf(self.item);
        [file].into_iter().chain(content).collect()
    }

    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        match &self.resolve.choice {
            Choice::KeepTheirs => None,
            // Its blocks are the conflict's.
            Choice::KeepMine | Choice::KeepBoth { .. } => Some(Cow::default()),
            Choice::Merged { content } => Some(content.named()),
        }
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let mut reads = vec![
            read_conflict(space, self.conflict),
            read_item(space, self.item),
            read_path(space, self.item),
            read_list(space, self.item, self.resolve.seen_version),
            Statement::new(conflicts::LIST).id(space).id(self.conflict),
        ];
        if let Choice::KeepBoth { copy_id, copy_name } = &self.resolve.choice {
            let twin = Statement::new(items::LIVE_SIBLING)
                .id(space)
                .id(self.item)
                .bind(copy_name.key());
            reads.extend([read_item(space, *copy_id), twin]);
        }
        if let Choice::Merged { content } = &self.resolve.choice {
            reads.extend(content::reads(space, content)?);
        }
        Ok(reads)
    }

    fn spelled_out(&self, snapshot: &[Rows]) -> Result<Option<Self>, Failure> {
        let Choice::Merged { content } = &self.resolve.choice else {
            return Ok(None);
        };
        let content = content::spelled_out(content, after(snapshot, MERGED))?;
        Ok(content.map(|content| Self {
            conflict: self.conflict,
            item: self.item,
            resolve: Resolve {
                choice: Choice::Merged {
                    content: content.into(),
                },
                ..self.resolve
            },
        }))
    }

    /// In this order: 404 unknown, 409 resolved already, 409 not the head; then,
    /// unless theirs is kept, 409 in the trash; for a copy, 409 its id or its
    /// name is taken; for a merged content, 400 a wrong length, 422 blocks
    /// missing.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        let row = ConflictRow::first(answers(snapshot, 0)?).ok_or(Problem::NoSuchConflict)?;
        if row.resolved_at.is_some() {
            return Err(Problem::AlreadyResolved.into());
        }
        let item = item(answers(snapshot, 1)?)?;
        let is_merged = matches!(self.resolve.choice, Choice::Merged { .. });
        let is_unchecked =
            seeded::is(Bug::ChoiceWithoutHead) || (is_merged && seeded::is(Bug::MergedWithoutHead));
        if !is_unchecked {
            check_version(head(&item)?, self.resolve.seen_version)?;
        }
        if self.resolve.choice != Choice::KeepTheirs {
            check_not_trashed(answers(snapshot, 2)?)?;
        }
        let content = kept(&row, answers(snapshot, 4)?)?;

        let (mut statements, changed, charge) =
            self.of_choice(author, &item, &content, snapshot)?;
        statements.extend(self.resolved(author)?);
        let mut journal: Vec<Entry> = changed.map(Entry::item).into_iter().collect();
        journal.push(Entry::conflict(item.id, row.id));
        let mut conflict: Conflict = row.into();
        conflict.resolved = Some(Resolved {
            choice: self.resolve.choice.chosen(),
            at_ms: author.now,
            by: Some(author.committed()),
            seen_version: Some(self.resolve.seen_version),
        });
        Ok(Decision {
            statements,
            journal,
            answer: Answer::Conflict { conflict },
            charge,
        })
    }
}

impl Decide {
    /// What the choice does to the tree, the item that it changes, and what that adds.
    fn of_choice(
        &self,
        author: &Author,
        item: &Item,
        mine: &Manifest,
        snapshot: &[Rows],
    ) -> Result<(Vec<Statement>, Option<ItemId>, Charge), Failure> {
        match &self.resolve.choice {
            Choice::KeepMine => {
                let base = list(answers(snapshot, 3)?)?;
                let (statements, charge) = next_version(author, item, &base, mine)?;
                Ok((statements, Some(item.id), charge))
            }
            Choice::Merged { content } => {
                let content = content::whole(content)?;
                content::check_stored(content, after(snapshot, MERGED))?;
                let base = list(answers(snapshot, 3)?)?;
                let (statements, charge) = next_version(author, item, &base, content)?;
                Ok((statements, Some(item.id), charge))
            }
            Choice::KeepTheirs if seeded::is(Bug::ChoiceWithoutHead) => {
                Ok((Vec::new(), None, Charge::default()))
            }
            Choice::KeepTheirs => {
                let guard = guard_head(author, self.item, self.resolve.seen_version);
                Ok((vec![guard], None, Charge::default()))
            }
            Choice::KeepBoth { copy_id, copy_name } => {
                if !answers(snapshot, 5)?.rows.is_empty() {
                    return Err(Problem::IdTaken.into());
                }
                // The file's folder was looked at with the file's path.
                let sibling = answers(snapshot, 6)?;
                check_place(&Rows::default(), sibling, None, *copy_id, false)?;
                let guard = guard_head(author, self.item, self.resolve.seen_version);
                let mut statements = vec![guard, self.guard_folder(author, item)];
                let place = (item.parent, copy_name.clone());
                let copy = NewItem::at(author, *copy_id, place, Some(mine.clone()));
                let charge = copy.charge();
                statements.extend(insert_items(author, &[copy])?);
                Ok((statements, Some(*copy_id), charge))
            }
        }
    }

    /// Refuses the batch if the file was moved away from where its copy goes.
    fn guard_folder(&self, author: &Author, item: &Item) -> Statement {
        Statement::new(items::GUARD_PLACE_IS)
            .id(author.space)
            .id(self.item)
            .bind(item.place_version)
    }

    fn resolved(&self, author: &Author) -> Result<[Statement; 2], Failure> {
        let resolve = Statement::new(conflicts::RESOLVE)
            .id(author.space)
            .id(self.conflict)
            .bind(serde_json::to_string(&self.resolve.choice.chosen())?)
            .bind(author.now)
            .bind(author.user_name.as_str())
            .id(author.device_id)
            .bind(author.device_name.as_str())
            .bind(self.resolve.seen_version);
        Ok([resolve, Statement::new(conflicts::GUARD_RESOLVED)])
    }
}

/// Refuses the batch if another version came in between.
pub fn guard_head(author: &Author, item: ItemId, version: Version) -> Statement {
    Statement::new(items::GUARD_HEAD_IS)
        .id(author.space)
        .id(item)
        .bind(version)
}

/// The content of the side that came second; `list` are its blocks.
///
/// # Errors
/// The list is not what was asked for.
pub fn kept(row: &ConflictRow, list: &Rows) -> Result<Manifest, Failure> {
    let list: Option<ListRow> = list.first()?;
    let blocks: Vec<BlockRef> = list.map(|row| row.read()).transpose()?.unwrap_or_default();
    Ok(Manifest {
        // What the blocks come to, whatever the row says.
        size: blocks.iter().map(|block| u64::from(block.length)).sum(),
        size_class: row.size_class,
        modified_at_ms: row.modified_at,
        blocks,
    })
}
