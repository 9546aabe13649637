//! What is said of somebody who has a file open.

use crate::words::say;
use protocol::openings::Presence;

/// "bob has this open"; `ago` is how long ago they last had it.
pub fn told(name: &str, presence: Presence, ago: &str) -> String {
    match presence {
        Presence::Has => say!("{name} has this open", name),
        Presence::Had => say!("{name} had this open {ago}", name, ago),
    }
}

/// Up to two letters that stand for a name: of its first word and of its last, by whatever
/// is between words of a name. The stylesheet shows them as capitals.
pub fn initials(name: &str) -> String {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '_');
    let mut words = name.split(is_between).filter(|word| !word.is_empty());
    let first = words.next();
    let all = [first, words.next_back()].into_iter().flatten();
    let letters = all.filter_map(|word| word.chars().next());
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_who_has_it_and_when_somebody_had_it() {
        let has = told("bob", Presence::Has, "2 minutes ago");
        assert_eq!(has, "bob has this open");
        let had = told("bob", Presence::Had, "4 minutes ago");
        assert_eq!(had, "bob had this open 4 minutes ago");
    }

    #[test]
    fn two_letters_stand_for_a_name() {
        for (name, letters) in [
            ("bob", "b"),
            ("Bob Miller", "BM"),
            ("anna.von-der_heide", "ah"),
            ("  x  ", "x"),
            ("元気", "元"),
            ("...", ""),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
