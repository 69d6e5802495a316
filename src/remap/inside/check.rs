//! Checks, before the commit, every value that was rewritten: it is read again by other means, and compared byte by byte with what it was.

use super::text_of;
use crate::remap::actions::Actions;
use crate::remap::compute::Computed;
use crate::remap::decide::{Action, Storage};
use crate::remap::error::{Context, RemapError};
use crate::remap::session::Session;
use crate::sqlite::ValueRef;
use crate::sqlite::name::qualified;
use crate::value::proof::differs;

/// Checks the values that run `run` rewrote, as its journal has them.
pub(crate) fn check(session: &Session, computed: &Computed<'_>, run: i64) -> Result<(), RemapError> {
    for (n, work) in computed.tables.iter().enumerate().filter(|(_, w)| w.scanned.changed > 0) {
        let database = &session.databases[work.database];
        for (i, (column, decider)) in work.targets.iter().enumerate() {
            let Some(insider) = &decider.inside else { continue };
            let changes = insider.changes();
            let moves = |old: i64, new: Option<i64>| {
                let same = |action| match (action, new) {
                    (Action::Set(id), Some(new)) => id == new,
                    (Action::Null, None) => true,
                    _ => false,
                };
                let as_any = |part: &Actions| [Storage::Integer, Storage::Text].iter().any(|s| part.get(old, *s).is_some_and(same));
                changes.parts.iter().any(as_any)
            };
            let allowed = insider.inside.allowed(&moves);
            let journal = qualified("main", &format!("journal_{run}_{n}"));
            let wrong = || -> Result<Option<String>, crate::sqlite::Error> {
                let mut query = session.connection.prepare(&format!("SELECT o{i}, n{i} FROM {journal}"))?;
                let mut rows = query.query([])?;
                while let Some(row) = rows.next()? {
                    let (old, new) = (row.get_ref(0)?, row.get_ref(1)?);
                    let (mut a, mut b) = (String::new(), String::new());
                    let found = match (text_of(old, &mut a), text_of(new, &mut b)) {
                        (Some(old), Some(new)) => differs(old, new, &allowed),
                        (None, None) if matches!((old, new), (ValueRef::Null, ValueRef::Null) | (ValueRef::Real(_), ValueRef::Real(_))) => {
                            None
                        }
                        _ => Some("its storage class is another one".into()),
                    };
                    if found.is_some() {
                        return Ok(found);
                    }
                }
                Ok(None)
            };
            if let Some(detail) = wrong().on(&database.path)? {
                let detail = format!("{}: {}.{}: {detail}", database.name, work.table.name, work.table.columns[*column].name);
                return Err(RemapError::Check { detail });
            }
        }
    }
    Ok(())
}
