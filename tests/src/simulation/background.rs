//! What is at work beside the requests: jobs of the server, and somebody who goes back to an
//! earlier moment. Each makes one run at a time. A run goes on by one call to the database or
//! to R2 in a step, and what must hold is looked at after each.

use super::faults::Fault;
use super::oracle::Violation;
use super::under_way::{Background, Run};
use super::world::{Event, World};
use std::fmt::Debug;

/// What must hold after a step, compared with what there was before it.
pub type Check = Box<dyn FnOnce(&mut World) -> Result<(), Violation>>;

impl World {
    pub(super) fn is_at_work(&self, job: Background) -> bool {
        self.jobs.background.contains_key(&job)
    }

    /// Begins a run of what is not at work.
    pub(super) fn begin_run<T: Debug + 'static>(
        &mut self,
        job: Background,
        run: impl Future<Output = T> + 'static,
    ) {
        let run: Run = Box::pin(async { Box::new(run.await) as Box<dyn Debug> });
        self.jobs.background.insert(job, run);
        self.after(1, Event::Background { job });
    }

    /// A run goes on by one call.
    pub(super) fn run_goes_on(&mut self, job: Background) -> Result<(), Violation> {
        let Some(mut run) = self.jobs.background.remove(&job) else {
            return Ok(());
        };
        let may_be_cut_off = job != Background::Returning;
        if may_be_cut_off && self.faults.strikes(Fault::CollectorEnds, &mut self.rng) {
            return Ok(());
        }
        let check = match job {
            Background::Collecting => self.check_of_collecting(),
            Background::Thinning => self.check_of_thinning(),
            Background::Rewriting => self.check_of_rewriting(),
            Background::Returning => self.check_of_returning(),
        };
        let end = self.one_call(run.as_mut());
        check(self)?;
        match end {
            None => {
                self.jobs.background.insert(job, run);
                let pause = match job {
                    Background::Collecting => self.pause(),
                    Background::Thinning | Background::Rewriting => self.rng.below(40),
                    Background::Returning => self.rng.below(60),
                };
                self.after(1 + pause, Event::Background { job });
            }
            Some(end) => {
                self.log(|| format!("{job:?} ends: {end:?}"));
                // Packs of which little is needed may be left.
                if job == Background::Rewriting && self.rng.permille(400) {
                    self.rewrite();
                }
            }
        }
        Ok(())
    }
}
