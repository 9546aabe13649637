//! New files, and changes of places, as they travel: see [`crate::gather`].

use crate::failure::Failure;
use crate::gather::{Answered, Gatherable};
use crate::ports::Platform;
use protocol::batches::{ChangeItems, FileMade, NewFiles};
use protocol::content::Receipted;
use protocol::files::NewFile;
use protocol::items::{ItemChange, PlaceChange};
use protocol::limits::{MAX_BATCH_BLOCKS, MAX_BATCH_FILES, MAX_BATCH_ITEMS};
use protocol::problem::Problem;

impl Gatherable for NewFile<Receipted> {
    const MOST: usize = MAX_BATCH_FILES;
    const MOST_WEIGHT: usize = MAX_BATCH_BLOCKS;

    fn weight(&self) -> usize {
        let content = self.content.as_ref();
        content.map_or(0, |shown| shown.content.named().len())
    }

    async fn send(platform: &impl Platform, files: Vec<Self>) -> Vec<Answered> {
        if let [file] = files.as_slice() {
            return vec![platform.create_file(file).await];
        }
        let count = files.len();
        match platform.create_files(&NewFiles { files }).await {
            Ok(made) => each(made.results),
            Err(failure) => vec![Err(failure); count],
        }
    }
}

impl Gatherable for ItemChange {
    const MOST: usize = MAX_BATCH_ITEMS;
    const MOST_WEIGHT: usize = 0;

    fn weight(&self) -> usize {
        0
    }

    async fn send(platform: &impl Platform, changes: Vec<Self>) -> Vec<Answered> {
        if let [ItemChange { item, to }] = changes.as_slice() {
            return vec![match to {
                PlaceChange::Move(to) => platform.change_place(*item, to).await,
                PlaceChange::Trash(change) => platform.trash(*item, change).await,
                PlaceChange::Restore(change) => platform.restore(*item, change).await,
            }];
        }
        let count = changes.len();
        match platform.change_items(&ChangeItems { changes }).await {
            Ok(changed) => each(changed.results),
            Err(failure) => vec![Err(failure); count],
        }
    }
}

fn each(results: Vec<FileMade>) -> Vec<Answered> {
    let results = results.into_iter();
    let results = results.map(|made| Result::<_, Problem>::from(made).map_err(Failure::Refused));
    results.collect()
}
