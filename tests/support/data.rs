//! Var directories, manifests and inventories for the tests of the remap.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use reguid::panel::inventory::Origin;
use reguid::panel::mapping::{Match, Rung};
use reguid::panel::{Guid, Inventory, Kind, Mapping, Object};
use reguid::reference::manifest::{Entry, Form, Holds, Manifest, OnMissing, OnUncertain, Store};
use reguid::remap::{self, Fixed, Plan, RemapError, Request, Undone};
use reguid::sqlite::{Connection, ValueRef};
use std::time::Duration;

use crate::model::Cell;

/// A var directory in a temporary folder.
pub struct VarDir {
    folder: tempfile::TempDir,
}

impl VarDir {
    pub fn new() -> VarDir {
        // In memory where there is such a file system: thousands of runs, each of which syncs to disk.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::TempDir::new_in(memory) } else { tempfile::TempDir::new() };
        VarDir { folder: folder.unwrap() }
    }

    pub fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    pub fn file(&self, name: &str) -> Utf8PathBuf {
        self.path().join(name)
    }

    /// Runs SQL as an extension would: foreign keys as given, triggers on.
    pub fn sql(&self, name: &str, sql: &str) {
        let connection = self.connect(name);
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
    }

    pub fn connect(&self, name: &str) -> Connection {
        Connection::open(self.file(name)).unwrap()
    }

    /// Every file with its bytes.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir_utf8().unwrap() {
                let path = entry.unwrap().path().to_owned();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    all.insert(path.strip_prefix(self.path()).unwrap().to_string(), std::fs::read(&path).unwrap());
                }
            }
        }
        all
    }
}

/// All rows of a query, to the storage class.
pub fn rows(connection: &Connection, sql: &str) -> Vec<Vec<Cell>> {
    let mut query = connection.prepare(sql).unwrap();
    let columns = query.column_count();
    let mut rows = query.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cell = |i| match row.get_ref(i).unwrap() {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(i) => Cell::Integer(i),
            ValueRef::Real(r) => Cell::Real(r),
            ValueRef::Text(t) => Cell::Text(t.to_vec()),
            ValueRef::Blob(b) => Cell::Blob(b.to_vec()),
        };
        all.push((0..columns).map(cell).collect());
    }
    all
}

/// Everything in a database that a `.dump` shows, with rowids, types and `sqlite_sequence`.
pub fn dump(connection: &Connection) -> Vec<(String, Vec<Vec<Cell>>)> {
    let schema = rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name");
    let mut all = vec![("sqlite_schema".to_owned(), schema.clone())];
    for line in schema {
        let (Cell::Text(kind), Cell::Text(name)) = (&line[0], &line[1]) else { panic!("a name is text") };
        if kind != b"table" {
            continue;
        }
        let name = String::from_utf8(name.clone()).unwrap();
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let with_rowid = connection.prepare(&format!("SELECT rowid, * FROM {quoted}")).is_ok();
        let columns = if with_rowid { "rowid AS r, *" } else { "*" };
        let mut content = rows(connection, &format!("SELECT {columns} FROM {quoted}"));
        content = crate::model::sorted(content);
        all.push((name, content));
    }
    all
}

pub fn kind(name: &str) -> Kind {
    name.parse().unwrap()
}

/// An inventory of domains: id and name; the GUID follows from the name.
pub fn inventory(source: &str, domains: &[(i64, &str)]) -> Inventory {
    let objects = domains.iter().map(|(id, name)| Object {
        kind: kind("domain"),
        id: *id,
        guid: Some(guid(name)),
        name: (*name).into(),
        parent: None,
        witness: Box::default(),
    });
    let origin = Origin { source: source.into(), taken: Some("2026-01-02".into()) };
    Inventory::new(origin, objects.collect(), vec![kind("domain"), kind("client")])
}

fn guid(name: &str) -> Guid {
    let mut bits: u128 = 0x1234_5678;
    for byte in name.bytes() {
        bits = bits.wrapping_mul(0x0100_0000_01b3).wrapping_add(u128::from(byte));
    }
    let hex = format!("{bits:032x}");
    Guid::parse(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).as_bytes()).unwrap()
}

/// Two inventories for a mapping: old id → new id, and old ids whose objects are gone.
pub fn states(mapping: &BTreeMap<i64, i64>, gone: &[i64]) -> (Inventory, Inventory) {
    let name = |id: i64| format!("d{id}.example");
    let names: BTreeMap<i64, String> = mapping.keys().chain(gone).map(|id| (*id, name(*id))).collect();
    let old: Vec<(i64, &str)> = names.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let new: Vec<(i64, &str)> = mapping.iter().map(|(old, new)| (*new, names[old].as_str())).collect();
    (inventory("old", &old), inventory("new", &new))
}

/// Matches by GUID alone.
pub fn by_guid(old: &Inventory, new: &Inventory) -> Mapping {
    let of_new: std::collections::HashMap<(Kind, Guid), i64> =
        new.objects().iter().filter_map(|n| Some(((n.kind, n.guid?), n.id))).collect();
    Mapping::from_matches(old.objects().iter().map(|o| {
        let found = o.guid.and_then(|g| of_new.get(&(o.kind, g)));
        let what = found.map_or(Match::Missing, |id| Match::Found { new: *id, rung: Rung::Guid, evidence: "".into() });
        ((o.kind, o.id), what)
    }))
}

/// A manifest entry for a column that holds ids of domains.
pub fn entry(database: &str, table: &str, column: &str, on_missing: OnMissing) -> Entry {
    Entry {
        store: Store::Column { database: database.into(), table: table.into(), column: column.into(), path: None },
        kind: Some(kind("domain")),
        holds: Holds::Id,
        on_missing,
        on_uncertain: OnUncertain::default(),
        twin: None,
        sentinels: None,
        form: Form::default(),
        span: 0..0,
    }
}

pub fn manifest(entries: Vec<Entry>) -> Manifest {
    Manifest { path: "reguid.toml".into(), references: entries, ..Manifest::default() }
}

/// A request with everything given.
pub struct Case<'a> {
    pub dir: &'a VarDir,
    pub manifest: &'a Manifest,
    pub old: Option<&'a Inventory>,
    pub new: &'a Inventory,
}

impl Case<'_> {
    pub fn request(&self) -> Request<'_> {
        Request {
            var_dir: self.dir.path(),
            manifest: self.manifest,
            old: self.old,
            new: self.new,
            trust_old: false,
            matching: &by_guid,
            map: None,
            twins: false,
            // A program that a test beside this one is starting holds what this process holds until it runs.
            patience: Duration::from_secs(2),
        }
    }

    pub fn fix(&self) -> Result<Fixed, RemapError> {
        remap::fix(&self.request(), None)
    }

    /// A fix by this method, where it can be used.
    pub fn fix_by(&self, method: Option<remap::Method>) -> Result<Fixed, RemapError> {
        remap::fix_by(&self.request(), None, method)
    }

    pub fn plan(&self) -> Result<Plan, RemapError> {
        remap::plan(&self.request())
    }
}

/// Whether the long mode is on: `REGUID_LONG=1`.
pub fn long() -> bool {
    std::env::var_os("REGUID_LONG").is_some_and(|v| v != "0")
}

pub fn undo(dir: &VarDir) -> Result<Undone, RemapError> {
    remap::undo(dir.path(), None, Duration::from_secs(2))
}
