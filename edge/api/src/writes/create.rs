//! New folders and new files.

use super::versioning::{
    answers, change_list, check_blocks, check_manifest, check_place, guard_place, insert_version,
    new_head, read_item, read_place, read_unmet,
};
use super::{Answer, Author, Change, Decision, Entry};
use crate::error::Failure;
use crate::ports::{Rows, Statement};
use crate::store::sql::items;
use serde::Serialize;
use shared::ids::{ItemId, OperationId, SpaceId};
use shared::manifest::Manifest;
use shared::name::Name;
use shared::protocol::files::NewFile;
use shared::protocol::items::{Item, NewFolder};
use shared::protocol::problem::Problem;
use shared::splice;

/// A folder or, with content, a file that is to be.
#[derive(Serialize)]
pub struct Create {
    operation_id: OperationId,
    id: ItemId,
    parent: Option<ItemId>,
    name: Name,
    content: Content,
}

#[derive(Serialize)]
enum Content {
    Folder,
    EmptyFile,
    File(Manifest),
}

impl From<NewFolder> for Create {
    fn from(new: NewFolder) -> Self {
        Self {
            operation_id: new.operation_id,
            id: new.id,
            parent: new.parent,
            name: new.name,
            content: Content::Folder,
        }
    }
}

impl From<NewFile> for Create {
    fn from(new: NewFile) -> Self {
        Self {
            operation_id: new.operation_id,
            id: new.id,
            parent: new.parent,
            name: new.name,
            content: new.content.map_or(Content::EmptyFile, Content::File),
        }
    }
}

impl Create {
    fn is_folder(&self) -> bool {
        matches!(self.content, Content::Folder)
    }

    /// The first version; `None` for a folder.
    fn first_version(&self, author: &Author) -> Option<Manifest> {
        match &self.content {
            Content::Folder => None,
            Content::EmptyFile => Some(Manifest::empty(author.now)),
            Content::File(manifest) => Some(manifest.clone()),
        }
    }
}

impl Change for Create {
    fn operation_id(&self) -> OperationId {
        self.operation_id
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let [path, child] = read_place(space, self.parent, &self.name);
        let mut reads = vec![read_item(space, self.id), path, child];
        if let Content::File(manifest) = &self.content {
            check_manifest(manifest)?;
            reads.push(read_unmet(space, &manifest.blocks)?);
        }
        Ok(reads)
    }

    /// In this order: 409 the id is in use, 404 no such parent, 409 the parent
    /// can't take it, 409 the name is taken, 400 a wrong length, 422 blocks missing.
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        if !answers(snapshot, 0)?.rows.is_empty() {
            return Err(Problem::IdTaken.into());
        }
        let (path, child) = (answers(snapshot, 1)?, answers(snapshot, 2)?);
        check_place(path, child, self.parent, self.id, self.is_folder())?;
        if matches!(self.content, Content::File(_)) {
            check_blocks(answers(snapshot, 3)?)?;
        }
        let content = self.first_version(author);
        let place = (self.parent, &self.name);
        let (item, statements) = new_item(author, self.id, place, content.as_ref())?;
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
