//! Numbers in headers and addresses: digits and nothing else, where Rust's own
//! parser also takes a sign.

/// A whole number that fits.
pub fn parse(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| are(text))
}

/// Whether it is made of digits, at least of one.
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
