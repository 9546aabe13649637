//! The names of packs in their store.

use protocol::ids::{PackId, SpaceId};

/// The name of a pack's object.
pub fn pack_key(space: SpaceId, pack: PackId) -> String {
    format!("{space}/{pack}")
}

/// The space and the pack that an object's name tells; `None` for an object that
/// is no pack.
pub fn pack_of_key(key: &str) -> Option<(SpaceId, PackId)> {
    let (space, pack) = key.split_once('/')?;
    Some((space.parse().ok()?, pack.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_object_tells_its_pack() {
        let (space, pack) = (SpaceId::from_random([1; 16]), PackId::from_random([2; 16]));
        assert_eq!(pack_of_key(&pack_key(space, pack)), Some((space, pack)));
        assert_eq!(pack_of_key("notes.txt"), None);
        assert_eq!(pack_of_key(&format!("{space}/x")), None);
    }
}
