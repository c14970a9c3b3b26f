//! Cutting texts to a size.

/// The greatest place in `text` at or before `at` that does not split a character.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The start of a text, with an ellipsis where it is cut.
pub(crate) fn head(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}…", &text[..boundary(text, most)])
}

/// The last lines of a text, in at most so many bytes.
pub(crate) fn tail(text: &str, lines: usize, most: usize) -> &str {
    let start = text.rmatch_indices('\n').nth(lines.saturating_sub(1));
    let text = start.map_or(text, |(at, _)| &text[at + 1..]);
    let mut from = text.len().saturating_sub(most);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_never_split() {
        assert_eq!(head("äöü", 3), "ä…");
        assert_eq!(tail("äöü", 9, 3), "ü");
        assert_eq!(tail("one\ntwo\nthree", 2, 100), "two\nthree");
        assert_eq!(tail("one", 2, 100), "one");
    }
}
