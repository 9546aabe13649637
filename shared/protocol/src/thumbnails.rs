//! Small pictures of files: `POST /api/v1/files/{id}/thumbnail` and
//! `GET /api/v1/thumbnails`. Browsers make them; the server keeps each as a block of the
//! space, beside the version that it is of.

use crate::ids::{ItemId, Version};
use blocks::hash::BlockHash;
use serde::{Deserialize, Serialize};

/// The thumbnails that there are of some files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thumbnails {
    /// One for each of the files whose newest version has one.
    pub thumbnails: Vec<Thumbnail>,
}

/// Which block is the thumbnail of a file's newest version. `POST /api/v1/blocks/fetch`
/// has its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thumbnail {
    /// The file.
    pub item: ItemId,
    /// The version that it is of.
    pub version: Version,
    /// The block.
    pub hash: BlockHash,
    /// Its bytes, at most [`MAX_THUMBNAIL_BYTES`](crate::limits::MAX_THUMBNAIL_BYTES).
    pub length: u32,
}

/// What the bytes of a thumbnail are, by their first ones: a WebP or a JPEG. `None` for
/// anything else, which is no thumbnail.
pub fn content_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            b'V',
            b'P',
            b'8',
            ..,
        ] => Some("image/webp"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn only_a_webp_or_a_jpeg_is_a_thumbnail() {
        assert_eq!(
            content_type(b"RIFF\x10\0\0\0WEBPVP8 rest"),
            Some("image/webp")
        );
        assert_eq!(content_type(b"\xff\xd8\xff\xe0rest"), Some("image/jpeg"));
        let others: [&[u8]; 6] = [
            b"",
            b"\xff\xd8",
            b"<html><script>",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\">",
            b"RIFF\x10\0\0\0WAVEfmt ",
            b" RIFF\x10\0\0\0WEBPVP8 ",
        ];
        for other in others {
            assert_eq!(content_type(other), None, "{other:?}");
        }
    }
}
