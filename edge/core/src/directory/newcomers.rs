//! Who may make an account: anybody, whoever has an invitation, or nobody. Administrators say
//! which; until they do, it is as the operator has configured it.
//!
//! **The first administrator** is whoever makes the first account, unless the operator has
//! named somebody: then it is the first account of that name, and nobody is one by being
//! first. It may be made whoever else may make one; but where sign-up is configured as closed,
//! only the name opens it.

use crate::error::Failure;
use crate::labels::UserName;
use crate::ports::{Database, Statement};
use crate::query;
use crate::store::sql::administration;
use blocks::hash::BlockHash;
use protocol::administration::SignUpMode;
use protocol::ids::UnixMillis;
use protocol::problem::Problem;
use serde::Deserialize;

/// Keeps these hashes apart from those of blocks and tokens.
const CONTEXT: &str = "driftless invitation";

/// What the operator has configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUpTerms {
    /// Who may make an account, unless administrators have set it.
    pub mode: SignUpMode,
    /// The name's key of the first administrator, if the operator has named one.
    pub administrator: Option<String>,
}

impl SignUpTerms {
    /// Reads the variables `SIGN_UP` and `ADMINISTRATOR`. Sign-up is open if nothing is said,
    /// and closed by a word that means nothing: a slip opens no door.
    pub fn configured(sign_up: Option<&str>, administrator: Option<&str>) -> Self {
        let mode = match sign_up.map(str::trim) {
            None | Some("" | "open") => SignUpMode::Open,
            Some("invited") => SignUpMode::Invited,
            Some(_) => SignUpMode::Closed,
        };
        let named = administrator.filter(|name| !name.trim().is_empty());
        // A name that nobody can have is nobody's.
        let administrator = named.map(|name| {
            let name = UserName::parse(name);
            name.map_or_else(|_| String::new(), |name| name.key())
        });
        Self {
            mode,
            administrator,
        }
    }
}

/// Somebody who wants to make an account.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// The name that they want.
    pub name: &'a UserName,
    /// The secret of an invitation, if they have one.
    pub invite: Option<&'a str>,
    /// What the operator has configured.
    pub terms: &'a SignUpTerms,
}

impl Newcomer<'_> {
    /// What the server keeps of the invitation's secret.
    pub fn invite_hash(&self) -> Option<String> {
        self.invite.map(|secret| invite_hash(secret).to_string())
    }

    /// Adds what decides whether the account may be made.
    pub fn bound_to(&self, statement: Statement) -> Statement {
        statement
            .bind(as_text(self.terms.mode))
            .bind(self.terms.administrator.clone())
            .bind(self.invite_hash())
    }

    /// Whether they may make it now. The statement that makes it asks once more.
    ///
    /// # Errors
    /// 403 `sign_up_closed`, 403 `invite_needed`, 404 `no_such_invite`, or the database fails.
    pub async fn check(&self, db: &impl Database, now: UnixMillis) -> Result<(), Failure> {
        let state = State::read(db, self.invite_hash(), now).await?;
        if state.is_the_administrators(self.terms, Some(self.name)) {
            return Ok(());
        }
        let refused = match state.mode(self.terms) {
            SignUpMode::Open => return Ok(()),
            SignUpMode::Invited if state.is_invited != 0 => return Ok(()),
            SignUpMode::Invited if self.invite.is_some() => Problem::NoSuchInvite,
            SignUpMode::Invited => Problem::InviteNeeded,
            SignUpMode::Closed | SignUpMode::Unknown => Problem::SignUpClosed,
        };
        Err(refused.into())
    }
}

#[derive(Deserialize)]
struct State {
    mode: Option<String>,
    has_users: u8,
    has_administrator: u8,
    is_invited: u8,
}

impl State {
    async fn read(
        db: &impl Database,
        invite_hash: Option<String>,
        now: UnixMillis,
    ) -> Result<Self, Failure> {
        let read = Statement::new(administration::NEWCOMER);
        let read = read.bind(invite_hash).bind(now).first();
        let row: Option<Self> = query::one(db, read).await?;
        Ok(row.ok_or(Problem::Unavailable)?)
    }

    fn mode(&self, terms: &SignUpTerms) -> SignUpMode {
        of_text(self.mode.as_deref()).unwrap_or(terms.mode)
    }

    /// As the statement that makes an account has it. Without a name, whether it may be
    /// anybody's who asks.
    fn is_the_administrators(&self, terms: &SignUpTerms, name: Option<&UserName>) -> bool {
        match &terms.administrator {
            None => terms.mode != SignUpMode::Closed && self.has_users == 0,
            Some(named) => {
                self.has_administrator == 0 && name.is_none_or(|name| name.key() == *named)
            }
        }
    }
}

/// Who may make an account now, and whether somebody who says no name and has no invitation
/// may try.
///
/// # Errors
/// The database fails.
pub async fn mode(
    db: &impl Database,
    terms: &SignUpTerms,
    now: UnixMillis,
) -> Result<(SignUpMode, bool), Failure> {
    let state = State::read(db, None, now).await?;
    let mode = state.mode(terms);
    let may_try = mode == SignUpMode::Open || state.is_the_administrators(terms, None);
    Ok((mode, may_try))
}

/// What the server keeps of the secret of an invitation.
pub fn invite_hash(secret: &str) -> BlockHash {
    BlockHash::of(format!("{CONTEXT} {secret}").as_bytes())
}

/// A mode as it is stored. What this release does not know is stored by nobody.
pub fn as_text(mode: SignUpMode) -> &'static str {
    match mode {
        SignUpMode::Open => "open",
        SignUpMode::Invited => "invited",
        SignUpMode::Closed | SignUpMode::Unknown => "closed",
    }
}

/// A stored mode. One that only a later release knows counts as closed.
pub fn of_text(text: Option<&str>) -> Option<SignUpMode> {
    text.map(|text| match text {
        "open" => SignUpMode::Open,
        "invited" => SignUpMode::Invited,
        _ => SignUpMode::Closed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_the_configuration_opens_no_door() {
        let mode = |text| SignUpTerms::configured(text, None).mode;
        for text in [None, Some(""), Some("open"), Some(" open ")] {
            assert_eq!(mode(text), SignUpMode::Open, "{text:?}");
        }
        assert_eq!(mode(Some("invited")), SignUpMode::Invited);
        for text in ["closed", "invite", "no", "Open"] {
            assert_eq!(mode(Some(text)), SignUpMode::Closed, "{text}");
        }
        let named = |text| SignUpTerms::configured(None, Some(text)).administrator;
        assert_eq!(named(" Ann "), Some("ann".to_owned()));
        assert_eq!(named("  "), None);
        // Nobody has it, so nobody is one by being first either.
        assert_eq!(named("a/b"), Some(String::new()));
    }
}
