//! Every deliberate bug fits the source, and one that does not is told.

use bugs::{Bug, Files};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

const CHANGE: &str = "it breaks\n\na/src/lib.rs\n- one()\n+ one() || BUG\n";

fn read(text: &str) -> Bug {
    Bug::read("Broken", text).expect("a bug")
}

fn workspace(source: &str) -> Files {
    let lock = "\nname = \"a\"\ndependencies = [\n \"serde\",\n]\n";
    let files = [
        ("Cargo.lock", lock),
        ("Cargo.toml", "[workspace]\n"),
        (
            "a/Cargo.toml",
            "[package]\nname = \"a\"\n\n[dependencies]\nserde = \"1\"\n",
        ),
        ("a/src/lib.rs", source),
        (
            "tests/bugs/src/lib.rs",
            "pub const ARE_HERE: bool = false;\n",
        ),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    files.into()
}

/// Whoever changes a line that a bug is about learns of it here.
#[test]
fn every_deliberate_bug_fits_the_source() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let files = bugs::files(root).expect("the source");
    let bugs = bugs::all().expect("the bugs");
    // One by one, so that all that do not fit are told.
    let each = bugs
        .iter()
        .map(|bug| bugs::seeded(files.clone(), std::slice::from_ref(bug)));
    let unfit: Vec<String> = each.filter_map(Result::err).collect();
    assert!(unfit.is_empty(), "{}", unfit.join("\n\n"));
    if let Err(why) = bugs::seeded(files, &bugs) {
        panic!("together: {why}");
    }
}

#[test]
fn the_copy_asks_for_the_bug_where_the_source_is_right() {
    let copy = bugs::seeded(
        workspace("fn is() -> bool {\n    one()\n}\n"),
        &[read(CHANGE)],
    );
    let copy = copy.expect("it fits");
    let text = |name: &str| String::from_utf8_lossy(&copy[name]).into_owned();
    let asks = "fn is() -> bool {\n    one() || ::bugs::is(\"Broken\")\n}\n";
    assert_eq!(text("a/src/lib.rs"), asks);
    assert!(text("a/Cargo.toml").contains("[dependencies]\nbugs.workspace = true\nserde"));
    assert!(text("Cargo.lock").contains("[\n \"driftless-bugs\",\n \"serde\",\n]"));
    assert!(text("tests/bugs/src/lib.rs").contains("ARE_HERE: bool = true;"));
}

#[test]
fn a_bug_that_does_not_fit_is_told_by_its_name_and_file() {
    for source in ["two()", "one(); one()"] {
        let told = bugs::seeded(workspace(source), &[read(CHANGE)]).unwrap_err();
        let place = "the deliberate bug Broken does not fit a/src/lib.rs any more: this ";
        assert!(told.starts_with(place) && told.ends_with("one()"), "{told}");
    }
    let elsewhere = read(&CHANGE.replace("lib.rs", "gone.rs"));
    let told = bugs::seeded(workspace("one()"), &[elsewhere]).unwrap_err();
    assert!(
        told.contains("Broken") && told.contains("gone.rs"),
        "{told}"
    );
}

#[test]
fn what_is_no_bug_is_told_by_its_name() {
    let no_bugs = [
        "",
        "it breaks\n",
        "it breaks\n\n- one()\n+ BUG\n",
        "it breaks\n\na/src/lib.rs\n- one()\n",
        "it breaks\n\na/src/lib.rs\n- one()\n+ BUG\n\n- two()\n+ three()\n",
        "\na/src/lib.rs\n- one()\n+ BUG\n",
    ];
    for text in no_bugs {
        let told = Bug::read("Broken", text).unwrap_err();
        assert!(told.starts_with("the deliberate bug Broken: "), "{told}");
    }
}

#[test]
fn a_copy_is_written_where_it_is_another_one_and_nowhere_else() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copy");
    let _ = fs::remove_dir_all(&folder);
    let mut files = workspace("one()");
    bugs::write(&files, &folder).expect("written");
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    for name in files.keys() {
        let file = fs::File::options().append(true).open(folder.join(name));
        file.expect("it is there")
            .set_modified(long_ago)
            .expect("set");
    }
    fs::write(folder.join("a/src/old.rs"), "").expect("written");

    files.insert("a/src/lib.rs".to_owned(), b"two()".to_vec());
    bugs::write(&files, &folder).expect("written");
    for (name, content) in &files {
        let path = folder.join(name);
        assert_eq!(fs::read(&path).expect("it is there"), *content);
        let is_old = fs::metadata(&path)
            .and_then(|it| it.modified())
            .expect("a time")
            == long_ago;
        assert_eq!(is_old, name != "a/src/lib.rs", "{name}");
    }
    assert!(!folder.join("a/src/old.rs").exists());
}

#[test]
fn a_bug_is_at_work_on_the_thread_that_chose_it() {
    bugs::choose(Some("One"));
    assert!(bugs::is("One") && !bugs::is("Other"));
    assert_eq!([bugs::count(), bugs::count()], [1, 2]);
    let elsewhere = std::thread::spawn(|| bugs::is("One"));
    assert!(!elsewhere.join().expect("no panic"));
    bugs::choose(None);
    assert!(!bugs::is("One"));
}
