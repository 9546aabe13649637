//! Who may make an account.

use crate::access::administrator::Administrator;
use crate::directory::newcomers::{SignUpTerms, as_text, of_text};
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query::Query;
use crate::store::sql::administration;
use protocol::administration::{SettingsChange, SignUpMode};
use serde::Deserialize;

#[derive(Deserialize)]
struct ModeRow {
    mode: Option<String>,
}

fn mode(terms: &SignUpTerms) -> Query<SignUpMode> {
    let configured = terms.mode;
    let row = Statement::new(administration::SIGN_UP).first::<ModeRow>();
    row.then(move |row| {
        let stored = row.and_then(|row| of_text(row.mode.as_deref()));
        Ok(stored.unwrap_or(configured))
    })
}

/// Who may make one.
///
/// # Errors
/// 404 `no_such_route`, or the database fails.
pub async fn read(
    db: &impl Database,
    by: &Administrator,
    terms: &SignUpTerms,
) -> Result<SignUpMode, Failure> {
    Ok(by.ask(db, mode(terms)).await??)
}

/// Sets who may make one. Returns who may.
///
/// 1. 400 `bad_request`: a mode that there is not.
/// 2. 404 `no_such_route`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn change(
    db: &impl Database,
    by: &Administrator,
    terms: &SignUpTerms,
    change: &SettingsChange,
) -> Result<SignUpMode, Failure> {
    // 1
    let wanted = change.sign_up;
    if wanted == Some(SignUpMode::Unknown) {
        return Err(bad_request("sign_up is none of open, invited and closed"));
    }
    // 2
    let put = wanted.map(|wanted| {
        let about = |sql| by.about(sql).bind(as_text(wanted));
        let configured = as_text(terms.mode);
        (
            about(administration::AUDIT_SIGN_UP).bind(configured),
            about(administration::PUT_SIGN_UP),
        )
    });
    let (_, mode) = by.ask(db, (put, mode(terms))).await?;
    Ok(mode?)
}
