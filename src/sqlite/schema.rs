//! What a SQLite database declares.

use std::collections::BTreeMap;

use super::name::{qualified, quote};
use super::{Connection, Error};

/// The declarations of one database.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Tables, views and virtual tables, in the order of their names. SQLite's own are left out.
    pub tables: Vec<Table>,
    /// Triggers, in the order of their names.
    pub triggers: Vec<Trigger>,
}

/// What sort of table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableType {
    /// Rows of its own.
    Ordinary,
    /// A view.
    View,
    /// A virtual table, such as a full-text index.
    Virtual,
    /// A table that belongs to a virtual one.
    Shadow,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name as declared.
    pub name: String,
    /// What sort of table it is.
    pub table_type: TableType,
    /// The text that declares it.
    pub sql: String,
    /// Its columns, in order, generated and hidden ones too.
    pub columns: Vec<Column>,
    /// Declared `WITHOUT ROWID`.
    pub without_rowid: bool,
    /// Declared `STRICT`.
    pub strict: bool,
    /// Whether `sqlite_sequence` counts for it.
    pub autoincrement: bool,
    /// The column that is the rowid by another name (`INTEGER PRIMARY KEY`).
    pub integer_key: Option<usize>,
    /// The primary key's columns, in the key's order.
    pub primary_key: Vec<usize>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// The foreign keys that it declares.
    pub foreign_keys: Vec<ForeignKey>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name as declared.
    pub name: String,
    /// Its declared type; empty where there is none.
    pub declared_type: String,
    /// Declared `NOT NULL`, or part of the primary key of a table `WITHOUT ROWID`.
    pub not_null: bool,
    /// Computed from other columns.
    pub generated: bool,
    /// Computed from other columns when the row is written, and stored with it.
    pub computed_and_stored: bool,
    /// Hidden, as virtual tables have it.
    pub hidden: bool,
    /// The text of its DEFAULT; `None`: it has none.
    pub default: Option<String>,
}

/// What a column makes of the values that are written into it, by the rules of <https://sqlite.org/datatype3.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// Nothing.
    Blob,
    /// Texts of numbers.
    Text,
    /// Numbers of texts that are numbers, and integers of real numbers where they can be.
    Numeric,
    /// The same.
    Integer,
    /// Real numbers, of integers too.
    Real,
}

impl Affinity {
    /// That of a column of the declared type; `strict`: its table is.
    #[must_use]
    pub fn of(declared_type: &str, strict: bool) -> Affinity {
        let name = declared_type.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
        match () {
            () if strict && name == "ANY" => Affinity::Blob,
            () if has(&["INT"]) => Affinity::Integer,
            () if has(&["CHAR", "CLOB", "TEXT"]) => Affinity::Text,
            () if name.is_empty() || has(&["BLOB"]) => Affinity::Blob,
            () if has(&["REAL", "FLOA", "DOUB"]) => Affinity::Real,
            () => Affinity::Numeric,
        }
    }
}

/// An index.
#[derive(Debug, Clone)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// No two rows agree in it.
    pub unique: bool,
    /// It holds only the rows that a condition lets in.
    pub partial: bool,
    /// It is the primary key.
    pub primary_key: bool,
    /// Its key parts: a column, or `None` for an expression.
    pub parts: Vec<Option<usize>>,
    /// The text that declares it; `None` for those that SQLite makes from constraints.
    pub sql: Option<String>,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    /// The referenced table.
    pub parent: String,
    /// The column here, and the one there; `None`: the parent's primary key.
    pub columns: Vec<(String, Option<String>)>,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// The table that it watches.
    pub table: String,
    /// The text that declares it.
    pub sql: String,
}

impl Schema {
    /// Reads the declarations of the attached database `schema` (`main` for the first).
    ///
    /// # Errors
    /// What SQLite says.
    pub fn read(connection: &Connection, schema: &str) -> Result<Schema, Error> {
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        let mut triggers = Vec::new();
        let master = qualified(schema, "sqlite_schema");
        let mut query = connection.prepare(&format!("SELECT type, name, tbl_name, coalesce(sql, '') FROM {master} ORDER BY name"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, name, table, sql) = (text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?);
            match kind.as_str() {
                "trigger" => triggers.push(Trigger { name, table, sql }),
                "index" => drop(texts.insert(format!("index {name}"), sql)),
                _ => drop(texts.insert(format!("table {name}"), sql)),
            }
        }
        let mut tables = Vec::new();
        let mut query = connection.prepare("SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = ?1 ORDER BY name")?;
        let mut rows = query.query([schema])?;
        while let Some(row) = rows.next()? {
            let name = text(row, 0)?;
            if name.to_ascii_lowercase().starts_with("sqlite_") {
                continue;
            }
            let table_type = match text(row, 1)?.as_str() {
                "view" => TableType::View,
                "virtual" => TableType::Virtual,
                "shadow" => TableType::Shadow,
                _ => TableType::Ordinary,
            };
            let sql = texts.get(&format!("table {name}")).cloned().unwrap_or_default();
            let mut table = Table {
                name,
                table_type,
                sql,
                columns: Vec::new(),
                without_rowid: row.get(2)?,
                strict: row.get(3)?,
                autoincrement: false,
                integer_key: None,
                primary_key: Vec::new(),
                indexes: Vec::new(),
                foreign_keys: Vec::new(),
            };
            let told = columns(connection, schema, &mut table);
            // A virtual table's module, or its tokenizer, may be one that only the extension's program has, and so may a view's functions; or the table is gone that a view
            // shows. Nobody asks for their columns but to refuse.
            if !matches!(table_type, TableType::Virtual | TableType::View) {
                told?;
            }
            if table_type == TableType::Ordinary {
                indexes(connection, schema, &mut table, &texts)?;
                foreign_keys(connection, schema, &mut table)?;
                finish(&mut table, texts.contains_key("table sqlite_sequence"));
            }
            tables.push(table);
        }
        Ok(Schema { tables, triggers })
    }

    /// The table of that name; names are compared as SQLite does, without ASCII case.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name.eq_ignore_ascii_case(name))
    }
}

/// Text of a column; SQLite lets names be any bytes.
fn text(row: &super::Row<'_>, index: usize) -> Result<String, Error> {
    Ok(match row.get_ref(index)? {
        super::ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    })
}

fn columns(connection: &Connection, schema: &str, table: &mut Table) -> Result<(), Error> {
    let mut query =
        connection.prepare_cached("SELECT name, type, \"notnull\", pk, hidden, dflt_value FROM pragma_table_xinfo(?1, ?2) ORDER BY cid")?;
    let mut rows = query.query([&table.name, schema])?;
    let mut key: Vec<(i64, usize)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (pk, hidden): (i64, i64) = (row.get(3)?, row.get(4)?);
        if pk > 0 {
            key.push((pk, table.columns.len()));
        }
        table.columns.push(Column {
            name: text(row, 0)?,
            declared_type: text(row, 1)?,
            not_null: row.get::<_, bool>(2)? || (pk > 0 && table.without_rowid),
            generated: matches!(hidden, 2 | 3),
            computed_and_stored: hidden == 3,
            hidden: hidden == 1,
            default: Some(text(row, 5)?).filter(|t| !t.is_empty()),
        });
    }
    key.sort_unstable();
    table.primary_key = key.into_iter().map(|(_, column)| column).collect();
    Ok(())
}

fn indexes(connection: &Connection, schema: &str, table: &mut Table, texts: &BTreeMap<String, String>) -> Result<(), Error> {
    let mut list = connection.prepare_cached("SELECT name, \"unique\", origin, partial FROM pragma_index_list(?1, ?2) ORDER BY seq")?;
    let mut info = connection.prepare_cached("SELECT cid FROM pragma_index_xinfo(?1, ?2) WHERE key = 1 ORDER BY seqno")?;
    let mut rows = list.query([&table.name, schema])?;
    while let Some(row) = rows.next()? {
        let name = text(row, 0)?;
        let mut parts = Vec::new();
        let mut keys = info.query([&name, schema])?;
        while let Some(key) = keys.next()? {
            parts.push(usize::try_from(key.get::<_, i64>(0)?).ok());
        }
        let sql = texts.get(&format!("index {name}")).filter(|s| !s.is_empty()).cloned();
        table.indexes.push(Index { unique: row.get(1)?, primary_key: text(row, 2)? == "pk", partial: row.get(3)?, name, parts, sql });
    }
    Ok(())
}

fn foreign_keys(connection: &Connection, schema: &str, table: &mut Table) -> Result<(), Error> {
    let mut list = connection
        .prepare_cached("SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) WHERE schema = ?2 ORDER BY id, seq")?;
    let mut rows = list.query([&table.name, schema])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if last != Some(id) {
            last = Some(id);
            table.foreign_keys.push(ForeignKey { parent: text(row, 1)?, columns: Vec::new() });
        }
        let to = Some(text(row, 3)?).filter(|t| !t.is_empty());
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push((text(row, 2)?, to));
        }
    }
    Ok(())
}

/// What follows from the rest. `sequences`: the database has the table that counts for AUTOINCREMENT.
fn finish(table: &mut Table, sequences: bool) {
    // SQLite makes no index for an INTEGER PRIMARY KEY; `INTEGER PRIMARY KEY DESC` in a column's declaration is no rowid and has one.
    if let [column] = table.primary_key[..] {
        let integer = table.columns[column].declared_type.eq_ignore_ascii_case("INTEGER");
        if integer && !table.without_rowid && !table.indexes.iter().any(|i| i.primary_key) {
            table.integer_key = Some(column);
        }
    }
    // The word may stand in a comment. SQLite makes `sqlite_sequence` with the first table that means it; a table without a line in it loses nothing.
    table.autoincrement = sequences && table.integer_key.is_some() && table.sql.to_ascii_uppercase().contains("AUTOINCREMENT");
}

impl Table {
    /// The column of that name; names are compared as SQLite does.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// What the column makes of values that are written into it.
    #[must_use]
    pub fn affinity(&self, column: usize) -> Affinity {
        Affinity::of(&self.columns[column].declared_type, self.strict)
    }

    /// The columns whose values are stored: those that an INSERT must name.
    pub fn stored(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.columns.len()).filter(|&i| !self.columns[i].generated && !self.columns[i].hidden)
    }

    /// What SQL calls the rowid here, if it can be called at all: three names, each of which a column may have taken.
    #[must_use]
    pub fn rowid_name(&self) -> Option<&str> {
        if self.without_rowid {
            return None;
        }
        if let Some(column) = self.integer_key {
            return Some(&self.columns[column].name);
        }
        ["rowid", "_rowid_", "oid"].into_iter().find(|alias| self.column(alias).is_none())
    }

    /// The columns that address a row, by name: the rowid, or the primary key of a table `WITHOUT ROWID`. Empty: rows have no address.
    #[must_use]
    pub fn address(&self) -> Vec<&str> {
        if self.without_rowid {
            return self.primary_key.iter().map(|&c| self.columns[c].name.as_str()).collect();
        }
        self.rowid_name().into_iter().collect()
    }

    /// What follows the table's name where all of its rows are to be read: from the table itself, and not from an index that holds all that is asked for, which may
    /// be damaged.
    #[must_use]
    pub fn itself(&self) -> String {
        match self.indexes.iter().find(|i| self.without_rowid && i.primary_key) {
            // `NOT INDEXED` leaves SQLite every index of such a table, and this one is the table.
            Some(key) => format!(" INDEXED BY {}", quote(&key.name)),
            None => " NOT INDEXED".to_owned(),
        }
    }

    /// Whether a change of the column can break a uniqueness rule half way through a statement: it is in a key, or some unique index depends on more
    /// than plain columns (an expression, a generated column, a condition), which may be made of it.
    #[must_use]
    pub fn keyed(&self, column: usize) -> bool {
        self.integer_key == Some(column)
            || self.primary_key.contains(&column)
            || self.indexes.iter().filter(|i| i.unique).any(|i| {
                i.partial || i.parts.iter().any(|p| p.is_none_or(|c| c == column || self.columns.get(c).is_none_or(|c| c.generated)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(sql: &str) -> Schema {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        Schema::read(&connection, "main").unwrap()
    }

    fn table(sql: &str) -> Table {
        schema(sql).table("t").unwrap().clone()
    }

    #[test]
    fn rows_are_addressed_by_what_is_left() {
        for (sql, address) in [
            ("CREATE TABLE t(a, b)", vec!["rowid"]),
            ("CREATE TABLE t(a, rowid, b)", vec!["_rowid_"]),
            ("CREATE TABLE t(RowId, _rowid_, oid)", vec![]),
            ("CREATE TABLE t(RowId, _rowid_, oid, k INTEGER PRIMARY KEY)", vec!["k"]),
            ("CREATE TABLE t(a INTEGER PRIMARY KEY DESC)", vec!["rowid"]),
            ("CREATE TABLE t(a INT PRIMARY KEY)", vec!["rowid"]),
            ("CREATE TABLE t(b, a, PRIMARY KEY(a, b)) WITHOUT ROWID", vec!["a", "b"]),
        ] {
            assert_eq!(table(sql).address(), address, "{sql}");
        }
    }

    #[test]
    fn keyed_columns_are_told_from_plain_ones() {
        for (sql, keyed) in [
            ("CREATE TABLE t(a, b)", false),
            ("CREATE TABLE t(a INTEGER PRIMARY KEY, b)", true),
            ("CREATE TABLE t(a UNIQUE, b)", true),
            ("CREATE TABLE t(a, b, UNIQUE(b, a))", true),
            ("CREATE TABLE t(a, b UNIQUE)", false),
            ("CREATE TABLE t(a, b); CREATE INDEX i ON t(a)", false),
            ("CREATE TABLE t(a, b); CREATE UNIQUE INDEX i ON t(b) WHERE a > 5", true),
            ("CREATE TABLE t(a, b); CREATE UNIQUE INDEX i ON t(a + b)", true),
            ("CREATE TABLE t(a, b, c AS (a * 2) UNIQUE)", true),
            ("CREATE TABLE t(a, b PRIMARY KEY) WITHOUT ROWID", false),
        ] {
            assert_eq!(table(sql).keyed(0), keyed, "{sql}");
        }
    }

    #[test]
    fn the_word_autoincrement_in_a_comment_counts_for_nothing() {
        assert!(!table("CREATE TABLE t(a INTEGER PRIMARY KEY /* no AUTOINCREMENT */, b DEFAULT 'autoincrement')").autoincrement);
    }

    #[test]
    fn declarations_are_read() {
        let schema = schema(
            "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, k, UNIQUE(id, k));
             CREATE TABLE t(\"a\"\"b\" INT NOT NULL, g AS (1), c REFERENCES p ON UPDATE CASCADE, d, FOREIGN KEY(c, d) REFERENCES P(id, k)) STRICT;
             CREATE VIEW v AS SELECT 1; CREATE VIRTUAL TABLE f USING fts5(x);
             CREATE TRIGGER tr AFTER UPDATE ON t BEGIN SELECT 1; END;"
                .replace("c REF", "c ANY REF").replace(" g AS", " g ANY AS").replace(" d,", " d ANY,").as_str(),
        );
        let (p, t) = (schema.table("P").unwrap(), schema.table("t").unwrap());
        assert!(p.autoincrement && !t.autoincrement && t.strict);
        assert_eq!(t.columns[0].name, "a\"b");
        assert!(t.columns[0].not_null && t.columns[1].generated);
        assert_eq!(t.stored().collect::<Vec<_>>(), [0, 2, 3]);
        let mut keys: Vec<usize> = t.foreign_keys.iter().map(|f| f.columns.len()).collect();
        keys.sort_unstable();
        assert_eq!(keys, [1, 2]);
        assert_eq!(schema.table("v").unwrap().table_type, TableType::View);
        assert_eq!(schema.table("f").unwrap().table_type, TableType::Virtual);
        assert_eq!(schema.table("f_data").unwrap().table_type, TableType::Shadow);
        assert_eq!(schema.triggers[0].table, "t");
    }
}
