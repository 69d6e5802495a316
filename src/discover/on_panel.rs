//! Which of the extension's tables lie in the panel's own database.

use rustc_hash::FxHashSet;

use super::Discovery;
use super::flow::calls::Callee;
use super::flow::graph::Node;
use super::flow::label::What;
use super::flow::library::{self, TableMethod};
use super::flow::solve::Solver;
use super::tables::Tables;
use crate::extension::Extension;
use crate::extension::php::ir::{ExprKind, Script};
use crate::panel::catalogue;
use crate::reference::Place;

/// Puts the columns of such tables where they are. `tables` are those that [`tables`] found.
pub(super) fn place(on_panel: &FxHashSet<String>, found: &mut [Discovery]) {
    for discovery in found {
        let place = &mut discovery.reference.place;
        if let Place::Column { table, column, path } = place
            && on_panel.contains(&table.to_lowercase())
        {
            *place = Place::PanelColumn { table: std::mem::take(table), column: std::mem::take(column), path: path.take() };
            discovery.database = None;
        }
    }
}

/// The tables, by their names without case, that statements which are put to the panel's database speak of, or that are declared as only its server
/// understands them, where an extension works with that database.
pub(super) fn tables(solver: &Solver<'_, '_>, extension: &Extension, known: &Tables) -> FxHashSet<String> {
    let mut found = FxHashSet::default();
    if !catalogue::panel_database_methods().any(|method| solver.program.find(&method.to_ascii_lowercase()).is_some()) {
        return found;
    }
    for call in &solver.calls {
        let Callee::Method(receiver, method) = call.callee else { continue };
        let Some(first) = call.positional(0) else { continue };
        if !solver.is_panel_database(receiver) {
            continue;
        }
        let script = &solver.program.scripts()[call.script as usize];
        // `insert('links', […])`: other methods are told something else.
        let names_table = matches!(library::table_method(solver.program.text(method)), Some(TableMethod::Write | TableMethod::From));
        if let (true, ExprKind::Text(sym)) = (names_table, script.expr(first.expr).kind) {
            found.insert(script.text(sym).to_lowercase());
        }
        for number in statements(solver, first.node) {
            let Some(text) = solver.program.extension.statements.get(number as usize) else { continue };
            found.extend(text.statements.iter().flat_map(|s| s.tables()).map(str::to_lowercase));
        }
    }
    // Declared as only such a server understands it, and there is no other one.
    if !extension.scripts.iter().any(reaches_another) {
        found.extend(extension.tables.iter().filter(|t| t.mysql).map(|t| t.name.to_lowercase()));
    }
    // Whatever else was put there is no table of the extension, or is shipped in a database of its own.
    found.retain(|name| known.get(name).is_some_and(|table| table.databases.is_empty()));
    found
}

/// Whether a script opens a server's database by itself.
fn reaches_another(script: &Script) -> bool {
    script.exprs.iter().any(|expr| match expr.kind {
        ExprKind::Text(sym) => {
            let text = script.text(sym);
            ["mysql:", "mariadb:"].iter().any(|scheme| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)))
        }
        ExprKind::New { class, .. } => script.text(class).trim_start_matches('\\').eq_ignore_ascii_case("mysqli"),
        _ => false,
    })
}

/// The statements that come to a node.
fn statements(solver: &Solver<'_, '_>, node: Node) -> impl Iterator<Item = u32> {
    solver.labels(node).filter_map(|(_, label)| match label.what {
        What::Sql(number) if label.path.is_here() => Some(number),
        _ => None,
    })
}
