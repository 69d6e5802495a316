//! How ids are written in a value, as far as the code that writes it tells: in a text of a known shape, in a list, in base64.

use rustc_hash::FxHashSet;

use super::same_path;
use crate::discover::flow::graph::Node;
use crate::discover::flow::label::{Key, What};
use crate::discover::flow::layer::{Label, Origin};
use crate::discover::flow::solve::Solver;
use crate::discover::flow::texts::Piece;
use crate::reference::manifest::Form;

/// Steps that a way is followed back, and texts in texts that are taken apart.
const MAX_STEPS: usize = 64;
const MAX_NESTING: usize = 6;

/// The ways in which what sits at `path` of the value at `slot` is written. What is not known of a text's shape has no pattern.
pub(in crate::discover) fn forms(solver: &Solver<'_, '_>, slot: Node, what: What, path: &[Key]) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    for (_, label) in solver.labels(slot).filter(|(_, l)| l.what == what && same_path(l.path, path)) {
        // What only a reader tells of was written by nobody that is known.
        let Some(form) = form(solver, label) else { continue };
        if !found.contains(&form) {
            found.push(form);
        }
    }
    found
}

fn form(solver: &Solver<'_, '_>, label: &Label) -> Option<Form> {
    let mut form = Form::default();
    let (mut at, mut seen) = (*label, false);
    for _ in 0..MAX_STEPS {
        // Base64 of the whole value, and not of something in it.
        form.base64 |= solver.texts.base64.contains(&at.node) && at.path == label.path;
        if let Some(between) = solver.texts.joined.get(&at.node).filter(|_| at.path == label.path && matches!(at.what, What::Id(_))) {
            form.separator = Some(between.clone());
        }
        if matches!(at.what, What::Part(_)) && !seen && solver.texts.pieces.contains_key(&at.node) {
            seen = true;
            form.pattern = pattern(solver, at.node);
        }
        // A part of a text that was altered as a whole, other than by base64 and into JSON, is not the text any more.
        if matches!(at.what, What::Part(_))
            && !seen
            && solver.texts.altered.contains(&at.node)
            && !solver.texts.kept_shape.contains(&at.node)
        {
            seen = true;
        }
        match at.origin {
            Origin::From(before) => at = *solver.label(before),
            Origin::Demand(_) => return None,
            _ => return Some(form),
        }
    }
    None
}

/// The shape of a text that is put together; `None`: it cannot be written as a pattern.
fn pattern(solver: &Solver<'_, '_>, text: Node) -> Option<String> {
    let mut pattern = String::new();
    let mut around = FxHashSet::default();
    put(solver, text, &mut around, &mut pattern)?;
    pattern.contains('{').then_some(pattern)
}

fn put(solver: &Solver<'_, '_>, text: Node, around: &mut FxHashSet<Node>, pattern: &mut String) -> Option<()> {
    if around.len() > MAX_NESTING || !around.insert(text) {
        return None;
    }
    for piece in solver.texts.pieces.get(&text)? {
        match piece {
            // Patterns know no way to write these.
            Piece::Text(text) if text.contains(['{', '}', '*']) => return None,
            Piece::Text(text) => pattern.push_str(text),
            Piece::Value(node) => {
                let mut kinds = solver
                    .labels(*node)
                    .filter(|(_, l)| l.path.is_here())
                    .filter_map(|(_, l)| if let What::Id(kind) = l.what { Some(kind) } else { None });
                let first = kinds.next();
                if kinds.any(|kind| Some(kind) != first) {
                    return None;
                }
                match first {
                    Some(kind) => pattern.push_str(&format!("{{{kind}}}")),
                    None if solver.texts.pieces.contains_key(node) => put(solver, *node, around, pattern)?,
                    None if pattern.ends_with('*') => {}
                    None => pattern.push('*'),
                }
            }
        }
    }
    around.remove(&text);
    Some(())
}
