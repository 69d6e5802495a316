//! A language server over the engine of `reguid lint`: diagnostics, hover, code actions, over standard input and output.
//!
//! What is open in the editor is read from there, the rest of its extension from disk. A change is judged when no other one follows for a moment.

mod answer;
mod position;
mod state;
mod uri;
mod wire;

use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Notification as _,
    PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{CodeActionRequest, HoverRequest, RegisterCapability, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher,
    GlobPattern, HoverProviderCapability, InitializeParams, MessageType, PositionEncodingKind, Registration, RegistrationParams,
    ServerCapabilities, ServerInfo, ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions,
};
use miette::{IntoDiagnostic, miette};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use position::Encoding;
use state::State;

/// How long a change is waited for after another one, before the extension is judged.
const PATIENCE: Duration = Duration::from_millis(150);

/// The files whose changes on disk matter.
const WATCHED: &str = "**/{*.php,*.phtml,*.inc,*.sql,*.sqlite3,*.db,reguid.toml,meta.xml}";

/// Serves a client on standard input and output until it says that it is done.
///
/// # Errors
/// When the client does not keep to the protocol, or goes away without a word.
pub fn serve() -> miette::Result<()> {
    let (connection, wire) = wire::stdio();
    let spoken = speak(&connection);
    drop(connection);
    // What could not be read is why the client seems to have gone away.
    wire.close()?;
    if spoken? {
        Ok(())
    } else {
        Err(miette!(help = "an editor sends `shutdown` before it goes", "the client went away without a shutdown"))
    }
}

/// Speaks with one client; whether it ended as the protocol asks for.
fn speak(connection: &Connection) -> miette::Result<bool> {
    let (id, params) = match connection.initialize_start() {
        Err(error) if error.channel_is_disconnected() => return Ok(false),
        started => started.into_diagnostic()?,
    };
    let params: InitializeParams = serde_json::from_value(params).into_diagnostic()?;
    let encoding = encoding(&params);
    let info = ServerInfo { name: env!("CARGO_PKG_NAME").to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
    let told = json!({ "capabilities": capabilities(encoding), "serverInfo": info });
    connection.initialize_finish(id, told).into_diagnostic()?;
    watch(connection, &params)?;
    let mut state = State::new(&params, encoding);
    loop {
        let next = if state.is_dirty() {
            match connection.receiver.recv_timeout(PATIENCE) {
                Ok(message) => message,
                Err(error) if error.is_timeout() => {
                    judge(connection, &mut state)?;
                    continue;
                }
                Err(_) => return Ok(false),
            }
        } else {
            match connection.receiver.recv() {
                Ok(message) => message,
                Err(_) => return Ok(false),
            }
        };
        match next {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).into_diagnostic()? {
                    return Ok(true);
                }
                // The answer speaks of what the client shows now.
                judge(connection, &mut state)?;
                send(connection, answer(&state, request))?;
            }
            Message::Notification(notification) if notification.method == "exit" => return Ok(false),
            Message::Notification(notification) => {
                if let Err(error) = take(&mut state, notification) {
                    say(connection, &error)?;
                }
            }
            Message::Response(_) => {}
        }
    }
}

/// The way to count characters that both sides know; the protocol's own one, where the client knows no other.
fn encoding(params: &InitializeParams) -> Encoding {
    let known = params.capabilities.general.as_ref().and_then(|g| g.position_encodings.as_deref()).unwrap_or_default();
    if known.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(TextDocumentSyncSaveOptions::Supported(true)),
        ..TextDocumentSyncOptions::default()
    };
    ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}

/// Asks the client to tell of changes on disk, if it can.
fn watch(connection: &Connection, params: &InitializeParams) -> miette::Result<()> {
    let files = params.capabilities.workspace.as_ref().and_then(|w| w.did_change_watched_files.as_ref());
    if files.and_then(|f| f.dynamic_registration) != Some(true) {
        return Ok(());
    }
    let watchers = vec![FileSystemWatcher { glob_pattern: GlobPattern::String(WATCHED.to_owned()), kind: None }];
    let options = serde_json::to_value(DidChangeWatchedFilesRegistrationOptions { watchers }).into_diagnostic()?;
    let registration =
        Registration { id: "files".to_owned(), method: DidChangeWatchedFiles::METHOD.to_owned(), register_options: Some(options) };
    let request = Request::new(1.into(), RegisterCapability::METHOD.to_owned(), RegistrationParams { registrations: vec![registration] });
    send(connection, request)
}

/// Judges what changed, and tells the client.
fn judge(connection: &Connection, state: &mut State) -> miette::Result<()> {
    let judged = state.judge();
    for params in judged.published {
        send(connection, Notification::new(PublishDiagnostics::METHOD.to_owned(), params))?;
    }
    judged.errors.iter().try_for_each(|error| say(connection, error))
}

fn say(connection: &Connection, error: &str) -> miette::Result<()> {
    let params = ShowMessageParams { typ: MessageType::ERROR, message: format!("reguid: {error}") };
    send(connection, Notification::new(ShowMessage::METHOD.to_owned(), params))
}

fn send(connection: &Connection, message: impl Into<Message>) -> miette::Result<()> {
    connection.sender.send(message.into()).map_err(|_| miette!("the client takes no more messages"))
}

fn answer(state: &State, request: Request) -> Response {
    let id = request.id.clone();
    let answered = match request.method.as_str() {
        HoverRequest::METHOD => params(request.params).map(|params| json!(answer::hover(state, &params))),
        CodeActionRequest::METHOD => params(request.params).map(|params| json!(answer::actions(state, &params))),
        method => return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("unknown request {method}")),
    };
    match answered {
        Ok(result) => Response::new_ok(id, result),
        Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error),
    }
}

fn take(state: &mut State, notification: Notification) -> Result<(), String> {
    match notification.method.as_str() {
        DidOpenTextDocument::METHOD => state.open(params(notification.params)?),
        DidChangeTextDocument::METHOD => state.change(params(notification.params)?),
        DidCloseTextDocument::METHOD => state.close(&params(notification.params)?),
        DidSaveTextDocument::METHOD => state.saved(&params(notification.params)?),
        DidChangeWatchedFiles::METHOD => state.changed_on_disk(&params(notification.params)?),
        _ => {}
    }
    Ok(())
}

fn params<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|e| format!("wrong parameters: {e}"))
}
