//! What requests and answers hold.

use blocks::frame::{CARRYING_CONTENT_TYPE, FRAMES_CONTENT_TYPE};
use blocks::patch::SIGNATURES_CONTENT_TYPE;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What a body holds.
pub enum Body {
    Json {
        name: String,
        collect: Collect,
    },
    /// JSON of several forms.
    Either(Vec<Body>),
    Frames,
    /// JSON with frames behind it.
    Carrying(Box<Body>),
    Signatures,
    /// A file's, or a block's.
    Bytes,
}

impl Body {
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Either(_) => "application/json",
            Self::Frames => FRAMES_CONTENT_TYPE,
            Self::Carrying(_) => CARRYING_CONTENT_TYPE,
            Self::Signatures => SIGNATURES_CONTENT_TYPE,
            Self::Bytes => "*/*",
        }
    }
}

/// JSON of a type.
pub fn body<T: ToSchema>() -> Body {
    Body::Json {
        name: T::name().into_owned(),
        collect: collect::<T>,
    }
}

/// Adds a type and all that it is made of.
pub type Collect = fn(&mut Vec<(String, RefOr<Schema>)>);

pub fn collect<T: ToSchema>(all: &mut Vec<(String, RefOr<Schema>)>) {
    all.push((T::name().into_owned(), <T as PartialSchema>::schema()));
    T::schemas(all);
}
