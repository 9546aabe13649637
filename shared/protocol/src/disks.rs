//! What the file systems of people's computers make of names. Two names here may be
//! one file there, and a name may be one that a file system can't hold.

use crate::name::Name;
use crate::unicode::fully_folded;

/// The key of a name on the least exact disks: two names with one key are one file on
/// somebody's disk. Some disks fold case with `ß` as `ss`, Windows drops spaces and
/// dots at the end, and HFS+ passes over marks that nobody sees.
pub fn disk_key(name: &Name) -> String {
    let text = name.as_str();
    let seen: String = match text.is_ascii() {
        true => text.to_owned(),
        false => text.chars().filter(|c| !is_passed_over(*c)).collect(),
    };
    let mut key = fully_folded(&seen);
    key.truncate(key.trim_end_matches(['.', ' ']).len());
    key
}

/// Whether HFS+ compares names without this character.
fn is_passed_over(c: char) -> bool {
    matches!(c,
        '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}')
}

/// Whether Windows can hold a file of this name. It holds no name of a device, none
/// with one of `<>:"|?*` in it, and none that ends with a space or a dot.
pub fn fits_windows(name: &Name) -> bool {
    let text = name.as_str();
    !text.contains(['<', '>', ':', '"', '|', '?', '*'])
        && !text.ends_with([' ', '.'])
        && !is_device(text)
}

/// Whether Windows takes a name for a device's. It looks only at what stands before
/// the first dot.
fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let mut digits = port.unwrap_or_default().chars();
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
    digits.next().is_some_and(is_digit) && digits.next().is_none()
}
