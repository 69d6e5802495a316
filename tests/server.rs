//! `reguid server` with a scripted client over standard input and output.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use support::cli::Cli;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";
const DDL: &str = "CREATE TABLE jobs (\n    id INTEGER PRIMARY KEY,\n    domain_id INTEGER NOT NULL\n);\n";
const PHP: &str = "<?php
class Modules_Sample_Jobs
{
    public function add(PDO $db, pm_Domain $domain)
    {
        $db->prepare('INSERT INTO jobs (domain_id) VALUES (?)')->execute([$domain->getId()]);
    }
}
";
/// What carries the data of domains into their backups.
const HOOK: &str = "<?php
class Modules_Sample_Backup_Domain extends pm_Hook_Backup_Domain
{
    public function backup(pm_Domain $domain)
    {
        return ['', [], []];
    }

    public function restore(pm_Domain $domain, $pleskVersion, $extVersion, $config, $contentDir)
    {
        Modules_Sample_Jobs::restored($domain, $config);
    }
}
";
/// Longer than a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(120);

struct Client {
    cli: Cli,
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    number: u64,
}

impl Client {
    /// A server for an extension in `my ext`, after the greeting.
    fn start(capabilities: &Value) -> Client {
        let cli = Cli::new();
        cli.file("my ext/meta.xml", META).file("my ext/plib/schema.sql", DDL).file("my ext/plib/library/Jobs.php", PHP);
        cli.file("my ext/plib/hooks/Backup/Domain.php", HOOK);
        let mut child = cli.command(&["server", "--stdio"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (sender, messages) = channel();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            loop {
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if output.read_line(&mut line).unwrap() == 0 {
                        return;
                    }
                    match line.trim_end().split_once(": ") {
                        Some(("Content-Length", value)) => length = value.parse().unwrap(),
                        Some(_) => {}
                        None => break,
                    }
                }
                let mut body = vec![0; length];
                output.read_exact(&mut body).unwrap();
                if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take().unwrap();
        let mut client = Client { cli, child, input, messages, number: 0 };
        let folder = client.uri("");
        let greeting = json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": [{ "uri": folder, "name": "x" }] });
        let answer = client.ask("initialize", greeting);
        assert_eq!(answer["result"]["serverInfo"]["name"], "reguid");
        client.tell("initialized", json!({}));
        client
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}/{}", self.cli.root().canonicalize().unwrap().to_str().unwrap(), path.replace(' ', "%20"))
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and gives the answer; what is told meanwhile is lost.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let id = self.number;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.until(|message| message["id"] == id && message.get("method").is_none())
    }

    fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the server answers");
            if fits(&message) {
                return message;
            }
        }
    }

    /// The next diagnostics of a file.
    fn diagnostics(&mut self, path: &str) -> Vec<Value> {
        let uri = self.uri(path);
        let told = self.until(|m| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == *uri);
        told["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn open(&mut self, path: &str, text: &str) {
        let uri = self.uri(path);
        self.tell("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "languageId": "sql", "version": 1, "text": text } }));
    }

    fn change(&mut self, path: &str, version: i32, text: &str) {
        let uri = self.uri(path);
        let document = json!({ "uri": uri, "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    fn hover(&mut self, path: &str, line: u32, character: u32) -> Value {
        let uri = self.uri(path);
        let position = json!({ "line": line, "character": character });
        self.ask("textDocument/hover", json!({ "textDocument": { "uri": uri }, "position": position }))["result"].clone()
    }

    fn actions(&mut self, path: &str, line: u32) -> Vec<Value> {
        let uri = self.uri(path);
        let range = json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": 200 } });
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
        self.ask("textDocument/codeAction", params)["result"].as_array().unwrap().clone()
    }

    /// Says good-bye; the exit code.
    fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        self.tell("exit", Value::Null);
        self.child.wait().unwrap().code().unwrap()
    }
}

/// A text after an edit of the protocol, whose positions count ASCII here.
fn edited(text: &str, edit: &Value) -> String {
    let offset = |position: &Value| {
        let at = |name: &str| usize::try_from(position[name].as_u64().unwrap()).unwrap();
        text.split_inclusive('\n').take(at("line")).map(str::len).sum::<usize>() + at("character")
    };
    let mut after = text.to_owned();
    after.replace_range(offset(&edit["range"]["start"])..offset(&edit["range"]["end"]), edit["newText"].as_str().unwrap());
    after
}

fn modern() -> Value {
    json!({ "workspace": { "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] } } })
}

#[test]
fn findings_come_without_asking_and_go_when_they_are_mended() {
    let mut client = Client::start(&modern());
    let found = client.diagnostics("my ext/plib/schema.sql");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["code"], &found[0]["severity"], &found[0]["source"]), (&json!("raw-id-column"), &json!(1), &json!("reguid")));
    assert_eq!(found[0]["range"], json!({ "start": { "line": 2, "character": 4 }, "end": { "line": 2, "character": 13 } }));
    let related = &found[0]["relatedInformation"][0];
    assert_eq!(related["location"]["uri"], client.uri("my ext/plib/library/Jobs.php"));

    // What the editor shows counts, not what is on disk; and the other file is still known.
    client.open("my ext/plib/schema.sql", &DDL.replace("domain_id INTEGER", "domain_guid TEXT"));
    assert_eq!(client.diagnostics("my ext/plib/schema.sql"), [Value::Null; 0]);
    client.change("my ext/plib/schema.sql", 2, &format!("-- é😀\n{DDL}"));
    let found = client.diagnostics("my ext/plib/schema.sql");
    assert_eq!(found[0]["range"]["start"]["line"], 3);
    let uri = client.uri("my ext/plib/schema.sql");
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(client.diagnostics("my ext/plib/schema.sql")[0]["range"]["start"]["line"], 2);
    assert_eq!(client.end(), 0);
}

#[test]
fn hover_shows_the_finding_and_the_page_of_its_rule() {
    let mut client = Client::start(&modern());
    let hover = client.hover("my ext/plib/schema.sql", 2, 6);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("stores raw domain ids") && text.contains("## Why it is bad") && text.contains("ALTER TABLE jobs"), "{text}");
    assert_eq!(hover["range"]["start"]["line"], 2);
    assert_eq!(client.hover("my ext/plib/schema.sql", 1, 6), Value::Null);
    assert_eq!(client.hover("my ext/nowhere.sql", 1, 6), Value::Null);
    client.open("my ext/plib/more.sql", "SELECT 1; -- 😀 reguid: ignore[raw-id-in-file] x\n");
    let hover = client.hover("my ext/plib/more.sql", 0, 34);
    assert!(hover["contents"]["value"].as_str().unwrap().starts_with("# raw-id-in-file"), "{hover:#}");
    client.open("my ext/plib/code.sql", "SELECT 1; -- 😀 reguid: ignore[RG005] x\n");
    assert_eq!(client.hover("my ext/plib/code.sql", 0, 34)["contents"], hover["contents"]);
    assert_eq!(client.end(), 0);
}

#[test]
fn actions_mend_what_they_say() {
    let mut client = Client::start(&modern());
    let actions = client.actions("my ext/plib/schema.sql", 2);
    assert_eq!(actions.len(), 1, "{actions:#?}");
    let changes = actions[0]["edit"]["documentChanges"].as_array().unwrap();
    let manifest = client.uri("my ext/reguid.toml");
    assert_eq!((&changes[0]["kind"], &changes[0]["uri"]), (&json!("create"), &json!(manifest)));
    let text = edited("", &changes[1]["edits"][0]);
    assert!(reguid::reference::manifest::Manifest::parse("reguid.toml".into(), &text).unwrap().column("jobs", "domain_id").is_some());
    assert_eq!(actions[0]["diagnostics"][0]["code"], "raw-id-column");
    // The manifest as it is open in the editor, not saved yet.
    client.open("my ext/reguid.toml", &text);
    assert_eq!(client.diagnostics("my ext/plib/schema.sql")[0]["severity"], 3, "a note");

    let before = "SELECT 1;\nSELECT 2; -- reguid: ignore[raw-id-in-file] gone\n";
    client.open("my ext/plib/more.sql", before);
    let actions = client.actions("my ext/plib/more.sql", 1);
    let change = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!((&change["textDocument"]["version"], &actions[0]["isPreferred"]), (&json!(1), &json!(true)));
    assert_eq!(edited(before, &change["edits"][0]), "SELECT 1;\nSELECT 2;\n");
    assert_eq!(client.actions("my ext/plib/more.sql", 0), [Value::Null; 0]);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_client_that_makes_no_files_is_offered_none() {
    let mut client = Client::start(&json!({}));
    assert_eq!(client.actions("my ext/plib/schema.sql", 2), [Value::Null; 0]);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_wrong_manifest_is_told_where_it_stands() {
    let mut client = Client::start(&modern());
    client.open("my ext/reguid.toml", "[lint]\nfail-on = 'eror'\n");
    let found = client.diagnostics("my ext/reguid.toml");
    assert!(found[0]["message"].as_str().unwrap().contains("did you mean `error`?"), "{found:#?}");
    client.change("my ext/reguid.toml", 2, "[lint]\nfail-on = 'error'\n");
    assert_eq!(client.diagnostics("my ext/reguid.toml"), [Value::Null; 0]);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_change_on_disk_is_seen() {
    let mut client = Client::start(&json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } }));
    let asked = client.until(|m| m["method"] == "client/registerCapability");
    assert!(asked["params"]["registrations"][0]["registerOptions"]["watchers"][0]["globPattern"].as_str().unwrap().contains("php"));
    assert_eq!(client.diagnostics("my ext/plib/schema.sql").len(), 1);
    client.cli.file("my ext/plib/schema.sql", "SELECT 1;\n");
    client.cli.file("my ext/plib/library/Jobs.php", "<?php\n");
    let uri = client.uri("my ext/plib/schema.sql");
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 2 }] }));
    assert_eq!(client.diagnostics("my ext/plib/schema.sql"), [Value::Null; 0]);
    assert_eq!(client.end(), 0);
}

#[test]
fn nonsense_is_answered_and_nothing_breaks() {
    let mut client = Client::start(&modern());
    assert_eq!(client.ask("textDocument/nonsense", json!({}))["error"]["code"], -32601);
    assert_eq!(client.ask("textDocument/hover", json!({ "x": 1 }))["error"]["code"], -32602);
    client.tell("textDocument/didOpen", json!([]));
    let told = client.until(|m| m["method"] == "window/showMessage");
    assert!(told["params"]["message"].as_str().unwrap().contains("wrong parameters"));
    for text in ["<?php \u{0} \"{$a[\"", "\u{feff}<?php", ""] {
        client.open("my ext/plib/odd.php", text);
    }
    client.tell(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": "untitled:a", "languageId": "php", "version": 1, "text": "<?php" } }),
    );
    assert_eq!(client.actions("my ext/plib/odd.php", 99), [Value::Null; 0]);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_client_that_just_goes_is_an_error() {
    let mut client = Client::start(&modern());
    client.tell("exit", Value::Null);
    assert_eq!(client.child.wait().unwrap().code(), Some(2));
}

#[test]
fn a_message_that_cannot_be_read_is_told() {
    for (sent, words) in
        [("Content-Length: 99999999999999\r\n\r\n{}", "99999999999999 bytes"), ("hello\r\n\r\n", "`hello` is no line of a header")]
    {
        let mut server = Command::new(env!("CARGO_BIN_EXE_reguid"))
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The server reads on as long as its input is open.
        server.stdin.as_mut().unwrap().write_all(sent.as_bytes()).unwrap();
        let output = server.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(words) && told.contains("help: "), "{told}");
    }
}
