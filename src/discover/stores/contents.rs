//! What is inside a value that is kept.

use crate::discover::flow::graph::Node;
use crate::discover::flow::label::{Key, Path, Strength, What};
use crate::discover::flow::layer::Label;
use crate::discover::flow::solve::Solver;
use crate::panel::Kind;

/// What is in the value at `slot`, with paths; objects of the extension's own classes are looked into.
pub(in crate::discover) fn contents(solver: &Solver<'_, '_>, slot: Node) -> Vec<(What, Strength, Vec<Key>)> {
    let mut found = Vec::new();
    for (_, label) in solver.labels(slot) {
        let path: Vec<Key> = label.path.steps().collect();
        if let What::Own(cls) = label.what {
            let found_in = |found: &mut Vec<_>, node: Node, prefix: &[Key]| {
                for (_, inner) in solver.labels(node).filter(|(_, l)| matches!(l.what, What::Id(_)) && !is_stable(solver, node, l)) {
                    let steps = path.iter().chain(prefix).copied().chain(inner.path.steps()).collect();
                    found.push((inner.what, inner.strength, steps));
                }
            };
            // What an object says of itself stands for its properties, unless it says all of them: `get_object_vars($this)`.
            let said = solver.serialized(cls);
            let is_itself = |node: Node| solver.labels(node).any(|(_, l)| l.path.is_here() && l.what == What::Own(cls));
            if let Some(result) = said {
                found_in(&mut found, result, &[]);
            }
            if said.is_none_or(is_itself) {
                solver.properties_of(cls).for_each(|(name, node)| found_in(&mut found, node, &[Key::named(name)]));
            }
        }
        if matches!(label.what, What::Id(_) | What::Part(_) | What::Hashed(_) | What::Encrypted(_)) && !is_stable(solver, slot, label) {
            found.push((label.what, label.strength, path));
        }
    }
    found
}

/// Whether only a name says that there is an id, and the code puts a GUID or a name there.
fn is_stable(solver: &Solver<'_, '_>, node: Node, label: &Label) -> bool {
    label.strength == Strength::Hinted && solver.labels(node).any(|(_, l)| l.path == label.path && matches!(l.what, What::Stable(_)))
}

/// `$.domain.id`; keys that are ids as `{kind}`.
pub(in crate::discover) fn render(solver: &Solver<'_, '_>, path: &[Key], kind: Kind) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    let mut text = "$".to_owned();
    for key in path {
        match (key.name(), key.number()) {
            (Some(name), _) => text.push_str(&step(solver.program.text(name))),
            (None, Some(number)) => text.push_str(&format!("[{number}]")),
            (None, None) if *key == Key::KEYS => text.push_str(&format!(".{{{kind}}}")),
            (None, None) => text.push_str("[*]"),
        }
    }
    Some(text)
}

/// A key as a step of a path: quoted, where it holds what means something in paths.
fn step(key: &str) -> String {
    let plain = !key.is_empty() && key != "*" && !key.contains(['.', '[', ']', '{', '}', '"']);
    if plain { format!(".{key}") } else { format!("[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// The path of these steps, the outermost first; as far as it is deep enough for one.
pub(in crate::discover) fn path_of(steps: &[Key]) -> Path {
    steps.iter().rev().fold(Path::HERE, |path, key| path.wrap(*key).unwrap_or(path))
}

/// Whether `path` is that of `steps`.
pub(in crate::discover) fn same_path(path: Path, steps: &[Key]) -> bool {
    path.steps().eq(steps.iter().copied())
}
