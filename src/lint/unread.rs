//! Settings whose values nothing asks for, but to take them away again: a note that something went wrong, which is dropped once the object is gone.
//!
//! A flag looks much the same (it is kept, tested and dropped), and is data: what the extension does depends on it. So a setting counts as unread only where
//! each test of it decides about nothing else than whether it is dropped.

use rustc_hash::FxHashMap;

use super::Context;
use super::code::{Code, Kept};
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, If};
use crate::extension::source::FileId;
use crate::panel::catalogue::{self, Keeps};

/// As many conditions before a call are looked at: they seldom lie in one another.
const MOST_IFS: usize = 16;

/// How many steps a text is looked for.
const MAX_DEPTH: usize = 8;

/// What is known of a setting's name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// All of it.
    Whole(String),
    /// What it begins with.
    Begins(String),
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Name::Whole(text) | Name::Begins(text) => text,
        }
    }
}

/// Calls by the names of the settings that they are about, in the order of what is known of those.
struct Calls<'c, 'a, T>(Vec<(Name, &'c Code<'a>, T)>);

impl<'c, 'a, T> Calls<'c, 'a, T> {
    fn of(mut all: Vec<(Name, &'c Code<'a>, T)>) -> Calls<'c, 'a, T> {
        all.sort_by(|a, b| a.0.text().cmp(b.0.text()));
        Calls(all)
    }

    fn from(&self, text: &str) -> impl Iterator<Item = &(Name, &'c Code<'a>, T)> {
        let first = self.0.partition_point(|(name, ..)| name.text() < text);
        self.0[first..].iter()
    }

    /// The calls about settings whose names begin so, as is known.
    fn below<'s>(&'s self, beginning: &'s str) -> impl Iterator<Item = &'s (Name, &'c Code<'a>, T)> {
        self.from(beginning).take_while(move |(name, ..)| name.text().starts_with(beginning))
    }

    /// The other calls that may be about such settings.
    fn above<'s>(&'s self, beginning: &'s str) -> impl Iterator<Item = &'s (Name, &'c Code<'a>, T)> {
        let shorter = beginning.char_indices().map(|(at, _)| &beginning[..at]);
        let of = |text: &'s str| self.from(text).take_while(move |(name, ..)| name.text() == text);
        shorter.flat_map(of).filter(|(name, ..)| matches!(name, Name::Begins(_)))
    }
}

/// The calls that read and write the extension's own settings.
pub(super) struct Unread<'c, 'a> {
    reads: Calls<'c, 'a, ExprId>,
    writes: Calls<'c, 'a, Kept>,
    /// The `if`s of each script, by where their conditions begin.
    ifs: FxHashMap<FileId, Vec<If>>,
    bytes: Vec<&'c [u8]>,
    /// Whether all of the extension was looked at.
    whole: bool,
}

impl<'c, 'a> Unread<'c, 'a> {
    pub(super) fn of(context: &'c Context<'a>) -> Unread<'c, 'a> {
        let (mut reads, mut writes, mut ifs) = (Vec::new(), Vec::new(), FxHashMap::default());
        for code in context.facts.codes() {
            let calls = (0u32..).map(ExprId).zip(&code.script.exprs).filter_map(|(id, expr)| Some((id, read(code, expr.kind)?)));
            reads.extend(calls.map(|(id, name)| (name_of(code, name), code, id)));
            let kept = code.kept().iter().filter(|kept| kept.keeps == Keeps::Setting);
            writes.extend(kept.map(|kept| (name_of(code, Some(kept.name)), code, *kept)));
            let mut of_script = code.script.ifs.clone();
            of_script.sort_by_key(|one| one.condition.start);
            ifs.insert(code.script.file, of_script);
        }
        let extension = context.extension;
        let whole = extension.unreadable.is_empty() && extension.skipped.excluded == 0;
        let bytes = extension.files.iter().map(|file| file.bytes.as_slice()).collect();
        Unread { reads: Calls::of(reads), writes: Calls::of(writes), ifs, bytes, whole }
    }

    /// Whether nothing asks for the values of the settings whose names begin so, and they are dropped somewhere.
    pub(super) fn holds(&self, beginning: &str) -> bool {
        !beginning.is_empty()
            && self.whole
            && self.writes.below(beginning).any(|(_, code, kept)| clears(code, kept))
            && self.reads.above(beginning).next().is_none()
            && self.reads.below(beginning).all(|(_, code, read)| self.only_clears(code, *read, beginning))
    }

    /// Whether a read is the last thing that a condition asks for, and all that depends on it is that settings of that name are dropped.
    fn only_clears(&self, code: &Code<'_>, read: ExprId, beginning: &str) -> bool {
        let at = code.at(read);
        let ifs = self.ifs.get(&code.script.file).map_or(&[][..], Vec::as_slice);
        let before = ifs.partition_point(|one| one.condition.start <= at.start);
        let around = ifs[..before].iter().rev().take(MOST_IFS).find(|one| at.is_in(one.condition));
        let Some(If { condition, then, alone: true }) = around else { return false };
        let plain = |(id, kind): (ExprId, ExprKind)| match kind {
            ExprKind::Assign { .. } => !at.is_in(code.at(id)),
            ExprKind::Call { .. }
            | ExprKind::CallValue { .. }
            | ExprKind::Method { .. }
            | ExprKind::Static { .. }
            | ExprKind::New { .. } => {
                // What is asked for after it is asked for where it has a value.
                code.at(id).start < at.end
            }
            _ => true,
        };
        let dropped = code.within(*then).filter_map(|(id, _)| {
            let kept = code.kept().binary_search_by_key(&id, |kept| kept.call).ok().map(|at| &code.kept()[at])?;
            let name = name_of(code, Some(kept.name));
            (kept.keeps == Keeps::Setting && name.text().starts_with(beginning) && clears(code, kept)).then(|| code.at(id))
        });
        let dropped: Vec<Bytes> = dropped.collect();
        code.within(*condition).all(plain) && !dropped.is_empty() && self.is_nothing_else(code, *then, &dropped)
    }

    /// Whether nothing stands in a part of a script beside these calls.
    fn is_nothing_else(&self, code: &Code<'_>, part: Bytes, calls: &[Bytes]) -> bool {
        let Some(bytes) = self.bytes.get(code.script.file.0 as usize) else { return false };
        let mut at = part.start;
        let ends = calls.iter().map(|call| (call.start, call.end)).chain([(part.end, part.end)]);
        ends.into_iter().all(|(start, end)| {
            let between = bytes.get(at as usize..start as usize);
            at = end;
            between.is_some_and(|between| between.iter().all(|b| b.is_ascii_whitespace() || b"{};".contains(b)))
        })
    }
}

/// Whether a call keeps nothing: it takes away what was kept.
fn clears(code: &Code<'_>, kept: &Kept) -> bool {
    kept.value.is_some_and(|value| match code.kind(value) {
        ExprKind::Null => true,
        ExprKind::Text(text) => code.script.text(text).is_empty(),
        ExprKind::Constant(name) => code.script.text(name).eq_ignore_ascii_case("false"),
        _ => false,
    })
}

/// The argument with the name of the setting that a call reads, of a call that reads one.
#[allow(clippy::option_option, reason = "a call may read a setting by no name that is known")]
fn read(code: &Code<'_>, kind: ExprKind) -> Option<Option<ExprId>> {
    let ExprKind::Static { class, name, args } = kind else { return None };
    let script = code.script;
    let store =
        catalogue::stores_on(script.text(class), script.text(name)).iter().find(|s| s.keeps == Keeps::Setting && s.value.is_none())?;
    let args = script.args(args);
    let argument = |number: usize| args.get(number).filter(|a| !a.spread && a.name.is_none()).map(|a| a.value);
    Some(store.key.and_then(argument))
}

/// What is known of a name. Of one that is not spelled out at its start, nothing is.
fn name_of(code: &Code<'_>, name: Option<ExprId>) -> Name {
    let (text, whole) = name.map_or((String::new(), false), |name| spelled_out(code, name, MAX_DEPTH));
    if whole { Name::Whole(text) } else { Name::Begins(text) }
}

/// How the name of a setting begins, as far as the code spells it out.
pub(super) fn beginning(code: &Code<'_>, name: ExprId) -> String {
    spelled_out(code, name, MAX_DEPTH).0
}

/// How a text begins, and whether that is all of it.
fn spelled_out(code: &Code<'_>, id: ExprId, depth: usize) -> (String, bool) {
    let unknown = (String::new(), false);
    let Some(depth) = depth.checked_sub(1) else { return unknown };
    let script = code.script;
    match code.kind(id) {
        ExprKind::Text(text) => (script.text(text).to_owned(), true),
        ExprKind::Concat(list) => {
            let mut begun = String::new();
            for part in script.list(list) {
                let (text, whole) = spelled_out(code, *part, depth);
                begun.push_str(&text);
                if !whole {
                    return (begun, false);
                }
            }
            (begun, true)
        }
        ExprKind::Variable(name) => {
            let given = code.given(code.function_of(id), name);
            match (&given.values[..], &given.elements[..], &given.items[..]) {
                ([only], [], []) => spelled_out(code, *only, depth),
                _ => unknown,
            }
        }
        ExprKind::Call { name, args } if script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("sprintf") => {
            let format = script.args(args).first().map(|format| spelled_out(code, format.value, depth));
            format.map_or(unknown, |(text, _)| (text.split('%').next().unwrap_or_default().to_owned(), false))
        }
        _ => unknown,
    }
}
