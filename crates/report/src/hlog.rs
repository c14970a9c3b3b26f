//! `intervals.hlog`: every second of every series, as an HdrHistogram interval log.
//!
//! The format is version 1.3 of the HdrHistogram log with V2 histograms in zlib streams, which the
//! public HdrHistogram tools read (<https://github.com/HdrHistogram/HdrHistogram>). A line is
//! about the requests *intended* in its second. Requests end later than they are intended, so there
//! may be several lines for one second and tag: they are parts, and adding them gives the whole.

mod counts;
mod stored;

use std::io;
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::serialization::V2Serializer;
use hdrhistogram::serialization::interval_log::IntervalLogWriterBuilder;
use jiff::Timestamp;
use plimsoll_measure::Histogram;
use stored::Stored;

/// Writes an interval log as a run goes on.
pub struct HlogWriter<W> {
    out: W,
    stored: Stored,
    text: String,
}

impl<W: io::Write> HlogWriter<W> {
    /// Starts a log: its header says when second 0 began.
    ///
    /// # Errors
    ///
    /// Whatever `out` answers; an error of kind `Other` if this machine's clock cannot hold the time.
    pub fn begin(mut out: W, started_at: Timestamp) -> io::Result<Self> {
        let start = SystemTime::try_from(started_at).map_err(io::Error::other)?;
        IntervalLogWriterBuilder::new()
            .add_comment("[Histogram log format version 1.3]")
            .add_comment("Response times of successes in ns, by the second they were intended in.")
            .add_comment("Lines with the same start and tag are parts of one interval: add them.")
            .with_start_time(start)
            .with_base_time(start)
            .begin_log_with(&mut out, &mut V2Serializer::new())?;
        Ok(Self {
            out,
            stored: Stored::default(),
            text: String::new(),
        })
    }

    /// Writes what was counted for the second that starts `second` seconds into the run. An empty
    /// histogram writes nothing.
    ///
    /// # Errors
    ///
    /// Whatever the writer answers.
    pub fn write(&mut self, second: u64, tag: &str, histogram: &Histogram) -> io::Result<()> {
        let Some(largest) = histogram.quantile(1, 1) else {
            return Ok(());
        };
        let tag = escaped(tag, &['%', '/']);
        self.text.clear();
        BASE64_STANDARD.encode_string(self.stored.encode(histogram), &mut self.text);
        writeln!(
            self.out,
            "Tag={tag},{second}.000,1.000,{largest}.000,{}",
            self.text
        )
    }

    /// Flushes the writer.
    ///
    /// # Errors
    ///
    /// Whatever the writer answers.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// The tag of a series: its names joined by `/`, as in `book/checkout`. What a tag may not hold, and
/// a `/` inside a name, is percent-encoded (RFC 3986, §2.1), so that two series never share one.
pub fn tag<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| escaped(name, &[])).collect();
    names.join("/")
}

/// `text` with everything percent-encoded that a tag may not hold, and `%` and `/` unless they are
/// in `kept`.
fn escaped(text: &str, kept: &[char]) -> String {
    let mut clean = String::with_capacity(text.len());
    for one in text.chars() {
        let special = one.is_whitespace() || one.is_control() || matches!(one, ',' | '%' | '/');
        if special && !kept.contains(&one) {
            let mut bytes = [0; 4];
            for byte in one.encode_utf8(&mut bytes).bytes() {
                clean.push_str(&format!("%{byte:02X}"));
            }
        } else {
            clean.push(one);
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry, Tag};
    use std::time::Duration;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|ns| histogram.record(*ns));
        histogram
    }

    fn log() -> Vec<u8> {
        let started_at = "2026-11-18T14:00:00.25Z".parse().unwrap();
        let mut log = HlogWriter::begin(Vec::new(), started_at).unwrap();
        let checkout = tag(["book", "check, out"]);
        log.write(0, &checkout, &of(&[1_000_000, 2_000_000]))
            .unwrap();
        log.write(1, "search", &of(&[])).unwrap();
        log.write(0, &checkout, &of(&[3_000_000])).unwrap();
        log.write(7, "raw, tag", &of(&[40_000_000_000])).unwrap();
        log.into_inner()
    }

    #[test]
    fn the_log_reads_back_and_parts_of_a_second_add_up() {
        let log = log();
        let (mut start, mut base, mut lines) = (None, None, Vec::new());
        for entry in IntervalLogIterator::new(&log) {
            match entry.unwrap() {
                LogEntry::StartTime(at) => start = Some(at),
                LogEntry::BaseTime(at) => base = Some(at),
                LogEntry::Interval(line) => {
                    let bytes = base64(line.encoded_histogram());
                    let histogram: hdrhistogram::Histogram<u64> =
                        Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
                    assert_eq!(line.duration(), Duration::from_secs(1));
                    let tag = line.tag().unwrap().as_str().to_owned();
                    lines.push((line.start_timestamp().as_secs(), tag, histogram));
                }
            }
        }
        assert_eq!(start, Some(Duration::from_millis(1_795_010_400_250)));
        assert_eq!(base, start);
        let heads: Vec<_> = lines
            .iter()
            .map(|(at, tag, _)| (*at, tag.as_str()))
            .collect();
        assert_eq!(
            heads,
            [
                (0, "book/check%2C%20out"),
                (0, "book/check%2C%20out"),
                (7, "raw%2C%20tag"),
            ]
        );
        let mut whole = hdrhistogram::Histogram::<u64>::new(3).unwrap();
        whole.add(&lines[0].2).unwrap();
        whole.add(&lines[1].2).unwrap();
        let mut expected = hdrhistogram::Histogram::<u64>::new(3).unwrap();
        for ns in [1_000_000, 2_000_000, 3_000_000] {
            expected.record(ns).unwrap();
        }
        assert_eq!(whole, expected);
        assert_eq!(lines[2].2.len(), 1);
    }

    #[test]
    fn tags_tell_series_apart() {
        assert_eq!(tag(["book", "checkout"]), "book/checkout");
        assert_ne!(tag(["a/b", "c"]), tag(["a", "b/c"]));
        assert_ne!(tag(["a b"]), tag(["a%20b"]));
        for hostile in ["a\nb", "a\u{2028}b", "a\u{a0}b", "\u{1b}[31m"] {
            let tag = tag([hostile]);
            assert!(Tag::new(&tag).is_some());
            assert!(tag.is_ascii(), "{tag}");
        }
    }

    fn base64(text: &str) -> Vec<u8> {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut bytes = Vec::new();
        let (mut bits, mut held) = (0_u32, 0);
        for one in text.bytes().filter(|one| *one != b'=') {
            let six = ALPHABET.iter().position(|known| *known == one).unwrap();
            bits = bits << 6 | u32::try_from(six).unwrap();
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held & 0xff) as u8);
            }
        }
        bytes
    }
}
