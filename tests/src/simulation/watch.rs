//! A drive of several people, looked at after each step of a request: whether whoever
//! wrote might, and whether whoever was answered might know.

use super::call::{Call, Caller, Said};
use super::door::By;
use super::oracle::Violation;
use super::polls::{Ended, Waits};
use super::sight::{Sight, brought};
use super::society::{Message, Society, Written};
use super::under_way::{About, Held, Job, JobId, Sent};
use super::world::World;
use crate::client::opened;
use crate::model::audit::readable;
use crate::model::ready::ready;
use blocks::frame;
use blocks::hash::BlockHash;
use blocks::patch::Signature;
use blocks::solid::is_solid;
use driftless_core::ports::{Database, Statement};
use driftless_notify::sql::{OWNERS, WITH_ACCESS, WITH_ACCESS_BELOW};
use protocol::changes::{Change, ChangePage};
use protocol::content::Base;
use protocol::cursor::Cursor;
use protocol::grants::Role;
use protocol::ids::{ItemId, Seq, UserId};
use protocol::notifications::JournalGrew;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::rc::Rc;

const NOTHING_ELSE_TOLD: &str = "nobody is told of what they may not see";
const ALL_TOLD: &str = "whoever follows a share is told all of it";
const NO_OTHER_WAKES: &str = "nobody is woken for what they may not see";

type Checked = Result<(), Violation>;

impl World {
    /// Who sends a request, as the server sees it.
    pub(super) fn by(&self, caller: Caller) -> By {
        let device = &self.devices[self.tabs[caller.tab].device];
        By {
            token: device.token.clone(),
            root: caller.root,
        }
    }

    /// What is to be known of a request that comes by the door; `None` in a drive of one
    /// person.
    pub(super) fn sent(&mut self, caller: Caller, call: &Call) -> Option<Sent> {
        let device = &self.devices[self.tabs[caller.tab].device];
        let (person, user, at) = (device.person, device.who.user, self.now);
        let society = self.society.as_mut()?;
        let frames = match call {
            Call::StoreBlocks { frames, .. } => Some(frames),
            Call::CreateFile { frames, .. } | Call::Commit { frames, .. } => frames.as_ref(),
            _ => None,
        };
        // Whoever makes a patch has the block.
        let solid = frames.filter(|frames| is_solid(frames)).and_then(|frames| {
            let bases = readable(&self.server);
            let bases: Vec<&[u8]> = bases.iter().map(Vec::as_slice).collect();
            opened(frames, &bases)
        });
        let frames = solid.as_deref().or(frames.map(|frames| frames.as_slice()));
        let frames = frames.and_then(|frames| frame::parse(frames).ok());
        let sent = frames.iter().flatten().map(|frame| frame.hash);
        society.sent.entry(user).or_default().extend(sent);
        Some(Sent {
            person,
            at,
            sight: society.number(),
            about: about(call),
            is_listed: match call {
                Call::Poll {
                    positions,
                    is_listed,
                    ..
                } => *is_listed || positions.len() > 1,
                _ => false,
            },
            outbox: Rc::default(),
            wrote: Vec::new(),
        })
    }

    /// Looks at what a step of a request has written and handed out.
    pub(super) fn watch(&mut self, job: &mut Job) -> Checked {
        let Some(sent) = &mut job.sent else {
            return Ok(());
        };
        let space = self.space;
        let society = self.society.as_mut().expect("a request came by the door");
        let written = society.look(&self.server, space);
        let news = std::mem::take(&mut *sent.outbox.news.borrow_mut());
        if let Some(written) = &written {
            let entries = written.entries.iter().map(|(seq, _)| *seq);
            sent.wrote.extend(entries);
            self.note_wrote(written);
            self.check_wrote(job, written)?;
        }
        for news in news {
            self.tell(job, news);
        }
        Ok(())
    }

    /// News of a request goes to the queue, with what the entries that it made are about.
    fn tell(&mut self, job: &mut Job, news: JournalGrew) {
        let (Some(sent), Some(society)) = (&mut job.sent, &self.society) else {
            return;
        };
        let entries = match news.space == self.space {
            true => std::mem::take(&mut sent.wrote),
            false => Vec::new(),
        };
        let touched = society.touched_by(&entries);
        self.grew(Message {
            news,
            entries,
            touched,
        });
    }

    /// Looks at what has happened by itself, so that no request is blamed for it.
    pub(super) fn overlook(&mut self) {
        if let Some(society) = &mut self.society {
            society.look(&self.server, self.space);
        }
    }

    fn note_wrote(&mut self, written: &Written) {
        let oldest = self
            .jobs
            .running
            .values()
            .filter_map(|job| job.sent.as_ref());
        let held = self.jobs.held.values();
        let held = held.filter_map(|held| held.job.sent.as_ref());
        let oldest = oldest.chain(held).map(|sent| sent.sight).min();
        if let (Some(society), Some(oldest)) = (&mut self.society, oldest) {
            // The request of this step is none of them.
            society.forget_before(oldest.min(society.number().saturating_sub(50)));
        }
        for (seq, item) in &written.entries {
            self.log(|| format!("entry {seq} is about {item}"));
        }
    }

    /// Whoever wrote might change what they changed, in the moment of the batch.
    fn check_wrote(&mut self, job: &Job, written: &Written) -> Checked {
        let Some(sent) = job.sent.as_ref().filter(|sent| sent.person != 0) else {
            return Ok(());
        };
        let user = self.devices[self.tabs[job.caller.tab].device].who.user;
        let Written {
            before,
            after,
            entries,
        } = written;
        // Whoever leaves ends their own grant, and nothing else.
        let kept = before
            .grants
            .iter()
            .filter(|(_, given)| given.user != user || job.caller.root.is_some());
        let grants_stay = kept.clone().all(|(id, given)| {
            // What is deleted for good is shared no more.
            after.grants.get(id) == Some(given) || !after.items.contains_key(&given.item)
        }) && after.grants.keys().all(|id| before.grants.contains_key(id));
        self.oracle
            .check("only the owner shares", grants_stay, || {
                format!("{:?}", job.caller)
            })?;
        let changed = before
            .items
            .iter()
            .filter(|(id, spot)| after.items.get(id) != Some(spot))
            .map(|(id, _)| *id);
        let new = after.items.keys().copied();
        let new = new.filter(|id| !before.items.contains_key(id));
        let changed: BTreeSet<ItemId> = changed.chain(new).collect();
        let named = entries.iter().map(|(_, item)| *item);
        let Some(root) = job.caller.root else {
            return self.oracle.check(
                "nobody changes what is elsewhere",
                changed.is_empty(),
                || format!("{:?} {changed:?}", job.caller),
            );
        };
        let may = before.role(user, root, sent.at) == Some(Role::Editor);
        self.oracle.check("nobody writes who may not", may, || {
            format!("{:?} in {root}", job.caller)
        })?;
        let is_inside = |id: ItemId| {
            let was = !before.items.contains_key(&id) || before.is_inside(id, root);
            let is = !after.items.contains_key(&id) || after.is_inside(id, root);
            was && is
        };
        let stays = before
            .items
            .get(&root)
            .map(|spot| (spot.parent, &spot.name, spot.trashed))
            == after
                .items
                .get(&root)
                .map(|spot| (spot.parent, &spot.name, spot.trashed));
        let all_inside =
            before.is_live(root) && stays && changed.iter().copied().chain(named).all(is_inside);
        self.oracle
            .check("nobody changes what is elsewhere", all_inside, || {
                format!("{:?} {changed:?} of {root}", job.caller)
            })?;
        self.check_brought(job, sent, user, root, written)
    }

    /// Nobody names a block whose bytes they never had.
    fn check_brought(
        &mut self,
        job: &Job,
        sent: &Sent,
        user: UserId,
        root: ItemId,
        Written { before, after, .. }: &Written,
    ) -> Checked {
        let head = |sight: &Sight, id| sight.items.get(id).and_then(|spot| spot.version);
        let committed = after.items.iter();
        let committed = committed.filter(|(id, _)| head(after, id) != head(before, id));
        let committed: Vec<_> = committed
            .filter_map(|(id, spot)| Some((*id, spot.version?)))
            .collect();
        if committed.is_empty() {
            return Ok(());
        }
        let society = self.society.as_ref().expect("a request came by the door");
        let (server, space) = (&self.server, self.space);
        let had = society.since(sent.sight);
        let had = had.take_while(|sight| !Rc::ptr_eq(sight, after));
        let mut known: BTreeSet<BlockHash> = had
            .flat_map(|sight| sight.blocks(server, space, root))
            .collect();
        known.extend(society.sent.get(&user).into_iter().flatten());
        known.extend(&self.oracle.thinned_blocks);
        let mut named = committed
            .into_iter()
            .flat_map(|(item, version)| brought(server, space, item, version));
        let other = named.find(|hash| !known.contains(hash));
        self.oracle.check(
            "nobody names blocks that they never had",
            other.is_none(),
            || format!("{:?} {other:?}", job.caller),
        )
    }

    /// A request goes on, or is held.
    pub(super) fn goes_on(&mut self, id: JobId, job: Job) {
        let parking = job.sent.as_ref();
        let parking = parking.and_then(|sent| sent.outbox.parking.take());
        let Some(parking) = parking else {
            self.jobs.running.insert(id, job);
            self.turn_soon(id);
            return;
        };
        let caller = job.caller;
        let (awaited, seconds) = (parking.poll.awaited(), parking.poll.timeout_seconds);
        let waits = awaited.map(|one| Waits::after(one.root, one.seen, &job.polled));
        let waits = waits.collect();
        self.jobs.held.insert(caller, Held { id, job, parking });
        self.park_soon(caller, waits, seconds);
    }

    /// What was held goes on with this.
    pub(super) fn hold_ends(&mut self, held: Held, ended: Ended) {
        let Held {
            id,
            mut job,
            parking,
        } = held;
        if let (Some(sent), Some(society)) = (&mut job.sent, &self.society) {
            // What it tells from here on, it looks at from here on.
            sent.sight = society.number();
        }
        let end = match ended {
            Ended::News(news) => Ok(Some(news)),
            Ended::Quiet => Ok(None),
            Ended::Refused(problem) => Err(problem),
        };
        let _ = parking.ends.send(end);
        self.jobs.running.insert(id, job);
        self.turn_soon(id);
    }

    /// Whom the Notification Service wakes, by its own statements.
    pub(super) fn audience(&self, news: &JournalGrew) -> BTreeSet<UserId> {
        #[derive(Deserialize)]
        struct UserRow {
            user: UserId,
        }
        if self.society.is_none() {
            let owner = self.devices[0].who.user;
            return BTreeSet::from([owner]);
        }
        let about = news.about.iter().chain([&news.event.file_id]);
        let about: BTreeSet<_> = about.map(|item| (news.space, *item)).collect();
        let unowned = news.owner.is_none();
        let owners = unowned.then(|| Statement::new(OWNERS).bind(json(&[news.space])));
        let others = Statement::new(WITH_ACCESS)
            .bind(json(&about))
            .bind(self.now);
        let below = news.below.iter().map(|item| (news.space, *item));
        let below = Statement::new(WITH_ACCESS_BELOW)
            .bind(json(&below.collect::<Vec<_>>()))
            .bind(self.now);
        let mut all: BTreeSet<UserId> = news.also.iter().chain(&news.owner).copied().collect();
        for statement in owners.into_iter().chain([others, below]) {
            let rows = ready(self.server.db.run(statement)).unwrap_or_default();
            let rows: Vec<UserRow> = rows.all().unwrap_or_default();
            all.extend(rows.into_iter().map(|row| row.user));
        }
        all
    }

    /// Whoever is woken may see something of what the entries that are told are about, or
    /// might before or after these were written.
    pub(super) fn check_woken(&mut self, caller: Caller, message: &Message) -> Checked {
        let device = &self.devices[self.tabs[caller.tab].device];
        let Some(society) = self.society.as_ref().filter(|_| !device.is_owners()) else {
            return Ok(());
        };
        let user = device.who.user;
        let sight = society.now();
        let given = sight.grants.values().filter(|given| given.user == user);
        let mut lasting = given.filter(|given| given.ends_at.is_none_or(|end| end > self.now));
        let may = message.news.also.contains(&user)
            || lasting.any(|given| message.touched.is_in(given.item, sight));
        self.oracle.check(NO_OTHER_WAKES, may, || {
            format!("{caller:?} for {message:?}")
        })
    }

    /// Whether the device of a poll may rely on being woken for an entry of a root.
    pub(super) fn has_to_hear(&self, caller: Caller, root: Option<ItemId>, seq: Seq) -> bool {
        let (Some(society), Some(root)) = (&self.society, root) else {
            return true;
        };
        let user = self.devices[self.tabs[caller.tab].device].who.user;
        let sight = society.now();
        let Some(touched) = society.touched.get(&seq) else {
            return false;
        };
        // What was moved on meanwhile is for that entry to tell.
        touched.roots.contains(&root)
            && sight.sees(user, root, self.now)
            && touched.anchors.iter().any(|id| sight.is_inside(*id, root))
    }

    /// Whoever has taken the last page has what is shared as it is, unless it has changed
    /// since.
    pub(super) fn check_pulled(&mut self, caller: Caller, token: &str) -> Checked {
        let (Some(society), Some(root)) = (&self.society, caller.root) else {
            return Ok(());
        };
        let user = self.devices[self.tabs[caller.tab].device].who.user;
        let sight = society.now();
        let cursor: Option<Cursor> = token.parse().ok();
        let is_newest = cursor.is_some_and(|cursor| cursor.seq == sight.head);
        if !is_newest || !sight.sees(user, root, self.now) {
            return Ok(());
        }
        let why = {
            let engine = self.tabs[caller.tab].engine();
            let trees = engine.trees();
            let is_taken = engine.cursor() == Some(token);
            let inside = sight.items.keys().filter(|id| sight.is_inside(**id, root));
            let inside = inside.filter(|_| is_taken);
            let mut known = inside.map(|id| (*id, trees.remote(*id)));
            known
                .find(|(_, told)| !told.is_some_and(|item| sight.tells(root, item)))
                .map(|(id, told)| format!("{caller:?} has {told:?} of {id}"))
        };
        self.oracle
            .check(ALL_TOLD, why.is_none(), || why.unwrap_or_default())
    }

    /// An answer tells nothing that whoever asked might not have seen while it was made.
    pub(super) fn check_told(&mut self, job: &Job, said: &Said) -> Checked {
        let sent = job.sent.as_ref();
        let Some(sent) = sent.filter(|sent| sent.person != 0) else {
            return Ok(());
        };
        let root = match said {
            Said::News(root) => *root,
            _ => job.caller.root,
        };
        let Some(root) = root else {
            return Ok(());
        };
        let society = self.society.as_ref().expect("a request came by the door");
        let user = self.devices[self.tabs[job.caller.tab].device].who.user;
        let all = society.since(sent.sight);
        let sights: Vec<Rc<Sight>> = all
            .filter(|sight| sight.sees(user, root, sent.at))
            .cloned()
            .collect();
        let look = Look {
            world: self,
            society,
            user,
            root,
            sights,
        };
        let why = look.told_too_much(job, sent, said);
        self.oracle.check(NOTHING_ELSE_TOLD, why.is_none(), || {
            format!("{:?} {}", job.caller, why.unwrap_or_default())
        })
    }

    /// Nor does a refusal.
    pub(super) fn check_told_refusal(&mut self, job: &Job, problem: &Problem) -> Checked {
        let sent = job.sent.as_ref();
        let (Some(sent), Some(root)) = (sent.filter(|sent| sent.person != 0), job.caller.root)
        else {
            return Ok(());
        };
        let society = self.society.as_ref().expect("a request came by the door");
        let mut all = society.since(sent.sight);
        let is_known = match problem {
            Problem::NameTaken { item } => all.any(|sight| sight.is_inside(*item, root)),
            _ => true,
        };
        self.oracle
            .check(NOTHING_ELSE_TOLD, is_known, || format!("{problem:?}"))
    }
}

fn json(list: &impl Serialize) -> String {
    serde_json::to_string(list).expect("a list of ids")
}

fn about(call: &Call) -> About {
    match call {
        Call::Manifest { item, version } => About::Version(Base {
            item: *item,
            version: *version,
        }),
        Call::ManifestSince {
            item,
            version,
            since,
        } => {
            let of = Base {
                item: *item,
                version: *version,
            };
            About::Since(of, *since)
        }
        Call::Propose { body, .. } => About::Proposed(body.new_block_hashes.clone()),
        Call::FetchBlocks(_) => About::Frames,
        Call::Signatures(_) => About::Signatures,
        _ => About::Nothing,
    }
}

/// What somebody might see while an answer was made.
struct Look<'a> {
    world: &'a World,
    society: &'a Society,
    user: UserId,
    root: ItemId,
    sights: Vec<Rc<Sight>>,
}

impl Look<'_> {
    fn any(&self, holds: impl Fn(&Sight) -> bool) -> bool {
        self.sights.iter().any(|sight| holds(sight))
    }

    fn has(&self, item: ItemId) -> bool {
        self.any(|sight| sight.is_inside(item, self.root))
    }

    fn has_version(&self, of: Base) -> bool {
        self.any(|sight| {
            let head = sight.items.get(&of.item).and_then(|spot| spot.version);
            sight.is_inside(of.item, self.root) && head.is_some_and(|head| head >= of.version)
        })
    }

    fn blocks(&self) -> BTreeSet<BlockHash> {
        let World { server, space, .. } = self.world;
        let all = self.sights.iter();
        let all = all.flat_map(|sight| sight.blocks(server, *space, self.root));
        // They were in a list while the answer was made.
        let thinned = &self.world.oracle.thinned_blocks;
        all.chain(thinned.iter().copied()).collect()
    }

    /// What of an answer they might not see.
    fn told_too_much(&self, job: &Job, sent: &Sent, said: &Said) -> Option<String> {
        match said {
            Said::Changes(page) => self.of_page(page),
            Said::News(_) => self.of_news(job, sent),
            Said::Item(changed) => {
                let Self { user, root, .. } = *self;
                let is_known = self.society.has_shown(user, root, &changed.item);
                (!is_known).then(|| format!("{:?}", changed.item))
            }
            Said::Read(item) => {
                (!self.any(|sight| sight.tells(self.root, item))).then(|| format!("{item:?}"))
            }
            Said::Conflict(conflict) => (!self.has(conflict.item)).then(|| format!("{conflict:?}")),
            Said::Manifest(_) | Said::Since(_) => {
                let (of, since) = match &sent.about {
                    About::Version(of) => (*of, *of),
                    About::Since(of, since) => (*of, *since),
                    _ => return None,
                };
                let is_known = self.has_version(of) && self.has_version(since);
                (!is_known).then(|| format!("the blocks of {of:?}"))
            }
            Said::Proposed(answer) => {
                let About::Proposed(named) = &sent.about else {
                    return None;
                };
                let stored = named.iter();
                let mut stored = stored.filter(|hash| !answer.missing_blocks.contains(hash));
                let known = self.blocks();
                let other = stored.find(|hash| !known.contains(hash));
                other.map(|hash| format!("that {hash} is stored"))
            }
            Said::Bytes(bytes) => {
                let told: Vec<BlockHash> = match sent.about {
                    About::Signatures => {
                        let signatures = Signature::parse_all(bytes).unwrap_or_default();
                        signatures.iter().map(|one| one.hash).collect()
                    }
                    _ => {
                        let frames = frame::parse(bytes).unwrap_or_default();
                        frames.iter().map(|one| one.hash).collect()
                    }
                };
                let known = self.blocks();
                let other = told.into_iter().find(|hash| !known.contains(hash));
                other.map(|hash| format!("the bytes of {hash}"))
            }
            _ => None,
        }
    }

    fn of_page(&self, page: &ChangePage) -> Option<String> {
        if self.sights.is_empty() {
            return Some("a page of what is not shared".to_owned());
        }
        let is_known = |change: &&Change| match change {
            Change::Item { item } => self.any(|sight| sight.tells(self.root, item)),
            Change::Conflict { conflict } => self.has(conflict.item),
            Change::Deleted { item } => self.society.has_seen(self.user, self.root, *item),
            // Who has access is the owner's business.
            Change::Shared | Change::Unknown => false,
        };
        let other = page.changes.iter().find(|change| !is_known(change));
        other.map(|change| format!("{change:?}"))
    }

    fn of_news(&self, job: &Job, sent: &Sent) -> Option<String> {
        let event = sent.outbox.event.borrow().clone()?.event;
        let mut polled = job.polled.iter();
        let polled = polled.find(|one| one.root == Some(self.root));
        let cursor: Option<Cursor> = polled.and_then(|one| one.cursor.parse().ok());
        let cursor = cursor.filter(|cursor| cursor.space == self.world.space)?;
        // While a listing is under way, nothing counts as seen.
        let after = cursor.listed_to.map_or(cursor.seq, |_| 0);
        // Of a journal that was cut off behind them, they hear that there may be news.
        let tells_nothing =
            event.file_id == self.root && event.name.is_none() && event.by.is_none();
        if tells_nothing && self.any(|sight| !sight.is_kept_after(after)) {
            return None;
        }
        // Of what is not shared any more, a poll of several drives says the same.
        let mut all = self.society.since(sent.sight);
        // It may have ended by itself while the poll was held.
        let times = [sent.at, self.world.now];
        let ends = all.any(|sight| {
            let sees = |at: u64| sight.sees(self.user, self.root, at);
            !times.into_iter().all(sees)
        });
        if tells_nothing && sent.is_listed && ends {
            return None;
        }
        // One that began elsewhere, and came in since, is told by what brought it.
        let entries = self.society.touched.range(after + 1..);
        let told = entries.filter(|(_, touched)| touched.roots.contains(&self.root));
        let mut told = told.map(|(_, touched)| touched);
        let is_known = told.clone().next().is_some()
            && (self.has(event.file_id)
                || told.any(|touched| touched.anchors.contains(&event.file_id)));
        match self.sights.is_empty() || !is_known {
            true => Some(format!("{event:?}, which is elsewhere")),
            false => None,
        }
    }
}
