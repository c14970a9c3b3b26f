//! Keys: read from what people have, and made.

use super::dsse::decoded;
use crate::digest::{from_hexadecimal, sha256_of};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use std::fs::File;
use std::io::Read;

/// Why a key cannot be used. It never says what was in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no private key.
    #[error(
        "this is no Ed25519 private key: give PKCS#8 in PEM (`-----BEGIN PRIVATE KEY-----`), or the 32 bytes of the seed in hexadecimal or Base64"
    )]
    Private,
    /// It is no public key.
    #[error(
        "this is no Ed25519 public key: give it in PEM (`-----BEGIN PUBLIC KEY-----`), or its 32 bytes in hexadecimal or Base64"
    )]
    Public,
    /// There is no randomness to make one of.
    #[error("no key can be made, as the system has no random numbers ({0}); see `/dev/urandom`")]
    Random(String),
}

/// A key that was made.
#[derive(Clone)]
pub struct KeyPair {
    /// PKCS#8 in PEM. To be kept secret.
    pub private_pem: String,
    /// Its public part in PEM.
    pub public_pem: String,
    /// How signatures name it.
    pub key_id: String,
}

/// Makes a key from the system's random numbers.
///
/// # Errors
/// [`KeyError::Random`] if there are none.
pub fn keygen() -> Result<KeyPair, KeyError> {
    let random = |error: std::io::Error| KeyError::Random(error.to_string());
    let mut seed = [0; 32];
    let mut file = File::open("/dev/urandom").map_err(random)?;
    file.read_exact(&mut seed).map_err(random)?;
    let key = SigningKey::from_bytes(&seed);
    let private = key
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|_| KeyError::Private)?;
    let public = key.verifying_key();
    Ok(KeyPair {
        private_pem: private.to_string(),
        public_pem: public
            .to_public_key_pem(LineEnding::LF)
            .map_err(|_| KeyError::Public)?,
        key_id: key_id(&public),
    })
}

/// Reads a private key: PKCS#8 in PEM, or the 32 bytes of the seed in hexadecimal or Base64.
///
/// # Errors
/// [`KeyError::Private`] if it is none.
pub fn read_signing_key(text: &str) -> Result<SigningKey, KeyError> {
    let text = text.trim();
    if text.starts_with("-----") {
        return SigningKey::from_pkcs8_pem(text).map_err(|_| KeyError::Private);
    }
    bytes(text)
        .map(|seed| SigningKey::from_bytes(&seed))
        .ok_or(KeyError::Private)
}

/// Reads a public key: PEM, or its 32 bytes in hexadecimal or Base64.
///
/// # Errors
/// [`KeyError::Public`] if it is none.
pub fn read_public_key(text: &str) -> Result<VerifyingKey, KeyError> {
    let text = text.trim();
    if text.starts_with("-----") {
        return VerifyingKey::from_public_key_pem(text).map_err(|_| KeyError::Public);
    }
    let bytes = bytes(text).ok_or(KeyError::Public)?;
    VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Public)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    let bytes = from_hexadecimal(text).filter(|bytes| bytes.len() == 32);
    bytes.or_else(|| decoded(text))?.try_into().ok()
}

/// How signatures name a key: SHA-256 of its 32 bytes.
pub(super) fn key_id(key: &VerifyingKey) -> String {
    sha256_of(key.as_bytes())
}
