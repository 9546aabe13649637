//! What becomes of what a person hands in.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use protocol::ids::ItemId;
use protocol::limits::{MAX_FILE_BYTES, MAX_FOLDER_DEPTH};
use protocol::name::Name;
use sync::edit::DraftId;
use sync::intake::junk::is_junk;
use sync::intake::{Becomes, Child, IncomingFile, Intake, Kind, OnTakenName, Refusal, VisibleTree};
use sync::place::Place;

fn id(n: u8) -> ItemId {
    ItemId::from_random([n; 16])
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("a good name")
}

fn kind(is_folder: bool) -> Kind {
    match is_folder {
        true => Kind::Folder,
        false => Kind::File,
    }
}

/// What is shown: each with its folder, its name and whether it is a folder.
#[derive(Default)]
struct Folder(Vec<(Option<ItemId>, Child)>, Option<(ItemId, &'static str)>);

impl Folder {
    fn with(mut self, n: u8, folder: Option<u8>, text: &str, is_folder: bool) -> Self {
        let name = name(text);
        let id = id(n);
        let kind = kind(is_folder);
        let child = Child { id, name, kind };
        self.0.push((folder.map(self::id), child));
        self
    }

    fn put(&mut self, item: ItemId, place: &Place, is_folder: bool) {
        let name = place.name.clone();
        let id = item;
        let kind = kind(is_folder);
        let child = Child { id, name, kind };
        self.0.push((place.parent, child));
    }
}

impl VisibleTree for Folder {
    fn child(&self, folder: Option<ItemId>, name: &Name) -> Option<Child> {
        let mut all = self.0.iter();
        let found = all.find(|(of, child)| *of == folder && child.name.key() == name.key());
        found.map(|(_, child)| child.clone())
    }

    fn depth(&self, folder: Option<ItemId>) -> usize {
        let above = |id: &ItemId| {
            let (of, _) = self.0.iter().find(|(_, child)| child.id == *id)?;
            *of
        };
        std::iter::successors(folder, above).count()
    }

    fn awaits(&self, file: ItemId, file_name: &str) -> Option<DraftId> {
        self.1
            .filter(|awaited| *awaited == (file, file_name))
            .map(|_| DraftId(7))
    }
}

fn source(path: &str) -> IncomingFile {
    let mut folders: Vec<String> = path.split('/').map(str::to_owned).collect();
    let name = folders.pop().expect("a name");
    IncomingFile {
        folders,
        name,
        size: 1,
    }
}

/// Hands files in; what each becomes, in their order. What is made is shown
/// from then on if it `shows`.
fn handed_in(shown: &mut Folder, shows: bool, paths: &[&str], wanted: OnTakenName) -> Vec<Becomes> {
    let sources = paths.iter().map(|path| source(path)).collect();
    let mut intake = Intake::new(None, sources, &[]);
    let first = intake.decide(shown, |_| wanted);
    let mut became = vec![Becomes::Skipped; paths.len()];
    let rest = (0..paths.len()).filter(|number| !first.contains(number));
    let mut last = 100;
    for number in first.iter().copied().chain(rest) {
        let new_id = || {
            last += 1;
            id(last)
        };
        became[number] = intake.take(number, shown, new_id);
        if let Becomes::Item {
            folders,
            item,
            place,
        } = &became[number]
            && shows
        {
            for (folder, place) in folders {
                shown.put(*folder, place, true);
            }
            shown.put(*item, place, false);
        }
    }
    became
}

fn names(became: &[Becomes]) -> Vec<String> {
    let text = |one: &Becomes| match one {
        Becomes::Item { place, .. } => place.name.to_string(),
        Becomes::Version { item } => {
            format!("version of {}", item.to_string().get(..2).unwrap_or(""))
        }
        Becomes::Again { .. } => "again".to_owned(),
        Becomes::Skipped => "skipped".to_owned(),
        Becomes::Refused(refusal) => refusal.to_string(),
    };
    became.iter().map(text).collect()
}

fn folders_made(became: &[Becomes]) -> Vec<String> {
    let made = became.iter().filter_map(|one| match one {
        Becomes::Item { folders, .. } => Some(folders),
        _ => None,
    });
    let made = made.flatten();
    made.map(|(_, place)| place.name.to_string()).collect()
}

/// The same whether the page has drawn what was made or not.
fn both(paths: &[&str], expected: &[&str]) {
    for shows in [false, true] {
        let became = handed_in(
            &mut Folder::default(),
            shows,
            paths,
            OnTakenName::NextVersion,
        );
        assert_eq!(names(&became), expected, "shown: {shows}");
    }
}

#[test]
fn two_pictures_that_differ_in_case_are_two_pictures() {
    both(&["a.jpg", "A.jpg"], &["a.jpg", "A (2).jpg"]);
    both(
        &["Caf\u{e9}", "CAFE\u{301}"],
        &["Caf\u{e9}", "CAF\u{c9} (2)"],
    );
}

#[test]
fn files_of_one_name_from_different_folders_are_as_many_files() {
    both(
        &["report.pdf", "report.pdf", "report.pdf"],
        &["report.pdf", "report (2).pdf", "report (3).pdf"],
    );
    // A number that one of them has already is nobody else's.
    both(
        &["report (2).pdf", "report.pdf", "report.pdf"],
        &["report (2).pdf", "report.pdf", "report (3).pdf"],
    );
}

#[test]
fn two_folders_that_differ_in_case_lose_nothing_of_either() {
    for shows in [false, true] {
        let mut shown = Folder::default();
        let paths = ["Docs/x", "docs/x", "docs/y"];
        let became = handed_in(&mut shown, shows, &paths, OnTakenName::NextVersion);
        assert_eq!(names(&became), ["x", "x (2)", "y"]);
        assert_eq!(folders_made(&became), ["Docs"]);
    }
}

#[test]
fn a_file_and_a_folder_of_one_name_are_both_taken_in() {
    both(&["notes", "Notes/a"], &["notes (2)", "a"]);
    both(&["Notes/a", "notes"], &["a", "notes (2)"]);
}

#[test]
fn a_name_that_a_file_has_is_what_the_person_says() {
    let shown = || Folder::default().with(1, None, "a.jpg", false);
    let hand_in = |wanted| names(&handed_in(&mut shown(), false, &["a.jpg", "b.jpg"], wanted));
    assert_eq!(
        hand_in(OnTakenName::NextVersion),
        ["version of 01", "b.jpg"]
    );
    assert_eq!(hand_in(OnTakenName::KeepBoth), ["a (2).jpg", "b.jpg"]);
    assert_eq!(hand_in(OnTakenName::Skip), ["skipped", "b.jpg"]);
}

#[test]
fn of_two_that_meet_one_file_only_one_is_its_next_version() {
    let mut shown = Folder::default().with(1, None, "A.jpg", false);
    let became = handed_in(
        &mut shown,
        false,
        &["a.jpg", "A.jpg"],
        OnTakenName::NextVersion,
    );
    assert_eq!(
        names(&became),
        ["a (2).jpg", "version of 01"],
        "by its very name"
    );
    let mut shown = Folder::default().with(1, None, "A.JPG", false);
    let became = handed_in(
        &mut shown,
        false,
        &["a.jpg", "A.jpg"],
        OnTakenName::NextVersion,
    );
    assert_eq!(
        names(&became),
        ["version of 01", "A (2).jpg"],
        "else the first"
    );
}

#[test]
fn files_in_folders_that_exist_meet_what_is_in_them() {
    let shown = || {
        Folder::default()
            .with(1, None, "Docs", true)
            .with(2, Some(1), "x", false)
    };
    let paths = ["docs/x", "docs/deep/x", "DOCS/x"];
    let became = handed_in(&mut shown(), true, &paths, OnTakenName::NextVersion);
    assert_eq!(names(&became), ["version of 02", "x", "x (2)"]);
    assert_eq!(folders_made(&became), ["deep"]);
}

#[test]
fn a_file_that_appears_after_the_question_is_not_written_over() {
    let mut shown = Folder::default();
    let mut intake = Intake::new(None, vec![source("a.jpg")], &[]);
    assert!(
        intake
            .decide(&shown, |_| OnTakenName::NextVersion)
            .is_empty()
    );
    shown = shown.with(1, None, "a.jpg", false);
    let became = intake.take(0, &shown, || id(9));
    assert_eq!(names(&[became]), ["a (2).jpg"]);
}

#[test]
fn a_file_that_waits_to_be_picked_again_gets_its_bytes_unasked() {
    let mut shown = Folder::default().with(1, None, "a.jpg", false);
    shown.1 = Some((id(1), "a.jpg"));
    let became = handed_in(&mut shown, false, &["a.jpg"], OnTakenName::Skip);
    assert_eq!(names(&became), ["again"]);
}

#[test]
fn what_others_share_takes_no_file_and_gets_no_version() {
    let mut shown = Folder::default().with(1, None, "plans", false);
    shown.0[0].1.kind = Kind::Mount;
    let became = handed_in(
        &mut shown,
        false,
        &["plans", "plans/a"],
        OnTakenName::NextVersion,
    );
    assert!(
        matches!(&became[0], Becomes::Item { place, .. } if place.name == name("plans (2)")),
        "{became:?}"
    );
    assert_eq!(
        became[1],
        Becomes::Refused(Refusal::MountInTheWay(name("plans")))
    );
}

#[test]
fn what_can_not_be_is_refused_by_name() {
    let mut shown = Folder::default()
        .with(1, None, "docs", true)
        .with(2, None, "file", false);
    let paths = ["docs", "file/a", "bad\u{202E}", "../a", "good"];
    let became = handed_in(&mut shown, false, &paths, OnTakenName::NextVersion);
    assert_eq!(
        became[0],
        Becomes::Refused(Refusal::FolderInTheWay(name("docs")))
    );
    assert_eq!(
        became[1],
        Becomes::Refused(Refusal::FileInTheWay(name("file")))
    );
    assert!(matches!(became[2], Becomes::Refused(Refusal::Name(_))));
    assert!(matches!(
        became[3],
        Becomes::Refused(Refusal::FolderName(..))
    ));
    assert_eq!(names(&became)[4], "good");
    let mut large = source("large");
    large.size = MAX_FILE_BYTES + 1;
    let mut intake = Intake::new(None, vec![large], &[]);
    let became = intake.take(0, &shown, || id(9));
    assert_eq!(became, Becomes::Refused(Refusal::TooLarge));
}

#[test]
fn ten_thousand_files_of_one_name_take_no_time_to_speak_of() {
    let paths = vec!["IMG.jpg"; 10_000];
    let became = {
        let sources = paths.iter().map(|path| source(path)).collect();
        let mut intake = Intake::new(None, sources, &[]);
        let shown = Folder::default();
        let take = |number| intake.take(number, &shown, || id(1));
        (0..paths.len()).map(take).collect::<Vec<_>>()
    };
    assert_eq!(names(&became).last().expect("some"), "IMG (10000).jpg");
}

#[test]
fn what_systems_leave_behind_is_nobodys_work() {
    for junk in [
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        "Icon\r",
        "._photo.jpg",
        "~$thesis.docx",
    ] {
        assert!(is_junk(junk), "{junk:?}");
    }
    for work in [
        "Icon",
        "._",
        "~$",
        ".env",
        "backup~",
        "draft.tmp",
        "thumbs.db.txt",
        "_notes",
    ] {
        assert!(!is_junk(work), "{work:?}");
    }
}

#[test]
fn a_tree_that_is_too_deep_is_refused_by_path_and_nothing_of_that_path_is_made() {
    let levels = |count: usize| vec!["d"; count].join("/");
    let deepest = format!("{}/file", levels(MAX_FOLDER_DEPTH));
    let too_deep = format!("{}/file", levels(MAX_FOLDER_DEPTH + 1));
    let shown = Folder::default();
    let sources = vec![source(&too_deep), source(&deepest)];
    let mut intake = Intake::new(None, sources, &[]);
    let mut next = 0;
    let mut new_id = || {
        next += 1;
        id(next)
    };
    let refused = intake.take(0, &shown, &mut new_id);
    assert_eq!(refused, Becomes::Refused(Refusal::TooDeep));
    let Becomes::Item { folders, .. } = intake.take(1, &shown, &mut new_id) else {
        panic!("the deepest folder that there may be takes a file");
    };
    assert_eq!(folders.len(), MAX_FOLDER_DEPTH);

    // What stands above counts, and in a folder that is there a file is no folder more.
    let shown = Folder::default()
        .with(1, None, "top", true)
        .with(2, Some(1), "inner", true);
    let sources = vec![
        source(&format!("{}/file", levels(MAX_FOLDER_DEPTH - 1))),
        source("file"),
    ];
    let mut intake = Intake::new(Some(id(2)), sources, &[]);
    let refused = intake.take(0, &shown, || id(3));
    assert_eq!(refused, Becomes::Refused(Refusal::TooDeep));
    assert!(matches!(
        intake.take(1, &shown, || id(4)),
        Becomes::Item { .. }
    ));
}
