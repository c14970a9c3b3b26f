//! Says what was tested and how that went, in a form that other programs believe: an in-toto Statement
//! with a test result, in a signed envelope if there is a key.
//!
//! Sources: in-toto Attestation Framework v1 (Statement), its predicate `test-result` v0.1, and DSSE v1.
//!
//! # Verification
//! [`verify`] takes the signature and compares the digest of every file of the bundle that the statement
//! names among its subjects. `attestation.json` itself is none of them.

mod dsse;
mod key;
mod statement;
mod verify;

pub use dsse::{Envelope, PAYLOAD_TYPE, Signature, pae, sign};
pub use key::{KeyError, KeyPair, keygen, read_public_key, read_signing_key};
pub use statement::{About, FileDigest, PREDICATE_TYPE, STATEMENT_TYPE, digests, statement};
pub use verify::{Verification, verify};

pub use ed25519_dalek::{SigningKey, VerifyingKey};

#[cfg(test)]
mod tests;
