//! What several rules look up in an extension's code, found once for all of them.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::code::Code;
use super::hooks::{HookClass, hooks};
use crate::extension::Extension;
use crate::extension::php::ir::Script;
use crate::extension::sql::schema::TableFact;
use crate::extension::workers;

/// As many scripts are looked through at a time.
const SCRIPTS: usize = 64;

/// What is known of an extension's code beside the references in it.
pub(super) struct Facts<'a> {
    /// Its scripts, in their order.
    codes: Vec<Code<'a>>,
    /// Its hook classes, in the order of its files.
    hooks: Vec<HookClass<'a>>,
    /// The declarations of its tables.
    declared: &'a [TableFact],
    /// Their numbers by the tables' names in lower case; found when they are first asked for.
    by_name: OnceLock<FxHashMap<String, Vec<usize>>>,
}

impl<'a> Facts<'a> {
    /// Those of an extension. What most rules ask for is looked up by `jobs` threads, so that none of them waits for another's.
    pub(super) fn of(extension: &'a Extension, jobs: usize) -> Facts<'a> {
        let codes: Vec<Code<'a>> = extension.scripts.iter().map(Code::new).collect();
        if jobs != 1 {
            let part = |number: usize| {
                codes.iter().skip(number * SCRIPTS).take(SCRIPTS).for_each(|code| {
                    let _ = code.kept();
                })
            };
            workers::map_plain(jobs, codes.len().div_ceil(SCRIPTS), part);
        }
        Facts { codes, hooks: hooks(extension), declared: &extension.tables, by_name: OnceLock::new() }
    }

    /// The scripts, each with what is looked up in it.
    pub(super) fn codes(&self) -> &[Code<'a>] {
        &self.codes
    }

    /// The code of one of the extension's scripts.
    pub(super) fn code(&self, script: &Script) -> Option<&Code<'a>> {
        let at = self.codes.binary_search_by_key(&script.file, |code| code.script.file).ok()?;
        self.codes.get(at)
    }

    /// The declarations of a table of that name in any case. Every finding in a column asks, so the tables are not gone through each time.
    pub(super) fn tables(&self, name: &str) -> impl Iterator<Item = &'a TableFact> {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for (number, table) in self.declared.iter().enumerate() {
                by_name.entry(table.name.to_ascii_lowercase()).or_default().push(number);
            }
            by_name
        });
        let declared = self.declared;
        by_name.get(&name.to_ascii_lowercase()).into_iter().flatten().map(|number| &declared[*number])
    }

    /// The hook classes.
    pub(super) fn hooks(&self) -> &[HookClass<'a>] {
        &self.hooks
    }
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts").field("scripts", &self.codes.len()).field("hooks", &self.hooks.len()).finish()
    }
}
