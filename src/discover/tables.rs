//! The extension's tables: every declaration of one name taken together.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::names;
use super::program::{Cls, Name, Program};
use crate::extension::Extension;
use crate::extension::php::ir::ExprKind;
use crate::extension::source::Span;
use crate::extension::sql::schema::{SchemaOrigin, TableFact};
use crate::panel::Kind;
use crate::panel::catalogue;

/// Stands before the name of the panel's table where the extension has one of the same name. No name of a table has it.
const PANEL: &str = "panel:";

/// The property in which a table gateway of the panel's framework names its table.
const GATEWAY_TABLE: &str = "_name";

/// The tables, by their names without case.
#[derive(Debug, Default)]
pub(super) struct Tables {
    by_name: BTreeMap<String, Table>,
    /// The words of the names of those tables whose primary key is a column `id`.
    with_id: FxHashSet<String>,
    /// Those of them that a foreign key of another table points at.
    pointed_at: FxHashSet<String>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name as it is first declared.
    pub(super) name: String,
    /// Its columns, in the order in which they are first declared.
    pub(super) columns: Vec<Column>,
    /// The files of shipped databases that have it, as paths in the extension.
    pub(super) databases: Vec<String>,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name as it is first declared.
    pub(super) name: String,
    /// Its name without case.
    pub(super) folded: String,
    /// Its declared type.
    pub(super) declared_type: String,
    /// Whether it is the table's whole primary key.
    pub(super) primary_key: bool,
    /// The table that a foreign key of it alone points at, without case.
    pub(super) references: Option<String>,
    /// Where it is declared, each declaration once.
    pub(super) spans: Vec<Span>,
}

impl Tables {
    pub(super) fn new(extension: &Extension) -> Tables {
        let mut tables = Tables::default();
        for fact in &extension.tables {
            tables.add(extension, fact);
        }
        let with_id = tables.by_name.values().filter(|t| t.columns.iter().any(|c| c.folded == "id" && c.primary_key));
        tables.with_id = with_id.map(|t| names::words(&t.name).concat()).collect();
        let pointed_at = tables.by_name.values().flat_map(|t| &t.columns).filter_map(|c| c.references.as_deref());
        tables.pointed_at = pointed_at.map(|t| names::words(t).concat()).filter(|t| tables.with_id.contains(t)).collect();
        tables
    }

    /// Whether `stem_id` is called after a table that has an `id`: `job` or `jobs` for the stem `job`. Asked of every column, so the tables are not
    /// gone through each time: with 1,300 of them that took a sixth of the whole of lint.
    pub(super) fn names_its_rows(&self, stem: &str) -> bool {
        ["", "s", "es"].iter().any(|plural| self.with_id.contains(&format!("{stem}{plural}")))
    }

    /// Whether the extension has a table that is called like one of the panel's with ids in it.
    pub(super) fn has_panel_names(&self) -> bool {
        self.by_name.keys().any(|name| self.is_panel_name(name))
    }

    /// Whether both the extension and the panel have a table of that name (without case).
    pub(super) fn is_panel_name(&self, folded: &str) -> bool {
        self.by_name.contains_key(folded) && catalogue::panel_columns_of(folded).next().is_some()
    }

    /// The name under which the panel's table goes where the extension has one of the same name.
    pub(super) fn of_panel(folded: &str) -> String {
        format!("{PANEL}{folded}")
    }

    /// A table's name without the mark of the panel's.
    pub(super) fn plain(folded: &str) -> &str {
        folded.strip_prefix(PANEL).unwrap_or(folded)
    }

    /// The columns with ids of the panel's table that goes under this name.
    pub(super) fn panel_columns(folded: &str) -> impl Iterator<Item = &'static str> {
        catalogue::panel_columns_of(Tables::plain(folded))
    }

    /// The kind whose ids a column holds, if its table is the panel's.
    pub(super) fn panel_column(&self, folded: &str, column: &str) -> Option<Kind> {
        if self.by_name.contains_key(folded) {
            return None;
        }
        catalogue::panel_column(Tables::plain(folded), column)
    }

    /// Whether a variable or parameter of that name is called after the `id` of an own table: `$domainId`, where a table `domains` gives its rows
    /// numbers of its own, and others point at them.
    pub(super) fn counts(&self, name: &str) -> bool {
        if self.pointed_at.is_empty() {
            return false;
        }
        let words = names::words(name);
        let Some((last, stem)) = words.split_last() else { return false };
        let stem = stem.concat();
        last == "id" && ["", "s", "es"].iter().any(|plural| self.pointed_at.contains(&format!("{stem}{plural}")))
    }

    fn add(&mut self, extension: &Extension, fact: &TableFact) {
        let table = self.by_name.entry(fact.name.to_lowercase()).or_insert_with(|| Table {
            name: fact.name.clone(),
            columns: Vec::new(),
            databases: Vec::new(),
        });
        if fact.origin == SchemaOrigin::Database {
            let path = extension.file(fact.span.file).path.to_string();
            if !table.databases.contains(&path) {
                table.databases.push(path);
            }
        }
        for column in &fact.columns {
            let folded = column.name.to_lowercase();
            let references = column.references.as_ref().map(|r| r.to_lowercase());
            match table.columns.iter_mut().find(|c| c.folded == folded) {
                Some(known) => {
                    known.spans.push(column.span);
                    known.primary_key |= column.primary_key;
                    if known.references.is_none() {
                        known.references = references;
                    }
                }
                None => table.columns.push(Column {
                    name: column.name.clone(),
                    folded,
                    declared_type: column.declared_type.clone(),
                    primary_key: column.primary_key,
                    references,
                    spans: vec![column.span],
                }),
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.by_name.iter().map(|(name, table)| (name.as_str(), table))
    }

    pub(super) fn get(&self, folded: &str) -> Option<&Table> {
        self.by_name.get(folded)
    }

    /// The table that a class of the extension is a gateway to.
    pub(super) fn of_gateway(&self, program: &mut Program<'_>, cls: Cls) -> Option<Name> {
        let table = program.lineage(cls).iter().find_map(|c| {
            let (script, class) = program.class(*c);
            let script = &program.scripts()[script as usize];
            let property = class.properties.iter().find(|p| script.text(p.name) == GATEWAY_TABLE)?;
            match script.expr(property.value?).kind {
                ExprKind::Text(sym) => Some(script.text(sym).to_lowercase()),
                _ => None,
            }
        })?;
        Some(program.intern(&table))
    }
}
