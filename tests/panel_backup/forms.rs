//! The forms in which a backup lies around: XML alone, a folder, an archive.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::elements::{guid, rooted};
use crate::model::Panel;
use crate::support::cli::Cli;
use crate::{Folder, lines, read, refused, text, try_read};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// What the program `tar` makes of the folder's content.
fn tar(folder: &Path, form: &str) -> Vec<u8> {
    let output = Command::new("tar").args(["--create", "--format", form, "--directory"]).arg(folder).arg(".").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn client(id: u32, name: &str) -> String {
    format!("<admin id='1' guid='{}'><clients><client id='{id}' guid='{}' name='{name}'/></clients></admin><server/>", guid(1), guid(id))
}

/// Which customer a backup made by [`client`] has.
fn name(inventory: &reguid::panel::Inventory) -> &str {
    &inventory.objects().last().unwrap().name
}

#[test]
fn a_backup_is_told_by_its_content() {
    let folder = Folder::new();
    let expected = lines(&read(&folder.file("backup_info_2611230410.xml", text("server.xml"))));
    let xml = text("server.xml");
    for (name, bytes) in [
        ("dump.sql", xml.clone().into_bytes()),
        ("noextension", xml.clone().into_bytes()),
        ("bom.xml", [b"\xef\xbb\xbf", xml.as_bytes()].concat()),
        ("nodeclaration.xml", xml[xml.find("<migration").unwrap()..].to_owned().into_bytes()),
        ("packed.gz", gzip(xml.as_bytes())),
        ("packed.sql", gzip(xml.as_bytes())),
    ] {
        let read = read(&folder.file(name, bytes));
        assert_eq!(lines(&read), expected, "{name}");
        assert_eq!(read.origin.taken, None, "only the name tells the date");
    }
    for (name, bytes) in [("archive", tar_of_server("gnu")), ("a.sql", gzip(&tar_of_server("gnu"))), ("b.xml", zip_of_server("/"))] {
        assert_eq!(lines(&read(&folder.file(name, bytes))), expected, "{name}");
    }
}

fn tar_of_server(form: &str) -> Vec<u8> {
    let content = Folder::new();
    content.file("backup_info_2611230410.xml", text("server.xml"));
    content.file("backup_ext_sample_2611230410.tzst", [0; 3000]);
    content.file("domains/bob.example/backup_user-data_2611230410.tgz", [1; 70]);
    content.file("readme.txt", "hello");
    tar(&content.0.path().canonicalize().unwrap(), form)
}

fn zip_of_server(slash: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (path, bytes) in [
        ("backup_info_2611230410.xml", text("server.xml").into_bytes()),
        ("backup_ext_sample_2611230410.zip", vec![0; 3000]),
        (&format!("domains{slash}bob.example{slash}backup_user-data_2611230410.zip"), vec![1; 70]),
        ("readme.txt", b"hello".to_vec()),
    ] {
        zip.start_file(path, options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn archives_of_every_form_say_the_same() {
    let folder = Folder::new();
    let expected = lines(&read(&folder.file("server.xml", text("server.xml"))));
    for form in ["gnu", "oldgnu", "pax", "ustar", "v7"] {
        let path = folder.file("a.tar", tar_of_server(form));
        let archive = read(&path);
        assert_eq!(lines(&archive), expected, "{form}");
        assert_eq!(archive.origin.source, format!("{}: backup_info_2611230410.xml (format 18.0.60)", path.display()));
        assert_eq!(archive.origin.taken.as_deref(), Some("2026-11-23 04:10"));
        let note = "2 archives inside of it (3070 bytes) were not opened: they hold content, and no ids";
        assert_eq!(archive.notes().last().map(String::as_str), Some(note), "{form}");
        assert_eq!(lines(&read(&folder.file("a.tar.gz", gzip(&tar_of_server(form))))), expected, "{form}, packed");
    }
    for slash in ["/", "\\"] {
        let archive = read(&folder.file("a.zip", zip_of_server(slash)));
        assert_eq!(lines(&archive), expected);
        assert!(archive.notes().iter().any(|n| n.starts_with("2 archives inside of it (3070 bytes)")));
    }
}

#[test]
fn an_archive_of_a_whole_tree_with_long_names_is_read() {
    let folder = Folder::new();
    let panel = Panel::new(3);
    let deep = folder
        .path("in/a-folder-with-a-long-name-a-folder-with-a-long-name-a-folder-with-a-long-name-a-folder-with-a-long-name/and-another-one");
    panel.tree(&deep, "2611230410");
    let expected = read(&deep);
    assert_eq!(expected.partial(), None);
    for form in ["gnu", "pax"] {
        let archive = read(&folder.file("a.tar", tar(&folder.path("in"), form)));
        assert_eq!(archive.objects(), expected.objects(), "{form}");
        assert_eq!(archive.partial(), None);
    }
}

#[test]
fn what_lies_elsewhere_in_an_archive_is_not_of_the_backup() {
    let folder = Folder::new();
    folder.file("in/backup_info_2611230410.xml", rooted(&client(5, "mine")));
    folder.file("in/.discovered/backup_info_2611230410/backup_info_2611230410.xml", rooted(&client(5, "other")));
    let archive = read(&folder.file("a.tar", tar(&folder.path("in"), "gnu")));
    assert_eq!(name(&archive), "mine");
    assert_eq!(archive.notes(), ["1 XML files of backups lie in folders that are none of an object's: they were not read"]);
    assert_eq!(name(&read(&folder.path("in"))), "mine");
}

#[test]
fn what_comes_through_a_pipe_is_read_too() {
    let cli = Cli::new();
    let run = |input: Vec<u8>| {
        let mut child = cli
            .command(&["snapshot", "--panel", "-", "-o", "x.snapshot"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // It may end before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(&input);
        cli.ran(child.wait_with_output().unwrap())
    };
    for input in [text("server.xml").into_bytes(), tar_of_server("gnu"), gzip(&tar_of_server("pax"))] {
        let ran = run(input);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stdout.starts_with("x.snapshot: 14 objects written.\nIt tells of: client, database, database-user, domain, mailbox.\n\nNotes:\n  the standard input"), "{ran}");
    }
    let ran = run(zip_of_server("/"));
    assert!(ran.code == 2 && ran.stderr.contains("a .zip archive that comes through a pipe"), "{ran}");
}

#[test]
fn a_folder_is_read_with_the_files_of_its_objects() {
    let folder = Folder::new();
    let root = folder.path("dumps");
    std::fs::create_dir_all(&root).unwrap();
    Panel::new(5).tree(&root, "2611230410");
    folder.file("dumps/.discovered/backup_info_2611230410/dump_info", "x");
    folder.file("dumps/mysql.daily.dump.0.gz", gzip(b"-- MySQL dump"));
    let whole = read(&folder.file("whole.xml", Panel::new(5).xml()));
    let tree = read(&root);
    assert_eq!((lines(&tree), tree.notes().len()), (lines(&whole), 0));
    let source = &tree.origin.source;
    assert!(source.contains("dumps/backup_info_2611230410.xml (format 18.0.60) and ") && source.ends_with(" files below it"), "{source}");
    // The XML file alone names the backup as well.
    let file = read(&root.join("backup_info_2611230410.xml"));
    assert_eq!((file.objects(), file.partial()), (tree.objects(), None));
    // Elsewhere it has only what is in itself.
    let alone = read(&folder.file("backup_info_2611230410.xml", std::fs::read(root.join("backup_info_2611230410.xml")).unwrap()));
    assert!(alone.objects().len() < tree.objects().len());
    let why = alone.partial().unwrap();
    assert!(why.starts_with("it names ") && why.contains(" objects whose XML files or ids are not there, first "), "{why}");
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_counted_and_not_followed() {
    let folder = Folder::new();
    let elsewhere = folder.file("elsewhere/backup_info_2611230410.xml", rooted(&client(9, "other")));
    folder.file("dumps/backup_info_2611230410.xml", rooted(&client(5, "mine")));
    folder.file("dumps/domains/x", "");
    std::os::unix::fs::symlink(folder.path("elsewhere"), folder.path("dumps/domains/y")).unwrap();
    std::os::unix::fs::symlink(folder.path("dumps"), folder.path("dumps/domains/loop")).unwrap();
    std::os::unix::fs::symlink(elsewhere, folder.path("dumps/backup_info_2611240410.xml")).unwrap();
    let read = read(&folder.path("dumps"));
    assert_eq!((name(&read), read.notes()), ("mine", &["3 links or special files were not followed".to_owned()][..]));
}

#[test]
fn of_several_backups_the_newest_is_read_or_the_one_that_is_named() {
    let folder = Folder::new();
    for (day, word) in [(20, "old"), (22, "newest"), (21, "middle")] {
        folder.file(&format!("dumps/backup_info_2611{day}0410.xml"), rooted(&client(5, word)));
    }
    // A backup that a customer made later is not one of the server.
    folder.file("dumps/clients/c/backup_info_2611290410.xml", rooted("<client id='5' guid='x' name='part'/>"));
    let newest = read(&folder.path("dumps"));
    assert_eq!((name(&newest), newest.origin.taken.as_deref()), ("newest", Some("2026-11-22 04:10")));
    assert_eq!(newest.notes(), ["2 other backups lie beside it: to take one, name its XML file"]);
    assert_eq!(name(&read(&folder.path("dumps/backup_info_2611200410.xml"))), "old");
    assert_eq!(name(&read(&folder.path("dumps/clients/c"))), "part");
}

#[test]
fn backups_side_by_side_are_listed_and_not_chosen_from() {
    let folder = Folder::new();
    folder.file("dumps/domains/a/backup_info_2611200410.xml", rooted("<domain id='5' guid='x' name='a.example'/>"));
    folder.file("dumps/domains/b/backup_info_2611210410.xml", rooted("<domain id='6' guid='x' name='b.example'/>"));
    let error = refused(&folder.path("dumps"));
    assert!(
        error.contains(
            "holds several backups: domains/b/backup_info_2611210410.xml, domains/a/backup_info_2611200410.xml\nname the XML file"
        ),
        "{error}"
    );
    folder.file("twins/backup_info_2611200410.xml", rooted(&client(5, "a")));
    folder.file("twins/mine_info_2611200410.xml", rooted(&client(5, "b")));
    assert!(refused(&folder.path("twins")).contains("holds several backups: mine_info_2611200410.xml, backup_info_2611200410.xml"));
    // In an archive too.
    let error = refused(&folder.file("a.tar", tar(&folder.path("twins"), "gnu")));
    assert!(error.contains("holds several backups"), "{error}");
}

#[test]
fn a_broken_file_of_another_backup_does_not_matter() {
    let folder = Folder::new();
    folder.file("dumps/backup_info_2611200410.xml", "<migration-dump><broken");
    folder.file("dumps/backup_info_2611210410.xml", rooted(&client(5, "good")));
    assert_eq!(name(&read(&folder.path("dumps"))), "good");
    assert_eq!(name(&read(&folder.file("a.tar", tar(&folder.path("dumps"), "gnu")))), "good");
    folder.file("dumps/backup_info_2611220410.xml", "<migration-dump>\n<broken");
    let error = try_read(&folder.path("dumps")).unwrap_err().to_string();
    assert!(error.contains("dumps/backup_info_2611220410.xml:2: the file ends too early"), "{error}");
    let error = refused(&folder.file("b.tar", tar(&folder.path("dumps"), "gnu")));
    assert!(error.contains("b.tar: backup_info_2611220410.xml:2: the file ends too early"), "{error}");
}
