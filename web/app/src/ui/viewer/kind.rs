//! What a file is, by its name: how it is shown. Its bytes have the last word, because
//! whoever shows it takes them for nothing else.

use crate::commands::ReadAs;
use crate::ui::files::Kind;
use protocol::items::Item;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Picture,
    /// SVG.
    Drawing,
    Sound,
    Video,
    Pdf,
    Font,
    /// Words, in lines as long as the window.
    Prose,
    /// Lines with numbers, and with colours if the language is known.
    Code,
    Markdown,
    Table {
        has_tabs: bool,
    },
    /// A spreadsheet.
    Sheets,
    Zip,
    /// Nobody knows; if it is text, it is shown.
    Unknown,
    /// A browser does not show it.
    Foreign,
}

/// Above so many bytes, what has to be loaded as a whole is asked about first.
const ASKED_ABOVE_BYTES: u64 = 64 << 20;
/// The same for a font, of which few have more than some.
const FONT_ASKED_ABOVE_BYTES: u64 = 16 << 20;
/// A larger drawing is none that somebody looks at.
const DRAWING_BYTES: u64 = 2 << 20;

impl FileKind {
    pub fn of(item: &Item) -> Self {
        let size = item.file.as_ref().map_or(0, |file| file.size);
        match Self::of_name(item.name.as_str()) {
            FileKind::Drawing if size > DRAWING_BYTES => FileKind::Code,
            kind => kind,
        }
    }

    fn of_name(name: &str) -> Self {
        match ending(name).as_str() {
            "jpg" | "jpeg" | "jfif" | "png" | "apng" | "gif" | "webp" | "avif" | "bmp" | "ico" => {
                FileKind::Picture
            }
            "svg" => FileKind::Drawing,
            "mp3" | "wav" | "flac" | "ogg" | "oga" | "m4a" | "aac" | "opus" | "weba" => {
                FileKind::Sound
            }
            "mp4" | "m4v" | "mov" | "webm" | "ogv" | "mkv" => FileKind::Video,
            "pdf" => FileKind::Pdf,
            "ttf" | "otf" | "woff" | "woff2" => FileKind::Font,
            "txt" | "text" | "log" | "srt" | "vtt" | "rst" | "adoc" | "org" => FileKind::Prose,
            "md" | "markdown" | "mdown" => FileKind::Markdown,
            "csv" => FileKind::Table { has_tabs: false },
            "tsv" | "tab" => FileKind::Table { has_tabs: true },
            "xlsx" | "xlsm" | "xls" | "ods" => FileKind::Sheets,
            "zip" | "jar" | "epub" | "cbz" | "apk" | "xpi" => FileKind::Zip,
            "doc" | "docx" | "odt" | "rtf" | "pages" | "numbers" | "ppt" | "pptx" | "odp"
            | "key" | "psd" | "ai" | "raw" | "cr2" | "nef" | "dng" | "heic" | "heif" | "tif"
            | "tiff" | "avi" | "wmv" | "flv" | "wma" | "mid" | "tar" | "gz" | "tgz" | "xz"
            | "bz2" | "zst" | "7z" | "rar" | "iso" | "dmg" | "img" | "exe" | "dll" | "so"
            | "dylib" | "msi" | "deb" | "rpm" | "bin" | "wasm" | "class" | "o" | "a"
            | "parquet" | "sqlite" | "db" | "mdb" | "blend" | "stl" => FileKind::Foreign,
            "" => FileKind::Unknown,
            _ => FileKind::Code,
        }
    }

    /// Above so many bytes the person is asked before it is loaded, because all of it is.
    pub fn asked_above_bytes(self) -> Option<u64> {
        match self {
            FileKind::Picture | FileKind::Pdf => Some(ASKED_ABOVE_BYTES),
            FileKind::Font => Some(FONT_ASKED_ABOVE_BYTES),
            // Played as it comes, or read as far as it is shown.
            _ => None,
        }
    }

    /// As what its bytes are read, if the page reads them.
    pub fn read_as(self) -> Option<ReadAs> {
        match self {
            FileKind::Prose | FileKind::Code | FileKind::Unknown => Some(ReadAs::Text),
            FileKind::Markdown => Some(ReadAs::Markdown),
            FileKind::Table { has_tabs } => Some(ReadAs::Table { has_tabs }),
            FileKind::Zip => Some(ReadAs::Zip),
            _ => None,
        }
    }

    /// Whether it is text that can be typed over, if it is not too long.
    pub fn is_edited(self) -> bool {
        matches!(
            self,
            FileKind::Prose
                | FileKind::Code
                | FileKind::Unknown
                | FileKind::Markdown
                | FileKind::Table { .. }
        )
    }

    /// What it is, in words.
    pub fn words(item: &Item) -> String {
        let name = item.name.as_str();
        let kind = Kind::of(item).word();
        match ending(name) {
            ending if item.file.is_some() && ending.len() > 1 => format!("{kind} (.{ending})"),
            _ => kind.to_owned(),
        }
    }
}

/// What follows the last dot of a name, in small letters; names that stand for a language
/// by themselves count as their own.
pub fn ending(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((before, ending)) if !before.is_empty() => ending.to_owned(),
        _ if matches!(name.as_str(), "dockerfile" | "makefile") => name,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{FileKind, ending};

    #[test]
    fn a_name_says_how_a_file_is_shown() {
        let cases = [
            ("a.PNG", FileKind::Picture),
            ("a.svg", FileKind::Drawing),
            ("a.html", FileKind::Code),
            ("a.b.tsv", FileKind::Table { has_tabs: true }),
            ("README", FileKind::Unknown),
            (".bashrc", FileKind::Unknown),
            ("Makefile", FileKind::Code),
            ("a.docx", FileKind::Foreign),
            ("a.XLSX", FileKind::Sheets),
            ("a.whatever", FileKind::Code),
        ];
        for (name, kind) in cases {
            assert_eq!(FileKind::of_name(name), kind, "{name}");
        }
        assert_eq!(ending("a.tar.GZ"), "gz");
        assert_eq!(ending("Dockerfile"), "dockerfile");
    }
}
