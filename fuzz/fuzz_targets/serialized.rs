//! Ids inside PHP-serialized text: rewriting with the identity is the identity, and there and back again is where it began. Lengths are checked by a reader of
//! its own: what the rewriting leaves must be as sound as what it was given.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use reguid_fuzz::value::{behind, everywhere, round};

fuzz_target!(|data: &[u8]| -> Corpus {
    if !matches!(data, [b'a' | b'O' | b's' | b'i' | b'C' | b'E' | b'S' | b'b' | b'd' | b'r' | b'R', b':', ..] | [b'N', b';', ..]) {
        return Corpus::Reject;
    }
    round(data, &everywhere(), &|_| true);
    round(data, &behind(), &|_| true);
    Corpus::Keep
});
