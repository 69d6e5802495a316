//! What PHP's `serialize` writes, walked through token by token, by bytes. Lengths before texts are mended where the text changes; all else stays.
//!
//! Floats, references (`r:`, `R:`), enum cases (`E:`) and the bodies of classes that serialize themselves (`C:`) are passed through as they are.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::document::{Base, Context};
use super::json::LeafsAt;
use super::leaf::{self, Became};
use super::machine::{Machine, Member, States};
use super::number;
use super::splice::{self, By, Splice};
use super::trail::Step;
use super::{Collision, DEEPEST, Flaw, FlawKind, OddKind, Role, Trail, Written};

/// An array or object that is open.
struct Frame {
    /// Where the walk is among the members.
    states: States,
    /// Members still to come.
    left: u64,
    object: bool,
    /// The keys, where they may hold ids.
    keys: Option<Vec<Key>>,
}

/// A key, as it is and as it will be.
struct Key {
    before: Name,
    after: Option<Name>,
}

/// A key as PHP's arrays know it: decimal text is a number there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Name {
    Number(i64),
    Text(Vec<u8>),
}

impl Name {
    fn of(text: &[u8], object: bool) -> Name {
        // Objects' properties are texts.
        match number::canonical(text).filter(|_| !object) {
            Some(number) => Name::Number(number),
            None => Name::Text(text.to_vec()),
        }
    }

    fn show(&self) -> String {
        match self {
            Name::Number(n) => n.to_string(),
            Name::Text(t) => String::from_utf8_lossy(t).into_owned(),
        }
    }
}

/// Whether the text begins as an array or object.
pub(super) fn begins_container(text: &[u8]) -> bool {
    matches!(text, [b'a' | b'O', b':', b'0'..=b'9', ..])
}

/// Whether the text begins as anything that PHP serializes.
pub(super) fn begins(text: &[u8]) -> bool {
    matches!(
        text,
        [b'a' | b'O' | b's' | b'S' | b'C' | b'E' | b'r' | b'R', b':', b'0'..=b'9', ..]
            | [b'i' | b'd', b':', ..]
            | [b'b', b':', b'0' | b'1', ..]
            | [b'N', b';', ..]
    )
}

/// Walks through the document in `text`; what changes in it. Bytes behind it are counted in the context.
pub(super) fn walk(
    machine: &Machine,
    states: States,
    text: &[u8],
    base: Base,
    above: &Trail<'_>,
    context: &mut Context<'_>,
) -> Result<Vec<Splice>, Flaw> {
    let mut walk = Walk {
        machine,
        text,
        base,
        above,
        context,
        at: 0,
        frames: Vec::with_capacity(8),
        steps: Vec::with_capacity(8),
        splices: Vec::with_capacity(if states == 0 { 0 } else { 16 }),
    };
    walk.document(states)?;
    walk.context.trailing += text.len() - walk.at;
    Ok(walk.splices)
}

struct Walk<'w, 'c> {
    machine: &'w Machine,
    text: &'w [u8],
    base: Base,
    above: &'w Trail<'w>,
    context: &'w mut Context<'c>,
    at: usize,
    frames: Vec<Frame>,
    /// One for each frame: the member in which the walk is.
    steps: Vec<Step>,
    splices: Vec<Splice>,
}

impl<'w> Walk<'w, '_> {
    fn flaw<T>(&self, at: usize) -> Result<T, Flaw> {
        let what = if at >= self.text.len() { FlawKind::CutOff } else { FlawKind::Unexpected };
        Err(Flaw { offset: at.min(self.text.len()), what })
    }

    fn document(&mut self, states: States) -> Result<(), Flaw> {
        let mut states = states;
        loop {
            self.value(states)?;
            loop {
                let Some(frame) = self.frames.last_mut() else { return Ok(()) };
                if frame.left > 0 {
                    frame.left -= 1;
                    states = self.key()?;
                    break;
                }
                self.expect(b'}')?;
                self.close();
            }
        }
    }

    /// Reads a value; of an array or object, its head.
    fn value(&mut self, states: States) -> Result<(), Flaw> {
        let start = self.at;
        let Some(&letter) = self.text.get(start) else { return self.flaw(start) };
        let leafs = states & self.machine.leafs;
        self.at += 1;
        match letter {
            b'i' => {
                self.expect(b':')?;
                let digits = self.integer()?;
                self.expect(b';')?;
                if leafs != 0 {
                    let trail = Trail { above: Some(self.above), bytes: self.text, steps: &self.steps };
                    let all = LeafsAt(self.machine, states);
                    let text = &self.text[digits.clone()];
                    match leaf::number(all.iter(), text, digits.clone(), self.base, &trail, self.context) {
                        Some(Some(new)) => self.splices.push(Splice { range: digits, by: By::Id(new) }),
                        Some(None) => self.splices.push(Splice { range: start..self.at, by: By::Word("N;") }),
                        None => {}
                    }
                }
                return Ok(());
            }
            b's' => {
                let (length, range) = self.text_of(b'"', b'"')?;
                self.expect(b';')?;
                if states != 0 {
                    self.at_string(states, start, length, range);
                }
                return Ok(());
            }
            b'a' => {
                self.expect(b':')?;
                return self.open(start, states, false);
            }
            b'O' => {
                self.text_of(b'"', b'"')?;
                self.expect(b':')?;
                return self.open(start, states, true);
            }
            b'N' => {
                self.expect(b';')?;
                if leafs != 0 {
                    self.context.null();
                }
                return Ok(());
            }
            b'b' => {
                self.expect(b':')?;
                match self.text.get(self.at) {
                    Some(b'0' | b'1') => self.at += 1,
                    _ => return self.flaw(self.at),
                }
                self.expect(b';')?;
            }
            b'd' => {
                self.expect(b':')?;
                self.float()?;
                self.expect(b';')?;
            }
            b'r' | b'R' => {
                self.expect(b':')?;
                self.number()?;
                self.expect(b';')?;
            }
            b'S' => {
                self.escaped_text()?;
                self.expect(b';')?;
            }
            b'E' => {
                self.text_of(b'"', b'"')?;
                self.expect(b';')?;
            }
            b'C' => {
                self.text_of(b'"', b'"')?;
                self.text_of(b'{', b'}')?;
            }
            _ => return self.flaw(start),
        }
        if leafs != 0 {
            let kind = if letter == b'd' { OddKind::Almost } else { OddKind::Other };
            self.context.odd(None, self.base.range(start..self.at).start, kind, &self.text[start..self.at]);
        }
        Ok(())
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Flaw> {
        if self.text.get(self.at) != Some(&byte) {
            return self.flaw(self.at);
        }
        self.at += 1;
        Ok(())
    }

    /// Reads an unsigned number.
    #[inline]
    fn number(&mut self) -> Result<u64, Flaw> {
        let start = self.at;
        let mut number: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.text.get(self.at) {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        match self.at - start {
            0 => self.flaw(start),
            1..=19 => Ok(number),
            // Nothing is that long, unless it begins with zeros.
            _ => Ok(self.text[start..self.at].iter().fold(0, |n: u64, d| n.saturating_mul(10).saturating_add(u64::from(d - b'0')))),
        }
    }

    /// Reads an integer: where it stands.
    #[inline]
    fn integer(&mut self) -> Result<Range<usize>, Flaw> {
        let start = self.at;
        if let Some(b'-' | b'+') = self.text.get(start) {
            self.at += 1;
        }
        self.number()?;
        Ok(start..self.at)
    }

    fn float(&mut self) -> Result<(), Flaw> {
        let (start, mut digits) = (self.at, 0);
        while let Some(byte @ (b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')) = self.text.get(self.at) {
            digits += usize::from(byte.is_ascii_digit());
            self.at += 1;
        }
        if digits > 0 {
            return Ok(());
        }
        match [&b"INF"[..], b"-INF", b"NAN"].into_iter().find(|word| self.text[start..].starts_with(word)) {
            Some(word) => {
                self.at = start + word.len();
                Ok(())
            }
            None => self.flaw(start),
        }
    }

    /// Reads `:length:`, and a text of that length between `open` and `close`: where its length stands, and itself.
    #[inline]
    fn text_of(&mut self, open: u8, close: u8) -> Result<(Range<usize>, Range<usize>), Flaw> {
        self.expect(b':')?;
        let start = self.at;
        let length = self.number()?;
        // Zeros before a length, which PHP reads, stay where it changes.
        let zeros = self.text[start..self.at - 1].iter().take_while(|b| **b == b'0').count();
        let digits = start + zeros..self.at;
        self.expect(b':')?;
        self.expect(open)?;
        let from = self.at;
        let end = usize::try_from(length).ok().and_then(|length| from.checked_add(length));
        match end.and_then(|end| Some((end, self.text.get(end)?))) {
            Some((end, byte)) if *byte == close => {
                self.at = end + 1;
                Ok((digits, from..end))
            }
            _ => Err(Flaw { offset: start, what: FlawKind::Length }),
        }
    }

    /// Reads the text of `S:`, in which `\41` is one byte.
    fn escaped_text(&mut self) -> Result<(), Flaw> {
        self.expect(b':')?;
        let length = self.number()?;
        self.expect(b':')?;
        self.expect(b'"')?;
        for _ in 0..length {
            match self.text.get(self.at) {
                Some(b'\\') if self.text.get(self.at + 1..self.at + 3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) => self.at += 3,
                Some(b'\\') | None => return self.flaw(self.at),
                Some(_) => self.at += 1,
            }
        }
        self.expect(b'"')
    }

    /// Reads the count of members and the brace behind it.
    fn open(&mut self, start: usize, states: States, object: bool) -> Result<(), Flaw> {
        let left = self.number()?;
        self.expect(b':')?;
        self.expect(b'{')?;
        if self.frames.len() == DEEPEST {
            return Err(Flaw { offset: start, what: FlawKind::Depth });
        }
        if states & self.machine.leafs != 0 && states & self.machine.inner == 0 {
            self.context.odd(None, self.base.range(start..start).start, OddKind::Other, &self.text[start..]);
        }
        let states = states & self.machine.inner;
        let keys = (states & self.machine.keyed != 0).then(Vec::new);
        self.frames.push(Frame { states, left, object, keys });
        self.steps.push(Step::Index(0));
        Ok(())
    }

    fn close(&mut self) {
        self.steps.pop();
        let Some(Frame { keys: Some(keys), .. }) = self.frames.pop() else { return };
        if keys.iter().all(|key| key.after.is_none()) {
            return;
        }
        let mut seen: FxHashMap<&Name, &Name> = FxHashMap::default();
        for Key { before, after } in &keys {
            let after = after.as_ref().unwrap_or(before);
            match seen.get(after) {
                Some(other) if *other != before => {
                    let offset = self.base.range(self.at..self.at).start;
                    self.context.collision(Collision { key: after.show(), before: (other.show(), before.show()), offset });
                }
                Some(_) => {}
                None => {
                    seen.insert(after, before);
                }
            }
        }
    }

    /// Reads a key, and goes to its member.
    fn key(&mut self) -> Result<States, Flaw> {
        let letter = self.text.get(self.at).copied();
        self.at += 1;
        match letter {
            Some(b'i') => {
                self.expect(b':')?;
                let digits = self.integer()?;
                self.expect(b';')?;
                Ok(self.number_key(digits))
            }
            Some(b's') => {
                let (length, range) = self.text_of(b'"', b'"')?;
                self.expect(b';')?;
                Ok(self.text_key(length, range))
            }
            Some(b'S') => {
                self.escaped_text()?;
                self.expect(b';')?;
                // Nobody writes such keys since PHP 6 was given up: it is on the way to nothing but what lies anywhere.
                Ok(self.frames.last().map_or(0, |f| self.machine.go(f.states, Member::Key(b"\0"), |_| {})))
            }
            _ => self.flaw(self.at - 1),
        }
    }

    fn number_key(&mut self, digits: Range<usize>) -> States {
        let Some(frame) = self.frames.last_mut().filter(|f| f.states != 0) else { return 0 };
        if let Some(step) = self.steps.last_mut() {
            *step = Step::Key(digits.clone());
        }
        let text = &self.text[digits.clone()];
        let Some(number) = number::canonical(text) else {
            return self.machine.go(frame.states, Member::Key(text), |_| {});
        };
        let mut patterns = Vec::new();
        let states = self.machine.go(frame.states, Member::Number(number), |pattern| patterns.push(pattern));
        let mut after = None;
        // All patterns that fit a number are one hole and nothing else.
        let mut tags: Vec<u32> = patterns.iter().flat_map(|p| p.tags()).collect();
        tags.dedup();
        match tags.as_slice() {
            [] => {}
            [tag] => {
                let trail = Trail { above: Some(self.above), bytes: self.text, steps: &self.steps };
                let at = self.base.range(digits.clone());
                if let Some(Some(new)) = self.context.decide(*tag, number, Written::Number, Role::Key, at, &trail) {
                    self.splices.push(Splice { range: digits, by: By::Id(new) });
                    after = Some(Name::Number(new));
                }
            }
            _ => self.context.odd(None, self.base.range(digits.clone()).start, OddKind::Ambiguous, text),
        }
        self.note(|_| Key { before: Name::Number(number), after });
        states
    }

    fn text_key(&mut self, length: Range<usize>, range: Range<usize>) -> States {
        let Some(frame) = self.frames.last_mut().filter(|f| f.states != 0) else { return 0 };
        let key = &self.text[range.clone()];
        // A protected property is called `\0*\0name`, a private one `\0class\0name`.
        let bare = match key {
            [0, rest @ ..] if frame.object => memchr::memchr(0, rest).map_or(key, |end| &rest[end + 1..]),
            _ => key,
        };
        if let Some(step) = self.steps.last_mut() {
            *step = Step::Key(range.end - bare.len()..range.end);
        }
        // The usual case: no key of this array holds an id.
        if frame.keys.is_none() {
            return self.machine.go(frame.states, Member::Key(bare), |_| {});
        }
        let mut patterns = Vec::new();
        let states = self.machine.go(frame.states, Member::Key(bare), |pattern| patterns.push(pattern));
        let mut splices = Vec::new();
        if !patterns.is_empty() {
            match leaf::fit(patterns.into_iter(), bare) {
                super::pattern::Fit::Yes(holes) => {
                    let trail = Trail { above: Some(self.above), bytes: self.text, steps: &self.steps };
                    let start = range.end - bare.len();
                    leaf::holes_in(&holes, Role::Key, start, self.base, &trail, self.context, &mut splices);
                }
                _ => self.context.odd(None, self.base.range(range.clone()).start, OddKind::Ambiguous, bare),
            }
        }
        let changed = (!splices.is_empty()).then(|| {
            let moved: Vec<Splice> =
                splices.iter().map(|s| Splice { range: s.range.start - range.start..s.range.end - range.start, by: s.by }).collect();
            splice::apply(key, &moved)
        });
        let before = Cow::Borrowed(key);
        self.note(|object| Key { before: Name::of(&before, object), after: changed.as_deref().map(|t| Name::of(t, object)) });
        self.text_changes(length, range, splices);
        states
    }

    /// Notes a key of the innermost array or object, where its keys may hold ids.
    fn note(&mut self, key: impl FnOnce(bool) -> Key) {
        if let Some(frame) = self.frames.last_mut() {
            let object = frame.object;
            if let Some(keys) = frame.keys.as_mut() {
                keys.push(key(object));
            }
        }
    }

    /// Notes what changes in a text, and its length with it.
    fn text_changes(&mut self, length: Range<usize>, range: Range<usize>, splices: Vec<Splice>) {
        let after = splice::length_after(range.len(), &splices);
        if after != range.len() {
            self.splices.push(Splice { range: length, by: By::Length(after) });
        }
        self.splices.extend(splices);
    }

    /// What stands at a spot, or lies on the way to one, is a text.
    fn at_string(&mut self, states: States, start: usize, length: Range<usize>, range: Range<usize>) {
        let machine = self.machine;
        let text = &self.text[range.clone()];
        let trail = Trail { above: Some(self.above), bytes: self.text, steps: &self.steps };
        let inside = match states & machine.inner {
            0 => None,
            inner => self.context.inside(machine, inner, text, self.base.inner(range.clone(), false), &trail),
        };
        if let Some(splices) = inside {
            let moved = |s: Splice| Splice { range: range.start + s.range.start..range.start + s.range.end, by: s.by };
            let splices = splices.into_iter().map(moved).collect();
            return self.text_changes(length, range, splices);
        }
        if states & machine.leafs == 0 {
            return;
        }
        // The length stands before the text, and is known behind it.
        let first = self.splices.len();
        self.splices.push(Splice { range: length, by: By::Length(0) });
        let leafs = LeafsAt(machine, states);
        match leaf::text(leafs.iter(), text, range.clone(), self.base, &trail, self.context, &mut self.splices) {
            Became::Text => match splice::length_after(range.len(), &self.splices[first + 1..]) {
                same if same == range.len() => drop(self.splices.remove(first)),
                after => self.splices[first].by = By::Length(after),
            },
            Became::Null => {
                self.splices.truncate(first);
                self.splices.push(Splice { range: start..self.at, by: By::Word("N;") });
            }
        }
    }
}
