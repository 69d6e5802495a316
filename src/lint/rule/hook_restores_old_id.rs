//! `hook-restores-old-id`: `restore()` takes an id out of the backup for the id of an object.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::code::Code;
use super::super::hooks::span;
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{Cast, ExprId, ExprKind, Function, Slice, Stmt, Sym};
use crate::panel::Kind;
use crate::panel::catalogue;
use crate::reference::Confidence;

pub(super) static RULE: HookRestoresOldId = HookRestoresOldId;

/// See `rules/hook-restores-old-id.md`.
pub(super) struct HookRestoresOldId;

/// PHP's functions that give their first argument, or what is in it, in another form.
const UNPACKS: &[&str] = &[
    "json_decode",
    "unserialize",
    "base64_decode",
    "trim",
    "intval",
    "strval",
    "gzuncompress",
    "gzinflate",
    "array_filter",
    "array_keys",
    "array_values",
    "array_unique",
    "current",
    "reset",
    "end",
    "array_shift",
    "array_pop",
    "preg_split",
];
/// Those whose second argument it is.
const SPLITS: &[&str] = &["explode"];

/// Variables are given one another's values over at most as many steps.
const MAX_ROUNDS: usize = 16;
/// How deep a value is looked into.
const MAX_DEPTH: usize = 32;

impl Rule for HookRestoresOldId {
    fn id(&self) -> &'static str {
        "hook-restores-old-id"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for hook in context.facts.hooks() {
            for facts in hook.facts() {
                let (Some(position), Some(function)) = (facts.fetches, hook.own_method(&facts.method)) else { continue };
                let Some(payload) = function.params.get(position) else { continue };
                let given = function.params.first().filter(|_| facts.given.contains_key("0")).map(|p| hook.script.text(p.name));
                let Some(code) = context.facts.code(hook.script) else { continue };
                let restored = Restored::of(code, function, payload.name);
                for (taken, kind, call) in restored.taken() {
                    let mut locations = vec![Location::primary(span(hook.script, hook.script.expr(taken).at), "an id out of the backup")];
                    locations.push(Location::related(span(hook.script, payload.at), "the backup's data"));
                    findings.push(Finding {
                        rule: self.id(),
                        severity: Severity::Error,
                        confidence: Confidence::Proven,
                        kinds: vec![kind],
                        place: None,
                        message: format!(
                            "`{}::{}()` gives `{call}` an id out of the backup, which means another {kind} by now",
                            hook.name(),
                            facts.method
                        ),
                        help: match given {
                            Some(name) => {
                                format!("`${name}` is the restored object: use it; find others by the GUID or name that the backup holds")
                            }
                            None => "let the backup hold the GUID or the name, and find the object by that".to_owned(),
                        },
                        locations,
                        evidence: Vec::new(),
                        suppressed: None,
                        fingerprint: String::new(),
                    });
                }
            }
        }
    }
}

/// The variables of a method that hold the backup's data, or something in it.
struct Restored<'c, 'a> {
    code: &'c Code<'a>,
    function: &'c Function,
    names: FxHashSet<Sym>,
}

impl<'c, 'a> Restored<'c, 'a> {
    fn of(code: &'c Code<'a>, function: &'c Function, payload: Sym) -> Restored<'c, 'a> {
        let mut restored = Restored { code, function, names: FxHashSet::from_iter([payload]) };
        let given = restored.given();
        // A variable that also gets something else may hold that: only such ones count whose every value comes from the backup.
        for _ in 0..MAX_ROUNDS {
            let more = given.iter().filter(|(name, from)| !restored.names.contains(name) && from.iter().all(|from| restored.holds(*from)));
            let more: Vec<Sym> = more.map(|(name, _)| *name).collect();
            if more.is_empty() {
                break;
            }
            restored.names.extend(more);
        }
        // The payload's own name may be used for what is unpacked from it, and not for anything else.
        if given.get(&payload).is_some_and(|from| !from.iter().all(|from| restored.holds(*from))) {
            restored.names.clear();
        }
        restored
    }

    /// What the variables of the method are given.
    fn given(&self) -> FxHashMap<Sym, Vec<ExprId>> {
        let mut given: FxHashMap<Sym, Vec<ExprId>> = FxHashMap::default();
        for (_, kind) in self.code.within(self.function.at) {
            if let ExprKind::Assign { target, value } | ExprKind::Append { target, value } = kind {
                self.names_of(target, &mut |name| given.entry(name).or_default().push(value));
            }
        }
        for stmt in &self.function.body {
            if let Stmt::Foreach { subject, key, value } = *stmt {
                for target in key.into_iter().chain([value]) {
                    self.names_of(target, &mut |name| given.entry(name).or_default().push(subject));
                }
            }
        }
        given
    }

    /// The variables that a target gives a value to.
    fn names_of(&self, target: ExprId, look: &mut dyn FnMut(Sym)) {
        let mut target = target;
        while let ExprKind::Index { array, .. } = self.code.kind(target) {
            target = array;
        }
        match self.code.kind(target) {
            ExprKind::Variable(name) => look(name),
            ExprKind::Array(elements) => {
                self.code.script.elements(elements).iter().filter_map(|e| e.value).for_each(|value| self.names_of(value, look));
            }
            _ => {}
        }
    }

    /// Whether a value is the backup's data, or something in it.
    fn holds(&self, value: ExprId) -> bool {
        self.is_held(value, MAX_DEPTH)
    }

    fn is_held(&self, value: ExprId, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let script = self.code.script;
        match self.code.kind(value) {
            ExprKind::Variable(name) => self.names.contains(&name),
            ExprKind::Index { array, .. } => self.is_held(array, depth),
            ExprKind::Property { object, .. } => self.is_held(object, depth),
            ExprKind::Cast { to, value } => to != Cast::Lossy && self.is_held(value, depth),
            ExprKind::Assign { value, .. } => self.is_held(value, depth),
            // `$data['id'] ?? null`.
            ExprKind::Choice(values) => {
                let empty = |v: ExprId| match self.code.kind(v) {
                    ExprKind::Null | ExprKind::Integer(_) | ExprKind::Text(_) => true,
                    ExprKind::Array(elements) => script.elements(elements).is_empty(),
                    _ => false,
                };
                let mut told = script.list(values).iter().filter(|v| !empty(**v)).peekable();
                told.peek().is_some() && told.all(|v| self.is_held(*v, depth))
            }
            ExprKind::Call { name, args } => {
                let is = |names: &[&str]| names.iter().any(|n| script.text(name).trim_start_matches('\\').eq_ignore_ascii_case(n));
                let position = if is(UNPACKS) {
                    0
                } else if is(SPLITS) {
                    1
                } else {
                    return false;
                };
                script.args(args).get(position).is_some_and(|arg| self.is_held(arg.value, depth))
            }
            _ => false,
        }
    }

    /// What of the backup's data is given to a call that takes an id, with the kind and the call.
    fn taken(&self) -> Vec<(ExprId, Kind, String)> {
        let script = self.code.script;
        let mut taken = Vec::new();
        for (id, kind) in self.code.within(self.function.at) {
            let (class, method, args): (_, _, Slice) = match kind {
                ExprKind::New { class, args } => (script.text(class), "__construct", args),
                ExprKind::Static { class, name, args } => (script.text(class), script.text(name), args),
                _ => continue,
            };
            for known in catalogue::calls_on(class, method) {
                let argument = known.call.takes_id.and_then(|position| script.args(args).get(position));
                if argument.is_some_and(|arg| !arg.spread && arg.name.is_none() && self.holds(arg.value)) {
                    let call = if method == "__construct" { format!("new {class}()") } else { format!("{class}::{method}()") };
                    taken.push((id, known.kind, call));
                    break;
                }
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::messages;

    const RULE: &str = "hook-restores-old-id";

    fn domain(body: &str) -> String {
        let head = "public function restore(pm_Domain $domain, $pleskVersion, $extVersion, $config, $contentDir)";
        format!("<?php\nclass Hook extends pm_Hook_Backup_Domain {{ {head} {{ {body} }} }}\n")
    }

    #[test]
    fn ids_out_of_the_backup_are_told() {
        for body in [
            "$d = json_decode($config, true); $x = new pm_Domain($d['id']);",
            "$x = pm_Domain::getByDomainId((int) $config);",
            "$config = unserialize($config); foreach ($config['all'] as $id => $note) { (new pm_Domain($id))->setSetting('a', $note); }",
            "foreach (explode(\"\\n\", $config) as $line) { list($id, $n) = explode(':', $line); $x = new \\pm_Domain($id); }",
            "$d = json_decode($config); $id = $d->owner ?? null; $c = pm_Client::getByClientId($id);",
            "foreach (json_decode($config, true) as $row) { ['id' => $id] = $row; new pm_Domain($id); }",
        ] {
            let said = messages(RULE, &domain(body));
            assert_eq!(said.len(), 1, "{body}: {said:?}");
        }
        let said = messages(RULE, &domain("new pm_Domain($config);"));
        assert_eq!(said, ["`Hook::restore()` gives `new pm_Domain()` an id out of the backup, which means another domain by now"]);
    }

    #[test]
    fn what_is_looked_up_anew_is_not_told() {
        for body in [
            "$d = json_decode($config, true); $x = pm_Domain::getByGuid($d['guid']);",
            "$d = json_decode($config, true); if ($d['id'] != $domain->getId()) { pm_Log::info('moved'); }",
            "$d = json_decode($config, true); $map = [$d['id'] => $domain->getId()]; $x = new pm_Domain($map[$d['id']]);",
            "$d = json_decode($config, true); $d['id'] = $domain->getId(); $x = new pm_Domain($d['id']);",
            "$d = json_decode($config, true); $id = $this->find($d['name']); $x = new pm_Domain($id);",
            "$config = $domain->getId(); $x = new pm_Domain($config);",
            "$x = new pm_Domain($domain->getId());",
            "$x = new Other($config);",
        ] {
            assert_eq!(messages(RULE, &domain(body)), Vec::<String>::new(), "{body}");
        }
    }
}
