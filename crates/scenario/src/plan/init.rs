//! What a first scenario and a first plan may look like.

/// A commented scenario to start from. It fits the demo service (`plimsoll target`).
pub const INIT_SCENARIO: &str = include_str!("init/shop.yaml");

/// A commented readiness plan to start from. It names [`INIT_SCENARIO`] as `shop.yaml`.
pub const INIT_PLAN: &str = include_str!("init/readiness.yaml");
