//! `hook-without-restore`: a backup hook that hands data to the backup and never takes it back.

use super::super::hooks::{HookClass, returned, signature};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{Element, ExprId, ExprKind, Function, Script};
use crate::panel::catalogue::Hook;
use crate::reference::Confidence;

pub(super) static RULE: HookWithoutRestore = HookWithoutRestore;

/// See `rules/hook-without-restore.md`.
pub(super) struct HookWithoutRestore;

impl Rule for HookWithoutRestore {
    fn id(&self) -> &'static str {
        "hook-without-restore"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        // A base class may leave it to the classes below.
        for hook in context.facts.hooks().iter().filter(|h| h.leaf && h.whole) {
            for facts in hook.facts() {
                let Some(back) = &facts.back else { continue };
                findings.extend(self.finding(context, hook, facts, back));
            }
        }
    }
}

impl HookWithoutRestore {
    fn finding(&self, context: &Context<'_>, hook: &HookClass<'_>, facts: &Hook, back: &str) -> Option<Finding> {
        let (script, gives) = hook.method(&facts.method)?;
        let taken = hook.method(back);
        if taken.is_some_and(|(_, function)| !function.body.is_empty())
            || !returned(gives).any(|value| is_data(script, gives, facts, value))
        {
            return None;
        }
        let mut locations = vec![Location::primary(signature(context.extension, script, gives), "hands data to the backup")];
        locations.extend(taken.map(|(s, f)| Location::related(signature(context.extension, s, f), "does nothing")));
        let (what, help) = match taken {
            None => (format!("and has no `{back}()`"), format!("write `{back}()`: it puts back what `{}()` gave", facts.method)),
            Some(_) => (format!("and its `{back}()` does nothing"), format!("let `{back}()` put back what `{}()` gave", facts.method)),
        };
        Some(Finding {
            rule: self.id(),
            severity: Severity::Warning,
            confidence: Confidence::Proven,
            kinds: Vec::new(),
            place: None,
            message: format!("the backup hook `{}` hands data to the backup {what}: the data never comes back", hook.name()),
            help,
            locations,
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        })
    }
}

/// Whether a hook gives something that it alone can put back: a text, or paths to be included. Not what is only left out, and not folders of the
/// webspace, which the panel restores.
fn is_data(script: &Script, function: &Function, facts: &Hook, value: ExprId) -> bool {
    match script.expr(value).kind {
        ExprKind::Array(elements) => {
            let elements = script.elements(elements);
            let is_list = elements.iter().all(|e| e.key.is_none() && !e.spread);
            let included = facts.item.into_iter().chain(facts.paths.first().copied());
            !is_list && !elements.is_empty() || included.filter_map(|n| elements.get(n)?.value).any(|v| !is_empty(script, v))
        }
        ExprKind::Null => false,
        // What the panel's own method gives is nothing.
        ExprKind::Static { class, name, .. } => {
            !script.text(class).eq_ignore_ascii_case("parent") || !script.text(name).eq_ignore_ascii_case(script.text(function.name))
        }
        _ => true,
    }
}

fn is_empty(script: &Script, value: ExprId) -> bool {
    match script.expr(value).kind {
        ExprKind::Text(text) => script.text(text).is_empty(),
        ExprKind::Null => true,
        ExprKind::Constant(name) => ["null", "false"].iter().any(|word| script.text(name).eq_ignore_ascii_case(word)),
        ExprKind::Array(elements) => script.elements(elements).iter().all(|e: &Element| e.value.is_none_or(|v| is_empty(script, v))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::messages;

    const RULE: &str = "hook-without-restore";

    fn server(body: &str) -> String {
        format!("<?php\nclass Hook extends pm_Hook_Backup_Server\n{{\n    {body}\n}}\n")
    }

    #[test]
    fn data_that_nobody_takes_back_is_told() {
        for body in [
            "public function backup() { return [json_encode(1), [], []]; }",
            "public function backup() { return array('', array('notes'), array()); }",
            "public function backup() { $all = ['x', [], []]; return $all; }",
            "public function backup() { if (1) { return ['', [], []]; } return $this->all(); }",
        ] {
            assert_eq!(messages(RULE, &server(body)).len(), 1, "{body}");
        }
        let said =
            messages(RULE, &server("public function backup() { return ['x']; }\npublic function restore($a, $b, $c, $d) { /* later */ }"));
        assert_eq!(said, ["the backup hook `Hook` hands data to the backup and its `restore()` does nothing: the data never comes back"]);
    }

    #[test]
    fn nothing_given_needs_nothing_back() {
        for body in [
            "public function postBackup() { f(); }",
            "public function backup() { return ['', [], ['cache']]; }",
            "public function backup() { return [null, [''], []]; }",
            "public function backup() { return parent::backup(); }",
            "public function backup() { }",
            "public function backup() { return ['', [], [], ['httpdocs/mine']]; }",
            "public function backup() { return ['x']; } public function restore($a, $b, $c, $d) { f($c); }",
            "use Unknown; public function backup() { return ['x']; }",
        ] {
            assert_eq!(messages(RULE, &server(body)), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn it_may_be_inherited_or_a_traits() {
        let trait_ = "trait Back { public function restore($a, $b, $c, $d) { f($c); } }";
        let base = "abstract class Base extends pm_Hook_Backup_Server { public function backup() { return ['x']; } }";
        let used = format!("<?php\n{trait_}\n{base}\nclass Hook extends Base {{ use Back; }}\n");
        assert_eq!(messages(RULE, &used), Vec::<String>::new());
        let unused = format!("<?php\n{trait_}\n{base}\nclass Hook extends Base {{ }}\n");
        assert_eq!(messages(RULE, &unused).len(), 1);
    }
}
