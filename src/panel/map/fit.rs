//! A reviewed map held against the inventories that it is used with.

use rustc_hash::FxHashMap;

use super::read::refuse;
use super::{Decision, MapError, MapUsed, Pair, Reviewed, State, Verdict};
use crate::panel::mapping::{Rung, Settings, Settled};
use crate::panel::{Inventory, Mapping, Match};

/// What is wrong, and where.
type Problems = Vec<(String, std::ops::Range<usize>)>;

impl Reviewed {
    /// Matches the objects of `old` with those of `new`: what the map says stands, and the rules are asked for the rest.
    ///
    /// Data that an earlier run moved to the map's new state already is matched by the rules alone, so that a command can be given twice.
    ///
    /// # Errors
    /// [`MapError::Wrong`]: the map is of other panel states, names an object that is not there, one object twice, or gives a new object to two old ones.
    pub fn between(&self, old: &Inventory, new: &Inventory, settings: Settings) -> Result<Mapping, MapError> {
        let (was, is) = (old.fingerprint().to_string(), new.fingerprint().to_string());
        if was == self.new.fingerprint && is == self.new.fingerprint {
            return Ok(Mapping::between(old, new, settings));
        }
        let mut problems = Problems::new();
        for (state, fingerprint, inventory, which) in [(&self.old, was, old, "old"), (&self.new, is, new, "new")] {
            if state.fingerprint != fingerprint {
                problems.push((another_state(state, which, inventory, &fingerprint), state.span.clone()));
            }
        }
        if !problems.is_empty() {
            return Err(refuse(&self.path, &self.text, problems));
        }
        let rules = Mapping::between(old, new, Settings { another_panel: settings.another_panel, ..Settings::default() });
        let lines = Lines::of(&self.text);
        let mut fit = Fit { map: self, rules: &rules, lines, settled: Vec::new(), decisions: Vec::new(), problems };
        let (mut by_old, mut by_new) = (FxHashMap::default(), FxHashMap::default());
        for pair in &self.pairs {
            let already = by_old.insert((pair.kind, pair.old.id), pair);
            if let Some(first) = already {
                let line = fit.lines.at(first.old_span.start);
                fit.problems
                    .push((format!("{} {} stands twice; the first time in line {line}", pair.kind, pair.old.id), pair.old_span.clone()));
                continue;
            }
            if let Verdict::Is(side) = &pair.new
                && let Some(first) = by_new.insert((pair.kind, side.id), pair)
            {
                let first: &Pair = first;
                let message = format!(
                    "{kind} {} would be {kind} {} and {kind} {} at once; the other one in line {}",
                    side.id,
                    first.old.id,
                    pair.old.id,
                    fit.lines.at(first.new_span.start),
                    kind = pair.kind,
                );
                fit.problems.push((message, pair.new_span.clone()));
                continue;
            }
            fit.pair(pair, old, new);
        }
        if !fit.problems.is_empty() {
            return Err(refuse(&self.path, &self.text, fit.problems));
        }
        let Fit { settled, mut decisions, .. } = fit;
        decisions.sort_by_key(|d| (d.kind, d.old));
        let used = MapUsed { file: self.path.to_string(), sha256: self.sha256.clone(), decisions };
        Ok(Mapping::with(old, new, settings, &settled).reviewed(used))
    }
}

fn another_state(state: &State, which: &str, inventory: &Inventory, fingerprint: &str) -> String {
    let short = |f: &str| f.chars().take(12).collect::<String>();
    let label = |source: &str, taken: Option<&str>, fingerprint: &str| {
        let taken = taken.map(|t| format!(", of {t}")).unwrap_or_default();
        format!("{}{taken} ({})", if source.is_empty() { "(unnamed)" } else { source }, short(fingerprint))
    };
    format!(
        "this map was made for another {which} panel state: for {}, and not for {}",
        label(&state.source, state.taken.as_deref(), &state.fingerprint),
        label(&inventory.origin.source, inventory.origin.taken.as_deref(), fingerprint),
    )
}

struct Fit<'a> {
    map: &'a Reviewed,
    rules: &'a Mapping,
    lines: Lines,
    settled: Vec<Settled>,
    decisions: Vec<Decision>,
    problems: Problems,
}

impl Fit<'_> {
    fn pair(&mut self, pair: &Pair, old: &Inventory, new: &Inventory) {
        let kind = pair.kind;
        let object = match pair.old.object(kind, old, "old") {
            Ok(object) => object,
            Err(wrong) => return self.problems.push((wrong, pair.old_span.clone())),
        };
        let by_rules = self.rules.get(kind, object.id);
        let id = match &pair.new {
            Verdict::Open => {
                // Whoever takes the new object out of a pair may mean either.
                if let Some(Match::Found { new, .. }) = by_rules {
                    let message = format!(
                        "nothing is said of what became of {kind} {}, which is {kind} {new} by the rules: say it (new = …), or take the whole pair out",
                        object.id
                    );
                    self.problems.push((message, pair.old_span.clone()));
                }
                return;
            }
            Verdict::Gone => None,
            Verdict::Is(side) => match side.object(kind, new, "new") {
                Ok(object) => Some(object),
                Err(wrong) => return self.problems.push((wrong, pair.new_span.clone())),
            },
        };
        let settled = |rung, evidence| Settled { kind, old: object.id, new: id.map(|o| o.id), rung, evidence };
        match (by_rules, id) {
            (Some(Match::Found { new, rung, evidence }), Some(object)) if *new == object.id => {
                self.settled.push(settled(*rung, evidence.clone()));
            }
            // Of what has neither name nor GUID, the rules know nothing.
            (Some(Match::Missing), None) if object.guid.is_some() || !object.name.is_empty() => {
                let reason = self.rules.reason(kind, object.id).unwrap_or_default().to_owned();
                self.settled.push(settled(Rung::Decided, reason.into()));
            }
            _ => {
                let line = self.lines.at(pair.new_span.start);
                let evidence = format!("decided by a person in {} line {line}", self.map.path);
                self.settled.push(settled(Rung::Decided, evidence.into()));
                self.decisions.push(Decision {
                    line,
                    kind,
                    old: object.id,
                    old_name: object.name.to_string(),
                    new: id.map(|o| o.id),
                    new_name: id.map(|o| o.name.to_string()).unwrap_or_default(),
                    instead_of: by_rules.map_or_else(String::new, said),
                });
            }
        }
    }
}

/// What the rules say: `guid 7`, `ambiguous 7, 8`.
fn said(by_rules: &Match) -> String {
    let ids: Vec<String> = match by_rules {
        Match::Found { new, .. } => vec![new.to_string()],
        other => other.candidates().iter().take(10).map(i64::to_string).collect(),
    };
    if ids.is_empty() { by_rules.word().to_owned() } else { format!("{} {}", by_rules.word(), ids.join(", ")) }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i + 1).collect())
    }

    /// The line of a byte, counted from 1.
    fn at(&self, byte: usize) -> u64 {
        self.0.partition_point(|start| *start <= byte) as u64 + 1
    }
}
