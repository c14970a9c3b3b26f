//! The page that a monitoring system reads, in the text format of Prometheus, version 0.0.4.

use super::reply::{self, Reply};
use crate::body::Content;
use crate::counts::{Counters, Counts};
use crate::route::Route;
use http::{HeaderValue, StatusCode};
use std::fmt::Write;
use std::fs::{read_dir, read_to_string};

const FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What there is to say now. Where procfs does not tell, its metrics are left out.
pub(super) fn page(counters: &Counters, waiting: usize) -> Reply {
    let text = render(&counters.snapshot(), waiting, &Process::observe());
    reply::with(StatusCode::OK, Some(FORMAT), Content::Whole(text.into()))
}

/// The process as procfs shows it: all of it, also where the service shares it with others.
#[derive(Debug, Default)]
struct Process {
    resident_bytes: Option<f64>,
    cpu_seconds: Option<f64>,
    open_files: Option<f64>,
    start_seconds: Option<f64>,
}

impl Process {
    fn observe() -> Self {
        let read = |path| read_to_string(path).unwrap_or_default();
        let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
        let page_bytes = rustix::param::page_size() as f64;
        let stat = read("/proc/self/stat");
        let seconds = |number| Some(stat_field(&stat, number)? / ticks_per_second);
        // The one that lists the folder is among them.
        let open_files = read_dir("/proc/self/fd").map(|open| open.count().saturating_sub(1));
        Self {
            resident_bytes: stat_field(&stat, 24).map(|pages| pages * page_bytes),
            cpu_seconds: seconds(14)
                .zip(seconds(15))
                .map(|(user, system)| user + system),
            open_files: open_files.ok().map(|open| open as f64),
            start_seconds: boot_seconds(&read("/proc/stat"))
                .zip(seconds(22))
                .map(|(boot, since)| boot + since),
        }
    }
}

/// A field of `/proc/self/stat` by its number in proc(5), from 3 on. The second is a name in brackets that may hold
/// anything, blanks and brackets too.
fn stat_field(stat: &str, number: usize) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace()
        .nth(number.checked_sub(3)?)?
        .parse()
        .ok()
}

/// When the machine started, in seconds since 1970, by `/proc/stat`.
fn boot_seconds(stat: &str) -> Option<f64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    line.trim().parse().ok()
}

fn render(counts: &Counts, waiting: usize, process: &Process) -> String {
    let mut text = String::with_capacity(4096);
    for (name, kind, help, value) in [
        (
            "process_resident_memory_bytes",
            "gauge",
            "Resident memory.",
            process.resident_bytes,
        ),
        (
            "process_cpu_seconds_total",
            "counter",
            "User and system time.",
            process.cpu_seconds,
        ),
        (
            "process_open_fds",
            "gauge",
            "Open file descriptors.",
            process.open_files,
        ),
        (
            "process_start_time_seconds",
            "gauge",
            "Start, since 1970.",
            process.start_seconds,
        ),
        (
            "demo_queue_length",
            "gauge",
            "Requests in line.",
            Some(waiting as f64),
        ),
        (
            "demo_connections_total",
            "counter",
            "Connections accepted.",
            Some(counts.connections as f64),
        ),
        (
            "demo_failed_total",
            "counter",
            "Requests failed on purpose.",
            Some(counts.failed as f64),
        ),
        (
            "demo_refused_total",
            "counter",
            "Requests refused.",
            Some(counts.refused as f64),
        ),
        (
            "demo_wrong_total",
            "counter",
            "Requests answered with wrong data.",
            Some(counts.wrong as f64),
        ),
        (
            "demo_faults_total",
            "counter",
            "Requests met with a fault.",
            Some(counts.faults as f64),
        ),
    ] {
        if let Some(value) = value {
            head(&mut text, name, kind, help);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name} {value}");
        }
    }
    head(
        &mut text,
        "demo_requests_total",
        "counter",
        "Requests by page.",
    );
    for name in Route::NAMES {
        let _ = writeln!(
            text,
            "demo_requests_total{{path=\"{name}\"}} {}",
            counts.of(name)
        );
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn procfs_is_read_by_the_manual() {
        let numbers = (3..=52).map(|number| number.to_string());
        let stat = format!("1 (a ) b) {}", numbers.collect::<Vec<_>>().join(" "));
        for number in [3, 14, 22, 24, 52] {
            assert_eq!(stat_field(&stat, number), Some(number as f64));
        }
        assert_eq!(stat_field(&stat, 53), None);
        assert_eq!(stat_field("", 14), None);
        assert_eq!(stat_field(&stat, 1), None);
        assert_eq!(boot_seconds("cpu 1 2\nbtime 1700000000\n"), Some(1.7e9));
        assert_eq!(boot_seconds(""), None);
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_every_page_has_its_label() {
        let text = render(&Counts::default(), 3, &Process::default());
        assert!(!text.contains("process_"), "{text}");
        assert!(text.contains("\ndemo_queue_length 3\n"), "{text}");
        assert_eq!(
            text.matches("demo_requests_total{").count(),
            Route::NAMES.len()
        );
        assert!(
            text.contains("demo_requests_total{path=\"other\"} 0\n"),
            "{text}"
        );
    }
}
