//! What the machine under the generator is doing, from procfs and the control group. Where the
//! platform does not tell, there is no figure.

use std::fs::read_to_string;

/// Processor time of the processors that this process may run on, in ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    stolen: u64,
    all: u64,
}

/// Scheduling periods of a control group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Periods {
    all: u64,
    throttled: u64,
}

/// The machine since the start of a run.
#[derive(Debug)]
pub(crate) struct Machine {
    processors: Vec<usize>,
    first: Option<Ticks>,
    last: Option<Ticks>,
    busiest: Option<f64>,
    group: Option<String>,
    first_periods: Option<Periods>,
    last_periods: Option<Periods>,
    first_retransmits: Option<u64>,
    last_retransmits: Option<u64>,
}

impl Machine {
    /// Begins to watch.
    pub(crate) fn watch() -> Self {
        let status = read_to_string("/proc/self/status").unwrap_or_default();
        let processors = own_processors(&status);
        let group = group_statistics();
        let ticks = ticks_now(&processors);
        let periods = group.as_deref().and_then(periods_now);
        let retransmits = retransmits_now();
        Self {
            processors,
            first: ticks,
            last: ticks,
            busiest: None,
            group,
            first_periods: periods,
            last_periods: periods,
            first_retransmits: retransmits,
            last_retransmits: retransmits,
        }
    }

    /// Looks again.
    pub(crate) fn look(&mut self) {
        let now = ticks_now(&self.processors);
        if let (Some(last), Some(now)) = (self.last, now)
            && let Some(busy) = share(
                now.busy - last.busy.min(now.busy),
                now.all - last.all.min(now.all),
            )
        {
            self.busiest = Some(self.busiest.unwrap_or_default().max(busy));
        }
        self.last = now.or(self.last);
        self.last_periods = self.group.as_deref().and_then(periods_now);
        self.last_retransmits = retransmits_now();
    }

    /// The share of processor time that the hypervisor gave to others.
    pub(crate) fn stolen(&self) -> Option<f64> {
        let (first, last) = (self.first?, self.last?);
        share(
            last.stolen.saturating_sub(first.stolen),
            last.all.saturating_sub(first.all),
        )
    }

    /// How busy the processors were between the two looks between which they were busiest.
    pub(crate) const fn busiest(&self) -> Option<f64> {
        self.busiest
    }

    /// The share of scheduling periods in which the control group was throttled.
    pub(crate) fn throttled(&self) -> Option<f64> {
        let (first, last) = (self.first_periods?, self.last_periods?);
        let all = last.all.saturating_sub(first.all);
        // A group without a limit has no periods, and is never throttled.
        Some(share(last.throttled.saturating_sub(first.throttled), all).unwrap_or_default())
    }

    /// TCP segments that were sent again.
    pub(crate) fn retransmits(&self) -> Option<u64> {
        Some(
            self.last_retransmits?
                .saturating_sub(self.first_retransmits?),
        )
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn ticks_now(processors: &[usize]) -> Option<Ticks> {
    ticks(&read_to_string("/proc/stat").ok()?, processors)
}

/// Sums `/proc/stat` over some processors: user, nice, system, idle, iowait, irq, softirq, steal.
/// Guest time is in user time already.
fn ticks(text: &str, processors: &[usize]) -> Option<Ticks> {
    let mut sum = Ticks::default();
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        let number = fields.next().and_then(|name| name.strip_prefix("cpu"));
        let number = number.and_then(|number| number.parse::<usize>().ok());
        if number.is_none_or(|number| !processors.contains(&number)) {
            continue;
        }
        let times: Vec<u64> = fields
            .map_while(|field| field.parse().ok())
            .take(8)
            .collect();
        let [_, _, _, idle, waiting, _, _, stolen] = times[..] else {
            return None;
        };
        let all: u64 = times.iter().sum();
        sum.all += all;
        sum.stolen += stolen;
        sum.busy += all - idle - waiting;
    }
    (sum.all > 0).then_some(sum)
}

/// The processors of `Cpus_allowed_list: 0-3,7` in `/proc/self/status`.
fn own_processors(status: &str) -> Vec<usize> {
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .unwrap_or_default();
    list.trim()
        .split(',')
        .filter_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            // No machine has more, and a list that says so is not worth the memory.
            let last = last.parse::<usize>().ok()?.min(65_535);
            Some(first.parse::<usize>().ok()?..=last)
        })
        .flatten()
        .collect()
}

/// Where the statistics of the own control group are: of version 2, or of version 1.
fn group_statistics() -> Option<String> {
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    group_files(&groups)
        .into_iter()
        .find(|path| periods_now(path).is_some())
}

/// Candidates from `/proc/self/cgroup`, the group's own file before that of the root, which a
/// container sees as its own.
fn group_files(groups: &str) -> Vec<String> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let path = path.trim_end_matches('/');
        let roots: &[&str] = if controllers.is_empty() {
            &["/sys/fs/cgroup"]
        } else if controllers.split(',').any(|name| name == "cpu") {
            &["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"]
        } else {
            &[]
        };
        for root in roots {
            files.push(format!("{root}{path}/cpu.stat"));
            files.push(format!("{root}/cpu.stat"));
        }
    }
    files
}

fn periods_now(path: &str) -> Option<Periods> {
    periods(&read_to_string(path).ok()?)
}

fn periods(text: &str) -> Option<Periods> {
    Some(Periods {
        all: field(text, "nr_periods")?,
        throttled: field(text, "nr_throttled")?,
    })
}

fn field(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(key, _)| *key == name)?.1.trim().parse().ok()
}

fn retransmits_now() -> Option<u64> {
    retransmits(&read_to_string("/proc/self/net/snmp").ok()?)
}

/// `RetransSegs` of the two lines that begin with `Tcp:` in `/proc/net/snmp`, names and numbers.
fn retransmits(text: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Tcp:"));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let at = names
        .split_whitespace()
        .position(|name| name == "RetransSegs")?;
    numbers.split_whitespace().nth(at)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  300 0 60 1000 40 0 0 20 0 0\n\
                        cpu0 100 0 20 500 20 0 0 10 0 0\n\
                        cpu1 200 0 40 500 20 0 0 10 0 0\nintr 1 2\n";

    #[test]
    fn processor_time_is_that_of_the_own_processors() {
        let both = ticks(STAT, &[0, 1]).unwrap();
        assert_eq!((both.busy, both.stolen, both.all), (380, 20, 1420));
        let one = ticks(STAT, &[1, 9]).unwrap();
        assert_eq!((one.busy, one.stolen, one.all), (250, 10, 770));
        assert_eq!(ticks(STAT, &[]), None);
        assert_eq!(ticks("cpu0 1 2 x", &[0]), None);
    }

    #[test]
    fn lists_of_processors_have_ranges() {
        let list = |text: &str| own_processors(&format!("Name:\tx\nCpus_allowed_list:\t{text}\n"));
        assert_eq!(list("0-1,7"), [0, 1, 7]);
        assert_eq!(list("3"), [3]);
        assert!(list("x,-").is_empty() && own_processors("").is_empty());
    }

    #[test]
    fn control_groups_of_both_versions_are_found() {
        let two = group_files("0::/user.slice\n");
        assert_eq!(two[0], "/sys/fs/cgroup/user.slice/cpu.stat");
        let one = group_files("4:memory:/m\n1:cpu,cpuacct:/docker/x\n0::/\n");
        assert!(one.contains(&"/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.stat".to_owned()));
        assert!(one.contains(&"/sys/fs/cgroup/cpu.stat".to_owned()));
        let found = periods("usage_usec 1\nnr_periods 100\nnr_throttled 3\nthrottled_usec 5\n");
        assert_eq!(
            found,
            Some(Periods {
                all: 100,
                throttled: 3
            })
        );
        assert_eq!(periods("usage_usec 1\n"), None);
    }

    #[test]
    fn retransmitted_segments_are_found_by_name() {
        let text =
            "Ip: A B\nIp: 1 2\nTcp: ActiveOpens RetransSegs InErrs\nTcp: 5 7 0\nUdp: X\nUdp: 1\n";
        assert_eq!(retransmits(text), Some(7));
        assert_eq!(retransmits("Tcp: RetransSegs\n"), None);
    }
}
