//! `.pre-commit-hooks.yaml`, run by pre-commit itself over a repository.

use std::process::Command;

use super::support::cli::Cli;
use super::{BAD, GOOD, git, repository, root, search_path, succeed, text, tool};

/// A repository that hooks come from.
fn source(files: &[&str]) -> Cli {
    let source = Cli::new();
    for file in files {
        let target = source.root().join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(root().join(file), target).unwrap();
    }
    git(&source, &["init", "--quiet"]);
    git(&source, &["add", "--force", "."]);
    git(&source, &["commit", "--quiet", "--no-verify", "-m", "Hooks"]);
    git(&source, &["tag", "v0.0.0"]);
    source
}

fn config(repository: &Cli, source: &Cli, hook: &str) {
    let from = source.root().display();
    repository.file(".pre-commit-config.yaml", format!("repos:\n  - repo: {from}\n    rev: v0.0.0\n    hooks:\n      - {hook}\n"));
    git(repository, &["add", "."]);
}

/// Runs git or pre-commit as a developer with pre-commit would.
fn with_pre_commit(repository: &Cli, command: &mut Command, with_reguid: bool) -> (i32, String) {
    command
        .current_dir(repository.root())
        .env("PATH", search_path(with_reguid))
        .env("PRE_COMMIT_HOME", repository.root().join(".git/pre-commit"));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("GITHUB_ACTIONS").env_remove("GITLAB_CI");
    let output = command.output().unwrap();
    (output.status.code().unwrap(), text(&output))
}

#[test]
fn it_is_without_fault() {
    succeed(tool("pre-commit").arg("validate-manifest").arg(root().join(".pre-commit-hooks.yaml")));
}

#[test]
fn a_commit_with_findings_is_stopped() {
    let source = source(&[".pre-commit-hooks.yaml"]);
    let repository = repository(BAD);
    config(&repository, &source, "id: reguid-system");
    let (code, said) = with_pre_commit(&repository, tool("pre-commit").arg("install"), true);
    assert_eq!(code, 0, "{said}");
    let commit = ["-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-m", "Change"];
    let (code, said) = with_pre_commit(&repository, Command::new("git").args(commit), true);
    assert!(code == 1 && said.contains("raw-id-in-setting-key") && said.contains("Last.php:1"), "{said}");
    repository.file("extension/plib/library/Last.php", GOOD);
    git(&repository, &["add", "."]);
    let (code, said) = with_pre_commit(&repository, Command::new("git").args(commit), true);
    assert!(code == 0 && said.contains("Passed"), "{said}");
}

/// As CI runs it, where nothing is staged.
#[test]
fn all_files_are_looked_at_where_nothing_is_staged() {
    let source = source(&[".pre-commit-hooks.yaml"]);
    let repository = repository(BAD);
    config(&repository, &source, "id: reguid-system");
    git(&repository, &["commit", "--quiet", "-m", "As it was"]);
    let (code, said) = with_pre_commit(&repository, tool("pre-commit").args(["run", "--all-files"]), true);
    assert!(code == 1 && said.contains("raw-id-in-setting-key"), "{said}");
}

#[test]
fn staged_changes_alone_can_be_asked_for() {
    let source = source(&[".pre-commit-hooks.yaml"]);
    let repository = repository(BAD);
    config(&repository, &source, "{id: reguid-system, args: [--staged, -A, missing-object-hook]}");
    git(&repository, &["commit", "--quiet", "-m", "As it was"]);
    repository.file("extension/plib/library/Other.php", GOOD.replace("last-", "seen-"));
    git(&repository, &["add", "."]);
    let (code, said) = with_pre_commit(&repository, tool("pre-commit").arg("run"), true);
    assert_eq!(code, 0, "{said}");
    repository.file("extension/plib/library/Other.php", BAD.replace("last-", "seen-"));
    git(&repository, &["add", "."]);
    let (code, said) = with_pre_commit(&repository, tool("pre-commit").arg("run"), true);
    assert!(code == 1 && said.contains("Other.php:1") && !said.contains("Last.php:1"), "{said}");
}

/// The hook that needs nothing but cargo: pre-commit builds reguid from the repository's files.
#[test]
#[ignore = "builds for minutes"]
fn the_hook_that_builds_by_itself_works() {
    let listed = succeed(Command::new("git").args(["ls-files"]).current_dir(root()));
    let source = source(&listed.lines().collect::<Vec<_>>());
    let repository = repository(BAD);
    config(&repository, &source, "id: reguid");
    let (code, said) = with_pre_commit(&repository, tool("pre-commit").args(["run", "--all-files"]), false);
    assert!(code == 1 && said.contains("raw-id-in-setting-key"), "{said}");
}
