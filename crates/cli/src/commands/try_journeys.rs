//! `plimsoll try`: every journey once, every request and response shown, secrets masked.

use crate::args::{Output, Try};
use crate::drive;
use crate::failure::Failure;
use crate::files::load_scenario;
use crate::terminal;
use plimsoll_engine::{TracedExchange, try_journeys as try_all};
use plimsoll_report::quantity::{duration, plural};
use std::fmt::Write;
use std::sync::Arc;

/// The exit code where an expectation does not hold.
const FAILED: u8 = 20;

/// Tries every journey and stops at the first failure.
pub(crate) fn try_journeys(arguments: &Try, output: &Output) -> Result<u8, Failure> {
    let scenario = Arc::new(load_scenario(&arguments.scenario, output)?);
    drive::ask_permission(&scenario, &arguments.yes_i_may_load)?;
    drive::warn_of_unverified(&scenario, output);
    let demo = drive::start_demo(&scenario)?;
    let mut requests = 0;
    let address = demo.as_ref().map(plimsoll_target::Demo::address);
    let trace = try_all(scenario, address, arguments.seed, |exchange| {
        requests += 1;
        terminal::print(&shown(&exchange));
    })?;
    let requests = plural(requests, "request");
    let sentence = if trace.passed {
        let journeys = plural(trace.journeys as usize, "journey");
        format!("All expectations held: {journeys}, {requests}.\n")
    } else {
        format!(
            "Stopped at the first failure, in journey {} ({requests} sent).\n",
            trace.journeys
        )
    };
    terminal::print(&sentence);
    Ok(if trace.passed { 0 } else { FAILED })
}

/// One request and its response.
fn shown(exchange: &TracedExchange) -> String {
    let mut text = format!("── {} / {}\n\n", exchange.journey, exchange.step);
    let _ = writeln!(text, "{}\n", exchange.request.trim_end());
    if !exchange.response.is_empty() {
        let _ = writeln!(text, "{}\n", exchange.response.trim_end());
    }
    let mut times = vec![format!("response {}", duration(exchange.response_ns))];
    for (name, phase) in [
        ("dns", exchange.phases.dns),
        ("connect", exchange.phases.connect),
        ("tls", exchange.phases.tls),
    ] {
        times.extend(phase.map(|ns| format!("{name} {}", duration(ns))));
    }
    let first = exchange
        .phases
        .first_byte_read
        .zip(exchange.phases.first_byte_written);
    times.extend(
        first.map(|(read, written)| {
            format!("first byte {}", duration(read.saturating_sub(written)))
        }),
    );
    let _ = writeln!(text, "   {}", times.join(", "));
    for (name, value) in &exchange.saved {
        let _ = writeln!(text, "   saved {name} = {value}");
    }
    match &exchange.failure {
        Some(failure) => {
            let _ = writeln!(text, "   ✗ {failure}\n");
        }
        None => text.push_str("   ✓ as expected\n\n"),
    }
    // A response may hold anything, and a terminal obeys escape sequences.
    text.chars()
        .map(|char| {
            if char.is_control() && char != '\n' && char != '\t' {
                '\u{fffd}'
            } else {
                char
            }
        })
        .collect()
}
