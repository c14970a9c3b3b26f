//! Accepting connections until told to stop, and stopping in bounded time.

use crate::behaviour::Behaviour;
use crate::connection;
use crate::control::Control;
use crate::counts::Counters;
use crate::shop::Shop;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long requests in flight may take to finish after a stop; then their connections are dropped.
const GRACE: Duration = Duration::from_millis(500);

/// How long to wait before accepting again when there are no file descriptors left.
const OUT_OF_FILES: Duration = Duration::from_millis(10);

/// Serves the shop on a listener until `shutdown` is done; what is in flight then has half a second to finish.
///
/// Counts what arrives in `counters`. The future stays on its thread: await it within a
/// [`tokio::runtime::LocalRuntime`] or a [`tokio::task::LocalSet`] (elsewhere tokio panics, as its `spawn_local` does).
///
/// # Errors
/// When the behaviour contradicts itself ([`io::ErrorKind::InvalidInput`]).
pub async fn serve(
    listener: TcpListener,
    behaviour: Behaviour,
    counters: Arc<Counters>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    behaviour
        .check()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    attend(
        listener,
        Arc::new(Control::new(behaviour)),
        counters,
        shutdown,
    )
    .await;
    Ok(())
}

/// The same for a behaviour that others steer too.
pub(crate) async fn attend(
    listener: TcpListener,
    control: Arc<Control>,
    counters: Arc<Counters>,
    shutdown: impl Future<Output = ()>,
) {
    let shop = Rc::new(Shop::new(control, Arc::clone(&counters)));
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = shutdown.as_mut() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    counters.connection();
                    // Without it an answer may wait for an acknowledgement; a socket that refuses is closed already.
                    if stream.set_nodelay(true).is_ok() {
                        connections.spawn_local(connection::serve(stream, Rc::clone(&shop), stopped.clone()));
                    }
                }
                // Connections that broke before they were accepted, or too many open files: neither ends the service.
                Err(_) => tokio::time::sleep(OUT_OF_FILES).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    stop.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    // What has not finished in time is dropped with the set.
    let _ = tokio::time::timeout(GRACE, drained).await;
}
