//! What is around a file that is open: the list that it was opened from.

use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::sync::Arc;

/// The list of files below the one that is open.
#[derive(Clone, Copy)]
pub struct Around {
    pub folder: Memo<Option<ItemId>>,
    /// In the order in which they are shown.
    pub rows: RwSignal<Arc<Vec<Arc<Item>>>>,
}
