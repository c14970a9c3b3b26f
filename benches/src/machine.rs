//! What machine this is, because no figure means anything without it.

use procfs::{CpuInfo, Current};

/// What machine this is.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many processors this process may use.
    pub cores: usize,
    /// The kernel's release.
    pub kernel: String,
    /// Files that a process may have open; each connection takes one.
    pub descriptors: u64,
}

impl Machine {
    /// Looks.
    pub fn look() -> Self {
        let processor = CpuInfo::current().ok();
        let processor = processor.and_then(|info| info.model_name(0).map(str::to_owned));
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease");
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        Self {
            processor: processor.unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: kernel.map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned()),
            descriptors: limit.current.unwrap_or(u64::MAX),
        }
    }

    /// The processor that servers have to themselves.
    pub const fn server_core(&self) -> usize {
        0
    }

    /// The processor that generators have to themselves, where there are two.
    pub const fn generator_core(&self) -> usize {
        if self.cores > 1 { 1 } else { 0 }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            processor,
            cores,
            kernel,
            descriptors,
        } = self;
        write!(
            formatter,
            "{processor}, {cores} cores, Linux {kernel}, {descriptors} open files a process"
        )
    }
}
