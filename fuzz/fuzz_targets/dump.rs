//! Inventory sources that are text: dumps, rows as XML, rows between tabs, snapshots, plain and compressed.

#![no_main]

use std::io::Write as _;

use libfuzzer_sys::{Corpus, fuzz_target};
use reguid::panel::inventory::Inventory;
use reguid::panel::source::{SourceError, read_bytes};

const NAME: &str = "a source";
/// What begins a dump of the dump programs, rows as XML and rows between tabs, so that the fuzzer need not find it.
const BEGINNINGS: [&[u8]; 5] = [
    b"",
    b"-- MySQL dump 10.13\n",
    b"<?xml version=\"1.0\"?>\n\n<resultset statement=\"SELECT * FROM domains\">",
    b"<?xml version=\"1.0\"?>\n<mysqldump>\n<database name=\"psa\">",
    b"id\tguid\tname\n",
];

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((first, rest)) = data.split_first() else { return Corpus::Reject };
    let beginning = BEGINNINGS[usize::from(*first) % BEGINNINGS.len()];
    let source = [beginning, rest].concat();
    // Another program's magic number, or a file inside: nothing to be read here.
    let plain = read_bytes(&source, NAME);
    sound(&plain);
    same(&plain, &read_bytes(&source, NAME));
    if first & 0x80 != 0 {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&source).expect("memory can be written");
        let packed = gzip.finish().expect("memory can be written");
        let unpacked = read_bytes(&packed, NAME);
        sound(&unpacked);
        // A compressed SQLite database, or packed data in packed data, is refused for that.
        if plain.is_ok() {
            same(&plain, &unpacked);
        }
        sound(&read_bytes(&packed[..packed.len() / 2], NAME));
    }
    Corpus::Keep
});

/// An error names the source and the next step; an inventory's objects are in order, and no GUID is in it twice within a kind.
fn sound(read: &Result<Inventory, SourceError>) {
    match read {
        Ok(inventory) => {
            let objects = inventory.objects();
            assert!(objects.is_sorted_by(|a, b| (a.kind, a.id) < (b.kind, b.id)));
            let mut guids: Vec<_> = objects.iter().filter_map(|o| Some((o.kind, o.guid?))).collect();
            guids.sort_unstable();
            // What takes over another object's identity may share it.
            assert!(guids.windows(2).all(|pair| pair[0] != pair[1]), "a GUID that is another object's too was kept");
            assert!(objects.iter().all(|o| o.guid.is_none() || !o.kind.name().contains("alias")), "an alias has no GUID");
            assert!(objects.iter().all(|o| inventory.carries(o.kind)));
            for duplicate in inventory.duplicates() {
                assert!(duplicate.ids.len() > 1 && duplicate.ids.is_sorted_by(|a, b| a < b));
            }
        }
        Err(error) => {
            assert!(error.to_string().starts_with(NAME), "{error}");
            assert!(miette::Diagnostic::help(error).is_some(), "{error}");
            assert!(error.to_string().len() < 4000, "{error}");
        }
    }
}

fn same(one: &Result<Inventory, SourceError>, other: &Result<Inventory, SourceError>) {
    match (one, other) {
        (Ok(one), Ok(other)) => assert_eq!((one.objects(), one.notes()), (other.objects(), other.notes())),
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        _ => panic!("{one:?} and {other:?}"),
    }
}
