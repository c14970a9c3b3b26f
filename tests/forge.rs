//! A forge that keeps comments: as much of the APIs of GitHub and GitLab as a job needs that comments on a
//! change.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// What a request has to carry.
pub const TOKEN: &str = "a-token";
/// Whose token that is.
const OWN: u64 = 42;
/// Comments on a page.
const PAGE: usize = 100;

/// What it knows.
#[derive(Debug, Default)]
struct State {
    comments: Vec<Value>,
    requests: Vec<String>,
}

/// The forge, until it is dropped.
pub struct Forge {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    server: Option<JoinHandle<()>>,
}

impl Forge {
    /// Starts one with comments by people, each with its text.
    ///
    /// # Panics
    /// When there is no port.
    pub fn start(comments: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let mut state = State::default();
        for text in comments {
            state.add(text, "User");
        }
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                match answer(&stream, &shared) {
                    Some(true) | None => {}
                    Some(false) => return,
                }
            }
        });
        Self {
            address,
            state,
            server: Some(server),
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The text of all comments, the oldest first.
    pub fn comments(&self) -> Vec<String> {
        let state = locked(&self.state);
        let texts = state.comments.iter().map(|comment| &comment["body"]);
        texts
            .filter_map(|text| Some(text.as_str()?.to_owned()))
            .collect()
    }

    /// What it was asked since the last time: method and path.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.state).requests)
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = stream.write_all(b"STOP / HTTP/1.1\r\n\r\n");
        }
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

impl State {
    fn add(&mut self, text: &str, kind: &str) -> Value {
        // GitHub says what kind of user it was, GitLab which one.
        let author = if kind == "Bot" { OWN } else { OWN + 1 };
        let id = 7000 + self.comments.len();
        let comment =
            json!({ "id": id, "body": text, "user": { "type": kind }, "author": { "id": author } });
        self.comments.push(comment.clone());
        comment
    }

    /// Status and body of an answer.
    fn answer(&mut self, request: &Request) -> (u16, Value) {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if request.token != TOKEN {
            return (401, json!({ "message": "the token is missing" }));
        }
        let (parent, last) = path.rsplit_once('/').unwrap_or(("", path));
        let is_list = matches!(last, "comments" | "notes");
        match request.method.as_str() {
            "GET" if path == "/user" => (200, json!({ "id": OWN })),
            "GET" if is_list => {
                let pages = query.split('&').find_map(|one| one.strip_prefix("page="));
                let page: usize = pages.and_then(|page| page.parse().ok()).unwrap_or(1);
                let from = self.comments.len().min((page - 1) * PAGE);
                let until = self.comments.len().min(from + PAGE);
                (200, json!(self.comments[from..until]))
            }
            "POST" if is_list => (201, self.add(&request.text(), "Bot")),
            "PATCH" | "PUT" if parent.ends_with("/comments") || parent.ends_with("/notes") => {
                let named = |comment: &&mut Value| comment["id"].as_u64() == last.parse().ok();
                match self.comments.iter_mut().find(named) {
                    Some(comment) => {
                        comment["body"] = json!(request.text());
                        (200, comment.clone())
                    }
                    None => (404, json!({ "message": "no such comment" })),
                }
            }
            _ => (404, json!({ "message": "no such page" })),
        }
    }
}

/// What a client asks.
struct Request {
    method: String,
    path: String,
    token: String,
    kind: String,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            match line.trim_end() {
                "" => break,
                text => lines.push(text.to_owned()),
            }
        }
        let mut first = lines.first()?.split(' ');
        let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers = lines.iter().skip(1).filter_map(|line| line.split_once(':'));
        let headers: BTreeMap<_, _> = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
            .collect();
        let header = |name: &str| headers.get(name).copied().unwrap_or_default();
        if header("expect") == "100-continue" {
            (&*stream)
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                .ok()?;
        }
        let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        let bearer = header("authorization").strip_prefix("Bearer ");
        Some(Self {
            token: bearer.unwrap_or(header("private-token")).to_owned(),
            kind: header("content-type").to_owned(),
            method,
            path,
            body,
        })
    }

    /// The comment's text: of JSON for GitHub, of a form for GitLab. curl calls both a form.
    fn text(&self) -> String {
        if let Ok(value) = serde_json::from_slice::<Value>(&self.body) {
            return value["body"].as_str().unwrap_or_default().to_owned();
        }
        assert_eq!(self.kind, "application/x-www-form-urlencoded");
        let mut pairs = url::form_urlencoded::parse(&self.body);
        let body = pairs.find(|(name, _)| name == "body");
        body.map(|(_, text)| text.into_owned()).unwrap_or_default()
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers a request; `false` if it was to stop, `None` if there was none.
fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> Option<bool> {
    let request = Request::read(stream)?;
    if request.method == "STOP" {
        return Some(false);
    }
    let mut state = locked(state);
    let (status, body) = state.answer(&request);
    state
        .requests
        .push(format!("{} {}", request.method, request.path));
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    Some(true)
}
