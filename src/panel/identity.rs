//! How an object of each kind is identified: the facts of the catalogue's tables, taken apart once.

use std::sync::LazyLock;

use super::Kind;

static IDENTITIES: LazyLock<Vec<Identity>> = LazyLock::new(|| Kind::all().map(Identity::of).collect());
static ORDER: LazyLock<Vec<Kind>> = LazyLock::new(order);

/// A column reference: `column`, or `column:kind` where the column holds an id of that kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnRef {
    pub(crate) column: &'static str,
    pub(crate) kind: Option<Kind>,
}

/// A piece of a key's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Text(&'static str),
    Hole(ColumnRef),
}

/// What identifies the objects of one kind.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pub(crate) key: Vec<Segment>,
    pub(crate) parent: Option<ColumnRef>,
    pub(crate) witness: Vec<ColumnRef>,
    /// The kinds that lend this one their identity, each with the panel's word for it.
    pub(crate) through: Vec<(&'static str, Kind)>,
}

impl ColumnRef {
    fn parse(text: &'static str) -> ColumnRef {
        match text.split_once(':') {
            Some((column, word)) => {
                ColumnRef { column, kind: Some(word.parse().expect("column references name kinds: a test reads them all")) }
            }
            None => ColumnRef { column: text, kind: None },
        }
    }
}

impl Identity {
    fn of(kind: Kind) -> Identity {
        let Some(table) = &kind.facts().table else { return Identity::default() };
        Identity {
            key: table.key.as_deref().map(segments).unwrap_or_default(),
            parent: table.parent.as_deref().map(ColumnRef::parse),
            witness: table.witness.iter().map(|w| ColumnRef::parse(w)).collect(),
            through: table
                .through
                .iter()
                .flat_map(|t| &t.types)
                .map(|(word, kind)| (word.as_str(), kind.parse().expect("types name kinds: a test reads them all")))
                .collect(),
        }
    }

    /// The kinds that this one's identity builds on, `kind` itself excepted.
    pub(crate) fn needs(&self, kind: Kind) -> impl Iterator<Item = Kind> + '_ {
        let holes = self.key.iter().filter_map(|s| if let Segment::Hole(c) = s { c.kind } else { None });
        let references = self.parent.iter().chain(&self.witness).filter_map(|c| c.kind);
        holes.chain(references).chain(self.through.iter().map(|t| t.1)).filter(move |k| *k != kind)
    }
}

/// How objects of `kind` are identified.
pub(crate) fn of(kind: Kind) -> &'static Identity {
    &IDENTITIES[kind.index()]
}

/// All kinds, each after those that its identity builds on.
pub(crate) fn in_order() -> &'static [Kind] {
    &ORDER
}

fn order() -> Vec<Kind> {
    let mut ordered: Vec<Kind> = Vec::new();
    let mut waiting: Vec<Kind> = Kind::all().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|&kind| {
            let ready = of(kind).needs(kind).all(|need| ordered.contains(&need));
            if ready {
                ordered.push(kind);
            }
            !ready
        });
        assert!(waiting.len() < before, "rules/panel: the identities of {waiting:?} build on each other");
    }
    ordered
}

/// `{a}@{b:kind}` → hole a, text `@`, hole b.
fn segments(key: &'static str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = key;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}').expect("the holes of keys are closed: a test reads them all");
        if open > 0 {
            segments.push(Segment::Text(&rest[..open]));
        }
        segments.push(Segment::Hole(ColumnRef::parse(&rest[open + 1..close])));
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        segments.push(Segment::Text(rest));
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_after_what_they_build_on() {
        let place = |word: &str| in_order().iter().position(|k| k.name() == word).unwrap();
        assert!(place("client") < place("domain") && place("domain") < place("mailbox") && place("database-server") < place("database"));
        assert_eq!(in_order().len(), Kind::all().count());
    }

    #[test]
    fn every_kind_with_a_table_can_be_told_apart() {
        for kind in Kind::all().filter(|k| k.facts().table.is_some()) {
            let identity = of(kind);
            assert!(!identity.key.is_empty() || !identity.through.is_empty(), "{kind}");
        }
    }

    /// A kind has the rungs that its columns allow: see [`crate::panel::mapping::Rung`].
    #[test]
    fn rungs_fit_the_columns() {
        use crate::panel::mapping::Rung;
        for kind in Kind::all() {
            let Some(table) = &kind.facts().table else { continue };
            let rungs = table.rungs.as_slice();
            let by_guid = table.guid.is_some() || table.through.is_some();
            let expected: &[&[Rung]] = match by_guid {
                true => &[&[Rung::Guid, Rung::GuidRenamed, Rung::NameAndWitness, Rung::NameOnly]],
                false => &[&[Rung::Key], &[Rung::NameAndWitness, Rung::NameOnly]],
            };
            assert!(expected.contains(&rungs), "{kind}: {rungs:?}");
            assert!(table.built_in.iter().all(|name| *name == name.to_lowercase()), "{kind}: built-in keys are compared as names are");
        }
    }

    /// A key is carried over to the new panel by putting the new objects' keys into its holes. That needs the ids in the holes, which an object
    /// keeps as its parent or as a witness, and all columns of its own in one piece.
    #[test]
    fn keys_can_be_carried_over() {
        for kind in Kind::all() {
            let identity = of(kind);
            let own: Vec<usize> =
                (0..identity.key.len()).filter(|&i| matches!(&identity.key[i], Segment::Hole(c) if c.kind.is_none())).collect();
            for (i, segment) in identity.key.iter().enumerate() {
                let Segment::Hole(column) = segment else { continue };
                if column.kind.is_some() {
                    assert!(
                        identity.parent.iter().chain(&identity.witness).any(|c| c == column),
                        "{kind}: {column:?} is neither parent nor witness"
                    );
                    assert!(own.is_empty() || i < own[0] || i > own[own.len() - 1], "{kind}: {column:?} stands between columns of its own");
                }
            }
        }
    }

    #[test]
    fn no_secret_is_ever_read() {
        for kind in Kind::all() {
            let Some(table) = &kind.facts().table else { continue };
            let text = format!("{table:?}").to_lowercase();
            for word in ["passw", "secret", "pvt", "csr", "token"] {
                assert!(!text.contains(word), "{kind} reads a column with `{word}` in its name");
            }
        }
    }
}
