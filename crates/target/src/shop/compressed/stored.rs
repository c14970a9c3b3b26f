//! Brotli and Zstandard without compressing: streams of stored blocks, which every decoder reads. Two compressors
//! for one document of the demo service would be a megabyte of the program.

/// The largest stored block of either.
const BLOCK: usize = 64 * 1024;

/// A Brotli stream of uncompressed meta-blocks.
///
/// Source: RFC 7932, sections 9.1 and 9.2.
pub(super) fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, block) in plain.chunks(BLOCK).enumerate() {
        // Bits from the lowest: only in front of all the window of 64 KiB (0); not the last (0), a length of four
        // nibbles (00), the length less 1, uncompressed (1).
        let header = ((block.len() - 1) as u32) << 3 | 1 << 19;
        let header = if number == 0 { header << 1 } else { header };
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    // The last, and empty. In front of it the window, where nothing has said it.
    out.push(if plain.is_empty() { 0b110 } else { 0b11 });
    out
}

/// A Zstandard frame of raw blocks.
///
/// Source: RFC 8878, section 3.1.1.
pub(super) fn zstd(plain: &[u8]) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd];
    // The size of the content in eight bytes, one segment.
    out.push(0b1110_0000);
    out.extend_from_slice(&(plain.len() as u64).to_le_bytes());
    let last = plain.len().div_ceil(BLOCK).max(1) - 1;
    for number in 0..=last {
        let rest = &plain[number * BLOCK..];
        let block = &rest[..rest.len().min(BLOCK)];
        let header = (block.len() as u32) << 3 | u32::from(number == last);
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn streams_of_every_length_are_read_back() {
        for length in [
            0,
            1,
            255,
            256,
            257,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            3 * BLOCK + 7,
        ] {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let mut read = Vec::new();
            let stream = brotli(&plain);
            ::brotli::Decompressor::new(&stream[..], 4096)
                .read_to_end(&mut read)
                .expect("valid");
            assert_eq!(read, plain, "brotli, {length}");
            let read = ::zstd::decode_all(&zstd(&plain)[..]).expect("valid");
            assert_eq!(read, plain, "zstd, {length}");
        }
    }
}
