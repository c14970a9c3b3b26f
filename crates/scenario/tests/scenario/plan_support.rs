//! Loading plans from texts.

use plimsoll_scenario::plan::{LoadedPlan, ReadinessPlan};
use plimsoll_scenario::{LoadOptions, MapLoader, Problems};
use std::path::Path;

/// The scenario of every plan.
pub(crate) const SHOP: &str = r#"
name: travel-shop
target: demo
clients: { population: 5000, id_header: x-client-id }
journeys:
  search:
    weight: 70
    steps: [ { name: home, GET: / }, { name: results, GET: "/search?to=ROM" } ]
  book:
    weight: 10
    steps: [ { name: login, POST: /login, json: { user: ada, password: pw } }, { name: checkout, POST: /checkout } ]
  recommend: { weight: 20, steps: [ { name: recommend, GET: /recommend } ] }
  admin: { weight: 0, steps: [ { name: admin, GET: /admin } ] }
"#;

/// What OpenSLO promises of bookings.
pub(crate) const BOOK_SLO: &str = r#"
apiVersion: openslo/v1
kind: Service
metadata: { name: shop, displayName: Travel shop }
spec: { description: the shop }
---
apiVersion: openslo/v1
kind: SLI
metadata: { name: book-latency, annotations: { plimsoll/unit: ms } }
spec: { thresholdMetric: { metricSource: { type: Prometheus, spec: { query: histogram_quantile(…) } } } }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: book-latency }
spec:
  service: shop
  indicatorRef: book-latency
  timeWindow: [ { duration: 4w, isRolling: true } ]
  budgetingMethod: Occurrences
  objectives: [ { displayName: slow bookings, op: lte, value: 2500, target: 0.99 } ]
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: book-errors }
spec:
  service: shop
  indicator:
    metadata: { name: book-errors }
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: Prometheus, spec: { query: good } } }
        total: { metricSource: { type: Prometheus, spec: { query: total } } }
  budgetingMethod: Occurrences
  objectives: [ { targetPercent: 99.5 } ]
"#;

/// Files beside every plan.
pub(crate) fn files() -> MapLoader {
    MapLoader::default()
        .with("travel-shop.yaml", SHOP)
        .with("broken.yaml", "name: t\ntarget: demo\njourneys: { search: { stps: [] } }\n")
        .with(
            "drift.yaml",
            "name: t\ntarget: demo\njourneys: { drift: { steps: [ { GET: / } ] } }\n",
        )
        .with(
            "elsewhere.yaml",
            "name: t\ntarget: https://shop.example\njourneys: { search: { steps: [ { GET: / } ] } }\n",
        )
        .with("slo/book.openslo.yaml", BOOK_SLO)
}

/// Loads a YAML plan.
pub(crate) fn load(text: &str) -> Result<LoadedPlan, Problems> {
    load_as("plan.yaml", text, files())
}

/// Loads a plan of this name among these files.
pub(crate) fn load_as(
    name: &str,
    text: impl Into<Vec<u8>>,
    files: MapLoader,
) -> Result<LoadedPlan, Problems> {
    ReadinessPlan::load(
        Path::new(name),
        &files.with(name, text),
        &LoadOptions::default(),
    )
}

/// A plan that must be valid.
pub(crate) fn valid(text: &str) -> ReadinessPlan {
    load(text)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .plan
}

/// A small plan with these tests, and more at the top.
pub(crate) fn with(tests: &str, rest: &str) -> String {
    format!(
        "name: p\nscenario: travel-shop.yaml\nexpected_load: {{ peak: 100/s, headroom: 50% }}\n\
         tiers: {{ critical: {{ thresholds: \"errors < 1%\" }} }}\n\
         journeys: {{ search: {{}}, book: {{}}, recommend: {{}} }}\n\
         tests:\n  - {{ name: headroom, at: target, hold: 20m }}\n{tests}\n{rest}\n"
    )
}
