//! Text from elsewhere, made safe to print.
//!
//! Names, messages and bodies come from files and from the system under test. Before any of it
//! reaches a terminal or a page, every character that could move the cursor, change a colour or
//! reorder what is read is replaced by its escape.

use std::fmt::Write as _;

use serde_json::Value;

use crate::document::Run;

/// `text` with every control, line-separating and direction-changing character escaped.
pub(crate) fn plain(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            one if is_unsafe(one) => {
                // Writing to a string cannot fail.
                let _ = write!(clean, "\\u{{{:x}}}", u32::from(one));
            }
            one => clean.push(one),
        }
    }
    clean
}

/// The start of `text`: at most `limit` characters, with `…` for the rest.
pub(crate) fn start_of(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// Control characters; zero-width and directional marks (Unicode UAX #9), and separators that
/// some programs take for line ends.
fn is_unsafe(one: char) -> bool {
    one.is_control()
        || matches!(one,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A copy of `run` in which every text is [`plain`], whichever field it stands in.
pub(crate) fn plain_run(run: &Run) -> serde_json::Result<Run> {
    let mut value = serde_json::to_value(run)?;
    clean(&mut value);
    serde_json::from_value(value)
}

fn clean(value: &mut Value) {
    match value {
        Value::String(text) => *text = plain(text),
        Value::Array(list) => list.iter_mut().for_each(clean),
        Value::Object(map) => {
            *map = std::mem::take(map)
                .into_iter()
                .map(|(key, mut value)| {
                    clean(&mut value);
                    (plain(&key), value)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        assert_eq!(
            plain("a\u{1b}[31mb\nc\u{202e}d\u{9b}"),
            "a\\u{1b}[31mb\\nc\\u{202e}d\\u{9b}"
        );
        assert_eq!(plain("naïve — ok 日本"), "naïve — ok 日本");
    }

    #[test]
    fn the_start_of_a_text_is_cut_between_characters() {
        assert_eq!(start_of("日本語", 2), "日本…");
        assert_eq!(start_of("日本", 2), "日本");
    }
}
