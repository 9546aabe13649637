//! Broken histories: each kind of violation is found.

use super::*;
use std::time::Duration;

fn item(n: u8) -> ItemId {
    ItemId::from_random([n; 16])
}

fn conflict() -> ConflictId {
    ConflictId::from_random([9; 16])
}

fn content(n: u8) -> BlockHash {
    BlockHash::of(&[n])
}

/// A client's entries, each after the one before.
fn entry(client: usize, at: u64, what: What) -> Entry {
    Entry {
        client,
        began: Duration::from_secs(at),
        ended: Some(Duration::from_millis(at * 1_000 + 500)),
        unanswered: 0,
        what,
    }
}

fn made(number: u64, seq: Seq) -> End {
    End::Done {
        number,
        seq: Some(seq),
    }
}

fn write(base: u64, n: u8, end: End) -> What {
    let (item, content) = (item(1), content(n));
    What::Write {
        item,
        base,
        content,
        end,
    }
}

fn page(since: Option<Seq>, to: Seq, version: u64, place: u64) -> What {
    What::Page {
        since,
        to,
        reset: since.is_none(),
        items: vec![(item(1), version, place)],
        conflicts: Vec::new(),
    }
}

/// Two clients: one makes a file and edits it, the other reads, renames it,
/// loses a race and keeps its side.
fn good() -> (Vec<Entry>, AtRest) {
    let rename = What::Rename {
        item: item(1),
        base: 1,
        name: "new".into(),
        end: made(2, 2),
    };
    let keep = What::Keep {
        item: item(1),
        conflict: conflict(),
        content: content(3),
        end: End::Done {
            number: 0,
            seq: None,
        },
    };
    let mut last = page(Some(2), 4, 2, 2);
    if let What::Page { conflicts, .. } = &mut last {
        conflicts.push(conflict());
    }
    let history = vec![
        entry(0, 1, write(0, 1, made(1, 1))),
        entry(1, 2, page(None, 1, 1, 1)),
        entry(1, 3, rename),
        entry(1, 4, page(Some(1), 2, 1, 2)),
        entry(0, 5, write(1, 2, made(2, 3))),
        entry(1, 6, write(1, 3, End::Second { current: 2 })),
        entry(1, 7, keep),
        entry(1, 8, last),
    ];
    let at_rest = ItemAtRest {
        name: "new".into(),
        place_version: 2,
        versions: vec![content(1), content(2)],
    };
    let rest = AtRest {
        head: 4,
        items: [(item(1), at_rest)].into(),
        conflicts: [(conflict(), content(3))].into(),
    };
    (history, rest)
}

/// The violations of the good history after it was broken.
fn broken(breakage: impl FnOnce(&mut Vec<Entry>, &mut AtRest)) -> Vec<Violation> {
    let (mut history, mut rest) = good();
    breakage(&mut history, &mut rest);
    check(&history, &rest).violations
}

fn versions_of(rest: &mut AtRest) -> &mut Vec<BlockHash> {
    &mut rest.items.get_mut(&item(1)).unwrap().versions
}

#[test]
fn what_can_have_been_is_no_violation() {
    let (history, rest) = good();
    let verdict = check(&history, &rest);
    assert_eq!(verdict.violations, []);
    assert!(verdict.facts > 20, "{}", verdict.facts);
}

#[test]
fn a_lost_version_is_found() {
    let lost = Violation::VersionLost {
        item: item(1),
        version: 2,
    };
    let gone = broken(|_, rest| versions_of(rest).truncate(1));
    assert!(gone.contains(&lost), "{gone:?}");
    let other = broken(|_, rest| versions_of(rest)[1] = content(3));
    assert!(other.contains(&lost), "{other:?}");
}

#[test]
fn an_overwritten_version_is_found() {
    // Both writers of one base were told that they made version 2.
    let found = broken(|history, _| history[5].what = write(1, 3, made(2, 5)));
    assert!(found.contains(&Violation::VersionLost {
        item: item(1),
        version: 2
    }));
}

#[test]
fn a_version_of_nobody_is_found() {
    let found = broken(|_, rest| versions_of(rest).push(content(77)));
    assert_eq!(
        found,
        [Violation::VersionOfNobody {
            item: item(1),
            version: 3
        }]
    );
}

#[test]
fn a_change_that_was_made_twice_is_found() {
    let found = broken(|_, rest| versions_of(rest).push(content(2)));
    assert!(found.contains(&Violation::MadeTwice {
        item: item(1),
        version: 3
    }));
    // One whose version tells nothing is betrayed by the journal.
    let found = broken(|_, rest| rest.head = 5);
    assert_eq!(found, [Violation::JournalLength { head: 5 }]);
}

#[test]
fn an_unanswered_change_may_have_happened_or_not() {
    let unknown = |history: &mut Vec<Entry>| history[4].what = write(1, 2, End::Unknown);
    assert_eq!(broken(|history, _| unknown(history)), []);
    let not = broken(|history, rest| {
        unknown(history);
        history.truncate(4);
        history.push(entry(0, 5, write(1, 2, End::Unknown)));
        versions_of(rest).pop();
        rest.conflicts.clear();
        rest.head = 2;
    });
    assert_eq!(not, []);
}

#[test]
fn a_version_on_another_base_is_found() {
    let found = broken(|history, _| history[4].what = write(0, 2, made(2, 3)));
    assert!(found.contains(&Violation::OtherBase {
        item: item(1),
        version: 2
    }));
}

#[test]
fn a_base_that_was_not_seen_is_found() {
    let found = broken(|history, _| history[0].client = 1);
    let unseen = Violation::UnseenBase {
        client: 0,
        item: item(1),
        base: 1,
    };
    assert_eq!(found, [unseen]);
}

#[test]
fn a_lost_rename_is_found() {
    let lost = Violation::RenameLost {
        item: item(1),
        place_version: 2,
    };
    let old = broken(|_, rest| rest.items.get_mut(&item(1)).unwrap().name = "old".into());
    assert_eq!(old, std::slice::from_ref(&lost));
    let twice = broken(|history, rest| {
        let mut other = history[2].clone();
        if let What::Rename { name, end, .. } = &mut other.what {
            (*name, *end) = ("other".into(), made(2, 5));
        }
        history.push(other);
        rest.head = 5;
    });
    assert!(twice.contains(&lost), "{twice:?}");
}

#[test]
fn a_lost_conflict_is_found() {
    let lost = Violation::ConflictLost {
        conflict: conflict(),
    };
    let gone = broken(|_, rest| rest.conflicts.clear());
    assert_eq!(gone, std::slice::from_ref(&lost));
    let other = broken(|_, rest| rest.conflicts = [(conflict(), content(1))].into());
    assert_eq!(other, [lost]);
}

#[test]
fn two_changes_of_one_entry_are_found() {
    let found = broken(|history, _| history[4].what = write(1, 2, made(2, 2)));
    assert!(
        found.contains(&Violation::SameEntry { seq: 2 }),
        "{found:?}"
    );
}

#[test]
fn a_stale_answer_is_found() {
    let found = broken(|history, _| {
        history[5].what = write(1, 3, End::Second { current: 1 });
    });
    assert_eq!(
        found,
        [Violation::OutOfOrder {
            item: item(1),
            version: 1
        }]
    );
}

#[test]
fn a_page_that_skips_is_found() {
    for (since, to) in [(Some(2), 2), (None, 2), (Some(1), 0)] {
        let found = broken(|history, _| history[3].what = page(since, to, 1, 2));
        assert!(
            found.contains(&Violation::PageSkips { client: 1, to }),
            "{found:?}"
        );
    }
}

#[test]
fn a_page_that_goes_back_is_found() {
    let found = broken(|history, _| history[7].what = page(Some(2), 2, 1, 1));
    assert!(found.contains(&Violation::Backwards {
        client: 1,
        item: item(1)
    }));
}

#[test]
fn a_change_that_is_not_told_is_found() {
    let found = broken(|history, _| history[7].what = page(Some(2), 4, 1, 2));
    assert_eq!(found, [Violation::NotTold { client: 1, seq: 3 }]);
}
