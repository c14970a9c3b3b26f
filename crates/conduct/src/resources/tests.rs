use super::*;
use crate::fixture::{Answer, page, wait_until};
use proptest::prelude::*;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

fn look(seconds: f64, rss: u64) -> Look {
    Look {
        generation: 1,
        processor_seconds: Some(seconds),
        rss_bytes: Some(rss),
        descriptors: Some(rss / 2),
    }
}

#[test]
fn processors_are_processor_time_by_time() {
    let mut folded = Folded::default();
    folded.add(Duration::from_secs(1), look(10.0, 5));
    folded.add(Duration::from_secs(3), look(13.0, 6));
    // Started again, and then a counter that began anew.
    folded.add(
        Duration::from_secs(4),
        Look {
            generation: 2,
            ..look(14.0, 7)
        },
    );
    folded.add(
        Duration::from_secs(5),
        Look {
            generation: 2,
            ..look(1.0, 7)
        },
    );
    // Too close together to tell.
    folded.add(
        Duration::from_millis(5010),
        Look {
            generation: 2,
            ..look(1.01, 7)
        },
    );
    let points = folded.points();
    let processors: Vec<_> = points.iter().map(|point| point.processors).collect();
    assert_eq!(processors, [None, Some(1.5), None, None, None]);
    assert_eq!(points[1].at_ns, 3_000_000_000);
    assert_eq!(points[1].rss_bytes, Some(6));
}

#[test]
fn a_day_has_a_thousand_points_at_most_and_keeps_its_end_and_its_mean() {
    let mut folded = Folded::default();
    for second in 0..86_400u64 {
        // One processor in the first half of each pair of seconds.
        folded.add(
            Duration::from_secs(second),
            look(second.div_ceil(2) as f64, second),
        );
    }
    let points = folded.points();
    assert!(
        points.len() <= MOST_POINTS && points.len() > MOST_POINTS / 3,
        "{}",
        points.len()
    );
    assert_eq!(points.last().unwrap().rss_bytes, Some(86_399));
    assert!(
        points
            .iter()
            .all(|point| (point.processors.unwrap() - 0.5).abs() < 0.02)
    );
    assert!(points.is_sorted_by_key(|point| point.at_ns));
}

/// A shell with a child that only waits and a busy one, which is in a group of its own and ends with it.
fn busy() -> Busy {
    let script = "sleep 1000 & setsid sh -c 'while kill -0 $0; do :; done' $$ & echo ready; wait";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .process_group(0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(child.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    Busy(child)
}

struct Busy(std::process::Child);

impl Drop for Busy {
    /// Also when a test fails.
    fn drop(&mut self) {
        crate::command::signal_group(self.0.id(), rustix::process::Signal::KILL);
        let _ = self.0.wait();
    }
}

#[test]
fn a_tree_of_processes_is_added_up() {
    let child = busy();
    let id = child.0.id();
    let mut times = process::Times::default();
    let first = times.look(id).unwrap();
    // Three processes, with at least standard input, output and error each.
    assert!(first.descriptors >= Some(9), "{first:?}");
    assert!(first.rss_bytes > Some(100_000));
    wait_until("processor time of the child", || {
        times.look(id).unwrap().processor_seconds > Some(first.processor_seconds.unwrap() + 0.2)
    });
    let last = times.look(id).unwrap();
    drop(child);
    assert_eq!(times.look(id), None);
    assert_eq!(last.generation, first.generation);
}

#[test]
fn a_process_is_watched_until_the_end() {
    let child = busy();
    let id = child.0.id();
    let sampler = Sampler::of_process(move || Some(id), "sh", Instant::now());
    let resources = sampler.finish(3);
    drop(child);
    assert_eq!(resources.source, format!("process {id} (sh)"));
    assert_eq!(resources.restarts, 3);
    assert!(!resources.points.is_empty());
    assert!(
        resources
            .points
            .iter()
            .all(|point| point.rss_bytes > Some(100_000))
    );
    // One that is gone gives no points, and nothing else happens.
    let gone = Sampler::of_process(move || Some(id), "sh", Instant::now());
    assert_eq!(gone.finish(0).points, []);
}

#[test]
fn a_metrics_page_is_scraped() {
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let fetch = Arc::new(Answer(move |url: &str| {
        assert_eq!(url, "/metrics?key=hunter2");
        count.fetch_add(1, Ordering::Relaxed);
        page(
            200,
            "process_resident_memory_bytes 1.5e6\nprocess_open_fds 12\nprocess_cpu_seconds_total 3.5\n",
        )
    }));
    let of_page = |fetch: Arc<dyn Fetch>| {
        let (url, masker) = ("/metrics?key=hunter2", Masker::new(["hunter2"]));
        Sampler::of_metrics(url, Names::default(), fetch, &masker, Instant::now())
    };
    let sampler = of_page(fetch);
    wait_until("a page", || asked.load(Ordering::Relaxed) > 0);
    let resources = sampler.finish(0);
    assert_eq!(resources.source, "metrics /metrics?key=***");
    let last = resources.points.last().unwrap();
    assert_eq!(
        (last.rss_bytes, last.descriptors),
        (Some(1_500_000), Some(12))
    );

    let failing = Arc::new(Answer(|_: &str| page(500, "process_open_fds 12\n")));
    let sampler = of_page(failing);
    assert_eq!(sampler.finish(0).points, []);
}

proptest! {
    #[test]
    fn folding_keeps_the_last_and_the_bound(looks in proptest::collection::vec((0..2000u64, 0..100u64), 1..3000)) {
        let mut folded = Folded::default();
        let mut at = Duration::ZERO;
        for (milliseconds, rss) in &looks {
            at += Duration::from_millis(*milliseconds);
            folded.add(at, look(at.as_secs_f64(), *rss));
        }
        let points = folded.points();
        prop_assert!(points.len() <= MOST_POINTS);
        prop_assert_eq!(points.last().unwrap().rss_bytes, Some(looks.last().unwrap().1));
        for point in &points {
            prop_assert!(point.processors.is_none_or(|processors| (processors - 1.0).abs() < 1e-6));
        }
    }
}
