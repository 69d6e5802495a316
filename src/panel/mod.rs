//! The panel: kinds of objects, inventories of them and their sources, and the matching of an old inventory with a new one.
//!
//! Knows nothing of extensions. What is known of Plesk itself (tables, columns, calls, names) stands in `rules/panel/*.toml`.

pub mod catalogue;
pub mod change;
pub mod evidence;
pub mod generation;
mod identity;
pub mod inventory;
pub mod kind;
pub mod map;
pub mod mapping;
mod matching;
pub mod object;
pub mod rows;
pub mod settings;
pub mod source;

pub use inventory::Inventory;
pub use kind::Kind;
pub use mapping::{Mapping, Match};
pub use object::{Guid, Object};
