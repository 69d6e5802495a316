//! What becomes of the rows of tables that an extension has in the panel's database.
//!
//! All rows of a table that the manifest names are read and locked. What cannot be rewritten for certain there is refused by name: a table without a primary
//! key or transactions, a column that the server fills itself, a trigger that would fire, a foreign key whose other end nobody declared.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;
use sha2::{Digest as _, Sha256};

use super::super::decide::Policies;
use super::super::error::{ManifestMismatch, RemapError};
use super::super::plan::{CellPlan, Plan, Problem, ProblemCode, Refused, RowPlan};
use super::super::scan::CellHash;
use super::super::target;
use super::script::{Language, NO_PHP};
use super::settings::encrypted;
use super::since::{self, Digested};
use super::spot::{self, Cell as Became, Judge, Sort};
use crate::panel::change::{Change, shown};
use crate::panel::rows::{Cell, Column, Form, Reading, Row, Table, Tie, Unique, has_room_aside};
use crate::panel::settings::Session;
use crate::panel::{Kind, catalogue};
use crate::reference::manifest::{Entry, Manifest, Store};
use crate::sqlite::ValueRef;

/// Rows that are named where two would be the same.
const NAMED: usize = 5;

/// The entries of one table.
pub(super) struct Declared {
    /// The table, as the server has it.
    pub table: Table,
    /// The columns with ids, each with its entries.
    pub columns: Vec<(usize, Vec<usize>)>,
    /// The columns with twins.
    pub twins: Vec<usize>,
}

impl Declared {
    /// The columns with ids and their twins.
    pub(super) fn read(&self) -> Vec<usize> {
        self.columns.iter().map(|(column, _)| *column).chain(self.twins.iter().copied()).collect()
    }
}

/// Whether the entry is one of a table in the panel's database.
pub(super) fn is_one(entry: &Entry) -> bool {
    spot::sort(entry) == Some(Sort::Panel)
}

/// The tables that those entries of `manifest` name for which `wanted` is true.
pub(super) fn declared(session: &mut Session, manifest: &Manifest, wanted: impl Fn(&Entry) -> bool) -> Result<Vec<Declared>, RemapError> {
    let mut all: Vec<Declared> = Vec::new();
    for (index, entry) in manifest.references.iter().enumerate().filter(|(_, e)| wanted(e)) {
        let Store::PanelColumn { table, column, .. } = &entry.store else { continue };
        let wrong = |message: String, label: &str, word: &str, near: Vec<&str>| {
            Err(ManifestMismatch::at(manifest, entry.span.clone(), message, label, word, near.into_iter()))
        };
        if catalogue::is_panel_table(table) {
            let message = format!("{table} is one of the panel's own tables, which the panel itself keeps right");
            return wrong(message, "names this table", table, Vec::new());
        }
        let Some(found) = session.table(table).map_err(super::panel_error)? else {
            let message = format!("{}: there is no table {table}, or several that differ in case alone", session.server());
            return wrong(message, "names this table", table, Vec::new());
        };
        let at = match all.iter().position(|d| d.table.name == found.name) {
            Some(at) => at,
            None => {
                all.push(Declared { table: found, columns: Vec::new(), twins: Vec::new() });
                all.len() - 1
            }
        };
        let of = &mut all[at];
        let mut columns = Vec::new();
        for name in std::iter::once(column).chain(&entry.twin) {
            let Some(column) = of.table.column(name) else {
                let message = format!("{}: the table {} has no column {name}", session.server(), of.table.name);
                return wrong(message, "names this column", name, of.table.columns.iter().map(|c| &*c.name).collect());
            };
            columns.push(column);
        }
        match of.columns.iter_mut().find(|(column, _)| *column == columns[0]) {
            Some((_, entries)) if entries.iter().chain([&index]).any(|e| !manifest.references[*e].is_inside()) => {
                let message =
                    format!("{}: its values are declared as ids and as something with ids inside, or twice as ids", target::place(entry));
                return wrong(message, "this entry", column, Vec::new());
            }
            Some((_, entries)) => entries.push(index),
            None => of.columns.push((columns[0], vec![index])),
        }
        of.twins.extend(columns.get(1));
    }
    Ok(all)
}

/// A cell as the deciders see it.
pub(super) fn value(cell: Option<&Cell>) -> ValueRef<'_> {
    let Some((cell, value)) = cell.and_then(|cell| Some((cell, cell.value.as_deref()?))) else { return ValueRef::Null };
    let number = || std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok());
    match (cell.form, number()) {
        (Form::Number, Some(number)) => ValueRef::Integer(number),
        // A column of bytes that is declared as one of ids holds their digits.
        _ => ValueRef::Text(value),
    }
}

/// The cell of a column in a row.
pub(super) fn cell<'r>(row: &'r Row, column: &Column) -> Option<&'r Cell> {
    row.key.iter().chain(&row.cells).find(|cell| cell.column == column.name)
}

/// Finds what changes in the tables, adds it to `plan`, and gives it. What stays although ids in it mean something else goes to `kept`.
pub(super) fn compute(
    session: &mut Session,
    (manifest, emit): (&Manifest, Option<Language>),
    judge: &mut Judge<'_>,
    hash: &mut CellHash,
    plan: &mut Plan,
    kept: &mut BTreeSet<Digested>,
) -> Result<Vec<Change<Row>>, RemapError> {
    let all = declared(session, manifest, |e| super::is_rewritten(e) && is_one(e))?;
    let mut changes = Vec::new();
    for of in &all {
        let reasons = reasons(of, &all, manifest, emit);
        if !reasons.is_empty() {
            plan.not_handled.extend(reasons);
            continue;
        }
        let first = changes.len();
        table(session, (manifest, of), judge, (hash, plan, kept), &mut changes)?;
        if let Some((name, event)) = of.table.triggers.iter().find(|(_, event)| fires(&changes[first..], event)) {
            let reason =
                format!("its trigger {name} ({event}) would do what nobody planned: drop it for the run, and make it anew afterwards");
            plan.not_handled.push(Refused { place: format!("panel:{}", of.table.name), reason });
        } else if let Some(reason) = emit.and_then(|_| no_script(&of.table, &changes[first..])) {
            plan.not_handled.push(Refused { place: format!("panel:{}", of.table.name), reason });
        }
        plan.panel_rows.extend(changes[first..].iter().map(planned));
    }
    plan.summary.panel_rows = changes.len() as u64;
    Ok(changes)
}

/// Why entries of a table are not handled.
fn reasons(of: &Declared, all: &[Declared], manifest: &Manifest, emit: Option<Language>) -> Vec<Refused> {
    let table = &of.table;
    let entries = || of.columns.iter().flat_map(|(_, entries)| entries).map(|e| &manifest.references[*e]);
    let removes = entries().any(|e| Policies::of(e).removes());
    let mut reason = None;
    if table.hidden {
        reason = Some(format!("this user may not see all columns of the table {}: what stands in the others could be lost", table.name));
    } else if let Some(odd) = &table.odd {
        reason = Some(format!("{} is no plain table, but: {odd}", table.name));
    } else if table.key.is_empty() {
        reason =
            Some(format!("the table {} has no primary key, so that one of its rows cannot be told from another: give it one", table.name));
    } else if let Some(engine) = &table.without_transactions {
        reason = Some(format!("the table {} is kept by {engine}, which knows no transactions: ALTER TABLE … ENGINE = InnoDB", table.name));
    } else if let Some(column) = table.key.iter().map(|c| &table.columns[*c]).find(|c| !c.restorable) {
        reason = Some(format!(
            "its primary key has the column {} ({}), whose values do not tell rows apart for certain",
            column.name, column.declared
        ));
    } else if let Some(column) = table.columns.iter().find(|c| removes && !c.generated && !c.restorable) {
        reason = Some(format!(
            "the column {} ({}) could not be put back as it was: no row of this table is taken out, so choose another policy than `delete-row`",
            column.name, column.declared
        ));
    } else if let Some(tie) = table.ties.iter().find(|tie| removes && tie.parent.eq_ignore_ascii_case(&table.name)) {
        reason = Some(format!(
            "{} refers to its rows (foreign key {}), so none is taken out: choose another policy than `delete-row`",
            tie.child, tie.name
        ));
    } else if emit == Some(Language::Php) {
        reason = Some(NO_PHP.to_owned());
    } else if emit.is_some() {
        reason = no_script(table, &[]);
    }
    let of_table =
        reason.into_iter().flat_map(|reason| entries().map(move |e| Refused { place: target::place(e), reason: reason.clone() }));
    let mut refused: Vec<Refused> = of_table.collect();
    for (at, entries) in of.columns.iter().filter(|_| refused.is_empty()) {
        if let Some(reason) = of_column((of, *at), all, manifest, emit.is_some()) {
            return entries.iter().map(|e| Refused { place: target::place(&manifest.references[*e]), reason: reason.clone() }).collect();
        }
    }
    refused.dedup();
    refused
}

/// Why a script cannot make `changes` of a table, as far as it is not refused for other reasons.
pub(super) fn no_script(table: &Table, changes: &[Change<Row>]) -> Option<String> {
    const OTHERWISE: &str = "let reguid write (the live panel, without --emit)";
    if let Some(engine) = &table.without_transactions {
        return Some(format!("the table {} is kept by {engine}, which knows no transactions", table.name));
    }
    if let Some(tie) = table.ties.iter().find(|tie| !catalogue::is_panel_table(&tie.parent)) {
        return Some(format!(
            "the foreign key {} ties {} to {}, which a script cannot look after: {OTHERWISE}",
            tie.name, tie.child, tie.parent
        ));
    }
    if let Some(column) = table.columns.iter().find(|c| c.timed) {
        return Some(format!("the column {} is set to the time of each change, which a script cannot keep: {OTHERWISE}", column.name));
    }
    if let Some((name, event)) = table.triggers.iter().find(|(_, event)| fires(changes, event)) {
        return Some(format!("its trigger {name} ({event}) would do what nobody planned: drop it, and make it anew afterwards"));
    }
    // Rows that stand aside while they change places get numbers that nobody has: a script looks for them above all others.
    let altered = || changes.iter().filter_map(|c| if let Change::Altered { before, after } = c { Some((before, after)) } else { None });
    table.columns.iter().find_map(|column| {
        let (_, most) = column.range?;
        let of = |row: &Row| std::str::from_utf8(cell(row, column)?.value.as_deref()?).ok()?.parse::<i128>().ok();
        let moves = altered().any(|(before, after)| cell(before, column).is_some_and(|c| c.unique) && of(before) != of(after));
        let largest = altered().flat_map(|(before, after)| [of(before), of(after)]).flatten().max()?;
        let count = i128::try_from(changes.len()).unwrap_or(i128::MAX);
        (moves && largest.max(0) + 2 * count + ASIDE > most).then(|| {
            format!(
                "the column {} ({}) may have no room for rows that stand aside while they change places: {OTHERWISE}",
                column.name, column.declared
            )
        })
    })
}

/// How much room there is to be above the ids of a run, for those that other rows have.
const ASIDE: i128 = 1000;

/// Whether some of `changes` fire triggers of that sort.
fn fires(changes: &[Change<Row>], event: &str) -> bool {
    changes.iter().any(|change| match change {
        Change::Altered { .. } => event == "UPDATE",
        // What is taken out is put back by `undo`.
        Change::Removed(_) | Change::Added(_) => event != "UPDATE",
    })
}

/// Why a column is not handled.
fn of_column((of, at): (&Declared, usize), all: &[Declared], manifest: &Manifest, by_script: bool) -> Option<String> {
    let (table, column) = (&of.table, &of.table.columns[at]);
    if column.generated {
        return Some(format!("the server computes the column {} itself: declare the columns that it goes by", column.name));
    }
    if column.form == Form::Bytes && !column.restorable {
        return Some(format!("the column {} ({}) holds no text and no numbers", column.name, column.declared));
    }
    if column.numbered {
        return Some(format!(
            "the server numbers the rows by the column {} itself (AUTO_INCREMENT), so it holds no panel ids",
            column.name
        ));
    }
    // An index on what the server computes of this column, or on what it does not tell. Names stand in it in quotes.
    let names = |text: &str, name: &str| text.to_lowercase().contains(&format!("`{}`", name.to_lowercase()));
    let is_of = |text: &str| names(text, &column.name) || table.columns.iter().any(|c| c.generated && names(text, &c.name));
    let goes_by = |c: &Option<usize>| match c.map(|c| &table.columns[c]) {
        None => true,
        Some(other) => other.generated && other.computed.as_ref().is_none_or(|text| is_of(text)),
    };
    let computed = |u: &&Unique| u.columns.iter().any(|(c, _)| goes_by(c));
    let unsure = "whether two rows would be the same cannot be told for certain";
    if let Some(unique) = table.unique.iter().find(computed) {
        return Some(format!("the unique index {} has a computed part: {unsure}", unique.name));
    }
    for unique in table.unique_with(at) {
        if unique.columns.iter().any(|(c, length)| *c == Some(at) && length.is_some()) {
            return Some(format!("the unique index {} goes by the beginning of this column: {unsure}", unique.name));
        }
        if by_script && column.form != Form::Number && !table.key.contains(&at) {
            return Some(format!(
                "the unique index {} has this column, whose rows a script cannot let change places: let `fix` write (--new plesk:)",
                unique.name
            ));
        }
        if !has_room_aside(column) {
            return Some(format!(
                "the unique index {} has the column {} ({}), which is too short for what stands in it while rows change places",
                unique.name, column.name, column.declared
            ));
        }
    }
    table.ties.iter().find_map(|tie| other_end(tie, table, column, (of, at), all, manifest))
}

/// Why a foreign key of a column does not let it be rewritten: its other end would not change with it.
fn other_end(
    tie: &Tie,
    table: &Table,
    column: &Column,
    (of, at): (&Declared, usize),
    all: &[Declared],
    manifest: &Manifest,
) -> Option<String> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let kinds = |of: &Declared, at: usize| -> Vec<Option<Kind>> {
        let entries = of.columns.iter().filter(|(c, _)| *c == at).flat_map(|(_, entries)| entries);
        entries.map(|e| &manifest.references[*e]).filter(|e| !e.is_inside()).map(|e| e.kind).collect()
    };
    let mine = kinds(of, at);
    for (child, parent) in &tie.columns {
        let others = [
            (same(&tie.child, &table.name) && same(child, &column.name)).then_some((&tie.parent, parent)),
            (same(&tie.parent, &table.name) && same(parent, &column.name)).then_some((&tie.child, child)),
        ];
        for (other_table, other_column) in others.into_iter().flatten() {
            let is_panels = catalogue::panel_column(other_table, other_column).is_some_and(|kind| mine == [Some(kind)]);
            let declared = all.iter().find(|d| same(&d.table.name, other_table));
            let theirs = declared.and_then(|d| Some(kinds(d, d.table.column(other_column)?))).unwrap_or_default();
            if !is_panels && (theirs != mine || mine.is_empty()) {
                return Some(format!(
                    "the foreign key {} ties it to {other_table}.{other_column}, which would not change with it: declare both, of one kind",
                    tie.name
                ));
            }
        }
    }
    None
}

/// Of a tuple: half of a SHA-256.
type Digest = [u8; 16];

/// A tuple of a unique index, as the server tells tuples apart; `None`: it has a NULL, and agrees with no other.
fn tuple(row: &Row, table: &Table, columns: &[(Option<usize>, Option<u64>)]) -> Option<Digest> {
    let mut all = Sha256::new();
    for (column, length) in columns {
        let column = &table.columns[(*column)?];
        let cell = cell(row, column)?;
        let value = cell.value.as_deref()?;
        let limit = length.and_then(|l| usize::try_from(l).ok()).unwrap_or(usize::MAX);
        let part = match column.form {
            Form::Text => {
                let text: String = String::from_utf8_lossy(value).chars().take(limit).collect();
                let text = if column.folds_case { text.to_lowercase() } else { text };
                if column.pads { text.trim_end_matches(' ').as_bytes().to_vec() } else { text.into_bytes() }
            }
            Form::Number | Form::Bytes => value.iter().copied().take(limit).collect(),
        };
        all.update((part.len() as u64).to_le_bytes());
        all.update(&part);
    }
    all.finalize().first_chunk().copied()
}

/// What becomes of the rows of one table.
fn table(
    session: &mut Session,
    (manifest, of): (&Manifest, &Declared),
    judge: &mut Judge<'_>,
    (hash, plan, kept): (&mut CellHash, &mut Plan, &mut BTreeSet<Digested>),
    changes: &mut Vec<Change<Row>>,
) -> Result<(), RemapError> {
    let table = &of.table;
    let entry_of = |index: &usize| &manifest.references[*index];
    let removes = of.columns.iter().flat_map(|(_, entries)| entries).any(|e| Policies::of(entry_of(e)).removes());
    // What goes by an id goes with all that stands inside its other values.
    let mut columns: Vec<&(usize, Vec<usize>)> = of.columns.iter().collect();
    columns.sort_by_key(|(_, entries)| entry_of(&entries[0]).is_inside());
    let touched = |column: &usize| of.columns.iter().any(|(c, _)| c == column);
    let unique: Vec<_> = table.unique.iter().filter(|u| u.columns.iter().any(|(c, _)| c.as_ref().is_some_and(touched))).collect();
    let mut wanted = of.read();
    wanted.extend(unique.iter().flat_map(|u| &u.columns).filter_map(|(c, _)| *c));
    if removes {
        wanted.extend((0..table.columns.len()).filter(|c| !table.columns[*c].generated));
    }
    let reading = Reading { columns: wanted, sound: true, ..Reading::default() };
    hash.text("panel");
    hash.text(&table.name);
    let mut staying: Vec<FxHashSet<Digest>> = vec![FxHashSet::default(); unique.len()];
    // Each with the digests of its tuples.
    let mut coming: Vec<(Change<Row>, Vec<Option<Digest>>)> = Vec::new();
    let mut not_null: Vec<(usize, String)> = Vec::new();
    let mut failed = None;
    let (mut unsound, mut large) = (Vec::new(), Vec::new());
    let looked = session.rows(table, &reading, |row, sound| {
        if failed.is_some() {
            return;
        }
        let label = row.label();
        (judge.left, judge.goes) = (false, false);
        let mut goes = false;
        let mut became: Vec<Cell> = Vec::new();
        row.key.iter().for_each(|c| hash.value(c.value.as_deref().map_or(ValueRef::Null, ValueRef::Blob)));
        for (at, entries) in &columns {
            let column = &table.columns[*at];
            let Some(now) = cell(&row, column).filter(|_| !goes) else { continue };
            hash.value(now.value.as_deref().map_or(ValueRef::Null, ValueRef::Blob));
            let item = format!("{label}: {}", column.name);
            let first = entry_of(&entries[0]);
            let after = if first.is_inside() {
                match &now.value {
                    None => None,
                    Some(text) if encrypted(text) => {
                        judge.encrypted(entries[0], &item);
                        None
                    }
                    Some(text) => match judge.value(entries, text, &item) {
                        Ok(after) => after.map(Some),
                        Err(error) => {
                            failed = Some(error);
                            return;
                        }
                    },
                }
            } else {
                let twin = first.twin.as_ref().and_then(|twin| cell(&row, &table.columns[table.column(twin)?]));
                hash.value(twin.and_then(|t| t.value.as_deref()).map_or(ValueRef::Null, ValueRef::Blob));
                match judge.cell(entries[0], value(Some(now)), value(twin), &item) {
                    Became::Stays => None,
                    Became::Becomes(new) => Some(new.map(|id| id.to_string().into_bytes())),
                    Became::Goes => {
                        goes = true;
                        None
                    }
                }
            };
            if let Some(value) = after {
                if value.is_none() && !column.nullable {
                    not_null.push((entries[0], item));
                    continue;
                }
                became.push(Cell { value, ..now.clone() });
            }
        }
        if goes || judge.goes {
            // All of it is needed to put it back.
            row.cells.iter().for_each(|c| hash.value(c.value.as_deref().map_or(ValueRef::Null, ValueRef::Blob)));
            if !sound {
                unsound.push(row.label());
            }
            if size(row.key.iter().chain(&row.cells)) > table.statement_limit {
                large.push(row.label());
            }
            changes.push(Change::Removed(Row { whole: true, ..row }));
            return;
        }
        if !became.is_empty() && !sound {
            unsound.push(row.label());
        }
        if size(became.iter()) > table.statement_limit {
            large.push(row.label());
        }
        let after = row.with(&became);
        if judge.left {
            kept.extend(since::of_row(&after, of));
        }
        let tuples = |row: &Row| unique.iter().map(|u| tuple(row, table, &u.columns)).collect::<Vec<_>>();
        let (now, then) = (tuples(&row), tuples(&after));
        if now != then {
            coming.push((altered(row, &became), then));
            return;
        }
        for (tuple, staying) in now.into_iter().zip(&mut staying) {
            staying.extend(tuple);
        }
        if !became.is_empty() {
            changes.push(altered(row, &became));
        }
    });
    looked.map_err(super::panel_error)?;
    if let Some(error) = failed {
        return Err(error);
    }
    let mut problem = |code, rows: usize, message| {
        let (database, place) = (Sort::Panel.word().to_owned(), table.name.to_string());
        plan.problems.push(Problem { code, database, place, rows: rows as u64, message });
    };
    let mut same = Vec::new();
    for (change, tuples) in &coming {
        for ((unique, tuple), staying) in unique.iter().zip(tuples).zip(&mut staying) {
            if tuple.is_some_and(|tuple| !staying.insert(tuple)) {
                same.push(format!("{} (unique index {})", change.subject().label(), unique.name));
            }
        }
    }
    if !same.is_empty() {
        let more = if same.len() > NAMED { "; …" } else { "" };
        let list = same.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
        problem(ProblemCode::Collision, same.len(), format!("rows would be the same as others in a unique index: {list}{more}"));
    }
    if let Some(first) = unsound.first() {
        let message =
            format!("text in a row that changes has bytes that are no characters in its character set, and would become others: {first}");
        problem(ProblemCode::Constraint, unsound.len(), message);
    }
    if let Some(first) = large.first() {
        let message = format!(
            "a row is larger than what the server takes in one statement (max_allowed_packet, {} bytes): {first}",
            table.statement_limit
        );
        problem(ProblemCode::TooLong, large.len(), message);
    }
    if let Some((_, first)) = not_null.first() {
        let message = format!("a policy says \"null\", and the column takes no NULL: {first}");
        problem(ProblemCode::NotNull, not_null.len(), message);
    }
    changes.extend(coming.into_iter().map(|(change, _)| change));
    // What the columns take is said before the server says it.
    let mut long = Vec::new();
    for cell in
        changes[..].iter().filter_map(Change::after).filter(|row| row.table == table.name).flat_map(|row| row.key.iter().chain(&row.cells))
    {
        let Some(column) = table.columns.iter().find(|c| c.name == cell.column) else { continue };
        let Some(value) = &cell.value else { continue };
        let length = if column.form == Form::Text { String::from_utf8_lossy(value).chars().count() } else { value.len() } as u64;
        let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<i128>().ok());
        let fits = match (column.range, number) {
            (Some((low, high)), Some(number)) => (low..=high).contains(&number),
            _ => column.length.is_none_or(|most| length <= most),
        };
        if !fits {
            long.push(format!("{} ({}) does not take {}", column.name, column.declared, shown(Some(value))));
        }
    }
    if let Some(first) = long.first() {
        problem(ProblemCode::TooLong, long.len(), format!("the column {first}"));
    }
    Ok(())
}

/// About how many bytes a statement has that writes these: text goes in hexadecimal.
fn size<'c>(cells: impl Iterator<Item = &'c Cell>) -> u64 {
    cells.map(|cell| 2 * cell.value.as_ref().map_or(0, |value| value.len() as u64) + 200).sum::<u64>() + 1000
}

/// A row with other values: its key, and the columns that change.
fn altered(row: Row, became: &[Cell]) -> Change<Row> {
    let cells = row.cells.iter().filter(|cell| became.iter().any(|b| b.column == cell.column)).cloned().collect();
    let before = Row { cells, ..row };
    let after = before.with(became);
    Change::Altered { before, after }
}

/// A change as plans list it.
fn planned(change: &Change<Row>) -> RowPlan {
    let text = |cell: &Cell| cell.value.as_deref().map(|value| String::from_utf8_lossy(value).into_owned());
    let cells = match change {
        Change::Altered { before, after } => {
            let pair =
                |(before, after): (&Cell, &Cell)| CellPlan { column: before.column.to_string(), before: text(before), after: text(after) };
            before.differences(after).into_iter().map(pair).collect()
        }
        Change::Removed(_) | Change::Added(_) => Vec::new(),
    };
    let row = change.subject();
    RowPlan { table: row.table.to_string(), row: row.label(), removed: matches!(change, Change::Removed(_)), cells }
}
