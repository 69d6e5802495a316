//! `unstable-reference`: data that is kept under something which does not identify its object.

use super::super::code::Code;
use super::super::hooks::span;
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::php::ir::{ExprId, ExprKind};
use crate::extension::source::Span;
use crate::extension::sql::schema::TableFact;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Gives, Keeps};
use crate::reference::{Confidence, Place};

pub(super) static RULE: UnstableReference = UnstableReference;

/// See `rules/unstable-reference.md`.
pub(super) struct UnstableReference;

impl Rule for UnstableReference {
    fn id(&self) -> &'static str {
        "unstable-reference"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for table in context.extension.tables.iter().filter(|t| !t.mysql) {
            self.columns(table, findings);
        }
        for code in context.facts.codes() {
            for kept in code.kept() {
                let what = if kept.keeps == Keeps::File { "a file" } else { "a setting" };
                findings.extend(self.name(code, &code.parts(kept.name), what));
            }
        }
    }
}

impl UnstableReference {
    /// A setting or a file that is named after an object.
    fn name(&self, code: &Code<'_>, parts: &[ExprId], what: &str) -> Option<Finding> {
        let flaws: Vec<(ExprId, Flaw)> = parts.iter().filter_map(|part| Some((*part, flaw(code, *part)?))).collect();
        let (part, flaw) = flaws.first()?;
        // With what identifies the object beside it, the name is only made readable.
        let identified = parts.iter().filter(|p| flaws.iter().all(|(flawed, _)| flawed != *p)).any(|other| {
            code.panel_gives(*other)
                .into_iter()
                .any(|(kind, gives)| kind == flaw.kind && matches!(gives, Gives::Id | Gives::Guid | Gives::Key))
        });
        if identified {
            return None;
        }
        let Flaw { kind, call, why, mild } = flaw;
        Some(self.finding(
            if *mild { Severity::Note } else { Severity::Warning },
            *kind,
            None,
            format!("{what} is named after `{call}`, which does not identify the {kind}: {why}"),
            help(*kind),
            span(code.script, code.at(*part)),
        ))
    }

    /// Columns of a table by which rows are told apart, or that cannot hold what they are called after.
    fn columns(&self, table: &TableFact, findings: &mut Vec<Finding>) {
        for column in &table.columns {
            let place = || Some(Place::Column { table: table.name.clone(), column: column.name.clone(), path: None });
            for kind in catalogue::guidless_columns(&column.name) {
                let message = format!(
                    "column `{}.{}` is called after a GUID, and a {kind} has none: what the panel shows is the GUID of what it belongs to, with which all \
                     of its {kind} objects share it",
                    table.name, column.name
                );
                findings.push(self.finding(Severity::Warning, *kind, place(), message, help(*kind), column.span));
            }
            if !column.primary_key && !column.unique {
                continue;
            }
            for kind in catalogue::label_columns(&column.name).iter().filter(|kind| !identifies(table, &column.name, **kind)) {
                let message = format!(
                    "rows of `{}` are told apart by `{}`, which does not identify a {kind}: several may have the same, and it changes",
                    table.name, column.name
                );
                findings.push(self.finding(Severity::Warning, *kind, place(), message, help(*kind), column.span));
            }
        }
    }

    fn finding(&self, severity: Severity, kind: Kind, place: Option<Place>, message: String, help: String, span: Span) -> Finding {
        Finding {
            rule: self.id(),
            severity,
            confidence: Confidence::Likely,
            kinds: vec![kind],
            place,
            message,
            help,
            locations: vec![Location::primary(span, "does not identify the object")],
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }
}

/// Whether a table has another column that identifies an object of `kind`.
fn identifies(table: &TableFact, but: &str, kind: Kind) -> bool {
    let others = || table.columns.iter().map(|c| c.name.as_str()).filter(|name| *name != but);
    let is = |name: &str| {
        let keys = catalogue::key_columns(name).iter().chain(catalogue::guid_columns(name));
        keys.chain(catalogue::columns(name).iter().map(|(kind, _)| kind)).any(|k| *k == kind)
    };
    others().any(is)
}

/// What is wrong with a part of a name.
struct Flaw {
    kind: Kind,
    /// The call, for a person.
    call: String,
    why: String,
    /// Whether it does identify the object after all, as long as nobody changes or respells it.
    mild: bool,
}

/// A call that gives what identifies no object.
fn flaw(code: &Code<'_>, part: ExprId) -> Option<Flaw> {
    let script = code.script;
    let ExprKind::Method { object, name, args } = script.expr(part).kind else { return None };
    let method = script.text(name);
    if let Some(class) = code.class_of(object) {
        let first = script.args(args).first().map(|arg| script.expr(arg.value).kind);
        let first = if let Some(ExprKind::Text(text)) = first { Some(script.text(text)) } else { None };
        let mut known = catalogue::calls(class, method, first).filter_map(|known| Some((known, known.call.label.clone()?)));
        if let Some((known, why)) = known.next() {
            let argument = first.map(|first| format!("'{first}'")).unwrap_or_default();
            let mild = known.call.given() == Some(Gives::Key);
            return Some(Flaw { kind: known.kind, call: format!("{class}::{method}({argument})"), why, mild });
        }
    }
    // The GUID of what an object belongs to that has none of its own: `$alias->getDomain()->getGuid()`.
    let ExprKind::Method { object: inner, name: step, .. } = script.expr(object).kind else { return None };
    let (of, _) = code.panel_gives(part).into_iter().find(|(_, gives)| *gives == Gives::Guid)?;
    let class = code.class_of(inner)?;
    let kind = catalogue::calls_on(class, "getId").iter().find(|k| k.call.given() == Some(Gives::Id))?.kind;
    let table = kind.facts().table.as_ref()?;
    if table.guid.is_some() || kind == of || !kind.facts().hosted {
        return None;
    }
    let why = format!("it is the GUID of its {of}, which all of that {of}'s {kind} objects share");
    Some(Flaw { kind, call: format!("{class}::{}()->{method}()", script.text(step)), why, mild: false })
}

fn help(kind: Kind) -> String {
    let table = kind.facts().table.as_ref();
    let guid = table.is_some_and(|t| t.guid.is_some());
    let what = if guid { "its GUID" } else { "its name, with that of what it belongs to" };
    format!("use what the panel tells {kind} objects apart by: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::source::FileId;
    use crate::extension::sql::schema::{self, SchemaOrigin};
    use crate::lint::testing::{files, lint_php, lint_with};

    const RULE: &str = "unstable-reference";

    fn told(code: &str) -> Vec<(Severity, String)> {
        lint_php(RULE, &format!("<?php\n{code}\n")).findings.into_iter().map(|f| (f.severity, f.message)).collect()
    }

    #[test]
    fn names_that_identify_nothing_are_told() {
        let client = "$client = pm_Session::getClient();";
        let alias = "function f(pm_DomainAlias $alias) {";
        for (code, severity, words) in [
            (format!("{client} pm_Settings::set('color-' . $client->getProperty('pname'), 1);"), Severity::Warning, "several clients"),
            (
                "$plan = new pm_Plan($id); file_put_contents(pm_Context::getVarDir() . $plan->getName() . '.json', '');".to_owned(),
                Severity::Warning,
                "a file",
            ),
            (
                "$d = new pm_Domain($id); $name = $d->getDisplayName(); pm_Settings::set(\"x-$name\", 1);".to_owned(),
                Severity::Note,
                "as people read it",
            ),
            (format!("{alias} pm_Settings::set('a-' . $alias->getDomain()->getGuid(), 1); }}"), Severity::Warning, "share"),
        ] {
            let told = told(&code);
            assert!(matches!(&told[..], [(s, m)] if *s == severity && m.contains(words)), "{code}: {told:?}");
        }
    }

    #[test]
    fn names_that_identify_are_not() {
        for code in [
            "$client = pm_Session::getClient(); pm_Settings::set('color-' . $client->getLogin(), 1);",
            "$client = pm_Session::getClient(); pm_Settings::set('c-' . $client->getProperty('guid') . $client->getProperty('pname'), 1);",
            "$d = new pm_Domain($id); pm_Settings::set('x-' . $d->getGuid(), $d->getDisplayName());",
            "$d = new pm_Domain($id); pm_Settings::set('x-' . $d->getName(), 1); echo $d->getDisplayName();",
            "$user = new User($id); pm_Settings::set('x-' . $user->getDisplayName(), 1);",
            "function f(pm_DomainAlias $alias) { pm_Settings::set('a-' . $alias->getName(), 1); }",
        ] {
            assert_eq!(told(code), [], "{code}");
        }
    }

    #[test]
    fn columns_are_told_by_their_names_and_keys() {
        for (sql, words) in [
            ("CREATE TABLE t (plan_name TEXT PRIMARY KEY, color TEXT);", Some("told apart by `plan_name`")),
            ("CREATE TABLE t (client_name TEXT UNIQUE, color TEXT);", Some("told apart by `client_name`")),
            ("CREATE TABLE t (alias_guid TEXT, color TEXT);", Some("and a domain-alias has none")),
            ("CREATE TABLE t (id INTEGER PRIMARY KEY, plan_name TEXT);", None),
            ("CREATE TABLE t (plan_guid TEXT, plan_name TEXT UNIQUE);", None),
            ("CREATE TABLE t (domain_guid TEXT PRIMARY KEY);", None),
        ] {
            let mut extension = files(&[("a.sql", sql.as_bytes())]);
            extension.tables = schema::read(FileId(0), sql.as_bytes(), SchemaOrigin::SqlFile).tables;
            let said: Vec<String> =
                lint_with(extension, &[], "").findings.into_iter().filter(|f| f.rule == RULE).map(|f| f.message).collect();
            match words {
                None => assert_eq!(said, Vec::<String>::new(), "{sql}"),
                Some(words) => assert!(matches!(&said[..], [one] if one.contains(words)), "{sql}: {said:?}"),
            }
        }
    }
}
