//! A sentence with names in it. What stands in quotes is shown apart from what is
//! around it: its spaces count, and marks of writing direction in it turn nothing
//! else around.

use leptos::prelude::*;

#[component]
pub fn Sentence(#[prop(into)] text: String) -> impl IntoView {
    let parts: Vec<AnyView> = pieces(&text)
        .into_iter()
        .map(|(is_name, part)| {
            let part = part.to_owned();
            match is_name {
                true => view! { <bdi>{part}</bdi> }.into_any(),
                false => part.into_any(),
            }
        })
        .collect();
    view! { {parts} }
}

/// The quotes of the page's languages.
const QUOTES: [(char, char); 3] = [('“', '”'), ('„', '“'), ('«', '»')];

/// What is between quotes, and what is not.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    let (mut all, mut rest) = (Vec::new(), text);
    loop {
        let begins = rest.char_indices().find_map(|(at, c)| {
            let (_, close) = QUOTES.iter().find(|(open, _)| *open == c)?;
            Some((at + c.len_utf8(), *close))
        });
        let Some((start, close)) = begins else { break };
        let quoted = &rest[start..];
        // A name may have a quote in it, but hardly one before a space.
        let end = quoted.match_indices(close).map(|(at, _)| at).find(|at| {
            let after = quoted[at + close.len_utf8()..].chars().next();
            after.is_none_or(|c| !c.is_alphanumeric())
        });
        let Some(end) = end else { break };
        all.push((false, &rest[..start]));
        all.push((true, &quoted[..end]));
        rest = &quoted[end..];
        // What closes a name in German opens one in English.
        if let Some(behind) = rest.strip_prefix(close) {
            let (closing, _) = rest.split_at(rest.len() - behind.len());
            all.push((false, closing));
            rest = behind;
        }
    }
    all.push((false, rest));
    all
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn names_are_told_from_the_words_around_them() {
        for (text, names) in [
            ("“a  b” moved to “c”", vec!["a  b", "c"]),
            ("„a  b“ nach „c“ verschoben", vec!["a  b", "c"]),
            ("نُقل «a  b» إلى «c»", vec!["a  b", "c"]),
            ("“a” and „b“ and «c»", vec!["a", "b", "c"]),
        ] {
            let told = pieces(text).into_iter();
            let told: Vec<_> = told
                .filter(|(is_name, _)| *is_name)
                .map(|(_, part)| part)
                .collect();
            assert_eq!(told, names);
        }
        for text in [
            "",
            "no name",
            "“not closed",
            "“a”b” is back",
            "””““",
            "„a“ nach „c“ verschoben",
        ] {
            let whole: String = pieces(text).into_iter().map(|(_, part)| part).collect();
            assert_eq!(whole, text);
        }
    }
}
