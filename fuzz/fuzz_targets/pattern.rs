//! Patterns, paths, lists and base64: the first line declares, the rest is the value. No declaration and no value makes the program stop or takes long, an id
//! that is found is spelled where it is said to be, and there and back again is where it began.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use reguid::value::pattern::{Fit, Pattern};
use reguid::value::{Spot, Spots};
use reguid_fuzz::value::{hole, round};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some(end) = data.iter().position(|b| *b == b'\n') else { return Corpus::Reject };
    let (Ok(line), value) = (std::str::from_utf8(&data[..end]), &data[end + 1..]) else { return Corpus::Reject };
    if let Ok(pattern) = Pattern::parse(line, &hole) {
        if let Fit::Yes(holes) = pattern.fit(value) {
            let mut last = 0;
            for found in &holes {
                assert!(last <= found.range.start && found.range.end <= value.len());
                assert_eq!(&value[found.range.clone()], found.id.to_string().as_bytes());
                let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
                assert!(!digit(found.range.start.checked_sub(1).and_then(|i| value.get(i))) && !digit(value.get(found.range.end)));
                last = found.range.end;
            }
            assert!(!holes.is_empty());
        }
    }
    let _ = reguid::value::path::parse(line);
    let is_document = value.trim_ascii_start().get(1) == Some(&b':');
    let tag = Some(0).filter(|_| !line.contains('{'));
    for base64 in [false, true] {
        for spot in [
            Spot { pattern: Some(line), base64, ..Spot::default() },
            Spot { path: Some(line), tag, base64, ..Spot::default() },
            Spot { separator: Some(line), tag: Some(1), base64, ..Spot::default() },
            Spot { path: Some("$..a"), pattern: Some(line), base64, ..Spot::default() },
        ] {
            // Where a list or a pattern tears PHP-serialized text apart, the proof refuses what comes out.
            if spot.path.is_none() && is_document {
                continue;
            }
            let mut spots = Spots::default();
            if spots.add(&spot, &hole).is_ok() {
                round(value, &spots, &|_| true);
            }
        }
    }
    Corpus::Keep
});
