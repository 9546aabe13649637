//! Files that systems and programs leave beside people's files, by name. Dropbox and
//! the Nextcloud client leave them out, too. A name that only one of them leaves out is
//! not here if it may be somebody's work (`*.tmp`, `*~`, `*.part`).

/// Whether nobody means a file of this name, in any case, when they hand a folder
/// in: a view's settings, thumbnails, an icon, the other half of a file on a
/// foreign disk, or the sign of who has a document open.
pub fn is_junk(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        ".ds_store" | "thumbs.db" | "ehthumbs.db" | "desktop.ini" | "icon\r" | ".directory"
    ) || is_started(&name, "._")
        || is_started(&name, "~$")
        || is_started(&name, ".~lock.")
}

/// Whether a name begins with this and goes on.
fn is_started(name: &str, beginning: &str) -> bool {
    name.len() > beginning.len() && name.starts_with(beginning)
}
