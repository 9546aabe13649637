//! Writes a copy of this workspace, with every deliberate bug in it, into the folder
//! that it is given.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(into) = std::env::args_os().nth(1) else {
        eprintln!("the folder of the copy is missing");
        return ExitCode::from(2);
    };
    match copy(Path::new(&into)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn copy(into: &Path) -> Result<(), String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let files = bugs::files(root).map_err(|error| format!("the source: {error}"))?;
    let files = bugs::seeded(files, &bugs::all()?)?;
    bugs::write(&files, into).map_err(|error| format!("{}: {error}", into.display()))
}
