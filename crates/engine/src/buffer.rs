//! Memory for responses. A connection has some only while it has part of a response, so that an idle
//! one, or one that waits, costs next to nothing; and no response makes anybody ask the allocator.

use std::cell::RefCell;
use std::rc::Rc;

/// What most responses fit in.
const SIZE: usize = 16 * 1024;
/// A larger buffer than this is given back to the system.
const KEPT_SIZE: usize = 64 * 1024;
/// How many a thread keeps.
const KEPT: usize = 64;

/// A thread's buffers that are not in use.
#[derive(Debug, Default)]
pub(crate) struct Buffers(RefCell<Vec<Vec<u8>>>);

impl Buffers {
    /// One to fill.
    pub(crate) fn take(self: &Rc<Self>) -> Buffer {
        let bytes = self.0.borrow_mut().pop();
        Buffer {
            bytes: bytes.unwrap_or_else(|| vec![0; SIZE]),
            filled: 0,
            owner: self.clone(),
        }
    }
}

/// Bytes that were received, and room for more. Goes back to its thread when dropped.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// All of it is initialised, so that reading into it needs no unsafe code and no zeroing.
    bytes: Vec<u8>,
    filled: usize,
    owner: Rc<Buffers>,
}

impl Buffer {
    /// What was received.
    pub(crate) fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// The same, to be rearranged.
    pub(crate) fn filled_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.filled]
    }

    /// How much was received.
    pub(crate) fn len(&self) -> usize {
        self.filled
    }

    /// Room for at least `wanted` bytes.
    pub(crate) fn room(&mut self, wanted: usize) -> &mut [u8] {
        let size = self.filled + wanted;
        if self.bytes.len() < size {
            self.bytes.resize(size.next_multiple_of(SIZE), 0);
        }
        &mut self.bytes[self.filled..]
    }

    /// Counts bytes that were written to its room.
    pub(crate) fn extend(&mut self, bytes: usize) {
        self.filled = (self.filled + bytes).min(self.bytes.len());
    }

    /// Forgets everything after the first `bytes`.
    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.filled = self.filled.min(bytes);
    }

    /// Forgets the first `bytes`.
    pub(crate) fn forget(&mut self, bytes: usize) {
        self.bytes.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut free = self.owner.0.borrow_mut();
        if free.len() < KEPT && self.bytes.len() <= KEPT_SIZE {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_used_again_unless_they_have_grown_large() {
        let buffers = Rc::new(Buffers::default());
        let mut small = buffers.take();
        small.room(10)[..3].copy_from_slice(b"abc");
        small.extend(3);
        assert_eq!(small.filled(), b"abc");
        small.forget(1);
        assert_eq!((small.filled(), small.len()), (&b"bc"[..], 2));
        drop(small);
        assert_eq!(buffers.0.borrow().len(), 1);
        let mut large = buffers.take();
        assert!(large.filled().is_empty(), "nothing of the last response");
        assert!(large.room(1 << 20).len() >= 1 << 20);
        drop(large);
        assert!(buffers.0.borrow().is_empty());
    }
}
