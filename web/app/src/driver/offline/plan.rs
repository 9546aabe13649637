//! Which files are to be kept, and how it stands with them and their folders. Pure.

use crate::state::offline::Offline;
use protocol::ids::{ItemId, Version};
use std::collections::{BTreeMap, BTreeSet};
use sync::tree::Tree;

/// An item that is to be kept; a folder comes before what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub item: ItemId,
    /// The place of its folder in the list, if that is to be kept as well.
    folder: Option<usize>,
    /// Of a file: the newest version that the server has, and its size.
    pub file: Option<(Version, u64)>,
}

/// All that a person has chosen and that is out of the trash, with what is in it. What a mount
/// leads to is somebody else's, and is not among it.
pub fn wanted(tree: &Tree, chosen: &BTreeSet<ItemId>) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    let mut known = BTreeSet::new();
    // An item that is chosen beside a folder above it is listed with that folder.
    let is_below = |item: &ItemId| {
        let path = tree.path(*item);
        let above = path.len().saturating_sub(1);
        path.iter().take(above).any(|one| chosen.contains(&one.id))
    };
    let tops = chosen
        .iter()
        .filter(|item| tree.is_live(**item) && !is_below(item));
    let mut next: Vec<(ItemId, Option<usize>)> = tops.map(|item| (*item, None)).collect();
    while let Some((id, folder)) = next.pop() {
        let Some(item) = tree.get(id) else {
            continue;
        };
        if item.mount.is_some() || !known.insert(id) {
            continue;
        }
        let place = all.len();
        all.push(Wanted {
            item: id,
            folder,
            file: item.file.as_ref().map(|file| (file.version, file.size)),
        });
        if item.is_folder() {
            let below = tree.list(Some(id)).into_iter();
            // The last one is taken out first.
            next.extend(below.rev().map(|item| (item.id, Some(place))));
        }
    }
    all
}

/// How it stands with each. `here` has the version of each file that is here, and `begun` the
/// files of which something may be.
pub fn standing(
    wanted: &[Wanted],
    here: &BTreeMap<ItemId, Version>,
    begun: &BTreeSet<ItemId>,
) -> BTreeMap<ItemId, Offline> {
    let of_file = |item: ItemId, version: Version| match here.get(&item) {
        // The server has nothing of it yet.
        _ if version == 0 => Offline::Waiting,
        Some(kept) if *kept == version => Offline::Kept,
        Some(_) => Offline::Partly,
        None if begun.contains(&item) => Offline::Partly,
        None => Offline::Waiting,
    };
    let mut stands: Vec<Option<Offline>> = wanted
        .iter()
        .map(|one| one.file.map(|(version, _)| of_file(one.item, version)))
        .collect();
    for place in (0..wanted.len()).rev() {
        let Some((folder, own)) = wanted[place].folder.zip(stands[place]) else {
            continue;
        };
        stands[folder] = Some(match stands[folder] {
            None => own,
            Some(others) if others == own => own,
            Some(_) => Offline::Partly,
        });
    }
    // In a folder that nothing is in, nothing is missing.
    let stands = stands.into_iter().map(|one| one.unwrap_or(Offline::Kept));
    wanted.iter().map(|one| one.item).zip(stands).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::chunk::SizeClass;
    use protocol::ids::DeviceId;
    use protocol::items::{Committed, FileHead, Item};
    use protocol::name::Name;
    use std::sync::Arc;
    use sync::tree::ListedItem;

    fn id(n: u8) -> ItemId {
        ItemId::from_random([n; 16])
    }

    fn item(n: u8, parent: Option<u8>, version: Option<Version>) -> ListedItem {
        let file = version.map(|version| FileHead {
            version,
            size: 10,
            size_class: SizeClass::for_size(10),
            modified_at_ms: 0.into(),
            committed: Committed {
                user_name: "ann".to_owned(),
                device_id: DeviceId::from_random([9; 16]),
                device_name: "Browser".to_owned(),
                at_ms: 0,
            },
            damaged: false,
        });
        ListedItem {
            item: Arc::new(Item {
                id: id(n),
                parent: parent.map(id),
                name: Name::parse(&format!("item {n}")).unwrap(),
                place_version: 1,
                file,
                mount: None,
                created_at_ms: 0,
                trashed_at_ms: None,
                damaged: false,
            }),
            pending: false,
        }
    }

    /// Folder 1 with file 2 and folder 3, which has file 4; file 5 beside it.
    fn tree() -> Tree {
        let mut tree = Tree::default();
        for one in [
            item(1, None, None),
            item(2, Some(1), Some(1)),
            item(3, Some(1), None),
            item(4, Some(3), Some(2)),
            item(5, None, Some(1)),
        ] {
            tree.put(one);
        }
        tree
    }

    fn items(wanted: &[Wanted]) -> BTreeSet<ItemId> {
        wanted.iter().map(|one| one.item).collect()
    }

    #[test]
    fn a_folder_is_kept_with_all_that_is_in_it_and_comes_into_it() {
        let mut tree = tree();
        // What is in it may be chosen as well; what is gone is not kept.
        let chosen = BTreeSet::from([1, 4, 8].map(id));
        let all = wanted(&tree, &chosen);
        assert_eq!(items(&all), BTreeSet::from([1, 2, 3, 4].map(id)));
        assert_eq!(all.len(), 4);
        tree.put(item(6, Some(3), Some(1)));
        let all = wanted(&tree, &chosen);
        assert_eq!(items(&all), BTreeSet::from([1, 2, 3, 4, 6].map(id)));
        let mut trashed = item(1, None, None);
        Arc::make_mut(&mut trashed.item).trashed_at_ms = Some(1);
        tree.put(trashed);
        let live = items(&wanted(&tree, &BTreeSet::from([id(1)])));
        assert_eq!(live, BTreeSet::new());
    }

    #[test]
    fn nothing_is_said_to_be_kept_before_the_newest_version_of_all_of_it_is_here() {
        let mut tree = tree();
        let all = wanted(&tree, &BTreeSet::from([1, 5].map(id)));
        let stands = |here: &[(u8, Version)], begun: &[u8]| {
            let here = here.iter().map(|(n, version)| (id(*n), *version));
            let begun = begun.iter().map(|n| id(*n)).collect();
            let all = standing(&all, &here.collect(), &begun);
            [1, 2, 3, 4, 5].map(|n| all[&id(n)])
        };
        use Offline::{Kept, Partly, Waiting};
        assert_eq!(stands(&[], &[]), [Waiting; 5]);
        assert_eq!(
            stands(&[], &[4]),
            [Partly, Waiting, Partly, Partly, Waiting]
        );
        // An older version of file 4.
        let older = stands(&[(2, 1), (4, 1), (5, 1)], &[]);
        assert_eq!(older, [Partly, Kept, Partly, Partly, Kept]);
        assert_eq!(stands(&[(2, 1), (4, 2), (5, 1)], &[]), [Kept; 5]);
        // What only this device has is not there to be kept, and an empty folder is.
        tree.put(item(2, Some(1), Some(0)));
        tree.put(item(7, None, None));
        let all = wanted(&tree, &BTreeSet::from([1, 7].map(id)));
        let here = BTreeMap::from([(id(2), 0), (id(4), 2)]);
        let now = standing(&all, &here, &BTreeSet::new());
        assert_eq!([1, 2, 7].map(|n| now[&id(n)]), [Partly, Waiting, Kept]);
    }
}
