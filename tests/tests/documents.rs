//! The documents say what the code says, and their links lead somewhere.

use protocol::routes::Route;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// In bytes: somebody new reads all of ARCHITECTURE.md before they change anything.
const MAX_ARCHITECTURE_BYTES: usize = 12_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

/// The pages in `docs/`.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.sort();
    pages
}

/// Where the links of a page lead, but for those to the web.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.starts_with("http"))
        .collect()
}

/// The files and folders that a page names by their whole path; the folder, where a
/// name has a `*`.
fn paths(page: &str) -> Vec<&str> {
    let folders = [
        "docs", "edge", "scripts", "shared", "static", "tests", "web",
    ];
    let spans = page
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    spans
        .filter(|span| {
            let (first, rest) = span.split_once('/').unwrap_or_default();
            folders.contains(&first) && !rest.contains(' ')
        })
        .map(|path| match path.split_once('*') {
            Some((start, _)) => start.rsplit_once('/').map_or(start, |(folder, _)| folder),
            None => path,
        })
        .collect()
}

/// The anchors of a page, as GitHub makes them of its headings.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-');
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// Code → statuses of its row, from `docs/api.md`: rows like
/// "| 500, 503 | `internal`, `unavailable` (try again) |". A word in brackets
/// is a field and no code.
fn documented() -> BTreeMap<String, Vec<u16>> {
    let page = read(&root().join("docs/api.md"));
    let mut documented = BTreeMap::new();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| status | codes |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, statuses, codes, _] = cells.as_slice() else {
            panic!("a row of other form: {row}");
        };
        let statuses: Vec<u16> = statuses.split(", ").map(|s| s.parse().unwrap()).collect();
        let mut depth = 0;
        for (i, part) in codes.split('`').enumerate() {
            if i % 2 == 1 && depth == 0 {
                let twice = documented.insert(part.to_owned(), statuses.clone());
                assert_eq!(twice, None, "{part} is listed twice");
            }
            if i % 2 == 0 {
                depth += part.matches('(').count();
                depth -= part.matches(')').count();
            }
        }
    }
    documented
}

#[test]
fn the_api_page_lists_every_error_with_its_status() {
    let (known, documented) = (openapi::errors(), documented());
    assert!(
        known.len() > 40,
        "only {} codes have a fixture",
        known.len()
    );
    assert!(documented.keys().eq(known.keys()), "{documented:?}");
    for (code, error) in known {
        let status = error.problem.status();
        assert!(
            documented[&code].contains(&status),
            "{code} has the status {status}, the page says {:?}",
            documented[&code]
        );
    }
}

#[test]
fn the_api_page_lists_every_route_once() {
    let page = read(&root().join("docs/api.md"));
    for route in Route::ALL {
        let path = route.path().trim_start_matches("/api/v1");
        let address = format!("{} {path}", route.method().name());
        let rows = page.lines().filter(|line| line.starts_with('|'));
        let cells = rows.filter_map(|row| row.split('|').nth(1));
        let requests = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
        let times = requests.filter(|request| *request == address).count();
        assert_eq!(times, 1, "`{address}` is listed {times} times");
    }
}

/// All pages for people.
fn documents() -> Vec<PathBuf> {
    let mut documents = pages();
    documents.extend(["README.md", "ARCHITECTURE.md"].map(|name| root().join(name)));
    documents
}

#[test]
fn every_path_in_the_documents_exists() {
    let mut named = 0;
    for document in documents() {
        for path in paths(&read(&document)) {
            named += 1;
            let from = document.display();
            assert!(root().join(path).exists(), "{from} names {path}");
        }
    }
    assert!(named > 50, "only {named} paths were found");
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    for document in documents() {
        let text = read(&document);
        for link in links(&text) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => document.clone(),
                file => document.with_file_name("").join(file),
            };
            let from = document.display();
            assert!(target.exists(), "{from} links to {link}");
            assert!(
                anchor.is_empty() || anchors(&read(&target)).iter().any(|is| is == anchor),
                "{from} links to {link}: there is no such heading"
            );
        }
    }
}

#[test]
fn the_architecture_is_short_and_leads_to_every_page() {
    let architecture = read(&root().join("ARCHITECTURE.md"));
    let bytes = architecture.len();
    assert!(
        bytes <= MAX_ARCHITECTURE_BYTES,
        "{bytes} bytes: move what is about one topic to docs/"
    );
    let links = links(&architecture);
    for page in pages() {
        let page = format!("docs/{}", page.file_name().unwrap().to_str().unwrap());
        assert!(
            links
                .iter()
                .any(|link| link.split('#').next() == Some(&page)),
            "no link to {page}"
        );
    }
}

#[test]
fn the_page_about_the_simulator_lists_every_deliberate_bug() {
    let page = read(&root().join("docs/simulator.md"));
    let begin = page.split("<!-- bugs: begin -->\n").nth(1);
    let listed = begin.and_then(|rest| rest.split("<!-- bugs: end -->").next());
    assert_eq!(
        listed.expect("both markers are there"),
        bugs::table(&bugs::all().expect("the bugs")),
        "put there what `npm run simulate -- --list-bugs` prints"
    );
}

#[test]
fn the_document_of_the_api_is_that_of_its_routes_and_types() {
    let kept = fs::read_to_string(openapi::path()).unwrap_or_default();
    assert!(
        kept == openapi::text(),
        "docs/openapi.json is not up to date: cargo run -p driftless-openapi"
    );
}

#[test]
fn the_document_of_the_api_refers_to_nothing_that_it_does_not_have() {
    let document = openapi::document();
    let mut named = BTreeSet::new();
    names_in(&document, &mut named);
    assert!(named.len() > 60, "{named:?}");
    for name in named {
        let path = name.strip_prefix('#').expect("a place in the document");
        assert!(document.pointer(path).is_some(), "{name}");
    }
}

/// What is referred to.
fn names_in(json: &Json, named: &mut BTreeSet<String>) {
    if let Some(name) = json["$ref"].as_str() {
        named.insert(name.to_owned());
    }
    match json {
        Json::Object(fields) => fields.values().for_each(|value| names_in(value, named)),
        Json::Array(entries) => entries.iter().for_each(|value| names_in(value, named)),
        _ => {}
    }
}

#[test]
fn the_document_of_the_api_has_every_error_with_its_status() {
    let document = openapi::document();
    let told = document["components"]["schemas"]["Problem"]["oneOf"].as_array();
    let told = told.unwrap().iter().map(|variant| {
        let code = variant["properties"]["code"]["enum"][0].as_str().unwrap();
        (code.to_owned(), variant["x-status"].as_u64().unwrap())
    });
    let known = openapi::errors().into_iter();
    let known = known.map(|(code, error)| (code, u64::from(error.problem.status())));
    assert_eq!(
        told.collect::<BTreeMap<_, _>>(),
        known.collect::<BTreeMap<_, _>>()
    );
}
