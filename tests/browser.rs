//! A headless Chromium, driven over WebDriver (W3C).

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A browser with one page. It has an empty profile of its own and is ended when it is dropped.
#[derive(Debug)]
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    driver: Child,
    // Removed when the browser is gone.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one that reaches no network: its proxy is a port that nobody listens on.
    ///
    /// # Panics
    ///
    /// If chromedriver or Chromium cannot be started; `tests/run` installs both.
    pub fn start() -> Self {
        let profile = tempfile::TempDir::new().expect("a temporary folder");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver (Debian's package chromium-driver)");
        let stdout = driver.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let port: u16 = lines
            .by_ref()
            .map_while(Result::ok)
            .filter(|line| line.contains("successfully on port"))
            .find_map(|line| line.trim_end_matches('.').rsplit(' ').next()?.parse().ok())
            .expect("chromedriver says its port");
        // It goes on talking, and must not block because nobody listens.
        std::thread::spawn(move || lines.for_each(drop));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let url = format!("http://127.0.0.1:{port}");
        let capabilities = capabilities(profile.path());
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities).connect(&url).await
        });
        let mut browser = Self {
            runtime,
            client: None,
            driver,
            _profile: profile,
        };
        browser.client = Some(client.expect("chromium (Debian's package) starts"));
        browser
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("it is there until the end")
    }

    /// Opens a file.
    ///
    /// # Panics
    ///
    /// If the browser does not answer; so do all that follow.
    pub fn open(&self, file: &Path) {
        let url = format!("file://{}", file.display());
        let opened = self.runtime.block_on(self.client().goto(&url));
        opened.expect("the page opens");
    }

    /// Gives the page's window a size, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Prefers `light` or `dark`.
    pub fn prefer(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features);
    }

    /// What a script returns.
    pub fn run(&self, script: &str) -> Value {
        let client = self.client();
        let answer = self.runtime.block_on(client.execute(script, Vec::new()));
        answer.expect("the script runs")
    }

    /// Clicks on the first element that a CSS selector finds.
    pub fn click(&self, selector: &str) {
        let client = self.client();
        let clicked = self.runtime.block_on(async {
            let element = client.find(Locator::Css(selector)).await?;
            element.click().await
        });
        clicked.expect("it can be clicked");
    }

    /// Types on the first element that a CSS selector finds.
    pub fn type_on(&self, selector: &str, keys: &str) {
        let client = self.client();
        let typed = self.runtime.block_on(async {
            let element = client.find(Locator::Css(selector)).await?;
            element.send_keys(keys).await
        });
        typed.expect("it can be typed on");
    }

    /// What was written to the console since the last time, as `LEVEL: message`.
    pub fn console(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({"type": "browser"}));
        let text = |entry: &Value| {
            let part = |name: &str| entry[name].as_str().unwrap_or_default();
            format!("{}: {}", part("level"), part("message"))
        };
        let entries = entries.as_array().map(Vec::as_slice);
        entries.unwrap_or_default().iter().map(text).collect()
    }

    /// The page as a PDF.
    pub fn print(&self) -> Vec<u8> {
        bytes(&self.command("print", json!({"background": true})))
    }

    /// What is seen, as a PNG.
    pub fn picture(&self) -> Vec<u8> {
        let answer = self.devtools("Page.captureScreenshot", json!({"format": "png"}));
        bytes(&answer["data"])
    }

    fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.command("goog/cdp/execute", body)
    }

    fn command(&self, path: &'static str, body: Value) -> Value {
        let command = Extension { path, body };
        let answer = self.runtime.block_on(self.client().issue_cmd(command));
        answer.expect("the browser answers")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends with its session, and would outlive its driver otherwise.
        if let Some(client) = self.client.take() {
            let _ = self.runtime.block_on(client.close());
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn bytes(text: &Value) -> Vec<u8> {
    let text = text.as_str().expect("bytes as text");
    STANDARD.decode(text).expect("base64")
}

fn capabilities(profile: &Path) -> Capabilities {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--proxy-server=127.0.0.1:9",
    ];
    let mut arguments: Vec<_> = arguments.map(str::to_owned).to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    let capabilities = json!({
        "goog:chromeOptions": {"args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
    });
    let Value::Object(capabilities) = capabilities else {
        return Capabilities::new();
    };
    capabilities
}

/// A command of chromedriver, or one that the client has no name for.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
