//! Declaring a method as somebody else calls it: arguments are taken away, added, put in order and given other types, by what their names tell.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Edit;
use crate::extension::php::ir::{Function, Param, Script};
use crate::extension::source::SourceFile;

/// Words that stand before `function`.
const MODIFIERS: [&str; 6] = ["public", "protected", "private", "static", "final", "abstract"];

/// What shows a function's variables to other code, by no name that stands in it.
const SHOWS_ALL: [&[u8]; 8] = [b"func_get_arg", b"get_defined_vars", b"extract", b"include", b"require", b"eval", b"$$", b"${$"];

/// The words of a declaration that the parser keeps nothing of.
pub(crate) struct Head {
    /// `public`, `static` and the like, each with its place.
    modifiers: Vec<(&'static str, Range<usize>)>,
    /// Behind the bracket that opens the list of arguments.
    open: usize,
}

/// How a method is called.
pub(crate) struct Call<'a> {
    /// The names of what is handed over, in its order.
    pub(crate) arguments: &'a [String],
    /// The number of an argument → the class of what is handed over.
    pub(crate) given: &'a BTreeMap<String, String>,
    /// Names of arguments that nobody hands over.
    pub(crate) obsolete: &'a [String],
}

/// A declaration as it should be.
pub(crate) struct Declared {
    /// What changes, in a few words.
    pub(crate) title: String,
    /// The edits that make it so.
    pub(crate) edits: Vec<Edit>,
    /// Whether the body speaks of an argument that becomes another one, or goes, or of a name that becomes one.
    pub(crate) spoken_of: bool,
}

impl Head {
    /// Reads the words before a method's arguments. `None`: they are written in some way that is not known.
    pub(crate) fn of(file: &SourceFile, script: &Script, method: &Function) -> Option<Head> {
        let start = method.at.start as usize;
        let end = method.params.first().map_or(method.at.end, |p| p.at.start) as usize;
        let before = file.bytes.get(start..end)?;
        let name = script.text(method.name).as_bytes();
        let open_at = |keyword: usize| {
            let rest = &before[keyword + b"function".len()..];
            let rest = rest.trim_ascii_start();
            let rest = rest.strip_prefix(b"&").unwrap_or(rest).trim_ascii_start();
            let called = rest.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
            let rest = rest.get(name.len()..).filter(|_| called)?.trim_ascii_start().strip_prefix(b"(")?;
            Some(before.len() - rest.len())
        };
        let keywords = (0..before.len()).filter(|at| before[*at..].get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b"function")));
        let mut found = keywords.filter_map(|keyword| Some((keyword, open_at(keyword)?)));
        // An attribute may say anything before it, and without arguments the body after it.
        let (keyword, open) = if method.params.is_empty() { found.next() } else { found.next_back() }?;
        let mut modifiers = Vec::new();
        let mut at = keyword;
        loop {
            let rest = before[..at].trim_ascii_end();
            let word = |m: &&&str| rest.len() >= m.len() && rest[rest.len() - m.len()..].eq_ignore_ascii_case(m.as_bytes());
            let Some(modifier) = MODIFIERS.iter().find(word) else { break };
            modifiers.push((*modifier, start + rest.len() - modifier.len()..start + at));
            at = rest.len() - modifier.len();
        }
        Some(Head { modifiers, open: start + open })
    }

    /// Whether a word stands in it.
    pub(crate) fn has(&self, modifier: &str) -> bool {
        self.place(modifier).is_some()
    }

    /// Where a word stands, with the space behind it.
    pub(crate) fn place(&self, modifier: &str) -> Option<Range<usize>> {
        self.modifiers.iter().find(|(word, _)| *word == modifier).map(|(_, range)| range.clone())
    }
}

/// Whether two names of arguments are one, whatever their case and underscores.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.bytes().filter(|c| *c != b'_').map(|c| c.to_ascii_lowercase()).collect::<Vec<u8>>();
    letters(a) == letters(b)
}

/// An argument of the new list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// One that is there, by its number.
    Kept(usize),
    /// One that is handed over and was not taken, by its number.
    New(usize),
}

impl Call<'_> {
    /// Whether an argument is one that nobody hands over.
    pub(crate) fn is_obsolete(&self, script: &Script, param: &Param) -> bool {
        self.obsolete.iter().any(|word| same(word, script.text(param.name)))
    }

    /// The arguments as they should be. `None`: their names do not tell which is which.
    fn wanted(&self, script: &Script, params: &[Param]) -> Option<Vec<Slot>> {
        let kept: Vec<usize> = (0..params.len()).filter(|i| !self.is_obsolete(script, &params[*i])).collect();
        let named = |i: usize| self.arguments.iter().position(|name| same(name, script.text(params[i].name)));
        let asked = kept.iter().filter(|i| params[**i].default.is_none() && !params[**i].variadic).count();
        let open = params.iter().any(|p| p.variadic);
        let in_place = |(at, i): (usize, &usize)| named(*i).is_none_or(|place| place == at);
        if asked <= self.arguments.len() && (open || kept.len() >= self.arguments.len()) && kept.iter().enumerate().all(in_place) {
            return Some(kept.into_iter().map(Slot::Kept).collect());
        }
        let mut of: Vec<Option<usize>> = vec![None; self.arguments.len()];
        let mut rest = Vec::new();
        for &i in &kept {
            match named(i) {
                Some(place) if of[place].is_some() => return None,
                Some(place) => of[place] = Some(i),
                None => rest.push(i),
            }
        }
        // The first one need not be called as the panel calls it, where its type says what it is.
        let first = rest.first().copied().filter(|i| Some(i) == kept.first() && self.fits(script, &params[*i], 0));
        if let (Some(empty @ None), Some(i)) = (of.first_mut(), first) {
            *empty = Some(i);
            rest.remove(0);
        }
        // What is left is handed over by nobody, or it is not known what it is meant for.
        let optional = |i: &usize| params[*i].default.is_some() && kept.iter().position(|k| k == i) >= Some(self.arguments.len());
        if open || !(rest.iter().all(optional) || of.iter().all(Option::is_some)) {
            return None;
        }
        let slots = of.iter().enumerate().map(|(place, i)| i.map_or(Slot::New(place), Slot::Kept));
        let slots: Vec<Slot> = slots.chain(rest.into_iter().filter(optional).map(Slot::Kept)).collect();
        // An argument that may be left out, before one that may not, cannot be left out.
        let may = |slot: &Slot| matches!(slot, Slot::Kept(i) if params[*i].default.is_some());
        (!slots.windows(2).any(|two| may(&two[0]) && !may(&two[1]))).then_some(slots)
    }

    /// Whether an argument is declared with the class of what is handed over at a place, and with no other.
    fn fits(&self, script: &Script, param: &Param, place: usize) -> bool {
        let given = self.given.get(&place.to_string());
        given.is_some_and(|class| !param.types.is_empty() && param.types.iter().all(|t| script.text(*t).eq_ignore_ascii_case(class)))
    }

    /// The declaration of a method as it is called. `is_other` tells whether an argument takes another class than is handed over at a place. Names that do not
    /// tell which is which, and declarations with comments between their arguments, are left to a person.
    pub(crate) fn declare(
        &self,
        file: &SourceFile,
        script: &Script,
        method: &Function,
        is_other: impl Fn(&Param, usize) -> bool,
    ) -> Option<Declared> {
        let head = Head::of(file, script, method)?;
        let mut declared = Declared { title: String::new(), edits: Vec::new(), spoken_of: false };
        let mut titles = Vec::new();
        let mut edit = |range: Range<usize>, text: String| declared.edits.push(Edit { path: file.path.clone(), range, text });
        if let Some(place) = head.place("static") {
            titles.push("remove `static`".to_owned());
            edit(place, String::new());
        }
        for word in ["private", "protected"] {
            if let Some(place) = head.place(word) {
                titles.push("make it `public`".to_owned());
                edit(place.start..place.start + word.len(), "public".to_owned());
            }
        }
        let slots = self.wanted(script, &method.params)?;
        let other = |(place, slot): (usize, &Slot)| match slot {
            Slot::Kept(i) => is_other(&method.params[*i], place).then_some(*i),
            Slot::New(_) => None,
        };
        let retyped: Vec<usize> = slots.iter().enumerate().filter_map(other).collect();
        let list = List { call: self, file, script, method, head: &head, retyped };
        let (said, touched) = list.changes(&slots);
        titles.extend(said);
        if let Some((range, text)) = list.written(&slots)? {
            edit(range, text);
        }
        declared.title = titles.join(", ");
        let body = list.body();
        declared.spoken_of = !touched.is_empty()
            && (SHOWS_ALL.iter().any(|word| memchr::memmem::find(body, word).is_some())
                || touched.iter().any(|name| speaks_of(body, name)));
        Some(declared)
    }
}

/// A method's list of arguments, and how it is written.
struct List<'a> {
    call: &'a Call<'a>,
    file: &'a SourceFile,
    script: &'a Script,
    method: &'a Function,
    head: &'a Head,
    /// The arguments that are given another type.
    retyped: Vec<usize>,
}

impl List<'_> {
    fn name(&self, slot: Slot) -> &str {
        match slot {
            Slot::Kept(i) => self.script.text(self.method.params[i].name),
            Slot::New(place) => &self.call.arguments[place],
        }
    }

    /// What becomes of the arguments, for a person, and the names whose meaning changes.
    fn changes(&self, slots: &[Slot]) -> (Vec<String>, Vec<String>) {
        let (mut titles, mut touched) = (Vec::new(), Vec::new());
        let params = &self.method.params;
        for i in (0..params.len()).filter(|i| !slots.contains(&Slot::Kept(*i))) {
            titles.push(format!("remove `${}`", self.name(Slot::Kept(i))));
            touched.push(self.name(Slot::Kept(i)).to_owned());
        }
        let added: Vec<String> = slots.iter().filter(|s| matches!(s, Slot::New(_))).map(|s| self.name(*s).to_owned()).collect();
        if !added.is_empty() {
            titles.push(format!("add {}", added.iter().map(|name| format!("`${name}`")).collect::<Vec<_>>().join(", ")));
            touched.extend(added);
        }
        // One that nobody hands over was never at a place.
        let before: Vec<usize> = (0..params.len()).filter(|i| !self.call.is_obsolete(self.script, &params[*i])).collect();
        let moved = |(at, slot): (usize, &Slot)| match slot {
            Slot::Kept(i) if before.get(at) != Some(i) => Some(self.name(*slot).to_owned()),
            _ => None,
        };
        touched.extend(slots.iter().enumerate().filter_map(moved));
        let kept: Vec<usize> = slots.iter().filter_map(|s| if let Slot::Kept(i) = s { Some(*i) } else { None }).collect();
        if !kept.is_sorted() {
            titles.push("put the arguments in order".to_owned());
        }
        for &i in &self.retyped {
            titles.push(format!("take `${}` as it is handed over", self.name(Slot::Kept(i))));
            touched.push(self.name(Slot::Kept(i)).to_owned());
        }
        (titles, touched)
    }

    /// The piece of the file that becomes another, if one does. `None`: it cannot be written without losing something.
    #[allow(clippy::option_option, reason = "one is for what need not change, the other for what cannot be told")]
    fn written(&self, slots: &[Slot]) -> Option<Option<(Range<usize>, String)>> {
        let params = &self.method.params;
        let plain = |i: &usize| !self.retyped.contains(i) && slots.contains(&Slot::Kept(*i));
        let gone: Vec<usize> = (0..params.len()).filter(|i| !slots.contains(&Slot::Kept(*i))).collect();
        let only_kept = slots.is_sorted_by_key(|s| if let Slot::Kept(i) = s { *i } else { usize::MAX })
            && slots.iter().all(|s| matches!(s, Slot::Kept(_)))
            && (0..params.len()).all(|i| plain(&i) || gone.contains(&i));
        match gone.as_slice() {
            [] if only_kept => return Some(None),
            // Nothing around it is touched.
            [one] if only_kept => return Some(Some((without(params, *one), String::new()))),
            _ => {}
        }
        let spaces = |from: usize, to: usize| self.file.bytes.get(from..to).filter(|b| b.trim_ascii().is_empty());
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        let (start, end) = match (params.first(), params.last()) {
            (Some(first), Some(last)) => (first.at.start as usize, last.at.end as usize),
            _ => {
                let close = self.file.bytes[self.head.open..].iter().position(|b| *b == b')')? + self.head.open;
                spaces(self.head.open, close)?;
                (self.head.open, close)
            }
        };
        let before = spaces(self.head.open, start)?;
        for two in params.windows(2) {
            let between = self.file.bytes.get(two[0].at.end as usize..two[1].at.start as usize)?.trim_ascii();
            (between == b",").then_some(())?;
        }
        let separator = if before.contains(&b'\n') { format!(",{}", text(before)) } else { ", ".to_owned() };
        let new: Option<Vec<String>> = slots.iter().enumerate().map(|(place, slot)| self.text(place, *slot)).collect();
        Some(Some((start..end, new?.join(&separator))))
    }

    /// An argument as it is to be written at a place.
    fn text(&self, place: usize, slot: Slot) -> Option<String> {
        let class = || {
            let class = self.call.given.get(&place.to_string())?;
            // In a namespace the panel's classes have a backslash, unless they are imported, and then it does no harm.
            let named = self.method.class.map_or("", |class| self.script.text(self.script.classes[class.0 as usize].name));
            Some(if named.contains('\\') { format!("\\{class} ") } else { format!("{class} ") })
        };
        match slot {
            Slot::New(argument) => Some(format!("{}${}", class().unwrap_or_default(), self.call.arguments[argument])),
            Slot::Kept(i) => {
                let at = self.method.params[i].at;
                let text = std::str::from_utf8(self.file.bytes.get(at.start as usize..at.end as usize)?).ok()?;
                if !self.retyped.contains(&i) {
                    return Some(text.to_owned());
                }
                let (types, name) = text.split_at(text.find(['$', '&'])?);
                // An attribute or a comment.
                (!types.contains(['#', '/'])).then(|| format!("{}{name}", class().unwrap_or_default()))
            }
        }
    }

    /// What stands behind the arguments.
    fn body(&self) -> &[u8] {
        let from = self.method.params.last().map_or(self.head.open, |p| p.at.end as usize);
        self.file.bytes.get(from..self.method.at.end as usize).unwrap_or_default()
    }
}

/// An argument with what separates it from its neighbour.
fn without(params: &[Param], position: usize) -> Range<usize> {
    let range = match (params.get(position + 1), position.checked_sub(1).and_then(|before| params.get(before))) {
        (Some(next), _) => params[position].at.start..next.at.start,
        (None, Some(before)) => before.at.end..params[position].at.end,
        (None, None) => params[position].at.start..params[position].at.end,
    };
    range.start as usize..range.end as usize
}

/// Whether a body has a variable of this name, or its name in a string, as `compact()` takes it.
fn speaks_of(body: &[u8], name: &str) -> bool {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
    memchr::memmem::find_iter(body, name.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|at| body.get(at));
        before.is_some_and(|b| b"$'\"{".contains(b)) && !body.get(at + name.len()).is_some_and(is_word)
    })
}
