//! One reading of a panel's tables on a live server.

use std::time::Duration;

use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder, Value};

use super::{Door, Login};
use crate::panel::Inventory;
use crate::panel::inventory::Origin;
use crate::panel::source::SourceError;
use crate::panel::source::tables::{Databases, MOST_COLUMNS_WANTED, TooMuch, wanted};

/// A server that does not answer within this time is not there.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest silence within an answer: a busy server may think for long before the first row.
const READ: Duration = Duration::from_secs(300);

/// Codes of the server's errors that a person can do something about.
const ACCESS_DENIED: [u16; 4] = [1044, 1045, COMMAND_DENIED, 1698];
/// A right of a table is lacking. The message begins with its name.
const COMMAND_DENIED: u16 = 1142;
/// What the server says where a lock is not to be had.
const LOCKED: [u16; 2] = [1205, 1213];
const UNKNOWN_DATABASE: u16 = 1049;
/// What servers that are too old for `READ ONLY` say.
const SYNTAX: u16 = 1064;

/// Engines whose tables a transaction sees as they are at its start.
pub(super) const TRANSACTIONAL: [&str; 3] = ["InnoDB", "RocksDB", "TokuDB"];

/// Reads all objects at one moment.
pub(super) fn read(login: &Login) -> Result<Inventory, SourceError> {
    let fail = |error: mysql::Error| failed(login, &error);
    let mut connection = connect(login).map_err(fail)?;
    begin(&mut connection).map_err(fail)?;
    let taken: Option<String> = connection.query_first("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ')").map_err(fail)?;
    let mut databases = Databases::default();
    let mut notes = Vec::new();
    for table in tables(&mut connection).map_err(fail)? {
        let too_much = |TooMuch(what)| SourceError::TooLarge { path: login.name.clone(), line: 0, what };
        let at = databases.open(login.database.as_bytes(), table.index).map_err(too_much)?;
        let facts = &wanted().tables[table.index];
        let order: Vec<Option<usize>> = table.columns.iter().map(|c| facts.slot(c.as_bytes())).collect();
        let rows = databases.rows(at);
        rows.declare(&order);
        let slots: Vec<(usize, &str)> = order.iter().zip(&table.columns).filter_map(|(slot, c)| Some(((*slot)?, c.as_str()))).collect();
        if slots.is_empty() {
            continue;
        }
        if let Some(engine) = table.engine.filter(|e| !TRANSACTIONAL.iter().any(|t| t.eq_ignore_ascii_case(e))) {
            notes.push(format!(
                "the table `{}` is kept by {engine}, which knows no transactions: it may be of another moment than the others",
                table.name
            ));
        }
        let list: Vec<String> = slots.iter().map(|(_, column)| quoted(column)).collect();
        let mut result = connection.query_iter(format!("SELECT {} FROM {}", list.join(", "), quoted(&table.name))).map_err(fail)?;
        for row in result.by_ref() {
            let values = row.map_err(fail)?.unwrap();
            let mut cells: [Option<&[u8]>; MOST_COLUMNS_WANTED] = [None; MOST_COLUMNS_WANTED];
            for ((slot, _), value) in slots.iter().zip(&values) {
                // The text protocol gives every value as the bytes of its text.
                cells[*slot] = if let Value::Bytes(bytes) = value { Some(bytes) } else { None };
            }
            databases.push(at, &cells[..facts.columns.len()]).map_err(too_much)?;
        }
    }
    connection.query_drop("ROLLBACK").map_err(fail)?;
    let (tables, note) = databases.choose(&login.name)?;
    let origin = Origin { source: login.name.clone(), taken };
    let mut inventory = tables.inventory(origin, &login.name)?;
    note.into_iter().chain(notes).for_each(|note| inventory.note(note));
    Ok(inventory)
}

pub(super) fn connect(login: &Login) -> mysql::Result<Conn> {
    let options = OptsBuilder::new()
        .user(Some(&login.user))
        .pass(login.password.as_ref().map(super::Secret::reveal))
        .db_name(Some(&login.database))
        // Otherwise a connection to this machine's port would become one to whatever socket the server names.
        .prefer_socket(false)
        .tcp_connect_timeout(Some(CONNECT))
        .read_timeout(Some(READ))
        .write_timeout(Some(READ))
        .init(vec!["SET NAMES utf8mb4"]);
    let options = match &login.door {
        Door::Socket(path) => options.socket(Some(path)),
        Door::Tcp(host, port) => options.ip_or_hostname(Some(host)).tcp_port(*port),
    };
    Conn::new(options)
}

/// Begins a transaction that sees one moment, and where the server can, one that cannot write.
pub(super) fn begin(connection: &mut Conn) -> mysql::Result<()> {
    connection.query_drop("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
    match connection.query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY") {
        Err(mysql::Error::MySqlError(error)) if error.code == SYNTAX => connection.query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT"),
        done => done,
    }
}

/// A table that is wanted, as the server has it.
struct Table {
    /// Its place among the wanted ones.
    index: usize,
    /// Its name, as this server spells it.
    name: String,
    engine: Option<String>,
    columns: Vec<String>,
}

/// The wanted tables, with the columns that this user may read.
fn tables(connection: &mut Conn) -> mysql::Result<Vec<Table>> {
    let named: Vec<(Vec<u8>, Option<String>)> =
        connection.query("SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()")?;
    let columns: Vec<(Vec<u8>, Vec<u8>)> = connection.query(
        "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY ORDINAL_POSITION",
    )?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let table = |(name, engine): (Vec<u8>, Option<String>)| {
        let index = wanted().table(&name)?;
        let columns = columns.iter().filter(|(table, _)| *table == name).map(|(_, column)| text(column)).collect();
        Some(Table { index, name: text(&name), engine, columns })
    };
    Ok(named.into_iter().filter_map(table).collect())
}

/// A name in SQL.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

pub(super) fn failed(login: &Login, error: &mysql::Error) -> SourceError {
    let help = match error {
        mysql::Error::MySqlError(e) if e.code == COMMAND_DENIED && !e.message.starts_with("SELECT ") => {
            "give the user the right that is named; a fix and an undo need SELECT, INSERT, UPDATE and DELETE on the panel's table of settings, and on the tables that the manifest names. Or let a script be written, for who has these: --emit sql"
        }
        mysql::Error::MySqlError(e) if ACCESS_DENIED.contains(&e.code) => {
            "check the user's name, its password and its right to SELECT from the panel's tables; the password is taken from `?password-file=FILE`, else MYSQL_PWD, else ~/.my.cnf"
        }
        mysql::Error::MySqlError(e) if e.code == UNKNOWN_DATABASE => {
            "name the panel's database after the server: `mysql://USER@HOST/DATABASE`"
        }
        mysql::Error::MySqlError(e) if LOCKED.contains(&e.code) => {
            "somebody else holds rows that are to be read or changed: try again when they are done (SHOW FULL PROCESSLIST tells who)"
        }
        mysql::Error::IoError(_) | mysql::Error::DriverError(_) => {
            "check that the server runs and can be reached from here; TLS is not supported: use a tunnel or a dump for a server that asks for it"
        }
        mysql::Error::CodecError(_) => "check the host and the port: another program may listen there",
        _ => "read the panel's state from a dump instead: `mysqldump` or `plesk db dump`",
    };
    // What the crate says of the server's errors names the user and the host, never the password.
    let what = match error {
        mysql::Error::MySqlError(error) => error.to_string(),
        mysql::Error::DriverError(error) => error.to_string(),
        mysql::Error::IoError(error) => error.to_string(),
        mysql::Error::CodecError(error) => format!("what answers does not speak as a server of MariaDB or MySQL does: {error}"),
        error => error.to_string(),
    };
    SourceError::Server { server: login.name.clone(), what, help: help.to_owned() }
}
