//! For the document of the API: what serde writes as a list and has no name there.

use crate::hash::BlockHash;
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ArrayBuilder, ArrayItems};
use utoipa::openapi::{RefOr, Schema};

/// A block's hash with a number, as a list of two.
pub fn hash_and_number(description: &str) -> RefOr<Schema> {
    let parts = [BlockHash::schema(), u32::schema()];
    let parts = parts.into_iter().filter_map(|part| match part {
        RefOr::T(schema) => Some(schema),
        RefOr::Ref(_) => None,
    });
    let list = ArrayBuilder::new()
        .items(ArrayItems::False)
        .prefix_items(parts)
        .description(Some(description));
    list.into()
}
