//! From stored ids to the references that they become: every distinct value of a column, looked up on the panel once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Form;
use crate::panel::mapping::{normal, normal_name};
use crate::panel::{Guid, Inventory, Kind, Object};
use crate::remap::compute::show;
use crate::remap::decide::{Class, FromRef};
use crate::remap::sentinel::Sentinels;
use crate::remap::twin::{Says, says};
use crate::sqlite::{Value, ValueRef};

/// Distinct values that are told of one fault.
const SHOWN: usize = 10;

/// A stored value, to the storage class.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Stored {
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
}

impl Stored {
    /// The value, if it can stand in a map at all.
    pub(super) fn of(value: ValueRef<'_>) -> Option<Stored> {
        match value {
            ValueRef::Integer(i) => Some(Stored::Integer(i)),
            ValueRef::Text(t) => std::str::from_utf8(t).ok().map(|t| Stored::Text(t.to_owned())),
            _ => None,
        }
    }
}

impl crate::sqlite::ToSql for Stored {
    fn to_sql(&self) -> Result<crate::sqlite::ToSqlOutput<'_>, crate::sqlite::Error> {
        match self {
            Stored::Integer(i) => i.to_sql(),
            Stored::Text(t) => t.to_sql(),
        }
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// No such object.
    Unresolved,
    /// The object has no GUID, or shares it with others.
    NoGuid,
    /// The object has no name, or shares it with others.
    NoName,
    /// The object's name reads as "no object".
    NameIsNone,
    /// Nearly a number, or neither an id nor what it is to become.
    NotAnId,
    /// The twin in the row names another object.
    Twin,
}

impl Fault {
    fn told(self, kind: Kind) -> String {
        match self {
            Fault::Unresolved => format!("no such {kind} on this panel"),
            Fault::NoGuid => format!("the {kind} has no GUID of its own (none, or one that several carry)"),
            Fault::NoName => format!("the {kind} has no name of its own (none, or one that several have)"),
            Fault::NameIsNone => format!("the {kind}'s name reads as a word for no object or all of them; take --to guid"),
            Fault::NotAnId => "neither an id nor a reference".into(),
            Fault::Twin => "the twin in the same row names another object".into(),
        }
    }
}

/// What a value comes to.
enum Answer {
    Reference(String),
    Fault(Fault),
}

/// Counts of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All.
    pub rows: u64,
    /// Ids that become references.
    pub ids: u64,
    /// References already.
    pub references: u64,
    /// NULL, and values that mean no object or all of them.
    pub none: u64,
}

/// What the values of one kind come to.
pub(super) struct Values<'a> {
    kind: Kind,
    form: Form,
    sentinels: Arc<Sentinels>,
    /// The name of the map that says what they become.
    pub map: String,
    panel: &'a Inventory,
    names: FxHashMap<String, (u64, &'a Object)>,
    guids: FxHashMap<Guid, &'a Object>,
    /// Every value that was asked for and has a reference.
    pub known: FxHashMap<Stored, String>,
}

/// What is wrong in one column.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<Fault, (u64, Vec<String>)>);

impl Faults {
    fn note(&mut self, fault: Fault, value: ValueRef<'_>) {
        let (rows, shown) = self.0.entry(fault).or_default();
        *rows += 1;
        if shown.len() <= SHOWN {
            let text = show(&Value::from_ref(value));
            if !shown.contains(&text) {
                shown.push(text);
            }
        }
    }

    /// One line for each fault.
    pub(super) fn told(&self, place: &str, kind: Kind) -> Vec<String> {
        let line = |(fault, (rows, shown)): (&Fault, &(u64, Vec<String>))| {
            let mut list = shown.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
            if shown.len() > SHOWN {
                list.push_str(", …");
            }
            let rows = if *rows == 1 { "1 row".into() } else { format!("{rows} rows") };
            format!("{place}: {}: {list} ({rows})", fault.told(kind))
        };
        self.0.iter().map(line).collect()
    }
}

impl<'a> Values<'a> {
    /// Of objects of `kind` on `panel`, which become references of the form `form`. `sentinels` mean no object, or all; `map` is the map's name.
    pub(super) fn new(kind: Kind, form: Form, panel: &'a Inventory, (sentinels, map): (Arc<Sentinels>, String)) -> Values<'a> {
        let mut names: FxHashMap<String, (u64, &'a Object)> = FxHashMap::default();
        let mut guids = FxHashMap::default();
        for object in panel.of_kind(kind) {
            names.entry(normal_name(object)).or_insert((0, object)).0 += 1;
            guids.extend(object.guid.map(|g| (g, object)));
        }
        Values { kind, form, sentinels, map, panel, names, guids, known: FxHashMap::default() }
    }

    /// Whose ids they are.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Looks a value up, with the twin in its row, and counts it. The text that stands there afterwards; `None`: NULL, or there is a fault.
    pub(super) fn ask(&mut self, value: ValueRef<'_>, twin: ValueRef<'_>, counts: &mut Counts, faults: &mut Faults) -> Option<&str> {
        counts.rows += 1;
        let class = self.sentinels.class(value);
        match class {
            Class::Null => {
                counts.none += 1;
                return None;
            }
            Class::Sentinel => counts.none += 1,
            Class::Id(id, _) => {
                counts.ids += 1;
                let object = self.panel.get(self.kind, id);
                if object.is_some_and(|o| says(twin, o.guid, &normal_name(o)) == Says::Differs) {
                    faults.note(Fault::Twin, value);
                    return None;
                }
            }
            Class::Malformed | Class::NotAnId => counts.references += 1,
        }
        let Some(stored) = Stored::of(value) else {
            faults.note(Fault::NotAnId, value);
            return None;
        };
        if !self.known.contains_key(&stored) {
            match self.answer(&stored, class) {
                Answer::Reference(text) => drop(self.known.insert(stored.clone(), text)),
                Answer::Fault(fault) => {
                    faults.note(fault, value);
                    return None;
                }
            }
        }
        self.known.get(&stored).map(String::as_str)
    }

    fn answer(&self, stored: &Stored, class: Class) -> Answer {
        match (class, stored) {
            (Class::Sentinel, Stored::Integer(i)) => Answer::Reference(i.to_string()),
            (Class::Sentinel, Stored::Text(t)) => Answer::Reference(t.clone()),
            (Class::Id(id, _), _) => self.panel.get(self.kind, id).map_or(Answer::Fault(Fault::Unresolved), |o| self.reference(o)),
            (_, Stored::Text(text)) if self.is_reference(text) => Answer::Reference(text.clone()),
            _ => Answer::Fault(Fault::NotAnId),
        }
    }

    /// How the object is referred to.
    fn reference(&self, object: &Object) -> Answer {
        match self.form {
            Form::Guid => object.guid.map_or(Answer::Fault(Fault::NoGuid), |g| Answer::Reference(g.to_string())),
            Form::Name => {
                let alone = self.names.get(&normal_name(object)).is_some_and(|(count, _)| *count == 1);
                match &*object.name {
                    "" => Answer::Fault(Fault::NoName),
                    _ if !alone => Answer::Fault(Fault::NoName),
                    name if self.sentinels.class(ValueRef::Text(name.as_bytes())) == Class::Sentinel => Answer::Fault(Fault::NameIsNone),
                    name => Answer::Reference(name.to_owned()),
                }
            }
        }
    }

    /// Whether the text is a reference to an object on the panel already.
    fn is_reference(&self, text: &str) -> bool {
        match self.form {
            Form::Guid => Guid::parse(text.as_bytes()).is_some_and(|g| self.guids.contains_key(&g)),
            Form::Name => self.names.get(&normal(text)).is_some_and(|(count, _)| *count == 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::inventory::Origin;

    fn panel() -> Inventory {
        let guid = |n: u32| Guid::parse(format!("{n:08x}-1111-4111-8111-111111111111").as_bytes());
        let object = |kind: &str, id, guid, name: &str| Object {
            kind: kind.parse().unwrap(),
            id,
            guid,
            name: name.into(),
            parent: None,
            witness: Box::default(),
        };
        let objects = vec![
            object("client", 1, guid(1), "admin"),
            object("client", 5, guid(0x5a), "bob"),
            object("client", 6, None, "carol"),
            object("client", 7, guid(7), "dave"),
            object("client", 8, guid(7), "DAVE"),
        ];
        Inventory::new(Origin::default(), objects, Vec::new())
    }

    #[test]
    fn values_become_references_or_are_told() {
        let panel = panel();
        let kind: Kind = "client".parse().unwrap();
        let guid = "0000005a-1111-4111-8111-111111111111";
        let upper = guid.to_uppercase();
        for (form, value, expected) in [
            (Form::Guid, ValueRef::Integer(5), Ok(guid)),
            (Form::Guid, ValueRef::Text(b"5"), Ok(guid)),
            (Form::Guid, ValueRef::Text(upper.as_bytes()), Ok(upper.as_str())),
            (Form::Guid, ValueRef::Integer(0), Ok("0")),
            (Form::Guid, ValueRef::Text(b"All"), Ok("All")),
            (Form::Guid, ValueRef::Integer(1), Ok("00000001-1111-4111-8111-111111111111")),
            (Form::Guid, ValueRef::Integer(6), Err("no GUID")),
            (Form::Guid, ValueRef::Integer(7), Err("no GUID")),
            (Form::Guid, ValueRef::Integer(99), Err("no such client")),
            (Form::Guid, ValueRef::Text(b"05"), Err("neither")),
            (Form::Guid, ValueRef::Real(5.0), Err("neither")),
            (Form::Guid, ValueRef::Text(b"bob"), Err("neither")),
            (Form::Guid, ValueRef::Text(b"\xff"), Err("neither")),
            (Form::Name, ValueRef::Integer(5), Ok("bob")),
            (Form::Name, ValueRef::Text(b"BOB"), Ok("BOB")),
            (Form::Name, ValueRef::Integer(1), Err("reads as a word")),
            (Form::Name, ValueRef::Integer(7), Err("no name of its own")),
            (Form::Name, ValueRef::Text(b"dave"), Err("neither")),
        ] {
            let (mut counts, mut faults) = (Counts::default(), Faults::default());
            let mut values = Values::new(kind, form, &panel, (Sentinels::shared(), String::new()));
            let text = values.ask(value, ValueRef::Null, &mut counts, &mut faults).map(str::to_owned);
            let told = faults.told("t.c", kind).join("");
            match expected {
                Ok(expected) => assert_eq!((text.as_deref(), told.as_str()), (Some(expected), ""), "{value:?}"),
                Err(why) => assert!(text.is_none() && told.contains(why), "{value:?}: {told}"),
            }
        }
    }

    #[test]
    fn a_twin_that_names_another_object_is_told() {
        let panel = panel();
        let mut values = Values::new("client".parse().unwrap(), Form::Guid, &panel, (Sentinels::shared(), String::new()));
        let (mut counts, mut faults) = (Counts::default(), Faults::default());
        assert!(values.ask(ValueRef::Integer(5), ValueRef::Text(b"bob"), &mut counts, &mut faults).is_some());
        assert!(values.ask(ValueRef::Integer(5), ValueRef::Text(b"carol"), &mut counts, &mut faults).is_none());
        assert!(faults.told("t.c", values.kind())[0].contains("the twin"));
        assert_eq!(counts, Counts { rows: 2, ids: 2, references: 0, none: 0 });
    }
}
