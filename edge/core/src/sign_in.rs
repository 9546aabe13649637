//! OPAQUE's server side, without IO. The password never gets here, and what is
//! stored lets nobody guess it without this server's secret.

use crate::error::Failure;
use crate::random;
use blocks::hash::BlockHash;
use opaque_ke::{
    CredentialFinalization, CredentialRequest, RegistrationRequest, RegistrationUpload,
    ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup,
};
use protocol::opaque::{Message, Suite};
use protocol::problem::Problem;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// The fewest bytes of the secret.
const MIN_SECRET_BYTES: usize = 32;
const SETUP_CONTEXT: &str = "driftless 2026 opaque server setup";
const SEAL_CONTEXT: &str = "driftless 2026 sign-in attempt seal";

/// The operator's secret, at least 32 bytes in hexadecimal.
///
/// # Errors
/// The secret is shorter, or no hexadecimal.
pub fn secret_bytes(hex: &str) -> Result<Vec<u8>, Failure> {
    let secret = data_encoding::HEXLOWER_PERMISSIVE
        .decode(hex.trim().as_bytes())
        .ok();
    secret
        .filter(|secret| secret.len() >= MIN_SECRET_BYTES)
        .ok_or_else(|| {
            Failure::SignInKeys("a sign-in secret must be at least 32 bytes in hex".into())
        })
}

/// This server's keys. The same secret always makes the same ones.
pub struct SignIn(ServerSetup<Suite>);

impl SignIn {
    /// Derives the keys from the operator's secret.
    ///
    /// # Errors
    /// As those of [`secret_bytes`].
    pub fn from_secret(hex: &str) -> Result<Self, Failure> {
        let seed = blake3::derive_key(SETUP_CONTEXT, &secret_bytes(hex)?);
        let mut generator = ChaCha20Rng::from_seed(seed);
        Ok(Self(ServerSetup::new(&mut generator)))
    }

    /// Tells these keys from those of another secret. It is the BLAKE3 hash of the
    /// public key, so it may be known.
    pub fn fingerprint(&self) -> String {
        BlockHash::of(&self.0.keypair().public().serialize()).to_string()
    }

    /// The first half of a registration, under a credential's identifier. Whoever knows
    /// two answers under one identifier can compare passwords, so each registration has
    /// an identifier of its own.
    ///
    /// # Errors
    /// 400 `bad_sign_in_message`.
    pub fn start_registration(
        &self,
        credential: &str,
        message: &Message,
    ) -> Result<Message, Failure> {
        let request = RegistrationRequest::deserialize(&message.0).map_err(bad_message)?;
        let started = ServerRegistration::start(&self.0, request, credential.as_bytes())
            .map_err(bad_message)?;
        Ok(Message(started.message.serialize().to_vec()))
    }

    /// The first half of a sign-in, and the state for the second. There is no record if
    /// there is no such user; the answer looks as if there were one.
    ///
    /// # Errors
    /// 400 `bad_sign_in_message`.
    pub fn start(
        &self,
        credential: &str,
        record: Option<&[u8]>,
        message: &Message,
    ) -> Result<(Message, Vec<u8>), Failure> {
        let request = CredentialRequest::deserialize(&message.0).map_err(bad_message)?;
        let record = record
            .map(ServerRegistration::<Suite>::deserialize)
            .transpose()
            .map_err(|e| Failure::StoredSignIn(format!("its record: {e}")))?;
        let started = ServerLogin::start(
            &mut random::generator()?,
            &self.0,
            record,
            request,
            credential.as_bytes(),
            ServerLoginParameters::default(),
        )
        .map_err(bad_message)?;
        let answer = Message(started.message.serialize().to_vec());
        Ok((answer, started.state.serialize().to_vec()))
    }
}

/// The record of a finished registration, for the database.
///
/// # Errors
/// 400 `bad_sign_in_message`.
pub fn record(message: &Message) -> Result<Vec<u8>, Failure> {
    let upload = RegistrationUpload::<Suite>::deserialize(&message.0).map_err(bad_message)?;
    Ok(ServerRegistration::finish(upload).serialize().to_vec())
}

/// Whether the second half of a sign-in proves the password.
///
/// # Errors
/// 400 `bad_sign_in_message`.
pub fn proves(state: &[u8], message: &Message) -> Result<bool, Failure> {
    let proof = CredentialFinalization::deserialize(&message.0).map_err(bad_message)?;
    let state = ServerLogin::<Suite>::deserialize(state)
        .map_err(|e| Failure::StoredSignIn(format!("its state: {e}")))?;
    Ok(state
        .finish(proof, ServerLoginParameters::default())
        .is_ok())
}

fn bad_message<E>(_: E) -> Failure {
    Problem::BadSignInMessage.into()
}

/// The id of a sign-in under way. The server keeps only the hash of the id, and the
/// state encrypted with the id, so whoever reads the database learns nothing of the
/// sign-in.
pub struct Attempt([u8; 32]);

impl Attempt {
    /// # Errors
    /// The runtime has no randomness.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self(random::bytes()?))
    }

    /// Reads the id from hexadecimal; `None` if the text is no such id.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The hash by which the attempt is stored and found.
    pub fn hash(&self) -> BlockHash {
        BlockHash::of(&self.0)
    }

    /// Encrypts and decrypts a state with a key stream that is used for no other. The
    /// state is not authenticated: the database is trusted not to change it.
    pub fn seal(&self, state: &[u8]) -> Vec<u8> {
        let mut hasher = blake3::Hasher::new_derive_key(SEAL_CONTEXT);
        hasher.update(&self.0);
        let mut stream = vec![0; state.len()];
        hasher.finalize_xof().fill(&mut stream);
        state.iter().zip(stream).map(|(a, b)| a ^ b).collect()
    }
}

impl std::fmt::Display for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    /// If this changes, every stored registration becomes useless.
    #[test]
    fn the_keys_of_a_secret_never_change() -> Result<(), Failure> {
        let SignIn(setup) = SignIn::from_secret(SECRET)?;
        let public = data_encoding::HEXLOWER.encode(&setup.keypair().public().serialize());
        assert_eq!(
            public,
            "664fdf35753bcd7524380154491153632fc1c572975862e665038c6477dd411a"
        );
        Ok(())
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(SignIn::from_secret("00").is_err());
        assert!(SignIn::from_secret(&"x".repeat(64)).is_err());
    }

    #[test]
    fn a_seal_opens_with_the_same_id_only() -> Result<(), Failure> {
        let (one, other) = (Attempt([1; 32]), Attempt([2; 32]));
        let sealed = one.seal(b"state");
        assert_ne!(sealed, b"state");
        assert_eq!(one.seal(&sealed), b"state");
        assert_ne!(other.seal(&sealed), b"state");
        let read = Attempt::parse(&one.to_string()).map(|a| a.0);
        assert_eq!(read, Some(one.0));
        Ok(())
    }
}
