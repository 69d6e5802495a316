//! What calls do with statements, tables and rows.

use super::calls::Callee;
use super::graph::{Node, Slot};
use super::label::{Key, Path, Strength, Transfer, What};
use super::layer::Origin;
use super::solve::Solver;
use crate::discover::program::Name;
use crate::discover::sql::Bind;
use crate::extension::php::ir::ExprKind;

/// A text is looked for over this many assignments.
const MAX_TEXT_STEPS: usize = 3;

impl Solver<'_, '_> {
    /// `insert('table', ['column' => $value])`.
    pub(super) fn write_array(&mut self, number: u32) {
        if let (Some(table), Some(values)) = (self.table_argument(number), self.calls[number as usize].positional(1)) {
            let values = values.node;
            self.rows(values, table);
        }
    }

    /// A statement is an argument of a call: what comes after it is bound, what the call gives is its result.
    pub(super) fn hand_over(&mut self, number: u32, position: u32, statement: u32) {
        let call = &self.calls[number as usize];
        let result = call.result;
        let next = call.args.get(position as usize + 1).filter(|a| !a.spread).map(|a| a.node);
        let method = match call.callee {
            Callee::Method(_, name) | Callee::OwnStatic(_, name) | Callee::OutsideStatic(_, name) | Callee::Function(name) => Some(name),
            _ => None,
        };
        if let Some(values) = next {
            self.bind_all(values, statement);
        }
        self.read(result, statement, method);
        self.forward.add(result, What::Sql(statement), Strength::Shown, Path::HERE, Origin::Call(number));
    }

    /// A method of a prepared statement or of a result is called.
    pub(super) fn call_statement(&mut self, number: u32, statement: u32, method: Name) {
        let call = &self.calls[number as usize];
        let result = call.result;
        let value = call.positional(1).map(|a| a.node);
        let site = call.result;
        let first = call.positional(0).map(|a| (a.node, a.expr));
        match (self.program.text(method), first, value) {
            ("bindvalue" | "bindparam", Some((_, key)), Some(value)) => {
                let script = &self.program.scripts()[call.script as usize];
                let bind = match script.expr(key).kind {
                    ExprKind::Text(sym) => Some(Bind::Named(script.text(sym).trim_start_matches([':', '@', '$']).to_owned())),
                    ExprKind::Integer(n) => usize::try_from(n - 1).ok().map(Bind::Positional),
                    _ => None,
                };
                if let Some(bind) = bind {
                    self.bind(value, Transfer::Copy, statement, &bind, Some(site));
                }
            }
            (_, Some((values, _)), _) => self.bind_all(values, statement),
            _ => {}
        }
        self.read(result, statement, Some(method));
        self.forward.add(result, What::Sql(statement), Strength::Shown, Path::HERE, Origin::Call(number));
    }

    /// An array of values is bound to a statement.
    pub(super) fn bind_all(&mut self, values: Node, statement: u32) {
        let sql = self.sql;
        for operand in &sql.statements[statement as usize].operands {
            match &operand.bind {
                Bind::Positional(n) => {
                    let key = Key::item(*n);
                    self.bind(values, Transfer::Unwrap(key), statement, &operand.bind, None);
                }
                Bind::Named(name) => {
                    for spelling in [name.clone(), format!(":{name}")] {
                        let key = Key::named(self.program.intern(&spelling));
                        self.bind(values, Transfer::Unwrap(key), statement, &operand.bind, None);
                    }
                }
            }
        }
    }

    pub(super) fn bind(&mut self, from: Node, transfer: Transfer, statement: u32, bind: &Bind, site: Option<Node>) {
        let sql = self.sql;
        self.graph.set_site(site);
        for operand in sql.statements[statement as usize].operands.iter().filter(|o| o.bind == *bind) {
            let to = self.column(&operand.table, &operand.column);
            self.graph.set_compares(operand.compares);
            self.connect(from, to, transfer);
            self.graph.set_compares(false);
        }
        self.graph.set_site(None);
    }

    /// The tables that an argument names: written in the call, or held by a constant or variable of one text.
    pub(super) fn table_argument(&mut self, number: u32) -> Option<Name> {
        let call = &self.calls[number as usize];
        let node = call.positional(0)?.node;
        let mut texts = Vec::new();
        self.texts(node, 0, &mut texts);
        let [only] = &texts[..] else { return None };
        self.tables.get(&only.to_lowercase()).is_some().then(|| self.program.intern(&only.to_lowercase()))
    }

    /// The texts that come to `node` as they are.
    pub(super) fn texts(&self, node: Node, depth: usize, texts: &mut Vec<String>) {
        if let Some((script, expr)) = self.graph.as_expr(node) {
            let script = &self.program.scripts()[script as usize];
            if let ExprKind::Text(sym) = script.expr(expr).kind {
                let text = script.text(sym).to_owned();
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        if depth < MAX_TEXT_STEPS {
            for edge in self.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy) {
                self.texts(edge.from, depth + 1, texts);
            }
        }
    }

    /// The node of a column.
    pub(in crate::discover) fn column(&mut self, table: &str, column: &str) -> Node {
        let (table, column) = (self.program.intern(table), self.program.intern(column));
        self.graph.slot(Slot::Column(table, column))
    }

    /// What a statement gives: a row, rows, or a single value.
    pub(super) fn read(&mut self, result: Node, statement: u32, method: Option<Name>) {
        let sql = self.sql;
        let method = method.map(|m| self.program.text(m).to_owned()).unwrap_or_default();
        for (position, column) in sql.statements[statement as usize].results.iter().enumerate() {
            let from = self.column(&column.table, &column.column);
            let key = Key::named(self.program.intern(&column.alias));
            match method.as_str() {
                "fetchcolumn" | "fetchone" | "querysingle" | "fetchcol" if position > 0 => {}
                "fetchcolumn" | "fetchone" | "querysingle" => self.connect(from, result, Transfer::Copy),
                "fetchcol" => self.connect(from, result, Transfer::Wrap(Key::ANY)),
                _ => {
                    let row = self.graph.slot(Slot::Row(result.0));
                    self.connect(from, row, Transfer::Wrap(key));
                    self.connect(row, result, Transfer::Copy);
                    self.connect(row, result, Transfer::Wrap(Key::ANY));
                }
            }
        }
    }

    /// A method of a table gateway or of a row is called.
    pub(super) fn call_table(&mut self, number: u32, table: Name, method: Name) {
        let call = &self.calls[number as usize];
        let result = call.result;
        let first = call.positional(0).map(|a| a.node);
        match self.program.text(method) {
            "insert" | "update" | "setfromarray" | "createrow" => {
                if let Some(values) = first {
                    self.rows(values, table);
                }
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            "fetchnew" | "fetchrow" | "current" | "getrow" => {
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            "fetchall" | "find" | "toarray" => {
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
                self.forward.add(result, What::Table(table), Strength::Shown, Path::of(Key::ANY), Origin::Call(number));
            }
            _ => {}
        }
    }

    /// `node` holds a row of `table`, to be read or written.
    pub(super) fn rows(&mut self, node: Node, table: Name) {
        let tables = self.tables;
        let Some(table) = tables.get(self.program.text(table)) else { return };
        let folded = table.name.to_lowercase();
        for column in &table.columns {
            let slot = self.column(&folded, &column.folded);
            let key = Key::named(self.program.intern(&column.name));
            self.connect(node, slot, Transfer::Unwrap(key));
            self.connect(slot, node, Transfer::Wrap(key));
        }
    }
}
