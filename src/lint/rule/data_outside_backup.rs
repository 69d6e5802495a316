//! `data-outside-backup`: a database or data file of the extension that no backup holds.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::Extension;
use crate::extension::php::ir::{ExprId, ExprKind, Script};
use crate::extension::source::{SourceFile, Span};
use crate::extension::sql::statement::Statement;
use crate::extension::sql::template::{Folding, Template};
use crate::panel::catalogue;
use crate::reference::{Confidence, Place};

pub(super) static RULE: DataOutsideBackup = DataOutsideBackup;

/// How PDO is told that a database is SQLite's.
const DSN: &str = "sqlite:";

/// The flag of a database that is only read: it is another program's.
const READ_ONLY: &str = "SQLITE3_OPEN_READONLY";

/// Endings of files that hold data. Others are logs, generated code, pages, locks.
const DATA: &[&str] = &[".csv", ".dat", ".db", ".db3", ".ini", ".json", ".ser", ".sqlite", ".sqlite3", ".txt", ".yaml", ".yml"];

/// Where nobody expects data to stay: what is kept there is a cache or a draft.
const SHORT_LIVED: &[&str] = &["/tmp/", "/var/tmp/", "/run/", "/var/run/", "/dev/", "/var/cache/", "/var/log/"];

/// How deep the parents of a path are followed.
const MAX_DEPTH: usize = 8;

/// See `rules/data-outside-backup.md`.
pub(super) struct DataOutsideBackup;

impl Rule for DataOutsideBackup {
    fn id(&self) -> &'static str {
        "data-outside-backup"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        let extension = context.extension;
        for script in &extension.scripts {
            let file = extension.file(script.file);
            let mut kept = script.exprs.iter().filter_map(|expr| Kept::by(script, expr.kind)).peekable();
            if kept.peek().is_none() {
                continue;
            }
            let folding = Folding::new(script, &file.bytes);
            for kept in kept {
                let Some(path) = kept.path(&folding, script) else { continue };
                let Some(outside) = outside(extension, script, file, &kept, &path) else { continue };
                let at = script.expr(kept.argument).at;
                findings.push(self.finding(&kept, &outside, Span::new(script.file, at.start, at.end)));
            }
        }
    }
}

impl DataOutsideBackup {
    fn finding(&self, kept: &Kept, outside: &Outside, span: Span) -> Finding {
        let what = if kept.database { "database" } else { "file" };
        let (name, why) = match outside {
            Outside::Code(path) => (path, "lies in the extension's code, which an update replaces, and"),
            Outside::Server(path) => (path, "lies outside of the var directory, and"),
        };
        Finding {
            rule: self.id(),
            severity: Severity::Warning,
            confidence: Confidence::Likely,
            kinds: Vec::new(),
            place: Some(Place::File { name: name.clone(), path: None }),
            message: format!("the {what} `{name}` {why} is in no backup"),
            help: "keep it in the extension's var directory, which a backup of the server holds".to_owned(),
            locations: vec![Location::primary(span, format!("this {what} is in no backup"))],
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }
}

/// A call that keeps data in a file.
struct Kept {
    /// The argument that tells the path.
    argument: ExprId,
    /// Whether it opens a database.
    database: bool,
    /// Whether the path is behind [`DSN`].
    dsn: bool,
}

impl Kept {
    fn by(script: &Script, kind: ExprKind) -> Option<Kept> {
        let (name, args) = match kind {
            ExprKind::New { class, args } => (script.text(class), args),
            ExprKind::Call { name, args } => (script.text(name), args),
            _ => return None,
        };
        let name = name.trim_start_matches('\\');
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let (database, dsn) = match kind {
            ExprKind::New { .. } if is("pdo") => (true, true),
            ExprKind::New { .. } if is("sqlite3") => (true, false),
            ExprKind::Call { .. } if is("file_put_contents") => (false, false),
            _ => return None,
        };
        let args = script.args(args);
        let read_only = |kind| matches!(kind, ExprKind::Constant(name) if script.text(name).trim_start_matches('\\') == READ_ONLY);
        if database && args.get(1).is_some_and(|flags| read_only(script.expr(flags.value).kind)) {
            return None;
        }
        let argument = args.first().filter(|arg| !arg.spread && arg.name.is_none())?.value;
        Some(Kept { argument, database, dsn })
    }

    /// Its path, as far as the file tells it.
    fn path(&self, folding: &Folding<'_>, script: &Script) -> Option<Known> {
        let template = folding.fold(folding.function_at(script.expr(self.argument).at.start), self.argument)?;
        let start = if self.dsn { template.text.starts_with(DSN).then_some(DSN.len())? } else { 0 };
        Known::of(&template, start)
    }
}

/// A path whose beginning or end is known.
struct Known {
    /// What it begins with, where that is no text.
    base: Option<ExprId>,
    /// The text after that; `*` for what is not known.
    text: String,
}

impl Known {
    fn of(template: &Template, start: usize) -> Option<Known> {
        let mut holes = template.holes.iter().filter(|h| h.at as usize >= start).peekable();
        let base = holes.next_if(|h| h.at as usize == start);
        let mut at = start + base.map_or(0, |h| h.len as usize);
        let mut text = String::new();
        for hole in holes {
            text.push_str(template.text.get(at..hole.at as usize)?);
            text.push('*');
            at = hole.at as usize + hole.len as usize;
        }
        text.push_str(template.text.get(at..)?);
        Some(Known { base: base.map(|h| h.expr), text })
    }
}

/// Where data lies that no backup holds.
enum Outside {
    /// In the extension's code: the path in the extension.
    Code(String),
    /// Elsewhere on the server: the whole path.
    Server(String),
}

fn outside(extension: &Extension, script: &Script, file: &SourceFile, kept: &Kept, path: &Known) -> Option<Outside> {
    let data = kept.database || DATA.iter().any(|ending| path.text.to_ascii_lowercase().ends_with(ending));
    if !data {
        return None;
    }
    if let Some(base) = path.base {
        let folder = code_folder(script, &file.path, base, MAX_DEPTH)?;
        return normal(&folder.join(path.text.trim_start_matches('/'))).map(|path| Outside::Code(path.into_string()));
    }
    let text = &path.text;
    let shared = &catalogue::get().shared;
    let held = SHORT_LIVED
        .iter()
        .copied()
        .chain(shared.backed_up.iter().map(String::as_str))
        .any(|part| if part.starts_with('/') { text.starts_with(part) } else { text.contains(part) });
    let own = extension.id.as_deref().is_some_and(|id| text.contains(id)) || kept.database && fills_tables(extension, script);
    (text.starts_with('/') && !held && own).then(|| Outside::Server(text.clone()))
}

/// Whether a script makes or fills tables: it may else look into the database of another program.
fn fills_tables(extension: &Extension, script: &Script) -> bool {
    let declares = extension.tables.iter().any(|t| t.span.file == script.file);
    let mut of_it = extension.statements.iter().filter(|t| extension.scripts[t.script as usize].file == script.file);
    declares || of_it.any(|text| text.statements.iter().any(|s| matches!(s, Statement::Insert(_))))
}

/// The folder of the extension that an expression gives: `__DIR__`, `dirname(__FILE__)`, the panel's word for the code's folder.
fn code_folder(script: &Script, file: &Utf8Path, expr: ExprId, depth: usize) -> Option<Utf8PathBuf> {
    let depth = depth.checked_sub(1)?;
    match script.expr(expr).kind {
        ExprKind::Constant(name) => match script.text(name) {
            "__DIR__" => file.parent().map(Utf8Path::to_owned),
            "__FILE__" => Some(file.to_owned()),
            _ => None,
        },
        ExprKind::Call { name, args } if script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("dirname") => {
            let args = script.args(args);
            let levels = match args.get(1).map(|arg| script.expr(arg.value).kind) {
                None => 1,
                Some(ExprKind::Integer(levels)) => usize::try_from(levels).ok()?,
                Some(_) => return None,
            };
            let of = code_folder(script, file, args.first()?.value, depth)?;
            of.ancestors().nth(levels).map(Utf8Path::to_owned)
        }
        ExprKind::Static { class, name, .. } => {
            let call = format!("{}::{}", script.text(class).trim_start_matches('\\'), script.text(name));
            let shared = &catalogue::get().shared;
            shared.code_folders.iter().find(|(known, _)| known.eq_ignore_ascii_case(&call)).map(|(_, folder)| folder.into())
        }
        _ => None,
    }
}

/// A path without `.` and `..`. `None`: it leaves the extension.
fn normal(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.as_str().split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_normal() {
        for (path, expected) in [
            ("plib/library/../data/./x.db", Some("plib/data/x.db")),
            ("plib//x.db", Some("plib/x.db")),
            ("plib/../../x.db", None),
            ("", None),
        ] {
            assert_eq!(normal(path.into()).as_deref().map(Utf8Path::as_str), expected, "{path}");
        }
    }
}
