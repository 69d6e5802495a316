//! Forms: a person chooses among the options of an element, and what is asked for under the element's name is one of their keys.

use rustc_hash::FxHashMap;

use super::calls::Callee;
use super::graph::{Node, Slot};
use super::label::{Key, Transfer, What};
use super::solve::Solver;
use crate::discover::program::{Cls, Name};
use crate::extension::php::ir::ExprKind;

/// What an element's settings call the values that a person may choose among: an array of them, under what is shown of each.
const OPTIONS: &str = "multiOptions";

/// An element that nobody sees, in lower case, and what its settings call its value: that comes back as it is.
const HIDDEN: &str = "hidden";
const VALUE: &str = "value";

/// Elements of which several options may be chosen, in lower case.
const MANY: &[&str] = &["multicheckbox", "multiselect"];

/// As many forms that all is asked of are looked into, and as many elements.
const MAX_FORMS: usize = 256;
const MAX_ELEMENTS: usize = 2_000;

/// As many calls that ask for an element are taken to ask for each of its name.
const MAX_ASKED: usize = 256;

/// The elements of all forms, each with its form and its name, and what is asked for under which name.
#[derive(Debug, Default)]
pub(super) struct Forms {
    options: Vec<(Node, Name, Options)>,
    /// The options by the names, once all are known.
    named: FxHashMap<Name, Vec<Options>>,
    asked: FxHashMap<Name, Vec<Node>>,
    /// What asks for all of it, each with its form.
    all: Vec<(Node, Node)>,
}

/// What may be chosen.
#[derive(Debug, Clone, Copy)]
struct Options {
    /// The options, by their keys; or the only one.
    from: Node,
    takes: Takes,
}

/// What of it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// One of the keys.
    Key,
    /// A list of them.
    Keys,
    /// All: it is the value of a hidden element.
    Value,
}

impl Solver<'_, '_> {
    /// `addElement('select', 'domain', ['multiOptions' => $domains])`.
    pub(super) fn add_element(&mut self, number: u32) {
        let Some(name) = self.constant_argument(number, 1) else { return };
        let element = self.constant_argument(number, 0).map(|name| self.program.text(name).to_ascii_lowercase());
        let takes = match element.as_deref() {
            Some(HIDDEN) => Takes::Value,
            Some(element) if MANY.contains(&element) => Takes::Keys,
            _ => Takes::Key,
        };
        let wanted = if takes == Takes::Value { VALUE } else { OPTIONS };
        let call = &self.calls[number as usize];
        let (Callee::Method(form, _), Some(settings)) = (call.callee, call.positional(2)) else { return };
        let script = &self.program.scripts()[call.script as usize];
        let ExprKind::Array(elements) = script.expr(settings.expr).kind else { return };
        for element in script.elements(elements) {
            if let (Some(key), Some(_)) = (element.key, element.value)
                && let ExprKind::Text(key) = script.expr(key).kind
                && script.text(key) == wanted
            {
                let put = Transfer::Wrap(Key::named(self.program.name(call.script, key)));
                let given = self.graph.in_edges(settings.node).filter(|e| e.transfer == put);
                self.forms.options.extend(given.map(|e| (form, name, Options { from: e.from, takes })));
            }
        }
    }

    /// `getValue('domain')`, `getParam('domain')`: what was chosen.
    pub(super) fn ask(&mut self, number: u32, word: Name) {
        self.forms.asked.entry(word).or_default().push(self.calls[number as usize].result);
    }

    /// `getValues()`: all that was chosen.
    pub(super) fn ask_for_all(&mut self, number: u32) {
        let call = &self.calls[number as usize];
        if let Callee::Method(form, _) = call.callee {
            self.forms.all.push((form, call.result));
        }
    }

    /// Gives what asks for all that was put into a form what was chosen in it, under the names of the elements. It is known by now which form it is.
    pub(super) fn choose_all(&mut self) {
        let Forms { options, all, .. } = &mut self.forms;
        let (options, all) = (std::mem::take(options), std::mem::take(all));
        if all.is_empty() {
            return;
        }
        let known: Vec<(Option<Cls>, Vec<Node>)> =
            options.iter().take(MAX_ELEMENTS).map(|(of, ..)| (self.this_of(*of), self.origins(*of))).collect();
        for (form, values) in all.into_iter().take(MAX_FORMS) {
            let origins = self.origins(form);
            let mut classes: Vec<Cls> =
                self.labels(form).filter_map(|(_, l)| if let What::Own(cls) = l.what { Some(cls) } else { None }).collect();
            classes.dedup();
            for ((_, name, options), (around, from)) in options.iter().zip(&known) {
                let own = |cls: &Cls| around.is_some_and(|around| self.program.lineage(*cls).contains(&around));
                if classes.iter().any(own) || from.iter().any(|origin| origins.contains(origin)) {
                    let chosen = self.graph.temporary();
                    self.choose_one(*options, chosen);
                    self.connect(chosen, values, Transfer::Wrap(Key::named(*name)));
                }
            }
        }
    }

    /// The class whose `$this` a node is.
    fn this_of(&self, node: Node) -> Option<Cls> {
        let Slot::Variable(fun, name) = self.graph.as_slot(node)? else { return None };
        let (script, function) = self.program.function(fun);
        (self.program.text(name) == "this").then(|| function.class.map(|class| self.program.cls(script, class)))?
    }

    /// `node` is what was chosen under a name.
    pub(super) fn chosen(&mut self, name: Name, node: Node) {
        let options = self.forms.named.get(&name).cloned().unwrap_or_default();
        options.into_iter().take(MAX_ASKED).for_each(|options| self.choose_one(options, node));
    }

    fn choose_one(&mut self, Options { from, takes }: Options, to: Node) {
        match takes {
            Takes::Value => self.connect(from, to, Transfer::Copy),
            Takes::Key => self.connect(from, to, Transfer::Unwrap(Key::KEYS)),
            Takes::Keys => {
                let one = self.graph.temporary();
                self.connect(from, one, Transfer::Unwrap(Key::KEYS));
                self.connect(one, to, Transfer::Wrap(Key::ANY));
            }
        }
    }

    /// Connects what is asked for with the keys of the options. Not by way of a place of their own: what one page does with the word tells nothing of what
    /// it means on another.
    pub(super) fn choose(&mut self) {
        let asked = std::mem::take(&mut self.forms.asked);
        for (_, name, options) in self.forms.options.clone() {
            for to in asked.get(&name).into_iter().flatten().take(MAX_ASKED) {
                self.choose_one(options, *to);
            }
            self.forms.named.entry(name).or_default().push(options);
        }
    }
}
