//! Patterns: text with typed holes for ids.
//!
//! `status-{domain}` is a whole text: `status-`, then an id, then nothing. `*` stands for any text: `*/id/{domain}/*` is a part of a path,
//! `*domain_id={domain}*` of a query string. An id is a whole number in its canonical spelling, never a part of a longer one: `007`, `12.5` and `12abc` hold
//! none. Beside a `*`, the text and the id are whole words: `*domain_id={domain}*` does not fit `sub_domain_id=12`. A pattern that begins and ends with `*`
//! may fit several times; all of them count. Text that fits in two ways that differ in their ids is ambiguous.

use std::ops::Range;

use super::number;

/// Steps that finding out in how many ways a text fits may take, for each byte of it.
const PATIENCE: usize = 64;

/// A pattern with at least one hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
    /// Begins and ends with `*`: it may fit several times.
    search: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Hole(u32),
    Star,
}

/// An id in a hole: the bytes where it stands, the tag of the hole, and the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Where it stands in the text.
    pub range: Range<usize>,
    /// The tag of the hole.
    pub tag: u32,
    /// The id.
    pub id: i64,
}

/// In how many ways a text fits a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// Not at all.
    No,
    /// With these ids, in their order.
    Yes(Vec<Hole>),
    /// In ways that differ in their ids.
    Ambiguous,
}

impl Pattern {
    /// Reads a pattern; `holes` gives the tag for the word in a hole.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn parse(text: &str, holes: &dyn Fn(&str) -> Option<u32>) -> Result<Pattern, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            match c {
                '{' => {
                    let (word, after) = rest[1..].split_once('}').ok_or("a `{` without its `}`")?;
                    let tag = holes(word).ok_or_else(|| format!("`{{{word}}}` is no hole that is known here"))?;
                    match pieces.last() {
                        Some(Piece::Hole(_)) => return Err(format!("nothing tells where the id before `{{{word}}}` ends")),
                        Some(Piece::Text(t)) if t.last().is_some_and(u8::is_ascii_digit) => {
                            return Err(format!("a digit before `{{{word}}}` cannot be told from the id"));
                        }
                        _ => pieces.push(Piece::Hole(tag)),
                    }
                    rest = after;
                    if rest.starts_with(|c: char| c.is_ascii_digit()) {
                        return Err(format!("a digit behind `{{{word}}}` cannot be told from the id"));
                    }
                }
                '}' => return Err("a `}` without its `{`".into()),
                '*' => {
                    if pieces.last() != Some(&Piece::Star) {
                        pieces.push(Piece::Star);
                    }
                    rest = &rest[1..];
                }
                _ => {
                    let end = rest.find(['{', '}', '*']).unwrap_or(rest.len());
                    pieces.push(Piece::Text(rest.as_bytes()[..end].to_vec()));
                    rest = &rest[end..];
                }
            }
        }
        if !pieces.iter().any(|p| matches!(p, Piece::Hole(_))) {
            return Err("the pattern has no hole for an id, such as `{domain}`".into());
        }
        let search = pieces.len() > 2 && pieces.first() == Some(&Piece::Star) && pieces.last() == Some(&Piece::Star);
        Ok(Pattern { pieces, search })
    }

    /// Whether it is about the whole text: two such patterns cannot both fit.
    pub(super) fn is_whole(&self) -> bool {
        !self.search
    }

    /// The tags of the holes.
    pub(super) fn tags(&self) -> impl Iterator<Item = u32> {
        self.pieces.iter().filter_map(|p| if let Piece::Hole(tag) = p { Some(*tag) } else { None })
    }

    /// Whether a text fits at all.
    #[must_use]
    pub fn fits(&self, text: &[u8]) -> bool {
        match self.pieces.as_slice() {
            // The usual key.
            [Piece::Hole(_)] => hole(text, 0).is_some_and(|(end, _)| end == text.len()),
            _ => self.fit(text) != Fit::No,
        }
    }

    /// The ids that stand in the holes.
    #[must_use]
    pub fn fit(&self, text: &[u8]) -> Fit {
        let mut search = Search { text, ways: Vec::new(), holes: Vec::new(), steps: text.len().saturating_mul(PATIENCE).max(1 << 12) };
        if !self.search {
            search.pieces(&self.pieces, 0);
            return match search.ways.len() {
                _ if search.steps == 0 => Fit::Ambiguous,
                0 => Fit::No,
                1 => search.ways.pop().map_or(Fit::No, |(holes, _)| Fit::Yes(holes)),
                _ => Fit::Ambiguous,
            };
        }
        let core = &self.pieces[1..self.pieces.len() - 1];
        let (mut all, mut from) = (Vec::new(), 0);
        while from < text.len() {
            let Some(start) = next_start(core, text, from) else { break };
            search.ways.clear();
            if begins_word(core, text, start) {
                search.core(core, start);
            }
            match search.ways.len() {
                _ if search.steps == 0 => return Fit::Ambiguous,
                0 => from = start + 1,
                1 => {
                    let (holes, end) = search.ways.pop().unwrap_or_default();
                    // What follows an id may begin the next one.
                    from = holes.last().map_or(end, |h: &Hole| h.range.end).max(start + 1);
                    all.extend(holes);
                }
                _ => return Fit::Ambiguous,
            }
        }
        if all.is_empty() { Fit::No } else { Fit::Yes(all) }
    }
}

/// Where the core of a pattern may begin, from `from` on.
fn next_start(core: &[Piece], text: &[u8], from: usize) -> Option<usize> {
    match core.first()? {
        Piece::Text(literal) => memchr::memmem::find(&text[from..], literal).map(|at| from + at),
        _ => text[from..].iter().position(u8::is_ascii_digit).map(|at| from + at),
    }
}

/// A byte of a word. Bytes beyond ASCII are parts of letters.
fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a word begins at `at`, for what stands behind a `*`.
fn begins_word(pieces: &[Piece], text: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| text[i]) else { return true };
    match pieces.first() {
        Some(Piece::Text(literal)) => !(word(before) && literal.first().is_some_and(|b| word(*b))),
        Some(Piece::Hole(_)) => {
            let decimal = before == b'.' && at >= 2 && text[at - 2].is_ascii_digit();
            !word(before) && before != b'-' && !decimal
        }
        _ => true,
    }
}

/// Whether a word ends at `at`, for what stands before a `*`.
fn ends_word(last: &Piece, text: &[u8], at: usize) -> bool {
    let Some(&next) = text.get(at) else { return true };
    match last {
        Piece::Text(literal) => !(word(next) && literal.last().is_some_and(|b| word(*b))),
        Piece::Hole(_) => !(word(next) || next == b'.' && text.get(at + 1).is_some_and(u8::is_ascii_digit)),
        Piece::Star => true,
    }
}

/// The id that stands at `at`: where it ends, and itself.
fn hole(text: &[u8], at: usize) -> Option<(usize, i64)> {
    let rest = text.get(at..)?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let id = number::canonical(&rest[..digits])?;
    Some((at + digits, id))
}

/// A search for the ways in which a text fits.
struct Search<'t> {
    text: &'t [u8],
    /// Ways that differ in their ids, at most two, and where each ends.
    ways: Vec<(Vec<Hole>, usize)>,
    holes: Vec<Hole>,
    /// Steps left.
    steps: usize,
}

impl Search<'_> {
    /// Fits `pieces` from `at` to the end of the text.
    fn pieces(&mut self, pieces: &[Piece], at: usize) {
        self.step(pieces, at, true);
    }

    /// Fits `pieces` from `at` on; what follows them is any text.
    fn core(&mut self, pieces: &[Piece], at: usize) {
        self.step(pieces, at, false);
    }

    fn step(&mut self, pieces: &[Piece], at: usize, to_end: bool) {
        if self.ways.len() > 1 || self.steps == 0 {
            return;
        }
        self.steps -= 1;
        let Some((piece, rest)) = pieces.split_first() else {
            if (!to_end || at == self.text.len()) && !self.ways.iter().any(|(holes, _)| *holes == self.holes) {
                self.ways.push((self.holes.clone(), at));
            }
            return;
        };
        // At the end of a core any text follows, as behind a star.
        let before_star = rest.first() == Some(&Piece::Star) || !to_end && rest.is_empty();
        match piece {
            Piece::Text(literal) => {
                let end = at + literal.len();
                if self.text.get(at..end) == Some(literal) && (!before_star || ends_word(piece, self.text, end)) {
                    self.step(rest, end, to_end);
                }
            }
            Piece::Hole(tag) => {
                if at.checked_sub(1).is_some_and(|i| self.text[i].is_ascii_digit()) {
                    return;
                }
                if let Some((end, id)) = hole(self.text, at)
                    && (!before_star || ends_word(piece, self.text, end))
                {
                    self.holes.push(Hole { range: at..end, tag: *tag, id });
                    self.step(rest, end, to_end);
                    self.holes.pop();
                }
            }
            Piece::Star if rest.is_empty() => self.step(rest, if to_end { self.text.len() } else { at }, to_end),
            Piece::Star => {
                let mut from = at;
                while from <= self.text.len() {
                    let Some(start) = next_start(rest, self.text, from) else { break };
                    if self.steps == 0 || self.ways.len() > 1 {
                        break;
                    }
                    self.steps -= 1;
                    if begins_word(rest, self.text, start) {
                        self.step(rest, start, to_end);
                    }
                    from = start + 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let tags = |word: &str| ["domain", "client"].iter().position(|w| *w == word).map(|i| u32::try_from(i).unwrap());
        Pattern::parse(text, &tags).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// The ids, each with the letter of its kind.
    fn ids(text: &str, value: &str) -> String {
        match pattern(text).fit(value.as_bytes()) {
            Fit::No => "no".into(),
            Fit::Ambiguous => "ambiguous".into(),
            Fit::Yes(holes) => {
                let show = |h: &Hole| {
                    assert_eq!(value[h.range.clone()], h.id.to_string());
                    format!("{}{}", ["d", "c"][h.tag as usize], h.id)
                };
                holes.iter().map(show).collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn holes_take_whole_canonical_numbers() {
        for (text, value, expected) in [
            ("status-{domain}", "status-12", "d12"),
            ("status-{domain}", "status-012", "no"),
            ("status-{domain}", "status-12x", "no"),
            ("status-{domain}", "xstatus-12", "no"),
            ("status-{domain}", "status-", "no"),
            ("status-{domain}", "status--5", "no"),
            ("status-{domain}", "status-99999999999999999999", "no"),
            ("status-{domain}", "status-0", "d0"),
            ("d:{domain}", "d:7", "d7"),
            ("{client}_{domain}", "3_12", "c3 d12"),
            ("{client}_{domain}", "3_12_4", "no"),
            ("d{domain}_c{client}", "d12_c7", "d12 c7"),
            ("{domain}", "12", "d12"),
            ("{domain}", "١٢", "no"),
        ] {
            assert_eq!(ids(text, value), expected, "{text} {value}");
        }
    }

    #[test]
    fn parts_of_longer_texts_are_whole_words() {
        for (text, value, expected) in [
            ("*/id/{domain}/*", "/smb/web/overview/id/12/type/x", "d12"),
            ("*/id/{domain}*", "/smb/web/overview/id/12", "d12"),
            ("*/id/{domain}*", "/smb/id/123x", "no"),
            ("*/id/{domain}*", "/smb/id/12.5", "no"),
            ("*/id/{domain}*", "/smb/id/12.", "d12"),
            ("*domain_id={domain}*", "a=1&domain_id=12&b=2", "d12"),
            ("*domain_id={domain}*", "sub_domain_id=12", "no"),
            ("*domain_id={domain}*", "domain_id=12&domain_id=13", "d12 d13"),
            ("*domain_id={domain}", "x?domain_id=12&domain_id=13", "d13"),
            ("domain_id={domain}*", "domain_id=12;", "d12"),
            ("*{domain}*", "sites 12, 13 and a14 or 15b", "d12 d13"),
            ("*{domain}*", "1.5 2,5 -7 _8 9é", "d2 d5"),
            ("*{domain}", "site 12", "d12"),
            ("*a={domain}&*", "a=1&a=2&", "d1 d2"),
        ] {
            assert_eq!(ids(text, value), expected, "{text} {value}");
        }
    }

    #[test]
    fn text_that_fits_in_two_ways_is_ambiguous() {
        assert_eq!(ids("{client}-*-{domain}", "1-2-3-4"), "c1 d4");
        assert_eq!(ids("*-{domain}-*", "a-2-x"), "d2");
        assert_eq!(ids("a*-{domain}-*", "a-2-3-4-"), "ambiguous");
        let long = "1-".repeat(20_000);
        assert_eq!(ids("{client}*-*-*-*-{domain}x", &long), "ambiguous", "and is given up in time");
    }

    #[test]
    fn patterns_that_cannot_tell_are_refused() {
        for text in ["{domain}{client}", "v2{domain}", "{domain}2", "plain", "{nope}", "{domain", "domain}", "*"] {
            assert!(Pattern::parse(text, &|w| (w == "domain" || w == "client").then_some(0)).is_err(), "{text}");
        }
    }
}
