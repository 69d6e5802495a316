//! The extension's tables: every declaration of one name taken together. Of a table that is made where nothing is read of it, by a migration that runs or
//! a schema that is put together, the code that fills it tells the name and the columns.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::names;
use super::program::{Cls, Name, Program};
use crate::extension::Extension;
use crate::extension::php::ir::{Element, ExprId, ExprKind, Script};
use crate::extension::source::Span;
use crate::extension::sql::schema::{SchemaOrigin, TableFact};
use crate::extension::sql::statement::{self, Comparison, Operand, Statement};
use crate::panel::Kind;
use crate::panel::catalogue;

/// Stands before the name of the panel's table where the extension has one of the same name. No name of a table has it.
const PANEL: &str = "panel:";

/// Stands between the names of tables of which one is meant. No name of a table has it.
const ONE_OF: &str = "\u{1f}";

/// The method of a database adapter that writes a row.
const INSERT: &str = "insert";

/// Words in the names of what holds a database.
const DATABASE_WORDS: &[&str] = &["adapter", "conn", "connection", "database", "db", "dbh", "pdo", "sqlite", "storage"];

/// A chain of calls is looked down this far.
const MAX_CHAIN: usize = 16;

/// What code says that opens a database in the var directory, in lower case.
const OPENS: &[u8] = b"sqlite";

/// Words for a table in the names of members begin so in many languages.
const TABLE_WORD: &str = "tab";

/// As many joins are looked into.
const MAX_JOINS: usize = 2_000;

/// Of several tables that a name may mean, columns are told apart up to this many.
const MAX_COLUMNS: usize = 1_000;

/// Types of columns.
const TYPES: &[&str] = &[
    "BIGINT",
    "BLOB",
    "BOOL",
    "BOOLEAN",
    "CHAR",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "INT",
    "INTEGER",
    "JSON",
    "NUMERIC",
    "REAL",
    "SMALLINT",
    "TEXT",
    "TIMESTAMP",
    "TINYINT",
    "VARCHAR",
];

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

/// The columns that are known of tables, all without case.
type Seen = FxHashMap<String, FxHashSet<String>>;

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name as it is first declared.
    pub(super) name: String,
    /// Its columns, in the order in which they are first declared.
    pub(super) columns: Vec<Column>,
    /// The files of shipped databases that have it, as paths in the extension.
    pub(super) databases: Vec<String>,
    /// Whether it is declared, and not only filled.
    pub(super) declared: bool,
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
    /// Whether the database numbers the rows by it: it is the table's own id, whatever it is called.
    pub(super) numbered: bool,
    /// The table that a foreign key of it alone points at, or that statements join by it, without case.
    pub(super) references: Option<String>,
    /// Whether only statements tell of that table.
    pub(super) joined: bool,
    /// Where it is declared, each declaration once; or where it is filled first.
    pub(super) spans: Vec<Span>,
    /// Whether it is declared, and not only filled.
    pub(super) declared: bool,
}

impl Column {
    /// What its spans show.
    pub(super) fn shown(&self) -> &'static str {
        if self.declared { "declared here" } else { "filled here" }
    }
}

impl Tables {
    pub(super) fn new(extension: &Extension) -> Tables {
        let mut tables = Tables::default();
        for fact in &extension.tables {
            tables.add(extension, fact);
        }
        tables.add_models(extension);
        tables.add_filled(extension);
        tables.add_joined(extension);
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

    /// Whether a table of that name (without case) is the panel's where a statement is put to the panel's database, and the extension's elsewhere. One
    /// that nothing declares may be any of the panel's.
    pub(super) fn is_panel_name(&self, folded: &str) -> bool {
        self.by_name.get(folded).is_some_and(|table| !table.declared || catalogue::panel_columns_of(folded).next().is_some())
    }

    /// The name under which the panel's table goes where the extension has one of the same name.
    pub(super) fn of_panel(folded: &str) -> String {
        format!("{PANEL}{folded}")
    }

    /// The name of one of several tables, where it is not told which: as subclasses answer. None of very wide ones.
    pub(super) fn one_of(&self, names: &[String]) -> Option<String> {
        let columns: usize = names.iter().filter_map(|name| self.get(name)).map(|table| table.columns.len()).sum();
        (!names.is_empty() && columns <= MAX_COLUMNS).then(|| names.join(ONE_OF))
    }

    /// Whether a name is that of one of several tables.
    pub(super) fn is_one_of(folded: &str) -> bool {
        folded.contains(ONE_OF)
    }

    /// The tables that a name may mean.
    pub(super) fn parts(folded: &str) -> impl Iterator<Item = &str> {
        folded.split(ONE_OF)
    }

    /// Of several tables that a name may mean, the one which alone has that column.
    pub(super) fn with_column<'n>(&self, folded: &'n str, column: &str) -> Option<&'n str> {
        if !Tables::is_one_of(folded) {
            return None;
        }
        let has = |table: &&str| self.get(table).is_some_and(|t| t.columns.iter().any(|c| c.folded == column));
        let mut with = Tables::parts(folded).filter(has);
        with.next().filter(|_| with.next().is_none())
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
            declared: true,
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
                    known.numbered |= column.numbered;
                    if known.references.is_none() {
                        known.references = references;
                    }
                }
                None => table.columns.push(Column {
                    name: column.name.clone(),
                    folded,
                    declared_type: column.declared_type.clone(),
                    primary_key: column.primary_key,
                    numbered: column.numbered,
                    references,
                    joined: false,
                    spans: vec![column.span],
                    declared: true,
                }),
            }
        }
    }

    /// Adds the tables and columns that are filled and nowhere declared. Tables only where the extension has a database of its own at all: else the
    /// database that it fills is another program's.
    fn add_filled(&mut self, extension: &Extension) {
        let is_open =
            |tables: &Tables, folded: &str| tables.by_name.contains_key(folded) || catalogue::panel_columns_of(folded).next().is_none();
        let mut written: Vec<(&str, Vec<(&str, Span)>)> = Vec::new();
        for statement in extension.statements.iter().flat_map(|text| &text.statements) {
            if let Statement::Insert(insert) = statement
                && let Some(table) = insert.table.as_deref()
                && !insert.columns.is_empty()
                && is_open(self, &table.to_lowercase())
            {
                written.push((table, insert.columns.iter().map(|c| (c.name.as_str(), c.span)).collect()));
            }
        }
        for script in &extension.scripts {
            let calls = script.exprs.iter().filter_map(|expr| inserted(script, expr.kind));
            written.extend(calls.filter(|(table, _)| is_open(self, &table.to_lowercase())));
        }
        let (known, new): (Vec<_>, Vec<_>) = written.into_iter().partition(|(table, _)| self.by_name.contains_key(&table.to_lowercase()));
        let mut seen = Seen::default();
        for (table, columns) in known {
            self.fill(table, columns, &mut seen);
        }
        if new.is_empty() || !has_database(extension) {
            return;
        }
        for (table, columns) in new {
            self.fill(table, columns, &mut seen);
        }
        for statement in extension.statements.iter().flat_map(|text| &text.statements) {
            let (table, columns): (_, Vec<(&str, Span)>) = match statement {
                Statement::Update(update) => (update.table.as_deref(), update.sets.iter().map(|s| spot(&s.column)).collect()),
                Statement::Select(select) => match &select.tables[..] {
                    [only] => (only.name.as_deref(), select.columns.iter().map(|c| spot(&c.column)).collect()),
                    _ => continue,
                },
                Statement::Insert(_) | Statement::Delete(_) => continue,
            };
            let Some(table) = table.filter(|t| self.by_name.get(&t.to_lowercase()).is_some_and(|known| !known.declared)) else { continue };
            self.fill(table, columns.into_iter().filter(|(name, _)| *name != "*").collect(), &mut seen);
        }
    }

    /// Adds the tables of classes and arrays that list columns with types, from which the statements that make the tables are put together.
    fn add_models(&mut self, extension: &Extension) {
        let mut seen = Seen::default();
        for script in &extension.scripts {
            for class in &script.classes {
                let members = || class.constants.iter().chain(&class.properties).filter_map(|m| Some((script.text(m.name), m.value?)));
                let Some(columns) = members().find_map(|(_, value)| typed_columns(script, value)) else { continue };
                let is_name = |name: &str| names::words(name).iter().any(|word| word.starts_with(TABLE_WORD));
                let named = members().filter(|(name, _)| is_name(name)).find_map(|(_, value)| text(script, value));
                if let Some(table) = named.filter(|table| !table.is_empty()) {
                    self.add_columns(table, columns, &mut seen, true);
                }
            }
            // One array for all tables: `['seats' => ['id' => 'INTEGER PRIMARY KEY', 'owner' => 'INTEGER']]`.
            for expr in &script.exprs {
                let ExprKind::Array(tables) = expr.kind else { continue };
                let typed = |table: &Element| Some((text(script, table.key?)?, typed_columns(script, table.value?)?));
                if script.elements(tables).iter().any(|table| table.value.is_some_and(|value| is_constrained(script, value))) {
                    for (name, columns) in script.elements(tables).iter().filter_map(typed) {
                        self.add_columns(name, columns, &mut seen, true);
                    }
                }
            }
        }
    }

    /// Notes which columns statements join with the keys of own tables: `JOIN jobs j ON j.id = r.job_id`.
    fn add_joined(&mut self, extension: &Extension) {
        let mut joined: Vec<(String, String, String)> = Vec::new();
        let key = |column: &statement::Column| {
            let table = column.table.as_ref()?.to_lowercase();
            let key = self.by_name.get(&table)?.columns.iter().find(|c| c.primary_key)?;
            key.name.eq_ignore_ascii_case(&column.name).then_some(table)
        };
        for statement in extension.statements.iter().flat_map(|text| &text.statements) {
            let Statement::Select(select) = statement else { continue };
            for filter in select.filters.iter().filter(|f| f.comparison == Comparison::Equal) {
                let [Operand::Column(other)] = &filter.values[..] else { continue };
                for (column, parent) in [(&filter.column, other), (other, &filter.column)] {
                    if let (Some(table), Some(parent)) = (&column.table, key(parent)) {
                        joined.push((table.to_lowercase(), column.name.to_lowercase(), parent));
                    }
                }
            }
        }
        joined.sort_unstable();
        joined.dedup();
        for (table, column, parent) in joined.into_iter().take(MAX_JOINS) {
            let columns = self.by_name.get_mut(&table).map(|t| &mut t.columns);
            if let Some(known) = columns.and_then(|c| c.iter_mut().find(|c| c.folded == column))
                && known.references.is_none()
                && !known.primary_key
                && table != parent
            {
                (known.references, known.joined) = (Some(parent), true);
            }
        }
    }

    fn fill(&mut self, name: &str, columns: Vec<(&str, Span)>, seen: &mut Seen) {
        self.add_columns(name, columns, seen, false);
    }

    fn add_columns(&mut self, name: &str, columns: Vec<(&str, Span)>, seen: &mut Seen, declared: bool) {
        let new = || Table { name: name.to_owned(), columns: Vec::new(), databases: Vec::new(), declared };
        let table = self.by_name.entry(name.to_lowercase()).or_insert_with(new);
        let known = seen.entry(name.to_lowercase()).or_insert_with(|| table.columns.iter().map(|column| column.folded.clone()).collect());
        for (column, span) in columns {
            let folded = column.to_lowercase();
            if known.insert(folded.clone()) {
                table.columns.push(Column {
                    name: column.to_owned(),
                    folded,
                    declared_type: String::new(),
                    primary_key: false,
                    numbered: false,
                    references: None,
                    joined: false,
                    spans: vec![span],
                    declared,
                });
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

fn spot(column: &statement::Column) -> (&str, Span) {
    (&column.name, column.span)
}

/// The columns that an array lists, each with its type: `['site' => 'INTEGER NOT NULL', …]`.
fn typed_columns(script: &Script, value: ExprId) -> Option<Vec<(&str, Span)>> {
    let ExprKind::Array(elements) = script.expr(value).kind else { return None };
    let column = |element: &Element| {
        let (key, declared) = (element.key?, text(script, element.value?)?);
        let declared = declared.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_ascii_uppercase();
        let at = script.expr(key).at;
        TYPES.contains(&declared.as_str()).then_some((text(script, key)?, Span::new(script.file, at.start, at.end)))
    };
    let columns: Vec<_> = script.elements(elements).iter().map(column).collect::<Option<_>>()?;
    (!columns.is_empty()).then_some(columns)
}

/// Whether an array lists a column with what only SQL says of one: the rules of a form's fields name types too.
fn is_constrained(script: &Script, value: ExprId) -> bool {
    let ExprKind::Array(elements) = script.expr(value).kind else { return false };
    script.elements(elements).iter().filter_map(|element| text(script, element.value?)).any(|declared| {
        let declared = declared.to_ascii_uppercase();
        declared.contains("NOT NULL") || declared.contains("PRIMARY KEY")
    })
}

/// The table and the columns of a call `->insert('table', ['column' => …])`, or of `Query::table('table')->insert(['column' => …])`.
fn inserted(script: &Script, kind: ExprKind) -> Option<(&str, Vec<(&str, Span)>)> {
    let ExprKind::Method { object, name, args } = kind else { return None };
    if !script.text(name).eq_ignore_ascii_case(INSERT) {
        return None;
    }
    let (table, row) = match script.args(args) {
        [table, row] if is_database(script, object) => (text(script, table.value)?, row.value),
        [row] => (named_below(script, object)?, row.value),
        _ => return None,
    };
    let ExprKind::Array(row) = script.expr(row).kind else { return None };
    let columns = script.elements(row).iter().map(|element| {
        let key = element.key?;
        let at = script.expr(key).at;
        Some((text(script, key)?, Span::new(script.file, at.start, at.end)))
    });
    Some((table, columns.collect::<Option<_>>()?))
}

/// The one text that the first call of a chain is given.
fn named_below(script: &Script, mut object: ExprId) -> Option<&str> {
    for _ in 0..MAX_CHAIN {
        let args = match script.expr(object).kind {
            ExprKind::Method { object: inner, args, .. } => match script.args(args) {
                [only] if is_database(script, inner) => {
                    return text(script, only.value);
                }
                _ => {
                    object = inner;
                    continue;
                }
            },
            ExprKind::Static { args, .. } | ExprKind::New { args, .. } | ExprKind::Call { args, .. } => args,
            _ => return None,
        };
        let mut texts = script.args(args).iter().filter_map(|arg| text(script, arg.value));
        return texts.next().filter(|_| texts.next().is_none());
    }
    None
}

/// Whether an expression is called like a database. What `insert`s elsewhere is a calendar, a remote service, a list.
fn is_database(script: &Script, expr: ExprId) -> bool {
    let (ExprKind::Variable(name)
    | ExprKind::Property { name, .. }
    | ExprKind::StaticProperty { name, .. }
    | ExprKind::Method { name, .. }
    | ExprKind::Static { name, .. }
    | ExprKind::Call { name, .. }) = script.expr(expr).kind
    else {
        return false;
    };
    names::words(script.text(name)).iter().any(|word| DATABASE_WORDS.contains(&word.as_str()))
}

fn text(script: &Script, expr: ExprId) -> Option<&str> {
    if let ExprKind::Text(text) = script.expr(expr).kind { Some(script.text(text)) } else { None }
}

/// Whether the extension opens a database in its var directory.
fn has_database(extension: &Extension) -> bool {
    let says = |text: &str| text.as_bytes().windows(OPENS.len()).any(|window| window.eq_ignore_ascii_case(OPENS));
    extension.scripts.iter().flat_map(Script::texts).any(says)
}
