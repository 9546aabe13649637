//! What goes wrong by itself, while persons are at work.

use super::faults::Fault;
use super::looked_up::LookedUp;
use super::oracle::Violation;
use super::under_way::Background;
use super::world::{Event, World};
use crate::model::ready::ready;
use driftless_core::ports::{Database, Statement};
use sync::message::Input;

/// Longer than a block may lie around unneeded, in milliseconds.
pub const NIGHT_MILLIS: u64 = 26 * 60 * 60 * 1_000;
/// No proxy ends a request sooner, in milliseconds. Real ones take longer, and here
/// hardly a poll does.
const SOONEST_PROXY_MILLIS: u64 = 2_100;
/// The journal keeps at least its newest entries.
const TRIM: &str = "DELETE FROM changes WHERE seq <
  (SELECT max(c.seq) FROM changes c WHERE c.space = changes.space) - 4";

impl World {
    /// Whatever happens to a device, or to the server, around now.
    pub(super) fn disturb(&mut self, device: usize) -> Result<(), Violation> {
        self.disturb_server();
        if self.strikes(Fault::Partition) {
            for one in self.on_page(device) {
                self.devices[one].partitioned = true;
            }
            let pause = self.rng.below(120_000);
            self.after(pause, Event::Mend { device });
        }
        if self.strikes(Fault::SilentProxy) {
            let after = SOONEST_PROXY_MILLIS + self.rng.below(6_000);
            for one in self.on_page(device) {
                let of = &mut self.devices[one];
                of.proxy_millis = of.proxy_millis.is_none().then_some(after);
            }
        }
        if self.strikes(Fault::ClockJump) {
            let skew = self.rng.below(7_200_000) as i64 - 3_600_000;
            self.devices[device].disk.skew.set(skew);
        }
        if self.strikes(Fault::SessionEnded) {
            for one in self.on_page(device) {
                self.devices[one].signed_in = false;
            }
            self.drop_poll(device);
        }
        if self.strikes(Fault::StorageWiped) {
            self.wipe(device);
        }
        if self.strikes(Fault::SecondTab) {
            self.toggle_second(device)?;
        }
        if self.strikes(Fault::LeaderSwapped) {
            self.swap_leader(device)?;
        }
        if self.strikes(Fault::Crash) {
            let open = self.open_tabs(device);
            if let Some(&tab) = self.rng.pick(&open) {
                self.crash(tab);
            }
        }
        Ok(())
    }

    fn strikes(&mut self, fault: Fault) -> bool {
        self.faults.strikes(fault, &mut self.rng)
    }

    fn disturb_server(&mut self) {
        if self.strikes(Fault::HubRestarted) {
            self.restart_hub();
        }
        // One at a time, so that each can be mended.
        let are_whole = self.hub.broken_packs == 0;
        if self.strikes(Fault::PackDamaged)
            && are_whole
            && let Some(pack) = self.any_pack()
            && self.server.packs.corrupt(&pack, 0)
        {
            self.hub.broken_packs += 1;
            self.jobs.looked_up = LookedUp::broken(self.now);
            let pause = self.rng.below(60_000);
            self.after(pause, Event::Repair { pack, offset: 0 });
            if self.rng.permille(500) {
                self.rewrite();
            }
        }
        let are_whole = self.hub.broken_packs == 0;
        if self.strikes(Fault::PackMissing)
            && are_whole
            && let Some(pack) = self.any_pack()
            && let Some(bytes) = self.server.packs.remove(&pack)
        {
            self.hub.broken_packs += 1;
            self.jobs.looked_up = LookedUp::broken(self.now);
            let pause = self.rng.below(60_000);
            self.after(pause, Event::Restore { pack, bytes });
        }
        if self.strikes(Fault::JournalTrimmed) {
            self.ask_about_moments();
            let _ = ready(self.server.db.run(Statement::new(TRIM)));
            self.overlook();
        }
        if self.strikes(Fault::Collected) {
            self.collect();
        }
        if self.strikes(Fault::Thinned) {
            // Versions have to be old for that.
            if self.rng.permille(250) {
                self.night();
            }
            self.thin();
        }
        if self.strikes(Fault::GoneBack) {
            self.go_back();
        }
        if self.strikes(Fault::Rewritten) {
            // Packs have to be old for that, and little of them needed.
            if self.rng.permille(300) {
                self.night();
                self.thin();
                self.collect();
            } else {
                self.rewrite();
            }
        }
        if self.strikes(Fault::Night) {
            self.night();
        }
    }

    /// No request lives so long, and no run of a job.
    fn night(&mut self) {
        self.now += NIGHT_MILLIS;
        let runs = &mut self.jobs.background;
        runs.retain(|job, _| *job == Background::Returning);
        let running = std::mem::take(&mut self.jobs.running);
        self.end_requests(running.into_values());
        self.doubt_news();
    }

    fn any_pack(&mut self) -> Option<String> {
        let keys = self.server.packs.keys();
        self.rng.pick(&keys).cloned()
    }

    pub(super) fn repair(&mut self, pack: &str, offset: usize) {
        self.server.packs.corrupt(pack, offset);
        self.hub.broken_packs -= 1;
    }

    pub(super) fn restore(&mut self, pack: String, bytes: Vec<u8>) {
        self.server.packs.restore(pack, bytes);
        self.hub.broken_packs -= 1;
    }

    /// The person at a device does something, if it is that time, and deals
    /// with what waits for them.
    pub(super) fn act(&mut self, device: usize) -> Result<(), Violation> {
        let pause = 1 + self.rng.below(4_000);
        self.after(pause, Event::Act { device });
        if self.lively {
            self.disturb(device)?;
        }
        let open = match self.devices[device].is_owners() {
            true => self.open_tabs(device),
            false => self.tab_of(device).into_iter().collect(),
        };
        let Some(&tab) = self.rng.pick(&open) else {
            return Ok(());
        };
        if !self.devices[device].is_owners() {
            return super::sharing::visit(self, tab);
        }
        super::people::help(self, tab)?;
        if self.lively && self.society.is_some() && self.tabs[tab].is_open() {
            super::sharing::share(self, tab)?;
        }
        if self.lively && self.tabs[tab].is_open() {
            super::people::act(self, tab)?;
        }
        Ok(())
    }

    /// Signs in again: the other tabs hear of it.
    pub(super) fn sign_in(&mut self, device: usize) {
        let all = self.on_page(device);
        for one in &all {
            self.devices[*one].signed_in = true;
        }
        let tabs = all.into_iter().flat_map(|one| self.open_tabs(one));
        for tab in tabs.collect::<Vec<_>>() {
            let life = self.tabs[tab].life;
            let pause = 1 + self.rng.below(50);
            let what = Box::new(Input::SignedIn);
            self.after(pause, Event::Told { tab, life, what });
        }
    }
}
