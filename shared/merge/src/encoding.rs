//! How bytes stand for characters. The names and the list are for the page; the
//! tables behind them are linked only where something is read or written.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

macro_rules! encodings {
    ($($(#[$doc:meta])* $encoding:ident, $label:literal, $name:literal, $script:literal;)*) => {
        /// How bytes stand for characters. Every encoding here leaves line feeds and
        /// carriage returns alone, and none has characters that depend on earlier ones.
        #[allow(missing_docs, reason = "`name` and `script` say what each is")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Encoding {
            $($(#[$doc])* $encoding,)*
        }

        impl Encoding {
            /// Every encoding, in the order in which a list shows them.
            pub const ALL: &'static [Encoding] = &[$(Self::$encoding),*];

            /// The encoding's name, as people write it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$encoding => $name,)*
                }
            }

            /// The script that it is for, if the name does not say so.
            pub fn script(self) -> &'static str {
                match self {
                    $(Self::$encoding => $script,)*
                }
            }

            /// The encoding's label in the Encoding Standard.
            fn label(self) -> &'static str {
                match self {
                    $(Self::$encoding => $label,)*
                }
            }
        }
    };
}

encodings! {
    Utf8, "utf-8", "UTF-8", "";
    /// UTF-8 with a byte order mark.
    Utf8Bom, "utf-8", "UTF-8 with BOM", "";
    /// Little-endian UTF-16 with a byte order mark.
    Utf16Le, "utf-16le", "UTF-16 LE", "";
    Utf16Be, "utf-16be", "UTF-16 BE", "";
    Windows1252, "windows-1252", "Windows-1252", "Western";
    Windows1250, "windows-1250", "Windows-1250", "Central European";
    Windows1251, "windows-1251", "Windows-1251", "Cyrillic";
    Windows1253, "windows-1253", "Windows-1253", "Greek";
    Windows1254, "windows-1254", "Windows-1254", "Turkish";
    Windows1255, "windows-1255", "Windows-1255", "Hebrew";
    Windows1256, "windows-1256", "Windows-1256", "Arabic";
    Windows1257, "windows-1257", "Windows-1257", "Baltic";
    Windows1258, "windows-1258", "Windows-1258", "Vietnamese";
    Windows874, "windows-874", "Windows-874", "Thai";
    Iso8859_2, "iso-8859-2", "ISO-8859-2", "Central European";
    Iso8859_3, "iso-8859-3", "ISO-8859-3", "South European";
    Iso8859_4, "iso-8859-4", "ISO-8859-4", "Baltic";
    Iso8859_5, "iso-8859-5", "ISO-8859-5", "Cyrillic";
    Iso8859_6, "iso-8859-6", "ISO-8859-6", "Arabic";
    Iso8859_7, "iso-8859-7", "ISO-8859-7", "Greek";
    Iso8859_8, "iso-8859-8", "ISO-8859-8", "Hebrew";
    Iso8859_8I, "iso-8859-8-i", "ISO-8859-8-I", "Hebrew";
    Iso8859_10, "iso-8859-10", "ISO-8859-10", "Nordic";
    Iso8859_13, "iso-8859-13", "ISO-8859-13", "Baltic";
    Iso8859_14, "iso-8859-14", "ISO-8859-14", "Celtic";
    Iso8859_15, "iso-8859-15", "ISO-8859-15", "Western";
    Iso8859_16, "iso-8859-16", "ISO-8859-16", "Romanian";
    Koi8R, "koi8-r", "KOI8-R", "Russian";
    Koi8U, "koi8-u", "KOI8-U", "Ukrainian";
    Ibm866, "ibm866", "IBM866", "Cyrillic, DOS";
    Macintosh, "macintosh", "Macintosh", "Western";
    MacCyrillic, "x-mac-cyrillic", "Macintosh", "Cyrillic";
    Gbk, "gbk", "GBK", "simplified Chinese";
    Gb18030, "gb18030", "GB 18030", "Chinese";
    Big5, "big5", "Big5", "traditional Chinese";
    ShiftJis, "shift_jis", "Shift_JIS", "Japanese";
    EucJp, "euc-jp", "EUC-JP", "Japanese";
    EucKr, "euc-kr", "EUC-KR", "Korean";
}

/// Stands for bytes that are no character.
pub(super) const DAMAGED: char = char::REPLACEMENT_CHARACTER;

/// A class of characters, to find places to cut at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Word,
    Space,
    /// A word of its own: a sign, or a character of a script without spaces.
    Other,
}

impl Encoding {
    /// The encoding's name and script, for a list to choose from.
    pub fn title(self) -> String {
        match self.script() {
            "" => self.name().to_owned(),
            script => format!("{} ({script})", self.name()),
        }
    }

    /// Whether a text in it begins with a byte order mark.
    pub fn has_mark(self) -> bool {
        !self.mark().is_empty()
    }

    pub(super) fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8Bom => &[0xEF, 0xBB, 0xBF],
            Self::Utf16Le => &[0xFF, 0xFE],
            Self::Utf16Be => &[0xFE, 0xFF],
            _ => &[],
        }
    }

    /// Whether the encoding has every character.
    pub fn is_unicode(self) -> bool {
        matches!(self, Self::Gb18030) || self.without_mark() == Self::Utf8 || self.is_wide()
    }

    /// Whether its units have two bytes; then bytes of ASCII mean something else.
    pub(super) fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    /// The encoding of its bytes without the mark. Texts with the same answer may be put
    /// together byte by byte.
    pub(super) fn without_mark(self) -> Self {
        match self {
            Self::Utf8Bom => Self::Utf8,
            other => other,
        }
    }

    pub(super) fn of_codec(codec: &'static encoding_rs::Encoding) -> Option<Self> {
        let is = |encoding: &&Self| encoding.codec() == codec && !encoding.has_mark();
        Self::ALL.iter().find(is).copied()
    }

    fn codec(self) -> &'static encoding_rs::Encoding {
        encoding_rs::Encoding::for_label(self.label().as_bytes()).unwrap_or(encoding_rs::UTF_8)
    }

    /// Reads bytes without a mark. Bytes that are no character become [`DAMAGED`].
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 | Self::Utf8Bom => String::from_utf8_lossy(bytes),
            Self::Utf16Le => wide(bytes, u16::from_le_bytes).into(),
            Self::Utf16Be => wide(bytes, u16::from_be_bytes).into(),
            _ => self.codec().decode_without_bom_handling(bytes).0,
        }
    }

    /// Writes characters, without a mark.
    ///
    /// # Errors
    /// The characters that the encoding lacks, each once. A character that would be read
    /// as another one counts among them.
    pub(super) fn encode(self, chars: &str) -> Result<Cow<'_, [u8]>, Vec<char>> {
        match self {
            Self::Utf8 | Self::Utf8Bom => return Ok(chars.as_bytes().into()),
            Self::Utf16Le => {
                let units = chars.encode_utf16();
                return Ok(units.flat_map(u16::to_le_bytes).collect());
            }
            Self::Utf16Be => {
                let units = chars.encode_utf16();
                return Ok(units.flat_map(u16::to_be_bytes).collect());
            }
            _ if chars.is_ascii() && self.keeps_ascii(chars) => return Ok(chars.as_bytes().into()),
            _ => {}
        }
        if let Some(bytes) = self.written(chars) {
            return Ok(bytes);
        }
        let mut lacking: Vec<char> = Vec::new();
        for char in chars.chars().filter(|char| !char.is_ascii()) {
            if !lacking.contains(&char) && self.written(char.encode_utf8(&mut [0; 4])).is_none() {
                lacking.push(char);
            }
        }
        Err(lacking)
    }

    /// All encodings here write ASCII as it is.
    fn keeps_ascii(self, chars: &str) -> bool {
        !self.is_wide() && !chars.contains('\0')
    }

    /// The bytes; `None` if they would not be read as these characters.
    fn written(self, chars: &str) -> Option<Cow<'_, [u8]>> {
        let (bytes, _, has_lacking) = self.codec().encode(chars);
        (!has_lacking && self.decode(&bytes) == chars).then_some(bytes)
    }

    /// The character at the beginning of some bytes: how many bytes it takes, at least one,
    /// and its class. Bytes that are no character are taken for one.
    pub(super) fn step(self, bytes: &[u8]) -> (usize, Class) {
        let at = |place: usize| bytes.get(place).copied().unwrap_or(0);
        let first = at(0);
        let (length, class) = match self {
            Self::Utf16Le | Self::Utf16Be => {
                let unit = |place| match self {
                    Self::Utf16Le => u16::from_le_bytes([at(place), at(place + 1)]),
                    _ => u16::from_be_bytes([at(place), at(place + 1)]),
                };
                let is_pair =
                    matches!(unit(0), 0xD800..0xDC00) && matches!(unit(2), 0xDC00..0xE000);
                let char = char::from_u32(u32::from(unit(0))).unwrap_or(DAMAGED);
                (if is_pair { 4 } else { 2 }, class(char))
            }
            _ if first.is_ascii() => (1, class(char::from(first))),
            Self::Utf8 | Self::Utf8Bom => {
                let rest = bytes[1..].iter().take(3);
                let length = 1 + rest.take_while(|byte| **byte & 0xC0 == 0x80).count();
                let char = std::str::from_utf8(&bytes[..length]).ok();
                let char = char.and_then(|char| char.chars().next());
                (length, class(char.unwrap_or(DAMAGED)))
            }
            Self::Gb18030 | Self::Gbk if at(1).is_ascii_digit() => (4, Class::Other),
            Self::ShiftJis if !matches!(first, 0x81..=0x9F | 0xE0..=0xFC) => (1, Class::Word),
            Self::EucJp if first == 0x8F => (3, Class::Other),
            Self::Gb18030 | Self::Gbk | Self::Big5 | Self::ShiftJis | Self::EucJp | Self::EucKr => {
                (2, Class::Other)
            }
            _ => (1, Class::Word),
        };
        (length.min(bytes.len()), class)
    }
}

/// Scripts from here on have no spaces between words.
const FIRST_IDEOGRAPH: char = '\u{2E80}';

pub(super) fn class(char: char) -> Class {
    if char.is_whitespace() {
        Class::Space
    } else if char == '_' || (char.is_alphanumeric() && char < FIRST_IDEOGRAPH) {
        Class::Word
    } else {
        Class::Other
    }
}

/// Whether bytes in UTF-16 are characters and nothing else.
pub(super) fn is_sound_wide(encoding: Encoding, bytes: &[u8]) -> bool {
    let (units, rest) = bytes.as_chunks::<2>();
    let unit = if encoding == Encoding::Utf16Le {
        u16::from_le_bytes
    } else {
        u16::from_be_bytes
    };
    let mut chars = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
    rest.is_empty() && chars.all(|char| char.is_ok_and(|char| char != '\0'))
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (units, rest) = bytes.as_chunks::<2>();
    let chars = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
    let mut chars: String = chars.map(|char| char.unwrap_or(DAMAGED)).collect();
    if !rest.is_empty() {
        chars.push(DAMAGED);
    }
    chars
}
