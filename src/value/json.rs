//! JSON, walked through token by token. Nothing is built and nothing is written anew: what changes is noted as pieces of the text.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::document::{Base, Context};
use super::leaf::{self, Became};
use super::machine::{Machine, Member, States};
use super::splice::{self, By, Splice};
use super::trail::Step;
use super::{Collision, DEEPEST, Flaw, FlawKind, OddKind, Role, Trail};

/// An array or object that is open.
struct Frame {
    /// Where the walk is among the members.
    states: States,
    object: bool,
    /// Members so far.
    count: u64,
    /// The keys, where they may hold ids.
    keys: Option<Vec<Key>>,
}

/// A key: where it stands, and what it becomes.
type Key = (Range<usize>, Option<Vec<u8>>);

/// Walks through the document in `text`; what changes in it.
pub(super) fn walk(
    machine: &Machine,
    states: States,
    text: &[u8],
    base: Base,
    above: &Trail<'_>,
    context: &mut Context<'_>,
) -> Result<Vec<Splice>, Flaw> {
    if let Err(error) = std::str::from_utf8(text) {
        return Err(Flaw { offset: error.valid_up_to(), what: FlawKind::Encoding });
    }
    let mut walk = Walk {
        machine,
        text,
        base,
        above,
        context,
        at: 0,
        frames: Vec::with_capacity(8),
        steps: Vec::with_capacity(8),
        splices: Vec::new(),
    };
    walk.document(states)?;
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

/// Bytes that end a run of plain ones in a string.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut i = 0;
    while i < 0x20 {
        stops[i] = true;
        i += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};

impl Walk<'_, '_> {
    fn flaw<T>(&self, at: usize) -> Result<T, Flaw> {
        let what = if at >= self.text.len() { FlawKind::CutOff } else { FlawKind::Unexpected };
        Err(Flaw { offset: at.min(self.text.len()), what })
    }

    fn spaces(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn document(&mut self, states: States) -> Result<(), Flaw> {
        let mut states = states;
        loop {
            self.spaces();
            match self.text.get(self.at) {
                Some(b'{') => {
                    self.open(states, true)?;
                    self.spaces();
                    if self.text.get(self.at) != Some(&b'}') {
                        states = self.key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.open(states, false)?;
                    self.spaces();
                    if self.text.get(self.at) != Some(&b']') {
                        states = self.position();
                        continue;
                    }
                }
                _ => self.scalar(states)?,
            }
            // A value is complete, or an empty array or object is open.
            loop {
                self.spaces();
                let Some(frame) = self.frames.last() else {
                    return if self.at == self.text.len() { Ok(()) } else { self.flaw(self.at) };
                };
                match (self.text.get(self.at), frame.object) {
                    (Some(b','), object) if frame.count > 0 => {
                        self.at += 1;
                        if object {
                            self.spaces();
                            states = self.key()?;
                        } else {
                            states = self.position();
                        }
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => self.close(),
                    _ => return self.flaw(self.at),
                }
            }
        }
    }

    fn open(&mut self, states: States, object: bool) -> Result<(), Flaw> {
        if self.frames.len() == DEEPEST {
            return Err(Flaw { offset: self.at, what: FlawKind::Depth });
        }
        if states & self.machine.leafs != 0 && states & self.machine.inner == 0 {
            let whole = &self.text[self.at..];
            self.context.odd(None, self.base.range(self.at..self.at).start, OddKind::Other, whole);
        }
        let states = states & self.machine.inner;
        let keys = (object && states & self.machine.keyed != 0).then(Vec::new);
        self.frames.push(Frame { states, object, count: 0, keys });
        self.steps.push(Step::Index(0));
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        self.steps.pop();
        let Some(Frame { keys: Some(keys), .. }) = self.frames.pop() else { return };
        if keys.iter().all(|(_, after)| after.is_none()) {
            return;
        }
        let mut seen: FxHashMap<Cow<'_, [u8]>, Cow<'_, [u8]>> = FxHashMap::default();
        for (range, after) in keys {
            let before = unescaped(&self.text[range]);
            let after = after.map_or_else(|| before.clone(), Cow::Owned);
            if let Some(other) = seen.get(&after) {
                // The same key twice stays that.
                if *other != before {
                    let shown = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
                    let offset = self.base.range(self.at..self.at).start;
                    self.context.collision(Collision { key: shown(&after), before: (shown(other), shown(&before)), offset });
                }
            } else {
                seen.insert(after, before);
            }
        }
    }

    /// Goes to the next position of an array.
    fn position(&mut self) -> States {
        let Some(frame) = self.frames.last_mut() else { return 0 };
        let index = frame.count;
        frame.count += 1;
        if frame.states == 0 {
            return 0;
        }
        if let Some(step) = self.steps.last_mut() {
            *step = Step::Index(index);
        }
        self.machine.go(frame.states, Member::Position(index), |_| {})
    }

    /// Reads a key and its colon, and goes to its member.
    fn key(&mut self) -> Result<States, Flaw> {
        if self.text.get(self.at) != Some(&b'"') {
            return self.flaw(self.at);
        }
        let (range, escaped) = self.string()?;
        self.spaces();
        if self.text.get(self.at) != Some(&b':') {
            return self.flaw(self.at);
        }
        self.at += 1;
        let Some(frame) = self.frames.last_mut() else { return Ok(0) };
        frame.count += 1;
        if frame.states == 0 {
            return Ok(0);
        }
        if let Some(step) = self.steps.last_mut() {
            *step = Step::Key(range.clone());
        }
        let key = if escaped { unescaped(&self.text[range.clone()]) } else { Cow::Borrowed(&self.text[range.clone()]) };
        let mut patterns = Vec::new();
        let states = self.machine.go(frame.states, Member::Key(&key), |pattern| patterns.push(pattern));
        let mut after = None;
        if !patterns.is_empty() {
            let mut splices = Vec::new();
            match leaf::fit(patterns.into_iter(), &key) {
                super::pattern::Fit::Yes(holes) => {
                    let base = self.base.inner(range.clone(), escaped);
                    let trail = Trail { above: Some(self.above), bytes: self.text, steps: &self.steps };
                    leaf::holes_in(&holes, Role::Key, 0, base, &trail, self.context, &mut splices);
                }
                _ => self.context.odd(None, self.base.range(range.clone()).start, OddKind::Ambiguous, &key),
            }
            if !splices.is_empty() {
                after = Some(splice::apply(&key, &splices));
                self.place(splices, range.clone(), escaped);
            }
        }
        if let Some(keys) = self.frames.last_mut().and_then(|f| f.keys.as_mut()) {
            keys.push((range, after));
        }
        Ok(states)
    }

    /// Notes what changes in the text of a string, given in bytes of what the string says.
    fn place(&mut self, mut splices: Vec<Splice>, range: Range<usize>, escaped: bool) {
        if escaped {
            to_escaped(&self.text[range.clone()], &mut splices);
        }
        let placed = splices.into_iter().map(|s| Splice { range: range.start + s.range.start..range.start + s.range.end, by: s.by });
        self.splices.extend(placed);
    }

    /// Reads anything but an array or object.
    fn scalar(&mut self, states: States) -> Result<(), Flaw> {
        let start = self.at;
        match self.text.get(start) {
            Some(b'"') => {
                let (range, escaped) = self.string()?;
                if states != 0 {
                    self.at_string(states, range, escaped);
                }
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                if states & self.machine.leafs != 0 {
                    let range = start..self.at;
                    let trail = Trail { above: Some(self.above), bytes: self.text, steps: &self.steps };
                    let (leafs, text) = (LeafsAt(self.machine, states), &self.text[range.clone()]);
                    let became = leaf::number(leafs.iter(), text, range.clone(), self.base, &trail, self.context);
                    if let Some(after) = became {
                        self.splices.push(Splice { range, by: after.map_or(By::Word("null"), By::Id) });
                    }
                }
            }
            Some(b't') => self.word(b"true", states)?,
            Some(b'f') => self.word(b"false", states)?,
            Some(b'n') => self.word(b"null", states)?,
            _ => return self.flaw(start),
        }
        Ok(())
    }

    fn word(&mut self, word: &'static [u8], states: States) -> Result<(), Flaw> {
        let start = self.at;
        for byte in word {
            if self.text.get(self.at) != Some(byte) {
                return self.flaw(self.at);
            }
            self.at += 1;
        }
        if states & self.machine.leafs != 0 {
            match word {
                b"null" => self.context.null(),
                _ => self.context.odd(None, self.base.range(start..start).start, OddKind::Other, word),
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Flaw> {
        if self.text[self.at] == b'-' {
            self.at += 1;
        }
        match self.text.get(self.at) {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.flaw(self.at),
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            if !self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
                return self.flaw(self.at);
            }
            self.digits();
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.text.get(self.at) {
                self.at += 1;
            }
            if !self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
                return self.flaw(self.at);
            }
            self.digits();
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    /// Reads a string: where its text stands between the quotes, and whether there are escapes in it.
    fn string(&mut self) -> Result<(Range<usize>, bool), Flaw> {
        let start = self.at + 1;
        let (mut at, mut escaped) = (start, false);
        loop {
            // Eight bytes at once while none of them is a quote, an escape or a control character.
            while let Some(eight) = self.text.get(at..at + 8) {
                let word = u64::from_le_bytes(eight.try_into().unwrap_or_default());
                if has_stop(word) {
                    break;
                }
                at += 8;
            }
            while self.text.get(at).is_some_and(|b| !STOPS[usize::from(*b)]) {
                at += 1;
            }
            match self.text.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok((start..at, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    at = match escape(&self.text[at..]) {
                        Some((_, length)) => at + length,
                        None => return self.flaw(at),
                    };
                }
                _ => return self.flaw(at),
            }
        }
    }

    /// What stands at a spot, or lies on the way to one, is a string.
    fn at_string(&mut self, states: States, range: Range<usize>, escaped: bool) {
        let machine = self.machine;
        let raw = &self.text[range.clone()];
        let says = if escaped { unescaped(raw) } else { Cow::Borrowed(raw) };
        let base = self.base.inner(range.clone(), escaped);
        let trail = Trail { above: Some(self.above), bytes: self.text, steps: &self.steps };
        let inside = match states & machine.inner {
            0 => None,
            inner => self.context.inside(machine, inner, &says, base, &trail),
        };
        if let Some(splices) = inside {
            return self.place(splices, range, escaped);
        }
        if states & machine.leafs == 0 {
            return;
        }
        let leafs = LeafsAt(machine, states);
        let became = if escaped {
            let mut splices = Vec::new();
            let became = leaf::text(leafs.iter(), &says, 0..says.len(), base, &trail, self.context, &mut splices);
            if became == Became::Text {
                self.place(splices, range.clone(), escaped);
            }
            became
        } else {
            leaf::text(leafs.iter(), raw, range.clone(), self.base, &trail, self.context, &mut self.splices)
        };
        match became {
            Became::Text => {}
            Became::Null => self.splices.push(Splice { range: range.start - 1..range.end + 1, by: By::Word("null") }),
        }
    }
}

/// The leafs of some states, as often as they are asked for.
pub(super) struct LeafsAt<'m>(pub(super) &'m Machine, pub(super) States);

impl<'m> LeafsAt<'m> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &'m leaf::Leaf> + Clone + use<'m> {
        self.0.at(self.1)
    }
}

/// Whether one of eight bytes is a quote, a backslash or a control character.
fn has_stop(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |w: u64| w.wrapping_sub(ONES) & !w & HIGH;
    let low = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    (zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | low) != 0
}

/// The character that an escape stands for, and its bytes, from the backslash on.
fn escape(text: &[u8]) -> Option<(char, usize)> {
    let hex = |at: usize| {
        let digits = text.get(at..at + 4).filter(|d| d.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    Some(match text.get(1)? {
        b'"' => ('"', 2),
        b'\\' => ('\\', 2),
        b'/' => ('/', 2),
        b'b' => ('\u{8}', 2),
        b'f' => ('\u{c}', 2),
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'u' => match hex(2)? {
            high @ 0xd800..0xdc00 => {
                let low = text.get(6..8).filter(|e| *e == b"\\u").and_then(|_| hex(8)).filter(|low| (0xdc00..0xe000).contains(low))?;
                (char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 12)
            }
            code => (char::from_u32(code)?, 6),
        },
        _ => return None,
    })
}

/// What the text between quotes says.
fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let plain = memchr::memchr(b'\\', &raw[at..]).map_or(raw.len(), |n| at + n);
        out.extend_from_slice(&raw[at..plain]);
        at = plain;
        if at < raw.len() {
            let (c, length) = escape(&raw[at..]).unwrap_or(('\\', 1));
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            at += length;
        }
    }
    Cow::Owned(out)
}

/// Moves splices from bytes of what a text says to bytes of its escaped spelling.
fn to_escaped(raw: &[u8], splices: &mut [Splice]) {
    let (mut at, mut says) = (0, 0);
    let mut to = |target: usize| {
        while says < target && at < raw.len() {
            if raw[at] == b'\\' {
                let (c, length) = escape(&raw[at..]).unwrap_or(('\\', 1));
                says += c.len_utf8();
                at += length;
            } else {
                says += 1;
                at += 1;
            }
        }
        at
    };
    for splice in splices {
        splice.range = to(splice.range.start)..to(splice.range.end);
    }
}
