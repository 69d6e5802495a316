//! `transport-hook-incomplete`: a storage for backups that lacks methods without which no backup is stored or restored.

use super::super::hooks::{head, signature};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{ExprKind, Function, Script};
use crate::extension::source::Span;
use crate::reference::Confidence;

pub(super) static RULE: TransportHookIncomplete = TransportHookIncomplete;

/// See `rules/transport-hook-incomplete.md`.
pub(super) struct TransportHookIncomplete;

impl Rule for TransportHookIncomplete {
    fn id(&self) -> &'static str {
        "transport-hook-incomplete"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for hook in context.facts.hooks().iter().filter(|h| h.leaf && h.whole) {
            let lacks: Vec<String> =
                hook.facts().filter(|f| f.required && hook.method(&f.method).is_none()).map(|f| format!("`{}()`", f.method)).collect();
            let at = || head(context.extension, hook.script, hook.class.at, hook.class.at.start);
            if let [first, rest @ ..] = &lacks[..] {
                let missing = rest.iter().fold(first.clone(), |all, one| format!("{all}, {one}"));
                let message = format!("the backup storage `{}` lacks {missing}", hook.name());
                let help = "write what is missing: the panel's own methods store nothing and report no error".to_owned();
                findings.push(self.finding(at(), "not all that a storage needs", message, help));
            }
            for facts in hook.facts().filter(|f| f.calls_parent) {
                let Some((script, function)) = hook.method(&facts.method).filter(|(s, f)| !calls_parent(s, f)) else { continue };
                let message = format!("`{}::{}()` does not call `parent::{}()`", hook.name(), facts.method, facts.method);
                let help = format!("call `parent::{}()` first, with the same arguments: it keeps whose backups they are", facts.method);
                findings.push(self.finding(signature(context.extension, script, function), "the panel's own is not called", message, help));
            }
        }
    }
}

impl TransportHookIncomplete {
    fn finding(&self, at: Span, label: &str, message: String, help: String) -> Finding {
        Finding::of((self.id(), Severity::Warning, Confidence::Proven), message, help, vec![Location::primary(at, label)])
    }
}

/// Whether a method calls the one that it overrides.
fn calls_parent(script: &Script, function: &Function) -> bool {
    let within = script.exprs.iter().filter(|e| e.at.is_in(function.at));
    within.into_iter().any(|e| match e.kind {
        ExprKind::Static { class, name, .. } => {
            script.text(class).eq_ignore_ascii_case("parent") && script.text(name).eq_ignore_ascii_case(script.text(function.name))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::messages;
    use crate::panel::catalogue;

    const RULE: &str = "transport-hook-incomplete";

    /// A storage with all methods that it must have, but those named.
    fn storage(without: &[&str], more: &str) -> String {
        let required = catalogue::get().shared.hook.iter().filter(|h| h.required && !without.contains(&h.method.as_str()));
        let methods = required.map(|h| format!("    public function {}() {{ return f(); }}\n", h.method)).collect::<String>();
        format!("<?php\nclass Store extends pm_Hook_Backup_Transport\n{{\n{methods}{more}}}\n")
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(messages(RULE, &storage(&[], "")), Vec::<String>::new());
        let said = messages(RULE, &storage(&["stat", "readFile"], ""));
        assert_eq!(said, ["the backup storage `Store` lacks `stat()`, `readFile()`"]);
    }

    #[test]
    fn init_calls_its_parent() {
        let said = messages(RULE, &storage(&[], "    public function init($type, $id) { $this->id = $id; }\n"));
        assert_eq!(said, ["`Store::init()` does not call `parent::init()`"]);
        let calls = storage(&[], "    public function init($type, $id) { parent::init($type, $id); }\n");
        assert_eq!(messages(RULE, &calls), Vec::<String>::new());
    }

    #[test]
    fn what_is_inherited_or_unknown_counts_as_there() {
        let base = storage(&["stat"], "");
        assert_eq!(messages(RULE, &format!("{base}class Leaf extends Store {{ public function stat($p) {{ }} }}\n")), Vec::<String>::new());
        assert_eq!(messages(RULE, &storage(&["stat"], "    use Vendor\\Files;\n")), Vec::<String>::new());
    }
}
