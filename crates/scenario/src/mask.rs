//! Hides secrets in everything that is shown or written.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use regex::Regex;
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

/// What stands where a secret was.
const MASK: &str = "***";

/// Headers whose whole value is a credential.
const CREDENTIAL_HEADERS: [&str; 8] = [
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-access-token",
    "x-csrf-token",
    "x-amz-security-token",
    "x-xsrf-token",
];

/// Parts of names that say that a value is a credential.
const CREDENTIAL_WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "authorization",
    "credential",
    "session",
    "apikey",
    "api_key",
    "api-key",
    "cookie",
];

/// Hides secrets. Values shorter than three bytes are not searched for in running text, where
/// they would mask every other word; the header and the field they stand in are masked all the same.
#[derive(Clone, Default)]
pub struct Masker {
    /// Every form of every secret, the longest first.
    needles: Vec<String>,
}

impl fmt::Debug for Masker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Masker({} values)", self.needles.len())
    }
}

impl Masker {
    /// Hides these values, also where they are percent-encoded, in Base64, or escaped for JSON or a shell.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut masker = Self::default();
        for secret in secrets {
            masker.hide(secret);
        }
        masker
    }

    /// Hides one more value.
    pub fn hide(&mut self, secret: &str) {
        self.needles.extend(forms(secret));
        self.needles
            .sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.needles.dedup();
    }

    /// Whether a name says that its value is a credential: `token`, `sessionId`, `api_key`.
    pub fn is_credential(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        CREDENTIAL_WORDS.iter().any(|word| name.contains(word))
            || name
                .split(['-', '_', '.'])
                .any(|part| matches!(part, "key" | "pwd" | "sid" | "auth" | "jwt"))
            || name.ends_with("key")
    }

    /// The text without secrets.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replace(Cow::Borrowed(text), self.needles.iter().map(String::as_str))
    }

    /// The text without secrets and without these values, such as captured tokens.
    pub fn mask_with<'a>(&self, text: &'a str, extra: &[&str]) -> Cow<'a, str> {
        let mut more: Vec<String> = extra.iter().flat_map(|value| forms(value)).collect();
        more.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        replace(self.mask(text), more.iter().map(String::as_str))
    }

    /// A header's value without secrets: credentials wholly, but for the scheme of an
    /// authorization and the names and attributes of cookies.
    pub fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        match name.to_ascii_lowercase().as_str() {
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, _)) => format!("{scheme} {MASK}").into(),
                None => MASK.into(),
            },
            "cookie" => {
                let cookies: Vec<Cow<'_, str>> = value.split(';').map(mask_cookie).collect();
                cookies.join(";").into()
            }
            "set-cookie" => match value.split_once(';') {
                Some((cookie, attributes)) => {
                    format!("{};{}", mask_cookie(cookie), self.mask(attributes)).into()
                }
                None => mask_cookie(value),
            },
            name if CREDENTIAL_HEADERS.contains(&name) || Self::is_credential(name) => MASK.into(),
            _ => self.mask(value),
        }
    }

    /// A JSON, form or other body without secrets, and without the values of fields whose name
    /// says that they are credentials.
    pub fn mask_body<'a>(&self, body: &'a str) -> Cow<'a, str> {
        static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
            // A JSON member with a scalar value, or a form field.
            Regex::new(
                r#"(?x) "(?<name>[^"\\]{1,64})" (?<gap>\s*:\s*) (?<value> "(?:[^"\\]|\\.)*"? | -?[0-9][0-9.eE+-]* )
                | (?<start>^|[&?\n;]) (?<field>[A-Za-z0-9_.\[\]%-]{1,64}) = (?<form>[^&\s;]*)"#,
            )
            .ok()
        });
        let masked = self.mask(body);
        let Some(field) = FIELD.as_ref() else {
            return masked;
        };
        let replaced = field.replace_all(&masked, |found: &regex::Captures<'_>| {
            let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
            if Self::is_credential(part("name")) {
                format!("\"{}\"{}\"{MASK}\"", part("name"), part("gap"))
            } else if Self::is_credential(part("field")) {
                format!("{}{}={MASK}", part("start"), part("field"))
            } else {
                found.get(0).map_or("", |all| all.as_str()).to_owned()
            }
        });
        match replaced {
            Cow::Borrowed(_) => masked,
            Cow::Owned(text) => Cow::Owned(text),
        }
    }
}

fn mask_cookie(cookie: &str) -> Cow<'_, str> {
    match cookie.split_once('=') {
        Some((name, _)) => format!("{name}={MASK}").into(),
        None => MASK.into(),
    }
}

fn replace<'a, 'n>(text: Cow<'a, str>, needles: impl Iterator<Item = &'n str>) -> Cow<'a, str> {
    needles.fold(text, |text, needle| {
        if text.contains(needle) {
            Cow::Owned(text.replace(needle, MASK))
        } else {
            text
        }
    })
}

/// A secret and the ways in which it may be written.
fn forms(secret: &str) -> Vec<String> {
    if secret.len() < 3 {
        return Vec::new();
    }
    let json = serde_json::Value::from(secret).to_string();
    let mut forms = vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        // In single quotes of a shell.
        secret.replace('\'', r"'\''"),
        encoded(
            secret,
            |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte),
            "%20",
        ),
        encoded(
            secret,
            |byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte),
            "+",
        ),
        BASE64_STANDARD.encode(secret),
        BASE64_STANDARD_NO_PAD.encode(secret),
        BASE64_URL_SAFE_NO_PAD.encode(secret),
    ];
    // Among other bytes, as in `user:password`, the groups of Base64 begin elsewhere. The
    // characters that only the secret decides are the same wherever it stands, but for its offset.
    for offset in 0..3 {
        let shifted =
            BASE64_STANDARD_NO_PAD.encode([&b"\0\0"[..offset], secret.as_bytes()].concat());
        let (first, end) = ((offset * 8).div_ceil(6), (offset + secret.len()) * 8 / 6);
        if let Some(inner) = shifted.get(first..end)
            && inner.len() >= 6
        {
            forms.push(inner.replace('+', "-").replace('/', "_"));
            forms.push(inner.to_owned());
        }
    }
    forms.retain(|form| form.len() >= 3);
    forms
}

fn encoded(text: &str, keep: impl Fn(u8) -> bool, space: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push_str(space),
            byte if keep(byte) => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests;
