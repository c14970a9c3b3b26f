//! HTTP as far as this crate needs it. Somebody else speaks it.

use std::time::Duration;

/// Longest body that an answer of [`Fetch`] holds, in bytes.
pub const LONGEST_BODY: usize = 1 << 20;

/// Fetches pages.
pub trait Fetch: Send + Sync {
    /// GET of a path of the default target or of a whole URL.
    ///
    /// # Errors
    /// Why there is no answer, in words. An answer with any status is one.
    fn get(&self, url: &str, timeout: Duration) -> Result<Fetched, String>;
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Its status.
    pub status: u16,
    /// Its headers, names as they came.
    pub headers: Vec<(String, String)>,
    /// Its body, or the start of it: at most [`LONGEST_BODY`].
    pub body: Vec<u8>,
}

impl Fetched {
    /// Whether the status is 2xx.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}
