//! `hook-path-escapes`: a backup hook that names a path outside of the extension's var directory.

use super::super::code::Code;
use super::super::hooks::{returned, span};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{ExprId, ExprKind, FunctionId, Sym};
use crate::panel::catalogue;
use crate::reference::Confidence;

pub(super) static RULE: HookPathEscapes = HookPathEscapes;

/// See `rules/hook-path-escapes.md`.
pub(super) struct HookPathEscapes;

/// What variables are followed through.
const MAX_DEPTH: usize = 8;
/// Where the paths of a whole server begin. A slash before the name of an own folder is left to the panel.
const ROOTS: &[&str] = &["etc", "home", "opt", "root", "srv", "tmp", "usr", "var"];

impl Rule for HookPathEscapes {
    fn id(&self) -> &'static str {
        "hook-path-escapes"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        let mut seen = Vec::new();
        for hook in context.facts.hooks() {
            for facts in hook.facts().filter(|f| !f.paths.is_empty()) {
                let Some((script, function)) = hook.method(&facts.method) else { continue };
                // Two hooks may have one method, from a trait.
                if seen.contains(&span(script, function.at)) {
                    continue;
                }
                seen.push(span(script, function.at));
                let Some(code) = context.facts.code(script) else { continue };
                let mut way = Way { code, function: code.function_at(function.at.start), seen: Vec::new() };
                let mut paths = Vec::new();
                for value in returned(function).filter(|v| matches!(script.expr(*v).kind, ExprKind::Array(_))) {
                    let ExprKind::Array(elements) = script.expr(value).kind else { continue };
                    let lists = facts.paths.iter().filter_map(|n| script.elements(elements).get(*n).filter(|e| e.key.is_none())?.value);
                    lists.for_each(|list| way.items(list, MAX_DEPTH, &mut paths));
                }
                paths.sort_unstable();
                paths.dedup();
                for (path, escape) in paths.into_iter().filter_map(|path| Some((path, way.escape(path)?))) {
                    findings.push(Finding::of(
                        (self.id(), Severity::Error, Confidence::Proven),
                        format!("`{}::{}()` names a path {}", hook.name(), facts.method, escape.said()),
                        escape.help().to_owned(),
                        vec![Location::primary(span(script, script.expr(path).at), escape.label())],
                    ));
                }
            }
        }
    }
}

/// How a path leaves the var directory.
enum Escape {
    /// `..`.
    Up,
    /// It is a path of the whole server.
    Absolute,
    /// It begins with the var directory itself.
    Doubled,
}

impl Escape {
    fn said(&self) -> &'static str {
        match self {
            Escape::Up => "that leads out of the extension's var directory: it is in no backup",
            Escape::Absolute => "of the whole server, and the panel looks for it below the extension's var directory: it is in no backup",
            Escape::Doubled => "that begins with the var directory, and the panel puts the var directory before it: it is in no backup",
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Escape::Doubled => "give the path relative to the var directory",
            _ => "keep the data below the var directory, and give its path relative to that",
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Escape::Up => "leads out",
            Escape::Absolute | Escape::Doubled => "not relative to the var directory",
        }
    }
}

/// The method that gives the paths.
struct Way<'c, 'a> {
    code: &'c Code<'a>,
    function: FunctionId,
    /// The variables whose paths are found: several may be given one another's.
    seen: Vec<Sym>,
}

impl Way<'_, '_> {
    /// The paths in a list.
    fn items(&mut self, list: ExprId, depth: usize, paths: &mut Vec<ExprId>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let script = self.code.script;
        match self.code.kind(list) {
            ExprKind::Array(elements) => {
                for element in script.elements(elements) {
                    match element.value {
                        Some(value) if element.spread => self.items(value, depth, paths),
                        value => paths.extend(value),
                    }
                }
            }
            ExprKind::Choice(values) => script.list(values).iter().for_each(|value| self.items(*value, depth, paths)),
            ExprKind::Variable(name) if !self.seen.contains(&name) => {
                self.seen.push(name);
                let code = self.code;
                let given = code.given(self.function, name);
                given.values.iter().for_each(|value| self.items(*value, depth, paths));
                paths.extend(given.items.iter().map(|(_, value)| *value));
            }
            _ => {}
        }
    }

    fn escape(&self, path: ExprId) -> Option<Escape> {
        let script = self.code.script;
        let parts = match self.code.kind(path) {
            ExprKind::Concat(parts) => script.list(parts).to_vec(),
            _ => vec![path],
        };
        let first = self.value(*parts.first()?, MAX_DEPTH);
        match self.code.kind(first) {
            ExprKind::Static { class, name, .. } => {
                let helpers = catalogue::helpers_on(script.text(class), script.text(name));
                if helpers.iter().any(|h| h.gives == "var-dir") {
                    return Some(Escape::Doubled);
                }
            }
            ExprKind::Constant(name) if script.text(name) == "__DIR__" => return Some(Escape::Absolute),
            ExprKind::Text(text) if is_absolute(script.text(text)) => return Some(Escape::Absolute),
            _ => {}
        }
        let ExprKind::Text(text) = self.code.kind(parts[0]) else { return None };
        // The last step may go on in the next part.
        let text = script.text(text);
        let whole = if parts.len() == 1 { text } else { text.rfind('/').map_or("", |at| &text[..at]) };
        leads_out(whole).then_some(Escape::Up)
    }

    /// The one value of a variable; other expressions as they are.
    fn value(&self, expr: ExprId, depth: usize) -> ExprId {
        match (self.code.kind(expr), depth.checked_sub(1)) {
            (ExprKind::Variable(name), Some(depth)) => match self.code.given(self.function, name).values[..] {
                [one] => self.value(one, depth),
                _ => expr,
            },
            (ExprKind::Concat(parts), Some(depth)) => self.code.script.list(parts).first().map_or(expr, |first| self.value(*first, depth)),
            _ => expr,
        }
    }
}

fn is_absolute(text: &str) -> bool {
    let step = text.strip_prefix('/').and_then(|rest| rest.split('/').next());
    let drive = text.as_bytes().get(..3).is_some_and(|b| b[0].is_ascii_alphabetic() && b[1] == b':' && matches!(b[2], b'\\' | b'/'));
    drive || step.is_some_and(|step| ROOTS.contains(&step))
}

/// Whether a relative path leaves the folder that it starts in.
fn leads_out(path: &str) -> bool {
    let mut depth = 0u32;
    for step in path.split('/') {
        match step {
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            "" | "." => {}
            _ => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::messages;

    const RULE: &str = "hook-path-escapes";

    fn domain(body: &str) -> String {
        format!("<?php\nclass Hook extends pm_Hook_Backup_Domain {{ public function backup(pm_Domain $d) {{ {body} }} }}\n")
    }

    #[test]
    fn paths_out_of_the_var_directory_are_told() {
        for (body, words) in [
            ("return ['', ['../other/data'], []];", "leads out"),
            ("return ['', ['a/../../b'], []];", "leads out"),
            ("return ['', ['../' . $d->getName()], []];", "leads out"),
            ("return ['', ['..'], []];", "leads out"),
            ("return ['', ['/etc/own.conf'], []];", "of the whole server"),
            ("return ['', [__DIR__ . '/x'], []];", "of the whole server"),
            ("return ['', ['/usr/local/own/' . $d->getName()], []];", "of the whole server"),
            ("return ['', [], [pm_Context::getVarDir() . 'cache']];", "begins with the var directory"),
            ("$dir = pm_Context::getVarDir(); $file = $dir . 'x'; return ['', [$file . '.json'], []];", "begins with the var directory"),
            ("$paths = []; $paths[] = \"/var/log/own.log\"; return ['', $paths, []];", "of the whole server"),
            ("$paths = ['../x', 'y']; return array('', $paths);", "leads out"),
        ] {
            let said = messages(RULE, &domain(body));
            assert_eq!(said.len(), 1, "{body}: {said:?}");
            assert!(said[0].contains(words), "{body}: {}", said[0]);
        }
    }

    #[test]
    fn paths_below_it_are_not_told() {
        for body in [
            "return ['', ['notes/' . $d->getName()], ['.']];",
            "return ['', ['a/../b', '..data', 'a..b/..c', '/notes'], []];",
            "return ['', ['..' . $d->getName()], []];",
            "return [file_get_contents(pm_Context::getVarDir() . 'x'), ['x'], []];",
            "return ['', ['x'], [], ['../httpdocs']];",
            "$dir = 'a'; if (1) { $dir = pm_Context::getVarDir(); } return ['', [$dir . 'x'], []];",
            "return ['', [str_replace(pm_Context::getVarDir(), '', $d->path)], []];",
            "return $this->paths(['../x']);",
            "$p = $q; $q = $p; $p = $p; $q = $q; return ['', $p, []];",
        ] {
            assert_eq!(messages(RULE, &domain(body)), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn a_traits_method_is_told_once() {
        let code = "<?php\ntrait T { public function backup() { return ['', ['../x'], []]; } }\nclass A extends pm_Hook_Backup_Server { use T; }\n\
                    class B extends pm_Hook_Backup_Domain { use T; }\n";
        assert_eq!(messages(RULE, code).len(), 1);
    }
}
