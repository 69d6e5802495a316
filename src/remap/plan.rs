//! A plan: what a fix would do, and what stops it. Written as JSON, version 1, it can be reviewed and then applied, and no other.

use schemars::JsonSchema;
use serde::Serialize;

use super::decide::{Fate, Storage};
pub use super::method::Method;
pub use super::target::Refused;
use crate::panel::map::MapUsed;
use crate::panel::mapping::Relation;
use crate::panel::{Inventory, Kind};
use crate::reference::Place;
use crate::reference::manifest::{OnDisagree, OnMissing};

/// The version of the plan's JSON form.
pub const VERSION: u32 = 1;

/// What a fix would do, and what stops it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Plan {
    /// Version of this form.
    pub version: u32,
    /// What made it.
    pub tool: Tool,
    /// SHA-256 over all that the plan depends on: declarations, places, policies, the pairs of ids used, the content of the columns.
    pub hash: String,
    /// The panel state that the stored ids speak of.
    pub old: PanelState,
    /// The panel state that they will speak of.
    pub new: PanelState,
    /// Whether both are states of one panel, and what tells.
    pub panel: Relation,
    /// The reviewed map that the plan goes by, and what a person decided in it.
    pub map: Option<MapUsed>,
    /// Totals.
    pub summary: Summary,
    /// The places, by database, table and column.
    pub places: Vec<PlacePlan>,
    /// The tables that change, and how.
    pub tables: Vec<TablePlan>,
    /// Triggers of the tables that change, and of views over them. They do not fire.
    pub triggers: Vec<TriggerNote>,
    /// Whose settings and tables in the panel's database they are, and what writes them; `null`: the manifest names none, or there is no panel at hand.
    pub settings_from: Option<SettingsFrom>,
    /// Every setting that changes.
    pub settings: Vec<SettingPlan>,
    /// Every row that changes in a table that the extension has in the panel's database.
    pub panel_rows: Vec<RowPlan>,
    /// Every file that changes, or that gets another name.
    pub files: Vec<FilePlan>,
    /// Views that show the tables that change. They show what was changed, too.
    pub views: Vec<ViewNote>,
    /// Virtual tables of the databases that change, and what becomes of them.
    pub virtual_tables: Vec<VirtualNote>,
    /// Places of the manifest that this release does not rewrite. A fix refuses while there are any.
    pub not_handled: Vec<Refused>,
    /// What stops the fix.
    pub problems: Vec<Problem>,
    /// What a person should know and that stops nothing.
    pub notes: Vec<String>,
}

/// The program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This program.
    #[must_use]
    pub fn this() -> Tool {
        Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// A panel state, by what identifies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PanelState {
    /// Where it was read.
    pub source: String,
    /// When the panel was in this state.
    pub taken: Option<String>,
    /// Its fingerprint.
    pub fingerprint: String,
}

impl PanelState {
    /// The state that `inventory` tells of.
    #[must_use]
    pub fn of(inventory: &Inventory) -> PanelState {
        PanelState {
            source: inventory.origin.source.clone(),
            taken: inventory.origin.taken.clone(),
            fingerprint: inventory.fingerprint().to_string(),
        }
    }

    /// `dump.sql, of 2026-01-02 (1a2b3c4d5e6f)`.
    #[must_use]
    pub fn label(&self) -> String {
        let source = if self.source.is_empty() { "(unnamed)" } else { &self.source };
        let taken = self.taken.as_ref().map(|t| format!(", of {t}")).unwrap_or_default();
        format!("{source}{taken} ({})", self.fingerprint.get(..12).unwrap_or(&self.fingerprint))
    }

    /// The day when the panel was in this state, counted from 1970-01-01, in whatever time zone the source tells it.
    pub(super) fn day(&self) -> Option<i64> {
        let date = self.taken.as_ref()?.get(..10)?;
        let mut parts = date.split('-').map(|part| part.parse::<i64>().ok().filter(|n| *n >= 0));
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        // Years that begin in March: a leap day is the last of its year, and months have 31, 30, 31, 30, 31 days and again.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let leap_days = year / 4 - year / 100 + year / 400;
        Some(365 * year + leap_days + (153 * month + 2) / 5 + day - 719_469)
    }
}

/// Whose settings a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingsFrom {
    /// The panel's database, as it was named.
    pub server: String,
    /// The extension's id.
    pub module: String,
    /// `fix` writes them itself; `false`: a script does.
    pub written: bool,
}

/// A setting that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingPlan {
    /// The kind of object that it belongs to; `null`: the extension itself.
    pub of: Option<Kind>,
    /// That object's id. It stays.
    pub owner: Option<i64>,
    /// Its name.
    pub name: String,
    /// Its name afterwards; `null`: it is taken out.
    pub name_after: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Its value afterwards.
    pub value_after: Option<String>,
}

/// A row that changes in a table of the panel's database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowPlan {
    /// The table.
    pub table: String,
    /// The row, by its primary key.
    pub row: String,
    /// It is taken out.
    pub removed: bool,
    /// The cells that change.
    pub cells: Vec<CellPlan>,
}

/// A cell that changes in such a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CellPlan {
    /// The column.
    pub column: String,
    /// Its value.
    pub before: Option<String>,
    /// Its value afterwards.
    pub after: Option<String>,
}

/// A file or folder that changes. Paths are relative to the var directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FilePlan {
    /// Its path.
    pub path: String,
    /// Its path afterwards.
    pub path_after: String,
    /// It is a folder.
    pub folder: bool,
    /// SHA-256 of its content; `null`: the content stays, and was not looked at.
    pub sha256: Option<String>,
    /// … afterwards.
    pub sha256_after: Option<String>,
}

/// Totals of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Cells that change.
    pub cells: u64,
    /// Rows that those cells are in.
    pub rows: u64,
    /// Rows that are taken out.
    pub removed: u64,
    /// Settings that change.
    pub settings: u64,
    /// Rows that change, or are taken out, in tables of the panel's database.
    pub panel_rows: u64,
    /// Files and folders that change, or get another name.
    pub files: u64,
    /// Values, and texts in values, that cannot be read and stay as they are.
    pub unparsable: u64,
}

/// One place of a plan. Counts are rows; for ids inside values, ids, save `rows`, `unparsable` and `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlacePlan {
    /// The database, relative to the var directory; `settings`, `panel` (tables in the panel's database) and `files` for places in those.
    pub database: String,
    /// The place.
    pub place: Place,
    /// Whose ids it holds.
    pub kind: Kind,
    /// What is done with an id whose object is gone.
    pub on_missing: OnMissing,
    /// … with an id whose object's name another object has now.
    pub on_conflict: OnMissing,
    /// … with an id whose object may be one of several.
    pub on_ambiguous: OnMissing,
    /// … with a row whose id and twin name different objects.
    pub on_disagree: OnDisagree,
    /// The place whose declared foreign key ties this one to it; `null`: the manifest names this place.
    pub implied_by: Option<String>,
    /// All rows of the table.
    pub rows: u64,
    /// The id's object has another id now.
    pub changed: u64,
    /// … the same id.
    pub unchanged: u64,
    /// … is gone, or was not known to the old state.
    pub missing: u64,
    /// … may be there: several would do, or one of that name of which nothing else tells that it is the same.
    pub ambiguous: u64,
    /// The twin in the same row names another object.
    pub disagreeing: u64,
    /// Nearly a number: `05`, ` 5`, 5.0.
    pub malformed: u64,
    /// NULL.
    pub null: u64,
    /// A value that means no object, or all: 0, -1, `all`.
    pub sentinel: u64,
    /// Some other text or blob.
    pub not_an_id: u64,
    /// A value that cannot be read as what the place says, or holds text that cannot. It stays. Counted at the first of the places inside one column.
    pub unparsable: u64,
    /// The first cells that change.
    pub samples: Vec<Sample>,
    /// Every distinct id.
    pub values: Vec<ValuePlan>,
}

impl PlacePlan {
    /// Whether its ids stand inside values: a value may hold several.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        matches!(self.place, Place::Column { path: Some(_), .. } | Place::PanelColumn { path: Some(_), .. })
    }
}

/// A cell that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sample {
    /// The row: `rowid 12`.
    pub row: String,
    /// The value before.
    pub before: String,
    /// The object that it means.
    pub before_name: String,
    /// The value after.
    pub after: String,
    /// The object that it means.
    pub after_name: String,
}

/// A distinct id of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValuePlan {
    /// The id.
    pub id: i64,
    /// How it is stored.
    pub storage: Storage,
    /// Rows that hold it.
    pub rows: u64,
    /// The name of the object that it means in the old state.
    pub name: Option<String>,
    /// What became of that object.
    pub fate: Fate,
    /// The rule that says so, as map files name it.
    pub rule: Option<&'static str>,
    /// What speaks for it, or against a match.
    pub evidence: Option<String>,
}

/// A table that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TablePlan {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Rows of which cells change.
    pub changed: u64,
    /// Rows that are taken out.
    pub removed: u64,
    /// How its rows are rewritten.
    pub method: Method,
}

/// A trigger of a table that changes, or of a view over one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TriggerNote {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The trigger.
    pub trigger: String,
    /// What it does, by its text.
    pub class: TriggerClass,
}

/// What a trigger does, by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerClass {
    /// It writes into a column that the manifest names. That is rewritten by itself.
    Reference,
    /// It keeps a virtual table, such as a full-text index, up to date.
    VirtualTable,
    /// It carries a column that changes elsewhere, into a place that the manifest does not name.
    Copies,
    /// It notes a time.
    Time,
    /// Something else.
    Other,
}

impl TriggerClass {
    /// In words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            TriggerClass::Reference => "writes a column that is rewritten by itself",
            TriggerClass::VirtualTable => "keeps a virtual table up to date",
            TriggerClass::Copies => "carries ids to a place that the manifest does not name",
            TriggerClass::Time => "notes a time",
            TriggerClass::Other => "does something else",
        }
    }
}

/// A view over a table that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ViewNote {
    /// The database.
    pub database: String,
    /// The view.
    pub view: String,
    /// A table that changes and that it shows.
    pub table: String,
}

/// A virtual table of a database that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VirtualNote {
    /// The database.
    pub database: String,
    /// The virtual table.
    pub table: String,
    /// Its module, such as `fts5`.
    pub module: String,
    /// What becomes of it.
    pub fate: VirtualFate,
}

/// What becomes of a virtual table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VirtualFate {
    /// It indexes a table that changes, and is made anew from it and checked.
    Rebuilt,
    /// It stays as it is. Its rows are its own; whether they go by the ids of a table that changes, nothing tells.
    Left,
}

impl VirtualFate {
    /// In words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            VirtualFate::Rebuilt => "made anew from the table that it indexes",
            VirtualFate::Left => "stays as it is; if its rows go by ids that change, the extension must fill it anew",
        }
    }
}

/// Something that stops a fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// What sort of thing it is.
    pub code: ProblemCode,
    /// The database.
    pub database: String,
    /// The place, or the table for what concerns a row.
    pub place: String,
    /// Rows concerned.
    pub rows: u64,
    /// The whole of it, for a person.
    pub message: String,
}

/// What stops a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    /// The id's object is gone and the policy is `fail`.
    Missing,
    /// The old panel state knew no such object and the policy is `fail`.
    Unknown,
    /// Several objects would do.
    Ambiguous,
    /// An object of that name is there and is another one.
    Conflict,
    /// An object of that name is there and nothing else tells that it is the same.
    NameOnly,
    /// The object belongs to another one than before.
    Moved,
    /// The twin in the same row names another object.
    TwinDisagrees,
    /// Nearly a number.
    Malformed,
    /// A stale id stays and is somebody else's new id; or a new id is one that means no object here.
    TakenId,
    /// Two rows would agree in a unique key.
    Collision,
    /// A row would break another constraint of its table.
    Constraint,
    /// A value cannot be read, and that is to stop the fix.
    Unparsable,
    /// A text inside a value fits two patterns, or one in two ways.
    FitsTwice,
    /// The policy is `null` and the place takes no NULL.
    NotNull,
    /// A name or value would be longer than the panel or the file system keeps.
    TooLong,
    /// An inventory does not tell of the kind, or tells of a part of the panel alone.
    KindNotCarried,
}

impl Plan {
    /// Whether a fix would stop, or refuse, and write nothing.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        !self.problems.is_empty() || !self.not_handled.is_empty()
    }

    /// Whether values stay of which it is not known what ids they hold.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        self.summary.unparsable > 0
    }

    /// Whether nothing changes and no row is taken out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.summary.cells == 0
            && self.summary.removed == 0
            && self.summary.settings == 0
            && self.summary.panel_rows == 0
            && self.summary.files == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_every_source_writes_them() {
        let day = |taken: &str| PanelState { source: String::new(), taken: Some(taken.to_owned()), fingerprint: String::new() }.day();
        for (taken, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29 23:59:59", Some(11_016)),
            ("2000-03-01T00:00:00Z", Some(11_017)),
            ("2026-11-23 04:10", Some(20_780)),
            ("2027-01-01", Some(20_819)),
            ("yesterday evening", None),
            ("2026-11", None),
            ("2026--1-23", None),
            ("", None),
        ] {
            assert_eq!(day(taken), expected, "{taken}");
        }
    }
}
