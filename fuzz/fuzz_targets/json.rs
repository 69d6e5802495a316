//! Ids inside JSON: rewriting with the identity is the identity, there and back again is where it began, and serde reads what comes out.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use reguid_fuzz::value::{behind, everywhere, round};

fuzz_target!(|data: &[u8]| -> Corpus {
    if !matches!(data.trim_ascii_start().first(), Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) {
        return Corpus::Reject;
    }
    let sound = |text: &[u8]| {
        let mut parser = serde_json::Deserializer::from_slice(text);
        <serde::de::IgnoredAny as serde::Deserialize>::deserialize(&mut parser).and_then(|_| parser.end()).is_ok()
            && std::str::from_utf8(text).is_ok()
    };
    // What serde builds is ours to read; it builds nothing that lies deep.
    if serde_json::from_slice::<serde_json::Value>(data).is_ok() {
        assert!(sound(data));
        assert!(reguid::value::find(data, &everywhere(), &mut |_| {}).is_ok() || data.starts_with(b"N;"), "serde reads it");
    }
    round(data, &everywhere(), &|text| sound(text));
    round(data, &behind(), &|text| sound(text));
    Corpus::Keep
});
