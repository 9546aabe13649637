//! What became of a zip, in words for people.

use crate::archive::names::TakenNames;
use crate::archive::plan::{Omitted, Plan};
use crate::format::{bytes, count};
use crate::refusals::InWords;
use crate::state::notices::Notices;
use crate::words::{english, say, say_many, t};
use platform::failure::Failure;
use protocol::problem::Problem;

/// Files that a notice names; the zip has a file that names all.
const NAMED: usize = 4;

/// Of a file whose blocks the server does not have as they were.
pub const DAMAGED: &str = english!("it is damaged: the server's copy is not what was uploaded");

/// The name of the file in a zip that says what is not in it.
const FILE_NAME: &str = english!("Not in this zip.txt");

pub fn not_downloaded(name: &str, why: &Failure) -> String {
    let why = match why {
        Failure::Refused(Problem::DownloadsCounted) => {
            t("downloads of this link are counted, so its files come one by one").to_owned()
        }
        why => why.in_words(),
    };
    say!("“{name}” was not downloaded: {why}", name, why)
}

pub fn no_room(needed: u64, room: u64) -> String {
    say!(
        "it has {size}, and this browser has room for {room}. Choose fewer files",
        size = bytes(needed),
        room = bytes(room)
    )
}

/// Nothing of what was chosen is to be had.
pub fn nothing(omitted: &[Omitted]) -> String {
    listed(omitted)
}

/// Says that the zip is with the browser, and what is not as in the drive.
pub fn tell(notices: Notices, plan: &Plan, files: usize, omitted: &[Omitted]) {
    let name = &plan.name;
    if !omitted.is_empty() {
        let all = files + omitted.len();
        let text = say_many!(
            all,
            "“{name}” has {files} of 1 file. Not in it: {names}. “{list}” inside names all",
            "“{name}” has {files} of {n} files. Not in it: {names}. “{list}” inside names all",
            name,
            files,
            names = listed(omitted),
            list = t(FILE_NAME)
        );
        notices.bad(text);
    }
    if let [(was, is), more @ ..] = plan.renamed.as_slice() {
        let text = match more.len() {
            0 => say!(
                "In “{name}”, “{was}” is “{is}”, so that every system takes it",
                name,
                was,
                is
            ),
            more => say_many!(
                more,
                "In “{name}”, “{was}” is “{is}”, and 1 more name changed, so that every system takes them",
                "In “{name}”, “{was}” is “{is}”, and {n} more names changed, so that every system takes them",
                name,
                was,
                is
            ),
        };
        notices.good(text);
    }
    if omitted.is_empty() {
        notices.good(say!(
            "“{name}” has {files}, {size}",
            name,
            files = count(files, "file", "files"),
            size = bytes(plan.bytes())
        ));
    }
}

fn listed(omitted: &[Omitted]) -> String {
    let named = omitted.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|Omitted { path, why }| say!("“{path}” ({why})", path, why))
        .collect();
    let names = named.join(", ");
    match omitted.len().saturating_sub(NAMED) {
        0 => names,
        more => say_many!(more, "{names} and 1 more", "{names} and {n} more", names),
    }
}

/// The path and the words of the file in a zip that says what is not in it.
pub fn file_of_omitted(plan: &Plan, omitted: &[Omitted]) -> (String, String) {
    let fold = |name: &str| name.to_owned();
    let mut taken = TakenNames::new(&fold);
    for entry in plan
        .entries
        .iter()
        .filter(|entry| !entry.path.contains('/'))
    {
        taken.take(&entry.path);
    }
    let mut text = t("These files were chosen and are not in this zip:").to_owned();
    text.push_str("\n\n");
    for Omitted { path, why } in omitted {
        text.push_str(&format!("{path}: {why}\n"));
    }
    (taken.take(t(FILE_NAME)), text)
}

#[cfg(test)]
mod tests {
    use super::{Omitted, file_of_omitted, listed};
    use crate::archive::plan::{Plan, ZipEntry};

    fn omitted(count: usize) -> Vec<Omitted> {
        let one = |n| Omitted {
            path: format!("folder/{n}"),
            why: "it is damaged".to_owned(),
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn a_zip_names_every_file_that_it_lacks() {
        assert_eq!(listed(&omitted(1)), "“folder/0” (it is damaged)");
        assert!(listed(&omitted(300)).ends_with("“folder/3” (it is damaged) and 296 more"));
        let plan = Plan {
            entries: vec![ZipEntry {
                path: "Not in this zip.txt".to_owned(),
                changed_at_ms: 0.into(),
                file: None,
            }],
            ..Plan::default()
        };
        let (path, text) = file_of_omitted(&plan, &omitted(300));
        assert_eq!(path, "Not in this zip (2).txt");
        assert!((0..300).all(|n| text.contains(&format!("folder/{n}: it is damaged\n"))));
    }
}
