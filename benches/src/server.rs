//! The server that generators are compared on: nginx with one worker, in clear text and over TLS.

use crate::interrupt;
use crate::program::{Running, find};
use anyhow::{Context, bail, ensure};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long nginx may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running nginx. It and its folder are gone when this is dropped.
#[derive(Debug)]
pub struct Server {
    // Before the folder, so that it has ended when that goes.
    _running: Running,
    _folder: TempDir,
    http: u16,
    https: u16,
    state: u16,
}

/// Ports of this machine's loopback that nobody listens on.
///
/// # Errors
/// When none is to be had.
pub fn free_ports<const N: usize>() -> io::Result<[u16; N]> {
    // All at once, so that they differ.
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0"));
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(listeners) {
        *port = listener?.local_addr()?.port();
    }
    Ok(ports)
}

/// Waits until an nginx listens on all of these ports.
///
/// # Errors
/// When it ends or takes too long, with what it logged.
pub fn wait_until_up(running: &mut Running, ports: &[u16], log: &Path) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    for port in ports {
        while TcpStream::connect(("127.0.0.1", *port)).is_err() {
            if running.has_ended()? || Instant::now() > until {
                let log = std::fs::read_to_string(log);
                bail!("nginx does not start: {}", log.unwrap_or_default());
            }
            interrupt::sleep(Duration::from_millis(10))?;
        }
    }
    Ok(())
}

impl Server {
    /// Starts nginx on one processor, or on any, for so many connections.
    ///
    /// # Errors
    /// When nginx or openssl is missing or does not work.
    pub fn start(core: Option<usize>, connections: u64) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("plimsoll-peers-")?;
        let ports = free_ports()?;
        make_certificate(folder.path())?;
        let path = folder.path().join("nginx.conf");
        std::fs::write(&path, configuration(folder.path(), ports, connections))?;
        let nginx = find("nginx")?;
        let mut command = match core {
            Some(core) => crate::program::pinned(&nginx, &core.to_string()),
            None => Command::new(nginx),
        };
        command.arg("-c").arg(&path).arg("-p").arg(folder.path());
        let [http, https, state] = ports;
        let mut running = Running::start(command)?;
        wait_until_up(&mut running, &ports, &folder.path().join("error.log"))?;
        Ok(Self {
            _running: running,
            _folder: folder,
            http,
            https,
            state,
        })
    }

    /// Host and port in clear text.
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.http)
    }

    /// Where it is, without a path, in clear text or over TLS.
    pub fn origin(&self, is_tls: bool) -> String {
        match is_tls {
            true => format!("https://127.0.0.1:{}", self.https),
            false => format!("http://{}", self.authority()),
        }
    }

    /// 64 bytes in clear text.
    pub fn http(&self) -> String {
        format!("{}/plain", self.origin(false))
    }

    /// 64 bytes over TLS 1.3, HTTP/1.1 or HTTP/2.
    pub fn https(&self) -> String {
        format!("{}/plain", self.origin(true))
    }

    /// How many requests it has seen, by its own count, this question included.
    ///
    /// # Errors
    /// When it does not say.
    pub fn requests(&self) -> anyhow::Result<u64> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.state))?;
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let counts = answer
            .lines()
            .skip_while(|line| !line.starts_with("server accepts"))
            .nth(1)
            .and_then(|counts| counts.split_whitespace().nth(2));
        counts
            .and_then(|count| count.parse().ok())
            .with_context(|| format!("nginx does not say how many requests it saw: {answer}"))
    }
}

fn configuration(folder: &Path, [http, https, state]: [u16; 3], connections: u64) -> String {
    let folder = folder.display();
    // All bodies have 64 bytes, so that a request of the journey moves as much as a plain one.
    let pages = "
        default_type application/json;
        location = / {
            add_header Set-Cookie 'visit=8f2c1e07aa0b4c1d; Path=/';
            return 200 '{\"page\":\"home\",\"text\":\"ready for the load? sixty-four bytes...\"}';
        }
        location = /plain {
            default_type text/plain;
            return 200 'ready for the load? sixty-four bytes of plain text, no more.....';
        }
        location = /login {
            if ($cookie_visit = '') { return 403; }
            return 200 '{\"token\":\"8f2c1e07aa0b4c1d8e9f0011223\",\"ok\":true,\"user\":\"known\"}';
        }
        location = /search {
            if ($arg_from = '') { return 400; }
            return 200 '{\"flights\":[{\"id\":\"PL-0042\",\"price\":99,\"seats\":9}],\"more\":false}';
        }
        location = /basket {
            if ($http_authorization != 'Bearer 8f2c1e07aa0b4c1d8e9f0011223') { return 401; }
            return 201 '{\"basket\":\"b-7731\",\"items\":1,\"total\":99,\"currency\":\"EUR\",\"ok\":1}';
        }
        location = /checkout {
            if ($http_authorization != 'Bearer 8f2c1e07aa0b4c1d8e9f0011223') { return 401; }
            return 201 '{\"state\":\"confirmed\",\"order\":\"o-99120\",\"total\":120,\"paid\":\"EUR\"}';
        }";
    format!(
        "daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections {connections}; }}
http {{
    access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    server {{ listen 127.0.0.1:{http} backlog=4096; {pages} }}
    server {{ listen 127.0.0.1:{https} ssl http2 backlog=4096; {pages} }}
    server {{ listen 127.0.0.1:{state}; location / {{ stub_status; }} }}
}}
"
    )
}

/// A key and a certificate of its own, which nobody verifies: no peer can be made to.
fn make_certificate(folder: &Path) -> anyhow::Result<()> {
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-keyout", "server.key", "-out", "server.pem"])
        .current_dir(folder)
        .output()
        .context("cannot run openssl")?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "openssl: {words}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_has_64_bytes() {
        let text = configuration(Path::new("/x"), [1, 2, 3], 10);
        let bodies: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("return 20"))
            .filter_map(|line| line.split('\'').nth(1))
            .collect();
        assert_eq!(bodies.len(), 12, "in clear text and over TLS");
        for body in bodies {
            assert_eq!(body.len(), 64, "{body}");
        }
    }
}
