#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{merge, result};
use merge::{MergeDraft, Pick, Typed};

const BASE: &str = "a\nb\nc\nd\ne\nf\ng\n";
const FIRST: &str = "1\nb\n2\nd\n3\nf\ng\n";
const SECOND: &str = "x\nb\ny\nd\nz\nf\ng\n";

fn edited(text: &str) -> Pick {
    Pick::Edited { text: text.into() }
}

#[test]
fn a_draft_is_applied_as_it_was_put_apart() {
    let mut before = merge(BASE, FIRST, SECOND);
    before.pick(0, Some(Pick::SecondThenFirst));
    before.pick(2, Some(edited("typed\r\n")));
    before.pick(5, Some(edited("F\nG\n")));
    let json = serde_json::to_string(&before.draft()).expect("it is plain data");
    let draft: MergeDraft = serde_json::from_str(&json).expect("it was written just now");
    assert_eq!((draft.len(), draft.is_empty()), (3, false));
    let mut after = merge(BASE, FIRST, SECOND);
    // What a draft does not say is not picked.
    after.pick(4, Some(Pick::First));
    let applied = after.apply(&draft);
    assert_eq!((applied.kept, applied.again), (3, 0));
    assert_eq!(after.draft(), draft);
    after.pick(4, Some(Pick::First));
    before.pick(4, Some(Pick::First));
    assert_eq!(result(&after), result(&before));
    assert!(after.undo() && after.undo());
    assert_eq!(after.draft().len(), 1);
}

#[test]
fn a_newer_first_version_keeps_what_it_did_not_touch() {
    let mut before = merge(BASE, FIRST, SECOND);
    before.pick(0, Some(Pick::FirstThenSecond));
    before.pick(2, Some(edited("typed\n")));
    before.pick(4, Some(Pick::Second));
    // A line more at the top of "2", and a third one's change of the last line.
    let newer = "1\nb\nnew\n2\nd\n3\nf\nG!\n";
    let mut after = merge(BASE, newer, SECOND);
    let applied = after.apply(&before.draft());
    assert_eq!((applied.kept, applied.again), (2, 1));
    assert_eq!(applied.edits.len(), 1);
    assert_eq!(applied.edits[0].typed.text, "typed\n");
    let near = applied.edits[0].near.expect("there are regions");
    assert_eq!(after.regions()[near].base, 2..3);
    assert_eq!(after.counts().resolved, 2);
    after.pick(near, Some(edited(&applied.edits[0].typed.text)));
    assert_eq!(
        result(&after).as_deref(),
        Some("1\nx\nb\ntyped\nd\nz\nf\nG!\n")
    );
}

#[test]
fn an_edit_whose_conflict_is_gone_is_not_lost() {
    let mut before = merge(BASE, FIRST, SECOND);
    before.pick(2, Some(edited("typed\n")));
    // The other took the second side's line.
    let mut after = merge(BASE, "1\nb\ny\nd\n3\nf\ng\n", SECOND);
    let applied = after.apply(&before.draft());
    assert_eq!((applied.kept, applied.again), (0, 1));
    assert_eq!(applied.edits[0].near, Some(2));
    let mut nothing = merge("", "", "");
    let applied = nothing.apply(&before.draft());
    assert_eq!(applied.edits[0].near, None);
}

#[test]
fn what_was_typed_and_not_used_is_given_back() {
    let before = merge(BASE, FIRST, SECOND);
    let place = before.region(2).expect("it exists").place;
    let mut draft = before.draft();
    assert!(draft.is_empty());
    let text = "half a thought".to_owned();
    draft.typed.push(Typed { place, text });
    assert!(!draft.is_empty());
    let json = serde_json::to_string(&draft).expect("it is plain data");
    let draft: MergeDraft = serde_json::from_str(&json).expect("it was written just now");

    let mut same = merge(BASE, FIRST, SECOND);
    let edits = same.apply(&draft).edits;
    assert_eq!((edits[0].near, edits[0].is_there), (Some(2), true));
    let mut newer = merge(BASE, "1\nb\nnew\n2\nd\n3\nf\ng\n", SECOND);
    let edits = newer.apply(&draft).edits;
    assert_eq!(edits[0].typed.text, "half a thought");
    assert!(!edits[0].is_there && edits[0].near.is_some());
}

#[test]
fn a_draft_of_an_older_page_is_understood() {
    let mut before = merge(BASE, FIRST, SECOND);
    before.pick(2, Some(edited("typed\n")));
    let json = serde_json::to_value(before.draft()).expect("it is plain data");
    let pick = &json["picks"][0];
    assert_eq!(pick["pick"], "edited");
    assert_eq!(pick["base"]["start"], 2);
    // Nothing else is written where nothing else was decided.
    assert_eq!(json.as_object().map(|draft| draft.len()), Some(1));
}
