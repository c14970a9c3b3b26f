//! Content encodings, decoded where a body is looked at. Bounded, so that a small response cannot
//! unfold into a large one.

use std::borrow::Cow;
use std::io::{self, Read};

/// Decodes a body by its Content-Encoding headers (RFC 9110 §8.4), the last one applied first.
///
/// # Errors
/// An unknown encoding, data that is not of it, or more than `limit` bytes.
pub(crate) fn decode<'a>(
    headers: impl Iterator<Item = &'a [u8]>,
    body: &'a [u8],
    limit: usize,
) -> Result<Cow<'a, [u8]>, String> {
    let mut encodings = Vec::new();
    for value in headers {
        let text = std::str::from_utf8(value).map_err(|_| "content-encoding is not text")?;
        encodings.extend(text.split(',').map(|name| name.trim().to_ascii_lowercase()));
    }
    encodings.retain(|name| !name.is_empty() && name != "identity");
    let mut decoded = Cow::Borrowed(body);
    if body.is_empty() {
        return Ok(decoded);
    }
    for encoding in encodings.iter().rev() {
        decoded = decode_one(encoding, &decoded, limit)
            .map(Cow::Owned)
            .map_err(|problem| format!("content-encoding {encoding}: {problem}"))?;
    }
    Ok(decoded)
}

fn decode_one(encoding: &str, body: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    match encoding {
        "gzip" | "x-gzip" => read_upto(flate2::read::MultiGzDecoder::new(body), limit),
        // Servers send both the zlib format (as specified) and raw deflate (as misread).
        "deflate" => read_upto(flate2::read::ZlibDecoder::new(body), limit)
            .or_else(|_| read_upto(flate2::read::DeflateDecoder::new(body), limit)),
        "br" => read_upto(brotli::Decompressor::new(body, 4096), limit),
        "zstd" => read_upto(zstd::Decoder::new(body)?, limit),
        _ => Err(io::Error::other("not one of gzip, deflate, br, zstd")),
    }
}

fn read_upto(reader: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut decoded)?;
    if decoded.len() > limit {
        return Err(io::Error::other(format!(
            "decodes to more than {limit} bytes"
        )));
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use std::io::Write;

    const TEXT: &[u8] = b"flights flights flights flights";

    fn encoded(encoding: &str) -> Vec<u8> {
        match encoding {
            "gzip" => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(TEXT).unwrap();
                encoder.finish().unwrap()
            }
            "deflate" => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(TEXT).unwrap();
                encoder.finish().unwrap()
            }
            "raw" => {
                let mut encoder =
                    flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(TEXT).unwrap();
                encoder.finish().unwrap()
            }
            "br" => {
                let mut out = Vec::new();
                let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 4, 20);
                encoder.write_all(TEXT).unwrap();
                drop(encoder);
                out
            }
            _ => zstd::encode_all(TEXT, 1).unwrap(),
        }
    }

    fn decoded(encoding: &str, body: &[u8], limit: usize) -> Result<Vec<u8>, String> {
        let headers = Some(encoding.as_bytes()).into_iter();
        decode(headers, body, limit).map(Cow::into_owned)
    }

    #[test]
    fn every_encoding_is_decoded() {
        for (name, how) in [
            ("gzip", "gzip"),
            ("deflate", "deflate"),
            ("deflate", "raw"),
            ("br", "br"),
            ("zstd", "zstd"),
        ] {
            assert_eq!(decoded(name, &encoded(how), 1000).unwrap(), TEXT, "{how}");
        }
        let plain = decode(std::iter::empty(), TEXT, 1000).unwrap();
        assert!(matches!(plain, Cow::Borrowed(TEXT)), "without a copy");
    }

    #[test]
    fn a_bomb_garbage_and_the_unknown_are_errors() {
        let body = encoded("gzip");
        let bomb = decoded("gzip", &body, 10).unwrap_err();
        assert!(bomb.contains("more than 10 bytes"));
        assert!(decoded("gzip", TEXT, 1000).is_err());
        assert!(decoded("rot13", &body, 1000).unwrap_err().contains("rot13"));
    }
}
