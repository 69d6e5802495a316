//! Checks, before the commit, that the rows which were put back are those of the quarantine with the new ids, and that nothing else of their tables changed.
//! Shares nothing with the writer: it reads both ends again, and goes by the mapping.

use super::super::error::{Context, RemapError};
use super::super::inside::text_of;
use super::super::row_hash::{Content, RowHash};
use super::super::rows::{self, of};
use super::super::scan;
use super::held::IdColumn;
use super::put::{From, Into, Work};
use crate::panel::Kind;
use crate::reference::manifest::OnMissing;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Error, ToSqlOutput, ValueRef, params, params_from_iter};
use crate::value::number;
use crate::value::proof::differs;

/// Checks what run `run` put back into its table number `n`, which had the content `before`. The number of rows.
pub(super) fn check(work: &Work<'_>, into: &Into<'_>, (run, n): (i64, usize), before: Content) -> Result<u64, RemapError> {
    let on = &work.session.databases[into.database];
    let failed = |detail: String| RemapError::Check { detail: format!("{}: {}: {detail}", on.name, into.table.name) };
    let mut put = Content::default();
    for from in &into.from {
        let wrong = of_run(work, into, from, (run, n), &mut put).on(&on.path)?;
        if let Some(detail) = wrong {
            return Err(failed(format!("a row of run {}: {detail}", from.held.run)));
        }
    }
    let after = scan::content(&work.session.connection, &on.schema, &into.table).on(&on.path)?;
    if after.minus(put) != before {
        return Err(failed("its other rows are not what they were".into()));
    }
    let restored = qualified("main", &format!("restored_{run}_{n}"));
    let noted: i64 = work.session.connection.query_row(&format!("SELECT count(*) FROM {restored}"), [], |r| r.get(0)).on(work.path)?;
    if u64::try_from(noted) != Ok(put.rows()) || after.rows() != before.rows() + put.rows() {
        return Err(failed(format!("{} rows were put back, {noted} are noted", put.rows())));
    }
    Ok(put.rows())
}

/// What is wrong with the rows of one run, if something is. Adds the rows, as they stand in the table, to `put`.
fn of_run(work: &Work<'_>, into: &Into<'_>, from: &From<'_>, (run, n): (i64, usize), put: &mut Content) -> Result<Option<String>, Error> {
    let (connection, table) = (&work.session.connection, &into.table);
    let on = &work.session.databases[into.database];
    let (whole, address) = (rows::whole(table), table.address());
    let at = |name: &str| whole.iter().position(|w| w.eq_ignore_ascii_case(name));
    let key: Vec<String> = address.iter().filter_map(|a| at(a)).map(|i| format!("p.c{i}")).collect();
    // What was kept, by its number among the kept columns; and where it stands in the table.
    let kept: Vec<(usize, &str)> = from.columns.iter().map(|(i, name)| (*i, name.as_str())).collect();
    let list: Vec<String> = kept.iter().map(|(i, _)| format!("r.c{i}")).collect();
    let sql = format!(
        "SELECT {}, {} FROM {} AS p JOIN {} AS r ON r.row = p.row WHERE p.run = ?1 AND p.n = ?2",
        key.join(", "),
        list.join(", "),
        qualified("main", &format!("restored_{run}_{n}")),
        from.held.rows()
    );
    let equal: Vec<String> = address.iter().enumerate().map(|(i, a)| format!("t.{} = ?{}", quote(a), i + 1)).collect();
    let stored: Vec<&str> = table.stored().map(|c| table.columns[c].name.as_str()).collect();
    let found = format!(
        "SELECT {}, {} FROM {} AS t WHERE {}",
        of("t", &address),
        of("t", &stored),
        qualified(&on.schema, &table.name),
        equal.join(" AND ")
    );
    let mut find = connection.prepare(&found)?;
    let mut query = connection.prepare(&sql)?;
    let mut lines = query.query(params![from.held.run, from.held.n])?;
    while let Some(line) = lines.next()? {
        let key = (0..address.len()).map(|i| line.get_ref(i).map(ToSqlOutput::Borrowed)).collect::<Result<Vec<_>, _>>()?;
        let mut rows = find.query(params_from_iter(&key))?;
        let Some(row) = rows.next()? else { return Ok(Some("it is not there".into())) };
        let mut hash = RowHash::new();
        for i in 0..address.len() + stored.len() {
            hash.value(row.get_ref(i)?);
        }
        put.add(hash.finish());
        for (i, (kept, name)) in kept.iter().enumerate() {
            let place = stored.iter().position(|s| s.eq_ignore_ascii_case(name));
            let Some(place) = place else { return Ok(Some(format!("its column {name} is not there"))) };
            let (was, is) = (line.get_ref(address.len() + i)?, row.get_ref(address.len() + place)?);
            let column = from.held.columns.iter().find(|c| c.told.at == *kept);
            let right = match column {
                None => was == is,
                Some(column) => became(work, from, column, was, is),
            };
            if !right {
                return Ok(Some(format!("its column {name} is not what the mapping says")));
            }
        }
        if rows.next()?.is_some() {
            return Ok(Some("it is there twice".into()));
        }
    }
    Ok(None)
}

/// Whether a value with ids became what the mapping says.
fn became(work: &Work<'_>, from: &From<'_>, column: &IdColumn, was: ValueRef<'_>, is: ValueRef<'_>) -> bool {
    if was == is && number_in(was).is_none() && column.inside.is_none() {
        return true;
    }
    let mapping = &work.now.then(from.held).mapping;
    let moves = |kind: Kind, missing: OnMissing, old: i64, new: Option<i64>| match (mapping.new_id(kind, old), new) {
        (Some(mapped), Some(new)) => mapped == new && work.panel.get(kind, new).is_some(),
        (Some(_), None) => false,
        (None, None) => missing == OnMissing::Null,
        (None, Some(new)) => missing == OnMissing::Keep && new == old,
    };
    if let Some(inside) = &column.inside {
        let any = |old: i64, new: Option<i64>| inside.parts.iter().any(|p| moves(p.kind, p.policies.missing, old, new));
        let allowed = inside.allowed(&any);
        let (mut a, mut b) = (String::new(), String::new());
        return match (text_of(was, &mut a), text_of(is, &mut b)) {
            (Some(old), Some(new)) => same_class(was, is) && differs(old, new, &allowed).is_none(),
            (None, None) => was == is,
            _ => false,
        };
    }
    let Some(old) = number_in(was) else { return was == is };
    if column.sentinels.has(old) {
        return was == is;
    }
    let new = if is == ValueRef::Null { None } else { number_in(is) };
    (is == ValueRef::Null || new.is_some() && same_class(was, is)) && moves(column.kinds[0], column.told.missing, old, new)
}

/// The number that a value is.
fn number_in(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(i) => Some(i),
        ValueRef::Text(text) => number::canonical(text),
        _ => None,
    }
}

fn same_class(a: ValueRef<'_>, b: ValueRef<'_>) -> bool {
    a.data_type() == b.data_type()
}
