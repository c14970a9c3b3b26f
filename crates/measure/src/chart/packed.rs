//! Counts by bucket, in as few bytes as they need.

/// The buckets that hold something, in order, with their counts. Each takes the gap from the bucket before
/// and its count, seven bits a byte (LEB128): mostly two or three bytes, where a pair takes eight.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Packed(Box<[u8]>);

impl Packed {
    /// Packs counts that are in the order of their buckets, each of which occurs once.
    pub(super) fn new(counts: impl Iterator<Item = (u16, u32)>) -> Self {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (bucket, count) in counts {
            put(&mut bytes, u32::from(bucket - before));
            put(&mut bytes, count);
            before = bucket;
        }
        Self(bytes.into())
    }

    /// The buckets and their counts, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        let mut bytes = self.0.iter().copied();
        let mut before = 0;
        std::iter::from_fn(move || {
            let gap = take(&mut bytes)?;
            // Gaps between buckets are less than the last of them.
            before += gap as u16;
            Some((before, take(&mut bytes)?))
        })
    }

    /// Whether no bucket holds anything.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut impl Iterator<Item = u8>) -> Option<u32> {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes.next()?;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn what_was_packed_comes_out_again(counts: BTreeMap<u16, u32>) {
            let counts: Vec<_> = counts.into_iter().collect();
            let packed = Packed::new(counts.iter().copied());
            prop_assert_eq!(packed.iter().collect::<Vec<_>>(), counts.clone());
            prop_assert_eq!(packed.is_empty(), counts.is_empty());
        }
    }

    #[test]
    fn neighbours_with_few_take_two_bytes() {
        let packed = Packed::new((300..400).map(|bucket| (bucket, 100)));
        assert_eq!(packed.0.len(), 3 + 99 * 2);
    }
}
