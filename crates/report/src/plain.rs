//! Text from elsewhere, made safe to print.
//!
//! Names, messages and bodies come from files and from the system under test. Before any of it
//! reaches a terminal or a page, every character that could move the cursor, change a colour or
//! reorder what is read is replaced by its escape.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

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

/// `run` with every text [`plain`], whichever field it stands in: a copy only where some text is not.
///
/// The texts are replaced on the way through JSON as bytes: a tree of values would take several times the memory
/// of the run itself.
pub(crate) fn plain_run(run: &Run) -> serde_json::Result<Cow<'_, Run>> {
    let mut unread = Serializer::with_formatter(io::sink(), OnlyPlain);
    if run.serialize(&mut unread).is_ok() {
        return Ok(Cow::Borrowed(run));
    }
    let mut bytes = Vec::new();
    run.serialize(&mut Serializer::with_formatter(&mut bytes, Plain))?;
    serde_json::from_slice(&bytes).map(Cow::Owned)
}

/// Writes JSON up to the first text that is not [`plain`].
struct OnlyPlain;

impl Formatter for OnlyPlain {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        match fragment.contains(is_unsafe) {
            true => Err(io::ErrorKind::InvalidData.into()),
            false => out.write_all(fragment.as_bytes()),
        }
    }

    fn write_char_escape<W>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        match escape {
            CharEscape::Quote | CharEscape::ReverseSolidus | CharEscape::Solidus => {
                CompactFormatter.write_char_escape(out, escape)
            }
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Writes JSON in which every text, names of fields included, is [`plain`].
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        if fragment.contains(is_unsafe) {
            write_plain(out, fragment)
        } else {
            out.write_all(fragment.as_bytes())
        }
    }

    fn write_char_escape<W>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let control = match escape {
            CharEscape::Quote | CharEscape::ReverseSolidus | CharEscape::Solidus => {
                return CompactFormatter.write_char_escape(out, escape);
            }
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        };
        write_plain(out, control.encode_utf8(&mut [0; 4]))
    }
}

/// Writes `text`, which holds no backslash, inside a string of JSON.
fn write_plain(out: &mut (impl io::Write + ?Sized), text: &str) -> io::Result<()> {
    out.write_all(plain(text).replace('\\', "\\\\").as_bytes())
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

    #[test]
    fn every_text_of_a_run_is_made_plain_and_nothing_else_is_changed() {
        let mut run = crate::fixture::healthy();
        assert!(matches!(plain_run(&run).unwrap(), Cow::Borrowed(same) if *same == run));
        // Each kind of escape that JSON has, what it has none for, and what must stay.
        let hostile = "\u{0}\u{8}\u{c}\n\r\t\u{1b}\u{7f}\u{9b}\u{202e}\u{feff}\"\\/ naïve 日本";
        run.name = hostile.to_owned();
        run.tests[0].errors.insert(hostile.to_owned(), 7);
        let clean = plain_run(&run).unwrap().into_owned();
        assert_eq!(clean.name, plain(hostile));
        assert_eq!(clean.tests[0].errors.get(&plain(hostile)), Some(&7));
        assert_eq!(*plain_run(&clean).unwrap(), clean, "once is enough");
        run.name.clone_from(&clean.name);
        run.tests[0].errors = clean.tests[0].errors.clone();
        assert_eq!(clean, run, "nothing else");
    }
}
