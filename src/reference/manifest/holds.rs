//! Saying in a manifest that columns hold GUIDs or names now, without touching what a person wrote in it.

use camino::Utf8Path;
use toml_edit::{DocumentMut, Item, TableLike, value};

use super::merge::{MergeError, Proposal, add, overlap, with_line_ends_of};
use super::{Entry, Form, Holds, Manifest, Store};
use crate::panel::Kind;

/// A column that was converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// The database, relative to the var directory.
    pub database: String,
    /// The table.
    pub table: String,
    /// The id column.
    pub column: String,
    /// Whose ids it holds, or held.
    pub kind: Kind,
    /// What it holds now, or what the column beside holds.
    pub holds: Holds,
    /// The column beside, which got the references; `None`: the id column did.
    pub beside: Option<String>,
}

/// A manifest that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Its text.
    pub text: String,
    /// What changed in it, for a person.
    pub changes: Vec<String>,
}

/// The word for what a column holds.
fn word(holds: Holds) -> &'static str {
    match holds {
        Holds::Id => "id",
        Holds::Guid => "guid",
        Holds::Name => "name",
    }
}

/// Says what converted columns hold: `holds` in their entries, or a twin and an entry of its own for each column beside. Comments, order and form stay.
///
/// # Errors
/// When the result would not be a valid manifest.
pub fn turned(manifest: &Manifest, columns: &[Turned]) -> Result<Edited, MergeError> {
    let mut document: DocumentMut = manifest.text.parse().map_err(MergeError::Syntax)?;
    let mut changes = Vec::new();
    let mut added: Vec<(String, String, String)> = Vec::new();
    for column in columns {
        let mut globs = Vec::new();
        for (at, entry) in manifest.references.iter().enumerate().filter(|(_, e)| names(e, &column.database, &column.table, &column.column))
        {
            let Store::Column { database, .. } = &entry.store else { continue };
            globs.push(database.clone());
            let Some(table) = entry_at(&mut document, at) else { continue };
            let (key, text) = match &column.beside {
                None => ("holds", word(column.holds)),
                Some(_) if entry.twin.is_some() => continue,
                Some(beside) => ("twin", beside.as_str()),
            };
            if table.get(key).and_then(Item::as_str) != Some(text) {
                table.insert(key, value(text));
                changes.push(format!("{}.{}: {key} = \"{text}\"", column.table, column.column));
            }
        }
        let name = column.beside.as_ref().unwrap_or(&column.column);
        if globs.is_empty() {
            globs.push(column.database.clone());
        } else if column.beside.is_none() {
            continue;
        }
        for database in globs {
            let place = (database.clone(), column.table.clone(), name.clone());
            let there = manifest.references.iter().any(|e| names(e, &database, &column.table, name));
            if there || added.contains(&place) {
                continue;
            }
            let store = Store::Column { database, table: column.table.clone(), column: name.clone(), path: None };
            let why = match &column.beside {
                Some(_) => format!("added beside {} by `reguid convert --beside`", column.column),
                None => "converted with the column that its foreign key ties it to".to_owned(),
            };
            add(&mut document, &Proposal { store, kind: column.kind, twin: None, form: Form::default(), why });
            if let Some(table) = last_entry(&mut document) {
                table.insert("holds", value(word(column.holds)));
            }
            changes.push(format!("{}.{name}: a new entry, holds = \"{}\"", column.table, word(column.holds)));
            added.push(place);
        }
    }
    if changes.is_empty() {
        return Ok(Edited { text: manifest.text.clone(), changes });
    }
    let text = with_line_ends_of(&manifest.text, document.to_string());
    Manifest::parse(Utf8Path::new(&manifest.path), &text).map_err(|e| MergeError::Invalid(Box::new(e)))?;
    Ok(Edited { text, changes })
}

/// Whether the entry is the whole of that column.
fn names(entry: &Entry, database: &str, table: &str, column: &str) -> bool {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    match &entry.store {
        Store::Column { database: d, table: t, column: c, .. } if !entry.is_inside() => {
            same(t, table) && same(c, column) && overlap(d, database)
        }
        _ => false,
    }
}

/// The entry at `at`, whichever of TOML's two forms the list has.
fn entry_at(document: &mut DocumentMut, at: usize) -> Option<&mut dyn TableLike> {
    match document.get_mut("reference")? {
        Item::ArrayOfTables(tables) => tables.get_mut(at).map(|t| t as &mut dyn TableLike),
        Item::Value(list) => list.as_array_mut()?.get_mut(at)?.as_inline_table_mut().map(|t| t as &mut dyn TableLike),
        _ => None,
    }
}

fn last_entry(document: &mut DocumentMut) -> Option<&mut dyn TableLike> {
    let count = match document.get("reference")? {
        Item::ArrayOfTables(tables) => tables.len(),
        Item::Value(list) => list.as_array()?.len(),
        _ => 0,
    };
    entry_at(document, count.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(manifest: &str, beside: Option<&str>) -> Edited {
        let manifest = Manifest::parse("reguid.toml".into(), manifest).unwrap();
        let column = |table: &str| Turned {
            database: "data.db".into(),
            table: table.into(),
            column: "domain_id".into(),
            kind: "domain".parse().unwrap(),
            holds: Holds::Guid,
            beside: beside.map(str::to_owned),
        };
        turned(&manifest, &[column("apps"), column("jobs")]).unwrap()
    }

    const BEFORE: &str = "# mine\n[[reference]]   # first\ndatabase = \"*.db\"\ntable = \"Apps\"\ncolumn = \"domain_id\" # odd\nkind = \"domain\"\nholds = \"id\" # raw\n\n[lint]\nfail-on = \"error\"\n";

    #[test]
    fn entries_say_what_they_hold_and_implied_ones_are_added() {
        let after = edited(BEFORE, None);
        assert!(after.text.starts_with(&BEFORE.replace("holds = \"id\" # raw\n", "")[..40]), "{}", after.text);
        assert!(after.text.contains("holds = \"guid\""), "{}", after.text);
        let manifest = Manifest::parse("reguid.toml".into(), &after.text).unwrap();
        assert_eq!(manifest.references.iter().map(|e| e.holds).collect::<Vec<_>>(), [Holds::Guid, Holds::Guid]);
        assert_eq!(manifest.references.len(), 2);
        assert_eq!(edited(&after.text, None), Edited { text: after.text.clone(), changes: Vec::new() });
    }

    #[test]
    fn a_column_beside_is_a_twin_and_has_an_entry() {
        let inline = "reference = [{ database = \"data.db\", table = \"apps\", column = \"domain_id\", kind = \"domain\" }]\n";
        for text in [BEFORE, inline] {
            let after = edited(text, Some("domain_guid"));
            let manifest = Manifest::parse("reguid.toml".into(), &after.text).unwrap();
            assert_eq!(
                (manifest.references[0].twin.as_deref(), manifest.references[0].holds),
                (Some("domain_guid"), Holds::Id),
                "{}",
                after.text
            );
            assert_eq!(manifest.references[1].holds, Holds::Guid);
            assert_eq!(edited(&after.text, Some("domain_guid")).changes, Vec::<String>::new());
        }
    }
}
