//! `destructive-cleanup`: code that deletes data whose raw id the panel no longer knows.

use super::super::code::Code;
use super::super::hooks::span;
use super::super::unresolved::{Checkers, Deletion, deletions};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::discover::Discovery;
use crate::extension::php::ir::{ExprKind, Script};
use crate::extension::source::Span;
use crate::extension::sql::in_code::SqlText;
use crate::extension::sql::statement::{Comparison, Delete, Filter, Operand, Statement};
use crate::reference::{Confidence, Place};

pub(super) static RULE: DestructiveCleanup = DestructiveCleanup;

/// The method of a database adapter, and of a table gateway, that deletes rows.
const DELETE: &str = "delete";

/// See `rules/destructive-cleanup.md`.
pub(super) struct DestructiveCleanup;

impl Rule for DestructiveCleanup {
    fn id(&self) -> &'static str {
        "destructive-cleanup"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for text in &context.extension.statements {
            self.statements(context, text, findings);
        }
        let checkers = Checkers::of(context.facts.codes());
        for code in context.facts.codes() {
            let script = code.script;
            self.adapters(context, code, findings);
            findings.extend(deletions(code, &checkers).iter().map(|deletion| self.unresolved(script, deletion)));
        }
    }
}

impl DestructiveCleanup {
    /// `DELETE FROM table WHERE column NOT IN (…)`.
    fn statements(&self, context: &Context<'_>, text: &SqlText, findings: &mut Vec<Finding>) {
        for statement in &text.statements {
            let Statement::Delete(delete) = statement else { continue };
            for filter in delete.filters.iter().filter(|f| f.comparison == Comparison::NotIn) {
                if compares_with_current(context, text, filter)
                    && let Some(discovery) = stored(context, table(delete, filter), &filter.column.name)
                {
                    findings.push(self.finding(discovery, filter.column.span));
                }
            }
        }
    }

    /// `$adapter->delete('table', ['column NOT IN (?)' => …])` and `$table->delete(['column NOT IN (?)' => …])`.
    fn adapters(&self, context: &Context<'_>, code: &Code<'_>, findings: &mut Vec<Finding>) {
        let script = code.script;
        for call in &script.exprs {
            let ExprKind::Method { name, args, .. } = call.kind else { continue };
            if !script.text(name).eq_ignore_ascii_case(DELETE) {
                continue;
            }
            let args = script.args(args);
            let table = match (args.len() > 1).then(|| script.expr(args[0].value).kind) {
                Some(ExprKind::Text(sym)) => Some(script.text(sym)),
                _ => None,
            };
            for (id, kind) in args.iter().flat_map(|arg| code.within(code.at(arg.value))) {
                if let ExprKind::Text(sym) = kind
                    && let Some((column, values)) = not_in(script.text(sym))
                    && is_open(values)
                    && let Some(discovery) = stored(context, table, column)
                {
                    findings.push(self.finding(discovery, span(script, code.at(id))));
                }
            }
        }
    }

    /// What belongs to an id is deleted when the panel does not know it.
    fn unresolved(&self, script: &Script, deletion: &Deletion) -> Finding {
        let Deletion { kind, call, .. } = deletion;
        Finding {
            rule: self.id(),
            severity: if deletion.certain { Severity::Error } else { Severity::Warning },
            confidence: Confidence::Likely,
            kinds: vec![*kind],
            place: None,
            message: format!("data is deleted when `{call}` finds no {kind} with its stored id: after a restore that is nearly all of it"),
            help:
                "delete it when the panel says that the object is gone (an event), or look the object up by its GUID, which a restore keeps"
                    .to_owned(),
            locations: vec![
                Location::primary(span(script, deletion.at), "deletes what belongs to an id that does not resolve"),
                Location::related(span(script, deletion.lookup), "looked up by its id here"),
            ],
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }

    fn finding(&self, discovery: &Discovery, span: Span) -> Finding {
        let reference = &discovery.reference;
        let kinds: Vec<&str> = reference.kinds.iter().map(|k| k.name()).collect();
        let kinds = kinds.join(" or ");
        let mut locations = vec![Location::primary(span, "deletes what has none of these ids")];
        let seen = discovery.sightings.iter().filter(|s| s.span != span);
        locations.extend(seen.map(|s| Location::related(s.span, &s.label)));
        Finding {
            rule: self.id(),
            severity: if reference.confidence == Confidence::Possible { Severity::Note } else { Severity::Error },
            confidence: reference.confidence,
            kinds: reference.kinds.clone(),
            place: Some(reference.place.clone()),
            message: format!(
                "rows are deleted whose raw {kinds} id in `{}` is not among the current ones: after a restore that is nearly every row",
                column_of(&reference.place)
            ),
            help: "delete a row when the panel says that its object is gone (an event), or compare GUIDs, which a restore keeps".to_owned(),
            locations,
            evidence: reference.evidence.clone(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }
}

/// The table that a filter is about: the one its column names, else the one that is deleted from.
fn table<'s>(delete: &'s Delete, filter: &'s Filter) -> Option<&'s str> {
    filter.column.table.as_deref().or(delete.table.as_deref())
}

/// Whether the list is known only at run time, and does not come from a table of the extension, whose ids grow old together with these.
fn compares_with_current(context: &Context<'_>, text: &SqlText, filter: &Filter) -> bool {
    if filter.values.iter().any(|v| matches!(v, Operand::Hole(_) | Operand::Positional(_) | Operand::Named(_))) {
        return true;
    }
    let own = |name: &str| context.extension.tables.iter().any(|t| !t.mysql && t.name.eq_ignore_ascii_case(name));
    let mut inner = text.statements.iter().filter_map(|s| if let Statement::Select(select) = s { Some(select) } else { None });
    // A query in the list: without one the list is of constants.
    inner.any(|select| select.tables.iter().all(|t| t.name.as_deref().is_some_and(|name| !own(name))) && !select.tables.is_empty())
}

/// The column of raw ids of that name, in that table where it is told, in any where it is not.
fn stored<'c>(context: &Context<'c>, table: Option<&str>, column: &str) -> Option<&'c Discovery> {
    context.discoveries.iter().find(|discovery| {
        let is_it = |(t, c, path): (&str, &str, Option<&str>)| {
            path.is_none() && c.eq_ignore_ascii_case(column) && table.is_none_or(|table| t.eq_ignore_ascii_case(table))
        };
        discovery.reference.place.as_column().is_some_and(is_it)
    })
}

fn column_of(place: &Place) -> String {
    place.as_column().map_or_else(|| place.to_string(), |(table, column, _)| format!("{table}.{column}"))
}

/// The column before `NOT IN`, and what follows it.
fn not_in(condition: &str) -> Option<(&str, &str)> {
    let folded = condition.to_ascii_lowercase();
    let mut words = folded.match_indices("not in");
    let (at, end) = words.find_map(|(at, word)| {
        let end = at + word.len();
        let apart = folded[..at].ends_with(char::is_whitespace) && folded[end..].trim_start().starts_with('(');
        apart.then_some((at, end))
    })?;
    let before = condition[..at].trim_end();
    let name = before.trim_end_matches(['`', '"', ']']);
    let start =
        name.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |i| i + name[i..].chars().next().map_or(1, char::len_utf8));
    (start < name.len()).then(|| (&name[start..], &condition[end..]))
}

/// Whether a list in parentheses is filled at run time: it has a placeholder, or its text ends within it.
fn is_open(values: &str) -> bool {
    let list = values.split(')').next().unwrap_or_default();
    !values.contains(')') || list.contains(['?', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_before_not_in_is_found() {
        for (condition, expected) in [
            ("domain_id NOT IN (?)", Some("domain_id")),
            ("a = 1 AND `n`.`domain_id` not in (?)", Some("domain_id")),
            ("domain_id NOT IN ('", Some("domain_id")),
            ("domain_id IN (?)", None),
            ("NOT IN (?)", None),
            ("ist nicht in\u{e4} NOT IN (?)", Some("in\u{e4}")),
            ("domain_id NOT INDEXED", None),
        ] {
            assert_eq!(not_in(condition).map(|(column, _)| column), expected, "{condition}");
        }
    }

    #[test]
    fn a_list_of_constants_is_no_list_of_current_ids() {
        for (values, open) in [(" (?)", true), (" (:ids)", true), (" (", true), (" (0, -1)", false), (" ()", false)] {
            assert_eq!(is_open(values), open, "{values}");
        }
    }
}
