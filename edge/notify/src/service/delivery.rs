//! How what is told of changes went last, for the page on which administrators see how the
//! server is. The queue tells nobody how many messages wait in it; this tells how old what was
//! delivered last was.

use super::error::NotifyError;
use crate::sql::{DELIVERED, PUT_OFF};
use protocol::ids::UnixMillis;
use std::cell::Cell;
use worker::{Date, Env, console_error};

/// A row for each batch would cost more than it tells, so each isolate writes one in this
/// time at most; but a batch that is put off is written down at once, and so is the next one.
const BETWEEN_MILLIS: u64 = 60 * 1_000;

thread_local! {
    /// When this isolate may write again.
    static NEXT: Cell<UnixMillis> = const { Cell::new(0) };
}

/// Writes down how a batch went of which the first change happened at `oldest`.
pub async fn record(env: &Env, oldest: Option<UnixMillis>, delivered: &Result<(), NotifyError>) {
    let now = Date::now().as_millis();
    if delivered.is_ok() && NEXT.get() > now {
        return;
    }
    let (sql, detail, next) = match (delivered, oldest) {
        (Err(why), _) => (PUT_OFF, why.to_string(), now),
        (Ok(()), None) => return,
        (Ok(()), Some(oldest)) => {
            let lag = now.saturating_sub(oldest);
            let detail = format!("the oldest change of the batch was {lag} ms old");
            (DELIVERED, detail, now.saturating_add(BETWEEN_MILLIS))
        }
    };
    NEXT.set(next);
    if let Err(why) = put(env, sql, now, &detail).await {
        console_error!("it is not written down how a delivery went: {why}");
    }
}

async fn put(env: &Env, sql: &str, now: UnixMillis, detail: &str) -> worker::Result<()> {
    let detail: String = detail.chars().take(500).collect();
    let put = env.d1("DIRECTORY_DB")?.prepare(sql);
    let put = put.bind(&[(now as f64).into(), detail.into()])?;
    put.run().await?;
    Ok(())
}
