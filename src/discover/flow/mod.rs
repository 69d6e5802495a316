//! Where values flow, over all files of an extension.
//!
//! The code becomes a graph: a node for each expression, variable, property, parameter, result and column, an edge where a value may pass from one
//! to the other ([`graph`], made by [`build`] in [`parts`]). Labels say what a value is: the id of a domain, an object of a class, the text of a
//! statement ([`label`]). [`solve`] carries labels forward from the calls that make them, and demands backward from the calls that take an id: whatever
//! reaches such a call was an id all along. A label's path says where inside a value it sits, so arrays keep their shapes.

mod about;
mod among;
mod answers;
mod arrays;
pub(super) mod build;
mod called;
pub(super) mod calls;
mod classes;
mod database;
mod docs;
mod ends;
mod forms;
mod functions;
pub(super) mod graph;
mod handed;
mod hints;
mod includes;
mod joins;
pub(super) mod keep;
mod keyed;
mod known;
pub(super) mod label;
pub(super) mod layer;
pub(super) mod library;
mod loops;
mod natives;
mod objects;
mod origins;
mod panel;
pub(super) mod parts;
mod printf;
mod results;
mod scopes;
pub(super) mod solve;
pub(super) mod texts;
mod words;
