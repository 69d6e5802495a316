//! The files that CI services and git hooks take reguid from, as these run them: `action.yml`, `.pre-commit-hooks.yaml`, `templates/reguid.yml`.
//!
//! The services themselves are not there. What they do with these files is done here: inputs are put in, steps are run by the shell that they would
//! be run by, with the environment that they would have. Whether the files are well-formed say programs that the services' users check theirs with.
#![allow(clippy::unwrap_used, reason = "a helper of a test may stop the test, as the test itself may")]

#[path = "ci_services/action.rs"]
mod action;
#[path = "ci_services/gitlab.rs"]
mod gitlab;
#[path = "ci_services/pre_commit.rs"]
mod pre_commit;
mod support;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use support::cli::Cli;
pub use support::tools::tool;

pub const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";
/// A finding.
pub const BAD: &str = "<?php pm_Settings::set('last-' . pm_Session::getClient()->getId(), 1);\n";
/// None.
pub const GOOD: &str = "<?php pm_Settings::set('last-' . pm_Session::getClient()->getLogin(), 1);\n";

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A repository with one extension in it, in the folder `extension`, with this PHP.
pub fn repository(php: &str) -> Cli {
    let cli = Cli::new();
    cli.file("extension/meta.xml", META).file("extension/plib/library/Last.php", php);
    git(&cli, &["init", "--quiet"]);
    cli
}

/// Runs git in the repository.
pub fn git(cli: &Cli, args: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]).args(args);
    succeed(command.current_dir(cli.root()).env("GIT_CONFIG_GLOBAL", "/dev/null"));
}

/// The folder of the program that is tested.
pub fn program_folder() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_reguid")).parent().unwrap()
}

/// A search path with the program that is tested, or without any.
pub fn search_path(with_reguid: bool) -> std::ffi::OsString {
    let machine = std::env::var_os("PATH").unwrap();
    let others = std::env::split_paths(&machine).filter(|folder| !folder.join("reguid").exists());
    let first = with_reguid.then(|| program_folder().to_owned());
    std::env::join_paths(first.into_iter().chain(others)).unwrap()
}

/// What a program printed, both streams together.
pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs a program that must succeed.
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", text(&output));
    text(&output)
}

/// The documents of a YAML file.
pub fn yaml(path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    serde_saphyr::from_multiple(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}
