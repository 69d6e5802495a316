//! The rows in quarantine, and what their ids are on a panel as it is now.
//!
//! A row speaks of the panel state before the run that took it out, which the companion keeps whole for as long as it knows the run. So its ids are matched from
//! that state with the panel's, by the same ladder that a fix goes by, whatever restores and runs lie in between.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use camino::Utf8Path;

use super::super::decide::Class;
use super::super::error::{Context, RemapError};
use super::super::inside::{Inside, Text, as_before, text_of};
use super::super::ledger::has_table;
use super::super::sentinel::Sentinels;
use super::super::twin::{Says, says};
use super::super::{Matching, pairs};
use super::note::HeldColumn;
use crate::panel::mapping::normal_name;
use crate::panel::source::companion::{self, CompanionError};
use crate::panel::{Inventory, Kind, Mapping, Match};
use crate::reference::manifest::OnMissing;
use crate::sqlite::name::qualified;
use crate::sqlite::{Connection, Error, Row, ValueRef};
use crate::value::{self, Fate};

/// One table of which a run put rows into quarantine.
pub(super) struct Held {
    pub run: i64,
    pub n: i64,
    /// When the run was started.
    pub started: String,
    pub database: String,
    pub table: String,
    /// Names of the stored columns, c0 ….
    pub stored: Vec<String>,
    /// Whether the first of them is a rowid that is no column.
    pub rowid: bool,
    pub columns: Vec<IdColumn>,
    /// The panel state that its ids speak of.
    pub generation: i64,
}

/// A column of it that holds ids.
pub(super) struct IdColumn {
    pub told: HeldColumn,
    /// Where ids stand in its values; `None`: the value is the id.
    pub inside: Option<Inside>,
    /// Whose they are: of one kind, or one for each part of `inside`.
    pub kinds: Vec<Kind>,
    /// Where the value is the id: the values that are none.
    pub sentinels: Arc<Sentinels>,
}

impl Held {
    /// The place of a column, as reports name it.
    pub(super) fn place(&self, column: usize) -> String {
        let name = self.columns.get(column).map_or("", |c| c.told.name.as_str());
        format!("{}: sqlite:{}.{name}", self.database, self.table)
    }

    /// Whether `word` names that place, with or without its database.
    pub(super) fn is_place(&self, column: usize, word: &str) -> bool {
        let place = self.place(column);
        let short = place.split_once(": ").map_or(place.as_str(), |(_, short)| short);
        word.eq_ignore_ascii_case(&place) || word.eq_ignore_ascii_case(short)
    }

    /// The rows, in SQL.
    pub(super) fn rows(&self) -> String {
        qualified("main", &format!("removed_{}_{}", self.run, self.n))
    }

    /// What names those of them that are in quarantine, in SQL.
    pub(super) fn names(&self) -> String {
        qualified("main", &format!("quarantined_{}_{}", self.run, self.n))
    }

    /// SQL for the rows that are waiting: number, column, kind and id of what was gone, the row's columns. Only those of `chosen` columns.
    pub(super) fn waiting(&self, chosen: &[usize]) -> String {
        let columns: Vec<String> = (0..self.stored.len()).map(|i| format!("r.c{i}")).collect();
        let chosen: Vec<String> = chosen.iter().map(ToString::to_string).collect();
        format!(
            "SELECT r.row, q.\"column\", q.kind, q.id, {} FROM {} AS q JOIN {} AS r USING (row) WHERE q.restored IS NULL AND q.\"column\" IN ({}) ORDER BY r.row",
            columns.join(", "),
            self.names(),
            self.rows(),
            chosen.join(", ")
        )
    }
}

/// Where the columns of a row begin in what [`Held::waiting`] gives.
pub(super) const FIRST: usize = 4;

/// What is in quarantine, by run and table. The main database is the companion.
pub(super) fn read(connection: &Connection, path: &Utf8Path) -> Result<Vec<Held>, RemapError> {
    if !has_table(connection, "quarantine").on(path)? {
        return Ok(Vec::new());
    }
    let damaged = |detail: String| RemapError::from(CompanionError::Damaged { path: path.to_owned(), detail });
    let mut all = Vec::new();
    let sql = "SELECT q.run, q.n, q.database, q.table_name, q.stored, q.by_rowid, q.columns, r.old_generation, r.started FROM main.quarantine AS q
               JOIN main.run AS r ON r.id = q.run WHERE r.status = 'applied' ORDER BY q.run, q.n";
    let mut query = connection.prepare(sql).on(path)?;
    let mut rows = query.query([]).on(path)?;
    while let Some(row) = rows.next().on(path)? {
        let text = |i: usize| row.get::<_, String>(i).on(path);
        let number = |i: usize| row.get::<_, i64>(i).on(path);
        let (run, n) = (number(0)?, number(1)?);
        let of_run = |what: String| damaged(format!("what run {run} put into quarantine: {what}"));
        let told: Vec<HeldColumn> = serde_json::from_str(&text(6)?).map_err(|e| of_run(e.to_string()))?;
        let stored: Vec<String> = serde_json::from_str(&text(4)?).map_err(|e| of_run(e.to_string()))?;
        let mut columns = Vec::with_capacity(told.len());
        for told in told {
            if told.at >= stored.len() || told.twin.is_some_and(|t| t >= stored.len()) {
                return Err(of_run(format!("the column {} is not among those that are kept", told.name)));
            }
            let whose = pairs::whose(&told.kind, told.inside.as_deref());
            let (inside, kinds) = whose.map_err(|word| of_run(format!("`{}` is not known to this release", word.escape_debug())))?;
            let words = told.sentinels.as_deref().map(serde_json::from_str::<Vec<String>>).transpose();
            let words = words.map_err(|e| of_run(e.to_string()))?;
            let sentinels = words.map_or_else(Sentinels::shared, |words| Arc::new(Sentinels::of_words(&words)));
            columns.push(IdColumn { told, inside, kinds, sentinels });
        }
        all.push(Held {
            run,
            n,
            started: text(8)?,
            database: text(2)?,
            table: text(3)?,
            stored,
            rowid: number(5)? != 0,
            columns,
            generation: number(7)?,
        });
    }
    Ok(all)
}

/// What the ids of rows in quarantine are on a panel.
pub(super) struct Now<'a> {
    panel: Option<&'a Inventory>,
    by_run: BTreeMap<i64, Then>,
}

/// The state before a run, and what became of its objects.
pub(super) struct Then {
    pub old: Inventory,
    pub mapping: Mapping,
}

/// What can be done with a row.
pub(super) enum Prospect<'r> {
    /// It can be put back: each of its columns that holds ids, as it is to be.
    Ready(Vec<(usize, Cell<'r>)>),
    /// It has to wait: why.
    Waits(String),
}

/// A value as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'r> {
    Same(ValueRef<'r>),
    Null,
    New(Text),
}

impl Cell<'_> {
    pub(super) fn borrow(&self) -> ValueRef<'_> {
        match self {
            Cell::Same(value) => *value,
            Cell::Null => ValueRef::Null,
            Cell::New(text) => text.borrow(),
        }
    }
}

impl<'a> Now<'a> {
    /// Matches what the rows of `held` speak of with `panel`; `None`: nobody looks.
    pub(super) fn read(
        connection: &Connection,
        path: &Utf8Path,
        held: &[Held],
        panel: Option<&'a Inventory>,
        matching: Matching<'_>,
    ) -> Result<Now<'a>, RemapError> {
        let mut by_run = BTreeMap::new();
        for held in held {
            if let Entry::Vacant(free) = by_run.entry(held.run) {
                let old = companion::load(connection, path, held.generation)?.inventory;
                let mapping = panel.map(|panel| matching(&old, panel)).unwrap_or_default();
                free.insert(Then { old, mapping });
            }
        }
        Ok(Now { panel, by_run })
    }

    /// Whether there is a panel to look at.
    pub(super) fn looks(&self) -> bool {
        self.panel.is_some()
    }

    /// The state before the run that took the rows out, and what became of its objects.
    pub(super) fn then(&self, held: &Held) -> &Then {
        &self.by_run[&held.run]
    }

    /// The name of an object of then.
    pub(super) fn name(&self, held: &Held, kind: Kind, id: i64) -> Option<String> {
        self.then(held).old.get(kind, id).map(|o| o.name.to_string()).filter(|n| !n.is_empty())
    }

    /// The new id of an object of then; or why it has none.
    pub(super) fn new_id(&self, held: &Held, kind: Kind, id: i64) -> Result<i64, String> {
        let name = self.name(held, kind, id).map(|n| format!(" ({n})")).unwrap_or_default();
        let object = format!("the {kind} {id}{name}");
        if self.panel.is_none() {
            return Err(format!("nobody looked for {object}"));
        }
        match self.then(held).mapping.get(kind, id) {
            Some(Match::Found { new, .. }) => Ok(*new),
            Some(Match::Missing) => Err(format!("{object} is not on the panel")),
            Some(Match::NameOnly { candidate }) => {
                Err(format!("{object}: {candidate} has its name, and nothing else tells that it is the same (--accept-name)"))
            }
            Some(Match::Moved { candidate, .. }) => {
                Err(format!("{object} is {candidate} now, and belongs to another object (--accept-moved)"))
            }
            Some(Match::Conflict { candidate }) => Err(format!("{object}: {candidate} has its name, and is another object")),
            Some(Match::Ambiguous { candidates }) => {
                let list: Vec<String> = candidates.iter().take(10).map(ToString::to_string).collect();
                Err(format!("{object} may be any of {}", list.join(", ")))
            }
            None => Err(format!("nothing tells which {kind} the id {id} was")),
        }
    }

    /// What a row of [`Held::waiting`] comes to.
    pub(super) fn prospect<'r>(&self, held: &Held, row: &'r Row<'_>) -> Result<Prospect<'r>, Error> {
        let mut cells = Vec::with_capacity(held.columns.len());
        for column in &held.columns {
            let value = row.get_ref(FIRST + column.told.at)?;
            let twin = column.told.twin.map_or(Ok(ValueRef::Null), |t| row.get_ref(FIRST + t))?;
            match self.cell(held, column, value, twin) {
                Ok(cell) => cells.push((column.told.at, cell)),
                Err(why) => return Ok(Prospect::Waits(why)),
            }
        }
        Ok(Prospect::Ready(cells))
    }

    /// A value as it is to be; or why that cannot be told.
    fn cell<'r>(&self, held: &Held, column: &IdColumn, value: ValueRef<'r>, twin: ValueRef<'_>) -> Result<Cell<'r>, String> {
        if let Some(inside) = &column.inside {
            return self.inside(held, column, inside, value);
        }
        let Class::Id(id, _) = column.sentinels.class(value) else { return Ok(Cell::Same(value)) };
        let kind = column.kinds[0];
        let then = self.then(held).old.get(kind, id);
        if then.is_some_and(|o| says(twin, o.guid, &normal_name(o)) == Says::Differs) {
            return Err(format!("{}: the twin in the row names another object than {kind} {id}", column.told.name));
        }
        match self.fate(held, (kind, id), (column.told.missing, &column.sentinels))? {
            Fate::Keep => Ok(Cell::Same(value)),
            Fate::Null => Ok(Cell::Null),
            Fate::Set(new) if matches!(value, ValueRef::Text(_)) => Ok(Cell::New(Text::Plain(new.to_string().into_bytes()))),
            Fate::Set(new) => Ok(Cell::New(Text::Integer(new))),
        }
    }

    /// What becomes of one id: its object's new one, or what the manifest of then says of an id whose object is gone.
    fn fate(&self, held: &Held, (kind, id): (Kind, i64), (missing, sentinels): (OnMissing, &Sentinels)) -> Result<Fate, String> {
        let gone = |why: String| match missing {
            OnMissing::Null if self.panel.is_some() => Ok(Fate::Null),
            OnMissing::Keep if self.panel.is_some_and(|p| p.get(kind, id).is_none()) => Ok(Fate::Keep),
            _ => Err(why),
        };
        let is_gone = matches!(self.then(held).mapping.get(kind, id), Some(Match::Missing) | None);
        match self.new_id(held, kind, id) {
            Ok(new) if sentinels.has(new) => Err(format!("the {kind} {id} is {new} now, which means no object there")),
            Ok(new) if new == id => Ok(Fate::Keep),
            Ok(new) => Ok(Fate::Set(new)),
            Err(why) if is_gone => gone(why),
            Err(why) => Err(why),
        }
    }

    fn inside<'r>(&self, held: &Held, column: &IdColumn, inside: &Inside, value: ValueRef<'r>) -> Result<Cell<'r>, String> {
        let mut number = String::new();
        let Some(text) = text_of(value, &mut number) else { return Ok(Cell::Same(value)) };
        let mut waits = None;
        let rewritten = value::rewrite(text, &inside.spots, &mut |f| {
            let part = &inside.parts[f.tag as usize];
            if part.sentinels.has(f.id) {
                return Fate::Keep;
            }
            let fate = self.fate(held, (part.kind, f.id), (part.policies.missing, &part.sentinels));
            fate.unwrap_or_else(|why| {
                waits.get_or_insert(why);
                Fate::Keep
            })
        });
        if let Some(why) = waits {
            return Err(why);
        }
        match rewritten {
            // What could not be read before the run either holds no ids.
            Err(_) => Ok(Cell::Same(value)),
            Ok(done) => match (done.collisions.first(), done.not_nulled) {
                (Some(twice), _) => Err(format!("{}: two keys in the value would both be {}", column.told.name, twice.key)),
                (None, 1..) => Err(format!("{}: an id that is a key or a part of a text cannot be null", column.told.name)),
                _ if done.edits.is_empty() => Ok(Cell::Same(value)),
                _ => Ok(Cell::New(as_before(value, done.bytes.into_owned()))),
            },
        }
    }
}
