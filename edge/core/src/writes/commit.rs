//! A commit: a new version of a file, made on its base.

use super::content::ContentLooked;
use super::versioning::{change_list, insert_version, new_head};
use super::{Answer, Author, Change, Decision, JournalEntry, Subject, content};
use crate::access::reach::Named;
use crate::error::Failure;
use crate::ports::Statement;
use crate::query::{Queries, Told};
use crate::room::{Charge, check_versions};
use crate::rules::{check_version, check_way, head, there};
use crate::store::rows::PathRow;
use crate::store::{items, sql, versions};
use blocks::manifest::{BlockRef, Manifest};
use blocks::splice;
use protocol::content::Content;
use protocol::files::Commit;
use protocol::ids::{ItemId, OperationId, SpaceId};
use protocol::items::Item;
use protocol::notifications::EventType;
use serde::Serialize;
use std::borrow::Cow;

/// `Commit` to one file.
#[derive(Serialize)]
pub struct CommitTo {
    /// The file.
    pub item: ItemId,
    /// The request.
    #[serde(flatten)]
    pub commit: Commit<Content>,
}

/// What a commit looks at.
pub struct CommitLooked {
    item: Told<Option<Item>>,
    way: Told<Vec<PathRow>>,
    base: Told<Vec<splice::PlacedBlock>>,
    content: ContentLooked,
}

impl Change for CommitTo {
    fn operation_id(&self) -> OperationId {
        self.commit.operation_id
    }

    fn subject(&self) -> Subject {
        Subject::Item(self.item)
    }

    fn names(&self) -> Vec<Named<'_>> {
        let content = Named::Content(self.item, &self.commit.content);
        vec![Named::File(self.item), content]
    }

    fn adds(&self) -> Option<Cow<'_, [BlockRef]>> {
        Some(self.commit.content.named())
    }

    type Looked = CommitLooked;

    fn looks(&self, space: SpaceId) -> Result<impl Queries<Told = CommitLooked>, Failure> {
        let looks = (
            items::item(space, self.item),
            items::way(space, Some(self.item)),
            versions::list(space, self.item, self.commit.base_version),
            content::looks(space, &self.commit.content)?,
        );
        Ok(looks.map(|(item, way, base, content)| CommitLooked {
            item,
            way,
            base,
            content,
        }))
    }

    fn spelled_out(&self, looked: &CommitLooked) -> Result<Option<Self>, Failure> {
        let content = content::spelled_out(&self.commit.content, &looked.content)?;
        Ok(content.map(|content| Self {
            item: self.item,
            commit: Commit {
                content: content.into(),
                ..self.commit
            },
        }))
    }

    /// In this order: 404 unknown, 409 a folder, 409 in the trash, 409 not the head,
    /// 400 a wrong length, 507 no room for the blocks, 422 blocks missing, 507 too many
    /// versions.
    fn decide(&self, author: &Author, looked: CommitLooked) -> Result<Decision, Failure> {
        let item = there(looked.item?)?;
        let head = head(&item)?;
        check_way(&looked.way?)?;
        check_version(head, self.commit.base_version)?;
        let content = content::whole(&self.commit.content)?;
        content::check_stored(content, looked.content)?;

        let (statements, charge) = next_version(author, &item, &looked.base?, content)?;
        let item = with_next_version(author, item, content)?;
        Ok(Decision {
            statements,
            journal: vec![JournalEntry::new(EventType::FileUpdate, &item)],
            answer: Answer::Item { item },
            charge,
        })
    }
}

/// The item once `content` is the version after its head.
///
/// # Errors
/// 409: it is a folder.
pub fn with_next_version(author: &Author, item: Item, content: &Manifest) -> Result<Item, Failure> {
    let version = head(&item)?.version.saturating_add(1);
    let file = Some(new_head(author, version, content));
    Ok(Item { file, ..item })
}

/// The statements that make `content` the version after the item's head, whose rows are
/// `base`, and what they add. They hold for that head only: the version's key and the
/// guard refuse the batch on any other.
///
/// # Errors
/// 507 `limit_reached`: the file has as many versions as it may.
pub fn next_version(
    author: &Author,
    item: &Item,
    base: &[splice::PlacedBlock],
    content: &Manifest,
) -> Result<(Vec<Statement>, Charge), Failure> {
    let head = head(item)?;
    check_versions(&author.limits, head.version)?;
    let version = head.version.saturating_add(1);
    let mut statements = vec![insert_version(author, item.id, version, content)];
    let changes = splice::plan(base, &content.blocks);
    statements.extend(change_list(author, item.id, version, &changes)?);
    statements.push(
        Statement::new(sql::items::UPDATE_HEAD)
            .id(author.space)
            .id(item.id)
            .bind(head.version),
    );
    statements.push(Statement::new(sql::items::GUARD_HEAD));
    let opened = changes.opened.iter().map(|row| row.block);
    let charge = Charge {
        items: 0,
        versions: 1,
        rows: opened.collect(),
    };
    Ok((statements, charge))
}
