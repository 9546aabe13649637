//! What a conflict's file is, by its name: it decides how its versions are
//! shown beside each other.

use crate::ui::icon::Icon;
use crate::words::t;
use protocol::name::Name;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    Text,
    Image,
    Pdf,
    Audio,
    Video,
    /// No text for certain.
    Binary,
    /// Anything else; it may turn out to be text.
    Other,
}

impl FileKind {
    pub fn of(name: &Name) -> Self {
        let name = name.as_str();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "pdf" => return FileKind::Pdf,
            // Pictures that browsers do not show among them.
            "psd" | "raw" | "heic" | "tif" | "tiff" | "bin" | "dat" | "exe" | "dll" | "so"
            | "img" | "class" | "wasm" | "doc" | "docx" | "odt" | "ppt" | "pptx" | "odp"
            | "pages" => return FileKind::Binary,
            "csv" | "tsv" | "md" | "txt" | "tex" | "rtf" | "log" | "ini" | "cfg" => {
                return FileKind::Text;
            }
            _ => {}
        }
        match Icon::for_name(name) {
            Icon::Image => FileKind::Image,
            Icon::Audio => FileKind::Audio,
            Icon::Video => FileKind::Video,
            Icon::Code => FileKind::Text,
            Icon::Archive | Icon::Table => FileKind::Binary,
            _ => FileKind::Other,
        }
    }

    /// The kind as a heading of several.
    pub fn plural(self) -> &'static str {
        match self {
            FileKind::Text => t("Texts"),
            FileKind::Image => t("Images"),
            FileKind::Pdf => t("PDFs"),
            FileKind::Audio => t("Audio"),
            FileKind::Video => t("Videos"),
            FileKind::Binary => t("Binary files"),
            FileKind::Other => t("Other files"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FileKind;
    use protocol::name::Name;

    #[test]
    fn a_name_tells_the_kind() {
        let kind = |name| FileKind::of(&Name::parse(name).unwrap());
        assert_eq!(kind("notes.TXT"), FileKind::Text);
        assert_eq!(kind("main.rs"), FileKind::Text);
        assert_eq!(kind("table.csv"), FileKind::Text);
        assert_eq!(kind("a.svg"), FileKind::Image);
        assert_eq!(kind("a.tiff"), FileKind::Binary);
        assert_eq!(kind("sheet.xlsx"), FileKind::Binary);
        assert_eq!(kind("report.pdf"), FileKind::Pdf);
        assert_eq!(kind("song.flac"), FileKind::Audio);
        assert_eq!(kind("clip.webm"), FileKind::Video);
        assert_eq!(kind("Makefile"), FileKind::Other);
    }
}
