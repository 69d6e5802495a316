//! What PHP's own classes do with values: lists, XML documents, and what is kept in a file of its own.

use super::calls::Callee;
use super::graph::Node;
use super::keep::Use;
use super::label::{Key, Strength, Transfer, What};
use super::layer::Origin;
use super::solve::Solver;
use crate::discover::program::Name;

/// What a method of one of PHP's own classes does with values. Arguments go by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// A value comes into the object, under a key if one is named.
    Put { value: usize, key: Option<usize> },
    /// A part comes into the object with a value in it, and is given.
    Part { key: usize, value: usize },
    /// An object of a class is given with a value in it.
    Made { class: &'static str, value: usize },
    /// Argument 0 becomes a part of the object, and is given.
    Append,
    /// The object begins with what is in argument 0.
    Begin,
    /// All that is in the object is given.
    Whole,
    /// One of the values in the object is given.
    Element,
    /// What is in the object goes into the file that argument 0 names; without it, it is given.
    Save,
    /// The object keeps what it has in the file that argument 0 names.
    Open,
}

/// What the method of a class of PHP (both in lower case) does; `None` if it does not, or is not known.
fn native(class: &str, method: &str) -> Option<Does> {
    let put = |value, key| Some(Does::Put { value, key });
    match (class, method) {
        (
            "arrayobject"
            | "arrayiterator"
            | "splfixedarray"
            | "splobjectstorage"
            | "splqueue"
            | "splstack"
            | "spldoublylinkedlist"
            | "splpriorityqueue"
            | "splminheap"
            | "splmaxheap",
            _,
        ) => match method {
            "__construct" => Some(Does::Begin),
            "append" | "push" | "unshift" | "enqueue" | "insert" | "attach" => put(0, None),
            "offsetset" => put(1, Some(0)),
            "getarraycopy" | "toarray" | "getiterator" => Some(Does::Whole),
            "pop" | "shift" | "dequeue" | "extract" | "top" | "bottom" | "current" => Some(Does::Element),
            _ => None,
        },
        ("simplexmlelement", "addchild") => Some(Does::Part { key: 0, value: 1 }),
        ("simplexmlelement", "addattribute") => put(1, Some(0)),
        ("simplexmlelement", "asxml" | "savexml") => Some(Does::Save),
        ("domdocument", "createelement") => Some(Does::Made { class: "domelement", value: 1 }),
        ("domdocument", "createtextnode" | "createcdatasection") => Some(Does::Made { class: "domtext", value: 0 }),
        ("domdocument", "save" | "savehtmlfile") => Some(Does::Save),
        ("domdocument", "savexml" | "savehtml") => Some(Does::Whole),
        ("domdocument" | "domelement", "appendchild" | "insertbefore") => Some(Does::Append),
        ("domelement", "setattribute") => put(1, Some(0)),
        ("xmlwriter", "openuri") => Some(Does::Save),
        ("xmlwriter", "writeelement" | "writeattribute") => put(1, Some(0)),
        ("xmlwriter", "text" | "writecdata" | "writeraw") => put(0, None),
        ("xmlwriter", "outputmemory" | "flush") => Some(Does::Whole),
        ("sqlite3" | "pdo" | "phardata", "__construct") | ("sqlite3" | "ziparchive", "open") => Some(Does::Open),
        _ => None,
    }
}

impl Solver<'_, '_> {
    /// A method of one of PHP's own classes is called; of `__construct`, the result is the object.
    pub(super) fn call_native(&mut self, number: u32, class: Name, method: Name) {
        let Some(does) = native(self.program.text(class), self.program.text(method)) else { return };
        let call = &self.calls[number as usize];
        let result = call.result;
        let object = if let Callee::Method(receiver, _) = call.callee { receiver } else { result };
        let argument = |position: usize| call.positional(position).map(|a| a.node);
        match does {
            Does::Put { value, key } => {
                if let Some(value) = argument(value) {
                    let key = self.key_argument(number, key);
                    self.put_into(object, value, key);
                }
            }
            Does::Part { key, value } => {
                let value = argument(value);
                let key = self.key_argument(number, Some(key));
                self.put_into(object, result, key);
                if let Some(value) = value {
                    self.connect(value, result, Transfer::Copy);
                }
                self.seed(result, What::Panel(class), Strength::Shown, Origin::Call(number));
            }
            Does::Made { class, value } => {
                let value = argument(value);
                let class = self.program.intern(class);
                self.seed(result, What::Panel(class), Strength::Shown, Origin::Call(number));
                if let Some(value) = value {
                    self.connect(value, result, Transfer::Copy);
                }
            }
            Does::Append => {
                if let Some(part) = argument(0) {
                    self.put_into(object, part, Key::ANY);
                    self.connect(part, result, Transfer::Copy);
                }
            }
            Does::Begin => {
                if let Some(elements) = argument(0) {
                    self.connect(elements, result, Transfer::Copy);
                }
            }
            Does::Whole => self.connect(object, result, Transfer::Copy),
            Does::Element => self.connect(object, result, Transfer::Unwrap(Key::ANY)),
            Does::Save => match argument(0) {
                Some(path) => self.add_use(Use::file(number, path, Some(object), None)),
                None => self.connect(object, result, Transfer::Copy),
            },
            Does::Open => {
                if let Some(path) = argument(0) {
                    self.add_use(Use::file(number, path, None, None));
                }
            }
        }
    }

    /// The key that an argument names.
    fn key_argument(&self, number: u32, position: Option<usize>) -> Key {
        position.and_then(|position| self.constant_argument(number, position)).map_or(Key::ANY, Key::named)
    }

    /// An object is the same wherever it went: what is put into it is put in where it comes from.
    fn put_into(&mut self, object: Node, value: Node, key: Key) {
        for origin in self.origins(object) {
            if origin != value {
                self.connect(value, origin, Transfer::Wrap(key));
            }
        }
    }
}
