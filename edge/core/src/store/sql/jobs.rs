//! How the jobs went.

/// ?1 job, ?2 when, ?3 whether it did what it is to do, ?4 what it did, or why it stopped
pub const PUT: &str = "
INSERT INTO job_runs (job, at, is_done, done_at, detail)
VALUES (?1, ?2, ?3, CASE ?3 WHEN 1 THEN ?2 END, ?4)
ON CONFLICT (job) DO UPDATE SET at = excluded.at, is_done = excluded.is_done,
  done_at = coalesce(excluded.done_at, done_at), detail = excluded.detail";

/// All of them.
pub const ALL: &str = "SELECT job, at, is_done, done_at, detail FROM job_runs";
