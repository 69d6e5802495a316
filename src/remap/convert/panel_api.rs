//! How PHP asks the panel for an object's GUID or name: from the catalogue, in which alone the panel's names stand.

use super::Form;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Call, Gives};

/// The expression that gives the reference of the object whose id is `$id`. `None`: the panel's interface has none.
pub(super) fn reference(kind: Kind, form: Form) -> Option<String> {
    let calls = &kind.facts().call;
    // A method that looks for the object says so when it is not there; a constructor need not.
    let gives_object = |c: &&Call| c.takes_id == Some(0) && c.when.is_empty() && c.given() == Some(Gives::Object(&c.class));
    let find = calls.iter().filter(gives_object).min_by_key(|c| c.method == "__construct")?;
    let wanted = if form == Form::Guid { Gives::Guid } else { Gives::Key };
    let ask = calls.iter().filter(|c| c.class == find.class && c.given() == Some(wanted)).min_by_key(|c| !c.when.is_empty())?;
    let object = match find.method.as_str() {
        "__construct" => format!("(new \\{}($id))", find.class),
        method => format!("\\{}::{method}($id)", find.class),
    };
    let argument = ask.when.first().map(|w| format!("'{w}'")).unwrap_or_default();
    Some(format!("{object}->{}({argument})", ask.method))
}

/// The expression that gives the extension's var directory.
pub(super) fn var_dir() -> Option<String> {
    let helper = catalogue::get().shared.helper.iter().find(|h| h.gives == "var-dir")?;
    Some(format!("\\{}::{}()", helper.class, helper.method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_tells_how_to_ask() {
        let asked = |kind: &str, form| reference(kind.parse().unwrap(), form);
        assert_eq!(asked("domain", Form::Guid).as_deref(), Some("\\pm_Domain::getByDomainId($id)->getGuid()"));
        assert_eq!(asked("domain", Form::Name).as_deref(), Some("\\pm_Domain::getByDomainId($id)->getName()"));
        assert_eq!(asked("client", Form::Guid).as_deref(), Some("\\pm_Client::getByClientId($id)->getProperty('guid')"));
        assert_eq!(asked("client", Form::Name).as_deref(), Some("\\pm_Client::getByClientId($id)->getLogin()"));
        assert_eq!(asked("mailbox", Form::Guid), None);
        assert!(var_dir().is_some());
    }
}
