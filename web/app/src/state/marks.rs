//! What the person has marked for themselves.

use protocol::ids::ItemId;
use protocol::marks::{Marks, Star};
use serde::{Deserialize, Serialize};

/// Whether the person has starred an item, wherever they found it.
pub fn is_starred(marks: &Marks, item: ItemId) -> bool {
    marks.stars.iter().any(|star| star.item == item)
}

/// A star that the server has not heard of, or is to take away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsentStar {
    pub item: ItemId,
    #[serde(default)]
    pub root: Option<ItemId>,
    /// Whether it is given, and not taken away.
    pub on: bool,
    pub at_ms: u64,
    /// What a person did at one time has one number.
    pub act: u64,
}

/// What there is once the server has taken these. What has a star already keeps that one.
pub fn with_sent(mut marks: Marks, sent: &[UnsentStar]) -> Marks {
    for one in sent {
        let stars = &mut marks.stars;
        let place = stars.iter().position(|star| star.item == one.item);
        match (one.on, place) {
            (true, None) => {
                let star = Star {
                    item: one.item,
                    root: one.root,
                    at_ms: one.at_ms,
                };
                stars.insert(0, star);
            }
            (false, Some(place)) => drop(stars.remove(place)),
            (true, Some(_)) | (false, None) => {}
        }
    }
    marks
}

/// The person wants these: what they wanted of the same items before is not sent any more.
pub fn wanted(unsent: &mut Vec<UnsentStar>, now: Vec<UnsentStar>) {
    unsent.retain(|before| !now.iter().any(|one| one.item == before.item));
    unsent.extend(now);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(n: u8) -> ItemId {
        ItemId::from_random([n; 16])
    }

    fn unsent(n: u8, on: bool, act: u64) -> UnsentStar {
        UnsentStar {
            item: item(n),
            root: None,
            on,
            at_ms: act,
            act,
        }
    }

    fn starred(marks: &Marks) -> Vec<ItemId> {
        marks.stars.iter().map(|star| star.item).collect()
    }

    #[test]
    fn what_is_not_sent_yet_is_shown_over_what_the_server_knows_and_comes_to_the_same_after_it() {
        let known = with_sent(Marks::default(), &[unsent(1, true, 1), unsent(2, true, 2)]);
        assert_eq!(starred(&known), [2, 1].map(item));
        let unsent = [unsent(3, true, 3), unsent(1, false, 4), unsent(2, true, 5)];
        let shown = with_sent(known.clone(), &unsent);
        assert_eq!(starred(&shown), [3, 2].map(item));
        assert_eq!(shown.stars[1].at_ms, 2, "the star that was there");
        // Told again, as after an answer that was lost.
        assert_eq!(with_sent(shown.clone(), &unsent), shown);
        assert_eq!(known.searches, shown.searches);
    }

    #[test]
    fn what_is_wanted_last_of_an_item_is_what_is_sent() {
        let mut all = Vec::new();
        wanted(&mut all, vec![unsent(1, true, 1), unsent(2, true, 1)]);
        wanted(&mut all, vec![unsent(1, false, 2)]);
        assert_eq!(all, [unsent(2, true, 1), unsent(1, false, 2)]);
        wanted(&mut all, vec![unsent(1, true, 3)]);
        assert_eq!(all, [unsent(2, true, 1), unsent(1, true, 3)]);
    }
}
