//! The limits of this machine that a generator runs into first: descriptors and local ports.

/// What this process may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Open file descriptors; each connection takes one.
    pub descriptors: u64,
    /// Local ports for outgoing connections, per pair of local and remote address; 0 where unknown.
    pub ports: u64,
}

/// Raises the soft limit of open files to the hard limit, and says what there is now.
pub fn raise_descriptor_limit() -> Limits {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let mut raised = limit;
        raised.current = limit.maximum;
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = raised;
        }
    }
    Limits {
        descriptors: limit.current.unwrap_or(u64::MAX),
        ports: local_ports().unwrap_or(0),
    }
}

fn local_ports() -> Option<u64> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = range.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    Some(last.saturating_sub(first) + 1)
}
