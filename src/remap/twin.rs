//! Twins: columns beside ids that name the same objects, by GUID or by name.
//!
//! Where an old panel state is known, a twin is a check: a row whose id and twin disagree is not touched. Where none is known, twins tell what the ids mean.
//! That cannot be wrong about the data's date, as every row says it of itself.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::decide::Class;
use super::error::{Context, RemapError};
use super::session::Session;
use super::target::Target;
use crate::panel::inventory::Origin;
use crate::panel::mapping::{normal, normal_name};
use crate::panel::{Guid, Inventory, Kind, Mapping, Match, Object};
use crate::sqlite::ValueRef;
use crate::sqlite::name::{qualified, quote};

/// Where an inventory was read that twins tell of.
pub(super) const SOURCE: &str = "the twins in the data";
/// Values listed for one id.
const LISTED: usize = 5;

/// What a twin says of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// Nothing: it is empty, or nothing is known of the object to hold against it.
    Nothing,
    /// It names the object.
    Agrees,
    /// It names another one.
    Differs,
}

/// What a twin names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Named {
    Guid(Guid),
    /// A name, as names are compared.
    Name(String),
}

/// What the twin names; `Ok(None)`: nothing. `Err`: it is neither GUID nor name.
fn named(twin: ValueRef<'_>) -> Result<Option<Named>, ()> {
    match twin {
        ValueRef::Null | ValueRef::Text(b"") => Ok(None),
        ValueRef::Text(text) => match Guid::parse(text) {
            Some(guid) => Ok(Some(Named::Guid(guid))),
            // The zero GUID is one that is not set.
            None if text.len() == 36 && text.iter().all(|b| matches!(b, b'0' | b'-')) => Ok(None),
            None => Ok(Some(Named::Name(normal(&String::from_utf8_lossy(text))))),
        },
        // A column of numbers makes a number of a login that looks like one.
        ValueRef::Integer(number) => Ok(Some(Named::Name(number.to_string()))),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(()),
    }
}

/// What `twin` says of the object with this GUID and this name (as names are compared; empty: unknown).
pub(crate) fn says(twin: ValueRef<'_>, guid: Option<Guid>, name: &str) -> Says {
    let same = |same| if same { Says::Agrees } else { Says::Differs };
    match named(twin) {
        Ok(None) => Says::Nothing,
        Ok(Some(Named::Guid(its))) => guid.map_or(Says::Nothing, |guid| same(guid == its)),
        Ok(Some(Named::Name(_))) if name.is_empty() => Says::Nothing,
        Ok(Some(Named::Name(its))) => same(its == name),
        Err(()) => Says::Differs,
    }
}

/// Holds twins of one column against panel states.
#[derive(Debug)]
pub(crate) struct Check<'a> {
    /// The column with the twins.
    pub column: usize,
    kind: Kind,
    old: &'a Inventory,
    new: &'a Inventory,
    /// What the old state knows, by GUID and name: filled when it is asked for.
    known: OnceCell<FxHashSet<Named>>,
}

/// Whether a row's id and twin agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Agreement {
    /// They do, or the twin says nothing.
    Fine,
    /// They do not.
    Disagree,
    /// They do not; in the new state they do.
    AsNew,
}

impl<'a> Check<'a> {
    /// A check of the twins in `column` of objects of `kind`.
    pub(super) fn new(column: usize, kind: Kind, old: &'a Inventory, new: &'a Inventory) -> Check<'a> {
        Check { column, kind, old, new, known: OnceCell::new() }
    }

    /// Whether the row with this id and this twin speaks of one object.
    pub(super) fn agreement(&self, id: i64, twin: ValueRef<'_>) -> Agreement {
        if matches!(twin, ValueRef::Null) {
            return Agreement::Fine;
        }
        let differs = match self.old.get(self.kind, id) {
            Some(object) if twin == ValueRef::Text(object.name.as_bytes()) => false,
            Some(object) => says(twin, object.guid, &normal_name(object)) == Says::Differs,
            // An id that nobody knows, beside the name of somebody who is known.
            None => named(twin).is_ok_and(|named| named.is_some_and(|n| self.known().contains(&n))),
        };
        match self.new.get(self.kind, id) {
            _ if !differs => Agreement::Fine,
            Some(object) if says(twin, object.guid, &normal_name(object)) == Says::Agrees => Agreement::AsNew,
            _ => Agreement::Disagree,
        }
    }

    fn known(&self) -> &FxHashSet<Named> {
        self.known.get_or_init(|| {
            let objects = self.old.of_kind(self.kind);
            let names = objects.iter().filter(|o| !o.name.is_empty()).map(|o| Named::Name(normal_name(o)));
            names.chain(objects.iter().filter_map(|o| o.guid.map(Named::Guid))).collect()
        })
    }

    /// What the old state says of `id`, for a person.
    pub(super) fn told(&self, id: i64) -> String {
        self.old.get(self.kind, id).map_or_else(|| format!("{} {id} (unknown)", self.kind), Object::label)
    }
}

/// Rows whose id and twin disagree, by the two: what is left as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disagreeing(FxHashSet<(i64, Vec<u8>)>);

impl Disagreeing {
    /// Notes such a row.
    pub(super) fn add(&mut self, id: i64, twin: ValueRef<'_>) {
        self.0.insert((id, bytes(twin)));
    }

    /// Adds those of `other`.
    pub(super) fn join(&mut self, other: Disagreeing) {
        self.0.extend(other.0);
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a row with this id and this twin is one of them.
    pub(super) fn has(&self, id: i64, twin: ValueRef<'_>) -> bool {
        !self.0.is_empty() && self.0.contains(&(id, bytes(twin)))
    }
}

/// A value with its storage class.
fn bytes(value: ValueRef<'_>) -> Vec<u8> {
    let of = |class: u8, bytes: &[u8]| [&[class], bytes].concat();
    match value {
        ValueRef::Null => of(0, &[]),
        ValueRef::Integer(i) => of(1, &i.to_be_bytes()),
        ValueRef::Real(r) => of(2, &r.to_bits().to_be_bytes()),
        ValueRef::Text(t) => of(3, t),
        ValueRef::Blob(b) => of(4, b),
    }
}

/// What the stored ids speak of.
pub(crate) enum Old<'i> {
    /// A panel state that somebody read.
    State(Cow<'i, Inventory>),
    /// What twins tell.
    Twins(Gathered),
}

impl Old<'_> {
    /// The objects.
    pub(super) fn inventory(&self) -> &Inventory {
        match self {
            Old::State(inventory) => inventory,
            Old::Twins(twins) => &twins.inventory,
        }
    }
}

/// An old panel state, as twins tell of it.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// The objects: those that some row has both an id and a twin of.
    pub inventory: Inventory,
    /// Ids of which rows say different things, and what they say.
    contested: BTreeMap<(Kind, i64), Contested>,
}

#[derive(Debug)]
struct Contested {
    named: Vec<Named>,
    why: String,
}

/// What rows say of one id: each thing, as it stands in the first row that says it, and how many do.
type Said = BTreeMap<Named, (String, u64)>;

impl Gathered {
    /// Reads the twins of `targets`. `None`: no target has any.
    pub(super) fn read(session: &Session, targets: &[Target]) -> Result<Option<Gathered>, RemapError> {
        let mut said: BTreeMap<(Kind, i64), Said> = BTreeMap::new();
        let mut kinds = Vec::new();
        for target in targets {
            let Some(twin) = target.twin else { continue };
            kinds.push(target.kind);
            let database = &session.databases[target.database];
            column(session, target, twin, &mut said).on(&database.path)?;
        }
        if kinds.is_empty() {
            return Ok(None);
        }
        let mut contested = BTreeMap::new();
        let mut by_guid: FxHashMap<(Kind, Guid), Vec<i64>> = FxHashMap::default();
        let mut objects = Vec::with_capacity(said.len());
        for ((kind, id), said) in said {
            let guids: Vec<Guid> = said.keys().filter_map(|n| if let Named::Guid(g) = n { Some(*g) } else { None }).collect();
            let names: Vec<&str> = said.iter().filter(|(n, _)| matches!(n, Named::Name(_))).map(|(_, (text, _))| text.as_str()).collect();
            let mut object = Object { kind, id, guid: None, name: "".into(), parent: None, witness: Box::default() };
            if guids.len() > 1 || names.len() > 1 {
                let why = format!("rows say different things of {kind} {id}: {}", listed(&said));
                contested.insert((kind, id), Contested { named: said.into_keys().collect(), why });
            } else {
                object.guid = guids.first().copied();
                object.name = names.first().copied().unwrap_or_default().into();
                if let Some(guid) = object.guid {
                    by_guid.entry((kind, guid)).or_default().push(id);
                }
            }
            objects.push(object);
        }
        for ((kind, guid), ids) in by_guid.into_iter().filter(|(_, ids)| ids.len() > 1) {
            let list: Vec<String> = ids.iter().take(LISTED).map(i64::to_string).collect();
            for id in ids {
                let why = format!("rows with the {kind} ids {} have the same twin {guid}", list.join(", "));
                contested.insert((kind, id), Contested { named: vec![Named::Guid(guid)], why });
            }
        }
        let inventory = Inventory::new(Origin { source: SOURCE.into(), taken: None }, objects, kinds);
        Ok(Some(Gathered { inventory, contested }))
    }

    /// Takes from `mapping` what rows do not agree on, save what a person decided.
    pub(super) fn contest(&self, mapping: &mut Mapping, new: &Inventory) {
        for ((kind, id), contested) in &self.contested {
            if mapping.is_decided(*kind, *id) {
                continue;
            }
            let is_named = |o: &Object| {
                contested.named.iter().any(|n| o.guid.map(Named::Guid).as_ref() == Some(n) || Named::Name(normal_name(o)) == *n)
            };
            let candidates = new.of_kind(*kind).iter().filter(|o| is_named(o)).map(|o| o.id).collect();
            mapping.doubt(*kind, *id, Match::Ambiguous { candidates }, contested.why.clone());
        }
    }

    /// The first object of which `state` says something else than its twins.
    pub(super) fn contradicts(&self, state: &Inventory) -> Option<String> {
        self.inventory.objects().iter().find_map(|object| {
            let other = state.get(object.kind, object.id)?;
            let guids = object.guid.zip(other.guid).map(|(a, b)| a == b);
            let names = (!object.name.is_empty() && !other.name.is_empty()).then(|| normal_name(object) == normal_name(other));
            let differs = guids == Some(false) || guids.is_none() && names == Some(false);
            let twin =
                if object.name.is_empty() { object.guid.map(|g| g.to_string()).unwrap_or_default() } else { object.name.to_string() };
            differs.then(|| {
                format!("{} is {twin:?} by its twin, and {} by the companion", format_args!("{} {}", object.kind, object.id), other.label())
            })
        })
    }
}

/// `'a.example' (3 rows), 'b.example' (1 row)`.
fn listed(said: &Said) -> String {
    let row = |rows: u64| if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    let mut list: Vec<String> =
        said.values().take(LISTED).map(|(text, rows)| format!("'{}' ({})", text.escape_debug(), row(*rows))).collect();
    if said.len() > LISTED {
        list.push("…".into());
    }
    list.join(", ")
}

/// Adds what one column's rows say.
fn column(session: &Session, target: &Target, twin: usize, said: &mut BTreeMap<(Kind, i64), Said>) -> Result<(), crate::sqlite::Error> {
    let database = &session.databases[target.database];
    let table = &database.declared.tables[target.table];
    let name = |column: usize| format!("t.{}", quote(&table.columns[column].name));
    let from = qualified(&database.schema, &table.name);
    let mut query = session.connection.prepare(&format!("SELECT {}, {} FROM {from} AS t", name(target.column), name(twin)))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let Class::Id(id, _) = target.sentinels.class(row.get_ref(0)?) else { continue };
        let value = row.get_ref(1)?;
        let text = match value {
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Integer(number) => number.to_string(),
            _ => continue,
        };
        let Ok(Some(named)) = named(value) else { continue };
        said.entry((target.kind, id)).or_default().entry(named).or_insert((text, 0)).1 += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_name_by_guid_or_name_or_not_at_all() {
        let guid = |n: u8| Guid::parse(format!("{n:08}-1111-4111-8111-111111111111").as_bytes());
        let text = |t: &'static str| ValueRef::Text(t.as_bytes());
        for (twin, expected) in [
            (ValueRef::Null, Says::Nothing),
            (text(""), Says::Nothing),
            (text("00000000-0000-0000-0000-000000000000"), Says::Nothing),
            (text("00000001-1111-4111-8111-111111111111"), Says::Agrees),
            (text("00000002-1111-4111-8111-111111111111"), Says::Differs),
            (text("A.Example."), Says::Agrees),
            (text("b.example"), Says::Differs),
            (ValueRef::Integer(7), Says::Differs),
            (ValueRef::Real(7.0), Says::Differs),
            (ValueRef::Blob(b"a.example"), Says::Differs),
            (ValueRef::Text(b"\xff"), Says::Differs),
        ] {
            assert_eq!(says(twin, guid(1), "a.example"), expected, "{twin:?}");
        }
        assert_eq!(says(ValueRef::Integer(7), None, "7"), Says::Agrees);
        assert_eq!(says(text("00000001-1111-4111-8111-111111111111"), None, "a.example"), Says::Nothing);
        assert_eq!(says(text("b.example"), guid(1), ""), Says::Nothing);
    }
}
