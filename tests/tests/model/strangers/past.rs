//! What a stranger tries to learn of the past of another person's drive, and to bring back
//! there.

use super::accounts::only_ones_own;
use super::attempt::{Attempt, BAD_REQUEST, End, NO_ITEM};
use super::honest::revert;
use super::tries::Tries;
use super::world::World;
use serde_json::{Value as Json, json};

pub fn at_the_past(tries: &Tries<'_>) -> Vec<Attempt> {
    let hers = [tries.world.ann.file, tries.world.ann.folder];
    let of_hers = hers.map(|item| {
        let item = item.to_string();
        tries.asks(
            "what was in hers",
            &[("item", &item), ("at_ms", "1")],
            End::Refused(NO_ITEM),
        )
    });
    let mut all = only_ones_own(tries);
    all.extend(of_hers);
    all.extend([
        tries.asks("of no item", &[("item", "x")], End::Refused(BAD_REQUEST)),
        tries.asks(
            "at no time",
            &[("at_ms", "then")],
            End::Refused(BAD_REQUEST),
        ),
        tries.asks("after a word", &[("after", "x")], End::Refused(BAD_REQUEST)),
        tries.asks(
            "no entry at all",
            &[("limit", "0")],
            End::Refused(BAD_REQUEST),
        ),
        tries.asks("since ever", &[("at_ms", "0")], End::OwnOnly),
    ]);
    all
}

pub fn at_reverts(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    let batch = |files: Vec<Json>| json!({"files": files});
    vec![
        tries.sends("her file", &batch(vec![revert(ann.file, 1, 2)]), NO_ITEM),
        tries.sends(
            "her file beside his own",
            &batch(vec![revert(ann.file, 1, 2), revert(ann.trashed, 1, 1)]),
            NO_ITEM,
        ),
        tries.sends(
            "a version that is none",
            &batch(vec![revert(bob.file, 9, 2)]),
            (404, "no_such_version"),
        ),
    ]
}
