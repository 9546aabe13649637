//! What is tried at the door of an account.

use super::attempt::{
    Attempt, BAD_JSON, BAD_NAME, BAD_REQUEST, BAD_SIGN_IN, CROSS_SITE, End, NOT_FOR_TOKENS,
};
use super::front::Request;
use super::tries::Tries;
use super::world::TOKEN;
use blocks::hash::BlockHash;
use serde_json::{Value as Json, json};

pub fn guesses(mut all: Vec<Attempt>) -> Vec<Attempt> {
    for attempt in &mut all {
        attempt.is_guess = true;
    }
    all
}

pub fn at_sign_up(tries: &Tries<'_>) -> Vec<Attempt> {
    let name = |name: &str| json!({"user_name": name});
    let bad = BAD_SIGN_IN;
    let mut all = vec![
        tries.alters("an empty name", name(""), BAD_NAME),
        tries.alters(
            "a name of a page's length",
            name(&"a".repeat(5_000)),
            BAD_NAME,
        ),
        tries.alters("a name with a line's end", name("ann\nann"), BAD_NAME),
    ];
    all.extend(guesses(vec![
        tries.alters("a message that is none", json!({"message": "AAAA"}), bad),
        tries.alters(
            "a long message",
            json!({"message": "A".repeat(100_000)}),
            bad,
        ),
    ]));
    all
}

pub fn at_sign_up_finish(tries: &Tries<'_>) -> Vec<Attempt> {
    let registration = |text: Json| json!({"registration": text});
    let bad = BAD_SIGN_IN;
    let elsewhere = Request {
        has_client_header: false,
        ..tries.anonymous()
    };
    vec![
        tries.alters("an odd name", json!({"user_name": "a\u{202e}b"}), BAD_NAME),
        tries.alters("no registration", registration(json!(null)), bad),
        tries.alters(
            "a forged registration",
            registration(json!(format!("{}.{}", "0".repeat(64), "0".repeat(64)))),
            bad,
        ),
        tries.refused("another site signs a browser up", elsewhere, CROSS_SITE),
    ]
}

pub fn at_sign_in(tries: &Tries<'_>) -> Vec<Attempt> {
    let nobody = json!({"user_name": "nobody"});
    let bad = BAD_SIGN_IN;
    let mut all = at_sign_up(tries);
    all.extend(guesses(vec![
        tries.alters("a name that nobody has", nobody, bad),
        tries.alters("his own name", json!({"user_name": "bob"}), bad),
    ]));
    all
}

pub fn at_sign_in_finish(tries: &Tries<'_>) -> Vec<Attempt> {
    let elsewhere = Request {
        has_client_header: false,
        ..tries.anonymous()
    };
    let mut all = at_proof(tries);
    all.push(tries.refused("another site signs a browser in", elsewhere, CROSS_SITE));
    all
}

pub fn at_proof(tries: &Tries<'_>) -> Vec<Attempt> {
    let attempt = |text: &str| json!({"attempt": text});
    let refused = (401, "sign_in_refused");
    vec![
        tries.alters("an attempt of nobody", attempt(&"0".repeat(64)), refused),
        tries.alters(
            "an attempt that is none",
            attempt("../../etc/passwd"),
            refused,
        ),
        tries.alters("no attempt", attempt(""), refused),
        tries.alters(
            "her device as the attempt",
            attempt(&tries.world.ann.device.to_string()),
            refused,
        ),
    ]
}

pub fn at_confirm(tries: &Tries<'_>) -> Vec<Attempt> {
    let mut all = at_proof(tries);
    all.push(tries.refused("a token", tries.bearing(TOKEN), NOT_FOR_TOKENS));
    all
}

pub fn at_keeping(tries: &Tries<'_>) -> Vec<Attempt> {
    vec![tries.refused("a token", tries.bearing(TOKEN), NOT_FOR_TOKENS)]
}

pub fn at_password(tries: &Tries<'_>) -> Vec<Attempt> {
    let bad = BAD_SIGN_IN;
    vec![tries.refused("a message that is none", tries.honest(), bad)]
}

pub fn at_codes(tries: &Tries<'_>) -> Vec<Attempt> {
    let mut all = only_ones_own(tries);
    all.push(tries.refused("a token", tries.bearing(TOKEN), NOT_FOR_TOKENS));
    all
}

pub fn at_new_codes(tries: &Tries<'_>) -> Vec<Attempt> {
    let hashes = |hashes: Json| json!({"hashes": hashes});
    let one = BlockHash::of(b"a code");
    let bad = BAD_REQUEST;
    vec![
        tries.alters("no codes", hashes(json!([])), bad),
        tries.alters("one code", hashes(json!([one])), bad),
        tries.alters("one code ten times", hashes(json!(vec![one; 10])), bad),
        tries.alters("no hashes", hashes(json!(vec!["0"; 10])), BAD_JSON),
    ]
}

pub fn at_recovery(tries: &Tries<'_>) -> Vec<Attempt> {
    let bad = BAD_SIGN_IN;
    let elsewhere = Request {
        has_client_header: false,
        ..tries.anonymous()
    };
    let forged = json!(format!("{}.{}", "0".repeat(64), "0".repeat(64)));
    vec![
        tries.refused("a message that is none", tries.anonymous(), bad),
        tries.alters("an odd name", json!({"user_name": "a\u{202e}b"}), BAD_NAME),
        tries.alters(
            "a forged registration",
            json!({"registration": forged}),
            bad,
        ),
        tries.alters(
            "an odd device",
            json!({"device": {"name": "", "kind": "browser"}}),
            BAD_NAME,
        ),
        tries.refused("another site signs a browser in", elsewhere, CROSS_SITE),
    ]
}

pub fn at_renaming(tries: &Tries<'_>) -> Vec<Attempt> {
    let name = |name: &str| json!({"name": name});
    vec![
        tries.refused("a token", tries.bearing(TOKEN), NOT_FOR_TOKENS),
        tries.alters("no name", name(" "), BAD_NAME),
        tries.alters("a long name", name(&"a".repeat(65)), BAD_NAME),
        tries.alters("a name with a line's end", name("a\nb"), BAD_NAME),
        tries.alters(
            "a name that turns what is around it",
            name("a\u{202e}b"),
            BAD_NAME,
        ),
    ]
}

pub fn only_ones_own(tries: &Tries<'_>) -> Vec<Attempt> {
    vec![
        tries.asks("his own", &[], End::OwnOnly),
        tries.asks(
            "hers",
            &[
                ("user", "ann"),
                ("space", &tries.world.ann.space.to_string()),
            ],
            End::OwnOnly,
        ),
    ]
}

pub fn at_tokens(tries: &Tries<'_>) -> Vec<Attempt> {
    let bad = BAD_REQUEST;
    vec![
        tries.alters("a scope that nobody knows", json!({"scope": "admin"}), bad),
        tries.alters("no days", json!({"days": 0}), bad),
        tries.alters("a token for ever", json!({"days": 367}), bad),
        tries.alters("more days than there are", json!({"days": u64::MAX}), bad),
        tries.alters("no name", json!({"name": ""}), BAD_NAME),
    ]
}
