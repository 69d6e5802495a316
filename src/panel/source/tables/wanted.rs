//! What is needed of a panel's database: a few columns of a few tables.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::panel::Kind;
use crate::panel::catalogue;
use crate::panel::identity::{self, ColumnRef, Segment};

static WANTED: LazyLock<Wanted> = LazyLock::new(Wanted::build);
static SETTINGS: LazyLock<Wanted> = LazyLock::new(Wanted::of_settings);

/// The tables and columns that the catalogue asks for, and no others.
pub(in crate::panel::source) struct Wanted {
    pub(in crate::panel::source) tables: Vec<WantedTable>,
    by_name: FxHashMap<String, usize>,
}

pub(in crate::panel::source) struct WantedTable {
    pub(in crate::panel::source) name: &'static str,
    /// The id comes first.
    pub(in crate::panel::source) columns: Vec<&'static str>,
}

pub(in crate::panel::source) fn wanted() -> &'static Wanted {
    &WANTED
}

/// What is needed to tell the settings of an extension: the tables of the extensions, of their settings, and of the settings of objects, in the catalogue's order.
/// The columns of settings are owner, name and value.
pub(in crate::panel::source) fn wanted_settings() -> &'static Wanted {
    &SETTINGS
}

impl Wanted {
    fn of_settings() -> Wanted {
        let facts = &catalogue::get().shared.settings;
        let own = [(&facts.own.table, vec![&facts.own.owner, &facts.own.name, &facts.own.value])];
        let of = facts.of.iter().map(|o| (&o.table, vec![&o.owner, &o.name, &o.value]));
        let modules = [(&facts.modules.table, vec![&facts.modules.id, &facts.modules.name])];
        let mut wanted = Wanted { tables: Vec::new(), by_name: FxHashMap::default() };
        for (name, columns) in modules.into_iter().chain(own).chain(of) {
            wanted.by_name.insert(name.to_ascii_lowercase(), wanted.tables.len());
            wanted.tables.push(WantedTable { name, columns: columns.into_iter().map(String::as_str).collect() });
        }
        wanted
    }

    fn build() -> Wanted {
        let mut wanted = Wanted { tables: Vec::new(), by_name: FxHashMap::default() };
        for kind in Kind::all() {
            let Some(table) = &kind.facts().table else { continue };
            let at = *wanted.by_name.entry(table.name.to_ascii_lowercase()).or_insert_with(|| {
                wanted.tables.push(WantedTable { name: &table.name, columns: Vec::new() });
                wanted.tables.len() - 1
            });
            let columns = &mut wanted.tables[at].columns;
            for column in [table.id.as_str()].into_iter().chain(identifying(kind)).chain(helpful(kind)) {
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        wanted
    }

    /// The place of the table `name` in [`Wanted::tables`]. Case does not count: it is lost on some servers.
    pub(in crate::panel::source) fn table(&self, name: &[u8]) -> Option<usize> {
        let name = std::str::from_utf8(name).ok()?;
        self.by_name.get(name).or_else(|| self.by_name.get(&name.to_ascii_lowercase())).copied()
    }

    /// The place of the table of `kind`.
    pub(in crate::panel::source) fn of(&self, kind: Kind) -> Option<usize> {
        self.table(kind.facts().table.as_ref()?.name.as_bytes())
    }
}

impl WantedTable {
    /// The place of `column` among the wanted ones. Case does not count.
    pub(in crate::panel::source) fn slot(&self, column: &[u8]) -> Option<usize> {
        self.columns.iter().position(|c| column.eq_ignore_ascii_case(c.as_bytes()))
    }
}

/// The columns that tell an object of `kind` from another: its GUID's, its key's, those of the object that lends it its identity.
pub(super) fn identifying(kind: Kind) -> Vec<&'static str> {
    let Some(table) = &kind.facts().table else { return Vec::new() };
    let mut columns: Vec<&str> = table.guid.as_deref().into_iter().collect();
    columns.extend(key(kind));
    columns.extend(table.through.iter().flat_map(|t| [t.type_column.as_str(), t.id.as_str()]));
    columns
}

/// Whether the columns for which `has` is true make the whole key of `kind`, or lead to what lends it its identity. A key of ids of other objects alone, which
/// many tables hold, is none here.
pub(in crate::panel::source) fn names_itself(kind: Kind, has: &dyn Fn(&str) -> bool) -> bool {
    let through = kind.facts().table.as_ref().and_then(|t| t.through.as_ref());
    let own = |segment: &Segment| matches!(segment, Segment::Hole(column) if column.kind.is_none());
    let keyed = || identity::of(kind).key.iter().any(own) && key(kind).all(has);
    through.map_or_else(keyed, |t| has(&t.type_column) && has(&t.id))
}

/// The columns in the key of `kind`.
pub(super) fn key(kind: Kind) -> impl Iterator<Item = &'static str> {
    identity::of(kind).key.iter().filter_map(|s| if let Segment::Hole(c) = s { Some(c.column) } else { None })
}

/// The columns that only corroborate: the parent's and the witnesses'.
pub(super) fn helpful(kind: Kind) -> impl Iterator<Item = &'static str> {
    let identity = identity::of(kind);
    identity.parent.iter().chain(&identity.witness).map(|c: &ColumnRef| c.column)
}
