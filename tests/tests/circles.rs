//! Files are read one after the other, so they must not all wait for each other: in no
//! crate of the workspace do more than two files form a circle, where a file leads to
//! those whose names it mentions. (A folder's file and a file of that folder may know
//! each other.)
//!
//! A name counts for the file that defines it, whatever parent hands it on. Paths that a
//! macro makes are not seen, and neither are methods, which are called without a path.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The most files that may form a circle.
const MOST: usize = 2;

/// The way of a module from the root of its crate.
type Module = Vec<String>;

#[test]
fn no_three_files_of_a_crate_wait_for_each_other() {
    let mut found = Vec::new();
    for member in members() {
        let sources = sources(&root().join(&member).join("src"));
        assert!(!sources.is_empty(), "{member} has sources");
        let circles = Crate::read(&sources).circles();
        let of_crate = circles.into_iter();
        found.extend(of_crate.map(|files| format!("{member}: {files}")));
    }
    assert!(found.is_empty(), "circles of files:\n{}", found.join("\n"));
}

#[test]
fn a_circle_is_seen_however_its_names_are_written() {
    let knotted = made_up(&[
        (
            "",
            "pub mod a; mod b; pub mod c; pub use a::{A as First, Other};",
        ),
        (
            "a",
            "use crate::b::{self, deep::{Deep, Deeper}}; pub struct A; pub struct Other;",
        ),
        ("b", "mod deep; fn f(c: &super::c::C) {}"),
        (
            "b/deep",
            "use super::super::c::{C, D}; pub struct Deep; pub struct Deeper;",
        ),
        // Through the root, which only hands the name on.
        ("c", "use super::First; pub struct C; pub struct D;"),
    ]);
    assert_eq!(
        knotted.circles(),
        ["a → b → c → a (4 files: a, b, b/deep, c)"]
    );
}

#[test]
fn an_import_that_is_used_from_below_leads_to_where_its_name_is_from() {
    let straight = made_up(&[
        ("", "mod a; mod b;"),
        (
            "a",
            "mod one; mod two; use crate::b::B; use one::One; struct A;",
        ),
        ("a/one", "use super::B; pub struct One;"),
        ("a/two", "use super::{A, B};"),
        ("b", "pub struct B;"),
    ]);
    assert!(straight.circles().is_empty());
    let knotted = made_up(&[
        ("", "mod a;"),
        (
            "a",
            "mod one; mod two; use one::One; struct A; fn f() { two::go() }",
        ),
        ("a/one", "use super::A; pub struct One;"),
        ("a/two", "fn go(one: super::One, a: super::A) {}"),
    ]);
    assert_eq!(
        knotted.circles(),
        ["a → a/one → a (3 files: a, a/one, a/two)"]
    );
}

#[test]
fn what_is_no_path_of_the_code_is_no_edge() {
    let straight = made_up(&[
        ("", "mod a; mod b; mod c; use ::a::A as Stranger;"),
        ("a", "use crate::b::B; /* crate::a */ pub struct A;"),
        (
            "b",
            "use crate::c::C; const TEXT: &str = \"crate::a::A\"; pub struct B<'a>(&'a C);",
        ),
        (
            "c",
            "//! See [`crate::a::A`].\npub struct C; const OF: char = '\"';\n
             use ::a::A as Stranger; fn f() { ::a::f(); <C>::a::f() }
             mod within { use super::C; } const RAW: &str = r#\"crate::a::A \"#;",
        ),
    ]);
    assert!(straight.circles().is_empty());
}

fn made_up(files: &[(&str, &str)]) -> Crate {
    let files = files.iter().map(|(name, text)| {
        let module = name.split('/').filter(|part| !part.is_empty());
        (module.map(str::to_owned).collect(), (*text).to_owned())
    });
    Crate::read(&files.collect())
}

/// The files of a crate, and which file mentions what of which.
struct Crate {
    leads_to: BTreeMap<Module, BTreeSet<Module>>,
}

impl Crate {
    fn read(sources: &BTreeMap<Module, String>) -> Self {
        let files: BTreeMap<Module, File> = sources
            .iter()
            .map(|(module, text)| (module.clone(), File::read(&words(text))))
            .collect();
        let names = Names(&files);
        let leads_to = files.iter().map(|(module, file)| {
            let imports = file.imports.iter().filter_map(|import| {
                let to = names.file_of(&import.module(module), &import.path)?;
                // A table of contents mentions a name, but needs nothing of its file.
                let is_handed_on = import.is_handed_on && to.starts_with(module);
                (!is_handed_on).then_some(to)
            });
            let paths = file.paths.iter().filter_map(|(within, path)| {
                let place = [module.as_slice(), within].concat();
                names.file_of(&place, path)
            });
            let to = imports.chain(paths).filter(|to| to != module);
            (module.clone(), to.collect())
        });
        Self {
            leads_to: leads_to.collect(),
        }
    }

    /// Every circle of too many files, as a person would look for it.
    fn circles(&self) -> Vec<String> {
        let reach: BTreeMap<&Module, BTreeSet<&Module>> = self
            .leads_to
            .keys()
            .map(|from| (from, self.reached(from)))
            .collect();
        let mut told: BTreeSet<&Module> = BTreeSet::new();
        let mut circles = Vec::new();
        for (from, reached) in &reach {
            let files: Vec<&Module> = reached
                .iter()
                .filter(|to| reach[**to].contains(*from))
                .copied()
                .collect();
            if files.len() > MOST && told.insert(from) {
                told.extend(&files);
                let all: Vec<String> = files.iter().map(|file| named(file)).collect();
                let way = self.way_round(from).join(" → ");
                circles.push(format!("{way} ({} files: {})", all.len(), all.join(", ")));
            }
        }
        circles
    }

    /// All files that a file leads to, itself only if a circle leads back.
    fn reached(&self, from: &Module) -> BTreeSet<&Module> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Module> = self.leads_to[from].iter().collect();
        while let Some(file) = next.pop() {
            if reached.insert(file) {
                next.extend(&self.leads_to[file]);
            }
        }
        reached
    }

    /// A shortest way from a file back to itself.
    fn way_round(&self, from: &Module) -> Vec<String> {
        let mut ways: Vec<Vec<&Module>> = vec![vec![from]];
        let mut known = BTreeSet::new();
        let mut at = 0;
        while let Some(way) = ways.get(at).cloned() {
            at += 1;
            for to in way
                .last()
                .into_iter()
                .flat_map(|last| &self.leads_to[*last])
            {
                let longer = [way.as_slice(), &[to]].concat();
                if to == from {
                    return longer.into_iter().map(named).collect();
                }
                if known.insert(to) {
                    ways.push(longer);
                }
            }
        }
        Vec::new()
    }
}

fn named(module: &Module) -> String {
    match module.is_empty() {
        true => "the root".to_owned(),
        false => module.join("/"),
    }
}

/// What a file says of others.
#[derive(Default)]
struct File {
    imports: Vec<Import>,
    /// Paths in the code, each with the modules within the file that it stands in.
    paths: Vec<(Module, Vec<String>)>,
}

/// One name of a `use`.
struct Import {
    within: Module,
    path: Vec<String>,
    /// What the name is here.
    name: String,
    is_handed_on: bool,
}

impl Import {
    fn module(&self, file: &Module) -> Module {
        [file.as_slice(), &self.within].concat()
    }
}

impl File {
    fn read(words: &[String]) -> Self {
        let mut file = Self::default();
        // Modules that are written within the file, and the braces that they are in.
        let mut within: Vec<(String, usize)> = Vec::new();
        let (mut depth, mut at) = (0, 0);
        let word = |at: usize| words.get(at).map_or("", String::as_str);
        while at < words.len() {
            let modules = || within.iter().map(|(name, _)| name.clone()).collect();
            match word(at) {
                "{" => depth += 1,
                "}" => {
                    depth = usize::saturating_sub(depth, 1);
                    within.retain(|(_, at)| *at < depth);
                }
                "mod" if word(at + 2) == "{" => {
                    within.push((word(at + 1).to_owned(), depth));
                    depth += 1;
                    at += 2;
                }
                "use" => {
                    let is_handed_on = matches!(word(at.wrapping_sub(1)), "pub" | ")");
                    let mut names = Vec::new();
                    at = tree(words, at + 1, &[], &mut names);
                    file.imports
                        .extend(names.into_iter().map(|(path, name)| Import {
                            within: modules(),
                            path,
                            name,
                            is_handed_on,
                        }));
                }
                // What follows a `::` of its own is of another crate, or of a type.
                first
                    if is_name(first)
                        && word(at + 1) == "::"
                        && word(at.wrapping_sub(1)) != "::" =>
                {
                    let mut path = vec![first.to_owned()];
                    while word(at + 1) == "::" && is_name(word(at + 2)) {
                        path.push(word(at + 2).to_owned());
                        at += 2;
                    }
                    file.paths.push((modules(), path));
                }
                _ => {}
            }
            at += 1;
        }
        file
    }
}

/// What a path begins with that begins with `::`.
const OTHER_CRATE: &str = "::";

/// Reads a tree of a `use` from a word on; returns the first word behind it.
fn tree(
    words: &[String],
    mut at: usize,
    before: &[String],
    names: &mut Vec<(Vec<String>, String)>,
) -> usize {
    let mut path = before.to_vec();
    if before.is_empty() && words.get(at).is_some_and(|word| word == "::") {
        path.push(OTHER_CRATE.to_owned());
    }
    loop {
        match words.get(at).map_or(";", String::as_str) {
            "{" => {
                at += 1;
                while !matches!(words.get(at).map_or("}", String::as_str), "}" | ";") {
                    at = tree(words, at, &path, names);
                    at += usize::from(words.get(at).is_some_and(|word| word == ","));
                }
                return at + 1;
            }
            "," | "}" | ";" => {
                let name = path.last().cloned().unwrap_or_default();
                names.push((path, name));
                return at;
            }
            "as" => {
                let name = words.get(at + 1).cloned().unwrap_or_default();
                names.push((path, name));
                return at + 2;
            }
            // `a::{self}` is `a`, and all of a module is the module.
            "*" => {}
            "self" if !path.is_empty() => {}
            word if is_name(word) => path.push(word.to_owned()),
            _ => {}
        }
        at += 1;
    }
}

/// Which file defines what a path names.
struct Names<'a>(&'a BTreeMap<Module, File>);

impl Names<'_> {
    fn file_of(&self, place: &Module, path: &[String]) -> Option<Module> {
        self.look(place, path, 0)
    }

    /// `None` for what is of another crate, or of the language.
    fn look(&self, place: &Module, path: &[String], turns: usize) -> Option<Module> {
        // Two files may hand on to each other all that they have.
        const MOST_TURNS: usize = 20;
        let (first, rest) = path.split_first().filter(|_| turns < MOST_TURNS)?;
        let above = || place[..place.len().saturating_sub(1)].to_vec();
        match first.as_str() {
            OTHER_CRATE => None,
            "crate" => self.walk(Module::new(), rest, turns),
            "self" => self.walk(place.clone(), rest, turns),
            "super" => {
                let mut above = above();
                let ups = rest.iter().take_while(|word| *word == "super").count();
                above.truncate(above.len().saturating_sub(ups));
                self.walk(above, &rest[ups..], turns)
            }
            _ => {
                let below = [place.as_slice(), std::slice::from_ref(first)].concat();
                if self.0.contains_key(&below) {
                    return self.walk(below, rest, turns);
                }
                let import = self.import(place, first)?;
                // An import of the name itself, `use serde;`, would lead here again.
                let path = [import.path.as_slice(), rest].concat();
                (path != [first.clone()]).then(|| self.look(place, &path, turns + 1))?
            }
        }
    }

    /// Goes down from a module as far as there are files, and on where a file hands on.
    fn walk(&self, from: Module, path: &[String], turns: usize) -> Option<Module> {
        let Some((next, rest)) = path.split_first() else {
            return Some(self.holder(from));
        };
        let below = [from.as_slice(), std::slice::from_ref(next)].concat();
        if self.0.contains_key(&below) {
            return self.walk(below, rest, turns);
        }
        match self.import(&from, next) {
            Some(import) => {
                let path = [import.path.as_slice(), rest].concat();
                self.look(&from, &path, turns + 1)
            }
            None => Some(self.holder(from)),
        }
    }

    fn import(&self, place: &Module, name: &str) -> Option<&Import> {
        let holder = self.holder(place.clone());
        let within = &place[holder.len()..];
        let mut imports = self.0.get(&holder)?.imports.iter();
        imports.find(|import| import.name == name && import.within == within)
    }

    /// The file that a module is written in.
    fn holder(&self, mut module: Module) -> Module {
        while !self.0.contains_key(&module) && !module.is_empty() {
            module.pop();
        }
        module
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Splits a source into words and signs, without comments, texts and characters.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |place: usize| chars.get(place).copied().unwrap_or('\0');
    let mut words = Vec::new();
    let mut place = 0;
    while place < chars.len() {
        let char = at(place);
        match (char, at(place + 1)) {
            ('/', '/') => {
                while place < chars.len() && at(place) != '\n' {
                    place += 1;
                }
            }
            ('/', '*') => {
                let mut open = 1;
                place += 2;
                while place < chars.len() && open > 0 {
                    match (at(place), at(place + 1)) {
                        ('/', '*') => open += 1,
                        ('*', '/') => open -= 1,
                        _ => {
                            place += 1;
                            continue;
                        }
                    }
                    place += 2;
                }
            }
            ('"', _) => place = after_text(&chars, place + 1, None),
            // A lifetime has no quote behind its one letter.
            ('\'', '\\') => {
                place += 3;
                while place < chars.len() && at(place) != '\'' {
                    place += 1;
                }
                place += 1;
            }
            ('\'', _) if at(place + 2) == '\'' => place += 3,
            (':', ':') => {
                words.push("::".to_owned());
                place += 2;
            }
            _ if char.is_alphabetic() || char == '_' => {
                let from = place;
                while at(place).is_alphanumeric() || at(place) == '_' {
                    place += 1;
                }
                let word: String = chars[from..place].iter().collect();
                let hashes = (place..).take_while(|place| at(*place) == '#').count();
                if word.ends_with('r') && word.len() <= 2 && at(place + hashes) == '"' {
                    place = after_text(&chars, place + hashes + 1, Some(hashes));
                } else {
                    words.push(word);
                }
            }
            _ => {
                if !char.is_whitespace() {
                    words.push(char.to_string());
                }
                place += 1;
            }
        }
    }
    words
}

/// The first place behind a text; `raw` is how many hashes end one without escapes.
fn after_text(chars: &[char], mut place: usize, raw: Option<usize>) -> usize {
    while let Some(char) = chars.get(place) {
        match (char, raw) {
            ('\\', None) => place += 1,
            ('"', None) => return place + 1,
            ('"', Some(hashes)) => {
                let behind = chars[place + 1..].iter().take(hashes);
                if behind.filter(|char| **char == '#').count() == hashes {
                    return place + 1 + hashes;
                }
            }
            _ => {}
        }
        place += 1;
    }
    place
}

/// The folders of the workspace's crates.
fn members() -> Vec<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace");
    let (_, list) = manifest.split_once("members = [").expect("members");
    let (list, _) = list.split_once(']').expect("an end of the members");
    let members = list
        .split(',')
        .map(|member| member.trim().trim_matches('"'));
    let members = members.filter(|member| !member.is_empty());
    members.map(str::to_owned).collect()
}

/// The files of a crate. Each program in `bin` is a crate of its own.
fn sources(folder: &Path) -> BTreeMap<Module, String> {
    let mut sources = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "bin") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let way = path
                    .strip_prefix(folder)
                    .expect("within")
                    .with_extension("");
                let parts = way.iter().map(|part| part.to_string_lossy().into_owned());
                let mut module: Module = parts.collect();
                module.pop_if(|last| matches!(last.as_str(), "lib" | "main" | "mod"));
                sources.insert(module, fs::read_to_string(&path).expect("a source"));
            }
        }
    }
    sources
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
