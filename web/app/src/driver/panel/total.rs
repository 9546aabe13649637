//! The panel's head line: how much, how fast, how long.

use crate::state::uploads::{Progress, Stage, Total};
use std::collections::VecDeque;

/// Speed is what was reached within this time, in milliseconds: several packs travel in it,
/// so it does not show the pauses between them.
const WINDOW_MILLIS: u64 = 15_000;
/// A longer rest says only that nothing large has begun to travel yet.
const UNBELIEVABLE_SECONDS: u64 = 100 * 3_600;
/// And says nothing before this much of it has passed.
const ENOUGH_MILLIS: u64 = 1_000;

/// Adds up rows and remembers how they grew.
#[derive(Default)]
pub struct Summary {
    samples: VecDeque<Sample>,
}

struct Sample {
    at_ms: u64,
    sent: u64,
    done: u64,
}

impl Summary {
    /// The head line now, by a clock that never runs back, from each file's
    /// size and progress.
    pub fn sum<'a>(
        &mut self,
        rows: impl Iterator<Item = (u64, &'a Progress)>,
        now_ms: u64,
    ) -> Total {
        let mut total = Total::default();
        let mut sent = 0;
        for (size, progress) in rows {
            sent += progress.sent_bytes;
            match progress.stage {
                Stage::Cancelled => {
                    total.files_cancelled += 1;
                    continue;
                }
                Stage::Failed { .. } => total.files_failed += 1,
                Stage::PickAgain => total.files_to_pick += 1,
                _ => {
                    total.files_finished += usize::from(progress.stage.is_final());
                    let is_second = matches!(progress.stage, Stage::Conflict { .. });
                    total.files_conflicted += usize::from(is_second);
                    let is_unchanged = progress.stage == Stage::Unchanged;
                    total.files_unchanged += usize::from(is_unchanged);
                    total.bytes += size;
                    total.bytes_done += done_bytes(size, progress);
                    total.saved_bytes += progress.saved_bytes;
                }
            }
            total.files += 1;
        }
        self.remember(Sample {
            at_ms: now_ms,
            sent,
            done: total.bytes_done,
        });
        if total.is_running() {
            self.add_speed(&mut total);
        }
        total
    }

    fn remember(&mut self, sample: Sample) {
        // Rows that were cleared or cancelled take their bytes with them.
        if let Some(last) = self.samples.back()
            && (sample.sent < last.sent || sample.done < last.done)
        {
            self.samples.clear();
        }
        let oldest = sample.at_ms.saturating_sub(WINDOW_MILLIS);
        self.samples.push_back(sample);
        while self.samples.len() > 2 && self.samples.front().is_some_and(|s| s.at_ms < oldest) {
            self.samples.pop_front();
        }
    }

    fn add_speed(&self, total: &mut Total) {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else {
            return;
        };
        let elapsed = last.at_ms.saturating_sub(first.at_ms);
        if elapsed < ENOUGH_MILLIS {
            return;
        }
        let rate = |from: u64, to: u64| (to - from) * 1_000 / elapsed;
        total.bytes_per_second = Some(rate(first.sent, last.sent));
        let left = total.bytes.saturating_sub(total.bytes_done);
        total.seconds_left = left
            .checked_div(rate(first.done, last.done))
            .filter(|&seconds| seconds < UNBELIEVABLE_SECONDS);
    }
}

fn done_bytes(size: u64, progress: &Progress) -> u64 {
    match progress.stage {
        Stage::Done { .. } | Stage::Unchanged | Stage::Conflict { .. } | Stage::Committing => size,
        // How much has to travel is not known before something does.
        _ if progress.to_send_bytes == 0 => 0,
        _ => size.saturating_sub(progress.to_send_bytes.saturating_sub(progress.sent_bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::Summary;
    use crate::state::uploads::{Progress, Stage};

    fn uploading(size: u64, sent_bytes: u64, saved_bytes: u64) -> Progress {
        Progress {
            stage: Stage::Uploading,
            to_send_bytes: size - saved_bytes,
            sent_bytes,
            saved_bytes,
            ..Progress::waiting()
        }
    }

    #[test]
    fn speed_counts_what_travels_and_the_rest_what_is_done() {
        let mut summary = Summary::default();
        let start = uploading(10_000, 0, 4_000);
        let total = summary.sum([(10_000, &start)].into_iter(), 0);
        assert_eq!(total.bytes_per_second, None);
        let later = uploading(10_000, 2_000, 4_000);
        let total = summary.sum([(10_000, &later)].into_iter(), 2_000);
        assert_eq!(total.bytes_done, 6_000);
        assert_eq!(total.bytes_per_second, Some(1_000));
        assert_eq!(total.seconds_left, Some(4));
        assert_eq!(total.saved_bytes, 4_000);
    }

    #[test]
    fn a_standstill_has_a_speed_and_no_end() {
        let mut summary = Summary::default();
        let row = uploading(100, 10, 0);
        summary.sum([(100, &row)].into_iter(), 0);
        let total = summary.sum([(100, &row)].into_iter(), 5_000);
        assert_eq!(total.bytes_per_second, Some(0));
        assert_eq!(total.seconds_left, None);
    }

    #[test]
    fn what_is_cancelled_or_failed_is_not_waited_for() {
        let cancelled = Progress {
            stage: Stage::Cancelled,
            ..Progress::waiting()
        };
        let failed = Progress {
            stage: Stage::Failed {
                reason: String::new(),
            },
            ..Progress::waiting()
        };
        let total = Summary::default().sum([(5, &cancelled), (7, &failed)].into_iter(), 0);
        assert_eq!(
            (total.files, total.files_finished, total.files_failed),
            (1, 0, 1)
        );
        assert_eq!(total.files_cancelled, 1);
        assert_eq!((total.bytes, total.bytes_per_second), (0, None));
    }
}
