//! Names against the namespace and the imports of their file.

use php_ast::{Name, NameKind, UseDecl, UseKind};
use rustc_hash::FxHashMap;

use super::Lowering;
use crate::extension::php::ir::Sym;

/// The current namespace and its imports.
#[derive(Default)]
pub(super) struct Names<'a> {
    namespace: String,
    /// By alias in lower case: class and namespace names do not tell upper from lower case.
    classes: FxHashMap<String, &'a str>,
    /// By alias in lower case.
    functions: FxHashMap<String, &'a str>,
    /// By alias.
    constants: FxHashMap<&'a str, &'a str>,
    scratch: String,
}

impl<'a> Names<'a> {
    /// Enters a namespace: imports do not outlive theirs.
    pub(super) fn enter(&mut self, namespace: Option<&Name<'_, '_>>) {
        self.namespace.clear();
        if let Some(name) = namespace {
            self.namespace.push_str(&name.join_parts());
        }
        self.classes.clear();
        self.functions.clear();
        self.constants.clear();
    }

    fn import(&mut self, kind: UseKind, alias: &'a str, full: &'a str) {
        match kind {
            UseKind::Function => {
                self.functions.insert(alias.to_ascii_lowercase(), full);
            }
            UseKind::Const => {
                self.constants.insert(alias, full);
            }
            _ => {
                self.classes.insert(alias.to_ascii_lowercase(), full);
            }
        }
    }

    fn imported_class(&mut self, alias: &str) -> Option<&'a str> {
        if self.classes.is_empty() {
            return None;
        }
        lower(&mut self.scratch, alias);
        self.classes.get(self.scratch.as_str()).copied()
    }

    fn imported_function(&mut self, alias: &str) -> Option<&'a str> {
        if self.functions.is_empty() {
            return None;
        }
        lower(&mut self.scratch, alias);
        self.functions.get(self.scratch.as_str()).copied()
    }
}

fn lower(scratch: &mut String, text: &str) {
    scratch.clear();
    scratch.push_str(text);
    scratch.make_ascii_lowercase();
}

impl<'a> Lowering<'a> {
    /// The symbol of a text that lives as long as the tree.
    pub(super) fn sym(&mut self, text: &'a str) -> Sym {
        self.intern.get(text, &mut self.script.pool)
    }

    /// The symbol of any text.
    pub(super) fn sym_copied(&mut self, text: &str) -> Sym {
        self.intern.get_copied(text, &mut self.script.pool, self.arena)
    }

    /// `use …;`
    pub(super) fn import(&mut self, uses: &'a UseDecl<'a, 'a>) {
        for item in uses.uses.iter() {
            let full = match item.name.join_parts_in(self.source.text()) {
                std::borrow::Cow::Borrowed(full) => full,
                std::borrow::Cow::Owned(full) => self.arena.alloc_str(&full),
            };
            let last = item.name.parts_slice().last().copied();
            if let Some(alias) = item.alias.and_then(|a| a.as_str()).or(last) {
                self.names.import(item.kind.unwrap_or(uses.kind), alias, full);
            }
        }
    }

    /// A class name. `self`, `static` and `parent` come out in lower case.
    pub(super) fn class_name(&mut self, name: &'a Name<'a, 'a>) -> Sym {
        if let Name::Simple { value, .. } = name {
            return self.simple_class_name(value);
        }
        self.qualified(name)
    }

    /// An unqualified class name.
    pub(super) fn simple_class_name(&mut self, name: &'a str) -> Sym {
        for word in ["self", "static", "parent"] {
            if name.eq_ignore_ascii_case(word) {
                return self.sym(word);
            }
        }
        match self.names.imported_class(name) {
            Some(full) => self.sym(full),
            None => self.declared_name(name),
        }
    }

    /// The name of a called function: an unqualified one stays as it is, because PHP looks for it in two places, unless it is imported.
    pub(super) fn function_name(&mut self, name: &'a Name<'a, 'a>) -> Sym {
        match name {
            Name::Simple { value, .. } => {
                let name = self.names.imported_function(value).unwrap_or(value);
                self.sym(name)
            }
            _ => self.qualified(name),
        }
    }

    /// The name of a constant, by the same rule.
    pub(super) fn constant_name(&mut self, name: &'a Name<'a, 'a>) -> Sym {
        match name {
            Name::Simple { value, .. } => {
                let name = self.names.constants.get(value).copied().unwrap_or(value);
                self.sym(name)
            }
            _ => self.qualified(name),
        }
    }

    /// A name that is declared here: the current namespace stands before it.
    pub(super) fn declared_name(&mut self, name: &'a str) -> Sym {
        if self.names.namespace.is_empty() {
            return self.sym(name);
        }
        let mut full = std::mem::take(&mut self.names.scratch);
        full.clear();
        full.push_str(&self.names.namespace);
        full.push('\\');
        full.push_str(name);
        let sym = self.sym_copied(&full);
        self.names.scratch = full;
        sym
    }

    fn qualified(&mut self, name: &'a Name<'a, 'a>) -> Sym {
        let parts = name.parts_slice();
        let mut full = String::new();
        let rest = match (name.kind(), parts) {
            (NameKind::Qualified, [first, rest @ ..]) if self.names.imported_class(first).is_some() => {
                full.push_str(self.names.imported_class(first).unwrap_or_default());
                rest
            }
            (NameKind::Qualified | NameKind::Relative, _) => {
                full.push_str(&self.names.namespace);
                parts
            }
            _ => parts,
        };
        for part in rest {
            if !full.is_empty() {
                full.push('\\');
            }
            full.push_str(part);
        }
        self.sym_copied(&full)
    }
}
