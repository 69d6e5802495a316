//! A live panel database: the tables of a MariaDB or MySQL server, read in one transaction that sees them all at one moment and cannot write.
//!
//! `mysql://user@host/psa` names a server; `plesk:` is the panel of this machine, whose credentials lie where the panel keeps them. Only the columns
//! that identify objects are asked for. The password comes from a file, never from the command line, and goes nowhere but to the server.

mod address;
mod option_file;
pub(in crate::panel) mod rows;
mod session;
pub(in crate::panel) mod settings;
mod tables;

use std::fmt;
use std::path::{Path, PathBuf};

use super::SourceError;
use crate::panel::{Inventory, catalogue};
use address::Address;

/// The word for this machine's own panel; what follows is the root folder of its system, if that is another one.
const PLESK: &str = "plesk:";
/// The words before a server's address.
const SERVERS: [&str; 2] = ["mysql:", "mariadb:"];

/// A password. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(text: String) -> Secret {
        Secret(text)
    }

    fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How to reach a panel's database.
#[derive(Clone)]
struct Login {
    /// The server as errors and reports name it.
    name: String,
    user: String,
    password: Option<Secret>,
    door: Door,
    database: String,
}

/// How to reach a server.
#[derive(Clone)]
enum Door {
    Socket(String),
    Tcp(String, u16),
}

/// Whether `word` names a live server.
pub(super) fn is_named_by(word: &str) -> bool {
    scheme(word, PLESK).is_some() || SERVERS.iter().any(|s| scheme(word, s).is_some())
}

/// What stands behind `scheme`, which is written in either case: an address that is taken for a file's name would be shown with the password in it.
fn scheme<'w>(word: &'w str, scheme: &str) -> Option<&'w str> {
    let (head, rest) = word.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Reads the inventory of the server that `word` names.
///
/// # Errors
/// The word is wrong, the credentials cannot be found, the server cannot be reached or does not let in, or the database is no panel's.
pub(super) fn read(word: &str) -> Result<Inventory, SourceError> {
    session::read(&login(word)?)
}

/// How to reach the server that `word` names.
fn login(word: &str) -> Result<Login, SourceError> {
    match scheme(word, PLESK) {
        Some(root) => of_this_machine(Path::new(if root.is_empty() { "/" } else { root }), word),
        None => of_address(word.split_once(':').map_or("", |(_, rest)| rest)),
    }
}

/// The panel's own credentials, on the system below `root`.
fn of_this_machine(root: &Path, word: &str) -> Result<Login, SourceError> {
    let shared = &catalogue::get().shared;
    let server = &shared.server;
    let below = |path: &str| root.join(path.trim_start_matches('/'));
    let file = below(&server.password_file);
    let fail = |what: String, help: &str| SourceError::Server { server: word.to_owned(), what, help: help.to_owned() };
    let password = std::fs::read_to_string(&file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => fail(
            format!("there is no panel here: its password file {} is missing", file.display()),
            "run this on the panel's server, or name another source: `mysql://USER@HOST/DATABASE`, a dump, a backup or a snapshot file",
        ),
        std::io::ErrorKind::PermissionDenied => {
            fail(format!("the panel's password file {} may not be read", file.display()), "run this as root")
        }
        _ => fail(format!("the panel's password file {} cannot be read: {error}", file.display()), "check the file"),
    })?;
    let socket = first_there(server.sockets.iter().map(|s| below(s))).ok_or_else(|| {
        fail(
            format!("no database server listens here (looked for {})", server.sockets.join(", ")),
            "start the database server; if the panel's database is on another machine, name it: `mysql://USER@HOST/DATABASE?password-file=FILE`",
        )
    })?;
    Ok(Login {
        name: word.to_owned(),
        user: server.user.clone(),
        password: Some(Secret::new(password.trim_end_matches(['\r', '\n']).to_owned())),
        door: Door::Socket(socket.to_string_lossy().into_owned()),
        database: shared.database.clone(),
    })
}

fn first_there(mut paths: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    paths.find(|path| path.exists())
}

/// The credentials for the server at an address: what it does not say is looked for where clients of MySQL look.
fn of_address(rest: &str) -> Result<Login, SourceError> {
    let address = Address::parse(rest).map_err(|wrong| SourceError::Server {
        // What follows the scheme may hold a password.
        server: "mysql:…".to_owned(),
        what: wrong.what,
        help: wrong.help.to_owned(),
    })?;
    let fail = |what: String, help: &str| SourceError::Server { server: address.to_string(), what, help: help.to_owned() };
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let options = home.and_then(|home| std::fs::read_to_string(home.join(".my.cnf")).ok()).map(|text| option_file::read(&text));
    let options = options.unwrap_or_default();
    let password = match &address.password_file {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| fail(format!("the password file {file} cannot be read: {error}"), "check its path and permissions"))?;
            Some(Secret::new(text.lines().next().unwrap_or_default().to_owned()))
        }
        None => std::env::var("MYSQL_PWD").ok().map(Secret::new).or(options.password),
    };
    let host = address.host.clone().or(options.host.filter(|_| address.socket.is_none()));
    let with_host = Address { host, port: address.port.or(options.port), ..address.clone() };
    let door = match (with_host.tcp(), address.socket.clone().or(options.socket)) {
        (Some((host, port)), _) => Door::Tcp(host.to_owned(), port),
        (None, Some(socket)) => Door::Socket(socket),
        (None, None) => {
            let usual = &catalogue::get().shared.server.sockets;
            let there = first_there(usual.iter().map(PathBuf::from));
            let socket = there.ok_or_else(|| {
                fail(
                    format!("no database server listens on this machine (looked for {})", usual.join(", ")),
                    "name its socket: `?socket=PATH`",
                )
            })?;
            Door::Socket(socket.to_string_lossy().into_owned())
        }
    };
    Ok(Login {
        name: address.to_string(),
        user: address.user.clone().or(options.user).or_else(|| std::env::var("USER").ok()).unwrap_or_default(),
        password,
        door,
        database: address.database.clone().unwrap_or_else(|| catalogue::get().shared.database.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert!(!format!("{:?}", Secret::new("s3cret".to_owned())).contains("s3cret"));
    }

    #[test]
    fn words_of_servers_are_known() {
        for word in ["plesk:", "plesk:/mnt/old", "mysql://h/psa", "mariadb:"] {
            assert!(is_named_by(word), "{word}");
        }
        assert!(is_named_by("MYSQL://u:secret@h/psa") && is_named_by("Plesk:"));
        assert!(!is_named_by("plesk.sql") && !is_named_by("mysql.dump"));
    }
}
