//! References in settings, files and tasks: names that an id is a part of, and values with an id in them.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::flow::build::Piece;
use super::flow::graph::{Node, Slot};
use super::flow::label::{Key, Path, Strength, Transfer, What};
use super::flow::solve::{Solver, Use};
use super::program::Fun;
use super::{Discovery, Sighting, names, story};
use crate::extension::php::ir::ExprKind;
use crate::extension::source::Span;
use crate::panel::Kind;
use crate::panel::catalogue::{Keeps, Strength as Hint};
use crate::reference::{Confidence, Encoding, Evidence, EvidenceClass, Place, Reference};

/// How far a name is followed.
const MAX_STEPS: usize = 12;
/// How many helpers around a call are looked through, and how many callers of one are told apart.
const MAX_HELPERS: usize = 3;
const MAX_CALLERS: usize = 40;
/// The widest use of one call: more names than these are given up.
const MAX_NAMES: usize = 200;

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Value(Node),
    VarDir,
}

/// Calls that a name is seen through: the function, and the call of it whose arguments count, innermost first.
type Frames = Vec<(Fun, u32)>;

/// A use as one chain of callers makes it.
struct Seen {
    of: Use,
    name: Vec<Part>,
    value: Option<Node>,
    fetched: Option<Node>,
    frames: Frames,
}

impl Seen {
    /// The name with `*` for what is not written in the code; `None` when nothing of it is known, or it is no place in the var directory.
    fn pattern(&self, hole: impl Fn(Node) -> Option<String>) -> Option<String> {
        let parts = match self.of.keeps {
            Keeps::File => &self.name[self.name.iter().rposition(|p| *p == Part::VarDir)? + 1..],
            _ => &self.name[..],
        };
        let mut pattern = String::new();
        for part in parts {
            match part {
                Part::Text(text) => pattern.push_str(text),
                Part::Value(node) => {
                    let hole = hole(*node).unwrap_or_else(|| "*".to_owned());
                    if hole != "*" || !pattern.ends_with('*') {
                        pattern.push_str(&hole);
                    }
                }
                Part::VarDir => {}
            }
        }
        if self.of.keeps == Keeps::File {
            pattern = pattern.trim_start_matches('/').to_owned();
        }
        (!pattern.is_empty() || self.of.name.is_none()).then_some(pattern)
    }
}

/// Connects what is kept under a name with what is fetched under it.
pub(super) fn connect(solver: &mut Solver<'_, '_>) {
    for seen in seen(solver) {
        let Some(pattern) = seen.pattern(|_| None) else { continue };
        let name = solver.program.intern(&pattern);
        let slot = solver.graph.slot(Slot::Kept(seen.of.keeps, seen.of.of, name));
        if let Some(value) = seen.value {
            let call = &solver.calls[seen.of.call as usize];
            solver.graph.set_site(Some(solver.graph.expr(call.script, call.expr)));
            solver.connect(value, slot, Transfer::Copy);
            solver.graph.set_site(None);
        }
        // What is kept under names that nothing is known of is not what is fetched under others.
        if let (Some(fetched), true) = (seen.fetched, pattern.chars().any(|c| c != '*')) {
            solver.connect(slot, fetched, Transfer::Copy);
        }
    }
}

/// All uses, those in helpers once for each of their callers.
fn seen(solver: &Solver<'_, '_>) -> Vec<Seen> {
    let at: FxHashMap<Node, u32> = (0u32..).zip(&solver.calls).map(|(n, c)| (c.result, n)).collect();
    let mut all = Vec::new();
    for of in &solver.uses {
        let mut open: Vec<Frames> = vec![Vec::new()];
        let mut count = 0;
        while let Some(frames) = open.pop() {
            let expander = Expander { solver, at: &at };
            let mut name = Vec::new();
            if let Some(node) = of.name {
                expander.expand(node, &frames, 0, &mut name);
            }
            count += 1;
            if frames.len() < MAX_HELPERS
                && count < MAX_NAMES
                && let Some(fun) = name.iter().find_map(|p| if let Part::Value(n) = p { expander.parameter_of(*n) } else { None })
            {
                let callers = solver.callers(fun);
                if !callers.is_empty() && callers.len() <= MAX_CALLERS {
                    let within = |caller: u32| frames.iter().cloned().chain([(fun, caller)]).collect::<Frames>();
                    open.extend(callers.into_iter().rev().filter(|c| !frames.iter().any(|f| f.1 == *c)).map(within));
                    continue;
                }
            }
            let value = of.value.map(|v| expander.value(v, &frames));
            let fetched = of.fetched.map(|f| expander.outcome(f, &frames));
            all.push(Seen { of: *of, name, value, fetched, frames });
        }
    }
    all
}

struct Expander<'s, 'p, 'a> {
    solver: &'s Solver<'p, 'a>,
    at: &'s FxHashMap<Node, u32>,
}

impl Expander<'_, '_, '_> {
    /// The function that `node` is a parameter of.
    fn parameter_of(&self, node: Node) -> Option<Fun> {
        match self.solver.graph.as_slot(node)? {
            Slot::Variable(fun, _) if self.solver.is_parameter(node) => Some(fun),
            _ => None,
        }
    }

    /// What a call gives to the parameter `node`, and the frames around that call.
    fn argument<'f>(&self, node: Node, frames: &'f [(Fun, u32)]) -> Option<(Node, &'f [(Fun, u32)])> {
        let fun = self.parameter_of(node)?;
        let position = frames.iter().position(|f| f.0 == fun)?;
        let Some(Slot::Variable(_, name)) = self.solver.graph.as_slot(node) else { return None };
        let (script, function) = self.solver.program.function(fun);
        let index = function.params.iter().position(|p| self.solver.program.name(script, p.name) == name)?;
        let call = &self.solver.calls[frames[position].1 as usize];
        let named = call.args.iter().find(|a| a.name == Some(name));
        Some((named.or_else(|| call.positional(index))?.node, &frames[position + 1..]))
    }

    fn has(&self, node: Node, fits: impl Fn(What) -> bool) -> bool {
        self.solver.labels(node).any(|(_, l)| l.path.is_here() && fits(l.what))
    }

    fn expand(&self, node: Node, frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        if depth > MAX_STEPS {
            out.push(Part::Value(node));
            return;
        }
        if self.has(node, |w| w == What::VarDir) {
            out.push(Part::VarDir);
            return;
        }
        if let Some(pieces) = self.solver.texts.pieces.get(&node) {
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out.push(Part::Text(text.clone())),
                    Piece::Value(value) => self.expand(*value, frames, depth + 1, out),
                }
            }
            return;
        }
        if let Some((script, expr)) = self.solver.graph.as_expr(node) {
            let script = &self.solver.program.scripts()[script as usize];
            match script.expr(expr).kind {
                ExprKind::Text(sym) => return out.push(Part::Text(script.text(sym).to_owned())),
                ExprKind::Integer(n) => return out.push(Part::Text(n.to_string())),
                _ => {}
            }
        }
        // `$key = $key . '_' . $id`: the parameter was made longer before it is used.
        if self.parameter_of(node).is_some()
            && let Some(pieces) =
                self.sources(node).iter().find_map(|s| self.solver.texts.pieces.get(s).filter(|p| p.contains(&Piece::Value(node))))
        {
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out.push(Part::Text(text.clone())),
                    Piece::Value(value) if *value == node => self.given(node, frames, depth + 1, out),
                    Piece::Value(value) => self.expand(*value, frames, depth + 1, out),
                }
            }
            return;
        }
        if self.argument(node, frames).is_some() {
            return self.given(node, frames, depth, out);
        }
        if self.parameter_of(node).is_some() || self.has(node, |w| matches!(w, What::Id(_) | What::Stable(_) | What::Hashed(_))) {
            out.push(Part::Value(node));
            return;
        }
        if let Some(number) = self.at.get(&node)
            && let [fun] = self.solver.called(*number)[..]
        {
            let result = self.solver.graph.find(Slot::Result(fun));
            if let Some([only]) = result.map(|r| self.sources(r)).as_deref() {
                let inner: Frames = std::iter::once((fun, *number)).chain(frames.iter().copied()).collect();
                return self.expand(*only, &inner, depth + 1, out);
            }
            out.push(Part::Value(node));
            return;
        }
        match self.sources(node)[..] {
            [only] => self.expand(only, frames, depth + 1, out),
            [] => out.push(Part::Value(node)),
            ref several => {
                let expand = |n: &Node| {
                    let mut parts = Vec::new();
                    self.expand(*n, frames, depth + 4, &mut parts);
                    parts
                };
                let first = expand(&several[0]);
                let same = first.iter().all(|p| !matches!(p, Part::Value(_))) && several[1..].iter().all(|n| expand(n) == first);
                if same { out.extend(first) } else { out.push(Part::Value(node)) }
            }
        }
    }

    /// What a caller gives to a parameter.
    fn given(&self, parameter: Node, frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        match self.argument(parameter, frames) {
            Some((argument, around)) => self.expand(argument, around, depth + 1, out),
            None => out.push(Part::Value(parameter)),
        }
    }

    /// Where a value comes from as it is.
    fn sources(&self, node: Node) -> Vec<Node> {
        let kept = |n: Node| matches!(self.solver.graph.as_slot(n), Some(Slot::Kept(..) | Slot::Column(..) | Slot::Row(_)));
        let edges = self.solver.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy && !e.compares && !kept(e.from));
        let mut sources: Vec<Node> = edges.map(|e| e.from).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// The value that a caller gives, where a helper hands its parameter on; else the value itself.
    fn value(&self, node: Node, frames: &[(Fun, u32)]) -> Node {
        let (mut at, mut around) = (node, frames);
        for _ in 0..MAX_STEPS {
            if let Some((argument, rest)) = self.argument(at, around) {
                (at, around) = (argument, rest);
            } else if let [only] = self.sources(at)[..]
                && self.parameter_of(at).is_none()
                && !frames.is_empty()
            {
                at = only;
            } else {
                break;
            }
        }
        if around.len() < frames.len() { at } else { node }
    }

    /// The result of the outermost call, where a helper gives what it fetches; else what is fetched.
    fn outcome(&self, fetched: Node, frames: &[(Fun, u32)]) -> Node {
        let Some((fun, call)) = frames.last() else { return fetched };
        let given = self.solver.graph.find(Slot::Result(*fun)).is_some_and(|result| self.sources(result).contains(&fetched));
        if given { self.solver.calls[*call as usize].result } else { fetched }
    }
}

/// What speaks for one reference.
#[derive(Default)]
struct Case {
    kinds: Vec<Kind>,
    strength: Option<Strength>,
    /// The name around the hole says it too.
    named: bool,
    evidence: Vec<Evidence>,
    sightings: Vec<Sighting>,
}

type Cases = BTreeMap<(Place, Encoding), Case>;

/// The references in settings, files and tasks.
pub(super) fn discover(solver: &mut Solver<'_, '_>) -> Vec<Discovery> {
    let mut cases = Cases::new();
    let seen = seen(solver);
    for one in &seen {
        in_name(solver, one, &mut cases);
    }
    let mut done = FxHashSet::default();
    for one in &seen {
        let writers = writers(solver, &seen, one);
        in_value(solver, one, &writers, &mut done, &mut cases);
    }
    session(solver, &mut cases);
    cases.into_iter().filter_map(|((place, encoding), case)| judge(solver, place, encoding, case)).collect()
}

/// An id that a name is made with.
fn in_name(solver: &Solver<'_, '_>, seen: &Seen, cases: &mut Cases) {
    if seen.of.keeps == Keeps::Task || seen.of.fetched.is_some() {
        return;
    }
    let mut holes = Vec::new();
    let mut before = String::new();
    for part in &seen.name {
        match part {
            Part::Text(text) => before.push_str(text),
            Part::VarDir => before.clear(),
            Part::Value(node) => {
                holes.extend(hole(solver, *node, &before).map(|h| (*node, h)));
                before.clear();
            }
        }
    }
    let hole_text = |node: Node| {
        let (_, hole) = holes.iter().find(|(n, _)| *n == node)?;
        Some(format!("{{{}}}", hole.kinds.first()?))
    };
    let Some(pattern) = seen.pattern(hole_text) else { return };
    let call = &solver.calls[seen.of.call as usize];
    let Some(site) = story::place(solver, solver.graph.expr(call.script, call.expr)) else { return };
    for (_, hole) in &holes {
        let place = match seen.of.keeps {
            Keeps::Setting => Place::SettingKey { pattern: pattern.clone() },
            Keeps::File if pattern.contains('{') => Place::FileName { pattern: pattern.clone() },
            Keeps::ObjectSetting => {
                let Some(of) = seen.of.of else { continue };
                Place::ObjectSetting { of, name: pattern.clone(), path: None }
            }
            _ => continue,
        };
        let encoding = if hole.hashed { Encoding::Hashed } else { Encoding::Pattern };
        let case = cases.entry((place, encoding)).or_default();
        case.add(&hole.kinds, hole.strength, hole.named);
        case.sight(site, format!("its name is made with {}", hole.source));
        for (_, caller) in &seen.frames {
            let call = &solver.calls[*caller as usize];
            if let Some(span) = story::place(solver, solver.graph.expr(call.script, call.expr)) {
                case.sight(span, "through this call".to_owned());
            }
        }
        if let Some(span) = hole.born {
            case.sight(span, format!("the id comes from {}", hole.source));
        }
        case.say(EvidenceClass::Code, format!("its name is made with {}", hole.source));
        if hole.named {
            case.say(EvidenceClass::Name, "the text before the hole says what it holds".to_owned());
        }
    }
}

/// An id in a name.
struct Hole {
    kinds: Vec<Kind>,
    strength: Strength,
    hashed: bool,
    named: bool,
    source: String,
    born: Option<Span>,
}

/// What is known of a value that a name is made with. `before` is the text before it.
fn hole(solver: &Solver<'_, '_>, node: Node, before: &str) -> Option<Hole> {
    let said = said(solver, before);
    let mut best: Option<Hole> = None;
    for (entry, label) in solver.labels(node).filter(|(_, l)| l.path.is_here()) {
        let (kind, hashed) = match label.what {
            What::Id(kind) => (kind, false),
            What::Hashed(kind) => (kind, true),
            _ => continue,
        };
        let Some((source, born)) = story::source(solver, entry) else { continue };
        match &mut best {
            Some(hole) if hole.strength > label.strength => {}
            Some(hole) if hole.strength == label.strength && hole.hashed == hashed => {
                if !hole.kinds.contains(&kind) {
                    hole.kinds.push(kind);
                }
            }
            _ => best = Some(Hole { kinds: vec![kind], strength: label.strength, hashed, named: said.contains(&kind), source, born }),
        }
    }
    let stable = solver.labels(node).any(|(_, l)| l.path.is_here() && matches!(l.what, What::Stable(_)));
    if best.is_none() && !said.is_empty() && !stable {
        let source = format!("what `{before}` announces");
        return Some(Hole { kinds: said, strength: Strength::Hinted, hashed: false, named: false, source, born: None });
    }
    best.filter(|hole| hole.strength == Strength::Shown || !stable)
}

/// The kinds whose id the last words of a text announce: `domain_id_`, `x-domainId:`.
fn said(solver: &Solver<'_, '_>, before: &str) -> Vec<Kind> {
    let words = names::words(before);
    (2..=3)
        .filter_map(|n| words.len().checked_sub(n).map(|from| words[from..].concat()))
        .filter(|name| !solver.program.is_remote_word(name))
        .find_map(|name| names::id_kinds(&name).filter(|(_, hint)| *hint == Hint::Strong))
        .map(|(kinds, _)| kinds)
        .unwrap_or_default()
}

/// The calls that keep something under the same name as `one`, in the order in which they stand.
fn writers(solver: &Solver<'_, '_>, seen: &[Seen], one: &Seen) -> Vec<Span> {
    let pattern = one.pattern(|_| None);
    let same = |s: &&Seen| s.value.is_some() && s.of.keeps == one.of.keeps && s.of.of == one.of.of && s.pattern(|_| None) == pattern;
    let place = |s: &Seen| {
        let call = &solver.calls[s.of.call as usize];
        story::place(solver, solver.graph.expr(call.script, call.expr))
    };
    let mut writers: Vec<_> = seen.iter().filter(same).filter_map(place).collect();
    writers.sort_unstable();
    writers.dedup();
    writers
}

/// Ids in what is kept under a name.
fn in_value(solver: &mut Solver<'_, '_>, seen: &Seen, writers: &[Span], done: &mut FxHashSet<Node>, cases: &mut Cases) {
    let Some(pattern) = seen.pattern(|_| None) else { return };
    let name = solver.program.intern(&pattern);
    let slot = solver.graph.slot(Slot::Kept(seen.of.keeps, seen.of.of, name));
    if !done.insert(slot) {
        return;
    }
    for (what, strength, path) in contents(solver, slot) {
        let (kind, encoding) = match what {
            What::Id(kind) if seen.of.encrypted => (kind, Encoding::Encrypted),
            What::Id(kind) => (kind, if path.is_empty() { Encoding::Text } else { Encoding::Inside }),
            What::Part(kind) => (kind, Encoding::Pattern),
            What::Hashed(kind) => (kind, Encoding::Hashed),
            What::Encrypted(kind) => (kind, Encoding::Encrypted),
            _ => continue,
        };
        let inside = render(solver, &path, kind);
        let place = match seen.of.keeps {
            Keeps::Setting => Place::Setting { name: pattern.clone(), path: inside },
            Keeps::ObjectSetting => match seen.of.of {
                Some(of) => Place::ObjectSetting { of, name: pattern.clone(), path: inside },
                None => continue,
            },
            Keeps::Task => Place::Task { name: format!("{pattern}{}", inside.unwrap_or_default()) },
            Keeps::File => Place::File { name: pattern.clone(), path: inside },
        };
        let stories = story::tell_inside(solver, slot, what, &path);
        if stories.is_empty() {
            continue;
        }
        let case = cases.entry((place, encoding)).or_default();
        case.add(&[kind], strength, false);
        writers.iter().take(4).for_each(|span| case.sight(*span, "kept here".to_owned()));
        for story in stories.into_iter().take(4) {
            case.say(EvidenceClass::Code, story.text.clone());
            story.sightings.into_iter().for_each(|s| case.sight(s.span, s.label));
        }
    }
}

/// What is in the value at `slot`, with paths; objects of the extension's own classes are looked into.
pub(super) fn contents(solver: &Solver<'_, '_>, slot: Node) -> Vec<(What, Strength, Vec<Key>)> {
    let mut found = Vec::new();
    for (_, label) in solver.labels(slot) {
        let path: Vec<Key> = label.path.steps().collect();
        if let What::Own(cls) = label.what {
            let lineage = solver.program.lineage(cls);
            for (node, property) in solver.graph.slots() {
                let Slot::Property(owner, name) = property else { continue };
                if lineage.contains(&owner) {
                    for (_, inner) in solver.labels(node).filter(|(_, l)| matches!(l.what, What::Id(_))) {
                        let steps = path.iter().copied().chain([Key::named(name)]).chain(inner.path.steps()).collect();
                        found.push((inner.what, inner.strength, steps));
                    }
                }
            }
        }
        if matches!(label.what, What::Id(_) | What::Part(_) | What::Hashed(_) | What::Encrypted(_)) {
            found.push((label.what, label.strength, path));
        }
    }
    found
}

/// `$.domain.id`; keys that are ids as `{kind}`.
pub(super) fn render(solver: &Solver<'_, '_>, path: &[Key], kind: Kind) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    let mut text = "$".to_owned();
    for key in path {
        match (key.name(), key.number()) {
            (Some(name), _) => text.push_str(&format!(".{}", solver.program.text(name))),
            (None, Some(number)) => text.push_str(&format!("[{number}]")),
            (None, None) if *key == Key::KEYS => text.push_str(&format!(".{{{kind}}}")),
            (None, None) => text.push_str("[*]"),
        }
    }
    Some(text)
}

/// Ids in the user's session.
fn session(solver: &Solver<'_, '_>, cases: &mut Cases) {
    let variables: Vec<Node> = solver
        .graph
        .slots()
        .filter(|(_, slot)| matches!(slot, Slot::Variable(_, name) if solver.program.text(*name) == "_SESSION"))
        .map(|(node, _)| node)
        .collect();
    for node in variables {
        for (_, label) in solver.labels(node) {
            let (What::Id(kind), false) = (label.what, label.path.is_here()) else { continue };
            let path: Vec<Key> = label.path.steps().collect();
            let Some(name) = render(solver, &path, kind) else { continue };
            let stories = story::tell_inside(solver, node, label.what, &path);
            let case =
                cases.entry((Place::Session { name: name.trim_start_matches(['$', '.']).to_owned() }, Encoding::Inside)).or_default();
            case.add(&[kind], label.strength, false);
            for story in stories.into_iter().take(2) {
                case.say(EvidenceClass::Code, story.text.clone());
                story.sightings.into_iter().for_each(|s| case.sight(s.span, s.label));
            }
        }
    }
}

impl Case {
    /// Kinds of a call's say replace those of a name's.
    fn add(&mut self, kinds: &[Kind], strength: Strength, named: bool) {
        if self.strength.is_some_and(|s| s > strength) {
            return;
        }
        if self.strength.is_some_and(|s| s < strength) {
            *self = Case::default();
        }
        self.strength = Some(strength);
        self.named |= named;
        self.kinds.extend(kinds);
        self.kinds.sort_unstable();
        self.kinds.dedup();
    }

    fn say(&mut self, class: EvidenceClass, text: String) {
        let evidence = Evidence { class, text };
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }

    fn sight(&mut self, span: Span, label: String) {
        if !self.sightings.iter().any(|s| s.span == span) {
            self.sightings.push(Sighting { span, label });
        }
    }
}

fn judge(solver: &Solver<'_, '_>, place: Place, encoding: Encoding, mut case: Case) -> Option<Discovery> {
    let strength = case.strength?;
    let handles = case.kinds.iter().find(|k| solver.handles(**k));
    let confidence = match strength {
        Strength::Shown => Confidence::Proven,
        Strength::Hinted if handles.is_some() => Confidence::Likely,
        Strength::Hinted if case.named => Confidence::Likely,
        Strength::Hinted => Confidence::Possible,
    };
    if let (Strength::Hinted, Some(kind)) = (strength, handles) {
        let text = format!("the extension works with {kind} objects");
        case.say(EvidenceClass::Code, text);
    }
    if case.sightings.is_empty() {
        return None;
    }
    let reference = Reference { place, kinds: case.kinds, encoding, evidence: case.evidence, confidence, twin: None };
    Some(Discovery { reference, database: None, sightings: case.sightings })
}

/// Whether `path` is that of `steps`.
pub(super) fn same_path(path: Path, steps: &[Key]) -> bool {
    path.steps().eq(steps.iter().copied())
}
