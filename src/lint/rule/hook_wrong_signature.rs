//! `hook-wrong-signature`: a method of a backup hook that is declared otherwise than the panel calls it.

use super::super::fix::{Change, Edit, Fix, Safety};
use super::super::hooks::{HookClass, signature, span};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{Function, FunctionKind, Param, Script};
use crate::extension::source::Span;
use crate::panel::catalogue::{self, Hook};
use crate::reference::Confidence;

pub(super) static RULE: HookWrongSignature = HookWrongSignature;

/// See `rules/hook-wrong-signature.md`.
pub(super) struct HookWrongSignature;

impl Rule for HookWrongSignature {
    fn id(&self) -> &'static str {
        "hook-wrong-signature"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        each(context, |hook, function, facts, arguments| {
            let Some(wrong) = judge(hook.script, function, facts, arguments) else { return };
            let at = wrong.at.unwrap_or_else(|| signature(context.extension, hook.script, function));
            findings.push(Finding::of(
                (self.id(), Severity::Error, wrong.confidence),
                format!("`{}::{}()` {}", hook.name(), facts.method, wrong.message),
                format!("declare it as the panel calls it: `{}`", declaration(facts, arguments)),
                vec![Location::primary(at, wrong.label)],
            ));
        });
    }

    fn fixes(&self, context: &Context<'_>, finding: &Finding) -> Vec<Fix> {
        let Some(at) = finding.locations.first().map(|l| l.span) else { return Vec::new() };
        let mut fixes = Vec::new();
        each(context, |hook, function, _, arguments| {
            let obsolete = function.params.iter().position(|p| is_obsolete(hook.script, p) && span(hook.script, p.at) == at);
            // Where more is wrong, taking one away is not enough.
            if let Some(position) = obsolete.filter(|_| function.params.len() == arguments.len() + 1) {
                fixes.push(without(context, hook.script, function, position));
            }
        });
        fixes
    }
}

/// The methods that the panel calls with known arguments and that the extension's hook classes declare.
fn each(context: &Context<'_>, mut look: impl FnMut(&HookClass<'_>, &Function, &Hook, &[String])) {
    for hook in context.facts.hooks() {
        for facts in hook.facts() {
            if let (Some(arguments), Some(function)) = (&facts.arguments, hook.own_method(&facts.method)) {
                look(hook, function, facts, arguments);
            }
        }
    }
}

struct Wrong {
    message: String,
    label: &'static str,
    /// The argument; `None`: the whole declaration.
    at: Option<Span>,
    confidence: Confidence,
}

fn judge(script: &Script, function: &Function, facts: &Hook, arguments: &[String]) -> Option<Wrong> {
    let params = &function.params;
    let name = |param: &Param| script.text(param.name).to_owned();
    let proven = |message: String, label, at| Some(Wrong { message, label, at, confidence: Confidence::Proven });
    if let Some(param) = params.iter().find(|p| is_obsolete(script, p)) {
        let message = format!("takes `${}`, which no release of the panel hands over: what comes after it is off by one", name(param));
        return proven(message, "not handed over", Some(span(script, param.at)));
    }
    if function.kind == FunctionKind::StaticMethod {
        return proven("is static, and the panel calls it on an object".to_owned(), "static", None);
    }
    let open = params.iter().any(|p| p.variadic);
    let asked = params.iter().filter(|p| p.default.is_none() && !p.variadic).count();
    let handed = count(arguments.len());
    if asked > arguments.len() {
        return proven(format!("asks for {}, and the panel hands over {handed}", count(asked)), "asks for too many", None);
    }
    if params.len() < arguments.len() && !open {
        let message = format!("takes {}, and the panel hands over {handed}: PHP 8 refuses the class", count(params.len()));
        return proven(message, "takes too few", None);
    }
    for (position, param) in params.iter().enumerate() {
        let Some(given) = facts.given.get(&position.to_string()) else { continue };
        let types: Vec<&str> = param.types.iter().map(|t| script.text(*t)).collect();
        let other = |t: &&str| catalogue::is_class(t) || ["int", "string", "array", "float", "bool"].contains(t);
        if !types.is_empty() && types.iter().all(|t| other(t) && !t.eq_ignore_ascii_case(given)) {
            let message = format!("takes `{} ${}`, and the panel hands over a `{given}`", types.join("|"), name(param));
            return proven(message, "of another type", Some(span(script, param.at)));
        }
    }
    let swapped = params.iter().zip(arguments).find(|(p, here)| !same(&name(p), here) && arguments.iter().any(|a| same(&name(p), a)));
    swapped.map(|(param, here)| Wrong {
        message: format!("takes `${}` where the panel hands over `${here}`", name(param)),
        label: "in another's place",
        at: Some(span(script, param.at)),
        confidence: Confidence::Likely,
    })
}

fn is_obsolete(script: &Script, param: &Param) -> bool {
    catalogue::get().shared.obsolete_arguments.iter().any(|word| same(word, script.text(param.name)))
}

/// Whether two names of arguments are one, whatever their case and underscores.
fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.bytes().filter(|c| *c != b'_').map(|c| c.to_ascii_lowercase()).collect::<Vec<u8>>();
    letters(a) == letters(b)
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no argument".to_owned(),
        1 => "1 argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

fn declaration(facts: &Hook, arguments: &[String]) -> String {
    let params = arguments.iter().enumerate().map(|(position, name)| match facts.given.get(&position.to_string()) {
        Some(class) => format!("{class} ${name}"),
        None => format!("${name}"),
    });
    format!("public function {}({})", facts.method, params.collect::<Vec<_>>().join(", "))
}

/// Takes an argument away. Safe where the body does not speak of it.
fn without(context: &Context<'_>, script: &Script, function: &Function, position: usize) -> Fix {
    let (params, file) = (&function.params, context.extension.file(script.file));
    let range = match (params.get(position + 1), position.checked_sub(1).and_then(|before| params.get(before))) {
        (Some(next), _) => params[position].at.start..next.at.start,
        (None, Some(before)) => before.at.end..params[position].at.end,
        (None, None) => params[position].at.start..params[position].at.end,
    };
    let range = range.start as usize..range.end as usize;
    let last = params.last().map_or(function.at.start, |p| p.at.end) as usize;
    let body = file.bytes.get(last..function.at.end as usize).unwrap_or_default();
    let name = script.text(params[position].name);
    let spoken_of = memchr::memmem::find(body, name.as_bytes()).is_some() || memchr::memmem::find(body, b"func_get_arg").is_some();
    Fix {
        title: format!("remove `${name}`"),
        safety: if spoken_of { Safety::Unsafe } else { Safety::Safe },
        change: Change::Edits(vec![Edit { path: file.path.clone(), range, text: String::new() }]),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::fix::{Change, Safety};
    use crate::lint::testing::{lint_php, messages};

    const RULE: &str = "hook-wrong-signature";

    fn domain(method: &str) -> String {
        format!("<?php\nclass Modules_X_Backup_Domain extends pm_Hook_Backup_Domain\n{{\n    public function {method} {{ }}\n}}\n")
    }

    #[test]
    fn each_way_to_be_wrong_is_told() {
        for (method, words) in [
            ("restore(pm_Domain $d, $idMapping, $a, $b, $c, $e)", "takes `$idMapping`, which no release"),
            ("restore($id_mapping, $a, $b, $c, $e)", "takes `$id_mapping`"),
            ("restore(pm_Domain $d, $a, $b, $c, $e, $f)", "asks for 6 arguments, and the panel hands over 5 arguments"),
            ("restore(pm_Domain $d, $config)", "takes 2 arguments, and the panel hands over 5 arguments"),
            ("postBackup()", "takes no argument"),
            ("backup(pm_Client $client)", "takes `pm_Client $client`, and the panel hands over a `pm_Domain`"),
            ("backup(int $domain)", "takes `int $domain`"),
            (
                "restore(pm_Domain $d, $pleskVersion, $extVersion, $contentDir, $config)",
                "takes `$contentDir` where the panel hands over `$config`",
            ),
        ] {
            let said = messages(RULE, &domain(method));
            assert_eq!(said.len(), 1, "{method}: {said:?}");
            assert!(said[0].contains(words), "{method}: {}", said[0]);
        }
    }

    #[test]
    fn what_php_and_the_panel_take_is_not_told() {
        for method in [
            "restore(pm_Domain $domain, $pleskVersion, $extVersion, $config, $contentDir)",
            "restore(\\pm_Domain $site, $version, $ext, $settings, $folder, $more = null)",
            "restore($domain, ...$rest)",
            "restore(?pm_Domain $domain, $plesk_version, $ext_version, $config, $content_dir)",
            "RESTORE($a, $b, $c, $d, $e)",
            "backup($site)",
            "prepare($idMapping)",
        ] {
            assert_eq!(messages(RULE, &domain(method)), Vec::<String>::new(), "{method}");
        }
        let other = domain("restore($idMapping)").replace("pm_Hook_Backup_Domain", "Modules_X_Base");
        assert_eq!(messages(RULE, &other), Vec::<String>::new());
        let stub = domain("restore($idMapping)").replace("Modules_X_Backup_Domain extends pm_Hook_Backup_Domain", "pm_Hook_Backup_Domain");
        assert_eq!(messages(RULE, &stub), Vec::<String>::new());
    }

    #[test]
    fn the_panel_calls_objects() {
        let said = messages(RULE, &domain("backup(pm_Domain $d)").replace("public function", "public static function"));
        assert_eq!(said, ["`Modules_X_Backup_Domain::backup()` is static, and the panel calls it on an object"]);
    }

    #[test]
    fn own_base_classes_are_hooks_too() {
        let code = "<?php\nabstract class Base extends pm_Hook_Backup_Client { public function backup() {} }\nclass Leaf extends Base {}\n";
        assert_eq!(
            messages(RULE, code),
            ["`Base::backup()` takes no argument, and the panel hands over 1 argument: PHP 8 refuses the class"]
        );
    }

    #[test]
    fn an_obsolete_argument_is_removed() {
        for (method, safety, mended) in [
            ("restore(pm_Domain $d, $idMapping, $a, $b, $c, $e) { }", Some(Safety::Safe), "restore(pm_Domain $d, $a, $b, $c, $e) { }"),
            (
                "restore(pm_Domain $d, $a, $b, $c, $e, array $idMapping) { }",
                Some(Safety::Safe),
                "restore(pm_Domain $d, $a, $b, $c, $e) { }",
            ),
            (
                "restore(pm_Domain $d, $idMapping, $a, $b, $c, $e) { f($idMapping); }",
                Some(Safety::Unsafe),
                "restore(pm_Domain $d, $a, $b, $c, $e) { f($idMapping); }",
            ),
            ("restore(pm_Domain $d, $idMapping) { }", None, ""),
        ] {
            let code = domain(method).replace("} { }\n}", "}\n}");
            let linted = lint_php(RULE, &code);
            let fixes = linted.fixes(&linted.findings[0]);
            assert_eq!(fixes.first().map(|f| f.safety), safety, "{method}");
            let Some(Change::Edits(edits)) = fixes.first().map(|f| &f.change) else { continue };
            let mut text = code.clone();
            text.replace_range(edits[0].range.clone(), &edits[0].text);
            assert_eq!(text, code.replace(method, mended));
        }
    }
}
