//! Names that hint at an id.

use rustc_hash::FxHashMap;

use super::build::{Builder, Seed};
use super::graph::{Node, Slot};
use super::label::{Path, Strength, Transfer, What};
use super::layer::Origin;
use crate::discover::names;
use crate::discover::program::Name;
use crate::discover::tables::Tables;
use crate::extension::php::ir::ExprKind;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Strength as Hint};

impl Builder<'_, '_> {
    /// Variables and properties that are called like an id, and not like that of a row of an own table.
    pub(super) fn hints(&mut self, tables: &Tables) {
        let named: Vec<(Node, Name)> = self
            .graph
            .slots()
            .filter_map(|(node, slot)| match slot {
                Slot::Variable(_, name) | Slot::Property(_, name) => Some((node, name)),
                _ => None,
            })
            .collect();
        let mut known: FxHashMap<Name, Vec<Kind>> = FxHashMap::default();
        for (node, name) in named {
            let kinds = known.entry(name).or_insert_with(|| match names::id_kinds(self.program.variable_text(name)) {
                Some((kinds, Hint::Strong))
                    if !self.program.is_remote_word(self.program.variable_text(name))
                        && !tables.counts(self.program.variable_text(name)) =>
                {
                    kinds
                }
                _ => Vec::new(),
            });
            if !kinds.is_empty() && !self.is_remote_result(node) {
                self.hint(node, kinds);
            }
        }
    }

    /// Whether a variable holds what a remote service's client gave: `$clientId = $whmcs->client($mail)`.
    pub(super) fn is_remote_result(&self, node: Node) -> bool {
        self.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy).any(|edge| {
            let Some((script, expr)) = self.graph.as_expr(edge.from) else { return false };
            let script = &self.program.scripts()[script as usize];
            let receiver = match script.expr(expr).kind {
                ExprKind::Method { object, .. } => match script.expr(object).kind {
                    ExprKind::Variable(name) | ExprKind::Property { name, .. } => name,
                    ExprKind::New { class, .. } => class,
                    _ => return false,
                },
                ExprKind::Static { class, .. } => class,
                _ => return false,
            };
            catalogue::remote_word(script.text(receiver)).is_some()
        })
    }

    pub(super) fn hint(&mut self, node: Node, kinds: &[Kind]) {
        let seed = |kind: &Kind| Seed { node, what: What::Id(*kind), strength: Strength::Hinted, path: Path::HERE, origin: Origin::Named };
        self.seeds.extend(kinds.iter().map(seed));
    }
}
