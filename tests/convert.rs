//! `convert`: id columns become columns of GUIDs or names, with everything else as it was; and back.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "convert/command.rs"]
mod command;
#[path = "convert/crash.rs"]
mod crash;
#[path = "support/data.rs"]
mod data;
#[path = "convert/emit.rs"]
mod emit;
#[path = "support/model.rs"]
mod model;
#[path = "convert/random.rs"]
mod random;
#[path = "convert/refused.rs"]
mod refused;
#[path = "convert/shapes.rs"]
mod shapes;
#[path = "convert/sound.rs"]
mod sound;
mod support;

use std::time::Duration;

use data::{VarDir, dump, entry, inventory, kind, manifest, rows, undo};
use model::{Cell, sorted};
use reguid::panel::Inventory;
use reguid::reference::manifest::{Entry, Manifest, OnMissing};
use reguid::remap::Undone;
use reguid::remap::convert::{self, Conversion, Converted, Form, Request};
use reguid::remap::resolve;
use reguid::sqlite::Connection;

/// A panel of some domains.
pub fn panel() -> Inventory {
    inventory("panel", &[(5, "a.example"), (7, "b.example"), (6, "c.example"), (9, "D.example"), (20, "e.example"), (-3, "f.example")])
}

/// The manifest that names these columns of `data.db`.
pub fn named(columns: &[(&str, &str)]) -> Manifest {
    let entries: Vec<Entry> = columns.iter().map(|(t, c)| entry("data.db", t, c, OnMissing::Fail)).collect();
    let text = columns
        .iter()
        .map(|(t, c)| format!("[[reference]]\ndatabase = \"data.db\"\ntable = {}\ncolumn = {}\nkind = \"domain\"\n", quoted(t), quoted(c)))
        .collect();
    Manifest { text, ..manifest(entries) }
}

/// A text of TOML.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

pub fn request<'a>(dir: &'a VarDir, manifest: &'a Manifest, panel: &'a Inventory, form: Form, beside: bool) -> Request<'a> {
    // A program that a test beside this one is starting holds what this process holds until it runs.
    Request { var_dir: dir.path(), manifest, places: &[], panel: Some(panel), form, beside, patience: Duration::from_secs(2) }
}

/// Converts, and nothing may stand in the way.
pub fn done(request: &Request<'_>) -> Conversion {
    match convert::convert(request).unwrap() {
        Converted::Done { conversion, warnings, .. } => {
            assert_eq!(warnings, Vec::<String>::new());
            conversion
        }
        other => panic!("{other:?}"),
    }
}

/// What a value becomes.
pub fn reference(cell: &Cell, panel: &Inventory, form: Form) -> Cell {
    let id = match cell {
        Cell::Integer(id) => *id,
        Cell::Text(text) => match std::str::from_utf8(text).unwrap().parse() {
            Ok(id) => id,
            Err(_) => return cell.clone(),
        },
        _ => return cell.clone(),
    };
    let text = match (panel.get(kind("domain"), id), form) {
        (Some(object), Form::Guid) => object.guid.unwrap().to_string(),
        (Some(object), Form::Name) => object.name.to_string(),
        (None, _) => id.to_string(),
    };
    Cell::Text(text.into_bytes())
}

/// A table's rows with their rowids, and the names of the columns.
pub fn table(connection: &Connection, name: &str) -> (Vec<String>, Vec<Vec<Cell>>) {
    let name = name.replace('"', "\"\"");
    let sql = format!("SELECT rowid AS rowid_of_it, * FROM \"{name}\"");
    let sql = if connection.prepare(&sql).is_ok() { sql } else { format!("SELECT * FROM \"{name}\"") };
    let columns = connection.prepare(&sql).unwrap().column_names().map(str::to_owned).collect();
    (columns, rows(connection, &sql))
}

/// Every declaration: name and text.
pub fn schema(connection: &Connection) -> Vec<Vec<Cell>> {
    rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
}

pub fn text(text: &str) -> Cell {
    Cell::Text(text.as_bytes().to_vec())
}

/// Rows that point at nothing, and what SQLite finds wrong.
pub fn health(connection: &Connection) -> Vec<Vec<Cell>> {
    let mut all =
        rows(connection, "SELECT * FROM pragma_foreign_key_check").into_iter().map(|_| vec![text("points at nothing")]).collect::<Vec<_>>();
    all.extend(rows(connection, "PRAGMA integrity_check"));
    all
}

/// Converts what `columns` name in a database made by `sql`, checks everything against what was there before, and takes it back. `edits`: for each table
/// its name and what changes in its declaration.
pub fn there_and_back(sql: &str, columns: &[(&str, &str)], edits: &[(&str, &str, &str)], form: Form) {
    let dir = VarDir::new();
    dir.sql("data.db", sql);
    let panel = panel();
    let manifest = named(columns);
    let request = request(&dir, &manifest, &panel, form, false);
    let connect = || dir.connect("data.db");
    let (before, declared, sound) = (dump(&connect()), schema(&connect()), health(&connect()));
    let rows_before: Vec<_> = edits.iter().map(|(t, ..)| table(&connect(), t)).collect();
    let files = dir.files();
    let planned = convert::plan(&request).unwrap();
    assert_eq!(planned.problems, Vec::<String>::new(), "{sql}");
    assert!(dir.files() == files, "a plan leaves no trace");

    let conversion = done(&request);
    assert_eq!(conversion, planned, "{sql}");
    let mut expected = declared.clone();
    for (name, from, to) in edits {
        let line = expected.iter_mut().find(|l| l[0] == text("table") && l[1] == text(name)).unwrap();
        let Cell::Text(sql) = &line[3] else { panic!("a declaration is text") };
        let sql = String::from_utf8(sql.clone()).unwrap();
        assert_eq!(sql.matches(from).count(), 1, "{from} in {sql}");
        line[3] = text(&sql.replace(from, to));
    }
    assert_eq!(schema(&connect()), expected, "{sql}");
    assert_eq!(health(&connect()), sound, "{sql}");
    for ((name, ..), (names, old)) in edits.iter().zip(rows_before) {
        let changed: Vec<&str> = conversion
            .places
            .iter()
            .filter_map(|p| p.place.to_string().strip_prefix(&format!("sqlite:{name}.")).map(str::to_owned))
            .map(|c| names.iter().find(|n| n.eq_ignore_ascii_case(&c)).unwrap().as_str())
            .collect();
        let model: Vec<Vec<Cell>> = old
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .zip(&names)
                    .map(|(cell, n)| if changed.contains(&n.as_str()) { reference(&cell, &panel, form) } else { cell })
                    .collect()
            })
            .collect();
        assert_eq!(sorted(table(&connect(), name).1), sorted(model), "{sql}");
    }
    // Untouched tables are as before.
    let now = dump(&connect());
    for (name, content) in before.iter().filter(|(n, _)| n != "sqlite_schema" && !edits.iter().any(|e| e.0 == n)) {
        assert!(now.iter().any(|(n, c)| n == name && c == content), "{name} changed: {sql}");
    }

    match convert::convert(&request).unwrap() {
        Converted::Nothing { conversion } => assert!(conversion.tables.is_empty()),
        other => panic!("the second time there is nothing to do: {other:?}"),
    }
    let edited = convert::manifest(&manifest, &conversion).unwrap();
    let after = Manifest::parse("reguid.toml".into(), &edited.text).unwrap();
    assert!(resolve::verify(dir.path(), &after, &panel).unwrap().is_right(), "{sql}");

    let undone = undo(&dir).unwrap();
    assert!(matches!(undone, Undone::Done { .. }), "{sql}: {undone:?}");
    assert_eq!(dump(&connect()), before, "{sql}");
    assert_eq!(health(&connect()), sound, "{sql}");
    done(&request);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert_eq!(dump(&connect()), before, "{sql}");
}
