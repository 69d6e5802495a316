//! A pass over a table's rows: all that is found out on the way. Several threads may each go over a part of them, and come to what one would have come to.

use std::sync::mpsc::{Receiver, SyncSender};

use super::decide::{Action, Decider, after};
use super::hits::Hits;
use super::inside::{Look, Text};
use super::leaves::{Ids, Links, Tally};
use super::odd::Columns;
use super::row_hash::RowHash;
use super::scan::{CellHash, Each, Scanned, Seen, Source, borrow, not_null};
use super::watch::{self, Rows};
use crate::sqlite::pages::Visit;
use crate::sqlite::{Error, ValueRef, interrupted};

/// What a pass reads of a table, and where it stands in the rows that are shown.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The columns behind the address.
    pub columns: Vec<usize>,
    /// Whether all stored columns are read and hashed.
    pub whole: bool,
    /// Whether it is noted what stands in which leaf of the tree.
    in_leaves: bool,
    /// How many columns the address has.
    address: usize,
    /// How many are hashed, of those that come first. Twins stand behind them: some may be computed columns.
    hashed: usize,
    /// Where each target's cell stands.
    at: Vec<usize>,
    /// Where each target's twin stands.
    twins: Vec<Option<usize>>,
    /// Which target's cell stands in which place. One that is part of the address stands in the row twice.
    target_of: Vec<Option<usize>>,
    /// Where no NULL may stand.
    not_null: Vec<usize>,
    /// Where not every value may stand.
    takes: Columns,
    /// What is summed up for the leaves of the indexes.
    pub links: Links,
    /// What is summed up of ids.
    ids: Ids,
}

impl Wanted {
    /// What is wanted of the table, which holds these targets.
    pub(super) fn of(source: Source<'_>, targets: &[(usize, Decider<'_>)], whole: bool) -> Wanted {
        let table = source.table;
        let address = table.address();
        let mut columns: Vec<usize> = if whole { table.stored().collect() } else { targets.iter().map(|t| t.0).collect() };
        let at: Vec<usize> =
            targets.iter().map(|t| address.len() + columns.iter().position(|c| *c == t.0).expect("a target is a stored column")).collect();
        let target_of = address
            .iter()
            .map(|a| targets.iter().position(|t| table.columns[t.0].name.eq_ignore_ascii_case(a)))
            .chain(columns.iter().map(|c| targets.iter().position(|t| t.0 == *c)))
            .collect();
        let hashed = address.len() + columns.len();
        let mut twins = Vec::with_capacity(targets.len());
        for (_, decider) in targets {
            let twin = decider.twins().map(|t| t.column);
            twins.push(twin.map(|_| address.len() + columns.len()));
            columns.extend(twin);
        }
        let in_leaves = whole && source.pages.is_some();
        let links = match in_leaves {
            true => Links::of(table, |_, index| index.parts.iter().any(|p| targets.iter().any(|t| Some(t.0) == *p))),
            false => Links::default(),
        };
        let ids = if in_leaves { Ids::of(targets, &at) } else { Ids::default() };
        let address = address.len();
        let (not_null, takes) = if whole { (not_null(table), Columns::of(table)) } else { (Vec::new(), Columns::default()) };
        Wanted { columns, whole, in_leaves, address, hashed, at, twins, target_of, not_null, takes, links, ids }
    }
}

/// What a thread hands on while it reads, in the order of its rows.
pub(super) enum Piece {
    /// Bytes of the hash over cells.
    Bytes(Vec<u8>),
    /// A run of leaves ends, and so many rows of it are to be gone to.
    End(Hits),
}

/// One pass, or one thread's part of it.
pub(super) struct Pass<'w, 'a, E> {
    wanted: &'w Wanted,
    /// The targets' columns, and who decides about them.
    pub targets: Vec<(usize, Decider<'a>)>,
    /// Who is shown the rows.
    pub each: E,
    /// The hash over cells.
    pub cells: CellHash,
    /// What was found.
    pub scanned: Scanned,
    watched: Rows,
    actions: Vec<Action>,
    disagree: Vec<bool>,
    looks: Vec<Option<Look>>,
    tally: Tally,
    /// The sums where the leaf begins.
    begin: Tally,
    /// How many leaves are noted.
    room: usize,
    run: Option<u32>,
}

impl<'w, 'a, E: Each> Pass<'w, 'a, E> {
    /// One that saw nothing yet, of as many.
    pub(super) fn new(wanted: &'w Wanted, (targets, each): (Vec<(usize, Decider<'a>)>, E), cells: CellHash, of: u32) -> Pass<'w, 'a, E> {
        Pass {
            scanned: Scanned { nulls: vec![0; targets.len()], ..Scanned::default() },
            watched: watch::rows(),
            actions: vec![Action::Leave; targets.len()],
            disagree: vec![false; targets.len()],
            looks: vec![None; targets.len()],
            tally: Tally::default(),
            begin: Tally::default(),
            room: super::leaves::MOST / of.max(1) as usize,
            run: None,
            wanted,
            targets,
            each,
            cells,
        }
    }

    /// All rows were shown. What is to be handed on is, and who waits for more is told so.
    pub(super) fn end(mut self) -> Result<Self, Error> {
        self.hand_on()?;
        self.cells = CellHash::idle();
        self.scanned.before = self.tally.content;
        Ok(self)
    }

    /// Hands on what a run of leaves gave.
    fn hand_on(&mut self) -> Result<(), Error> {
        match self.run {
            Some(_) => self.cells.hand_on(|| self.scanned.hits.take()),
            None => Ok(()),
        }
    }
}

impl<E: Each> Visit for Pass<'_, '_, E> {
    fn run(&mut self, number: u32) -> Result<(), Error> {
        self.hand_on()?;
        self.run = Some(number);
        self.targets.iter_mut().for_each(|(_, decider)| decider.begin(number));
        Ok(())
    }

    fn by_leaf(&self) -> bool {
        self.wanted.in_leaves
    }

    fn leaf(&mut self, _page: u32, _hash: u64) -> bool {
        self.begin = self.tally;
        false
    }

    fn left(&mut self, page: u32, hash: u64) {
        self.scanned.leaves.note(page, hash, self.tally.minus(self.begin), self.room);
    }

    fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
        let Pass { wanted, scanned, actions, looks, disagree, cells, .. } = self;
        let Wanted { address, at, twins, .. } = wanted;
        scanned.rows += 1;
        self.watched.row()?;
        let address = &row[..*address];
        for &value in address {
            cells.value(value);
        }
        let (mut changing, mut remove) = (0, false);
        if wanted.in_leaves {
            self.tally.ids = self.tally.ids.wrapping_add(wanted.ids.sum(row));
            self.tally.links = self.tally.links.wrapping_add(wanted.links.sum(row));
        }
        for (i, (_, decider)) in self.targets.iter_mut().enumerate() {
            let value = row[at[i]];
            cells.value(value);
            let twin = twins[i].map_or(ValueRef::Null, |at| row[at]);
            if twins[i].is_some() {
                cells.value(twin);
            }
            (actions[i], disagree[i]) = decider.decide(value, twin);
            looks[i] = decider.inside.as_mut().map(|inside| std::mem::take(&mut inside.look));
            match actions[i] {
                Action::Set(_) | Action::Null | Action::Rewrite => changing += 1,
                Action::Remove => remove = true,
                Action::Leave | Action::Stop => {}
            }
        }
        if remove {
            scanned.removed += 1;
            scanned.hits.removed(address);
        } else if changing > 0 {
            scanned.changed += 1;
            scanned.cells += changing;
            scanned.hits.changed(address);
            actions.iter().zip(&mut scanned.nulls).filter(|(a, _)| **a == Action::Null).for_each(|(_, rows)| *rows += 1);
        }
        if wanted.whole {
            let (before, after) = match remove || changing == 0 {
                true => {
                    let hash = hash_row(&row[..wanted.hashed]);
                    (hash, hash)
                }
                false => hash_rows(&row[..wanted.hashed], &wanted.target_of, actions, looks),
            };
            self.tally.content.add(before);
            let (run, is_written) = (self.run.unwrap_or_default(), remove || changing > 0);
            if let Some(&at) = wanted.not_null.iter().find(|&&c| row[c] == ValueRef::Null) {
                scanned.against += 1;
                let told = if remove { &mut scanned.odd.gone } else { &mut scanned.odd.nulls };
                if is_written {
                    told.add(run, address, (wanted.columns[at - wanted.address], ValueRef::Null));
                }
            }
            if let Some((at, column)) = wanted.takes.odd(row) {
                scanned.odd.anywhere = true;
                if is_written {
                    scanned.odd.values.add(run, address, (column, row[at]));
                }
            }
            if !remove {
                scanned.after.add(after);
            }
        }
        let run = self.run.unwrap_or_default();
        self.each.row(&Seen { row, address: address.len(), actions, disagree, twins, at, looks, run })
    }
}

/// A row's hash.
#[inline]
pub(super) fn hash_row(row: &[ValueRef<'_>]) -> u64 {
    let mut hash = RowHash::new();
    row.iter().for_each(|value| hash.value(*value));
    hash.finish()
}

/// A row's hash as it is, and as what is done with its targets, and what became of values with ids inside, make it.
fn hash_rows(row: &[ValueRef<'_>], target_of: &[Option<usize>], actions: &[Action], looks: &[Option<Look>]) -> (u64, u64) {
    let (mut before, mut later) = (RowHash::new(), RowHash::new());
    for (&value, target) in row.iter().zip(target_of) {
        before.value(value);
        match target.map(|t| (actions[t], &looks[t])) {
            Some((Action::Set(new), _)) if matches!(value, ValueRef::Integer(_)) => later.value(ValueRef::Integer(new)),
            Some((Action::Rewrite, look)) => later.value(look.as_ref().and_then(|l| l.after.as_ref()).map_or(value, Text::borrow)),
            Some((action @ (Action::Set(_) | Action::Null), _)) => later.value(borrow(&after(value, action))),
            _ => later.value(value),
        }
    }
    (before.finish(), later.finish())
}

/// Takes what the threads hand on, in the order of the rows, until one of them has no more.
pub(super) fn gather(pieces: Vec<Receiver<Piece>>, cells: &mut CellHash, hits: &mut Hits) {
    for from in pieces.iter().cycle() {
        loop {
            match from.recv() {
                Ok(Piece::Bytes(bytes)) => cells.bytes(&bytes),
                Ok(Piece::End(more)) => {
                    hits.join(more);
                    break;
                }
                Err(_) => return,
            }
        }
    }
}

/// Hands a piece on. Nobody takes it where another thread ended early.
pub(super) fn send(to: &SyncSender<Piece>, piece: Piece) -> Result<(), Error> {
    to.send(piece).map_err(|_| interrupted())
}
