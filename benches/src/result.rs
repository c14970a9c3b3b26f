//! `run.json`, as far as the benchmarks read it.

use anyhow::Context;
use serde_json::Value;
use std::path::Path;

/// A run's document.
#[derive(Debug)]
pub struct Document(Value);

impl Document {
    /// Reads the document in a result folder.
    ///
    /// # Errors
    /// When there is none, or it is none.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("run.json");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// A count of the ledger of all requests: `intended`, `ok`, `failed` …
    ///
    /// # Errors
    /// When the document has none of this name.
    pub fn total(&self, name: &str) -> anyhow::Result<u64> {
        let total = self.0["totals"][name].as_u64();
        total.with_context(|| format!("run.json has no totals.{name}"))
    }

    /// A figure of the first test, such as `response` and `p50_ns`; `None` where there is no data.
    pub fn figure(&self, metric: &str, figure: &str) -> Option<f64> {
        self.0["tests"][0][metric][figure].as_f64()
    }

    /// Journeys that came to an end per second.
    pub fn achieved_rate(&self) -> Option<f64> {
        self.0["tests"][0]["achieved_rate"].as_f64()
    }

    /// Whether the program was built without optimisation.
    pub fn is_debug_build(&self) -> bool {
        self.0["engine"]["debug_build"] == true
    }
}
