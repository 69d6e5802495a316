//! The command line.

use std::io::Write;

use clap::{Parser, Subcommand};

use crate::command::{Outcome, convert, demo, explain, fix, lint, plan, quarantine, references, server, snapshot, undo, verify};
use crate::report::terminal::{Colour, Terminal};

/// Keeps a Plesk extension's data true through backup and restore.
///
/// Plesk gives restored objects new numeric ids. `reguid lint` finds every place where an extension stores the old ones; `reguid fix` rewrites
/// exactly those places after a restore.
#[derive(Debug, Parser)]
#[command(
    name = "reguid",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 clean or done, 1 something was found, 2 could not work, 128 and more by a signal."
)]
pub struct Cli {
    /// When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Colour,

    /// Tell more: what was suppressed, and by what.
    #[arg(long, short, global = true)]
    pub verbose: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find the places where an extension stores raw panel ids.
    Lint(lint::Args),
    /// Show a rule's page.
    Explain(explain::Args),
    /// Write what lint proved as entries of the manifest reguid.toml.
    References(references::Args),
    /// Read a panel's objects and write them to a snapshot file or into an extension's companion database.
    Snapshot(snapshot::Args),
    /// Show what a fix would do, cell by cell.
    Plan(plan::Args),
    /// Rewrite an extension's stored ids after a restore: plan, apply, verify.
    Fix(fix::Args),
    /// Check that all stored ids resolve on this panel.
    Verify(verify::Args),
    /// Take the last run back.
    Undo(undo::Args),
    /// List rows that were taken out because their object was gone, and put them back.
    Quarantine(quarantine::Args),
    /// Turn id columns into GUID or name columns, schema and data.
    Convert(convert::Args),
    /// Serve an editor: findings, rule pages and quick fixes over the language server protocol.
    Server(server::Args),
    /// Show the whole story on a sample extension, in a temporary folder.
    Demo(demo::Args),
}

impl Cli {
    /// Runs the command; its report goes to `out`.
    ///
    /// # Errors
    /// When the command could not do its work.
    pub fn run(&self, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
        match &self.command {
            Command::Lint(args) => lint::run(args, self.verbose, terminal, out),
            Command::Explain(args) => explain::run(args, terminal, out),
            Command::References(args) => references::run(args, terminal, out),
            Command::Snapshot(args) => snapshot::run(args, terminal, out),
            Command::Plan(args) => plan::run(args, terminal, out),
            Command::Fix(args) => fix::run(args, terminal, out),
            Command::Verify(args) => verify::run(args, terminal, out),
            Command::Undo(args) => undo::run(args, terminal, out),
            Command::Quarantine(args) => quarantine::run(args, terminal, out),
            Command::Convert(args) => convert::run(args, terminal, out),
            Command::Server(args) => server::run(args),
            Command::Demo(args) => demo::run(args, terminal, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
