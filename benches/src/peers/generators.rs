//! The programs that send: each is run once and says what it saw. What each prints is read here only.

pub(crate) mod artillery;
pub(crate) mod bare_loop;
pub(crate) mod goose;
pub(crate) mod h2load;
pub(crate) mod hey;
pub(crate) mod oha;
pub(crate) mod plimsoll;
pub(crate) mod wrk;

use anyhow::Context;

/// The number in front of some words in what a program printed.
fn number_before(text: &str, words: &str) -> anyhow::Result<u64> {
    let before = text
        .split(words)
        .next()
        .filter(|before| before.len() < text.len());
    let number = before.and_then(|before| before.split_whitespace().next_back());
    let number = number.and_then(|number| number.trim_start_matches('[').parse().ok());
    number.with_context(|| format!("it printed no number before `{words}`"))
}
