//! How a system grows, and how long it will do.
//!
//! Measured points of load and throughput become a model of two reasons why systems do not grow in
//! proportion ([`fit`]), of what a request costs ([`use_per_request`]) and of when that will not be
//! enough any more ([`months_left`]). A model is good where it was measured: none of it is told far
//! beyond.

mod fit;
mod planning;
mod resources;
mod universal;

pub use fit::{Fit, FitError, fit};
pub use planning::{MonthsLeft, forecast, headroom, instances_for, months_left};
pub use resources::{ResourceUse, ResourceUseError, use_per_request};
pub use universal::{Beyond, Peak, PeakError, Usl};

/// How many requests are in flight on average, from how many end per second and how many seconds each takes
/// on average; whatever the order, the distribution or the number of servers.
///
/// Source: Little, "A proof for the queuing formula: L = λW", Operations Research 9 (1961).
pub fn mean_in_flight(per_second: f64, mean_response_s: f64) -> f64 {
    per_second * mean_response_s
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean response time of a queue with one server, random arrivals and a service time of 1 ms.
    ///
    /// Source: Kleinrock, "Queueing Systems" I (1975), equation 5.63 (Pollaczek and Khinchin).
    fn mean_response_ms(utilisation: f64) -> f64 {
        1.0 + utilisation / (2.0 * (1.0 - utilisation))
    }

    #[test]
    fn a_queue_holds_what_arrives_in_a_response_time() {
        for (utilisation, ms) in [(0.5, 1.5), (0.8, 3.0), (0.9, 5.5)] {
            assert!((mean_response_ms(utilisation) - ms).abs() < 1e-12);
            let in_flight = mean_in_flight(utilisation * 1000.0, ms / 1000.0);
            // Waiting and served: Pollaczek and Khinchin's number in the system.
            let expected = utilisation + utilisation.powi(2) / (2.0 * (1.0 - utilisation));
            assert!((in_flight - expected).abs() < 1e-12, "{in_flight}");
        }
    }
}
