//! The keys of sign-in. A record can be used only with the keys that it was made with,
//! so the database keeps their fingerprint. A server with other keys signs nobody in or
//! up. Otherwise it would tell everybody that the password is wrong, and make records
//! that the right keys can't read.
//!
//! **The first server** writes the fingerprint of its keys while there is no account.
//! If several begin at once, one is first, and the keys of the others are compared with
//! its keys.
//!
//! **Accounts from before the fingerprint** do not tell which keys they need: only a
//! record together with its password proves that. So no fingerprint is written until
//! one of these accounts has signed in. Otherwise a secret that was overwritten by then
//! could be taken for the right one.
//!
//! **Another secret** takes over while the old one is configured beside it. New records
//! are made with the new secret, each old record is made anew when its owner signs in
//! (see [`super::password`]), and every record says which keys it needs.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::sign_in::{SignIn, secret_bytes};
use crate::store::sql::directory;
use protocol::ids::{UnixMillis, UserId};
use protocol::problem::Problem;
use serde::Deserialize;

/// The keys that the operator has configured.
pub struct SignInKeys {
    current: SignIn,
    previous: Option<SignIn>,
    /// The key of the hashes that are stored in place of names and addresses, so that
    /// nobody can read these.
    hashes: [u8; 32],
}

/// What the database says of the configured keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysStanding {
    /// The keys are those of the accounts.
    Known,
    /// There are accounts, and no sign-in has shown yet which keys they need.
    Unproven,
}

#[derive(Deserialize)]
struct KeyRow {
    fingerprint: Option<String>,
    has_users: u8,
}

const HASH_CONTEXT: &str = "driftless 2026 hashes of names and addresses";
/// How often the fingerprint is read, because another server may change it in between.
const MOST_LOOKS: usize = 4;

impl SignInKeys {
    /// Makes the keys of `SIGN_IN_SECRET`, and of `SIGN_IN_SECRET_PREVIOUS` while one secret
    /// takes over from another.
    ///
    /// # Errors
    /// 503 `sign_in_unavailable`: a secret is missing or too short.
    pub fn of(current: Option<&str>, previous: Option<&str>) -> Result<Self, Failure> {
        let secret = current.ok_or_else(missing)?;
        Ok(Self {
            current: SignIn::from_secret(secret)?,
            previous: previous.map(SignIn::from_secret).transpose()?,
            hashes: blake3::derive_key(HASH_CONTEXT, secret.trim().as_bytes()),
        })
    }

    /// A keyed hash of some texts, so that nobody without the secret can find the texts
    /// by trying. The hash covers their lengths, so that other texts with the same
    /// concatenation have another hash.
    pub fn hashed(&self, parts: &[&str]) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.hashes);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The keys that new records are made with.
    pub fn current(&self) -> &SignIn {
        &self.current
    }

    /// The keys with this fingerprint; `None` if they are not configured.
    pub fn by_fingerprint(&self, fingerprint: &str) -> Option<&SignIn> {
        let all = [Some(&self.current), self.previous.as_ref()];
        let mut all = all.into_iter().flatten();
        all.find(|keys| keys.fingerprint() == fingerprint)
    }

    /// The keys to try on a record that does not say which keys it needs: it is older
    /// than a change of keys that is under way.
    pub fn oldest(&self) -> &SignIn {
        self.previous.as_ref().unwrap_or(&self.current)
    }

    /// Checks whether the configured keys are those that the accounts need. The first
    /// keys of all are, and so are keys that take over from known ones.
    ///
    /// # Errors
    /// 503 `sign_in_unavailable`: the accounts need other keys. 503 or 500: the
    /// database fails.
    pub async fn check(
        &self,
        db: &impl Database,
        now: UnixMillis,
    ) -> Result<KeysStanding, Failure> {
        let ours = self.current.fingerprint();
        for _ in 0..MOST_LOOKS {
            let read = db.run(Statement::new(directory::SIGN_IN_KEY)).await?;
            let Some(row) = read.first::<KeyRow>()? else {
                break;
            };
            let change = match row.fingerprint {
                Some(known) if known == ours => return Ok(KeysStanding::Known),
                Some(known) if self.by_fingerprint(&known).is_some() => {
                    let name = Statement::new(directory::NAME_RECORDS).bind(known.as_str());
                    let next = Statement::new(directory::NEXT_SIGN_IN_KEY)
                        .bind(ours.as_str())
                        .bind(known)
                        .bind(now);
                    vec![name, next]
                }
                Some(known) => return Err(foreign(&ours, &known)),
                None if row.has_users != 0 => return Ok(KeysStanding::Unproven),
                None => {
                    let first = Statement::new(directory::FIRST_SIGN_IN_KEY);
                    vec![first.bind(ours.as_str()).bind(now)]
                }
            };
            // The next look tells whether this was written or another server was
            // faster.
            db.batch(change).await?;
        }
        Err(Problem::Unavailable.into())
    }
}

/// The bytes of `SIGN_IN_SECRET`, for other keys that are made of it.
///
/// # Errors
/// 503 `sign_in_unavailable`: it is missing or too short.
pub fn secret(current: Option<&str>) -> Result<Vec<u8>, Failure> {
    secret_bytes(current.ok_or_else(missing)?)
}

fn missing() -> Failure {
    Failure::SignInKeys(
        "SIGN_IN_SECRET is not set. Set the one that the accounts were made with: npx \
         wrangler secret put SIGN_IN_SECRET < sign-in-secret.txt"
            .into(),
    )
}

/// Writes down that a sign-in has shown which keys a record without a fingerprint
/// needs. If it is the first to show it, all other such records need the same keys.
///
/// # Errors
/// The database fails.
pub async fn prove(
    db: &impl Database,
    user: UserId,
    fingerprint: &str,
    now: UnixMillis,
) -> Result<(), Failure> {
    let known = Statement::new(directory::PROVEN_SIGN_IN_KEY)
        .bind(fingerprint)
        .bind(now);
    let all = Statement::new(directory::NAME_RECORDS).bind(fingerprint);
    let this = Statement::new(directory::NAME_RECORD)
        .bind(fingerprint)
        .id(user);
    db.batch(vec![known, all, this]).await?;
    Ok(())
}

fn foreign(ours: &str, known: &str) -> Failure {
    Failure::SignInKeys(format!(
        "SIGN_IN_SECRET is not the one that the accounts were made with (its keys are {}, theirs \
         are {}). Put that one back: npx wrangler secret put SIGN_IN_SECRET < sign-in-secret.txt. \
         To change secrets, keep the old one beside the new one, as SIGN_IN_SECRET_PREVIOUS",
        short(ours),
        short(known)
    ))
}

fn short(fingerprint: &str) -> &str {
    fingerprint.get(..12).unwrap_or(fingerprint)
}
