//! The real binary in a scrubbed environment, with what differs between machines replaced by placeholders.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A temporary folder to run the binary in.
pub struct Cli {
    root: TempDir,
}

/// What a run gave, as one text: exit code, standard output, standard error.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output, scrubbed.
    pub stdout: String,
    /// Standard error, scrubbed.
    pub stderr: String,
}

impl Cli {
    /// An empty folder.
    pub fn new() -> Cli {
        Cli { root: tempfile::tempdir().unwrap() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Writes a file, with the folders above it.
    pub fn file(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Cli {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// The binary with these arguments, ready to be started in the folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reguid"));
        // An empty environment: no colours, no locale, no backtraces, whatever the machine has set.
        command.args(args).current_dir(self.root()).env_clear().stdin(Stdio::null());
        command
    }

    /// Runs the binary.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.ran(self.command(args).output().unwrap())
    }

    /// What a finished run gave.
    pub fn ran(&self, output: Output) -> Ran {
        let code = output.status.code().expect("the binary ends by itself, not by a signal");
        Ran { code, stdout: self.scrub(&output.stdout), stderr: self.scrub(&output.stderr) }
    }

    fn scrub(&self, bytes: &[u8]) -> String {
        let text = std::str::from_utf8(bytes).expect("output is UTF-8");
        let real = self.root().canonicalize().unwrap();
        text.replace(real.to_str().unwrap(), "[ROOT]")
            .replace(self.root().to_str().unwrap(), "[ROOT]")
            .replace(concat!("reguid ", env!("CARGO_PKG_VERSION")), "reguid [VERSION]")
            .replace(concat!("\"version\": \"", env!("CARGO_PKG_VERSION")), "\"version\": \"[VERSION]")
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "exit code {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "----- {name}\n{text}")?;
            }
        }
        Ok(())
    }
}
