//! reguid keeps a Plesk extension's data true through backup and restore.
//!
//! Plesk gives restored objects new numeric ids. An extension that stored the old ones then points at nothing, or at somebody else's domain.
//! This library finds every place where an extension keeps a raw panel id ([`discover`], judged by [`lint`]) and rewrites exactly those places
//! ([`remap`]). The two halves never call each other: they meet in [`reference`], and in its file, the manifest `reguid.toml`.
//!
//! Imports run one way: `command → (server →) report → (lint | remap) → discover → (extension, reference) → (panel, value, sqlite)`.

pub mod command;
pub mod discover;
pub mod extension;
pub mod lint;
pub mod panel;
pub mod reference;
pub mod remap;
pub mod report;
pub mod server;
pub mod sqlite;
pub mod value;

pub mod cli;
