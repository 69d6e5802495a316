//! What is compared: facts of a PHP file, in an order of their own.

use std::fmt;

/// What a parser says that a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Calls, as `name`, `->name`, `Class::name`, `new Class` or `<value>`, each with its line. Names are full ones where the file tells them.
    pub(crate) calls: Vec<(String, usize)>,
    /// The values of string literals and of the text parts of interpolated ones; parts that are empty are left out.
    pub(crate) texts: Vec<String>,
    /// Full names of classes, interfaces, traits and enums; empty for an anonymous class.
    pub(crate) classes: Vec<String>,
    /// `name` of functions with their namespace, `Class::name` of methods, `fn` for closures of both kinds.
    pub(crate) functions: Vec<String>,
}

/// Functions of the language, which one parser takes for calls and the other does not.
const NO_CALLS: &[&str] = &["define", "die", "empty", "eval", "exit", "isset"];

impl Facts {
    pub(crate) fn call(&mut self, name: String, line: usize) {
        if !NO_CALLS.iter().any(|word| name.eq_ignore_ascii_case(word)) {
            self.calls.push((name, line));
        }
    }

    /// The facts, each list in order.
    pub(crate) fn sorted(mut self) -> Facts {
        self.calls.sort_unstable();
        self.texts.sort_unstable();
        self.classes.sort_unstable();
        self.functions.sort_unstable();
        self
    }

    pub(crate) fn len(&self) -> usize {
        self.calls.len() + self.texts.len() + self.classes.len() + self.functions.len()
    }

    /// What either side has and the other has not.
    pub(crate) fn differences(&self, other: &Facts) -> Vec<Difference> {
        let calls = |facts: &Facts| facts.calls.iter().map(|(name, line)| format!("call {name} on line {line}")).collect();
        let texts = |facts: &Facts| facts.texts.iter().map(|text| format!("text {text:?}")).collect();
        let classes = |facts: &Facts| facts.classes.iter().map(|name| format!("class {name}")).collect();
        let functions = |facts: &Facts| facts.functions.iter().map(|name| format!("function {name}")).collect();
        let lists: [fn(&Facts) -> Vec<String>; 4] = [calls, texts, classes, functions];
        lists.iter().flat_map(|list| unpaired(list(self), list(other))).collect()
    }
}

/// A fact of one side.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    ours: bool,
    fact: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.ours { "reguid alone" } else { "oracle alone" }, self.fact)
    }
}

/// What two lists do not have in common.
fn unpaired(mut ours: Vec<String>, mut theirs: Vec<String>) -> Vec<Difference> {
    ours.sort_unstable();
    theirs.sort_unstable();
    let (mut i, mut k) = (0, 0);
    let mut found = Vec::new();
    while i < ours.len() || k < theirs.len() {
        let order = match (ours.get(i), theirs.get(k)) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        if order.is_lt() {
            found.push(Difference { ours: true, fact: ours[i].clone() });
        } else if order.is_gt() {
            found.push(Difference { ours: false, fact: theirs[k].clone() });
        }
        i += usize::from(order.is_le());
        k += usize::from(order.is_ge());
    }
    found
}
