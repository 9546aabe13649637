//! What a conflict's file is, by its name: it decides how its versions are
//! shown beside each other.

use crate::ui::icon::Icon;
use protocol::name::Name;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
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

impl Kind {
    pub fn of(name: &Name) -> Self {
        let name = name.as_str();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "pdf" => return Kind::Pdf,
            // Pictures that browsers do not show among them.
            "psd" | "raw" | "heic" | "tif" | "tiff" | "bin" | "dat" | "exe" | "dll" | "so"
            | "img" | "class" | "wasm" | "doc" | "docx" | "odt" | "ppt" | "pptx" | "odp"
            | "pages" => return Kind::Binary,
            "csv" | "tsv" | "md" | "txt" | "tex" | "rtf" | "log" | "ini" | "cfg" => {
                return Kind::Text;
            }
            _ => {}
        }
        match Icon::for_name(name) {
            Icon::Image => Kind::Image,
            Icon::Audio => Kind::Audio,
            Icon::Video => Kind::Video,
            Icon::Code => Kind::Text,
            Icon::Archive | Icon::Table => Kind::Binary,
            _ => Kind::Other,
        }
    }

    /// The kind as a heading of several.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Text => "Texts",
            Kind::Image => "Images",
            Kind::Pdf => "PDFs",
            Kind::Audio => "Audio",
            Kind::Video => "Videos",
            Kind::Binary => "Binary files",
            Kind::Other => "Other files",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use protocol::name::Name;

    #[test]
    fn a_name_tells_the_kind() {
        let kind = |name| Kind::of(&Name::parse(name).unwrap());
        assert_eq!(kind("notes.TXT"), Kind::Text);
        assert_eq!(kind("main.rs"), Kind::Text);
        assert_eq!(kind("table.csv"), Kind::Text);
        assert_eq!(kind("a.svg"), Kind::Image);
        assert_eq!(kind("a.tiff"), Kind::Binary);
        assert_eq!(kind("sheet.xlsx"), Kind::Binary);
        assert_eq!(kind("report.pdf"), Kind::Pdf);
        assert_eq!(kind("song.flac"), Kind::Audio);
        assert_eq!(kind("clip.webm"), Kind::Video);
        assert_eq!(kind("Makefile"), Kind::Other);
    }
}
