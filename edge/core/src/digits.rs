//! Numbers in headers and addresses: digits and nothing else, where Rust's own
//! parser also takes a sign.

/// Reads a whole number; `None` if the text is no number or is above [`u64::MAX`].
pub fn parse(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| are(text))
}

/// Whether the text is made of ASCII digits only, and of at least one.
pub fn are(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_number_is_written_in_digits() {
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("007"), Some(7));
        assert_eq!(parse("18446744073709551615"), Some(u64::MAX));
        for bad in [
            "",
            " ",
            "+2",
            "-2",
            " 2",
            "2 ",
            "1e1",
            "1.0",
            "0x1",
            "2, 2",
            "٣",
            "18446744073709551616",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
