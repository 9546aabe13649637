//! Recovery codes: with one of them, a person who has lost their password sets another.
//!
//! A browser makes a set of codes and shows them once. The server is told their hashes, so
//! it learns a code only when that is used, and each is good once. A code has so many random
//! bits that nobody finds it by trying, whatever they have of the server, so nothing has to
//! stretch it.

use crate::accounts::NewDevice;
use crate::ids::{UnixMillis, UserId};
use crate::opaque::Message;
use blocks::hash::BlockHash;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The characters of a code. Each stands for five random bits: 100 in all.
pub const CODE_CHARS: usize = 20;
/// The characters of a group: a dash stands between two groups.
const GROUP_CHARS: usize = 5;
/// Crockford's base 32: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Keeps these hashes apart from those of blocks and tokens.
const CONTEXT: &str = "driftless recovery code";

/// A code, as its person has written it down: `7K3QM-0T9XA-…`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; CODE_CHARS]);

/// The text is no recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a recovery code: {CODE_CHARS} letters and digits are expected")]
pub struct BadRecoveryCode;

impl RecoveryCode {
    /// Makes a code of random bytes, of each of which five bits count.
    pub fn from_random(bytes: [u8; CODE_CHARS]) -> Self {
        // The index is below 32.
        Self(bytes.map(|byte| ALPHABET[usize::from(byte & 31)]))
    }

    /// What the server keeps of a code of this person's. Nobody else's code has this hash.
    pub fn hash_for(&self, user: UserId) -> BlockHash {
        let code = String::from_utf8_lossy(&self.0);
        BlockHash::of(format!("{CONTEXT} {user} {code}").as_bytes())
    }
}

impl FromStr for RecoveryCode {
    type Err = BadRecoveryCode;

    /// Reads what a person types: small letters are as good as capitals, O is 0, I and L are
    /// 1, and spaces and dashes may stand anywhere.
    fn from_str(text: &str) -> Result<Self, BadRecoveryCode> {
        let written = text.chars().filter(|c| !c.is_whitespace() && !is_dash(*c));
        let mut code = [0; CODE_CHARS];
        let mut count = 0;
        for c in written {
            let place = code.get_mut(count).ok_or(BadRecoveryCode)?;
            *place = match c.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                c => {
                    let byte = u8::try_from(c).map_err(|_| BadRecoveryCode)?;
                    *ALPHABET
                        .iter()
                        .find(|known| **known == byte)
                        .ok_or(BadRecoveryCode)?
                }
            };
            count += 1;
        }
        match count {
            CODE_CHARS => Ok(Self(code)),
            _ => Err(BadRecoveryCode),
        }
    }
}

/// What programs make of a dash that is typed or copied.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '_' | '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}'
    )
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, group) in self.0.chunks(GROUP_CHARS).enumerate() {
            let before = if number == 0 { "" } else { "-" };
            write!(f, "{before}{}", String::from_utf8_lossy(group))?;
        }
        Ok(())
    }
}

/// A code is a secret, so nothing that is logged has it.
impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// `GET /api/v1/accounts/recovery-codes`, and the answer to [`NewRecoveryCodes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// Counts the sets that the person has made; 0 if none.
    pub version: u64,
    /// How many codes of the newest set were not used.
    pub left: u64,
    /// When that set was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at_ms: Option<UnixMillis>,
}

/// `POST /api/v1/accounts/recovery-codes`: a new set. From then on no code of an older one
/// is good. Answered with [`RecoveryCodes`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRecoveryCodes {
    /// The `version` of the set that it takes the place of, as the person saw it.
    pub base_version: u64,
    /// Of each code, the BLAKE3 of `driftless recovery code <user id> <code>`, the code in
    /// capitals and without dashes.
    pub hashes: Vec<BlockHash>,
}

/// `POST /api/v1/accounts/recover/start`: begins the registration of a new password, whoever
/// asks. Answered with [`SignUpStarted`](crate::accounts::SignUpStarted).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoverStart {
    /// OPAQUE's `RegistrationRequest` for the new password.
    pub message: Message,
}

/// `POST /api/v1/accounts/recover/finish`: the new password signs in from now on, the code
/// is used up, and every other device and token ends. Answered with
/// [`Session`](crate::accounts::Session).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoverFinish {
    /// The person's name.
    pub user_name: String,
    /// One of their recovery codes, as they type it.
    pub code: String,
    /// OPAQUE's `RegistrationUpload`.
    pub message: Message,
    /// The registration that the first answer named.
    pub registration: String,
    /// The browser or program that signs in.
    pub device: NewDevice,
}
