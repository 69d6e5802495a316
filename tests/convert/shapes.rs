//! Every shape of schema: only the column's type changes in its text, and only its ids in the data.

use reguid::remap::convert::Form;

use crate::there_and_back;

/// One table with one id column.
pub(crate) struct Shape {
    pub sql: &'static str,
    pub table: &'static str,
    pub column: &'static str,
    /// What changes in the declaration.
    pub edit: (&'static str, &'static str),
}

const fn shape(sql: &'static str, table: &'static str, column: &'static str, edit: (&'static str, &'static str)) -> Shape {
    Shape { sql, table, column, edit }
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("CREATE TABLE t(d INTEGER, x); INSERT INTO t VALUES (5, 1), (7, 'y'), (NULL, 3), (0, 4), (-1, x'00ff')", "t", "d", ("d INTEGER", "d TEXT")),
    shape("CREATE TABLE t(x, d); INSERT INTO t VALUES (1, 5), (2, '7'), (3, 'all'), (4, ''), (5, 0), (6, 5)", "t", "d", ("d)", "d TEXT)")),
    shape("CREATE TABLE t(d VARCHAR(11) NOT NULL); INSERT INTO t VALUES ('5'), (7), ('-3')", "t", "D", ("VARCHAR(11)", "TEXT")),
    shape(
        "CREATE TABLE t(d INTEGER PRIMARY KEY, x UNIQUE); INSERT INTO t VALUES (20, 'a'), (5, 'b'), (7, 'c'), (-3, 'd'); CREATE INDEX i ON t(x, d)",
        "t",
        "d",
        ("INTEGER PRIMARY", "TEXT NOT NULL PRIMARY"),
    ),
    shape("CREATE TABLE t(d INT PRIMARY KEY, x) WITHOUT ROWID; INSERT INTO t VALUES (9, 1), (5, 2), (7, NULL)", "t", "d", ("INT", "TEXT")),
    shape(
        "CREATE TABLE t(x TEXT, d INT, k INT, PRIMARY KEY (k DESC, d)) STRICT, WITHOUT ROWID; INSERT INTO t VALUES ('q', 9, 1), ('r', 5, 1), ('s', 5, 2)",
        "t",
        "d",
        ("d INT", "d TEXT"),
    ),
    shape(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, d INT NOT NULL, UNIQUE (d, id)); INSERT INTO t VALUES (3, 5), (90, 7); DELETE FROM t WHERE id = 90;
         CREATE TABLE other(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO other VALUES (8); CREATE TABLE empty(id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "t",
        "d",
        (", d INT", ", d TEXT"),
    ),
    shape(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, d INT); INSERT INTO t VALUES (77, 5); DELETE FROM t",
        "t",
        "d",
        (", d INT", ", d TEXT"),
    ),
    shape(
        "CREATE TABLE t(d INT COLLATE NOCASE UNIQUE ON CONFLICT REPLACE, x CHECK (x > 0), CHECK (d <> 0 AND d IS NOT NULL)); INSERT INTO t VALUES (5, 1), (7, 2), (9, 3)",
        "t",
        "d",
        ("d INT", "d TEXT"),
    ),
    shape(
        "CREATE TABLE t(a, d INTEGER DEFAULT 0, b DEFAULT (1 + 1), x TEXT DEFAULT 'd INTEGER'); INSERT INTO t(a, d) VALUES (1, 5), (2, 7);
         CREATE UNIQUE INDEX i1 ON t(d DESC, a) WHERE d IS NOT NULL AND a > 0; CREATE INDEX i2 ON t(a + 1, d COLLATE RTRIM); CREATE INDEX \"i 3\" ON t(lower(x))",
        "t",
        "d",
        ("d INTEGER DEFAULT", "d TEXT DEFAULT"),
    ),
    shape(
        "CREATE TABLE t(d INTEGER, x INT, g AS (x * 2) STORED UNIQUE, v TEXT GENERATED ALWAYS AS ('v' || x) VIRTUAL, y); INSERT INTO t(d, x, y) VALUES (5, 1, 'p'), (7, 2, 'q')",
        "t",
        "d",
        ("d INTEGER", "d TEXT"),
    ),
    shape(
        "CREATE TABLE \"Ta ble\"\"ä\"(\"Ord er\" INT /* INTEGER, */ , [d] BIGINT -- the domain's id, INTEGER\n , `group` TEXT); INSERT INTO \"Ta ble\"\"ä\" VALUES (1, 5, 'x'), (2, 20, 'y');
         CREATE INDEX \"in\"\"dex\" ON \"Ta ble\"\"ä\"(\"d\")",
        "Ta ble\"ä",
        "D",
        ("BIGINT", "TEXT"),
    ),
    shape(
        "CREATE TABLE [select](\"from\" INTEGER, \"where\"); INSERT INTO [select] VALUES (5, 1), (7, 2); CREATE INDEX [group] ON [select]([from])",
        "select",
        "from",
        ("INTEGER", "TEXT"),
    ),
    shape(
        "CREATE TABLE t(d INTEGER REFERENCES elsewhere(x), \"d \" INT, x DEFAULT 'a,b)(' CHECK (x <> ')')); INSERT INTO t VALUES (NULL, 1, 'q'), (5, 2, 'r')",
        "t",
        "d",
        ("d INTEGER", "d TEXT"),
    ),
    shape(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, d INT, title); INSERT INTO t VALUES (10, 5, 'apple'), (3, 7, 'pear');
         CREATE VIRTUAL TABLE f USING fts5(title, content='t', content_rowid='id'); INSERT INTO f(f) VALUES ('rebuild');
         CREATE VIRTUAL TABLE own USING fts5(body); INSERT INTO own VALUES ('a b'); CREATE VIRTUAL TABLE r USING rtree(id, x0, x1); INSERT INTO r VALUES (1, 2, 3)",
        "t",
        "d",
        (", d INT", ", d TEXT"),
    ),
    shape(
        "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (5, 1), (7, 2), (5, 3); CREATE INDEX i ON t(d); CREATE TABLE log(x); ANALYZE;
         CREATE TRIGGER one AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.d); END;
         CREATE TRIGGER \"two ;\" BEFORE UPDATE OF x ON t WHEN NEW.x > 1 BEGIN SELECT RAISE(ABORT, 'no; END'); END;
         CREATE TRIGGER three AFTER DELETE ON t BEGIN DELETE FROM log; END;
         CREATE VIEW v AS SELECT d, count(*) AS n FROM t GROUP BY d; CREATE VIEW w AS SELECT * FROM v JOIN t USING (d);
         CREATE TRIGGER four INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (NEW.d, 0); END",
        "t",
        "d",
        ("d INT", "d TEXT"),
    ),
    shape(
        "CREATE TABLE t(rowid INT, d INT, oid); INSERT INTO t VALUES (4, 5, 1), (4, 7, 2); CREATE TABLE reguid_rows(x); INSERT INTO reguid_rows VALUES (1)",
        "t",
        "d",
        (", d INT", ", d TEXT"),
    ),
    shape("PRAGMA encoding = 'UTF-16be'; CREATE TABLE t(d INT UNIQUE, x); INSERT INTO t VALUES (5, 'ä'), (7, x'00'), ('9', 1.5)", "t", "d", ("INT", "TEXT")),
    shape("PRAGMA auto_vacuum = FULL; PRAGMA page_size = 512; CREATE TABLE t(d'INT'NOT NULL); INSERT INTO t VALUES (5), (7)", "t", "d", ("d'INT'NOT", "d TEXT NOT")),
    shape(
        "CREATE TABLE t(d INTEGER PRIMARY KEY, x, g AS (x || '!') STORED); INSERT INTO t(d, x) VALUES (20, 'a'), (5, 1.5), (7, NULL)",
        "t",
        "d",
        ("INTEGER PRIMARY", "TEXT NOT NULL PRIMARY"),
    ),
    shape("CREATE TABLE t(d INT, x, PRIMARY KEY (d, x)); INSERT INTO t VALUES (5, 1), (NULL, 1), (NULL, 1), (7, NULL)", "t", "d", ("d INT", "d TEXT")),
];

#[test]
fn t9_only_the_type_and_the_ids_change() {
    for shape in SHAPES {
        for form in [Form::Guid, Form::Name] {
            there_and_back(shape.sql, &[(shape.table, shape.column)], &[(shape.table, shape.edit.0, shape.edit.1)], form);
        }
    }
}

/// Columns that are computed and stored are compared by what is declared now, there and back.
#[test]
fn t9_columns_beside_leave_computed_ones_as_they_are() {
    for table in [
        "t(k INTEGER PRIMARY KEY, d INT, x, g AS (x || '!') STORED, v AS (x || '?'))",
        "t(d INTEGER PRIMARY KEY, x, g AS (x || '!' || d) STORED UNIQUE)",
        "t(x, g TEXT AS (x || '!') STORED, d INT, PRIMARY KEY (d, x)) WITHOUT ROWID",
    ] {
        let dir = crate::VarDir::new();
        dir.sql("data.db", &format!("CREATE TABLE {table}; INSERT INTO t(d, x) VALUES (5, 'a'), (7, 1.5)"));
        let before = crate::dump(&dir.connect("data.db"));
        let (panel, manifest) = (crate::panel(), crate::named(&[("t", "d")]));
        crate::done(&crate::request(&dir, &manifest, &panel, Form::Guid, true));
        assert_eq!(crate::rows(&dir.connect("data.db"), "SELECT count(*) FROM t WHERE length(d_guid) = 36"), [[crate::Cell::Integer(2)]]);
        assert!(matches!(crate::undo(&dir).unwrap(), crate::Undone::Done { .. }), "{table}");
        assert_eq!(crate::dump(&dir.connect("data.db")), before, "{table}");
    }
}

/// DROP TABLE with enforced foreign keys deletes the rows that point at the table's.
#[test]
fn t5_children_stay_whatever_their_foreign_keys_do() {
    for action in [
        "",
        "ON DELETE CASCADE",
        "ON DELETE SET NULL ON UPDATE CASCADE",
        "ON DELETE SET DEFAULT",
        "ON DELETE RESTRICT",
        "ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED",
    ] {
        let sql = format!(
            "CREATE TABLE site(id INTEGER PRIMARY KEY, d INT NOT NULL UNIQUE, up INT REFERENCES site(d) {action});
             CREATE TABLE job(n INTEGER PRIMARY KEY, site INT REFERENCES site(id) {action}, d INT REFERENCES site(d) {action});
             CREATE TABLE log(d INT, n, FOREIGN KEY (d) REFERENCES site (d) {action});
             INSERT INTO site VALUES (1, 5, NULL), (2, 7, 5), (3, 9, 9); INSERT INTO job VALUES (1, 1, 5), (2, 2, 5), (3, 3, NULL); INSERT INTO log VALUES (9, 1), (7, 2)"
        );
        let edits = [
            ("site", "d INT NOT NULL UNIQUE, up INT", "d TEXT NOT NULL UNIQUE, up TEXT"),
            ("job", "d INT", "d TEXT"),
            ("log", "d INT", "d TEXT"),
        ];
        there_and_back(&sql, &[("site", "d")], &edits, Form::Guid);
        // A column in no foreign key: the children of its table must not notice.
        let sql = sql
            .replace("up INT", "e INT, up INT")
            .replace("(1, 5, ", "(1, 5, 5, ")
            .replace("(2, 7, ", "(2, 7, 5, ")
            .replace("(3, 9, ", "(3, 9, NULL, ");
        there_and_back(&sql, &[("site", "e")], &[("site", "e INT", "e TEXT")], Form::Name);
    }
}

#[test]
fn t5_cycles_and_keys_of_several_columns() {
    let sql = "CREATE TABLE a(d INT PRIMARY KEY REFERENCES b(d) ON DELETE CASCADE) WITHOUT ROWID;
        CREATE TABLE b(d INT UNIQUE REFERENCES a(d) ON DELETE CASCADE, k INT, UNIQUE (k, d));
        CREATE TABLE c(k INT, x INT, FOREIGN KEY (k, x) REFERENCES b(k, d) ON DELETE CASCADE);
        INSERT INTO a VALUES (5), (7); INSERT INTO b VALUES (5, 1), (7, 2), (9, 3); INSERT INTO c VALUES (1, 5), (2, 7), (8, 20)";
    let edits = [("a", "d INT", "d TEXT"), ("b", "d INT", "d TEXT"), ("c", "x INT", "x TEXT")];
    there_and_back(sql, &[("a", "d")], &edits, Form::Guid);
}

/// 7 and '7' are one id, '07' is none; names such as 1e5 are no numbers once the column is one of text.
#[test]
fn t8_text_columns_keep_names_that_look_like_numbers() {
    let dir = crate::VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INTEGER); INSERT INTO t VALUES (5), (7)");
    let panel = crate::inventory("panel", &[(5, "1e5"), (7, "012")]);
    let manifest = crate::named(&[("t", "d")]);
    crate::done(&crate::request(&dir, &manifest, &panel, Form::Name, false));
    assert_eq!(crate::rows(&dir.connect("data.db"), "SELECT d FROM t ORDER BY rowid"), [[crate::text("1e5")], [crate::text("012")]]);
}

/// Databases of tests that are empty hide what a rebuild does to rows; those of an extension that was never used are.
#[test]
fn t20_empty_tables_too() {
    there_and_back(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, d INT)",
        &[("t", "d")],
        &[("t", ", d INT", ", d TEXT")],
        Form::Guid,
    );
}
