//! How tables of a live panel database are declared, as far as the rewriting of their rows goes by it.

use mysql::prelude::Queryable;
use mysql::{Conn, params};

use super::rows::{Failed, refused};
use super::session::{TRANSACTIONAL, quoted};
use crate::panel::rows::{Column, Form, Table, Tie, Unique};

/// What the server says where a user may see no table, or not all columns of it.
const DENIED: [u16; 2] = [1142, 1143];
/// Integer types, with the bytes that they take.
const INTEGERS: &[(&str, u32)] = &[("tinyint", 1), ("smallint", 2), ("mediumint", 3), ("int", 4), ("integer", 4), ("bigint", 8)];
/// Types whose values are bytes.
const BYTES: &[&str] = &["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry", "point", "vector"];
/// Types whose values do not come back when what the server shows of them is written.
const NOT_RESTORABLE: &[&str] = &["float", "double", "real", "bit"];
/// … for they are shapes.
const SHAPES: &[&str] = &[
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "geomcollection",
    "vector",
];

/// The declaration of the table `name`, whose case some servers lose; `None`: there is none.
pub(super) fn table(connection: &mut Conn, name: &str) -> Result<Option<Table>, Failed> {
    type Named = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);
    type Part = (Vec<u8>, Option<Vec<u8>>, Option<u64>);
    let sql = "SELECT TABLE_NAME, TABLE_TYPE, ENGINE FROM information_schema.TABLES
               WHERE TABLE_SCHEMA = DATABASE() AND LOWER(TABLE_NAME) = LOWER(:name)";
    let found: Vec<Named> = connection.exec(sql, params! { "name" => name })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // The server finds more than is meant: it compares names as people do.
    let alike: Vec<&Named> = found.iter().filter(|(n, _, _)| n.eq_ignore_ascii_case(name.as_bytes())).collect();
    let exact = found.iter().find(|(n, _, _)| n == name.as_bytes());
    let Some((name, sort, engine)) = exact.or(if let [one] = alike[..] { Some(one) } else { None }) else { return Ok(None) };
    let (name, sort, engine) = (text(name), text(sort), engine.as_deref().map(text));
    let columns = columns(connection, &name)?;
    let at = |column: &[u8]| columns.iter().position(|c| c.name.as_bytes().eq_ignore_ascii_case(column));
    let sql = "SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :name AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX";
    let parts: Vec<Part> = connection.exec(sql, params! { "name" => &name })?;
    let unique: Vec<Unique> = parts
        .chunk_by(|a, b| a.0 == b.0)
        .map(|parts| Unique {
            name: text(&parts[0].0),
            columns: parts.iter().map(|(_, column, length)| (column.as_deref().and_then(at), *length)).collect(),
        })
        .collect();
    let key = unique.iter().find(|u| u.name == "PRIMARY").map(|u| u.columns.iter().filter_map(|(c, _)| *c).collect()).unwrap_or_default();
    let sql = "SELECT TRIGGER_NAME, EVENT_MANIPULATION FROM information_schema.TRIGGERS
               WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = :name ORDER BY TRIGGER_NAME";
    let triggers: Vec<(Vec<u8>, Vec<u8>)> = connection.exec(sql, params! { "name" => &name })?;
    // To a user who may see a part of the columns, the others are not named.
    let hidden = match connection.query_drop(format!("SELECT * FROM {} LIMIT 0", quoted(&name))) {
        Err(mysql::Error::MySqlError(error)) if DENIED.contains(&error.code) => true,
        done => done.map(|()| false)?,
    };
    let statement_limit: Option<u64> = connection.query_first("SELECT @@SESSION.max_allowed_packet")?;
    Ok(Some(Table {
        hidden,
        statement_limit: statement_limit.unwrap_or(u64::MAX),
        ties: ties(connection, &name)?,
        triggers: triggers.iter().map(|(name, event)| (text(name), text(event))).collect(),
        without_transactions: engine.filter(|e| !TRANSACTIONAL.iter().any(|t| t.eq_ignore_ascii_case(e))),
        odd: (sort != "BASE TABLE").then(|| sort.to_lowercase()),
        name: name.into(),
        columns,
        key,
        unique,
    }))
}

fn columns(connection: &mut Conn, table: &str) -> Result<Vec<Column>, Failed> {
    type Told = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Option<u64>, Vec<u8>, (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>));
    let sql = "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH, EXTRA, CHARACTER_SET_NAME, COLLATION_NAME, GENERATION_EXPRESSION
               FROM information_schema.COLUMNS
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table ORDER BY ORDINAL_POSITION";
    let told: Vec<mysql::Row> = connection.exec(sql, params! { "table" => table })?;
    let told = told.into_iter().map(|row| {
        let (name, sort, declared, nullable, length, extra, charset, collation, computed) = mysql::from_row_opt(row).ok()?;
        Some((name, sort, declared, nullable, length, extra, (charset, collation, computed)))
    });
    let Some(told) = told.collect::<Option<Vec<Told>>>() else {
        return refused(
            format!("what the server tells of the columns of {table} is not understood"),
            "please report this with the server's version",
        );
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let column = |(name, sort, declared, nullable, length, extra, (charset, collation, computed)): Told| {
        let collation = collation.as_deref().map(|c| text(c).to_lowercase()).unwrap_or_default();
        let (sort, declared, extra) = (text(&sort).to_lowercase(), text(&declared), text(&extra).to_lowercase());
        let bytes = INTEGERS.iter().find(|(name, _)| *name == sort).map(|(_, bytes)| *bytes);
        let range = bytes.map(|bytes| {
            let whole = 1i128 << (8 * bytes);
            if declared.to_lowercase().contains("unsigned") { (0, whole - 1) } else { (-whole / 2, whole / 2 - 1) }
        });
        // It shows the same as what the server keeps of a value that is none of the list.
        let has_empty_member = sort == "enum" && ["('',", ",'',", ",'')", "('')"].iter().any(|part| declared.contains(part));
        let is_shape = SHAPES.contains(&sort.as_str());
        Column {
            name: text(&name).into(),
            form: match (range, BYTES.contains(&sort.as_str()) || is_shape) {
                (Some(_), _) => Form::Number,
                (None, true) => Form::Bytes,
                (None, false) => Form::Text,
            },
            declared,
            range,
            length,
            nullable: nullable.eq_ignore_ascii_case(b"YES"),
            generated: ["virtual", "stored generated", "persistent"].iter().any(|word| extra.contains(word)),
            computed: computed.map(|c| text(&c)).filter(|c| !c.is_empty()),
            charset: charset.map(|c| text(&c)),
            folds_case: !collation.ends_with("_bin") && !collation.contains("_cs"),
            pads: !collation.contains("nopad") && !collation.contains("_0900_"),
            numbered: extra.contains("auto_increment"),
            timed: extra.contains("on update"),
            restorable: !is_shape && !NOT_RESTORABLE.contains(&sort.as_str()) && !has_empty_member,
        }
    };
    Ok(told.into_iter().map(column).collect())
}

fn ties(connection: &mut Conn, table: &str) -> mysql::Result<Vec<Tie>> {
    type Told = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);
    let sql = "SELECT CONSTRAINT_NAME, IF(TABLE_SCHEMA = DATABASE(), TABLE_NAME, CONCAT(TABLE_SCHEMA, '.', TABLE_NAME)), COLUMN_NAME,
                 IF(REFERENCED_TABLE_SCHEMA = DATABASE(), REFERENCED_TABLE_NAME, CONCAT(REFERENCED_TABLE_SCHEMA, '.', REFERENCED_TABLE_NAME)),
                 REFERENCED_COLUMN_NAME
               FROM information_schema.KEY_COLUMN_USAGE
               WHERE REFERENCED_TABLE_NAME IS NOT NULL
                 AND (TABLE_SCHEMA = DATABASE() AND LOWER(TABLE_NAME) = LOWER(:table)
                   OR REFERENCED_TABLE_SCHEMA = DATABASE() AND LOWER(REFERENCED_TABLE_NAME) = LOWER(:table))
               ORDER BY TABLE_SCHEMA, CONSTRAINT_NAME, TABLE_NAME, ORDINAL_POSITION";
    let told: Vec<Told> = connection.exec(sql, params! { "table" => table })?;
    let folds = connection.query_first::<u8, _>("SELECT @@lower_case_table_names")?.is_some_and(|folds| folds > 0);
    let is_it = |name: &[u8]| name == table.as_bytes() || folds && name.eq_ignore_ascii_case(table.as_bytes());
    let told: Vec<Told> = told.into_iter().filter(|(_, child, _, parent, _)| is_it(child) || is_it(parent)).collect();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let tie = |parts: &[Told]| Tie {
        name: text(&parts[0].0),
        child: text(&parts[0].1),
        parent: text(&parts[0].3),
        columns: parts.iter().map(|(_, _, child, _, parent)| (text(child), text(parent))).collect(),
    };
    Ok(told.chunk_by(|a, b| (&a.0, &a.1) == (&b.0, &b.1)).map(tie).collect())
}
