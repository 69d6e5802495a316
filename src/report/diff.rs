//! What fixes would change, as a unified diff that `git apply` and `patch -p1` take.

use std::io::{self, Write};

use similar::TextDiff;

use super::path::from_here;
use crate::lint::fix::Converged;

/// Writes the diff of all files that changed, in the order of their paths.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(converged: &Converged, out: &mut dyn Write) -> io::Result<()> {
    for (path, file) in &converged.changed {
        // What lies elsewhere is named from its extension's folder: a diff has no absolute paths.
        let shown = Some(from_here(&converged.linted.extension, path)).filter(|shown| !shown.starts_with('/'));
        let shown = shown.unwrap_or_else(|| path.to_string());
        let before = file.before.as_deref();
        let from = if before.is_some() { format!("a/{shown}") } else { "/dev/null".to_owned() };
        let diff = TextDiff::from_lines(before.unwrap_or_default(), file.after.as_slice());
        diff.unified_diff().context_radius(3).header(&from, &format!("b/{shown}")).to_writer(&mut *out)?;
    }
    Ok(())
}
