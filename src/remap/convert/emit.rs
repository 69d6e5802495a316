//! The conversion as a file: what it expects, does and checks, for SQL and PHP alike.

use std::io::Write;

use super::job::{Change, Job, Scanned};
use super::script::{Step, literal, map_table, mapped};
use super::sound::{self, By};
use super::{Computed, Conversion, Form, Request, look, php, sql};
use crate::panel::Kind;
use crate::remap::error::RemapError;
use crate::remap::session::Session;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;

/// What a conversion is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// SQL for SQLite's own program; the mapping stands in it.
    Sql,
    /// PHP for the extension's install script; ids are looked up when it runs.
    Php,
}

/// A conversion, to be written out.
pub(super) struct Script<'a> {
    /// What ids become.
    pub conversion: &'a Conversion,
    /// The databases: what each is called in SQL, and its name relative to the var directory.
    pub databases: Vec<(String, String)>,
    /// For each table: its database, its name, what declares it, what will declare it.
    pub tables: Vec<[String; 4]>,
    /// The id columns: what becomes of them, the database, the table, the column, and what follows FROM where it is read.
    pub columns: Vec<(&'a Change, [String; 4])>,
    /// What is looked at first, before the ids are looked up.
    pub state: Vec<Step>,
    /// What is done then.
    pub steps: Vec<Step>,
}

/// Writes the conversion in `language`, unless something stands in its way or there is nothing to do.
///
/// # Errors
/// The manifest, the databases or the panel's state cannot be worked with; `out` takes no more.
pub fn emit(request: &Request<'_>, language: Language, out: &mut dyn Write) -> Result<Conversion, RemapError> {
    let (session, mut computed) = look(request, By::Script)?;
    if !computed.conversion.problems.is_empty() || computed.jobs.is_empty() {
        return Ok(computed.conversion);
    }
    let script = script(&session, &computed, language)?;
    let written = match language {
        Language::Sql => sql::write(&script, request.panel, &computed.values, out),
        Language::Php => match php::write(&script, out) {
            Ok(written) => written,
            Err(problems) => {
                computed.conversion.problems = problems;
                return Ok(computed.conversion);
            }
        },
    };
    written.map_err(|source| RemapError::Unwritable { path: "the script".into(), source })?;
    Ok(computed.conversion)
}

/// What the script expects and does.
fn script<'a>(session: &Session, computed: &'a Computed<'_>, language: Language) -> Result<Script<'a>, RemapError> {
    let mut used: Vec<usize> = computed.jobs.iter().map(|(j, _)| j.database).collect();
    used.dedup();
    let alias = |database: usize| match used.iter().position(|u| *u == database) {
        None | Some(0) => "main".to_owned(),
        Some(n) => format!("d{n}"),
    };
    let mut script = Script {
        conversion: &computed.conversion,
        databases: used.iter().map(|&u| (alias(u), session.databases[u].name.to_string())).collect(),
        tables: Vec::new(),
        columns: Vec::new(),
        state: vec![Step::expect("foreign keys are not enforced", "SELECT foreign_keys = 0 FROM pragma_foreign_keys")],
        steps: Vec::new(),
    };
    for (job, _) in &computed.jobs {
        let (schema, table) = (alias(job.database), &job.before.name);
        // The name that older releases of SQLite know too: servers run what their system has.
        let master = qualified(&schema, "sqlite_master");
        script.tables.push([schema.clone(), table.clone(), job.before.sql.clone(), job.after_sql.clone()]);
        script.state.push(Step::expect(
            format!("{table} is declared as it was"),
            format!(
                "SELECT count(*) FROM {master} WHERE type = 'table' AND name = {} AND sql = {}",
                literal(table),
                literal(&job.before.sql)
            ),
        ));
        let texts: Vec<String> = job.objects.iter().map(|o| literal(o)).collect();
        script.state.push(Step::expect(
            format!("{table} has the indexes and triggers that it had"),
            format!(
                "SELECT count(*) = {0} AND total(sql IN ({1})) = {0} FROM {master} WHERE type IN ('index', 'trigger') AND tbl_name = {2} COLLATE NOCASE AND sql IS NOT NULL",
                texts.len(),
                texts.join(", "),
                literal(table)
            ),
        ));
        script.state.extend(sound::steps(session, &session.databases[job.database], &job.before, &schema));
        let from = format!("{} AS t{}", qualified(&schema, table), job.before.itself());
        for change in &job.changes {
            let column = &job.before.columns[change.column].name;
            let cell = format!("t.{}", quote(column));
            script.columns.push((change, [schema.clone(), table.clone(), column.clone(), from.clone()]));
            script.steps.push(Step::expect(
                format!("every value of {table}.{column} has a reference"),
                format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM {from} WHERE typeof({cell}) NOT IN ('null', 'integer', 'text') OR {cell} IS NOT NULL AND {} IS NULL)",
                    mapped(&change.map, &cell)
                ),
            ));
            // A column beside that is there already, with something else in it.
            if let Some(beside) = change.beside.as_ref().filter(|_| job.there(change)) {
                let beside = format!("t.{}", quote(beside));
                script.steps.push(Step::expect(
                    format!("{table} holds no other reference beside {column}"),
                    format!(
                        "SELECT NOT EXISTS (SELECT 1 FROM {from} WHERE {beside} IS NOT NULL AND lower({beside}) IS NOT lower({}))",
                        mapped(&change.map, &cell)
                    ),
                ));
            }
        }
    }
    let faults: Vec<Option<(String, String)>> =
        script.databases.iter().zip(&used).map(|((alias, _), &u)| faults(session, &computed.jobs, (u, alias))).collect();
    for (make, _) in faults.iter().flatten() {
        script.steps.push(Step::run("rows that point at nothing already", make.clone()));
    }
    for (job, _) in &computed.jobs {
        let schema = alias(job.database);
        let mut rebuild = job.rebuild(&schema);
        if language == Language::Php {
            // Not every server has gathered them.
            rebuild.statistics = &[];
        }
        let unplaced = || RemapError::Check { detail: format!("the declarations of {} cannot be placed", job.before.name) };
        script.steps.extend(rebuild.steps().ok_or_else(unplaced)?);
    }
    let checked: Vec<&str> =
        script.databases.iter().zip(&faults).filter(|(_, f)| f.is_some()).map(|((alias, _), _)| alias.as_str()).collect();
    let drop = checked.iter().map(|alias| Step::run("", format!("DROP TABLE temp.reguid_faults_{alias}"))).collect::<Vec<_>>();
    for (_, check) in faults.into_iter().flatten() {
        script.steps.push(Step::expect("no more rows point at nothing than before", check));
    }
    script.steps.extend(drop);
    let mut maps: Vec<&str> = script.columns.iter().map(|(c, _)| c.map.as_str()).collect();
    maps.sort_unstable();
    maps.dedup();
    script.steps.extend(maps.into_iter().map(|map| Step::run("", format!("DROP TABLE {}", map_table(map)))));
    Ok(script)
}

/// The kinds of a script, each once.
pub(super) fn kinds(script: &Script<'_>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = script.columns.iter().map(|c| c.0.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// How rows that point at nothing are counted before and compared after, for each foreign key from or to a table that is converted. `None`: there is none such.
fn faults(session: &Session, jobs: &[(Job, Option<Scanned>)], (database, alias): (usize, &str)) -> Option<(String, String)> {
    let on = &session.databases[database];
    let is_touched = |name: &str| jobs.iter().any(|(j, _)| j.database == database && j.before.name.eq_ignore_ascii_case(name));
    let concerned = |t: &&Table| t.foreign_keys.iter().any(|f| is_touched(&t.name) || is_touched(&f.parent));
    // A foreign key to a column without a unique index cannot be checked, and is an error there; SQLite does not enforce it either.
    let checked = |t: &&Table| session.connection.prepare(&format!("PRAGMA {}.foreign_key_check({})", on.schema, quote(&t.name))).is_ok();
    let children: Vec<String> = on.declared.tables.iter().filter(concerned).filter(checked).map(|t| literal(&t.name)).collect();
    if children.is_empty() {
        return None;
    }
    // Without a table as its argument, it looks at all databases, and does not tell which is whose.
    let count = format!(
        "SELECT m.name AS child, f.fkid AS number, count(*) AS n FROM {} AS m JOIN pragma_foreign_key_check(m.name, {}) AS f \
         WHERE m.type = 'table' AND m.name IN ({}) GROUP BY 1, 2",
        qualified(alias, "sqlite_master"),
        literal(alias),
        children.join(", ")
    );
    let table = format!("reguid_faults_{alias}");
    let make = format!("CREATE TEMP TABLE {table} AS {count}");
    let check = format!(
        "SELECT NOT EXISTS (SELECT 1 FROM ({count}) AS is_now LEFT JOIN temp.{table} AS was USING (child, number) WHERE is_now.n > coalesce(was.n, 0))"
    );
    Some((make, check))
}

/// Text for a comment: one line, and nothing that could end it.
pub(super) fn comment(text: &str) -> String {
    super::one_line(text).replace("?>", "? >").replace("*/", "* /")
}

/// The lines that a script begins with, after its first.
pub(super) fn heading(script: &Script<'_>) -> Vec<String> {
    let word = if script.conversion.form == Form::Guid { "GUID" } else { "name" };
    let mut lines = vec![format!("Written by reguid {}. Review it before it runs.", env!("CARGO_PKG_VERSION"))];
    for place in &script.conversion.places {
        let beside = place.beside.as_ref().map(|b| format!(", beside it in {b}")).unwrap_or_default();
        lines.push(format!("  {}: {} ({}) becomes a {word}{beside}", place.database, place.place, place.kind));
    }
    lines.extend(script.conversion.notes.iter().map(|n| format!("  note: {n}")));
    lines.iter().map(|l| format!("{}{}", if l.starts_with("  ") { "  " } else { "" }, comment(l))).collect()
}
