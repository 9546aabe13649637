//! Making the folders of a drop, each once, however many files wait for it.

use crate::browser::bell::Latch;
use crate::browser::{clock, random};
use crate::driver::{learn, want_pull};
use crate::failure::Failure;
use crate::state::Drive;
use futures_util::future::{Either, select};
use leptos::prelude::WithUntracked;
use shared::ids::{ItemId, OperationId};
use shared::name::Name;
use shared::protocol::items::{Item, NewFolder};
use shared::protocol::problem::Problem;
use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::pin;

/// How long news of an item that the server speaks of may take, in milliseconds.
const NEWS_MILLIS: u64 = 10_000;

type Key = (Option<ItemId>, String);

/// Folders that are being made at this moment.
#[derive(Default)]
pub struct Folders(RefCell<HashMap<Key, Latch>>);

impl Folders {
    /// The folder at the end of this path, made as far as it does not exist.
    ///
    /// # Errors
    /// `NameTaken` where a file stands in the way.
    pub async fn ensure(
        &self,
        drive: Drive,
        parent: Option<ItemId>,
        names: &[Name],
    ) -> Result<Option<ItemId>, Failure> {
        let mut folder = parent;
        for name in names {
            folder = Some(self.ensure_one(drive, folder, name).await?);
        }
        Ok(folder)
    }

    async fn ensure_one(
        &self,
        drive: Drive,
        parent: Option<ItemId>,
        name: &Name,
    ) -> Result<ItemId, Failure> {
        let key = (parent, name.key());
        loop {
            let there = drive.tree.with_untracked(|tree| {
                let item = tree.child_named(parent, name)?;
                Some((item.id, item.is_folder()))
            });
            match there {
                Some((id, true)) => return Ok(id),
                Some((item, false)) => return Err(Problem::NameTaken { item }.into()),
                None => {}
            }
            let made_by_another = self.0.borrow().get(&key).cloned();
            let Some(made) = made_by_another else {
                break;
            };
            // It is in the tree then; or it failed, and this one tries itself.
            made.wait().await;
        }
        let _making = Making::begin(self, key);
        let made = drive
            .engine()
            .client
            .create_folder(&NewFolder {
                operation_id: OperationId::from_random(random::id_bytes()),
                id: ItemId::from_random(random::id_bytes()),
                parent,
                name: name.clone(),
            })
            .await;
        match made {
            Ok(changed) => {
                let id = changed.item.id;
                learn::item(drive, changed.item);
                Ok(id)
            }
            // Somebody else made it, or this page did and the answer was lost.
            Err(Failure::Refused(Problem::NameTaken { item })) => {
                match news_of(drive, item).await {
                    Some(found) if found.is_folder() => Ok(item),
                    Some(_) => Err(Problem::NameTaken { item }.into()),
                    None => Err(Failure::Unreachable),
                }
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Waits until the tree knows an item that the server has spoken of.
pub async fn news_of(drive: Drive, id: ItemId) -> Option<Item> {
    let mut deadline = pin!(clock::sleep(NEWS_MILLIS));
    loop {
        let moved = pin!(drive.engine().feed.moved.next());
        if let Some(item) = drive.tree.with_untracked(|tree| tree.get(id).cloned()) {
            return Some(item);
        }
        want_pull(drive);
        if let Either::Right(_) = select(moved, &mut deadline).await {
            return None;
        }
    }
}

/// Lets those who wait go on, however the making ends.
struct Making<'a> {
    folders: &'a Folders,
    key: Key,
    made: Latch,
}

impl<'a> Making<'a> {
    fn begin(folders: &'a Folders, key: Key) -> Self {
        let made = Latch::default();
        folders.0.borrow_mut().insert(key.clone(), made.clone());
        Self { folders, key, made }
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.folders.0.borrow_mut().remove(&self.key);
        self.made.set();
    }
}
