//! Map files: what a person makes of a mapping, and hands back.

#![no_main]

use camino::Utf8Path;
use libfuzzer_sys::{Corpus, fuzz_target};
use reguid::panel::inventory::{Inventory, Origin};
use reguid::panel::map::{self, MapError, Reviewed};
use reguid::panel::mapping::Settings;
use reguid::panel::{Guid, Mapping, Object};

/// Objects before and after: of each of these kinds some with a GUID, some without, one renamed, one gone.
fn inventory(after: bool) -> Inventory {
    let mut objects = Vec::new();
    for word in ["client", "domain", "mailbox"] {
        let kind = word.parse().expect("a kind");
        for i in 1..=4i64 {
            let name = match (i, after) {
                (4, true) => continue,
                (3, true) => "renamed.example".to_owned(),
                _ => format!("{word}-{i}.example"),
            };
            let guid = Guid::parse(format!("{i:08}-1111-4111-8111-111111111111").as_bytes()).filter(|_| i != 2 && word != "mailbox");
            let id = if after { 5 - i } else { i };
            objects.push(Object { kind, id, guid, name: name.into(), parent: None, witness: [].into() });
        }
    }
    Inventory::new(Origin { source: if after { "after" } else { "before" }.into(), taken: None }, objects, Vec::new())
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((first, rest)) = data.split_first() else { return Corpus::Reject };
    let Ok(rest) = std::str::from_utf8(rest) else { return Corpus::Reject };
    let (old, new) = (inventory(false), inventory(true));
    let mut written = Vec::new();
    map::write(&old, &new, &Mapping::between(&old, &new, Settings::default()), &mut written).expect("memory can be written");
    let written = String::from_utf8(written).expect("a map is text");
    // Most inputs stand behind the states, or behind the first pairs.
    let pairs: Vec<usize> = written.match_indices("\n[[pair]]").map(|(at, _)| at + 1).collect();
    let head = if *first == 0 { "" } else { &written[..pairs[usize::from(*first) % pairs.len()]] };
    let text = format!("{head}{rest}");
    let usual = read(&text, &old, &new);
    // A table header with spaces in it is read by the parser for all of TOML. Inside of texts it would change what they say.
    let other = text.replacen("\n[[pair]]", "\n[[ pair ]]", 1);
    if !text.contains("\"\"\"") && !text.contains("'''") {
        assert_eq!(usual, read(&other, &old, &new), "{text}");
    }
    Corpus::Keep
});

/// What became of every object, and what a person decided; or the number of things that are wrong.
fn read(text: &str, old: &Inventory, new: &Inventory) -> Result<String, usize> {
    let path = Utf8Path::new("map.toml");
    let read = Reviewed::parse(path, text.to_owned()).and_then(|map| map.between(old, new, Settings::default()));
    match read {
        Ok(mapping) => {
            let mut given: Vec<_> = old.objects().iter().filter_map(|o| Some((o.kind, mapping.new_id(o.kind, o.id)?))).collect();
            given.sort_unstable();
            assert!(given.windows(2).all(|pair| pair[0] != pair[1]), "a new object is given twice");
            assert!(given.iter().all(|(kind, id)| new.get(*kind, *id).is_some()), "and it is there");
            let mut told = String::new();
            for (kind, id, outcome) in mapping.sorted() {
                told.push_str(&format!("{kind} {id} {} {:?}\n", outcome.word(), outcome.candidates()));
            }
            let decisions = mapping.map().map(|m| m.decisions.iter().map(|d| (d.line, d.told())).collect::<Vec<_>>());
            Ok(format!("{told}{decisions:?}"))
        }
        Err(error) => {
            assert!(error.to_string().starts_with("map.toml"), "{error}");
            assert!(miette::Diagnostic::help(&error).is_some(), "{error}");
            let MapError::Wrong { problems, more, .. } = &error else { panic!("{error}") };
            for (_, span) in problems {
                assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {} bytes", text.len());
                assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?} cuts a character");
            }
            Err(problems.len() + more)
        }
    }
}
