//! Memory that is taken and never given back.

use crate::behaviour::{Behaviour, Size};

/// Taken from the system in pieces this large, touched bit by bit. Allocators map pieces of this size on their own, and
/// give them back to the system when they are dropped.
const PIECE: u64 = 64 << 20;

/// What has been left behind so far.
#[derive(Debug)]
pub(crate) struct Leak {
    each: u64,
    limit: u64,
    taken: u64,
    pieces: Vec<Vec<u8>>,
    used_of_last: usize,
}

impl Leak {
    pub(crate) fn new(each: Size, limit: Option<Size>) -> Self {
        Self {
            each: each.bytes(),
            limit: limit.unwrap_or(Behaviour::USUAL_LEAK_LIMIT).bytes(),
            taken: 0,
            pieces: Vec::new(),
            used_of_last: 0,
        }
    }

    /// Leaves behind what one request does.
    pub(crate) fn drip(&mut self) {
        let mut left = self.each.min(self.limit - self.taken);
        while left > 0 {
            let room = self.pieces.last().map_or(0, Vec::len) - self.used_of_last;
            if room == 0 {
                self.pieces
                    .push(vec![0; (self.limit - self.taken).min(PIECE) as usize]);
                self.used_of_last = 0;
                continue;
            }
            let length = left.min(room as u64);
            let from = self.used_of_last;
            let to = from + length as usize;
            if let Some(bytes) = self
                .pieces
                .last_mut()
                .and_then(|piece| piece.get_mut(from..to))
            {
                // Only what is written to takes memory.
                bytes.fill(1);
            }
            self.used_of_last = to;
            self.taken += length;
            left -= length;
        }
    }

    #[cfg(test)]
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_by_each_up_to_the_limit_and_no_further() {
        let mut leak = Leak::new(Size::from_bytes(30_000), Some(Size::from_bytes(100_000)));
        let taken: Vec<u64> = (0..5)
            .map(|_| {
                leak.drip();
                leak.taken()
            })
            .collect();
        assert_eq!(taken, [30_000, 60_000, 90_000, 100_000, 100_000]);
        let touched = leak.pieces.iter().flatten().filter(|byte| **byte == 1);
        assert_eq!(touched.count(), 100_000);
        assert!(leak.pieces.iter().all(|piece| piece.len() <= 100_000));
    }

    #[test]
    fn one_request_may_need_several_pieces() {
        let mut leak = Leak::new(
            Size::from_bytes(PIECE + 1),
            Some(Size::from_bytes(PIECE + 5)),
        );
        leak.drip();
        assert_eq!((leak.taken(), leak.pieces.len()), (PIECE + 1, 2));
    }
}
