//! What the person has marked for themselves.

use protocol::ids::ItemId;
use protocol::marks::Marks;

/// Whether the person has starred an item, wherever they found it.
pub fn is_starred(marks: &Marks, item: ItemId) -> bool {
    marks.stars.iter().any(|star| star.item == item)
}
