//! Reading an inventory from a large dump, against only unpacking it and counting its lines.
//!
//! `cargo bench --bench inventory`. Reading should have at least 0.8 of that speed, plain and compressed with gzip, and take at most 64 MB of memory
//! besides the inventory. The dump is a server's: the panel's database and, before and after it in the alphabet, customers' ones.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "support/dump.rs"]
mod dump;

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use reguid::panel::{Inventory, Object, source};

/// How many bytes the dump has, and how many when the benchmark is only seen to work.
const SIZE: u64 = 2_000_000_000;
const SMALL: u64 = 16_000_000;
/// How often each thing is measured. The median is printed.
const RUNS: usize = 7;
/// How much is unpacked at once where lines are counted: as much as the reader does.
const BUFFER: usize = 512 << 10;
/// The argument with which this program reads one inventory and says how much memory that took.
const MEMORY: &str = "--memory-of";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|a| a == MEMORY) {
        let inventory = source::read(&arguments[at + 1]).unwrap();
        println!("{} {}", peak_memory().unwrap_or_default(), size(&inventory));
        return;
    }
    // `cargo test --benches` runs this too, only to see that it works.
    let (bytes, runs) = if arguments.iter().any(|a| a == "--bench") { (SIZE, RUNS) } else { (SMALL, 1) };
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = (folder.path().join("dump.sql"), folder.path().join("dump.sql.gz"));
    let objects = write(&plain, &packed, bytes);
    println!("a dump of {:.2} GB, {:.2} GB packed, with {objects} objects, median of {runs}", gigabytes(&plain), gigabytes(&packed));
    for (what, path) in [("plain", &plain), ("gzip ", &packed)] {
        let (mut floor, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            floor.push(time(|| lines(path)));
            ours.push(time(|| {
                let inventory = source::read(path.to_str().unwrap()).unwrap();
                assert_eq!(inventory.objects().len(), objects);
                assert!(inventory.notes().is_empty(), "{:?}", inventory.notes());
                inventory
            }));
        }
        let (floor, ours) = (median(floor), median(ours));
        let speed = |time: Duration| gigabytes(&plain) / time.as_secs_f64();
        println!("{what}  unpack, count lines {:>8.1} ms  {:>5.2} GB/s", floor.as_secs_f64() * 1e3, speed(floor));
        println!(
            "{what}  read an inventory   {:>8.1} ms  {:>5.2} GB/s  {:.2} of that speed",
            ours.as_secs_f64() * 1e3,
            speed(ours),
            floor.as_secs_f64() / ours.as_secs_f64()
        );
        let (peak, inventory) = memory(path);
        println!("{what}  peak memory {:.1} MB, of which the inventory is {:.1} MB", peak as f64 / 1e6, inventory as f64 / 1e6);
    }
}

/// Writes the dump, plain and packed; gives how many objects the panel has.
fn write(plain: &Path, packed: &Path, bytes: u64) -> usize {
    let mut plain = BufWriter::with_capacity(1 << 20, File::create(plain).unwrap());
    let mut packed = flate2::write::GzEncoder::new(File::create(packed).unwrap(), flate2::Compression::fast());
    let objects = dump::generate(bytes, |text| {
        plain.write_all(text.as_bytes()).unwrap();
        packed.write_all(text.as_bytes()).unwrap();
    });
    plain.flush().unwrap();
    packed.finish().unwrap();
    objects
}

/// The floor: the file's lines are counted, and nothing else.
fn lines(path: &Path) -> usize {
    let file = File::open(path).unwrap();
    let packed = path.extension().is_some_and(|e| e == "gz");
    let mut reader: Box<dyn Read> =
        if packed { Box::new(MultiGzDecoder::new(std::io::BufReader::with_capacity(128 << 10, file))) } else { Box::new(file) };
    let mut buffer = vec![0; BUFFER];
    let mut lines = 0;
    loop {
        match reader.read(&mut buffer).unwrap() {
            0 => return lines,
            read => lines += memchr::memchr_iter(b'\n', &buffer[..read]).count(),
        }
    }
}

/// The most memory that a process has which reads `path`, and the inventory's share, in bytes.
fn memory(path: &Path) -> (u64, u64) {
    let output = Command::new(std::env::current_exe().unwrap()).arg(MEMORY).arg(path).stderr(Stdio::inherit()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (peak, inventory) = text.trim().split_once(' ').unwrap();
    (peak.parse().unwrap(), inventory.parse().unwrap())
}

/// How much memory the objects take: themselves and their texts, each of which is at least 32 bytes of the allocator's.
fn size(inventory: &Inventory) -> u64 {
    let text = |length: usize| if length == 0 { 0 } else { (length + 8).next_multiple_of(16).max(32) };
    let of = |o: &Object| {
        size_of::<Object>() + text(o.name.len()) + text(o.witness.len() * 16) + o.witness.iter().map(|w| text(w.len())).sum::<usize>()
    };
    inventory.objects().iter().map(of).sum::<usize>() as u64
}

fn gigabytes(path: &Path) -> f64 {
    path.metadata().unwrap().len() as f64 / 1e9
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let done = work();
    let elapsed = start.elapsed();
    drop(done);
    elapsed
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The most memory that this process has had until now, in bytes; where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
