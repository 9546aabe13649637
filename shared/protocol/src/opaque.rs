//! Sign-in without ever sending the password: OPAQUE (RFC 9807). Both sides
//! name the same cipher suite here; the messages travel as base64url text.

use base64ct::{Base64UrlUnpadded, Encoding};
use opaque_ke::CipherSuite;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Ristretto255 and SHA-512, as RFC 9807 recommends, and Argon2id (19 MiB, two
/// passes, the crate's default and OWASP's advice) to stretch the password. The
/// stretching runs on the client only.
pub struct Suite;

impl CipherSuite for Suite {
    type OprfCs = opaque_ke::Ristretto255;
    type KeyExchange = opaque_ke::TripleDh<opaque_ke::Ristretto255, sha2::Sha512>;
    type Ksf = opaque_ke::argon2::Argon2<'static>;
}

/// One serialized OPAQUE message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct Message(pub Vec<u8>);

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Base64UrlUnpadded::decode_vec(&text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}
