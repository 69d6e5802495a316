//! Snapshots written, read back, cut off and changed.

use super::*;

fn kind(word: &str) -> Kind {
    word.parse().unwrap()
}

fn inventory() -> Inventory {
    let object = |word: &str, id, guid: Option<u8>, name: &str, parent| {
        let witness = kind(word).facts().table.as_ref().unwrap().witness.iter().enumerate().map(|(i, _)| format!("w{i}").into()).collect();
        let guid = guid.and_then(|g| Guid::parse(format!("{g:08}-1111-4111-8111-111111111111").as_bytes()));
        Object { kind: kind(word), id, guid, name: name.into(), parent, witness }
    };
    let objects = vec![
        object("client", 1, Some(1), "admin", None),
        object("domain", 5, Some(5), "quote\"d.example", Some((kind("client"), 1))),
        object("domain", 6, Some(6), "twin-a.example", None),
        object("domain", 7, Some(6), "twin-b.example", None),
        object("mail-list", -3, None, "", None),
    ];
    Inventory::new(Origin { source: "x.sql".into(), taken: Some("2026-11-23 22:57:15".into()) }, objects, vec![kind("plan")])
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().join("x.snapshot")).unwrap();
    write(&inventory(), &path).unwrap();
    let (before, after) = (inventory(), read(&path).unwrap());
    assert_eq!(before.objects(), after.objects());
    assert_eq!((before.carried(), before.duplicates()), (after.carried(), after.duplicates()));
    assert_eq!(after.duplicates()[0].ids, [6, 7]);
    assert_eq!(before.fingerprint(), after.fingerprint());
    assert_eq!(after.origin.taken.as_deref(), Some("2026-11-23 22:57:15"));
    assert_eq!(after.origin.source, format!("{path}, a snapshot of x.sql"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left in the folder");
}

#[cfg(unix)]
#[test]
fn permissions_are_the_owners_alone_or_as_they_were() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().join("x.snapshot")).unwrap();
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    write(&inventory(), &path).unwrap();
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    write(&inventory(), &path).unwrap();
    assert_eq!(mode(), 0o640);
    let link = Utf8PathBuf::from_path_buf(folder.path().join("link")).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    write(&inventory(), &link).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
}

fn lines() -> Vec<u8> {
    let mut bytes = Vec::new();
    write_lines(&inventory(), &mut bytes).unwrap();
    bytes
}

#[test]
fn a_snapshot_that_was_cut_off_is_refused_wherever_that_was() {
    let whole = lines();
    assert!(read_lines(whole.as_slice(), "x").is_ok());
    for cut in 0..whole.len() {
        let error = read_lines(&whole[..cut], "x").unwrap_err();
        assert!(matches!(error, SourceError::SnapshotDamaged { .. }), "{cut}: {error}");
    }
}

#[test]
fn a_changed_snapshot_is_refused() {
    let text = String::from_utf8(lines()).unwrap();
    for (from, to, expected) in [
        ("\"id\":5", "\"id\":8", "its objects are not those that were written"),
        ("admin", "root1", "its objects are not those that were written"),
        ("\"kind\":\"client\"", "\"kind\":\"cleint\"", "an object is of the kind `cleint`, which the first line does not name"),
        ("00000001-", "0000000x-", "is no GUID"),
        ("\"reguid-snapshot\":1", "\"reguid-snapshot\":2", "is a snapshot of version 2, which reguid"),
        ("\"reguid-snapshot\":1", "\"reguid-snapshot\":0", "reads version 1"),
        ("\"objects\":5}", "\"objects\":4}", "missing field"),
        ("\"objects\":5,\"f", "\"objects\":4,\"f", "its objects are not those"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let error = read_lines(changed.as_bytes(), "x").unwrap_err().to_string();
        assert!(error.contains(expected), "{error}\nis not\n{expected}");
    }
}

#[test]
fn witnesses_are_found_by_their_names() {
    let text = String::from_utf8(lines()).unwrap();
    let names: Vec<String> = kind("client").facts().table.as_ref().unwrap().witness.clone();
    let listed = serde_json::to_string(&names).unwrap();
    let turned = serde_json::to_string(&[&names[1], &"unheard-of".to_owned()]).unwrap();
    let read = read_lines(text.replacen(&listed, &turned, 1).as_bytes(), "x").unwrap();
    assert_eq!(read.get(kind("client"), 1).unwrap().witness.as_ref(), ["".into(), "w0".into()]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let error = write(&inventory(), Utf8Path::new("/proc/none/x.snapshot")).unwrap_err();
    assert!(error.to_string().starts_with("/proc/none/x.snapshot: cannot be written: "), "{error}");
}

/// As a later release may write it: more fields, another kind, another witness.
fn of_a_later_release() -> String {
    let text = String::from_utf8(lines()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let version = format!("\"tool\":\"{}\"", env!("CARGO_PKG_VERSION"));
    lines[0] = lines[0]
        .replace(&version, "\"tool\":\"9.9.0\",\"colour\":{\"a\":[1]}")
        .replace("\"carried\":[", "\"carried\":[\"hologram\",")
        .replace("\"objects\":5", "\"objects\":7")
        .replacen("\"ids\":[", "\"tint\":1,\"ids\":[", 1)
        .replace("\"email\"", "\"phone\",\"email\"");
    lines[1] = lines[1].replace("\"id\":1", "\"id\":1,\"mood\":\"good\"").replace("[\"w0", "[\"0800\",\"w0");
    lines.insert(5, "{\"kind\":\"hologram\",\"id\":1,\"name\":\"h1\"}".to_owned());
    lines.insert(6, "{\"kind\":\"hologram\",\"id\":2,\"name\":\"h2\"}".to_owned());
    let mut of = FingerprintOf::default();
    for line in &lines[1..8] {
        let line: ObjectLine = serde_json::from_str(line).unwrap();
        of.object(&line.kind, line.id, line.guid.and_then(|g| Guid::parse(g.as_bytes())), &line.name);
    }
    lines[8] = format!("{{\"objects\":7,\"fingerprint\":\"{}\",\"seal\":1}}", of.finish());
    lines.join("\n") + "\n"
}

#[test]
fn what_a_later_release_added_is_left_out_and_said() {
    let read = read_lines(of_a_later_release().as_bytes(), "x").unwrap();
    assert_eq!(read.objects(), inventory().objects(), "what is known is as it was, witnesses too");
    assert_eq!(read.carried(), inventory().carried());
    let why = "this release does not know it (reguid 9.9.0 wrote the file)";
    assert_eq!(
        read.notes(),
        [
            format!("2 objects of the kind `hologram` were left out: {why}"),
            format!("the field `colour` of the first line was left out: {why}"),
            format!("the field `mood` of objects was left out: {why}"),
            format!("the field `phone` of the witnesses was left out: {why}"),
            format!("the field `seal` of the last line was left out: {why}"),
            format!("the field `tint` of the duplicates was left out: {why}"),
        ]
    );
    let changed = of_a_later_release().replace("\"h1\"", "\"h3\"");
    assert!(
        read_lines(changed.as_bytes(), "x").unwrap_err().to_string().contains("not those that were written"),
        "they count all the same"
    );
}

#[test]
fn why_it_is_a_part_and_what_was_noted_is_kept() {
    let mut part = inventory();
    part.tells_in_part("it is a backup of one customer".into());
    part.note("something odd".into());
    let (kind, id) = (part.objects()[0].kind, part.objects()[0].id);
    part.tell_gone([(kind, id), (kind, 999)]);
    let mut bytes = Vec::new();
    write_lines(&part, &mut bytes).unwrap();
    let read = read_lines(bytes.as_slice(), "x").unwrap();
    assert_eq!((read.partial(), read.notes()), (part.partial(), part.notes()));
    assert_eq!(read.gone(), [(kind, id)]);
}

#[test]
fn nothing_stands_behind_the_last_line() {
    let error = read_lines([lines(), b"{}\n".to_vec()].concat().as_slice(), "x").unwrap_err();
    assert!(error.to_string().contains("something stands behind its last line"), "{error}");
}

/// The fields that are known are those of the lines.
#[test]
fn the_known_fields_are_those_that_are_written() {
    fn check<T: Fields + schemars::JsonSchema>() {
        let schema = schemars::schema_for!(T);
        let mut written: Vec<&str> = schema.get("properties").unwrap().as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = T::FIELDS.to_vec();
        written.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, written);
    }
    check::<Header>();
    check::<DuplicateLine>();
    check::<ObjectLine>();
    check::<Trailer>();
}
