//! Sign-up and sign-in through every serialized message, as page and server do.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::random::Xorshift;
use opaque_ke::rand::{CryptoRng, Error, RngCore};
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialFinalization, CredentialRequest,
    CredentialResponse, RegistrationRequest, RegistrationResponse, RegistrationUpload, ServerLogin,
    ServerLoginParameters, ServerRegistration, ServerSetup,
};
use protocol::opaque::{Message, Suite};

impl RngCore for Xorshift {
    fn next_u32(&mut self) -> u32 {
        self.next() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.next()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.next() as u8);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

/// Not at all: the tests want the same numbers each time.
impl CryptoRng for Xorshift {}

const NAME: &[u8] = b"ann";

/// Over the wire: as JSON and back.
fn send(bytes: &[u8]) -> Vec<u8> {
    let json = serde_json::to_string(&Message(bytes.to_vec())).unwrap();
    serde_json::from_str::<Message>(&json).unwrap().0
}

fn sign_up(numbers: &mut Xorshift, setup: &ServerSetup<Suite>, password: &[u8]) -> Vec<u8> {
    let client = ClientRegistration::<Suite>::start(numbers, password).unwrap();
    let request = RegistrationRequest::deserialize(&send(&client.message.serialize())).unwrap();
    let server = ServerRegistration::<Suite>::start(setup, request, NAME).unwrap();
    let response = RegistrationResponse::deserialize(&send(&server.message.serialize())).unwrap();
    let done = client
        .state
        .finish(
            numbers,
            password,
            response,
            ClientRegistrationFinishParameters::default(),
        )
        .unwrap();
    let upload =
        RegistrationUpload::<Suite>::deserialize(&send(&done.message.serialize())).unwrap();
    ServerRegistration::finish(upload).serialize().to_vec()
}

/// Whether both sides agree on a key.
fn sign_in(
    numbers: &mut Xorshift,
    setup: &ServerSetup<Suite>,
    record: Option<&[u8]>,
    password: &[u8],
) -> bool {
    let client = ClientLogin::<Suite>::start(numbers, password).unwrap();
    let request = CredentialRequest::deserialize(&send(&client.message.serialize())).unwrap();
    let record = record.map(|bytes| ServerRegistration::<Suite>::deserialize(bytes).unwrap());
    let server = ServerLogin::start(
        numbers,
        setup,
        record,
        request,
        NAME,
        ServerLoginParameters::default(),
    )
    .unwrap();
    let response = CredentialResponse::deserialize(&send(&server.message.serialize())).unwrap();
    // The server keeps its state between the two requests.
    let state = ServerLogin::<Suite>::deserialize(&server.state.serialize()).unwrap();
    let Ok(done) = client.state.finish(
        numbers,
        password,
        response,
        ClientLoginFinishParameters::default(),
    ) else {
        return false;
    };
    let last = CredentialFinalization::deserialize(&send(&done.message.serialize())).unwrap();
    let server = state
        .finish(last, ServerLoginParameters::default())
        .unwrap();
    server.session_key == done.session_key
}

#[test]
fn only_the_password_that_signed_up_signs_in() {
    let mut numbers = Xorshift::new(11);
    let setup = ServerSetup::<Suite>::new(&mut numbers);
    let setup = ServerSetup::<Suite>::deserialize(&setup.serialize()).unwrap();
    let record = sign_up(&mut numbers, &setup, b"correct horse");
    assert!(sign_in(
        &mut numbers,
        &setup,
        Some(&record),
        b"correct horse"
    ));
    assert!(!sign_in(
        &mut numbers,
        &setup,
        Some(&record),
        b"wrong horse"
    ));
    assert!(!sign_in(&mut numbers, &setup, None, b"correct horse"));
}

/// The answer for a name that does not exist has the same length as another:
/// its size must not tell.
#[test]
fn an_unknown_name_is_answered_at_the_same_length() {
    let mut numbers = Xorshift::new(12);
    let setup = ServerSetup::<Suite>::new(&mut numbers);
    let record = sign_up(&mut numbers, &setup, b"correct horse");
    let mut answer = |record: Option<&[u8]>| {
        let client = ClientLogin::<Suite>::start(&mut numbers, b"guess").unwrap();
        let record = record.map(|bytes| ServerRegistration::<Suite>::deserialize(bytes).unwrap());
        let server = ServerLogin::start(
            &mut numbers,
            &setup,
            record,
            client.message,
            NAME,
            ServerLoginParameters::default(),
        )
        .unwrap();
        server.message.serialize().len()
    };
    assert_eq!(answer(Some(&record)), answer(None));
}

#[test]
fn a_message_is_base64url_without_padding() {
    let message = Message(vec![0xFB, 0xFF, 0xFE, 0]);
    let json = serde_json::to_string(&message).unwrap();
    assert_eq!(json, "\"-__-AA\"");
    assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), message);
    for bad in ["\"+//+AA\"", "\"-__-AA==\"", "\"-__-A\"", "\"-__-AB\"", "7"] {
        assert!(serde_json::from_str::<Message>(bad).is_err(), "{bad}");
    }
}
