//! A server that answers every connection with the same bytes, for what no well-behaved server sends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// A listening socket and what is done with each connection.
pub struct Wire {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Wire {
    /// Listens on a free port and gives each connection to `answer`, on a thread of its own, after
    /// the first bytes of the request were read.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn serve(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let stopping = Arc::new(AtomicBool::new(false));
        let accepted = Arc::new(AtomicUsize::new(0));
        let (stop, count, answer) = (stopping.clone(), accepted.clone(), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                count.fetch_add(1, Ordering::Relaxed);
                let answer = answer.clone();
                std::thread::spawn(move || {
                    if stream.read(&mut [0; 4096]).is_ok() {
                        answer(stream);
                    }
                });
            }
        });
        Self {
            address,
            stopping,
            accepted,
            thread: Some(thread),
        }
    }

    /// Answers every connection with the same bytes and closes it.
    pub fn saying(bytes: &'static [u8]) -> Self {
        Self::serve(move |mut stream| {
            let _ = stream.write_all(bytes);
        })
    }

    /// The URL of the server.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// How many connections there were.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // The listener notices when it accepts once more.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
