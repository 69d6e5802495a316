//! From facts to references: which places hold panel ids, by their names, by the code that writes and reads them, by what stands beside them.

mod afar;
mod builders;
mod columns;
mod databases;
pub mod entries;
mod flow;
mod members;
mod names;
mod on_panel;
mod program;
mod records;
mod sql;
mod stores;
mod story;
mod tables;
mod wrappers;

use builders::Builders;
use flow::parts;
use flow::solve::{Known, Solver};
use program::Program;
use records::Records;
use sql::SqlFacts;
use tables::Tables;

use crate::extension::Extension;
use crate::extension::source::Span;
use crate::extension::workers;
use crate::reference::Reference;
use crate::reference::manifest::Form;

/// A reference with the places in the extension's files that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The reference.
    pub reference: Reference,
    /// The database files that hold it: a glob relative to the var directory, where the extension tells it.
    pub database: Option<String>,
    /// How ids are written in the value, each way that the code shows, where that is more than the place tells.
    pub forms: Vec<Form>,
    /// Whether some of the code writes ids with other digits than their own, in hexadecimal or cut: nobody can rewrite them there from outside.
    pub coded: bool,
    /// Where it shows: the first is the primary one (the declaration, if there is one).
    pub sightings: Vec<Sighting>,
}

/// A spot in a file that shows a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The spot.
    pub span: Span,
    /// What is seen there, in a few words: `declared here`, `written from pm_Domain::getId()`.
    pub label: String,
}

/// An extension with fewer places for values than this is looked through sooner than threads are started.
const FEW_NODES: usize = 5_000;

/// All references of an extension, ordered by their places.
#[must_use]
pub fn discover(extension: &Extension) -> Vec<Discovery> {
    discover_on(extension, 1)
}

/// As [`discover`], on `jobs` threads, 0 for one a core. What is found does not depend on their number.
#[must_use]
pub fn discover_on(extension: &Extension, jobs: usize) -> Vec<Discovery> {
    let threads = if extension.is_small() { 1 } else { jobs };
    let (mut program, tables) = workers::both(threads, || Program::new(extension), || Tables::new(extension));
    let records = Records::of(&program, &tables);
    let builders = Builders::of(&program);
    let mut builder = parts::build(&mut program, &tables, jobs);
    let facts = SqlFacts::gather(&mut builder, &tables);
    let built = builder.finish();
    let jobs = if built.graph.len() < FEW_NODES { 1 } else { jobs };
    let mut solver = Solver::new(&mut program, built, Known { sql: &facts, tables: &tables, records: &records, builders: &builders }, jobs);
    solver.solve();
    for (name, table) in tables.iter() {
        for column in &table.columns {
            solver.column(name, &column.folded);
        }
    }
    let solver = &solver;
    let found = workers::map_plain(jobs, 2, |part| if part == 0 { columns::discover(solver, &tables) } else { stores::discover(solver) });
    let mut found: Vec<Discovery> = found.into_iter().flatten().collect();
    databases::name(extension, &tables, &mut found);
    on_panel::place(&on_panel::tables(solver, extension, &tables), &mut found);
    found.sort_by(|a, b| a.reference.place.cmp(&b.reference.place));
    found
}
