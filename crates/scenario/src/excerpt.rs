//! Short excerpts of texts, for messages.

use std::borrow::Cow;

/// Longest excerpt, in characters.
const LONGEST: usize = 80;

/// The text if it is short, its beginning and `…` otherwise; on one line, without control characters.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    let long = text.chars().nth(LONGEST).is_some();
    if !long && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut excerpt: String = text
        .chars()
        .take(LONGEST)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    if long {
        excerpt.push('…');
    }
    Cow::Owned(excerpt)
}
