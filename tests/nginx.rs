//! A real nginx: clear text, HTTP/2 by prior knowledge, TLS with a certificate authority of its own.

use crate::wait_for;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A running nginx with one worker.
pub struct Nginx {
    child: Child,
    folder: TempDir,
    http: u16,
    http2: u16,
    https: u16,
    mutual: u16,
}

impl Nginx {
    /// Starts nginx and waits until it accepts connections.
    ///
    /// # Panics
    /// When it does not start; what it logged is in the message.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a folder for nginx");
        let [http, http2, https, mutual] = free_ports();
        make_certificates(folder.path());
        fs::create_dir(folder.path().join("www")).expect("a folder for pages");
        fs::write(
            folder.path().join("www/page.html"),
            "<h1>flights</h1>".repeat(500),
        )
        .expect("a page");
        let configuration = configuration(folder.path(), [http, http2, https, mutual]);
        let path = folder.path().join("nginx.conf");
        fs::write(&path, configuration).expect("a configuration");
        let child = Command::new(program())
            .arg("-c")
            .arg(&path)
            .arg("-p")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts (Debian's package nginx-light)");
        let nginx = Self {
            child,
            folder,
            http,
            http2,
            https,
            mutual,
        };
        nginx.wait_until_up();
        nginx
    }

    fn wait_until_up(&self) {
        for port in [self.http, self.http2, self.https, self.mutual] {
            wait_for("nginx is up; its error.log says why not", || {
                TcpStream::connect(("127.0.0.1", port)).ok()
            });
        }
    }

    /// A clear-text URL (HTTP/1.1).
    pub fn http(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http)
    }

    /// A clear-text URL that speaks HTTP/2 only.
    pub fn http2(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http2)
    }

    /// A TLS URL (HTTP/1.1 and HTTP/2), valid for `localhost` under [`Nginx::ca`].
    pub fn https(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.https)
    }

    /// A TLS URL that demands a client certificate.
    pub fn mutual(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.mutual)
    }

    /// The certificate authority.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The client's certificate and key.
    pub fn client(&self) -> (PathBuf, PathBuf) {
        let of = |name| self.folder.path().join(name);
        (of("client.pem"), of("client.key"))
    }

    /// What it logged of requests: a line each, `PROTOCOL STATUS CONNECTION REQUESTS REUSED PATH CLIENT`.
    pub fn access_log(&self) -> String {
        fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its worker on SIGTERM; SIGKILL would leave it behind.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

fn program() -> &'static str {
    if Path::new("/usr/sbin/nginx").exists() {
        "/usr/sbin/nginx"
    } else {
        "nginx"
    }
}

/// Ports that were free a moment ago.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("it is bound").port())
}

fn configuration(folder: &Path, [http, http2, https, mutual]: [u16; 4]) -> String {
    let folder = folder.display();
    let locations = format!(
        "root {folder}/www;
        location = / {{ default_type text/plain; return 200 'ready for the load? sixty-four bytes of plain text, no more.....'; }}
        location = /close {{ keepalive_timeout 0; default_type text/plain; return 200 'closed'; }}
        location = /brief {{ keepalive_timeout 50ms; default_type text/plain; return 200 'brief'; }}
        location = /missing {{ return 404; }}
        location = /there {{ return 302 /; }}
        location = /json {{ default_type application/json; return 200 '{{\"flights\":[{{\"id\":\"F1\"}}]}}'; }}
        location = /page.html {{ gzip on; gzip_min_length 1; gzip_types text/html; }}"
    );
    format!(
        "daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    log_format seen '$server_protocol $status $connection $connection_requests $ssl_session_reused $uri $remote_addr';
    access_log {folder}/access.log seen;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    keepalive_requests 1000000;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
    ssl_session_cache shared:tests:1m;
    server {{ listen 127.0.0.1:{http} backlog=4096; {locations} }}
    server {{ listen 127.0.0.1:{http2} http2; {locations} }}
    server {{ listen 127.0.0.1:{https} ssl http2; {locations} }}
    server {{ listen 127.0.0.1:{mutual} ssl; ssl_client_certificate {folder}/ca.pem; ssl_verify_client on; {locations} }}
}}
"
    )
}

fn make_certificates(folder: &Path) {
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("openssl runs (Debian's package openssl)");
        assert!(
            output.status.success(),
            "openssl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let ec = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ];
    let authority = [
        "req",
        "-x509",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=test CA",
        "-days",
        "2",
    ];
    openssl(&[&authority[..], &ec[..]].concat());
    for (name, subject) in [("server", "/CN=localhost"), ("client", "/CN=tester")] {
        let (key, request, certificate) = (
            format!("{name}.key"),
            format!("{name}.csr"),
            format!("{name}.pem"),
        );
        let ask = ["req", "-keyout", &key, "-out", &request, "-subj", subject];
        openssl(&[&ask[..], &ec[..]].concat());
        fs::write(
            folder.join("san.txt"),
            "subjectAltName=DNS:localhost,DNS:shop.test",
        )
        .expect("a file for openssl");
        openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-out",
            &certificate,
            "-days",
            "2",
            "-extfile",
            "san.txt",
        ]);
    }
}
