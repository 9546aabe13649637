//! How long finding takes, natively and on one thread: the index of a tree, and queries
//! over it, in milliseconds. The page does the same in slices of 8 ms;
//! `tests/browser/bench_search.mjs` measures it there.
//!
//!   cargo run --release -p driftless-tests --bin bench-search

use blocks::chunk::SizeClass;
use blocks::number::FileTime;
use protocol::ids::{DeviceId, ItemId};
use protocol::items::{Committed, FileHead, Item};
use protocol::name::Name;
use std::time::Instant;
use sync::search::fold::Folder;
use sync::search::index::Index;
use sync::search::query::{Calendar, Query};
use sync::search::scan::Scan;
use sync::tree::{ListedItem, Tree};

const SIZES: [u32; 2] = [100_000, 1_000_000];
/// Of each query, the quickest of so many.
const TIMES: usize = 5;

const WORDS: [&str; 24] = [
    "annual",
    "report",
    "Invoice",
    "March",
    "Überblick",
    "photo",
    "holiday",
    "draft",
    "final",
    "budget",
    "meeting",
    "notes",
    "Müller",
    "contract",
    "scan",
    "IMG",
    "screenshot",
    "backup",
    "résumé",
    "project",
    "plan",
    "letter",
    "summer",
    "release",
];
const ENDINGS: [&str; 8] = ["pdf", "jpg", "docx", "txt", "png", "xlsx", "mp4", "zip"];

const QUERIES: [(&str, &str); 8] = [
    ("a letter, in nearly all names", "a"),
    ("a word", "invoice"),
    ("two words", "report march"),
    ("three words, one with accents", "muller draft 2019"),
    ("a typo in a long word", "screnshot"),
    ("in no name", "qqqqqqqq"),
    ("a filter alone", "by:ann"),
    ("a word and a filter", "plan size:>5kB"),
];

fn main() {
    let rows = SIZES.map(|size| (size, measured(size)));
    for (size, figures) in rows {
        println!("\n{size} names");
        for (what, ms, found) in figures {
            println!("  {what:<40} {ms:>8.1} ms  {found:>9} found");
        }
    }
}

fn measured(size: u32) -> Vec<(String, f64, usize)> {
    let tree = tree(size);
    let mut figures = Vec::new();
    let since = Instant::now();
    let mut index = Index::begin(&tree);
    figures.push(("beginning the index".to_owned(), ms(since), 0));
    let since = Instant::now();
    index.go_on(&tree, usize::MAX);
    figures.push(("the index".to_owned(), ms(since), index.len()));
    let calendar = Calendar {
        now_ms: 0,
        today_ms: 0,
        starts: &|_, _, _| None,
    };
    for (what, text) in QUERIES {
        let query = Query::parse(text, calendar, &mut Folder::default());
        let mut best = (f64::MAX, 0);
        for _ in 0..TIMES {
            let since = Instant::now();
            let mut scan = Scan::begin(query.clone());
            scan.go_on(&index, &tree, &|_| None, usize::MAX);
            std::hint::black_box(scan.best(12));
            let took = ms(since);
            if took < best.0 {
                best = (took, scan.found());
            }
        }
        figures.push((format!("{what}: “{text}”"), best.0, best.1));
    }
    figures
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

/// Folders of a hundred files each.
fn tree(size: u32) -> Tree {
    let mut seed = 1u64;
    let mut random = |sides: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((seed >> 33) as usize) % sides
    };
    let mut tree = Tree::default();
    for n in 0..size {
        let is_folder = n % 100 == 0;
        let words = (0..3).map(|_| WORDS[random(WORDS.len())]);
        let words: Vec<&str> = words.collect();
        let number = 2_000 + random(30);
        let name = match is_folder {
            true => format!("{} {n}", words.join(" ")),
            false => format!(
                "{} {number} {n}.{}",
                words.join("_"),
                ENDINGS[random(ENDINGS.len())]
            ),
        };
        let head = (!is_folder).then(|| FileHead {
            version: 1,
            size: random(10_000) as u64,
            size_class: SizeClass::for_size(1),
            modified_at_ms: FileTime::of_clock(u64::from(n)),
            committed: Committed {
                user_name: ["ann", "bob"][random(2)].to_owned(),
                device_id: DeviceId::from_random([0; 16]),
                device_name: "Chrome on Linux".to_owned(),
                at_ms: 0,
            },
            damaged: false,
        });
        let item = Item {
            id: id(n),
            parent: (n % 100 > 0).then(|| id(n - n % 100)),
            name: Name::parse(&name).expect("a name"),
            place_version: 1,
            file: head,
            created_at_ms: 0,
            mount: None,
            trashed_at_ms: None,
            damaged: false,
        };
        tree.put(ListedItem {
            item: item.into(),
            pending: false,
        });
    }
    tree
}

fn id(n: u32) -> ItemId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
    bytes[4..8].copy_from_slice(&n.to_be_bytes());
    ItemId::from_random(bytes)
}
