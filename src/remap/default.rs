//! A column's DEFAULT that is an id. A run changes rows and declares nothing, so that rows which come later get the id of before it.

use super::compute::States;
use super::decide::{Class, Decider};
use super::sentinel::Sentinels;
use crate::extension::sql::token::{Kind, Tokens, bytes, name};
use crate::panel::{self, Inventory};
use crate::sqlite::ValueRef;
use crate::sqlite::schema::Table;

/// The id that the column's DEFAULT is, unless that is none, or means no object.
fn id(table: &Table, column: usize, sentinels: &Sentinels) -> Option<i64> {
    let text = table.columns[column].default.as_deref()?.as_bytes();
    let mut tokens: Vec<_> = Tokens::of_sqlite(text).filter(|t| !matches!(t.kind, Kind::Open | Kind::Close)).collect();
    let value = tokens.pop()?;
    let sign = match &tokens[..] {
        [] => 1,
        [sign] if bytes(text, sign) == b"-" => -1,
        [sign] if bytes(text, sign) == b"+" => 1,
        _ => return None,
    };
    let class = match value.kind {
        Kind::Number => {
            let number: i64 = std::str::from_utf8(bytes(text, &value)).ok()?.parse().ok()?;
            sentinels.class(ValueRef::Integer(sign * number))
        }
        Kind::String | Kind::Quoted if sign == 1 => sentinels.class(ValueRef::Text(name(text, &value)?.as_bytes())),
        _ => return None,
    };
    if let Class::Id(id, _) = class { Some(id) } else { None }
}

/// What the id was and is, where the mapping changes it, or its object is gone.
pub(super) fn note(table: &Table, column: usize, decider: &Decider<'_>, states: States<'_>) -> Option<String> {
    let (id, kind) = (id(table, column, decider.sentinels())?, decider.kind());
    let was = states.old.get(kind, id)?;
    let is = match states.mapping.new_id(kind, id) {
        Some(new) if new == id => return None,
        Some(new) => format!("has the id {new} now"),
        None if !states.new.carries(kind) || states.new.partial().is_some() => return None,
        None => "is not known to be on the panel any more".to_owned(),
    };
    let other = states.new.get(kind, id).map(|o| format!(", and would be {}", o.label())).unwrap_or_default();
    Some(format!(
        "the DEFAULT of the column is {id}: that was {}, which {is}. Rows that come without a value still get {id}{other}: have the extension declare the column anew",
        was.label()
    ))
}

/// What is wrong with the id on the panel as it is.
pub(super) fn unknown(table: &Table, column: usize, kind: panel::Kind, sentinels: &Sentinels, panel: &Inventory) -> Option<String> {
    let id = id(table, column, sentinels).filter(|id| panel.get(kind, *id).is_none() && panel.partial().is_none())?;
    Some(format!("the DEFAULT of the column is {id}, and there is no {kind} {id}: rows that come without a value point at nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Connection;
    use crate::sqlite::schema::Schema;

    #[test]
    fn ids_are_told_from_other_defaults() {
        for (default, is) in [
            ("5", Some(5)),
            ("(5)", Some(5)),
            ("+5", Some(5)),
            ("((-5))", Some(-5)),
            ("'5'", Some(5)),
            ("\"5\"", Some(5)),
            ("5 /* five */", Some(5)),
            ("0", None),
            ("-1", None),
            ("''", None),
            ("NULL", None),
            ("'05'", None),
            ("5.0", None),
            ("x'35'", None),
            ("(5 + 1)", None),
            ("(abs(5))", None),
            ("CURRENT_TIMESTAMP", None),
        ] {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(&format!("CREATE TABLE t(a, d INT DEFAULT {default})")).unwrap();
            let table = Schema::read(&connection, "main").unwrap().table("t").unwrap().clone();
            assert_eq!(id(&table, 1, &Sentinels::shared()), is, "{default}");
            assert_eq!(id(&table, 0, &Sentinels::shared()), None);
        }
    }
}
