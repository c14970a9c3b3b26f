//! Heads that were parsed before. A server says much the same to everybody, within a second even the same date,
//! and what the same bytes mean need not be found out again.

use super::head::Head;
use http::Method;

/// How many are remembered: the steps of a journey answer differently, and in turn.
const REMEMBERED: usize = 4;
/// A longer head is hardly ever the same twice.
const LONGEST: usize = 1024;

/// The last few heads of a thread.
#[derive(Debug, Default)]
pub(super) struct KnownHeads {
    heads: [Option<Known>; REMEMBERED],
    /// Which is forgotten next.
    next: usize,
}

#[derive(Debug)]
struct Known {
    /// The method of the request, on which the meaning of a head depends.
    method: Method,
    /// All of the head, the empty line included: whatever begins with these bytes has this head.
    bytes: Vec<u8>,
    head: Head,
}

impl KnownHeads {
    /// The head that `bytes` begin with, if it is one of those.
    pub(super) fn recognise(&self, bytes: &[u8], method: &Method) -> Option<Head> {
        let known = self.heads.iter().flatten();
        known
            .filter(|known| known.method == *method)
            .find(|known| bytes.starts_with(&known.bytes))
            .map(|known| known.head)
    }

    /// Remembers the head that `bytes` begin with.
    pub(super) fn remember(&mut self, bytes: &[u8], method: &Method, head: Head) {
        let Some(bytes) = bytes.get(..head.length).filter(|_| head.length <= LONGEST) else {
            return;
        };
        let slot = &mut self.heads[self.next];
        self.next = (self.next + 1) % REMEMBERED;
        let mut memory = slot.take().map(|known| known.bytes).unwrap_or_default();
        memory.clear();
        memory.extend_from_slice(bytes);
        *slot = Some(Known {
            method: method.clone(),
            bytes: memory,
            head,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::head;
    use super::*;

    #[test]
    fn a_head_is_recognised_by_all_of_its_bytes_and_the_method() {
        let mut known = KnownHeads::default();
        let response = |n: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {n}\r\n\r\nhello");
        let parse = |response: &str| head::parse(response.as_bytes(), &Method::GET).unwrap();
        for n in 0..REMEMBERED {
            let response = response(n);
            let head = parse(&response).unwrap();
            known.remember(response.as_bytes(), &Method::GET, head);
        }
        let recognise = |response: &str, method| known.recognise(response.as_bytes(), method);
        assert_eq!(recognise(&response(2), &Method::GET), parse(&response(2)));
        assert_eq!(recognise(&response(2), &Method::HEAD), None);
        assert_eq!(recognise(&response(22), &Method::GET), None);
        assert_eq!(recognise(&response(2)[..30], &Method::GET), None);
        let newer = response(9);
        known.remember(newer.as_bytes(), &Method::GET, parse(&newer).unwrap());
        assert_eq!(known.recognise(response(0).as_bytes(), &Method::GET), None);
    }
}
