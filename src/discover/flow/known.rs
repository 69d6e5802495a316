//! What a call does once it is known what it calls, and on what: the target is written in the code, or an object, a statement or a closure came to it.

use super::calls::{Call, Callee};
use super::graph::{Node, Slot};
use super::label::{Answer, Key, Strength, Transfer, What};
use super::layer::{Label, Origin};
use super::library::{self, TableMethod};
use super::solve::Solver;
use super::words::FUNC_GET_ARGS;
use crate::discover::program::{Fun, Name};
use crate::extension::php::ir::ExprKind;

impl Solver<'_, '_> {
    /// Calls whose target is written in the code.
    pub(super) fn start(&mut self, number: u32) {
        let Call { callee, result, .. } = self.calls[number as usize];
        match callee {
            Callee::Function(name) => match self.own_function(name) {
                Some(fun) => self.join(number, fun),
                None if self.is_loud_function(name) => {
                    self.file(number, name);
                    let plain = self.program.text(name).trim_start_matches('\\').to_owned();
                    if library::reads_xml(&plain) {
                        self.seed(result, What::Answer(Answer::Xml), Strength::Shown, Origin::Call(number));
                    }
                    self.made_by_name(number, &plain);
                }
                None => {}
            },
            Callee::OwnStatic(cls, name) => self.call_own(number, cls, name),
            Callee::OutsideStatic(class, name) => {
                self.call_panel(number, class, name, Strength::Shown);
                if library::table_method(self.program.text(name)) == Some(TableMethod::Quote) {
                    self.pass_argument(number);
                }
            }
            Callee::OwnNew(cls) => {
                self.make_own(number, cls);
            }
            Callee::OutsideNew(class) => self.make_panel(number, class),
            Callee::Method(_, name) if self.is_loud_method(name) => {
                self.request(number, name);
                let method = self.program.text(name).to_owned();
                match method.as_str() {
                    library::ADD_ELEMENT => self.add_element(number),
                    library::ALL_VALUES => self.ask_for_all(number),
                    _ => {}
                }
                self.made_by_name(number, &method);
                match library::table_method(&method) {
                    Some(TableMethod::Quote) => self.pass_argument(number),
                    Some(TableMethod::From | TableMethod::Write) if self.sql.shares_names => self.postponed.push(number),
                    Some(TableMethod::From) => self.select_from(number),
                    Some(TableMethod::QuoteInto) => self.quote_into(number),
                    Some(TableMethod::Write) => self.write_array(number),
                    None => {}
                }
            }
            Callee::Method(..) => {}
            Callee::Value(node) => self.call_text(number, node),
            Callee::Dynamic(..) => {}
            Callee::NewValue(node) => {
                for class in self.class_texts(node) {
                    let folded = self.program.intern(&class.trim_start_matches('\\').to_ascii_lowercase());
                    match self.program.class_of_name(folded) {
                        Some(cls) => self.make_own(number, cls),
                        None => self.make_panel(number, folded),
                    }
                }
            }
        }
    }

    pub(super) fn pass_argument(&mut self, number: u32) {
        let call = &self.calls[number as usize];
        if let Some(arg) = call.positional(0) {
            let (from, to) = (arg.node, call.result);
            self.connect(from, to, Transfer::Copy);
        }
    }

    /// The text that an argument is, if it is written in the call.
    pub(super) fn constant_argument(&self, number: u32, position: usize) -> Option<Name> {
        let call = &self.calls[number as usize];
        let arg = call.positional(position)?;
        match self.program.scripts()[call.script as usize].expr(arg.expr).kind {
            ExprKind::Text(sym) => Some(self.program.name(call.script, sym)),
            _ => None,
        }
    }

    /// An object, a statement or a closure came to `label.node`.
    pub(super) fn arrive(&mut self, label: Label) {
        if matches!(label.what, What::Id(_) | What::Stable(_) | What::Part(_) | What::Hashed(_) | What::Encrypted(_) | What::VarDir) {
            return;
        }
        if let What::Own(cls) = label.what {
            self.arrive_object(label.node, cls);
        }
        for at in self.ends.receivers(label.node) {
            let (number, callee) = self.ends.receiver(at);
            match (label.what, callee) {
                (What::Own(cls), Callee::Method(_, name)) => self.call_own(number, cls, name),
                (What::Panel(class), Callee::Method(_, name)) => self.call_panel(number, class, name, label.strength),
                (What::Sql(statement), Callee::Method(_, name)) => self.call_statement(number, statement, name),
                (What::Table(table), Callee::Method(_, name)) => self.call_table(number, table, name),
                (What::Own(cls), Callee::Dynamic(_, names)) => {
                    for name in self.class_texts(names) {
                        let name = self.program.intern(&name.to_ascii_lowercase());
                        self.call_own(number, cls, name);
                    }
                }
                (What::Panel(class), Callee::Dynamic(_, names)) => {
                    for name in self.class_texts(names) {
                        let name = self.program.intern(&name.to_ascii_lowercase());
                        self.call_panel(number, class, name, label.strength);
                    }
                }
                (What::Answer(answer), Callee::Method(_, name)) => self.call_answer(number, answer, name),
                (What::Handle(opened), Callee::Method(_, name)) => self.call_handle(number, opened, name, 0),
                (What::Closure(fun), Callee::Value(_)) => self.join(number, fun),
                (What::Own(cls), Callee::Value(_)) => {
                    let invoke = self.program.intern("__invoke");
                    self.call_own(number, cls, invoke);
                }
                _ => {}
            }
        }
        match label.what {
            What::Sql(statement) => {
                for at in self.ends.arguments(label.node) {
                    let (number, position) = self.ends.argument(at);
                    self.hand_over(number, position, statement);
                }
            }
            What::Table(table) => {
                self.rows(label.node, table);
                self.passed(label.node).into_iter().for_each(|(number, position)| self.fetch_selected(number, position, table));
            }
            What::Handle(opened) => {
                for (number, position) in self.passed(label.node) {
                    if let (0, Callee::Function(name)) = (position, self.calls[number as usize].callee) {
                        self.call_handle(number, opened, name, 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// The calls that `node` is an argument of, and its positions.
    pub(super) fn passed(&self, node: Node) -> Vec<(u32, u32)> {
        self.ends.arguments(node).map(|at| self.ends.argument(at)).collect()
    }

    /// Arguments go into parameters, the result comes out.
    pub(super) fn join(&mut self, number: u32, fun: Fun) {
        if !self.joins.add(number, fun) {
            return;
        }
        let (script, function) = self.program.function(fun);
        let call = &self.calls[number as usize];
        let constructor = matches!(call.callee, Callee::OwnNew(_) | Callee::NewValue(_));
        let mut edges = Vec::with_capacity(call.args.len() + 1);
        let all = self.program.find(FUNC_GET_ARGS).map(|name| Slot::Variable(fun, name)).filter(|slot| self.graph.find(*slot).is_some());
        for (position, arg) in call.args.iter().enumerate() {
            let param = match arg.name {
                Some(name) => function.params.iter().find(|p| self.program.name(script, p.name) == name),
                None => function.params.get(position).or_else(|| function.params.last().filter(|p| p.variadic)),
            };
            if let (Some(all), false) = (all, arg.spread) {
                edges.push((arg.node, all, Transfer::Wrap(Key::item(position))));
            }
            let Some(param) = param else { continue };
            let transfer = match (param.variadic, arg.spread) {
                // What stands before it is counted only where nothing is spread.
                (true, false) if arg.name.is_none() && call.args[..position].iter().all(|a| !a.spread && a.name.is_none()) => {
                    Transfer::Wrap(Key::item((position + 1).saturating_sub(function.params.len())))
                }
                (true, false) => Transfer::Wrap(Key::ANY),
                (false, true) => Transfer::Unwrap(Key::ANY),
                _ => Transfer::Copy,
            };
            edges.push((arg.node, Slot::Variable(fun, self.program.name(script, param.name)), transfer));
        }
        let result = call.result;
        let given: Vec<(Node, Name, Transfer)> = edges
            .iter()
            .filter_map(|(from, slot, transfer)| if let Slot::Variable(_, name) = slot { Some((*from, *name, *transfer)) } else { None })
            .collect();
        let by_ref: Vec<Name> = function.params.iter().filter(|p| p.by_ref).map(|p| self.program.name(script, p.name)).collect();
        for (from, slot, transfer) in edges {
            let to = self.graph.slot(slot);
            self.connect(from, to, transfer);
            if let Slot::Variable(_, name) = slot
                && by_ref.contains(&name)
                && transfer == Transfer::Copy
            {
                self.connect(to, from, Transfer::Copy);
            }
        }
        let taken = self.by_key(number, fun);
        self.told_columns(number);
        if !constructor {
            let from = self.graph.slot(Slot::Result(fun));
            let told = taken || self.hand_back(fun, result, &given);
            self.connect(from, result, if told { Transfer::Object } else { Transfer::Copy });
            self.ask_again(number, fun);
        }
        if let Some(position) = self.builders.told(fun) {
            self.build_on(number, position);
        }
    }

    /// The functions that a call was found to call.
    pub(in crate::discover) fn called(&self, number: u32) -> Vec<Fun> {
        self.joins.called(number)
    }

    /// The calls that were found to call `fun`, in the order in which they stand.
    pub(in crate::discover) fn callers(&self, fun: Fun) -> Vec<u32> {
        self.joins.callers(fun)
    }
}
