//! From the manifest's entries to the columns that a run rewrites.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use globset::GlobBuilder;

use super::beside;
use super::decide::Policies;
use super::error::{ManifestMismatch, RemapError};
use super::full_text;
use super::inside::{self, Inside};
use super::sentinel::Sentinels;
use super::session::Database;
use crate::panel::Kind;
use crate::panel::source::companion;
use crate::reference::manifest::{Entry, Holds, Manifest, Store};
use crate::sqlite::open;
use crate::sqlite::schema::{Schema, Table, TableType, Trigger};

/// A column that a run rewrites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Index of the database in the session.
    pub database: usize,
    /// Index of the table in its schema.
    pub table: usize,
    /// Index of the column in the table.
    pub column: usize,
    /// Whose ids it holds.
    pub kind: Kind,
    /// What to do with ids that are not certain.
    pub policies: Policies,
    /// The values that mean no object, or all.
    pub sentinels: Arc<Sentinels>,
    /// Index of the column that names the same object.
    pub twin: Option<usize>,
    /// Its ids stand inside its values; `kind` and `policies` are then those of the first.
    pub inside: Option<Arc<Inside>>,
    /// The place whose declared foreign key makes this one a target; `None`: the manifest names it.
    pub implied_by: Option<String>,
}

impl Target {
    /// The kinds whose ids it holds.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        match &self.inside {
            Some(inside) => inside.parts.iter().map(|p| p.kind).collect(),
            None => vec![self.kind],
        }
    }

    /// Whether rows may be taken out.
    fn removes(&self) -> bool {
        self.policies.removes() || self.inside.as_ref().is_some_and(|i| i.removes())
    }
}

/// A place of the manifest that this release does not rewrite.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Refused {
    /// The place, as the manifest names it.
    pub place: String,
    /// Why.
    pub reason: String,
}

/// What the manifest's entries come to.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// The columns to rewrite, by database, table and column.
    pub targets: Vec<Target>,
    /// What this release does not rewrite.
    pub refused: Vec<Refused>,
    /// What a person should know and that stops nothing.
    pub notes: Vec<String>,
}

/// Whether a plan rewrites the entry: raw ids that are, or stand in, the values of a column.
pub(crate) fn rewritten(entry: &Entry) -> bool {
    entry.holds == Holds::Id && matches!(entry.store, Store::Column { .. })
}

/// The entry's place, for a person.
pub(crate) fn place(entry: &Entry) -> String {
    let at = inside::at(entry);
    match &entry.store {
        Store::Column { database, table, column, .. } => format!("{database}: sqlite:{table}.{column}{at}"),
        Store::PanelColumn { table, column, .. } => format!("panel:{table}.{column}{at}"),
        Store::SettingKey { pattern } => format!("setting-key:{pattern}"),
        Store::Setting { name, .. } => format!("setting:{name}{at}"),
        Store::ObjectSetting { of, name, .. } => format!("{of}-setting:{name}{at}"),
        Store::File { glob, .. } => format!("file:{glob}{at}"),
        Store::FileName { pattern } => format!("file-name:{pattern}"),
    }
}

/// The databases that the manifest's entries name, relative to `var_dir`, in order.
///
/// Links are refused: a database must lie in the var directory, under one name. The companion is never one of them.
pub(crate) fn files(var_dir: &Utf8Path, manifest: &Manifest, wanted: impl Fn(&Entry) -> bool) -> Result<Vec<Utf8PathBuf>, RemapError> {
    let root = var_dir.canonicalize_utf8().map_err(|source| RemapError::Io { path: var_dir.to_owned(), source })?;
    let mut all = Vec::new();
    // Files whose names are no UTF-8, as they are shown.
    let mut odd = Vec::new();
    walk(&root, Utf8Path::new(""), &mut all, &mut odd)?;
    all.sort();
    let mut found: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    for entry in manifest.references.iter().filter(|e| wanted(e)) {
        let Store::Column { database, .. } = &entry.store else { continue };
        let matching = matching(database, &all)
            .map_err(|message| ManifestMismatch::at(manifest, entry.span.clone(), message, "this pattern", database, std::iter::empty()))?;
        if let Some(name) = self::matching(database, &odd).unwrap_or_default().first() {
            let message = format!("{var_dir}: the name of the file {name} is no UTF-8; rename it, or name the databases one by one");
            return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "matches this file", database, std::iter::empty()));
        }
        if matching.is_empty() {
            let message = format!("{var_dir}: there is no database {database}");
            let is_database = |p: &&Utf8PathBuf| *p != companion::FILE && open::header(&root.join(p)).is_ok_and(|h| h.encoding != 0);
            let near = all.iter().filter(is_database).map(|p| p.as_str());
            return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "names this database", database, near));
        }
        for name in matching {
            let path = root.join(&name);
            let real = path.canonicalize();
            if !real.as_ref().is_ok_and(|real| *real == path) {
                let to = real.map_or_else(|e| format!("nowhere ({e})"), |real| real.display().to_string());
                let message = format!("{var_dir}/{name} is a link to {to}; name the file itself, in the var directory");
                return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "names this link", &name, std::iter::empty()));
            }
            found.insert(Utf8PathBuf::from(name));
        }
    }
    Ok(found.into_iter().collect())
}

/// Which of `all` the manifest's word for databases means.
pub(crate) fn matching(database: &str, all: &[Utf8PathBuf]) -> Result<Vec<String>, String> {
    let wanted = Utf8Path::new(database);
    if wanted == companion::FILE {
        return Err(format!("{database} is reguid's own companion, not a database of the extension"));
    }
    if wanted.components().any(|c| !matches!(c, Utf8Component::Normal(_) | Utf8Component::CurDir)) {
        return Err(format!("the database {database} does not lie in the var directory"));
    }
    // `./a.db` and `t/./1.db` are other spellings; a place has one name in plans and in the companion.
    let wanted: Utf8PathBuf = wanted.components().filter(|c| *c != Utf8Component::CurDir).collect();
    if all.contains(&wanted) {
        return Ok(vec![wanted.into_string()]);
    }
    let glob = GlobBuilder::new(wanted.as_str()).literal_separator(true).build().map_err(|e| e.to_string())?.compile_matcher();
    let beside = |p: &str| ["-journal", "-wal", "-shm"].iter().any(|s| p.ends_with(s));
    // The companion, and what SQLite lays beside it while a transaction spans several files.
    let companion = |p: &str| p.strip_prefix(companion::FILE).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    Ok(all.iter().filter(|p| !companion(p.as_str()) && !beside(p.as_str()) && glob.is_match(p)).map(ToString::to_string).collect())
}

/// All files under `root`; folders that are links are not entered. What is not named in UTF-8 goes to `odd`, as it is shown.
fn walk(root: &Utf8Path, below: &Utf8Path, all: &mut Vec<Utf8PathBuf>, odd: &mut Vec<Utf8PathBuf>) -> Result<(), RemapError> {
    let folder = root.join(below);
    let io = |source| RemapError::Io { path: folder.clone(), source };
    for entry in folder.read_dir().map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let path = below.join(&*name.to_string_lossy());
        match (name.to_str(), entry.file_type().map_err(io)?.is_dir()) {
            (Some(_), true) => walk(root, &path, all, odd)?,
            (Some(_), false) => all.push(path),
            (None, _) => odd.push(path),
        }
    }
    Ok(())
}

/// Refuses a var directory that is none.
///
/// # Errors
/// [`RemapError::NoVarDir`].
pub fn var_dir(path: &Utf8Path) -> Result<(), RemapError> {
    let is_dir = std::fs::metadata(path).and_then(|m| if m.is_dir() { Ok(()) } else { Err(std::io::ErrorKind::NotADirectory.into()) });
    is_dir.map_err(|source| RemapError::NoVarDir { path: path.to_owned(), source })
}

/// Refuses a manifest that declares nothing: a run would move the data's date and leave its ids behind.
pub(crate) fn declared(manifest: &Manifest) -> Result<(), RemapError> {
    if manifest.references.is_empty() { Err(RemapError::NoReferences { path: manifest.path.clone() }) } else { Ok(()) }
}

/// The columns that `manifest` names in `databases`, and those that declared foreign keys tie to them.
pub(crate) fn resolve(manifest: &Manifest, databases: &[Database]) -> Result<Resolved, RemapError> {
    let mut resolved = Resolved::default();
    let names: Vec<Utf8PathBuf> = databases.iter().map(|d| d.name.clone()).collect();
    for entry in &manifest.references {
        match &entry.store {
            Store::Column { .. } if entry.holds != Holds::Id => {}
            Store::Column { database, table, column, .. } => {
                let places = matching(database, &names).unwrap_or_default();
                let mut lacking = Vec::new();
                for name in &places {
                    let index = names.iter().position(|n| n == name.as_str()).expect("matching gives some of the names");
                    match databases[index].declared.table(table) {
                        Some(_) => name_column(manifest, entry, databases, index, table, column, &mut resolved)?,
                        None => lacking.push(index),
                    }
                }
                if let Some(&index) = lacking.first().filter(|_| lacking.len() == places.len()) {
                    let message = format!("{}: there is no table {table}", databases[index].name);
                    let near = databases[index].declared.tables.iter().map(|t| t.name.as_str());
                    return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "names this table", table, near));
                }
                resolved.notes.extend(lacking.iter().map(|&i| format!("{}: there is no table {table}", databases[i].name)));
            }
            // What is not in the extension's own databases, `stores` sees to.
            Store::PanelColumn { .. }
            | Store::SettingKey { .. }
            | Store::Setting { .. }
            | Store::ObjectSetting { .. }
            | Store::File { .. }
            | Store::FileName { .. } => {}
        }
    }
    for index in 0..databases.len() {
        imply(databases, index, &mut resolved);
    }
    resolved.targets.sort_by_key(|t| (t.database, t.table, t.column));
    Ok(resolved)
}

/// One entry's column in one database.
fn name_column(
    manifest: &Manifest,
    entry: &Entry,
    databases: &[Database],
    index: usize,
    table: &str,
    column: &str,
    resolved: &mut Resolved,
) -> Result<(), RemapError> {
    let database = &databases[index];
    let mismatch = |message: String, label: &str, near: Vec<&str>| {
        ManifestMismatch::at(manifest, entry.span.clone(), message, label, column, near.into_iter())
    };
    let at = database.declared.tables.iter().position(|t| t.name.eq_ignore_ascii_case(table)).expect("the caller found it");
    let declared = &database.declared.tables[at];
    let Some(number) = declared.column(column) else {
        let near = declared.columns.iter().map(|c| c.name.as_str()).collect();
        return Err(mismatch(format!("{}: the table {table} has no column {column}", database.name), "names this column", near));
    };
    if entry.is_inside() {
        return name_inside(manifest, entry, database, (index, at, number), resolved);
    }
    let Some(kind) = entry.kind else {
        return Err(mismatch(format!("{}: no kind is given for {table}.{column}", database.name), "this entry", Vec::new()));
    };
    let twin = match &entry.twin {
        None => None,
        Some(twin) => {
            let Some(number) = declared.column(twin) else {
                let message = format!("{}: the table {table} has no column {twin}", database.name);
                let near = declared.columns.iter().map(|c| c.name.as_str());
                return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "names this twin", twin, near));
            };
            Some(number)
        }
    };
    let policies = Policies::of(entry);
    let sentinels = Sentinels::of(entry);
    let target = Target { database: index, table: at, column: number, kind, policies, sentinels, twin, inside: None, implied_by: None };
    if let Some(reason) = unfit(&database.declared, declared, number, target.removes()) {
        resolved.refused.push(Refused { place: name(database, declared, number), reason });
        return Ok(());
    }
    match resolved.targets.iter().find(|t| (t.database, t.table, t.column) == (index, at, number)) {
        Some(other) if *other == target => Ok(()),
        Some(_) => Err(mismatch(format!("{}: {table}.{column} is named twice, differently", database.name), "the second time", Vec::new())),
        None => {
            resolved.targets.push(target);
            Ok(())
        }
    }
}

/// One entry's ids inside the values of one column of one database.
fn name_inside(
    manifest: &Manifest,
    entry: &Entry,
    database: &Database,
    (index, at, number): (usize, usize, usize),
    resolved: &mut Resolved,
) -> Result<(), RemapError> {
    let table = &database.declared.tables[at];
    let mismatch = |message: String| {
        let message = format!("{}: {message}", name(database, table, number));
        Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "this entry", "", std::iter::empty()))
    };
    let known = resolved.targets.iter().position(|t| (t.database, t.table, t.column) == (index, at, number));
    let mut inside = match known.map(|k| &resolved.targets[k].inside) {
        None => Inside::default(),
        Some(Some(inside)) => Inside::clone(inside),
        Some(None) => return mismatch("named as a whole, and inside, too".into()),
    };
    if let Err(error) = inside.add(entry) {
        return mismatch(error.to_string());
    }
    let Some(first) = inside.parts.first() else { return mismatch("no kind is given".into()) };
    let (kind, policies) = (first.kind, first.policies);
    let (sentinels, inside) = (Arc::clone(&first.sentinels), Some(Arc::new(inside.clone())));
    let target = Target { database: index, table: at, column: number, kind, policies, sentinels, twin: None, inside, implied_by: None };
    if let Some(reason) = unfit(&database.declared, table, number, target.removes()) {
        let refused = Refused { place: name(database, table, number), reason };
        if !resolved.refused.contains(&refused) {
            resolved.refused.push(refused);
        }
        return Ok(());
    }
    match known {
        Some(known) => resolved.targets[known] = target,
        None => resolved.targets.push(target),
    }
    Ok(())
}

fn name(database: &Database, table: &Table, column: usize) -> String {
    format!("{}: sqlite:{}.{}", database.name, table.name, table.columns[column].name)
}

/// Whether a table holds some of `targets`, which are in `databases`.
pub(super) fn in_tables<'t>(databases: &'t [Database], targets: &'t [Target]) -> impl Fn(&Database, &Table) -> bool + 't {
    |database, table| {
        targets.iter().any(|t| databases[t.database].name == database.name && database.declared.tables[t.table].name == table.name)
    }
}

/// Why the column cannot be rewritten, if it cannot.
pub(super) fn unfit(schema: &Schema, table: &Table, column: usize, removes: bool) -> Option<String> {
    match table.table_type {
        TableType::View => return Some("a view holds no rows of its own; name the table behind it".into()),
        TableType::Virtual | TableType::Shadow => {
            return Some("a virtual table's rows are not its own; this release does not rewrite them".into());
        }
        TableType::Ordinary => {}
    }
    if table.columns[column].generated {
        return Some("a generated column is computed from others; name the column that it is made of".into());
    }
    if table.address().is_empty() {
        return Some("columns named rowid, _rowid_ and oid hide the row's address, and there is no INTEGER PRIMARY KEY".into());
    }
    let moves = removes || table.integer_key == Some(column);
    let name = table.columns[column].name.as_str();
    let indexes = schema.tables.iter().filter(|t| t.table_type == TableType::Virtual);
    let stale = indexes.clone().find(|t| {
        full_text::of(&t.sql).is_some_and(|f| f.depends(&table.name, &[name], moves) && !f.follows(t) || shows(schema, &f.content, table))
    });
    if let Some(t) = stale {
        return Some(format!("the full-text index {} is kept over this table and would not follow", t.name));
    }
    // Triggers do not fire, so that what they carry into a virtual table is not carried there.
    let kept = |trigger: &&Trigger| moves || beside::mentions(&trigger.sql, name);
    schema.triggers.iter().filter(|t| t.table.eq_ignore_ascii_case(&table.name)).filter(kept).find_map(|trigger| {
        let followed = |t: &&Table| full_text::of(&t.sql).is_some_and(|f| f.content.eq_ignore_ascii_case(&table.name) && f.follows(t));
        let table = indexes.clone().filter(|t| !followed(t)).find(|t| beside::mentions(&trigger.sql, &t.name))?;
        Some(format!("the trigger {} keeps the virtual table {} up to date, which would not follow", trigger.name, table.name))
    })
}

/// Whether `content` is a view that may show rows of `table`: its text names the table, or another view.
fn shows(schema: &Schema, content: &str, table: &Table) -> bool {
    let Some(view) = schema.table(content).filter(|t| t.table_type == TableType::View) else { return false };
    let text = view.sql.to_ascii_lowercase();
    let others = schema.tables.iter().filter(|t| t.table_type == TableType::View && !t.name.eq_ignore_ascii_case(content));
    others.chain([table]).any(|t| text.contains(&t.name.to_ascii_lowercase()))
}

/// Adds the columns that declared foreign keys tie to targets. Their actions do not fire during a run, so that each cell changes once.
fn imply(databases: &[Database], index: usize, resolved: &mut Resolved) {
    let database = &databases[index];
    let links = links(&database.declared);
    let mut from = 0;
    // What is tied to what is tied: those found in one round are looked from in the next.
    while from < resolved.targets.len() {
        let known = resolved.targets.len();
        for &(child, parent, column) in &links {
            let at = |(table, column): (usize, usize)| {
                resolved.targets.iter().position(|t| (t.database, t.table, t.column) == (index, table, column))
            };
            let (None, Some(tied)) = (at(child), at((parent, column)).filter(|p| (from..known).contains(p))) else { continue };
            let implied_by = Some(name(database, &database.declared.tables[parent], column));
            let target = Target { table: child.0, column: child.1, twin: None, implied_by, ..resolved.targets[tied].clone() };
            let table = &database.declared.tables[target.table];
            match unfit(&database.declared, table, target.column, target.removes()) {
                Some(reason) => {
                    let reason = format!("its foreign key ties it to {}: {reason}", target.implied_by.unwrap_or_default());
                    let refused = Refused { place: name(database, table, target.column), reason };
                    if !resolved.refused.contains(&refused) {
                        resolved.refused.push(refused);
                    }
                }
                None => resolved.targets.push(target),
            }
        }
        from = known;
    }
    for (child, parent, column) in links {
        let kind =
            |table, column| resolved.targets.iter().find(|t| (t.database, t.table, t.column) == (index, table, column)).map(|t| t.kind);
        let Some(of_child) = kind(child.0, child.1) else { continue };
        let parent_name = name(database, &database.declared.tables[parent], column);
        let place = name(database, &database.declared.tables[child.0], child.1);
        match kind(parent, column) {
            Some(of_parent) if of_parent == of_child => {}
            Some(other) => {
                let reason = format!("its foreign key ties it to {parent_name}, which holds ids of another kind ({other})");
                resolved.refused.push(Refused { place, reason });
            }
            None => {
                let reason = format!("its foreign key ties it to {parent_name}, which the manifest does not name");
                resolved.refused.push(Refused { place, reason });
            }
        }
    }
}

/// The foreign keys of a schema, column by column: the child's table and column, the parent's table, the parent's column.
fn links(schema: &Schema) -> Vec<((usize, usize), usize, usize)> {
    let mut all = Vec::new();
    for (number, child) in schema.tables.iter().enumerate() {
        for key in &child.foreign_keys {
            let Some(parent) = schema.tables.iter().position(|t| t.name.eq_ignore_ascii_case(&key.parent)) else { continue };
            for (i, (from, to)) in key.columns.iter().enumerate() {
                let declared = &schema.tables[parent];
                let to = match to {
                    Some(name) => declared.column(name),
                    None => declared.primary_key.get(i).copied(),
                };
                if let (Some(from), Some(to)) = (child.column(from), to) {
                    all.push(((number, from), parent, to));
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_found_by_name_and_pattern() {
        let all: Vec<Utf8PathBuf> =
            ["a.db", "a.db-wal", "reguid.db", "reguid.db-mj1A2B3C4D5", "t/1.db", "t/2.db", "[x].db"].map(Utf8PathBuf::from).to_vec();
        assert_eq!(matching("a.db", &all).unwrap(), ["a.db"]);
        assert_eq!(matching("[x].db", &all).unwrap(), ["[x].db"]);
        assert_eq!(matching("./a.db", &all).unwrap(), ["a.db"]);
        assert_eq!(matching("t/./1.db", &all).unwrap(), ["t/1.db"]);
        assert_eq!(matching("./t/*.db", &all).unwrap(), ["t/1.db", "t/2.db"]);
        assert_eq!(matching("*.db", &all).unwrap(), ["a.db", "[x].db"]);
        assert_eq!(matching("t/*.db", &all).unwrap(), ["t/1.db", "t/2.db"]);
        assert_eq!(matching("**/*", &all).unwrap(), ["a.db", "t/1.db", "t/2.db", "[x].db"]);
        assert!(matching("../a.db", &all).is_err());
        assert!(matching("/etc/a.db", &all).is_err());
        assert!(matching("b.db", &all).unwrap().is_empty());
    }
}
