//! Rows that the command-line client prints.

use crate::mariadb::MariaDb;
use crate::{gzip, kind, load, outcome, zstd};

/// The columns that the inventory needs of each table, and the table.
pub(crate) fn selects() -> Vec<(Vec<&'static str>, &'static str)> {
    let kinds = reguid::panel::catalogue::get().kinds.iter();
    kinds
        .filter_map(|facts| {
            let table = facts.table.as_ref()?;
            let mut columns: Vec<&str> = [table.id.as_str()].into_iter().chain(table.guid.as_deref()).collect();
            let holes = table.key.iter().flat_map(|key| key.split('{').skip(1)).filter_map(|rest| rest.split('}').next());
            let references = holes.chain(table.parent.as_deref()).chain(table.witness.iter().map(String::as_str));
            columns.extend(references.map(|column| column.split(':').next().unwrap_or(column)));
            columns.extend(table.through.iter().flat_map(|t| [t.type_column.as_str(), t.id.as_str()]));
            let mut seen = Vec::new();
            columns.retain(|c| {
                !seen.contains(c) && {
                    seen.push(*c);
                    true
                }
            });
            Some((columns, table.name.as_str()))
        })
        .collect()
}

#[test]
fn rows_that_the_client_prints_are_the_same_inventory() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    server.run("psa", "UPDATE Templates SET name = 'a<b>&amp;\\'\"\\t\\n\\\\ € x' WHERE id = 1");
    let dump = outcome(&server.dump(["psa"])).expect("it is read");
    let select = |(columns, table): &(Vec<&str>, &str)| format!("SELECT {} FROM {table}", columns.join(", "));
    let statements: Vec<String> = selects().iter().map(select).collect();
    let all = |list: &[String]| list.join("; ");
    let whole: Vec<String> = selects().iter().map(|(_, table)| format!("SELECT * FROM `psa`.`{table}` ORDER BY id")).collect();
    for form in [["--xml", "--execute", &all(&statements), "psa"], ["-X", "-e", &all(&whole), "psa"]] {
        let printed = server.print(form);
        for packed in [printed.clone(), gzip(&printed), zstd(&printed)] {
            let inventory = outcome(&packed).expect("it is read");
            assert_eq!(inventory.objects(), dump.objects());
            assert_eq!((inventory.fingerprint(), inventory.carried()), (dump.fingerprint(), dump.carried()));
            assert!(inventory.notes().is_empty(), "{:?}", inventory.notes());
        }
    }
    // Files one after the other, as `plesk db -Xe` leaves them, in any order.
    let files: Vec<Vec<u8>> = statements.iter().rev().map(|s| server.print(["-X", "-e", s, "psa"])).collect();
    assert_eq!(outcome(&files.concat()).expect("it is read").objects(), dump.objects());

    // Between tabs, those tables whose columns no other has.
    let mut told = Vec::new();
    let mut tabbed = Vec::new();
    for (columns, table) in selects() {
        let printed = server.print(["-B", "-e", &format!("SELECT {} FROM {table}", columns.join(", ")), "psa"]);
        match outcome(&printed) {
            Ok(_) => {
                told.push(table);
                tabbed.extend(printed);
            }
            Err(error) => assert!(
                error.starts_with("FILE:1: it cannot be told which table these rows are of: their columns id, "),
                "{table}: {error}"
            ),
        }
    }
    for table in ["clients", "domains", "Templates", "smb_users", "mail", "data_bases", "db_users", "DatabaseServers", "Subscriptions"] {
        assert!(told.contains(&table), "{table} is told by its columns");
    }
    let inventory = outcome(&tabbed).expect("it is read");
    let of = |word: &str| (inventory.of_kind(kind(word)), dump.of_kind(kind(word)));
    for word in ["client", "domain", "plan", "user", "mailbox", "database", "database-user", "database-server", "subscription"] {
        let (tabbed, dump) = of(word);
        assert_eq!(tabbed, dump, "{word}");
    }
    let error = outcome(&server.print(["-B", "-N", "-e", "SELECT id, guid, name FROM domains", "psa"])).expect_err("it is refused");
    assert!(error.contains("without the names of their columns"), "{error}");
    let error = outcome(&server.print(["-t", "-e", "SELECT id, guid, name FROM domains", "psa"])).expect_err("it is refused");
    assert!(error.contains("a table drawn for a screen"), "{error}");
}
