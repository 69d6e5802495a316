//! Each text once.

use bumpalo::Bump;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::extension::php::ir::Sym;
use crate::extension::php::pool::Pool;

/// The texts that are in the pool. They are borrowed from the source or the parser's arena, so that looking one up copies nothing.
pub(super) struct Interner<'a> {
    syms: FxHashMap<&'a str, Sym>,
}

impl<'a> Interner<'a> {
    pub(super) fn with_room(texts: usize) -> Interner<'a> {
        Interner { syms: FxHashMap::with_capacity_and_hasher(texts, FxBuildHasher) }
    }

    pub(super) fn get(&mut self, text: &'a str, pool: &mut Pool) -> Sym {
        *self.syms.entry(text).or_insert_with(|| pool.push(text))
    }

    /// As [`Interner::get`], for a text that does not live as long as the tree: it is copied where it is new.
    pub(super) fn get_copied(&mut self, text: &str, pool: &mut Pool, arena: &'a Bump) -> Sym {
        match self.syms.get(text) {
            Some(sym) => *sym,
            None => self.get(arena.alloc_str(text), pool),
        }
    }
}
