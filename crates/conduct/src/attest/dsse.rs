//! Dead Simple Signing Envelope, version 1: <https://github.com/secure-systems-lab/dsse>.

use super::key::key_id;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};

/// The type of what is signed.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A signed statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The statement, in Base64.
    pub payload: String,
    /// [`PAYLOAD_TYPE`].
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    /// Who signed it.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Which key may have made it: SHA-256 of the public key's 32 bytes, in hexadecimal. A hint, no proof.
    #[serde(default)]
    pub keyid: String,
    /// Ed25519 (RFC 8032) over [`pae`], in Base64.
    pub sig: String,
}

/// What is signed in place of a payload: the "pre-authentication encoding" of DSSE v1, `protocol.md`.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

/// A statement in an envelope, as indented JSON with a newline at the end.
pub fn sign(statement: &str, key: &SigningKey) -> String {
    let signature = key.sign(&pae(PAYLOAD_TYPE, statement.as_bytes()));
    let envelope = serde_json::json!({
        "payload": BASE64_STANDARD.encode(statement),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{
            "keyid": key_id(&key.verifying_key()),
            "sig": BASE64_STANDARD.encode(signature.to_bytes()),
        }],
    });
    format!("{envelope:#}\n")
}

/// Base64 of either alphabet, as DSSE asks of those who verify.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let standard = BASE64_STANDARD.decode(text);
    standard.or_else(|_| BASE64_URL_SAFE.decode(text)).ok()
}
