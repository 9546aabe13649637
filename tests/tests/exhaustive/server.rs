//! The transitions. A step is a batch of the database or a call of the pack
//! store: what is one transaction there is one transition here.

use super::world::{Action, At, Client, Collector, Edit, Op, Row, State, Step, World, Written};

/// Lets an action happen; `None` if it changes nothing or leaves the bounds.
pub fn apply(world: &World, state: &mut State, action: Action) -> Option<()> {
    match action {
        Action::Edit(c, block) => edit(state, c, block),
        Action::Pull(c) => pull(state, c),
        Action::Go(c) => go(world, state, c, false),
        Action::GoAndLose(c) => go(world, state, c, true),
        Action::Late(c) => late(world, state, c),
        Action::Find(block) => find(world, state, block),
        Action::FindCondemned(pack) => {
            state.collector = Collector::Condemned(pack);
            Some(())
        }
        Action::Collect => collect(world, state),
        Action::CutOff => {
            state.collector = Collector::Idle;
            Some(())
        }
        Action::Day => day(state),
    }
}

fn client(state: &mut State, c: u8) -> &mut Client {
    &mut state.clients[usize::from(c)]
}

fn row(state: &mut State, block: u8) -> &mut Option<Row> {
    &mut state.rows[usize::from(block)]
}

/// A person edits what this client has seen.
fn edit(state: &mut State, c: u8, block: u8) -> Option<()> {
    let client = client(state, c);
    client.edits += 1;
    client.edit = Some(Edit {
        op: (c, client.edits),
        base: client.seen,
        block,
        sent: false,
        step: Step::Commit,
        at: At::Ask,
    });
    Some(())
}

/// `reads/changes.rs`
fn pull(state: &mut State, c: u8) -> Option<()> {
    let head = state.versions.len() as u8;
    client(state, c).seen = head;
    Some(())
}

/// The next step of a client's request.
fn go(world: &World, state: &mut State, c: u8, lose: bool) -> Option<()> {
    let edit = client(state, c).edit?;
    if lose {
        state.lost += 1;
    }
    match edit.at {
        At::Ask => snapshot(world, state, c, edit),
        At::Decided => write(world, state, c, edit, lose),
        At::Send => put(world, state, c, edit),
        At::Put(pack) => write_rows(state, c, edit, pack),
    }
}

/// `writes/mod.rs`, steps 1 and 2: a repeat gets its first answer; else the
/// change is decided on what is read now.
fn snapshot(world: &World, state: &mut State, c: u8, edit: Edit) -> Option<()> {
    if let Some(answer) = repeated(world, state, edit.op, edit.step) {
        return told(state, c, edit, answer);
    }
    let head = state.versions.len() as u8;
    // `writes/commit.rs`: 409 before 422.
    if edit.step == Step::Commit && head != edit.base {
        return came_second(world, state, c, edit);
    }
    if row(state, edit.block).is_none() {
        return missing(state, c, edit);
    }
    go_on(
        state,
        c,
        Edit {
            at: At::Decided,
            ..edit
        },
    )
}

/// `writes/mod.rs`, step 3: one batch. If a key, a guard or the foreign key
/// refuses it, the change begins again.
fn write(world: &World, state: &mut State, c: u8, edit: Edit, lose: bool) -> Option<()> {
    let answer = match try_write(world, state, edit)? {
        Some(answer) => answer,
        None => {
            return go_on(
                state,
                c,
                Edit {
                    at: At::Ask,
                    ..edit
                },
            );
        }
    };
    if lose {
        return go_on(
            state,
            c,
            Edit {
                at: At::Ask,
                ..edit
            },
        );
    }
    told(state, c, edit, answer)
}

/// The batch of a commit (`writes/commit.rs`) or of a conflict
/// (`writes/conflict.rs`): `Some(None)` if it is refused, `None` if it leaves
/// the bounds.
fn try_write(world: &World, state: &mut State, edit: Edit) -> Option<Option<u8>> {
    if world.rules.operation_ids && find_operation(state, edit.op, edit.step).is_some() {
        return Some(None);
    }
    if world.rules.foreign_key && row(state, edit.block).is_none() {
        return Some(None);
    }
    let written = Written {
        block: edit.block,
        op: Some(edit.op),
    };
    let answer = match edit.step {
        Step::Commit => {
            let head = state.versions.len();
            let base = usize::from(edit.base);
            if world.rules.version_predicate && head != base {
                return Some(None);
            }
            if base == world.bounds.versions {
                return None;
            }
            state.versions.truncate(base);
            state.versions.push(written);
            edit.base + 1
        }
        Step::Keep => {
            state.conflicts.push(written);
            state.conflicts.sort();
            0
        }
    };
    state.operations.push((edit.op, edit.step, answer));
    state.operations.sort();
    Some(Some(answer))
}

fn find_operation(state: &State, op: Op, step: Step) -> Option<u8> {
    let mut all = state.operations.iter();
    all.find(|(of, for_step, _)| *of == op && *for_step == step)
        .map(|(.., answer)| *answer)
}

fn repeated(world: &World, state: &State, op: Op, step: Step) -> Option<u8> {
    find_operation(state, op, step).filter(|_| world.rules.operation_ids)
}

/// A copy of the request arrives after all, and is carried out at once.
fn late(world: &World, state: &mut State, c: u8) -> Option<()> {
    let edit = client(state, c).edit?;
    state.late += 1;
    let is_refused = repeated(world, state, edit.op, edit.step).is_some()
        || state.versions.len() != usize::from(edit.base)
        || row(state, edit.block).is_none();
    if !is_refused {
        try_write(world, state, edit)?;
    }
    Some(())
}

fn go_on(state: &mut State, c: u8, edit: Edit) -> Option<()> {
    client(state, c).edit = Some(edit);
    Some(())
}

/// The client has its answer, and is done with the edit.
fn told(state: &mut State, c: u8, edit: Edit, answer: u8) -> Option<()> {
    let client = client(state, c);
    client.told.push((edit.op, answer));
    client.seen = client.seen.max(answer);
    client.edit = None;
    Some(())
}

/// `shared/sync/src/rebase.rs`: whoever came second pulls and keeps its side,
/// before anyone is asked to choose.
fn came_second(world: &World, state: &mut State, c: u8, edit: Edit) -> Option<()> {
    pull(state, c)?;
    if !world.rules.keep_before_asking {
        return told(state, c, edit, 0);
    }
    go_on(
        state,
        c,
        Edit {
            step: Step::Keep,
            at: At::Ask,
            ..edit
        },
    )
}

/// 422 `blocks_missing`: the client sends the block.
fn missing(state: &mut State, c: u8, edit: Edit) -> Option<()> {
    state.upload_was_collected |= edit.sent;
    go_on(
        state,
        c,
        Edit {
            at: At::Send,
            ..edit
        },
    )
}

/// `writes/blocks.rs`, steps 3 and 5: unless the block is there, its object is
/// written first, under an id that was never used.
fn put(world: &World, state: &mut State, c: u8, edit: Edit) -> Option<()> {
    if row(state, edit.block).is_some() {
        return go_on(
            state,
            c,
            Edit {
                at: At::Ask,
                ..edit
            },
        );
    }
    let pack = match world.rules.fresh_packs {
        true => state.next_pack,
        false => edit.block,
    };
    if pack == world.bounds.packs {
        return None;
    }
    state.next_pack = state.next_pack.max(pack + 1);
    state.objects |= 1 << pack;
    go_on(
        state,
        c,
        Edit {
            at: At::Put(pack),
            ..edit
        },
    )
}

/// `writes/blocks.rs`, step 5: then its row; or, if somebody else has stored
/// the block meanwhile, the object is deleted.
fn write_rows(state: &mut State, c: u8, edit: Edit, pack: u8) -> Option<()> {
    let row = row(state, edit.block);
    let sent = row.is_none();
    match sent {
        true => {
            *row = Some(Row {
                pack,
                is_old: false,
            })
        }
        false => state.objects &= !(1 << pack),
    }
    go_on(
        state,
        c,
        Edit {
            at: At::Ask,
            sent,
            ..edit
        },
    )
}

fn is_needed(state: &State, block: u8) -> bool {
    let mut all = state.versions.iter().chain(&state.conflicts);
    all.any(|written| written.block == block)
}

/// What the collector takes: `sql/garbage.rs`, `unneeded!`.
fn is_unneeded(world: &World, state: &State, block: u8) -> Option<Row> {
    let row = state.rows[usize::from(block)]?;
    let is_old = row.is_old || !world.rules.grace;
    (is_old && !is_needed(state, block)).then_some(row)
}

/// `collect/blocks.rs`, step 1.
fn find(world: &World, state: &mut State, block: u8) -> Option<()> {
    let row = is_unneeded(world, state, block)?;
    state.collector = Collector::Found(block, row.pack);
    Some(())
}

fn collect(world: &World, state: &mut State) -> Option<()> {
    state.collector = match state.collector {
        Collector::Idle => return None,
        // `collect/blocks.rs`, step 2: it looks again as it removes, and the
        // pack is condemned in the same batch if it has no block left.
        Collector::Found(block, pack) => {
            if is_unneeded(world, state, block).is_some() || !world.rules.second_look {
                *row(state, block) = None;
            }
            let has_blocks = state.rows.iter().flatten().any(|row| row.pack == pack);
            if !has_blocks {
                state.condemned |= 1 << pack;
            }
            Collector::Idle
        }
        // `collect/packs.rs`: the object, and then the pack is forgotten.
        Collector::Condemned(pack) => {
            state.objects &= !(1 << pack);
            Collector::Deleted(pack)
        }
        Collector::Deleted(pack) => {
            state.condemned &= !(1 << pack);
            Collector::Idle
        }
    };
    Some(())
}

/// What was stored is old now, and no edit can rely on what it sent.
fn day(state: &mut State) -> Option<()> {
    state.days += 1;
    for row in state.rows.iter_mut().flatten() {
        row.is_old = true;
    }
    for edit in state
        .clients
        .iter_mut()
        .filter_map(|client| client.edit.as_mut())
    {
        edit.sent = false;
    }
    Some(())
}
