//! Names of settings and files that entries are about, with `*` and holes such as `{domain}` in them.

use globset::{GlobBuilder, GlobMatcher};

use crate::panel::Kind;

/// Whether `name` fits a pattern in which `*`, and a hole such as `{domain}`, stand for any text.
#[must_use]
pub fn fits(pattern: &str, name: &[u8]) -> bool {
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['*', '{']) {
        let after = match rest[at..].strip_prefix('{') {
            Some(hole) => hole.split_once('}').map_or("", |(_, after)| after),
            None => &rest[at + 1..],
        };
        parts.push(&rest.as_bytes()[..at]);
        rest = after;
    }
    let last = rest.as_bytes();
    let Some((first, middle)) = parts.split_first() else { return name == last };
    let Some(mut name) = name.strip_prefix(*first).and_then(|n| n.strip_suffix(last)) else { return false };
    for part in middle {
        let Some(at) = memchr::memmem::find(name, part) else { return false };
        name = &name[at + part.len()..];
    }
    true
}

/// The glob of files that a pattern names, relative to the var directory: `*` stays within one folder.
///
/// # Errors
/// It is no glob.
pub fn glob(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    GlobBuilder::new(&as_glob(pattern)).literal_separator(true).build().map(|glob| glob.compile_matcher())
}

/// A pattern with `*` in the place of each hole; what stands in other braces stays.
#[must_use]
pub fn as_glob(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        let Some((word, after)) = rest[open + 1..].split_once('}') else { break };
        text.push_str(&rest[..open]);
        if word.parse::<Kind>().is_ok() {
            text.push('*');
        } else {
            text.push_str(&rest[open..rest.len() - after.len()]);
        }
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*b*c", "aXbXc", true),
            ("a*b*c", "acb", false),
            ("status-{domain}", "status-12", true),
            ("status-{domain}-x", "status-12", false),
            ("a**b", "ab", true),
        ] {
            assert_eq!(fits(pattern, name.as_bytes()), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        for (pattern, path, fits) in [
            ("*.json", "a.json", true),
            ("*.json", "queue/a.json", false),
            ("queue/{domain}.ser", "queue/5.ser", true),
            ("{a,b}.json", "b.json", true),
            ("**/x", "a/b/x", true),
        ] {
            assert_eq!(glob(pattern).unwrap().is_match(path), fits, "{pattern} {path}");
        }
    }
}
