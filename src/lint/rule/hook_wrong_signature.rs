//! `hook-wrong-signature`: a method of a backup hook that is declared otherwise than the panel calls it.

use super::super::fix::{self, Call, Change, Fix, Head, Safety, same};
use super::super::hooks::{HookClass, signature, span};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{ExprKind, Function, FunctionKind, Param, Script};
use crate::extension::php::parse::parse;
use crate::extension::source::{SourceFile, Span};
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
        each(context, |hook, function, facts, arguments| findings.extend(finding(context, hook, function, facts, arguments)));
    }

    fn fixes(&self, context: &Context<'_>, of: &Finding) -> Vec<Fix> {
        let mut fixes = Vec::new();
        let at = |f: &Finding| f.locations.first().map(|l| l.span);
        each(context, |hook, function, facts, arguments| {
            let this = finding(context, hook, function, facts, arguments).is_some_and(|f| at(&f) == at(of) && f.message == of.message);
            if this && fixes.is_empty() {
                fixes.push(mend(context, hook, function, facts, arguments));
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

fn finding(context: &Context<'_>, hook: &HookClass<'_>, function: &Function, facts: &Hook, arguments: &[String]) -> Option<Finding> {
    let wrong = judge(context.extension.file(hook.script.file), hook.script, function, facts, arguments)?;
    let at = wrong.at.unwrap_or_else(|| signature(context.extension, hook.script, function));
    Some(Finding::of(
        (HookWrongSignature.id(), Severity::Error, wrong.confidence),
        format!("`{}::{}()` {}", hook.name(), facts.method, wrong.message),
        format!("declare it as the panel calls it: `{}`", declaration(facts, arguments)),
        vec![Location::primary(at, wrong.label)],
    ))
}

struct Wrong {
    message: String,
    label: &'static str,
    /// The argument; `None`: the whole declaration.
    at: Option<Span>,
    confidence: Confidence,
}

fn judge(file: &SourceFile, script: &Script, function: &Function, facts: &Hook, arguments: &[String]) -> Option<Wrong> {
    let params = &function.params;
    let name = |param: &Param| script.text(param.name).to_owned();
    let proven = |message: String, label, at| Some(Wrong { message, label, at, confidence: Confidence::Proven });
    if let Some(param) = params.iter().find(|p| call(facts, arguments).is_obsolete(script, p)) {
        let message = format!("takes `${}`, which no release of the panel hands over: what comes after it is off by one", name(param));
        return proven(message, "not handed over", Some(span(script, param.at)));
    }
    if function.kind == FunctionKind::StaticMethod {
        return proven("is static, and the panel calls it on an object".to_owned(), "static", None);
    }
    let head = Head::of(file, script, function);
    if let Some(word) = ["private", "protected"].into_iter().find(|word| head.as_ref().is_some_and(|head| head.has(word))) {
        return proven(format!("is {word}, and the panel's own method is public: PHP refuses the class"), "not public", None);
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
    if let Some((param, given)) =
        params.iter().enumerate().find_map(|(position, p)| Some((p, of_another_type(script, p, position, facts)?)))
    {
        let types: Vec<&str> = param.types.iter().map(|t| script.text(*t)).collect();
        let message = format!("takes `{} ${}`, and the panel hands over a `{given}`", types.join("|"), name(param));
        return proven(message, "of another type", Some(span(script, param.at)));
    }
    let swapped = params.iter().zip(arguments).find(|(p, here)| !same(&name(p), here) && arguments.iter().any(|a| same(&name(p), a)));
    swapped.map(|(param, here)| Wrong {
        message: format!("takes `${}` where the panel hands over `${here}`", name(param)),
        label: "in another's place",
        at: Some(span(script, param.at)),
        confidence: Confidence::Likely,
    })
}

/// The class that is handed over to an argument that takes another one.
fn of_another_type<'f>(script: &Script, param: &Param, position: usize, facts: &'f Hook) -> Option<&'f str> {
    let (given, types) = (facts.given.get(&position.to_string())?, &param.types);
    let other = |t: &str| catalogue::is_class(t) || ["int", "string", "array", "float", "bool"].contains(&t);
    let is_other = |t: &str| other(t) && !t.eq_ignore_ascii_case(given);
    (!types.is_empty() && types.iter().all(|t| is_other(script.text(*t)))).then_some(given)
}

/// How the panel calls a method.
fn call<'a>(facts: &'a Hook, arguments: &'a [String]) -> Call<'a> {
    Call { arguments, given: &facts.given, obsolete: &catalogue::get().shared.obsolete_arguments }
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

/// Declares the method as the panel calls it. Safe where the body does not speak of what changes, and no other code of the extension calls the method;
/// what would not come out right is only shown.
fn mend(context: &Context<'_>, hook: &HookClass<'_>, function: &Function, facts: &Hook, arguments: &[String]) -> Fix {
    let (script, file) = (hook.script, context.extension.file(hook.script.file));
    let is_other = |param: &Param, place| of_another_type(script, param, place, facts).is_some();
    let declared = call(facts, arguments).declare(file, script, function, is_other);
    let right = declared.filter(|declared| {
        let edits: Vec<&fix::Edit> = declared.edits.iter().collect();
        comes_out_right(&SourceFile::new(file.path.clone(), fix::apply(&file.bytes, &edits)), hook, facts, arguments)
    });
    let Some(declared) = right else {
        let title = "declare it as the panel calls it".to_owned();
        return Fix { title, safety: Safety::DisplayOnly, change: Change::Show(format!("{}\n", declaration(facts, arguments))) };
    };
    let is_safe = !declared.spoken_of && !is_called(context, &facts.method);
    let safety = if is_safe { Safety::Safe } else { Safety::Unsafe };
    Fix { title: declared.title, safety, change: Change::Edits(declared.edits) }
}

/// Whether nothing is wrong with a hook's method in what a file becomes.
fn comes_out_right(file: &SourceFile, hook: &HookClass<'_>, facts: &Hook, arguments: &[String]) -> bool {
    let script = parse(hook.script.file, &file.bytes);
    let mut classes = script.classes.iter().filter(|class| script.text(class.name) == hook.name());
    let mut methods = classes.next().into_iter().flat_map(|class| &class.methods).map(|id| script.function(*id));
    let method = methods.find(|m| script.text(m.name).eq_ignore_ascii_case(&facts.method));
    script.errors.len() <= hook.script.errors.len()
        && classes.next().is_none()
        && method.is_some_and(|method| judge(file, &script, method, facts, arguments).is_none())
}

/// Whether code of the extension calls a hook's method itself: its arguments would have to change with the declaration.
fn is_called(context: &Context<'_>, method: &str) -> bool {
    context.extension.scripts.iter().any(|script| {
        script.exprs.iter().any(|expr| match &expr.kind {
            ExprKind::Static { name, .. } => script.text(*name).eq_ignore_ascii_case(method),
            ExprKind::Method { object, name, .. } => {
                let on_itself = matches!(&script.exprs[object.0 as usize].kind, ExprKind::Variable(v) if script.text(*v) == "this");
                on_itself && script.text(*name).eq_ignore_ascii_case(method)
            }
            _ => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::fix::{Change, Safety, apply};
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
                "backup(pm_Domain $d) { } private function restore(pm_Domain $d, $a, $b, $c, $e)",
                "is private, and the panel's own method is public",
            ),
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

    /// The safety of the fix of the one finding in `code`, and what it makes of it; or the text that it shows.
    fn mended(code: &str) -> (Safety, String) {
        let linted = lint_php(RULE, code);
        assert_eq!(linted.findings.len(), 1, "{code}");
        let fix = &linted.fixes(&linted.findings[0])[0];
        match &fix.change {
            Change::Edits(edits) => (fix.safety, String::from_utf8(apply(code.as_bytes(), &edits.iter().collect::<Vec<_>>())).unwrap()),
            other => (fix.safety, format!("{other:?}")),
        }
    }

    const RIGHT: &str = "restore(pm_Domain $domain, $pleskVersion, $extVersion, $config, $contentDir)";

    #[test]
    fn what_the_names_tell_is_mended_safely_where_the_body_is_silent() {
        for (before, after) in [
            // One that nobody hands over.
            ("restore(pm_Domain $d, $idMapping, $a, $b, $c, $e) { }", "restore(pm_Domain $d, $a, $b, $c, $e) { }"),
            ("restore(pm_Domain $d, $a, $b, $c, $e, array $idMapping) { }", "restore(pm_Domain $d, $a, $b, $c, $e) { }"),
            (
                "restore(array $id_mapping, pm_Domain $d, $a, $b, $c, $e) { $d->x($a); }",
                "restore(pm_Domain $d, $a, $b, $c, $e) { $d->x($a); }",
            ),
            // Too many.
            (
                &format!("{} {{ $domain->setSetting('a', $config); }}", RIGHT.replace(')', ", $more)")),
                &format!("{RIGHT} {{ $domain->setSetting('a', $config); }}"),
            ),
            ("postBackup(pm_Domain $domain, $more) { f($domain); }", "postBackup(pm_Domain $domain) { f($domain); }"),
            // Too few.
            ("postBackup() { f(); }", "postBackup(pm_Domain $domain) { f(); }"),
            ("postBackup(  ) { $this->domains(); }", "postBackup(pm_Domain $domain) { $this->domains(); }"),
            ("restore(pm_Domain $domain) { f($domain); }", &format!("{RIGHT} {{ f($domain); }}")),
            (
                "restore(pm_Domain $site, $pleskVersion) { f($site); }",
                "restore(pm_Domain $site, $pleskVersion, $extVersion, $config, $contentDir) { f($site); }",
            ),
            ("restore(pm_Domain $domain, $config) { f($domain); }", &format!("{RIGHT} {{ f($domain); }}")),
            // Both.
            ("restore(pm_Domain $domain, $idMapping, $config) { f($domain); }", &format!("{RIGHT} {{ f($domain); }}")),
            // In another order.
            (
                "restore(pm_Domain $domain, $pleskVersion, $extVersion, $contentDir, $config) { f($domain); }",
                &format!("{RIGHT} {{ f($domain); }}"),
            ),
            ("restore($pleskVersion, $extVersion, pm_Domain $domain, $config, $contentDir) { }", &format!("{RIGHT} {{ }}")),
            // Of another type.
            ("backup(pm_Client $client) { return ['', [], []]; }", "backup(pm_Domain $client) { return ['', [], []]; }"),
            ("backup(?int &$id = null) { }", "backup(pm_Domain &$id = null) { }"),
            // Over several lines, with a comma behind the last.
            (
                "restore(\n        pm_Domain $domain,\n        $config = null,\n    ) { }",
                "restore(\n        pm_Domain $domain,\n        $config = null,\n    ) { }",
            ),
        ] {
            if before == after {
                let (safety, shown) = mended(&domain("METHOD").replace("METHOD { }", before));
                assert!(safety == Safety::DisplayOnly && shown.contains(RIGHT), "{before}: {shown}");
                continue;
            }
            assert_eq!(
                mended(&domain("METHOD").replace("METHOD { }", before)),
                (Safety::Safe, domain("METHOD").replace("METHOD { }", after)),
                "{before}"
            );
        }
    }

    #[test]
    fn what_the_body_may_rest_on_is_for_a_person_to_look_at() {
        for (before, after) in [
            (
                "restore(pm_Domain $d, $idMapping, $a, $b, $c, $e) { f($idMapping); }",
                "restore(pm_Domain $d, $a, $b, $c, $e) { f($idMapping); }",
            ),
            ("postBackup() { $domain = f(); }", "postBackup(pm_Domain $domain) { $domain = f(); }"),
            ("postBackup() { return compact('domain'); }", "postBackup(pm_Domain $domain) { return compact('domain'); }"),
            ("postBackup() { include 'x.php'; }", "postBackup(pm_Domain $domain) { include 'x.php'; }"),
            ("restore(pm_Domain $domain, $config) { f($config); }", &format!("{RIGHT} {{ f($config); }}")),
            (
                "restore(pm_Domain $domain, $pleskVersion, $extVersion, $contentDir, $config) { f(\"$config\"); }",
                &format!("{RIGHT} {{ f(\"$config\"); }}"),
            ),
            ("backup(int $id) { return [new pm_Domain($id)]; }", "backup(pm_Domain $id) { return [new pm_Domain($id)]; }"),
        ] {
            let code = |method: &str| domain("METHOD").replace("METHOD { }", method);
            assert_eq!(mended(&code(before)), (Safety::Unsafe, code(after)), "{before}");
        }
        let called = |body: &str| domain("METHOD").replace("METHOD { }", &format!("postBackup() {{ }}\n    function other() {{ {body} }}"));
        for (body, safety) in
            [("$this->postBackup();", Safety::Unsafe), ("parent::postBackup();", Safety::Unsafe), ("$x->postBackup();", Safety::Safe)]
        {
            assert_eq!(mended(&called(body)).0, safety, "{body}");
        }
    }

    #[test]
    fn words_before_the_method_are_mended() {
        for (before, after) in [
            ("public static function", "public function"),
            ("static public  function", "public  function"),
            ("STATIC function", "function"),
            ("final private function", "final public function"),
            ("protected static function", "public function"),
            ("#[Hook('static function backup(')] protected function", "#[Hook('static function backup(')] public function"),
        ] {
            let code = |words: &str| domain("backup(pm_Domain $domain)").replace("public function", words);
            assert_eq!(mended(&code(before)), (Safety::Safe, code(after)), "{before}");
        }
        let called = domain("backup(pm_Domain $domain)").replace("public", "public static") + "Modules_X_Backup_Domain::backup($x);\n";
        assert_eq!(mended(&called).0, Safety::Unsafe, "whoever calls it so has to be changed too");
    }

    #[test]
    fn a_class_in_a_namespace_names_the_panels_as_global() {
        let code = "<?php\nnamespace X;\nclass Hook extends \\pm_Hook_Backup_Client\n{\n    function postBackup() { }\n}\n";
        assert_eq!(mended(code), (Safety::Safe, code.replace("postBackup()", "postBackup(\\pm_Client $client)")));
    }

    #[test]
    fn what_no_name_tells_is_shown_only() {
        for method in [
            "restore(pm_Domain $d, $a, $b, $c, $e, $f)",
            "restore(pm_Domain $domain, $data)",
            "restore($d)",
            "restore(pm_Domain $d, $x = null)",
            "restore(pm_Domain $d, $config, ...$rest)",
            "restore(pm_Domain $domain, /* the data */ $config)",
            "postBackup(/* none */)",
        ] {
            let code = domain(method);
            let linted = lint_php(RULE, &code);
            if method.contains("...") {
                assert!(linted.findings.iter().all(|f| linted.fixes(f)[0].safety == Safety::DisplayOnly), "{method}");
                continue;
            }
            let (safety, shown) = mended(&code);
            assert!(safety == Safety::DisplayOnly && shown.contains("public function "), "{method}: {shown}");
        }
    }
}
