//! Arrays: literals, elements, destructuring, and what is assigned to them.

use super::build::Builder;
use super::graph::Node;
use super::label::{Key, Transfer};
use crate::discover::program::{Cls, Name};
use crate::extension::php::ir::{ExprId, ExprKind, Slice};

/// Arrays nested deeper than this are given up.
const MAX_NESTING: usize = 16;

impl Builder<'_, '_> {
    /// Whether an array is PHP's own: `$_SESSION['a']['b']`. It is everybody's, so a look into it tells nothing of what is in it.
    pub(super) fn is_superglobal(&self, array: ExprId) -> bool {
        let mut at = array;
        for _ in 0..MAX_NESTING {
            match self.kind(at) {
                ExprKind::Index { array, .. } => at = array,
                ExprKind::Variable(name) => return self.text(name).starts_with('_'),
                _ => return false,
            }
        }
        false
    }

    /// The step that an index takes into an array.
    pub(super) fn key(&mut self, index: Option<ExprId>) -> Key {
        match index.map(|i| self.kind(i)) {
            Some(ExprKind::Text(sym)) => self.text(sym).parse().map_or_else(|_| Key::named(self.name(sym)), Key::item),
            Some(ExprKind::Integer(n)) => usize::try_from(n).map_or(Key::ANY, Key::item),
            _ => Key::ANY,
        }
    }

    pub(super) fn array(&mut self, expr: ExprId, elements: Slice) {
        let script = &self.program.scripts()[self.script as usize];
        let to = self.graph.expr(self.script, expr);
        let mut position = 0;
        for element in script.elements(elements) {
            let Some(value) = element.value else { continue };
            self.work.push(value);
            let from = self.node(value);
            if element.spread {
                self.copy(from, to);
                continue;
            }
            let key = match element.key {
                Some(key) => {
                    self.work.push(key);
                    self.index_edge(key, to);
                    self.key(Some(key))
                }
                None => {
                    position += 1;
                    Key::item(position - 1)
                }
            };
            self.graph.set_site(Some(self.graph.expr(self.script, value)));
            self.graph.connect(from, to, Transfer::Wrap(key));
            self.graph.set_site(None);
        }
    }

    /// An array whose key is a computed value: the value is among its keys.
    pub(super) fn index_edge(&mut self, index: ExprId, array: Node) {
        if !matches!(self.kind(index), ExprKind::Text(_) | ExprKind::Integer(_)) {
            let from = self.node(index);
            self.graph.set_site(Some(self.graph.expr(self.script, index)));
            self.graph.connect(from, array, Transfer::Wrap(Key::KEYS));
            self.graph.set_site(None);
        }
    }

    /// `from`, after `transfer`, goes into what `target` names.
    pub(super) fn assign(&mut self, target: ExprId, from: Node, transfer: Transfer, depth: usize) {
        if depth > MAX_NESTING {
            return;
        }
        match self.kind(target) {
            ExprKind::Array(elements) => {
                let through = self.graph.expr(self.script, target);
                self.graph.connect(from, through, transfer);
                let script = &self.program.scripts()[self.script as usize];
                for (position, element) in script.elements(elements).iter().enumerate() {
                    let Some(value) = element.value else { continue };
                    let key = match element.key {
                        Some(key) => self.key(Some(key)),
                        None => Key::item(position),
                    };
                    self.assign(value, through, Transfer::Unwrap(key), depth + 1);
                }
            }
            ExprKind::Index { array, index } => {
                let key = self.key(index);
                let through = self.through(target, from, transfer);
                let array_node = self.node(array);
                if let (true, Some(name)) = (self.has_array_access, key.name()) {
                    self.elements.entry(array_node).or_default().push((name, through));
                }
                if let Some(index) = index {
                    self.index_edge(index, array_node);
                    self.work.push(index);
                }
                // What a caller names is put into a copy: into that one, and not into all objects of the class.
                let in_copy = index.is_some()
                    && key == Key::ANY
                    && matches!(self.kind(array), ExprKind::Property { object, .. } if self.is_copy(object));
                if !in_copy {
                    self.put(array, through, key, depth);
                }
            }
            ExprKind::Property { object, name } if !self.is_this(object) => {
                let name = self.name(name);
                let through = self.through(target, from, transfer);
                let holder = self.node(object);
                self.properties.entry(holder).or_default().push((name, through));
                self.put(object, through, Key::named(name), depth);
            }
            _ => {
                let to = self.node(target);
                self.graph.connect(from, to, transfer);
                self.work.push(target);
            }
        }
    }

    /// An array is copied element by element, each under its key: `foreach ($row as $name => $value) { $this->$name = $value; }`.
    pub(super) fn copied_whole(&mut self, target: ExprId, value: ExprId) {
        let script = &self.program.scripts()[self.script as usize];
        let (object, index) = match self.kind(target) {
            ExprKind::Index { array, index: Some(index) } => (array, index),
            // `$this->$name`
            ExprKind::Other(parts) => match *script.list(parts) {
                [object, name] if self.is_this(object) => (object, name),
                _ => return,
            },
            _ => return,
        };
        let value = match self.kind(value) {
            ExprKind::Cast { value, .. } => self.kind(value),
            other => other,
        };
        let calls = matches!(value, ExprKind::CallValue { .. });
        let value = if let ExprKind::CallValue { callee, .. } = value { self.kind(callee) } else { value };
        let (ExprKind::Variable(index), ExprKind::Variable(value)) = (self.kind(index), value) else { return };
        let Some((_, _, from)) = self.walks.iter().rfind(|(key, element, _)| (*key, *element) == (index, value)).copied() else { return };
        if calls {
            // `foreach ($columns as $name => $read) { $row[$name] = $read($object); }`
            let to = self.node(object);
            self.mapped.entry(from).or_default().push(to);
            return;
        }
        if let (true, Some(cls)) = (self.is_this(object), self.class) {
            for (name, property) in self.declared_properties(cls) {
                self.graph.connect(from, property, Transfer::Unwrap(Key::named(name)));
            }
            return;
        }
        let to = self.node(object);
        self.copy(from, to);
        self.filled.entry(to).or_default().push(from);
    }

    /// The properties that the classes of an object of `cls` declare.
    fn declared_properties(&mut self, cls: Cls) -> Vec<(Name, Node)> {
        let mut found = Vec::new();
        for owner in self.program.lineage(cls).to_vec() {
            let (script, class) = self.program.class(owner);
            for property in &class.properties {
                let name = self.program.name(script, property.name);
                found.push((name, self.member(cls, name, false)));
            }
        }
        found
    }

    /// Whether a variable holds a copy: `$copy = clone $this`.
    fn is_copy(&mut self, expr: ExprId) -> bool {
        if !matches!(self.kind(expr), ExprKind::Variable(_)) {
            return false;
        }
        let variable = self.node(expr);
        let script = &self.program.scripts()[self.script as usize];
        let is_copy = |from: Node| match self.graph.as_expr(from) {
            Some((number, expr)) if number == self.script => {
                matches!(script.expr(expr).kind, ExprKind::Choice(parts) if script.list(parts).len() == 1)
            }
            _ => false,
        };
        self.graph.in_edges(variable).any(|edge| is_copy(edge.from))
    }

    /// The node of an assigned element: what goes in can be read from it again.
    pub(super) fn through(&mut self, target: ExprId, from: Node, transfer: Transfer) -> Node {
        let node = self.graph.expr(self.script, target);
        self.graph.connect(from, node, transfer);
        node
    }

    /// Puts `value` under `key` of what `container` names: of an element of an array, into the array around it too.
    pub(super) fn put(&mut self, container: ExprId, value: Node, key: Key, depth: usize) {
        match self.kind(container) {
            ExprKind::Index { .. } => self.assign(container, value, Transfer::Wrap(key), depth + 1),
            ExprKind::Property { object, .. } if !self.is_this(object) => self.assign(container, value, Transfer::Wrap(key), depth + 1),
            _ => {
                let to = self.node(container);
                self.graph.set_site(Some(value));
                self.graph.connect(value, to, Transfer::Wrap(key));
                self.graph.set_site(None);
                self.work.push(container);
            }
        }
    }
}
