//! Where the raw id that a storage for backups is initialised with goes, through its methods, its properties and the classes that it hands the id to.
//!
//! The id is one of several kinds of object, which another argument tells, so discovery does not follow it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::code::Code;
use super::facts::Facts;
use super::hooks::HookClass;
use crate::extension::php::ir::{Bytes, Class, ExprId, ExprKind, Function, Script, Slice, Stmt};
use crate::panel::catalogue::{self, Hook, Keeps};

/// The taint goes on over methods and classes as often as this.
const MAX_ROUNDS: usize = 16;
/// How deep an expression is looked into.
const MAX_DEPTH: usize = 32;

/// PHP's functions whose result has the id in it when one of their arguments has. A hash of an id is gone with the id.
const KEEPS: &[&str] = &[
    "sprintf",
    "vsprintf",
    "implode",
    "join",
    "strval",
    "intval",
    "trim",
    "rtrim",
    "ltrim",
    "md5",
    "sha1",
    "crc32",
    "hash",
    "strtolower",
    "str_replace",
    "urlencode",
    "rawurlencode",
    "str_pad",
];

/// PHP's functions that take a path to make a file or a folder.
const MAKE: &[&str] = &["file_put_contents", "fopen", "mkdir", "touch", "copy", "rename", "symlink"];

/// Where the id ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sink {
    /// In the name of a setting.
    Setting,
    /// In the name of a file or folder on the server.
    File,
    /// In a path of the storage.
    Path,
}

/// A spot where the id ends up.
#[derive(Debug)]
pub(super) struct Spot<'a> {
    /// The storage's class.
    pub(super) hook: &'a str,
    /// What is known of the method that is given the id.
    pub(super) facts: &'static Hook,
    /// The script.
    pub(super) script: &'a Script,
    /// What names the place.
    pub(super) at: Bytes,
    /// What is named.
    pub(super) sink: Sink,
}

/// A class with those it extends, names in lower case.
struct Known<'a> {
    code: &'a Code<'a>,
    script: &'a Script,
    class: &'a Class,
    lineage: Vec<String>,
}

/// The classes of an extension by their names in lower case.
type Classes<'a> = FxHashMap<String, Known<'a>>;

/// What holds the id. Functions go by where they stand, classes by their names.
#[derive(Debug, Default)]
struct Tainted {
    /// Variables: file, function's beginning, name.
    variables: FxHashSet<(u32, u32, String)>,
    /// Properties: class, name.
    properties: FxHashSet<(String, String)>,
    /// What functions give: file, function's beginning.
    results: FxHashSet<(u32, u32)>,
}

impl Tainted {
    fn size(&self) -> usize {
        self.variables.len() + self.properties.len() + self.results.len()
    }
}

/// Where the ids go that the extension's storages are given.
pub(super) fn spots<'a>(of: &'a Facts<'a>) -> Vec<Spot<'a>> {
    let all = of.hooks();
    let mut spots = Vec::new();
    if !all.iter().any(|hook| hook.facts().any(|facts| facts.object_id.is_some())) {
        return spots;
    }
    let classes = classes(of);
    for hook in all.iter().filter(|h| h.leaf) {
        for facts in hook.facts().filter(|f| f.object_id.is_some()) {
            let flow = Flow { classes: &classes };
            let tainted = flow.run(hook, facts);
            flow.sinks(hook, facts, &tainted, &mut spots);
        }
    }
    spots.sort_by_key(|s| (s.script.file, s.at));
    spots.dedup_by_key(|s| (s.script.file, s.at));
    spots
}

fn classes<'a>(of: &'a Facts<'a>) -> Classes<'a> {
    let mut parents: FxHashMap<String, String> = FxHashMap::default();
    let mut classes = Classes::default();
    for code in of.codes() {
        let script = code.script;
        for class in script.classes.iter().filter(|c| !script.text(c.name).is_empty()) {
            let name = script.text(class.name).to_ascii_lowercase();
            if let Some(parent) = class.parent {
                parents.insert(name.clone(), script.text(parent).to_ascii_lowercase());
            }
            classes.entry(name).or_insert_with(|| Known { code, script, class, lineage: Vec::new() });
        }
    }
    for (name, known) in &mut classes {
        known.lineage = std::iter::successors(Some(name), |name| parents.get(*name)).take(MAX_DEPTH).cloned().collect();
    }
    classes
}

/// The function that an expression stands in, with its class.
#[derive(Clone, Copy)]
struct Here<'c, 'a> {
    script: &'a Script,
    function: &'a Function,
    class: &'c Known<'a>,
}

impl Here<'_, '_> {
    fn key(&self) -> (u32, u32) {
        key(self.script, self.function)
    }
}

fn key(script: &Script, function: &Function) -> (u32, u32) {
    (script.file.0, function.at.start)
}

struct Flow<'c, 'a> {
    classes: &'c Classes<'a>,
}

impl<'c, 'a> Flow<'c, 'a> {
    fn run(&self, hook: &HookClass<'a>, facts: &Hook) -> Tainted {
        let mut tainted = Tainted::default();
        let number = facts.object_id.unwrap_or_default();
        if let Some((script, function)) = hook.method(&facts.method)
            && let Some(param) = function.params.get(number)
        {
            tainted.variables.insert((script.file.0, function.at.start, script.text(param.name).to_owned()));
        }
        if let Some(property) = &facts.object_id_in {
            tainted.properties.insert((hook.name().to_ascii_lowercase(), property.clone()));
            // A method may stand in a class above.
            for above in self.classes.get(&hook.name().to_ascii_lowercase()).iter().flat_map(|known| &known.lineage) {
                tainted.properties.insert((above.clone(), property.clone()));
            }
        }
        for _ in 0..MAX_ROUNDS {
            let before = tainted.size();
            self.each(&mut |here| self.spread(here, &mut tainted));
            if tainted.size() == before {
                break;
            }
        }
        tainted
    }

    /// Calls `work` with each method of each class.
    fn each(&self, work: &mut dyn FnMut(Here<'c, 'a>)) {
        for known in self.classes.values() {
            for id in &known.class.methods {
                work(Here { script: known.script, function: known.script.function(*id), class: known });
            }
        }
    }

    /// Takes the id from what holds it to what is given it, in one method.
    fn spread(&self, here: Here<'c, 'a>, tainted: &mut Tainted) {
        let script = here.script;
        for (_, kind) in here.class.code.within(here.function.at) {
            match kind {
                ExprKind::Assign { target, value } | ExprKind::Append { target, value } if self.holds(here, tainted, value, MAX_DEPTH) => {
                    match script.expr(target).kind {
                        ExprKind::Variable(name) => {
                            let (file, start) = here.key();
                            tainted.variables.insert((file, start, script.text(name).to_owned()));
                        }
                        ExprKind::Property { object, name } if is_this(script, object) => {
                            for class in &here.class.lineage {
                                tainted.properties.insert((class.clone(), script.text(name).to_owned()));
                            }
                        }
                        _ => {}
                    }
                }
                ExprKind::New { class, args } => {
                    if let Some(known) = self.classes.get(&script.text(class).to_ascii_lowercase()) {
                        self.hand_over(here, tainted, known, "__construct", args);
                    }
                }
                ExprKind::Method { object, name, args } if is_this(script, object) => {
                    self.hand_over(here, tainted, here.class, script.text(name), args);
                }
                ExprKind::Static { class, name, args } => {
                    if let Some(known) = self.class(here, script.text(class)) {
                        self.hand_over(here, tainted, known, script.text(name), args);
                    }
                }
                _ => {}
            }
        }
        for stmt in &here.function.body {
            if let Stmt::Return(value) = stmt
                && self.holds(here, tainted, *value, MAX_DEPTH)
            {
                tainted.results.insert(here.key());
            }
        }
    }

    /// The class that a name stands for: `self`, `static` and `parent` among them.
    fn class(&self, here: Here<'c, 'a>, name: &str) -> Option<&'c Known<'a>> {
        let own = &here.class.lineage;
        let name = match name.to_ascii_lowercase().as_str() {
            "self" | "static" => own.first()?.clone(),
            "parent" => own.get(1)?.clone(),
            other => other.to_owned(),
        };
        self.classes.get(&name)
    }

    /// The method of a class, wherever it is inherited from.
    fn method(&self, known: &Known<'a>, name: &str) -> Option<(&'c Known<'a>, &'a Function)> {
        known.lineage.iter().filter_map(|class| self.classes.get(class)).find_map(|known| {
            let mut methods = known.class.methods.iter().map(|id| known.script.function(*id));
            Some((known, methods.find(|f| known.script.text(f.name).eq_ignore_ascii_case(name))?))
        })
    }

    /// Takes the id from a call's arguments to the method's parameters.
    fn hand_over(&self, here: Here<'c, 'a>, tainted: &mut Tainted, known: &Known<'a>, name: &str, args: Slice) {
        let Some((of, function)) = self.method(known, name) else { return };
        for (arg, param) in here.script.args(args).iter().zip(&function.params) {
            if arg.name.is_none() && !arg.spread && self.holds(here, tainted, arg.value, MAX_DEPTH) {
                let (file, start) = key(of.script, function);
                let name = of.script.text(param.name).to_owned();
                if param.promoted {
                    tainted.properties.extend(of.lineage.iter().map(|class| (class.clone(), name.clone())));
                }
                tainted.variables.insert((file, start, name));
            }
        }
    }

    /// Whether the id is in what an expression gives.
    fn holds(&self, here: Here<'c, 'a>, tainted: &Tainted, id: ExprId, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let script = here.script;
        let inner = |id: ExprId| self.holds(here, tainted, id, depth);
        match script.expr(id).kind {
            ExprKind::Variable(name) => {
                let (file, start) = here.key();
                tainted.variables.contains(&(file, start, script.text(name).to_owned()))
            }
            ExprKind::Property { object, name } => {
                let of = &here.class.lineage;
                is_this(script, object)
                    && of.iter().any(|class| tainted.properties.contains(&(class.clone(), script.text(name).to_owned())))
            }
            ExprKind::Concat(list) | ExprKind::Choice(list) => script.list(list).iter().any(|one| inner(*one)),
            ExprKind::Cast { value, .. } | ExprKind::Assign { value, .. } => inner(value),
            ExprKind::Call { name, args } => {
                let name = script.text(name).trim_start_matches('\\');
                KEEPS.iter().any(|known| known.eq_ignore_ascii_case(name)) && script.args(args).iter().any(|arg| inner(arg.value))
            }
            ExprKind::Array(elements) => script.elements(elements).iter().any(|e| e.value.is_some_and(inner)),
            ExprKind::Method { object, name, .. } if is_this(script, object) => {
                let method = self.method(here.class, script.text(name));
                method.is_some_and(|(of, function)| tainted.results.contains(&key(of.script, function)))
            }
            ExprKind::Static { class, name, .. } => {
                let method = self.class(here, script.text(class)).and_then(|known| self.method(known, script.text(name)));
                method.is_some_and(|(of, function)| tainted.results.contains(&key(of.script, function)))
            }
            _ => false,
        }
    }

    /// Notes where the id names a place.
    fn sinks(&self, hook: &HookClass<'a>, facts: &'static Hook, tainted: &Tainted, spots: &mut Vec<Spot<'a>>) {
        for known in self.classes.values() {
            let script: &'a Script = known.script;
            for method in &known.class.methods {
                let function = script.function(*method);
                let here = Here { script, function, class: known };
                let mut named: Vec<(Bytes, Sink)> = Vec::new();
                for (id, kind) in known.code.within(function.at) {
                    let told = match kind {
                        ExprKind::Static { class, name, args } => {
                            let stores = catalogue::stores_on(script.text(class), script.text(name)).iter();
                            let mut keys = stores.filter(|s| s.keeps == Keeps::Setting).filter_map(|s| script.args(args).get(s.key?));
                            keys.find(|arg| self.holds(here, tainted, arg.value, MAX_DEPTH)).map(|arg| (arg.value, Sink::Setting))
                        }
                        ExprKind::Call { name, args }
                            if MAKE.iter().any(|m| m.eq_ignore_ascii_case(script.text(name).trim_start_matches('\\'))) =>
                        {
                            script
                                .args(args)
                                .iter()
                                .take(1)
                                .find(|arg| self.holds(here, tainted, arg.value, MAX_DEPTH))
                                .map(|arg| (arg.value, Sink::File))
                        }
                        ExprKind::Concat(list) => self.is_path(here, tainted, script.list(list)).then_some((id, Sink::Path)),
                        _ => None,
                    };
                    named.extend(told.map(|(id, sink)| (script.expr(id).at, sink)));
                }
                // A path that names a file or a setting is told as that.
                let other = |at: Bytes| named.iter().any(|(o, sink)| *sink != Sink::Path && at.is_in(*o));
                let kept: Vec<(Bytes, Sink)> = named.iter().filter(|(at, sink)| *sink != Sink::Path || !other(*at)).copied().collect();
                spots.extend(kept.into_iter().map(|(at, sink)| Spot { hook: hook.name(), facts, script, at, sink }));
            }
        }
    }

    /// Whether parts of a text make a path with the id as a folder or file in it, and no address of a page.
    fn is_path(&self, here: Here<'c, 'a>, tainted: &Tainted, parts: &[ExprId]) -> bool {
        let text = |id: ExprId| if let ExprKind::Text(sym) = here.script.expr(id).kind { Some(here.script.text(sym)) } else { None };
        if parts.iter().filter_map(|p| text(*p)).any(|t| t.contains("://") || t.contains(['?', '&', ' ', '<'])) {
            return false;
        }
        let page = |t: &str| t.to_ascii_lowercase().trim_end_matches('/').ends_with("id");
        parts.iter().enumerate().any(|(number, part)| {
            let before = number.checked_sub(1).and_then(|n| text(parts[n]));
            let after = parts.get(number + 1).and_then(|p| text(*p));
            let beside =
                before.is_some_and(|t| t.ends_with('/') && !page(t)) || before.is_none() && after.is_some_and(|t| t.starts_with('/'));
            beside && self.holds(here, tainted, *part, MAX_DEPTH)
        })
    }
}

fn is_this(script: &Script, id: ExprId) -> bool {
    matches!(script.expr(id).kind, ExprKind::Variable(name) if script.text(name) == "this")
}
