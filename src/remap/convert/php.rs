//! The conversion as PHP, for the extension's install or upgrade script: it runs on every server, and asks each server's panel.

use std::io::{self, Write};

use super::Form;
use super::emit::{Script, heading, kinds};
use super::job::Change;
use super::panel_api;
use super::script::Step;
use crate::sqlite::name::{qualified, quote};

/// The code that does not depend on what is converted.
const CODE: &str = include_str!("convert.php");

/// Writes the script. `Err`: what the panel's interface cannot be asked for.
pub(super) fn write(script: &Script<'_>, out: &mut dyn Write) -> Result<io::Result<()>, Vec<String>> {
    let form = script.conversion.form;
    let mut ask = Vec::new();
    let mut problems = Vec::new();
    for kind in kinds(script) {
        match panel_api::reference(kind, form) {
            Some(expression) => ask.push(format!("{} => static fn (int $id) => {expression}", text(kind.name()))),
            None => problems.push(format!("PHP cannot ask the panel for the {} of a {kind}: take --emit sql", form.word())),
        }
    }
    let Some(var_dir) = panel_api::var_dir().filter(|_| problems.is_empty()) else { return Err(problems) };
    let pairs = |(alias, name): &(String, String)| format!("{} => {}", text(alias), text(name));
    let rows = |row: &[String]| format!("[{}]", row.iter().map(|r| text(r)).collect::<Vec<_>>().join(", "));
    let columns = script.columns.iter().map(|(change, [schema, table, column, from])| {
        rows(&[change.kind.name().to_owned(), change.map.clone(), qualified(schema, table), quote(column), from.clone()])
    });
    let words = |change: &Change| change.sentinels.words().iter().map(|s| text(&s.to_ascii_lowercase())).collect::<Vec<_>>().join(", ");
    let mut none: Vec<String> = script.columns.iter().map(|(c, _)| format!("{} => [{}]", text(&c.map), words(c))).collect();
    none.sort();
    none.dedup();
    let replaced = [
        ("@VAR_DIR@", var_dir),
        ("@DATABASES@", list(script.databases.iter().map(pairs))),
        ("@TABLES@", list(script.tables.iter().map(|t| rows(t)))),
        ("@COLUMNS@", list(columns)),
        ("@STATE@", list(script.state.iter().map(step))),
        ("@STEPS@", list(script.steps.iter().map(step))),
        ("@ASK@", list(ask.into_iter())),
        ("@NONE@", list(none.into_iter())),
        ("@IS_GUID@", if form == Form::Guid { "true".into() } else { "false".into() }),
    ];
    Ok(whole(script, &replaced, out))
}

fn whole(script: &Script<'_>, replaced: &[(&str, String)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?php\n// Turns ids of the panel into references that a restore does not change.")?;
    heading(script).iter().try_for_each(|l| writeln!(out, "// {l}"))?;
    writeln!(
        out,
        "// Include it from the extension's install and upgrade scripts, before anything else uses the data: require __DIR__ . '/this-file.php';"
    )?;
    writeln!(
        out,
        "// It does nothing where there is nothing to convert, or where that was done. Else it converts everything, or throws and changes nothing."
    )?;
    if script.databases.len() > 1 {
        writeln!(out, "// Databases in WAL mode are not changed together if the power fails.")?;
    }
    writeln!(out)?;
    let mut rest = CODE;
    // One pass: what is put in is not looked at again.
    while let Some((at, (name, value))) = replaced.iter().filter_map(|r| Some((rest.find(r.0)?, r))).min_by_key(|(at, _)| *at) {
        out.write_all(&rest.as_bytes()[..at])?;
        out.write_all(value.as_bytes())?;
        rest = &rest[at + name.len()..];
    }
    out.write_all(rest.as_bytes())
}

/// A text as a literal of PHP.
fn text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A list, one item a line.
fn list(items: impl Iterator<Item = String>) -> String {
    let lines: String = items.map(|i| format!("        {i},\n")).collect();
    if lines.is_empty() { "[]".to_owned() } else { format!("[\n{lines}    ]") }
}

fn step(step: &Step) -> String {
    match step {
        Step::Run { sql, .. } => format!("['', {}]", text(sql)),
        Step::Expect { what, sql } => format!("[{}, {}]", text(what), text(sql)),
    }
}
