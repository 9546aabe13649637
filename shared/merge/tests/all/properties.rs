//! Whatever the texts and the picks: the result is what the picks say.

use super::result;
use merge::ranges;
use merge::{Merge, Pick, RegionKind, Text, View};
use proptest::prelude::*;
use std::ops::Range;

/// Lines of few kinds, so that sides have much in common, in all line ends.
fn line() -> impl Strategy<Value = String> {
    let content = prop_oneof![
        4 => "[abc]",
        1 => Just(String::new()),
        1 => Just("a longer line, with word5 in it".to_owned()),
        1 => Just("ünïcödé 😀".to_owned()),
    ];
    let end = prop_oneof![8 => Just("\n"), 2 => Just("\r\n")];
    (content, end).prop_map(|(content, end)| content + end)
}

fn chars() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec(line(), 0..12);
    (lines, any::<bool>()).prop_map(|(lines, has_end)| {
        let chars = lines.concat();
        match chars.strip_suffix('\n') {
            Some(rest) if !has_end => rest.trim_end_matches('\r').to_owned(),
            _ => chars,
        }
    })
}

fn pick() -> impl Strategy<Value = Option<Pick>> {
    prop_oneof![
        Just(None),
        Just(Some(Pick::First)),
        Just(Some(Pick::Second)),
        Just(Some(Pick::FirstThenSecond)),
        Just(Some(Pick::SecondThenFirst)),
        chars().prop_map(|text| Some(Pick::Edited { text })),
    ]
}

fn texts() -> impl Strategy<Value = [String; 3]> {
    [chars(), chars(), chars()]
}

/// Edits of numbered lines: how two sides differ is not a matter of opinion.
#[derive(Clone, Debug)]
enum Edit {
    Keep,
    Delete,
    Replace(u8),
    InsertBefore(u8),
}

fn edits(lines: usize) -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        8 => Just(Edit::Keep),
        1 => Just(Edit::Delete),
        1 => (0..6u8).prop_map(Edit::Replace),
        1 => (0..6u8).prop_map(Edit::InsertBefore),
    ];
    prop::collection::vec(edit, lines)
}

/// Applies edits; what is new has the number of its line, so that it is unlike
/// everything that is new elsewhere.
fn edited(base: &[String], edits: &[Edit]) -> String {
    let mut chars = String::new();
    for (number, (line, edit)) in base.iter().zip(edits).enumerate() {
        match edit {
            Edit::Keep => chars += line,
            Edit::Delete => {}
            Edit::Replace(new) => chars += &format!("new {new} for {number}\n"),
            Edit::InsertBefore(new) => chars += &format!("new {new} before {number}\n{line}"),
        }
    }
    chars
}

fn split(chars: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = chars;
    while !rest.is_empty() {
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at(end);
        lines.push(line);
        rest = behind;
    }
    lines
}

/// A line's content and its end.
fn halves(line: &str) -> (&str, &str) {
    line.split_at(line.trim_end_matches(['\r', '\n']).len())
}

/// A line with the ends that a side has given to all.
fn turned(merge: &Merge, line: &str, is_turned: bool) -> String {
    match (merge.ends().new, halves(line)) {
        (Some(new), (content, end)) if !is_turned && !end.is_empty() => {
            format!("{content}{}", new.as_str())
        }
        _ => line.to_owned(),
    }
}

/// The result as the picks say it, by the plainest means.
fn told(merge: &Merge, texts: [&str; 3], picks: &[Option<Pick>]) -> Option<String> {
    let [base, first, second] = texts.map(split);
    let ends = merge.ends();
    let of_first = |line: &str| turned(merge, line, ends.by_first);
    let of_second = |line: &str| turned(merge, line, ends.by_second);
    let mut told = String::new();
    let mut is_last_picked = false;
    for (region, pick) in merge.regions().iter().zip(picks) {
        let firsts = || {
            first[region.first.clone()]
                .iter()
                .map(|line| of_first(line))
        };
        let seconds = || {
            second[region.second.clone()]
                .iter()
                .map(|line| of_second(line))
        };
        let lines: Vec<String> = match (pick, region.kind) {
            (None, RegionKind::Conflict) => return None,
            (None, RegionKind::Same) => {
                let lines = region.base.clone().enumerate().map(|(nth, line)| {
                    let (base, first) = (base[line], first[region.first.start + nth]);
                    let second = second[region.second.start + nth];
                    match (first == second, halves(first).1 == halves(base).1) {
                        (true, _) => first.to_owned(),
                        (false, true) => of_second(second),
                        (false, false) => of_first(first),
                    }
                });
                lines.collect()
            }
            (None, RegionKind::FromSecond) | (Some(Pick::Second), _) => seconds().collect(),
            (None, _) | (Some(Pick::First), _) => firsts().collect(),
            (Some(Pick::FirstThenSecond), _) => firsts().chain(seconds()).collect(),
            (Some(Pick::SecondThenFirst), _) => seconds().chain(firsts()).collect(),
            (Some(Pick::Edited { text }), _) => {
                split(text).into_iter().map(str::to_owned).collect()
            }
        };
        for line in lines {
            if !told.is_empty() && !told.ends_with('\n') {
                told += merge.usual_end().as_str();
            }
            told += &line;
            is_last_picked = pick.is_some();
        }
    }
    if !is_last_picked && !texts.contains(&"") && !told.is_empty() {
        let [base, first, second] = texts.map(|text| text.ends_with('\n'));
        let has_end = if first == base { second } else { first };
        let last = split(&told).pop().unwrap_or_default().to_owned();
        if has_end && !told.ends_with('\n') {
            told += merge.usual_end().as_str();
        } else if !has_end && !halves(&last).0.is_empty() {
            told.truncate(told.len() - halves(&last).1.len());
        }
    }
    Some(told)
}

/// The regions are all of each text, and what they are called.
fn check_regions(merge: &Merge, base: &str, first: &str, second: &str) {
    let texts = [base, first, second].map(split);
    let mut at = [0; 3];
    for region in merge.regions() {
        let ranges = [&region.base, &region.first, &region.second];
        let says: Vec<Vec<&str>> = ranges
            .iter()
            .zip(&texts)
            .map(|(range, lines)| lines[(*range).clone()].iter())
            .map(|lines| lines.map(|line| halves(line).0).collect())
            .collect();
        for (at, range) in at.iter_mut().zip(ranges) {
            assert_eq!(range.start, *at);
            *at = range.end;
        }
        match region.kind {
            RegionKind::Same => {
                assert!(says[0] == says[1] && says[0] == says[2] && !says[0].is_empty())
            }
            RegionKind::FromFirst => assert!(says[0] == says[2] && says[0] != says[1]),
            RegionKind::FromSecond => assert!(says[0] == says[1] && says[0] != says[2]),
            RegionKind::Both => assert!(says[1] == says[2]),
            RegionKind::Conflict => assert!(says[1] != says[2]),
        }
    }
    assert_eq!(at, texts.map(|lines| lines.len()));
}

/// All rows of the views say what the texts say.
fn check_rows(merge: &Merge, first: &str, second: &str) {
    let line = |cell: &merge::Cell| cell.text.clone() + "\n";
    let as_shown = |text: &str| -> String {
        split(text)
            .iter()
            .map(|line| format!("{}\n", halves(line).0))
            .collect()
    };
    let sides = merge.side_rows(0..merge.row_count(View::Sides));
    let left: String = sides
        .iter()
        .filter_map(|row| row.first.as_ref())
        .map(line)
        .collect();
    let right: String = sides
        .iter()
        .filter_map(|row| row.second.as_ref())
        .map(line)
        .collect();
    assert_eq!((left, right), (as_shown(first), as_shown(second)));
    for row in &sides {
        if let (Some(left), Some(right)) = (&row.first, &row.second) {
            assert!(row.differs || line(left) == line(right));
        }
    }
    let rows = merge.result_rows(0..merge.row_count(View::Result));
    assert_eq!(rows.len(), merge.row_count(View::Result));
    if let Some(result) = result(merge) {
        let cells: Vec<_> = rows
            .iter()
            .map(|row| row.cell.as_ref().expect("picked"))
            .collect();
        assert!(
            cells
                .iter()
                .enumerate()
                .all(|(row, cell)| cell.number == row + 1)
        );
        let shown: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
        let lines: Vec<&str> = split(&result)
            .iter()
            .map(|line| line.trim_end_matches(['\r', '\n']))
            .collect();
        assert_eq!(shown, lines);
    }
    for row in merge.column_rows(0..merge.row_count(View::Column)) {
        let slices = row.cell.changed.iter();
        assert!(
            slices
                .clone()
                .all(|range| !row.cell.text[range.clone()].is_empty())
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_result_is_what_the_picks_say(
        [base, first, second] in texts(),
        picks in prop::collection::vec(pick(), 64),
    ) {
        let mut merge = super::merge(&base, &first, &second);
        check_regions(&merge, &base, &first, &second);
        let none: Vec<Option<Pick>> = vec![None; 64];
        prop_assert_eq!(result(&merge), told(&merge, [&base, &first, &second], &none));
        for (region, pick) in picks.iter().enumerate() {
            merge.pick(region, pick.clone());
        }
        let expected = told(&merge, [&base, &first, &second], &picks);
        prop_assert_eq!(result(&merge), expected.clone());
        prop_assert_eq!(merge.is_complete(), expected.is_some());
        check_rows(&merge, &first, &second);
        // Back to the beginning, and there again.
        while merge.undo() {}
        prop_assert_eq!(result(&merge), told(&merge, [&base, &first, &second], &none));
        while merge.redo() {}
        prop_assert_eq!(result(&merge), expected);
    }

    #[test]
    fn one_side_everywhere_is_that_side([base, first, second] in texts()) {
        let mut merge = super::merge(&base, &first, &second);
        let regions = merge.regions().len();
        let as_it_is = |merge: &Merge, text: &str, is_turned| -> String {
            split(text).iter().map(|line| turned(merge, line, is_turned)).collect()
        };
        let ends = merge.ends();
        let first = as_it_is(&merge, &first, ends.by_first);
        let second = as_it_is(&merge, &second, ends.by_second);
        merge.pick_all((0..regions).map(|region| (region, Some(Pick::First))));
        prop_assert_eq!(result(&merge), Some(first.clone()));
        merge.pick_all((0..regions).map(|region| (region, Some(Pick::Second))));
        prop_assert_eq!(result(&merge), Some(second));
        merge.undo();
        prop_assert_eq!(result(&merge), Some(first));
    }

    #[test]
    fn a_side_that_changed_nothing_decides_nothing(base in chars(), other in chars()) {
        let as_first = super::merge(&base, &other, &base);
        prop_assert_eq!(result(&as_first), Some(other.clone()));
        let as_second = super::merge(&base, &base, &other);
        prop_assert_eq!(result(&as_second), Some(other.clone()));
        let alike = super::merge(&base, &other, &other);
        prop_assert_eq!(result(&alike), Some(other));
    }

    /// What one implementation calls a conflict, the other does, or one change
    /// touches another; what it merges, it merges to the same.
    #[test]
    fn diffy_agrees(
        (of_first, of_second) in (1..40usize).prop_flat_map(|lines| (edits(lines), edits(lines))),
    ) {
        let base = super::numbered(of_first.len());
        let (first, second) = (edited(&base, &of_first), edited(&base, &of_second));
        let merge = super::merge(&base.concat(), &first, &second);
        let diffy = diffy::merge(&base.concat(), &first, &second);
        match (result(&merge), diffy) {
            (Some(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Some(ours), Err(theirs)) => {
                prop_assert!(false, "merged to {ours}, but diffy says {theirs}");
            }
            (None, Ok(theirs)) => {
                // It takes changes that touch: to the same, with the right picks.
                prop_assert!(can_become(&merge, &theirs));
            }
            (None, Err(theirs)) => {
                let conflicts: Vec<&Range<usize>> = merge
                    .regions()
                    .iter()
                    .filter(|region| region.kind == RegionKind::Conflict)
                    .map(|region| &region.base)
                    .collect();
                for number in originals(&theirs, &base) {
                    prop_assert!(conflicts.iter().any(|range| range.contains(&number)));
                }
            }
        }
    }

    #[test]
    fn a_draft_holds_where_nothing_changed(
        [base, first, second] in texts(),
        newer in chars(),
        picks in prop::collection::vec(pick(), 64),
    ) {
        let mut merge = super::merge(&base, &first, &second);
        for (region, pick) in picks.iter().enumerate() {
            merge.pick(region, pick.clone());
        }
        let draft = merge.draft();
        let mut same = super::merge(&base, &first, &second);
        let applied = same.apply(&draft);
        prop_assert_eq!((applied.kept, applied.again), (draft.len(), 0));
        prop_assert_eq!(result(&same), result(&merge));

        let mut rebased = super::merge(&base, &newer, &second);
        let applied = rebased.apply(&draft);
        prop_assert_eq!(applied.kept + applied.again, draft.len());
        prop_assert_eq!(rebased.draft().len(), applied.kept);
        // Every typed text is still picked, or given back.
        let mut typed: Vec<String> = picks_edited(&merge);
        let mut found = picks_edited(&rebased);
        found.extend(applied.edits.into_iter().map(|edit| edit.typed.text));
        typed.sort();
        found.sort();
        prop_assert_eq!(typed, found);
        // A pick that holds is for the same words.
        for region in 0..rebased.regions().len() {
            if rebased.pick_of(region).is_some() {
                let now = rebased.region(region).expect("it has a pick");
                let was = (0..merge.regions().len()).filter_map(|region| merge.region(region));
                let mut alike = was.filter(|was| was.pick == now.pick && was.base == now.base);
                prop_assert!(alike.any(|was| was.first == now.first && was.second == now.second));
            }
        }
    }

    #[test]
    fn bytes_come_back_or_are_no_text(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(text) = Text::decode(&bytes) {
            prop_assert_eq!(text.encode(), bytes);
        }
    }

    #[test]
    fn typing_what_is_there_changes_nothing([base, first, second] in texts()) {
        let mut merge = super::merge(&base, &first, &second);
        for region in 0..merge.regions().len() {
            let start = merge.region(region).expect("it exists").start;
            // What a text field makes of it.
            merge.edit(region, &start.replace("\r\n", "\n"));
            let now = merge.region(region).and_then(|region| region.result);
            prop_assert_eq!(now, Some(start));
        }
    }

    #[test]
    fn a_typed_line_takes_no_other_lines_end(
        [base, first, second] in texts(),
        at in 0..12usize,
    ) {
        let mut merge = super::merge(&base, &first, &second);
        for region in 0..merge.regions().len() {
            let start = merge.region(region).expect("it exists").start;
            let mut lines: Vec<String> = split(&start).into_iter().map(str::to_owned).collect();
            // Not behind a line without an end: that would be typed into it.
            let at = at.min(start.matches('\n').count());
            lines.insert(at, "typed just now\n".to_owned());
            merge.edit(region, &lines.concat().replace("\r\n", "\n"));
            let now = merge.region(region).and_then(|region| region.result).expect("edited");
            let mut now = split(&now);
            let new = now.remove(at);
            prop_assert_eq!(new.trim_end(), "typed just now");
            prop_assert_eq!(now.concat(), start);
        }
    }

    #[test]
    fn a_map_covers_what_differs(
        [base, first, second] in [blocks(), blocks(), blocks()],
    ) {
        let map = ranges::map(&base, &first, &second);
        for (side, changes) in [(&first, &map.first), (&second, &map.second)] {
            let (base, side) = (bytes(&base), bytes(side));
            // Base with the changes put in is the side.
            let mut made: Vec<u8> = Vec::new();
            let mut at = 0;
            for change in changes {
                made.extend(&base[at..change.base.start as usize]);
                made.extend(&side[change.side.start as usize..change.side.end as usize]);
                at = change.base.end as usize;
            }
            made.extend(&base[at..]);
            prop_assert_eq!(made, side);
        }
        let is_in = |changes: &[ranges::ChangedRange], at: u64| {
            changes.iter().any(|change| change.base.contains(&at))
        };
        for at in 0..map.base_size {
            let both = map.both.iter().any(|range| range.contains(&at));
            prop_assert_eq!(both, is_in(&map.first, at) && is_in(&map.second, at));
        }
    }
}

fn picks_edited(merge: &Merge) -> Vec<String> {
    let picks = (0..merge.regions().len()).filter_map(|region| merge.pick_of(region));
    picks
        .filter_map(|pick| match pick {
            Pick::Edited { text } => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// Whether some edit of the conflicts alone makes the merge this text.
fn can_become(merge: &Merge, text: &str) -> bool {
    let mut rest = text;
    let mut is_anything = false;
    for index in 0..merge.regions().len() {
        let Some(fixed) = merge.region(index).and_then(|region| region.result) else {
            is_anything = true;
            continue;
        };
        let Some(at) = rest.find(&fixed).filter(|at| is_anything || *at == 0) else {
            return false;
        };
        rest = &rest[at + fixed.len()..];
        is_anything = false;
    }
    is_anything || rest.is_empty()
}

/// The numbers of the base's lines that are in diffy's conflicts.
fn originals(merged: &str, base: &[String]) -> Vec<usize> {
    let mut numbers = Vec::new();
    let mut is_original = false;
    for line in split(merged) {
        if line.starts_with("|||||||") {
            is_original = true;
        } else if line.starts_with("=======") {
            is_original = false;
        } else if is_original {
            numbers.extend(base.iter().position(|of_base| of_base == line));
        }
    }
    numbers
}

fn blocks() -> impl Strategy<Value = Vec<blocks::manifest::BlockRef>> {
    use blocks::hash::BlockHash;
    let block = (0..6u8).prop_map(|name| blocks::manifest::BlockRef {
        hash: BlockHash::of(&[name]),
        length: u32::from(name) + 1,
    });
    prop::collection::vec(block, 0..12)
}

/// Bytes that a list of those could stand for.
fn bytes(blocks: &[blocks::manifest::BlockRef]) -> Vec<u8> {
    let of = |block: &blocks::manifest::BlockRef| vec![block.length as u8; block.length as usize];
    blocks.iter().flat_map(of).collect()
}
