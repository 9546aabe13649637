//! Finding names: what is found is what a slow and obvious matcher finds, in whatever
//! slices it is looked for.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use blocks::chunk::SizeClass;
use blocks::number::FileTime;
use protocol::ids::{DeviceId, ItemId};
use protocol::items::{Committed, FileHead, Item};
use protocol::name::Name;
use std::collections::BTreeSet;
use sync::search::fold::Folder;
use sync::search::index::Index;
use sync::search::pattern::{Fit, Pattern, is_word_start, mask};
use sync::search::query::{Calendar, Kind, Query, toggled, tokens};
use sync::search::scan::{MAX_HITS, Scan};
use sync::tree::{ListedItem, Tree};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// 2026-11-29, 12:00.
const NOW_MS: i64 = 20_786 * DAY_MS + DAY_MS / 2;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.throw(all.len())]
    }
}

fn folded(text: &str) -> String {
    Folder::default().folded(text)
}

fn fit(query: &str, name: &str) -> Option<Fit> {
    let name = folded(name);
    let pattern = Pattern::new(query, &mut Folder::default());
    pattern.rank(&name, mask(&name)).map(|rank| rank.worst)
}

fn marked(query: &str, name: &str) -> Vec<String> {
    let mut folder = Folder::default();
    let pattern = Pattern::new(query, &mut folder);
    let ranges = pattern.ranges(name, &mut folder);
    ranges
        .into_iter()
        .map(|range| name[range].to_owned())
        .collect()
}

#[test]
fn case_and_accents_do_not_count() {
    for (query, name) in [
        ("uberblick", "Überblick.pdf"),
        ("ÜBERBLICK", "uberblick.pdf"),
        ("resume", "Résumé 2026.docx"),
        ("lodz", "Łódź.jpg"),
        ("strasse", "Straße.txt"),
        ("STRAßE", "strasse.txt"),
        ("smorrebrod", "Smørrebrød.md"),
        ("москва", "МОСКВА.txt"),
        ("елка", "Ёлка.txt"),
        ("한글", "한글 문서.hwp"),
        ("東京", "東京タワー.png"),
        ("file", "ﬁle.txt"),
        ("anna's", "Anna’s list.txt"),
        ("e\u{301}tude", "étude.mid"),
    ] {
        let found = fit(query, name);
        assert!(
            found.is_some_and(|fit| fit <= Fit::Prefix),
            "{query} in {name}: {found:?}"
        );
        assert!(!marked(query, name).is_empty(), "{query} in {name}");
    }
}

#[test]
fn words_stand_in_any_order_and_all_of_them_are_needed() {
    assert_eq!(
        fit("report annual", "Annual report 2026.pdf"),
        Some(Fit::WordStart)
    );
    assert_eq!(
        fit("annual report", "Annual report 2026.pdf"),
        Some(Fit::Prefix)
    );
    assert_eq!(
        fit("2026 ann", "Annual report 2026.pdf"),
        Some(Fit::WordStart)
    );
    assert_eq!(fit("annual budget", "Annual report 2026.pdf"), None);
    assert_eq!(
        marked("report annual", "Annual report 2026.pdf"),
        ["Annual", "report"]
    );
    assert_eq!(marked("annual budget", "Annual report 2026.pdf"), [""; 0]);
}

#[test]
fn long_words_may_have_typos_and_numbers_may_not() {
    // Left out, added, mistaken, in the wrong order.
    for typed in ["inoice", "invoicce", "invoixe", "invocie"] {
        assert_eq!(fit(typed, "Invoice March.pdf"), Some(Fit::Typo), "{typed}");
    }
    assert_eq!(marked("invocie", "My Invoice.pdf"), ["Invoice"]);
    // Two, from eight letters on.
    assert_eq!(fit("aprtment", "Apartments.png"), Some(Fit::Typo));
    assert_eq!(fit("prtement", "Apartments.png"), None);
    assert_eq!(fit("aprtmnt", "Apartments.png"), None);
    // Three letters have to be right.
    assert_eq!(fit("cat", "car.txt"), None);
    // A number is another number, and not one with a typo.
    assert_eq!(fit("2024", "2025.txt"), None);
    assert_eq!(fit("20241231", "20241230.txt"), None);
    // A typo is at the beginning of something.
    assert_eq!(fit("portx", "report.txt"), None);
    // Letters of several bytes count once.
    assert_eq!(fit("мосвка", "Москва.txt"), Some(Fit::Typo));
}

/// A tree of files of these names, one after another in time.
fn tree(names: &[&str]) -> Tree {
    let mut tree = Tree::default();
    for (at, name) in names.iter().enumerate() {
        tree.put(sent(file(at as u32, None, name)));
    }
    tree
}

fn sent(item: Item) -> ListedItem {
    ListedItem {
        item: item.into(),
        pending: false,
    }
}

fn id(n: u32) -> ItemId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    ItemId::from_random(bytes)
}

fn folder(n: u32, parent: Option<ItemId>, name: &str) -> Item {
    Item {
        id: id(n),
        parent,
        name: Name::parse(name).unwrap(),
        place_version: 1,
        file: None,
        created_at_ms: 1_000 + u64::from(n),
        mount: None,
        trashed_at_ms: None,
        damaged: false,
    }
}

fn file(n: u32, parent: Option<ItemId>, name: &str) -> Item {
    Item {
        file: Some(FileHead {
            version: 1,
            size: 1,
            size_class: SizeClass::for_size(1),
            modified_at_ms: FileTime::of_clock(1_000 + u64::from(n)),
            committed: Committed {
                user_name: "Ann Lee".to_owned(),
                device_id: DeviceId::from_random([0; 16]),
                device_name: "Chrome on Linux".to_owned(),
                at_ms: 0,
            },
            damaged: false,
        }),
        ..folder(n, parent, name)
    }
}

fn kind(name: &str) -> Option<Kind> {
    match name.rsplit_once('.')?.1 {
        "jpg" => Some(Kind::Picture),
        "txt" => Some(Kind::Document),
        _ => None,
    }
}

fn calendar() -> Calendar<'static> {
    Calendar {
        now_ms: NOW_MS,
        today_ms: NOW_MS - DAY_MS / 2,
        starts: &|year, month, day| {
            // Near enough: months of 31 days.
            let days = i64::from(year - 2026) * 372 + i64::from(month) * 31 + i64::from(day);
            ((1..=12).contains(&month) && (1..=31).contains(&day))
                .then_some(NOW_MS - (11 * 31 + 29 - days) * DAY_MS)
        },
    }
}

fn query(text: &str) -> Query {
    Query::parse(text, calendar(), &mut Folder::default())
}

fn whole_index(tree: &Tree) -> Index {
    let mut index = Index::begin(tree);
    while !index.is_whole() {
        index.go_on(tree, 7);
    }
    index
}

/// The names that are found, in order.
fn names(tree: &Tree, text: &str) -> Vec<String> {
    let mut scan = Scan::begin(query(text));
    let index = whole_index(tree);
    scan.go_on(&index, tree, &kind, usize::MAX);
    let name = |hit: sync::search::scan::Hit| tree.get(hit.id).unwrap().name.to_string();
    scan.best(MAX_HITS).into_iter().map(name).collect()
}

#[test]
fn what_fits_better_stands_first_then_what_is_shorter_and_newer() {
    let tree = tree(&[
        "an old plan.txt",
        "explanation.txt",
        "plan.txt",
        "planning of the year.txt",
        "planning.txt",
        "pland.txt.bak",
        "plamn.txt",
        "other.txt",
        "the plan.txt",
        "one plan.txt",
    ]);
    let expected = [
        "plan.txt",
        "planning.txt",
        "pland.txt.bak",
        "planning of the year.txt",
        "one plan.txt",
        "the plan.txt",
        "an old plan.txt",
        "explanation.txt",
        "plamn.txt",
    ];
    assert_eq!(names(&tree, "plan"), expected);
    // Without words, the newest.
    assert_eq!(
        names(&tree, "kind:document")[..2],
        ["one plan.txt", "the plan.txt"]
    );
}

#[test]
fn what_is_starred_is_found_by_a_filter_and_nothing_else_is() {
    let mut tree = tree(&["plan a.txt", "plan b.txt", "plan c.txt", "other.txt"]);
    let mut trashed = file(10, None, "plan d.txt");
    trashed.trashed_at_ms = Some(5);
    tree.put(sent(trashed));
    let starred: BTreeSet<ItemId> = tree
        .ids()
        .filter(|id| {
            let name = tree.get(*id).unwrap().name.to_string();
            ["plan b.txt", "other.txt", "plan d.txt"].contains(&name.as_str())
        })
        .collect();
    let index = whole_index(&tree);
    let found = |scan: Scan| {
        let mut scan = scan;
        scan.go_on(&index, &tree, &kind, usize::MAX);
        let hits = scan.best(MAX_HITS).into_iter();
        let names = hits.map(|hit| tree.get(hit.id).unwrap().name.to_string());
        names.collect::<Vec<_>>()
    };
    for (text, expected) in [
        ("plan is:starred", &["plan b.txt"][..]),
        ("IS:Starred kind:document plan", &["plan b.txt"]),
        ("is:starred in:trash", &["plan d.txt"]),
        ("is:starred plan c", &[]),
        // No filter, and looked for as a word.
        ("is:star", &[]),
    ] {
        let scan = Scan::begin(query(text)).starred(starred.clone());
        assert_eq!(found(scan.anew()), expected, "{text}");
        assert_eq!(found(scan), expected, "{text}");
    }
    assert_eq!(names(&tree, "is:starred"), [""; 0], "of whoever has none");
    assert_eq!(names(&tree, "plan c"), ["plan c.txt"], "stars do not count");
}

#[test]
fn filters_are_words_and_what_is_none_is_looked_for() {
    let mut tree = tree(&["a.jpg", "b.txt", "kind:foo.txt", "c.bin"]);
    let mut big = file(10, None, "big.jpg");
    let head = big.file.as_mut().unwrap();
    head.size = 20_000_000;
    head.modified_at_ms = FileTime::of_clock(NOW_MS as u64 - 1_000);
    head.committed.user_name = "Böb".to_owned();
    tree.put(sent(big));
    tree.put(sent(folder(11, None, "jpg folder")));
    for (text, expected) in [
        ("kind:picture", &["big.jpg", "a.jpg"][..]),
        (
            "KIND:Picture kind:folder",
            &["big.jpg", "jpg folder", "a.jpg"],
        ),
        ("kind:folder", &["jpg folder"]),
        ("jpg kind:folder", &["jpg folder"]),
        ("size:>10MB", &["big.jpg"]),
        ("size:>20MB", &[]),
        ("size:>19.9mb", &["big.jpg"]),
        ("size:<2 kind:picture", &["a.jpg"]),
        ("size:>1kib", &["big.jpg"]),
        ("changed:today", &["big.jpg"]),
        ("changed:week by:bob", &["big.jpg"]),
        ("by:\"ann lee\" kind:picture", &["a.jpg"]),
        ("by:ann changed:year", &[]),
        ("after:2026-11-28", &["big.jpg"]),
        ("after:2026-11-30", &[]),
        ("before:2026-11-01 kind:picture", &["a.jpg"]),
        ("kind:foo", &["kind:foo.txt"]),
        ("after:2026-13-01", &[]),
        ("size:10MB", &[]),
        ("in:trash", &[]),
    ] {
        assert_eq!(names(&tree, text), expected, "{text}");
    }
    assert!(query("  ").is_empty() && !query("in:trash").is_empty() && !query("x").is_empty());
    // What is in the trash is found there alone, also what is below it.
    let mut trashed = folder(12, None, "ancient things");
    trashed.trashed_at_ms = Some(5);
    tree.put(sent(trashed));
    tree.put(sent(file(13, Some(id(12)), "ancient.jpg")));
    assert_eq!(names(&tree, "ancient"), [""; 0]);
    let both = ["ancient.jpg", "ancient things"];
    assert_eq!(names(&tree, "ancient in:trash"), both);
}

#[test]
fn chips_put_words_in_and_take_them_out() {
    assert_eq!(tokens("a by:\"ann lee\"  b"), ["a", "by:\"ann lee\"", "b"]);
    assert_eq!(toggled("plan", "kind:picture"), "plan kind:picture");
    assert_eq!(toggled("plan kind:picture x", "kind:picture"), "plan x");
    assert_eq!(
        toggled("kind:picture", "kind:video"),
        "kind:picture kind:video"
    );
    assert_eq!(
        toggled("changed:today plan", "changed:week"),
        "plan changed:week"
    );
    assert_eq!(toggled("", "in:trash"), "in:trash");
}

/// The fewest typos from `word` to a beginning of `text`: the textbook's table, whole.
fn typos(word: &[char], text: &[char]) -> usize {
    let mut table = vec![vec![0; text.len() + 1]; word.len() + 1];
    for at in 0..=word.len() {
        for to in 0..=text.len() {
            table[at][to] = match (at, to) {
                (at, 0) => at,
                (0, to) => to,
                (at, to) => {
                    let differs = usize::from(word[at - 1] != text[to - 1]);
                    let mut cost = (table[at - 1][to - 1] + differs)
                        .min(table[at - 1][to] + 1)
                        .min(table[at][to - 1] + 1);
                    let is_swapped = at > 1
                        && to > 1
                        && word[at - 1] == text[to - 2]
                        && word[at - 2] == text[to - 1];
                    if is_swapped {
                        cost = cost.min(table[at - 2][to - 2] + 1);
                    }
                    cost
                }
            };
        }
    }
    table[word.len()].iter().copied().min().unwrap()
}

/// How a word fits, as the rules say it.
fn obvious_fit(word: &str, name: &str) -> Option<Fit> {
    let starts: Vec<usize> = (0..name.len())
        .filter(|&at| is_word_start(name.as_bytes(), at))
        .collect();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let forgiven = usize::from(letters >= 4) + usize::from(letters >= 8);
    let word_letters: Vec<char> = word.chars().collect();
    let nearly = |&at: &usize| {
        let rest: Vec<char> = name.get(at..).unwrap_or_default().chars().collect();
        !rest.is_empty() && typos(&word_letters, &rest) <= forgiven
    };
    match () {
        () if name.starts_with(word) => Some(Fit::Prefix),
        () if starts.iter().any(|&at| name[at..].starts_with(word)) => Some(Fit::WordStart),
        () if name.contains(word) => Some(Fit::Infix),
        () if forgiven > 0 && starts.iter().any(nearly) => Some(Fit::Typo),
        () => None,
    }
}

#[test]
fn it_finds_what_an_obvious_matcher_finds() {
    const SYLLABLES: [&str; 16] = [
        "re", "port", "an", "nu", "al", "ü", "ber", "ß", "-", " ", ".", "20", "7", "é", "IMG_",
        "жд",
    ];
    let mut dice = Dice(7);
    let mut hits = [0; 5];
    for _ in 0..40_000 {
        let mut text = |most: usize| -> String {
            let count = 1 + dice.throw(most);
            (0..count).map(|_| *dice.of(&SYLLABLES)).collect()
        };
        let (name, mut typed) = (folded(&text(7)), text(4));
        // Mistype some.
        if dice.throw(2) == 0 {
            let mut letters: Vec<char> = typed.chars().collect();
            let at = dice.throw(letters.len());
            match dice.throw(3) {
                0 => drop(letters.remove(at)),
                1 => letters.insert(at, 'x'),
                _ => letters.swap(at, 0),
            }
            typed = letters.into_iter().collect();
        }
        let words = folded(&typed);
        let words: Vec<&str> = words.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let mut expected = Some(Fit::Exact);
        for word in &words {
            expected = expected
                .zip(obvious_fit(word, &name))
                .map(|(all, one)| all.max(one));
        }
        let whole = words.join(" ");
        if name.starts_with(&whole) {
            let stem = name
                .rfind('.')
                .filter(|&dot| dot > 0)
                .map_or(&*name, |dot| &name[..dot]);
            let is_all = name == whole || stem == whole;
            expected = Some(if is_all { Fit::Exact } else { Fit::Prefix });
        }
        assert_eq!(fit(&typed, &name), expected, "{typed:?} in {name:?}");
        if let Some(fit) = expected {
            hits[fit as usize] += 1;
        }
    }
    // Each of them has happened, and often.
    assert!(hits.iter().all(|&count| count > 50), "{hits:?}");
}

#[test]
fn marks_are_whole_letters_of_the_name_apart_and_in_order() {
    const PARTS: [&str; 10] = ["Über", "maß", "ﬁn", "É", "a", "b", " ", "🎉", "Ǆ", "한"];
    let mut dice = Dice(11);
    let mut count = 0;
    for _ in 0..20_000 {
        let parts = 1 + dice.throw(6);
        let name: String = (0..parts).map(|_| *dice.of(&PARTS)).collect();
        let typed: String = (0..1 + dice.throw(3)).map(|_| *dice.of(&PARTS)).collect();
        let mut folder = Folder::default();
        let pattern = Pattern::new(&typed, &mut folder);
        let ranges = pattern.ranges(&name, &mut folder);
        let mut end = 0;
        for range in &ranges {
            assert!(
                range.start >= end && !range.is_empty(),
                "{typed:?} in {name:?}"
            );
            assert!(name.get(range.clone()).is_some(), "{typed:?} in {name:?}");
            end = range.end;
        }
        let does_fit = fit(&typed, &name).is_some() && !pattern.is_empty();
        assert_eq!(does_fit, !ranges.is_empty(), "{typed:?} in {name:?}");
        count += ranges.len();
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn slices_of_any_length_find_the_same_and_what_left_meanwhile_is_not_found() {
    let mut dice = Dice(3);
    let mut tree = Tree::default();
    for n in 0..3_000 {
        let name = format!("{} {}.txt", dice.of(&["plan", "report", "photo"]), n);
        let parent = (n > 10).then(|| id(dice.throw(10) as u32));
        tree.put(sent(match n < 10 {
            true => folder(n, None, &name),
            false => file(n, parent, &name),
        }));
    }
    let index = whole_index(&tree);
    let find = |tree: &Tree, slice: usize| {
        let mut scan = Scan::begin(query("plan"));
        while !scan.has_seen(&index) {
            scan.go_on(&index, tree, &kind, slice);
        }
        (scan.found(), scan.best(MAX_HITS))
    };
    let (found, best) = find(&tree, usize::MAX);
    assert_eq!(find(&tree, 1), (found, best.clone()));
    assert_eq!(find(&tree, 113), (found, best.clone()));
    let all: BTreeSet<ItemId> = best.iter().map(|hit| hit.id).collect();
    assert_eq!(all.len(), best.len());
    let plans = tree
        .ids()
        .filter(|id| tree.get(*id).unwrap().name.as_str().starts_with("plan"));
    assert_eq!(plans.count(), found);
    tree.remove(best[0].id);
    let (fewer, rest) = find(&tree, 50);
    assert_eq!(fewer, found - 1);
    assert!(rest.iter().all(|hit| hit.id != best[0].id));
}
