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

/// What is between quotes, and what is not.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    let (mut all, mut rest) = (Vec::new(), text);
    while let Some((_, quoted)) = rest.split_once('“') {
        // A name may have a quote in it, but hardly one before a space.
        let end = quoted.match_indices('”').map(|(at, _)| at).find(|at| {
            let after = quoted[at + '”'.len_utf8()..].chars().next();
            after.is_none_or(|c| !c.is_alphanumeric())
        });
        let Some(end) = end else { break };
        let start = rest.len() - quoted.len();
        all.push((false, &rest[..start]));
        all.push((true, &quoted[..end]));
        rest = &quoted[end..];
    }
    all.push((false, rest));
    all
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn names_are_told_from_the_words_around_them() {
        let told = pieces("“a  b” moved to “c”");
        assert_eq!(
            told,
            [
                (false, "“"),
                (true, "a  b"),
                (false, "” moved to “"),
                (true, "c"),
                (false, "”"),
            ]
        );
        for text in ["", "no name", "“not closed", "“a”b” is back", "””““"] {
            let whole: String = pieces(text).into_iter().map(|(_, part)| part).collect();
            assert_eq!(whole, text);
        }
    }
}
