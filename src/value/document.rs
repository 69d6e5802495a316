//! A whole value: what form it has, and what a walk through it gathers.

use std::borrow::Cow;
use std::ops::Range;

use super::leaf::{self, Became};
use super::machine::{Machine, States};
use super::splice::{self, By, Splice};
use super::spots::{Group, Spots};
use super::{
    Collision, Edit, Fate, Flaw, FlawKind, Form, Found, LARGEST, Odd, OddKind, Odds, Rewritten, Role, Trail, Written, base64, json,
    serialized,
};

/// Documents that may lie in texts of one another.
const LAYERS: usize = 8;
/// Bytes of a sample.
const SAMPLE: usize = 64;
/// Collisions that are listed.
const COLLISIONS: usize = 20;

/// Where a document lies in the value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Base {
    /// It begins at this byte.
    At(usize),
    /// It is what the text in these bytes says: base64, or text with escapes.
    Within(usize, usize),
}

impl Base {
    /// Where bytes of the document lie in the value.
    pub(super) fn range(self, range: Range<usize>) -> Range<usize> {
        match self {
            Base::At(start) => start + range.start..start + range.end,
            Base::Within(start, end) => start..end,
        }
    }

    /// Where a text of the document lies; with escapes, if it is not as it stands there.
    pub(super) fn inner(self, range: Range<usize>, escaped: bool) -> Base {
        match (self, escaped) {
            (Base::At(start), false) => Base::At(start + range.start),
            (Base::At(_), true) => {
                let range = self.range(range);
                Base::Within(range.start, range.end)
            }
            (within, _) => within,
        }
    }
}

/// What a walk gathers.
pub(super) struct Context<'c> {
    decide: &'c mut dyn FnMut(&Found<'_>) -> Fate,
    edits: Vec<Edit>,
    found: u64,
    odd: Odds,
    collisions: Vec<Collision>,
    not_nulled: u64,
    pub(super) trailing: usize,
    layers: usize,
}

impl Context<'_> {
    /// Asks about an id; what it becomes, if it changes.
    pub(super) fn decide(
        &mut self,
        tag: u32,
        id: i64,
        written: Written,
        role: Role,
        range: Range<usize>,
        trail: &Trail<'_>,
    ) -> Option<Option<i64>> {
        self.found += 1;
        let after = match (self.decide)(&Found { tag, id, written, role, offset: range.start, path: trail }) {
            Fate::Keep => return None,
            Fate::Set(new) if new == id => return None,
            Fate::Set(new) => Some(new),
            Fate::Null if role.takes_null() => None,
            Fate::Null => {
                self.not_nulled += 1;
                return None;
            }
        };
        self.edits.push(Edit { tag, range, before: id, after, role, written });
        Some(after)
    }

    /// Notes null at a spot.
    pub(super) fn null(&mut self) {
        self.odd.null += 1;
    }

    /// Notes what is no id.
    pub(super) fn odd(&mut self, tag: Option<u32>, offset: usize, what: OddKind, text: &[u8]) {
        let count = match what {
            OddKind::Almost => &mut self.odd.almost,
            OddKind::Ambiguous => &mut self.odd.ambiguous,
            OddKind::Unparsable => &mut self.odd.unparsable,
            OddKind::Other => &mut self.odd.other,
        };
        *count += 1;
        if self.odd.samples.len() < Odds::KEPT {
            let shown = text.len().min(SAMPLE);
            let more = if shown < text.len() { "…" } else { "" };
            let text = format!("{}{more}", String::from_utf8_lossy(&text[..shown]));
            self.odd.samples.push(Odd { tag, offset, what, text });
        }
    }

    /// Notes keys or items that would be the same.
    pub(super) fn collision(&mut self, collision: Collision) {
        if self.collisions.len() < COLLISIONS {
            self.collisions.push(collision);
        }
    }

    /// Goes on in a text of a document where a path leads further, if it is a document itself. What changes in it, in its own bytes.
    pub(super) fn inside(&mut self, machine: &Machine, states: States, text: &[u8], base: Base, trail: &Trail<'_>) -> Option<Vec<Splice>> {
        let form = container(text)?;
        let read = |context: &mut Context<'_>, states, trail: &Trail<'_>| match form {
            Form::Serialized => serialized::walk(machine, states, text, base, trail, context),
            _ => json::walk(machine, states, text, base, trail, context),
        };
        // Nobody is asked about ids of what is no document after all.
        let sound = self.layers < LAYERS && {
            let mut nobody = |_: &Found<'_>| Fate::Keep;
            let mut look = Context::new(&mut nobody);
            read(&mut look, 0, trail).is_ok() && look.trailing == 0
        };
        if !sound {
            self.odd(None, base.range(0..0).start, OddKind::Unparsable, text);
            return Some(Vec::new());
        }
        self.layers += 1;
        let splices = read(self, states, trail);
        self.layers -= 1;
        Some(splices.unwrap_or_default())
    }

    fn new(decide: &mut dyn FnMut(&Found<'_>) -> Fate) -> Context<'_> {
        Context { decide, edits: Vec::new(), found: 0, odd: Odds::default(), collisions: Vec::new(), not_nulled: 0, trailing: 0, layers: 0 }
    }
}

/// The form of an array or object, if the text begins as one.
pub(super) fn container(text: &[u8]) -> Option<Form> {
    match text.trim_ascii_start().first()? {
        b'{' | b'[' => Some(Form::Json),
        _ if serialized::begins_container(text) => Some(Form::Serialized),
        _ => None,
    }
}

/// The form of any document, if the text begins as one.
fn document(text: &[u8]) -> Option<Form> {
    if serialized::begins(text) {
        return Some(Form::Serialized);
    }
    match text.trim_ascii_start().first()? {
        b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Some(Form::Json),
        _ => None,
    }
}

pub(super) fn rewrite<'v>(value: &'v [u8], spots: &Spots, decide: &mut dyn FnMut(&Found<'_>) -> Fate) -> Result<Rewritten<'v>, Flaw> {
    if value.len() > LARGEST {
        return Err(Flaw { offset: LARGEST, what: FlawKind::TooLarge });
    }
    let mut context = Context::new(decide);
    let (mut bytes, mut form) = (Cow::Borrowed(value), Form::Empty);
    if !value.trim_ascii().is_empty() {
        let coded = if spots.coded.is_empty() { None } else { base64::decode(value) };
        // A word may look like base64 and be none.
        let coded = coded.filter(|(text, _)| spots.plain.is_empty() || document(text).is_some());
        match coded {
            Some((text, alphabet)) => {
                let (splices, its) = group(&spots.coded, &text, Base::Within(0, value.len()), &mut context)?;
                form = its;
                if !splices.is_empty() {
                    bytes = Cow::Owned(base64::encode(&splice::apply(&text, &splices), alphabet));
                }
            }
            None if spots.plain.is_empty() && !spots.coded.is_empty() => return Err(Flaw { offset: 0, what: FlawKind::NotBase64 }),
            None => {
                let (splices, its) = group(&spots.plain, value, Base::At(0), &mut context)?;
                form = its;
                if !splices.is_empty() {
                    bytes = Cow::Owned(splice::apply(value, &splices));
                }
            }
        }
    }
    let Context { edits, found, odd, collisions, not_nulled, trailing, .. } = context;
    Ok(Rewritten { bytes, form, edits, found, odd, collisions, not_nulled, trailing })
}

/// Walks through a value, or through what its base64 says.
fn group(group: &Group, text: &[u8], base: Base, context: &mut Context<'_>) -> Result<(Vec<Splice>, Form), Flaw> {
    let machine = &group.inside;
    let form = if machine.is_empty() {
        None
    } else if group.whole.is_empty() {
        document(text)
    } else {
        container(text)
    };
    match form {
        Some(Form::Serialized) => Ok((serialized::walk(machine, machine.start, text, base, &Trail::TOP, context)?, Form::Serialized)),
        Some(_) => Ok((json::walk(machine, machine.start, text, base, &Trail::TOP, context)?, Form::Json)),
        None if group.whole.is_empty() => Err(Flaw { offset: 0, what: FlawKind::NoDocument }),
        None => {
            let mut splices = Vec::new();
            let became = leaf::text(std::iter::once(&group.whole), text, 0..text.len(), base, &Trail::TOP, context, &mut splices);
            if became == Became::Null {
                splices.push(Splice { range: 0..text.len(), by: By::Word("") });
            }
            Ok((splices, Form::Text))
        }
    }
}
