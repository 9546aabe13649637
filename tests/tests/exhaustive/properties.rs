//! What must always be so, and what must be reachable, so that the first is
//! worth something.

use super::world::{At, Collector, State, Step, World, Written};
use stateright::Property;

pub fn all() -> Vec<Property<World>> {
    vec![
        Property::always("no lost update", |_, state: &State| no_lost_update(state)),
        Property::always("no block is missing", |_, state: &State| {
            no_block_is_missing(state)
        }),
        Property::always("both sides are kept", |_, state: &State| {
            both_sides_are_kept(state)
        }),
        Property::always("a repeat changes nothing", |_, state: &State| {
            happened_once(state)
        }),
        Property::always("an upload is not collected", |_, state: &State| {
            !state.upload_was_collected
        }),
        Property::always("a condemned pack has no block", |_, state: &State| {
            condemned_is_empty(state)
        }),
        Property::sometimes("a conflict is kept", |_, state: &State| {
            !state.conflicts.is_empty()
        }),
        Property::sometimes(
            "the versions are as many as may be",
            |world: &World, state: &State| state.versions.len() == world.bounds.versions,
        ),
        Property::sometimes("a block is collected", |_, state: &State| {
            state.rows.iter().any(Option::is_none)
        }),
        Property::sometimes("an object is deleted", |_, state: &State| {
            state.objects & 0b10 == 0
        }),
        Property::sometimes(
            "a collected block is sent again and committed",
            |_, state: &State| sent_again(state),
        ),
        Property::sometimes(
            "a commit is decided on a block that is then collected",
            |_, state: &State| decided_in_vain(state),
        ),
        Property::sometimes(
            "a found block is needed before it is removed",
            |_, state: &State| {
                matches!(state.collector, Collector::Found(block, _)
                if written(state).any(|written| written.block == block))
            },
        ),
    ]
}

fn written(state: &State) -> impl Iterator<Item = &Written> {
    state.versions.iter().chain(&state.conflicts)
}

/// A version that was acknowledged is there, with its author.
fn no_lost_update(state: &State) -> bool {
    let told = state.clients.iter().flat_map(|client| &client.told);
    told.filter(|(_, version)| *version > 0)
        .all(|(op, version)| {
            let there = state.versions.get(usize::from(*version) - 1);
            there.is_some_and(|there| there.op == Some(*op))
        })
}

/// Every version and conflict can be read: row and object are there.
fn no_block_is_missing(state: &State) -> bool {
    written(state).all(|written| {
        let row = state.rows[usize::from(written.block)];
        row.is_some_and(|row| state.objects >> row.pack & 1 == 1)
    })
}

/// Whoever was told to have come second finds its side on the server.
fn both_sides_are_kept(state: &State) -> bool {
    let told = state.clients.iter().flat_map(|client| &client.told);
    told.filter(|(_, version)| *version == 0)
        .all(|(op, _)| state.conflicts.iter().any(|kept| kept.op == Some(*op)))
}

/// An edit is one version or one conflict.
fn happened_once(state: &State) -> bool {
    let mut ops: Vec<_> = written(state).filter_map(|written| written.op).collect();
    let all = ops.len();
    ops.sort();
    ops.dedup();
    ops.len() == all
}

fn condemned_is_empty(state: &State) -> bool {
    let rows = state.rows.iter().flatten();
    rows.fold(0, |packs, row| packs | 1 << row.pack) & state.condemned == 0
}

/// A version in a pack that was not there at the beginning.
fn sent_again(state: &State) -> bool {
    written(state).any(|written| {
        let row = state.rows[usize::from(written.block)];
        row.is_some_and(|row| row.pack > 1)
    })
}

/// The race that the foreign key decides.
fn decided_in_vain(state: &State) -> bool {
    let edits = state.clients.iter().filter_map(|client| client.edit);
    edits.into_iter().any(|edit| {
        edit.at == At::Decided
            && edit.step == Step::Commit
            && state.rows[usize::from(edit.block)].is_none()
    })
}
