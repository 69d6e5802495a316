//! Calls that keep a value under a name, or fetch it: settings, files, tasks.

use super::graph::Node;
use super::label::{Answer, Key, Strength, Transfer, What};
use super::layer::Origin;
use super::library;
use super::solve::Solver;
use super::texts::Made;
use super::words::PanelCall;
use crate::discover::program::Name;
use crate::panel::Kind;
use crate::panel::catalogue::Keeps;

/// A call that keeps a value, or fetches one.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Use {
    /// The call.
    pub(in crate::discover) call: u32,
    /// What keeps it.
    pub(in crate::discover) keeps: Keeps,
    /// The kind of object that it belongs to.
    pub(in crate::discover) of: Option<Kind>,
    /// The name under which it is kept; `None`: it has none.
    pub(in crate::discover) name: Option<Node>,
    /// What is kept.
    pub(in crate::discover) value: Option<Node>,
    /// What is fetched.
    pub(in crate::discover) fetched: Option<Node>,
    /// Whether it is encrypted on the way.
    pub(in crate::discover) encrypted: bool,
    /// The name of the file that becomes this one.
    pub(in crate::discover) moved_from: Option<Node>,
    /// Whether nothing is left under that name.
    pub(in crate::discover) moves: bool,
}

impl Use {
    /// A file whose path is at `name`.
    pub(super) fn file(call: u32, name: Node, value: Option<Node>, fetched: Option<Node>) -> Use {
        Use { call, keeps: Keeps::File, of: None, name: Some(name), value, fetched, encrypted: false, moved_from: None, moves: false }
    }
}

impl Solver<'_, '_> {
    /// A call that keeps a value or fetches it, or helps with that.
    pub(super) fn keep(&mut self, number: u32, known: &PanelCall) {
        for facts in known.stores {
            let call = &self.calls[number as usize];
            let argument = |position: Option<usize>| position.and_then(|p| call.positional(p)).map(|a| a.node);
            let (name, value) = (argument(facts.key), argument(facts.value));
            if (facts.key.is_some() && name.is_none()) || (facts.value.is_some() && value.is_none()) {
                continue;
            }
            let of = facts.of.as_ref().and_then(|of| of.parse().ok());
            let fetched = (facts.value.is_none()).then_some(call.result);
            self.add_use(Use {
                call: number,
                keeps: facts.keeps,
                of,
                name,
                value,
                fetched,
                encrypted: facts.encrypted,
                moved_from: None,
                moves: false,
            });
        }
        for helper in known.helpers {
            let result = self.calls[number as usize].result;
            let first = self.calls[number as usize].positional(0).map(|a| a.node);
            match (helper.gives.as_str(), first) {
                ("var-dir", _) => self.seed(result, What::VarDir, Strength::Shown, Origin::Call(number)),
                ("encrypted", Some(text)) => self.make(text, result, Made::Cipher),
                ("encrypted", None) => {}
                ("answer", request) => {
                    let answer = request.and_then(|r| self.asked_of(r)).map_or(Answer::Whole, Answer::To);
                    self.seed(result, What::Answer(answer), Strength::Shown, Origin::Call(number));
                }
                (class, _) => {
                    let class = self.program.intern(&class.to_ascii_lowercase());
                    self.seed(result, What::Panel(class), Strength::Shown, Origin::Call(number));
                }
            }
        }
    }

    pub(super) fn add_use(&mut self, new: Use) {
        if self.known_uses.insert((new.call, new.keeps, new.of, new.name)) {
            self.uses.push(new);
        }
    }

    /// A function of PHP's that writes or reads a file.
    pub(super) fn file(&mut self, number: u32, function: Name) {
        if library::opens_file(self.program.text(function).trim_start_matches('\\')) {
            let result = self.calls[number as usize].result;
            self.seed(result, What::Handle(number), Strength::Shown, Origin::Call(number));
        }
        let name = self.program.text(function).trim_start_matches('\\').to_owned();
        let call = &self.calls[number as usize];
        let argument = |position: usize| call.positional(position).map(|a| a.node);
        let (path, value, fetched) = match (library::writes_file(&name), library::reads_file(&name)) {
            (Some((path, value)), _) => (path, value.and_then(argument), None),
            (None, Some(path)) => (path, None, Some(call.result)),
            (None, None) => return,
        };
        let moved_from = if matches!(name.as_str(), "rename" | "copy") { argument(0) } else { None };
        let moves = name == "rename";
        if let Some(path) = argument(path) {
            self.add_use(Use { moved_from, moves, ..Use::file(number, path, value, fetched) });
        }
    }

    /// A function or method that writes to an open file, or reads from it. `first` is the position of what is written.
    pub(super) fn call_handle(&mut self, number: u32, opened: u32, function: Name, first: usize) {
        let name = self.program.text(function).trim_start_matches('\\').to_owned();
        let Some(path) = self.calls[opened as usize].positional(0).map(|a| a.node) else { return };
        let call = &self.calls[number as usize];
        let (result, written) = (call.result, call.positional(first).map(|a| a.node));
        let (value, fetched) = match (library::writes_handle(&name), written) {
            // What is compressed is read by nobody as it is.
            (Some(false), Some(written)) if name.starts_with("gz") || name.starts_with("bz") => {
                let packed = self.graph.temporary();
                self.texts.coded.insert(packed);
                self.connect(written, packed, Transfer::Copy);
                (Some(packed), None)
            }
            (Some(false), Some(written)) => (Some(written), None),
            // A row's fields become one line.
            (Some(true), Some(written)) => {
                let (field, line) = (self.graph.temporary(), self.graph.temporary());
                self.connect(written, field, Transfer::Unwrap(Key::ANY));
                self.connect(field, line, Transfer::Field);
                let named = self.graph.temporary();
                self.connect(written, named, Transfer::Fields);
                self.make(named, line, Made::INSIDE);
                (Some(line), None)
            }
            _ if library::reads_handle(&name) => (None, Some(result)),
            _ => return,
        };
        self.add_use(Use::file(number, path, value, fetched));
    }
}
