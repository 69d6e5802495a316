//! The front matter of the rules' pages. `build.rs` compiles this file too: a page that is wrong, or has a name that is another rule's, does not build.

use std::collections::BTreeMap;

/// What every code begins with.
const PREFIX: &str = "RG";
/// The digits behind it.
const DIGITS: usize = 3;
/// The keys of the front matter.
const KEYS: [&str; 7] = ["id", "code", "aliases", "since", "severity", "confidence", "preview"];

/// A page in its parts.
#[derive(Debug)]
pub(crate) struct Front<'a> {
    /// The rule's id.
    pub(crate) id: &'a str,
    /// Its code.
    pub(crate) code: &'a str,
    /// The ids that it had before.
    pub(crate) aliases: Vec<&'a str>,
    /// The version that brought it.
    pub(crate) since: &'a str,
    /// The word for its gravest severity.
    pub(crate) severity: &'a str,
    /// The word for its lowest confidence.
    pub(crate) confidence: &'a str,
    /// Whether it is on trial.
    pub(crate) preview: bool,
    /// The heading.
    pub(crate) title: &'a str,
    /// What is below it.
    pub(crate) text: &'a str,
}

impl<'a> Front<'a> {
    /// Takes a page apart.
    ///
    /// # Errors
    /// With what is wrong in its front matter, or that it has none, or no heading.
    pub(crate) fn read(text: &'a str) -> Result<Front<'a>, String> {
        let (head, body) = text.strip_prefix("---\n").and_then(|t| t.split_once("\n---\n")).ok_or("no front matter between two `---`")?;
        let body = body.trim_start();
        let (title, body) = body.strip_prefix("# ").and_then(|b| b.split_once('\n')).ok_or("no heading below the front matter")?;
        if let Some(line) = head.lines().find(|l| !KEYS.contains(&l.split(':').next().unwrap_or(l))) {
            return Err(format!("unknown line in its front matter: {line}"));
        }
        let keys = || head.lines().map(|line| line.split(':').next().unwrap_or(line));
        if let Some(key) = KEYS.iter().find(|key| keys().filter(|k| k == *key).count() > 1) {
            return Err(format!("`{key}` twice in its front matter"));
        }
        let given = |name: &str| {
            let values = head.lines().filter_map(|line| line.split_once(':')).filter(|(key, _)| *key == name);
            values.map(|(_, value)| value.trim()).next()
        };
        let field = |name: &str| given(name).ok_or(format!("no `{name}` in its front matter"));
        let preview = match given("preview") {
            None => false,
            Some("true") => true,
            Some(other) => return Err(format!("`preview` is `true` or not there, and not `{other}`")),
        };
        Ok(Front {
            id: field("id")?,
            code: code(field("code")?)?,
            aliases: given("aliases").map(list).transpose()?.unwrap_or_default(),
            since: field("since")?,
            severity: field("severity")?,
            confidence: field("confidence")?,
            preview,
            title: title.trim(),
            text: body.trim(),
        })
    }

    /// All that the rule is called by.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        [self.id, self.code].into_iter().chain(self.aliases.iter().copied())
    }
}

fn code(text: &str) -> Result<&str, String> {
    let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit()));
    digits.map(|_| text).ok_or(format!("`{text}` is no code: a code is {PREFIX} and {DIGITS} digits"))
}

/// `[one, another]`.
fn list(text: &str) -> Result<Vec<&str>, String> {
    let inner =
        text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or(format!("`aliases` is a list in brackets, and not `{text}`"))?;
    let names: Vec<&str> = inner.split(',').map(str::trim).collect();
    if names.contains(&"") { Err("an empty name in `aliases`".to_owned()) } else { Ok(names) }
}

/// Whether no two rules have a name in common: none would know which one is meant.
///
/// # Errors
/// With the name, and the two rules.
pub(crate) fn distinct(pages: &[Front<'_>]) -> Result<(), String> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for page in pages {
        for name in page.names() {
            if let Some(other) = owners.insert(name, page.id) {
                return Err(format!("`{name}` is a name of `{other}` and of `{}`", page.id));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(head: &str) -> String {
        format!("---\n{head}\nsince: 1\nseverity: error\nconfidence: proven\n---\n# x\n\ntext\n")
    }

    #[test]
    fn a_broken_page_is_refused() {
        for (text, expected) in [
            ("# x\n", "no front matter"),
            ("---\nid: a\n---\ntext", "no heading"),
            ("---\nid: a\ncode: RG001\n---\n# x\n", "no `since`"),
            ("---\nid: a\nwhen: 1\n---\n# x\n", "unknown line in its front matter: when: 1"),
            (&page("id: a"), "no `code` in its front matter"),
            (&page("id: a\ncode: RG1"), "`RG1` is no code: a code is RG and 3 digits"),
            (&page("id: a\ncode: rg001"), "`rg001` is no code"),
            (&page("id: a\ncode: RG00x"), "`RG00x` is no code"),
            (&page("id: a\ncode: RG001\naliases: b"), "`aliases` is a list in brackets, and not `b`"),
            (&page("id: a\ncode: RG001\naliases: [b,]"), "an empty name in `aliases`"),
            (&page("id: a\ncode: RG001\npreview:maybe"), "`preview` is `true` or not there, and not `maybe`"),
            (&page("id: a\nid: b\ncode: RG001"), "`id` twice in its front matter"),
            (&page("id: a\ncode: RG001\npreview: maybe"), "`preview` is `true` or not there, and not `maybe`"),
        ] {
            let error = Front::read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn aliases_and_preview_may_be_given() {
        let text = page("id: a\ncode: RG001\naliases: [b, c-d]\npreview: true");
        let front = Front::read(&text).unwrap();
        assert_eq!(front.names().collect::<Vec<_>>(), ["a", "RG001", "b", "c-d"]);
        assert!(Front::read(&page("id: a\ncode: RG001\npreview:true")).unwrap().preview, "without a space too");
        assert!(front.preview && !Front::read(&page("id: a\ncode: RG001")).unwrap().preview);
    }

    #[test]
    fn a_name_belongs_to_one_rule() {
        for (others, expected) in [
            ("id: b\ncode: RG002", None),
            ("id: b\ncode: RG001", Some("`RG001` is a name of `a` and of `b`")),
            ("id: old\ncode: RG002", Some("`old` is a name of `a` and of `old`")),
            ("id: b\ncode: RG002\naliases: [a]", Some("`a` is a name of `a` and of `b`")),
            ("id: b\ncode: RG002\naliases: [c, c]", Some("`c` is a name of `b` and of `b`")),
        ] {
            let texts = [page("id: a\ncode: RG001\naliases: [old]"), page(others)];
            let pages: Vec<Front<'_>> = texts.iter().map(|text| Front::read(text).unwrap()).collect();
            assert_eq!(distinct(&pages).err().as_deref(), expected, "{others}");
        }
    }
}
