//! A command that is killed at the commit of what it changes in the panel's database: between it and the server stands a socket that knows the moment.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use super::stores::{Scene, said};

/// When the command is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server never hears of the commit.
    Before,
    /// The server made it durable, and the command never hears of that.
    After,
}

/// Commands of the protocol, by the first byte of a packet.
const QUERY: u8 = 3;
const PREPARE: u8 = 22;

/// Starts `command` on the scene's data and kills it at the first commit of what it changed there.
///
/// # Panics
/// The command ends by itself.
pub(crate) fn killed(scene: &Scene, command: &str, more: &[&str], cut: Cut) {
    // A run remembers the socket: the server's own steps aside meanwhile.
    let socket = scene.server.socket();
    let aside = socket.with_extension("aside");
    fs::rename(&socket, &aside).unwrap();
    let listener = UnixListener::bind(&socket).unwrap();
    let (reached, reaches) = channel();
    let server = aside.clone();
    thread::spawn(move || between(&listener, &server, cut, &reached));
    let mut child = Command::new(env!("CARGO_BIN_EXE_reguid"))
        .env_remove("MYSQL_PWD")
        .env("HOME", "/nonexistent")
        .current_dir(scene.beside(""))
        .args(scene.words(command))
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while reaches.recv_timeout(Duration::from_millis(20)).is_err() {
        if child.try_wait().unwrap().is_some() {
            panic!("{command} {more:?} ended before its commit: {}", said(&child.wait_with_output().unwrap()));
        }
    }
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "{command} {more:?} was not killed");
    fs::rename(&aside, &socket).unwrap();
}

/// Hands on what clients and the server say to each other.
fn between(listener: &UnixListener, server: &Path, cut: Cut, reached: &Sender<()>) {
    for client in listener.incoming() {
        let (Ok(client), Ok(server)) = (client, UnixStream::connect(server)) else { return };
        // What comes from the server is kept back from now on.
        let held = Arc::new(AtomicBool::new(false));
        let (to_client, from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (is_held, tells) = (Arc::clone(&held), reached.clone());
        thread::spawn(move || answers(from_server, to_client, &is_held, &tells));
        let tells = reached.clone();
        thread::spawn(move || asks(client, server, cut, &held, &tells));
    }
}

/// Hands on what the server says, until that is held back: then it is told that it said something.
fn answers(mut from: UnixStream, mut to: UnixStream, is_held: &AtomicBool, reached: &Sender<()>) {
    let mut bytes = [0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if is_held.load(Ordering::SeqCst) {
            let _ = reached.send(());
        } else if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// Hands on what a client asks, up to the commit of a change.
fn asks(mut from: UnixStream, mut to: UnixStream, cut: Cut, held: &AtomicBool, reached: &Sender<()>) {
    let mut changes = false;
    let mut packet = Vec::new();
    loop {
        packet.resize(4, 0);
        if from.read_exact(&mut packet).is_err() {
            break;
        }
        packet.resize(4 + (usize::from(packet[0]) | usize::from(packet[1]) << 8 | usize::from(packet[2]) << 16), 0);
        if from.read_exact(&mut packet[4..]).is_err() {
            break;
        }
        let sql = if let [_, _, _, 0, QUERY | PREPARE, sql @ ..] = packet.as_slice() { sql } else { &[] };
        changes |= ["UPDATE ", "INSERT ", "DELETE ", "REPLACE "].iter().any(|verb| sql.starts_with(verb.as_bytes()));
        if changes && sql == b"COMMIT" {
            if cut == Cut::Before {
                let _ = reached.send(());
                // It is killed now.
                let _ = from.read(&mut packet);
                break;
            }
            held.store(true, Ordering::SeqCst);
        }
        if to.write_all(&packet).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
