//! What statements give: single values, lists of them, pairs, rows.

use super::graph::{Node, Slot};
use super::label::{Key, Path, Strength, Transfer, What};
use super::layer::Origin;
use super::library::{self, Shape};
use super::origins::MAX_ORIGINS;
use super::solve::Solver;
use crate::discover::program::{Cls, Name};
use crate::discover::sql::ResultColumn;
use crate::extension::php::ir::ExprKind;

impl Solver<'_, '_> {
    /// What a statement gives: a row, rows, or a single value. `call` is the call that gives it. Tells its shape: what gives [`Shape::Any`] may give the
    /// statement itself, to be asked further.
    pub(super) fn read(&mut self, call: u32, statement: u32, method: Option<Name>) -> Shape {
        let sql = self.sql;
        let result = self.calls[call as usize].result;
        let method = method.map(|m| self.program.text(m).to_owned()).unwrap_or_default();
        let mode = self.mode_of(call);
        // A method of the extension's own may be called so.
        if library::tells_of_itself(&method) && self.joins.called(call).is_empty() {
            return Shape::Value;
        }
        let shape = mode.map_or_else(|| library::gives(&method), |mode| library::gives_in(mode, &method));
        let numbers = mode.is_some_and(library::numbers);
        let by_number = self.takes_by_number(result);
        let class = self.class_asked(call);
        if let Some(cls) = class {
            self.rows_as(cls, statement);
            match shape {
                Shape::Rows => self.forward.add(result, What::Own(cls), Strength::Shown, Path::of(Key::ANY), Origin::Call(call)),
                Shape::Row => self.forward.add(result, What::Own(cls), Strength::Shown, Path::HERE, Origin::Call(call)),
                _ => {}
            }
        }
        let mut numbered = None;
        for ResultColumn { alias, position, table, column } in &sql.statements[statement as usize].results {
            let from = self.column(table, column);
            match (shape, position) {
                (Shape::Value, 0) => self.connect(from, result, Transfer::Copy),
                (Shape::Pairs, 0) => self.connect(from, result, Transfer::Wrap(Key::KEYS)),
                (Shape::Pairs, 1) | (Shape::Values, 0) => self.connect(from, result, Transfer::Wrap(Key::ANY)),
                (Shape::Value | Shape::Values | Shape::Pairs, _) => {}
                (Shape::Row | Shape::Rows | Shape::Any, position) => {
                    let row = self.graph.slot(Slot::Row(result.0));
                    let key = Key::named(self.program.intern(alias));
                    self.connect(from, row, Transfer::Wrap(key));
                    if numbers && shape == Shape::Row {
                        self.connect(from, row, Transfer::Wrap(Key::item(*position)));
                    }
                    if shape != Shape::Rows {
                        self.connect(row, result, Transfer::Copy);
                    }
                    if shape != Shape::Row {
                        // Where it may be one row or many, one is not a row of the other: what is asked of the result would come back a list deeper.
                        let listed = if shape == Shape::Any { self.graph.slot(Slot::Rows(result.0)) } else { row };
                        if listed != row {
                            self.connect(from, listed, Transfer::Wrap(key));
                        }
                        self.connect(listed, result, Transfer::Wrap(Key::ANY));
                        // `foreach ($rows as [$id, $name])`. Apart from the row: what goes through its elements does not mean all of its columns.
                        if by_number {
                            let numbered = *numbered.get_or_insert_with(|| self.graph.temporary());
                            self.connect(from, numbered, Transfer::Wrap(Key::item(*position)));
                            self.connect(numbered, result, Transfer::Wrap(Key::ANY));
                        }
                    }
                }
            }
        }
        shape
    }

    /// The class that a call asks for objects of: `fetchObject(Seat::class)`, `fetchAll(PDO::FETCH_CLASS, 'Seat')`.
    fn class_asked(&self, call: u32) -> Option<Cls> {
        let call = &self.calls[call as usize];
        let script = &self.program.scripts()[call.script as usize];
        call.args.iter().find_map(|arg| match script.expr(arg.expr).kind {
            ExprKind::ClassConstant { class, name } if script.text(name) == "class" => match script.text(class) {
                "self" | "static" => self.program.class_at(call.script, script.expr(arg.expr).at.start),
                named => self.program.class_named(named),
            },
            ExprKind::Text(class) => self.program.class_named(script.text(class).trim_start_matches('\\')),
            _ => None,
        })
    }

    /// What a statement gives are objects of `cls`: columns are properties.
    fn rows_as(&mut self, cls: Cls, statement: u32) {
        let sql = self.sql;
        for ResultColumn { alias, table, column, .. } in &sql.statements[statement as usize].results {
            let from = self.column(table, column);
            let name = self.program.intern(alias);
            let property = self.property(cls, name);
            self.connect(from, property, Transfer::Copy);
        }
    }

    /// Whether elements of rows are taken by number where the results come to.
    fn takes_by_number(&self, results: Node) -> bool {
        let mut met = vec![results];
        let mut at = 0;
        while at < met.len() && met.len() < MAX_ORIGINS {
            for edge in self.graph.out_edges(met[at]).filter(|e| !e.compares).take(MAX_ORIGINS) {
                match edge.transfer {
                    Transfer::Unwrap(key) if key.number().is_some() => return true,
                    Transfer::Copy | Transfer::Unwrap(Key::ANY) if !met.contains(&edge.to) => met.push(edge.to),
                    _ => {}
                }
            }
            at += 1;
        }
        false
    }

    /// The constant by which a call asks for results in another form: `PDO::FETCH_COLUMN`.
    fn mode_of(&self, call: u32) -> Option<&str> {
        let call = &self.calls[call as usize];
        let script = &self.program.scripts()[call.script as usize];
        call.args.iter().find_map(|arg| match script.expr(arg.expr).kind {
            ExprKind::ClassConstant { name, .. } | ExprKind::Constant(name) => Some(script.text(name)),
            _ => None,
        })
    }
}
