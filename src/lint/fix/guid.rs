//! The fix of a stored id that a person writes: the GUID beside it. A text to be shown, as where it goes depends on the code around.

use super::super::facts::Facts;
use super::super::{Context, Finding};
use super::declare::discovery;
use super::{Change, Fix, Safety};
use crate::panel::Kind;
use crate::panel::catalogue::Call;
use crate::reference::{Encoding, Place};

/// Shows how the GUID is kept in the place of the id, if the panel's interface tells the GUIDs of the finding's kind.
pub(crate) fn keep_guid(context: &Context<'_>, finding: &Finding) -> Option<Fix> {
    let discovery = discovery(context, finding)?;
    let &[kind] = discovery.reference.kinds.as_slice() else { return None };
    let calls = Calls::of(kind)?;
    let text = match (&discovery.reference.place, discovery.reference.encoding) {
        (_, Encoding::Hashed | Encoding::Encrypted) => return None,
        (Place::Column { table, column, path: None }, _) => column_patch(context.facts, (table, column), kind, &calls, &Dialect::SQLITE),
        (Place::PanelColumn { table, column, path: None }, _) => {
            column_patch(context.facts, (table, column), kind, &calls, &Dialect::MYSQL)
        }
        _ => elsewhere(kind, &calls),
    };
    Some(Fix { title: "keep the GUID and find the object by it".to_owned(), safety: Safety::DisplayOnly, change: Change::Show(text) })
}

/// The expressions that get at a GUID and back, in PHP.
struct Calls {
    /// The GUID of the object with the id `$id`.
    guid_of_id: String,
    /// The GUID of the object `$object`.
    guid_of_object: String,
    /// The object with the GUID `$guid`, where a call finds it.
    by_guid: Option<String>,
}

impl Calls {
    fn of(kind: Kind) -> Option<Calls> {
        let calls = &kind.facts().call;
        let gives = |call: &Call, what: &str| call.gives.as_deref() == Some(what);
        // By its id, then its GUID; in the order of the catalogue, which has the usual way first.
        let (make, read) = calls.iter().find_map(|make| {
            let class = make.gives.as_deref().filter(|class| make.takes_id == Some(0) && *class == make.class)?;
            calls.iter().find(|read| read.class == class && gives(read, "guid")).map(|read| (make, read))
        })?;
        let object = match make.method.as_str() {
            "__construct" => format!("(new {}($id))", make.class),
            method => format!("{}::{method}($id)", make.class),
        };
        let getter = match read.when.first() {
            Some(word) => format!("{}('{word}')", read.method),
            None => format!("{}()", read.method),
        };
        let by_guid = calls.iter().find(|c| c.takes_guid == Some(0)).map(|c| format!("{}::{}($guid)", c.class, c.method));
        Some(Calls { guid_of_id: format!("{object}->{getter}"), guid_of_object: format!("$object->{getter}"), by_guid })
    }

    fn find(&self, kind: Kind) -> String {
        match &self.by_guid {
            Some(call) => format!("$object = {call};\n"),
            None => format!("// no call finds a {kind} by its GUID: keep the name too, find it by that, and compare the GUID\n"),
        }
    }
}

/// What differs between databases.
struct Dialect {
    /// Around a name that needs it.
    quote: char,
    /// The type of a column with GUIDs.
    text: &'static str,
}

impl Dialect {
    const SQLITE: Dialect = Dialect { quote: '"', text: "TEXT" };
    const MYSQL: Dialect = Dialect { quote: '`', text: "CHAR(36)" };
}

fn column_patch(facts: &Facts<'_>, (table, column): (&str, &str), kind: Kind, calls: &Calls, dialect: &Dialect) -> String {
    let guid = guid_column(facts, table, column);
    let [t, c, g] = [table, column, &guid].map(|name| quoted(name, dialect.quote));
    let php = |sql: String| format!("'{}'", sql.replace('\\', "\\\\").replace('\'', "\\'"));
    let select = php(format!("SELECT DISTINCT {c} FROM {t} WHERE {g} IS NULL AND {c} IS NOT NULL"));
    let update = php(format!("UPDATE {t} SET {g} = ? WHERE {c} = ?"));
    format!(
        "-- 1. a column for the GUID, beside the id\n\
         ALTER TABLE {t} ADD COLUMN {g} {text};\n\
         \n\
         // 2. on the upgrade, once: fill it, while the ids still mean the same objects\n\
         $fill = $db->prepare({update});\n\
         foreach ($db->query({select})->fetchAll(PDO::FETCH_COLUMN) as $id) {{\n    \
             try {{\n        \
                 $fill->execute([{of_id}, $id]);\n    \
             }} catch (Exception $gone) {{\n        \
                 // the row stays without a GUID\n    \
             }}\n\
         }}\n\
         \n\
         // 3. write the GUID with each new row, and find the object by it\n\
         $guid = {of_object};\n\
         {find}",
        text = dialect.text,
        of_id = calls.guid_of_id,
        of_object = calls.guid_of_object,
        find = calls.find(kind),
    )
}

fn elsewhere(kind: Kind, calls: &Calls) -> String {
    format!(
        "// 1. write the GUID where the id stands now\n$guid = {};\n\n// 2. on the upgrade, once: what is stored becomes its GUID\n$guid = {};\n\n\
         // 3. find the object by it\n{}",
        calls.guid_of_object,
        calls.guid_of_id,
        calls.find(kind)
    )
}

/// A name for the new column that the table does not have.
fn guid_column(facts: &Facts<'_>, table: &str, column: &str) -> String {
    let stem = ["_id", "Id", "_ID", "ID"].iter().find_map(|end| Some((column.strip_suffix(end)?, *end)));
    let name = match stem {
        Some((stem, "Id" | "ID")) if !stem.is_empty() => format!("{stem}Guid"),
        Some((stem, _)) if !stem.is_empty() => format!("{stem}_guid"),
        _ => format!("{column}_guid"),
    };
    let has = |name: &str| facts.tables(table).flat_map(|t| &t.columns).any(|c| c.name.eq_ignore_ascii_case(name));
    (0..).map(|n| if n == 0 { name.clone() } else { format!("{name}{n}") }).find(|name| !has(name)).unwrap_or(name)
}

/// A name as SQL takes it: plain, where nothing in it needs quotes.
fn quoted(name: &str, quote: char) -> String {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.as_bytes()[0].is_ascii_digit();
    if plain { name.to_owned() } else { format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::Extension;
    use crate::lint::testing::{DDL, column, extension};
    use crate::lint::{Settings, lint_as};
    use crate::reference::Confidence;

    #[test]
    fn a_column_gets_its_statements() {
        let linted = lint_as(extension(DDL), &[column(Confidence::Proven)], None, &Settings { fixes: true, ..Settings::default() });
        let fixes = linted.fixes(&linted.findings[0]);
        let shown = fixes.iter().find_map(Fix::shown).unwrap();
        insta::assert_snapshot!(shown, @r"
        -- 1. a column for the GUID, beside the id
        ALTER TABLE apps ADD COLUMN domain_guid TEXT;

        // 2. on the upgrade, once: fill it, while the ids still mean the same objects
        $fill = $db->prepare('UPDATE apps SET domain_guid = ? WHERE domain_id = ?');
        foreach ($db->query('SELECT DISTINCT domain_id FROM apps WHERE domain_guid IS NULL AND domain_id IS NOT NULL')->fetchAll(PDO::FETCH_COLUMN) as $id) {
            try {
                $fill->execute([(new pm_Domain($id))->getGuid(), $id]);
            } catch (Exception $gone) {
                // the row stays without a GUID
            }
        }

        // 3. write the GUID with each new row, and find the object by it
        $guid = $object->getGuid();
        $object = pm_Domain::getByGuid($guid);
        ");
    }

    #[test]
    fn kinds_without_a_way_back_say_so_and_kinds_without_a_guid_have_no_patch() {
        let client = Calls::of("client".parse().unwrap()).unwrap();
        assert_eq!(client.guid_of_id, "pm_Client::getByClientId($id)->getProperty('guid')");
        assert!(client.find("client".parse().unwrap()).contains("no call finds a client by its GUID"));
        assert!(Calls::of("mailbox".parse().unwrap()).is_none());
    }

    #[test]
    fn names_of_new_columns() {
        let extension = Extension::default();
        let facts = Facts::of(&extension, 1);
        for (column, expected) in [("domain_id", "domain_guid"), ("domainId", "domainGuid"), ("id", "id_guid"), ("owner", "owner_guid")] {
            assert_eq!(guid_column(&facts, "t", column), expected);
        }
        assert_eq!((quoted("a b\"c", '"'), quoted("plain", '"')), ("\"a b\"\"c\"".to_owned(), "plain".to_owned()));
    }
}
