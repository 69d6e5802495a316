//! Code that deletes what belongs to an id which the panel does not know: in the `catch` of a look-up, or where a look-up gave nothing.
//!
//! What is looked up and what is deleted must be about the same variable. A look-up is a call of the panel's that takes an id and gives the object, or a
//! method of the extension's that makes such a call for one of its parameters and gives nothing when that fails.

use rustc_hash::FxHashMap;

use super::code::{Code, Subject};
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, FunctionId, Lack, Slice, Stmt};
use crate::panel::Kind;
use crate::panel::catalogue::{self, Gives, Keeps};

/// What a method that deletes is called.
const DELETES: &[&str] = &["delete", "remove", "purge", "destroy", "drop", "forget", "erase"];

/// PHP's functions that delete a file or a folder.
const UNLINKS: &[&str] = &["unlink", "rmdir"];

/// Methods of requests: what a person asked for is no stored id.
const REQUESTS: &[&str] = &["getparam", "_getparam", "getpost", "getquery", "getuserparam"];

/// PHP's arrays of what a request brings.
const REQUEST_ARRAYS: &[&str] = &["_GET", "_POST", "_REQUEST", "argv"];

/// As many values of a variable are looked at.
const MOST_VALUES: usize = 16;

/// A deletion of what belongs to an id that does not resolve.
#[derive(Debug)]
pub(super) struct Deletion {
    /// The kind of object that is looked up.
    pub(super) kind: Kind,
    /// The look-up that fails.
    pub(super) lookup: Bytes,
    /// How it is called, for a person.
    pub(super) call: String,
    /// What deletes.
    pub(super) at: Bytes,
    /// Whether it is certain that stored data goes: a setting, a row, a file. Otherwise a method is only called so.
    pub(super) certain: bool,
}

/// A look-up of an object by an id.
#[derive(Debug, Clone)]
struct Lookup {
    kind: Kind,
    call: String,
    at: Bytes,
    expr: ExprId,
    /// What its id is about.
    subject: Subject,
}

/// The extension's methods and functions that look an object up and give nothing when there is none, by their names in lower case: the parameter with the
/// id, and the kind.
pub(super) struct Checkers(FxHashMap<String, Option<(usize, Kind)>>);

impl Checkers {
    /// Those of an extension. Where several have one name, all of them must be such.
    pub(super) fn of(codes: &[Code<'_>]) -> Checkers {
        let mut all: FxHashMap<String, Option<(usize, Kind)>> = FxHashMap::default();
        for code in codes.iter().filter(|code| !code.script.tries.is_empty()) {
            let script = code.script;
            let mut known: FxHashMap<FunctionId, Vec<(u32, bool)>> = FxHashMap::default();
            for attempt in &script.tries {
                let id = code.function_at(attempt.body.start);
                let (function, name) = (code.function(id), script.text(code.function(id).name));
                if name.is_empty() {
                    continue;
                }
                let returns = known.entry(id).or_insert_with(|| returns(code, id));
                if !attempt.catches.iter().any(|catch| returns_nothing(returns, *catch)) {
                    continue;
                }
                let parameter = |lookup: Lookup| {
                    let number = function.params.iter().position(|p| Subject::Variable(p.name) == lookup.subject)?;
                    Some((number, lookup.kind))
                };
                if let Some(check) = lookups(code, attempt.body).into_iter().find_map(parameter) {
                    all.insert(name.to_ascii_lowercase(), Some(check));
                }
            }
        }
        if all.is_empty() {
            return Checkers(all);
        }
        let mut times: FxHashMap<String, usize> = FxHashMap::default();
        for (script, function) in codes.iter().map(|c| c.script).flat_map(|s| s.functions.iter().map(move |f| (s, f))) {
            let name = script.text(function.name).to_ascii_lowercase();
            if all.contains_key(&name) {
                *times.entry(name).or_default() += 1;
            }
        }
        all.retain(|name, _| times.get(name) == Some(&1));
        Checkers(all)
    }

    fn get(&self, name: &str) -> Option<(usize, Kind)> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&name.trim_start_matches('\\').to_ascii_lowercase()).copied().flatten()
    }
}

/// Where a function returns, in order, and whether that is false or null.
fn returns(code: &Code<'_>, function: FunctionId) -> Vec<(u32, bool)> {
    let nothing = |id: ExprId| match code.kind(id) {
        ExprKind::Null => true,
        ExprKind::Constant(name) => code.script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("false"),
        _ => false,
    };
    let values = code.function(function).body.iter().filter_map(|stmt| if let Stmt::Return(value) = stmt { Some(*value) } else { None });
    let mut returns: Vec<(u32, bool)> = values.map(|value| (code.at(value).start, nothing(value))).collect();
    returns.sort_unstable();
    returns
}

/// Whether false or null is given from within `at`, or after it where that gives nothing at all.
fn returns_nothing(returns: &[(u32, bool)], at: Bytes) -> bool {
    let first = returns.partition_point(|(start, _)| *start < at.start);
    let after = returns.partition_point(|(start, _)| *start < at.end);
    let inside = &returns[first..after];
    if inside.is_empty() { returns.get(after).is_some_and(|(_, nothing)| *nothing) } else { inside.iter().any(|(_, nothing)| *nothing) }
}

/// The deletions in a script of what belongs to ids that do not resolve.
pub(super) fn deletions(code: &Code<'_>, checkers: &Checkers) -> Vec<Deletion> {
    let script = code.script;
    if script.tries.is_empty() && (checkers.0.is_empty() || script.lacks.is_empty()) {
        return Vec::new();
    }
    let mut all = Vec::new();
    // The variables that look-ups which may fail give an object to, with where that is over.
    let mut looked: FxHashMap<(FunctionId, &str), Vec<(u32, Lookup)>> = FxHashMap::default();
    for attempt in &script.tries {
        let function = code.function_at(attempt.body.start);
        let tried = lookups(code, attempt.body);
        let mut subjects: Vec<Subject> = Vec::new();
        for lookup in &tried {
            if subjects.len() >= MOST_VALUES || subjects.contains(&lookup.subject) {
                continue;
            }
            subjects.push(lookup.subject);
            for catch in &attempt.catches {
                all.extend(deletion(code, *catch, lookup));
            }
        }
        for (_, kind) in code.within(attempt.body) {
            let ExprKind::Assign { target, value } = kind else { continue };
            let (ExprKind::Variable(name), Some(lookup)) = (code.kind(target), tried.iter().find(|l| l.expr == value)) else { continue };
            looked.entry((function, script.text(name))).or_default().push((attempt.body.end, lookup.clone()));
        }
    }
    for lack in &script.lacks {
        let Some(id) = code.exactly(lack.value) else { continue };
        if let ExprKind::Variable(name) = code.kind(id) {
            let before = looked.get(&(code.function_of(id), script.text(name)));
            let last = before.and_then(|all| all.iter().rev().find(|(end, _)| *end <= lack.value.start));
            all.extend(last.and_then(|(_, lookup)| deletion(code, lack.at, lookup)));
        }
        all.extend(checked(code, checkers, id, lack).and_then(|lookup| deletion(code, lack.at, &lookup)));
    }
    all.sort_by_key(|d| (d.at, d.lookup));
    all.dedup_by_key(|d| d.at);
    all
}

/// The look-up whose answer `lack` asks for: a call of a checker, or a variable that holds what one gave.
fn checked(code: &Code<'_>, checkers: &Checkers, id: ExprId, lack: &Lack) -> Option<Lookup> {
    match code.kind(id) {
        ExprKind::Variable(name) => {
            let given = code.given(code.function_of(id), name);
            let before = given.values.iter().rev().filter(|value| code.at(**value).end <= lack.value.start).take(1);
            before.into_iter().find_map(|value| checker_call(code, checkers, *value))
        }
        ExprKind::Assign { value, .. } => checker_call(code, checkers, value),
        _ => checker_call(code, checkers, id),
    }
}

fn checker_call(code: &Code<'_>, checkers: &Checkers, id: ExprId) -> Option<Lookup> {
    let script = code.script;
    let (name, args) = match code.kind(id) {
        ExprKind::Method { name, args, .. } | ExprKind::Static { name, args, .. } | ExprKind::Call { name, args } => (name, args),
        _ => return None,
    };
    let (number, kind) = checkers.get(script.text(name))?;
    let argument = script.args(args).get(number).filter(|a| !a.spread && a.name.is_none())?;
    let subject = stored(code, argument.value)?;
    Some(Lookup { kind, call: format!("{}()", script.text(name)), at: code.at(id), expr: id, subject })
}

/// The look-ups in a part of a script.
fn lookups(code: &Code<'_>, at: Bytes) -> Vec<Lookup> {
    code.within(at).filter_map(|(id, kind)| lookup(code, id, kind)).collect()
}

fn lookup(code: &Code<'_>, id: ExprId, kind: ExprKind) -> Option<Lookup> {
    let script = code.script;
    let (class, method, args): (_, _, Slice) = match kind {
        ExprKind::New { class, args } => (script.text(class), "__construct", args),
        ExprKind::Static { class, name, args } => (script.text(class), script.text(name), args),
        _ => return None,
    };
    catalogue::calls_on(class, method).iter().find_map(|known| {
        let number = known.call.takes_id.filter(|_| matches!(known.call.given(), Some(Gives::Object(_))))?;
        let argument = script.args(args).get(number).filter(|a| !a.spread && a.name.is_none())?;
        let subject = stored(code, argument.value)?;
        let call = if method == "__construct" { format!("new {class}()") } else { format!("{class}::{method}()") };
        Some(Lookup { kind: known.kind, call, at: code.at(id), expr: id, subject })
    })
}

/// What an id is about, unless it comes from a request or an event.
fn stored(code: &Code<'_>, id: ExprId) -> Option<Subject> {
    let script = code.script;
    let subject = code.subject(id)?;
    if asks(code, id) {
        return None;
    }
    let number = code.function_of(id);
    let function = code.function(number);
    let listener = catalogue::get().shared.event_listener.as_ref();
    let listener = listener.filter(|l| script.text(function.name).eq_ignore_ascii_case(&l.method));
    let event = listener.and_then(|l| function.params.get(l.object_id)).map(|p| p.name);
    let passing = code.together(number, subject).into_iter().any(|about| {
        let Subject::Variable(name) = about else { return false };
        let given = code.given(number, name);
        let mut from = given.values.iter().chain(&given.elements).take(MOST_VALUES);
        event == Some(name) || REQUEST_ARRAYS.contains(&script.text(name)) || from.any(|value| asks(code, *value))
    });
    (!passing).then_some(subject)
}

/// Whether an expression takes something out of a request.
fn asks(code: &Code<'_>, id: ExprId) -> bool {
    code.within(code.at(id)).any(|(_, kind)| match kind {
        ExprKind::Variable(name) => REQUEST_ARRAYS.contains(&code.script.text(name)),
        ExprKind::Method { name, .. } => REQUESTS.contains(&code.script.text(name).to_ascii_lowercase().as_str()),
        _ => false,
    })
}

/// The first thing in `at` that deletes what a look-up is about; what certainly does goes before the rest.
fn deletion(code: &Code<'_>, at: Bytes, lookup: &Lookup) -> Option<Deletion> {
    let script = code.script;
    let spoken = code.mentions(at, &code.together(code.function_at(lookup.at.start), lookup.subject));
    if spoken.is_empty() {
        return None;
    }
    let about = |at: Bytes| spoken.get(spoken.partition_point(|start| *start < at.start)).is_some_and(|start| *start < at.end);
    let mut found: Option<(Bytes, bool)> = None;
    for (id, kind) in code.within(at) {
        let here = code.at(id);
        let (deletes, certain) = match kind {
            ExprKind::Static { class, name, args } => {
                let nulls = catalogue::stores_on(script.text(class), script.text(name)).iter().any(|store| {
                    let argument = |number: Option<usize>| script.args(args).get(number?).map(|a| a.value);
                    store.keeps == Keeps::Setting
                        && argument(store.value).is_some_and(|value| matches!(code.kind(value), ExprKind::Null))
                        && argument(store.key).is_some_and(|key| about(code.at(key)))
                });
                (nulls || is_deletion(script.text(name)) && about(here), nulls)
            }
            ExprKind::Method { name, args, .. } => {
                let deletes = is_deletion(script.text(name)) && about(here);
                (deletes, deletes && takes_condition(code, args))
            }
            ExprKind::Call { name, .. } => {
                let name = script.text(name).trim_start_matches('\\');
                let unlinks = UNLINKS.iter().any(|known| known.eq_ignore_ascii_case(name));
                ((unlinks || is_deletion(name)) && about(here), unlinks)
            }
            // The statement's values may be given to it by another call.
            ExprKind::Text(text) => {
                let rows = script.text(text).trim_start().get(..12).is_some_and(|t| t.eq_ignore_ascii_case("delete from "));
                (rows, rows)
            }
            _ => continue,
        };
        if deletes && found.is_none_or(|(_, sure)| certain && !sure) {
            found = Some((here, certain));
            if certain {
                break;
            }
        }
    }
    let (at, certain) = found?;
    Some(Deletion { kind: lookup.kind, lookup: lookup.at, call: lookup.call.clone(), at, certain })
}

/// Whether a call takes the name of a table and a condition, as a database adapter's does: `delete('jobs', ['domain = ?' => $id])`.
fn takes_condition(code: &Code<'_>, args: Slice) -> bool {
    let [table, condition, ..] = code.script.args(args) else { return false };
    // `id = ?`, `name = '…'`, `id = ` before a value
    let compares = |text: &str| {
        let equals =
            text.split('=').skip(1).any(|after| after.trim_start().is_empty() || after.trim_start().starts_with(['?', '\'', ':', '"']));
        text.contains(" = ") && equals || text.to_ascii_lowercase().contains(" in (")
    };
    let names = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '`'));
    matches!(code.kind(table.value), ExprKind::Text(text) if names(code.script.text(text)))
        && code.within(code.at(condition.value)).any(|(_, kind)| matches!(kind, ExprKind::Text(text) if compares(code.script.text(text))))
}

/// Whether a method or function is called as one that deletes. A cache is made again.
fn is_deletion(name: &str) -> bool {
    let name = name.rsplit('\\').next().unwrap_or(name).trim_start_matches('_').to_ascii_lowercase();
    DELETES.iter().any(|word| name.starts_with(word)) && !name.contains("cache")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::Extension;
    use crate::extension::php::parse::parse;
    use crate::extension::source::FileId;

    /// The text of what deletes, and whether that is certain.
    fn found(code: &str) -> Vec<(String, bool)> {
        let code = format!("<?php\n{code}\n");
        let extension = Extension { scripts: vec![parse(FileId(0), code.as_bytes())], ..Extension::default() };
        let script = &extension.scripts[0];
        let text = |at: Bytes| code[at.start as usize..at.end as usize].to_owned();
        let codes = [Code::new(script)];
        deletions(&codes[0], &Checkers::of(&codes)).into_iter().map(|d| (text(d.at), d.certain)).collect()
    }

    const CHECKER: &str =
        "class C { function exists($id) { try { new pm_Domain($id); return true; } catch (pm_Exception $e) { return false; } } ";

    #[test]
    fn deletions_where_a_look_up_fails_are_found() {
        for (code, deletes, certain) in [
            (
                "try { new pm_Domain($id); } catch (pm_Exception $e) { $db->delete('t', ['id = ?' => $id]); }",
                "$db->delete('t', ['id = ?' => $id])",
                true,
            ),
            (
                "try { $d = new pm_Domain($row['d']); } catch (Exception $e) { pm_Settings::set('s-' . $row['d'], null); }",
                "pm_Settings::set('s-' . $row['d'], null)",
                true,
            ),
            (
                "try { pm_Client::getByClientId((int) $id); } catch (Exception $e) { unlink($dir . $id . '.json'); }",
                "unlink($dir . $id . '.json')",
                true,
            ),
            (
                "try { new pm_Domain($id); } catch (Exception $e) { $s = $db->prepare('DELETE FROM t WHERE d = ?'); $s->execute([$id]); }",
                "'DELETE FROM t WHERE d = ?'",
                true,
            ),
            (
                "try { $d = pm_Domain::getByDomainId($id); } catch (Exception $e) { $d = null; } if (!$d) { removeData($id); }",
                "removeData($id)",
                false,
            ),
            (
                "try { $d = new pm_Domain($id); } catch (Exception $e) { $d = null; } if ($d) { show($d); } else { $row->delete($id); }",
                "$row->delete($id)",
                false,
            ),
            // What the id is taken from, or stands beside, belongs to it too.
            (
                "foreach ($all as $row) { $r = json_decode($row['value'], true); try { new pm_Domain($r['d']['id']); } catch (E $e) { db()->delete('t', \"n = '{$row['n']}'\"); } }",
                "db()->delete('t', \"n = '{$row['n']}'\")",
                true,
            ),
            ("foreach ($map as $id => $file) { try { new pm_Domain($id); } catch (E $e) { unlink($file); } }", "unlink($file)", true),
            (
                &format!(
                    "{CHECKER} function f($ids) {{ foreach ($ids as $id) {{ if (!$this->exists($id)) {{ $this->purge($id); }} }} }} }}"
                ),
                "$this->purge($id)",
                false,
            ),
            (
                &format!(
                    "{CHECKER} function f($ids) {{ foreach ($ids as $id) {{ if ($this->exists($id)) {{ continue; }} unlink($id); }} }} }}"
                ),
                "unlink($id)",
                true,
            ),
        ] {
            assert_eq!(found(code), [(deletes.to_owned(), certain)], "{code}");
        }
    }

    #[test]
    fn other_deletions_are_not() {
        for code in [
            "try { new pm_Domain($id); } catch (Exception $e) { pm_Log::err($e); }",
            "try { new pm_Domain($id); } catch (Exception $e) { $db->delete('t', ['id = ?' => $other]); }",
            "try { new pm_Domain($id); $db->delete('t', ['id = ?' => $id]); } catch (Exception $e) { throw $e; }",
            "$all = $request->getPost(); $id = $all['id']; try { new pm_Domain($id); } catch (Exception $e) { $db->delete('t', $id); }",
            "$id = $this->store->id; try { new pm_Domain($id); } catch (Exception $e) { $this->store->delete('last'); }",
            "$id = $this->_getParam('id'); try { new pm_Domain($id); } catch (Exception $e) { $db->delete('t', ['id = ?' => $id]); }",
            "try { pm_Domain::getByGuid($guid); } catch (Exception $e) { $db->delete('t', ['guid = ?' => $guid]); }",
            "try { new pm_Domain($id); } catch (Exception $e) { $this->removeCache($id); }",
            "try { new pm_Domain($id); } catch (Exception $e) { } if ($done) { $this->remove($id); }",
            &format!("{CHECKER} function f($id) {{ if ($this->exists($id)) {{ $this->purge($id); }} }} }}"),
        ] {
            assert_eq!(found(code), [], "{code}");
        }
    }
}
