//! What changed, as git tells it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;

/// Variables that git sets for its hooks, which may be relative to the hook's folder.
const PATHS: [&str; 3] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];

/// What changed in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// The files that changed and are still there, relative to the folder.
    pub files: BTreeSet<Utf8PathBuf>,
    /// Files of which another state is looked at than the one on disk: their bytes, or `None` where they are not in it.
    pub shown: Vec<(Utf8PathBuf, Option<Vec<u8>>)>,
}

/// git could not tell.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum GitError {
    /// It is not there.
    #[error("git cannot be started")]
    #[diagnostic(help("--staged and --diff-base ask git what changed: install it, or lint without them"))]
    Start(#[source] std::io::Error),
    /// It refused.
    #[error("`git {command}` failed in {folder}: {reason}")]
    #[diagnostic(help("{help}"))]
    Failed {
        /// What was asked.
        command: String,
        /// Where.
        folder: Utf8PathBuf,
        /// What it said.
        reason: String,
        /// What to do.
        help: &'static str,
    },
    /// A revision that would be taken for an option.
    #[error("`{revision}` is no revision")]
    #[diagnostic(help("give a branch, a tag or a commit, such as origin/main"))]
    Revision {
        /// The word.
        revision: String,
    },
}

/// What is staged for the next commit: the files that changed, and the whole folder as the commit will have it.
///
/// # Errors
/// git is not there, or the folder is in no repository.
pub fn staged(folder: &Utf8Path) -> Result<Changed, GitError> {
    let help = "--staged needs a folder in a git repository";
    is_repository(folder, help)?;
    let files = paths(folder, &["diff", "--cached", "--name-only", "-z", "--relative", "--no-renames", "--diff-filter=d"], help)?;
    let mut shown = Vec::new();
    for path in paths(folder, &["diff", "--name-only", "-z", "--relative", "--no-renames"], help)? {
        let bytes = git(folder, &["show", &format!(":./{path}")], help)?;
        shown.push((path, Some(bytes)));
    }
    let others = paths(folder, &["ls-files", "--others", "--exclude-standard", "-z"], help)?;
    shown.extend(others.into_iter().map(|path| (path, None)));
    Ok(Changed { files: files.into_iter().collect(), shown })
}

/// What changed since the folder's branch left `base`, committed or not.
///
/// # Errors
/// As [`staged`], and where `base` is unknown or has nothing in common with the branch.
pub fn since(folder: &Utf8Path, base: &str) -> Result<Changed, GitError> {
    if base.starts_with('-') || base.is_empty() {
        return Err(GitError::Revision { revision: base.to_owned() });
    }
    let help = "--diff-base needs a revision that this clone has, and a common ancestor: in a shallow clone, fetch more of the history";
    is_repository(folder, "--diff-base needs a folder in a git repository")?;
    let ancestor = git(folder, &["merge-base", base, "HEAD"], help)?;
    let ancestor = String::from_utf8_lossy(&ancestor).trim().to_owned();
    let mut files = paths(folder, &["diff", "--name-only", "-z", "--relative", "--no-renames", "--diff-filter=d", &ancestor], help)?;
    files.extend(paths(folder, &["ls-files", "--others", "--exclude-standard", "-z"], help)?);
    Ok(Changed { files: files.into_iter().collect(), shown: Vec::new() })
}

/// Outside of a repository some of its commands do something else.
fn is_repository(folder: &Utf8Path, help: &'static str) -> Result<(), GitError> {
    git(folder, &["rev-parse", "--is-inside-work-tree"], help).map(drop)
}

/// The paths that git lists. Names that are no UTF-8 are left out: such files are not linted either.
fn paths(folder: &Utf8Path, args: &[&str], help: &'static str) -> Result<Vec<Utf8PathBuf>, GitError> {
    let listed = git(folder, args, help)?;
    let names = listed.split(|b| *b == 0).filter(|name| !name.is_empty());
    Ok(names.filter_map(|name| std::str::from_utf8(name).ok()).map(Utf8PathBuf::from).collect())
}

/// What git answers.
fn git(folder: &Utf8Path, args: &[&str], help: &'static str) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args).stdin(Stdio::null());
    for name in PATHS {
        if let Some(absolute) = std::env::var_os(name).and_then(|value| std::path::absolute(OsStr::new(&value)).ok()) {
            command.env(name, absolute);
        }
    }
    let output = command.output().map_err(GitError::Start)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().next().unwrap_or("it said nothing").to_owned();
    Err(GitError::Failed { command: args.join(" "), folder: folder.to_owned(), reason, help })
}
