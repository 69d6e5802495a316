//! References in settings, files and tasks: names that an id is a part of, and values with an id in them.

mod case;
mod contents;
mod expand;
mod form;
mod seen;

use std::collections::BTreeSet;
use std::ops::Bound;

use rustc_hash::{FxHashMap, FxHashSet};

use super::flow::graph::{Node, Slot};
use super::flow::label::{Key, Path, Strength, Transfer, What};
use super::flow::layer::{Label, Origin};
use super::flow::solve::Solver;
use super::program::Cls;
use super::{Discovery, names, story};
use crate::extension::php::ir::{ExprKind, Script};
use crate::extension::source::Span;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Keeps, Strength as Hint};
use crate::reference::{Encoding, EvidenceClass, Place};

use case::Cases;
pub(super) use contents::{contents, path_of, render, same_path};
pub(super) use form::{Written, written};
use seen::{Part, Seen};

/// A label is followed back over this many places.
const MAX_WAY: usize = 1_000;

/// A fetch under a wide name meets what is kept under at most this many others.
const MAX_COVERED: usize = 64;

/// Connects what is kept under a name with what is fetched under it.
pub(super) fn connect(solver: &mut Solver<'_, '_>) {
    let all = seen::seen(solver);
    // Names of one store that are not wholly written in the code: a fetch under `reports/*` meets what is kept under `reports/{x}.json`.
    let mut kept: FxHashMap<(Keeps, Option<Kind>), BTreeSet<&str>> = FxHashMap::default();
    for one in all.iter().filter(|s| s.value.is_some()) {
        if let Some(pattern) = &one.pattern {
            kept.entry((one.of.keeps, one.of.of)).or_default().insert(pattern);
        }
    }
    let mut known: FxHashMap<(Keeps, Option<Kind>, &str), Vec<&str>> = FxHashMap::default();
    for seen in &all {
        let Some(pattern) = &seen.pattern else { continue };
        let slot = kept_slot(solver, seen.of.keeps, seen.of.of, pattern);
        if let Some(value) = seen.value {
            let call = &solver.calls[seen.of.call as usize];
            solver.graph.set_site(Some(solver.graph.expr(call.script, call.expr)));
            solver.connect(value, slot, Transfer::Copy);
            solver.graph.set_site(None);
        }
        // What is kept under names that nothing is known of is not what is fetched under others.
        let Some(fetched) = seen.fetched.filter(|_| pattern.chars().any(|c| c != '*')) else { continue };
        solver.connect(slot, fetched, Transfer::Copy);
        if pattern.contains('*') {
            let Some(names) = kept.get(&(seen.of.keeps, seen.of.of)) else { continue };
            for other in known.entry((seen.of.keeps, seen.of.of, pattern)).or_insert_with(|| covered(names, pattern)) {
                let slot = kept_slot(solver, seen.of.keeps, seen.of.of, other);
                solver.connect(slot, fetched, Transfer::Copy);
            }
        }
    }
    moved(solver, &all);
    payloads(solver);
}

fn kept_slot(solver: &mut Solver<'_, '_>, keeps: Keeps, of: Option<Kind>, pattern: &str) -> Node {
    let name = solver.program.intern(pattern);
    solver.graph.slot(Slot::Kept(keeps, of, name))
}

/// The first of the patterns `names` all of whose names are of pattern `wide`, which is not among them.
fn covered<'n>(names: &BTreeSet<&'n str>, wide: &str) -> Vec<&'n str> {
    let (start, _) = wide.split_once('*').unwrap_or((wide, ""));
    let (_, end) = wide.rsplit_once('*').unwrap_or(("", wide));
    let others = names.range::<str, _>((Bound::Included(start), Bound::Unbounded)).take_while(|other| other.starts_with(start));
    // Told by the end, most are none.
    others.copied().filter(|other| other.ends_with(end) && *other != wide && covers(wide, other)).take(MAX_COVERED).collect()
}

/// Whether every name of pattern `other` is one of pattern `wide`, in both of which `*` stands for any text.
fn covers(wide: &str, other: &str) -> bool {
    let mut parts = wide.split('*');
    let Some(mut rest) = parts.next().and_then(|first| other.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// A file that is written under another name first, and renamed: what was written is in the file of the last name.
fn moved(solver: &mut Solver<'_, '_>, all: &[Seen]) {
    let mut written: FxHashMap<&[Part], Vec<(u32, Node)>> = FxHashMap::default();
    for one in all.iter().filter(|s| s.of.keeps == Keeps::File && !s.name.is_empty()) {
        written.entry(&one.name).or_default().extend(one.value.map(|value| (one.of.call, value)));
    }
    for to in all {
        let (Some(pattern), Some(from)) = (&to.pattern, &to.moved_from) else { continue };
        let slot = kept_slot(solver, Keeps::File, None, pattern);
        for (call, value) in written.get(&from[..]).into_iter().flatten() {
            let call = &solver.calls[*call as usize];
            solver.graph.set_site(Some(solver.graph.expr(call.script, call.expr)));
            solver.connect(*value, slot, Transfer::Copy);
            solver.graph.set_site(None);
        }
    }
}

/// Leaves out what is kept under names of which nothing is left, because the file is renamed.
fn without_drafts(all: Vec<Seen>) -> Vec<Seen> {
    let renamed = all.iter().filter(|s| s.of.moves && s.pattern.is_some()).filter_map(|s| s.moved_from.clone());
    let drafts: FxHashSet<Vec<Part>> = renamed.filter(|name| !name.is_empty()).collect();
    all.into_iter().filter(|s| s.of.keeps != Keeps::File || s.of.moved_from.is_some() || !drafts.contains(&s.name)).collect()
}

/// What backup hooks hand to the backup, and get back.
fn payloads(solver: &mut Solver<'_, '_>) {
    for payload in solver.payloads.clone() {
        let slot = solver.graph.slot(Slot::Kept(Keeps::BackupPayload, None, payload.hook));
        let transfer = payload.item.map_or(Transfer::Copy, |n| Transfer::Unwrap(Key::item(n)));
        if !payload.kept {
            solver.connect(slot, payload.node, Transfer::Copy);
            continue;
        }
        for given in given(solver, payload.node) {
            // What the code spells as an element is not put into the array first: what lies deep is deeper there.
            let spelled = payload.item.and_then(|item| spelled_element(solver, given, item));
            solver.graph.set_site(Some(given));
            match spelled {
                Some(element) => solver.connect(element, slot, Transfer::Copy),
                None => solver.connect(given, slot, transfer),
            }
            solver.graph.set_site(None);
        }
    }
}

/// The element of that number in an array that is spelled as a list.
fn spelled_element(solver: &Solver<'_, '_>, array: Node, number: usize) -> Option<Node> {
    let (script, expr) = solver.graph.as_expr(array)?;
    let file = &solver.program.scripts()[script as usize];
    let ExprKind::Array(elements) = file.expr(expr).kind else { return None };
    let elements = file.elements(elements);
    let is_list = elements.iter().all(|e| e.key.is_none() && !e.spread);
    let value = elements.get(number).filter(|_| is_list)?.value?;
    Some(solver.graph.expr(script, value))
}

/// The expressions that a function gives, in the order in which they stand.
fn given(solver: &Solver<'_, '_>, result: Node) -> Vec<Node> {
    let mut given: Vec<Node> = solver.graph.in_edges(result).map(|e| e.from).collect();
    given.sort_unstable();
    given.dedup();
    given
}

/// The references in settings, files and tasks.
pub(super) fn discover(solver: &Solver<'_, '_>) -> Vec<Discovery> {
    let mut cases = Cases::new();
    let seen = without_drafts(seen::seen(solver));
    for one in seen.iter().filter(|s| s.of.fetched.is_none() && !clears(solver, s)) {
        in_name(solver, one, &mut cases);
    }
    let writers = writers(solver, &seen);
    fetched_names(solver, &seen, &writers, &mut cases);
    let mut done = FxHashSet::default();
    for one in &seen {
        in_value(solver, one, &writers, &mut done, &mut cases);
    }
    for payload in solver.payloads.clone().into_iter().filter(|p| p.kept) {
        let slot = solver.graph.find(Slot::Kept(Keeps::BackupPayload, None, payload.hook));
        if let Some(slot) = slot.filter(|slot| done.insert(*slot)) {
            let writers: Vec<Span> = given(solver, payload.node).into_iter().filter_map(|n| story::place(solver, n)).collect();
            in_slot(solver, (slot, None), &writers, &mut cases, false, |path, solver| {
                Some(Place::BackupPayload { hook: solver.program.text(payload.hook).to_owned(), path })
            });
        }
    }
    session(solver, &mut cases);
    logs(solver, &seen, &mut cases);
    cases.into_iter().filter_map(|((place, encoding), case)| case::judge(solver, place, encoding, case)).collect()
}

/// Marks what stands in a log's lines, where nothing in the extension reads the log: its name is written in the code only once, where it is written to.
fn logs(solver: &Solver<'_, '_>, seen: &[Seen], cases: &mut Cases) {
    let read: FxHashSet<&str> =
        seen.iter().filter(|s| s.of.keeps == Keeps::File && s.fetched.is_some()).filter_map(|s| s.pattern.as_deref()).collect();
    for ((place, _), case) in cases.iter_mut() {
        let Place::File { name, path: None } = place else { continue };
        let last = name.rsplit(['/', '*']).next().unwrap_or_default();
        let said = || {
            let texts = |script: &Script| {
                script.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Text(sym) if is_said(script.text(sym), last))).count()
            };
            solver.program.scripts().iter().map(texts).sum::<usize>()
        };
        if name.ends_with(".log") && !read.iter().any(|pattern| *pattern == name || covers(pattern, name)) && said() == 1 {
            case.logged = true;
            case.say(EvidenceClass::Code, "a log that the extension does not read".to_owned());
        }
    }
}

/// Whether a text names a log of that name, or all logs.
fn is_said(text: &str, name: &str) -> bool {
    text.contains(name) || text.ends_with("*.log")
}

/// An id that a name is made with.
fn in_name(solver: &Solver<'_, '_>, seen: &Seen, cases: &mut Cases) {
    if seen.of.keeps == Keeps::Task {
        return;
    }
    let mut holes = Vec::new();
    let mut before = String::new();
    for part in &seen.name {
        match part {
            Part::Text(text) => before.push_str(text),
            Part::VarDir => before.clear(),
            Part::Value(node) => {
                let told = hole(solver, *node, &before).map(|hole| (*node, told_by_conditions(solver, seen, hole)));
                holes.extend(told);
                before.clear();
            }
        }
    }
    let hole_text = |node: Node| {
        let (_, hole) = holes.iter().find(|(n, _)| *n == node)?;
        Some(format!("{{{}}}", hole.kinds.first()?))
    };
    let Some(pattern) = seen.pattern_with(hole_text) else { return };
    let call = &solver.calls[seen.of.call as usize];
    let Some(site) = story::place(solver, solver.graph.expr(call.script, call.expr)) else { return };
    for (node, hole) in &holes {
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
        case.afar |= hole.strength == Strength::Hinted && solver.comes_from_afar(*node, Path::HERE);
        if !hole.hashed {
            for kind in &hole.kinds {
                case.coded(form::written(solver, *node, What::Id(*kind), &[]).coded);
            }
        }
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

/// The hole, where the conditions under which the name is the picked one leave less open: `match ($type) { 'domain' => "d$id", 'client' => "c$id" }`.
fn told_by_conditions(solver: &Solver<'_, '_>, seen: &Seen, mut hole: Hole) -> Hole {
    if let Some((number, expr)) = seen.picked.and_then(|node| solver.graph.as_expr(node)) {
        let script = &solver.program.scripts()[number as usize];
        let at = script.expr(expr).at;
        for guard in script.guards.iter().filter(|g| at.is_in(g.at)) {
            let told: Vec<Kind> = guard.texts.iter().filter_map(|text| catalogue::event_object(script.text(*text))).collect();
            let is_left = |kind: &Kind| told.contains(kind) != guard.except;
            if hole.kinds.iter().any(is_left) {
                hole.kinds.retain(is_left);
            }
        }
    }
    hole
}

/// Whether nothing is kept any more: `pm_Settings::set($name, null)`. Like who fetches, who clears away tells what is kept only where something is: an upgrade
/// asks for what an earlier release kept, and clears it away.
fn clears(solver: &Solver<'_, '_>, seen: &Seen) -> bool {
    let Some((script, expr)) = seen.value.and_then(|value| solver.graph.as_expr(value)) else { return false };
    matches!(solver.program.scripts()[script as usize].expr(expr).kind, ExprKind::Null)
}

/// Ids that only those tell who fetch: what is kept under `site_*` by code that does not show what it puts in, and fetched under `site_` and the id of a
/// domain, is kept under ids of domains. Not where a name is put in.
fn fetched_names(solver: &Solver<'_, '_>, seen: &[Seen], writers: &Writers, cases: &mut Cases) {
    let is_named = |part: &Part| match part {
        Part::Value(node) => solver.labels(*node).any(|(_, l)| l.path.is_here() && matches!(l.what, What::Stable(_))),
        Part::Text(_) | Part::VarDir => false,
    };
    let by_name: FxHashSet<_> = seen
        .iter()
        .filter(|s| s.value.is_some() && s.name.iter().any(is_named))
        .filter_map(|s| Some((s.of.keeps, s.of.of, s.pattern.clone()?)))
        .collect();
    for one in seen.iter().filter(|s| s.of.fetched.is_some() || clears(solver, s)) {
        let Some(pattern) = one.pattern.as_ref().filter(|p| p.contains('*') && p.chars().any(|c| c != '*')) else { continue };
        let name = (one.of.keeps, one.of.of, pattern.clone());
        let Some(kept) = writers.get(&name).filter(|_| !by_name.contains(&name)) else { continue };
        let mut told = Cases::new();
        in_name(solver, one, &mut told);
        for (place, mut case) in told.into_iter().filter(|(_, case)| case.is_shown()) {
            case.sight_first(&kept[..kept.len().min(4)], "kept here");
            let known = cases.entry(place).or_default();
            if !known.is_shown() {
                *known = case;
            }
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

/// For each name of a store, the calls that keep something under it, in the order in which they stand.
type Writers = FxHashMap<(Keeps, Option<Kind>, String), Vec<Span>>;

fn writers(solver: &Solver<'_, '_>, seen: &[Seen]) -> Writers {
    let mut writers: FxHashMap<_, Vec<Span>> = FxHashMap::default();
    for one in seen.iter().filter(|s| s.value.is_some() && !clears(solver, s)) {
        let Some(pattern) = &one.pattern else { continue };
        let call = &solver.calls[one.of.call as usize];
        if let Some(span) = story::place(solver, solver.graph.expr(call.script, call.expr)) {
            writers.entry((one.of.keeps, one.of.of, pattern.clone())).or_default().push(span);
        }
    }
    for spans in writers.values_mut() {
        spans.sort_unstable();
        spans.dedup();
    }
    writers
}

/// Ids in what is kept under a name.
fn in_value(solver: &Solver<'_, '_>, seen: &Seen, writers: &Writers, done: &mut FxHashSet<Node>, cases: &mut Cases) {
    let Some(pattern) = &seen.pattern else { return };
    let name = solver.program.find(pattern);
    let slot = name.and_then(|name| solver.graph.find(Slot::Kept(seen.of.keeps, seen.of.of, name)));
    let Some(slot) = slot.filter(|slot| done.insert(*slot)) else { return };
    let writers = writers.get(&(seen.of.keeps, seen.of.of, pattern.clone())).map_or(&[][..], Vec::as_slice);
    in_slot(solver, (slot, seen.whose), writers, cases, seen.of.encrypted, |inside, _| {
        Some(match seen.of.keeps {
            Keeps::Setting => Place::Setting { name: pattern.clone(), path: inside },
            Keeps::ObjectSetting => Place::ObjectSetting { of: seen.of.of?, name: pattern.clone(), path: inside },
            Keeps::Task => Place::Task { name: format!("{pattern}{}", inside.unwrap_or_default()) },
            Keeps::File => Place::File { name: pattern.clone(), path: inside },
            Keeps::BackupPayload => return None,
        })
    });
}

/// Whether all that comes to `path` of `slot` comes by the code of classes that have an ancestor in common with `cls`, and are neither above nor below it. What a
/// base class does with a property, it does for each of them; only where the name tells the class, they can be told apart.
fn is_of_sibling(solver: &Solver<'_, '_>, slot: Node, what: What, path: &[Key], cls: Cls) -> bool {
    let program = &solver.program;
    let own = program.lineage(cls);
    let is_sibling = |other: Cls| {
        let lineage = program.lineage(other);
        !own.contains(&other) && !lineage.contains(&cls) && lineage.iter().any(|above| own.contains(above))
    };
    // The class in whose code a place is, and those of the object of which it is a property.
    let classes = |node: Node| {
        let Some((number, expr)) = solver.graph.as_expr(node) else { return (None, Vec::new()) };
        let expr = program.scripts()[number as usize].expr(expr);
        let mut objects = Vec::new();
        if let (ExprKind::Property { .. }, Some(object)) = (expr.kind, solver.holder_of(node)) {
            let of = solver.labels(object).filter(|(_, l)| l.path.is_here());
            objects.extend(of.filter_map(|(_, l)| if let What::Own(cls) = l.what { Some(cls) } else { None }));
        }
        (program.class_at(number, expr.at.start), objects)
    };
    // What the class itself does with it, or is done with an object of it, is its own, whoever made it.
    let is_own = |other: Cls| other == cls || program.lineage(other).contains(&cls);
    let passes_sibling = |label: &Label| {
        let before = |label: &&Label| if let Origin::From(entry) = label.origin { Some(solver.label(entry)) } else { None };
        let mut passes = false;
        for label in std::iter::successors(Some(label), before).take(MAX_WAY) {
            let (code, objects) = classes(label.node);
            // Into whose object it is put counts, and not whose code does that.
            if objects.iter().any(|of| is_own(*of)) || (objects.is_empty() && code.is_some_and(is_own)) {
                return false;
            }
            if !objects.is_empty() && objects.iter().all(|of| is_sibling(*of)) {
                return true;
            }
            passes |= code.is_some_and(is_sibling);
        }
        passes
    };
    let mut labels = solver.labels(slot).map(|(_, l)| l).filter(|l| l.what == what && same_path(l.path, path)).peekable();
    labels.peek().is_some() && labels.all(passes_sibling)
}

/// Ids in what is at `slot`, which objects of one class alone may fill; `place` makes the place of a path.
fn in_slot(
    solver: &Solver<'_, '_>,
    (slot, whose): (Node, Option<Cls>),
    writers: &[Span],
    cases: &mut Cases,
    encrypted: bool,
    place: impl Fn(Option<String>, &Solver<'_, '_>) -> Option<Place>,
) {
    for (what, strength, path) in contents(solver, slot) {
        let (kind, encoding) = match what {
            What::Id(kind) if encrypted => (kind, Encoding::Encrypted),
            What::Id(kind) => (kind, if path.is_empty() { Encoding::Text } else { Encoding::Inside }),
            What::Part(kind) => (kind, Encoding::Pattern),
            What::Hashed(kind) => (kind, Encoding::Hashed),
            What::Encrypted(kind) => (kind, Encoding::Encrypted),
            _ => continue,
        };
        if whose.is_some_and(|cls| is_of_sibling(solver, slot, what, &path, cls)) {
            continue;
        }
        let Some(place) = place(render(solver, &path, kind), solver) else { continue };
        let stories = story::tell_inside(solver, slot, what, &path);
        if stories.is_empty() {
            continue;
        }
        let case = cases.entry((place, encoding)).or_default();
        case.add(&[kind], strength, false);
        case.written(form::written(solver, slot, what, &path));
        let at = path_of(&path);
        case.afar |= strength == Strength::Hinted && (solver.comes_from_afar(slot, at) || solver.is_named_afar(slot, what, at));
        writers.iter().take(4).for_each(|span| case.sight(*span, "kept here".to_owned()));
        for story in stories.into_iter().take(4) {
            case.say(EvidenceClass::Code, story.text.clone());
            story.sightings.into_iter().for_each(|s| case.sight(s.span, s.label));
        }
    }
}

/// Ids in the user's session.
fn session(solver: &Solver<'_, '_>, cases: &mut Cases) {
    let session = solver.program.find("_SESSION");
    let variables = solver.graph.slots().filter(|(_, slot)| matches!(slot, Slot::Variable(_, name) if Some(*name) == session));
    for (node, _) in variables {
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
    session_objects(solver, cases);
}

/// Ids in properties of the framework's session objects.
fn session_objects(solver: &Solver<'_, '_>, cases: &mut Cases) {
    for (object, accesses) in solver.property_accesses() {
        let of = solver.labels(*object).find_map(|(_, l)| match (l.what, l.origin) {
            (What::Panel(class), origin) if solver.is_session_class(class) => Some(origin),
            _ => None,
        });
        let Some(origin) = of else { continue };
        let space = solver.first_text(origin).map(|t| format!("{t}.")).unwrap_or_default();
        for (name, access) in accesses {
            for (entry, label) in solver.labels(*access) {
                let (What::Id(kind), true) = (label.what, label.path.is_here()) else { continue };
                let Some((source, born)) = story::source(solver, entry) else { continue };
                let place = Place::Session { name: format!("{space}{}", solver.program.text(*name)) };
                let case = cases.entry((place, Encoding::Inside)).or_default();
                case.add(&[kind], label.strength, false);
                case.say(EvidenceClass::Code, format!("written from {source}"));
                for (span, what) in [(story::place(solver, *access), "kept here"), (born, "the id comes from here")] {
                    if let Some(span) = span {
                        case.sight(span, what.to_owned());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_wide_name_covers_narrower_ones() {
        assert!(covers("reports/*", "reports/day-*.json"));
        assert!(covers("*.json", "a.json"));
        assert!(covers("a*b*c", "axxbyyc"));
        assert!(!covers("reports/*", "report/x"));
        assert!(!covers("a*b", "a-c"));
        assert!(!covers("state", "state.json"));
    }
}
