//! The hooks of an extension: its classes that extend one of the panel's hook classes.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::extension::Extension;
use crate::extension::php::ir::{Bytes, Class, ExprId, Function, Script, Stmt};
use crate::extension::source::Span;
use crate::panel::catalogue::{self, Hook};

/// A class hierarchy deeper than this is a cycle or an attack.
const MAX_DEPTH: usize = 64;

/// A class of the extension below one of the panel's hook classes.
pub(super) struct HookClass<'a> {
    /// The panel's class.
    pub(super) panel: &'static str,
    /// The script that declares the class.
    pub(super) script: &'a Script,
    /// The class.
    pub(super) class: &'a Class,
    /// It, its traits, its parents and theirs: the first that declares a method has it.
    lineage: Vec<(&'a Script, &'a Class)>,
    /// Whether all of them are the extension's, so that a method that none declares is the panel's own.
    pub(super) whole: bool,
    /// Whether no other class of the extension extends it.
    pub(super) leaf: bool,
}

type Classes<'a> = FxHashMap<String, (&'a Script, &'a Class)>;

/// The hook classes of an extension, in the order of its files.
pub(super) fn hooks(extension: &Extension) -> Vec<HookClass<'_>> {
    let declared = || extension.scripts.iter().flat_map(|script| script.classes.iter().map(move |class| (script, class)));
    // A stub of one of the panel's classes stands for the panel's own.
    let own = |name: &str| !name.is_empty() && !catalogue::is_class(name);
    let mut classes = Classes::default();
    for (script, class) in declared().filter(|(script, class)| own(script.text(class.name))) {
        classes.entry(script.text(class.name).to_ascii_lowercase()).or_insert((script, class));
    }
    let mut hooks: Vec<HookClass<'_>> =
        declared().filter(|(script, class)| own(script.text(class.name))).filter_map(|(s, c)| hook(&classes, s, c)).collect();
    let parents: FxHashSet<String> = hooks.iter().filter_map(|h| Some(h.script.text(h.class.parent?).to_ascii_lowercase())).collect();
    for hook in &mut hooks {
        hook.leaf = !parents.contains(&hook.name().to_ascii_lowercase());
    }
    hooks
}

fn hook<'a>(classes: &Classes<'a>, script: &'a Script, class: &'a Class) -> Option<HookClass<'a>> {
    let (mut lineage, mut whole) = (Vec::new(), true);
    let (mut script_at, mut class_at) = (script, class);
    for _ in 0..MAX_DEPTH {
        lineage.push((script_at, class_at));
        add_traits(classes, script_at, class_at, &mut lineage, &mut whole);
        let parent = script_at.text(class_at.parent?);
        if let Some(facts) = catalogue::get().shared.hook.iter().find(|h| h.class.eq_ignore_ascii_case(parent)) {
            return Some(HookClass { panel: &facts.class, script, class, lineage, whole, leaf: true });
        }
        (script_at, class_at) = *classes.get(&parent.to_ascii_lowercase())?;
    }
    None
}

/// The traits of a class, and those that they use.
fn add_traits<'a>(classes: &Classes<'a>, script: &Script, class: &Class, lineage: &mut Vec<(&'a Script, &'a Class)>, whole: &mut bool) {
    for used in &class.traits {
        let Some(&(script, class)) = classes.get(&script.text(*used).to_ascii_lowercase()) else {
            *whole = false;
            continue;
        };
        if lineage.len() < MAX_DEPTH && !lineage.iter().any(|(_, known)| std::ptr::eq(*known, class)) {
            lineage.push((script, class));
            add_traits(classes, script, class, lineage, whole);
        }
    }
}

impl<'a> HookClass<'a> {
    /// Its name.
    pub(super) fn name(&self) -> &'a str {
        self.script.text(self.class.name)
    }

    /// What is known of the methods that the panel calls on it.
    pub(super) fn facts(&self) -> impl Iterator<Item = &'static Hook> + use<> {
        let panel = self.panel;
        catalogue::get().shared.hook.iter().filter(move |h| h.class == panel)
    }

    /// Its method of this name, wherever it is inherited from in the extension.
    pub(super) fn method(&self, name: &str) -> Option<(&'a Script, &'a Function)> {
        self.lineage.iter().find_map(|(script, class)| declared(script, class, name).map(|function| (*script, function)))
    }

    /// Its method of this name, if it declares one itself.
    pub(super) fn own_method(&self, name: &str) -> Option<&'a Function> {
        declared(self.script, self.class, name)
    }
}

fn declared<'a>(script: &'a Script, class: &'a Class, name: &str) -> Option<&'a Function> {
    class.methods.iter().map(|id| script.function(*id)).find(|f| script.text(f.name).eq_ignore_ascii_case(name))
}

/// The values that a method returns.
pub(super) fn returned(function: &Function) -> impl Iterator<Item = ExprId> + '_ {
    function.body.iter().filter_map(|stmt| if let Stmt::Return(value) = stmt { Some(*value) } else { None })
}

/// A part of a script as a span.
pub(super) fn span(script: &Script, at: Bytes) -> Span {
    Span::new(script.file, at.start, at.end)
}

/// The part of a declaration before its body.
pub(super) fn head(extension: &Extension, script: &Script, at: Bytes, from: u32) -> Span {
    let bytes = &extension.file(script.file).bytes;
    let whole = bytes.get(from as usize..at.end as usize).unwrap_or_default();
    let length = memchr::memchr2(b'{', b';', whole).unwrap_or(0);
    let length = whole[..length].trim_ascii_end().len();
    let end = from + u32::try_from(length).unwrap_or(0);
    Span::new(script.file, at.start, if length == 0 { at.end } else { end })
}

/// The part of a method before its body.
pub(super) fn signature(extension: &Extension, script: &Script, function: &Function) -> Span {
    head(extension, script, function.at, function.params.last().map_or(function.at.start, |p| p.at.end))
}
