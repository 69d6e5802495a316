//! Settings whose values nothing asks for, but to take them away again: a note that something went wrong, which is dropped once the object is gone.
//!
//! A flag looks much the same (it is kept, tested and dropped), and is data: what the extension does depends on it. So a setting counts as unread only where
//! each test of it decides about nothing else than whether it is dropped.

use super::Context;
use super::code::{Code, Kept};
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, If};
use crate::panel::catalogue::{self, Keeps};

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

    /// Whether two names may be one.
    fn may_be(&self, other: &Name) -> bool {
        match (self, other) {
            (Name::Whole(a), Name::Whole(b)) => a == b,
            (Name::Whole(a), Name::Begins(b)) | (Name::Begins(b), Name::Whole(a)) => a.starts_with(b),
            (Name::Begins(a), Name::Begins(b)) => a.starts_with(b.as_str()) || b.starts_with(a.as_str()),
        }
    }
}

/// The calls that read and write the extension's own settings.
pub(super) struct Unread<'c, 'a> {
    reads: Vec<(&'c Code<'a>, ExprId, Name)>,
    writes: Vec<(&'c Code<'a>, Kept, Name)>,
    bytes: Vec<&'c [u8]>,
    /// Whether all of the extension was looked at.
    whole: bool,
}

impl<'c, 'a> Unread<'c, 'a> {
    pub(super) fn of(context: &'c Context<'a>) -> Unread<'c, 'a> {
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        for code in context.facts.codes() {
            let calls = (0u32..).map(ExprId).zip(&code.script.exprs).filter_map(|(id, expr)| Some((id, read(code, expr.kind)?)));
            reads.extend(calls.map(|(id, name)| (code, id, name_of(code, name))));
            let kept = code.kept().iter().filter(|kept| kept.keeps == Keeps::Setting);
            writes.extend(kept.map(|kept| (code, *kept, name_of(code, Some(kept.name)))));
        }
        let extension = context.extension;
        let whole = extension.unreadable.is_empty() && extension.skipped.excluded == 0;
        Unread { reads, writes, bytes: extension.files.iter().map(|file| file.bytes.as_slice()).collect(), whole }
    }

    /// Whether nothing asks for the values of the settings whose names begin so, and they are dropped somewhere.
    pub(super) fn holds(&self, beginning: &str) -> bool {
        let of = Name::Begins(beginning.to_owned());
        let mut clearings = self.writes.iter().filter(|(code, kept, name)| name.may_be(&of) && clears(code, kept));
        let exactly = |name: &Name| name.text().starts_with(beginning);
        !beginning.is_empty()
            && self.whole
            && clearings.any(|(_, _, name)| exactly(name))
            && self.reads.iter().filter(|(_, _, name)| name.may_be(&of)).all(|(code, read, _)| self.only_clears(code, *read, &of))
    }

    /// Whether a read is the last thing that a condition asks for, and all that depends on it is that settings of that name are dropped.
    fn only_clears(&self, code: &Code<'_>, read: ExprId, of: &Name) -> bool {
        let at = code.at(read);
        let holds = |part: Bytes| part.start <= at.start && at.end <= part.end;
        let innermost = code.script.ifs.iter().filter(|one| holds(one.condition)).min_by_key(|one| one.condition.end - one.condition.start);
        let Some(If { condition, then, alone: true }) = innermost else { return false };
        let plain = |(id, kind): (ExprId, ExprKind)| match kind {
            ExprKind::Assign { .. } => !holds(code.at(id)),
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
        let dropped = self.writes.iter().filter(|(other, kept, name)| {
            std::ptr::eq(*other, code) && name.may_be(of) && name.text().starts_with(of.text()) && clears(other, kept)
        });
        let mut dropped: Vec<Bytes> = dropped.map(|(_, kept, _)| code.at(kept.call)).filter(|call| is_in(*call, *then)).collect();
        dropped.sort_unstable_by_key(|call| call.start);
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

fn is_in(inner: Bytes, outer: Bytes) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
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
