//! The settings that hold for an extension, as a manifest would say them.

use std::io::{self, Write};

use super::text::visible;
use crate::lint::InForce;
use crate::lint::load::Loaded;
use crate::reference::manifest::{FailOn, Level};

/// Writes the settings of lint that hold for an extension, whoever set them, as TOML.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(loaded: &Loaded, in_force: &InForce, out: &mut dyn Write) -> io::Result<()> {
    let manifest = loaded.manifest.as_ref();
    let input = visible(loaded.extension.input.as_str());
    let own = manifest.map_or_else(|| "no reguid.toml".to_owned(), |manifest| visible(manifest.path.as_str()));
    let above = loaded.base.as_ref().map(|base| format!(", {} above it", visible(base.path.as_str()))).unwrap_or_default();
    let comma = if manifest.is_none() && above.is_empty() { "," } else { "" };
    writeln!(out, "# {input}: {own}{above}{comma} and the command line")?;
    let fail_on = match in_force.fail_on {
        FailOn::Error => "error",
        FailOn::Warning => "warning",
        FailOn::Note => "note",
        FailOn::Never => "never",
    };
    writeln!(out, "[lint]\nfail-on = \"{fail_on}\"")?;
    let exclude = manifest.map_or(&[][..], |m| &m.lint.exclude).iter().map(|glob| quoted(glob)).collect::<Vec<_>>().join(", ");
    let docs_url = in_force.docs_url.as_ref().map(|url| format!("docs-url = {}\n", quoted(url))).unwrap_or_default();
    writeln!(out, "exclude = [{exclude}]\npreview = {}\n{docs_url}\n[lint.rules]", in_force.preview)?;
    for (rule, level, confidence) in &in_force.rules {
        match level {
            Level::Allow => writeln!(out, "{rule} = \"allow\"")?,
            Level::Note | Level::Warning | Level::Error => {
                let severity = match level {
                    Level::Error => "error",
                    Level::Warning => "warning",
                    _ => "note",
                };
                writeln!(out, "{rule} = {{ severity = \"{severity}\", min-confidence = \"{confidence}\" }}")?;
            }
        }
    }
    if let Some(base) = &loaded.base {
        // Their globs are from another folder, so that they are shown where they stand.
        for exclude in &base.lint.exclude {
            writeln!(out, "# {} excludes {}", visible(base.path.as_str()), quoted(exclude))?;
        }
        for ignore in &base.lint.ignore {
            let (rule, path) = (visible(&ignore.rule), ignore.path.as_deref().unwrap_or("**"));
            writeln!(out, "# {} ignores {rule} in {}: {}", visible(base.path.as_str()), quoted(path), visible(&ignore.reason))?;
        }
    }
    for ignore in manifest.map_or(&[][..], |m| &m.lint.ignore) {
        writeln!(out, "\n[[lint.ignore]]\nrule = {}", quoted(&ignore.rule))?;
        if let Some(path) = &ignore.path {
            writeln!(out, "path = {}", quoted(path))?;
        }
        writeln!(out, "reason = {}", quoted(&ignore.reason))?;
    }
    Ok(())
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}
