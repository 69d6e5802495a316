//! The extension's classes and functions, found by name across its files.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::extension::Extension;
use crate::extension::php::ir::{Class, ClassId, ExprKind, Function, FunctionId, Renewal, Script, Stmt, Sym};
use crate::panel::catalogue;

/// A name that is the same in all files of the extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name(pub(super) u32);

/// A function of the extension, whatever file it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Fun(pub(super) u32);

/// A class of the extension, whatever file it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Cls(pub(super) u32);

/// A class hierarchy deeper than this is a cycle or an attack.
const MAX_DEPTH: usize = 64;

/// All scripts of an extension as one program.
pub(super) struct Program<'a> {
    pub(super) extension: &'a Extension,
    names: Names<'a>,
    declared: Arc<Declared<'a>>,
}

/// What the scripts declare. It does not change once all of them are known, so threads share it.
#[derive(Default)]
struct Declared<'a> {
    /// As many names are written in the code.
    written: u32,
    /// For each script, its symbols as names.
    symbols: Vec<Vec<Name>>,
    /// For each script, its first function.
    first_function: Vec<u32>,
    /// For each script, its first class.
    first_class: Vec<u32>,
    functions: Vec<(u32, FunctionId)>,
    classes: Vec<(u32, ClassId)>,
    /// The constants that are defined outside of classes.
    constants: FxHashSet<Name>,
    class_by_name: FxHashMap<Name, Cls>,
    function_by_name: FxHashMap<Name, Fun>,
    method_by_name: FxHashMap<(Cls, Name), Fun>,
    /// For each last part of a class's name (folded) the class, and whether there is another.
    by_last_name: FxHashMap<Name, (Cls, bool)>,
    /// For each class and interface, the classes below it.
    below: FxHashMap<Cls, Vec<Cls>>,
    /// For each class, what [`Program::lineage`] gives. Every call of an inherited method asks.
    lineages: Vec<Vec<Cls>>,
    /// For each class, what [`Program::outside_parent`] gives. Every method asks.
    outside_parents: Vec<Option<&'a str>>,
}

/// Stands between the name of a variable and the number of the renewal that gave it its value.
const RENEWED: char = '#';

/// Names in the order of their numbers.
#[derive(Default)]
struct Names<'a> {
    /// The first ones, which all threads know.
    shared: Arc<Table<'a>>,
    /// Those after them.
    own: Table<'a>,
    /// The names without case, as far as they were asked for. Every call in the code asks.
    folded: FxHashMap<Name, Name>,
}

/// Names by their numbers and by their texts.
#[derive(Default)]
struct Table<'a> {
    texts: Vec<Cow<'a, str>>,
    index: FxHashMap<Cow<'a, str>, Name>,
}

impl<'a> Names<'a> {
    fn intern(&mut self, text: Cow<'a, str>) -> Name {
        if let Some(name) = self.find(&text) {
            return name;
        }
        let name = Name(count(&self.shared.texts) + count(&self.own.texts));
        self.own.texts.push(text.clone());
        self.own.index.insert(text, name);
        name
    }

    fn find(&self, text: &str) -> Option<Name> {
        self.shared.index.get(text).or_else(|| self.own.index.get(text)).copied()
    }

    fn text(&self, name: Name) -> &str {
        let number = name.0 as usize;
        self.shared.texts.get(number).unwrap_or_else(|| &self.own.texts[number - self.shared.texts.len()])
    }

    /// The name of a class, function or method: without case.
    fn folded(&mut self, text: &'a str) -> Name {
        if text.bytes().any(|b| b.is_ascii_uppercase()) { self.intern(text.to_ascii_lowercase().into()) } else { self.intern(text.into()) }
    }
}

impl<'a> Program<'a> {
    pub(super) fn new(extension: &'a Extension) -> Program<'a> {
        let mut program = Program { extension, names: Names::default(), declared: Arc::default() };
        for (number, script) in extension.scripts.iter().enumerate() {
            program.add(u32::try_from(number).expect("fewer than 2³² files"), script);
        }
        let classes = || (0..count(&program.declared.classes)).map(Cls);
        let lineages = classes().map(|cls| program.find_lineage(cls)).collect();
        let mut below: FxHashMap<Cls, Vec<Cls>> = FxHashMap::default();
        for cls in classes() {
            for above in program.above(cls) {
                below.entry(above).or_default().push(cls);
            }
        }
        let constants = program.find_constants();
        let declared = program.declaring();
        (declared.lineages, declared.below, declared.constants) = (lineages, below, constants);
        let outside_parents = (0..count(&program.declared.classes)).map(|cls| program.find_outside_parent(Cls(cls))).collect();
        program.declaring().outside_parents = outside_parents;
        for name in ["this", "value"] {
            program.intern(name);
        }
        program.declaring().written = count(&program.names.own.texts);
        program
    }

    fn add(&mut self, number: u32, script: &'a Script) {
        let symbols = script.texts().map(|t| self.names.intern(t.into())).collect();
        self.declaring().symbols.push(symbols);
        let first_function = count(&self.declared.functions);
        let first_class = count(&self.declared.classes);
        self.declaring().first_function.push(first_function);
        self.declaring().first_class.push(first_class);
        for (i, function) in script.functions.iter().enumerate() {
            let id = FunctionId(count_of(i));
            let fun = Fun(first_function + id.0);
            self.declaring().functions.push((number, id));
            let name = script.text(function.name);
            if function.class.is_none() && !name.is_empty() {
                let name = self.names.folded(name);
                self.declaring().function_by_name.entry(name).or_insert(fun);
            }
        }
        for (i, class) in script.classes.iter().enumerate() {
            let cls = Cls(first_class + count_of(i));
            self.declaring().classes.push((number, ClassId(count_of(i))));
            let name = script.text(class.name);
            // A stub of one of the panel's classes stands for the panel's own.
            if !name.is_empty() && !catalogue::is_class(name) {
                let last = self.names.folded(name.rsplit('\\').next().unwrap_or_default());
                self.declaring().by_last_name.entry(last).and_modify(|(_, several)| *several = true).or_insert((cls, false));
                let name = self.names.folded(name);
                match self.declared.class_by_name.get(&name) {
                    Some(known) if self.spelled_by_path(cls) <= self.spelled_by_path(*known) => {}
                    _ => {
                        self.declaring().class_by_name.insert(name, cls);
                    }
                }
            }
            for method in &class.methods {
                let name = self.names.folded(script.text(script.function(*method).name));
                self.declaring().method_by_name.entry((cls, name)).or_insert(Fun(first_function + method.0));
            }
        }
    }

    /// How many parts of a class's name its file's path spells, from the last one on. Where several files declare one class, autoloaders take the one
    /// that is named after it: `Modules_X_A_B` in `library/A/B.php`, `Vendor\\A\\B` in `src/A/B.php`.
    fn spelled_by_path(&self, cls: Cls) -> usize {
        let (script, class) = self.class(cls);
        let file = &self.scripts()[script as usize];
        let path = self.extension.file(file.file).path.with_extension("");
        let name = file.text(class.name).replace('\\', "_");
        name.rsplit('_').zip(path.as_str().rsplit('/')).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
    }

    /// What the scripts declare, while it is put together.
    fn declaring(&mut self) -> &mut Declared<'a> {
        Arc::get_mut(&mut self.declared).expect("nothing is shared before all is declared")
    }

    /// Lets other threads know the names that there are.
    pub(super) fn share(&mut self) {
        debug_assert!(self.names.shared.texts.is_empty(), "names are shared once");
        self.names.shared = Arc::new(std::mem::take(&mut self.names.own));
    }

    /// The same program for another thread, whose further names are its own. To be made when all names are shared.
    pub(super) fn for_thread(&self) -> Program<'a> {
        let names = Names { shared: Arc::clone(&self.names.shared), ..Names::default() };
        Program { extension: self.extension, names, declared: Arc::clone(&self.declared) }
    }

    /// The number of the names that all threads know, and the further ones.
    pub(super) fn into_own_names(self) -> (u32, Vec<Cow<'a, str>>) {
        (count(&self.names.shared.texts), self.names.own.texts)
    }

    /// `name` without case.
    pub(super) fn fold(&mut self, name: Name) -> Name {
        if let Some(folded) = self.names.folded.get(&name) {
            return *folded;
        }
        let folded = self.names.text(name).to_ascii_lowercase();
        let folded = self.names.intern(folded.into());
        self.names.folded.insert(name, folded);
        folded
    }

    /// The extension's class of that name (folded).
    pub(super) fn class_of_name(&self, folded: Name) -> Option<Cls> {
        self.declared.class_by_name.get(&folded).copied()
    }

    /// `text` as a name.
    pub(super) fn intern(&mut self, text: &str) -> Name {
        match self.names.find(text) {
            Some(name) => name,
            None => self.names.intern(text.to_owned().into()),
        }
    }

    /// The name that `text` has, if it occurs in the extension.
    pub(super) fn find(&self, text: &str) -> Option<Name> {
        self.names.find(text)
    }

    /// The name that `text` has, if it is written in the code, whatever else was met until now.
    pub(super) fn find_written(&self, text: &str) -> Option<Name> {
        self.names.find(text).filter(|name| name.0 < self.declared.written)
    }

    pub(super) fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// A symbol of script `script` as a name.
    pub(super) fn name(&self, script: u32, sym: Sym) -> Name {
        self.declared.symbols[script as usize][sym.0 as usize]
    }

    pub(super) fn scripts(&self) -> &'a [Script] {
        &self.extension.scripts
    }

    pub(super) fn fun(&self, script: u32, function: FunctionId) -> Fun {
        Fun(self.declared.first_function[script as usize] + function.0)
    }

    pub(super) fn cls(&self, script: u32, class: ClassId) -> Cls {
        Cls(self.declared.first_class[script as usize] + class.0)
    }

    /// The script of `fun`, and the function.
    pub(super) fn function(&self, fun: Fun) -> (u32, &'a Function) {
        let (script, id) = self.declared.functions[fun.0 as usize];
        (script, self.scripts()[script as usize].function(id))
    }

    /// The script of `fun`, and its number there.
    pub(super) fn function_number(&self, fun: Fun) -> (u32, FunctionId) {
        self.declared.functions[fun.0 as usize]
    }

    /// Where a variable of `fun` is given other values.
    pub(super) fn renewals_of(&self, fun: Fun, variable: Sym) -> &'a [Renewal] {
        let (script, id) = self.function_number(fun);
        let script = &self.scripts()[script as usize];
        if script.renewals.is_empty() { &[] } else { script.renewals_of(id, variable) }
    }

    /// The name of a variable after its renewal of that number. No variable in the code has one like it.
    pub(super) fn renewed(&mut self, name: Name, number: usize) -> Name {
        let name = format!("{}{RENEWED}{number}", self.text(name));
        self.names.intern(name.into())
    }

    /// The same until some branch may have given it another value.
    pub(super) fn renewed_alone(&mut self, name: Name, number: usize) -> Name {
        let name = format!("{}{RENEWED}{number}{RENEWED}", self.text(name));
        self.names.intern(name.into())
    }

    /// A variable's name as it is written.
    pub(super) fn variable_text(&self, name: Name) -> &str {
        let text = self.text(name);
        text.split_once(RENEWED).map_or(text, |(written, _)| written)
    }

    /// The script of `cls`, and the class.
    pub(super) fn class(&self, cls: Cls) -> (u32, &'a Class) {
        let (script, id) = self.declared.classes[cls.0 as usize];
        (script, self.scripts()[script as usize].class(id))
    }

    /// The extension's classes.
    pub(super) fn classes(&self) -> impl Iterator<Item = Cls> + use<> {
        (0..count(&self.declared.classes)).map(Cls)
    }

    fn functions(&self) -> impl Iterator<Item = Fun> + use<> {
        (0..count(&self.declared.functions)).map(Fun)
    }

    /// The functions of some scripts.
    pub(super) fn functions_of(&self, scripts: Range<usize>) -> impl Iterator<Item = Fun> + use<> {
        let first = |script: usize| self.declared.first_function.get(script).copied().unwrap_or_else(|| count(&self.declared.functions));
        (first(scripts.start)..first(scripts.end)).map(Fun)
    }

    /// Whether a constant of that name is defined outside of classes.
    pub(super) fn is_constant(&self, name: Name) -> bool {
        self.declared.constants.contains(&name)
    }

    fn find_constants(&self) -> FxHashSet<Name> {
        let statements = |fun: Fun| {
            let (script, function) = self.function(fun);
            function.body.iter().map(move |statement| (script, *statement))
        };
        let name = |(script, statement)| if let Stmt::Constant { name, .. } = statement { Some(self.name(script, name)) } else { None };
        self.functions().flat_map(statements).filter_map(name).collect()
    }

    /// The class in whose code a place of a script is.
    pub(super) fn class_at(&self, script: u32, at: u32) -> Option<Cls> {
        let classes = (0..).map(ClassId).zip(&self.scripts()[script as usize].classes);
        let around = classes.filter(|(_, class)| class.at.start <= at && at < class.at.end);
        around.min_by_key(|(_, class)| class.at.end - class.at.start).map(|(id, _)| self.cls(script, id))
    }

    /// The extension's class of that name.
    pub(super) fn class_named(&self, name: &str) -> Option<Cls> {
        self.declared.class_by_name.get(&self.find(&name.to_ascii_lowercase())?).copied()
    }

    /// The extension's function of that name; a namespaced name falls back to the global function, as PHP does.
    pub(super) fn function_named(&self, name: &str) -> Option<Fun> {
        if self.declared.function_by_name.is_empty() {
            return None;
        }
        let find = |name: &str| self.declared.function_by_name.get(&self.find(&name.to_ascii_lowercase())?).copied();
        find(name).or_else(|| find(name.rsplit('\\').next()?))
    }

    /// The extension's class whose name ends in `name`, if it is the only one.
    pub(super) fn only_class_called(&self, name: &str) -> Option<Cls> {
        self.declared.by_last_name.get(&self.find(&name.to_ascii_lowercase())?).filter(|(_, several)| !several).map(|(cls, _)| *cls)
    }

    /// The classes that extend or implement `cls`, directly or not.
    pub(super) fn below(&self, cls: Cls) -> &[Cls] {
        self.declared.below.get(&cls).map_or(&[], Vec::as_slice)
    }

    /// The classes and interfaces that `cls` extends or implements, directly or not.
    fn above(&self, cls: Cls) -> Vec<Cls> {
        let mut above = vec![cls];
        let mut at = 0;
        while at < above.len() && above.len() < MAX_DEPTH {
            let (script, class) = self.class(above[at]);
            let text = |sym| self.scripts()[script as usize].text(sym);
            for name in class.interfaces.iter().chain(&class.parent) {
                if let Some(next) = self.class_named(text(*name))
                    && !above.contains(&next)
                {
                    above.push(next);
                }
            }
            at += 1;
        }
        above.split_off(1)
    }

    /// The method that `cls` itself declares.
    pub(super) fn own_method(&self, cls: Cls, name: Name) -> Option<Fun> {
        self.declared.method_by_name.get(&(cls, name)).copied()
    }

    /// The classes that `cls` inherits from, itself first: parents, and each one's traits after it.
    pub(super) fn lineage(&self, cls: Cls) -> &[Cls] {
        &self.declared.lineages[cls.0 as usize]
    }

    fn find_lineage(&self, cls: Cls) -> Vec<Cls> {
        let mut lineage = vec![cls];
        let mut at = 0;
        while at < lineage.len() && lineage.len() < MAX_DEPTH {
            let (script, class) = self.class(lineage[at]);
            let text = |sym| self.scripts()[script as usize].text(sym);
            for name in class.traits.iter().chain(&class.parent) {
                if let Some(next) = self.class_named(text(*name))
                    && !lineage.contains(&next)
                {
                    lineage.push(next);
                }
            }
            at += 1;
        }
        lineage
    }

    /// The method that `cls` answers to `name` (folded) with.
    pub(super) fn method(&self, cls: Cls, name: Name) -> Option<Fun> {
        if let Some(fun) = self.declared.method_by_name.get(&(cls, name)) {
            return Some(*fun);
        }
        self.lineage(cls).iter().skip(1).find_map(|c| self.declared.method_by_name.get(&(*c, name)).copied())
    }

    /// Whether `name` is a remote service's word in this extension: it also has the words that stand beside it there (`client_id`, `client_secret`).
    pub(super) fn is_remote_word(&self, name: &str) -> bool {
        is_remote_word(name, |beside| self.find(beside).is_some())
    }

    /// The same by what is written in the code, whatever else was met until now.
    pub(super) fn is_remote_word_in_code(&self, name: &str) -> bool {
        is_remote_word(name, |beside| self.find_written(beside).is_some())
    }

    /// The class highest up in the lineage of `cls` that declares a property, or a constant, of that name; else `cls` itself.
    pub(super) fn declarer(&self, cls: Cls, name: Name, constant: bool) -> Cls {
        let declares = |c: &Cls| {
            let (script, class) = self.class(*c);
            let members = if constant { &class.constants } else { &class.properties };
            let promoted = |method: &FunctionId| {
                let params = &self.scripts()[script as usize].function(*method).params;
                params.iter().any(|p| p.promoted && self.name(script, p.name) == name)
            };
            members.iter().any(|m| self.name(script, m.name) == name) || (!constant && class.methods.iter().any(promoted))
        };
        if let Some(found) = self.lineage(cls).iter().copied().rev().find(declares) {
            return found;
        }
        if constant { self.above(cls).into_iter().find(declares).unwrap_or(cls) } else { cls }
    }

    /// The text of a constant of one of the extension's classes, as `class::name` in script `script`, within `within`; of an element of it, where `element`
    /// names one.
    pub(super) fn constant_text(&self, script: u32, within: Option<Cls>, class: Sym, name: Sym, element: Option<&str>) -> Option<String> {
        let own = self.scripts()[script as usize].text(class);
        let cls = match own.to_ascii_lowercase().as_str() {
            "self" | "static" | "parent" => within?,
            own => self.class_named(own)?,
        };
        let name = self.name(script, name);
        self.with_interfaces(cls).into_iter().find_map(|c| {
            let (script, class) = self.class(c);
            let file = &self.scripts()[script as usize];
            let member = class.constants.iter().find(|m| self.name(script, m.name) == name)?;
            match (file.expr(member.value?).kind, element) {
                (ExprKind::Text(sym), None) => Some(file.text(sym).to_owned()),
                (ExprKind::Array(elements), Some(wanted)) => file.elements(elements).iter().find_map(|e| {
                    let (ExprKind::Text(key), ExprKind::Text(value)) = (file.expr(e.key?).kind, file.expr(e.value?).kind) else {
                        return None;
                    };
                    (file.text(key) == wanted).then(|| file.text(value).to_owned())
                }),
                _ => None,
            }
        })
    }

    /// The lineage of `cls`, and its interfaces after it.
    fn with_interfaces(&self, cls: Cls) -> Vec<Cls> {
        let mut all = self.lineage(cls).to_vec();
        all.extend(self.above(cls));
        all
    }

    /// The parent of `cls` that is no class of the extension: `pm_Hook_Backup_Domain`.
    pub(super) fn outside_parent(&self, cls: Cls) -> Option<&'a str> {
        self.declared.outside_parents[cls.0 as usize]
    }

    fn find_outside_parent(&self, cls: Cls) -> Option<&'a str> {
        self.lineage(cls).iter().find_map(|c| {
            let (script, class) = self.class(*c);
            let name = self.scripts()[script as usize].text(class.parent?);
            self.class_named(name).is_none().then_some(name)
        })
    }
}

fn is_remote_word(name: &str, is_known: impl Fn(&str) -> bool) -> bool {
    catalogue::names_beside(name).iter().any(|beside| is_known(beside) || is_known(&camel(beside)))
}

/// `client_secret` → `clientSecret`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(part.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

fn count<T>(list: &[T]) -> u32 {
    count_of(list.len())
}

fn count_of(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than 2³² items fit in memory")
}
