//! Ids inside values: rewriting against PHP's own unserialize and serialize, and against serde's parser; passing over values without an id of interest;
//! memory. Prints ratios, of the same values in the same run.
//!
//! `cargo bench --bench value [values]`
#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::hint::black_box;
use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use reguid::value::{Candidates, Fate, Found, Spot, Spots, rewrite};

/// Times each contender runs; the best counts.
const TIMES: usize = 5;
/// Ids that are in use.
const IDS: i64 = 10_000;

/// A generator of numbers that needs nothing but its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

const WORDS: [&str; 8] = [
    "active",
    "2026-11-26 04:10:00",
    "https://panel.example:8443/smb/web",
    "suspended",
    "a note of some length, by a person",
    "",
    "yes",
    "é",
];

/// What an extension keeps of some sites: five of them in a value, each with two ids.
fn serialized(random: &mut Random) -> String {
    let text = |t: &str| format!("s:{}:\"{t}\";", t.len());
    let sites: String = (0..5)
        .map(|i| {
            let word = WORDS[random.below(8) as usize];
            let (domain, client) = (1 + random.below(IDS as u64), 1 + random.below(IDS as u64));
            let members = [
                text("domainId") + &format!("i:{domain};"),
                text("owner") + &text(&client.to_string()),
                text("state") + &text(word),
                text("since") + "d:1764130200.5;",
                text("checks") + "a:2:{i:0;b:1;i:1;b:0;}",
                text("port") + "i:8443;",
            ];
            format!("i:{i};a:6:{{{}}}", members.concat())
        })
        .collect();
    format!("a:2:{{{}a:5:{{{sites}}}{}i:3;}}", text("sites"), text("version"))
}

fn json(random: &mut Random) -> String {
    let sites: Vec<String> = (0..5)
        .map(|_| {
            let word = WORDS[random.below(8) as usize];
            let (domain, client) = (1 + random.below(IDS as u64), 1 + random.below(IDS as u64));
            format!(r#"{{"domainId":{domain},"owner":"{client}","state":"{word}","since":1764130200.5,"checks":[true,false],"port":8443}}"#)
        })
        .collect();
    format!(r#"{{"sites":[{}],"version":3}}"#, sites.join(","))
}

fn spots() -> Spots {
    let mut spots = Spots::default();
    for (path, tag) in [("$.sites[*].domainId", 0), ("$.sites[*].owner", 1)] {
        spots.add(&Spot { path: Some(path), tag: Some(tag), ..Spot::default() }, &|_| None).expect("a sound path");
    }
    spots
}

/// Every id changes; every second time, its length too.
fn fate(found: &Found<'_>) -> Fate {
    Fate::Set(if found.id % 2 == 0 { found.id + 10 * IDS } else { found.id % IDS + 1 })
}

fn best(mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..TIMES).map(once).min().expect("more than none")
}

fn rewriting(values: &[String], spots: &Spots) -> Duration {
    best(|| {
        let mut bytes = 0;
        for value in values {
            let done = rewrite(value.as_bytes(), spots, &mut fate).expect("the values are sound");
            assert_eq!(done.edits.len(), 10);
            bytes += done.bytes.len();
        }
        black_box(bytes);
    })
}

/// PHP times itself: unserialize and serialize of every value, the best of some rounds, in nanoseconds.
fn php(values: &[String]) -> Option<Duration> {
    const SCRIPT: &str = r"
        $values = explode(chr(10), rtrim(file_get_contents($argv[1]), chr(10)));
        $best = INF;
        for ($round = 0; $round < 5; $round++) {
            $start = hrtime(true);
            foreach ($values as $value) { $bytes = strlen(serialize(unserialize($value))); }
            $best = min($best, hrtime(true) - $start);
        }
        echo count($values), ' ', $best;";
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    values.iter().try_for_each(|v| writeln!(file, "{v}")).expect("room for the values");
    let output = Command::new("php").args(["-d", "memory_limit=-1", "-r", SCRIPT, "--"]).arg(file.path()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (count, best) = text.split_once(' ')?;
    assert_eq!(count.parse(), Ok(values.len()), "{text}");
    best.parse().ok().map(Duration::from_nanos)
}

fn rate(bytes: usize, taken: Duration) -> f64 {
    bytes as f64 / taken.as_secs_f64() / 1e6
}

fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// Rewrites values one after the other, none of which is kept; most memory that the process held.
fn streamed(count: usize, spots: &Spots) -> f64 {
    let mut random = Random(7);
    for _ in 0..count {
        black_box(rewrite(serialized(&mut random).as_bytes(), spots, &mut fate).expect("the values are sound"));
    }
    peak()
}

fn main() {
    let count = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(40_000);
    let spots = spots();
    let memory = [1, 4].map(|n| streamed(n * count / 4, &spots));
    println!("memory after {} and {count} values: {:.1} MB, {:.1} MB", count / 4, memory[0], memory[1]);

    let mut random = Random(42);
    let values: Vec<String> = (0..count).map(|_| serialized(&mut random)).collect();
    let bytes: usize = values.iter().map(String::len).sum();
    let ours = rewriting(&values, &spots);
    println!("{count} serialized values, {:.1} MB, 10 ids in each, all change", bytes as f64 / 1e6);
    println!("  reguid, rewriting            {:>7.0} MB/s", rate(bytes, ours));
    match php(&values) {
        Some(theirs) => {
            let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
            println!("  php, unserialize+serialize   {:>7.0} MB/s   theirs/ours {ratio:.2} (to be 2.4 or more)", rate(bytes, theirs));
        }
        None => println!("  php does not run here"),
    }

    let documents: Vec<String> = (0..count).map(|_| json(&mut random)).collect();
    let length: usize = documents.iter().map(String::len).sum();
    let ours = rewriting(&documents, &spots);
    let theirs = best(|| {
        for document in &documents {
            black_box(serde_json::from_str::<serde_json::Value>(document).expect("the values are sound"));
        }
    });
    println!("{count} JSON values, {:.1} MB, 10 ids in each, all change", length as f64 / 1e6);
    println!("  reguid, rewriting            {:>7.0} MB/s", rate(length, ours));
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!("  serde_json, parsing          {:>7.0} MB/s   theirs/ours {ratio:.2} (to be 1 or more)", rate(length, theirs));

    println!("passing over values without a candidate (to be 1000 MB/s or more)");
    let changing = Candidates::new(20_000_000..20_000_100);
    let renamed =
        |values: &[String]| values.iter().map(|v| v.replace("domainId", "domainNr").replace("owner", "payer")).collect::<Vec<_>>();
    for (name, values) in [
        ("serialized, no key of a path", &renamed(&values)),
        ("JSON, no key of a path", &renamed(&documents)),
        ("serialized, no id that changes", &values),
        ("JSON, no id that changes", &documents),
    ] {
        let bytes: usize = values.iter().map(String::len).sum();
        let taken = best(|| {
            let held = values.iter().filter(|v| spots.may_hold_any(v.as_bytes(), &changing)).count();
            assert_eq!(black_box(held), 0);
        });
        println!("  {name:<30} {:>7.0} MB/s", rate(bytes, taken));
    }
}
