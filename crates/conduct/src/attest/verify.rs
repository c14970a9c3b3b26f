//! Whether a bundle is what its attestation says.

use super::dsse::{Envelope, PAYLOAD_TYPE, decoded, pae};
use super::key::key_id;
use super::statement::{PREDICATE_TYPE, STATEMENT_TYPE};
use crate::digest::sha256_of_file;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;
use std::path::{Component, Path};

/// What verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Whether it is in a signed envelope.
    pub signed: bool,
    /// The key that was given and that signed it, by its id.
    pub signed_by: Option<String>,
    /// `PASSED`, `WARNED` or `FAILED`, as the statement says.
    pub result: Option<String>,
    /// The files whose digests are right.
    pub files: Vec<String>,
    /// What is wrong, in sentences. Empty: all of it holds.
    pub problems: Vec<String>,
}

impl Verification {
    /// Whether nothing is wrong. Without a key this says nothing of who made it: see `signed_by`.
    pub fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Verifies an attestation, signed or not, and the files of its bundle. With a key, the signature has to
/// be this key's.
pub fn verify(attestation: &str, folder: &Path, key: Option<&VerifyingKey>) -> Verification {
    let mut found = Verification::default();
    match open(attestation, key, &mut found) {
        Ok(statement) => {
            let result = statement["predicate"]["result"].as_str();
            found.result = result.map(str::to_owned);
            check_files(&statement, folder, &mut found);
        }
        Err(problem) => found.problems.push(problem),
    }
    found
}

/// The statement. With a key, nothing of the payload is looked at before its signature was verified.
fn open(text: &str, key: Option<&VerifyingKey>, found: &mut Verification) -> Result<Value, String> {
    let damaged = "the attestation is damaged, or none; take it from the bundle again";
    let json: Value = serde_json::from_str(text).map_err(|error| format!("{damaged} ({error})"))?;
    let statement = if json.get("payload").is_some() {
        let envelope: Envelope =
            serde_json::from_value(json).map_err(|error| format!("{damaged} ({error})"))?;
        found.signed = true;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(format!(
                "it signs `{}` and no in-toto statement",
                envelope.payload_type
            ));
        }
        let payload = decoded(&envelope.payload).ok_or(damaged)?;
        if let Some(key) = key {
            let message = pae(&envelope.payload_type, &payload);
            let is_good = |signature: &super::Signature| {
                let signature =
                    decoded(&signature.sig).and_then(|sig| Signature::from_slice(&sig).ok());
                // Strict: no signature passes with a weak key, and none has two forms.
                signature.is_some_and(|signature| key.verify_strict(&message, &signature).is_ok())
            };
            if !envelope.signatures.iter().any(is_good) {
                return Err(
                    "it is not signed with this key: it was changed, or the key is another's"
                        .to_owned(),
                );
            }
            found.signed_by = Some(key_id(key));
        }
        serde_json::from_slice(&payload).map_err(|error| format!("{damaged} ({error})"))?
    } else {
        if key.is_some() {
            return Err("it is not signed; sign it, or verify it without a key".to_owned());
        }
        json
    };
    if statement["_type"] != STATEMENT_TYPE || statement["predicateType"] != PREDICATE_TYPE {
        return Err("it is no in-toto statement of a test result".to_owned());
    }
    Ok(statement)
}

fn check_files(statement: &Value, folder: &Path, found: &mut Verification) {
    // Components are subjects too, and are not in the bundle.
    let is_of_bundle = |subject: &&Value| subject["annotations"]["role"] == "bundle";
    let subjects = statement["subject"].as_array();
    for subject in subjects.into_iter().flatten().filter(is_of_bundle) {
        let (Some(name), Some(expected)) = (
            subject["name"].as_str(),
            subject["digest"]["sha256"].as_str(),
        ) else {
            continue;
        };
        let path = Path::new(name);
        if !path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            found
                .problems
                .push(format!("`{name}` does not lie in the bundle"));
            continue;
        }
        match sha256_of_file(&folder.join(path)) {
            Ok(sha256) if sha256.eq_ignore_ascii_case(expected) => {
                found.files.push(name.to_owned())
            }
            Ok(_) => found
                .problems
                .push(format!("`{name}` was changed after it was attested")),
            Err(error) => found
                .problems
                .push(format!("`{name}` cannot be read ({error})")),
        }
    }
    if !found.files.iter().any(|name| name == "run.json") && found.problems.is_empty() {
        found.problems.push(
            "it does not attest `run.json`, so that it says nothing of this bundle".to_owned(),
        );
    }
}
