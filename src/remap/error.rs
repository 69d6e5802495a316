//! Why a plan, a fix or an undo could not work.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use miette::{NamedSource, SourceSpan};

use crate::panel::Kind;
use crate::panel::map::MapError;
use crate::panel::source::SourceError;
use crate::panel::source::companion::CompanionError;
use crate::reference::manifest::Manifest;
use crate::sqlite::open::OpenError;
use crate::sqlite::{Error as SqliteError, ErrorCode, is_index_damaged};

/// Why a plan, a fix or an undo could not work. Whatever it is, nothing was written; save for [`RemapError::Unclear`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RemapError {
    /// The data is older than the companion.
    #[error("{database}: the table {table} is as it was before run {run}, which the companion says was applied to it")]
    #[diagnostic(help(
        "where the database was put back from before that run, without the reguid.db of its time: put back its copy of after the run; or put back all of before the \
         run, with that reguid.db, the files and the panel's settings, and fix again: what stays as the run made it would be rewritten twice. Where the extension wrote the table so \
         since: --panel-holds new (fix remembers it; undo takes --accept-changes with it)"
    ))]
    OlderData {
        /// The database.
        database: String,
        /// The table.
        table: String,
        /// The run.
        run: i64,
    },
    /// What was given as a var directory is none.
    #[error("{path}: not a var directory: {source}")]
    #[diagnostic(help("give the directory where the extension keeps its data, such as /usr/local/psa/var/modules/<extension>"))]
    NoVarDir {
        /// The path.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The manifest declares no references.
    #[error("{path}: the manifest declares no references")]
    #[diagnostic(help("write them with `reguid references --write` on the extension, and review them"))]
    NoReferences {
        /// The manifest.
        path: Utf8PathBuf,
    },
    /// A database cannot be opened.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Open(#[from] OpenError),
    /// The companion cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Companion(#[from] CompanionError),
    /// The manifest names something that is not there.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(#[from] Box<ManifestMismatch>),
    /// The reviewed map cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Map(#[from] Box<MapError>),
    /// Nothing tells what the stored ids mean.
    #[error("{var_dir}: nothing tells which panel state the stored ids speak of: there is no companion reguid.db and no --old")]
    #[diagnostic(help(
        "give the panel's state of before the restore: --old dump.sql, a backup's dump or a snapshot. Where the data itself names the objects beside their ids, \
         name that column in the manifest: twin = \"…\""
    ))]
    NoOld {
        /// The var directory.
        var_dir: Utf8PathBuf,
    },
    /// Nothing in the data tells what the ids mean.
    #[error("{manifest}: no entry with a twin, or no row in which one stands beside an id: nothing in the data tells what the ids mean")]
    #[diagnostic(help("name the column that holds the object's name or GUID beside its id: twin = \"…\"; or give --old another source"))]
    NoTwins {
        /// The manifest.
        manifest: Utf8PathBuf,
    },
    /// `--old` and the companion tell of different states.
    #[error("--old contradicts the companion.\n  --old:     {given}\n  companion: {recorded}\n{why}")]
    #[diagnostic(help("leave --old out to go by the companion, or add --trust-old if you are sure that the companion is wrong"))]
    Contradiction {
        /// The state given.
        given: String,
        /// The state recorded.
        recorded: String,
        /// How they contradict each other.
        why: String,
    },
    /// A place that earlier runs left out.
    #[error("{place} was not part of run {run}, which moved the others: nothing tells which panel state its ids speak of")]
    #[diagnostic(help(
        "undo run {run} and fix with the whole manifest (reguid undo {var_dir}), or add --trust-old if you are sure that its ids speak of the state that the other places speak of"
    ))]
    NewPlace {
        /// The place.
        place: String,
        /// The last run.
        run: i64,
        /// The var directory.
        var_dir: Utf8PathBuf,
    },
    /// No such rows are in quarantine.
    #[error("{what}")]
    #[diagnostic(help("{}", held(runs, places)))]
    NotHeld {
        /// Which rows were asked for.
        what: String,
        /// The runs that put rows into quarantine.
        runs: Vec<i64>,
        /// The places because of which they did.
        places: Vec<String>,
    },
    /// The plan holds places that this release does not rewrite.
    #[error("not everything in the manifest can be rewritten:\n{list}")]
    #[diagnostic(help(
        "rewriting only a part would leave the rest pointing at other objects. Take these entries out of the manifest if you rewrite them by other means, or wait for a release that handles them"
    ))]
    NotHandled {
        /// One line a place.
        list: String,
    },
    /// Rows cannot be put back as they were.
    #[error("the run cannot be taken back as it is now:\n{list}")]
    #[diagnostic(help("nothing was changed. Do what stands there, then run reguid undo again"))]
    NotBack {
        /// One line a table.
        list: String,
    },
    /// The data is not what was planned.
    #[error("the plan is stale: it has the hash {planned}, the data and options as they are now give {found}")]
    #[diagnostic(help("make the plan anew, with the same options: reguid plan … -o plan.json"))]
    Stale {
        /// The hash given.
        planned: String,
        /// The hash found.
        found: String,
    },
    /// The file given as a plan is none.
    #[error("{path}: not a plan of this release: {detail}")]
    #[diagnostic(help("make the plan anew: reguid plan … -o plan.json"))]
    NoPlan {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// More databases than SQLite attaches.
    #[error("the manifest names {found} databases; one transaction spans at most {limit}")]
    #[diagnostic(help("split the data into fewer databases; rewriting them one after the other would not be all or nothing"))]
    TooMany {
        /// How many.
        found: usize,
        /// How many at most.
        limit: usize,
    },
    /// SQLite attaches only databases of one text encoding.
    #[error("{left} and {right} have different text encodings; one transaction cannot span both")]
    #[diagnostic(help("convert one of them: sqlite3 with PRAGMA encoding, then .dump into it"))]
    Encodings {
        /// One database.
        left: Utf8PathBuf,
        /// Another.
        right: Utf8PathBuf,
    },
    /// What was written is not what was planned.
    #[error("the check after writing failed, so everything was taken back: {detail}")]
    #[diagnostic(help("nothing was changed. This is a defect of reguid or of the disk: please report it with the schema of the table"))]
    Check {
        /// What differs.
        detail: String,
    },
    /// Rows that are to be taken out are referred to by others.
    #[error("rows would point at nothing afterwards: {detail}")]
    #[diagnostic(help(
        "nothing was changed. Rows that the policy takes out or empties are referred to by others: choose another on-missing for them"
    ))]
    Orphans {
        /// Which rows.
        detail: String,
    },
    /// SQLite refused a statement.
    #[error("{what}: {source}")]
    #[diagnostic(help("nothing was changed. {}", next_step(source)))]
    Sqlite {
        /// What was being done.
        what: String,
        /// What SQLite said.
        source: SqliteError,
    },
    /// The operating system refused something.
    #[error("{path}: {source}")]
    #[diagnostic(help("check the path, its permissions and the space on its disk; nothing was changed"))]
    Io {
        /// The file.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file that was asked for cannot be written.
    #[error("{path}: cannot be written: {source}")]
    #[diagnostic(help("check that its folder is there, its permissions and the space on its disk"))]
    Unwritable {
        /// The file.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// It was asked to stop.
    #[error("stopped by {}: everything is as it was before", signal_name(*signal))]
    #[diagnostic(help("start it again when it may run to its end"))]
    Interrupted {
        /// The signal's number.
        signal: u8,
    },
    /// The commit failed, and so did looking whether it took place.
    #[error("committing: {source}; whether it took place cannot be told: {why}")]
    #[diagnostic(help(
        "all databases are as before, or all are as after. See to the disk, then start it again: it goes on from there, or finds nothing to do"
    ))]
    Unclear {
        /// What SQLite said.
        source: SqliteError,
        /// Why it cannot be told.
        why: String,
    },
    /// There is too little room on a disk.
    #[error("{path}: too little room on its disk: {} are free, the run may need {}", size(*free), size(*needed))]
    #[diagnostic(help(
        "nothing was changed. Make room (journals take about as much as what is rewritten, until the run is done), then try again"
    ))]
    NoSpace {
        /// A file on that disk.
        path: Utf8PathBuf,
        /// Bytes that may be needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// Locks are not to be relied on.
    #[error("{path}: lies on a file system over a network ({name}), where nothing tells whether somebody else writes to it")]
    #[diagnostic(help(
        "run reguid on the machine whose disk it is, or copy the var directory to a local disk and back while nobody uses it"
    ))]
    Network {
        /// The database.
        path: Utf8PathBuf,
        /// What sort of file system it is.
        name: &'static str,
    },
    /// An inventory does not tell of a kind.
    #[error("{source_name} does not tell of any {kind}")]
    #[diagnostic(help("{}", kind.sources()))]
    NotCarried {
        /// The kind.
        kind: Kind,
        /// The inventory.
        source_name: String,
    },
    /// A value is too large to be looked into.
    #[error("{place}: a value has {bytes} bytes, and ids are looked for in values of up to {} MiB", limit >> 20)]
    #[diagnostic(help(
        "PHP itself reads no such value with its usual limits: look what it is (SELECT length(…) … ORDER BY 1 DESC), or take the entry out of the manifest"
    ))]
    TooLarge {
        /// The place.
        place: String,
        /// Bytes of the largest value.
        bytes: usize,
        /// Bytes that a value may have.
        limit: usize,
    },
    /// An inventory tells of a part of the panel alone, and what it does not know may be in the rest.
    #[error("{place}: {rows} rows name a {kind} that is not in {source_name}, which tells of a part of the panel alone: {why}")]
    #[diagnostic(help("give a source that tells of the whole panel: {}", kind.sources()))]
    InPart {
        /// The place.
        place: String,
        /// Rows whose object is not there.
        rows: u64,
        /// The kind.
        kind: Kind,
        /// The inventory.
        source_name: String,
        /// Why it tells of a part alone.
        why: String,
    },
    /// An inventory of a part of the panel cannot be what all ids speak of.
    #[error("{source_name}: was not recorded: it tells of a part of the panel alone: {why}")]
    #[diagnostic(help(
        "record a source that tells of the whole panel; a part can be written to a file with -o, and given to `reguid plan` with --old"
    ))]
    RecordsPart {
        /// The inventory.
        source_name: String,
        /// Why it tells of a part alone.
        why: String,
    },
    /// The panel's database cannot be worked on.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Panel(#[from] Box<SourceError>),
    /// A file is not as it was when the plan was made.
    #[error("{path}: the file was changed in between")]
    #[diagnostic(help("stop what writes to it, then try again"))]
    Changed {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A run changed settings, and no live panel is at hand.
    #[error("run {run} changed settings of the extension {module} in {server}, and that panel is not at hand")]
    #[diagnostic(help("name the live panel: reguid fix … --new plesk:, or reguid undo … --panel plesk: (or mysql://USER@HOST/DATABASE)"))]
    NeedsPanel {
        /// The run.
        run: i64,
        /// The panel's database, as it was named.
        server: String,
        /// The extension's id.
        module: String,
    },
    /// A run is committed and could not be finished.
    #[error("run {run} is committed and not finished: {cause}")]
    #[diagnostic(help("{}", match **cause {
        RemapError::PanelUnclear { .. } | RemapError::SettingsDiffer { .. } => {
            "look at the rows, and run reguid fix or reguid undo again, saying which ids they hold: --panel-holds new (those of after the run) or --panel-holds old (those of before it). What is left to do is done then; rows that somebody wrote since stay as they are"
        }
        RemapError::Changed { .. } => {
            "look at the file. Where it is to stay as it is now, run reguid fix or reguid undo again with --panel-holds new (or old): what is left to do is done then, and the file is told. Else give it the content that it had"
        }
        _ => "what is left to do stands in the companion: run reguid fix or reguid undo again when the cause is mended, and it goes on from there",
    }))]
    Unfinished {
        /// The run.
        run: i64,
        /// What stopped it.
        cause: Box<RemapError>,
    },
    /// A run was interrupted.
    #[error("run {run} was interrupted after its commit: settings or files are not as it means to leave them")]
    #[diagnostic(help("run reguid fix or reguid undo: each finishes it first"))]
    Halfway {
        /// The run.
        run: i64,
    },
    /// Mark and rows do not tell whether what a run changes is in the panel's database.
    #[error(
        "whether what the extension has in the panel's database is as run {run} left it, or as it was before it, cannot be told for certain:\n  {list}"
    )]
    #[diagnostic(help(
        "look at it, and say which ids it holds: --panel-holds new (those of after the run) or --panel-holds old (those of before it)"
    ))]
    PanelUnclear {
        /// The run.
        run: i64,
        /// What was seen.
        list: String,
    },
    /// A run that was interrupted is finished, and a part was left as it is.
    #[error(
        "run {run} is finished as far as could be; somebody wrote these since, or what is in their way, and they were left as they are:\n  {list}"
    )]
    #[diagnostic(help("{}", if *undo {
        "look at them before anything else is run, and give them the ids of before the run, where they hold others: reguid fix would take what they hold for those"
    } else {
        "look at them, and give them the ids of the panel as it is now, where they hold others; then run reguid again"
    }))]
    LeftOut {
        /// The run.
        run: i64,
        /// It was taken back.
        undo: bool,
        /// What was left.
        list: String,
    },
    /// A run that the companion does not know rewrote ids in the panel's database.
    #[error(
        "{server}: a run that is not known here, or was taken back, rewrote ids of this extension in the panel's database (its mark is the setting {name})"
    )]
    #[diagnostic(help(
        "the panel's database and the var directory are of different times: put back the var directory, with its reguid.db, of after that run, or the panel's database of the var directory's time. If what the extension has in the panel's database is of before that run, or holds ids of the state that --old tells of, take that setting out (or tell fix so: --trust-old)"
    ))]
    UnknownMark {
        /// The panel's database.
        server: String,
        /// The mark.
        name: String,
    },
    /// Settings or rows are neither as before an interrupted run nor as it means to leave them.
    #[error("settings or rows were changed since run {run} was decided:\n  {list}")]
    #[diagnostic(help(
        "give them the values that they had (or those that the run means to give them), then run reguid again; rows that are to stay as they are may do so where you say what the others hold: --panel-holds old (ids of before the run) or new"
    ))]
    SettingsDiffer {
        /// The run.
        run: i64,
        /// Which.
        list: String,
    },
    /// Settings are as they were before the last run.
    #[error("{}", match (undone, written) {
        (true, _) => format!("settings or rows in the panel's database are as run {run} left them, and the script that takes it back was not run"),
        (false, true) => format!("settings or rows in the panel's database are as they were before run {run}: it was put back, without the var directory"),
        (false, false) => format!("settings or rows in the panel's database are as they were before run {run}, whose script was not run"),
    } + list)]
    #[diagnostic(help("{}", match (undone, written) {
        (false, true) if *rows => "take the run back with reguid undo, then fix everything again",
        (true, _) => "run the script that reguid undo wrote (reguid undo --emit writes it again), or let reguid undo write what the script is to (with the live panel, without --emit), then try again; a dump must be made anew after it",
        (false, true) => "take the run back with reguid undo, then fix everything again; where settings are read from a dump, make it anew. If nothing was put back, and the extension wrote them so since: --panel-holds new",
        (false, false) => "run the script that the run wrote (reguid fix --emit writes it again), then try again, with a new dump where there is no live panel; or take the run back: reguid undo",
    }))]
    SettingsBehind {
        /// The run.
        run: i64,
        /// Whether reguid wrote them.
        written: bool,
        /// The run was taken back.
        undone: bool,
        /// Rows of tables tell that.
        rows: bool,
        /// The settings that are so, a line each.
        list: String,
    },
    /// Settings are as they were before a run that is not the last one.
    #[error(
        "settings or rows in the panel's database are as they were before run {run}, and later runs took them for newer ones: they were put back{list}"
    )]
    #[diagnostic(help(
        "put them back as they were after the last run; or put back all of one time, the var directory with its reguid.db and the panel's database, and fix again; or give them the ids of the panel as it is now. If the extension wrote them so since: --panel-holds new"
    ))]
    SettingsBehindEarlier {
        /// The run.
        run: i64,
        /// The settings that are so, a line each.
        list: String,
    },
    /// Some settings are as they were before the last run, and others changed since.
    #[error("the script {} was not run, or not to its end, and settings changed since:\n  {list}", if *undone { format!("that takes run {run} back") } else { format!("of run {run}") })]
    #[diagnostic(help("{}", if *undone {
        "give these settings the values that they had, and run the script"
    } else {
        "take the run back with reguid undo, and fix everything again; a script in PHP that was interrupted goes on with the argument `resume`"
    }))]
    SettingsMixed {
        /// The run.
        run: i64,
        /// The run was taken back.
        undone: bool,
        /// What changed.
        list: String,
    },
    /// The settings of a run can be taken back by a script only.
    #[error("run {run} changed settings, and {server} is not to be written, or cannot be")]
    #[diagnostic(help(
        "name the live panel (--panel plesk: or mysql://USER@HOST/DATABASE), or let a script be written that takes them back: --emit sql or php"
    ))]
    NeedsScript {
        /// The run.
        run: i64,
        /// The panel, as it was named.
        server: String,
    },
    /// A file is as it was before the last run.
    #[error("{path}: the file is as it was before run {run}, which the companion says was applied to it{more}")]
    #[diagnostic(help(
        "where it was put back from before that run, without the reguid.db of its time: put back its copy of after the run, or give it the ids of the panel as it is now; or put back all \
         of before the run, with that reguid.db, the databases and the panel's settings, and fix again: what stays as the run made it would be rewritten twice. Where the extension wrote \
         it so since, and it speaks of now: --panel-holds new"
    ))]
    OlderFile {
        /// The file.
        path: Utf8PathBuf,
        /// The run.
        run: i64,
        /// Other files of which the same is so.
        more: String,
    },
    /// The ids in the data speak of another panel state than the one given.
    #[error("the ids in the data do not speak of the panel as it is now.\n  --panel:   {panel}\n  companion: {recorded}\n{why}")]
    #[diagnostic(help("rewrite the ids first (reguid fix), or give the panel state that they speak of"))]
    OtherState {
        /// The panel state given.
        panel: String,
        /// The state recorded.
        recorded: String,
        /// How they differ.
        why: String,
    },
    /// The manifest has no column of that name.
    #[error("{manifest}: no reference is called {place}")]
    #[diagnostic(help("{}", if near.is_empty() { "it has no reference that is a whole column".to_owned() } else { format!("there are: {}", near.join(", ")) }))]
    NoSuchReference {
        /// The place asked for.
        place: String,
        /// The manifest.
        manifest: Utf8PathBuf,
        /// The places that are there.
        near: Vec<String>,
    },
    /// There is no such run to take back.
    #[error("{detail}")]
    #[diagnostic(help("runs are taken back one by one, the last one first; `reguid undo` without --run takes the last one"))]
    NoRun {
        /// What is there instead.
        detail: String,
    },
}

/// The manifest names something that is not there, shown in the manifest.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
pub struct ManifestMismatch {
    /// What is wrong.
    pub message: String,
    #[source_code]
    text: NamedSource<String>,
    #[label("{label}")]
    place: SourceSpan,
    label: String,
    #[help]
    help: Option<String>,
}

impl ManifestMismatch {
    /// A mismatch of the entry at `span`; `near` are the names that are there, of which a close one is suggested.
    pub(super) fn at<'n>(
        manifest: &Manifest,
        span: Range<usize>,
        message: String,
        label: &str,
        wanted: &str,
        near: impl Iterator<Item = &'n str>,
    ) -> RemapError {
        let near: Vec<&str> = near.collect();
        let best = near.iter().max_by(|a, b| strsim::jaro_winkler(a, wanted).total_cmp(&strsim::jaro_winkler(b, wanted)));
        let help = match best {
            Some(name) if strsim::jaro_winkler(name, wanted) > 0.75 => Some(format!("did you mean `{name}`?")),
            _ if near.is_empty() => Some("correct the entry, or take it out if its data is no longer there".to_owned()),
            _ => Some(format!("there are: {}", near.join(", "))),
        };
        let (start, end) = (span.start.min(manifest.text.len()), span.end.min(manifest.text.len()));
        RemapError::Manifest(Box::new(ManifestMismatch {
            message,
            text: NamedSource::new(&manifest.path, manifest.text.clone()),
            place: (start, end.saturating_sub(start)).into(),
            label: label.to_owned(),
            help,
        }))
    }
}

/// What there is in quarantine.
fn held(runs: &[i64], places: &[String]) -> String {
    match runs {
        [] => "nothing is in quarantine".into(),
        _ => {
            let runs: Vec<String> = runs.iter().map(ToString::to_string).collect();
            format!("there are rows of the runs {}, because of {}", runs.join(", "), places.join(", "))
        }
    }
}

/// How a person knows the signal.
fn signal_name(signal: u8) -> String {
    match signal {
        1 => "SIGHUP".into(),
        2 => "SIGINT (Ctrl-C)".into(),
        15 => "SIGTERM".into(),
        other => format!("signal {other}"),
    }
}

/// Bytes for a person.
fn size(bytes: u64) -> String {
    match bytes {
        0..0x40_0000 => format!("{} kB", bytes.div_ceil(1 << 10)),
        _ => format!("{} MB", bytes.div_ceil(1 << 20)),
    }
}

/// What a person does about an error of SQLite's.
fn next_step(error: &SqliteError) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            "Make room on the disk of the var directory and where temporary files are put (SQLITE_TMPDIR, TMPDIR, else /var/tmp; quotas and limits on the size of files count too), then try again"
        }
        Some(ErrorCode::DatabaseCorrupt) if is_index_damaged(error) => {
            "An index does not agree with its table: have the extension's own SQLite make it anew (REINDEX), then try again"
        }
        Some(ErrorCode::DatabaseCorrupt) => "Restore the database from a backup, or recover it with `sqlite3 … .recover`",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "Stop what uses the database, then try again",
        Some(ErrorCode::ConstraintViolation) => "Look at the rows that it names, then try again",
        _ => "If `sqlite3` works on the same table, please report it with the schema of the table",
    }
}

/// Gives an error of SQLite its context.
pub(super) trait Context<T> {
    /// `what` was being done.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, RemapError>;
    /// It happened to the database at `path`.
    fn on(self, path: &Utf8Path) -> Result<T, RemapError>;
}

impl<T> Context<T> for Result<T, SqliteError> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, RemapError> {
        self.map_err(|source| RemapError::Sqlite { what: what(), source })
    }

    fn on(self, path: &Utf8Path) -> Result<T, RemapError> {
        self.map_err(|e| OpenError::of(path, e).into())
    }
}
