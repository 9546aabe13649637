//! What the file systems of people's computers make of names: two names that are
//! two here may be one file there, or one that can't be.

use crate::name::Name;
use crate::unicode::fully_folded;

/// What two names have in common that are one file on somebody's disk: on some
/// disks case is folded with `ß` as `ss`, Windows drops spaces and dots at the
/// end, and HFS+ passes over marks that nobody sees.
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

/// What HFS+ compares names without.
fn is_passed_over(c: char) -> bool {
    matches!(c,
        '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}')
}

/// Whether Windows can hold a file of this name: none is named after a device, has
/// one of `<>:"|?*` in it or ends with a space or a dot.
pub fn fits_windows(name: &Name) -> bool {
    let text = name.as_str();
    !text.contains(['<', '>', ':', '"', '|', '?', '*'])
        && !text.ends_with([' ', '.'])
        && !is_device(text)
}

/// Windows looks at what stands before the first dot only.
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
