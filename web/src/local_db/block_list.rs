//! A version's blocks, as they are kept in the local database.

use crate::hashing::wire;
use shared::chunk::SizeClass;
use shared::ids::Version;
use shared::manifest::BlockRef;

/// The blocks of one version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockList {
    pub version: Version,
    pub size_class: SizeClass,
    pub blocks: Vec<BlockRef>,
}

impl BlockList {
    /// Version (8 bytes, little-endian), size class (1), then 36 bytes a block.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.version.to_le_bytes().to_vec();
        bytes.push(self.size_class.into());
        bytes.extend(wire::pack(&self.blocks));
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` where it is anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk::<8>()?;
        let (&class, blocks) = rest.split_first()?;
        Some(Self {
            version: Version::from_le_bytes(*version),
            size_class: SizeClass::try_from(class).ok()?,
            blocks: wire::unpack(blocks)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::BlockList;
    use shared::chunk::SizeClass;
    use shared::manifest::Manifest;

    #[test]
    fn a_list_survives_being_kept() {
        let list = BlockList {
            version: 1 << 40,
            size_class: SizeClass::for_size(5 << 30),
            blocks: Manifest::of(b"some bytes", SizeClass::for_size(0), 0).blocks,
        };
        let bytes = list.to_bytes();
        assert_eq!(BlockList::from_bytes(&bytes), Some(list));
        assert_eq!(BlockList::from_bytes(&bytes[..20]), None);
        assert_eq!(BlockList::from_bytes(&[]), None);
    }
}
