//! What the output goes to.

use std::io::{IsTerminal, stderr, stdout};

use clap::ValueEnum;
use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};

/// Columns to wrap at where nothing tells: a pipe, a file, a log.
const DEFAULT_WIDTH: usize = 100;
/// Wider lines tire the eye, whatever the window's size.
const MAX_WIDTH: usize = 120;
/// Narrower than this, snippets are no longer readable and are left to the terminal to wrap.
const MIN_WIDTH: usize = 40;

/// The variables that ask for colours where no terminal is. The first that is set decides.
const FORCING: [&str; 2] = ["FORCE_COLOR", "CLICOLOR_FORCE"];

/// What the output goes to, decided once at the start: colour, width, characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Write colours.
    pub colour: bool,
    /// Columns to wrap at.
    pub width: usize,
    /// Draw with characters beyond ASCII.
    pub unicode: bool,
    /// A person watches standard error: show progress there.
    pub progress: bool,
}

/// When to write colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Colour {
    /// As the environment and the terminal tell.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the environment says, apart from [`Colour`].
struct Surroundings<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    is_terminal: bool,
}

impl Terminal {
    /// Standard output.
    #[must_use]
    pub fn stdout(colour: Colour) -> Terminal {
        Terminal::of(colour, stdout().is_terminal(), terminal_size::terminal_size_of(stdout()))
    }

    /// Standard error.
    #[must_use]
    pub fn stderr(colour: Colour) -> Terminal {
        Terminal::of(colour, stderr().is_terminal(), terminal_size::terminal_size_of(stderr()))
    }

    fn of(colour: Colour, is_terminal: bool, size: Option<(terminal_size::Width, terminal_size::Height)>) -> Terminal {
        let variable = |name: &str| std::env::var(name).ok();
        let around = Surroundings { variable: &variable, is_terminal };
        Terminal {
            colour: around.colour(colour),
            width: size.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0)).clamp(MIN_WIDTH, MAX_WIDTH),
            unicode: around.unicode(),
            progress: stderr().is_terminal() && !around.is_dumb(),
        }
    }

    /// No colours, ASCII only, [`DEFAULT_WIDTH`] columns: what a pipe gets.
    #[must_use]
    pub fn plain() -> Terminal {
        Terminal { colour: false, width: DEFAULT_WIDTH, unicode: false, progress: false }
    }

    /// What draws diagnostics for this terminal.
    pub(crate) fn diagnostics(&self) -> GraphicalReportHandler {
        let characters = if self.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
        let styles = if self.colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
        // Links are escape sequences that many terminals, and all files, show as rubbish.
        GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
            .with_links(false)
            .with_width(self.width)
            .with_context_lines(1)
            .without_syntax_highlighting()
    }

    /// `text` in bold, where there are colours.
    pub(crate) fn bold(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// `text` faint, where there are colours.
    pub(crate) fn faint(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

impl Surroundings<'_> {
    fn set(&self, name: &str) -> bool {
        (self.variable)(name).is_some_and(|value| !value.is_empty())
    }

    fn is_dumb(&self) -> bool {
        (self.variable)("TERM").is_some_and(|term| term == "dumb")
    }

    /// `--color`, then `NO_COLOR`, then `FORCE_COLOR` and `CLICOLOR_FORCE`, then the terminal.
    fn colour(&self, choice: Colour) -> bool {
        match choice {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if self.set("NO_COLOR") => false,
            Colour::Auto => match FORCING.iter().find(|name| self.set(name)) {
                // Where 0 is given, they ask for none.
                Some(name) => (self.variable)(name).is_some_and(|value| value != "0"),
                None => self.is_terminal && !self.is_dumb(),
            },
        }
    }

    /// Whether the locale writes UTF-8: the first of the three variables that is set decides, as for the C library.
    fn unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| (self.variable)(name).filter(|v| !v.is_empty()));
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        !self.is_dumb() && (locale.contains("utf-8") || locale.contains("utf8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_decided_by_the_first_that_speaks() {
        for (choice, variables, is_terminal, expected) in [
            (Colour::Auto, &[][..], true, true),
            (Colour::Auto, &[], false, false),
            (Colour::Auto, &[("NO_COLOR", "1")], true, false),
            (Colour::Auto, &[("NO_COLOR", "")], true, true),
            (Colour::Auto, &[("CLICOLOR_FORCE", "1")], false, true),
            (Colour::Auto, &[("CLICOLOR_FORCE", "0")], true, false),
            (Colour::Auto, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true, false),
            (Colour::Auto, &[("FORCE_COLOR", "1")], false, true),
            (Colour::Auto, &[("FORCE_COLOR", "true")], false, true),
            (Colour::Auto, &[("FORCE_COLOR", "")], false, false),
            (Colour::Auto, &[("FORCE_COLOR", "0")], true, false),
            (Colour::Auto, &[("FORCE_COLOR", "0"), ("CLICOLOR_FORCE", "1")], true, false),
            (Colour::Auto, &[("FORCE_COLOR", ""), ("CLICOLOR_FORCE", "1")], false, true),
            (Colour::Auto, &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], true, false),
            (Colour::Auto, &[("FORCE_COLOR", "1"), ("TERM", "dumb")], false, true),
            (Colour::Never, &[("FORCE_COLOR", "1")], true, false),
            (Colour::Auto, &[("TERM", "dumb")], true, false),
            (Colour::Always, &[("NO_COLOR", "1")], false, true),
            (Colour::Never, &[("CLICOLOR_FORCE", "1")], true, false),
        ] {
            let variable = |name: &str| variables.iter().find(|v| v.0 == name).map(|v| v.1.to_owned());
            let around = Surroundings { variable: &variable, is_terminal };
            assert_eq!(around.colour(choice), expected, "{choice:?} {variables:?} {is_terminal}");
        }
    }

    #[test]
    fn the_locale_decides_the_characters() {
        for (variables, expected) in [
            (&[("LANG", "en_US.UTF-8")][..], true),
            (&[("LANG", "C.utf8")], true),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], false),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")], true),
            (&[("LANG", "C.UTF-8"), ("TERM", "dumb")], false),
            (&[], false),
        ] {
            let variable = |name: &str| variables.iter().find(|v| v.0 == name).map(|v| v.1.to_owned());
            assert_eq!(Surroundings { variable: &variable, is_terminal: true }.unicode(), expected, "{variables:?}");
        }
    }
}
