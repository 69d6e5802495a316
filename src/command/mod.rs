//! One file a command: from parsed arguments to an outcome. No logic that a test would want to call.

pub mod convert;
pub mod demo;
pub mod explain;
pub mod fix;
mod format;
mod hold;
pub mod lint;
pub mod plan;
pub mod quarantine;
mod read;
pub mod references;
pub mod server;
pub mod snapshot;
pub mod undo;
pub mod verify;
mod watched;

/// How a command ended, when it could work. (When it could not, it returns an error and the exit code is 2.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0: nothing found, everything right.
    Clean,
    /// Exit code 1: findings, or something unresolved that stopped the work before anything was written.
    Found,
}
