//! The samples of `corpus/`: what is expected of them, how lint scores on them, their databases.
//!
//! Layout of a sample, `corpus/<name>/`:
//! - `extension/`: what an author would ship; `meta.xml` lies in it, at its root or deeper;
//! - `shipped/<path>.sql`: a SQLite database that the package holds at `<path>`, as SQL text;
//! - `expected.toml`: the truth, written by hand from reading the sample, never from what a tool says ([`expected`]);
//!   `panel = "after.dump.sql"` in it is the dump of `corpus/panel/` that the sample's data is held against;
//! - `reguid.toml`, `data/<file>.sql`, `data/<file>.after.sql`: for samples with data the reviewed manifest, each database of the var directory as SQL text, and
//!   the rows that `fix` must leave in it ([`rows`]);
//! - `stores/`: for samples with settings and files their manifest, the settings as SQL and what `fix` must leave of them, and the files before and after.
//! - `tables/`: for samples with tables in the panel's database these as SQL, and what `fix` must leave of them.
//!   `tests/stores_live.rs` runs them on a live panel.

#[path = "corpus/expected.rs"]
pub(crate) mod expected;
#[path = "corpus/rows.rs"]
pub(crate) mod rows;
#[path = "corpus/score.rs"]
pub(crate) mod score;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use expected::Expected;
use tempfile::TempDir;

/// One folder of `corpus/`.
pub(crate) struct Sample {
    /// The folder's name.
    pub(crate) name: String,
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Its `expected.toml`.
    pub(crate) expected: Expected,
}

/// A directory to lint: the sample's own, or a copy that holds its shipped databases too.
pub(crate) struct Package {
    path: PathBuf,
    _copy: Option<TempDir>,
}

/// `corpus/`.
pub(crate) fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// All samples, by name. Every folder but `panel` must be one.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = entries(&corpus())
        .into_iter()
        .filter(|folder| folder.is_dir() && !folder.ends_with("panel"))
        .map(|folder| {
            let name = file_name(&folder);
            let expected = Expected::read(&folder.join("expected.toml"));
            Sample { name, folder, expected }
        })
        .collect();
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    samples
}

impl Sample {
    /// What is linted.
    pub(crate) fn package(&self) -> Package {
        let own = self.folder.join("extension");
        let shipped = self.folder.join("shipped");
        if !shipped.is_dir() {
            return Package { path: own, _copy: None };
        }
        let copy = tempfile::tempdir().expect("a temporary directory");
        let root = copy.path().join("extension");
        for file in files(&own) {
            let to = root.join(file.strip_prefix(&own).expect("listed below it"));
            fs::create_dir_all(to.parent().expect("a file has a parent")).expect("make a directory");
            fs::copy(&file, &to).expect("copy a file");
        }
        for script in files(&shipped) {
            let to = root.join(script.strip_prefix(&shipped).expect("listed below it")).with_extension("");
            fs::create_dir_all(to.parent().expect("a file has a parent")).expect("make a directory");
            rows::build(&script, &to);
        }
        Package { path: root, _copy: Some(copy) }
    }

    /// The folder that holds `meta.xml`: paths in findings are relative to it.
    pub(crate) fn root(&self) -> PathBuf {
        let metas: Vec<PathBuf> = files(&self.folder.join("extension")).into_iter().filter(|f| f.ends_with("meta.xml")).collect();
        assert_eq!(metas.len(), 1, "{}: one meta.xml", self.name);
        metas[0].parent().expect("a file has a parent").to_owned()
    }

    /// The options of `lint` for it: the panel that its data is held against, if there is one.
    pub(crate) fn against(&self) -> Vec<PathBuf> {
        let panel = self.expected.panel.iter().map(|name| corpus().join("panel").join(name));
        panel.flat_map(|path| [PathBuf::from("--panel"), path]).collect()
    }

    /// Whether it has databases with rows.
    pub(crate) fn has_data(&self) -> bool {
        self.folder.join("data").is_dir()
    }
}

impl Package {
    /// The path for the command line.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Runs the program with a clean environment.
pub(crate) fn reguid(directory: &Path, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reguid"));
    command.current_dir(directory).env_clear().env("NO_COLOR", "1");
    for name in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    for argument in arguments {
        command.arg(argument);
    }
    command.output().expect("run the program")
}

/// What a run said, for messages.
pub(crate) fn said(output: &Output) -> String {
    format!("{}\n{}{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Files below `folder`, by path.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// What lies directly in `folder`, by path.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let list = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut found: Vec<PathBuf> = list.map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

/// The last part of a path.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().and_then(|n| n.to_str()).expect("names in the corpus are UTF-8").to_owned()
}
