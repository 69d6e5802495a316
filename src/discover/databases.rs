//! Which database file a table lives in, as far as the extension tells.

use super::Discovery;
use super::tables::Tables;
use crate::extension::Extension;
use crate::extension::php::ir::ExprKind;
use crate::reference::Place;

/// Endings of SQLite files.
const ENDINGS: &[&str] = &[".sqlite3", ".sqlite", ".db3", ".db", ".sdb"];

/// Names the database of each discovery: the shipped one that has its table, else the only database file that the code names.
pub(super) fn name(extension: &Extension, tables: &Tables, found: &mut [Discovery]) {
    let mentioned = mentioned(extension);
    for discovery in found {
        let Place::Column { table, .. } = &discovery.reference.place else { continue };
        let shipped = tables.get(&table.to_lowercase()).map_or(&[][..], |t| &t.databases[..]);
        discovery.database = match (shipped, &mentioned[..]) {
            ([path], _) => Some(path.strip_prefix("var/").unwrap_or(path).to_owned()),
            ([], [only]) => Some(only.clone()),
            _ => None,
        };
    }
}

/// The database files that the code names, each once.
fn mentioned(extension: &Extension) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let ends_so = |text: &str| ENDINGS.iter().any(|e| text.ends_with(e));
    // Nearly all texts end otherwise, and a script has each of them only once.
    for script in extension.scripts.iter().filter(|script| script.texts().any(ends_so)) {
        for expr in &script.exprs {
            let ExprKind::Text(sym) = expr.kind else { continue };
            let text = script.text(sym);
            if !ends_so(text) {
                continue;
            }
            let name = text.strip_prefix("sqlite:").unwrap_or(text).trim_start_matches('/');
            let plain = name.len() < 100 && !name.contains(['*', '?', '[', '{', ' ', '%', '\\', ':']) && !name.contains("..");
            let stem = ENDINGS.iter().find_map(|e| name.strip_suffix(e));
            if plain && stem.is_some_and(|s| !s.is_empty() && !s.ends_with('/')) && !names.iter().any(|n| n == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}
