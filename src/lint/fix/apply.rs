//! Applying edits to bytes.

use super::Edit;

/// `bytes` with the edits of one file applied. They may not conflict; see [`conflict`].
#[must_use]
pub fn apply(bytes: &[u8], edits: &[&Edit]) -> Vec<u8> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    let mut result = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.range.start.min(bytes.len()), edit.range.end.min(bytes.len()));
        result.extend_from_slice(bytes.get(at..start).unwrap_or_default());
        result.extend_from_slice(edit.text.as_bytes());
        at = at.max(end);
    }
    result.extend_from_slice(bytes.get(at..).unwrap_or_default());
    result
}

/// Whether two fixes touch the same piece of a file: what one of them changes was not there when the other was made. Two insertions at one spot conflict:
/// nothing tells which comes first.
#[must_use]
pub fn conflict(one: &[Edit], other: &[Edit]) -> bool {
    let touch = |a: &Edit, b: &Edit| a.path == b.path && a.range.start <= b.range.end && b.range.start <= a.range.end;
    one.iter().any(|a| other.iter().any(|b| touch(a, b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { path: "a".into(), range: start..end, text: text.into() }
    }

    #[test]
    fn edits_are_applied_in_the_order_of_their_places() {
        let (late, early, between) = (edit(4, 7, "2"), edit(0, 3, "1"), edit(3, 3, ","));
        assert_eq!(apply(b"one two", &[&late, &early]), b"1 2");
        assert_eq!(apply(b"one two", &[&between]), b"one, two");
        assert_eq!(apply(b"", &[&edit(0, 0, "new")]), b"new");
    }

    #[test]
    fn what_touches_conflicts() {
        for (a, b, expected) in
            [(edit(0, 2, ""), edit(1, 3, ""), true), (edit(0, 2, ""), edit(2, 2, "x"), true), (edit(0, 2, ""), edit(3, 4, ""), false)]
        {
            assert_eq!(conflict(std::slice::from_ref(&a), std::slice::from_ref(&b)), expected);
            assert_eq!(conflict(&[b], &[a]), expected);
        }
        let elsewhere = Edit { path: "b".into(), ..edit(0, 2, "") };
        assert!(!conflict(&[edit(0, 2, "")], &[elsewhere]));
    }
}
