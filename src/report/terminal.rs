//! What the output goes to.

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
