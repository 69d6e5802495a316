//! A private MariaDB server for one test: a socket in a temporary folder, no network, gone when the value is dropped.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server.
pub(crate) struct MariaDb {
    place: TempDir,
    server: Child,
}

impl MariaDb {
    /// Starts a server.
    ///
    /// # Panics
    /// MariaDB is not installed, or does not start.
    pub(crate) fn start() -> MariaDb {
        let place = tempfile::Builder::new().prefix("reguid-db-").tempdir_in("/tmp").expect("a temporary folder");
        let at = |name: &str| place.path().join(name).into_os_string().into_string().expect("temporary folders have UTF-8 names");
        std::fs::create_dir(at("tmp")).expect("a folder in it");
        let user = String::from_utf8(run(Command::new("id").arg("-un")).stdout).expect("user names are UTF-8");
        let user = format!("--user={}", user.trim());
        let data = format!("--datadir={}", at("data"));
        // Temporary tables of two installations at once would meet in a common folder.
        run(Command::new(program("mariadb-install-db")).env("TMPDIR", at("tmp")).args([
            "--no-defaults",
            &user,
            &data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]));
        let server = Command::new(program("mariadbd"))
            .args(["--no-defaults", &user, &data])
            .args([format!("--tmpdir={}", at("tmp")), format!("--socket={}", at("s.sock")), format!("--pid-file={}", at("pid"))])
            .args(["--skip-networking", "--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0"])
            .args(["--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M"])
            .arg(format!("--log-error={}", at("log")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mariadbd starts");
        let mut database = MariaDb { place, server };
        database.wait();
        database
    }

    fn wait(&mut self) {
        let limit = Instant::now() + Duration::from_secs(120);
        loop {
            if self.client("mariadb-admin").arg("ping").output().is_ok_and(|o| o.status.success()) {
                return;
            }
            let ended = self.server.try_wait().expect("the server is our child");
            if ended.is_some() || Instant::now() > limit {
                let log = std::fs::read_to_string(self.place.path().join("log")).unwrap_or_default();
                panic!("mariadbd did not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn client(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        command.arg("--no-defaults").arg(format!("--socket={}", self.place.path().join("s.sock").display()));
        command.args(["--user=root", "--default-character-set=utf8mb4"]);
        command
    }

    /// Runs SQL text in `database`, as the command-line client does; in none if the name is empty.
    pub(crate) fn run(&self, database: &str, sql: &str) {
        let file = self.place.path().join("in.sql");
        std::fs::write(&file, sql).expect("the temporary folder can be written");
        let mut command = self.client("mariadb");
        command.stdin(std::fs::File::open(&file).expect("it was just written"));
        if !database.is_empty() {
            command.arg(database);
        }
        run(&mut command);
    }

    /// The server's socket.
    #[allow(dead_code, reason = "not every test that includes this connects by itself")]
    pub(crate) fn socket(&self) -> PathBuf {
        self.place.path().join("s.sock")
    }

    /// What the command-line client prints with these arguments.
    #[allow(dead_code, reason = "not every test that includes this asks")]
    pub(crate) fn print<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Vec<u8> {
        run(self.client("mariadb").args(arguments)).stdout
    }

    /// What `mariadb-dump` writes with these arguments.
    #[allow(dead_code, reason = "not every test that includes this dumps")]
    pub(crate) fn dump<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Vec<u8> {
        run(self.client("mariadb-dump").args(arguments)).stdout
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Where a program of MariaDB is: on the path or where servers are.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/usr/libexec"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is missing: install MariaDB's server, or run scripts/test, which does"))
}

/// Runs a command to its end; it must succeed.
fn run(command: &mut Command) -> Output {
    let output = command.stderr(Stdio::piped()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
