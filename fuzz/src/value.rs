//! What the fuzz targets demand of every value that is rewritten.

use reguid::value::proof::{Allowed, differs};
use reguid::value::{Candidates, Fate, Repeats, Spot, Spots, find, rewrite};

/// Tags for the words of holes.
pub fn hole(word: &str) -> Option<u32> {
    ["domain", "client"].iter().position(|w| *w == word).map(|i| i as u32)
}

/// Spots of every form.
pub fn everywhere() -> Spots {
    let mut spots = Spots::default();
    for (path, pattern, separator, tag) in [
        ("$..id", None, None, Some(0)),
        ("$..m.{domain}", None, None, None),
        ("$..n.x-{client}", None, None, None),
        ("$..l[*]", None, Some(",;"), Some(1)),
        ("$.p[0].q", None, None, Some(1)),
        ("$..u", Some("*/{domain}/*"), None, None),
        ("$[*]", None, None, Some(0)),
    ] {
        let spot = Spot { path: Some(path), pattern, separator, repeats: Repeats::Keep, base64: false, tag };
        spots.add(&spot, &hole).expect("the spots are sound");
        if path == "$..id" {
            spots.add(&Spot { base64: true, ..spot }, &hole).expect("the spots are sound");
        }
    }
    spots
}

/// Spots directly behind keys, for which values are passed over by another way.
pub fn behind() -> Spots {
    let mut spots = Spots::default();
    for (path, tag) in [("$..id", 0), ("$.p[0].site", 1)] {
        spots.add(&Spot { path: Some(path), tag: Some(tag), ..Spot::default() }, &hole).expect("the spots are sound");
    }
    spots
}

/// Every id moves by this and back.
const UP: i64 = 1 << 40;

/// The identity is the identity; there and back is where it began; what may be passed over holds nothing; the proof agrees. `sound` must hold of what comes out
/// if it held before.
pub fn round(value: &[u8], spots: &Spots, sound: &dyn Fn(&[u8]) -> bool) {
    let Ok(same) = rewrite(value, spots, &mut |f| Fate::Set(f.id)) else { return };
    assert_eq!(&*same.bytes, value);
    assert!(same.edits.is_empty());
    let mut ids = Vec::new();
    let found = find(value, spots, &mut |f| {
        assert!(f.offset <= value.len());
        let _ = f.path.to_string();
        ids.push(f.id);
    })
    .expect("it was read before");
    assert_eq!((found.found, ids.len() as u64), (same.found, same.found));
    if !ids.is_empty() {
        assert!(spots.may_hold_any(value, &Candidates::new(ids.iter().copied())), "it holds an id");
    }
    let up = rewrite(value, spots, &mut |f| Fate::Set(f.id.wrapping_add(UP))).expect("it was read before");
    assert_eq!(up.edits.len() as u64, up.found);
    assert!(up.edits.iter().all(|e| e.range.start <= e.range.end && e.range.end <= value.len()));
    assert!(!sound(value) || sound(&up.bytes), "{}", String::from_utf8_lossy(&up.bytes));
    let moves = |old: i64, new: Option<i64>| new == Some(old.wrapping_add(UP));
    let wrong = differs(value, &up.bytes, &Allowed { moves: &moves, base64: true, drops: false });
    assert_eq!(wrong, None, "{} {}", String::from_utf8_lossy(value), String::from_utf8_lossy(&up.bytes));
    // An id beside which digits or signs come to stand may be none any more: only where all are found again, the way back is asked for.
    let back = rewrite(&up.bytes, spots, &mut |f| Fate::Set(f.id.wrapping_sub(UP))).expect("what was written is read");
    // Digits that were spelled as escapes are written plainly.
    let escaped = value.windows(5).any(|w| w == b"\\u003" || w == b"\\u002");
    if back.found == up.found && !escaped && ids.iter().all(|id| *id >= 0 && *id < UP) {
        // Base64 that needs no filling at its end does not tell whether it would have any.
        let unfilled = |text: &[u8]| String::from_utf8_lossy(text).trim_end_matches('=').to_owned();
        assert_eq!(unfilled(&back.bytes), unfilled(value));
    }
    let _ = rewrite(value, spots, &mut |_| Fate::Null).map(|done| {
        assert!(!sound(value) || sound(&done.bytes), "{}", String::from_utf8_lossy(&done.bytes));
    });
}
