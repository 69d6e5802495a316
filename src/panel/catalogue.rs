//! What is known of the panel, read from the embedded `rules/panel/*.toml`: one file a kind, and `shared.toml` for what belongs to no kind.

mod backup;
mod lookup;
mod settings;

use std::sync::LazyLock;

use serde::Deserialize;

use super::mapping::Rung;

pub use backup::{BackupCheck, BackupElement, BackupFormat, BackupValue, Composite};
pub use lookup::{
    KindCall, PANEL_DATABASE, Strength, answer_id, answer_operator, calls, calls_on, columns, event_action, event_object, guid_columns,
    guidless_columns, helpers_on, is_ambiguous, is_class, is_look_alike, is_other_class, is_panel_table, is_sentinel, key_columns,
    label_columns, look_alike_beside, names_beside, panel_column, panel_columns_of, panel_database_methods, panel_tables, parameters,
    remote_word, stores_on, variables,
};
pub use settings::{Modules, ObjectSettings, SettingCalls, SettingTable, Settings};

static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/panel.rs"));
/// The file of facts that belong to no kind.
const SHARED: &str = "shared";

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(FILES));

/// All facts about the panel.
#[derive(Debug)]
pub struct Catalogue {
    /// The kinds, in the order of their names.
    pub kinds: Vec<KindFacts>,
    /// What belongs to no kind.
    pub shared: Shared,
}

/// One kind: `rules/panel/<kind>.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KindFacts {
    /// Its word in manifests and reports.
    pub kind: String,
    /// What it is, for a person.
    pub title: String,
    /// Whether customers' data hangs on it. An id of a kind that is local to the panel's own machinery is less grave.
    #[serde(default = "yes")]
    pub hosted: bool,
    /// Whether the panel makes such objects anew on many occasions, so that their ids change without a restore.
    #[serde(default)]
    pub volatile: bool,
    /// What a person should know who lacks a source that tells of it: a sentence without a full stop.
    #[serde(default)]
    pub hint: Option<String>,
    /// Where the panel keeps it. A kind without a table cannot be read from a panel database.
    #[serde(default)]
    pub table: Option<Table>,
    /// The elements of a backup's XML that stand for it. A kind without one with an id cannot be read from a backup.
    #[serde(default)]
    pub backup: Vec<BackupElement>,
    /// Elements of a backup's XML that repeat an object's GUID and id.
    #[serde(default)]
    pub backup_check: Vec<BackupCheck>,
    /// Other columns of the panel's own database that hold its ids, as `table.column`.
    #[serde(default)]
    pub elsewhere: Vec<String>,
    /// Names that hint at it.
    #[serde(default)]
    pub names: Names,
    /// Events of the panel that speak of it.
    #[serde(default)]
    pub events: Events,
    /// Calls of the panel's programming interface that give or take it.
    #[serde(default)]
    pub call: Vec<Call>,
    /// Whether its word is everybody's: remote services have clients, users and zones too, so that an extension works with them says nothing of an id
    /// that is only called like one.
    #[serde(default)]
    pub common_word: bool,
    /// What the panel's remote interface calls it in its answers.
    #[serde(default)]
    pub answers: Answers,
}

/// Words of the panel's remote interface.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answers {
    /// Operators whose answers are about objects of this kind: `site` in `packet->site->get->result`.
    #[serde(default)]
    pub operators: Vec<String>,
    /// Elements that hold an id of this kind in any answer: `site-id`.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Elements that hold the object's own id in answers of its operator: `id`.
    #[serde(default)]
    pub own_ids: Vec<String>,
}

/// Where the panel keeps a kind, and what identifies an object of it.
///
/// A *column reference* is written `column`, or `column:kind` where the column holds an id of that kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Table {
    /// The table's name.
    pub name: String,
    /// The id column.
    pub id: String,
    /// The GUID column.
    #[serde(default)]
    pub guid: Option<String>,
    /// The natural key: text with holes. `{column}` is that column's text; `{column:kind}` is the key of the object it points at.
    #[serde(default)]
    pub key: Option<String>,
    /// The rungs of the matching ladder that the kind has. `key`: an object with the same key can be no other (an address, a hash, an extension's word).
    pub rungs: Vec<Rung>,
    /// Keys of objects that every panel has, one of each, whatever GUID it gave them: the administrator.
    #[serde(default)]
    pub built_in: Vec<String>,
    /// The column that points at the parent object.
    #[serde(default)]
    pub parent: Option<String>,
    /// Column references whose agreement corroborates a match by key. The parent does so too and need not be repeated.
    #[serde(default)]
    pub witness: Vec<String>,
    /// Identity taken over from another object, for a kind with neither GUID nor key of its own.
    #[serde(default)]
    pub through: Option<Through>,
}

/// Identity that is another object's: the object in `id`, of the kind that `types` gives for the text in `type`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Through {
    /// The column with the other object's type.
    #[serde(rename = "type")]
    pub type_column: String,
    /// The column with the other object's id.
    pub id: String,
    /// The panel's word for the type → the kind.
    pub types: std::collections::BTreeMap<String, String>,
}

/// Names of columns, parameters and variables. Compared without case and underscores: `domain_id` stands for `domainId` and `DOMAINID` too.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Names {
    /// Columns that hold an id of this kind wherever they occur in an extension.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Columns that often do, and need a second witness.
    #[serde(default)]
    pub weak: Vec<String>,
    /// Columns that hold the key of the object beside its id.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Columns that hold its GUID.
    #[serde(default)]
    pub guids: Vec<String>,
    /// Columns that hold a text by which people call it, and that several objects may have in common.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Columns that are called as if they held its GUID, where it has none.
    #[serde(default)]
    pub no_guids: Vec<String>,
    /// Variables that usually hold an object of this kind (without `$`).
    #[serde(default)]
    pub variables: Vec<String>,
    /// Request parameters that carry its id.
    #[serde(default)]
    pub parameters: Vec<String>,
}

/// One method of the panel's programming interface.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Call {
    /// The class, without a leading backslash.
    pub class: String,
    /// The method; `__construct` for `new`.
    pub method: String,
    /// What the call gives: `id`, `guid` or `key` of this kind, the name of a class, or `Class[]` for a list of its objects: see [`Call::gives`].
    #[serde(default)]
    pub gives: Option<String>,
    /// The argument that takes an id of this kind, counted from 0.
    #[serde(default)]
    pub takes_id: Option<usize>,
    /// The argument that takes a GUID of this kind, counted from 0.
    #[serde(default)]
    pub takes_guid: Option<usize>,
    /// Only when argument 0 is one of these texts: `getProperty('webspace_id')`.
    #[serde(default)]
    pub when: Vec<String>,
    /// Why what it gives identifies no object, for a person: the call gives a text that people read.
    #[serde(default)]
    pub label: Option<String>,
}

/// Events of the panel that speak of a kind.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Events {
    /// The panel's words for the type of the object that an event is about.
    #[serde(default)]
    pub objects: Vec<String>,
    /// What actions about it start with: `domain` for `domain_create`. The longest that fits decides.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// What a call gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives<'a> {
    /// The id of an object of the call's kind.
    Id,
    /// Its GUID.
    Guid,
    /// Its natural key.
    Key,
    /// An object of this class.
    Object(&'a str),
    /// A list of objects of this class.
    List(&'a str),
    /// An answer of the panel's remote interface about objects of the call's kind.
    Answer,
}

impl Call {
    /// [`Call::gives`] taken apart.
    #[must_use]
    pub fn given(&self) -> Option<Gives<'_>> {
        Some(match self.gives.as_deref()? {
            "id" => Gives::Id,
            "guid" => Gives::Guid,
            "key" => Gives::Key,
            "answer" => Gives::Answer,
            class => class.strip_suffix("[]").map_or(Gives::Object(class), Gives::List),
        })
    }
}

/// How the panel reaches its own database on the server that it runs on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Server {
    /// The database user.
    pub user: String,
    /// The file with that user's password, and nothing else.
    pub password_file: String,
    /// Where the database server's socket may be; the first that is there counts.
    pub sockets: Vec<String>,
}

/// The method of an extension's listener that the panel calls on every event: which argument holds what, counted from 0.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EventListener {
    /// The interface that a listener implements.
    pub interface: String,
    /// Its method.
    pub method: String,
    /// The argument with the object's type: a word of [`Events::objects`].
    pub object_type: usize,
    /// The argument with the object's id.
    pub object_id: usize,
    /// The argument with the action.
    pub action: usize,
}

/// A name that is the panel's or a remote service's, by the columns beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LookAlikeBeside {
    /// The name.
    pub name: String,
    /// Columns of the same table that make it a remote service's.
    pub beside: Vec<String>,
}

/// A method of the panel's that keeps an extension's value, or gives it back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoreCall {
    /// The class, without a leading backslash.
    pub class: String,
    /// The method.
    pub method: String,
    /// What keeps it.
    pub keeps: Keeps,
    /// The kind of object that a value belongs to.
    #[serde(default)]
    pub of: Option<String>,
    /// The argument that names the place, counted from 0.
    #[serde(default)]
    pub key: Option<usize>,
    /// The argument with the value. Without one the call gives the value.
    #[serde(default)]
    pub value: Option<usize>,
    /// Whether the value is encrypted: what is inside it cannot be rewritten.
    #[serde(default)]
    pub encrypted: bool,
}

/// What keeps a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeps {
    /// The key-value storage of the extension.
    Setting,
    /// The settings of an object.
    ObjectSetting,
    /// A background task, for as long as it runs.
    Task,
    /// A file.
    File,
    /// What a backup hook hands to the backup.
    BackupPayload,
}

/// A method of the panel's that gives something worth knowing: `var-dir`, `encrypted` text, or an object of the class it names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Helper {
    /// The class, without a leading backslash.
    pub class: String,
    /// The method.
    pub method: String,
    /// What it gives.
    pub gives: String,
}

/// A method that the panel calls on an extension's class, where its declaration need not name the classes it is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hook {
    /// The panel's class that the extension's one extends.
    pub class: String,
    /// The method.
    pub method: String,
    /// The number of an argument, from 0 → the panel's class of it.
    #[serde(default)]
    pub given: std::collections::BTreeMap<String, String>,
    /// The number of an argument, from 0 → the kind of object whose raw id it is.
    #[serde(default)]
    pub given_ids: std::collections::BTreeMap<String, String>,
    /// Whether what it gives goes into a backup.
    #[serde(default)]
    pub keeps: bool,
    /// The element of what it gives that is the extension's own data.
    #[serde(default)]
    pub item: Option<usize>,
    /// The elements of what it gives that list paths relative to the var directory.
    #[serde(default)]
    pub paths: Vec<usize>,
    /// The argument with the data out of the backup.
    #[serde(default)]
    pub fetches: Option<usize>,
    /// The method of the same class that is handed what this one gave.
    #[serde(default)]
    pub back: Option<String>,
    /// The kind of object whose data the hook carries, one object at a time.
    #[serde(default)]
    pub of: Option<String>,
    /// Whose backups hold what it gives, for a person: `a subscription`.
    #[serde(default)]
    pub in_backups_of: Option<String>,
    /// Whether a class without it is of no use: the panel's own method does nothing.
    #[serde(default)]
    pub required: bool,
    /// Whether a method that overrides the panel's own has to call that.
    #[serde(default)]
    pub calls_parent: bool,
    /// The argument with the raw id of an object.
    #[serde(default)]
    pub object_id: Option<usize>,
    /// The property in which the panel's own method keeps that id.
    #[serde(default)]
    pub object_id_in: Option<String>,
    /// The kinds of object that it may be the id of.
    #[serde(default)]
    pub object_kinds: Vec<String>,
    /// The names of the arguments that the panel hands over, in their order. `None`: not known.
    #[serde(default)]
    pub arguments: Option<Vec<String>>,
}

/// Facts that belong to no kind: `rules/panel/shared.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shared {
    /// The usual name of the panel's database.
    #[serde(default)]
    pub database: String,
    /// How the panel itself reaches its database.
    #[serde(default)]
    pub server: Server,
    /// The form of the panel's backups.
    #[serde(default)]
    pub backup: BackupFormat,
    /// Where the settings of extensions are kept.
    #[serde(default)]
    pub settings: Settings,
    /// Texts that stand for "no object" or "all objects" where an id is expected.
    #[serde(default)]
    pub sentinels: Vec<String>,
    /// Column names that end like an id and hold none of the panel's.
    #[serde(default)]
    pub look_alikes: Vec<String>,
    /// Words in a column's or table's name that make it a remote service's: `cloudflare`, `oauth`.
    #[serde(default)]
    pub foreign_words: Vec<String>,
    /// Where values are kept.
    #[serde(default)]
    pub store: Vec<StoreCall>,
    /// Calls that give something worth knowing.
    #[serde(default)]
    pub helper: Vec<Helper>,
    /// Classes whose `getId()` is no hosted object's id.
    #[serde(default)]
    pub other_classes: Vec<String>,
    /// Methods that the panel calls.
    #[serde(default)]
    pub hook: Vec<Hook>,
    /// Arguments of hooks that no release of the panel hands over.
    #[serde(default)]
    pub obsolete_arguments: Vec<String>,
    /// Options of the framework's forms whose elements become properties of the form.
    #[serde(default)]
    pub options_under: Vec<String>,
    /// Classes whose properties live in the user's session.
    #[serde(default)]
    pub session_classes: Vec<String>,
    /// Parts of paths whose files are in the backups of the server or of a webspace; one that begins with `/` is the path's beginning.
    #[serde(default)]
    pub backed_up: Vec<String>,
    /// Calls that give a folder of the extension's code, as `Class::method`, with the folder in the package.
    #[serde(default)]
    pub code_folders: std::collections::BTreeMap<String, String>,
    /// What the panel's remote interface is asked to do: the step after the operator in an answer.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Elements of answers that name an object and are no number.
    #[serde(default)]
    pub stable_elements: Vec<String>,
    /// How the panel tells extensions of events.
    #[serde(default)]
    pub event_listener: Option<EventListener>,
    /// Names that the columns beside them make a remote service's.
    #[serde(default)]
    pub look_alike_beside: Vec<LookAlikeBeside>,
}

fn yes() -> bool {
    true
}

/// The catalogue that is built into the program.
pub fn get() -> &'static Catalogue {
    &CATALOGUE
}

impl Catalogue {
    fn read(files: &[(&str, &str)]) -> Catalogue {
        let mut kinds = Vec::with_capacity(files.len());
        let mut shared = Shared::default();
        for (stem, text) in files {
            let broken = |e: toml::de::Error| -> ! { panic!("rules/panel/{stem}.toml: {e}") };
            if *stem == SHARED {
                shared = toml::from_str(text).unwrap_or_else(|e| broken(e));
            } else {
                kinds.push(toml::from_str::<KindFacts>(text).unwrap_or_else(|e| broken(e)));
            }
        }
        kinds.sort_by(|a, b| a.kind.cmp(&b.kind));
        Catalogue { kinds, shared }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_named_after_its_kind() {
        let catalogue = get();
        let mut stems: Vec<&str> = FILES.iter().map(|f| f.0).filter(|s| *s != SHARED).collect();
        stems.sort_unstable();
        let kinds: Vec<&str> = catalogue.kinds.iter().map(|k| k.kind.as_str()).collect();
        assert_eq!(kinds, stems);
    }
}
