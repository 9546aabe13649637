//! New folders, new files and new mounts.

use super::content::ContentLooked;
use super::versioning::{guard_parents, new_head};
use super::{Answer, Author, Change, Decision, JournalEntry, Subject, content, mounts};
use crate::access::reach::Named;
use crate::error::Failure;
use crate::ports::Statement;
use crate::query::{Queries, Told};
use crate::room::Charge;
use crate::rules::check_place;
use crate::store::items::{self, InUse, MountRow};
use crate::store::rows::PathRow;
use crate::store::sql;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use blocks::splice;
use protocol::content::Content;
use protocol::files::NewFile;
use protocol::ids::{GrantId, ItemId, OperationId, SpaceId};
use protocol::items::{Item, Mount, NewFolder, NewMount};
use protocol::name::Name;
use protocol::notifications::EventType;
use protocol::problem::Problem;
use serde::Serialize;
use std::borrow::Cow;

/// A folder, a file or a mount that is to be made.
#[derive(Serialize)]
pub struct Create {
    operation_id: OperationId,
    id: ItemId,
    parent: Option<ItemId>,
    name: Name,
    content: First,
    #[serde(skip_serializing_if = "Naming::is_exact")]
    naming: Naming,
}

/// What becomes of a name that is taken.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
enum Naming {
    /// It is refused.
    Exact,
    /// Another one takes its place, and nobody is told.
    Free,
}

impl Naming {
    fn is_exact(&self) -> bool {
        *self == Self::Exact
    }
}

/// What the new item holds at first.
#[derive(Serialize)]
enum First {
    Folder,
    EmptyFile,
    File(Content),
    Mount(GrantId),
}

/// What is looked at before something new is made.
pub struct CreateLooked {
    /// The item that has the id already, if there is one.
    pub in_use: Told<Option<InUse>>,
    /// The folders from the new item's place up to the top.
    pub way: Told<Vec<PathRow>>,
    /// The item that has the name there, if one has.
    pub rival: Told<Option<ItemId>>,
    /// The name that the item gets, where one that is taken gives way.
    pub free: Option<Told<Name>>,
    /// What was looked at for the content of a file that is not empty.
    pub content: Option<ContentLooked>,
    /// The mount that there is already, for another one of the same grant.
    pub mount: Option<Told<Option<MountRow>>>,
}

impl From<NewFolder> for Create {
    fn from(new: NewFolder) -> Self {
        Self {
            operation_id: new.operation_id,
            id: new.id,
            parent: new.parent,
            name: new.name,
            content: First::Folder,
            naming: Naming::Exact,
        }
    }
}

/// A mount gets a name that is free.
impl From<NewMount> for Create {
    fn from(new: NewMount) -> Self {
        Self {
            operation_id: new.operation_id,
            id: new.id,
            parent: new.parent,
            name: new.name,
            content: First::Mount(new.grant),
            naming: Naming::Free,
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
            naming: Naming::Exact,
        }
    }
}

impl Create {
    /// The same, under a name that is free: that of the request, if it is.
    #[must_use]
    pub fn under_a_free_name(self) -> Self {
        Self {
            naming: Naming::Free,
            ..self
        }
    }

    /// The id that the client chose.
    pub fn id(&self) -> ItemId {
        self.id
    }

    /// The folder that the item goes into; `None` is the top of the space.
    pub fn parent(&self) -> Option<ItemId> {
        self.parent
    }

    /// The name that the item gets there.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// A file's content; `None` for an empty file, a folder and a mount.
    pub fn content(&self) -> Option<&Content> {
        match &self.content {
            First::File(content) => Some(content),
            First::Folder | First::EmptyFile | First::Mount(_) => None,
        }
    }

    fn is_folder(&self) -> bool {
        matches!(self.content, First::Folder)
    }

    fn mount(&self) -> Option<GrantId> {
        match self.content {
            First::Mount(grant) => Some(grant),
            First::Folder | First::EmptyFile | First::File(_) => None,
        }
    }

    /// The first version; `None` for a folder and for a mount.
    fn first_version(&self, author: &Author) -> Result<Option<Manifest>, Failure> {
        Ok(match &self.content {
            First::Folder | First::Mount(_) => None,
            First::EmptyFile => Some(Manifest::empty(FileTime::of_clock(author.now))),
            First::File(content) => Some(content::whole(content)?.clone()),
        })
    }

    /// Checks, by what was looked at, whether the item may be made. The change is
    /// spelled out. In this order: 409 the id is or was in use, 404 no such parent, 409
    /// the parent can't take it, 409 the name is taken, 400 a wrong length, 422 blocks
    /// missing.
    ///
    /// # Errors
    /// Why the item may not be made.
    pub fn check(&self, author: &Author, looked: CreateLooked) -> Result<NewItem, Failure> {
        if let Some(in_use) = looked.in_use? {
            let problem = match in_use.is_deleted() {
                false => Problem::IdTaken,
                true => Problem::DeletedForGood,
            };
            return Err(problem.into());
        }
        let (way, rival) = (looked.way?, looked.rival?);
        check_place((self.parent, &way), rival, (self.id, self.is_folder()))?;
        if let (Some(content), Some(looked)) = (self.content(), looked.content) {
            content::check_stored(content::whole(content)?, looked)?;
        }
        let content = self.first_version(author)?;
        let name = looked.free.transpose()?;
        let place = (self.parent, name.unwrap_or_else(|| self.name.clone()));
        let mut new = NewItem::at(author, self.id, place, content);
        new.item.mount = self.mount().map(|grant| Mount { grant });
        Ok(new)
    }
}

impl Change for Create {
    fn operation_id(&self) -> OperationId {
        self.operation_id
    }

    fn subject(&self) -> Subject {
        Subject::Item(self.id)
    }

    fn names(&self) -> Vec<Named<'_>> {
        let content = self.content();
        let content = content.map(|content| Named::Content(self.id, content));
        let parent = Named::Parent(self.parent);
        [parent].into_iter().chain(content).collect()
    }

    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        Some(self.content().map(Content::named).unwrap_or_default())
    }

    type Looked = CreateLooked;

    fn looks(&self, space: SpaceId) -> Result<impl Queries<Told = CreateLooked>, Failure> {
        let content = self.content();
        let in_use = items::in_use(space, &[self.id])?;
        let is_exact = self.naming.is_exact();
        let free = || items::free_name(space, self.parent, (self.id, &self.name));
        let free = (!is_exact).then(free);
        let looks = (
            in_use.then(|rows| Ok(rows.into_iter().next())),
            items::way(space, self.parent),
            is_exact.then(|| items::live_child(space, self.parent, &self.name)),
            free.transpose()?,
            self.mount().map(|grant| items::mount_of(space, grant)),
            content
                .map(|content| content::looks(space, content))
                .transpose()?,
        );
        Ok(
            looks.map(|(in_use, way, rival, free, mount, content)| CreateLooked {
                in_use,
                way,
                rival: rival.unwrap_or(Ok(None)),
                free,
                content,
                mount,
            }),
        )
    }

    fn spelled_out(&self, looked: &CreateLooked) -> Result<Option<Self>, Failure> {
        let (First::File(content), Some(looked)) = (&self.content, &looked.content) else {
            return Ok(None);
        };
        let content = content::spelled_out(content, looked)?;
        Ok(content.map(|content| Self {
            content: First::File(content.into()),
            name: self.name.clone(),
            ..*self
        }))
    }

    /// See [`Create::check`]. A mount in the trash gives way to another one.
    fn decide(&self, author: &Author, mut looked: CreateLooked) -> Result<Decision, Failure> {
        let former = looked.mount.take().transpose()?.flatten();
        let new = self.check(author, looked)?;
        let mut decision = Decision {
            statements: insert(author, std::slice::from_ref(&new))?,
            journal: vec![JournalEntry::new(EventType::FileCreate, &new.item)],
            charge: new.charge(),
            answer: Answer::Item { item: new.item },
        };
        if let Some(former) = former {
            if !former.is_trashed() {
                return Err(Problem::AlreadyMounted { item: former.id }.into());
            }
            let gone = mounts::take_away(author, former.id)?;
            decision.statements.splice(..0, gone);
            decision
                .journal
                .push(JournalEntry::unmounted(former.id, former.spot()));
            decision.charge.items = 0;
        }
        Ok(decision)
    }
}

/// An item that may be made: a folder, or a file with its first version.
pub struct NewItem {
    /// The item as it will be.
    pub item: Item,
    content: Option<Manifest>,
}

impl NewItem {
    /// An item that this author makes now, at a place. It is a file if it has a
    /// content.
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
            mount: None,
            created_at_ms: author.now,
            trashed_at_ms: None,
            damaged: false,
        };
        Self { item, content }
    }

    /// What the item adds to the space.
    pub fn charge(&self) -> Charge {
        let blocks = self.content.as_ref().map(|content| content.blocks.clone());
        Charge {
            items: 1,
            versions: u64::from(blocks.is_some()),
            rows: blocks.unwrap_or_default(),
        }
    }
}

/// The statements that make new items: as many for one item as for many.
pub fn insert(author: &Author, new: &[NewItem]) -> Result<Vec<Statement>, Failure> {
    let (mut places, mut versions, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for NewItem { item, content } in new {
        let version = content.as_ref().map(|_| 1);
        let mount = item.mount.map(|mount| mount.grant);
        let (name, key) = (&item.name, item.name.key());
        places.push((item.id, item.parent, name, key, version, mount));
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
    statements.push(about(sql::items::INSERT_ITEMS, places).bind(author.now));
    if !versions.is_empty() {
        let versions = serde_json::to_string(&versions)?;
        let by = author.committed();
        statements.push(
            about(sql::content::INSERT_FIRST_VERSIONS, versions)
                .bind(by.user_name)
                .id(by.device_id)
                .bind(by.device_name)
                .bind(author.now),
        );
    }
    if !lists.is_empty() {
        let lists = serde_json::to_string(&lists)?;
        statements.push(about(sql::content::OPEN_FIRST_ROWS, lists));
    }
    Ok(statements)
}
