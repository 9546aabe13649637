//! New folders and new files.

use super::versioning::{
    answers, check_blocks, check_manifest, check_place, guard_parents, new_head, read_item,
    read_place, read_unmet,
};
use super::{Answer, Author, Change, Decision, Entry};
use crate::error::Failure;
use crate::ports::{Rows, Statement};
use crate::store::sql::{content, items};
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
    pub fn id(&self) -> ItemId {
        self.id
    }

    pub fn parent(&self) -> Option<ItemId> {
        self.parent
    }

    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The blocks that have to be stored, and what they make.
    pub fn content(&self) -> Option<&Manifest> {
        match &self.content {
            Content::File(manifest) => Some(manifest),
            Content::Folder | Content::EmptyFile => None,
        }
    }

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

    /// Whether it may be made, by the answers to its `reads`. In this order: 409
    /// the id is in use, 404 no such parent, 409 the parent can't take it, 409 the
    /// name is taken, 400 a wrong length, 422 blocks missing.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, author: &Author, snapshot: &[Rows]) -> Result<NewItem, Failure> {
        if !answers(snapshot, 0)?.rows.is_empty() {
            return Err(Problem::IdTaken.into());
        }
        let (path, child) = (answers(snapshot, 1)?, answers(snapshot, 2)?);
        check_place(path, child, self.parent, self.id, self.is_folder())?;
        if self.content().is_some() {
            check_blocks(answers(snapshot, 3)?)?;
        }
        let content = self.first_version(author);
        let place = (self.parent, self.name.clone());
        Ok(NewItem::at(author, self.id, place, content))
    }
}

impl Change for Create {
    fn operation_id(&self) -> OperationId {
        self.operation_id
    }

    fn reads(&self, space: SpaceId) -> Result<Vec<Statement>, Failure> {
        let [path, child] = read_place(space, self.parent, &self.name);
        let mut reads = vec![read_item(space, self.id), path, child];
        if let Some(manifest) = self.content() {
            check_manifest(manifest)?;
            reads.push(read_unmet(space, &manifest.blocks)?);
        }
        Ok(reads)
    }

    /// See [`Create::check`].
    fn decide(&self, author: &Author, snapshot: &[Rows]) -> Result<Decision, Failure> {
        let new = self.check(author, snapshot)?;
        Ok(Decision {
            statements: insert(author, std::slice::from_ref(&new))?,
            journal: vec![Entry::item(self.id)],
            answer: Answer::Item { item: new.item },
        })
    }
}

/// An item that may be made: a folder, or a file with its first version.
pub struct NewItem {
    pub item: Item,
    content: Option<Manifest>,
}

impl NewItem {
    pub fn at(
        author: &Author,
        id: ItemId,
        (parent, name): (Option<ItemId>, Name),
        content: Option<Manifest>,
    ) -> Self {
        let item = Item {
            id,
            parent,
            name,
            place_version: 1,
            file: content.as_ref().map(|content| new_head(author, 1, content)),
            created_at_ms: author.now,
            trashed_at_ms: None,
        };
        Self { item, content }
    }
}

/// The statements that make new items: as many for one as for many.
pub fn insert(author: &Author, new: &[NewItem]) -> Result<Vec<Statement>, Failure> {
    let (mut places, mut versions, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for NewItem { item, content } in new {
        let version = content.as_ref().map(|_| 1);
        places.push((item.id, item.parent, &item.name, item.name.key(), version));
        let Some(content) = content else { continue };
        versions.push((
            item.id,
            content.size,
            u8::from(content.size_class),
            content.modified_at_ms,
        ));
        if !content.blocks.is_empty() {
            let rows = splice::plan(&[], &content.blocks).opened;
            let rows = rows
                .iter()
                .map(|row| (row.ord, row.block.hash, row.block.length));
            lists.push((item.id, rows.collect::<Vec<_>>()));
        }
    }
    let about = |sql, list| Statement::new(sql).id(author.space).bind(list);
    let mut statements = Vec::new();
    statements.extend(guard_parents(
        author.space,
        new.iter().map(|new| &new.item),
    )?);
    let places = serde_json::to_string(&places)?;
    statements.push(about(items::INSERT_ITEMS, places).bind(author.now));
    if !versions.is_empty() {
        let versions = serde_json::to_string(&versions)?;
        statements.push(
            about(content::INSERT_FIRST_VERSIONS, versions)
                .bind(author.user_name.as_str())
                .id(author.device_id)
                .bind(author.device_name.as_str())
                .bind(author.now),
        );
    }
    if !lists.is_empty() {
        let lists = serde_json::to_string(&lists)?;
        statements.push(about(content::OPEN_FIRST_ROWS, lists));
    }
    Ok(statements)
}
