//! Adding entries to a manifest without touching what a person wrote in it.

use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use globset::Glob;
use miette::Diagnostic;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{Form, Manifest, ManifestError, Store};
use crate::panel::Kind;

/// What stands at the top of a new manifest.
const HEADER: &str = "\
# The places where this extension keeps panel ids. `reguid fix` rewrites them after a restore, these and no others:
# review each entry, and keep this file beside meta.xml under version control.
";

/// An entry that is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The place.
    pub store: Store,
    /// Whose ids stand there.
    pub kind: Kind,
    /// A column of the same table that names the same object.
    pub twin: Option<String>,
    /// How ids are written in the value: a pattern, base64.
    pub form: Form,
    /// Why, in one line; it becomes a comment.
    pub why: String,
}

/// A manifest with entries added to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its text.
    pub text: String,
    /// How many entries were added.
    pub added: usize,
    /// How many proposals name a place that an entry names already.
    pub present: usize,
}

/// Entries could not be added.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum MergeError {
    /// The manifest would not be valid with them.
    #[error("reguid.toml would not be valid with the new entries; it was not changed")]
    #[diagnostic(help("please report this: reguid should have seen it before"))]
    Invalid(#[source] Box<ManifestError>),
    /// The text is no TOML.
    #[error("the manifest is no TOML")]
    Syntax(#[source] toml_edit::TomlError),
    /// The file could not be written. It is as it was.
    #[error("cannot write {path}; it is as it was")]
    #[diagnostic(help("is the folder writable, and the disk not full?"))]
    Write {
        /// Its path.
        path: Utf8PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Adds the proposals whose places no entry names yet. Comments, order and form of what is there stay.
///
/// # Errors
/// When the result would not be a valid manifest.
pub fn merge(existing: Option<&Manifest>, proposals: &[Proposal]) -> Result<Merged, MergeError> {
    let before = existing.map_or(HEADER, |m| &m.text);
    let mut document: DocumentMut = before.parse().map_err(MergeError::Syntax)?;
    let mut known: Vec<&Store> = existing.map(|m| m.references.iter().map(|e| &e.store).collect()).unwrap_or_default();
    let mut added = 0;
    for proposal in proposals {
        if known.iter().any(|store| same_place(store, &proposal.store)) {
            continue;
        }
        known.push(&proposal.store);
        add(&mut document, proposal);
        added += 1;
    }
    let present = proposals.len() - added;
    if added == 0 && existing.is_some() {
        return Ok(Merged { text: before.to_owned(), added, present });
    }
    let text = with_line_ends_of(before, document.to_string());
    let path = existing.map_or(Utf8Path::new("reguid.toml"), |m| &m.path);
    Manifest::parse(path, &text).map_err(|e| MergeError::Invalid(Box::new(e)))?;
    Ok(Merged { text, added, present })
}

/// What [`merge`] makes of one proposal without a flaw where there is no manifest.
#[must_use]
pub fn alone(proposal: &Proposal) -> String {
    format!("{HEADER}\n{}", show(std::slice::from_ref(proposal)))
}

/// What a manifest would find wrong with the proposal: a key of the extension's data may have a name that no path can hold.
#[must_use]
pub fn flaw(proposal: &Proposal) -> Option<String> {
    match Manifest::parse(Utf8Path::new("reguid.toml"), &show(std::slice::from_ref(proposal))) {
        Ok(_) => None,
        Err(ManifestError::Wrong { problems, .. }) => Some(problems.into_iter().map(|p| p.message).collect::<Vec<_>>().join("; ")),
        Err(error) => Some(error.to_string()),
    }
}

/// The proposals as text, as they would stand in a new manifest.
#[must_use]
pub fn show(proposals: &[Proposal]) -> String {
    let mut document = DocumentMut::new();
    proposals.iter().for_each(|proposal| add(&mut document, proposal));
    document.to_string().trim_start_matches('\n').to_owned()
}

/// Writes a manifest, all or nothing; its permissions stay. Where it is a symbolic link, the file behind it is written.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Utf8Path, text: &str) -> Result<(), MergeError> {
    replace(path, text.as_bytes()).map_err(|source| MergeError::Write { path: path.to_owned(), source })
}

/// Writes a file as [`write`] does.
pub(crate) fn replace(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let target = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let permissions = match fs_err::metadata(&target) {
        Ok(metadata) => Some(metadata.permissions()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    let mut builder = tempfile::Builder::new();
    // What a new file gets from the person's umask; a temporary file is private otherwise.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".reguid").tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|e| e.error)?;
    Ok(())
}

/// Whether an entry for `written` speaks of the place `proposed`. Two paths inside one column's values are two places. A column that the author names as a
/// whole, or of which a path is proposed otherwise, is one: they have looked at it.
pub(super) fn same_place(written: &Store, proposed: &Store) -> bool {
    match (written, proposed) {
        (Store::Column { database: a, table: t, column: c, path: p }, Store::Column { database: b, table, column, path }) => {
            let one_path = p.is_none() || path.is_none() || p == path;
            t.eq_ignore_ascii_case(table) && c.eq_ignore_ascii_case(column) && overlap(a, b) && one_path
        }
        (Store::PanelColumn { table: t, column: c, path: p }, Store::PanelColumn { table, column, path }) => {
            let one_path = p.is_none() || path.is_none() || p == path;
            t.eq_ignore_ascii_case(table) && c.eq_ignore_ascii_case(column) && one_path
        }
        (a, b) => a == b,
    }
}

/// Whether two globs may name the same database.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    let hits = |glob: &str, path: &str| Glob::new(glob).is_ok_and(|g| g.compile_matcher().is_match(path));
    a == b || a == "*" || b == "*" || hits(a, b) || hits(b, a)
}

pub(super) fn add(document: &mut DocumentMut, proposal: &Proposal) {
    let mut table = entry(proposal);
    let comment = comment(&proposal.why);
    // Comments of a file without any key are its end, and would come to stand below the new entries.
    let above = if document.is_empty() { document.trailing().as_str().unwrap_or_default().to_owned() } else { String::new() };
    if !above.is_empty() {
        document.set_trailing("");
    }
    let list = document.entry("reference").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    // `reference = [{ … }]` is the same thing in another form, and stays in it.
    if let Some(array) = list.as_array_mut() {
        push_inline(array, table, &comment);
    } else if let Some(tables) = list.as_array_of_tables_mut() {
        table.decor_mut().set_prefix(format!("{above}\n# {comment}\n"));
        tables.push(table);
    }
}

fn push_inline(array: &mut Array, table: Table, comment: &str) {
    let mut inline = InlineTable::new();
    for (key, item) in table {
        if let Ok(value) = item.into_value() {
            inline.insert(key.as_str(), value);
        }
    }
    let mut item = Value::from(inline);
    item.decor_mut().set_prefix(format!("\n    # {comment}\n    "));
    array.push_formatted(item);
    array.set_trailing("\n");
    array.set_trailing_comma(true);
}

fn entry(proposal: &Proposal) -> Table {
    let mut table = Table::new();
    let path_of = |path: &Option<String>, table: &mut Table| {
        if let Some(path) = path {
            table["path"] = value(path);
        }
    };
    match &proposal.store {
        Store::Column { database, table: name, column, path } => {
            table["database"] = value(database);
            table["table"] = value(name);
            table["column"] = value(column);
            path_of(path, &mut table);
        }
        Store::PanelColumn { table: name, column, path } => {
            table["panel-table"] = value(name);
            table["column"] = value(column);
            path_of(path, &mut table);
        }
        Store::SettingKey { pattern } => table["setting-key"] = value(pattern),
        Store::FileName { pattern } => table["file-name"] = value(pattern),
        Store::Setting { name, path } => {
            table["setting"] = value(name);
            path_of(path, &mut table);
        }
        Store::ObjectSetting { of, name, path } => {
            table[&format!("{of}-setting")] = value(name);
            path_of(path, &mut table);
        }
        Store::File { glob, path } => {
            table["file"] = value(glob);
            path_of(path, &mut table);
        }
    }
    let place = match &proposal.store {
        Store::SettingKey { pattern } | Store::FileName { pattern } => pattern.contains('{'),
        Store::Column { path, .. }
        | Store::PanelColumn { path, .. }
        | Store::Setting { path, .. }
        | Store::ObjectSetting { path, .. }
        | Store::File { path, .. } => path.as_ref().is_some_and(|p| p.contains('{')) || proposal.form.pattern.is_some(),
    };
    if let Some(pattern) = &proposal.form.pattern {
        table["pattern"] = value(pattern);
    }
    if let Some(separator) = &proposal.form.separator {
        table["separator"] = value(separator);
    }
    if proposal.form.base64 {
        table["base64"] = value(true);
    }
    if !place {
        table["kind"] = value(proposal.kind.name());
    }
    if let Some(twin) = &proposal.twin {
        table["twin"] = value(twin);
    }
    table
}

/// `why` as the text of a comment: one line, without the control characters that TOML forbids there.
fn comment(why: &str) -> String {
    why.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `text` with the line ends of `before`, where those are all of the DOS kind.
pub(super) fn with_line_ends_of(before: &str, text: String) -> String {
    let (all, dos) = (before.matches('\n').count(), before.matches("\r\n").count());
    if dos > 0 && dos == all { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(database: &str, table: &str, column: &str) -> Proposal {
        let store = Store::Column { database: database.into(), table: table.into(), column: column.into(), path: None };
        Proposal {
            store,
            kind: "domain".parse().unwrap(),
            twin: None,
            form: Form::default(),
            why: "proven: written from\npm_Domain::getId()".into(),
        }
    }

    fn merged(existing: &str, proposals: &[Proposal]) -> Merged {
        let manifest = Manifest::parse("reguid.toml".into(), existing).unwrap();
        merge(Some(&manifest), proposals).unwrap()
    }

    #[test]
    fn a_proposal_alone_is_merged_into_nothing() {
        for database in ["app.db", "*"] {
            let proposal = proposal(database, "apps", "domain_id");
            assert_eq!(alone(&proposal), merge(None, std::slice::from_ref(&proposal)).unwrap().text);
        }
    }

    #[test]
    fn a_new_file_has_a_header_and_a_reason_for_each_entry() {
        let mut with_twin = proposal("*", "we\"ird", "id");
        with_twin.twin = Some("name".into());
        let merged = merge(None, &[proposal("data.sqlite3", "apps", "domain_id"), with_twin]).unwrap();
        insta::assert_snapshot!(merged.text, @r#"
        # The places where this extension keeps panel ids. `reguid fix` rewrites them after a restore, these and no others:
        # review each entry, and keep this file beside meta.xml under version control.

        # proven: written from pm_Domain::getId()
        [[reference]]
        database = "data.sqlite3"
        table = "apps"
        column = "domain_id"
        kind = "domain"

        # proven: written from pm_Domain::getId()
        [[reference]]
        database = "*"
        table = 'we"ird'
        column = "id"
        kind = "domain"
        twin = "name"
        "#);
    }

    #[test]
    fn several_paths_inside_one_column_are_several_entries() {
        let at = |path: Option<&str>| {
            let mut proposal = proposal("*", "jobs", "payload");
            let Store::Column { path: inside, .. } = &mut proposal.store else { panic!("a column") };
            *inside = path.map(str::to_owned);
            proposal
        };
        let both = [at(Some("$.domainId")), at(Some("$.owner.id"))];
        let first = merge(None, &both).unwrap();
        assert_eq!((first.added, first.present), (2, 0), "{}", first.text);
        assert_eq!(merged(&first.text, &both).text, first.text);
        let after = merged(&first.text, &[at(Some("$.owner.id")), at(Some("$.parent"))]);
        assert_eq!((after.added, after.present), (1, 1));
        let whole = merge(None, &[at(None)]).unwrap();
        assert_eq!(merged(&whole.text, &both).added, 0, "the author says that it is a plain column");
    }

    #[test]
    fn what_a_person_wrote_stays_byte_for_byte() {
        let existing = "# mine\n[[reference]] # first\n  database=\"data.sqlite3\"   # odd   spacing\ntable = 'apps'\ncolumn = 'domain_id'\nkind = 'domain'\n\n\n# settings\n[lint]\nexclude = [ 'a/**' ]\n# the end\n";
        let after = merged(existing, &[proposal("*", "jobs", "dom_id"), proposal("*", "APPS", "Domain_Id")]);
        assert_eq!((after.added, after.present), (1, 1));
        for line in existing.lines() {
            assert!(after.text.contains(line), "{line}\n{}", after.text);
        }
        let at = after.text.find("# proven").unwrap();
        assert_eq!(after.text.replace(&after.text[at - 1..after.text.find("kind = \"domain\"\n").unwrap() + 16], ""), existing);
    }

    #[test]
    fn a_second_merge_changes_no_byte() {
        let first = merge(None, &[proposal("*", "a", "domain_id"), proposal("b.db", "b", "domain_id")]).unwrap();
        let second = merged(&first.text, &[proposal("*", "a", "domain_id"), proposal("b.db", "b", "domain_id")]);
        assert_eq!(second, Merged { text: first.text, added: 0, present: 2 });
    }

    #[test]
    fn line_ends_of_dos_and_missing_ones_are_kept() {
        let dos = "[lint]\r\nfail-on = \"error\" # x\r\n";
        let after = merged(dos, &[proposal("*", "a", "domain_id")]);
        assert!(after.text.starts_with(dos), "{:?}", after.text);
        assert_eq!(after.text.matches('\n').count(), after.text.matches("\r\n").count());
        let open = "[lint]\nfail-on = \"error\"";
        assert!(merged(open, &[proposal("*", "a", "domain_id")]).text.starts_with(open));
        let comment = "# nothing yet";
        assert!(merged(comment, &[proposal("*", "a", "domain_id")]).text.starts_with("# nothing yet\n"));
    }

    #[test]
    fn an_inline_list_stays_one() {
        for existing in ["reference = []\n[lint]\n", "reference = [{ setting-key = \"s-{domain}\" }]\n"] {
            let after = merged(existing, &[proposal("*", "a", "domain_id")]);
            assert_eq!(after.added, 1);
            let again = merged(&after.text, &[proposal("*", "a", "domain_id")]);
            assert_eq!((again.added, again.text), (0, after.text));
        }
    }

    #[test]
    fn places_are_the_same_when_their_databases_may_be() {
        for (a, b, same) in [("*", "x.db", true), ("x.db", "x.db", true), ("*.db", "x.db", true), ("x.db", "y.db", false)] {
            assert_eq!(same_place(&proposal(a, "t", "c").store, &proposal(b, "T", "C").store), same, "{a} {b}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn writing_keeps_mode_and_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let (file, link) = (folder.join("real.toml"), folder.join("reguid.toml"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.toml", &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
    }
}
