//! Programs that `scripts/test` installs beside what is built, as `requirements.txt` names them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Such a program; one of the same name on the path, where it was not installed so.
pub fn tool(name: &str) -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let installed = target.join("tools/bin").join(name);
    let program = if installed.exists() { installed } else { PathBuf::from(name) };
    let found = Command::new(&program).arg("--version").output();
    assert!(found.is_ok(), "{name} is missing: run scripts/test, which installs it");
    Command::new(program)
}
