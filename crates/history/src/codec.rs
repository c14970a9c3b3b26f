//! Histograms as bytes: HdrHistogram V2, deflated, as in `intervals.hlog` less the base64.
//!
//! The format is <https://github.com/HdrHistogram/HdrHistogram>'s `encodeIntoCompressedByteBuffer`.
//! Bytes may come from a file that is damaged or made to do harm, so that they are looked through
//! before the decoder sees them: it would believe any length, and negate any number.

use std::io::Read;

use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

/// The largest duration that a histogram may be laid out for: 146 years in nanoseconds.
const LARGEST_NS: u64 = 1 << 62;

/// More than a histogram of three digits can have, inflated.
const LARGEST_PAYLOAD: u64 = 4 << 20;

const COMPRESSED_COOKIE: u32 = 0x1c84_9314;
const HEADER: usize = 40;

/// The bytes of a histogram; `None` if they could not be read again.
pub(crate) fn encode(histogram: &Histogram<u64>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    serializer.serialize(histogram, &mut bytes).ok()?;
    let read = decode(&bytes)?;
    (read.len() == histogram.len()).then_some(bytes)
}

/// The histogram of these bytes; `None` if they are not one.
pub(crate) fn decode(bytes: &[u8]) -> Option<Histogram<u64>> {
    let (cookie, bytes) = number(bytes)?;
    let (length, bytes) = number(bytes)?;
    if cookie != COMPRESSED_COOKIE || length as usize != bytes.len() {
        return None;
    }
    let mut inflated = Vec::new();
    // What is longer is cut off here, and found out by its length.
    let mut decoder = ZlibDecoder::new(bytes).take(LARGEST_PAYLOAD);
    decoder.read_to_end(&mut inflated).ok()?;
    if !is_sound(&inflated) {
        return None;
    }
    Deserializer::new().deserialize(&mut &inflated[..]).ok()
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}

/// Whether the decoder can be given these bytes: cookie, length of the counts, offset, digits,
/// smallest and largest value, ratio; then the counts.
fn is_sound(inflated: &[u8]) -> bool {
    let Some((header, counts)) = inflated.split_at_checked(HEADER) else {
        return false;
    };
    let four = |at: usize| number(&header[at..]).map(|(number, _)| number);
    let highest = header[24..]
        .first_chunk()
        .map(|eight| u64::from_be_bytes(*eight));
    four(4) == u32::try_from(counts.len()).ok()
        && four(12).is_some_and(|digits| digits <= 5)
        && highest.is_some_and(|highest| highest <= LARGEST_NS)
        && can_be_negated(counts)
}

/// Whether no count is the one number that has no negative. Numbers are LEB128 of nine bytes at
/// most, zigzag: the number in question is written as 64 ones.
fn can_be_negated(counts: &[u8]) -> bool {
    let mut rest = counts;
    while let Some(first) = rest.first() {
        let ends = rest.iter().take(8).position(|byte| byte & 0x80 == 0);
        let length = ends.map_or(9, |at| at + 1);
        let written = &rest[..length.min(rest.len())];
        if *first == 0xff && written.len() == 9 && written.iter().all(|byte| *byte == 0xff) {
            return false;
        }
        rest = &rest[written.len()..];
    }
    true
}

#[cfg(test)]
mod tests;
