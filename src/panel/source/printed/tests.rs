//! What rows give and what broken ones say.

use proptest::prelude::*;

use super::*;

const G1: &str = "11111111-1111-4111-8111-111111111111";

fn read(text: impl AsRef<[u8]>) -> Result<Inventory, SourceError> {
    let text = text.as_ref();
    let printed = Printed::of(&text[..text.len().min(1024)]).unwrap_or(Printed::Xml);
    printed.read(text, "x", None)
}

fn names(inventory: &Inventory) -> Vec<String> {
    inventory.objects().iter().map(crate::panel::Object::label).collect()
}

/// A result as the client prints it.
fn result(statement: &str, rows: &[&[(&str, &str)]]) -> String {
    let field = |(name, value): &(&str, &str)| match *value {
        "NULL" => format!("\t<field name=\"{name}\" xsi:nil=\"true\" />\n"),
        value => format!("\t<field name=\"{name}\">{value}</field>\n"),
    };
    let rows: String = rows.iter().map(|row| format!("  <row>\n{}  </row>\n\n", row.iter().map(field).collect::<String>())).collect();
    format!(
        "<?xml version=\"1.0\"?>\n\n<resultset statement=\"{statement}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n{rows}</resultset>\n"
    )
}

#[test]
fn several_results_are_one_inventory() {
    let clients = result("SELECT * FROM clients", &[&[("id", "3"), ("login", "a&amp;b&#39;&lt;"), ("guid", G1), ("passwd", "secret")]]);
    let domains = result(
        "SELECT id, guid, name, cl_id FROM psa.domains;",
        &[
            &[("id", "5"), ("guid", "00000000-0000-0000-0000-000000000000"), ("name", "a.example"), ("cl_id", "3")],
            &[("id", "6"), ("guid", "NULL"), ("name", "<![CDATA[b<>.example]]>"), ("cl_id", "0")],
        ],
    );
    let other = result("SELECT * FROM misc", &[&[("param", "x"), ("val", "<![CDATA[y]]>")]]);
    let inventory = read(format!("{domains}{other}{clients}")).unwrap();
    assert_eq!(names(&inventory), ["client 3 (a&b'<)", "domain 5 (a.example)", "domain 6 (b<>.example)"]);
    assert_eq!(inventory.objects()[1].parent, Some(("client".parse().unwrap(), 3)));
    assert_eq!(
        inventory.notes(),
        [
            "the rows of `clients` come without `parent_id`, `email`, `cr_date`: client objects are matched without",
            "the rows of `domains` come without `cr_date`, `webspace_id`, `parentDomainId`: domain objects are matched without",
        ]
    );
}

#[test]
fn a_selection_that_is_not_whole_is_noted() {
    let rows: &[&[(&str, &str)]] = &[&[("id", "5"), ("name", "a")]];
    let notes = |statement: &str| read(result(statement, rows)).unwrap().notes().join("; ");
    assert!(notes("SELECT id, name FROM domains").contains("without the column `guid`: domain objects are known by name alone"));
    assert!(notes("SELECT id, name FROM domains WHERE id &lt; 7").contains("selected with a condition"));
    let error = |statement: &str| read(result(statement, rows)).unwrap_err().to_string();
    assert_eq!(error("SELECT d.id, d.name FROM domains d, clients c"), "x:4: it cannot be told which table these rows are of");
    assert!(error("SELECT id, name FROM misc").starts_with("x: holds none of the panel's tables"));
    let rows: &[&[(&str, &str)]] = &[&[("id", "5"), ("cl_id", "1")]];
    let error = read(result("SELECT id, cl_id FROM domains", rows)).unwrap_err().to_string();
    assert_eq!(error, "x: no object can be read: the rows of `domains` come without the column `name`: domain objects were not read");
    let rows: &[&[(&str, &str)]] = &[&[("name", "5")]];
    assert_eq!(read(result("SELECT name FROM domains", rows)).unwrap_err().to_string(), "x: the table `domains` has no column `id`");
}

#[test]
fn a_dump_as_xml_tells_its_tables_and_databases() {
    let table = |name: &str, login: &str| {
        format!(
            "\t<table_structure name=\"{name}\">\n\t\t<field Field=\"id\" Type=\"int\" /><field Field=\"login\" /><field Field=\"guid\" />\n\
             \t\t<key Table=\"{name}\" /></table_structure>\n\t<table_data name=\"{name}\">\n\t<row>\n\t\t<field name=\"id\">1</field>\n\
             \t\t<field name=\"login\" xsi:type=\"xs:hexBinary\">{login}</field>\n\t\t<field name=\"guid\" xsi:nil=\"true\" />\n\t</row>\n\t</table_data>\n"
        )
    };
    let database = |name: &str, tables: &str| format!("<database name=\"{name}\">\n{tables}</database>\n");
    let dump = |content: &str| format!("<?xml version=\"1.0\"?>\n<mysqldump xmlns:xsi=\"x\">\n{content}</mysqldump>\n");
    let whole = dump(&format!("{}{}", database("shop", &table("orders", "00")), database("psa", &table("clients", "6162"))));
    let inventory = read(&whole).unwrap();
    assert_eq!((names(&inventory), inventory.notes().len()), (vec!["client 1 (ab)".to_owned()], 0));
    let two = dump(&format!("{}{}", database("a", &table("clients", "61")), database("b", &table("clients", "62"))));
    assert_eq!(read(two).unwrap_err().to_string(), "x: holds several databases of a panel: a, b");
    for end in 40..whole.len() - 1 {
        let error = read(&whole[..end]).unwrap_err();
        assert!(matches!(error, SourceError::Truncated { .. }), "{end}: {error}");
        assert!(miette::Diagnostic::help(&error).is_some());
    }
}

#[test]
fn what_xml_can_do_to_a_reader_is_refused() {
    let row = |value: &str| result("SELECT id, guid, login FROM clients", &[&[("id", "1"), ("guid", "NULL"), ("login", value)]]);
    let bomb = row("&b;").replacen("?>\n", "?>\n<!DOCTYPE x [<!ENTITY a 'xx'><!ENTITY b '&a;&a;'>]>\n", 1);
    let deep = format!("{}<a>{}", row("x"), "<a>".repeat(100_000));
    let many: String = (0..100_000).map(|n| format!("<field name=\"f{n}\">x</field>")).collect();
    let many = row("x").replacen("  </row>", &format!("{many}  </row>"), 1);
    let cases = [
        (bomb, "x:2: a document type is refused"),
        (row("&nbsp;"), "x:7: an entity is refused"),
        (row("x").replace("SELECT", "&file;"), "x:3: an entity is refused"),
        (deep, "x:11: elements are nested deeper"),
        (row(&"y".repeat(2 << 20)), "x:7: holds more than a panel can: a name longer than a megabyte"),
        (
            row("x").replace("name=\"login\"", &format!("name=\"{}\"", "n".repeat(2 << 20))),
            "holds more than a panel can: a tag longer than a megabyte",
        ),
        (many, "holds more than a panel can: more than 10000 columns"),
        (row("<field name=\"guid\">x</field>"), "x:7: an element stands in a field"),
        // Found by fuzzing: the row's cells were forgotten while one of them was being read.
        (row("long enough<row>x</row>"), "x:7: an element stands in a field"),
        (row("x</field><row></row><field name=\"other\">"), "x:7: an element that is no field stands in a row"),
        (
            row("x")
                .replace("id, guid, login FROM clients", "* FROM domains")
                .replace("name=\"login\">", "name=\"unknown\"><table_data name=\"clients\">"),
            "x:7: an element stands in a field",
        ),
        (row("x").replace("</row>", "</rows>"), "x:8: a tag is closed that is not open, or another one is"),
        (row("x").replace("field name=\"id\"", "field id=\"1\""), "x:5: a field without a name"),
    ];
    for (text, expected) in cases {
        let error = read(text).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}\nis not\n{expected}");
        assert!(miette::Diagnostic::help(&error).is_some(), "{error}");
    }
    // A long value that nobody needs, and one that is no text.
    let photo = result("SELECT * FROM clients", &[&[("id", "1"), ("login", "a"), ("guid", "NULL"), ("photo", &"p".repeat(3 << 20))]]);
    assert_eq!(names(&read(photo).unwrap()), ["client 1 (a)"]);
    let binary = row("QQQ").into_bytes();
    let at = memchr::memmem::find(&binary, b"QQQ").unwrap();
    let binary = [&binary[..at], b"\x00\xff\xe2\x82", &binary[at + 3..]].concat();
    let inventory = read(binary).unwrap();
    assert_eq!(names(&inventory), ["client 1 (\0\\xFF\\xE2\\x82)"]);
}

#[test]
fn rows_between_tabs_are_told_by_their_columns() {
    let read_names = |text: &str| read(text).map(|i| names(&i));
    let two = format!("id\tguid\tname\n5\t{G1}\ta\\\\b\\tc\n6\tNULL\tNULL\nid\tlogin\tguid\tparent_id\n7\tbob\tNULL\t1\n");
    assert_eq!(read_names(&two).unwrap(), ["client 7 (bob)", "domain 5 (a\\b\tc)", "domain 6"]);
    assert_eq!(read_names(&two.replace('\n', "\r\n")).unwrap(), ["client 7 (bob)", "domain 5 (a\\b\tc)", "domain 6"]);
    let cases = [
        (
            "id\tname\n5\ta\n".to_owned(),
            "x:1: it cannot be told which table these rows are of: their columns id, name fit actions, certificates,",
        ),
        ("id\tdom_id\n5\t6\n".to_owned(), "x:1: it cannot be told which table these rows are of: their columns id, dom_id fit none"),
        (two.replace("7\tbob", "7"), "x:5: a row has 3 columns and not the 4 that were named"),
        (two.replace("5\t", "five\t"), "x:2: a row has no id, or the names of the columns are lacking"),
        (two[..two.len() - 1].to_owned(), "x:5: the dump ends at byte"),
        (format!("id\tguid\tname\n5\tNULL\t{}\n", "a".repeat(2 << 20)), "x:2: holds more than a panel can: a name longer than a megabyte"),
        (
            format!("id\tguid\tname\n5\tNULL\t{}\n", "a".repeat(20 << 20)),
            "x:2: holds more than a panel can: a line longer than 16 megabytes",
        ),
        (format!("id\tguid\tname\n5{}\n", "\t".repeat(100_000)), "x:2: holds more than a panel can: more than 10000 columns"),
    ];
    for (text, expected) in cases {
        let error = read(text).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}\nis not\n{expected}");
        assert!(miette::Diagnostic::help(&error).is_some(), "{error}");
    }
}

proptest! {
    /// Whatever stands in a file, it is read or refused.
    #[test]
    fn no_bytes_make_it_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 0..12), tabbed in any::<bool>()) {
        let xml = result("SELECT id, guid, name FROM domains", &[&[("id", "1"), ("guid", G1), ("name", "a&amp;b")], &[("id", "2"), ("guid", "NULL"), ("name", "")]]);
        let mut text = if tabbed { format!("id\tguid\tname\n1\t{G1}\ta\n2\tNULL\t\n").into_bytes() } else { xml.into_bytes() };
        for (at, byte, how) in edits {
            let at = at.index(text.len());
            match how {
                0 => text[at] = byte,
                1 => text.insert(at, b"<>&;\"'/!?\t\n\\ "[usize::from(byte) % 13]),
                _ => { text.remove(at); }
            }
        }
        for printed in [Printed::Xml, Printed::Tabbed] {
            let _ = printed.read(text.as_slice(), "x", None);
        }
    }
}
