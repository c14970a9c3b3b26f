//! The generator's own condition, put together from what workers hand over and from the machine.

use crate::compiled::Compiled;
use crate::machine::Machine;
use crate::recorder::Batch;
use plimsoll_measure::Vitals;
use plimsoll_scenario::Address;
use std::collections::VecDeque;
use std::net::{IpAddr, UdpSocket};

const SECOND_NS: u64 = 1_000_000_000;
/// Readings closer together than this are not kept.
const SPACING_NS: u64 = 50_000_000;

/// A reading of a thread's processor time.
#[derive(Debug, Clone, Copy)]
struct Reading {
    cpu_ns: u64,
    at_ns: u64,
}

/// What is known of the generator's condition so far.
pub(crate) struct Health {
    vitals: Vitals,
    /// By worker: the readings of the last second.
    readings: Vec<VecDeque<Reading>>,
    machine: Machine,
}

impl Health {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            vitals: Vitals::default(),
            readings: vec![VecDeque::new(); workers],
            machine: Machine::watch(),
        }
    }

    pub(crate) const fn vitals(&self) -> &Vitals {
        &self.vitals
    }

    /// Takes in what a worker handed over.
    pub(crate) fn note(&mut self, batch: &Batch) {
        for &late in &batch.beats {
            self.vitals.heartbeat.record(late);
        }
        let (cpu_ns, at_ns) = batch.cpu;
        let Some(readings) = self.readings.get_mut(batch.worker) else {
            return;
        };
        let last = readings.back().copied();
        if last.is_some_and(|last| at_ns < last.at_ns + SPACING_NS) {
            return;
        }
        self.vitals.cpu_ns += cpu_ns - last.map_or(0, |last| last.cpu_ns.min(cpu_ns));
        readings.push_back(Reading { cpu_ns, at_ns });
        // The shortest stretch of a second or more that ends here.
        while readings
            .get(1)
            .is_some_and(|next| at_ns - next.at_ns >= SECOND_NS)
        {
            readings.pop_front();
        }
        if let Some(first) = readings.front()
            && at_ns - first.at_ns >= SECOND_NS
        {
            let share = cpu_ns.saturating_sub(first.cpu_ns) as f64 / (at_ns - first.at_ns) as f64;
            let busiest = self.vitals.busiest_worker.get_or_insert(0.0);
            *busiest = busiest.max(share);
        }
    }

    /// Looks at the machine; meant to be called about once a second.
    pub(crate) fn look(&mut self) {
        self.machine.look();
        self.vitals.stolen = self.machine.stolen();
        self.vitals.throttled = self.machine.throttled();
        self.vitals.processors_busy = self.machine.busiest();
        self.vitals.retransmits = self.machine.retransmits();
    }

    /// Finds out which targets run on this machine, as far as their addresses say so without asking
    /// a name server: an address is this machine's own if a socket can be bound to it.
    pub(crate) fn neighbours(&mut self, compiled: &Compiled) {
        let targets = compiled.scenario.targets.iter().zip(&compiled.targets);
        self.vitals.neighbours = targets
            .filter(|(target, compiled)| {
                target.address == Address::Demo || is_own(&compiled.origin.host)
            })
            .map(|(target, _)| target.name.clone())
            .collect();
    }
}

fn is_own(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    host.parse::<IpAddr>()
        .is_ok_and(|address| UdpSocket::bind((address, 0)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(cpu_ms: u64, at_ms: u64) -> Batch {
        Batch {
            cpu: (cpu_ms * 1_000_000, at_ms * 1_000_000),
            ..Batch::default()
        }
    }

    #[test]
    fn the_busiest_second_of_a_worker_counts() {
        let mut health = Health::new(1);
        // Idle for 2 s, then busy for one, then idle.
        for at in (0..=50).map(|tenth| 100 * tenth) {
            let busy = at.clamp(2000, 3000) - 2000;
            health.note(&batch(busy, at));
        }
        let busiest = health.vitals().busiest_worker.unwrap();
        assert!((busiest - 1.0).abs() < 1e-9, "{busiest}");
        assert_eq!(health.vitals().cpu_ns, 1_000_000_000);
    }

    #[test]
    fn less_than_a_second_says_nothing_and_a_late_reading_nothing_wrong() {
        let mut health = Health::new(1);
        health.note(&batch(0, 0));
        health.note(&batch(900, 900));
        assert_eq!(health.vitals().busiest_worker, None);
        health.note(&batch(1900, 3800));
        let busiest = health.vitals().busiest_worker.unwrap();
        assert!((busiest - 0.5).abs() < 0.2, "{busiest}");
    }

    #[test]
    fn loopback_is_this_machine_and_a_documentation_address_is_not() {
        assert!(is_own("127.0.0.1") && is_own("localhost") && is_own("[::1]"));
        assert!(!is_own("192.0.2.1") && !is_own("shop.example"));
    }
}
