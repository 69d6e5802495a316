//! Values with ids inside, rewritten by SQL.

use std::sync::Arc;

use super::{Inside, Text, as_before, text_of};
use crate::remap::actions::Actions;
use crate::remap::decide::{Action, Storage};
use crate::sqlite::{Connection, Error, FunctionFlags, ToSql, ToSqlOutput, ValueRef};
use crate::value::{self, Candidates, Fate, Found, Written};

/// What a run does to the values of one column.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    inside: Arc<Inside>,
    /// For each part, what becomes of its ids that change.
    pub(super) parts: Arc<[Actions]>,
    /// All of those ids: values without them are passed over.
    candidates: Arc<Candidates>,
}

impl Changes {
    pub(super) fn new(inside: &Arc<Inside>, parts: Vec<Actions>) -> Changes {
        let candidates = Candidates::new(parts.iter().flat_map(|p| p.iter().map(|(id, _)| id)));
        Changes { inside: Arc::clone(inside), parts: parts.into(), candidates: Arc::new(candidates) }
    }

    /// What is done with a value: nothing, its ids are rewritten, or its row goes.
    pub(crate) fn of(&self, before: ValueRef<'_>) -> Change {
        let mut number = String::new();
        let Some(text) = text_of(before, &mut number) else { return Change::None };
        if !self.inside.spots.may_hold_any(text, &self.candidates) {
            return Change::None;
        }
        let mut remove = false;
        let rewritten = value::rewrite(text, &self.inside.spots, &mut |f: &Found<'_>| {
            let storage = match f.written {
                Written::Number => Storage::Integer,
                Written::Text => Storage::Text,
            };
            match self.parts[f.tag as usize].get(f.id, storage) {
                Some(Action::Set(new)) => Fate::Set(new),
                Some(Action::Null) => Fate::Null,
                Some(Action::Remove) => {
                    remove = true;
                    Fate::Keep
                }
                _ => Fate::Keep,
            }
        });
        match rewritten {
            Ok(_) if remove => Change::Remove,
            Ok(done) if !done.edits.is_empty() => Change::Rewrite(as_before(before, done.bytes.into_owned())),
            _ => Change::None,
        }
    }
}

/// What is done with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    Rewrite(Text),
    Remove,
}

impl ToSql for Text {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, Error> {
        Ok(ToSqlOutput::Borrowed(self.borrow()))
    }
}

/// The SQL functions for target `i` of table `n`: see [`apply`](crate::remap::apply).
pub(crate) fn functions(connection: &Connection, (n, i): (usize, usize), changes: Changes) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    let same = changes.clone();
    connection.create_scalar_function(format!("reguid_act_{n}_{i}").as_str(), 1, flags, move |ctx| {
        Ok(match same.of(ctx.get_raw(0)) {
            Change::None => 0i64,
            Change::Rewrite(_) => 1,
            Change::Remove => 2,
        })
    })?;
    connection.create_scalar_function(format!("reguid_new_{n}_{i}").as_str(), 1, flags, move |ctx| match changes.of(ctx.get_raw(0)) {
        Change::Rewrite(text) => Ok(text),
        _ => Err(Error::UserFunctionError("a value that the plan does not change".into())),
    })
}
