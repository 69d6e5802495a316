//! Values that a remote service or another program's database gave: its numbers are called like the panel's, and are others.
//!
//! Only asked where nothing but names speaks for an id, so nobody pays for it who shows where the ids come from.

use rustc_hash::{FxHashMap, FxHashSet};

use super::flow::calls::{Call, Callee};
use super::flow::graph::{Node, Slot};
use super::flow::label::{Path, What};
use super::flow::layer::Origin;
use super::flow::library;
use super::flow::solve::Solver;
use super::flow::texts::Piece;
use crate::extension::php::ir::ExprKind;
use crate::panel::catalogue;

/// What classes for objects elsewhere begin with.
const REMOTE: &str = "Remote";

/// A value is followed back over this many places.
const MAX_PLACES: usize = 1_000;

/// What calls have to do with remote services, by their results.
#[derive(Debug, Default)]
pub(super) struct Afar {
    /// What remote services answered, and what was read from tables that are neither the extension's nor the panel's.
    answers: FxHashSet<Node>,
    /// What was read from the text of an answer, and that text.
    read: FxHashMap<Node, Node>,
}

impl Afar {
    fn of(solver: &Solver<'_, '_>) -> Afar {
        let mut afar = Afar::default();
        for (number, call) in (0..).zip(&solver.calls) {
            let (Callee::Function(name) | Callee::Method(_, name) | Callee::OutsideNew(name)) = call.callee else { continue };
            let name = solver.program.text(name).trim_start_matches('\\');
            match call.callee {
                Callee::Function(_) if library::asks_afar(name) => _ = afar.answers.insert(call.result),
                Callee::Function(_) if library::reads_file(name).is_some() && is_url(solver, call, name) => {
                    _ = afar.answers.insert(call.result)
                }
                Callee::Method(receiver, _) if library::fetches(name) && is_foreign(solver, call, receiver) => {
                    _ = afar.answers.insert(call.result)
                }
                // A method of the extension's own may be called so and read what lies here.
                Callee::Method(..) if library::is_answer(name) && solver.called(number).is_empty() => _ = afar.answers.insert(call.result),
                Callee::Function(_) | Callee::OutsideNew(_) if library::reads_xml(name) => {
                    let text = call.positional(0).map(|text| (call.result, text.node));
                    afar.read.extend(text);
                }
                _ => {}
            }
        }
        afar
    }
}

/// Whether what a call fetches lies in tables that nothing in the extension declares or fills, and the panel does not have.
fn is_foreign(solver: &Solver<'_, '_>, call: &Call, receiver: Node) -> bool {
    let sql = |node: Node| {
        solver.labels(node).find_map(|(_, l)| match l.what {
            What::Sql(number) if l.path.is_here() => Some(number),
            _ => None,
        })
    };
    let Some(number) = sql(receiver).or_else(|| call.positional(0).and_then(|arg| sql(arg.node))) else { return false };
    // Behind the texts of the code come those that are made of what callers say.
    let Some(text) = solver.program.extension.statements.get(number as usize) else { return false };
    let mut tables = text.statements.iter().flat_map(|s| s.tables()).map(str::to_lowercase).peekable();
    tables.peek().is_some() && tables.all(|table| solver.is_foreign_table(&table)) && !solver.is_panel_database(receiver)
}

/// Whether a variable or a property is called after a remote service: `$oauthClientId`, `RemoteSite::$siteId`. A class called `GoogleBackup` has the panel's
/// domains too.
fn is_called_so(solver: &Solver<'_, '_>, node: Node) -> bool {
    match solver.graph.as_slot(node) {
        Some(Slot::Variable(_, name)) => catalogue::remote_word(solver.program.variable_text(name)).is_some(),
        Some(Slot::Property(cls, name)) => {
            let (script, class) = solver.program.class(cls);
            let class = solver.program.scripts()[script as usize].text(class.name);
            let last = class.rsplit(['\\', '_']).next().unwrap_or_default();
            last.starts_with(REMOTE) || catalogue::remote_word(solver.program.text(name)).is_some()
        }
        _ => false,
    }
}

/// Whether what a call reads lies on another machine: its path says so, or it comes with a context to ask in.
fn is_url(solver: &Solver<'_, '_>, call: &Call, name: &str) -> bool {
    let Some(path) = call.positional(0) else { return false };
    let says = |text: &str| ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    let starts = |node: &Node| match (solver.texts.pieces.get(node).map(|pieces| pieces.first()), solver.graph.as_expr(*node)) {
        (Some(Some(Piece::Text(text))), _) => says(text),
        (None, Some((script, expr))) => {
            let script = &solver.program.scripts()[script as usize];
            matches!(script.expr(expr).kind, ExprKind::Text(sym) if says(script.text(sym)))
        }
        _ => false,
    };
    (library::takes_context(name) && call.positional(2).is_some()) || solver.origins(path.node).iter().any(starts)
}

impl Solver<'_, '_> {
    /// Whether all that names say of `what` at `path` inside the value of `node` is said of values from a remote service: of a text, each part for itself.
    pub(super) fn is_named_afar(&self, node: Node, what: What, path: Path) -> bool {
        let mut named = self.labels(node).filter(|(_, l)| l.what == what && l.path == path).peekable();
        named.peek().is_some()
            && named.all(|(_, label)| {
                let mut first = label;
                while let Origin::From(entry) = first.origin {
                    first = self.label(entry);
                }
                self.comes_from_afar(first.node, first.path)
            })
    }

    /// Whether what is at `path` inside the value of `node` comes from a remote service's answer.
    pub(super) fn comes_from_afar(&self, node: Node, path: Path) -> bool {
        let afar = self.afar.get_or_init(|| Afar::of(self));
        let mut seen = FxHashSet::from_iter([(node, path)]);
        let mut open = vec![(node, path)];
        while let Some((node, path)) = open.pop() {
            if afar.answers.contains(&node) || is_called_so(self, node) {
                return true;
            }
            if seen.len() > MAX_PLACES {
                return false;
            }
            let before = self.graph.in_edges(node).filter(|e| !e.compares).filter_map(|e| Some((e.from, e.transfer.backward(path)?)));
            let read = afar.read.get(&node).map(|text| (*text, Path::HERE));
            for place in before.chain(read) {
                if seen.insert(place) {
                    open.push(place);
                }
            }
        }
        false
    }
}
