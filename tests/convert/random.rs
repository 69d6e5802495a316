//! Random tables, indexes and rows: converted as the model says, and taken back to the byte.

use proptest::prelude::*;
use reguid::remap::Undone;
use reguid::remap::convert::{self, Converted, Form};

use crate::{VarDir, done, dump, health, named, panel, reference, request, schema, sorted, table, text, undo};

/// A table with the id columns `d` and `e`.
#[derive(Debug, Clone)]
struct World {
    types: [&'static str; 2],
    constraints: [&'static str; 2],
    table_constraint: &'static str,
    without_rowid: bool,
    comment: &'static str,
    objects: Vec<&'static str>,
    rows: Vec<(Option<i64>, Option<i64>, i64)>,
    form: Form,
    both: bool,
    mode: &'static str,
}

impl World {
    fn declaration(&self, types: [&str; 2]) -> String {
        let World { constraints, table_constraint, without_rowid, comment, .. } = self;
        let key = if *without_rowid { ", PRIMARY KEY (x)" } else { "" };
        let options = if *without_rowid { " WITHOUT ROWID" } else { "" };
        let space = |t: &str| if t.is_empty() { String::new() } else { format!(" {t}") };
        format!(
            "CREATE TABLE t(x INT, d{}{} {comment}, y TEXT DEFAULT 'd INT', e{}{}{key}{table_constraint}){options}",
            space(types[0]),
            space(constraints[0]),
            space(types[1]),
            space(constraints[1])
        )
    }

    fn sql(&self) -> String {
        let mut sql = format!("{} {};", self.mode, self.declaration(self.types));
        let (unique, others): (Vec<&str>, Vec<&str>) = self.objects.iter().partition(|o| o.contains("UNIQUE INDEX"));
        unique.iter().for_each(|o| sql.push_str(&format!("{o};")));
        for (d, e, x) in &self.rows {
            let value = |v: &Option<i64>| v.map_or("NULL".to_owned(), |v| v.to_string());
            sql.push_str(&format!("INSERT OR IGNORE INTO t(x, d, e) VALUES ({x}, {}, {});", value(d), value(e)));
        }
        others.iter().for_each(|o| sql.push_str(&format!("{o};")));
        sql
    }
}

fn world() -> impl Strategy<Value = World> {
    let id = || prop_oneof![Just(None), Just(Some(0)), Just(Some(-1)), prop::sample::select(vec![5, 7, 6, 9, 20, -3]).prop_map(Some)];
    let types = || prop::sample::select(vec!["", "INT", "INTEGER", "TEXT", "VARCHAR(20)", "NUMERIC", "\"BIG INT\"", "ANY THING(1, 2)"]);
    let constraints = || {
        prop::sample::select(vec![
            "",
            "",
            "DEFAULT 0",
            "COLLATE NOCASE",
            "UNIQUE",
            "CHECK (d IS NOT NULL OR x > 0)",
            "UNIQUE ON CONFLICT REPLACE",
        ])
    };
    let of_table = prop::sample::select(vec![
        "",
        ", UNIQUE (d, x)",
        ", UNIQUE (e, d) ON CONFLICT IGNORE",
        ", CHECK (x >= 0)",
        ", FOREIGN KEY (x) REFERENCES elsewhere(d)",
    ]);
    let objects = prop::sample::subsequence(
        vec![
            "CREATE INDEX i1 ON t(d DESC, x)",
            "CREATE INDEX i2 ON t(e) WHERE d IS NOT NULL",
            "CREATE INDEX i3 ON t(x + 1, e COLLATE NOCASE)",
            "CREATE UNIQUE INDEX i4 ON t(x, d, e)",
            "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET y = NEW.d WHERE x = NEW.x; END",
            "CREATE VIEW v AS SELECT d + 1 AS n FROM t",
            "CREATE TABLE child(d REFERENCES other(x)); INSERT INTO child VALUES (5)",
            "ANALYZE",
        ],
        0..=4,
    );
    let rows = prop::collection::vec((id(), id(), 0..40_i64), 0..30);
    let names = (
        prop::sample::select(vec!["", "/* d INT, */", "-- it's (\n"]),
        prop::sample::select(vec!["", "PRAGMA journal_mode = WAL;", "PRAGMA encoding = 'UTF-16';"]),
    );
    ((types(), types()), (constraints(), constraints()), of_table, any::<bool>(), names, objects, rows, any::<bool>(), any::<bool>())
        .prop_map(|(types, constraints, table_constraint, without_rowid, (comment, mode), objects, rows, guid, both)| World {
            types: types.into(),
            constraints: constraints.into(),
            table_constraint,
            without_rowid,
            comment,
            objects,
            rows,
            form: if guid { Form::Guid } else { Form::Name },
            both,
            mode,
        })
}

fn check(world: &World) {
    let dir = VarDir::new();
    dir.sql("data.db", &world.sql());
    let panel = panel();
    let columns: &[(&str, &str)] = if world.both { &[("t", "d"), ("t", "e")] } else { &[("t", "d")] };
    let manifest = named(columns);
    let request = request(&dir, &manifest, &panel, world.form, false);
    let connect = || dir.connect("data.db");
    let (before, declared, (names, old), sound) = (dump(&connect()), schema(&connect()), table(&connect(), "t"), health(&connect()));
    match convert::plan(&request) {
        Ok(planned) if planned.problems.is_empty() && !planned.tables.is_empty() => {}
        // Values that are apart now would agree in a unique key; or the columns are ones of text, without ids.
        Ok(planned) => {
            assert!(planned.tables.is_empty() || planned.problems[0].contains("UNIQUE constraint failed"), "{:?}", planned.problems);
            return;
        }
        Err(error) => panic!("{error}"),
    }
    let files = dir.files();
    done(&request);
    let types = ["TEXT", if world.both { "TEXT" } else { world.types[1] }];
    let mut expected = declared;
    expected.iter_mut().find(|l| l[1] == text("t")).unwrap()[3] = text(&world.declaration(types));
    assert_eq!(schema(&connect()), expected);
    let model = old
        .into_iter()
        .map(|row| {
            let cell = |(cell, name): (_, &String)| match name.as_str() {
                "d" => reference(&cell, &panel, world.form),
                "e" if world.both => reference(&cell, &panel, world.form),
                _ => cell,
            };
            row.into_iter().zip(&names).map(cell).collect()
        })
        .collect();
    assert_eq!(sorted(table(&connect(), "t").1), sorted(model));
    assert_eq!(health(&connect()), sound);
    assert!(matches!(convert::convert(&request).unwrap(), Converted::Nothing { .. }));
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert_eq!(dump(&connect()), before);
    let names = |f: &std::collections::BTreeMap<String, Vec<u8>>| f.keys().filter(|k| *k == "data.db").count();
    assert_eq!(names(&files), names(&dir.files()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("REGUID_CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(300), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_tables_are_converted_and_taken_back(world in world()) {
        check(&world);
    }
}
