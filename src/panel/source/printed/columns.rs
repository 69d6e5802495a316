//! Which table rows are of, where only the names of their columns tell.

use crate::panel::Kind;
use crate::panel::source::tables::{names_itself, wanted};

/// The wanted table whose rows have these columns, if they fit one alone; else the names of those that they fit.
///
/// Selected columns fit a kind when the catalogue knows them all and its id and a stable key are among them. All columns of a table (`SELECT *`) hold
/// some that the catalogue does not know; they fit a kind with a GUID when all of its known ones are there. Of several kinds that fit, those whose
/// columns are some of another's are left out.
pub(super) fn table(columns: &[&[u8]]) -> Result<usize, Vec<&'static str>> {
    let has = |name: &str| columns.iter().any(|c| c.eq_ignore_ascii_case(name.as_bytes()));
    let mut fitting: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for kind in Kind::all() {
        let Some(table) = &kind.facts().table else { continue };
        let Some(known) = wanted().of(kind).map(|index| &wanted().tables[index].columns) else { continue };
        let all_known = columns.iter().all(|c| known.iter().any(|k| c.eq_ignore_ascii_case(k.as_bytes())));
        let keyed = table.guid.as_deref().is_some_and(has) || names_itself(kind, &has);
        let fits = has(&table.id) && if all_known { keyed } else { table.guid.is_some() && known.iter().all(|k| has(k)) };
        if fits {
            fitting.push((&table.name, known.iter().copied().filter(|k| has(k)).collect()));
        }
    }
    let within = |some: &[&str], others: &[&str]| some.len() < others.len() && some.iter().all(|c| others.contains(c));
    let widest: Vec<&str> =
        fitting.iter().filter(|(_, some)| !fitting.iter().any(|(_, others)| within(some, others))).map(|(name, _)| *name).collect();
    match widest[..] {
        [name] => wanted().table(name.as_bytes()).ok_or(widest),
        _ => Err(widest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_by_its_columns_only_where_they_leave_no_doubt() {
        let of = |columns: &str| table(&columns.split(' ').map(str::as_bytes).collect::<Vec<_>>()).map(|i| wanted().tables[i].name);
        assert_eq!(of("id guid name"), Ok("domains"));
        assert_eq!(of("ID LOGIN GUID"), Ok("clients"));
        assert_eq!(of("id name guid cl_id webspace_id"), Ok("domains"));
        assert_eq!(of("id mail_name dom_id"), Ok("mail"));
        assert_eq!(of("id uuid login ownerId"), Ok("smb_users"));
        assert!(of("id name").is_err_and(|tables| tables.contains(&"domains") && tables.contains(&"domain_aliases")));
        assert!(of("id login").is_err_and(|tables| tables.contains(&"clients") && tables.contains(&"sys_users")));
        assert_eq!(of("id dom_id name"), Err(vec!["domain_aliases", "MailLists"]));
        assert_eq!(of("id mail_name"), Err(vec![]));
        assert_eq!(of("guid name"), Err(vec![]));
        // Ids of other objects stand in many tables.
        assert_eq!(of("id dom_id"), Err(vec![]));
        assert_eq!(of("id dom_id sys_user_id"), Err(vec![]));
        // All columns of a table.
        assert_eq!(of("id cr_date name displayName guid htype cl_id webspace_id parentDomainId"), Ok("domains"));
        assert_eq!(of("id name type quux other"), Err(vec![]));
        assert_eq!(of("id host port type admin_login"), Err(vec![]));
    }
}
