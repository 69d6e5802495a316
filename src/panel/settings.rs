//! The settings of extensions in a live panel database.

pub use super::source::live::settings::{Change, Panel, Session, Setting, State, Store};
