//! Calls of the panel's programming interface, and what the framework's requests carry.

use super::calls::Callee;
use super::graph::{Node, Slot};
use super::label::{Answer, Key, Path, Strength, What};
use super::layer::{Label, Origin};
use super::library;
use super::solve::Solver;
use crate::discover::program::Name;
use crate::extension::php::ir::ExprKind;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Gives, KindCall};

impl Solver<'_, '_> {
    /// `getParam('domain_id')`: the request's word for it.
    pub(super) fn request(&mut self, number: u32, method: Name) {
        if !library::reads_request(self.program.text(method)) {
            return;
        }
        let Some(word) = self.constant_argument(number, 0).or_else(|| self.element_word(number)) else {
            if let Some(word) = self.element_property(number) {
                self.ask(number, word);
            }
            return;
        };
        self.ask(number, word);
        let result = self.calls[number as usize].result;
        self.hint_request(word, method, result);
    }

    /// `$this->domain->getValue()` in a form: its elements are properties.
    fn element_property(&self, number: u32) -> Option<Name> {
        let call = &self.calls[number as usize];
        let Callee::Method(receiver, _) = call.callee else { return None };
        if !call.args.is_empty() {
            return None;
        }
        let Some(Slot::Property(cls, name)) = self.graph.as_slot(receiver) else { return None };
        self.program.outside_parent(cls).is_some_and(|parent| parent.to_ascii_lowercase().contains("form")).then_some(name)
    }

    /// `$form->getElement('domain')->getValue()`: the form's word for it.
    fn element_word(&self, number: u32) -> Option<Name> {
        let call = &self.calls[number as usize];
        let Callee::Method(receiver, _) = call.callee else { return None };
        if !call.args.is_empty() {
            return None;
        }
        self.origins(receiver).into_iter().find_map(|node| {
            let (script, expr) = self.graph.as_expr(node)?;
            let file = &self.program.scripts()[script as usize];
            let ExprKind::Method { name, args, .. } = file.expr(expr).kind else { return None };
            let word = file.args(args).first().filter(|_| library::gives_element(file.text(name)))?.value;
            if let ExprKind::Text(sym) = file.expr(word).kind { Some(self.program.name(script, sym)) } else { None }
        })
    }

    /// What the request or a form has under a word, and the method asks for, may be an id by that word.
    pub(super) fn hint_request(&mut self, word: Name, method: Name, result: Node) {
        let spelled = self.program.text(word);
        // What a person types into a form is an account's name elsewhere as often as an id.
        if self.program.is_remote_word(spelled)
            || self.tables.counts(spelled)
            || (library::reads_form(self.program.text(method)) && catalogue::is_ambiguous(spelled))
        {
            return;
        }
        let kinds: Vec<Kind> = catalogue::parameters(self.program.text(word)).to_vec();
        for kind in kinds {
            self.forward.add(result, What::Id(kind), Strength::Hinted, Path::HERE, Origin::Named);
        }
    }

    /// A method of a class that is not the extension's is called.
    pub(super) fn call_panel(&mut self, number: u32, class: Name, method: Name, strength: Strength) {
        self.classes.insert(class);
        self.call_panel_database(number, class);
        let known = self.panel_call(class, method);
        self.keep(number, &known);
        self.call_native(number, class, method);
        if known.calls.is_empty() {
            return;
        }
        let first = self.constant_argument(number, 0);
        for KindCall { kind, call: facts } in known.calls {
            if !facts.when.is_empty() && !first.is_some_and(|f| facts.when.iter().any(|w| w == self.program.text(f))) {
                continue;
            }
            let kind = *kind;
            let result = self.calls[number as usize].result;
            let (what, path) = match facts.given() {
                Some(Gives::Id) => (Some(What::Id(kind)), Path::HERE),
                Some(Gives::Guid | Gives::Key) => (Some(What::Stable(kind)), Path::HERE),
                Some(Gives::Object(class)) => (Some(What::Panel(self.program.intern(&class.to_ascii_lowercase()))), Path::HERE),
                Some(Gives::Answer) => (Some(What::Answer(Answer::Of(kind))), Path::HERE),
                Some(Gives::List(class)) => (Some(What::Panel(self.program.intern(&class.to_ascii_lowercase()))), Path::of(Key::ANY)),
                None => (None, Path::HERE),
            };
            if let Some(what) = what {
                if let What::Panel(class) = what {
                    self.classes.insert(class);
                }
                self.forward.add(result, what, strength, path, Origin::Call(number));
            }
            if let Some(arg) = facts.takes_id.and_then(|i| self.calls[number as usize].positional(i)) {
                self.backward.add(arg.node, What::Id(kind), strength, Path::HERE, Origin::Call(number));
            }
        }
    }

    /// A variable called `$domain` whose class nothing tells: its name does, weakly.
    pub(super) fn hint_receivers(&mut self) {
        for number in 0..self.calls.len() {
            let call = &self.calls[number];
            let Callee::Method(receiver, method) = call.callee else { continue };
            let typed = |l: &Label| l.path.is_here() && matches!(l.what, What::Own(_) | What::Panel(_) | What::Sql(_) | What::Table(_));
            if self.forward.at(receiver).any(|(_, l)| typed(l)) {
                continue;
            }
            let name = match self.graph.as_slot(receiver) {
                Some(Slot::Variable(_, name) | Slot::Property(_, name)) => name,
                _ => continue,
            };
            let number = u32::try_from(number).expect("fewer than 2³² calls");
            for at in 0..self.classes_called(name).len() {
                let class = self.classes_called(name)[at];
                self.call_panel(number, class, method, Strength::Hinted);
            }
        }
    }
}
