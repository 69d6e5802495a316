//! From facts to references: which places hold panel ids, by their names, by the code that writes and reads them, by what stands beside them.

mod columns;
mod databases;
pub mod entries;
mod flow;
mod members;
mod names;
mod program;
mod sql;
mod stores;
mod story;
mod tables;

use flow::build::Builder;
use flow::label::{Strength, What};
use flow::layer::Origin;
use flow::solve::Solver;
use program::Program;
use sql::SqlFacts;
use tables::Tables;

use crate::extension::Extension;
use crate::extension::source::Span;
use crate::reference::Reference;

/// A reference with the places in the extension's files that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The reference.
    pub reference: Reference,
    /// The database files that hold it: a glob relative to the var directory, where the extension tells it.
    pub database: Option<String>,
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

/// All references of an extension, ordered by their places.
#[must_use]
pub fn discover(extension: &Extension) -> Vec<Discovery> {
    let tables = Tables::new(extension);
    let mut program = Program::new(extension);
    let mut builder = Builder::new(&mut program);
    let facts = SqlFacts::gather(&mut builder, &tables);
    let built = builder.finish();
    let mut solver = Solver::new(&mut program, built, &facts, &tables);
    for (number, node) in (0u32..).zip(facts.nodes.iter().copied()) {
        solver.seed(node, What::Sql(number), Strength::Shown, Origin::Declared);
    }
    solver.solve();
    let mut found = columns::discover(&mut solver, &tables);
    found.extend(stores::discover(&mut solver));
    databases::name(extension, &tables, &mut found);
    found.sort_by(|a, b| a.reference.place.cmp(&b.reference.place));
    found
}
