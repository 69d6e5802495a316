//! Matching one million objects, against the time that reading them took. Prints ratios.
//!
//! `cargo bench --bench matching [objects]`. Two snapshot files are written, before a restore and after it on another panel: all ids changed, some objects
//! are gone, renamed, moved to another owner or created anew. Both are read, and matched; the map file is written, and taken back.
#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use reguid::panel::inventory::Origin;
use reguid::panel::map::{self, Reviewed};
use reguid::panel::mapping::Settings;
use reguid::panel::{Guid, Inventory, Kind, Mapping, Object, source};

/// Times that each step is done; the best counts.
const TIMES: usize = 3;
/// Of a thousand objects: clients, domains, mailboxes, databases; the rest are aliases.
const SHARES: [(&str, i64); 5] = [("client", 20), ("domain", 330), ("mailbox", 450), ("database", 120), ("domain-alias", 80)];

fn kind(word: &str) -> Kind {
    word.parse().expect("a kind")
}

fn guid(space: i64, number: i64) -> Option<Guid> {
    Guid::parse(format!("{space:08x}-1111-4111-8111-{number:012x}").as_bytes())
}

/// The objects of a panel, before or after.
struct Panel {
    objects: i64,
    after: bool,
}

impl Panel {
    fn count(&self, word: &str) -> i64 {
        let share = SHARES.iter().find(|s| s.0 == word).map_or(0, |s| s.1);
        (self.objects * share / 1000).max(1)
    }

    /// The id of the `i`th object of a kind: a permutation without pattern after.
    fn id(&self, word: &str, i: i64) -> i64 {
        let count = self.count(word);
        if self.after { (i * 7919 + 17) % count + 1 } else { i + 1 }
    }

    fn object(&self, word: &str, i: i64) -> Option<Object> {
        // Every hundredth is gone, and every hundredth has another name or owner, or was created anew.
        let changed = |what: i64| self.after && i % 100 == what;
        if changed(1) {
            return None;
        }
        let renamed = if changed(2) { "-new" } else { "" };
        let domains = self.count("domain");
        let of_domain = |n: i64| Some((kind("domain"), self.id("domain", n % domains)));
        let owner = |n: i64| Some((kind("client"), self.id("client", n % self.count("client"))));
        let (name, guid, parent) = match word {
            "client" => (format!("customer{i}{renamed}"), guid(1, i + 1), None),
            "domain" => {
                let anew = if changed(3) { domains } else { 0 };
                let moved = i64::from(changed(4));
                (format!("site-{i}{renamed}.example"), guid(2, i + 1 + anew), owner(i + moved))
            }
            "mailbox" => (format!("info{}@site-{}.example", i / domains, i % domains), None, of_domain(i)),
            "database" => (format!("db{i}@localhost:3306:mysql"), None, of_domain(i * 3)),
            _ => (format!("alias-{i}.example"), None, of_domain(i * 5)),
        };
        let facts = kind(word).facts().table.as_ref()?;
        let witness = facts.witness.iter().map(|w| if w == "cr_date" { "2024-05-06".into() } else { "".into() }).collect();
        Some(Object { kind: kind(word), id: self.id(word, i), guid, name: name.into(), parent, witness })
    }

    fn inventory(&self) -> Inventory {
        let mut all = Vec::new();
        for (word, _) in SHARES {
            all.extend((0..self.count(word)).filter_map(|i| self.object(word, i)));
        }
        let origin = Origin { source: if self.after { "after" } else { "before" }.into(), taken: None };
        Inventory::new(origin, all, SHARES.iter().map(|s| kind(s.0)).collect())
    }
}

/// The best of some runs, and what the last one gave.
fn best<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut once = || {
        let start = Instant::now();
        let given = work();
        (start.elapsed(), given)
    };
    let first = once();
    (1..TIMES).map(|_| once()).fold(first, |best, next| (best.0.min(next.0), next.1))
}

fn main() {
    let objects = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("a UTF-8 path");
    let write = |name: &str, after| {
        let path = root.join(name);
        source::snapshot::write(&Panel { objects, after }.inventory(), &path).expect("room for a snapshot");
        path
    };
    let paths = [write("before.snapshot", false), write("after.snapshot", true)];
    let read = |path: &Utf8Path| source::read(path.as_str()).expect("it was just written");
    let (reading, [old, new]) = best(|| [read(&paths[0]), read(&paths[1])]);
    let (matching, mapping) = best(|| Mapping::between(&old, &new, Settings::default()));
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, _, outcome) in mapping.sorted() {
        *outcomes.entry(outcome.word()).or_default() += 1;
    }
    println!("{} objects before, {} after; best of {TIMES}", old.objects().len(), new.objects().len());
    println!("{:<22} {:>8.2} s", "reading both", reading.as_secs_f64());
    let line = |what: &str, took: Duration| {
        println!("{what:<22} {:>8.2} s   of the reading {:.2}", took.as_secs_f64(), took.as_secs_f64() / reading.as_secs_f64());
    };
    line("matching", matching);
    println!("{outcomes:?}; the relation is {}", mapping.relation());
    let path = root.join("map.toml");
    let (writing, ()) = best(|| {
        let mut file = std::fs::File::create(&path).expect("a map file");
        map::write(&old, &new, &mapping, &mut file).expect("room for the map");
    });
    line("writing the map", writing);
    let (back, again) = best(|| Reviewed::load(&path).expect("a map").between(&old, &new, Settings::default()).expect("it fits"));
    line("taking it back", back);
    println!("{:<22} {:>8.1} MB", "the map", std::fs::metadata(&path).map_or(0, |m| m.len()) as f64 / 1e6);
    assert!(
        again.map().is_some_and(|m| m.decisions.is_empty()) && again.sorted() == mapping.sorted(),
        "a map that nobody changed changes nothing"
    );
}
