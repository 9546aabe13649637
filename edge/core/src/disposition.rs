//! `Content-Disposition` and `Content-Type` for files of any name (RFC 6266,
//! RFC 8187).

use protocol::name::Name;
use std::fmt::Write;

/// Makes the browser save a file under its name, whatever the name is. Old clients read
/// the ASCII form, all others the UTF-8 form.
pub fn attachment(name: &Name) -> String {
    let mut ascii = String::new();
    let mut utf8 = String::new();
    for c in name.as_str().chars() {
        // Clients read quotes, backslashes and per cent signs in more than one way.
        let is_plain = (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '%' | '\\');
        ascii.push(if is_plain { c } else { '_' });
    }
    for byte in name.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            utf8.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(utf8, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{utf8}")
}

/// The type that the name's extension stands for, if browsers only show or save content
/// of that type. Whatever can carry script or style, or is unknown, goes out as bytes,
/// so that no page can run a stored file by its address.
pub fn content_type(name: &Name) -> &'static str {
    let guessed = mime_guess::from_path(name.as_str()).first_raw();
    guessed.filter(|guess| is_passive(guess)).unwrap_or(BYTES)
}

const BYTES: &str = "application/octet-stream";

/// Whether browsers only show or save content of this type. The list says which types
/// are passive, because others may appear that nobody here knows of.
fn is_passive(content_type: &str) -> bool {
    let (top, sub) = content_type.split_once('/').unwrap_or_default();
    // SVG is one of these, and it runs scripts.
    let is_xml = sub.ends_with("+xml");
    match top {
        "image" | "audio" | "video" | "font" => !is_xml,
        "text" => matches!(sub, "plain" | "csv" | "markdown"),
        "application" => {
            let is_known = matches!(sub, "pdf" | "zip" | "gzip" | "x-tar" | "msword");
            is_known || (sub.starts_with("vnd.") && !is_xml)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::name::BadName;

    fn of(name: &str) -> Result<String, BadName> {
        Name::parse(name).map(|name| attachment(&name))
    }

    #[test]
    fn any_name_comes_through() -> Result<(), BadName> {
        let cases = [
            (
                "a.txt",
                "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt",
            ),
            (
                "Übung 1.pdf",
                "attachment; filename=\"_bung 1.pdf\"; filename*=UTF-8''%C3%9Cbung%201.pdf",
            ),
            (
                "a\"; x=\"b%41'",
                "attachment; filename=\"a_; x=_b_41'\"; filename*=UTF-8''a%22%3B%20x%3D%22b%2541%27",
            ),
        ];
        for (name, expected) in cases {
            assert_eq!(of(name)?, expected);
        }
        Ok(())
    }

    #[test]
    fn no_name_breaks_out_of_the_header() -> Result<(), BadName> {
        let header = of("日本\u{7f51}\u{1f600}.html")?;
        assert!(header.is_ascii() && !header.contains(['\r', '\n']));
        Ok(())
    }

    #[test]
    fn types_are_guessed_by_extension() -> Result<(), BadName> {
        assert_eq!(content_type(&Name::parse("a.PNG")?), "image/png");
        assert_eq!(content_type(&Name::parse("a.txt")?), "text/plain");
        assert_eq!(content_type(&Name::parse("a.pdf")?), "application/pdf");
        assert_eq!(
            content_type(&Name::parse("noext")?),
            "application/octet-stream"
        );
        Ok(())
    }

    /// Scripts, styles, documents that run scripts, modules, streams of events.
    #[test]
    fn no_stored_file_goes_out_as_what_a_browser_runs() -> Result<(), BadName> {
        for name in [
            "a.js",
            "a.MJS",
            "a.cjs",
            "a.jsx",
            "a.html",
            "a.htm",
            "a.xhtml",
            "a.shtml",
            "a.xht",
            "a.xml",
            "a.xsl",
            "a.xslt",
            "a.svg",
            "a.svgz",
            "a.css",
            "a.wasm",
            "a.json",
            "a.jsonld",
            "a.webmanifest",
            "a.appcache",
            "a.manifest",
            "a.swf",
            "a.xul",
            "a.mht",
            "a.mhtml",
            "a.rdf",
            "a.rss",
            "a.atom",
            "a.vtt",
            "a.hta",
            "a.htc",
            "a.jar",
            "a.class",
            "a.xap",
            "a.mathml",
            "a.rtx",
            "a.eml",
            "a.exe",
            "a.sh",
        ] {
            let said = content_type(&Name::parse(name)?);
            assert_eq!(said, "application/octet-stream", "{name}");
        }
        Ok(())
    }
}
