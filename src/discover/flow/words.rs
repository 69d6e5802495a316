//! What the names in the code mean, asked once for each name: a name occurs a thousand times, and asking means comparing it with all that are known.

use rustc_hash::FxHashMap;

use super::library::{self, Passes};
use super::solve::Solver;
use crate::discover::names;
use crate::discover::program::{Fun, Name, Program};
use crate::panel::catalogue::{self, Helper, KindCall, StoreCall};

/// The function of PHP that gives all arguments of the function which it stands in. What is passed without a parameter goes by this name, too.
pub(super) const FUNC_GET_ARGS: &str = "func_get_args";

/// One of PHP's own functions.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Builtin {
    pub(super) passes: Option<Passes>,
    pub(super) hashes: Option<usize>,
    pub(super) encrypts: Option<usize>,
    pub(super) looks_for: Option<(usize, usize, bool)>,
    pub(super) is_random: bool,
    pub(super) special: Option<Special>,
}

/// A function of PHP that is like no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Sprintf,
    Vsprintf,
    CallUserFunc,
    CallUserFuncArray,
    VarExport,
    FuncGetArgs,
    Base64,
    Document,
}

impl Builtin {
    /// The function of that name (lower case, without namespace).
    pub(super) fn of(name: &str) -> Builtin {
        Builtin {
            passes: library::passes(name),
            hashes: library::hashes(name),
            encrypts: library::encrypts(name),
            looks_for: library::looks_for(name),
            is_random: library::is_random(name),
            special: match name {
                "sprintf" => Some(Special::Sprintf),
                "vsprintf" => Some(Special::Vsprintf),
                "call_user_func" => Some(Special::CallUserFunc),
                "call_user_func_array" => Some(Special::CallUserFuncArray),
                "var_export" => Some(Special::VarExport),
                FUNC_GET_ARGS => Some(Special::FuncGetArgs),
                "base64_encode" => Some(Special::Base64),
                "json_encode" | "serialize" => Some(Special::Document),
                _ => None,
            },
        }
    }
}

/// The function of PHP that a call of `name` (folded) means, unless the extension has a function of that name.
pub(super) fn builtin(program: &Program<'_>, name: Name) -> Option<Builtin> {
    let text = program.text(name);
    match program.function_named(text) {
        Some(_) => None,
        None => Some(Builtin::of(text.rsplit('\\').next().unwrap_or_default())),
    }
}

/// Whether a function of PHP does something with files or objects that is worth a look.
fn is_loud_function(name: &str) -> bool {
    let name = name.trim_start_matches('\\');
    library::writes_file(name).is_some() || library::reads_file(name).is_some() || library::reads_xml(name) || library::makes_object(name)
}

/// Whether a method does something with requests, objects or statements, whatever it is called on.
fn is_loud_method(name: &str) -> bool {
    let of_forms = name == library::ADD_ELEMENT || name == library::ALL_VALUES;
    of_forms || library::reads_request(name) || library::makes_object(name) || library::table_method(name).is_some()
}

/// What calls of the panel's classes do.
#[derive(Debug, Clone, Copy)]
pub(super) struct PanelCall {
    pub(super) calls: &'static [KindCall],
    pub(super) stores: &'static [&'static StoreCall],
    pub(super) helpers: &'static [&'static Helper],
}

/// What the names mean that were asked about.
#[derive(Debug, Default)]
pub(super) struct Words {
    functions: FxHashMap<Name, Option<Fun>>,
    loud_functions: FxHashMap<Name, bool>,
    loud_methods: FxHashMap<Name, bool>,
    panel: FxHashMap<(Name, Name), PanelCall>,
    classes: FxHashMap<Name, Vec<Name>>,
}

impl Solver<'_, '_> {
    /// The extension's function that `name` (folded) means.
    pub(super) fn own_function(&mut self, name: Name) -> Option<Fun> {
        let program = &*self.program;
        *self.words.functions.entry(name).or_insert_with(|| program.function_named(program.text(name)))
    }

    /// Whether a call of one of PHP's functions of that name is worth a look.
    pub(super) fn is_loud_function(&mut self, name: Name) -> bool {
        let program = &*self.program;
        *self.words.loud_functions.entry(name).or_insert_with(|| is_loud_function(program.text(name)))
    }

    /// Whether a call of a method of that name is worth a look, whatever it is called on.
    pub(super) fn is_loud_method(&mut self, name: Name) -> bool {
        let program = &*self.program;
        *self.words.loud_methods.entry(name).or_insert_with(|| is_loud_method(program.text(name)))
    }

    /// What the call `class::method` does (both folded).
    pub(super) fn panel_call(&mut self, class: Name, method: Name) -> PanelCall {
        let program = &*self.program;
        *self.words.panel.entry((class, method)).or_insert_with(|| {
            let (class, method) = (program.text(class), program.text(method));
            PanelCall {
                calls: catalogue::calls_on(class, method),
                stores: catalogue::stores_on(class, method),
                helpers: catalogue::helpers_on(class, method),
            }
        })
    }

    /// The panel's classes that a variable of that name usually holds an object of, folded.
    pub(super) fn classes_called(&mut self, variable: Name) -> &[Name] {
        if !self.words.classes.contains_key(&variable) {
            let classes: Vec<&'static str> = names::variable_classes(self.program.variable_text(variable)).collect();
            let folded = classes.iter().map(|class| self.program.intern(&class.to_ascii_lowercase())).collect();
            self.words.classes.insert(variable, folded);
        }
        &self.words.classes[&variable]
    }
}
