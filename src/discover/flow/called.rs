//! Methods of the extension that the panel calls: listeners of events, backup hooks.

use super::about::About;
use super::build::{Builder, Payload, Seed};
use super::graph::{Node, Slot};
use super::label::{Path, Strength, What};
use super::layer::Origin;
use crate::discover::names;
use crate::discover::program::{Cls, Name};
use crate::extension::php::ir::{Arg, Element, ExprId, ExprKind, Function, Guard, Stmt};
use crate::panel::Kind;
use crate::panel::catalogue;

/// The method (lower case) by which a listener says which actions it is called for.
const FILTER: &str = "filteractions";

/// Conditions on an event's type or action that are looked at in one listener.
const MAX_GUARDS: usize = 500;

impl Builder<'_, '_> {
    /// The method that the panel calls on every event is given an id. Its kinds are those of the actions that the listener's class names.
    pub(super) fn event(&mut self, function: &Function) {
        let (Some(facts), Some(cls)) = (&catalogue::get().shared.event_listener, self.class) else { return };
        let (script, class) = self.program.class(cls);
        let file = &self.program.scripts()[script as usize];
        let listens = class.interfaces.iter().any(|i| file.text(*i).eq_ignore_ascii_case(&facts.interface));
        if !listens || !self.text(function.name).eq_ignore_ascii_case(&facts.method) {
            return;
        }
        let Some(param) = function.params.get(facts.object_id) else { return };
        let node = self.variable(self.name(param.name));
        let actions: Vec<&str> = file
            .exprs
            .iter()
            .filter(|e| e.at.is_in(class.at))
            .filter_map(|e| if let ExprKind::Text(sym) = e.kind { Some(file.text(sym)) } else { None })
            .filter(|text| catalogue::event_action(text).is_some())
            .collect();
        let class = About::Actions(actions);
        self.seed_event(node, class.kinds());
        let name = |position: usize| function.params.get(position).map(|p| self.program.name(script, p.name));
        let (Some(id), types, actions) = (name(facts.object_id), name(facts.object_type), name(facts.action)) else { return };
        let told = |guard: &Guard| {
            let variable = Some(self.program.name(script, guard.variable));
            let texts = || guard.texts.iter().map(|t| file.text(*t)).collect();
            if variable == actions { Some(About::Actions(texts())) } else { (variable == types).then(|| About::Objects(texts())) }
        };
        // Of a variable that is given another value, a condition tells nothing of what the panel gave.
        let unchanged = |guard: &&Guard| self.program.renewals_of(self.fun, guard.variable).is_empty();
        // Where nobody says which events come, any others may.
        let filtered = self.program.find(FILTER).is_some_and(|name| self.program.method(cls, name).is_some());
        let here = |guard: &&Guard| function.at.start <= guard.at.start && guard.at.start < function.at.end;
        let guards: Vec<(&Guard, About<'_>)> =
            file.guards.iter().filter(here).filter(unchanged).filter_map(|g| Some((g, told(g)?))).take(MAX_GUARDS).collect();
        let mut about_parts = Vec::new();
        for (guard, about) in &guards {
            let around = |g: &Guard| guard.at.is_in(g.at);
            let outer = guards.iter().filter(|(g, _)| !g.except && around(g)).min_by_key(|(g, _)| g.at.end - g.at.start);
            let mut left = match (guard.except, outer) {
                (false, _) => about.clone(),
                (true, Some((_, about))) => about.clone(),
                (true, None) if filtered => class.clone(),
                (true, None) => continue,
            };
            let all = left.kinds();
            guards.iter().filter(|(g, _)| g.except && around(g)).for_each(|(_, without)| left.leave_out(without));
            let kinds = left.kinds();
            // Where nothing is left, the conditions are about something that is not known.
            about_parts.push((guard.at, if kinds.is_empty() && guard.except { all } else { kinds }));
        }
        let mut parts = Vec::new();
        for (at, kinds) in about_parts {
            let called: Vec<&str> = kinds.iter().map(|k| k.name()).collect();
            let part = self.program.intern(&format!("{}:{}", self.program.text(id), called.join("|")));
            let node = self.graph.slot(Slot::Variable(self.fun, part));
            self.seed_event(node, kinds);
            parts.push((at, part));
        }
        self.split = Some((id, parts));
    }

    /// A method that the listener calls after the event's action, `$this->$method($objectId)`: `onDomainCreate` for `domain_create`, or the one that an array
    /// has under the action.
    pub(super) fn handler(&mut self, function: &Function) {
        let (Some(facts), Some(cls)) = (&catalogue::get().shared.event_listener, self.class) else { return };
        let Some(listener) = self.program.find(&facts.method.to_ascii_lowercase()).and_then(|name| self.program.method(cls, name)) else {
            return;
        };
        let (script, listener) = self.program.function(listener);
        let file = &self.program.scripts()[script as usize];
        let Some(id) = listener.params.get(facts.object_id) else { return };
        let is_id = |arg: &Arg| matches!(file.expr(arg.value).kind, ExprKind::Variable(sym) if sym == id.name);
        let position = file.exprs.iter().filter(|e| e.at.is_in(listener.at)).find_map(|e| match e.kind {
            ExprKind::CallValue { callee, args } if matches!(file.expr(callee).kind, ExprKind::Other(parts) if file.list(parts).len() == 2) => {
                file.args(args).iter().position(is_id)
            }
            _ => None,
        });
        let Some(param) = position.and_then(|at| function.params.get(at)) else { return };
        let method = self.text(function.name);
        let kinds = handled(method).map_or_else(|| self.listed(cls, method), |kind| vec![kind]);
        let node = self.variable(self.name(param.name));
        self.seed_event(node, kinds);
    }

    /// The kinds of the actions under which the arrays of a class name a method: `['site_create' => 'onCreate']`.
    fn listed(&self, cls: Cls, method: &str) -> Vec<Kind> {
        let (script, class) = self.program.class(cls);
        let file = &self.program.scripts()[script as usize];
        let text = |expr: ExprId| if let ExprKind::Text(sym) = file.expr(expr).kind { Some(file.text(sym)) } else { None };
        let elements = file.exprs.iter().filter(|e| e.at.is_in(class.at)).flat_map(|e| match e.kind {
            ExprKind::Array(elements) => file.elements(elements),
            _ => &[],
        });
        let names_it = |element: &&Element| element.value.and_then(text).is_some_and(|name| name.eq_ignore_ascii_case(method));
        let mut kinds: Vec<Kind> =
            elements.filter(names_it).filter_map(|element| catalogue::event_action(element.key.and_then(text)?)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    pub(super) fn seed_event(&mut self, node: Node, kinds: Vec<Kind>) {
        let seed = |kind| Seed { node, what: What::Id(kind), strength: Strength::Shown, path: Path::HERE, origin: Origin::Event };
        self.seeds.extend(kinds.into_iter().map(seed));
    }

    /// Whether a function gives nothing but texts that values are encoded in.
    fn gives_text(&self, function: &Function) -> bool {
        let mut given =
            function.body.iter().filter_map(|s| if let Stmt::Return(expr) = s { Some(self.kind(*expr)) } else { None }).peekable();
        let is_text = |kind| matches!(kind, ExprKind::Call { name, .. } if matches!(self.text(name).trim_start_matches('\\'), "json_encode" | "serialize"));
        given.peek().is_some() && given.all(is_text)
    }

    /// What a method of a hook is given and gives.
    pub(super) fn hook(&mut self, function: &Function, result: Node) {
        let Some(cls) = self.class else { return };
        let Some(parent) = self.program.outside_parent(cls) else { return };
        let method = self.text(function.name);
        let hooks = catalogue::get().shared.hook.iter();
        for facts in hooks.filter(|h| h.class.eq_ignore_ascii_case(parent) && h.method.eq_ignore_ascii_case(method)) {
            let (script, class) = self.program.class(cls);
            let hook = self.program.name(script, class.name);
            for (position, given) in &facts.given {
                let Some(param) = position.parse().ok().and_then(|p: usize| function.params.get(p)) else { continue };
                let node = self.variable(self.name(param.name));
                let what = What::Panel(self.program.intern(&given.to_ascii_lowercase()));
                self.seeds.push(Seed { node, what, strength: Strength::Shown, path: Path::HERE, origin: Origin::Declared });
            }
            for (position, kind) in &facts.given_ids {
                let param = position.parse().ok().and_then(|p: usize| function.params.get(p));
                if let Some((param, kind)) = param.zip(kind.parse::<Kind>().ok()) {
                    let node = self.variable(self.name(param.name));
                    self.seed_event(node, vec![kind]);
                }
            }
            if facts.keeps {
                let item = facts.item.filter(|_| !self.gives_text(function));
                self.payloads.push(Payload { hook, node: result, item, kept: true });
            }
            if let Some(param) = facts.fetches.and_then(|p| function.params.get(p)) {
                let node = self.variable(self.name(param.name));
                self.payloads.push(Payload { hook, node, item: None, kept: false });
            }
        }
    }

    /// The name of a variable where it stands: what an event is about goes by other names in the parts of the code that are about one kind of object.
    pub(super) fn split_name(&self, name: Name, at: u32) -> Option<Name> {
        let (variable, parts) = self.split.as_ref().filter(|(variable, _)| *variable == name)?;
        let inside = parts.iter().filter(|(part, _)| part.start <= at && at < part.end);
        Some(inside.min_by_key(|(part, _)| part.end - part.start).map_or(*variable, |(_, name)| *name))
    }
}

/// Words that the name of a method that handles an action begins with.
const HANDLES: &[&str] = &["on", "handle", "process", "after", "do"];

/// The kind of object that a method is called about, by the action in its name.
fn handled(method: &str) -> Option<Kind> {
    let words = names::words(method);
    let action = match words.split_first() {
        Some((first, rest)) if HANDLES.contains(&first.as_str()) => rest,
        _ => &words[..],
    };
    // The name of a kind alone is no action: `onClient` may be about anything.
    if action.len() < 2 { None } else { catalogue::event_action(&action.join("_")) }
}

#[cfg(test)]
mod tests {
    use super::handled;

    #[test]
    fn methods_tell_the_actions_they_handle() {
        let kind = |method: &str| handled(method).map(|k| k.name());
        assert_eq!(kind("onDomainCreate"), Some("domain"));
        assert_eq!(kind("handle_client_delete"), Some("client"));
        assert_eq!(kind("domainUpdate"), Some("domain"));
        assert_eq!(kind("onClient"), None);
        assert_eq!(kind("onNothingSpecial"), None);
    }
}
