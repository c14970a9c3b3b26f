//! A client plain enough to see every byte: one blocking connection, HTTP/1.1 by hand.

use plimsoll_target::{Behaviour, Demo};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A service with this behaviour (JSON) on a free port.
pub(crate) fn demo(behaviour: &str) -> Demo {
    let behaviour: Behaviour = serde_json::from_str(behaviour).expect("a behaviour");
    Demo::start(behaviour, anywhere()).expect("it starts")
}

pub(crate) fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

pub(crate) struct Client {
    pub(crate) stream: BufReader<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(demo: &Demo) -> Self {
        let stream = TcpStream::connect(demo.address()).expect("it listens");
        // A test that waits this long has failed; nothing is judged by it.
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a timeout");
        Self {
            stream: BufReader::new(stream),
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "", "")
    }

    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &str) -> Answer {
        self.ask("POST", path, headers, body)
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        self.send(method, path, headers, body);
        self.head_and_body(method != "HEAD").expect("an answer")
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &str, body: &str) {
        let length = match body.len() {
            0 => String::new(),
            length => format!("content-length: {length}\r\n"),
        };
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: demo\r\n{headers}{length}\r\n{body}");
        self.stream
            .get_mut()
            .write_all(request.as_bytes())
            .expect("sent");
    }

    /// The next answer's status and headers.
    pub(crate) fn head(&mut self) -> io::Result<Answer> {
        let status = self.line()?;
        let code = status
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok());
        let status = code.ok_or_else(|| io::Error::other(format!("not HTTP: {status:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                None if line.is_empty() => {
                    return Ok(Answer {
                        status,
                        headers,
                        body: Vec::new(),
                    });
                }
                None => return Err(io::Error::other(format!("not a header: {line:?}"))),
            }
        }
    }

    pub(crate) fn head_and_body(&mut self, with_body: bool) -> io::Result<Answer> {
        let mut answer = self.head()?;
        let length = answer
            .header("content-length")
            .map_or(0, |text| text.parse().expect("a length"));
        if with_body {
            answer.body = vec![0; length];
            self.stream.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    /// All that is still to come, to the end of the connection.
    pub(crate) fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest)?;
        Ok(rest)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}
