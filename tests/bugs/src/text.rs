//! Finding a piece of source text. White space does not matter, so that a piece is
//! found in whatever lines `cargo fmt` has put it.

use std::ops::Range;

/// Puts `new` where `old` stands.
///
/// # Errors
/// It does not stand there exactly once.
pub fn replace(text: &mut String, old: &str, new: &str) -> Result<(), String> {
    let places = places(text, old);
    let [place] = places.as_slice() else {
        let times = match places.len() {
            0 => "is not there".to_owned(),
            times => format!("is there {times} times"),
        };
        return Err(format!("this {times}:\n{old}"));
    };
    text.replace_range(place.clone(), new);
    Ok(())
}

fn places(text: &str, piece: &str) -> Vec<Range<usize>> {
    let mut dense = String::new();
    // Where each byte of it stands in the text.
    let mut origins = Vec::new();
    for (origin, letter) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        dense.push(letter);
        origins.extend(origin..origin + letter.len_utf8());
    }
    let piece: String = piece.split_whitespace().collect();
    if piece.is_empty() {
        return Vec::new();
    }
    let starts = dense.match_indices(&piece).map(|(start, _)| start);
    starts
        .map(|start| origins[start]..origins[start + piece.len() - 1] + 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn a_piece_is_found_in_other_lines() {
        let mut text = "fn a() {\n    b(\n        1, 2,\n    );\n}\n".to_owned();
        assert_eq!(replace(&mut text, "b( 1, 2, )", "c()"), Ok(()));
        assert_eq!(text, "fn a() {\n    c();\n}\n");
    }

    #[test]
    fn a_piece_that_is_not_there_exactly_once_is_told() {
        let mut text = "a(1); a(1); b".to_owned();
        let told = |text: &mut String, piece| replace(text, piece, "").unwrap_err();
        assert!(told(&mut text, "a(1)").starts_with("this is there 2 times"));
        assert!(told(&mut text, "c").starts_with("this is not there"));
        assert!(told(&mut text, " ").starts_with("this is not there"));
        assert_eq!(text, "a(1); a(1); b");
    }
}
