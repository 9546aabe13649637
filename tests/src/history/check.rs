//! Whether a history can have been: a pure function of what was seen.

use super::{AtRest, End, Entry, ItemAtRest, What};
use blocks::hash::BlockHash;
use protocol::ids::{ConflictId, ItemId, Seq};
use std::collections::{BTreeMap, BTreeSet};

/// What can not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// An acknowledged version is not there, or has other bytes.
    VersionLost { item: ItemId, version: u64 },
    /// A version that none of the clients wrote.
    VersionOfNobody { item: ItemId, version: u64 },
    /// The same content is two versions: one change was made twice.
    MadeTwice { item: ItemId, version: u64 },
    /// A version is not by the one who had the version before as its base.
    OtherBase { item: ItemId, version: u64 },
    /// A client wrote on a version that it had not seen.
    UnseenBase {
        client: usize,
        item: ItemId,
        base: u64,
    },
    /// An acknowledged rename was overwritten by one that had not seen it, or
    /// is not there.
    RenameLost { item: ItemId, place_version: u64 },
    /// An acknowledged conflict is not there, or has other bytes.
    ConflictLost { conflict: ConflictId },
    /// Two changes have one journal entry.
    SameEntry { seq: Seq },
    /// The journal is shorter than the changes that were acknowledged, or longer
    /// than those that were asked for.
    JournalLength { head: Seq },
    /// A change that began after another had ended came before it.
    OutOfOrder { item: ItemId, version: u64 },
    /// A page does not go on where the one before ended, or starts anew.
    PageSkips { client: usize, to: Seq },
    /// A page told an older state than one before.
    Backwards { client: usize, item: ItemId },
    /// A page led past a change without telling it.
    NotTold { client: usize, seq: Seq },
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub violations: Vec<Violation>,
    /// How many facts were compared.
    pub facts: u64,
}

impl Verdict {
    fn expect(&mut self, holds: bool, otherwise: Violation) {
        self.facts += 1;
        if !holds {
            self.violations.push(otherwise);
        }
    }
}

/// Judges a history.
pub fn check(history: &[Entry], rest: &AtRest) -> Verdict {
    let mut verdict = Verdict::default();
    versions(history, rest, &mut verdict);
    places(history, rest, &mut verdict);
    conflicts(history, rest, &mut verdict);
    journal(history, rest, &mut verdict);
    order(history, &mut verdict);
    let clients: BTreeSet<usize> = history.iter().map(|entry| entry.client).collect();
    for client in clients {
        bases(client, history, &mut verdict);
        reader(client, history, &mut verdict);
    }
    verdict
}

/// An acknowledged change of any kind.
struct Done<'a> {
    entry: &'a Entry,
    number: u64,
    seq: Option<Seq>,
}

fn done(history: &[Entry]) -> impl Iterator<Item = Done<'_>> {
    history.iter().filter_map(|entry| match entry.what {
        What::Write { end, .. } | What::Rename { end, .. } | What::Keep { end, .. } => match end {
            End::Done { number, seq } => Some(Done { entry, number, seq }),
            _ => None,
        },
        What::Page { .. } => None,
    })
}

/// No acknowledged version is lost, nothing is there twice or by nobody, and
/// each version was written on the one before.
fn versions(history: &[Entry], rest: &AtRest, verdict: &mut Verdict) {
    for Done { entry, number, .. } in done(history) {
        if let What::Write { item, content, .. } = entry.what {
            let there = rest.items.get(&item).map(|item| &item.versions);
            let at = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
            let version = there.zip(at).and_then(|(versions, at)| versions.get(at));
            let lost = Violation::VersionLost {
                item,
                version: number,
            };
            verdict.expect(version == Some(&content), lost);
        }
    }
    let mut writers: BTreeMap<BlockHash, (ItemId, u64)> = BTreeMap::new();
    for entry in history {
        if let What::Write {
            item,
            base,
            content,
            ..
        } = entry.what
        {
            writers.insert(content, (item, base));
        }
    }
    let mut seen = BTreeSet::new();
    for (&item, ItemAtRest { versions, .. }) in &rest.items {
        for (content, version) in versions.iter().zip(1_u64..) {
            verdict.expect(seen.insert(content), Violation::MadeTwice { item, version });
            match writers.get(content) {
                Some(&(of, base)) => {
                    let holds = of == item && base + 1 == version;
                    verdict.expect(holds, Violation::OtherBase { item, version });
                }
                None => verdict.expect(false, Violation::VersionOfNobody { item, version }),
            }
        }
    }
}

/// Each place version has one author, and the last one's name stands.
fn places(history: &[Entry], rest: &AtRest, verdict: &mut Verdict) {
    let mut renames: BTreeMap<(ItemId, u64), &str> = BTreeMap::new();
    for Done { entry, number, .. } in done(history) {
        if let What::Rename {
            item, base, name, ..
        } = &entry.what
        {
            let (item, place_version) = (*item, number);
            let first = renames.insert((item, number), name).is_none();
            let lost = Violation::RenameLost {
                item,
                place_version,
            };
            verdict.expect(first && base + 1 == number, lost);
        }
    }
    for ((item, place_version), name) in renames {
        let lost = Violation::RenameLost {
            item,
            place_version,
        };
        let holds = rest.items.get(&item).is_some_and(|now| {
            now.place_version > place_version
                || (now.place_version == place_version && now.name == name)
        });
        verdict.expect(holds, lost);
    }
}

fn conflicts(history: &[Entry], rest: &AtRest, verdict: &mut Verdict) {
    for Done { entry, .. } in done(history) {
        if let What::Keep {
            conflict, content, ..
        } = entry.what
        {
            let kept = rest.conflicts.get(&conflict) == Some(&content);
            verdict.expect(kept, Violation::ConflictLost { conflict });
        }
    }
}

/// One entry for each change: an operation that was repeated happened once.
fn journal(history: &[Entry], rest: &AtRest, verdict: &mut Verdict) {
    let mut seqs = BTreeSet::new();
    for seq in done(history).filter_map(|done| done.seq) {
        let is_there = seq <= rest.head;
        verdict.expect(seqs.insert(seq) && is_there, Violation::SameEntry { seq });
    }
    let acknowledged = done(history).count() as u64;
    let unknown = history.iter().filter(|entry| is_unknown(&entry.what));
    let most = acknowledged + unknown.count() as u64;
    let head = rest.head;
    let holds = (acknowledged..=most).contains(&head);
    verdict.expect(holds, Violation::JournalLength { head });
}

/// Whether a change was never answered.
pub fn is_unknown(what: &What) -> bool {
    match what {
        What::Write { end, .. } | What::Rename { end, .. } | What::Keep { end, .. } => {
            *end == End::Unknown
        }
        What::Page { .. } => false,
    }
}

/// Versions of an item follow each other as time does: whoever begins after an
/// acknowledgement makes or is told a later version.
fn order(history: &[Entry], verdict: &mut Verdict) {
    let mut of_items: BTreeMap<ItemId, Vec<(&Entry, u64, bool)>> = BTreeMap::new();
    for entry in history {
        if let What::Write { item, end, .. } = entry.what {
            let told = match end {
                End::Done { number, .. } => (entry, number, true),
                End::Second { current } => (entry, current, false),
                End::Unknown => continue,
            };
            of_items.entry(item).or_default().push(told);
        }
    }
    for (item, told) in of_items {
        // The newest version that was acknowledged before each begin.
        let mut ends: Vec<_> = told
            .iter()
            .filter(|(.., made)| *made)
            .map(|(entry, version, _)| (entry.ended.unwrap_or(entry.began), *version))
            .collect();
        ends.sort();
        for (entry, version, made) in &told {
            let before = ends.iter().take_while(|(ended, _)| *ended < entry.began);
            let newest = before.map(|(_, version)| *version).max().unwrap_or(0);
            let holds = match made {
                true => *version > newest,
                false => *version >= newest,
            };
            let version = *version;
            verdict.expect(holds, Violation::OutOfOrder { item, version });
        }
    }
}

/// A client writes on what it has seen.
fn bases(client: usize, history: &[Entry], verdict: &mut Verdict) {
    let mut seen: BTreeSet<(ItemId, u64)> = BTreeSet::new();
    for entry in history.iter().filter(|entry| entry.client == client) {
        match &entry.what {
            What::Write {
                item, base, end, ..
            } => {
                let (item, base) = (*item, *base);
                let holds = base == 0 || seen.contains(&(item, base));
                verdict.expect(holds, Violation::UnseenBase { client, item, base });
                if let End::Done { number, .. } = end {
                    seen.insert((item, *number));
                }
            }
            What::Page { items, .. } => {
                seen.extend(items.iter().map(|(item, version, _)| (*item, *version)));
            }
            What::Rename { .. } | What::Keep { .. } => {}
        }
    }
}

/// What a client was told up to a journal position is all that had happened
/// until there, never less than before, and page follows page.
fn reader(client: usize, history: &[Entry], verdict: &mut Verdict) {
    let mut changes: Vec<(Seq, &What, u64)> = done(history)
        .filter_map(|done| Some((done.seq?, &done.entry.what, done.number)))
        .collect();
    changes.sort_by_key(|(seq, ..)| *seq);
    let mut changes = changes.into_iter().peekable();

    let mut at: Option<Seq> = None;
    let mut items: BTreeMap<ItemId, (u64, u64)> = BTreeMap::new();
    let mut kept: BTreeSet<ConflictId> = BTreeSet::new();
    for entry in history.iter().filter(|entry| entry.client == client) {
        let What::Page {
            since,
            to,
            reset,
            items: told,
            conflicts,
        } = &entry.what
        else {
            continue;
        };
        let to = *to;
        let goes_on = *since == at && *reset == at.is_none() && at.is_none_or(|at| to >= at);
        verdict.expect(goes_on, Violation::PageSkips { client, to });
        at = Some(to);
        for &(item, version, place) in told {
            let known = items.entry(item).or_default();
            let holds = version >= known.0 && place >= known.1;
            verdict.expect(holds, Violation::Backwards { client, item });
            *known = (version, place);
        }
        kept.extend(conflicts);
        while let Some((seq, what, number)) = changes.next_if(|(seq, ..)| *seq <= to) {
            let knows = |item| items.get(item).copied().unwrap_or_default();
            let was_told = match what {
                What::Write { item, .. } => knows(item).0 >= number,
                What::Rename { item, .. } => knows(item).1 >= number,
                What::Keep { conflict, .. } => kept.contains(conflict),
                What::Page { .. } => true,
            };
            verdict.expect(was_told, Violation::NotTold { client, seq });
        }
    }
}

#[cfg(test)]
mod tests;
