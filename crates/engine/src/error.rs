//! What can stop a run before it starts. Anything later is a sample, not an error.

/// Why a run could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The operating system refused a thread, a timer or an event queue.
    #[error("cannot set up a worker thread: {0}")]
    Setup(#[from] std::io::Error),
    /// A certificate or key that the scenario names cannot be used.
    #[error("TLS of target `{target}`: {problem}")]
    Tls {
        /// The target's name.
        target: String,
        /// What is wrong, and where.
        problem: String,
    },
    /// A target's URL cannot be used as an origin.
    #[error("target `{target}`: {problem}")]
    Target {
        /// The target's name.
        target: String,
        /// What is wrong.
        problem: String,
    },
    /// A target's name does not resolve.
    #[error(
        "target `{target}`: the name `{host}` does not resolve ({problem}); check the spelling, or say which addresses it has (`resolve:` in the scenario, --resolve)"
    )]
    Unresolved {
        /// The target's name.
        target: String,
        /// The host name.
        host: String,
        /// What the resolver said.
        problem: String,
    },
    /// There is nothing to drive.
    #[error("there is no load to drive: {0}")]
    NoLoad(String),
    /// A worker thread ended abnormally; its samples are incomplete.
    #[error("a worker thread ended abnormally: {0}")]
    Worker(String),
}
