//! What is tried on conflicts, the feed and the poll.

use super::accounts::only_ones_own;
use super::attempt::{
    Attempt, BAD_JSON, BAD_NAME, BAD_REQUEST, End, ID_TAKEN, NAME_TAKEN, OLD_VERSION,
};
use super::files::hers;
use super::front::Request;
use super::tries::{NO_ID, Tries};
use driftless_tests::client::item_id;
use protocol::ids::ItemId;
use serde_json::json;

pub fn at_conflicts(tries: &Tries<'_>) -> Vec<Attempt> {
    let bad = |what, after: &str| {
        let query = [("state", "resolved"), ("after", after)];
        tries.asks(what, &query, End::Refused((400, "bad_cursor")))
    };
    let behind_hers = format!("9007199254740991.{}", tries.world.ann.resolved);
    let mut all = only_ones_own(tries);
    all.extend([
        tries.asks("the resolved ones", &[("state", "resolved")], End::OwnOnly),
        tries.asks(
            "behind hers",
            &[("state", "resolved"), ("after", &behind_hers)],
            End::OwnOnly,
        ),
        bad("behind nothing", "."),
        bad("behind a word", "now.x"),
        bad(
            "behind a time that is none",
            &format!("9007199254740992.{NO_ID}"),
        ),
        bad("behind SQL", "1' OR '1'='1.x"),
    ]);
    all
}

pub fn at_reopening(tries: &Tries<'_>) -> Vec<Attempt> {
    let bob = &tries.world.bob;
    let open = Request {
        path: tries.path_with(&bob.conflict.to_string()),
        ..tries.honest()
    };
    vec![
        tries.refused("one that is open", open, (409, "not_resolved")),
        tries.alters(
            "against an old version",
            json!({"seen_version": 1}),
            OLD_VERSION,
        ),
        tries.reuses_an_operation(),
    ]
}

pub fn at_resolution(tries: &Tries<'_>) -> Vec<Attempt> {
    let bob = &tries.world.bob;
    let done = Request {
        path: tries.path_with(&bob.resolved.to_string()),
        ..tries.honest()
    };
    let mut all: Vec<_> = hers(tries.world)
        .map(|(what, content, end)| {
            tries.alters(what, json!({"choice": "merged", "content": content}), end)
        })
        .into();
    let both =
        |id: ItemId, name: &str| json!({"choice": "keep_both", "copy_id": id, "copy_name": name});
    all.extend([
        tries.refused("one that is resolved", done, (409, "already_resolved")),
        tries.alters(
            "against an old version",
            json!({"seen_version": 1}),
            OLD_VERSION,
        ),
        tries.alters(
            "a copy of an id that is in use",
            both(bob.file, "copy"),
            ID_TAKEN,
        ),
        tries.alters(
            "a copy of a taken name",
            both(item_id(), "folder"),
            NAME_TAKEN,
        ),
        tries.alters("a copy of a bad name", both(item_id(), "a/b"), BAD_NAME),
        tries.alters(
            "a choice that is none",
            json!({"choice": "delete_both"}),
            BAD_JSON,
        ),
    ]);
    all
}

/// Cursors that nobody gave out.
pub fn forged(tries: &Tries<'_>) -> Vec<Attempt> {
    let encoded = |json: &str| {
        format!(
            "1.{}",
            data_encoding::BASE64URL_NOPAD.encode(json.as_bytes())
        )
    };
    let space = tries.world.ann.space;
    let forged = [
        ("a word", "now".to_owned()),
        (
            "a form to come",
            tries.world.bob.cursor.replacen("1.", "2.", 1),
        ),
        ("nothing in it", "1.".to_owned()),
        ("noise", "1.!!!!".to_owned()),
        ("no object", encoded("7")),
        ("no space", encoded(r#"{"seq":1}"#)),
        (
            "a negative place",
            encoded(&format!(r#"{{"space":"{space}","seq":-1}}"#)),
        ),
        (
            "a place beyond all",
            encoded(&format!(
                r#"{{"space":"{space}","seq":18446744073709551615}}"#
            )),
        ),
        ("half of one", tries.world.bob.cursor[..20].to_owned()),
    ];
    let refused = |(what, cursor): (&str, String)| {
        let what = format!("a cursor with {what}");
        tries.asks(
            &what,
            &[("since_token", &cursor)],
            End::Refused((400, "bad_cursor")),
        )
    };
    let mut all: Vec<_> = forged.map(refused).into();
    let hers = encoded(&format!(
        r#"{{"space":"{space}","seq":0,"listed_to":"{NO_ID}"}}"#
    ));
    all.extend([
        tries.asks(
            "her cursor",
            &[("since_token", &tries.world.ann.cursor)],
            End::OwnOnly,
        ),
        tries.asks(
            "in the middle of her list",
            &[("since_token", &hers)],
            End::OwnOnly,
        ),
    ]);
    all
}

pub fn at_activity(tries: &Tries<'_>) -> Vec<Attempt> {
    let hers = [tries.world.ann.file, tries.world.ann.folder];
    let of_hers = hers.map(|item| {
        let item = item.to_string();
        tries.asks("what was done with hers", &[("item", &item)], End::OwnOnly)
    });
    let ann = tries.world.ann.user.to_string();
    let mut all = only_ones_own(tries);
    all.extend(of_hers);
    all.extend([
        tries.asks("of no item", &[("item", "x")], End::Refused(BAD_REQUEST)),
        tries.asks(
            "no entry at all",
            &[("limit", "0")],
            End::Refused(BAD_REQUEST),
        ),
        tries.asks(
            "before a word",
            &[("before", "now")],
            End::Refused(BAD_REQUEST),
        ),
        tries.asks("what she did", &[("by", &ann)], End::OwnOnly),
        tries.asks("of others", &[("by", "others")], End::OwnOnly),
        tries.asks("by a name", &[("by", "ann")], End::Refused(BAD_REQUEST)),
        tries.asks(
            "of no kind",
            &[("kind", "file_create,unknown")],
            End::Refused(BAD_REQUEST),
        ),
    ]);
    all
}

pub fn at_news(tries: &Tries<'_>) -> Vec<Attempt> {
    let mut all = only_ones_own(tries);
    all.push(tries.asks("no news", &[("limit", "0")], End::Refused(BAD_REQUEST)));
    all
}

pub fn at_seen(tries: &Tries<'_>) -> Vec<Attempt> {
    vec![tries.alters("what never was", json!({"up_to_ms": -1}), BAD_JSON)]
}

pub fn at_feed(tries: &Tries<'_>) -> Vec<Attempt> {
    let limit =
        |what, limit: &str| tries.asks(what, &[("limit", limit)], End::Refused(BAD_REQUEST));
    let mut all = forged(tries);
    all.extend([
        tries.asks("all that he has", &[], End::OwnOnly),
        limit("no changes", "0"),
        limit("too many changes", "1001"),
    ]);
    all
}

pub fn at_poll(tries: &Tries<'_>) -> Vec<Attempt> {
    forged(tries)
}
