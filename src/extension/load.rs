//! Reading all files of an extension, on several threads, into facts that do not depend on how many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::error::LoadError;
use super::kind::{self, FileKind};
use super::package::{Listed, Package};
use super::php::ir::{Bytes, Script};
use super::php::parse::Parser;
use super::source::{FileId, SourceFile, Span};
use super::sql::in_code::SqlText;
use super::sql::schema::{Declarations, SchemaOrigin};
use super::sql::template::Folding;
use super::sql::{embedded, in_code, schema};
use super::vendored::{self, Foreign, Layout};
use super::{Extension, Skipped, Unreadable, database, meta, workers};

/// The largest database that is unpacked from a package.
const MAX_PACKED_DATABASE: u64 = 512 << 20;

/// The most errors of a PHP file that are told one by one: one misplaced character can make thousands.
const MOST_ERRORS: usize = 10;

/// The same for the declarations of a file, which may be many and different ones.
const MOST_FLAWS: usize = 1_000;

/// Files are numbered and addressed with 32 bits.
const MAX_FILE: u64 = (1 << 31) - 1;

/// Told how many files of how many are read.
pub type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// How an extension is read.
#[derive(Clone)]
pub struct ReadSettings<'p> {
    /// Patterns of paths, relative to the root, that are left out. `*` stays inside a folder, `**` does not; a folder's path means all in it.
    pub exclude: Vec<String>,
    /// The same from a folder above, with the root's path from there.
    pub exclude_above: Option<(Utf8PathBuf, Vec<String>)>,
    /// Whether bundled libraries, tests and stubs of the panel's classes are read like the extension's own files.
    pub include_vendored: bool,
    /// The number of threads; 0 for one a core.
    pub jobs: usize,
    /// The largest PHP or SQL file that is read, in bytes. Databases have no such limit: only their schema is read.
    pub max_file_bytes: u64,
    /// Told after each file, on any thread.
    pub progress: Option<Progress<'p>>,
}

impl Default for ReadSettings<'_> {
    fn default() -> Self {
        ReadSettings { exclude: Vec::new(), exclude_above: None, include_vendored: false, jobs: 0, max_file_bytes: 4 << 20, progress: None }
    }
}

/// What became of one file.
enum Loaded {
    /// It is of no kind that is read.
    Other,
    Read(Box<ReadFile>),
    Test,
    Unreadable(String),
}

/// A file that was read.
struct ReadFile {
    /// The number that it was read with.
    id: FileId,
    file: SourceFile,
    script: Option<Script>,
    /// The tables that it declares, and the other statements in its strings; or why they could not be read.
    sql: Result<(Declarations, Vec<SqlText>), String>,
}

/// Reads `package`.
pub(super) fn read(package: &Package, settings: &ReadSettings<'_>) -> Result<Extension, LoadError> {
    let mut extension =
        Extension { input: package.input().to_owned(), root: package.root().map(Utf8Path::to_owned), ..Extension::default() };
    let (listed, unreadable) = package.list();
    extension.unreadable = unreadable;
    read_meta(package, &mut extension);
    let chosen = choose(package, listed, settings, &mut extension.skipped)?;

    let numbers = numbers(&chosen);
    let done = AtomicUsize::new(0);
    let read_one = |parser: &mut Parser, i: usize| {
        let loaded = load(package, &chosen[i], numbers[i], settings, parser);
        if let Some(progress) = settings.progress {
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, chosen.len());
        }
        loaded
    };
    let loaded =
        workers::map(settings.jobs, chosen.len(), Parser::default, read_one).map_err(|e| LoadError::Threads { reason: e.to_string() })?;
    extension.files.reserve(loaded.len());
    extension.scripts.reserve(loaded.len());
    for (file, loaded) in chosen.into_iter().zip(loaded) {
        let kind = package.single();
        match loaded {
            Loaded::Unreadable(reason) if kind.is_some() => return Err(alone(package, kind, reason, settings)),
            loaded => add(&mut extension, file.path, loaded),
        }
    }
    extension.unreadable.sort_by(|a, b| (&a.path, a.span).cmp(&(&b.path, b.span)));
    Ok(extension)
}

/// The numbers that the files get when all of a kind that is read by its name are read, and no others. Where it comes out otherwise, what was found is
/// given its right number afterwards.
fn numbers(chosen: &[Listed]) -> Vec<FileId> {
    let mut next = 0;
    let number = |file: &Listed| {
        let id = FileId(next);
        next += u32::from(kind::by_name(&file.path).is_some());
        id
    };
    chosen.iter().map(number).collect()
}

/// The error of a single file that cannot be read.
fn alone(package: &Package, kind: Option<FileKind>, reason: String, settings: &ReadSettings<'_>) -> LoadError {
    let path = package.input().to_owned();
    let size = std::fs::metadata(&path).map_or(0, |m| m.len());
    let limit = settings.max_file_bytes.min(MAX_FILE);
    match kind {
        Some(FileKind::Database) => LoadError::Database { path, reason },
        _ if size > limit => LoadError::TooLarge { path, size, limit },
        _ => LoadError::Io { path, source: std::io::Error::other(reason) },
    }
}

fn read_meta(package: &Package, extension: &mut Extension) {
    let mut flaw = |reason: String| extension.unreadable.push(Unreadable { path: "meta.xml".into(), span: None, reason });
    match package.file("meta.xml") {
        Ok(Some(bytes)) => {
            let meta = meta::read(&bytes);
            meta.flaw.into_iter().for_each(&mut flaw);
            extension.id = meta.id;
        }
        Ok(None) => {}
        Err(error) => flaw(error.to_string()),
    }
}

/// The files that are read; the others of a kind that would be are counted.
fn choose(package: &Package, listed: Vec<Listed>, settings: &ReadSettings<'_>, skipped: &mut Skipped) -> Result<Vec<Listed>, LoadError> {
    let exclude = patterns(&settings.exclude)?;
    let above = settings.exclude_above.as_ref().map(|(root, globs)| Ok::<_, LoadError>((root, patterns(globs)?))).transpose()?;
    let is_excluded =
        |path: &Utf8Path| exclude.is_match(path) || above.as_ref().is_some_and(|(root, globs)| globs.is_match(root.join(path)));
    if package.single().is_some() {
        if package.place().is_some_and(is_excluded) {
            skipped.excluded += listed.len();
            return Ok(Vec::new());
        }
        return Ok(listed);
    }
    let layout = Layout::of(listed.iter().map(|f| f.path.as_path()));
    let mut chosen = Vec::with_capacity(listed.len());
    // The folder of the file before, and why its files are not read.
    let mut folder = (Utf8PathBuf::new(), layout.foreign(Utf8Path::new("")));
    for file in listed {
        let parent = file.path.parent().unwrap_or(Utf8Path::new(""));
        if folder.0 != parent {
            folder = (parent.to_owned(), layout.foreign(parent));
        }
        let count = if is_excluded(&file.path) {
            &mut skipped.excluded
        } else {
            match folder.1.filter(|_| !settings.include_vendored) {
                Some(Foreign::Vendored) => &mut skipped.vendored,
                Some(Foreign::Test) => &mut skipped.tests,
                None => {
                    chosen.push(file);
                    continue;
                }
            }
        };
        *count += usize::from(kind::by_name(&file.path).is_some());
    }
    Ok(chosen)
}

fn patterns(exclude: &[String]) -> Result<GlobSet, LoadError> {
    let fail = |pattern: &str, e: &globset::Error| LoadError::Exclude { pattern: pattern.to_owned(), reason: e.kind().to_string() };
    let mut set = GlobSetBuilder::new();
    for pattern in exclude {
        let plain = pattern.trim_start_matches("./").trim_end_matches('/');
        for pattern in [plain.to_owned(), format!("{plain}/**")] {
            set.add(GlobBuilder::new(&pattern).literal_separator(true).build().map_err(|e| fail(&pattern, &e))?);
        }
    }
    set.build().map_err(|e| fail(&exclude.join(", "), &e))
}

/// Reads one file, whose number is probably `id`.
fn load(package: &Package, file: &Listed, id: FileId, settings: &ReadSettings<'_>, parser: &mut Parser) -> Loaded {
    let named = kind::by_name(&file.path);
    let limit = settings.max_file_bytes.min(MAX_FILE);
    // The first bytes tell the kind. Most files are to be read whole, and those are opened only once.
    let text = matches!(named, Some(FileKind::Php | FileKind::Sql));
    let (mut bytes, mut more) = match if text { package.read(file, limit) } else { package.head(file) } {
        Ok(read) => read,
        Err(reason) if package.single().is_some() || named.is_some() => return Loaded::Unreadable(reason),
        Err(_) => return Loaded::Other,
    };
    let Some(kind) = kind::by_head(&file.path, &bytes) else { return Loaded::Other };
    if kind == FileKind::Database {
        return load_database(package, file, id);
    }
    if !text {
        (bytes, more) = match package.read(file, limit) {
            Ok(read) => read,
            Err(reason) => return Loaded::Unreadable(reason),
        };
    }
    if more {
        return Loaded::Unreadable(format!("it has more than {limit} bytes, the limit for one file"));
    }
    if kind == FileKind::Sql {
        return read_sql(SourceFile::new(file.path.clone(), bytes), id);
    }
    if !settings.include_vendored && vendored::is_test(&file.path, &bytes) {
        return Loaded::Test;
    }
    match catch_unwind(AssertUnwindSafe(|| parser.parse(id, &bytes))) {
        // An extension has no business declaring the panel's classes: it is a stub for tests and editors.
        Ok(script) if !settings.include_vendored && package.single().is_none() && declares_panel_class(&script) => Loaded::Test,
        Ok(script) => {
            let sql = guarded(|| sql_of(id, &script, &bytes));
            Loaded::Read(Box::new(ReadFile { id, file: SourceFile::new(file.path.clone(), bytes), script: Some(script), sql }))
        }
        Err(_) => Loaded::Unreadable("the PHP parser failed on it".to_owned()),
    }
}

/// Whether a script declares a class of the panel's SDK, all of which are called `pm_…`.
fn declares_panel_class(script: &Script) -> bool {
    script.classes.iter().any(|c| script.text(c.name).get(..3).is_some_and(|prefix| prefix.eq_ignore_ascii_case("pm_")))
}

fn load_database(package: &Package, file: &Listed, id: FileId) -> Loaded {
    let read = if let Some(path) = package.on_disk(file) {
        database::schema_of_file(&path).map_err(|e| e.reason())
    } else {
        match package.read(file, MAX_PACKED_DATABASE) {
            Ok((_, true)) => Err(format!("it has more than {MAX_PACKED_DATABASE} bytes")),
            Ok((bytes, false)) => {
                let beside = |suffix| package.beside(file, suffix, MAX_PACKED_DATABASE);
                database::schema_of_bytes(&file.path, &bytes, beside("-journal").as_deref(), beside("-wal").as_deref())
                    .map_err(|e| e.reason())
            }
            Err(reason) => Err(reason),
        }
    };
    match read {
        Ok(text) if text.len() as u64 <= MAX_FILE => read_sql(SourceFile::of_schema(file.path.clone(), text.into_bytes()), id),
        Ok(_) => Loaded::Unreadable("its schema is too large".to_owned()),
        Err(reason) => Loaded::Unreadable(reason),
    }
}

/// Reads the tables that a file of statements declares.
fn read_sql(file: SourceFile, id: FileId) -> Loaded {
    let origin = if file.schema { SchemaOrigin::Database } else { SchemaOrigin::SqlFile };
    let sql = guarded(|| (schema::read(id, &file.bytes, origin), Vec::new()));
    Loaded::Read(Box::new(ReadFile { id, file, script: None, sql }))
}

/// Reads the SQL in the strings of a script.
fn sql_of(id: FileId, script: &Script, bytes: &[u8]) -> (Declarations, Vec<SqlText>) {
    let folding = Folding::new(script, bytes);
    let mut declared = embedded::declarations(&folding, bytes);
    let statements = in_code::statements(&folding);
    if folding.is_exhausted() {
        let reason = "its SQL is put together from too many parts, and was not read to its end";
        declared.unreadable.push((Span::new(id, 0, 0), reason.to_owned()));
    }
    (declared, statements)
}

/// What `read` gives, unless it panics.
fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| "its SQL could not be read".to_owned())
}

/// Takes a file into the extension, which numbers it.
fn add(extension: &mut Extension, path: Utf8PathBuf, loaded: Loaded) {
    match loaded {
        Loaded::Other => {}
        Loaded::Test => extension.skipped.tests += 1,
        Loaded::Unreadable(reason) => extension.unreadable.push(Unreadable { path, span: None, reason }),
        Loaded::Read(read) => add_read(extension, path, *read),
    }
}

fn add_read(extension: &mut Extension, path: Utf8PathBuf, read: ReadFile) {
    let id = FileId(u32::try_from(extension.files.len()).unwrap_or(u32::MAX));
    let number = u32::try_from(extension.scripts.len()).unwrap_or(u32::MAX);
    if let Some(script) = &read.script {
        let at = |Bytes { start, end }: Bytes| Some(Span::new(id, start, end));
        let errors = script.errors.iter().take(MOST_ERRORS);
        extension.unreadable.extend(errors.map(|e| Unreadable { path: path.clone(), span: at(e.at), reason: e.message.clone() }));
        if let Some(next) = script.errors.get(MOST_ERRORS) {
            let reason = format!("and {} more errors", script.errors.len() - MOST_ERRORS);
            extension.unreadable.push(Unreadable { path: path.clone(), span: at(next.at), reason });
        }
    }
    if let Some(mut script) = read.script {
        script.file = id;
        extension.scripts.push(script);
    }
    match read.sql {
        Ok((mut declared, mut statements)) => {
            statements.iter_mut().for_each(|text| text.script = number);
            if id != read.id {
                declared.set_file(id);
                statements.iter_mut().for_each(|text| text.set_file(id));
            }
            let mut flaws = declared.unreadable;
            if let Some(left_out) = flaws.len().checked_sub(MOST_FLAWS).filter(|n| *n > 0) {
                flaws.truncate(MOST_FLAWS + 1);
                flaws[MOST_FLAWS].1 = format!("and {left_out} more errors");
            }
            let flaws = flaws.into_iter();
            extension.unreadable.extend(flaws.map(|(span, reason)| Unreadable { path: path.clone(), span: Some(span), reason }));
            extension.tables.append(&mut declared.tables);
            extension.statements.append(&mut statements);
        }
        Err(reason) => extension.unreadable.push(Unreadable { path, span: None, reason }),
    }
    extension.files.push(read.file);
}
