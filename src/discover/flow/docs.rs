//! Classes that doc comments name: `@param`, `@return`, `@var`, `@property`.
//!
//! A doc comment is believed for the class of an object, which a call on it then proves, and for nothing else.

use std::borrow::Cow;

use memchr::memmem;

use super::build::{Builder, Seed};
use super::graph::Node;
use super::label::{Key, Path, Strength, What};
use super::layer::Origin;
use crate::discover::program::Cls;
use crate::extension::php::ir::{Class, Function, Member, Script};

/// Between a doc comment and what it is about stand at most this many bytes of modifiers, types and attributes.
const MAX_GAP: u32 = 120;

impl<'a> Builder<'_, 'a> {
    /// The parameters, the result and the variables of a function.
    pub(super) fn documented_function(&mut self, function: &Function, result: Node) {
        let script = &self.program.scripts()[self.script as usize];
        if let Some(text) = function.doc.and_then(|doc| self.comment(script, doc as usize, "")) {
            for tag in tags(&text) {
                match (tag.name, tag.variable) {
                    ("return", _) => self.documented(result, &tag),
                    ("param", Some(variable)) => {
                        let Some(param) = function.params.iter().find(|p| script.text(p.name) == variable) else { continue };
                        if param.types.is_empty() || param.types.iter().all(|t| matches!(script.text(*t), "array" | "iterable")) {
                            let node = self.variable(self.name(param.name));
                            self.documented(node, &tag);
                        }
                    }
                    _ => {}
                }
            }
        }
        let first = script.comments.partition_point(|c| c.at.start < function.at.start);
        for (number, comment) in script.comments.iter().enumerate().skip(first) {
            if comment.at.start >= function.at.end {
                break;
            }
            let Some(text) = comment.doc.then(|| self.comment(script, number, "var")).flatten() else { continue };
            for tag in tags(&text).filter(|t| t.name == "var") {
                if let Some(name) = tag.variable.and_then(|v| self.program.find_written(v)) {
                    let node = self.variable(name);
                    self.documented(node, &tag);
                    for node in self.renewed(script, name) {
                        self.documented(node, &tag);
                    }
                }
            }
        }
    }

    /// The class of a property, where the comment before it names one.
    pub(super) fn documented_member(&mut self, script: &Script, class: &Class, member: &Member, node: Node) {
        if !member.types.is_empty() {
            return;
        }
        let after = script.comments.partition_point(|c| c.at.start < member.at.start);
        let Some(number) = after.checked_sub(1) else { return };
        let comment = script.comments[number];
        let between = class.properties.iter().chain(&class.constants).any(|m| comment.at.end <= m.at.start && m.at.start < member.at.start);
        let other = class.methods.iter().any(|m| {
            let at = script.function(*m).at;
            comment.at.end <= at.start && at.start < member.at.start
        });
        if !comment.doc || comment.at.start < class.at.start || member.at.start - comment.at.end > MAX_GAP || between || other {
            return;
        }
        let Some(text) = self.comment(script, number, "var") else { return };
        for tag in tags(&text).filter(|t| t.name == "var") {
            self.documented(node, &tag);
        }
    }

    /// Properties that only the comment of the class declares.
    pub(super) fn documented_properties(&mut self, script: &Script, class: &Class, cls: Cls) {
        let Some(text) = class.doc.and_then(|doc| self.comment(script, doc as usize, "property")) else { return };
        for tag in tags(&text).filter(|t| t.name.starts_with("property")) {
            if let Some(name) = tag.variable.and_then(|v| self.program.find_written(v)) {
                let node = self.member(cls, name, false);
                self.documented(node, &tag);
            }
        }
    }

    /// The text of a comment with a tag that `word` stands in. The comments of methods are those of the file around them too, and few have such a tag.
    fn comment(&self, script: &Script, number: usize, word: &str) -> Option<Cow<'a, str>> {
        let at = script.comments.get(number)?.at;
        let bytes = self.program.extension.file(script.file).bytes.get(at.start as usize..at.end as usize)?;
        let has_tag = bytes.contains(&b'@') && memmem::find(bytes, word.as_bytes()).is_some();
        has_tag.then(|| String::from_utf8_lossy(bytes))
    }

    fn documented(&mut self, node: Node, tag: &Tag<'_>) {
        for spelled in tag.types.split('|') {
            let (class, list) = element(spelled);
            let Some(what) = self.documented_label(class) else { continue };
            let path = if list { Path::of(Key::ANY) } else { Path::HERE };
            self.seeds.push(Seed { node, what, strength: Strength::Shown, path, origin: Origin::Declared });
        }
    }

    /// The label of what a comment says that a value is. Most say `string`, again and again.
    fn documented_label(&mut self, spelled: &str) -> Option<What> {
        let spelled = spelled.trim_start_matches(['\\', '?']);
        let last = spelled.rsplit('\\').next().filter(|l| !l.is_empty())?;
        if let "self" | "static" | "$this" = last {
            return self.class.map(What::Own);
        }
        if let Some(known) = self.documented.get(spelled) {
            return *known;
        }
        let what = self.documented_class(spelled, last);
        self.documented.insert(spelled.to_owned(), what);
        what
    }

    /// The class that a comment means: names in it are not resolved, so of several of the extension's classes it is none.
    fn documented_class(&mut self, spelled: &str, last: &str) -> Option<What> {
        if let Some(cls) = self.program.class_named(spelled).or_else(|| self.program.only_class_called(last)) {
            return Some(What::Own(cls));
        }
        let lower = spelled.to_ascii_lowercase();
        crate::panel::catalogue::is_class(&lower).then(|| What::Panel(self.program.intern(&lower)))
    }
}

/// A line of a doc comment.
struct Tag<'t> {
    name: &'t str,
    types: &'t str,
    variable: Option<&'t str>,
}

/// `@name Type|Type $variable`, `@name $variable Type`.
fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    text.split('@').skip(1).filter_map(|line| {
        let line = line.lines().next()?.trim_end_matches("*/");
        let mut words = line.split_whitespace();
        let name = words.next()?;
        let (first, second) = (words.next()?, words.next());
        let variable = |w: &&str| w.starts_with('$') || w.starts_with("&$");
        let bare = |w: &'_ str| -> usize { w.len() - w.trim_start_matches(['&', '$', '.']).len() };
        Some(if variable(&first) {
            Tag { name, types: second?, variable: Some(&first[bare(first)..]) }
        } else {
            Tag { name, types: first, variable: second.filter(variable).map(|v| &v[bare(v)..]) }
        })
    })
}

/// `Class[]`, `array<int, Class>`, `iterable<Class>` → `Class`, and that it is a list of them.
fn element(spelled: &str) -> (&str, bool) {
    if let Some(class) = spelled.strip_suffix("[]") {
        return (class, true);
    }
    match spelled.split_once('<') {
        Some((_, inside)) => (inside.trim_end_matches('>').rsplit(',').next().unwrap_or_default().trim(), true),
        None => (spelled, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_in_either_order() {
        let all: Vec<(String, String, Option<String>)> =
            tags("/** @param pm_Domain|null $a what\n * @var $b \\pm_Client\n * @return Foo[] */")
                .map(|t| (t.name.to_owned(), t.types.to_owned(), t.variable.map(str::to_owned)))
                .collect();
        assert_eq!(all[0], ("param".into(), "pm_Domain|null".into(), Some("a".into())));
        assert_eq!(all[1], ("var".into(), "\\pm_Client".into(), Some("b".into())));
        assert_eq!(all[2], ("return".into(), "Foo[]".into(), None));
    }

    #[test]
    fn lists_are_told_from_objects() {
        assert_eq!(element("pm_Domain[]"), ("pm_Domain", true));
        assert_eq!(element("array<int,pm_Domain>"), ("pm_Domain", true));
        assert_eq!(element("pm_Domain"), ("pm_Domain", false));
    }
}
