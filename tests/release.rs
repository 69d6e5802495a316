//! `scripts/release`: what it makes can be installed, runs where it is installed, and leaves nothing when it is removed; and cargo's own package has
//! all that a build needs.
#![allow(clippy::unwrap_used, reason = "a helper of a test may stop the test, as the test itself may")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program that must succeed; what it prints.
fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}: install it, or run scripts/test, which does"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}{errors}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

/// A release in a folder of its own, of the program that is tested or of the one that the script builds.
fn release(of_tested: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(root().join("scripts/release"));
    command.arg("--output").arg(folder.path());
    if of_tested {
        command.args(["--program", env!("CARGO_BIN_EXE_reguid")]);
    }
    succeed(&mut command);
    succeed(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder.path()));
    folder
}

/// The one file of the release whose name ends so.
fn file(release: &Path, end: &str) -> PathBuf {
    let files = std::fs::read_dir(release).unwrap().map(|entry| entry.unwrap().path());
    let mut found = files.filter(|path| path.to_str().unwrap().ends_with(end));
    let file = found.next().unwrap();
    assert!(found.next().is_none() && file.to_str().unwrap().contains(VERSION));
    file
}

/// All files below a folder, relative to it.
fn files(folder: &Path) -> BTreeSet<String> {
    let listed = succeed(Command::new("find").args([".", "-not", "-type", "d"]).current_dir(folder));
    listed.lines().map(|line| line.trim_start_matches("./").to_owned()).collect()
}

/// The program works: it finds what it is about, and tells the whole story.
fn works(program: &Path) {
    assert_eq!(succeed(Command::new(program).arg("--version")), format!("reguid {VERSION}\n"));
    let story = succeed(Command::new(program).arg("demo").env_remove("GITHUB_ACTIONS"));
    assert!(story.contains("cells in 6 rows changed") && story.contains("Run 1 was taken back"), "{story}");
}

/// What a package installed below `system` is where programs look for it, and works.
fn installed_right(system: &Path, zsh: &str) {
    works(&system.join("usr/bin/reguid"));
    let share = system.join("usr/share");
    for page in files(&root().join("man")) {
        let page = share.join("man/man1").join(format!("{page}.gz"));
        let shown = succeed(Command::new("man").args(["--warnings", "-l"]).arg(page).envs([("MANPAGER", "cat"), ("LC_ALL", "C.UTF-8")]));
        assert!(shown.contains("SYNOPSIS"), "{shown}");
    }
    let completions = root().join("completions");
    for (installed, kept) in
        [("bash-completion/completions/reguid", "reguid.bash"), ("fish/vendor_completions.d/reguid.fish", "reguid.fish"), (zsh, "_reguid")]
    {
        assert_eq!(std::fs::read(share.join(installed)).unwrap(), std::fs::read(completions.join(kept)).unwrap(), "{installed}");
    }
    for text in ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"] {
        assert!(share.join("doc/reguid").join(text).exists(), "{text}");
    }
}

fn the_archive_works(release: &Path) {
    let place = tempfile::tempdir().unwrap();
    succeed(Command::new("tar").args(["--extract", "--file"]).arg(file(release, ".tar.gz")).current_dir(place.path()));
    let folder = std::fs::read_dir(place.path()).unwrap().next().unwrap().unwrap().path();
    works(&folder.join("reguid"));
    let held = files(&folder);
    let wanted = ["man/reguid-lint.1", "completions/reguid.bash", "completions/_reguid.ps1", "LICENSE-MIT", "LICENSE-APACHE", "README.md"];
    assert!(wanted.iter().all(|file| held.contains(*file)), "{held:?}");
}

/// Into a system of its own that has the packages of this one, so that what the package depends on is looked for.
fn the_deb_installs(release: &Path) {
    let place = tempfile::tempdir().unwrap();
    let records = place.path().join("var/lib/dpkg");
    std::fs::create_dir_all(records.join("updates")).unwrap();
    std::fs::create_dir_all(records.join("info")).unwrap();
    std::fs::copy("/var/lib/dpkg/status", records.join("status")).unwrap();
    let dpkg = |arguments: &[&str], more: &[PathBuf]| {
        let mut command = Command::new("dpkg");
        command.arg(format!("--root={}", place.path().display())).args(["--force-not-root", "--log=/dev/null"]).args(arguments).args(more);
        succeed(&mut command)
    };
    dpkg(&["--install"], &[file(release, ".deb")]);
    assert!(dpkg(&["--status", "reguid"], &[]).contains("Status: install ok installed"));
    installed_right(place.path(), "zsh/vendor-completions/_reguid");
    dpkg(&["--verify", "reguid"], &[]);
    dpkg(&["--purge", "reguid"], &[]);
    assert_eq!(files(place.path()).into_iter().filter(|file| !file.starts_with("var/lib/dpkg/")).collect::<Vec<_>>(), Vec::<String>::new());
}

/// Into an empty system. Here the dependencies are not looked for, as Debian's programs stand in no database of rpm's.
fn the_rpm_installs(release: &Path) {
    let place = tempfile::tempdir().unwrap();
    let package = file(release, ".rpm");
    let rpm = |arguments: &[&str], more: &[&Path]| {
        // rpm calls chroot, which takes root's rights or a namespace of one's own.
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "rpm", "--root"]).arg(place.path()).args(["--dbpath", "/var/lib/rpm"]).args(arguments).args(more);
        succeed(&mut command)
    };
    rpm(&["--install", "--nodeps"], &[&package]);
    assert!(rpm(&["--query", "reguid"], &[]).starts_with(&format!("reguid-{VERSION}-1")));
    installed_right(place.path(), "zsh/site-functions/_reguid");
    rpm(&["--verify", "--nodeps", "reguid"], &[]);
    rpm(&["--erase", "reguid"], &[]);
    assert_eq!(files(place.path()).into_iter().filter(|file| !file.starts_with("var/lib/rpm/")).collect::<Vec<_>>(), Vec::<String>::new());
}

/// What the packages say that they need of a system is what the program needs.
fn dependencies_are_told(release: &Path) -> String {
    let place = tempfile::tempdir().unwrap();
    succeed(Command::new("dpkg-deb").arg("--extract").arg(file(release, ".deb")).arg(place.path()));
    let symbols = succeed(Command::new("objdump").arg("-T").arg(place.path().join("usr/bin/reguid")));
    let number = |version: &str| version.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
    let versions = symbols.split("GLIBC_").skip(1).map(|rest| rest.split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap());
    let newest = versions.max_by_key(|version| number(version)).unwrap().to_owned();
    let control = succeed(Command::new("dpkg-deb").arg("--field").arg(file(release, ".deb")).arg("Depends"));
    assert!(control.contains(&format!("libc6 (>= {newest})")), "{control}: {newest}");
    let required = succeed(Command::new("rpm").args(["--query", "--requires", "--package"]).arg(file(release, ".rpm")));
    assert!(required.contains(&format!("libc.so.6(GLIBC_{newest})(64bit)")), "{required}: {newest}");
    newest
}

fn all_of_it_works(release: &Path) {
    the_archive_works(release);
    the_deb_installs(release);
    the_rpm_installs(release);
}

#[test]
fn what_is_packed_can_be_installed_and_removed() {
    let release = release(true);
    all_of_it_works(release.path());
    dependencies_are_told(release.path());
}

/// The real thing: built for the oldest system that Plesk Obsidian runs on.
#[test]
#[ignore = "builds for minutes"]
fn a_release_runs_on_the_oldest_panel_hosts() {
    let release = release(false);
    all_of_it_works(release.path());
    let library = dependencies_are_told(release.path());
    let minor: u32 = library.strip_prefix("2.").unwrap().split('.').next().unwrap().parse().unwrap();
    assert!(minor <= 17, "CentOS 7 has 2.17, and the program needs {library}");
}

/// Every file that the compiler read for this program is in the package that `cargo publish` would send.
#[test]
fn the_package_of_cargo_has_what_a_build_needs() {
    let listed = succeed(Command::new(env!("CARGO")).args(["package", "--list", "--allow-dirty", "--offline"]).current_dir(root()));
    let packed: BTreeSet<&str> = listed.lines().collect();
    let deps = Path::new(env!("CARGO_BIN_EXE_reguid")).parent().unwrap().join("deps");
    let notes =
        std::fs::read_dir(deps).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "d"));
    // The compiler notes what it read for the library, the last build of which is the one that is tested.
    let notes = notes.filter(|path| path.file_stem().unwrap().to_str().unwrap().starts_with("reguid-"));
    let texts = notes.map(|path| (path.metadata().unwrap().modified().unwrap(), std::fs::read_to_string(path).unwrap()));
    let (_, read) = texts.filter(|(_, text)| text.contains(".rlib:")).max().unwrap();
    let paths = read.split_whitespace().filter_map(|path| root().join(path).canonicalize().ok());
    let home = root().canonicalize().unwrap();
    let needed: BTreeSet<String> = paths
        .filter_map(|path| Some(path.strip_prefix(&home).ok()?.to_str().unwrap().to_owned()))
        .filter(|path| !path.starts_with("target/"))
        .collect();
    assert!(needed.contains("src/lib.rs") && needed.contains("corpus/panel/before.dump.sql") && needed.contains("rules/raw-id-column.md"));
    let missing: Vec<&String> = needed.iter().filter(|path| !packed.contains(path.as_str())).collect();
    assert!(missing.is_empty(), "exclude in Cargo.toml leaves out {missing:?}");
    let unneeded: Vec<&&str> = packed.iter().filter(|path| path.starts_with("corpus/") && path.contains("extension/")).collect();
    assert!(unneeded.iter().all(|path| path.starts_with("corpus/site-notes/")), "{unneeded:?}");
}
