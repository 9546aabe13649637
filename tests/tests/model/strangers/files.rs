//! What is tried on content: files, versions, blocks.

use super::attempt::{
    Attempt, BAD_FRAMES, BAD_JSON, BAD_MANIFEST, BAD_NAME, BAD_PATCH, BAD_REQUEST, Code, End,
    ID_TAKEN, MISSING, NO_BASE, NO_BLOCK, NO_FOLDER, NO_ITEM, NOT_FOR_TOKENS, OLD_VERSION, REUSED,
    WRONG_HASH,
};
use super::front::Request;
use super::tries::{NO_ID, Tries};
use super::world::{TOKEN, World};
use blocks::frame::{Codec, carrying_head};
use blocks::hash::BlockHash;
use driftless_tests::client::{framed, frames, manifest, new_file, patched, thumbnail};
use protocol::content::{Base, Content, Spliced};
use protocol::ids::ItemId;
use protocol::limits::{MAX_PACK_BODY_BYTES, MAX_THUMBNAIL_BYTES, MAX_THUMBNAILS_ASKED};
use serde_json::{Value as Json, json};

/// Content that is hers: as the version of her file, and as the hash of her block.
pub fn hers(world: &World) -> [(&'static str, Json, Code); 2] {
    let copy = Content::Spliced(Spliced {
        size: 10,
        size_class: manifest(b"").size_class,
        modified_at_ms: 1.into(),
        base: Base {
            item: world.ann.file,
            version: 2,
        },
        splices: Vec::new(),
    });
    let known = manifest(b"two of ann");
    assert_eq!(known.blocks[0].hash, world.ann.block);
    [
        ("a copy of her file", json!(copy), NO_BASE),
        ("the hash of her block", json!(known), MISSING),
    ]
}

pub fn at_files(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    let mut all: Vec<_> = hers(tries.world)
        .map(|(what, content, end)| tries.alters(what, json!({"content": content}), end))
        .into();
    let lies =
        json!({"size": 1, "size_class": 18, "modified_at_ms": 0, "blocks": [[bob.block, 10]]});
    let longer =
        json!({"size": 11, "size_class": 18, "modified_at_ms": 0, "blocks": [[bob.block, 11]]});
    all.extend([
        tries.alters("in her folder", json!({"parent": ann.folder}), NO_ITEM),
        tries.alters("in a file", json!({"parent": bob.file}), NO_FOLDER),
        tries.alters("an id that is in use", json!({"id": bob.folder}), ID_TAKEN),
        tries.alters("no name to be seen", json!({"name": "\u{200b}"}), BAD_NAME),
        tries.alters(
            "a size that is another",
            json!({"content": lies}),
            BAD_MANIFEST,
        ),
        tries.alters(
            "a block's length that is another",
            json!({"content": longer}),
            BAD_MANIFEST,
        ),
        tries.reuses_an_operation(),
    ]);
    all.extend(carrying(tries));
    all
}

/// A body that brings blocks, of which nothing may stay.
pub fn carrying(tries: &Tries<'_>) -> Vec<Attempt> {
    let body = tries.honest().body;
    let with = |frames: &[u8]| Request {
        body: [carrying_head(&body).as_slice(), frames].concat(),
        carries: true,
        ..tries.honest()
    };
    let claimed = BlockHash::of(b"claimed");
    let wrong = framed(Codec::Plain, claimed, b"damaged");
    let torn = &frames(&[b"torn"])[..20];
    let hers = patched(&[b"two of ann"], b"two of ann, changed");
    let short = Request {
        body: 1_000_u32.to_le_bytes().to_vec(),
        carries: true,
        ..tries.honest()
    };
    vec![
        tries.refused("carried bytes of another hash", with(&wrong), WRONG_HASH),
        tries.refused("half a frame", with(torn), BAD_FRAMES),
        tries.refused("a patch of her block", with(&hers), BAD_PATCH),
        tries.refused("JSON that is longer than the body", short, BAD_FRAMES),
    ]
}

pub fn at_file_batch(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    let file = |more: Json| {
        let mut file = serde_json::to_value(new_file(None, "another", None)).expect("JSON");
        if let (Some(all), Json::Object(more)) = (file.as_object_mut(), more) {
            all.extend(more);
        }
        file
    };
    let batch = |files: Vec<Json>| json!({"files": files});
    let mut all: Vec<_> = hers(tries.world)
        .map(|(what, content, end)| {
            tries.sends(what, &batch(vec![file(json!({"content": content}))]), end)
        })
        .into();
    all.extend([
        tries.sends(
            "in her folder",
            &batch(vec![file(json!({"parent": ann.folder}))]),
            NO_ITEM,
        ),
        tries.sends(
            "an id that is in use",
            &batch(vec![file(json!({"id": bob.file}))]),
            ID_TAKEN,
        ),
        tries.sends(
            "another change under an old operation",
            &batch(vec![file(json!({"operation_id": bob.operation}))]),
            REUSED,
        ),
        tries.sends(
            "a bad name",
            &batch(vec![file(json!({"name": "a/b"}))]),
            BAD_NAME,
        ),
        tries.sends(
            "an odd one",
            &batch(vec![file(json!({"content": 7}))]),
            BAD_JSON,
        ),
        tries.sends(
            "too many",
            &batch((0..101).map(|_| file(json!({}))).collect()),
            BAD_REQUEST,
        ),
    ]);
    all
}

pub fn at_proposal(tries: &Tries<'_>) -> Vec<Attempt> {
    let block = tries.world.ann.block;
    let mut all = vec![
        tries.alters(
            "of an old version",
            json!({"current_version": 1}),
            OLD_VERSION,
        ),
        tries.alters(
            "more than fits",
            json!({"new_bytes": 1_u64 << 52}),
            (507, "quota_exceeded"),
        ),
    ];
    // Whether somebody else has a block can't be found out.
    let mut asks = tries.alters("her block", json!({"new_block_hashes": [block]}), (0, ""));
    asks.end = End::Tells(block.to_string());
    all.push(asks);
    all
}

pub fn at_commit(tries: &Tries<'_>) -> Vec<Attempt> {
    let bob = &tries.world.bob;
    let at = |id: ItemId| Request {
        path: tries.path_with(&id.to_string()),
        ..tries.honest()
    };
    let mut all: Vec<_> = hers(tries.world)
        .map(|(what, content, end)| tries.alters(what, json!({"content": content}), end))
        .into();
    all.extend([
        tries.alters("on an old version", json!({"base_version": 1}), OLD_VERSION),
        tries.alters(
            "on a version to come",
            json!({"base_version": 3}),
            OLD_VERSION,
        ),
        tries.refused("on a folder", at(bob.folder), (409, "not_a_file")),
        tries.refused(
            "on what is in the trash",
            at(bob.trashed),
            (409, "in_trash"),
        ),
        tries.reuses_an_operation(),
    ]);
    all.extend(carrying(tries));
    all
}

pub fn at_versions(tries: &Tries<'_>) -> Vec<Attempt> {
    let refused = |what, query| tries.asks(what, query, End::Refused(BAD_REQUEST));
    vec![
        refused("no version at all", &[("limit", "0")]),
        refused("more than a page may have", &[("limit", "1001")]),
        refused("before no number", &[("before", "x")]),
    ]
}

pub fn at_a_mark(tries: &Tries<'_>) -> Vec<Attempt> {
    let none = (404, "no_such_version");
    vec![
        tries.alters("a version to come", json!({"version": 9}), none),
        tries.alters("no version at all", json!({"version": 0}), none),
        tries.alters(
            "by marks that nobody saw",
            json!({"base_marks": 3}),
            (409, "place_conflict"),
        ),
        tries.alters("a name of two lines", json!({"name": "a\nb"}), BAD_NAME),
        tries.alters("a long name", json!({"name": "x".repeat(101)}), BAD_NAME),
    ]
}

/// What is kept for a shorter time is gone for good: no token says so.
pub fn at_retention(tries: &Tries<'_>) -> Vec<Attempt> {
    let kept = |all: u64, weekly: u64| {
        let days = json!({
            "all_days": all, "hourly_days": 7, "daily_days": 30, "weekly_days": weekly
        });
        json!({"retention": {"versions": days, "trash_days": 30}})
    };
    let trash = |days: u64| json!({"retention": {"versions": null, "trash_days": days}});
    vec![
        tries.refused("a token", tries.bearing(TOKEN), NOT_FOR_TOKENS),
        tries.alters("nothing of the last day", kept(0, 365), BAD_REQUEST),
        tries.alters("all for longer than some", kept(8, 365), BAD_REQUEST),
        tries.alters("for ever and a day", kept(1, u64::MAX), BAD_REQUEST),
        tries.alters("an empty trash", trash(0), BAD_REQUEST),
        tries.alters("a full trash", trash(36_501), BAD_REQUEST),
    ]
}

pub fn at_manifest(tries: &Tries<'_>) -> Vec<Attempt> {
    let (hers, none) = (tries.world.ann.file.to_string(), "no_such_version");
    let refused = |what, query: &[(&'static str, &str)], code| {
        tries.asks(what, query, End::Refused((404, code)))
    };
    let base = "no_such_base";
    let against = |file: &'static str| [("version", "2"), ("since", "2"), ("of", file)];
    vec![
        refused("a version to come", &[("version", "9")], none),
        refused("no version at all", &[("version", "0")], none),
        refused(
            "against her file",
            &[("version", "2"), ("since", "2"), ("of", &hers)],
            base,
        ),
        refused("against a file of nobody", &against(NO_ID), base),
    ]
}

pub fn at_content(tries: &Tries<'_>) -> Vec<Attempt> {
    let none = End::Refused((404, "no_such_version"));
    vec![
        tries.asks("a version to come", &[("version", "9")], none.clone()),
        tries.asks("no version at all", &[("version", "0")], none),
    ]
}

pub fn at_a_thumbnail(tries: &Tries<'_>) -> Vec<Attempt> {
    let sends = |what: &str, body: Vec<u8>, end| {
        let request = Request {
            body,
            ..tries.honest()
        };
        tries.refused(what, request, end)
    };
    let old = End::Refused((409, "version_conflict"));
    vec![
        tries.asks("of the version before", &[("version", "1")], old.clone()),
        tries.asks("of a version to come", &[("version", "3")], old),
        sends("nothing", Vec::new(), BAD_REQUEST),
        sends(
            "a page that runs",
            b"<html><script>alert(1)</script>".to_vec(),
            BAD_REQUEST,
        ),
        sends(
            "a drawing that runs",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec(),
            BAD_REQUEST,
        ),
        sends(
            "a picture that is too large",
            thumbnail(&[0; MAX_THUMBNAIL_BYTES]),
            (413, "body_too_large"),
        ),
    ]
}

pub fn at_thumbnails(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    let (hers, his) = (ann.file.to_string(), bob.file.to_string());
    let many = vec![his.as_str(); MAX_THUMBNAILS_ASKED + 1].join(",");
    vec![
        tries.asks("of her file", &[("of", &hers)], End::OwnOnly),
        tries.asks(
            "of her file",
            &[("of", &hers)],
            End::Tells("{\"thumbnails\":[]}".into()),
        ),
        tries.asks(
            "half an id",
            &[("of", &his[..9])],
            End::Refused(BAD_REQUEST),
        ),
        tries.asks("too many", &[("of", &many)], End::Refused(BAD_REQUEST)),
    ]
}

pub fn at_conflict(tries: &Tries<'_>) -> Vec<Attempt> {
    let bob = &tries.world.bob;
    let mut all: Vec<_> = hers(tries.world)
        .map(|(what, content, end)| tries.alters(what, json!({"content": content}), end))
        .into();
    all.extend([
        tries.alters("of the head", json!({"base_version": 2}), BAD_REQUEST),
        tries.alters(
            "an id that is in use",
            json!({"id": bob.conflict}),
            ID_TAKEN,
        ),
        tries.reuses_an_operation(),
    ]);
    all
}

pub fn at_blocks(tries: &Tries<'_>) -> Vec<Attempt> {
    let sends = |what: &str, body: Vec<u8>, end| {
        let request = Request {
            body,
            ..tries.honest()
        };
        tries.refused(what, request, end)
    };
    let claimed = BlockHash::of(b"claimed");
    let good = frames(&[b"good"]);
    let wrong = framed(Codec::Plain, claimed, b"damaged");
    let bomb = framed(Codec::Lz4, claimed, &[0xff; 64]);
    vec![
        sends("bytes of another hash", wrong.clone(), WRONG_HASH),
        sends(
            "bytes of another hash after good ones",
            [good.clone(), wrong].concat(),
            WRONG_HASH,
        ),
        sends("half a frame", good[..20].to_vec(), BAD_FRAMES),
        sends("noise", vec![0xff; 1_000], BAD_FRAMES),
        sends("LZ4 that claims to be huge", bomb, (413, "block_too_large")),
        sends(
            "a patch of her block",
            patched(&[b"two of ann"], b"two of ann, changed"),
            BAD_PATCH,
        ),
        sends(
            "more than a request may bring",
            vec![0; MAX_PACK_BODY_BYTES + 1],
            (413, "body_too_large"),
        ),
    ]
}

pub fn at_fetch(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    let none = NO_BLOCK;
    vec![
        tries.sends("her block", &json!({"want": [ann.block]}), none),
        tries.sends(
            "his block and hers",
            &json!({"want": [bob.block, ann.block]}),
            none,
        ),
        tries.sends(
            "a block of nobody",
            &json!({"want": [BlockHash::of(b"nobody's")]}),
            none,
        ),
        tries.sends("none", &json!({"want": []}), BAD_REQUEST),
        tries.sends(
            "half a hash",
            &json!({"want": [&bob.block.to_string()[..32]]}),
            BAD_JSON,
        ),
        tries.sends(
            "too many",
            &json!({"want": vec![bob.block; 20_000]}),
            BAD_REQUEST,
        ),
    ]
}

pub fn at_signatures(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    vec![
        tries.sends(
            "her block",
            &json!({"blocks": [[ann.block, 1_024]]}),
            NO_BLOCK,
        ),
        tries.sends(
            "his block and hers",
            &json!({"blocks": [[bob.block, 1_024], [ann.block, 1_024]]}),
            NO_BLOCK,
        ),
        tries.sends("none", &json!({"blocks": []}), BAD_REQUEST),
        tries.sends(
            "a sub-block of nothing",
            &json!({"blocks": [[bob.block, 0]]}),
            BAD_REQUEST,
        ),
        tries.sends(
            "a sub-block of everything",
            &json!({"blocks": [[bob.block, u32::MAX]]}),
            BAD_REQUEST,
        ),
        tries.sends(
            "a negative sub-block",
            &json!({"blocks": [[bob.block, -1]]}),
            BAD_JSON,
        ),
    ]
}
