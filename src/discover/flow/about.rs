//! What an event is about, as far as the listener's conditions tell.

use crate::panel::Kind;
use crate::panel::catalogue;

/// What an event is about, as far as conditions tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About<'t> {
    /// One of these types of objects.
    Objects(Vec<&'t str>),
    /// One of these actions.
    Actions(Vec<&'t str>),
}

impl About<'_> {
    /// The kinds of objects that it may be about.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = match self {
            About::Objects(types) => types.iter().filter_map(|t| catalogue::event_object(t)).collect(),
            About::Actions(actions) => actions.iter().filter_map(|a| catalogue::event_action(a)).collect(),
        };
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// It is about nothing of this.
    pub(super) fn leave_out(&mut self, without: &About<'_>) {
        match (self, without) {
            (About::Objects(these), About::Objects(those)) => these.retain(|t| !those.contains(t)),
            (About::Actions(actions), About::Actions(those)) => {
                let count = actions.len();
                actions.retain(|t| !those.contains(t));
                if actions.len() < count {
                    // A type that the code names is one of the actions on it, and goes with the last of them.
                    let is_type = |t: &str| catalogue::event_object(t).is_some();
                    let kinds = |of: &[&str]| -> Vec<Option<Kind>> {
                        of.iter().filter(|a| !is_type(a)).map(|a| catalogue::event_action(a)).collect()
                    };
                    let (left, gone) = (kinds(actions), kinds(those));
                    let stays = |kind: Option<Kind>| left.contains(&kind) || !gone.contains(&kind);
                    actions.retain(|t| !is_type(t) || stays(catalogue::event_object(t)));
                }
            }
            // The actions on objects of a type begin with its name, and have its kind; `domain_owner_change` is no action on a domain.
            (About::Actions(actions), About::Objects(types)) => actions.retain(|action| {
                let is_on = |t: &&str| {
                    action.strip_prefix(*t).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
                        && catalogue::event_action(action) == catalogue::event_object(t)
                };
                !types.iter().any(is_on)
            }),
            // Another action on an object of the type is left.
            (About::Objects(_), About::Actions(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::About;

    #[test]
    fn what_is_left_of_an_event_is_told_by_what_is_ruled_out() {
        let names = |about: &About<'_>| about.kinds().iter().map(|k| k.name().to_owned()).collect::<Vec<_>>().join(" ");
        let without = |about: &About<'_>, gone: About<'_>| {
            let mut about = about.clone();
            about.leave_out(&gone);
            names(&about)
        };
        let objects = About::Objects(vec!["domain", "subdomain", "client"]);
        assert_eq!(without(&objects, About::Objects(vec!["client", "reseller"])), "domain");
        assert_eq!(without(&objects, About::Objects(vec!["domain"])), "client domain", "a subdomain is one too");
        assert_eq!(without(&objects, About::Actions(vec!["client_create"])), "client domain", "it may be deleted");
        let actions = About::Actions(vec!["domain_create", "domain_delete", "domain_owner_change", "client"]);
        assert_eq!(without(&actions, About::Objects(vec!["domain"])), "client");
        assert_eq!(without(&actions, About::Objects(vec!["client"])), "client domain", "who owns a domain is a client");
        assert_eq!(without(&actions, About::Actions(vec!["domain_create"])), "client domain");
        assert_eq!(without(&actions, About::Actions(vec!["domain_create", "domain_delete"])), "client");
        let named = About::Actions(vec!["domain", "domain_create", "client_create"]);
        assert_eq!(without(&named, About::Actions(vec!["domain_create"])), "client");
        assert_eq!(without(&named, About::Actions(vec!["client_delete"])), "client domain");
        assert_eq!(without(&named, About::Objects(vec!["domain"])), "client");
    }
}
