//! The same JSON in every content coding that clients should understand.

mod stored;

use super::flights;
use super::reply::{self, Reply};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::header::CONTENT_ENCODING;
use http::{HeaderValue, StatusCode};
use std::cell::OnceCell;
use std::io::{self, Write};

/// A content coding.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Encoding {
    Gzip,
    /// zlib, as RFC 9110, section 8.4.1.2, has it: not a bare deflate stream.
    Deflate,
    Brotli,
    Zstd,
}

/// One document, encoded when it is first asked for.
#[derive(Debug)]
pub(crate) struct Compressed {
    plain: Vec<u8>,
    ready: [OnceCell<Bytes>; 4],
}

impl Compressed {
    pub(crate) fn new(seed: u64) -> Self {
        let places = ["ROM", "LIS", "OSL", "ATH", "DUB"];
        let searches: Vec<_> = places
            .iter()
            .map(|to| flights::between(seed, "AMS", to))
            .collect();
        // What cannot fail to be JSON leaves nothing behind if it does.
        let plain = serde_json::to_vec(&searches).unwrap_or_default();
        Self {
            plain,
            ready: Default::default(),
        }
    }

    pub(crate) fn reply(&self, encoding: Encoding) -> Reply {
        let Some(ready) = self.ready.get(encoding as usize) else {
            return reply::empty(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let bytes = match ready.get() {
            Some(bytes) => bytes.clone(),
            None => match compress(encoding, &self.plain) {
                Ok(bytes) => ready.get_or_init(|| bytes.into()).clone(),
                Err(error) => {
                    return reply::problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
                }
            },
        };
        let name = match encoding {
            Encoding::Gzip => "gzip",
            Encoding::Deflate => "deflate",
            Encoding::Brotli => "br",
            Encoding::Zstd => "zstd",
        };
        let mut reply = reply::prepared(StatusCode::OK, bytes);
        reply
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        reply
    }
}

fn compress(encoding: Encoding, plain: &[u8]) -> io::Result<Vec<u8>> {
    match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain)?;
            encoder.finish()
        }
        Encoding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain)?;
            encoder.finish()
        }
        Encoding::Brotli => Ok(stored::brotli(plain)),
        Encoding::Zstd => Ok(stored::zstd(plain)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn read(mut reader: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).expect("valid");
        bytes
    }

    #[test]
    fn every_coding_decodes_to_the_same_document() {
        let plain = Compressed::new(3).plain;
        assert!(plain.len() > 1_000);
        let packed = |encoding| compress(encoding, &plain).expect("compressed");
        assert!(packed(Encoding::Gzip).len() < plain.len());
        assert_eq!(
            read(flate2::read::GzDecoder::new(&packed(Encoding::Gzip)[..])),
            plain
        );
        assert_eq!(
            read(flate2::read::ZlibDecoder::new(
                &packed(Encoding::Deflate)[..]
            )),
            plain
        );
        assert_eq!(
            read(brotli::Decompressor::new(
                &packed(Encoding::Brotli)[..],
                4096
            )),
            plain
        );
        assert_eq!(
            zstd::decode_all(&packed(Encoding::Zstd)[..]).expect("valid"),
            plain
        );
    }
}
