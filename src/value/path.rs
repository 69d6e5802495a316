//! Paths inside a structured value: `$.programs[*].domain_id`, `$.{client}`, `$..id`.
//!
//! `$` is the top. `.key` and `["any key"]` are members of an object or of a PHP array, `[3]` is a position (or the key 3 of a PHP array), `[*]` and `.*`
//! are all members, `..` is any depth. A key with holes, `.{domain}` or `.site-{domain}`, means that the keys there hold ids. Where a member is a text that
//! is a document itself, the path goes on inside it.

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member with this key.
    Key(String),
    /// The member at this position.
    Index(u32),
    /// All members.
    Any,
    /// All members at any depth, and the value itself: `..`.
    Deep,
    /// The members whose keys fit this pattern with holes.
    Keys(String),
}

/// The steps of a path.
///
/// # Errors
/// What is wrong with it, for a person.
pub fn parse(path: &str) -> Result<Vec<Step>, String> {
    let mut rest = path.strip_prefix('$').ok_or("a path inside a value begins with `$`")?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        rest = match rest.as_bytes()[0] {
            b'.' => {
                let (deep, after) = rest[1..].strip_prefix('.').map_or((false, &rest[1..]), |after| (true, after));
                if deep {
                    steps.push(Step::Deep);
                }
                if deep && after.starts_with('[') {
                    rest = after;
                    continue;
                }
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let key = &after[..end];
                steps.push(match key {
                    "" => return Err("this path has an empty step".into()),
                    "*" => Step::Any,
                    _ if key.contains(['{', '}']) => Step::Keys(key.to_owned()),
                    _ => Step::Key(key.to_owned()),
                });
                &after[end..]
            }
            b'[' => bracket(&rest[1..], &mut steps)?,
            _ => return Err("a step of a path is `.key`, `..key`, `[*]`, a position or a quoted key".into()),
        };
    }
    Ok(steps)
}

/// The step behind a `[`, and what follows it.
fn bracket<'p>(rest: &'p str, steps: &mut Vec<Step>) -> Result<&'p str, String> {
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut key = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => key.push(chars.next().ok_or("a `[` without its `]`")?.1),
                '"' => {
                    steps.push(Step::Key(key));
                    return quoted[at + 1..].strip_prefix(']').ok_or_else(|| "a `[` without its `]`".into());
                }
                c => key.push(c),
            }
        }
        return Err("a `[` without its `]`".into());
    }
    let (inside, after) = rest.split_once(']').ok_or("a `[` without its `]`")?;
    steps.push(match inside {
        "*" => Step::Any,
        _ if inside.starts_with('{') => Step::Keys(inside.to_owned()),
        _ => Step::Index(inside.parse().map_err(|_| format!("`[{inside}]` is neither `[*]` nor a position nor a quoted key"))?),
    });
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_step_is_read() {
        use Step::{Any, Deep, Index, Key, Keys};
        let key = |k: &str| Key(k.to_owned());
        for (path, steps) in [
            ("$", vec![]),
            ("$.a[*].b", vec![key("a"), Any, key("b")]),
            ("$..id", vec![Deep, key("id")]),
            ("$..[*]", vec![Deep, Any]),
            ("$.*.x", vec![Any, key("x")]),
            ("$[3][\"a.b]\\\"\"]", vec![Index(3), key("a.b]\"")]),
            ("$.{domain}", vec![Keys("{domain}".into())]),
            ("$[{domain}].é", vec![Keys("{domain}".into()), key("é")]),
            ("$.x.site-{domain}", vec![key("x"), Keys("site-{domain}".into())]),
        ] {
            assert_eq!(parse(path), Ok(steps), "{path}");
        }
        for path in ["", "a", "$a", "$.", "$..", "$.a.", "$[", "$[x]", "$[\"a]", "$[-1]", "$...a", "$[\"a\""] {
            assert!(parse(path).is_err(), "{path}: {:?}", parse(path));
        }
    }
}
