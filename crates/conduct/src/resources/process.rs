//! A process and all that belongs to it, from procfs. Elsewhere than on Linux there are no figures.

use super::Look;
use std::collections::HashMap;

/// Processor time used so far, also by processes that have ended meanwhile.
#[derive(Default)]
pub(super) struct Times {
    /// Seconds by process, named by number and start: numbers are given away again.
    seen: HashMap<(i32, u64), f64>,
    /// Seconds of processes that have ended, as far as they were seen.
    ended: f64,
}

impl Times {
    #[cfg(not(target_os = "linux"))]
    pub(super) fn look(&mut self, _: u32) -> Option<Look> {
        let _ = (&self.seen, self.ended);
        None
    }

    /// Adds up a process, its descendants and its group. `None` if it is gone.
    #[cfg(target_os = "linux")]
    pub(super) fn look(&mut self, id: u32) -> Option<Look> {
        let head = i32::try_from(id).ok()?;
        let tree = tree(head);
        if !tree.iter().any(|(_, stat)| stat.pid == head) {
            return None;
        }
        let ticks = procfs::ticks_per_second() as f64;
        let mut now = HashMap::new();
        let (mut rss, mut descriptors) = (0, None);
        let mut generation = 0;
        for (process, stat) in &tree {
            let seconds = (stat.utime + stat.stime) as f64 / ticks;
            now.insert((stat.pid, stat.starttime), seconds);
            rss += stat.rss * procfs::page_size();
            if let Ok(count) = process.fd_count() {
                *descriptors.get_or_insert(0) += count as u64;
            }
            if stat.pid == head {
                generation = stat.starttime;
            }
        }
        let gone = self.seen.iter().filter(|(key, _)| !now.contains_key(key));
        self.ended += gone.map(|(_, seconds)| seconds).sum::<f64>();
        let alive: f64 = now.values().sum();
        self.seen = now;
        Some(Look {
            generation,
            processor_seconds: Some(self.ended + alive),
            rss_bytes: Some(rss),
            descriptors,
        })
    }
}

#[cfg(target_os = "linux")]
fn tree(head: i32) -> Vec<(procfs::process::Process, procfs::process::Stat)> {
    let Ok(all) = procfs::process::all_processes() else {
        return Vec::new();
    };
    // One that ends meanwhile is left out.
    let all = all.filter_map(|process| {
        let process = process.ok()?;
        let stat = process.stat().ok()?;
        Some((process, stat))
    });
    let all: Vec<_> = all.collect();
    let mut members: std::collections::HashSet<i32> = all
        .iter()
        .filter(|(_, stat)| stat.pid == head || stat.pgrp == head)
        .map(|(_, stat)| stat.pid)
        .collect();
    loop {
        let before = members.len();
        for (_, stat) in &all {
            if members.contains(&stat.ppid) {
                members.insert(stat.pid);
            }
        }
        if members.len() == before {
            break;
        }
    }
    all.into_iter()
        .filter(|(_, stat)| members.contains(&stat.pid))
        .collect()
}
