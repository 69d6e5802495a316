//! A real browser without a window, spoken to through its WebDriver.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(180);

/// A session of Chromium.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts one. `scripts/test` installs what it needs.
    pub fn start() -> Browser {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = command.spawn().expect("chromedriver is installed: apt-get install chromium chromium-driver");
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Browser { driver, port, session: String::new(), _profile: profile };
        let started = Instant::now();
        while browser.call("GET", "/status", &Value::Null).is_none_or(|status| status["value"]["ready"] != true) {
            assert!(started.elapsed() < PATIENCE, "chromedriver does not come up");
            std::thread::sleep(Duration::from_millis(100));
        }
        // The pages are our own: what guards against foreign ones asks for rights that a container has not.
        let data = format!("--user-data-dir={}", browser._profile.path().display());
        let args =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-device-scale-factor=1", data.as_str()];
        let options = json!({ "args": args });
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let made = browser.call("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } })).unwrap();
        browser.session = made["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{made:#}")).to_owned();
        browser
    }

    /// Opens a file.
    pub fn open(&self, path: &Path) {
        self.post("url", &json!({ "url": format!("file://{}", path.display()) }));
    }

    /// What a script returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a script gives true: what follows an event, the page does in its own time. Whether that came within ten seconds.
    pub fn comes_true(&self, script: &str) -> bool {
        (0..100).any(|_| {
            let is_true = self.run(script) == true;
            if !is_true {
                std::thread::sleep(Duration::from_millis(100));
            }
            is_true
        })
    }

    /// Presses keys, one after the other.
    pub fn press(&self, keys: &[&str]) {
        let actions: Vec<Value> =
            keys.iter().flat_map(|k| [json!({ "type": "keyDown", "value": k }), json!({ "type": "keyUp", "value": k })]).collect();
        self.post("actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }));
    }

    /// Makes the page this wide and high, in its own points, in light or in dark.
    pub fn show(&self, width: u32, height: u32, dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.post("goog/cdp/execute", &json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": size }));
        let scheme = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        self.post("goog/cdp/execute", &json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": [scheme] } }));
    }

    /// A picture of what is shown, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let answer = self.call("GET", &format!("/session/{}/screenshot", self.session), &Value::Null).unwrap();
        base64(answer["value"].as_str().unwrap())
    }

    /// What the browser complained of.
    pub fn complaints(&self) -> Vec<Value> {
        self.post("se/log", &json!({ "type": "browser" })).as_array().unwrap().clone()
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        let answer = self.call("POST", &format!("/session/{}/{command}", self.session), body).unwrap();
        assert!(answer["value"].get("error").is_none(), "{command}: {answer:#}");
        answer["value"].clone()
    }

    /// One exchange with the driver; `None`: it is not there yet.
    fn call(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        write!(stream, "{head}Connection: close\r\n\r\n{body}").ok()?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            self.call("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn base64(text: &str) -> Vec<u8> {
    let value = |b: u8| match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, b| bits << 6 | u32::from(value(*b))) << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}
