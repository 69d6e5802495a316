//! SQL: the declarations of a file, and the statements that PHP puts together. A NUL byte is a hole.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use reguid::extension::php::ir::{ExprId, ExprKind, FunctionId};
use reguid::extension::php::parse::parse;
use reguid::extension::source::SourceFile;
use reguid::extension::sql::in_code::{self, SqlText};
use reguid::extension::sql::schema::{self, SchemaOrigin};
use reguid::extension::sql::template::Folding;
use reguid::extension::sql::{embedded, statement};
use reguid::sqlite::sandbox::Sandbox;
use reguid_fuzz::FILE;

fuzz_target!(|data: &[u8]| -> Corpus {
    // SQLite's own parser takes time and is not what is tested.
    if data.len() > 1 << 16 {
        return Corpus::Reject;
    }
    for origin in [SchemaOrigin::SqlFile, SchemaOrigin::Database] {
        let found = schema::read(FILE, data, origin);
        let files = [SourceFile::new("a.sql".into(), data.to_vec())];
        reguid_fuzz::tables(&files, &found.tables);
        found.unreadable.iter().for_each(|(span, reason)| reguid_fuzz::span(&files, *span, reason));
        let again = schema::read(FILE, data, origin);
        assert_eq!((&found.tables, &found.unreadable), (&again.tables, &again.unreadable));
    }
    as_sqlite(data);
    in_php(&quoted(data, b'\'', "' . $hole . '"));
    in_php(&quoted(data, b'"', "{$hole}"));
    Corpus::Keep
});

/// A table that SQLite takes has the columns that SQLite gives it.
fn as_sqlite(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lower = text.to_ascii_lowercase();
    // Only what neither computes nor touches anything but the one table; `select` would compute. What stands for a hole is one to the reader.
    let computes = ["select", "values"].iter().any(|word| lower.contains(word));
    if text.len() > 4096 || !lower.starts_with("create table") || computes || lower.contains("__hole_") || text.contains('\0') {
        return;
    }
    let sandbox = Sandbox::open().expect("memory is there");
    let connection = sandbox.connection();
    if connection.execute(text, []).is_err() {
        return;
    }
    let query = "SELECT m.name, x.name FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' AND x.hidden <> 1
                 AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY x.cid";
    let mut statement = connection.prepare(query).expect("a good query");
    let pairs = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).expect("a good query");
    let pairs: Vec<(String, String)> = pairs.collect::<Result<_, _>>().expect("text");
    let found = schema::read(FILE, data, SchemaOrigin::SqlFile);
    if found.tables.iter().any(|t| t.mysql) {
        return;
    }
    let ours: Vec<(String, String)> =
        found.tables.iter().flat_map(|t| t.columns.iter().map(|c| (t.name.clone(), c.name.clone()))).collect();
    assert_eq!(ours, pairs, "{text}");
}

/// A text as a PHP literal, with a variable for each hole.
fn quoted(data: &[u8], quote: u8, hole: &str) -> Vec<u8> {
    let mut source = b"<?php function f($db, $hole) { $sql = ".to_vec();
    source.push(quote);
    for byte in data {
        match byte {
            0 => source.extend_from_slice(hole.as_bytes()),
            b'\\' => source.extend_from_slice(b"\\\\"),
            b'$' if quote == b'"' => source.extend_from_slice(b"\\$"),
            byte => {
                if *byte == quote {
                    source.push(b'\\');
                }
                source.push(*byte);
            }
        }
    }
    source.push(quote);
    source.extend_from_slice(b"; $db->query($sql); }");
    source
}

fn in_php(source: &[u8]) {
    let script = parse(FILE, source);
    assert!(script.errors.is_empty(), "{:?} in {}", script.errors, String::from_utf8_lossy(source));
    let files = [SourceFile::new("a.php".into(), source.to_vec())];
    let folding = Folding::new(&script, source);
    let declared = embedded::declarations(&folding, source);
    reguid_fuzz::tables(&files, &declared.tables);
    declared.unreadable.iter().for_each(|(span, reason)| reguid_fuzz::span(&files, *span, reason));
    in_code::statements(&folding).iter().for_each(|text| reguid_fuzz::statements(&files, text));

    let value = |id: ExprId| if let ExprKind::Assign { value, .. } = script.expr(id).kind { Some(value) } else { None };
    let assigned = (0..).zip(&script.exprs).find_map(|(id, _)| value(ExprId(id))).expect("an assignment");
    let Some(template) = folding.fold(FunctionId(1), assigned) else { return };
    for hole in &template.holes {
        assert!((hole.at + hole.len) as usize <= template.text.len());
        assert!(matches!(script.expr(hole.expr).kind, ExprKind::Variable(_)));
    }
    for (start, c) in template.text.char_indices() {
        let (start, end) = (start as u32, (start + c.len_utf8()) as u32);
        reguid_fuzz::span(&files, template.span(start..end), "a character");
    }
    let holes = template.holes.clone();
    let text = SqlText { script: 0, expr: assigned, function: FunctionId(1), statements: statement::read(&template), holes, open: None };
    reguid_fuzz::statements(&files, &text);
    statement::read_condition(&template).iter().for_each(|filter| reguid_fuzz::filter(&files, &text, filter));
}
