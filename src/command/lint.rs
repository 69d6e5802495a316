//! `reguid lint`: the places where extensions store raw panel ids.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write};

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::{Diagnostic, IntoDiagnostic, Report};

use super::hold::Against;
use super::{Outcome, read};
use crate::extension::git;
use crate::extension::package::{self, Package};
use crate::lint::baseline::Baseline;
use crate::lint::fix::{self, Which};
use crate::lint::load::MANIFEST;
use crate::lint::{ALL, InForce, Linted, Only, Settings, names, page};
use crate::reference::Confidence;
use crate::reference::manifest::{Level, Manifest};
use crate::report::output::write_file;
use crate::report::terminal::Terminal;
use crate::report::{self, Failed, Format, LintReport, Surroundings, diff};

/// The options of `reguid lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Extension folders, folders with several extensions, .zip packages, .sql files, SQLite databases.
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<Utf8PathBuf>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    baseline: BaselineArgs,
    #[command(flatten)]
    fixes: Fixes,
    #[command(flatten)]
    scope: Scope,
    /// Look the ids in the databases, settings and files of the extension up on this panel, an inventory source: `plesk:`, `mysql://…`, a dump, a backup, a
    /// snapshot. Settings are known from a live panel and from a whole dump.
    #[arg(long, value_name = "SOURCE", help_heading = "Data")]
    panel: Option<String>,
    /// Show the settings that hold for each extension, by its reguid.toml and this command line, and lint nothing.
    #[arg(long, help_heading = "Rules", conflicts_with_all = ["fix", "diff", "baseline", "output_file", "format"])]
    show_settings: bool,
    #[command(flatten)]
    read: read::Reading,
}

/// How findings are written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct Output {
    /// How to write the findings [default: github in GitHub Actions, else human].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write them to this file, in --format or, without it, as the file's name tells: .sarif, .html, .xml (JUnit), checkstyle.xml, .jsonl, .json (in GitLab
    /// its code quality report). May be given several times. Standard output gets the counts with --format, and without it all that it would get anyway.
    #[arg(long, value_name = "FILE")]
    output_file: Vec<Utf8PathBuf>,
    /// Put what was suppressed, ignored or is known to the baseline into SARIF and JUnit too; JSON always has it, and -v shows it to a person.
    #[arg(long)]
    show_suppressed: bool,
    /// Exit with 0 whatever was found.
    #[arg(long)]
    exit_zero: bool,
}

/// Which rules run, and what of them is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rules")]
struct Rules {
    /// The least sure findings to show; the others are counted. Default: `likely`, and `possible` for what has no PHP code, where nothing but names
    /// can hint at an id.
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    min_confidence: Option<Confidence>,
    /// Who reads: `release` wants what is proven, `regular` what is likely too, `auditor` all that is possible.
    #[arg(long, value_enum, conflicts_with = "min_confidence")]
    persona: Option<Persona>,
    /// Do not run this rule, given by its id or its code (`all`: any, but for those that another option names). Before what reguid.toml says.
    #[arg(short = 'A', long = "allow", value_name = "RULE")]
    allow: Vec<String>,
    /// Make the gravest findings of this rule warnings.
    #[arg(short = 'W', long = "warn", value_name = "RULE")]
    warn: Vec<String>,
    /// Make the gravest findings of this rule errors.
    #[arg(short = 'D', long = "deny", value_name = "RULE")]
    deny: Vec<String>,
    /// Run the rules in preview too: those on trial, whose findings may still change.
    #[arg(long)]
    preview: bool,
}

/// What is known and does not count.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Baseline")]
struct BaselineArgs {
    /// Do not count the findings that this file knows. In CI, entries that no finding needs any more fail.
    #[arg(long, value_name = "FILE")]
    baseline: Option<Utf8PathBuf>,
    /// Make the baseline anew of all that is found now, for the extensions that are linted.
    #[arg(long, requires = "baseline", conflicts_with_all = ["baseline_prune", "staged", "diff_base", "stdin"])]
    baseline_write: bool,
    /// Take the entries out of the baseline that no finding needs any more. Adds none.
    #[arg(long, requires = "baseline")]
    baseline_prune: bool,
    /// Let stale entries of the baseline fail outside of CI too.
    #[arg(long, requires = "baseline")]
    fail_on_stale: bool,
}

/// What is mended.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Fixes")]
struct Fixes {
    /// Mend what can be mended safely, then report what is left.
    #[arg(long)]
    fix: bool,
    /// With --fix or --diff: mend too what a person should look at afterwards.
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show what --fix would change as a diff, and write nothing.
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
}

/// Which files are looked at.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Scope")]
struct Scope {
    /// Only findings in what is staged for the next commit, judged as the commit will have it. The whole extension is still read.
    #[arg(long, conflicts_with_all = ["diff_base", "stdin", "fix", "diff"])]
    staged: bool,
    /// Only findings in files that changed since this branch left REF. The whole extension is still read.
    #[arg(long, value_name = "REF", conflicts_with = "stdin")]
    diff_base: Option<String>,
    /// Read one file from standard input, and show the findings in it. Its extension, if it is in one, is read from disk.
    #[arg(long, requires = "stdin_filename", conflicts_with_all = ["paths", "fix", "diff"])]
    stdin: bool,
    /// Where that file belongs; it need not be there.
    #[arg(long, value_name = "PATH", requires = "stdin")]
    stdin_filename: Option<Utf8PathBuf>,
}

/// Who reads the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Persona {
    /// Wants no finding that may be wrong.
    Release,
    /// Wants few.
    Regular,
    /// Wants all, and judges them.
    Auditor,
}

/// Several paths could not be linted.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{} paths could not be linted", .errors.len())]
struct SeveralFailed {
    #[related]
    errors: Vec<Report>,
}

/// An option that cannot be followed.
#[derive(Debug, thiserror::Error, Diagnostic)]
enum Misused {
    #[error("the rule `{rule}` is given two levels")]
    #[diagnostic(help("name it after one of -A, -W and -D"))]
    TwoLevels { rule: String },
    #[error("nothing tells the format of `{path}`")]
    #[diagnostic(help("give --format, or call the file .sarif, .html, .xml, .json or .txt"))]
    NoFormat { path: Utf8PathBuf },
    #[error("--format is for one file, and there are {files}")]
    #[diagnostic(help("leave --format out: each file's name then tells its format"))]
    OneFormat { files: usize },
    #[error("{path} is no folder: {option} cannot be used with it")]
    #[diagnostic(help("give the extension's folder; unpack a package first"))]
    NoFolder { path: Utf8PathBuf, option: &'static str },
    #[error("`-` is no path")]
    #[diagnostic(help("a file from standard input: --stdin --stdin-filename PATH, with the path where it belongs"))]
    Dash,
    #[error("`-` is no file")]
    #[diagnostic(help("leave --output-file out: the report goes to standard output then"))]
    DashFile,
    #[error("nothing in `{path}` could be read, so that nothing was judged")]
    #[diagnostic(help("what is told as unreadable above says why"))]
    NothingRead { path: Utf8PathBuf },
    #[error("there is nothing in `{path}` to be judged: no PHP, no SQL, no SQLite database")]
    #[diagnostic(help("give the extension's folder, with meta.xml and plib in it, or one above several extensions"))]
    NothingThere { path: Utf8PathBuf },
    #[error("--baseline-write takes all that is found in {root}, and only a folder in it is linted")]
    #[diagnostic(help("give the extension itself: reguid lint --baseline FILE --baseline-write {root}"))]
    PartOfBaseline { root: Utf8PathBuf },
    #[error("{path} changed while it was being mended; it was not written")]
    #[diagnostic(help("run the command again"))]
    Changed { path: Utf8PathBuf },
}

/// Lints each path, and reports on all of them even where some could not be linted.
///
/// # Errors
/// When a path could not be linted, after the report on the others was written.
pub fn run(args: &Args, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let around = Surroundings::of_environment();
    let files = args.output.files(&around)?;
    let stale_fails = (around.ci || args.baseline.fail_on_stale) && !args.baseline.baseline_prune;
    let mut report = LintReport { show_suppressed: args.output.show_suppressed, stale_fails, around, ..LintReport::default() };
    let mut settings = args.settings(&mut report.notes)?;
    let panel = args.panel.as_deref().map(Against::named_by).transpose()?;
    report.notes.extend(panel.iter().flat_map(|against| against.panel.remarks()));
    let linting = read::Linting { reading: &args.read, terminal, panel: panel.as_ref() };
    let mut would_change = false;
    let targets = args.targets(&mut report.failed, &mut report.notes)?;
    if args.show_settings {
        return show_settings(targets, &settings, &linting, report.failed, out);
    }
    for mut target in targets {
        settings.only = std::mem::take(&mut target.only);
        let package = &mut target.package;
        let linted = if args.fixes.fix || args.fixes.diff {
            args.mend(package, &settings, &linting, &mut report.notes, &mut would_change, out)
        } else {
            linting.lint(package, &settings, &mut report.notes)
        };
        match linted {
            Ok(linted) => {
                let nothing = nothing_judged(package, &linted, &settings.only)
                    .map(|error| Failed { input: package.input().to_owned(), error: error.into() });
                report.failed.extend(nothing);
                report.linted.push(linted);
            }
            Err(error) => report.failed.push(Failed { input: package.input().to_owned(), error }),
        }
    }
    args.baseline.keep(&mut report)?;
    if !args.fixes.diff {
        args.output.write(&report, &files, verbose, terminal, out)?;
    }
    let found = (report.fails() || would_change) && !args.output.exit_zero;
    // The process ends here. To free all that was read takes longer than to judge it.
    std::mem::forget(report.linted);
    ended(report.failed, if found { Outcome::Found } else { Outcome::Clean })
}

/// The end of a run: what could not be done goes before what was found.
fn ended(failed: Vec<Failed>, outcome: Outcome) -> miette::Result<Outcome> {
    let mut errors: Vec<Report> = failed.into_iter().map(|f| f.error).collect();
    match (errors.pop(), errors.is_empty()) {
        (None, _) => Ok(outcome),
        (Some(error), true) => Err(error),
        (Some(error), false) => {
            errors.push(error);
            Err(SeveralFailed { errors }.into())
        }
    }
}

/// Why a package that has no findings is not clean: none of it was judged. What was left out on purpose is told where it is counted.
fn nothing_judged(package: &Package, linted: &Linted, only: &Only) -> Option<Misused> {
    if let Some(folders) = &only.folders {
        return folders.iter().find_map(|folder| nothing_below(folder, package, linted));
    }
    let path = package.input().to_owned();
    let left_out = linted.extension.skipped;
    if linted.files > 0 || left_out.vendored + left_out.tests + left_out.excluded > 0 {
        return None;
    }
    if !linted.extension.unreadable.is_empty() {
        return Some(Misused::NothingRead { path });
    }
    let is_extension = package.file("meta.xml").ok().flatten().is_some();
    (!is_extension && !linted.extension.is_file()).then_some(Misused::NothingThere { path })
}

/// The same for a folder in a package.
fn nothing_below(folder: &Utf8Path, package: &Package, linted: &Linted) -> Option<Misused> {
    let path = package.input().join(folder);
    let is_in = |file: &Utf8Path| file.starts_with(folder);
    if linted.extension.files.iter().any(|file| is_in(&file.path)) {
        None
    } else if linted.extension.unreadable.iter().any(|file| is_in(&file.path)) {
        Some(Misused::NothingRead { path })
    } else {
        (!package.is_anything_below(folder)).then_some(Misused::NothingThere { path })
    }
}

/// Writes what holds for each extension.
fn show_settings(
    targets: Vec<Target>,
    settings: &Settings,
    linting: &read::Linting<'_>,
    mut failed: Vec<Failed>,
    out: &mut dyn Write,
) -> miette::Result<Outcome> {
    for (number, target) in targets.into_iter().enumerate() {
        match linting.load(&target.package) {
            Ok(loaded) => {
                if number > 0 {
                    writeln!(out).into_diagnostic()?;
                }
                let in_force = InForce::of(settings, loaded.manifest.as_ref(), loaded.base.as_ref(), &loaded.extension);
                report::settings::write(&loaded, &in_force, out).into_diagnostic()?;
            }
            Err(error) => failed.push(Failed { input: target.package.input().to_owned(), error }),
        }
    }
    ended(failed, Outcome::Clean)
}

/// An extension to be linted.
struct Target {
    package: Package,
    /// The files whose findings are shown.
    only: Only,
}

impl Args {
    /// What the command line says; what is to be told of it goes to `notes`.
    fn settings(&self, notes: &mut Vec<String>) -> miette::Result<Settings> {
        let rules = &self.rules;
        let persona = rules.persona.map(|persona| match persona {
            Persona::Release => Confidence::Proven,
            Persona::Regular => Confidence::Likely,
            Persona::Auditor => Confidence::Possible,
        });
        let mut levels: Vec<(String, Level)> = Vec::new();
        for (names, level) in [(&rules.allow, Level::Allow), (&rules.warn, Level::Warning), (&rules.deny, Level::Error)] {
            for name in names.iter().flat_map(|names| names.split(',')).map(str::trim) {
                notes.extend(names::note(name));
                let rule = if name == ALL { ALL } else { page::find(name)?.id };
                if levels.iter().any(|(named, other)| named == rule && *other != level) {
                    return Err(Misused::TwoLevels { rule: rule.to_owned() }.into());
                }
                levels.push((rule.to_owned(), level));
            }
        }
        let baseline = match &self.baseline.baseline {
            Some(path) if !self.baseline.baseline_write => Some(Baseline::load(path)?),
            _ => None,
        };
        let (min_confidence, preview) = (rules.min_confidence.or(persona), rules.preview);
        Ok(Settings { min_confidence, levels, preview, only: Only::default(), baseline, fixes: true, jobs: self.read.jobs })
    }

    /// The extensions to be linted; what cannot be found goes to `failed`, what is left out to `notes`.
    fn targets(&self, failed: &mut Vec<Failed>, notes: &mut Vec<String>) -> miette::Result<Vec<Target>> {
        if let Some(name) = &self.scope.stdin_filename {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).into_diagnostic()?;
            return Ok(vec![from_stdin(name, bytes)?]);
        }
        let mut named = Named::default();
        for path in &self.paths {
            if path == "-" {
                return Err(Misused::Dash.into());
            }
            if let Err(error) = named.find(path, notes) {
                failed.push(Failed { input: path.clone(), error });
            }
        }
        let mut targets = Vec::new();
        for (package, folders) in named.packages {
            let input = package.input().to_owned();
            match self.narrow(package) {
                Ok(target) => targets.push(Target { only: Only { folders, ..target.only }, ..target }),
                Err(error) => failed.push(Failed { input, error }),
            }
        }
        match targets.iter().find(|target| target.only.folders.is_some()) {
            Some(target) if self.baseline.baseline_write => Err(Misused::PartOfBaseline { root: target.package.input().to_owned() }.into()),
            _ => Ok(targets),
        }
    }

    /// The package with the files that changed, where only those are asked for.
    fn narrow(&self, mut package: Package) -> miette::Result<Target> {
        let option = if self.scope.staged { "--staged" } else { "--diff-base" };
        let root = || package.root().ok_or_else(|| Misused::NoFolder { path: package.input().to_owned(), option });
        let changed = match &self.scope.diff_base {
            Some(base) => git::since(root()?, base)?,
            None if self.scope.staged => git::staged(root()?)?,
            None => return Ok(Target { package, only: Only::default() }),
        };
        changed.shown.into_iter().for_each(|(path, bytes)| package.put(path, bytes));
        Ok(Target { package, only: Only { files: Some(changed.files), folders: None } })
    }

    /// Mends an extension, or shows how.
    fn mend(
        &self,
        package: &mut Package,
        settings: &Settings,
        linting: &read::Linting<'_>,
        notes: &mut Vec<String>,
        would_change: &mut bool,
        out: &mut dyn Write,
    ) -> miette::Result<Linted> {
        let option = if self.fixes.diff { "--diff" } else { "--fix" };
        let root = package.folder().map(Utf8Path::to_owned);
        let root = root.ok_or_else(|| Misused::NoFolder { path: package.input().to_owned(), option })?;
        let which = Which { unsafe_too: self.fixes.unsafe_fixes };
        // Each round says the same of the data, which is not mended here.
        let mut unheld = Vec::new();
        let done = fix::converge(package, which, &mut |package| {
            unheld.clear();
            linting.lint(package, settings, &mut unheld)
        })?;
        notes.append(&mut unheld);
        if self.fixes.diff {
            *would_change |= !done.changed.is_empty();
            diff::write(&done, out).into_diagnostic()?;
            return Ok(done.linted);
        }
        for (path, file) in &done.changed {
            let path = root.join(path);
            let there = std::fs::read(&path).ok();
            if there != file.before {
                return Err(Misused::Changed { path }.into());
            }
        }
        for (path, file) in &done.changed {
            write_file(&root.join(path), &file.after)?;
        }
        for path in &done.spared {
            notes.push(format!("{}: a fix was left out, as the file would not be read to its end with it", root.join(path)));
        }
        if done.applied > 0 {
            let files: Vec<String> = done.changed.keys().map(|path| root.join(path).into_string()).collect();
            notes.push(format!("{} mended in {}", done.applied, files.join(", ")));
        }
        Ok(done.linted)
    }
}

/// The extensions that the command line names, each once.
#[derive(Default)]
struct Named {
    /// Each with the folders in it that are asked for; `None`: it is asked for as a whole.
    packages: Vec<(Package, Option<BTreeSet<Utf8PathBuf>>)>,
    /// Which of them stands where.
    places: BTreeMap<Utf8PathBuf, usize>,
}

impl Named {
    /// Adds what stands at `path`; what is to be told of it goes to `notes`.
    fn find(&mut self, path: &Utf8Path, notes: &mut Vec<String>) -> miette::Result<()> {
        let again = |input: &Utf8Path| format!("{input} was named more than once and is counted once");
        if let Some((root, folder)) = package::around(path) {
            let is_new = self.add(package::find(&root)?, Some(folder));
            notes.extend((!is_new).then(|| again(path)));
            return Ok(());
        }
        let found = package::find_all(path)?;
        notes.extend(unread_references(path, &found.packages).filter(|note| !notes.contains(note)));
        notes.extend(found.copies.iter().map(|(copy, of)| format!("{copy} was left out: it has the `<id>` of {of}")));
        for package in found.packages {
            let input = package.input().to_owned();
            let is_new = self.add(package, None);
            notes.extend((!is_new).then(|| again(&input)));
        }
        Ok(())
    }

    /// Adds an extension, or a folder in it. False: that was asked for before.
    fn add(&mut self, package: Package, folder: Option<Utf8PathBuf>) -> bool {
        let place = package.folder().filter(|_| package.input().is_dir()).unwrap_or(package.input()).canonicalize_utf8().ok();
        match place.as_ref().and_then(|place| self.places.get(place)) {
            None => {
                self.places.extend(place.map(|place| (place, self.packages.len())));
                self.packages.push((package, folder.map(|folder| [folder].into())));
                true
            }
            Some(&at) => match (&mut self.packages[at].1, folder) {
                (None, _) => false,
                (Some(folders), Some(folder)) => folders.insert(folder),
                (folders, None) => {
                    *folders = None;
                    true
                }
            },
        }
    }
}

/// Says that what a manifest above extensions declares is not read, as each has its own. Its settings are the base of theirs.
fn unread_references(path: &Utf8Path, packages: &[Package]) -> Option<String> {
    let manifest = path.join(MANIFEST);
    if packages.iter().any(|p| p.folder() == Some(path)) || !manifest.is_file() {
        return None;
    }
    // What is wrong with it is told where its settings are read.
    let read = std::fs::read(&manifest).ok().and_then(|bytes| Manifest::from_bytes(&manifest, bytes, None).ok());
    let declares = read.is_some_and(|read| !read.references.is_empty());
    declares.then(|| format!("{manifest}: its [[reference]] entries were not read: each extension has its own, beside its meta.xml"))
}

/// One file, as standard input gives it, in its extension.
fn from_stdin(name: &Utf8Path, bytes: Vec<u8>) -> miette::Result<Target> {
    let Some(root) = package::above(name) else {
        return Ok(Target { package: package::of_file(name, bytes)?, only: Only::default() });
    };
    // The folder may be written in several ways; the file itself need not be there.
    let folder = name.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let folder = folder.canonicalize_utf8().into_diagnostic()?;
    let inside = folder.strip_prefix(root.canonicalize_utf8().into_diagnostic()?).into_diagnostic()?.to_owned();
    let path = inside.join(name.file_name().unwrap_or_default());
    let mut package = package::find(&root)?;
    package.put(path.clone(), Some(bytes));
    Ok(Target { package, only: Only::file(path) })
}

impl BaselineArgs {
    /// Writes the baseline, where that was asked for.
    fn keep(&self, report: &mut LintReport) -> miette::Result<()> {
        let Some(path) = &self.baseline else { return Ok(()) };
        if self.baseline_write {
            let mut baseline = if path.exists() { Baseline::load(path)? } else { Baseline::empty(path) };
            report.linted.iter_mut().for_each(|linted| baseline.take(linted));
            baseline.write()?;
            report.notes.push(format!("{path}: {} known from now on", baseline.len()));
        } else if self.baseline_prune {
            let mut baseline = Baseline::load(path)?;
            let before = baseline.len();
            report.linted.iter().for_each(|linted| baseline.prune(linted));
            report.linted.iter_mut().for_each(|linted| linted.stale.clear());
            if baseline.len() < before {
                baseline.write()?;
            }
            report.notes.push(format!("{path}: {} stale taken out, {} left", before - baseline.len(), baseline.len()));
        }
        Ok(())
    }
}

impl Output {
    /// The files to be written, each with its format.
    fn files(&self, around: &Surroundings) -> Result<Vec<(Utf8PathBuf, Format)>, Misused> {
        if self.output_file.iter().any(|path| path == "-") {
            return Err(Misused::DashFile);
        }
        match (self.format, self.output_file.as_slice()) {
            (Some(_), files @ [_, _, ..]) => Err(Misused::OneFormat { files: files.len() }),
            (Some(format), files) => Ok(files.iter().map(|path| (path.clone(), format)).collect()),
            (None, files) => files
                .iter()
                .map(|path| Ok((path.clone(), around.format_of_file(path).ok_or_else(|| Misused::NoFormat { path: path.clone() })?)))
                .collect(),
        }
    }

    fn write(
        &self,
        report: &LintReport,
        files: &[(Utf8PathBuf, Format)],
        verbose: bool,
        terminal: &Terminal,
        out: &mut dyn Write,
    ) -> miette::Result<()> {
        for (path, format) in files {
            let mut bytes = Vec::new();
            // Colours and widths of the terminal are not the file's.
            report.write(*format, verbose, &Terminal::plain(), &mut bytes).into_diagnostic()?;
            write_file(path, &bytes)?;
        }
        let format = self.format.unwrap_or_else(|| report.around.format());
        if self.format.is_some() && !files.is_empty() {
            report.write_summary(verbose, terminal, out).into_diagnostic()
        } else if !report.linted.is_empty() || !matches!(format, Format::Human | Format::Concise) {
            report.write(format, verbose, terminal, out).into_diagnostic()
        } else {
            Ok(())
        }
    }
}
