//! The icons: one path each, drawn as a stroke on a 24-unit grid.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Archive,
    ArrowDown,
    ArrowUp,
    Audio,
    Auto,
    Back,
    Bell,
    Browser,
    Check,
    ChevronDown,
    ChevronRight,
    Clock,
    Close,
    Code,
    Compare,
    Conflict,
    Copy,
    Cut,
    Download,
    Eye,
    EyeOff,
    File,
    Folder,
    FolderPlus,
    FolderUp,
    Image,
    Info,
    Key,
    Laptop,
    Link,
    Moon,
    More,
    Move,
    Pencil,
    Paste,
    People,
    Plus,
    Program,
    Redo,
    Restore,
    Retry,
    Search,
    SignOut,
    Sliders,
    Star,
    Sun,
    Table,
    Text,
    Tiles,
    Trash,
    Undo,
    Upload,
    Video,
    Warning,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Archive => "M4 8h16v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM3 4h18v4H3zM10 12h4",
            Icon::ArrowDown => "M12 5v14M6.5 13.5 12 19l5.5-5.5",
            Icon::ArrowUp => "M12 19V5M6.5 10.5 12 5l5.5 5.5",
            Icon::Audio => {
                "M9 17V5.5l10-2V15M9 17a2.5 2.5 0 1 1-5 0a2.5 2.5 0 0 1 5 0zM19 15a2.5 2.5 0 1 1-5 0a2.5 2.5 0 0 1 5 0z"
            }
            Icon::Auto => "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18M12 8h7.5M12 12h9M12 16h7.5",
            Icon::Back => "M19 12H5M11 6l-6 6 6 6",
            Icon::Bell => "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
            Icon::Browser => {
                "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM3 9.5h18M6.5 7.300h.01M9 7.300h.01"
            }
            Icon::Check => "M4.5 12.5 9.5 17.5 19.5 7",
            Icon::ChevronDown => "M6 9.5 12 15.5 18 9.5",
            Icon::ChevronRight => "M9.5 6 15.5 12 9.5 18",
            Icon::Clock => "M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0zM12 7v5l3.5 2",
            Icon::Close => "M6 6 18 18M18 6 6 18",
            Icon::Code => "M8.5 7.5 4 12l4.5 4.5M15.5 7.5 20 12l-4.5 4.5M13.5 5l-3 14",
            Icon::Compare => "M4 5h6v14H4zM14 5h6v14h-6zM6 9h2M6 12h2M16 12h2M16 15h2",
            Icon::Conflict => {
                "M6 3v6.5a5 5 0 0 0 1.5 3.5L12 17M18 3v6.5a5 5 0 0 1-1.5 3.5L12 17v4M3.5 5.5 6 3l2.5 2.5M15.5 5.5 18 3l2.5 2.5"
            }
            Icon::Copy => {
                "M9 8h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM16 8V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3"
            }
            Icon::Download => "M12 4v11M7 10.5l5 5 5-5M4 19.5h16",
            Icon::Cut => {
                "M20 4 8.6 15.4M8.6 8.6 20 20M6 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6z"
            }
            Icon::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM15 12a3 3 0 1 1-6 0a3 3 0 0 1 6 0z"
            }
            Icon::EyeOff => {
                "M4 4l16 16M9.900 9.900a3 3 0 0 0 4.200 4.200M6.5 7C3.900 8.800 2.5 12 2.5 12S6 18.5 12 18.5c1.700 0 3.200-.5 4.5-1.200M10.5 5.600c.5-.1 1-.1 1.5-.1 6 0 9.5 6.5 9.5 6.5s-.8 1.5-2.300 3"
            }
            Icon::File => "M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5",
            Icon::Folder => {
                "M3 7a1.5 1.5 0 0 1 1.5-1.5H9l2.5 2.5h8A1.5 1.5 0 0 1 21 9.5v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"
            }
            Icon::FolderPlus => {
                "M3 7a1.5 1.5 0 0 1 1.5-1.5H9l2.5 2.5h8A1.5 1.5 0 0 1 21 9.5v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM12 11v5M9.5 13.5h5"
            }
            Icon::FolderUp => {
                "M3 7a1.5 1.5 0 0 1 1.5-1.5H9l2.5 2.5h8A1.5 1.5 0 0 1 21 9.5v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM12 16.5v-5.5M9.5 13l2.5-2.5 2.5 2.5"
            }
            Icon::Image => {
                "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 16.5l4.5-4.5 4 4 3-3 4.5 4.5M15.5 9h.01"
            }
            Icon::Info => "M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0zM12 11v5.5M12 7.5h.01",
            Icon::Key => "M14.5 14a5 5 0 1 0-4.5-4.5L3.5 16v4.5H8V18h2.5v-2.5zM15.5 8.5h.01",
            Icon::Laptop => "M5.5 5h13a1 1 0 0 1 1 1v9.5h-15V6a1 1 0 0 1 1-1zM2.5 18.5h19",
            Icon::Link => {
                "M10 14a4.500 4.500 0 0 0 6.500.300l3-3a4.500 4.500 0 0 0-6.400-6.400l-1.400 1.400M14 10a4.500 4.500 0 0 0-6.500-.300l-3 3a4.500 4.500 0 0 0 6.400 6.400l1.400-1.400"
            }
            Icon::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
            Icon::More => "M5.5 12h.01M12 12h.01M18.5 12h.01",
            Icon::Move => {
                "M3 7a1.5 1.5 0 0 1 1.5-1.5H9l2.5 2.5h8A1.5 1.5 0 0 1 21 9.5v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM8.5 13.5h6.5M12.5 11l2.5 2.5-2.5 2.5"
            }
            Icon::Pencil => {
                "M4 20l.8-4L16 4.800a1.700 1.700 0 0 1 2.400 0l.8.8a1.700 1.700 0 0 1 0 2.400L8 19.200zM14 7l3 3"
            }
            Icon::Program => {
                "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM7 9.5l3 2.5-3 2.5M12.5 15h4.5"
            }
            Icon::Redo => "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
            Icon::Restore => "M4 5v5h5M4.5 9.5A8 8 0 1 1 4 13.5M12 8.5V12l2.5 2",
            Icon::Retry => "M20 5v5h-5M19.5 10A8 8 0 1 0 20 13.5",
            Icon::Search => {
                "M17 10.5a6.500 6.500 0 1 1-13 0a6.500 6.500 0 0 1 13 0zM15.300 15.300 20 20"
            }
            Icon::SignOut => {
                "M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h10M16.5 8.5 20 12l-3.5 3.5"
            }
            Icon::Sliders => "M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4",
            Icon::Star => {
                "M12 3.5 14.6 9l6 .8-4.400 4.100 1.100 5.900L12 16.900 6.700 19.800l1.100-5.900L3.400 9.800l6-.8z"
            }
            Icon::Sun => {
                "M16 12a4 4 0 1 1-8 0a4 4 0 0 1 8 0zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"
            }
            Icon::Paste => "M15 4h3v17H6V4h3M9 3h6v4H9zM9 12h6M9 16h4",
            Icon::People => {
                "M12.5 8.5a3.500 3.500 0 1 1-7 0a3.500 3.500 0 0 1 7 0zM2.500 20a6.500 6.500 0 0 1 13 0M15.500 5.200a3.500 3.500 0 0 1 0 6.600M18 14.200a6.500 6.500 0 0 1 3.500 5.800"
            }
            Icon::Plus => "M12 5v14M5 12h14",
            Icon::Tiles => "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
            Icon::Table => {
                "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 9.5h16M4 14.5h16M10 9.5V20"
            }
            Icon::Text => {
                "M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5M8.5 12.5h7M8.5 16h5"
            }
            Icon::Trash => "M4 6.5h16M9.5 6V4h5v2M6 6.5 7 20h10l1-13.5M10 10.5v5.5M14 10.5v5.5",
            Icon::Undo => "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
            Icon::Upload => "M12 16V5M7 9.5l5-5 5 5M4 19.5h16",
            Icon::Video => {
                "M4 6h11a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM16 10.5l5-3v9l-5-3"
            }
            Icon::Warning => "M12 4 2.800 19.5h18.400zM12 10v4.5M12 17h.01",
        }
    }

    /// The name of its colour where it says what kind of file something is.
    fn tint(self) -> Option<&'static str> {
        match self {
            Icon::Archive => Some("archive"),
            Icon::Audio => Some("sound"),
            Icon::Code => Some("code"),
            Icon::Image => Some("picture"),
            Icon::Table => Some("sheet"),
            Icon::Text => Some("text"),
            Icon::Video => Some("video"),
            _ => None,
        }
    }

    /// The picture of a file by the ending of its name.
    pub fn for_name(name: &str) -> Self {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "heic" | "svg" | "tif" | "tiff"
            | "bmp" | "psd" | "raw" => Icon::Image,
            "mp4" | "mov" | "mkv" | "webm" | "avi" | "m4v" => Icon::Video,
            "mp3" | "wav" | "flac" | "ogg" | "m4a" | "aac" | "opus" => Icon::Audio,
            "zip" | "tar" | "gz" | "xz" | "zst" | "7z" | "rar" | "iso" | "dmg" => Icon::Archive,
            "csv" | "xls" | "xlsx" | "ods" | "tsv" | "parquet" | "sqlite" | "db" => Icon::Table,
            "rs" | "js" | "ts" | "py" | "c" | "h" | "cpp" | "go" | "java" | "html" | "css"
            | "json" | "toml" | "yaml" | "yml" | "sh" | "sql" | "xml" => Icon::Code,
            "txt" | "md" | "pdf" | "doc" | "docx" | "odt" | "rtf" | "tex" | "pages" => Icon::Text,
            _ => Icon::File,
        }
    }
}

/// An icon beside words: screen readers skip it.
#[component]
pub fn Glyph(icon: Icon) -> impl IntoView {
    view! {
        <svg
            class="glyph"
            class:glyph-way=matches!(icon, Icon::Back | Icon::ChevronRight)
            data-tint=icon.tint()
            viewBox="0 0 24 24"
            width="20"
            height="20"
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=icon.path() />
        </svg>
    }
}
