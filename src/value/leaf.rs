//! What stands at a spot: an id, a list of ids, or a text with ids in it.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::document::{Base, Context};
use super::number;
use super::pattern::{Fit, Hole, Pattern};
use super::splice::{By, Splice};
use super::spots::{Repeats, SpotError};
use super::{Collision, OddKind, Role, Trail, Written};

/// What may stand at one spot.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaf {
    /// An id with this tag.
    pub id: Option<u32>,
    /// A list of ids.
    pub list: Option<List>,
    /// A text that fits one of these.
    pub patterns: Vec<Pattern>,
}

/// A list of ids in one text.
#[derive(Debug, Clone)]
pub(super) struct List {
    separators: Vec<u8>,
    tag: u32,
    repeats: Repeats,
}

impl List {
    pub(super) fn new(separators: &str, tag: u32, repeats: Repeats) -> Result<List, String> {
        let wrong = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | '_');
        if separators.is_empty() || separators.contains(wrong) {
            return Err("separators are characters such as `,`, `;`, `|` or a space: no letters, digits, signs or points".into());
        }
        Ok(List { separators: separators.bytes().collect(), tag, repeats })
    }
}

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    /// What the splices say.
    Text,
    /// Null, whole.
    Null,
}

impl Leaf {
    pub(super) fn is_empty(&self) -> bool {
        self.id.is_none() && self.list.is_none() && self.patterns.is_empty()
    }

    /// Adds what another declaration says of the same spot.
    pub(super) fn merge(&mut self, other: Leaf) -> Result<(), SpotError> {
        let twice = self.id.is_some() && other.id.is_some() || self.list.is_some() && other.list.is_some();
        let (lists, others) =
            (self.list.is_some() || other.list.is_some(), [&*self, &other].map(|l| l.id.is_some() || !l.patterns.is_empty()));
        if twice || lists && (others[0] || others[1]) {
            return Err(SpotError("this spot is declared twice, differently".into()));
        }
        self.id = self.id.or(other.id);
        self.list = self.list.take().or(other.list);
        self.patterns.extend(other.patterns);
        Ok(())
    }
}

/// The one tag that all of `tags` are; `Err`: they differ.
fn one(mut tags: impl Iterator<Item = u32>) -> Option<Result<u32, ()>> {
    let first = tags.next()?;
    Some(if tags.all(|t| t == first) { Ok(first) } else { Err(()) })
}

/// A number that stands at `leafs`: what it becomes, if it changes.
pub(super) fn number<'l>(
    leafs: impl Iterator<Item = &'l Leaf> + Clone,
    text: &[u8],
    range: Range<usize>,
    base: Base,
    trail: &Trail<'_>,
    context: &mut Context<'_>,
) -> Option<Option<i64>> {
    // An array of one item may have become its item.
    match one(leafs.filter_map(|l| l.id.or(l.list.as_ref().map(|l| l.tag)))) {
        Some(Ok(tag)) => match number::canonical(text) {
            Some(id) => context.decide(tag, id, Written::Number, Role::Value, base.range(range), trail),
            None => {
                context.odd(Some(tag), base.range(range).start, OddKind::Almost, text);
                None
            }
        },
        Some(Err(())) => {
            context.odd(None, base.range(range).start, OddKind::Ambiguous, text);
            None
        }
        None => {
            context.odd(None, base.range(range).start, OddKind::Other, text);
            None
        }
    }
}

/// A text that stands at `leafs`; `range` is where it stands in the document. Adds to `splices` what changes in it.
pub(super) fn text<'l>(
    leafs: impl Iterator<Item = &'l Leaf> + Clone,
    text: &[u8],
    range: Range<usize>,
    base: Base,
    trail: &Trail<'_>,
    context: &mut Context<'_>,
    splices: &mut Vec<Splice>,
) -> Became {
    let offset = base.range(range.clone()).start;
    if text.is_empty() {
        context.null();
        return Became::Text;
    }
    let tags = one(leafs.clone().filter_map(|l| l.id));
    if let (Some(tag), Some(id)) = (tags, number::canonical(text)) {
        let Ok(tag) = tag else {
            context.odd(None, offset, OddKind::Ambiguous, text);
            return Became::Text;
        };
        return match context.decide(tag, id, Written::Text, Role::Value, base.range(range.clone()), trail) {
            Some(Some(new)) => {
                splices.push(Splice { range, by: By::Id(new) });
                Became::Text
            }
            Some(None) => Became::Null,
            None => Became::Text,
        };
    }
    let mut lists = leafs.clone().filter_map(|l| l.list.as_ref());
    match (lists.next(), lists.next()) {
        (Some(list), None) => {
            items(list, text, range, base, trail, context, splices);
            return Became::Text;
        }
        (Some(_), Some(_)) => {
            context.odd(None, offset, OddKind::Ambiguous, text);
            return Became::Text;
        }
        _ => {}
    }
    match fit(leafs.flat_map(|l| &l.patterns), text) {
        Fit::Yes(holes) => holes_in(&holes, Role::Part, range.start, base, trail, context, splices),
        Fit::Ambiguous => context.odd(None, offset, OddKind::Ambiguous, text),
        Fit::No => {
            let kind = if tags.is_some() && number::almost(text) { OddKind::Almost } else { OddKind::Other };
            context.odd(tags.and_then(Result::ok), offset, kind, text);
        }
    }
    Became::Text
}

/// The ids of a text that several patterns may fit.
pub(super) fn fit<'p>(patterns: impl Iterator<Item = &'p Pattern>, text: &[u8]) -> Fit {
    let (mut all, mut whole): (Vec<Hole>, bool) = (Vec::new(), false);
    for pattern in patterns {
        match pattern.fit(text) {
            Fit::No => {}
            Fit::Ambiguous => return Fit::Ambiguous,
            Fit::Yes(holes) if all.is_empty() => (all, whole) = (holes, pattern.is_whole()),
            Fit::Yes(holes) => {
                let touches = |h: &Hole| all.iter().any(|o| o.range.start < h.range.end && h.range.start < o.range.end);
                if holes == all {
                    continue;
                }
                if whole || pattern.is_whole() || holes.iter().any(touches) {
                    return Fit::Ambiguous;
                }
                all.extend(holes);
            }
        }
    }
    all.sort_by_key(|h| h.range.start);
    if all.is_empty() { Fit::No } else { Fit::Yes(all) }
}

/// Decides over the ids in holes; `start` is where their text stands in the document.
pub(super) fn holes_in(
    holes: &[Hole],
    role: Role,
    start: usize,
    base: Base,
    trail: &Trail<'_>,
    context: &mut Context<'_>,
    splices: &mut Vec<Splice>,
) {
    for hole in holes {
        let range = start + hole.range.start..start + hole.range.end;
        if let Some(Some(new)) = context.decide(hole.tag, hole.id, Written::Text, role, base.range(range.clone()), trail) {
            splices.push(Splice { range, by: By::Id(new) });
        }
    }
}

/// The items of a list.
fn items(
    list: &List,
    text: &[u8],
    range: Range<usize>,
    base: Base,
    trail: &Trail<'_>,
    context: &mut Context<'_>,
    splices: &mut Vec<Splice>,
) {
    let first = splices.len();
    // Of each item that is an id: where it stands with the separator before it, its id before, and after.
    let mut ids: Vec<(Range<usize>, i64, Option<i64>)> = Vec::new();
    let mut start = 0;
    loop {
        let end = text[start..].iter().position(|b| list.separators.contains(b)).map_or(text.len(), |at| start + at);
        let item = text[start..end].trim_ascii();
        let at = start + text[start..end].len() - text[start..end].trim_ascii_start().len();
        let place = range.start + at..range.start + at + item.len();
        match number::canonical(item) {
            Some(id) => {
                let became = context.decide(list.tag, id, Written::Text, Role::Item, base.range(place.clone()), trail);
                match became {
                    Some(Some(new)) => splices.push(Splice { range: place, by: By::Id(new) }),
                    Some(None) => splices.push(Splice { range: place, by: By::Word("") }),
                    None => {}
                }
                ids.push((range.start + start.saturating_sub(1)..range.start + end, id, became.unwrap_or(Some(id))));
            }
            None if item.is_empty() => {}
            None => {
                let kind = if number::almost(item) { OddKind::Almost } else { OddKind::Other };
                context.odd(Some(list.tag), base.range(place).start, kind, item);
            }
        }
        if end == text.len() {
            break;
        }
        start = end + 1;
    }
    if splices.len() == first || list.repeats == Repeats::Keep {
        return;
    }
    let mut seen: FxHashMap<i64, i64> = FxHashMap::default();
    for (place, before, after) in ids {
        let Some(after) = after else { continue };
        match seen.get(&after) {
            None => {
                seen.insert(after, before);
            }
            Some(other) if *other == before => {}
            Some(other) if list.repeats == Repeats::Report => {
                let before = (other.to_string(), before.to_string());
                context.collision(Collision { key: after.to_string(), before, offset: base.range(place).end });
            }
            Some(_) => {
                splices.retain(|s| s.range.end <= place.start || s.range.start >= place.end);
                let at = splices.partition_point(|s| s.range.start < place.start);
                splices.insert(at, Splice { range: place, by: By::Word("") });
            }
        }
    }
}
