//! Accounts, sessions and devices.

use super::transport::{self, Request, Voice};
use super::{Api, read_answer, to_json};
use crate::failure::Failure;
use protocol::accounts::*;
use protocol::devices::{AccessToken, Device, DeviceChange, Devices, NewAccessToken};
use protocol::ids::DeviceId;
use protocol::paths;
use protocol::problem::Problem;
use protocol::recovery::{NewRecoveryCodes, RecoverFinish, RecoverStart, RecoveryCodes};
use protocol::routes::Route;

impl Api {
    pub async fn server(&self) -> Result<Server, Failure> {
        self.get(paths::SERVER).await
    }

    /// Whose cookie this browser has, whoever this page belongs to. That it is nobody's
    /// is an answer like any other, and ends nothing by itself.
    pub async fn me(&self) -> Result<Session, Failure> {
        // A server of the release before refuses instead.
        let asked = Request::get(&format!("{}?{NOBODY}=1", paths::ME));
        let reply = transport::send(&Voice::Nobody, asked).await?;
        if reply.status == 204 {
            return Err(Failure::Refused(Problem::NotSignedIn));
        }
        read_answer(reply.status, &reply.text)
    }

    pub async fn sign_up_start(&self, body: &SignUpStart) -> Result<SignUpStarted, Failure> {
        self.post(paths::SIGN_UP_START, body).await
    }

    pub async fn sign_up_finish(&self, body: &SignUpFinish) -> Result<Session, Failure> {
        self.post(paths::SIGN_UP_FINISH, body).await
    }

    pub async fn sign_in_start(&self, body: &SignInStart) -> Result<SignInStarted, Failure> {
        self.post(paths::SIGN_IN_START, body).await
    }

    pub async fn sign_in_finish(&self, body: &SignInFinish) -> Result<Session, Failure> {
        self.post(paths::SIGN_IN_FINISH, body).await
    }

    pub async fn sign_out(&self) -> Result<(), Failure> {
        self.send_bare(Request::post(paths::SIGN_OUT)).await
    }

    pub async fn devices(&self) -> Result<Vec<Device>, Failure> {
        let answer: Devices = self.get(paths::DEVICES).await?;
        Ok(answer.devices)
    }

    pub async fn revoke_device(&self, id: DeviceId) -> Result<(), Failure> {
        self.send_bare(Request::delete(&paths::device(id))).await
    }

    pub async fn rename_device(
        &self,
        id: DeviceId,
        change: &DeviceChange,
    ) -> Result<Device, Failure> {
        self.patch(&Route::RenameDevice.of(id), change).await
    }

    pub async fn recovery_codes(&self) -> Result<RecoveryCodes, Failure> {
        self.get(Route::RecoveryCodes.path()).await
    }

    pub async fn make_recovery_codes(
        &self,
        new: &NewRecoveryCodes,
    ) -> Result<RecoveryCodes, Failure> {
        self.post(Route::MakeRecoveryCodes.path(), new).await
    }

    pub async fn recover_start(&self, body: &RecoverStart) -> Result<SignUpStarted, Failure> {
        self.post(Route::RecoverStart.path(), body).await
    }

    pub async fn recover_finish(&self, body: &RecoverFinish) -> Result<Session, Failure> {
        self.post(Route::RecoverFinish.path(), body).await
    }

    pub async fn create_access_token(&self, new: &NewAccessToken) -> Result<AccessToken, Failure> {
        self.post(paths::ACCESS_TOKENS, new).await
    }

    /// The password again, on this device.
    pub async fn confirm(&self, body: &Confirm) -> Result<(), Failure> {
        let request = Request::post(paths::CONFIRM).with_json(to_json(body)?);
        self.send_bare(request).await
    }

    /// Ends the account, some time from now.
    pub async fn end_account(&self) -> Result<AccountEnd, Failure> {
        let request = Request::post(paths::END_ACCOUNT);
        self.read(transport::send(&self.voice(), request).await?)
    }

    /// Keeps it after all.
    pub async fn keep_account(&self) -> Result<(), Failure> {
        self.send_bare(Request::delete(paths::KEEP_ACCOUNT)).await
    }

    pub async fn password_start(&self, body: &PasswordStart) -> Result<SignUpStarted, Failure> {
        self.post(paths::PASSWORD_START, body).await
    }

    pub async fn password_finish(&self, body: &PasswordFinish) -> Result<PasswordChanged, Failure> {
        self.post(paths::PASSWORD_FINISH, body).await
    }
}
