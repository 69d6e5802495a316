//! `hook-restores-old-id`: `restore()` takes an id out of the backup for the id of an object.

use super::super::hooks::span;
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{Cast, ExprId, ExprKind, Function, Script, Slice, Stmt};
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

impl Rule for HookRestoresOldId {
    fn id(&self) -> &'static str {
        "hook-restores-old-id"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for hook in context.facts.hooks() {
            for facts in hook.facts() {
                let (Some(position), Some(function)) = (facts.fetches, hook.own_method(&facts.method)) else { continue };
                let Some(payload) = function.params.get(position) else { continue };
                let payload_name = hook.script.text(payload.name);
                let given = function.params.first().filter(|_| facts.given.contains_key("0")).map(|p| hook.script.text(p.name));
                let restored = Restored::of(hook.script, function, payload_name);
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
struct Restored<'a> {
    script: &'a Script,
    function: &'a Function,
    names: Vec<&'a str>,
}

impl<'a> Restored<'a> {
    fn of(script: &'a Script, function: &'a Function, payload: &'a str) -> Restored<'a> {
        let mut restored = Restored { script, function, names: vec![payload] };
        // A variable that also gets something else may hold that: only such ones count whose every value comes from the backup.
        loop {
            let before = restored.names.len();
            for name in restored.variables() {
                let (mut values, mut all) = (0, true);
                restored.given(name, |from| {
                    values += 1;
                    all &= restored.holds(from);
                });
                if values > 0 && all && !restored.names.contains(&name) {
                    restored.names.push(name);
                }
            }
            if restored.names.len() == before {
                // The payload's own name may be used for what is unpacked from it, and not for anything else.
                let mut all = true;
                restored.given(payload, |from| all &= restored.holds(from));
                if !all {
                    restored.names.clear();
                }
                return restored;
            }
        }
    }

    fn within(&self) -> impl Iterator<Item = (ExprId, ExprKind)> + '_ {
        let at = self.function.at;
        let ids = (0u32..).map(ExprId).zip(&self.script.exprs);
        ids.filter(move |(_, e)| at.start <= e.at.start && e.at.end <= at.end).map(|(id, e)| (id, e.kind))
    }

    /// The variables that the method speaks of.
    fn variables(&self) -> Vec<&'a str> {
        let script = self.script;
        let mut names: Vec<&str> = self
            .within()
            .filter_map(|(_, kind)| if let ExprKind::Variable(name) = kind { Some(script.text(name)) } else { None })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What the variable `name` is given.
    fn given(&self, name: &str, mut look: impl FnMut(ExprId)) {
        for (_, kind) in self.within() {
            match kind {
                ExprKind::Assign { target, value } | ExprKind::Append { target, value } => {
                    self.names_of(target, &mut |n| {
                        if n == name {
                            look(value)
                        }
                    });
                }
                _ => {}
            }
        }
        for stmt in &self.function.body {
            if let Stmt::Foreach { subject, key, value } = *stmt {
                for target in key.into_iter().chain([value]) {
                    self.names_of(target, &mut |n| {
                        if n == name {
                            look(subject)
                        }
                    });
                }
            }
        }
    }

    /// The variables that a target gives a value to.
    fn names_of(&self, target: ExprId, look: &mut dyn FnMut(&'a str)) {
        match self.script.expr(target).kind {
            ExprKind::Variable(name) => look(self.script.text(name)),
            ExprKind::Index { array, .. } => self.names_of(array, look),
            ExprKind::Array(elements) => {
                self.script.elements(elements).iter().filter_map(|e| e.value).for_each(|value| self.names_of(value, look));
            }
            _ => {}
        }
    }

    /// Whether a value is the backup's data, or something in it.
    fn holds(&self, value: ExprId) -> bool {
        match self.script.expr(value).kind {
            ExprKind::Variable(name) => self.names.contains(&self.script.text(name)),
            ExprKind::Index { array, .. } => self.holds(array),
            ExprKind::Property { object, .. } => self.holds(object),
            ExprKind::Cast { to, value } => to != Cast::Lossy && self.holds(value),
            ExprKind::Assign { value, .. } => self.holds(value),
            // `$data['id'] ?? null`.
            ExprKind::Choice(values) => {
                let values = self.script.list(values);
                let empty = |v: &ExprId| match self.script.expr(*v).kind {
                    ExprKind::Null | ExprKind::Integer(_) | ExprKind::Text(_) => true,
                    ExprKind::Array(elements) => self.script.elements(elements).is_empty(),
                    _ => false,
                };
                values.iter().any(|v| self.holds(*v)) && values.iter().all(|v| empty(v) || self.holds(*v))
            }
            ExprKind::Call { name, args } => {
                let is = |names: &[&str]| names.iter().any(|n| self.script.text(name).trim_start_matches('\\').eq_ignore_ascii_case(n));
                let position = if is(UNPACKS) {
                    0
                } else if is(SPLITS) {
                    1
                } else {
                    return false;
                };
                self.script.args(args).get(position).is_some_and(|arg| self.holds(arg.value))
            }
            _ => false,
        }
    }

    /// What of the backup's data is given to a call that takes an id, with the kind and the call.
    fn taken(&self) -> Vec<(ExprId, Kind, String)> {
        let mut taken = Vec::new();
        for (id, kind) in self.within() {
            let (class, method, args): (_, _, Slice) = match kind {
                ExprKind::New { class, args } => (self.script.text(class), "__construct", args),
                ExprKind::Static { class, name, args } => (self.script.text(class), self.script.text(name), args),
                _ => continue,
            };
            for known in catalogue::calls_on(class, method) {
                let argument = known.call.takes_id.and_then(|position| self.script.args(args).get(position));
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
