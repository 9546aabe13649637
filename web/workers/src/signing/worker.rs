//! What runs in the sign-in worker.

use super::strength::weakness;
use super::{NewCodes, SignReply, SignRequest};
use js_sys::Array;
use opaque_ke::errors::ProtocolError;
use opaque_ke::rand::{CryptoRng, Error as RandomError, RngCore};
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, RegistrationResponse,
};
use platform::worker::scope::{listen, post};
use protocol::ids::UserId;
use protocol::limits::RECOVERY_CODES;
use protocol::opaque::{Message, Suite};
use protocol::recovery::{CODE_CHARS, RecoveryCode};
use wasm_bindgen::JsValue;

/// Between start and finish.
enum Attempt {
    SignUp {
        password: String,
        state: Box<ClientRegistration<Suite>>,
    },
    SignIn {
        password: String,
        state: Box<ClientLogin<Suite>>,
    },
}

/// Starts to listen. Called once, by the worker's `main`.
pub fn run() {
    let mut attempt = None;
    listen(move |message| {
        let ask = message.as_string();
        let ask = ask.and_then(|text| serde_json::from_str(&text).ok());
        say(&match ask {
            Some(ask) => answer(&mut attempt, ask),
            None => SignReply::Failed {
                detail: "an unknown question".to_owned(),
            },
        });
    });
    say(&SignReply::Ready);
}

fn say(what: &SignReply) {
    // It can be written as text, all of it.
    if let Ok(text) = serde_json::to_string(what) {
        post(&JsValue::from_str(&text), &Array::new());
    }
}

fn answer(attempt: &mut Option<Attempt>, ask: SignRequest) -> SignReply {
    if let SignRequest::StartSignUp {
        password,
        new_for: Some(user_name),
    } = &ask
        && let Some(why) = weakness(&normalized(password), user_name)
    {
        return SignReply::Weak { why };
    }
    if let SignRequest::MakeCodes { user } = ask {
        return match serde_json::to_string(&new_codes(user)) {
            Ok(codes) => SignReply::Codes { codes },
            Err(error) => SignReply::Failed {
                detail: error.to_string(),
            },
        };
    }
    match step(attempt, ask) {
        Ok(message) => SignReply::Message {
            message: Message(message),
        },
        Err(Some(ProtocolError::InvalidLoginError)) => SignReply::WrongPassword,
        Err(Some(error)) => SignReply::Failed {
            detail: error.to_string(),
        },
        Err(None) => SignReply::Failed {
            detail: "an answer without a question".to_owned(),
        },
    }
}

fn new_codes(user: UserId) -> NewCodes {
    let codes = (0..RECOVERY_CODES).map(|_| {
        let mut bytes = [0; CODE_CHARS];
        BrowserRandom.fill_bytes(&mut bytes);
        let code = RecoveryCode::from_random(bytes);
        (code.to_string(), code.hash_for(user))
    });
    let (codes, hashes) = codes.unzip();
    NewCodes { codes, hashes }
}

/// One step; `None` as an error stands for a finish without its start.
fn step(attempt: &mut Option<Attempt>, ask: SignRequest) -> Result<Vec<u8>, Option<ProtocolError>> {
    let mut random = BrowserRandom;
    match ask {
        SignRequest::StartSignUp { password, .. } => {
            let password = normalized(&password);
            let started = ClientRegistration::<Suite>::start(&mut random, password.as_bytes())
                .map_err(Some)?;
            *attempt = Some(Attempt::SignUp {
                password,
                state: Box::new(started.state),
            });
            Ok(started.message.serialize().to_vec())
        }
        SignRequest::StartSignIn { password } => {
            let password = normalized(&password);
            let started =
                ClientLogin::<Suite>::start(&mut random, password.as_bytes()).map_err(Some)?;
            *attempt = Some(Attempt::SignIn {
                password,
                state: Box::new(started.state),
            });
            Ok(started.message.serialize().to_vec())
        }
        SignRequest::MakeCodes { .. } => Err(None),
        SignRequest::FinishSignUp { answer } => {
            let Some(Attempt::SignUp { password, state }) = attempt.take() else {
                return Err(None);
            };
            let response = RegistrationResponse::deserialize(&answer.0).map_err(Some)?;
            let parameters = ClientRegistrationFinishParameters::default();
            let finished = state
                .finish(&mut random, password.as_bytes(), response, parameters)
                .map_err(Some)?;
            Ok(finished.message.serialize().to_vec())
        }
        SignRequest::FinishSignIn { answer } => {
            let Some(Attempt::SignIn { password, state }) = attempt.take() else {
                return Err(None);
            };
            let response = CredentialResponse::deserialize(&answer.0).map_err(Some)?;
            let parameters = ClientLoginFinishParameters::default();
            let finished = state
                .finish(&mut random, password.as_bytes(), response, parameters)
                .map_err(Some)?;
            Ok(finished.message.serialize().to_vec())
        }
    }
}

/// The same password typed on two systems may be composed differently (RFC
/// 8265 asks for NFC).
fn normalized(password: &str) -> String {
    js_sys::JsString::from(password).normalize("NFC").into()
}

/// The browser's own source.
struct BrowserRandom;

impl RngCore for BrowserRandom {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        // `crypto.getRandomValues` fails for no length that is used here; if it
        // did, ending the worker is right: there is no safe way to go on.
        getrandom::fill(bytes).expect("a browser has a source of random bytes");
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for BrowserRandom {}
