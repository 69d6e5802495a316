//! `reguid: ignore[rule, …] reason` and `reguid: expect[rule, …] reason` in comments: of a line so, of a file as `ignore-file`, of the lines between two
//! comments as `ignore-start` and `ignore-end`.
//!
//! Files are searched as bytes, not by a PHP or SQL grammar: DDL stands in PHP strings too, and there an SQL comment is the only one that can stand
//! beside a column.

use std::ops::RangeInclusive;

use memchr::memmem;

use crate::extension::Extension;
use crate::extension::source::{FileId, SourceFile, Span, replace_invalid};
use crate::lint::names;

/// What a directive begins with, after the comment's mark.
const MARK: &[u8] = b"reguid:";
/// The words after it.
const WORDS: [&str; 2] = ["ignore", EXPECT];
/// The word that says that the finding must be there.
const EXPECT: &str = "expect";
/// What follows on one of [`WORDS`].
const REACHES: [(&str, Reach); 4] = [("", Reach::Line), ("-file", Reach::File), ("-start", Reach::Start), ("-end", Reach::End)];
/// Words as similar to one of [`WORDS`] as this were meant to be it.
const SIMILAR: f64 = 0.8;

/// How far a directive reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Its own line and the one below.
    Line,
    /// All of its file.
    File,
    /// Up to the directive that ends it.
    Start,
    /// It ends another one.
    End,
}

/// A directive in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directive {
    /// All of it.
    pub(crate) at: Span,
    /// Whether the findings that it suppresses must be there.
    pub(crate) expected: bool,
    /// The rules that it names, as it names them, each with its place.
    pub(crate) rules: Vec<(String, Span)>,
    /// Why. Not empty, unless that is its flaw.
    pub(crate) reason: String,
    /// How far it reaches.
    pub(crate) reach: Reach,
    /// The lines (from 0) whose findings it suppresses, where it speaks of lines.
    pub(crate) lines: Vec<usize>,
    /// The lines (from 0) between which it does so, where it speaks of a file or a block.
    pub(crate) block: Option<RangeInclusive<usize>>,
    /// The directive that ends its block.
    pub(crate) ended_by: Option<Span>,
    /// What is wrong with it. A flawed directive suppresses nothing.
    pub(crate) flaw: Option<Flaw>,
}

/// What is wrong with a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is not spelt as one.
    Malformed,
    /// It names no rule.
    NoRule,
    /// It names a rule that does not exist.
    UnknownRule {
        /// The name.
        name: String,
        /// Where.
        at: Span,
    },
    /// It gives no reason.
    NoReason,
    /// It begins a block, and nothing ends that.
    NoEnd,
    /// It ends a block that nothing begins.
    NoStart,
}

/// All directives of an extension's files.
pub(crate) fn scan(extension: &Extension) -> Vec<Directive> {
    let mark = memmem::Finder::new(MARK);
    let mut directives = Vec::new();
    for (number, file) in extension.files.iter().enumerate() {
        let id = FileId(u32::try_from(number).expect("an extension has fewer than 2^32 files"));
        let mut found: Vec<(usize, Directive)> =
            mark.find_iter(&file.bytes).filter_map(|at| Some((file.line_of(offset(at)), read(id, file, at)?))).collect();
        // Directives may be stacked: the line that one speaks of is the next one without a directive.
        let mut below: Option<(usize, usize)> = None;
        for (line, directive) in found.iter_mut().rev() {
            let target = match below {
                Some((next, target)) if next <= *line + 1 => target,
                _ => *line + 1,
            };
            below = Some((*line, target));
            match directive.reach {
                Reach::Line => directive.lines = vec![*line, target],
                Reach::File => directive.block = Some(0..=usize::MAX),
                Reach::Start | Reach::End => {}
            }
        }
        pair(&mut found);
        directives.extend(found.into_iter().map(|(_, directive)| directive));
    }
    directives
}

/// Gives each beginning of a block its end: the next one of the same word and the same rules that ends no later beginning.
fn pair(found: &mut [(usize, Directive)]) {
    let mut open: Vec<usize> = Vec::new();
    // A rule is the same by whichever of its names; what is no rule is the same as itself.
    let rules = |of: &Directive| of.rules.iter().map(|(name, _)| names::id(name).map_or(name.clone(), str::to_owned)).collect();
    let speaks: Vec<(bool, Vec<String>)> = found.iter().map(|(_, directive)| (directive.expected, rules(directive))).collect();
    for at in 0..found.len() {
        match found[at].1.reach {
            Reach::Start => open.push(at),
            Reach::End => match open.iter().rposition(|start| speaks[*start] == speaks[at]) {
                Some(last) => {
                    let (start, end) = (open.remove(last), (found[at].0, found[at].1.at));
                    let (line, directive) = &mut found[start];
                    directive.block = Some(*line..=end.0);
                    directive.ended_by = Some(end.1);
                }
                None => {
                    found[at].1.flaw.get_or_insert(Flaw::NoStart);
                }
            },
            Reach::Line | Reach::File => {}
        }
    }
    for start in open {
        found[start].1.flaw.get_or_insert(Flaw::NoEnd);
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The directive whose mark stands at byte `mark`, if it is one.
fn read(id: FileId, file: &SourceFile, mark: usize) -> Option<Directive> {
    let number = file.line_of(offset(mark));
    let start = file.line_starts()[number] as usize;
    let line = file.line(number);
    if !follows_comment_mark(line.get(..mark - start)?) {
        return None;
    }
    let text = replace_invalid(line.get(mark - start + MARK.len()..)?);
    let body = without_end(&text);
    let after = body.trim_start();
    let word_length = after.find(|c: char| !c.is_ascii_alphabetic() && c != '-').unwrap_or(after.len());
    let (whole, rest) = after.split_at(word_length);
    let (word, far) = whole.split_at(whole.find('-').unwrap_or(whole.len()));
    if WORDS.iter().all(|known| strsim::jaro_winkler(word, known) < SIMILAR) {
        return None; // Prose about reguid.
    }
    let at = Span::new(id, offset(mark), offset(mark + MARK.len() + body.trim_end().len()));
    let reach = REACHES.iter().find(|(known, _)| *known == far).map(|(_, reach)| *reach);
    let mut directive = Directive {
        at,
        expected: word == EXPECT,
        rules: Vec::new(),
        reason: String::new(),
        reach: reach.unwrap_or(Reach::Line),
        lines: Vec::new(),
        block: None,
        ended_by: None,
        flaw: None,
    };
    let list = rest.trim_start().strip_prefix('[').and_then(|r| r.split_once(']'));
    let Some((list, reason)) = list.filter(|_| WORDS.contains(&word) && reach.is_some()) else {
        directive.flaw = Some(Flaw::Malformed);
        return Some(directive);
    };
    let list_start = mark + MARK.len() + (list.as_ptr() as usize - body.as_ptr() as usize);
    let mut from = 0;
    for name in list.split(',') {
        let trimmed = name.trim();
        let begin = list_start + from + (name.len() - name.trim_start().len());
        from += name.len() + 1;
        if !trimmed.is_empty() {
            directive.rules.push((trimmed.to_owned(), Span::new(id, offset(begin), offset(begin + trimmed.len()))));
        }
    }
    directive.reason = reason.trim().trim_start_matches([':', '-', '—']).trim().to_owned();
    directive.flaw = flaw(&directive);
    Some(directive)
}

fn flaw(directive: &Directive) -> Option<Flaw> {
    if directive.rules.is_empty() {
        return Some(Flaw::NoRule);
    }
    if let Some((name, at)) = directive.rules.iter().find(|(name, _)| names::id(name).is_none()) {
        return Some(Flaw::UnknownRule { name: name.clone(), at: *at });
    }
    (directive.reach != Reach::End && !directive.reason.contains(char::is_alphanumeric)).then_some(Flaw::NoReason)
}

/// Whether `before` ends with the mark of a comment: `//`, `#`, `--`, `/*`, or the star of a comment's further line.
fn follows_comment_mark(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let starred = before.trim_ascii() == b"*";
    starred || [&b"//"[..], b"#", b"--", b"/*", b"/**"].iter().any(|mark| before.ends_with(mark))
}

/// `text` up to the end of its comment.
fn without_end(text: &str) -> &str {
    let end = ["*/", "?>", "-->"].iter().filter_map(|mark| text.find(mark)).min();
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::files;

    fn scanned(text: &str) -> Vec<Directive> {
        scan(&files(&[("a.php", text.as_bytes())]))
    }

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("// reguid: ignore[raw-id-column] a cache", Some(None)),
            ("# reguid:ignore[raw-id-column]: a cache", Some(None)),
            ("$a = 1; /* reguid: ignore [ raw-id-column ] a cache */ $b = 2;", Some(None)),
            ("-- reguid: ignore[raw-id-column, unused-suppression] a cache", Some(None)),
            (" * reguid: ignore[raw-id-column] a cache", Some(None)),
            ("/** reguid: ignore[raw-id-column] a cache */", Some(None)),
            ("// reguid: ignore[raw-id-column]", Some(Some(Flaw::NoReason))),
            ("/* reguid: ignore[raw-id-column] -- */", Some(Some(Flaw::NoReason))),
            ("// reguid: ignore[] a cache", Some(Some(Flaw::NoRule))),
            ("// reguid: ignore raw-id-column a cache", Some(Some(Flaw::Malformed))),
            ("// reguid: ignored[raw-id-column] a cache", Some(Some(Flaw::Malformed))),
            ("<!-- reguid: ignore[raw-id-column] a cache -->", Some(None)),
            ("<!-- reguid: ignore[raw-id-column] -->", Some(Some(Flaw::NoReason))),
            ("// reguid: ignore-file[raw-id-column] a cache", Some(None)),
            ("// reguid: expect-file[raw-id-column] a cache", Some(None)),
            ("// reguid: ignore-file[raw-id-column]", Some(Some(Flaw::NoReason))),
            ("// reguid: ignore-files[raw-id-column] a cache", Some(Some(Flaw::Malformed))),
            ("// reguid: ignore-start[raw-id-column] a cache", Some(Some(Flaw::NoEnd))),
            ("// reguid: ignore-end[raw-id-column]", Some(Some(Flaw::NoStart))),
            ("// reguid: ignore-start[raw-id-column] a cache\n// reguid: ignore-end[raw-id-column]", Some(None)),
            ("// reguid: ignore-start[raw-id-column] a cache\n// reguid: ignore-end[raw-id-in-file]", Some(Some(Flaw::NoEnd))),
            ("// reguid: ignore-start[raw-id-column] a cache\n// reguid: expect-end[raw-id-column]", Some(Some(Flaw::NoEnd))),
            ("// reguid: expect[raw-id-column] a cache", Some(None)),
            ("// reguid: ignore[RG001, raw-id-in-file] a cache", Some(None)),
            ("// reguid: ignore[RG001]", Some(Some(Flaw::NoReason))),
            ("// reguid: ignore-start[RG001] a cache\n// reguid: ignore-end[raw-id-column]", Some(None)),
            ("// reguid: ignore-start[RG001] a cache\n// reguid: ignore-end[RG002]", Some(Some(Flaw::NoEnd))),
            ("// reguid: expect[raw-id-column]", Some(Some(Flaw::NoReason))),
            ("// reguid: expects[raw-id-column] a cache", Some(Some(Flaw::Malformed))),
            ("// reguid: ignore[raw-id-column a cache", Some(Some(Flaw::Malformed))),
            ("// reguid: a tool for restored data", None),
            ("$tool = 'reguid: ignore[raw-id-column] a cache';", None),
            ("// see reguid: ignore[raw-id-column]", None),
        ] {
            let found = scanned(text);
            assert_eq!(found.first().map(|d| d.flaw.clone()), expected, "{text}");
        }
    }

    #[test]
    fn names_have_their_places() {
        let found = scanned("x\n# reguid: ignore[raw-id-column,  unused-suppression] r");
        let names: Vec<(&str, u32, u32)> = found[0].rules.iter().map(|(n, s)| (n.as_str(), s.start, s.end)).collect();
        assert_eq!(names, [("raw-id-column", 19, 32), ("unused-suppression", 35, 53)]);
        for unknown in ["nope", "RG000", "rg001", "all"] {
            let flaw = &scanned(&format!("// reguid: ignore[{unknown}] r"))[0].flaw;
            assert!(matches!(flaw, Some(Flaw::UnknownRule { name, .. }) if name == unknown), "{unknown}");
        }
    }

    #[test]
    fn stacked_directives_speak_of_the_same_line() {
        let found = scanned("// reguid: ignore[raw-id-column] a\n// reguid: ignore[bad-suppression] b\ncode\n");
        assert_eq!(found.iter().map(|d| d.lines.clone()).collect::<Vec<_>>(), [[0, 2], [1, 2]]);
        let found = scanned(
            "/* reguid: ignore[raw-id-column] a */ /* reguid: ignore[bad-suppression] b */\ncode\n// reguid: ignore[raw-id-column] c",
        );
        assert_eq!(found.iter().map(|d| d.lines.clone()).collect::<Vec<_>>(), [[0, 1], [0, 1], [2, 3]]);
    }

    #[test]
    fn blocks_may_stand_in_each_other() {
        let [start, end] = ["// reguid: ignore-start[raw-id-column] a\n", "// reguid: ignore-end[raw-id-column]\n"];
        let found = scanned(&[start, "1\n", start, "3\n", end, "5\n", end, "7\n", start, end].concat());
        let blocks: Vec<_> = found.iter().filter_map(|d| d.block.clone()).collect();
        assert_eq!(blocks, [0..=6, 2..=4, 8..=9]);
        assert!(found.iter().all(|d| d.flaw.is_none()), "{found:?}");
    }

    #[test]
    fn invalid_bytes_move_no_place() {
        let text = b"\xff\xfe // reguid: ignore[raw-id-\xffcolumn, \xe9, bad-suppression] \xff reason";
        let found = scan(&files(&[("a.php", text)]));
        assert!(matches!(found[0].flaw, Some(Flaw::UnknownRule { .. })));
        assert_eq!(found[0].at.end as usize, text.len());
        let places = found[0].rules.iter().map(|(_, at)| &text[at.start as usize..at.end as usize]);
        assert_eq!(places.collect::<Vec<_>>(), [&b"raw-id-\xffcolumn"[..], b"\xe9", b"bad-suppression"]);
    }
}
