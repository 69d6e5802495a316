//! What calls do with statements, tables and rows.

use super::calls::{Argument, Call, Callee};
use super::graph::{Node, Slot};
use super::label::{Key, Path, Strength, Transfer, What};
use super::layer::Origin;
use super::library::{self, Shape, TableMethod};
use super::origins::MAX_ORIGINS;
use super::solve::Solver;
use crate::discover::members::Use;
use crate::discover::program::Name;
use crate::discover::sql::{Bind, Saying, Statement};
use crate::discover::tables::Tables;
use crate::extension::php::ir::{Element, ExprKind};
use crate::panel::catalogue;

impl Solver<'_, '_> {
    /// A call that names a table, once it is known whose: it may be put to the panel's database.
    pub(super) fn name_table(&mut self, number: u32) {
        let Callee::Method(_, name) = self.calls[number as usize].callee else { return };
        match library::table_method(self.program.text(name)) {
            Some(TableMethod::Write) => self.write_array(number),
            _ => self.select_from(number),
        }
    }

    /// `insert('table', ['column' => $value])`.
    pub(super) fn write_array(&mut self, number: u32) {
        if let (Some(table), Some(values)) = (self.table_argument(number, 0), self.calls[number as usize].positional(1)) {
            let values = values.node;
            let table = self.whose(number, table);
            self.rows(values, table);
        }
    }

    /// The table of that name which a call means: the panel's, where it is put to the panel's database and both may have one.
    fn whose(&mut self, number: u32, table: Name) -> Name {
        let Callee::Method(receiver, _) = self.calls[number as usize].callee else { return table };
        if self.tables.is_panel_name(self.program.text(table)) && self.is_panel_database(receiver) {
            return self.program.intern(&Tables::of_panel(self.program.text(table)));
        }
        table
    }

    /// Whose tables a statement is on is known: the values in its text meet their columns.
    fn meet_waiting(&mut self, statement: u32) {
        let sql = self.sql;
        for waiting in &sql.statements[statement as usize].waiting {
            self.graph.set_site(Some(waiting.site));
            self.graph.set_compares(waiting.compares);
            self.connect(waiting.from, waiting.column, Transfer::Copy);
            self.graph.set_compares(false);
            self.graph.set_site(None);
            self.met.insert(statement);
        }
    }

    /// Statements that nobody was seen to put to a database are on the extension's own tables.
    pub(super) fn meet_own(&mut self) {
        let sql = self.sql;
        let mut left: Vec<u32> =
            sql.twins.iter().filter(|(own, twin)| !self.met.contains(own) && !self.met.contains(twin)).map(|(own, _)| *own).collect();
        left.sort_unstable();
        left.into_iter().for_each(|own| self.meet_waiting(own));
    }

    /// A statement is an argument of a call: what comes after it is bound, what the call gives is its result.
    pub(super) fn hand_over(&mut self, number: u32, position: u32, statement: u32) {
        let call = &self.calls[number as usize];
        let statement = match (call.callee, self.sql.twins.get(&statement)) {
            (Callee::Method(receiver, _), Some(twin)) if self.is_panel_database(receiver) => *twin,
            _ => statement,
        };
        self.meet_waiting(statement);
        let call = &self.calls[number as usize];
        let result = call.result;
        let values = call.args.get(position as usize + 1..).unwrap_or_default();
        let next = values.first().filter(|a| !a.spread).map(|a| a.node);
        // `run('INSERT … VALUES (?, ?)', $id, $name)`. One alone may be an array.
        let script = &self.program.scripts()[call.script as usize];
        let is_other = |arg: &Argument| {
            let kind = script.expr(arg.expr).kind;
            arg.spread || arg.name.is_some() || matches!(kind, ExprKind::Array(_) | ExprKind::ClassConstant { .. } | ExprKind::Constant(_))
        };
        let is_cast = |arg: &Argument| matches!(script.expr(arg.expr).kind, ExprKind::Cast { .. });
        let marks = self.sql.statements[statement as usize].operands.iter().filter_map(|o| match o.bind {
            Bind::Positional(number) => Some(number + 1),
            Bind::Named(_) => None,
        });
        let single = marks.max() == Some(values.len()) && (values.len() > 1 || values.iter().any(is_cast)) && !values.iter().any(is_other);
        let single: Vec<Node> = values.iter().filter(|_| single).map(|a| a.node).collect();
        let method = match call.callee {
            Callee::Method(_, name) | Callee::OwnStatic(_, name) | Callee::OutsideStatic(_, name) | Callee::Function(name) => Some(name),
            _ => None,
        };
        for (number, value) in single.into_iter().enumerate() {
            // What is an array after all holds the values, and is none of them.
            self.bind(value, Transfer::Field, statement, &Bind::Positional(number), None);
        }
        if let Some(values) = next {
            self.bind_all(values, statement);
        }
        if self.read(number, statement, method) == Shape::Any {
            self.forward.add(result, What::Sql(statement), Strength::Shown, Path::HERE, Origin::Call(number));
        }
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
                    ExprKind::Integer(n) => n.checked_sub(1).and_then(|n| usize::try_from(n).ok()).map(Bind::Positional),
                    _ => None,
                };
                match bind {
                    Some(bind) => self.bind(value, Transfer::Copy, statement, &bind, Some(site)),
                    // `foreach ($row as $column => $value) { $statement->bindValue(":$column", $value); }`
                    None => {
                        let sql = self.sql;
                        let rows = self.elements_of(value);
                        for table in &sql.statements[statement as usize].rows {
                            let table = self.program.intern(table);
                            rows.iter().for_each(|row| self.rows(*row, table));
                        }
                        rows.into_iter().for_each(|row| self.bind_all(row, statement));
                    }
                }
            }
            (_, Some((values, _)), _) => self.bind_all(values, statement),
            _ => {}
        }
        if self.read(number, statement, Some(method)) == Shape::Any {
            self.forward.add(result, What::Sql(statement), Strength::Shown, Path::HERE, Origin::Call(number));
        }
    }

    /// Calls that say the name of a table or column to a helper: what they hand over besides is bound, what they get is its result.
    pub(super) fn tell(&mut self) {
        let sql = self.sql;
        for Saying { call, statement, names, method } in &sql.told {
            let Call { result, ref args, .. } = self.calls[*call as usize];
            let values: Vec<Node> = (0..)
                .zip(args)
                .filter(|(at, arg)| !names.contains(at) && !arg.spread && arg.name.is_none())
                .map(|(_, arg)| arg.node)
                .collect();
            let Statement { operands, results, .. } = &sql.statements[*statement as usize];
            if let ([only], [value]) = (&operands[..], &values[..]) {
                self.bind(*value, Transfer::Copy, *statement, &only.bind, None);
            }
            values.into_iter().for_each(|values| self.bind_all(values, *statement));
            self.read(*call, *statement, *method);
            // Of the values of one column, a helper makes a list of them.
            if let [only] = &results[..]
                && !method.is_some_and(|m| library::fetches_value(self.program.text(m)))
            {
                let from = self.column(&only.table, &only.column);
                self.connect(from, result, Transfer::Wrap(Key::ANY));
            }
        }
    }

    /// An array of values is bound to a statement.
    pub(super) fn bind_all(&mut self, values: Node, statement: u32) {
        let sql = self.sql;
        for table in &sql.statements[statement as usize].rows {
            let table = self.program.intern(table);
            self.rows(values, table);
            for keyed in self.keyed(values) {
                self.rows(keyed, table);
            }
        }
        if self.bind_in_order(values, statement) {
            return;
        }
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

    /// Values that were put into an array one after the other, as many as the statement has places for, or that again and again: `$values[] = $id;
    /// $values[] = $name;`. Each comes to its own column; any element of the array would come to all of them.
    fn bind_in_order(&mut self, values: Node, statement: u32) -> bool {
        let sql = self.sql;
        let marks = sql.statements[statement as usize].operands.iter().filter_map(|o| match o.bind {
            Bind::Positional(number) => Some(number + 1),
            Bind::Named(_) => None,
        });
        let Some(places) = marks.max().filter(|places| *places > 1) else { return false };
        let mut put: Vec<(Node, Node)> = Vec::new();
        for origin in self.origins(values) {
            for edge in self.graph.in_edges(origin).filter(|e| !e.compares).take(MAX_ORIGINS) {
                match edge.transfer {
                    Transfer::Wrap(Key::ANY) => put.extend(edge.site.map(|site| (site, edge.from))),
                    Transfer::Wrap(_) => return false,
                    _ => {}
                }
            }
        }
        // Expressions are numbered in the order in which they are put together, which is that in which they stand.
        put.sort_unstable();
        put.dedup();
        if put.is_empty() || !put.len().is_multiple_of(places) {
            return false;
        }
        for (at, (site, from)) in put.into_iter().enumerate() {
            self.bind(from, Transfer::Copy, statement, &Bind::Positional(at % places), Some(site));
        }
        true
    }

    /// The arrays whose elements `values` has without their keys: `array_values($row)`. The keys are put into the statement apart from them.
    fn keyed(&self, values: Node) -> Vec<Node> {
        let put = |origin: Node| {
            let edges = self.graph.in_edges(origin).filter(|e| e.transfer == Transfer::Wrap(Key::ANY) && !e.compares);
            edges.map(|e| e.from).take(MAX_ORIGINS)
        };
        let elements = self.origins(values).into_iter().flat_map(put);
        let mut keyed: Vec<Node> = elements.flat_map(|element| self.elements_of(element)).take(MAX_ORIGINS).collect();
        keyed.sort_unstable();
        keyed.dedup();
        keyed
    }

    /// The arrays of which `node` is any element.
    fn elements_of(&self, node: Node) -> Vec<Node> {
        let taken = |origin: Node| {
            let edges = self.graph.in_edges(origin).filter(|e| e.transfer == Transfer::Unwrap(Key::ANY) && !e.compares);
            edges.map(|e| e.from).take(MAX_ORIGINS)
        };
        let mut arrays: Vec<Node> = self.origins(node).into_iter().flat_map(taken).collect();
        arrays.sort_unstable();
        arrays.dedup();
        arrays
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

    /// The table that an argument names: written in the call, or held by a constant or variable of one text. A method that each subclass answers otherwise
    /// names one of several.
    fn table_argument(&mut self, number: u32, position: usize) -> Option<Name> {
        let call = &self.calls[number as usize];
        let argument = call.positional(position)?;
        let mut texts = Vec::new();
        self.texts(argument.node, 0, &mut texts);
        // `from(['d' => 'domains'])`
        let script = &self.program.scripts()[call.script as usize];
        if let ExprKind::Array(elements) = script.expr(argument.expr).kind
            && let [only] = script.elements(elements)
            && let Some(value) = only.value
        {
            self.texts(self.graph.expr(call.script, value), 0, &mut texts);
        }
        let known = |folded: &str| self.tables.get(folded).is_some() || catalogue::panel_columns_of(folded).next().is_some();
        if let [only] = &texts[..] {
            let folded = only.to_lowercase();
            return known(&folded).then(|| self.program.intern(&folded));
        }
        let within = self.program.class_at(call.script, script.expr(argument.expr).at.start)?;
        let of_class = |of| self.program.member_text(Use { script: call.script, within: Some(within), of }, argument.expr);
        let mut tables: Vec<String> =
            self.program.runners(Some(within)).into_iter().filter_map(of_class).map(|text| text.to_lowercase()).collect();
        tables.sort_unstable();
        tables.dedup();
        tables.retain(|table| known(table));
        let name = self.tables.one_of(&tables)?;
        Some(self.program.intern(&name))
    }

    /// `from('table')`, `table('table')`: what is built is about that table.
    pub(super) fn select_from(&mut self, number: u32) {
        let Some(table) = self.table_argument(number, 0) else { return };
        let table = self.whose(number, table);
        let call = &self.calls[number as usize];
        let (result, receiver) = (call.result, if let Callee::Method(receiver, _) = call.callee { Some(receiver) } else { None });
        for built in [Some(result), receiver.filter(|r| self.graph.as_slot(*r).is_some())].into_iter().flatten() {
            self.forward.add(built, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            for (alias, column) in self.aliases(number) {
                let text = self.program.text(table).to_owned();
                let from = self.table_column(&text, &column);
                let key = Key::named(self.program.intern(&alias));
                self.connect(from, built, Transfer::Wrap(key));
            }
        }
    }

    /// A call names the table that what it gives works on.
    pub(super) fn build_on(&mut self, number: u32, position: usize) {
        let Some(table) = self.table_argument(number, position) else { return };
        let result = self.calls[number as usize].result;
        self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
    }

    /// The columns that go by other names in what is selected: `['owner' => 'cl_id']` behind the table.
    fn aliases(&self, number: u32) -> Vec<(String, String)> {
        let call = &self.calls[number as usize];
        let Some(columns) = call.positional(1) else { return Vec::new() };
        let script = &self.program.scripts()[call.script as usize];
        let ExprKind::Array(elements) = script.expr(columns.expr).kind else { return Vec::new() };
        let text = |expr| match script.expr(expr).kind {
            ExprKind::Text(sym) => Some(script.text(sym).to_owned()),
            _ => None,
        };
        let pairs = script.elements(elements).iter().filter_map(|e| Some((text(e.key?)?, text(e.value?)?)));
        pairs.map(|(alias, column)| (alias, column.rsplit('.').next().unwrap_or_default().to_lowercase())).collect()
    }

    /// Whether the panel's own database comes to `node`, or something that is built on it.
    pub(in crate::discover) fn is_panel_database(&self, node: Node) -> bool {
        self.labels(node)
            .any(|(_, l)| l.path.is_here() && matches!(l.what, What::Panel(class) if self.program.text(class) == catalogue::PANEL_DATABASE))
    }

    /// Whether a table is neither the extension's nor one that the panel is known to have.
    pub(in crate::discover) fn is_foreign_table(&self, folded: &str) -> bool {
        self.tables.get(folded).is_none() && catalogue::panel_columns_of(folded).next().is_none()
    }

    /// A method of the panel's database, of a select on it, or of a statement: what it gives is on the panel's database too.
    pub(super) fn call_panel_database(&mut self, number: u32, class: Name) {
        if self.program.text(class) == catalogue::PANEL_DATABASE {
            let result = self.calls[number as usize].result;
            self.seed(result, What::Panel(class), Strength::Shown, Origin::Call(number));
        }
    }

    /// A select is handed to something that fetches its rows.
    pub(super) fn fetch_selected(&mut self, number: u32, position: u32, table: Name) {
        let call = &self.calls[number as usize];
        let (Callee::Method(_, method), 0) = (call.callee, position) else { return };
        let result = call.result;
        if matches!(self.program.text(method), "fetchrow" | "query" | "fetchall" | "fetchassoc") {
            // What goes by other names in it.
            if let Some(select) = call.positional(0).map(|a| a.node) {
                self.connect(select, result, Transfer::Copy);
                self.connect(select, result, Transfer::Wrap(Key::ANY));
            }
            for path in [Path::HERE, Path::of(Key::ANY)] {
                self.forward.add(result, What::Table(table), Strength::Shown, path, Origin::Call(number));
            }
        }
    }

    /// `where('domain_id = ?', $id)`, `where('domain_id', $id)`, `where(['domain_id' => $id])`: compared with a column of the table.
    fn select_where(&mut self, number: u32, table: Name) {
        let call = &self.calls[number as usize];
        let site = call.result;
        let Some(condition) = call.positional(0) else { return };
        let value = call.args.get(1..).and_then(<[_]>::last).map(|a| a.node);
        let script = &self.program.scripts()[call.script as usize];
        let ExprKind::Text(sym) = script.expr(condition.expr).kind else { return };
        let (Some(value), Some(column)) = (value, compared(script.text(sym))) else { return };
        let table = self.program.text(table).to_owned();
        let to = self.table_column(&table, &column);
        self.graph.set_site(Some(site));
        self.graph.set_compares(true);
        self.connect(value, to, Transfer::Copy);
        self.graph.set_compares(false);
        self.graph.set_site(None);
    }

    /// `update('table', $values, $db->quoteInto('column = ?', $id))`: compared with a column of the table that the call around it names.
    pub(super) fn quote_into(&mut self, number: u32) {
        let around = self.passed(self.calls[number as usize].result);
        for (call, _) in around {
            let Callee::Method(_, method) = self.calls[call as usize].callee else { continue };
            if matches!(self.program.text(method), "update" | "delete")
                && let Some(table) = self.table_argument(call, 0)
            {
                self.select_where(number, table);
            }
        }
    }

    /// The node of a column, which is known to hold ids if it is one of the panel's.
    pub(super) fn table_column(&mut self, table: &str, column: &str) -> Node {
        let node = self.column(table, column);
        if let Some(kind) = self.tables.panel_column(table, column) {
            self.panel_column(node, kind);
        }
        node
    }

    /// The node of a column.
    pub(in crate::discover) fn column(&mut self, table: &str, column: &str) -> Node {
        let table = self.tables.with_column(table, column).unwrap_or(table);
        let (table, column) = (self.program.intern(table), self.program.intern(column));
        self.graph.slot(Slot::Column(table, column))
    }

    /// The node of a column, if it was met.
    pub(in crate::discover) fn find_column(&self, table: &str, column: &str) -> Option<Node> {
        self.graph.find(Slot::Column(self.program.find(table)?, self.program.find(column)?))
    }

    /// Rows in a list are written to the table.
    fn list_of_rows(&mut self, rows: Option<Node>, table: Name) {
        if let Some(rows) = rows {
            let row = self.graph.temporary();
            self.connect(rows, row, Transfer::Unwrap(Key::ANY));
            self.rows(row, table);
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
                if self.program.text(method) == "insert" {
                    self.list_of_rows(first, table);
                }
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            "insertgetid" | "insertorignore" | "insertmany" | "insertall" | "insertbatch" | "bulkinsert" | "replace" | "upsert"
            | "insertorupdate" => {
                if let Some(values) = first {
                    self.rows(values, table);
                }
                self.list_of_rows(first, table);
            }
            "updateorinsert" | "updateorcreate" | "firstorcreate" => {
                let given: Vec<Node> = call.args.iter().filter(|arg| !arg.spread).map(|arg| arg.node).collect();
                given.into_iter().for_each(|values| self.rows(values, table));
            }
            "where" | "orwhere" | "andwhere" | "having" => {
                self.select_where(number, table);
                self.pass_receiver(number);
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            // A builder's methods give the builder.
            "select" | "from" | "order" | "orderby" | "limit" | "offset" | "join" | "leftjoin" | "innerjoin" | "joinleft" | "joininner"
            | "joinright" | "group" | "groupby" | "columns" | "distinct" | "setintegritycheck" | "wherein" => {
                if self.program.text(method).contains("join") {
                    self.join_selected(number);
                }
                self.pass_receiver(number);
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            "first" | "get" | "all" | "execute" | "query" | "fetch" => {
                self.pass_aliases(number);
                for path in [Path::HERE, Path::of(Key::ANY)] {
                    self.forward.add(result, What::Table(table), Strength::Shown, path, Origin::Call(number));
                }
            }
            "fetchnew" | "fetchrow" | "current" | "getrow" => {
                self.pass_aliases(number);
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            "fetchall" | "find" | "toarray" => {
                self.pass_aliases(number);
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
                self.forward.add(result, What::Table(table), Strength::Shown, Path::of(Key::ANY), Origin::Call(number));
            }
            _ => self.told_column(number, table),
        }
    }

    /// Rows carry what goes by other names in what was selected.
    fn pass_aliases(&mut self, number: u32) {
        let call = &self.calls[number as usize];
        if let Callee::Method(receiver, _) = call.callee {
            let result = call.result;
            self.connect(receiver, result, Transfer::Copy);
            self.connect(receiver, result, Transfer::Wrap(Key::ANY));
        }
    }

    /// `joinLeft(['d' => 'domains'], 'd.id = s.dom_id', ['did' => 'id', 'cl_id'])`: the columns of that table are selected too.
    fn join_selected(&mut self, number: u32) {
        let Some(table) = self.table_argument(number, 0) else { return };
        let call = &self.calls[number as usize];
        let (result, Callee::Method(receiver, _)) = (call.result, call.callee) else { return };
        let Some(columns) = call.positional(2) else { return };
        let script = &self.program.scripts()[call.script as usize];
        let text = |expr| match script.expr(expr).kind {
            ExprKind::Text(sym) => Some(script.text(sym).to_owned()),
            _ => None,
        };
        let named = |column: String| column.rsplit('.').next().unwrap_or_default().to_owned();
        let selected: Vec<(String, String)> = match script.expr(columns.expr).kind {
            ExprKind::Array(elements) => {
                let one = |e: &Element| {
                    let column = named(text(e.value?)?);
                    Some((e.key.and_then(text).unwrap_or_else(|| column.clone()), column))
                };
                script.elements(elements).iter().filter_map(one).collect()
            }
            _ => text(columns.expr).map(named).map(|column| (column.clone(), column)).into_iter().collect(),
        };
        let table = self.whose(number, table);
        let table = self.program.text(table).to_owned();
        for (alias, column) in selected {
            let from = self.table_column(&table, &column.to_lowercase());
            let key = Key::named(self.program.intern(&alias));
            self.connect(from, result, Transfer::Wrap(key));
            self.connect(from, receiver, Transfer::Wrap(key));
        }
    }

    /// A method of a builder gives the builder.
    fn pass_receiver(&mut self, number: u32) {
        let call = &self.calls[number as usize];
        if let Callee::Method(receiver, _) = call.callee {
            let result = call.result;
            self.connect(receiver, result, Transfer::Copy);
        }
    }

    /// `node` holds a row of `table`, to be read or written.
    pub(super) fn rows(&mut self, node: Node, table: Name) {
        let tables = self.tables;
        let folded = self.program.text(table).to_owned();
        let columns: Vec<(String, String)> = match tables.get(&folded) {
            Some(table) => table.columns.iter().map(|c| (c.name.clone(), c.folded.clone())).collect(),
            None if Tables::is_one_of(&folded) => {
                let columns = Tables::parts(&folded).filter_map(|table| tables.get(table)).flat_map(|table| &table.columns);
                let told = columns.filter(|c| tables.with_column(&folded, &c.folded).is_some());
                told.map(|c| (c.name.clone(), c.folded.clone())).collect()
            }
            None => Tables::panel_columns(&folded).map(|c| (c.to_owned(), c.to_lowercase())).collect(),
        };
        for (name, column) in columns {
            let slot = self.table_column(&folded, &column);
            let key = Key::named(self.program.intern(&name));
            self.connect(node, slot, Transfer::Unwrap(key));
            self.connect(slot, node, Transfer::Wrap(key));
        }
    }
}

/// The column in a condition that compares it with a value: `d.domain_id = ?`, `domain_id IN (?)`, `domain_id`.
fn compared(condition: &str) -> Option<String> {
    let text = condition.trim();
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '`' | '"'))).unwrap_or(text.len());
    let (column, rest) = text.split_at(end);
    let rest = rest.trim().to_ascii_lowercase();
    let compares = rest.is_empty() || ["= ?", "=?", "in (?)", "in(?)", "<> ?", "!= ?", "= :"].iter().any(|r| rest.starts_with(r));
    let column = column.rsplit('.').next().unwrap_or_default().trim_matches(['`', '"']).to_lowercase();
    (compares && !column.is_empty()).then_some(column)
}

#[cfg(test)]
mod tests {
    use super::compared;

    #[test]
    fn conditions_name_their_column() {
        assert_eq!(compared("d.domain_id = ?").as_deref(), Some("domain_id"));
        assert_eq!(compared("`dom_id` IN (?)").as_deref(), Some("dom_id"));
        assert_eq!(compared("domain_id").as_deref(), Some("domain_id"));
        assert_eq!(compared("domain_id > ?"), None);
        assert_eq!(compared("= ?"), None);
    }
}
