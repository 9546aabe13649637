//! Conflicts: a version that came second is kept, and a person decides on it later.

use super::commit::{next_version, with_next_version};
use super::content::ContentLooked;
use super::create::{NewItem, insert as insert_items};
use super::{Answer, Author, Change, Decision, JournalEntry, Subject, content};
use crate::access::reach::Named;
use crate::error::{Failure, bad_request};
use crate::ports::Statement;
use crate::query::{Queries, Told};
use crate::room::Charge;
use crate::rules::{check_free, check_version, check_way, head, there};
use crate::store::rows::{ConflictRow, PathRow};
use crate::store::sql::{self, deletion};
use crate::store::{conflicts, items, versions};
use blocks::manifest::{BlockRef, Manifest};
use blocks::splice::PlacedBlock;
use protocol::activity::ConflictStep;
use protocol::conflicts::{Choice, Conflict, NewConflict, Resolve, Resolved};
use protocol::content::Content;
use protocol::ids::{ConflictId, ItemId, OperationId, SpaceId, Version};
use protocol::items::Item;
use protocol::notifications::EventType;
use protocol::problem::Problem;
use serde::Serialize;
use std::borrow::Cow;

/// A refused version that is to be kept.
#[derive(Serialize)]
pub struct Keep {
    /// The file.
    pub item: ItemId,
    /// The request.
    #[serde(flatten)]
    pub new: NewConflict<Content>,
}

/// What is looked at before a refused version is kept.
pub struct KeepLooked {
    item: Told<Option<Item>>,
    id_in_use: Told<bool>,
    content: ContentLooked,
}

impl Change for Keep {
    fn operation_id(&self) -> OperationId {
        self.new.operation_id
    }

    fn subject(&self) -> Subject {
        Subject::Conflict(self.new.id)
    }

    fn names(&self) -> Vec<Named<'_>> {
        let content = Named::Content(self.item, &self.new.content);
        vec![Named::File(self.item), content]
    }

    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        Some(self.new.content.named())
    }

    type Looked = KeepLooked;

    fn looks(&self, space: SpaceId) -> Result<impl Queries<Told = KeepLooked>, Failure> {
        let looks = (
            items::item(space, self.item),
            conflicts::is_there(space, self.new.id),
            content::looks(space, &self.new.content)?,
        );
        Ok(looks.map(|(item, id_in_use, content)| KeepLooked {
            item,
            id_in_use,
            content,
        }))
    }

    fn spelled_out(&self, looked: &KeepLooked) -> Result<Option<Self>, Failure> {
        let content = content::spelled_out(&self.new.content, &looked.content)?;
        Ok(content.map(|content| Self {
            item: self.item,
            new: NewConflict {
                content: content.into(),
                ..self.new
            },
        }))
    }

    /// In this order: 404 unknown, 409 a folder, 400 the base is not older than the
    /// head, so that nothing conflicts, 409 the id is in use, 400 a wrong length, 422
    /// blocks missing. A file in the trash takes conflicts, too: the bytes must be safe
    /// wherever the file went.
    fn decide(&self, author: &Author, looked: KeepLooked) -> Result<Decision, Failure> {
        let item = there(looked.item?)?;
        if self.new.base_version >= head(&item)?.version {
            return Err(bad_request("base_version is not older than the head"));
        }
        if looked.id_in_use? {
            return Err(Problem::IdTaken.into());
        }
        let content = content::whole(&self.new.content)?;
        content::check_stored(content, looked.content)?;
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
            journal: vec![JournalEntry::conflict(
                &item,
                conflict.id,
                ConflictStep::Kept,
            )],
            charge: Charge {
                items: 0,
                versions: 1,
                rows: content.blocks.clone(),
            },
            answer: Answer::Conflict { conflict },
        })
    }
}

fn insert(
    author: &Author,
    conflict: &Conflict,
    content: &Manifest,
) -> Result<Vec<Statement>, Failure> {
    let by = author.committed();
    let row = Statement::new(sql::conflicts::INSERT)
        .id(author.space)
        .id(conflict.id)
        .id(conflict.item)
        .bind(conflict.base_version)
        .bind(content.size)
        .bind(u64::from(u8::from(content.size_class)))
        .bind(content.modified_at_ms)
        .bind(by.user_name)
        .id(by.device_id)
        .bind(by.device_name)
        .bind(author.now);
    let blocks = Statement::new(sql::conflicts::INSERT_BLOCKS)
        .id(author.space)
        .id(conflict.id)
        .bind(serde_json::to_string(&content.blocks)?);
    // The file may have been deleted for good since it was read.
    let guard = Statement::new(deletion::GUARD_IS_THERE)
        .id(author.space)
        .id(conflict.item);
    Ok(vec![guard, row, blocks])
}

/// What a choice between two versions looks at.
pub struct DecideLooked {
    conflict: Told<Option<ConflictRow>>,
    item: Told<Option<Item>>,
    way: Told<Vec<PathRow>>,
    /// The blocks of the side that came second.
    mine: Told<Vec<BlockRef>>,
    choice: ChoiceLooked,
}

/// What some of the choices look at.
struct ChoiceLooked {
    /// The list of the head that the person saw.
    base: Told<Vec<PlacedBlock>>,
    /// For a copy: whether its id is in use, and which item has its name.
    copy: Option<(Told<bool>, Told<Option<ItemId>>)>,
    merged: Option<ContentLooked>,
}

/// A person's choice between the two versions of a conflict.
#[derive(Serialize)]
pub struct Decide {
    /// The conflict.
    pub conflict: ConflictId,
    /// The conflict's file, which never changes; read beforehand.
    pub item: ItemId,
    /// The request.
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

    /// A copy names no place: it stands beside the file.
    fn names(&self) -> Vec<Named<'_>> {
        let more = match &self.resolve.choice {
            Choice::Merged { content } => Some(Named::Content(self.item, content)),
            Choice::KeepBoth { .. } => Some(Named::Beside(self.item)),
            Choice::KeepMine | Choice::KeepTheirs => None,
        };
        let file = Named::ConflictOf(self.item);
        [file].into_iter().chain(more).collect()
    }

    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        match &self.resolve.choice {
            Choice::KeepTheirs => None,
            // The blocks are those of the conflict, which are in its list.
            Choice::KeepMine | Choice::KeepBoth { .. } => Some(Cow::default()),
            Choice::Merged { content } => Some(content.named()),
        }
    }

    type Looked = DecideLooked;

    fn looks(&self, space: SpaceId) -> Result<impl Queries<Told = DecideLooked>, Failure> {
        let (copy, merged) = match &self.resolve.choice {
            Choice::KeepBoth { copy_id, copy_name } => {
                let in_use = items::is_there(space, *copy_id);
                let rival = items::live_sibling(space, self.item, copy_name);
                (Some((in_use, rival)), None)
            }
            Choice::Merged { content } => (None, Some(content::looks(space, content)?)),
            Choice::KeepMine | Choice::KeepTheirs => (None, None),
        };
        let looks = (
            conflicts::conflict(space, self.conflict),
            items::item(space, self.item),
            items::way(space, Some(self.item)),
            versions::list(space, self.item, self.resolve.seen_version),
            conflicts::blocks(space, self.conflict),
            copy,
            merged,
        );
        Ok(looks.map(
            |(conflict, item, way, base, mine, copy, merged)| DecideLooked {
                conflict,
                item,
                way,
                mine,
                choice: ChoiceLooked { base, copy, merged },
            },
        ))
    }

    fn spelled_out(&self, looked: &DecideLooked) -> Result<Option<Self>, Failure> {
        let (Choice::Merged { content }, Some(looked)) =
            (&self.resolve.choice, &looked.choice.merged)
        else {
            return Ok(None);
        };
        let content = content::spelled_out(content, looked)?;
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
    fn decide(&self, author: &Author, looked: DecideLooked) -> Result<Decision, Failure> {
        let row = looked.conflict?.ok_or(Problem::NoSuchConflict)?;
        if row.resolved_at.is_some() {
            return Err(Problem::AlreadyResolved.into());
        }
        let item = there(looked.item?)?;
        check_version(head(&item)?, self.resolve.seen_version)?;
        if self.resolve.choice != Choice::KeepTheirs {
            check_way(&looked.way?)?;
        }
        let mine = row.content(looked.mine?);

        let (mut statements, changed, charge) =
            self.of_choice(author, &item, mine, looked.choice)?;
        statements.extend(self.resolved(author)?);
        let mut journal: Vec<JournalEntry> = changed.into_iter().collect();
        journal.push(JournalEntry::conflict(
            &item,
            row.id,
            ConflictStep::Resolved,
        ));
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
    /// What the choice does to the tree: the statements, the journal entry, and what
    /// they add.
    fn of_choice(
        &self,
        author: &Author,
        item: &Item,
        mine: Manifest,
        looked: ChoiceLooked,
    ) -> Result<(Vec<Statement>, Option<JournalEntry>, Charge), Failure> {
        match &self.resolve.choice {
            Choice::KeepMine => {
                let (statements, charge) = next_version(author, item, &looked.base?, &mine)?;
                Ok((statements, Some(updated(author, item, &mine)?), charge))
            }
            Choice::Merged { content } => {
                let content = content::whole(content)?;
                if let Some(looked) = looked.merged {
                    content::check_stored(content, looked)?;
                }
                let (statements, charge) = next_version(author, item, &looked.base?, content)?;
                Ok((statements, Some(updated(author, item, content)?), charge))
            }
            Choice::KeepTheirs => {
                let guard = guard_head(author, self.item, self.resolve.seen_version);
                Ok((vec![guard], None, Charge::default()))
            }
            Choice::KeepBoth { copy_id, copy_name } => {
                if let Some((id_in_use, rival)) = looked.copy {
                    if id_in_use? {
                        return Err(Problem::IdTaken.into());
                    }
                    // The file's folder was looked at with the file's way up.
                    check_free(rival?)?;
                }
                let guard = guard_head(author, self.item, self.resolve.seen_version);
                let mut statements = vec![guard, self.guard_folder(author, item)];
                let place = (item.parent, copy_name.clone());
                let copy = NewItem::at(author, *copy_id, place, Some(mine));
                let charge = copy.charge();
                let made = JournalEntry::new(EventType::FileCreate, &copy.item);
                statements.extend(insert_items(author, &[copy])?);
                Ok((statements, Some(made), charge))
            }
        }
    }

    /// The guard that refuses the batch if the file was moved since, because its copy
    /// goes beside it.
    fn guard_folder(&self, author: &Author, item: &Item) -> Statement {
        Statement::new(sql::items::GUARD_PLACE_IS)
            .id(author.space)
            .id(self.item)
            .bind(item.place_version)
    }

    fn resolved(&self, author: &Author) -> Result<[Statement; 2], Failure> {
        let by = author.committed();
        let resolve = Statement::new(sql::conflicts::RESOLVE)
            .id(author.space)
            .id(self.conflict)
            .bind(serde_json::to_string(&self.resolve.choice.chosen())?)
            .bind(author.now)
            .bind(by.user_name)
            .id(by.device_id)
            .bind(by.device_name)
            .bind(self.resolve.seen_version);
        Ok([resolve, Statement::new(sql::conflicts::GUARD_RESOLVED)])
    }
}

/// The journal entry of a file whose next version has this content.
pub fn updated(author: &Author, item: &Item, content: &Manifest) -> Result<JournalEntry, Failure> {
    let item = with_next_version(author, item.clone(), content)?;
    Ok(JournalEntry::new(EventType::FileUpdate, &item))
}

/// The guard that refuses the batch if the file has another head than this version.
pub fn guard_head(author: &Author, item: ItemId, version: Version) -> Statement {
    Statement::new(sql::items::GUARD_HEAD_IS)
        .id(author.space)
        .id(item)
        .bind(version)
}
