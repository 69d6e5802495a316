//! Checks of single texts in a manifest: globs, patterns with `{kind}` holes, paths inside values.

use globset::GlobBuilder;

use crate::panel::Kind;
use crate::value::{self, pattern::Pattern};

/// What is wrong with a glob of paths relative to some folder.
pub(super) fn glob(glob: &str) -> Result<(), String> {
    if glob.trim().is_empty() {
        return Err("this glob is empty".into());
    }
    if glob.starts_with('/') || glob.get(1..3).is_some_and(|s| s == ":/" || s == ":\\") {
        return Err("this glob is absolute; paths are relative to their folder".into());
    }
    if glob.split(['/', '\\']).any(|part| part == "..") {
        return Err("this glob leaves its folder by `..`".into());
    }
    let built = GlobBuilder::new(glob).literal_separator(true).build();
    built.map(|_| ()).map_err(|e| format!("this is no glob: {}", e.kind()))
}

/// The kinds in the `{kind}` holes of a pattern, in the order of their holes.
pub(super) fn holes(pattern: &str) -> Result<Vec<Kind>, String> {
    let mut kinds = Vec::new();
    let mut rest = pattern;
    while let Some(open) = rest.find(['{', '}']) {
        let hole = rest[open..].strip_prefix('{').ok_or("a `}` without its `{`")?;
        let (word, after) = hole.split_once('}').ok_or("a `{` without its `}`")?;
        kinds.push(word.parse::<Kind>().map_err(|e| e.to_string())?);
        rest = after;
    }
    Ok(kinds)
}

/// A pattern's text with `*` for each hole, to be checked as a glob.
pub(super) fn without_holes(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    text + rest
}

/// The kinds in the holes of a path inside a value: `$.programs[*].id`, `$.{client}`.
pub(super) fn path(path: &str) -> Result<Vec<Kind>, String> {
    value::path::parse(path)?;
    holes(path)
}

/// The kinds in the holes of a pattern for a value, which has some.
pub(super) fn pattern(pattern: &str) -> Result<Vec<Kind>, String> {
    let kinds = holes(pattern)?;
    Pattern::parse(pattern, &|_| Some(0))?;
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (text, ok) in [("data.sqlite3", true), ("*", true), ("a/**/*.db", true), ("/etc/x", false), ("C:/x", false), ("../x", false)] {
            assert_eq!(glob(text).is_ok(), ok, "{text}");
        }
        for text in ["", "a/../b", "a[", "a\\..\\b"] {
            assert!(glob(text).is_err(), "{text}");
        }
    }

    #[test]
    fn holes_name_kinds() {
        assert_eq!(holes("a-{domain}-{client}").unwrap().len(), 2);
        assert_eq!(holes("plain").unwrap(), []);
        assert!(holes("{domian}").unwrap_err().contains("did you mean `domain`"));
        assert!(holes("{domain").is_err());
        assert!(holes("domain}").is_err());
        assert_eq!(without_holes("a-{domain}.json"), "a-*.json");
    }

    #[test]
    fn paths() {
        for text in ["$", "$.a", "$.a.b[*].c", "$[0]", "$.{client}", "$[\"a.b\"].c", "$.é", "$..id", "$.*", "$.site-{domain}"] {
            assert!(path(text).is_ok(), "{text}: {:?}", path(text));
        }
        for text in ["", "a", "$a", "$.", "$...a", "$[", "$[x]", "$.{clint"] {
            assert!(path(text).is_err(), "{text}");
        }
    }
}
