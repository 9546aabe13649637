//! Making an account, proving to be its owner, another password with the old one or with a
//! recovery code, and names of devices. Nothing that is
//! sent or kept tells a password: see [`workers::signing`].

use super::session::Sessions;
use crate::words::{say_many, t};
use blocks::hash::BlockHash;
use platform::browser::agent;
use platform::failure::Failure;
use protocol::accounts::{
    Confirm, NewDevice, PasswordChanged, PasswordFinish, PasswordStart, Session, SignInFinish,
    SignInStart, SignUpFinish, SignUpStart,
};
use protocol::devices::{Device, DeviceChange, DeviceKind};
use protocol::ids::{DeviceId, UnixMillis};
use protocol::opaque::Message as OpaqueMessage;
use protocol::problem::Problem;
use protocol::recovery::{NewRecoveryCodes, RecoverFinish, RecoverStart, RecoveryCodes};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use workers::signing::{NewCodes, SignRequest, Signer};

#[derive(Clone)]
pub struct Accounts {
    pub sessions: Rc<Sessions>,
}

impl Accounts {
    /// Makes an account, with the secret of an invitation if there is one.
    pub async fn sign_up(
        &self,
        name: String,
        password: String,
        invite: Option<String>,
    ) -> Result<(), Failure> {
        let client = self.sessions.api();
        let mut signer = Signer::launch().await?;
        let new_for = Some(name.clone());
        let message = signer
            .ask(&SignRequest::StartSignUp { password, new_for })
            .await?;
        let started = client
            .sign_up_start(&SignUpStart {
                user_name: name.clone(),
                message,
                invite: invite.clone(),
            })
            .await?;
        let answer = started.message;
        let message = signer.ask(&SignRequest::FinishSignUp { answer }).await?;
        let session = client
            .sign_up_finish(&SignUpFinish {
                user_name: name,
                message,
                registration: started.registration,
                device: this_device(),
                invite,
            })
            .await?;
        self.sessions.signed_in(session).await;
        Ok(())
    }

    /// `replaces` ends, if there are as many devices as there may be.
    pub async fn sign_in(
        &self,
        name: String,
        password: String,
        replaces: Option<DeviceId>,
    ) -> Result<(), Failure> {
        let (attempt, message) = self.prove(name, password.clone()).await?;
        let session = self
            .sessions
            .api()
            .sign_in_finish(&SignInFinish {
                attempt,
                message,
                device: this_device(),
                replaces,
            })
            .await?;
        let renews = session.renew_record;
        self.sessions.signed_in(session).await;
        if renews {
            // If it fails, the next sign-in does it.
            let accounts = self.clone();
            spawn_local(async move {
                let _ = accounts.put_password(password, Vec::new(), true).await;
            });
        }
        Ok(())
    }

    /// Both steps of a proof but the last message, which it answers with the
    /// attempt's name.
    async fn prove(
        &self,
        user_name: String,
        password: String,
    ) -> Result<(String, OpaqueMessage), Failure> {
        let mut signer = Signer::launch().await?;
        let message = signer.ask(&SignRequest::StartSignIn { password }).await?;
        let start = SignInStart { user_name, message };
        let started = self.sessions.api().sign_in_start(&start).await?;
        let answer = started.message;
        let message = signer.ask(&SignRequest::FinishSignIn { answer }).await?;
        Ok((started.attempt, message))
    }

    /// The password of whoever is signed in, again.
    pub async fn confirm(&self, password: String) -> Result<(), Failure> {
        let confirmed = async {
            let (attempt, message) = self.prove(self.sessions.user_name(), password).await?;
            let confirm = Confirm { attempt, message };
            self.sessions.api().confirm(&confirm).await
        };
        confirmed.await.map_err(|failure| match failure {
            Failure::Refused(Problem::SignInRefused) => {
                Failure::Device(t("That is not your password").to_owned())
            }
            other => other,
        })
    }

    /// Whether a new password is worth it, before anything is sent.
    pub async fn check_new_password(&self, new: String) -> Result<(), Failure> {
        let mut signer = Signer::launch().await?;
        let ask = SignRequest::StartSignUp {
            password: new,
            new_for: Some(self.sessions.user_name()),
        };
        signer.ask(&ask).await?;
        Ok(())
    }

    /// Another password; `keep` stay signed in. How many devices and tokens have
    /// ended.
    pub async fn change_password(
        &self,
        (old, new): (String, String),
        keep: Vec<DeviceId>,
    ) -> Result<u64, Failure> {
        self.confirm(old).await?;
        let changed = self.put_password(new, keep, false).await?;
        Ok(changed.ended)
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes(&self) -> Result<RecoveryCodes, Failure> {
        self.sessions.api().recovery_codes().await
    }

    /// A set of codes that the server does not know yet.
    pub async fn new_codes(&self) -> Result<NewCodes, Failure> {
        let user = self.sessions.user().ok_or(Problem::NotSignedIn)?;
        Signer::launch().await?.make_codes(user).await
    }

    /// From now on the codes with these hashes are good, in place of the set of this version.
    pub async fn put_codes(
        &self,
        base_version: u64,
        hashes: Vec<BlockHash>,
    ) -> Result<(), Failure> {
        let new = NewRecoveryCodes {
            base_version,
            hashes,
        };
        self.sessions.api().make_recovery_codes(&new).await?;
        Ok(())
    }

    /// Sets another password with a recovery code and signs in. `is_again` where an earlier
    /// try may have done it, and its answer was lost.
    pub async fn recover(
        &self,
        name: String,
        code: String,
        password: String,
        is_again: bool,
    ) -> Result<(), Failure> {
        match self.put_recovered(&name, code, password.clone()).await {
            Ok(session) => self.sessions.signed_in(session).await,
            Err(Failure::Refused(Problem::RecoveryRefused)) if is_again => {
                let signed_in = self.sign_in(name, password, None).await;
                signed_in.map_err(|failure| match failure {
                    Failure::Refused(Problem::SignInRefused) => Problem::RecoveryRefused.into(),
                    other => other,
                })?;
            }
            Err(failure) => return Err(failure),
        }
        let words = match self.recovery_codes().await {
            Ok(RecoveryCodes { left: 0, .. }) => t(
                "Your password is changed, and all other devices and tokens are signed out. That was your last recovery code: make new ones under Settings",
            )
            .to_owned(),
            Ok(RecoveryCodes { left, .. }) => say_many!(
                left,
                "Your password is changed, and all other devices and tokens are signed out. 1 recovery code is left",
                "Your password is changed, and all other devices and tokens are signed out. {n} recovery codes are left"
            ),
            // The page of devices says it.
            Err(_) => {
                t("Your password is changed, and all other devices and tokens are signed out")
                    .to_owned()
            }
        };
        self.sessions.home.drive.notices.good(words);
        Ok(())
    }

    async fn put_recovered(
        &self,
        name: &str,
        code: String,
        password: String,
    ) -> Result<Session, Failure> {
        let client = self.sessions.api();
        let mut signer = Signer::launch().await?;
        let new_for = Some(name.to_owned());
        let message = signer
            .ask(&SignRequest::StartSignUp { password, new_for })
            .await?;
        let started = client.recover_start(&RecoverStart { message }).await?;
        let answer = started.message;
        let message = signer.ask(&SignRequest::FinishSignUp { answer }).await?;
        let finish = RecoverFinish {
            user_name: name.to_owned(),
            code,
            message,
            registration: started.registration.unwrap_or_default(),
            device: this_device(),
        };
        client.recover_finish(&finish).await
    }

    /// Gives a device another name.
    pub async fn rename_device(&self, id: DeviceId, name: String) -> Result<Device, Failure> {
        let change = DeviceChange { name };
        let renamed = self.sessions.api().rename_device(id, &change).await?;
        // Other devices are told apart from this one by its name.
        let _ = self.sessions.refresh().await;
        Ok(renamed)
    }

    /// How long an account goes on after its person has ended it, in milliseconds; `None`
    /// if the server does not say.
    pub async fn goes_on(&self) -> Result<Option<u64>, Failure> {
        Ok(self.sessions.api().server().await?.account_goes_on_ms)
    }

    /// Ends the account, some time from now. Returns when that is.
    pub async fn end(&self) -> Result<UnixMillis, Failure> {
        let end = self.sessions.api().end_account().await?;
        self.look_again().await;
        Ok(end.ends_at_ms)
    }

    /// Keeps it after all.
    pub async fn keep(&self) -> Result<(), Failure> {
        self.sessions.api().keep_account().await?;
        self.look_again().await;
        Ok(())
    }

    /// What the page shows of the account and of access is another by now. If it can't be
    /// asked for, the journal tells of it soon.
    async fn look_again(&self) {
        let _ = self.sessions.refresh().await;
        self.sessions.shares.refresh().await;
    }

    /// Makes a new record, for another password or for the one that there is.
    async fn put_password(
        &self,
        password: String,
        keep: Vec<DeviceId>,
        keep_all: bool,
    ) -> Result<PasswordChanged, Failure> {
        let client = self.sessions.api();
        let mut signer = Signer::launch().await?;
        let new_for = (!keep_all).then(|| self.sessions.user_name());
        let message = signer
            .ask(&SignRequest::StartSignUp { password, new_for })
            .await?;
        let started = client.password_start(&PasswordStart { message }).await?;
        let answer = started.message;
        let message = signer.ask(&SignRequest::FinishSignUp { answer }).await?;
        let finish = PasswordFinish {
            message,
            registration: started.registration.unwrap_or_default(),
            keep,
            keep_all,
        };
        client.password_finish(&finish).await
    }
}

fn this_device() -> NewDevice {
    NewDevice {
        name: agent::device_name(&agent::user_agent()),
        kind: DeviceKind::Browser,
        id: agent::remembered_device(),
    }
}
