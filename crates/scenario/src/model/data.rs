//! Data feeds and identities of users.

use crate::template::Row;
use http::HeaderName;

/// A data feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name in templates.
    pub name: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Rows; never empty.
    pub rows: Vec<Row>,
    /// In which order rows are handed out.
    pub take: Take,
}

/// In which order a feed's rows are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Take {
    /// Each row once; then journeys that need one are dropped, and the run says so.
    Once,
    /// From the first again after the last.
    #[default]
    Cycle,
    /// At random, from the run's seed.
    Random,
}

/// Persistent clients.
#[derive(Debug, Clone)]
pub struct Clients {
    /// How many identities there are.
    pub population: u64,
    /// The header that carries the identity, if any.
    pub id_header: Option<HeaderName>,
}
