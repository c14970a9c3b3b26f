//! The cheapest server that still speaks HTTP/1.1: what a generator is calibrated against.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;

/// 64 bytes of body, like the pages that servers are compared with.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 64\r\n\r\n\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A server on one thread that answers the end of every request head with the same 200, whatever was
/// asked for. Requests must have no body. It stops when dropped.
#[derive(Debug)]
pub struct NullServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl NullServer {
    /// Starts it on a free port of this machine's loopback.
    ///
    /// # Errors
    /// When there is no port or no thread to be had.
    pub fn start() -> io::Result<Self> {
        let (started, start) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("plimsoll-null".to_owned())
            .spawn(move || run(&started, stopped))?;
        let address = start
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the null server ended at once")))?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for NullServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(started: &mpsc::Sender<io::Result<SocketAddr>>, stopped: oneshot::Receiver<()>) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        let listener = match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => listener,
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        };
        let _ = started.send(listener.local_addr());
        let serve = async {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        tokio::task::spawn_local(answer(stream));
                    }
                    // Out of descriptors, say: others may be given back.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
                }
            }
        };
        tokio::select! {
            () = serve => {}
            _ = stopped => {}
        }
    });
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 16 * 1024];
    // How much of the end of a head the bytes so far end with.
    let mut matched = 0;
    let mut answers = Vec::new();
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        answers.clear();
        for &byte in &buffer[..read] {
            matched = match byte {
                byte if byte == HEAD_END[matched] => matched + 1,
                b'\r' => 1,
                _ => 0,
            };
            if matched == HEAD_END.len() {
                matched = 0;
                answers.extend_from_slice(ANSWER);
            }
        }
        stream.write_all(&answers).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn every_head_is_answered_however_it_is_cut() {
        let server = NullServer::start().unwrap();
        let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
        let mut answer = vec![0; ANSWER.len()];
        for part in ["GET / HTTP/1.1\r\nhost: x\r", "\n\r", "\n"] {
            stream.write_all(part.as_bytes()).unwrap();
        }
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, ANSWER);
        let pipelined = b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
        stream.write_all(pipelined).unwrap();
        for _ in 0..2 {
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(answer, ANSWER);
        }
        drop(server);
        assert_eq!(stream.read(&mut answer).unwrap_or(0), 0, "it has stopped");
    }
}
