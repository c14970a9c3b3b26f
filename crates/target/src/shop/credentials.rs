//! Tokens that prove themselves, so that the service remembers nobody: `USER-IN-HEX.PROOF`.
//!
//! The proof is a plain hash: it tells a token of this service from a made-up one, and protects nothing.

use crate::random::hash;
use std::fmt::Write;

/// The most characters of a user's name that a token carries.
const LONGEST_NAME: usize = 64;

/// Issues and reads tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credentials {
    seed: u64,
}

impl Credentials {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A token for a user.
    pub(crate) fn issue(&self, user: &str) -> String {
        let name: String = user.chars().take(LONGEST_NAME).collect();
        let mut token = String::with_capacity(name.len() * 2 + 17);
        for byte in name.bytes() {
            // Writing to a string cannot fail.
            let _ = write!(token, "{byte:02x}");
        }
        let _ = write!(token, ".{:016x}", hash(self.seed, name.as_bytes()));
        token
    }

    /// Whose token it is; `None` if it is none of this service's.
    pub(crate) fn user(&self, token: &str) -> Option<String> {
        let (name, _) = token.split_once('.')?;
        let bytes = name.as_bytes().chunks(2).map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        });
        let user = String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()?;
        (self.issue(&user) == token).then_some(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn made_up_tokens_are_nobodys() {
        let credentials = Credentials::new(1);
        let token = credentials.issue("ann");
        assert_eq!(credentials.user(&token).as_deref(), Some("ann"));
        assert_eq!(Credentials::new(2).user(&token), None);
        for wrong in ["", ".", "zz.0", "616e6e.0000000000000000", "616e6e", "x"] {
            assert_eq!(credentials.user(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_token_tells_its_user(user in "\\PC{0,16}") {
            let credentials = Credentials::new(7);
            prop_assert_eq!(credentials.user(&credentials.issue(&user)), Some(user));
        }
    }
}
