//! Writing a mapping as a map file. The order is stable: what is to be decided first, then the rest, each by kind and old id.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::VERSION;
use super::side::NONE;
use crate::panel::{Inventory, Mapping, Match, Object};

/// What stands at the top of a file.
const HEADER: &str = "\
# Which object of the new panel state each object of the old one is. Review it, change it, and hand it back:
#
#   reguid fix … --map THIS_FILE
#
# What stands here goes before the rules; what you change is recorded as decided by you. To decide what is open, say what
# became of the object: uncomment the candidate that it is, write another one (new = 7), or say that it is gone (new = \"none\"),
# which leaves it to on-missing in the manifest. Names and GUIDs beside ids are there to be read; where they stand, they must be
# right. A pair that you take out is matched by the rules. The format is described in docs/map.md.
";

/// Writes the mapping of `old` to `new`.
///
/// # Errors
/// `out` takes no more.
pub fn write(old: &Inventory, new: &Inventory, mapping: &Mapping, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    writeln!(out, "{HEADER}\nversion = {VERSION}\npanel = {}", quoted(&mapping.relation().to_string()))?;
    for (name, inventory) in [("old", old), ("new", new)] {
        writeln!(out, "\n[{name}]\nsource = {}", quoted(&inventory.origin.source))?;
        if let Some(taken) = &inventory.origin.taken {
            writeln!(out, "taken = {}", quoted(taken))?;
        }
        writeln!(out, "fingerprint = {}", quoted(&inventory.fingerprint().to_string()))?;
    }
    // Objects are ordered by kind and id already.
    let all = || old.objects().iter().filter_map(|o| Some((o, mapping.get(o.kind, o.id)?)));
    let is_open = |m: &Match| !matches!(m, Match::Found { .. });
    let open = all().filter(|(_, m)| is_open(m)).count();
    writeln!(out, "\n# To be decided: {open}.")?;
    let mut text = String::new();
    for (object, outcome) in all().filter(|(_, m)| is_open(m)).chain(all().filter(|(_, m)| !is_open(m))) {
        text.clear();
        pair(&mut text, object, outcome, new, mapping.evidence(object.kind, object.id).unwrap_or_default());
        out.write_all(text.as_bytes())?;
    }
    out.flush()
}

fn pair(text: &mut String, object: &Object, outcome: &Match, new: &Inventory, evidence: &str) {
    let found = |id: i64| side(new.get(object.kind, id), id);
    text.push_str("\n[[pair]]\n");
    let _ = writeln!(text, "kind = {}\nold = {}", quoted(object.kind.name()), side(Some(object), object.id));
    match outcome {
        Match::Found { new, .. } => {
            let _ = writeln!(text, "new = {}", found(*new));
        }
        open => {
            for candidate in open.candidates() {
                let _ = writeln!(text, "# new = {}", found(*candidate));
            }
            let _ = writeln!(text, "# new = {}", quoted(NONE));
        }
    }
    let _ = writeln!(text, "rule = {}\nevidence = {}", quoted(outcome.word()), quoted(evidence));
}

fn side(object: Option<&Object>, id: i64) -> String {
    let mut text = format!("{{ id = {id}");
    if let Some(object) = object {
        if !object.name.is_empty() {
            let _ = write!(text, ", name = {}", quoted(&object.name));
        }
        if let Some(guid) = object.guid {
            let _ = write!(text, ", guid = \"{guid}\"");
        }
    }
    text.push_str(" }");
    text
}

/// `text` as a TOML string on one line, also within a comment.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // What a terminal or an editor may take for more than text stays visible.
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
