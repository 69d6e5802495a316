//! An extension's var directory with two databases, the panel's dumps of before and after a restore, and what a refusal must look like.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use reguid::sqlite::Connection;

use crate::support::cli::{Cli, Ran};

pub const PLAN: &[&str] = &["plan", "var", "--old", "before.sql", "--new", "after.sql"];
pub const FIX: &[&str] = &["fix", "var", "--old", "before.sql", "--new", "after.sql"];
pub const DRY: &[&str] = &["fix", "var", "--old", "before.sql", "--new", "after.sql", "--dry-run"];
pub const VERIFY: &[&str] = &["verify", "var", "--panel", "after.sql"];
pub const UNDO: &[&str] = &["undo", "var"];
pub const SNAPSHOT: &[&str] = &["snapshot", "--panel", "after.sql", "--into", "var"];
/// The commands that read the extension's databases.
pub const READERS: [&[&str]; 4] = [PLAN, FIX, DRY, VERIFY];

/// Domains 5 and 7 change places between the two dumps.
const DATA: &str = "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT NOT NULL, note TEXT);
    CREATE INDEX by_domain ON apps(domain_id);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO apps SELECT i, CASE i % 2 WHEN 0 THEN 5 ELSE 7 END, 'a note of some length, so that there are pages ' || i FROM n";

/// A manifest for `apps.domain_id` of one database.
pub const MANIFEST: &str = "[[reference]]\ndatabase = \"data.db\"\ntable = \"apps\"\ncolumn = \"domain_id\"\nkind = \"domain\"\n";

pub struct World {
    pub cli: Cli,
}

impl World {
    /// `var/` with `data.db` and a manifest; `before.sql` and `after.sql`.
    pub fn new() -> World {
        let world = World { cli: Cli::new() };
        // Somebody else must be able to come here.
        fs::set_permissions(world.cli.root(), fs::Permissions::from_mode(0o755)).unwrap();
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/panel");
        for state in ["before", "after"] {
            fs::copy(corpus.join(format!("{state}.dump.sql")), world.path(&format!("{state}.sql"))).unwrap();
        }
        fs::create_dir(world.path("var")).unwrap();
        world.sql("var/data.db", DATA);
        world.cli.file("var/reguid.toml", MANIFEST);
        world
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.cli.root().join(path)
    }

    pub fn connect(&self, path: &str) -> Connection {
        Connection::open(self.path(path)).unwrap()
    }

    pub fn sql(&self, path: &str, sql: &str) {
        self.connect(path).execute_batch(sql).unwrap();
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    /// Another process that did `sql` on the database and keeps it open: a lock of our own would end with the next file that we read and close.
    pub fn holder(&self, sql: &str) -> Holder {
        let mut child = Command::new("sqlite3").arg(self.path("var/data.db")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut to = child.stdin.take().unwrap();
        writeln!(to, "{sql};\n.print ready").unwrap();
        let ready = BufReader::new(child.stdout.take().unwrap()).lines().any(|line| line.unwrap() == "ready");
        assert!(ready, "sqlite3 did {sql}");
        Holder { child, _to: to }
    }

    /// How many rows name domain 5 and 7.
    pub fn counts(&self) -> (i64, i64) {
        let count = |id: i64| {
            let sql = "SELECT count(*) FROM apps WHERE domain_id = ?1 AND id % 2 = 0";
            self.connect("var/data.db").query_row(sql, [id], |r| r.get(0)).unwrap()
        };
        (count(5), count(7))
    }

    /// Names, permissions and contents of everything.
    pub fn everything(&self) -> BTreeMap<OsString, (u32, Vec<u8>)> {
        let mut all = BTreeMap::new();
        contents(self.cli.root(), &mut all);
        all
    }

    /// The binary, stopped should it hang, behind other words.
    pub fn command(&self, before: &[&str], args: &[&str]) -> Command {
        let mut command = Command::new("/usr/bin/timeout");
        command.arg("60").args(before).arg(env!("CARGO_BIN_EXE_reguid")).args(args);
        command.current_dir(self.cli.root()).env_clear().stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.cli.ran(self.command(&[], args).output().unwrap())
    }

    /// The command exits with 2, says `words` and a next step, and every file is as it was.
    pub fn refused(&self, args: &[&str], words: &[&str]) -> Ran {
        self.stays(self.command(&[], args), args, 2, words)
    }

    /// As [`World::refused`], for somebody whom the permissions of files mean something to.
    pub fn refused_to_nobody(&self, args: &[&str], words: &[&str]) -> Ran {
        self.stays(self.command(as_nobody(), args), args, 2, words)
    }

    /// The command exits with `code`, says `words`, and every file is as it was.
    pub fn stays(&self, mut command: Command, args: &[&str], code: i32, words: &[&str]) -> Ran {
        let before = self.everything();
        let ran = self.cli.ran(command.output().unwrap());
        assert_eq!(ran.code, code, "{args:?}\n{ran}");
        let told = format!("{}{}", ran.stdout, ran.stderr);
        for word in words {
            assert!(told.contains(word), "{args:?} does not say {word:?}\n{ran}");
        }
        if code == 2 {
            assert!(ran.stderr.starts_with("error: "), "{args:?}\n{ran}");
            assert!(ran.stderr.contains("\nhelp: "), "{args:?}: no next step\n{ran}");
        }
        sound(args, &ran);
        let after = self.everything();
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{args:?}\n{ran}");
        let changed: Vec<_> = before.keys().filter(|name| before[*name] != after[*name]).collect();
        assert!(changed.is_empty(), "{args:?} changed {changed:?}\n{ran}");
        ran
    }
}

/// A process that has the database open, until this is dropped.
pub struct Holder {
    child: Child,
    _to: ChildStdin,
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// No panic, no abort.
pub fn sound(args: &[&str], ran: &Ran) {
    for word in ["panicked", "bug in reguid", "RUST_BACKTRACE", "overflowed its stack"] {
        assert!(!ran.stderr.contains(word), "{args:?}\n{ran}");
    }
}

/// Words before a command that let somebody run it who is not root.
pub fn as_nobody() -> &'static [&'static str] {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if root { &["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] } else { &[] }
}

fn contents(folder: &Path, all: &mut BTreeMap<OsString, (u32, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        let bytes = match meta.file_type() {
            t if t.is_dir() => {
                contents(&path, all);
                Vec::new()
            }
            t if t.is_symlink() => fs::read_link(&path).unwrap().as_os_str().as_bytes().to_vec(),
            t if t.is_fifo() => b"a pipe".to_vec(),
            _ => fs::read(&path).unwrap(),
        };
        all.insert(path.into_os_string(), (meta.mode(), bytes));
    }
}
