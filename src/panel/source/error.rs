//! Why an inventory could not be read or written.

use std::io;

/// Why an inventory could not be read or written. Every variant names the file; lines count from 1, bytes from 0, both after decompression.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum SourceError {
    /// The source's form is known and this release cannot read it.
    #[error("{word}: this release cannot read inventories from {form}")]
    #[diagnostic(help(
        "give a mysqldump of the panel database or rows of it (`plesk db -Xe`, `mysql --xml`), a backup of the panel, or a snapshot file made by `reguid snapshot`"
    ))]
    Unsupported {
        /// The word as given.
        word: String,
        /// The form of source it names.
        form: &'static str,
    },
    /// The word is empty.
    #[error("no inventory source is named: the word is empty")]
    #[diagnostic(help(
        "name a file, `plesk:` or `mysql://USER@HOST/DATABASE`; in a script, look whether the variable that stands there is set"
    ))]
    NoWord,
    /// A live server cannot be read.
    #[error("{server}: {what}")]
    #[diagnostic(help("{help}"))]
    Server {
        /// The server, without any password.
        server: String,
        /// What is wrong.
        what: String,
        /// What to do.
        help: String,
    },
    /// The companion cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Companion(#[from] Box<super::companion::CompanionError>),
    /// The backup cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Backup(Box<super::backup::BackupError>),
    /// The file could not be opened or read.
    #[error("{path}: cannot be read: {error}")]
    #[diagnostic(help("check the path and its permissions; `-` reads the standard input"))]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
    /// The file holds nothing.
    #[error("{path}: is empty")]
    #[diagnostic(help("the program that wrote it probably failed: make the dump or snapshot again"))]
    Empty {
        /// The file.
        path: String,
    },
    /// The dump ends inside a statement.
    #[error("{path}:{line}: the dump ends at byte {byte}, inside the statement that begins on line {began}")]
    #[diagnostic(help("the file was cut off; copy it again or make the dump again"))]
    Truncated {
        /// The file.
        path: String,
        /// The last line.
        line: u64,
        /// Its length.
        byte: u64,
        /// The line where the unfinished statement begins.
        began: u64,
    },
    /// The dump begins as mysqldump's do, and does not end so.
    #[error("{path}:{line}: the dump ends without the remark `-- Dump completed`: it was cut off")]
    #[diagnostic(help("copy the file again or make the dump again; rows that are lacking would be taken for objects that are gone"))]
    Incomplete {
        /// The file.
        path: String,
        /// The last line.
        line: u64,
    },
    /// The compressed data breaks off or does not check.
    #[error("{path}: the {form} data is damaged or cut off after {byte} bytes of content (line {line}): {error}")]
    #[diagnostic(help("`{form} -t` tells whether the file is whole; copy it again or make the dump again"))]
    Damaged {
        /// The file.
        path: String,
        /// The program that packs so: `gzip`, `zstd`.
        form: &'static str,
        /// The last line that could be read.
        line: u64,
        /// How many bytes of content could be read.
        byte: u64,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The name says that it is compressed, and the content is neither that nor anything else that is known.
    #[error("{path}: is named like a {form} file and is none")]
    #[diagnostic(help("the file is damaged or another program's; give the dump as mysqldump wrote it"))]
    NotPacked {
        /// The file.
        path: String,
        /// The program that packs so.
        form: &'static str,
    },
    /// Another program's file.
    #[error("{path}:{line}: is no dump of mysqldump: {what}")]
    #[diagnostic(help(
        "give a dump that mysqldump or mariadb-dump wrote as SQL or XML text, plain or compressed with gzip or zstd, a backup of the panel, or a snapshot file"
    ))]
    NotADump {
        /// The file.
        path: String,
        /// Where that shows.
        line: u64,
        /// What it is or begins with.
        what: String,
    },
    /// The dump's SQL is not as mysqldump writes it.
    #[error("{path}:{line}: {what} (byte {byte})")]
    #[diagnostic(help("the file was changed or damaged after mysqldump wrote it; make the dump again"))]
    Malformed {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// What is wrong.
        what: String,
    },
    /// Rows whose columns are not known.
    #[error("{path}:{line}: the dump has rows of the table `{table}` and does not tell its columns")]
    #[diagnostic(help("it was made with `--no-create-info`: make it again without that, or with `--complete-insert`"))]
    ColumnsUnknown {
        /// The file.
        path: String,
        /// Where the rows begin.
        line: u64,
        /// The table.
        table: &'static str,
    },
    /// Text in a character set that is not read.
    #[error("{path}:{line}: the dump is written in the character set `{charset}`, which is not read")]
    #[diagnostic(help("make the dump again with `--default-character-set=utf8mb4`"))]
    Charset {
        /// The file.
        path: String,
        /// Where it is told, or where text in it stands.
        line: u64,
        /// Its name.
        charset: String,
    },
    /// Rows that nothing tells the table of.
    #[error("{path}:{line}: it cannot be told which table these rows are of{}", told(columns, tables))]
    #[diagnostic(help(
        "print the rows of one table at a time, with `plesk db -Xe \"SELECT … FROM table\"` or `mysql --xml`, which name the table; \
         between tabs, select the id, the GUID and the name by their own names"
    ))]
    TableUnknown {
        /// The file.
        path: String,
        /// Where the rows begin.
        line: u64,
        /// The names of the columns, where that is all there is.
        columns: Vec<String>,
        /// The tables that they fit.
        tables: Vec<&'static str>,
    },
    /// The panel's tables, and not one row in them.
    #[error("{path}: holds the panel's tables and no rows")]
    #[diagnostic(help("it was made with `--no-data` or of an empty database: dump the panel's own, with its rows"))]
    NoRows {
        /// The file.
        path: String,
    },
    /// Rows of the panel's tables that no object can be made of.
    #[error("{path}: no object can be read: {why}")]
    #[diagnostic(help("select the id, the GUID and the name of each table, or dump the whole database"))]
    Unusable {
        /// The file.
        path: String,
        /// What is lacking.
        why: String,
    },
    /// More objects than any panel has: a damaged or hostile file.
    #[error("{path}:{line}: holds more than a panel can: {what}")]
    #[diagnostic(help("if this is truly a panel's database, please report it"))]
    TooLarge {
        /// The file.
        path: String,
        /// Where the limit was reached.
        line: u64,
        /// The limit.
        what: &'static str,
    },
    /// The dump is of another database.
    #[error("{path}: holds none of the panel's tables (looked for {})", tables.join(", "))]
    #[diagnostic(help("name the panel's own database; a dump must have all of its tables"))]
    LacksTables {
        /// The file.
        path: String,
        /// The tables that were looked for.
        tables: Vec<&'static str>,
    },
    /// A table of the panel's name without the column that holds the ids.
    #[error("{path}: the table `{table}` has no column `{column}`")]
    #[diagnostic(help("this is another program's database, or a version of the panel that this release does not know"))]
    MissingColumn {
        /// The file.
        path: String,
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// An id that is no number.
    #[error("{path}: row {row} of the table `{table}` has the id {value}, which is no whole number")]
    #[diagnostic(help("the dump was changed or damaged; make it again"))]
    BadId {
        /// The file.
        path: String,
        /// The table.
        table: &'static str,
        /// The row, counted from 1 in the order of the dump.
        row: usize,
        /// What stands there.
        value: String,
    },
    /// Several databases of the panel's shape.
    #[error("{path}: holds several databases of a panel: {}", databases.join(", "))]
    #[diagnostic(help("none of them is called `{}`; dump the one that is meant alone", crate::panel::catalogue::get().shared.database))]
    SeveralPanels {
        /// The file.
        path: String,
        /// Their names.
        databases: Vec<String>,
    },
    /// A snapshot of a version that this release does not read.
    #[error("{path}: is a snapshot of version {version}{}; this release, reguid {}, reads {}",
        writer(.tool), env!("CARGO_PKG_VERSION"), versions(*.oldest, *.newest))]
    #[diagnostic(help(
        "use the release of reguid that wrote it, or a later one; or make a snapshot of the same panel state with this release"
    ))]
    SnapshotVersion {
        /// The file.
        path: String,
        /// Its version.
        version: u64,
        /// The version of the program that wrote it, if the file says it.
        tool: String,
        /// The oldest version that is read.
        oldest: u64,
        /// The newest version that is read.
        newest: u64,
    },
    /// A snapshot that is not whole.
    #[error("{path}:{line}: the snapshot is damaged: {what}")]
    #[diagnostic(help("make the snapshot again, or give the dump that it was made from"))]
    SnapshotDamaged {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The snapshot could not be written. Nothing of it remains, and a file that was there before is as it was.
    #[error("{path}: cannot be written: {error}")]
    #[diagnostic(help("check that its folder is there, its permissions and the space on its disk"))]
    Unwritable {
        /// The file.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
}

/// `: their columns id, name fit domains, certificates`.
fn told(columns: &[String], tables: &[&str]) -> String {
    let columns = columns.join(", ");
    match (columns.is_empty(), tables) {
        (true, _) => String::new(),
        (false, []) => format!(": their columns {columns} fit none"),
        (false, tables) => format!(": their columns {columns} fit {}", tables.join(", ")),
    }
}
impl From<super::backup::BackupError> for SourceError {
    fn from(error: super::backup::BackupError) -> SourceError {
        SourceError::Backup(Box::new(error))
    }
}

fn writer(tool: &str) -> String {
    if tool.is_empty() { String::new() } else { format!(", which reguid {} wrote", tool.escape_debug()) }
}

fn versions(oldest: u64, newest: u64) -> String {
    if oldest == newest { format!("version {newest}") } else { format!("versions {oldest} to {newest}") }
}
