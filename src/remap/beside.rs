//! What lies beside a table that changes: triggers, views, virtual tables. All of it is listed in the plan; what would go wrong is refused in
//! [`target`](super::target).

use super::full_text;
use super::plan::{Plan, TriggerClass, TriggerNote, ViewNote, VirtualFate, VirtualNote};
use super::scan::Scanned;
use super::session::Database;
use super::target::Target;
use crate::sqlite::schema::{Schema, Table, TableType};

/// Words by which a trigger is known to note a time.
const TIMES: &[&str] = &["current_timestamp", "current_date", "current_time", "datetime", "strftime", "unixepoch", "julianday"];

/// Words that stand in SQL for themselves: as names they are always quoted.
const KEYWORDS: &[&str] = &[
    "and", "as", "begin", "by", "case", "create", "delete", "distinct", "else", "end", "from", "group", "having", "in", "index", "insert",
    "into", "is", "join", "limit", "not", "null", "on", "or", "order", "select", "set", "table", "then", "trigger", "union", "unique",
    "update", "using", "values", "view", "when", "where",
];

/// Whether `sql` names this: holds it as a word of its own, in whatever case, and in quotes if it is a keyword.
pub(super) fn mentions(sql: &str, name: &str) -> bool {
    let keyword = KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(name));
    holds(sql, name, |before| !keyword || before.is_some_and(|c| matches!(c, '"' | '`' | '[' | '\'')))
}

/// Whether `sql` holds the word, where `wanted` takes what stands before it.
fn holds(sql: &str, word: &str, wanted: impl Fn(Option<char>) -> bool) -> bool {
    let (sql, word) = (sql.to_lowercase(), word.to_lowercase());
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    !word.is_empty()
        && sql.match_indices(&word).any(|(at, _)| {
            let (before, after) = (sql[..at].chars().next_back(), sql[at + word.len()..].chars().next());
            // A name of odd characters has no border of its own.
            let inside = before.is_some_and(is_part) && word.starts_with(is_part) || after.is_some_and(is_part) && word.ends_with(is_part);
            !inside && wanted(before)
        })
}

/// Notes what lies beside a table that changes. `targets` are its own; `all` those of the whole database.
pub(super) fn notes(plan: &mut Plan, database: &Database, table: &Table, (targets, all): (&[Target], &[Target]), scanned: &Scanned) {
    let (schema, name) = (&database.declared, database.name.to_string());
    let shown = views(schema, &table.name);
    for trigger in &schema.triggers {
        let on_view = shown.iter().any(|v| v.name.eq_ignore_ascii_case(&trigger.table));
        if on_view || trigger.table.eq_ignore_ascii_case(&table.name) {
            let note = TriggerNote {
                database: name.clone(),
                table: trigger.table.clone(),
                trigger: trigger.name.clone(),
                class: class(schema, table, &trigger.sql, (targets, all)),
            };
            if !plan.triggers.contains(&note) {
                plan.triggers.push(note);
            }
        }
    }
    plan.views.extend(shown.iter().map(|view| ViewNote { database: name.clone(), view: view.name.clone(), table: table.name.clone() }));
    let columns: Vec<&str> = targets.iter().map(|t| table.columns[t.column].name.as_str()).collect();
    let moves = scanned.removed > 0 || targets.iter().any(|t| table.integer_key == Some(t.column));
    let rebuilt = full_text::over(schema, &table.name, &columns, moves);
    for virtual_table in schema.tables.iter().filter(|t| t.table_type == TableType::Virtual) {
        let fate = match rebuilt.iter().any(|t| t.name == virtual_table.name) {
            true => VirtualFate::Rebuilt,
            false => VirtualFate::Left,
        };
        let known = plan.virtual_tables.iter_mut().find(|n| n.database == name && n.table == virtual_table.name);
        match known {
            Some(note) if fate == VirtualFate::Rebuilt => note.fate = fate,
            Some(_) => {}
            None => plan.virtual_tables.push(VirtualNote {
                database: name.clone(),
                table: virtual_table.name.clone(),
                module: full_text::module(&virtual_table.sql).unwrap_or_default(),
                fate,
            }),
        }
    }
}

/// The views that show `table`, directly or through other views, as far as their texts tell.
fn views<'s>(schema: &'s Schema, table: &str) -> Vec<&'s Table> {
    let mut found: Vec<&Table> = Vec::new();
    loop {
        let shows = |view: &&Table| {
            let body = body(&view.sql);
            std::iter::once(table).chain(found.iter().map(|v| v.name.as_str())).any(|name| mentions(body, name))
        };
        let views = schema.tables.iter().filter(|t| t.table_type == TableType::View);
        let more: Vec<&Table> = views.filter(|v| !found.iter().any(|f| f.name == v.name)).filter(shows).collect();
        if more.is_empty() {
            found.sort_by(|a, b| a.name.cmp(&b.name));
            return found;
        }
        found.extend(more);
    }
}

/// What follows the name of a view or trigger: its text from the first AS, or BEGIN, on.
fn body(sql: &str) -> &str {
    let lower = sql.to_ascii_lowercase();
    let at = [" as ", " as\n", "\nas ", "\nas\n", ")as ", "begin"].iter().filter_map(|w| lower.find(w)).min();
    at.and_then(|at| sql.get(at..)).unwrap_or(sql)
}

fn class(schema: &Schema, table: &Table, sql: &str, (targets, all): (&[Target], &[Target])) -> TriggerClass {
    let body = body(sql);
    let is_virtual = |t: &&Table| t.table_type == TableType::Virtual;
    let writes = |t: &Target| {
        let other = &schema.tables[t.table];
        let lower = body.to_lowercase();
        ["insert", "update", "replace"].iter().any(|w| holds(&lower, w, |_| true))
            && mentions(body, &other.name)
            && mentions(body, &other.columns[t.column].name)
    };
    let elsewhere = |t: &&Target| schema.tables[t.table].name != table.name;
    let carries = |t: &Target| {
        let column = table.columns[t.column].name.to_lowercase();
        ["new", "old"].iter().any(|row| mentions(&body.to_lowercase().replace(['"', '`', '[', ']'], ""), &format!("{row}.{column}")))
    };
    if schema.tables.iter().filter(is_virtual).any(|t| mentions(body, &t.name)) {
        TriggerClass::VirtualTable
    } else if all.iter().filter(elsewhere).any(writes) {
        TriggerClass::Reference
    } else if targets.iter().any(carries) {
        TriggerClass::Copies
    } else if TIMES.iter().any(|w| mentions(body, w)) {
        TriggerClass::Time
    } else {
        TriggerClass::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_words() {
        for (sql, name, found) in [
            ("SELECT * FROM apps", "apps", true),
            ("SELECT * FROM [Apps]", "apps", true),
            ("SELECT * FROM myapps, apps2, apps_x", "apps", false),
            ("SELECT \"a b\" FROM t", "a b", true),
            ("SELECT x", "", false),
            ("DELETE FROM ünï", "ÜNÏ", true),
            ("SELECT 1 FROM t", "select", false),
            ("SELECT 1 FROM \"Select\"", "select", true),
        ] {
            assert_eq!(mentions(sql, name), found, "{sql} {name}");
        }
    }
}
