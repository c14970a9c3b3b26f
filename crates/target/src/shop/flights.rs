//! Flights that follow from the search alone.

use crate::random::{hash, splitmix};
use serde::Serialize;

/// The answer to a search.
#[derive(Debug, Serialize)]
pub(crate) struct Flights<'a> {
    flights: Vec<Flight<'a>>,
}

#[derive(Debug, Serialize)]
struct Flight<'a> {
    id: String,
    from: &'a str,
    to: &'a str,
    price: f64,
    seats: u64,
}

/// The 3 to 10 flights between two places: always the same ones.
pub(crate) fn between<'a>(seed: u64, from: &'a str, to: &'a str) -> Flights<'a> {
    let route = hash(hash(seed, from.as_bytes()), to.as_bytes());
    let flight = |index: u64| {
        let drawn = splitmix(route, index);
        Flight {
            id: format!("F{:08X}", drawn >> 32),
            from,
            to,
            price: (2_900 + drawn % 60_000) as f64 / 100.0,
            seats: 1 + (drawn >> 20) % 180,
        }
    };
    Flights {
        flights: (0..3 + route % 8).map(flight).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_one_answer() {
        let json = |from, to| serde_json::to_string(&between(1, from, to)).expect("json");
        assert_eq!(json("AMS", "ROM"), json("AMS", "ROM"));
        assert_ne!(json("AMS", "ROM"), json("ROM", "AMS"));
    }

    #[test]
    fn there_are_three_to_ten_of_them() {
        let lengths: std::collections::BTreeSet<usize> = (0..500)
            .map(|seed| between(seed, "AMS", "ROM").flights.len())
            .collect();
        assert_eq!(lengths, (3..=10).collect());
    }
}
