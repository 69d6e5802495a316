//! Classes: their constants and properties, and what a class's name means where it stands.

use std::ops::Range;

use super::build::{Builder, Seed};
use super::graph::{Node, Slot};
use super::label::{Path, Strength, What};
use super::layer::Origin;
use crate::discover::program::{Cls, Name};
use crate::extension::php::ir::{ClassId, FunctionId, Sym};

/// What a class's name means.
pub(super) enum ClassRef {
    /// A class of the extension.
    Own(Cls),
    /// Another one; its name is folded.
    Outside(Name),
}

impl Builder<'_, '_> {
    /// Constants and properties of the classes of some scripts.
    pub(super) fn members(&mut self, scripts: Range<usize>) {
        self.split = None;
        for script in scripts {
            self.script = u32::try_from(script).expect("fewer than 2³² scripts");
            let file = &self.program.scripts()[script];
            for number in 0..file.classes.len() {
                let id = ClassId(u32::try_from(number).expect("fewer than 2³² classes"));
                let cls = self.program.cls(self.script, id);
                self.class = Some(cls);
                self.fun = self.program.fun(self.script, FunctionId::TOP);
                let class = file.class(id);
                self.documented_properties(file, class, cls);
                for (members, constant) in [(&class.constants, true), (&class.properties, false)] {
                    for member in members {
                        let node = self.member(cls, self.name(member.name), constant);
                        self.types(node, &member.types);
                        self.documented_member(file, class, member, node);
                        if constant && class.is_enum {
                            let what = What::Own(cls);
                            self.seeds.push(Seed { node, what, strength: Strength::Shown, path: Path::HERE, origin: Origin::Declared });
                            let value = self.program.intern("value");
                            let value = self.member(cls, value, false);
                            self.copy(node, value);
                        }
                        if let Some(value) = member.value {
                            self.visit(value);
                            let value = self.node(value);
                            self.copy(value, node);
                        }
                    }
                }
            }
        }
    }

    /// The node of a property or constant: that of the class highest up that declares it.
    pub(super) fn member(&mut self, cls: Cls, name: Name, constant: bool) -> Node {
        let owner = match self.owners.get(&(cls, name, constant)) {
            Some(owner) => *owner,
            None => {
                let owner = self.program.declarer(cls, name, constant);
                self.owners.insert((cls, name, constant), owner);
                owner
            }
        };
        self.graph.slot(if constant { Slot::Constant(owner, name) } else { Slot::Property(owner, name) })
    }

    /// Labels a node with the classes it is declared to hold.
    pub(super) fn types(&mut self, node: Node, types: &[Sym]) {
        for sym in types {
            if let Some(what) = self.class_label(*sym) {
                self.seeds.push(Seed { node, what, strength: Strength::Shown, path: Path::HERE, origin: Origin::Declared });
            }
        }
    }

    /// The label of an object of the class that `sym` names.
    pub(super) fn class_label(&mut self, sym: Sym) -> Option<What> {
        match self.class_ref(sym)? {
            ClassRef::Own(cls) => Some(What::Own(cls)),
            ClassRef::Outside(name) => Some(What::Panel(name)),
        }
    }

    pub(super) fn class_ref(&mut self, sym: Sym) -> Option<ClassRef> {
        let text = self.text(sym);
        if text.eq_ignore_ascii_case("self") || text.eq_ignore_ascii_case("static") {
            return self.class.map(ClassRef::Own);
        }
        if text.eq_ignore_ascii_case("parent") {
            let cls = self.class?;
            let (script, class) = self.program.class(cls);
            let parent = self.program.scripts()[script as usize].text(class.parent?);
            return Some(match self.program.class_named(parent) {
                Some(cls) => ClassRef::Own(cls),
                None => ClassRef::Outside(self.program.intern(&parent.to_ascii_lowercase())),
            });
        }
        let folded = self.folded(sym);
        Some(match self.program.class_of_name(folded) {
            Some(cls) => ClassRef::Own(cls),
            None => ClassRef::Outside(folded),
        })
    }
}
