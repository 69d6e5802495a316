//! Questions to the catalogue that are asked for every name and every call of an extension: each is one look into a table that is built once.
//!
//! Names are given as they stand in the source; case, underscores and hyphens do not count ([`super::fold`]). Classes and methods are PHP's,
//! whose case does not count either.

use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHasher};

use super::{Call, Helper, StoreCall, get};
use crate::panel::Kind;

static INDEX: LazyLock<Index> = LazyLock::new(Index::build);

/// How much a name alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// Often an id of the kind, as often something else: needs a second witness.
    Weak,
    /// An id of the kind wherever it occurs in an extension.
    Strong,
}

/// A call of the panel's programming interface, with the kind under which it is listed.
#[derive(Debug, Clone, Copy)]
pub struct KindCall {
    /// Whose id the call gives or takes.
    pub kind: Kind,
    /// The call.
    pub call: &'static Call,
}

/// The kinds whose ids a column of this name holds, strong ones first: several where the name leaves it open.
#[must_use]
pub fn columns(name: &str) -> &'static [(Kind, Strength)] {
    INDEX.columns.get(name)
}

/// The kinds whose key (name, login, address) a column of this name holds.
#[must_use]
pub fn key_columns(name: &str) -> &'static [Kind] {
    INDEX.keys.get(name)
}

/// The kinds whose GUID a column of this name holds.
#[must_use]
pub fn guid_columns(name: &str) -> &'static [Kind] {
    INDEX.guids.get(name)
}

/// The kinds of object that people call by the text in a column of this name, which identifies none of them.
#[must_use]
pub fn label_columns(name: &str) -> &'static [Kind] {
    INDEX.labels.get(name)
}

/// The kinds without GUIDs that a column of this name is called as if it held the GUID of.
#[must_use]
pub fn guidless_columns(name: &str) -> &'static [Kind] {
    INDEX.no_guids.get(name)
}

/// The kinds of object that a variable of this name (without `$`) usually holds.
#[must_use]
pub fn variables(name: &str) -> &'static [Kind] {
    INDEX.variables.get(name)
}

/// The kinds whose id a request parameter of this name carries.
#[must_use]
pub fn parameters(name: &str) -> &'static [Kind] {
    INDEX.parameters.get(name)
}

/// Everything known of `class::method`, whatever its arguments. A leading backslash of the class does not count.
#[must_use]
pub fn calls_on(class: &str, method: &str) -> &'static [KindCall] {
    INDEX.calls.find(call_hash(class, method), |c| {
        c.call.method.eq_ignore_ascii_case(method) && c.call.class.eq_ignore_ascii_case(class.trim_start_matches('\\'))
    })
}

/// What of a store the call `class::method` keeps or fetches.
#[must_use]
pub fn stores_on(class: &str, method: &str) -> &'static [&'static StoreCall] {
    INDEX.stores.find(call_hash(class, method), |s| s.method.eq_ignore_ascii_case(method) && s.class.eq_ignore_ascii_case(class))
}

/// What the call `class::method` helps with.
#[must_use]
pub fn helpers_on(class: &str, method: &str) -> &'static [&'static Helper] {
    INDEX.helpers.find(call_hash(class, method), |h| h.method.eq_ignore_ascii_case(method) && h.class.eq_ignore_ascii_case(class))
}

/// What is known of the call `class::method(first, …)`. `first` is the text of argument 0 where it is a literal: entries that ask for certain
/// texts (`getProperty('webspace_id')`) apply to those only.
pub fn calls<'a>(class: &str, method: &str, first: Option<&'a str>) -> impl Iterator<Item = KindCall> + use<'a> {
    calls_on(class, method)
        .iter()
        .copied()
        .filter(move |c| c.call.when.is_empty() || first.is_some_and(|f| c.call.when.iter().any(|w| w == f)))
}

/// Whether `name` ends like a panel id and never is one.
#[must_use]
pub fn is_look_alike(name: &str) -> bool {
    !INDEX.look_alikes.get(name).is_empty()
}

/// Whether `name`, in a table that also has the column `beside`, is a remote service's: `client_id` beside `client_secret`.
#[must_use]
pub fn look_alike_beside(name: &str, beside: &str) -> bool {
    INDEX.beside.get(name).iter().any(|b| same(b, beside))
}

/// The names beside which `name` is a remote service's: `client_secret` for `client_id`.
#[must_use]
pub fn names_beside(name: &str) -> &'static [&'static str] {
    INDEX.beside.get(name)
}

/// Whether `name` is a remote service's in many extensions, beside certain others: `client_id`.
#[must_use]
pub fn is_ambiguous(name: &str) -> bool {
    !INDEX.beside.get(name).is_empty()
}

/// The word in `name` that makes its ids a remote service's: `cloudflare` in `cloudflareZoneId`.
#[must_use]
pub fn remote_word(name: &str) -> Option<&'static str> {
    words(name).find_map(|word| INDEX.foreign.get(word).first().copied())
}

/// Whether the `getId()` of `class` is no hosted object's id.
#[must_use]
pub fn is_other_class(class: &str) -> bool {
    let class = class.trim_start_matches('\\');
    !INDEX.other_classes.find(folded(class), |c| c.eq_ignore_ascii_case(class)).is_empty()
}

/// Whether `value` stands for "no object" or "all objects" where an id is expected. Case does not count.
#[must_use]
pub fn is_sentinel(value: &str) -> bool {
    get().shared.sentinels.iter().any(|s| s.eq_ignore_ascii_case(value))
}

/// What the panel's own database is called where a helper gives it.
pub const PANEL_DATABASE: &str = "panel-database";

/// The methods that give the panel's own database.
pub fn panel_database_methods() -> impl Iterator<Item = &'static str> {
    get().shared.helper.iter().filter(|helper| helper.gives == PANEL_DATABASE).map(|helper| helper.method.as_str())
}

/// The kind whose ids this column of the panel's own database holds.
#[must_use]
pub fn panel_column(table: &str, column: &str) -> Option<Kind> {
    let found =
        INDEX.panel_columns.find(call_hash(table, column), |(t, c, _)| t.eq_ignore_ascii_case(table) && c.eq_ignore_ascii_case(column));
    found.first().map(|(_, _, kind)| *kind)
}

/// The columns of one of the panel's own tables that hold ids.
pub fn panel_columns_of(table: &str) -> impl Iterator<Item = &'static str> {
    INDEX.panel_tables.get(table).iter().copied()
}

/// Whether `class` is one of the panel's that anything is known of.
#[must_use]
pub fn is_class(class: &str) -> bool {
    !INDEX.classes.get(class.trim_start_matches('\\')).is_empty() || is_other_class(class)
}

/// The kinds that an operator of the panel's remote interface answers about.
#[must_use]
pub fn answer_operator(word: &str) -> Option<Kind> {
    INDEX.operators.get(word).first().copied()
}

/// The kind whose id an element of an answer holds; `of` is the kind that the answer is about.
#[must_use]
pub fn answer_id(word: &str, of: Kind) -> Option<Kind> {
    let facts = &of.facts().answers;
    if facts.own_ids.iter().any(|own| same(own, word)) {
        return Some(of);
    }
    INDEX.answer_ids.get(word).first().copied()
}

/// The tables of the panel's database that hold objects, each with its kind.
pub fn panel_tables() -> impl Iterator<Item = (&'static str, Kind)> {
    Kind::all().filter_map(|kind| Some((kind.facts().table.as_ref()?.name.as_str(), kind)))
}

/// Whether a table is one of the panel's own, as far as is known: it holds its objects or refers to them, or keeps extensions and their settings.
#[must_use]
pub fn is_panel_table(table: &str) -> bool {
    let settings = &get().shared.settings;
    let of_settings = [&settings.modules.table, &settings.own.table].into_iter().chain(settings.of.iter().map(|of| &of.table));
    let mut named = panel_tables().map(|(name, _)| name).chain(of_settings.map(String::as_str));
    named.any(|name| name.eq_ignore_ascii_case(table)) || panel_columns_of(&table.to_lowercase()).next().is_some()
}

/// The kind of object that the panel's word for an event's object type names.
#[must_use]
pub fn event_object(word: &str) -> Option<Kind> {
    INDEX.event_objects.get(word).first().copied()
}

/// The kind of object that an event's action is about: `domain` for `domain_create`, by the longest beginning that fits.
#[must_use]
pub fn event_action(action: &str) -> Option<Kind> {
    let fits = |start: &str| action.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    INDEX.event_actions.iter().filter(|(start, _)| fits(start)).max_by_key(|(start, _)| start.len()).map(|(_, kind)| *kind)
}

/// The words of an identifier: `cloudflareZone_id` → `cloudflare`, `Zone`, `id`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).flat_map(|part| {
        let mut cuts: Vec<usize> = part
            .char_indices()
            .zip(part.chars().skip(1))
            .filter(|((_, a), b)| a.is_lowercase() && b.is_uppercase())
            .map(|((i, a), _)| i + a.len_utf8())
            .collect();
        cuts.push(part.len());
        cuts.into_iter().scan(0, move |start, end| Some(&part[std::mem::replace(start, end)..end]))
    })
}

/// The characters of `name` that count when names are compared, in the case in which they are.
fn significant(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase)
}

fn same(a: &str, b: &str) -> bool {
    significant(a).eq(significant(b))
}

fn folded(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    if name.is_ascii() {
        // What [`significant`] gives, without asking Unicode for each letter of nearly all names.
        for byte in name.bytes().filter(|b| !matches!(b, b'_' | b'-')) {
            char::from(byte.to_ascii_lowercase()).hash(&mut hasher);
        }
    } else {
        significant(name).for_each(|c| c.hash(&mut hasher));
    }
    hasher.finish()
}

fn call_hash(class: &str, method: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for byte in class.trim_start_matches('\\').bytes().chain([b':']).chain(method.bytes()) {
        byte.to_ascii_lowercase().hash(&mut hasher);
    }
    hasher.finish()
}

/// Lists by hash. The hash is made without copying the name, so that a look-up allocates nothing; what it finds is compared with the name.
struct Lists<T> {
    by_hash: FxHashMap<u64, Vec<T>>,
}

impl<T> Default for Lists<T> {
    fn default() -> Lists<T> {
        Lists { by_hash: FxHashMap::default() }
    }
}

impl<T> Lists<T> {
    fn push(&mut self, hash: u64, value: T) {
        self.by_hash.entry(hash).or_default().push(value);
    }

    /// The list at `hash` if `fits` says of its first entry that it is the one looked for.
    fn find(&self, hash: u64, fits: impl FnOnce(&T) -> bool) -> &[T] {
        self.by_hash.get(&hash).filter(|list| list.first().is_some_and(fits)).map_or(&[], Vec::as_slice)
    }
}

/// Lists by name.
struct Names<T> {
    by_hash: FxHashMap<u64, (&'static str, Vec<T>)>,
}

impl<T> Default for Names<T> {
    fn default() -> Names<T> {
        Names { by_hash: FxHashMap::default() }
    }
}

impl<T: PartialEq> Names<T> {
    fn push(&mut self, name: &'static str, value: T) {
        let (first, list) = self.by_hash.entry(folded(name)).or_insert_with(|| (name, Vec::new()));
        assert!(same(first, name), "rules/panel: the hashes of `{first}` and `{name}` collide");
        if !list.contains(&value) {
            list.push(value);
        }
    }

    fn get(&self, name: &str) -> &[T] {
        self.by_hash.get(&folded(name)).filter(|(first, _)| same(first, name)).map_or(&[], |(_, list)| list)
    }
}

#[derive(Default)]
struct Index {
    columns: Names<(Kind, Strength)>,
    keys: Names<Kind>,
    guids: Names<Kind>,
    labels: Names<Kind>,
    no_guids: Names<Kind>,
    variables: Names<Kind>,
    parameters: Names<Kind>,
    look_alikes: Names<()>,
    beside: Names<&'static str>,
    foreign: Names<&'static str>,
    event_objects: Names<Kind>,
    event_actions: Vec<(&'static str, Kind)>,
    calls: Lists<KindCall>,
    other_classes: Lists<&'static str>,
    stores: Lists<&'static StoreCall>,
    helpers: Lists<&'static Helper>,
    panel_columns: Lists<(&'static str, &'static str, Kind)>,
    panel_tables: Names<&'static str>,
    classes: Names<()>,
    operators: Names<Kind>,
    answer_ids: Names<Kind>,
}

impl Index {
    fn build() -> Index {
        let mut index = Index::default();
        for kind in Kind::all() {
            index.add_names(kind);
            index.add_panel_columns(kind);
            for call in &kind.facts().call {
                index.calls.push(call_hash(&call.class, &call.method), KindCall { kind, call });
                index.classes.push(&call.class, ());
            }
        }
        // Weak names after strong ones: `columns` lists strong kinds first.
        for kind in Kind::all() {
            for name in &kind.facts().names.weak {
                index.columns.push(name, (kind, Strength::Weak));
            }
        }
        let shared = &get().shared;
        for name in &shared.look_alikes {
            index.look_alikes.push(name, ());
        }
        for entry in &shared.look_alike_beside {
            for beside in &entry.beside {
                index.beside.push(&entry.name, beside);
            }
        }
        for word in &shared.foreign_words {
            index.foreign.push(word, word);
        }
        for store in &shared.store {
            index.classes.push(&store.class, ());
            index.stores.push(call_hash(&store.class, &store.method), store);
        }
        let others = shared.helper.iter().map(|h| &h.class).chain(shared.hook.iter().map(|h| &h.class));
        others.for_each(|class| index.classes.push(class, ()));
        for helper in &shared.helper {
            index.helpers.push(call_hash(&helper.class, &helper.method), helper);
        }
        for class in &shared.other_classes {
            index.other_classes.push(folded(class), class);
        }
        index
    }

    fn add_names(&mut self, kind: Kind) {
        let names = &kind.facts().names;
        for name in &names.columns {
            self.columns.push(name, (kind, Strength::Strong));
        }
        for (list, to) in [
            (&names.keys, &mut self.keys),
            (&names.guids, &mut self.guids),
            (&names.labels, &mut self.labels),
            (&names.no_guids, &mut self.no_guids),
            (&names.variables, &mut self.variables),
            (&names.parameters, &mut self.parameters),
            (&kind.facts().events.objects, &mut self.event_objects),
            (&kind.facts().answers.operators, &mut self.operators),
            (&kind.facts().answers.ids, &mut self.answer_ids),
        ] {
            for name in list {
                to.push(name, kind);
            }
        }
        self.event_actions.extend(kind.facts().events.actions.iter().map(|action| (action.as_str(), kind)));
    }

    fn add_panel_columns(&mut self, kind: Kind) {
        let mut add = |table: &'static str, column: &'static str, kind| {
            self.panel_columns.push(call_hash(table, column), (table, column, kind));
            self.panel_tables.push(table, column);
        };
        for place in &kind.facts().elsewhere {
            let (table, column) = place.split_once('.').expect("`elsewhere` holds `table.column`: a test reads them all");
            add(table, column, kind);
        }
        let Some(table) = &kind.facts().table else { return };
        add(&table.name, &table.id, kind);
        for reference in table.witness.iter().chain(&table.parent) {
            if let Some((column, word)) = reference.split_once(':') {
                add(&table.name, column, word.parse().expect("column references name kinds: a test reads them all"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Gives;
    use super::*;

    fn kind(word: &str) -> Kind {
        word.parse().unwrap()
    }

    #[test]
    fn a_column_may_belong_to_several_kinds() {
        assert_eq!(columns("domainId"), [(kind("domain"), Strength::Strong)]);
        assert_eq!(columns("DOMAIN-ID"), columns("domain_id"));
        assert_eq!(columns("subscription_id"), [(kind("domain"), Strength::Strong), (kind("subscription"), Strength::Strong)]);
        assert_eq!(columns("user_id"), [(kind("client"), Strength::Weak), (kind("user"), Strength::Weak)]);
        assert_eq!(columns("created_at"), []);
    }

    #[test]
    fn names_are_hashed_by_what_counts_in_them() {
        assert_eq!(folded("Token_Id"), folded("token-id"));
        // The sign of the unit Kelvin is a `k` in lower case, and no ASCII.
        assert_eq!(folded("to\u{212a}enId"), folded("Token_Id"));
        assert_ne!(folded("token"), folded("tokens"));
    }

    #[test]
    fn twins_variables_and_parameters() {
        assert_eq!(key_columns("domainName"), [kind("domain")]);
        assert_eq!(guid_columns("domain_guid"), [kind("domain")]);
        assert_eq!(variables("client"), [kind("client")]);
        assert_eq!(parameters("site_id"), [kind("domain")]);
    }

    #[test]
    fn calls_are_told_by_class_method_and_first_argument() {
        let gives =
            |class: &str, method: &str, first| calls(class, method, first).map(|c| (c.kind.name(), c.call.given())).collect::<Vec<_>>();
        assert_eq!(gives("\\PM_domain", "getid", None), [("domain", Some(Gives::Id))]);
        assert_eq!(gives("pm_Domain", "getProperty", Some("cl_id")), [("client", Some(Gives::Id))]);
        assert_eq!(gives("pm_Domain", "getProperty", Some("webspace_id")), [("domain", Some(Gives::Id))]);
        assert_eq!(gives("pm_Domain", "getProperty", Some("guid")), [("domain", Some(Gives::Guid))]);
        assert_eq!(gives("pm_Domain", "getProperty", None), []);
        assert_eq!(gives("pm_Domain", "getAllDomains", None), [("domain", Some(Gives::List("pm_Domain")))]);
        assert_eq!(gives("pm_Client", "getDomain", None), []);
        let new = calls("pm_Domain", "__construct", None).next().unwrap();
        assert_eq!((new.call.takes_id, new.call.given()), (Some(0), Some(Gives::Object("pm_Domain"))));
        assert!(calls_on("pm_Domain", "getProperty").len() > 3);
    }

    #[test]
    fn ids_of_others_are_known() {
        assert!(is_look_alike("machineId") && !is_look_alike("domain_id"));
        assert_eq!(remote_word("cloudflareZoneId"), Some("cloudflare"));
        assert_eq!(remote_word("OAUTH_client_id"), Some("oauth"));
        assert_eq!(remote_word("flawless_id"), None);
        assert!(look_alike_beside("clientId", "client_secret") && !look_alike_beside("client_id", "login"));
        assert!(is_other_class("\\pm_Extension") && !is_other_class("pm_Domain"));
        assert!(is_sentinel("ALL") && is_sentinel("") && !is_sentinel("5"));
    }

    #[test]
    fn the_panels_own_columns_are_known() {
        assert_eq!(panel_column("domains", "id"), Some(kind("domain")));
        assert_eq!(panel_column("Domains", "CL_ID"), Some(kind("client")));
        assert_eq!(panel_column("hosting", "dom_id"), Some(kind("domain")));
        assert_eq!(panel_column("hosting", "www_root"), None);
        assert!(panel_tables().any(|(table, k)| table == "clients" && k == kind("client")));
    }

    #[test]
    fn events_are_told_by_their_longest_beginning() {
        assert_eq!(event_action("domain_create"), Some(kind("domain")));
        assert_eq!(event_action("domain_alias_create"), Some(kind("domain-alias")));
        assert_eq!(event_action("domains_create"), None);
        assert_eq!(event_object("client"), Some(kind("client")));
    }

    #[test]
    fn no_strong_column_is_also_a_look_alike() {
        for k in Kind::all() {
            for name in &k.facts().names.columns {
                assert!(!is_look_alike(name), "{name} of {k}");
            }
        }
    }
}
