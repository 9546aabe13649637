//! New folders and new files.

use super::versioning::{
    after, answers, change_list, check_place, guard_place, insert_version, new_head, read_item,
    read_place,
};
use super::{Answer, Author, Change, Decision, Entry, content};
use crate::error::Failure;
use crate::ports::{Rows, Statement};
use crate::store::sql::items;
use serde::Serialize;
use shared::ids::{ItemId, OperationId, SpaceId};
use shared::manifest::Manifest;
use shared::name::Name;
use shared::protocol::content::Content;
use shared::protocol::files::NewFile;
use shared::protocol::items::{Item, NewFolder};
use shared::protocol::problem::Problem;
use shared::splice;
use std::borrow::Cow;

/// A folder or, with content, a file that is to be.
#[derive(Serialize)]
pub struct Create {
    operation_id: OperationId,
    id: ItemId,
    parent: Option<ItemId>,
    name: Name,
    content: First,
}

/// What is there first.
#[derive(Serialize)]
enum First {
    Folder,
    EmptyFile,
    File(Content),
}

/// Where the answers about the content begin.
const CONTENT: usize = 3;

impl From<NewFolder> for Create {
    fn from(new: NewFolder) -> Self {
        Self {
            operation_id: new.operation_id,
            id: new.id,
            parent: new.parent,
            name: new.name,
            content: First::Folder,
        }
    }
}

impl From<NewFile<Content>> for Create {
    fn from(new: NewFile<Content>) -> Self {
        Self {
            operation_id: new.operation_id,
            id: new.id,
            parent: new.parent,
            name: new.name,
            content: new.content.map_or(First::EmptyFile, First::File),
        }
    }
}

impl Create {
    fn is_folder(&self) -> bool {
        matches!(self.content, First::Folder)
    }

    /// The first version; `None` for a folder.
    fn first_version(&self, author: &Author) -> Result<Option<Cow<'_, Manifest>>, Failure> {
        Ok(match &self.content {
            First::Folder => None,
            First::EmptyFile => Some(Cow::Owned(Manifest::empty(author.now))),
            First::File(content) => Some(Cow::Borrowed(content::whole(content)?)),
        })
    }
}

impl Change for Create {
    fn operation_id(&self) -> OperationId {
        self.operation_id
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let [path, child] = read_place(space, self.parent, &self.name);
        let mut reads = vec![read_item(space, self.id), path, child];
        if let First::File(content) = &self.content {
            reads.extend(content::reads(space, content)?);
        }
        Ok(reads)
    }

    fn spelled_out(&self, snapshot: &[Rows]) -> Result<Option<Self>, Failure> {
        let First::File(content) = &self.content else {
            return Ok(None);
        };
        let content = content::spelled_out(content, after(snapshot, CONTENT))?;
        Ok(content.map(|content| Self {
            content: First::File(content.into()),
            name: self.name.clone(),
            ..*self
        }))
    }

    /// In this order: 409 the id is in use, 404 no such parent, 409 the parent
    /// can't take it, 409 the name is taken, 400 a wrong length, 422 blocks missing.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        if !answers(snapshot, 0)?.rows.is_empty() {
            return Err(Problem::IdTaken.into());
        }
        let (path, child) = (answers(snapshot, 1)?, answers(snapshot, 2)?);
        check_place(path, child, self.parent, self.id, self.is_folder())?;
        if let First::File(content) = &self.content {
            content::check_stored(content::whole(content)?, after(snapshot, CONTENT))?;
        }
        let content = self.first_version(author)?;
        let place = (self.parent, &self.name);
        let (item, statements) = new_item(author, self.id, place, content.as_deref())?;
        Ok(Decision {
            statements,
            journal: vec![Entry::item(self.id)],
            answer: Answer::Item { item },
        })
    }
}

/// A new item and the statements that make it: a folder, or a file with its
/// first version.
pub fn new_item(
    author: &Author,
    id: ItemId,
    (parent, name): (Option<ItemId>, &Name),
    content: Option<&Manifest>,
) -> Result<(Item, Vec<Statement>), Failure> {
    let mut statements = Vec::new();
    statements.extend(guard_place(author.space, parent, id, content.is_none()));
    statements.push(
        Statement::new(items::INSERT_ITEM)
            .id(author.space)
            .id(id)
            .bind(parent.map(|id| id.to_string()))
            .bind(name.as_str())
            .bind(name.key())
            .bind(content.map(|_| 1))
            .bind(author.now),
    );
    if let Some(content) = content {
        statements.push(insert_version(author, id, 1, content));
        let rows = splice::plan(&[], &content.blocks);
        statements.extend(change_list(author, id, 1, &rows)?);
    }
    let item = Item {
        id,
        parent,
        name: name.clone(),
        place_version: 1,
        file: content.map(|content| new_head(author, 1, content)),
        created_at_ms: author.now,
        trashed_at_ms: None,
    };
    Ok((item, statements))
}
