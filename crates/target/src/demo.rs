//! The demo service on a thread of its own.

use crate::behaviour::{Behaviour, BehaviourError, MergeError};
use crate::control::Control;
use crate::counts::{Counters, Counts};
use crate::server::attend;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;

/// How many connections may wait to be accepted; the kernel's own limit (`somaxconn`) may be lower.
const BACKLOG: u32 = 8192;

/// A running demo service. It stops when dropped.
#[derive(Debug)]
pub struct Demo {
    address: SocketAddr,
    control: Arc<Control>,
    counters: Arc<Counters>,
    /// Where the system tells what the thread has used.
    statistics: Option<PathBuf>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Demo {
    /// Starts a service on one thread of its own; port 0 takes a free one.
    ///
    /// # Errors
    /// When the behaviour contradicts itself ([`io::ErrorKind::InvalidInput`]), the address cannot be bound, or no
    /// thread can be started.
    pub fn start(behaviour: Behaviour, bind: SocketAddr) -> io::Result<Self> {
        behaviour
            .check()
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let control = Arc::new(Control::new(behaviour));
        let counters = Arc::new(Counters::default());
        let (started, start) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let (named, name) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("plimsoll-demo".to_owned())
            .spawn({
                let control = Arc::clone(&control);
                let counters = Arc::clone(&counters);
                move || {
                    // Fails only if whoever starts it is gone.
                    let _ = named.send(statistics());
                    run(control, bind, counters, &started, stopped);
                }
            })?;
        // A thread that ends without a word has failed beyond any report.
        let address = start.recv().unwrap_or_else(|_| {
            Err(io::Error::other(
                "the demo service's thread ended before the service had started",
            ))
        })?;
        Ok(Self {
            address,
            control,
            counters,
            statistics: name.recv().ok().flatten(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the start of a URL: `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has arrived so far.
    pub fn counts(&self) -> Counts {
        self.counters.snapshot()
    }

    /// The processor time that it has used so far; `None` where the system does not tell. All of it is spent on one
    /// thread, so that nothing of whoever started it is in it.
    pub fn processor_time(&self) -> Option<Duration> {
        let path = self.statistics.as_ref()?;
        // Nanoseconds on a processor, then waiting for one (Linux, Documentation/scheduler/sched-stats.rst).
        let text = std::fs::read_to_string(path).ok()?;
        let nanoseconds = text.split_ascii_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }

    /// The behaviour in force.
    pub fn behaviour(&self) -> Behaviour {
        self.control.behaviour()
    }

    /// Begins another behaviour from nothing, in force for requests that arrive once this has returned. Those in line
    /// keep their times. The same as `PUT /behaviour`.
    ///
    /// # Errors
    /// When the behaviour contradicts itself; the one before stays in force then.
    pub fn set_behaviour(&self, behaviour: Behaviour) -> Result<(), BehaviourError> {
        self.control.replace(behaviour)
    }

    /// Changes some settings (JSON merge patch, RFC 7396) and leaves alone what they do not concern: those in line, what
    /// has leaked, the time since a setting was made. The same as `PATCH /behaviour`.
    ///
    /// Returns the behaviour before. Merged in its turn, as JSON, it undoes the change and keeps what is in line;
    /// [`Demo::set_behaviour`] begins with an empty line.
    ///
    /// # Errors
    /// When the change is no object, or what comes out is no behaviour or contradicts itself; nothing has changed then.
    pub fn merge_behaviour(&self, change: serde_json::Value) -> Result<Behaviour, MergeError> {
        self.control.merge(&change)
    }

    /// Stops it: nothing new is accepted, requests in flight have half a second to finish. Returns the final counts.
    pub fn stop(mut self) -> Counts {
        self.halt();
        self.counts()
    }

    fn halt(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only if the service has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic over there was reported by its own thread.
            let _ = thread.join();
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.halt();
    }
}

/// Where the system tells what this thread has used; only Linux does.
fn statistics() -> Option<PathBuf> {
    let thread = std::fs::read_link("/proc/thread-self").ok()?;
    let path = PathBuf::from("/proc").join(thread).join("schedstat");
    path.exists().then_some(path)
}

/// The thread: a runtime, a listener, the service.
fn run(
    control: Arc<Control>,
    bind: SocketAddr,
    counters: Arc<Counters>,
    started: &mpsc::Sender<io::Result<SocketAddr>>,
    stopped: oneshot::Receiver<()>,
) {
    let served = (|| {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default())?;
        runtime.block_on(async {
            let listener = listen(bind)?;
            // Nobody listens to the outcome only if the starting thread is gone; then `stopped` is done as well.
            let _ = started.send(listener.local_addr());
            attend(listener, control, counters, async {
                // An error says that the owner is gone: a stop too.
                let _ = stopped.await;
            })
            .await;
            Ok(())
        })
    })();
    if let Err(error) = served {
        let _ = started.send(Err(error));
    }
}

fn listen(bind: SocketAddr) -> io::Result<TcpListener> {
    let socket = if bind.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    let in_context = |error: io::Error| {
        io::Error::new(error.kind(), format!("cannot listen on {bind}: {error}"))
    };
    socket.bind(bind).map_err(in_context)?;
    socket.listen(BACKLOG).map_err(in_context)
}
