//! What is no backup, or one that somebody damaged or made up.

use std::io::Write as _;

use crate::elements::{guid, rooted};
use crate::{Folder, refused, text, try_read};

/// A small file with something of everything.
fn small() -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<!-- a -->\n<migration-dump dump-version='1'><admin id='1' guid='{}'>\n<domain id='5' guid='{}' name='a&amp;b'>\
         <database id='2' name='x'><db-server type='m'><host>h&lt;<![CDATA[]]]]></host><port>1</port></db-server></database><![CDATA[<x>]]>&#65;</domain></admin></migration-dump>",
        guid(1),
        guid(2)
    )
}

#[test]
fn a_file_that_ends_anywhere() {
    let folder = Folder::new();
    let whole = small();
    assert!(try_read(&folder.file("x.xml", &whole)).is_ok());
    for end in 1..whole.len() {
        let error = refused(&folder.file("x.xml", &whole[..end]));
        assert!(error.contains("x.xml:") && error.lines().count() == 2, "{end}: {error}");
        if end > whole.find("<admin").unwrap() {
            assert!(error.contains("cut off"), "{end}: {error}");
        }
    }
}

#[test]
fn what_is_no_backup_of_this_panel() {
    let folder = Folder::new();
    let two = guid(2);
    let cases = [
        ("<?xml version='1.0'?>\n<rowset><row/></rowset>".to_owned(), ":2: is no backup: its root element is <rowset> (byte 22)"),
        ("<?xml version='1.0'?><a".to_owned(), ":1: the file ends too early"),
        ("<?xml version='1.0'?>\n<!-- only a remark -->\n".to_owned(), ":3: the file ends before its root element"),
        ("<?xml version='1.0'?>text<migration-dump/>".to_owned(), ":1: is no proper XML: text outside of the root element (byte 21)"),
        (rooted("") + "more", ":4: is no proper XML: text outside of the root element"),
        (rooted("") + "<migration-dump/>", ":5: is no proper XML: a second root element"),
        (rooted("<a>\n</b>"), ":4: is no proper XML: "),
        (rooted("</migration-dump>"), ":4: is no proper XML: "),
        (rooted("<domain id='1' id='2'/>"), ":3: is no proper XML: <domain>: "),
        (rooted("<domain id=1/>"), ":3: is no proper XML: <domain>: "),
        (rooted("<domain id='1' guid='&#xD800;'/>"), ":3: is no proper XML: the attribute guid of <domain>: "),
        (rooted("<!BAD>"), ":3: is no proper XML: markup that begins with <! and is none"),
        (rooted(""), " (format 18.0.60): holds no object with an id"),
        (rooted("<domain id='x'/>"), ":3: <domain> has the id `x`, which is no whole number above 0"),
        (rooted("<domain id='0'/>"), ":3: <domain> has the id `0`, which"),
        (rooted("<domain id='-5'/>"), ":3: <domain> has the id `-5`, which"),
        (rooted("<domain id=''/>"), ":3: <domain> has the id ``, which"),
        (rooted("<domain id='99999999999999999999'/>"), ":3: <domain> has the id `99999999999999999999`, which"),
        (
            rooted(&format!("<domain id='5' guid='{two}' name='a'/>\n<site id='5' guid='{}' name='b'/>", guid(3))),
            &format!(":4: domain 5 (b, {}) has the id of domain 5 (a, {two}) (", guid(3)),
        ),
        (rooted("<mailuser id='5' name='a'/><mailuser id='5' name='b'/>"), ":3: mailbox 5 (b) has the id of mailbox 5 (a) ("),
        ("<?xml version='1.1'?><migration-dump/>".to_owned(), ":1: is no proper XML: it is XML 1.1"),
        (
            "<?xml version='1.0' encoding='windows-1251'?><migration-dump/>".to_owned(),
            ":1: is not in UTF-8: it declares the encoding windows-1251 (byte 0)",
        ),
        (rooted("<domain id='1' guid='&name;'/>"), ":3: has an entity that XML itself does not have (byte "),
        (rooted("<x>&name;</x>"), ":3: has an entity that XML itself does not have (byte "),
        (
            rooted("<database id='1' name='x'><db-server><host>&name;</host></db-server></database>"),
            ":3: has an entity that XML itself does not have (byte ",
        ),
        (rooted("<x>&</x>"), ":3: is no proper XML: "),
        (
            "<?xml version='1.0'?>\n<!DOCTYPE migration-dump SYSTEM 'file:///etc/passwd'><migration-dump/>".to_owned(),
            ":2: has a DOCTYPE (byte 22): that is refused",
        ),
    ];
    for (content, expected) in cases {
        let path = folder.file("x.xml", &content);
        let error = refused(&path);
        assert!(error.contains(&format!("{}{expected}", path.display())), "{content}\n{error}\nis not\n{expected}");
        assert!(error.lines().count() == 2, "{error}");
    }
    let mut bytes = rooted("<domain id='1' name='@'/>").into_bytes();
    let at = bytes.iter().position(|b| *b == b'@').unwrap();
    bytes[at] = 0xe9;
    assert!(refused(&folder.file("x.xml", bytes)).contains(":3: is not in UTF-8: it has bytes that are no UTF-8"));
    assert!(refused(&folder.file("x.xml", b"\xff\xfe<\0?\0x\0m\0l\0")).contains("it is XML in UTF-16"));
}

#[test]
fn bombs_of_entities_and_depth_are_refused_at_once() {
    let folder = Folder::new();
    let mut bomb = "<?xml version='1.0'?>\n<!DOCTYPE x [\n<!ENTITY a0 'ha'>".to_owned();
    for level in 1..30 {
        bomb += &format!("<!ENTITY a{level} '&a{0};&a{0};&a{0};&a{0};'>", level - 1);
    }
    bomb += "]>\n<migration-dump>&a29;</migration-dump>";
    assert!(refused(&folder.file("x.xml", bomb)).contains(":2: has a DOCTYPE (byte 22)"));
    assert!(
        refused(&folder.file("x.xml", rooted(&"<a>".repeat(100_000))))
            .contains(":3: holds more than a backup can: elements lie more than 256 deep in each other")
    );
    assert!(refused(&folder.file("x.xml", rooted(&"<domain id='1'>".repeat(100_000)))).contains("more than 256 deep"));
    let many: String = (0..300).map(|i| format!(" a{i}='1'")).collect();
    assert!(refused(&folder.file("x.xml", rooted(&format!("<domain{many}/>")))).contains("<domain> has more than 256 attributes"));
    assert!(
        refused(&folder.file("x.xml", rooted(&format!("<domain name='{}'/>", "x".repeat(5000)))))
            .contains("the attribute name of <domain> is longer than 4096 bytes")
    );
    assert!(
        refused(&folder.file("x.xml", rooted(&format!("<{}/>", "x".repeat(5000)))))
            .contains("the name of an element is longer than 256 bytes")
    );
    let long = format!("<database id='1' name='x'><db-server><host>{}</host></db-server></database>", "x".repeat(5000));
    assert!(refused(&folder.file("x.xml", rooted(&long))).contains("the text of an element is longer than 4096 bytes"));
}

/// A member's header as `tar` writes it, with what is to be wrong with it.
fn header(name: &str, size: &str, kind: u8, change: impl Fn(&mut [u8; 512])) -> Vec<u8> {
    let mut block = [0_u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    block[124..124 + size.len()].copy_from_slice(size.as_bytes());
    block[136..147].copy_from_slice(b"00000000000");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    change(&mut block);
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block.to_vec()
}

fn member(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, &format!("{:011o}", content.len()), b'0', |_| {});
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().div_ceil(512) * 512, 0);
    bytes
}

fn end() -> Vec<u8> {
    vec![0; 1024]
}

const INFO: &str = "backup_info_2611230410.xml";

#[test]
fn archives_that_are_none_or_hold_no_backup() {
    let folder = Folder::new();
    let good = member(INFO, text("server.xml").as_bytes());
    assert!(try_read(&folder.file("x.tar", [good.clone(), end()].concat())).is_ok());
    let unchecked = |mut bytes: Vec<u8>| {
        bytes[0] ^= 1;
        bytes
    };
    let cases: [(&str, Vec<u8>, &str); 17] = [
        (
            "without",
            [member("readme.txt", b"x"), member("a.tgz", b"y"), end()].concat(),
            "holds no backup: no file in it is named like `backup_info_<date>.xml` (there are readme.txt, 1 archives inside)",
        ),
        ("empty", [member("", b""), end()].concat(), "holds no backup: no file in it is named like"),
        ("no end", good.clone(), "cut off at byte 6144: it ends without the zeros that end an archive"),
        ("half a header", [good.clone(), vec![b'x'; 100]].concat(), "it ends inside of a header"),
        ("half a member", good[..2000].to_vec(), "it ends inside of its member backup_info_2611230410.xml"),
        ("half a member that is passed over", member("a.tgz", &[1; 5000])[..3000].to_vec(), "it ends inside of a member, at byte 3000"),
        ("bad sum", [member("a", b""), unchecked(member("b", b"")), end()].concat(), "a header does not check"),
        ("bad size", [header("a", "9x9", b'0', |_| {}), end()].concat(), "a header has a size that is no number"),
        (
            "huge size",
            [header("a", "", b'0', |b| b[124..136].copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff")), end()].concat(),
            "it ends inside of a member",
        ),
        ("negative size", [header("a", "", b'0', |b| b[124..136].fill(0xff)), end()].concat(), "a header has a size that is no number"),
        ("long name", [header("a", "77777777777", b'L', |_| {}), end()].concat(), "a name or its attributes are longer than 1048576 bytes"),
        (
            "attributes",
            [header("a", "00000000005", b'x', |_| {}), b"5 abc".to_vec(), vec![0; 507], end()].concat(),
            "the attributes of a member make no sense",
        ),
        (
            "up",
            [member("../../etc/backup_info_2611230410.xml", b"x"), end()].concat(),
            "its member `../../etc/backup_info_2611230410.xml` lies outside of the archive: that is refused",
        ),
        ("up, content", [good.clone(), member("a/../../b.tgz", b"x"), end()].concat(), "its member `a/../../b.tgz` lies outside"),
        ("from the root", [member("/etc/cron.d/x", b"x"), end()].concat(), "its member `/etc/cron.d/x` lies outside"),
        ("a drive", [member("C:\\x", b"x"), end()].concat(), "its member `C:\\\\x` lies outside"),
        (
            "a link",
            [header(INFO, "00000000000", b'2', |b| b[157..168].copy_from_slice(b"/etc/passwd")), end()].concat(),
            "its member `backup_info_2611230410.xml` is a link",
        ),
    ];
    for (what, bytes, expected) in cases {
        let error = refused(&folder.file("x.tar", &bytes));
        assert!(error.contains(expected), "{what}: {error}\nis not\n{expected}");
        // As a stream, where nothing can be jumped over, it is no different.
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        to.write_all(&bytes).unwrap();
        let error = refused(&folder.file("x.tar.gz", to.finish().unwrap()));
        assert!(error.contains(expected), "{what}: {error}\nis not\n{expected}");
    }
    let packed = {
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        to.write_all(&[good, end()].concat()).unwrap();
        to.finish().unwrap()
    };
    assert!(refused(&folder.file("x.tar.gz", &packed[..packed.len() / 2])).contains("the gzip data is damaged or cut off"));
}

#[test]
fn an_archive_that_ends_anywhere() {
    let folder = Folder::new();
    let whole = [member("a.tgz", &[7; 700]), member(INFO, small().as_bytes()), end()].concat();
    for at in 512..whole.len() - 512 {
        refused(&folder.file("x", &whole[..at]));
    }
    // One block of zeros ends an archive as well as two.
    assert!(try_read(&folder.file("x", &whole[..whole.len() - 512])).is_ok());
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn zips_that_are_none_or_hold_no_backup() {
    let folder = Folder::new();
    let good = zip(&[("a.zip", &[7; 700]), (INFO, small().as_bytes())]);
    assert!(try_read(&folder.file("x.zip", &good)).is_ok());
    for at in (4..good.len()).step_by(7) {
        refused(&folder.file("x", &good[..at]));
    }
    for (members, expected) in [
        (&[("readme.txt", &b"x"[..])][..], "holds no backup"),
        (&[("..\\backup_info_2611230410.xml", b"x")], "lies outside of the archive"),
        (&[("/backup_info_2611230410.xml", b"x")], "lies outside of the archive"),
        (&[], "holds no backup"),
        (&[(INFO, b"<migration-dump>\n<broken")], "x.zip: backup_info_2611230410.xml:2: the file ends too early"),
    ] {
        let error = refused(&folder.file("x.zip", zip(members)));
        assert!(error.contains(expected), "{error}\nis not\n{expected}");
    }
    // The list of members says that it is longer than any archive's.
    let mut long = good.clone();
    let end = long.len() - 22;
    long[end + 12..end + 16].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    assert!(refused(&folder.file("x.zip", long)).contains("its list of members is longer than"));
    // The content does not check.
    let mut changed = good;
    let at = changed.windows(4).rposition(|w| w == b"PK\x03\x04").unwrap() + 80;
    changed[at] ^= 0x55;
    refused(&folder.file("x.zip", changed));
}

#[test]
fn changed_bytes_never_make_it_panic() {
    let folder = Folder::new();
    let mut chance = crate::model::Chance(7);
    let sources = [
        ("x.xml", small().into_bytes()),
        ("x.tar", [member("a.tgz", &[7; 700]), member(INFO, small().as_bytes()), end()].concat()),
        ("x.zip", zip(&[("a.zip", &[7; 700]), (INFO, small().as_bytes())])),
    ];
    for _ in 0..700 {
        for (name, bytes) in &sources {
            let mut bytes = bytes.clone();
            for _ in 0..=chance.below(3) {
                let at = chance.below(u32::try_from(bytes.len()).unwrap()) as usize;
                bytes[at] = u8::try_from(chance.below(256)).unwrap();
            }
            if let Err(error) = try_read(&folder.file(name, bytes)) {
                assert!(miette::Diagnostic::help(&error).is_some(), "{error}");
            }
        }
    }
}
