//! The smoke test: every journey once, before any load.

use super::document::SMOKE;
use super::items::Items;
use crate::failure::Failure;
use plimsoll_engine::{TracedExchange, try_each_journey};
use plimsoll_measure::Tier;
use plimsoll_report::document::{Item, ItemState};
use plimsoll_scenario::plan::ReadinessPlan;
use plimsoll_scenario::plan::items::smoke_id;
use std::net::SocketAddr;

/// What came of the smoke test.
pub(crate) struct Smoke {
    /// An item a journey.
    pub items: Vec<Item>,
    /// Whether a critical journey failed: then no load is worth its time.
    pub stops_the_run: bool,
}

/// Runs every journey once.
pub(crate) fn run(
    plan: &ReadinessPlan,
    planned: &Items<'_>,
    demo: Option<SocketAddr>,
    seed: u64,
) -> Result<Smoke, Failure> {
    let mut exchanges = Vec::new();
    let passed = try_each_journey(plan.scenario.clone(), demo, seed, |exchange| {
        exchanges.push(exchange);
    })?;
    let journeys = plan.scenario.journeys.iter().zip(passed);
    let items: Vec<_> = journeys
        .filter_map(|(journey, passed)| {
            let promise = plan
                .journeys
                .iter()
                .find(|promise| promise.name == journey.name)?;
            let of = |exchange: &&TracedExchange| exchange.journey == journey.name;
            let requests = exchanges.iter().filter(of).count();
            let advice = (!passed).then(|| {
                "run `plimsoll try` with the scenario to see requests and responses".to_owned()
            });
            let state = if passed {
                ItemState::Pass
            } else {
                ItemState::Fail
            };
            Some(Item {
                n: requests as u64,
                advice,
                test: Some(SMOKE.to_owned()),
                ..planned.stated(
                    &smoke_id(&promise.name),
                    state,
                    reason(exchanges.iter().filter(of), passed, requests),
                )
            })
        })
        .collect();
    let critical = Tier::Critical.name();
    let stops =
        |item: &Item| item.state == ItemState::Fail && item.tier.as_deref() == Some(critical);
    Ok(Smoke {
        stops_the_run: items.iter().any(stops),
        items,
    })
}

fn reason<'e>(
    mut exchanges: impl Iterator<Item = &'e TracedExchange>,
    passed: bool,
    requests: usize,
) -> String {
    if passed {
        return format!("{requests} requests were answered as expected");
    }
    let failed = exchanges.find_map(|exchange| {
        let failure = exchange.failure.as_ref()?;
        Some(format!("the step `{}` failed: {failure}", exchange.step))
    });
    failed.unwrap_or_else(|| "it could not be run to its end".to_owned())
}
