//! Texts that are made of values: concatenated, hashed, encrypted, altered.

use rustc_hash::{FxHashMap, FxHashSet};

use super::build::Builder;
use super::graph::{Graph, Node, Slot};
use super::label::{Path, Transfer, What};
use super::layer::{Entry, Label, Origin};
use super::solve::Solver;
use crate::extension::php::ir::{ExprId, ExprKind, Sym};
use crate::extension::php::literal::constant;

/// Something random is looked for among this many parts of a text.
const MAX_PARTS: usize = 64;

/// How texts are put together.
#[derive(Default)]
pub(in crate::discover) struct Texts {
    /// What a concatenation is made of.
    pub(in crate::discover) pieces: FxHashMap<Node, Vec<Piece>>,
    /// The concatenations that a value is a part of.
    pub(in crate::discover) inside: FxHashMap<Node, Vec<Node>>,
    /// The hashes that are made of a value.
    pub(in crate::discover) hashed: FxHashMap<Node, Vec<Node>>,
    /// The encrypted texts that are made of a value; found while solving.
    pub(in crate::discover) encrypted: FxHashMap<Node, Vec<Node>>,
    /// Expressions whose text is made of a value's and is not the same.
    pub(in crate::discover) altered: FxHashSet<Node>,
    /// Texts that are a list of values, with what stands between them.
    pub(in crate::discover) joined: FxHashMap<Node, String>,
    /// Texts in which a value is written otherwise than as itself: other digits, some of them, more of them.
    pub(in crate::discover) coded: FxHashSet<Node>,
    /// Texts that are base64 of a value.
    pub(in crate::discover) base64: FxHashSet<Node>,
    /// Texts that hold a value as it is, inside of a document or of base64.
    pub(in crate::discover) kept_shape: FxHashSet<Node>,
    /// Texts that are PHP's spelling of a value, to be read back: what stands in one stands in a longer text around it at the same path.
    pub(in crate::discover) exported: FxHashSet<Node>,
    /// Texts that are one value and space around it: a document on a line of its own holds what the document holds.
    pub(in crate::discover) padded: FxHashSet<Node>,
    /// Values that nobody can know: random numbers, the time.
    pub(in crate::discover) random: FxHashSet<Node>,
    /// The expressions that make a text of a value as it is: `(string) $value`.
    pub(in crate::discover) spelled: FxHashMap<Node, Vec<Node>>,
    /// What a text is made of that has no pieces.
    sources: FxHashMap<Node, Vec<(Node, Made)>>,
}

/// How a text is made of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::discover) enum Made {
    /// The value's text is in it.
    Text {
        /// Beside nothing but space.
        padded: bool,
        /// As PHP spells it, to be read back.
        exported: bool,
    },
    /// It is a hash of the value.
    Hash,
    /// The value is encrypted in it.
    Cipher,
}

impl Made {
    /// A value's text in a longer one.
    pub(super) const INSIDE: Made = Made::Text { padded: false, exported: false };
}

impl Texts {
    /// `whole` is made of `value`.
    pub(super) fn make(&mut self, value: Node, whole: Node, made: Made) {
        let all = match made {
            Made::Text { .. } => &mut self.inside,
            Made::Hash => &mut self.hashed,
            Made::Cipher => &mut self.encrypted,
        };
        let all = all.entry(value).or_default();
        if all.contains(&whole) {
            return;
        }
        all.push(whole);
        if let Made::Text { padded, exported } = made {
            if padded {
                self.padded.insert(whole);
            }
            if exported {
                self.exported.insert(value);
            }
        }
        self.sources.entry(whole).or_default().push((value, made));
    }

    /// What a text is made of, and how.
    pub(super) fn made_of(&self, whole: Node) -> impl Iterator<Item = (Node, Made)> {
        let pieces = self.pieces.get(&whole).into_iter().flatten();
        let values = pieces.filter_map(|piece| if let Piece::Value(value) = piece { Some(*value) } else { None });
        let text = move |value| (value, Made::Text { padded: self.padded.contains(&whole), exported: self.exported.contains(&value) });
        values.map(text).chain(self.sources.get(&whole).into_iter().flatten().copied())
    }

    /// Takes in what texts of a part are made of. `node` tells what each of its nodes is here.
    pub(super) fn append_sources(&mut self, part: &mut Texts, node: impl Fn(Node) -> Node) {
        for (whole, values) in std::mem::take(&mut part.sources) {
            self.sources.insert(node(whole), values.into_iter().map(|(value, made)| (node(value), made)).collect());
        }
    }

    /// Whether something random is in a text.
    pub(super) fn is_random(&self, graph: &Graph, text: Node) -> bool {
        if self.random.is_empty() {
            return false;
        }
        let mut parts = vec![text];
        let mut at = 0;
        while at < parts.len() && at < MAX_PARTS {
            let node = parts[at];
            at += 1;
            if self.random.contains(&node) {
                return true;
            }
            let pieces = self.pieces.get(&node).into_iter().flatten();
            let values = pieces.filter_map(|p| if let Piece::Value(node) = p { Some(*node) } else { None });
            // What another function gives was random once, if ever: a salt that is kept.
            let local = |n: &Node| matches!(graph.as_slot(*n), None | Some(Slot::Variable(..)));
            let copied = graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy).map(|e| e.from).filter(local);
            for next in values.chain(copied) {
                if !parts.contains(&next) {
                    parts.push(next);
                }
            }
        }
        false
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discover) enum Piece {
    /// Written in the code.
    Text(String),
    /// The text of a value.
    Value(Node),
}

impl Builder<'_, '_> {
    pub(super) fn piece(&mut self, expr: ExprId) -> Piece {
        match self.kind(expr) {
            ExprKind::Text(sym) => Piece::Text(self.text(sym).to_owned()),
            ExprKind::Integer(n) => Piece::Text(n.to_string()),
            ExprKind::Constant(name) if let Some(text) = constant(self.text(name)) => Piece::Text(text.to_owned()),
            _ => Piece::Value(self.node(expr)),
        }
    }

    /// `$ini .= "$key = $value\n"` in a loop over a record: each of its fields comes into the text.
    pub(super) fn fields_in(&mut self, whole: Node, parts: impl Iterator<Item = ExprId>) {
        if self.fields.is_empty() {
            return;
        }
        for part in parts {
            let ExprKind::Variable(sym) = self.kind(part) else { continue };
            if self.is_assigned(sym) {
                continue;
            }
            if let Some((_, record)) = self.fields.iter().rfind(|(element, _)| *element == sym).copied() {
                self.put_fields(record, whole);
            }
        }
    }

    /// Whether the current function gives a variable a value otherwise than in a loop.
    fn is_assigned(&mut self, variable: Sym) -> bool {
        let (script, fun) = (self.script, self.fun);
        if self.assigned.as_ref().is_none_or(|(of, _)| *of != fun) {
            let (_, function) = self.program.function(fun);
            let file = &self.program.scripts()[script as usize];
            let targets = file.exprs.iter().filter(|e| e.at.is_in(function.at));
            let given =
                targets.filter_map(|e| if let ExprKind::Assign { target, .. } = e.kind { Some(file.expr(target).kind) } else { None });
            let all = given.filter_map(|kind| if let ExprKind::Variable(sym) = kind { Some(sym) } else { None }).collect();
            self.assigned = Some((fun, all));
        }
        self.assigned.as_ref().is_some_and(|(_, all)| all.contains(&variable))
    }

    /// A text has all fields of a record in it.
    pub(super) fn put_fields(&mut self, record: Node, whole: Node) {
        let field = self.graph.temporary();
        self.graph.connect(record, field, Transfer::Fields);
        self.texts.make(field, whole, Made::INSIDE);
    }

    pub(super) fn text_of(&mut self, whole: Node, pieces: Vec<Piece>) {
        for piece in &pieces {
            if let Piece::Value(part) = piece {
                self.texts.inside.entry(*part).or_default().push(whole);
            }
        }
        let values = pieces.iter().filter(|piece| !matches!(piece, Piece::Text(text) if text.trim().is_empty())).count();
        if values == 1 && pieces.len() > 1 {
            self.texts.padded.insert(whole);
        }
        self.texts.pieces.insert(whole, pieces);
    }
}

impl Solver<'_, '_> {
    /// It turns out that `whole` is made of `value`.
    pub(super) fn make(&mut self, value: Node, whole: Node, made: Made) {
        self.texts.make(value, whole, made);
        let carried: Vec<(Entry, Label)> = self.forward.at(value).map(|(e, l)| (e, *l)).collect();
        carried.into_iter().for_each(|(entry, label)| self.transform(label, entry));
    }

    /// What becomes of an id in texts that it is put into.
    pub(super) fn transform(&mut self, label: Label, entry: Entry) {
        self.pad(label, entry);
        // A longer text that a hash or something encrypted is in: `base64_encode($iv . $cipher)`.
        if let (What::Hashed(_) | What::Encrypted(_), true) = (label.what, label.path.is_here()) {
            for node in self.texts.inside.get(&label.node).cloned().unwrap_or_default() {
                self.forward.put(node, (label.what, label.strength, label.path), Origin::From(entry), label.inner);
            }
        }
        let (What::Id(kind) | What::Part(kind)) = label.what else { return };
        // What a text is made of is used, and so is what is passed to a function that makes one.
        if !self.ends.is_used(label.node) {
            return;
        }
        let here = label.path.is_here();
        if !here && self.texts.exported.contains(&label.node) {
            let around: Vec<Node> = self.texts.inside.get(&label.node).cloned().unwrap_or_default();
            for node in around {
                self.forward.put(node, (label.what, label.strength, label.path), Origin::From(entry), label.inner);
            }
        }
        let mut made: Vec<(Node, What)> = Vec::new();
        if here {
            made.extend(self.texts.inside.get(&label.node).into_iter().flatten().map(|n| (*n, What::Part(kind))));
        }
        // A hash that also has something random in it says nothing of the id.
        if let Some(hashed) = self.texts.hashed.get(&label.node)
            && !self.texts.is_random(&self.graph, label.node)
        {
            made.extend(hashed.iter().map(|n| (*n, What::Hashed(kind))));
        }
        made.extend(self.texts.encrypted.get(&label.node).into_iter().flatten().map(|n| (*n, What::Encrypted(kind))));
        for (node, what) in made {
            self.forward.put(node, (what, label.strength, Path::HERE), Origin::From(entry), label.inner);
        }
    }

    /// What is in a document is in it with space around it too.
    fn pad(&mut self, label: Label, entry: Entry) {
        let inside = !label.path.is_here() || matches!(label.what, What::Own(_));
        if !inside || self.texts.padded.is_empty() {
            return;
        }
        let Some(around) = self.texts.inside.get(&label.node) else { return };
        for node in around.iter().filter(|node| self.texts.padded.contains(node)).copied().collect::<Vec<Node>>() {
            self.forward.add(node, label.what, label.strength, label.path, Origin::From(entry));
        }
    }
}
