//! Tables whose ids a fix rewrites: one of every class of column that SQLite treats in its own way.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

/// A table with ids, and what belongs to it.
pub struct Shape {
    pub name: String,
    /// DDL; `{t}` is the table's name, and begins the names of all else.
    pub schema: String,
    /// The rows of one id, `{id}`.
    pub row: String,
    /// The name of the column with ids.
    pub id: &'static str,
    /// Its number in `SELECT *`.
    pub column: usize,
    /// Columns that are stored; what is behind them is computed.
    pub stored: usize,
    /// Tables that hold the same ids, and that declared foreign keys make targets: what follows `{t}` in their names, and the column.
    pub children: Vec<(&'static str, usize)>,
    pub takes_null: bool,
    /// Whether a change of the column can break a key half way.
    pub keyed: bool,
    /// Whether its keys can be moved one after the other.
    pub walks: bool,
}

impl Shape {
    fn new(name: &str, schema: &str, row: &str, column: usize) -> Shape {
        Shape {
            name: name.into(),
            schema: schema.into(),
            row: row.into(),
            id: "id",
            column,
            stored: usize::MAX,
            children: Vec::new(),
            takes_null: true,
            keyed: true,
            walks: true,
        }
    }

    fn plain(self) -> Shape {
        Shape { keyed: false, walks: false, ..self }
    }

    fn takes_no_null(self) -> Shape {
        Shape { takes_null: false, ..self }
    }

    /// An index over more than plain columns.
    fn irregular(self) -> Shape {
        Shape { walks: false, ..self }
    }

    fn with(self, children: &[(&'static str, usize)]) -> Shape {
        Shape { children: children.to_vec(), ..self }
    }
}

const ACTIONS: [&str; 5] = ["NO ACTION", "RESTRICT", "SET NULL", "SET DEFAULT", "CASCADE"];

/// The shapes; of the foreign keys' pairs of actions all, or those in which each action stands once on each side.
pub fn shapes(all_actions: bool) -> Vec<Shape> {
    let mut all = vec![
        Shape::new("plain", "CREATE TABLE {t}(k, id INT)", "INSERT INTO {t} VALUES ('k{id}', {id})", 1).plain(),
        Shape::new("plain, indexed", "CREATE TABLE {t}(k, id INT); CREATE INDEX {t}i ON {t}(id DESC, k COLLATE NOCASE)", "INSERT INTO {t} VALUES ('k{id}', {id}), ('K', {id})", 1).plain(),
        Shape::new("nulls and sentinels", "CREATE TABLE {t}(id INT UNIQUE, k)", "INSERT INTO {t} VALUES ({id}, 1), (NULL, {id}); INSERT OR IGNORE INTO {t} VALUES (0, 'none'), (-1, 'all')", 0),
        Shape::new("integer primary key", "CREATE TABLE {t}(id INTEGER PRIMARY KEY, k UNIQUE)", "INSERT INTO {t} VALUES ({id}, 'k{id}')", 0).takes_no_null(),
        Shape::new("autoincrement", "CREATE TABLE {t}(id INTEGER PRIMARY KEY AUTOINCREMENT, k); INSERT INTO {t} VALUES (90, 'x'); DELETE FROM {t}", "INSERT INTO {t} VALUES ({id}, 'k{id}')", 0).takes_no_null(),
        Shape::new("several keys", "CREATE TABLE {t}(k INTEGER PRIMARY KEY, id INT NOT NULL, x TEXT COLLATE NOCASE DEFAULT 'q', UNIQUE(id DESC, x), UNIQUE(x, id)); CREATE UNIQUE INDEX {t}i ON {t}(x COLLATE BINARY DESC, id); CREATE INDEX {t}j ON {t}(id)", "INSERT INTO {t} VALUES (NULL, {id}, 'k{id}')", 1).takes_no_null(),
        Shape::new("unique", "CREATE TABLE {t}(k, id INTEGER UNIQUE)", "INSERT INTO {t} VALUES ('k{id}', {id})", 1),
        Shape::new("null in a key that is no rowid", "CREATE TABLE {t}(id INT PRIMARY KEY, k)", "INSERT INTO {t} VALUES ({id}, 'k'), (NULL, 'n{id}')", 0),
        Shape::new("composite unique", "CREATE TABLE {t}(id INT, k, UNIQUE(id, k))", "INSERT INTO {t} VALUES ({id}, 'a'); INSERT INTO {t} VALUES ({id}, 'b')", 0),
        Shape::new("composite unique, last", "CREATE TABLE {t}(k, id INT, v, UNIQUE(k, id))", "INSERT INTO {t} VALUES ('a', {id}, NULL), ('b', {id}, 1), (NULL, {id}, 2)", 1),
        Shape::new("two unique keys", "CREATE TABLE {t}(id INT UNIQUE, k, UNIQUE(k, id)); CREATE INDEX {t}i ON {t}(k)", "INSERT INTO {t} VALUES ({id}, 'a')", 0),
        Shape::new("without rowid", "CREATE TABLE {t}(id INT PRIMARY KEY, k) WITHOUT ROWID", "INSERT INTO {t} VALUES ({id}, 'k{id}')", 0).takes_no_null(),
        Shape::new("without rowid, composite", "CREATE TABLE {t}(k, id INT, v, PRIMARY KEY(k, id)) WITHOUT ROWID", "INSERT INTO {t} VALUES ('a', {id}, x'00ff'); INSERT INTO {t} VALUES ('b', {id}, 1.5)", 1).takes_no_null(),
        Shape::new("without rowid, beside the key", "CREATE TABLE {t}(k PRIMARY KEY, id INT UNIQUE) WITHOUT ROWID", "INSERT INTO {t} VALUES ('k{id}', {id})", 1),
        Shape::new("text", "CREATE TABLE {t}(id TEXT UNIQUE, k)", "INSERT INTO {t} VALUES ('{id}', {id})", 0),
        Shape::new("text without case", "CREATE TABLE {t}(id TEXT COLLATE NOCASE PRIMARY KEY, k)", "INSERT INTO {t} VALUES ('{id}', 'K')", 0),
        Shape::new("text, trailing spaces ignored", "CREATE TABLE {t}(id TEXT COLLATE RTRIM, k COLLATE NOCASE, PRIMARY KEY(id, k)) WITHOUT ROWID", "INSERT INTO {t} VALUES ('{id}', 'a'), ('{id}', 'b')", 0).takes_no_null(),
        Shape::new("both storage classes", "CREATE TABLE {t}(id, k)", "INSERT INTO {t} VALUES ({id}, 1); INSERT INTO {t} VALUES ('{id}', 2)", 0).plain(),
        Shape::new("both storage classes, unique", "CREATE TABLE {t}(id UNIQUE, k)", "INSERT INTO {t} VALUES ({id}, 1); INSERT INTO {t} VALUES ('{id}', 2)", 0),
        Shape::new("triggers", "CREATE TABLE {t}log(x); CREATE TABLE {t}(id INTEGER UNIQUE, k, changed DEFAULT 0); CREATE TRIGGER {t}u AFTER UPDATE ON {t} BEGIN UPDATE {t} SET changed = changed + 1; INSERT INTO {t}log VALUES (new.id); END; CREATE TRIGGER {t}d AFTER DELETE ON {t} BEGIN INSERT INTO {t}log VALUES (old.id); END", "INSERT INTO {t} VALUES ({id}, 'k{id}', 0)", 0),
        Shape::new("on conflict replace", "CREATE TABLE {t}(k, id INT UNIQUE ON CONFLICT REPLACE)", "INSERT INTO {t} VALUES ('k{id}', {id})", 1),
        Shape::new("on conflict ignore", "CREATE TABLE {t}(id INT PRIMARY KEY ON CONFLICT IGNORE, k)", "INSERT INTO {t} VALUES ({id}, 'k{id}')", 0),
        Shape::new("on conflict rollback", "CREATE TABLE {t}(id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK, k)", "INSERT INTO {t} VALUES ({id}, 'k{id}')", 0).takes_no_null(),
        Shape::new("on conflict fail, without rowid", "CREATE TABLE {t}(id INT PRIMARY KEY ON CONFLICT FAIL, k) WITHOUT ROWID", "INSERT INTO {t} VALUES ({id}, 'k{id}')", 0).takes_no_null(),
        Shape::new("partial unique index", "CREATE TABLE {t}(id INT, k); CREATE UNIQUE INDEX {t}i ON {t}(id) WHERE k = 'live'", "INSERT INTO {t} VALUES ({id}, 'live'); INSERT INTO {t} VALUES ({id}, 'old')", 0).irregular(),
        Shape::new("unique expression", "CREATE TABLE {t}(id INT, k); CREATE UNIQUE INDEX {t}i ON {t}(id * 10 + 1)", "INSERT INTO {t} VALUES ({id}, 'k')", 0).irregular(),
        Shape::new("expression beside a key", "CREATE TABLE {t}(id INT UNIQUE, k); CREATE INDEX {t}i ON {t}(id + 1) WHERE id % 2", "INSERT INTO {t} VALUES ({id}, 'k')", 0).irregular(),
        Shape::new("check", "CREATE TABLE {t}(id INT UNIQUE CHECK (id > 1000), k NOT NULL)", "INSERT INTO {t} VALUES ({id}, 'k')", 0),
        Shape::new("strict", "CREATE TABLE {t}(id INT NOT NULL UNIQUE, k ANY) STRICT", "INSERT INTO {t} VALUES ({id}, '007')", 0).takes_no_null(),
        Shape::new("strict text", "CREATE TABLE {t}(k INTEGER PRIMARY KEY, id TEXT UNIQUE) STRICT", "INSERT INTO {t}(id) VALUES ('{id}')", 1),
        Shape { id: "SE\"LECT", ..Shape::new("odd names", "CREATE TABLE {t}(\"se\"\"lect\" INT UNIQUE, [from x], `üñí`, rowid, _rowid_)", "INSERT INTO {t} VALUES ({id}, 1, 2, 3, {id})", 0) },
        Shape { stored: 2, ..Shape::new("generated column", "CREATE TABLE {t}(id INT, k, g INT AS (id * 2) STORED UNIQUE, v AS (k || id))", "INSERT INTO {t} VALUES ({id}, 'k')", 0).irregular() },
        Shape { stored: 2, ..Shape::new("generated unique beside a key", "CREATE TABLE {t}(id INT UNIQUE, k, g TEXT AS (k || '-' || id) VIRTUAL UNIQUE)", "INSERT INTO {t} VALUES ({id}, 'k')", 0).irregular() },
        Shape::new("to itself", "CREATE TABLE {t}(id INTEGER PRIMARY KEY, up INT REFERENCES {t}(id) ON UPDATE CASCADE ON DELETE SET NULL)", "INSERT INTO {t} VALUES ({id}, {id})", 0).takes_no_null().with(&[("", 1)]),
        Shape::new("cyclic", "CREATE TABLE {t}(id INT UNIQUE REFERENCES {t}b(id) DEFERRABLE INITIALLY DEFERRED, k); CREATE TABLE {t}b(id INT UNIQUE REFERENCES {t}(id), k)", "INSERT INTO {t} VALUES ({id}, 1); INSERT INTO {t}b VALUES ({id}, 2)", 0).with(&[("b", 0)]),
        Shape::new("restrict, chained", "CREATE TABLE {t}(id INT UNIQUE, k); CREATE TABLE {t}c(d INT UNIQUE REFERENCES {t}(id) ON UPDATE RESTRICT); CREATE TABLE {t}g(e INT REFERENCES {t}c(d) ON UPDATE SET NULL)", "INSERT INTO {t} VALUES ({id}, 'k{id}'); INSERT INTO {t}c VALUES ({id}); INSERT INTO {t}g VALUES ({id})", 0).with(&[("c", 0), ("g", 0)]),
    ];
    let pairs = (0..ACTIONS.len()).flat_map(|u| (0..ACTIONS.len()).map(move |d| (u, d)));
    for (n, (u, d)) in pairs.enumerate().filter(|(_, (u, d))| all_actions || (u + 2) % ACTIONS.len() == *d) {
        let (update, delete) = (ACTIONS[u], ACTIONS[d]);
        let defer = if n % 2 == 0 { "" } else { "DEFERRABLE INITIALLY DEFERRED" };
        let schema = format!(
            "CREATE TABLE {{t}}(id INTEGER PRIMARY KEY, k); CREATE TABLE {{t}}c(n INTEGER PRIMARY KEY, d INT DEFAULT 0 REFERENCES {{t}}(id) ON UPDATE {update} ON DELETE {delete} {defer})"
        );
        let row = "INSERT INTO {t} VALUES ({id}, 'k{id}'); INSERT INTO {t}c(d) VALUES ({id}), ({id})";
        let name = format!("on update {update}, on delete {delete} {defer}").to_lowercase();
        all.push(Shape { children: vec![("c", 1)], ..Shape::new(&name, &schema, row, 0).takes_no_null() });
    }
    all
}

/// Every way to give `from` distinct values of `to`, or none.
pub fn injections(from: &[i64], to: &[i64]) -> Vec<std::collections::BTreeMap<i64, i64>> {
    let Some((first, rest)) = from.split_first() else { return vec![std::collections::BTreeMap::new()] };
    let mut all = injections(rest, to);
    for value in to {
        let left: Vec<i64> = to.iter().copied().filter(|v| v != value).collect();
        for mut mapping in injections(rest, &left) {
            mapping.insert(*first, *value);
            all.push(mapping);
        }
    }
    all
}
