//! What the class of the object at hand tells of a name: a constant of it, the default of a property, what a method gives.

use super::Expander;
use crate::discover::flow::calls::Callee;
use crate::discover::flow::graph::{Node, Slot};
use crate::discover::flow::label::What;
use crate::discover::program::{Cls, Fun, Name};

/// What the class of an object tells of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// What it is declared with.
    Value(Node),
    /// What this function gives, by this call.
    Result(Fun, u32),
}

/// Of more classes than these nothing is told.
const MAX_CLASSES: usize = 64;

impl Expander<'_, '_, '_> {
    /// What is told by the class of the object at hand: its constant, its property's default, what a method of it gives. One for each class that it may be of.
    pub(super) fn by_class(&self, node: Node, frames: &[(Fun, u32)]) -> Vec<Told> {
        let told: Box<dyn Fn(Cls) -> Option<Told>> = match self.solver.graph.as_slot(node) {
            Some(Slot::Constant(owner, name)) => Box::new(move |cls| self.member((cls, owner), name, true).map(Told::Value)),
            Some(Slot::Property(owner, name)) if self.has_defaults_alone(node, owner, name) => {
                Box::new(move |cls| self.member((cls, owner), name, false).map(Told::Value))
            }
            Some(_) => return Vec::new(),
            None => {
                let Some(number) = self.at.get(node.0 as usize).copied().filter(|number| *number != u32::MAX) else { return Vec::new() };
                let Callee::Method(receiver, name) = self.solver.calls[number as usize].callee else { return Vec::new() };
                if !self.is_this(receiver) || self.solver.called(number).len() < 2 {
                    return Vec::new();
                }
                Box::new(move |cls| {
                    let fun = self.solver.program.method(cls, name)?;
                    (!self.solver.program.function(fun).1.body.is_empty()).then_some(Told::Result(fun, number))
                })
            }
        };
        let mut all: Vec<Told> = Vec::new();
        let mut of = Vec::new();
        let classes = self.classes(frames);
        if classes.len() > MAX_CLASSES {
            return all;
        }
        for cls in classes {
            let Some(one) = told(cls) else { continue };
            of.push(cls);
            if !all.contains(&one) {
                all.push(one);
            }
        }
        if let [only] = of[..] {
            self.whose.set(Some(only));
        }
        all
    }

    /// The classes of which `$this` is an object, as the calls around tell.
    pub(super) fn classes(&self, frames: &[(Fun, u32)]) -> Vec<Cls> {
        let own = |node: Node| {
            let labels = self.solver.labels(node).filter(|(_, l)| l.path.is_here());
            let mut classes: Vec<Cls> = labels.filter_map(|(_, l)| if let What::Own(cls) = l.what { Some(cls) } else { None }).collect();
            classes.sort_unstable();
            classes.dedup();
            classes
        };
        let mut around = frames;
        while let Some(((fun, call), rest)) = around.split_first() {
            match self.solver.calls[*call as usize].callee {
                Callee::Method(receiver, _) if !self.is_this(receiver) => return own(receiver),
                Callee::Method(..) => around = rest,
                // `static::key()` is asked of the class that is asked, `Store::key()` of that one.
                Callee::OwnStatic(cls, _) if !self.is_within(self.solver.calls[*call as usize].within, cls) => return vec![cls],
                Callee::OwnStatic(..) => around = rest,
                _ => return self.class_of(*fun).into_iter().collect(),
            }
        }
        let fun = frames.last().map_or(self.root, |(_, call)| self.solver.calls[*call as usize].within);
        let this = self.solver.program.find("this").and_then(|this| self.solver.graph.find(Slot::Variable(fun, this)));
        this.map(own).filter(|classes| !classes.is_empty()).unwrap_or_else(|| self.class_of(fun).into_iter().collect())
    }

    fn class_of(&self, fun: Fun) -> Option<Cls> {
        let (script, function) = self.solver.program.function(fun);
        Some(self.solver.program.cls(script, function.class?))
    }

    /// Whether a function is one of `cls`, or of a class that extends it.
    fn is_within(&self, fun: Fun, cls: Cls) -> bool {
        self.class_of(fun)
            .is_some_and(|own| self.solver.program.lineage(own).contains(&cls) || self.solver.program.lineage(cls).contains(&own))
    }

    fn is_this(&self, node: Node) -> bool {
        matches!(self.solver.graph.as_slot(node), Some(Slot::Variable(_, name)) if self.solver.program.text(name) == "this")
    }

    /// The value that a class of the family of `owner` declares a constant or a property with, or one that it inherits from.
    fn member(&self, (cls, owner): (Cls, Cls), name: Name, constant: bool) -> Option<Node> {
        let lineage = self.solver.program.lineage(cls);
        lineage.iter().filter(|_| lineage.contains(&owner)).find_map(|above| {
            let (script, class) = self.solver.program.class(*above);
            let members = if constant { &class.constants } else { &class.properties };
            let value = members.iter().find(|m| self.solver.program.name(script, m.name) == name)?.value?;
            Some(self.solver.graph.expr(script, value))
        })
    }

    /// Whether a property never has anything but what classes declare it with, and several do.
    fn has_defaults_alone(&self, node: Node, owner: Cls, name: Name) -> bool {
        let sources = self.sources(node);
        if !(2..=MAX_CLASSES).contains(&sources.len()) {
            return false;
        }
        let classes = std::iter::once(owner).chain(self.solver.program.below(owner).iter().copied());
        let defaults: Vec<Node> = classes.filter_map(|cls| self.member((cls, owner), name, false)).collect();
        sources.iter().all(|source| defaults.contains(source))
    }
}
