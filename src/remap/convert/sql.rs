//! The conversion as SQL, with the mapping in it: for one server, to be reviewed.

use std::io::{self, Write};

use super::emit::{Script, comment, heading};
use super::script::{Step, literal, make_map, map_table};
use super::values::{Stored, Values};
use crate::panel::Inventory;
use crate::remap::plan::PanelState;

/// How many pairs one statement holds.
const PAIRS: usize = 500;

/// Writes the script.
pub(super) fn write(script: &Script<'_>, panel: Option<&Inventory>, values: &[Values<'_>], out: &mut dyn Write) -> io::Result<()> {
    let first = script.databases.first().map_or("", |d| d.1.as_str());
    writeln!(out, "-- Turns ids of the panel into references that a restore does not change.")?;
    heading(script).iter().try_for_each(|l| writeln!(out, "-- {l}"))?;
    if let Some(panel) = panel {
        writeln!(out, "-- The ids are those of this panel state: {}.", comment(&PanelState::of(panel).label()))?;
        writeln!(out, "-- On another panel, or on this one after a restore, they mean other objects: do not run it there.")?;
    }
    writeln!(out, "-- Run it once, in the extension's var directory, while nothing else uses the data:")?;
    writeln!(out, "--   sqlite3 {} < this file", comment(first))?;
    writeln!(
        out,
        "-- It stops at the first thing that is not as it was when it was written, and then nothing is changed. The next line makes SQLite's own"
    )?;
    writeln!(
        out,
        "-- program stop at an error. Another program must do so by itself (PDO::exec does), and does not know that line: take it out there."
    )?;
    if script.databases.len() > 1 {
        writeln!(
            out,
            "-- Databases in WAL mode are not changed together if the power fails: `reguid convert` sees to that, this file does not."
        )?;
    }
    writeln!(out, ".bail on\nPRAGMA foreign_keys = OFF;")?;
    for (alias, name) in script.databases.iter().skip(1) {
        // Never makes one that is not there.
        let uri = crate::sqlite::open::uri(name.as_str().into(), "mode=rw");
        writeln!(out, "ATTACH {} AS {alias};", literal(&uri))?;
    }
    writeln!(out, "BEGIN IMMEDIATE;\n")?;
    writeln!(out, "-- Each line says what must hold. Where one does not, this table refuses it.")?;
    writeln!(out, "CREATE TEMP TABLE reguid_expected(what TEXT, holds CONSTRAINT \"it is as expected\" CHECK (holds IS 1));")?;
    script.state.iter().try_for_each(|s| step(s, out))?;
    writeln!(out)?;
    for values in values {
        writeln!(out, "-- Each value of a column of {} ids, and what it becomes. Values that mean no object stay.", values.kind())?;
        writeln!(out, "{};", make_map(&values.map))?;
        let mut pairs: Vec<(&Stored, &String)> = values.known.iter().collect();
        pairs.sort();
        for pairs in pairs.chunks(PAIRS) {
            let lines: Vec<String> =
                pairs.iter().map(|(value, reference)| format!("  ({}, {})", stored(value), literal(reference))).collect();
            writeln!(out, "INSERT INTO {} VALUES\n{};", map_table(&values.map), lines.join(",\n"))?;
        }
    }
    script.steps.iter().try_for_each(|s| step(s, out))?;
    writeln!(out, "DROP TABLE temp.reguid_expected;\n\nCOMMIT;")
}

fn stored(value: &Stored) -> String {
    match value {
        // The smallest number has no literal of its own: the digits alone are too large.
        Stored::Integer(i64::MIN) => format!("({} - 1)", i64::MIN + 1),
        Stored::Integer(i) => i.to_string(),
        // A literal ends at a NUL.
        Stored::Text(text) if text.contains('\0') => {
            format!("CAST(x'{}' AS TEXT)", text.bytes().map(|b| format!("{b:02x}")).collect::<String>())
        }
        Stored::Text(text) => literal(text),
    }
}

fn step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    match step {
        Step::Run { why, sql } => {
            if !why.is_empty() {
                writeln!(out, "\n-- {}", comment(why))?;
            }
            writeln!(out, "{sql};")
        }
        Step::Expect { what, sql } => writeln!(out, "INSERT INTO temp.reguid_expected VALUES ({}, ({sql}));", literal(&comment(what))),
    }
}
