//! Backups of the panel: XML and archives through the reader of inventories, in one piece and packed.
//!
//! An input is the content of a file: XML, a `.tar`, a `.zip`. A line `#=== path` between two pieces makes them files of a folder; what stands before
//! the first one is the file that bears the backup's name.

#![no_main]

use std::io::Write;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use reguid::panel::mapping::Settings;
use reguid::panel::source::{self, SourceError};
use reguid::panel::{Inventory, Mapping};

/// What stands before the path of a file that is not the first one.
const MARKER: &[u8] = b"\n#=== ";
/// The most files of an input.
const FILES: usize = 8;
const NAME: &str = "backup_info_2611230410.xml";

fuzz_target!(|data: &[u8]| {
    // In memory, if the system has a folder there: what is tested is no disk.
    let folder = tempfile::Builder::new().prefix("reguid-fuzz-").tempdir_in(memory()).expect("a folder can be made");
    let at = |name: &str| folder.path().join(name);
    let mut pieces = pieces(data);
    let (_, first) = pieces.remove(0);
    std::fs::write(at("x"), first).expect("the folder takes all");
    let plain = read(&at("x"));
    if let Ok(inventory) = &plain {
        check(inventory, &at("x.snapshot"));
    }

    // Packed, it says the same, unless it is what cannot come packed.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(first).expect("memory takes all");
    std::fs::write(at("packed"), gzip.finish().expect("memory takes all")).expect("the folder takes all");
    if let (Ok(plain), Ok(packed)) = (&plain, &read(&at("packed"))) {
        assert_eq!(plain.objects(), packed.objects());
        assert_eq!((plain.notes().len(), plain.partial().is_some()), (packed.notes().len(), packed.partial().is_some()));
    }

    // As the files of a folder; and the folder as an archive.
    let tree = at("tree");
    std::fs::create_dir(&tree).expect("the folder takes all");
    let mut archive = Vec::new();
    for (path, content) in std::iter::once((Some(NAME), first)).chain(pieces) {
        let Some(path) = path else { continue };
        let file = tree.join(path);
        let made = file.parent().is_some_and(|folder| std::fs::create_dir_all(folder).is_ok()) && !file.exists();
        if made && std::fs::write(&file, content).is_ok() {
            member(&mut archive, path, content);
        }
    }
    archive.extend([0; 1024]);
    std::fs::write(at("x.tar"), archive).expect("the folder takes all");
    let (tree, archive) = (read(&tree), read(&at("x.tar")));
    assert_eq!(tree.is_ok(), archive.is_ok(), "{:?} and {:?}", tree.err(), archive.err());
    if let (Ok(tree), Ok(archive)) = (tree, archive) {
        assert_eq!(tree.objects(), archive.objects());
        assert_eq!(tree.partial().is_some(), archive.partial().is_some());
        assert!(!tree.objects().is_empty() && tree.objects().iter().all(|o| o.id > 0));
        check(&tree, &at("x.snapshot"));
    }
});

fn memory() -> std::path::PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

fn read(path: &Path) -> Result<Inventory, SourceError> {
    let path = path.to_str().expect("temporary folders have UTF-8 names");
    let read = source::read(path);
    if let Err(error) = &read {
        let text = error.to_string();
        assert!(text.starts_with(path), "it names the file: {text}");
        assert!(text.len() < 4096, "it is not too long: {text}");
        assert!(miette::Diagnostic::help(error).is_some(), "it tells the next step: {text}");
    }
    read
}

/// An inventory is in order, is the same when it comes back from a snapshot, and maps to itself.
fn check(inventory: &Inventory, snapshot: &Path) {
    assert!(inventory.objects().is_sorted_by_key(|o| (o.kind, o.id)));
    for object in inventory.objects() {
        assert!(inventory.carries(object.kind));
        if let Some(guid) = object.guid {
            let same = inventory.of_kind(object.kind).iter().filter(|o| o.guid == Some(guid)).count();
            assert_eq!(same, 1, "a GUID that several have is nobody's");
        }
    }
    let path = camino::Utf8Path::from_path(snapshot).expect("temporary folders have UTF-8 names");
    source::snapshot::write(inventory, path).expect("the folder takes all");
    let back = source::snapshot::read(path).expect("what was written is read");
    assert_eq!(back.objects(), inventory.objects());
    assert_eq!((back.partial(), back.notes(), back.duplicates()), (inventory.partial(), inventory.notes(), inventory.duplicates()));
    let mapping = Mapping::between(inventory, inventory, Settings::default());
    for object in inventory.objects() {
        if let Some(new) = mapping.new_id(object.kind, object.id) {
            assert_eq!(new, object.id);
        }
    }
}

fn pieces(data: &[u8]) -> Vec<(Option<&str>, &[u8])> {
    let mut pieces = Vec::new();
    let (mut path, mut rest) = (None, data);
    while pieces.len() + 1 < FILES {
        let Some(end) = rest.windows(MARKER.len()).position(|w| w == MARKER) else { break };
        pieces.push((path, &rest[..end]));
        let line = &rest[end + MARKER.len()..];
        let length = line.iter().position(|b| *b == b'\n').unwrap_or(line.len());
        path = std::str::from_utf8(&line[..length]).ok().filter(|p| is_path(p));
        rest = line.get(length + 1..).unwrap_or_default();
    }
    pieces.push((path, rest));
    pieces
}

fn is_path(path: &str) -> bool {
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b)) && !path.contains("..") && !path.contains("//");
    plain && path.len() < 90 && !path.starts_with('/') && !path.ends_with('/') && !path.starts_with("./") && !path.contains("/./")
}

/// Adds a file to a `.tar`.
fn member(archive: &mut Vec<u8>, path: &str, content: &[u8]) {
    let mut header = [0_u8; 512];
    header[..path.len()].copy_from_slice(path.as_bytes());
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..263].copy_from_slice(b"ustar\0");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    archive.extend(header);
    archive.extend(content);
    archive.resize(archive.len().div_ceil(512) * 512, 0);
}
