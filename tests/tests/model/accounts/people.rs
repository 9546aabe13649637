//! A directory in memory, and people who come to its door with their passwords.

use blocks::hash::BlockHash;
use driftless_core::access::confirmed::Asking;
use driftless_core::directory::accounts::{self, Proven};
use driftless_core::directory::devices;
use driftless_core::directory::guesses::{Mark, RequestSource};
use driftless_core::directory::keys::SignInKeys;
use driftless_core::directory::newcomers::{Newcomer, SignUpTerms};
use driftless_core::directory::{Door, password, recovery};
use driftless_core::error::Failure;
use driftless_core::labels::UserName;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::random::unseen_bytes;
use driftless_tests::sign_in::{Prepared, Registering, prepare};
use protocol::accounts::{NewDevice, PasswordFinish, SignInStarted, SignUpStarted};
use protocol::devices::{Device, DeviceChange, DeviceKind, NewAccessToken, Scope};
use protocol::ids::{DeviceId, UnixMillis, UserId};
use protocol::limits::RECOVERY_CODES;
use protocol::opaque::Message;
use protocol::problem::Problem;
use protocol::recovery::{
    CODE_CHARS, NewRecoveryCodes, RecoverFinish, RecoveryCode, RecoveryCodes,
};

pub const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
pub const OTHER_SECRET: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub const NOW: UnixMillis = 1_795_000_000_000;
pub const MINUTE: u64 = 60_000;
pub const DAY: u64 = 24 * 60 * MINUTE;

/// A database and the server in front of it, at one time.
pub struct Gate<'a> {
    pub db: &'a Sqlite,
    pub keys: SignInKeys,
    pub now: UnixMillis,
    pub source: RequestSource,
    pub terms: SignUpTerms,
    /// The secret of an invitation.
    pub invite: Option<String>,
}

/// What a person has after they came in.
#[derive(Clone, Debug)]
pub struct Inside {
    pub user: UserId,
    pub device: Device,
    pub proven_at: UnixMillis,
    pub renew_record: bool,
}

impl Inside {
    pub fn asking(&self) -> Asking<'_> {
        Asking {
            user: self.user,
            device: &self.device,
            proven_at: self.proven_at,
        }
    }
}

/// A sign-in between its two steps.
pub struct Begun {
    prepared: Prepared,
    started: SignInStarted,
    password: String,
}

impl Begun {
    /// The second message, if the password opens the answer.
    pub fn proof(self) -> Option<(String, Message)> {
        let message = self.prepared.proof(&self.password, &self.started)?;
        Some((self.started.attempt, message))
    }
}

pub fn problem<T>(answer: Result<T, Failure>) -> Result<T, Problem> {
    answer.map_err(Failure::into_problem)
}

pub fn keys(current: &str, previous: Option<&str>) -> SignInKeys {
    SignInKeys::of(Some(current), previous).expect("secrets")
}

fn name(text: &str) -> UserName {
    UserName::parse(text).expect("a name")
}

fn browser() -> NewDevice {
    NewDevice {
        name: "Chrome on Linux".to_owned(),
        kind: DeviceKind::Browser,
        id: None,
    }
}

/// A set as a browser makes it.
pub fn new_codes() -> Vec<RecoveryCode> {
    let random = || unseen_bytes(CODE_CHARS).try_into().expect("so many bytes");
    let codes = (0..RECOVERY_CODES).map(|_| RecoveryCode::from_random(random()));
    codes.collect()
}

/// A browser that nobody knows, somewhere.
pub fn stranger(network: &str) -> RequestSource {
    RequestSource {
        network: network.to_owned(),
        ..RequestSource::default()
    }
}

/// A browser with its mark.
pub fn marked(network: &str) -> RequestSource {
    RequestSource {
        mark: Some(Mark::new().expect("a mark")),
        ..stranger(network)
    }
}

impl<'a> Gate<'a> {
    pub fn new(db: &'a Sqlite, current: &str, previous: Option<&str>) -> Self {
        Self {
            db,
            keys: keys(current, previous),
            now: NOW,
            source: stranger("203.0.113.7"),
            terms: SignUpTerms::configured(None, None),
            invite: None,
        }
    }

    pub fn door(&self) -> Door<'_, Sqlite> {
        Door {
            db: self.db,
            keys: &self.keys,
            now: self.now,
        }
    }

    fn newcomer<'b>(&'b self, name: &'b UserName) -> Newcomer<'b> {
        Newcomer {
            name,
            invite: self.invite.as_deref(),
            terms: &self.terms,
        }
    }

    pub fn sign_up(&self, who: &str, password: &str) -> Result<Inside, Problem> {
        let (registering, message) = Registering::new(password);
        let started = self.start_sign_up(who, &message)?;
        self.finish_sign_up(who, &started, registering)
    }

    pub fn start_sign_up(&self, who: &str, message: &Message) -> Result<SignUpStarted, Problem> {
        let (door, who) = (self.door(), name(who));
        let newcomer = self.newcomer(&who);
        let started = accounts::start_sign_up(&door, &newcomer, &self.source, message);
        problem(ready(started))
    }

    pub fn finish_sign_up(
        &self,
        who: &str,
        started: &SignUpStarted,
        registering: Registering,
    ) -> Result<Inside, Problem> {
        self.finish_sign_up_after(who, started, registering, || {})
    }

    /// The same; something happens when the space is made, after it was looked whether the
    /// account may be.
    pub fn finish_sign_up_after(
        &self,
        who: &str,
        started: &SignUpStarted,
        registering: Registering,
        meanwhile: impl FnOnce(),
    ) -> Result<Inside, Problem> {
        let message = registering.finish(started);
        let sent = (started.registration.as_deref(), &message);
        let (door, who) = (self.door(), name(who));
        let make_space = async |_| {
            meanwhile();
            Ok(())
        };
        let newcomer = self.newcomer(&who);
        let made = accounts::finish_sign_up(&door, &newcomer, &self.source, sent, make_space);
        self.come_in(problem(ready(made))?, None)
    }

    pub fn begin(&self, who: &str, password: &str) -> Result<Begun, Problem> {
        let prepared = prepare(password);
        let (door, who) = (self.door(), name(who));
        let started = accounts::start_sign_in(&door, &who, &self.source, &prepared.message);
        Ok(Begun {
            started: problem(ready(started))?,
            prepared,
            password: password.to_owned(),
        })
    }

    pub fn sign_in(&self, who: &str, password: &str) -> Result<Inside, Problem> {
        self.finish(self.begin(who, password)?, None)
    }

    pub fn finish(&self, begun: Begun, replaces: Option<DeviceId>) -> Result<Inside, Problem> {
        let (attempt, message) = begun.proof().ok_or(Problem::SignInRefused)?;
        let door = self.door();
        let proven = accounts::finish_sign_in(&door, &attempt, &message);
        self.come_in(problem(ready(proven))?, replaces)
    }

    fn come_in(&self, proven: Proven, replaces: Option<DeviceId>) -> Result<Inside, Problem> {
        self.come_in_with(proven, &browser(), replaces)
    }

    fn come_in_with(
        &self,
        proven: Proven,
        new: &NewDevice,
        replaces: Option<DeviceId>,
    ) -> Result<Inside, Problem> {
        let token = BlockHash::of(&unseen_bytes(32));
        let door = self.door();
        let put = devices::put(&door, &proven, new, token, replaces);
        let device = problem(ready(put))?.device;
        let inside = Inside {
            user: proven.user.id,
            device,
            proven_at: self.now,
            renew_record: proven.renew_record,
        };
        let settled = accounts::settle(&door, proven, inside.device.id, &self.source);
        problem(ready(settled))?;
        Ok(inside)
    }

    /// In a browser that has been somebody's before.
    pub fn sign_in_again(
        &self,
        who: &str,
        password: &str,
        id: DeviceId,
    ) -> Result<Inside, Problem> {
        let proof = self.begin(who, password)?.proof();
        let (attempt, message) = proof.ok_or(Problem::SignInRefused)?;
        let door = self.door();
        let proven = accounts::finish_sign_in(&door, &attempt, &message);
        let again = NewDevice {
            id: Some(id),
            ..browser()
        };
        self.come_in_with(problem(ready(proven))?, &again, None)
    }

    pub fn rename(&self, by: &Inside, device: DeviceId, name: &str) -> Result<Device, Problem> {
        let change = DeviceChange {
            name: name.to_owned(),
        };
        let asking = by.asking();
        let renamed = devices::rename(self.db, &asking, device, &change, self.now);
        problem(ready(renamed))
    }

    pub fn confirm(&self, inside: &Inside, who: &str, password: &str) -> Result<Inside, Problem> {
        let proof = self.begin(who, password)?.proof();
        let (attempt, message) = proof.ok_or(Problem::SignInRefused)?;
        let (door, asks) = (self.door(), (inside.user, &inside.device));
        let confirmed = accounts::confirm(&door, asks, &self.source, &attempt, &message);
        problem(ready(confirmed))?;
        Ok(Inside {
            proven_at: self.now,
            ..inside.clone()
        })
    }

    pub fn change_password(
        &self,
        inside: &Inside,
        new: &str,
        keep: &[DeviceId],
    ) -> Result<Vec<DeviceId>, Problem> {
        self.put_record(inside, new, keep, false)
    }

    /// A new record for the same password, as the page makes it when it is told to.
    pub fn renew(&self, inside: &Inside, same: &str) -> Result<Vec<DeviceId>, Problem> {
        self.put_record(inside, same, &[], true)
    }

    fn put_record(
        &self,
        inside: &Inside,
        new: &str,
        keep: &[DeviceId],
        keep_all: bool,
    ) -> Result<Vec<DeviceId>, Problem> {
        let (registering, message) = Registering::new(new);
        let (door, asking) = (self.door(), inside.asking());
        let started = problem(ready(password::start(&door, &asking, &message)))?;
        let body = PasswordFinish {
            message: registering.finish(&started),
            registration: started.registration.expect("a registration"),
            keep: keep.to_vec(),
            keep_all,
        };
        problem(ready(password::finish(&door, &asking, &body)))
    }

    /// A set in place of the one of this version.
    pub fn make_codes(&self, inside: &Inside, base: u64) -> Result<Vec<RecoveryCode>, Problem> {
        let codes = new_codes();
        self.send_codes(inside, base, &codes).map(|_| codes)
    }

    pub fn send_codes(
        &self,
        inside: &Inside,
        base_version: u64,
        codes: &[RecoveryCode],
    ) -> Result<RecoveryCodes, Problem> {
        let hashes = codes.iter().map(|code| code.hash_for(inside.user));
        let new = NewRecoveryCodes {
            base_version,
            hashes: hashes.collect(),
        };
        let asking = inside.asking();
        let made = recovery::make(self.db, &asking, &new, self.now);
        problem(ready(made))
    }

    pub fn codes(&self, inside: &Inside) -> Result<RecoveryCodes, Problem> {
        problem(ready(recovery::codes(self.db, &inside.asking())))
    }

    /// What somebody sends who wants another password for a name.
    pub fn recovery(&self, who: &str, code: &str, new: &str) -> Result<RecoverFinish, Problem> {
        let (registering, message) = Registering::new(new);
        let started = problem(ready(recovery::start(&self.door(), &message)))?;
        Ok(RecoverFinish {
            user_name: who.to_owned(),
            code: code.to_owned(),
            message: registering.finish(&started),
            registration: started.registration.expect("a registration"),
            device: browser(),
        })
    }

    /// Lets them in again, and tells what has ended.
    pub fn recover(&self, body: &RecoverFinish) -> Result<(Inside, Vec<DeviceId>), Problem> {
        let (door, who) = (self.door(), name(&body.user_name));
        let recovered = recovery::finish(&door, &who, &self.source, body);
        let recovered = problem(ready(recovered))?;
        Ok((self.come_in(recovered.proven, None)?, recovered.ended))
    }

    pub fn token(&self, inside: &Inside, days: Option<u64>) -> Result<Inside, Problem> {
        let new = NewAccessToken {
            folder: None,
            name: "backup".to_owned(),
            scope: Scope::ReadOnly,
            days,
        };
        let hash = BlockHash::of(&unseen_bytes(32));
        let asking = inside.asking();
        let made = devices::make_token(self.db, &asking, &new, hash, self.now);
        Ok(Inside {
            device: problem(ready(made))?,
            user: inside.user,
            proven_at: 0,
            renew_record: false,
        })
    }

    pub fn devices(&self, user: UserId) -> Vec<DeviceId> {
        let listed = ready(devices::list(self.db, user, self.now)).expect("a list");
        listed.into_iter().map(|device| device.id).collect()
    }
}

pub fn execute(db: &Sqlite, sql: &str) {
    db.connection().execute_batch(sql).expect("executed");
}

pub fn count(db: &Sqlite, sql: &str) -> u64 {
    let counted = db
        .connection()
        .query_row(sql, [], |row| row.get::<_, i64>(0));
    counted.expect("a count").unsigned_abs()
}
