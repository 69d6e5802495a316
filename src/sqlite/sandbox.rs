//! A database in memory for declarations of unknown origin.
//!
//! SQL that an extension ships is not trusted, and what looks like one declaration to a reader may be several statements to SQLite. So only the first
//! statement of a text is run, nothing that is declared computes rows, nothing outside of the memory is reached, and all of it has an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use rusqlite::Batch;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::{Connection, Error};

/// How many instructions of SQLite's machine stand between two questions whether to go on.
const PACE: i32 = 1_000;

/// How often that question is answered with yes, in all: less than a second of work.
const PATIENCE: u32 = 10_000;

/// Nothing is being compiled.
const IDLE: u8 = 0;
/// A declaration is being compiled.
const COMPILING: u8 = 1;
/// A declaration is being compiled, and it is a `CREATE TABLE`.
const TABLE: u8 = 2;

/// See the module.
#[derive(Debug)]
pub struct Sandbox {
    connection: Connection,
    phase: Arc<AtomicU8>,
}

impl Sandbox {
    /// An empty database.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open() -> Result<Sandbox, Error> {
        let mut connection = Connection::open_in_memory()?;
        let phase = Arc::new(AtomicU8::new(IDLE));
        let of_authorizer = Arc::clone(&phase);
        connection.authorizer(Some(move |context: AuthContext<'_>| authorize(&of_authorizer, context.action)))?;
        let asked = AtomicU32::new(0);
        connection.progress_handler(PACE, Some(move || asked.fetch_add(1, Ordering::Relaxed) >= PATIENCE))?;
        Ok(Sandbox { connection, phase })
    }

    /// Runs the first statement of `text`, which begins with `CREATE` or `ALTER`. What follows it is not looked at.
    ///
    /// # Errors
    /// What SQLite says. `CREATE TABLE … AS SELECT` is not authorized: it would compute rows.
    pub fn declare(&self, text: &str) -> Result<(), Error> {
        self.phase.store(COMPILING, Ordering::Relaxed);
        let compiled = Batch::new(&self.connection, text).next();
        // Virtual tables compile statements of their own while they are made.
        self.phase.store(IDLE, Ordering::Relaxed);
        match compiled? {
            Some(mut statement) => statement.execute([]).map(drop),
            None => Ok(()),
        }
    }

    /// The connection, for questions about what was declared.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}

fn authorize(phase: &AtomicU8, action: AuthAction<'_>) -> Authorization {
    let now = phase.load(Ordering::Relaxed);
    match action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Authorization::Deny,
        AuthAction::Select if now == TABLE => Authorization::Deny,
        AuthAction::CreateTable { .. } | AuthAction::CreateTempTable { .. } if now == COMPILING => {
            phase.store(TABLE, Ordering::Relaxed);
            Authorization::Allow
        }
        _ => Authorization::Allow,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn names(sandbox: &Sandbox) -> Vec<String> {
        let mut query = sandbox.connection().prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn declarations_are_run_and_what_follows_them_is_not() {
        let sandbox = Sandbox::open().unwrap();
        sandbox.declare(";; CREATE TABLE a (x, y INT DEFAULT (1 + 2) CHECK (y > 0)); CREATE TABLE b (x); nonsense").unwrap();
        sandbox.declare("ALTER TABLE a ADD COLUMN z TEXT DEFAULT 'q' CHECK (z <> '')").unwrap();
        sandbox.declare("CREATE VIEW v AS SELECT x, count(*) FROM a").unwrap();
        sandbox.declare("").unwrap();
        sandbox.declare(&format!("CREATE TABLE c (x){}", ";".repeat(1 << 20))).unwrap();
        assert_eq!(names(&sandbox), ["a", "c", "v"]);
        sandbox.declare("CREATE VIRTUAL TABLE f USING fts5(body)").unwrap();
    }

    #[test]
    fn no_table_is_filled() {
        let sandbox = Sandbox::open().unwrap();
        for select in [
            "SELECT 1",
            "VALUES (1)",
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
            "WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL VALUES (1)) VALUES (2)",
            "SELECT zeroblob(900000000)",
        ] {
            for temporary in ["", "TEMP"] {
                let refused = sandbox.declare(&format!("CREATE {temporary} TABLE a AS {select}")).unwrap_err();
                assert!(refused.to_string().contains("not authorized"), "{select}: {refused}");
            }
        }
        assert!(names(&sandbox).is_empty());
    }

    #[test]
    fn what_takes_too_long_is_stopped() {
        let sandbox = Sandbox::open().unwrap();
        let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
        let stopped = sandbox.connection().query_row(endless, [], |row| row.get::<_, i64>(0)).unwrap_err();
        assert_eq!(stopped.sqlite_error_code(), Some(crate::sqlite::ErrorCode::OperationInterrupted));
    }
}
