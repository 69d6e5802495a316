//! Changes of the panel's database as a script, where reguid is not to write it: SQL for the database's own client, or, of settings, PHP for the panel's own interface.
//!
//! Both look first whether everything is as it was when the script was made, and change nothing where something is not.

mod mark;
mod rows;

use std::fmt::Write as _;

use camino::Utf8Path;

use super::super::error::{Context, RemapError};
use super::super::ledger;
use super::journal::{self, By};
use crate::panel::Kind;
use crate::panel::catalogue::{self, ObjectSettings};
use crate::panel::change::{Change, Changes};
use crate::panel::evidence::Marked;
use crate::panel::source::companion;
use crate::sqlite::open;

/// Why rows cannot be written by a script in PHP.
pub(super) const NO_PHP: &str = "the panel's programming interface knows settings, and no tables: let the script be SQL (--emit sql), or let `fix` write (--new plesk:)";

/// The language of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// For `plesk db` and the clients of MariaDB and MySQL.
    Sql,
    /// For the panel's PHP.
    Php,
}

/// The script of the last run in `var_dir`, if its settings were given out as a script.
///
/// # Errors
/// The companion cannot be read.
pub fn last_script(var_dir: &Utf8Path, language: Language) -> Result<Option<String>, RemapError> {
    let Some(run) = ledger::read(var_dir)?.last_run else { return Ok(None) };
    let path = companion::path_in(var_dir);
    let record = journal::read(&open::read(&path)?.connection, run.id).on(&path)?;
    let of = record.setting_run.filter(|of| of.by == By::Script && !record.panel.is_empty());
    of.map(|of| script(language, &of.module, &record.panel)).transpose()
}

/// The script that takes the settings of the run back that was last taken back by one.
///
/// # Errors
/// The companion cannot be read.
pub fn script_back(var_dir: &Utf8Path, language: Language) -> Result<Option<String>, RemapError> {
    let path = companion::path_in(var_dir);
    let reader = open::read(&path)?;
    let Some(run) = journal::taken_back_by_script(&reader.connection).on(&path)?.pop() else { return Ok(None) };
    let record = journal::read(&reader.connection, run).on(&path)?;
    record.setting_run.map(|of| script(language, &of.module, &record.panel.reversed())).transpose()
}

/// The script that makes `changes` of what the extension `module` has in the panel's database.
fn script(language: Language, module: &str, changes: &Changes) -> Result<String, RemapError> {
    possible(language, changes)?;
    Ok(match language {
        Language::Sql => sql(module, changes),
        Language::Php => php(module, changes),
    })
}

/// Refuses changes of rows where a script in PHP is asked for.
pub(super) fn possible(language: Language, changes: &Changes) -> Result<(), RemapError> {
    match (language, changes.rows.first()) {
        (Language::Php, Some(row)) => Err(RemapError::NotHandled { list: format!("  {}: {NO_PHP}", row.subject().table) }),
        _ => Ok(()),
    }
}

fn object(kind: Kind) -> Option<&'static ObjectSettings> {
    catalogue::get().shared.settings.of.iter().find(|o| o.kind == kind.name())
}

fn hex(bytes: Option<&[u8]>) -> String {
    match bytes {
        None => "NULL".to_owned(),
        Some([]) => "''".to_owned(),
        Some(bytes) => format!("x'{}'", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()),
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A text in a remark: on one line, and without an end of it.
fn remark(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().replace("?>", "? >")
}

/// What each change does, for a person who looks at the script before running it; each line behind `mark`.
fn told(mark: &str, changes: &[Change]) -> String {
    let line = |change: &Change| {
        let what = match change {
            Change::Removed(_) => ": it is taken out".to_owned(),
            Change::Added(_) => ": it is put back".to_owned(),
            Change::Altered { before, after } => {
                let becomes = if change.renames() { format!(" becomes {}", String::from_utf8_lossy(&after.name)) } else { String::new() };
                let value = match (after.value == before.value, becomes.is_empty()) {
                    (true, _) => "",
                    (false, true) => ": its value changes",
                    (false, false) => ", and its value changes",
                };
                becomes + value
            }
        };
        format!("{mark} {}\n", remark(&format!("{}{what}", super::settings::label(change.subject()))))
    };
    changes.iter().map(line).collect()
}

/// A table of settings `s`, in SQL.
struct Table {
    of: Option<Kind>,
    prefix: String,
    /// The table's name, as it is.
    called: &'static str,
    table: String,
    /// Its three columns, for new rows.
    columns: String,
    owner: String,
    name: String,
    value: String,
    /// The name's bytes.
    name_is: String,
    /// The value's bytes.
    value_is: String,
}

impl Table {
    /// The table of the settings of `of`.
    fn of(of: Option<Kind>, module: &str) -> Option<Table> {
        let facts = &catalogue::get().shared.settings;
        let (table, owner, name, value) = match of {
            None => (&facts.own.table, &facts.own.owner, &facts.own.name, &facts.own.value),
            Some(kind) => object(kind).map(|o| (&o.table, &o.owner, &o.name, &o.value))?,
        };
        let column = |name: &str| format!("s.{}", quoted(name));
        let bytes = |name: &str| format!("CAST(CONVERT({} USING utf8mb4) AS BINARY)", column(name));
        let prefix = of.map(|_| facts.prefix.replace("{module}", module)).unwrap_or_default();
        Some(Table {
            of,
            prefix,
            called: table,
            table: quoted(table),
            columns: [owner, name, value].map(|c| quoted(c)).join(", "),
            owner: column(owner),
            name: column(name),
            value: column(value),
            name_is: bytes(name),
            value_is: bytes(value),
        })
    }
}

fn sql(module: &str, all: &Changes) -> String {
    let (facts, changes) = (&catalogue::get().shared.settings, &all.settings[..]);
    let mut owners: Vec<Option<Kind>> = changes.iter().map(|c| c.subject().of).collect();
    owners.sort_unstable();
    owners.dedup();
    let (what, one) = match (all.settings.is_empty(), all.rows.is_empty()) {
        (_, true) => ("settings", "a setting"),
        (true, false) => ("rows", "a row"),
        (false, false) => ("settings and rows", "a setting or row"),
    };
    let counted = match (all.len(), all.rows.is_empty()) {
        (1, true) => "setting",
        (1, false) => "row",
        _ => what,
    };
    let of_rows: String = all.rows.iter().map(|change| format!("-- {}\n", remark(&rows::told(change)))).collect();
    let mut text = format!(
        "-- Made by reguid: {what} of the extension {}. It changes nothing where {one} is not as it was when this was made.\n\
         {}{of_rows}SET NAMES utf8mb4;\nSET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO';\nSET SESSION time_zone = '+00:00';\nSET @reguid_ok = 1;\n\
         SET @reguid_module = (SELECT {} FROM {} WHERE CAST(CONVERT({} USING utf8mb4) AS BINARY) = {});\n\
         CREATE TEMPORARY TABLE reguid_guard (`{what} are not as planned: nothing was changed` INT NOT NULL);\n",
        remark(module),
        told("--", &all.settings),
        quoted(&facts.modules.id),
        quoted(&facts.modules.table),
        quoted(&facts.modules.name),
        hex(Some(module.as_bytes())),
    );
    let tables: Vec<Table> = owners.iter().filter_map(|of| Table::of(*of, module)).collect();
    for (t, Table { of, prefix, .. }) in tables.iter().enumerate() {
        let columns = "(n INT PRIMARY KEY, owner BIGINT, name VARBINARY(2048) NOT NULL, value LONGBLOB, renamed INT NOT NULL)";
        let _ = writeln!(text, "CREATE TEMPORARY TABLE reguid_before_{t} {columns};\nCREATE TEMPORARY TABLE reguid_after_{t} {columns};");
        for (n, change) in changes.iter().enumerate().filter(|(_, c)| c.subject().of == *of) {
            let renamed = i32::from(change.renames());
            for (table, setting) in [("before", change.before()), ("after", change.after())] {
                let Some(setting) = setting else { continue };
                let owner = if of.is_none() { "@reguid_module".to_owned() } else { setting.owner.to_string() };
                let name = [prefix.as_bytes(), &setting.name].concat();
                let _ = writeln!(
                    text,
                    "INSERT INTO reguid_{table}_{t} VALUES ({n}, {owner}, {}, {}, {renamed});",
                    hex(Some(&name)),
                    hex(setting.value.as_deref())
                );
            }
        }
    }
    // Where a server takes all back in between, as in a deadlock, what follows is not to stand alone.
    text.push_str("SET @reguid_autocommit = @@SESSION.autocommit;\nSET SESSION autocommit = 0;\nSTART TRANSACTION;\n");
    let come_or_go = |of: Option<Kind>| changes.iter().any(|c| c.subject().of == of && !matches!(c, Change::Altered { .. }));
    for (t, Table { called, .. }) in tables.iter().enumerate().filter(|(_, table)| come_or_go(table.of)) {
        let _ = write!(
            text,
            "-- A row with further columns could not be put back as it was.\n\
             SET @reguid_columns_{t} = NULL;\nSELECT COUNT(*) INTO @reguid_columns_{t} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND LOWER(TABLE_NAME) = LOWER(CONVERT({} USING utf8mb4));\n\
             SET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_columns_{t} = 3, 1, 0);\n",
            hex(Some(called.as_bytes()))
        );
    }
    for (t, Table { table, owner, name_is, value_is, .. }) in tables.iter().enumerate() {
        let _ = write!(
            text,
            "SET @reguid_found = NULL;\nSET @reguid_taken = NULL;\n\
             SELECT COUNT(*) INTO @reguid_found FROM {table} s JOIN reguid_before_{t} r ON {owner} = r.owner AND {name_is} = r.name AND {value_is} <=> r.value FOR UPDATE;\n\
             SELECT COUNT(*) INTO @reguid_taken FROM {table} s JOIN reguid_after_{t} r ON {owner} = r.owner AND {name_is} = r.name\n\
             \x20 LEFT JOIN reguid_before_{t} b ON b.owner = r.owner AND b.name = r.name WHERE b.n IS NULL FOR UPDATE;\n\
             SET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_found = (SELECT COUNT(*) FROM reguid_before_{t}) AND @reguid_taken = 0, 1, 0);\n"
        );
    }
    if let Some(mark) = &all.mark {
        mark::compare(&mut text, module, mark, !all.rows.is_empty());
    }
    rows::compare(&mut text, &all.rows);
    text.push_str("INSERT INTO reguid_guard SELECT IF(@reguid_ok = 1, 1, NULL);\n");
    for (t, Table { of, table, owner, name, value, name_is, value_is, columns, .. }) in tables.iter().enumerate() {
        let _ = write!(
            text,
            "UPDATE {table} s JOIN reguid_before_{t} r ON {owner} = r.owner AND {name_is} = r.name\n\
             \x20 SET {name} = CONCAT('~reguid-aside-', r.n) WHERE @reguid_ok = 1 AND r.renamed = 1;\n"
        );
        if come_or_go(*of) {
            let _ = write!(
                text,
                "DELETE s FROM {table} s JOIN reguid_before_{t} r ON {owner} = r.owner AND {name_is} = r.name LEFT JOIN reguid_after_{t} a ON a.n = r.n\n\
                 \x20 WHERE @reguid_ok = 1 AND a.n IS NULL;\n\
                 INSERT INTO {table} ({columns}) SELECT r.owner, CONVERT(r.name USING utf8mb4), CONVERT(r.value USING utf8mb4)\n\
                 \x20 FROM reguid_after_{t} r LEFT JOIN reguid_before_{t} b ON b.n = r.n WHERE @reguid_ok = 1 AND b.n IS NULL;\n"
            );
        }
        let _ = write!(
            text,
            "UPDATE {table} s JOIN reguid_after_{t} r ON {owner} = r.owner AND {name_is} = IF(r.renamed = 1, CAST(CONCAT('~reguid-aside-', r.n) AS BINARY), r.name)\n\
             \x20 SET {name} = CONVERT(r.name USING utf8mb4), {value} = CONVERT(r.value USING utf8mb4) WHERE @reguid_ok = 1;\n\
             SET @reguid_found = NULL;\nSELECT COUNT(*) INTO @reguid_found FROM {table} s JOIN reguid_after_{t} r ON {owner} = r.owner AND {name_is} = r.name AND {value_is} <=> r.value;\n\
             SET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_found = (SELECT COUNT(*) FROM reguid_after_{t}), 1, 0);\n"
        );
        if come_or_go(*of) {
            let _ = write!(
                text,
                "SET @reguid_left = NULL;\nSELECT COUNT(*) INTO @reguid_left FROM {table} s JOIN reguid_before_{t} r ON {owner} = r.owner AND {name_is} = r.name\n\
                 \x20 LEFT JOIN reguid_after_{t} a ON a.owner = r.owner AND a.name = r.name WHERE a.n IS NULL;\n\
                 SET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_left = 0, 1, 0);\n"
            );
        }
    }
    if let Some(mark) = &all.mark {
        mark::write(&mut text, module, mark);
    }
    rows::write(&mut text, &all.rows);
    let _ = write!(
        text,
        "INSERT INTO reguid_guard SELECT IF(@reguid_ok = 1, 1, NULL);\n\
         -- A client that goes on after errors must not come to a COMMIT.\n\
         SET @reguid_end = IF(@reguid_ok = 1, 'COMMIT', 'ROLLBACK');\nPREPARE reguid_end FROM @reguid_end;\nEXECUTE reguid_end;\n\
         SET SESSION autocommit = @reguid_autocommit;\n\
         SELECT IF(@reguid_ok = 1, 'reguid: {} {counted} changed', 'reguid: nothing was changed') AS reguid;\n",
        all.len()
    );
    text
}

/// A text of PHP: bytes as they are, within single quotes.
fn php_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if text.as_bytes() == bytes && !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    }
    let escaped: String = bytes.iter().map(|b| format!("\\x{b:02x}")).collect();
    format!("\"{escaped}\"")
}

fn php(module: &str, all: &Changes) -> String {
    let changes = &all.settings[..];
    let mark = all.mark.as_ref().map_or_else(
        || "null".to_owned(),
        |m| format!("[{}, {}, {}]", php_text(&m.name), php_text(m.value().as_bytes()), m.says == Marked::Done),
    );
    let facts = &catalogue::get().shared.settings;
    let value = |v: &Option<Vec<u8>>| v.as_deref().map_or_else(|| "null".to_owned(), php_text);
    let mut rows = String::new();
    for change in changes {
        let subject = change.subject();
        let of = subject.of.map_or_else(|| "null".to_owned(), |k| php_text(k.name().as_bytes()));
        let [from, to] = [change.before(), change.after()].map(|setting| match setting {
            Some(setting) => format!("{}, {}", php_text(&setting.name), value(&setting.value)),
            None => "null, null".to_owned(),
        });
        let _ = writeln!(rows, "    [{of}, {}, {from}, {to}],", subject.owner);
    }
    let fill = |template: &str, object: &str| {
        template.replace("{object}", object).replace("{name}", "$name").replace("{value}", "$value").replace("{id}", "$owner")
    };
    let (mut get, mut set) = (String::new(), String::new());
    let mut kinds: Vec<Kind> = changes.iter().filter_map(|c| c.subject().of).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let Some(facts_of) = object(kind) else { continue };
        let (case, object) = (php_text(kind.name().as_bytes()), format!("({})", fill(&facts_of.object, "")));
        let _ = writeln!(get, "    if ($of === {case}) {{\n        return {};\n    }}", fill(&facts.of_get, &object));
        let _ = writeln!(set, "    if ($of === {case}) {{\n        {}\n        return;\n    }}", fill(&facts.of_set, &object));
    }
    let module_text = php_text(module.as_bytes());
    format!(
        r#"<?php
// Made by reguid: settings of the extension {module}. It changes nothing where a setting is not as it was when this was made.
// A run that was interrupted is taken up again with the argument "resume".
{told}{loader}
{context}

// object, its id, name and value before (none: it is put back), name and value afterwards (none: it is taken out)
$rows = [
{rows}];

function reguid_get($of, $owner, $name)
{{
{get}    return {own_get};
}}

function reguid_set($of, $owner, $name, $value)
{{
{set}    {own_set}
}}

// a setting that tells of the run, what it is to say, and whether it must not be there yet
$mark = {mark};

$before = $after = [];
foreach ($rows as [$of, $owner, $from, $old, $to, $new]) {{
    if ($from !== null) {{
        $before[json_encode([$of, $owner, $from])] = [$of, $owner, $from, $old];
    }}
    if ($to !== null) {{
        $after[json_encode([$of, $owner, $to])] = [$of, $owner, $to, $new];
    }}
}}
$is = function (array $these, array $others) {{
    foreach ($these + $others as $key => [$of, $owner, $name]) {{
        $now = reguid_get($of, $owner, $name);
        $wanted = isset($these[$key]) ? $these[$key][3] : null;
        if ($now === null ? $wanted !== null : (string) $now !== $wanted) {{
            return false;
        }}
    }}
    return true;
}};
if ($mark !== null && (string) reguid_get(null, 0, $mark[0]) === $mark[1]) {{
    echo "reguid: the settings were changed already\n";
    exit(0);
}}
if ($mark !== null && $mark[2] && (string) reguid_get(null, 0, $mark[0]) !== '') {{
    fwrite(STDERR, "reguid: the run was taken back: nothing was changed\n");
    exit(1);
}}
if ($is($after, $before)) {{
    if ($mark !== null) {{
        reguid_set(null, 0, $mark[0], $mark[1]);
    }}
    echo "reguid: the settings were changed already\n";
    exit(0);
}}
if (!$is($before, $after)) {{
    foreach ($before + $after as $key => [$of, $owner, $name]) {{
        $now = reguid_get($of, $owner, $name);
        $possible = array_filter([$before[$key][3] ?? null, $after[$key][3] ?? null], 'is_string');
        if (($argv[1] ?? '') !== 'resume' || ($now !== null && !in_array((string) $now, $possible, true))) {{
            fwrite(STDERR, "reguid: the setting $name is not as it was when this script was made: nothing was changed\n");
            exit(1);
        }}
    }}
}}
foreach ($after as [$of, $owner, $name, $value]) {{
    reguid_set($of, $owner, $name, $value);
}}
foreach (array_diff_key($before, $after) as [$of, $owner, $name]) {{
    reguid_set($of, $owner, $name, null);
}}
if (!$is($after, $before)) {{
    fwrite(STDERR, "reguid: the panel did not keep what was written\n");
    exit(1);
}}
if ($mark !== null) {{
    reguid_set(null, 0, $mark[0], $mark[1]);
}}
echo 'reguid: ', count($rows), " settings changed\n";
"#,
        module = remark(module),
        told = told("//", changes),
        loader = facts.api.loader,
        context = facts.api.context.replace("{module}", &module_text),
        own_get = fill(&facts.api.get, ""),
        own_set = fill(&facts.api.set, ""),
    )
}
