//! The SQL in the code: which values of a statement belong to which columns.

use rustc_hash::{FxHashMap, FxHashSet};

use super::builders::Sorted;
use super::flow::build::Builder;
use super::flow::graph::{Node, Slot};
use super::flow::label::Transfer;
use super::members::Use;
use super::program::{Cls, Fun, Name, Program};
use super::tables::Tables;
use super::wrappers::{Callers, Told, Wrapper};
use crate::extension::php::by_start::ByStart;
use crate::extension::php::ir::{Arg, ExprId, ExprKind, Function, Script};
use crate::extension::sql::in_code::SqlText;
use crate::extension::sql::statement::{self, Column, Comparison, Filter, Operand as SqlOperand};
use crate::extension::sql::template::{Hole, Template};
use crate::panel::catalogue;

/// Rows are handed on through at most this many methods.
const MAX_HANDED: usize = 4;

/// The statements of an extension.
#[derive(Debug, Default)]
pub(super) struct SqlFacts {
    pub(super) statements: Vec<Statement>,
    /// For each statement of the code's own texts, which come first, the node that holds its text.
    pub(super) nodes: Vec<Node>,
    /// For statements on tables that both the panel and the extension have: what they are when they are put to the panel's database.
    pub(super) twins: FxHashMap<u32, u32>,
    /// Whether there may be such statements.
    pub(super) shares_names: bool,
    /// Calls that say a name which a statement elsewhere is made with.
    pub(super) told: Vec<Saying>,
    /// Methods that put the rows which they are given into a table that each class has of its own: the class whose object is called, and its table.
    pub(super) filling: FxHashMap<Fun, Vec<(Cls, String)>>,
}

/// A call that says the name of a table or column to a helper, and the statement that comes of it.
#[derive(Debug)]
pub(super) struct Saying {
    /// The call.
    pub(super) call: u32,
    /// The statement.
    pub(super) statement: u32,
    /// The positions of the arguments that are names.
    pub(super) names: Vec<usize>,
    /// The method by which the helper gets at the results.
    pub(super) method: Option<Name>,
}

/// A statement, as far as values pass through it.
#[derive(Debug, Default)]
pub(super) struct Statement {
    /// Bound values, and the columns they are written to or compared with.
    pub(super) operands: Vec<Operand>,
    /// What a row of its result carries.
    pub(super) results: Vec<ResultColumn>,
    /// Tables that rows are written to whole: an array that is bound has their columns as its keys.
    pub(super) rows: Vec<String>,
    /// Values that stand in the text, which meet their columns once it is known whose tables these are.
    pub(super) waiting: Vec<Waiting>,
}

/// A value that stands in a statement's text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    /// The value.
    pub(super) from: Node,
    /// The node of its column.
    pub(super) column: Node,
    /// Whether it is only compared with the column.
    pub(super) compares: bool,
    /// The expression in the text.
    pub(super) site: Node,
}

/// A bound value.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) bind: Bind,
    /// The table, without case.
    pub(super) table: String,
    /// The column, without case.
    pub(super) column: String,
    /// Whether it is only compared with the column.
    pub(super) compares: bool,
}

/// How a value is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bind {
    /// The n-th `?`, from 0.
    Positional(usize),
    /// `:name`, without the colon.
    Named(String),
}

/// A column of a result.
#[derive(Debug)]
pub(super) struct ResultColumn {
    /// The name under which a row carries it.
    pub(super) alias: String,
    /// The number under which a row carries it.
    pub(super) position: usize,
    /// The table, without case.
    pub(super) table: String,
    /// The column, without case.
    pub(super) column: String,
}

impl SqlFacts {
    /// Reads the statements of all scripts, and connects the values that stand in their text with their columns.
    pub(super) fn gather(builder: &mut Builder<'_, '_>, tables: &Tables) -> SqlFacts {
        let puts_to_panel =
            |program: &Program<'_>| catalogue::panel_database_methods().any(|method| program.find(&method.to_ascii_lowercase()).is_some());
        let shares_names = tables.has_panel_names() && puts_to_panel(builder.program);
        let mut facts = SqlFacts { shares_names, ..SqlFacts::default() };
        let mut wrappers = Vec::new();
        let mut texts = Vec::new();
        for text in &builder.program.extension.statements {
            let number = text.script;
            let fun = builder.program.fun(number, text.function);
            let filled = filled(builder, text, fun);
            let waits = filled.is_empty() && facts.shares_names && shares_name(tables, text);
            let mut statement = Statement::default();
            let mut read = |statements: &[statement::Statement], holes: &[Hole], family: &Family| {
                let mut reading = Reading {
                    builder,
                    tables,
                    holes,
                    script: number,
                    fun,
                    text: text.expr,
                    family,
                    panel: false,
                    waits,
                    statement: std::mem::take(&mut statement),
                };
                statements.iter().for_each(|s| reading.statement(s));
                statement = reading.statement;
            };
            let run: Vec<(Vec<statement::Statement>, &Template)> = filled.iter().map(|(t, _)| (statement::read(t), t)).collect();
            let family =
                if run.len() > 1 { Family::of(tables, run.iter().flat_map(|(statements, _)| statements)) } else { Family::default() };
            for (statements, template) in &run {
                read(statements, &template.holes, &family);
            }
            if filled.is_empty() {
                read(&text.statements, &text.holes, &Family::default());
            }
            // Nor do they fill each other's tables, where it is told whose objects are called.
            if filled.len() > 1 && !statement.rows.is_empty() && builder.program.function(fun).1.class.is_some() {
                statement.rows.clear();
                facts.add_filling(fun, &filled);
            }
            facts.statements.push(statement);
            facts.nodes.push(builder.resolve(number, fun, text.expr));
            texts.push((number, fun, text));
            wrappers.extend(text.open.as_ref().and_then(|open| Wrapper::new(builder, number, fun, text.expr, open)));
        }
        facts.hand_on(builder.program);
        facts.tell(builder, tables, &wrappers);
        if facts.shares_names {
            facts.put_to_the_panel(builder, tables, &texts);
        }
        facts
    }

    /// Notes the tables that the method `fun` fills for each class.
    fn add_filling(&mut self, fun: Fun, filled: &[(Template, Vec<Cls>)]) {
        for (template, classes) in filled {
            for statement in statement::read(template) {
                let statement::Statement::Insert(insert) = statement else { continue };
                let Some(table) = insert.table.filter(|_| insert.open) else { continue };
                let of = self.filling.entry(fun).or_default();
                of.extend(classes.iter().map(|cls| (*cls, table.to_lowercase())));
            }
        }
    }

    /// Methods beside one that fills tables which hand a parameter on to it fill them too.
    fn hand_on(&mut self, program: &Program<'_>) {
        let mut sorted = Sorted::default();
        // For each of the classes its methods, each with those that it hands a parameter on to.
        let mut classes: FxHashMap<Cls, Vec<(Fun, Vec<Fun>)>> = FxHashMap::default();
        for fun in self.filling.keys() {
            let (number, function) = program.function(*fun);
            let Some(class) = function.class else { continue };
            let script = &program.scripts()[number as usize];
            let cls = program.cls(number, class);
            classes.entry(cls).or_insert_with(|| {
                let methods = script.class(class).methods.iter().map(|id| {
                    let called = handed_on(script, sorted.of(number, script), script.function(*id));
                    let called = called.into_iter().filter_map(|name| program.find(&name)).filter_map(|name| program.own_method(cls, name));
                    (program.fun(number, *id), called.collect())
                });
                methods.collect()
            });
        }
        for _ in 0..MAX_HANDED {
            let mut more = Vec::new();
            for (fun, called) in classes.values().flatten().filter(|(fun, _)| !self.filling.contains_key(fun)) {
                more.extend(called.iter().find_map(|called| Some((*fun, self.filling.get(called)?.clone()))));
            }
            if more.is_empty() {
                break;
            }
            self.filling.extend(more);
        }
    }

    /// Reads statements once more, as ones on the panel's own tables.
    fn put_to_the_panel(&mut self, builder: &mut Builder<'_, '_>, tables: &Tables, texts: &[(u32, Fun, &SqlText)]) {
        for (own, (script, fun, text)) in (0u32..).zip(texts) {
            if !shares_name(tables, text) {
                continue;
            }
            let (script, fun, statement) = (*script, *fun, Statement::default());
            let holes = &text.holes;
            let mut reading = Reading {
                builder,
                tables,
                holes,
                script,
                fun,
                text: text.expr,
                family: &Family::default(),
                panel: true,
                waits: true,
                statement,
            };
            text.statements.iter().for_each(|s| reading.statement(s));
            self.statements.push(reading.statement);
            self.twins.insert(own, u32::try_from(self.statements.len() - 1).expect("fewer than 2³² statements"));
        }
    }

    /// Adds the statements that helpers make of the names which their callers say.
    fn tell(&mut self, builder: &mut Builder<'_, '_>, tables: &Tables, wrappers: &[Wrapper<'_>]) {
        if wrappers.is_empty() {
            return;
        }
        let callers = Callers::new(builder);
        for wrapper in wrappers {
            let mut made: Vec<(String, u32)> = Vec::new();
            for Told { call, names, text } in wrapper.told(builder, &callers) {
                let known = made.iter().find(|(known, _)| *known == text.text).map(|(_, statement)| *statement);
                let statement = known.unwrap_or_else(|| {
                    let Wrapper { script, fun, expr, .. } = *wrapper;
                    let statement = Statement::default();
                    // What stands in the text is every caller's, so nothing is said of it.
                    let mut reading = Reading {
                        builder,
                        tables,
                        holes: &[],
                        script,
                        fun,
                        text: expr,
                        family: &Family::default(),
                        panel: false,
                        waits: false,
                        statement,
                    };
                    statement::read(&text).iter().for_each(|s| reading.statement(s));
                    self.statements.push(reading.statement);
                    u32::try_from(self.statements.len() - 1).expect("fewer than 2³² statements")
                });
                if known.is_none() {
                    made.push((text.text, statement));
                }
                self.told.push(Saying { call, statement, names, method: wrapper.method });
            }
        }
    }
}

/// Whether a statement is on tables of which both the panel and the extension have one.
fn shares_name(tables: &Tables, text: &SqlText) -> bool {
    text.statements.iter().flat_map(statement::Statement::tables).any(|t| tables.is_panel_name(&t.to_lowercase()))
}

/// The methods of the same object, by their names in lower case, that a method hands one of its parameters on to.
fn handed_on(script: &Script, sorted: &ByStart, method: &Function) -> Vec<String> {
    let is_parameter =
        |arg: &Arg| matches!(script.expr(arg.value).kind, ExprKind::Variable(sym) if method.params.iter().any(|p| p.name == sym));
    let called = sorted.within(script, method.at).filter_map(|(_, kind)| match kind {
        ExprKind::Method { object, name, args } if script.args(args).iter().any(is_parameter) => {
            matches!(script.expr(object).kind, ExprKind::Variable(this) if script.text(this) == "this")
                .then(|| script.text(name).to_ascii_lowercase())
        }
        _ => None,
    });
    called.collect()
}

/// The text with the constants and properties in it that only the whole extension tells: one for each class that runs it with values of its own, with
/// these classes. None where nothing is told.
fn filled(builder: &Builder<'_, '_>, text: &SqlText, fun: Fun) -> Vec<(Template, Vec<Cls>)> {
    let Some(open) = &text.open else { return Vec::new() };
    let mut filled: Vec<(Template, Vec<Cls>)> = Vec::new();
    let within = builder.class_of(fun);
    for of in builder.program.runners(within) {
        let at = Use { script: text.script, within, of };
        let template = open.filled(|expr| builder.program.member_text(at, expr));
        if template.holes.len() < open.holes.len() {
            match filled.iter_mut().find(|(known, _)| known.text == template.text) {
                Some((_, classes)) => classes.extend(of),
                None => filled.push((template, of.into_iter().collect())),
            }
        }
    }
    filled
}

/// The tables that one text is about in the classes which run it, if they are several. What one of them reads is not what the others read: `WHERE id = ?`
/// would give each of their tables the others' ids, and `SELECT *` the others' columns. A column that one of the tables alone has is that one's.
#[derive(Default)]
struct Family {
    tables: FxHashSet<String>,
    /// How many of them have each column.
    columns: FxHashMap<String, usize>,
}

impl Family {
    fn of<'s>(tables: &Tables, statements: impl Iterator<Item = &'s statement::Statement>) -> Family {
        let mut family =
            Family { tables: statements.flat_map(statement::Statement::tables).map(str::to_lowercase).collect(), ..Family::default() };
        for column in family.tables.iter().filter_map(|name| tables.get(name)).flat_map(|table| &table.columns) {
            *family.columns.entry(column.folded.clone()).or_default() += 1;
        }
        family
    }

    /// Whether what is read as this column may be another table's.
    fn shares(&self, table: &str, column: &str) -> bool {
        !self.tables.is_empty() && (!self.tables.contains(table) || self.columns.get(column) != Some(&1))
    }
}

/// One statement text being read.
struct Reading<'b, 'p, 'a, 't> {
    builder: &'b mut Builder<'p, 'a>,
    tables: &'b Tables,
    holes: &'t [Hole],
    script: u32,
    fun: Fun,
    /// The expression that makes the text.
    text: ExprId,
    family: &'t Family,
    /// Tables that the panel has too are the panel's.
    panel: bool,
    /// It is not known yet whose tables they are.
    waits: bool,
    statement: Statement,
}

impl Reading<'_, '_, '_, '_> {
    fn statement(&mut self, statement: &statement::Statement) {
        match statement {
            statement::Statement::Insert(insert) => self.insert(insert),
            statement::Statement::Update(update) => {
                let scope: Vec<&str> = update.table.as_deref().into_iter().collect();
                update.sets.iter().for_each(|set| self.meet(&set.column, &set.value, &scope));
                self.filters(&update.filters, &scope);
            }
            statement::Statement::Delete(delete) => {
                let scope: Vec<&str> = delete.table.as_deref().into_iter().collect();
                self.filters(&delete.filters, &scope);
            }
            statement::Statement::Select(select) => self.select(select),
        }
    }

    fn insert(&mut self, insert: &statement::Insert) {
        let Some(table) = insert.table.as_deref() else { return };
        let own = self.tables.get(&table.to_lowercase());
        if insert.open {
            self.statement.rows.push(table.to_lowercase());
        }
        for row in insert.rows.iter().filter(|_| !insert.open) {
            for (position, value) in row.iter().enumerate() {
                let column = match (&insert.columns[..], own) {
                    ([], Some(own)) => own.columns.get(position).map(|c| c.folded.clone()),
                    (columns, _) => columns.get(position).map(|c| c.name.to_lowercase()),
                };
                if let Some(column) = column {
                    self.operand(&table.to_lowercase(), &column, value, &[table]);
                }
            }
        }
        insert.on_conflict.iter().for_each(|set| self.meet(&set.column, &set.value, &[table]));
    }

    fn select(&mut self, select: &statement::Select) {
        let scope: Vec<&str> = select.tables.iter().filter_map(|t| t.name.as_deref()).collect();
        self.filters(&select.filters, &scope);
        for output in &select.columns {
            let position = output.position as usize;
            if output.column.name == "*" {
                let all: Vec<&str> = output.column.table.as_deref().map_or_else(|| scope.clone(), |t| vec![t]);
                for table in all {
                    let folded = table.to_lowercase();
                    let columns = self.tables.get(&folded).map_or(&[][..], |t| &t.columns[..]);
                    for (at, column) in (position..).zip(columns) {
                        self.result(column.name.clone(), at, folded.clone(), column.folded.clone());
                    }
                    if columns.is_empty() {
                        self.panel_results(&folded, position);
                    }
                }
            } else if let Some((table, column)) = self.place(&output.column, &scope) {
                self.result(output.alias.clone().unwrap_or_else(|| output.column.name.clone()), position, table, column);
            }
        }
    }

    /// `SELECT *` of one of the panel's own tables.
    fn panel_results(&mut self, table: &str, position: usize) {
        for (name, kind) in catalogue::panel_tables() {
            if let (true, Some(facts)) = (name.eq_ignore_ascii_case(table), &kind.facts().table) {
                self.result(facts.id.clone(), position, table.to_owned(), facts.id.to_lowercase());
            }
        }
    }

    fn result(&mut self, alias: String, position: usize, table: String, column: String) {
        if self.family.shares(&table, &column) {
            return;
        }
        let table = self.whose(table);
        self.column(&table, &column);
        self.statement.results.push(ResultColumn { alias, position, table, column });
    }

    fn filters(&mut self, filters: &[Filter], scope: &[&str]) {
        if !self.family.tables.is_empty() {
            return;
        }
        for filter in filters {
            if matches!(filter.comparison, Comparison::Equal | Comparison::NotEqual | Comparison::In | Comparison::NotIn) {
                self.builder.graph.set_compares(true);
                filter.values.iter().for_each(|value| self.meet(&filter.column, value, scope));
                self.builder.graph.set_compares(false);
            }
        }
    }

    /// A column and a value are set or compared.
    fn meet(&mut self, column: &Column, value: &SqlOperand, scope: &[&str]) {
        if let Some((table, column)) = self.place(column, scope) {
            self.operand(&table, &column, value, scope);
        }
    }

    fn operand(&mut self, table: &str, column: &str, value: &SqlOperand, scope: &[&str]) {
        let table = &self.whose(table.to_owned());
        let node = self.column(table, column);
        let bind = match value {
            SqlOperand::Positional(n) => Bind::Positional(*n as usize),
            SqlOperand::Named(name) => Bind::Named(name.clone()),
            SqlOperand::Hole(number) => {
                if let Some(hole) = self.holes.get(*number) {
                    let from = self.builder.resolve(self.script, self.fun, hole.expr);
                    let site = self.builder.graph.expr(self.script, hole.expr);
                    if self.waits {
                        let compares = self.builder.graph.compares();
                        self.statement.waiting.push(Waiting { from, column: node, compares, site });
                        return;
                    }
                    self.builder.graph.set_site(Some(site));
                    self.builder.graph.connect(from, node, Transfer::Copy);
                    self.builder.graph.set_site(None);
                }
                return;
            }
            SqlOperand::Column(other) => {
                if let Some((table, column)) = self.place(other, scope) {
                    let table = self.whose(table);
                    let other = self.column(&table, &column);
                    // What a statement copies by itself is written where the statement stands.
                    let site = (!self.builder.graph.compares()).then(|| self.builder.graph.expr(self.script, self.text));
                    self.builder.graph.set_site(site);
                    self.builder.graph.connect(other, node, Transfer::Copy);
                    self.builder.graph.set_site(None);
                    self.builder.graph.connect(node, other, Transfer::Copy);
                }
                return;
            }
            SqlOperand::Literal(_) | SqlOperand::Other => return,
        };
        self.statement.operands.push(Operand {
            bind,
            table: table.to_owned(),
            column: column.to_owned(),
            compares: self.builder.graph.compares(),
        });
    }

    /// The table and column that a name means: the table it says, else the only one in the statement, or the only one of them that has it.
    fn place(&self, column: &Column, scope: &[&str]) -> Option<(String, String)> {
        let folded = column.name.to_lowercase();
        let table = match (&column.table, scope) {
            (Some(table), _) => table.to_lowercase(),
            (None, [only]) => only.to_lowercase(),
            (None, several) => {
                let has = |t: &&&str| self.tables.get(&t.to_lowercase()).is_some_and(|t| t.columns.iter().any(|c| c.folded == folded));
                several.iter().find(has)?.to_lowercase()
            }
        };
        Some((table, folded))
    }

    /// A table's name, with a mark if it is the panel's and the extension has one of that name.
    fn whose(&self, table: String) -> String {
        if self.panel && self.tables.is_panel_name(&table) { Tables::of_panel(&table) } else { table }
    }

    /// The node of a column. One of the panel's own tables is known to hold ids.
    fn column(&mut self, table: &str, column: &str) -> Node {
        let slot = Slot::Column(self.builder.program.intern(table), self.builder.program.intern(column));
        let node = self.builder.graph.slot(slot);
        if let Some(kind) = self.tables.panel_column(table, column) {
            self.builder.panel_column(node, kind);
        }
        node
    }
}
