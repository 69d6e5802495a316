//! Whether what a run changes is in a panel's database: what its mark says and what the rows say, held against each other.
//!
//! Neither is proof alone. An extension may clear its settings, and the mark with them; a table may be put back from a backup without the settings; and once
//! the extension went on writing, what is in a row may be as it was by chance. Where the two do not agree, nothing is decided here: a person says it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What a run's mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// The run is done.
    Done,
    /// … and was taken back.
    TakenBack,
}

/// The ids that a person says the rows of a run hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Those of after the run.
    New,
    /// Those of before it.
    Old,
}

/// How a row or a setting is that a run changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// What the run changed of it is as before the run. Where that is its key, its other columns are the same as well.
    Before,
    /// So as after it.
    After,
    /// Somebody wrote something else since.
    Neither,
    /// As before and as after, which is the same.
    Same,
    /// The run took it out, and it is not there; rows go for other reasons as well.
    Out,
    /// It is not there.
    Gone,
}

/// How the rows of one table, or the settings of one sort, are that a run changed. Rows that are gone, and those that are the same before and afterwards, tell nothing and are not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The table, or the sort of settings.
    pub table: Arc<str>,
    /// What is counted: `row`, `setting`.
    pub counted: &'static str,
    /// Rows that are as before the run.
    pub before: u64,
    /// Rows that are as after it.
    pub after: u64,
    /// Rows into which somebody wrote something else since.
    pub neither: u64,
    /// Rows that the run took out, and that are not there.
    pub out: u64,
    /// Whether such rows are still to come back.
    pub comes_back: bool,
}

/// What is known of a run's way into the database, beside its mark and the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It came there: reguid saw to it.
    Came,
    /// A script was to bring it there, or it was interrupted.
    Open,
}

/// What mark and rows come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The changes are there.
    Done,
    /// They are not.
    Open,
    /// They do not agree, or do not tell. What was seen, for a person.
    Unclear(Vec<String>),
}

/// All that speaks for or against a run's changes being there.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// What is known of the run.
    pub known: Known,
    /// What its mark says; `None`: it is not there.
    pub marked: Option<Marked>,
    /// The tables.
    pub tallies: Vec<Tally>,
    /// What a person says, which counts where nothing else is certain.
    pub hold: Option<Hold>,
    /// Another database was named than the run's; that one, and this.
    pub elsewhere: Option<(String, String)>,
}

impl Tally {
    /// Of rows with their tables, or what else is `counted`.
    pub(super) fn of<'a>(rows: impl Iterator<Item = (&'a Arc<str>, &'a Stand)>, counted: &'static str) -> Vec<Tally> {
        let mut all: BTreeMap<&Arc<str>, Tally> = BTreeMap::new();
        for (table, stand) in rows {
            let new = || Tally { table: Arc::clone(table), counted, before: 0, after: 0, neither: 0, out: 0, comes_back: false };
            let tally = all.entry(table).or_insert_with(new);
            match stand {
                Stand::Before => tally.before += 1,
                Stand::After => tally.after += 1,
                Stand::Neither => tally.neither += 1,
                Stand::Out => tally.out += 1,
                Stand::Same | Stand::Gone => {}
            }
        }
        all.into_values().collect()
    }

    fn reversed(self) -> Tally {
        Tally { before: self.after, after: self.before, comes_back: !self.comes_back, ..self }
    }

    /// As many rows that tell are as before as are as after: of a table that was put back, the extension may have written some since.
    fn is_before(&self) -> bool {
        self.before > 0 && self.before >= self.after
    }

    fn is_after(&self) -> bool {
        self.after > 0 && self.after >= self.before
    }

    fn told(&self) -> String {
        let Tally { table, counted, before, after, neither, out, .. } = self;
        let rows = |count: u64, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {counted} is {what}")),
            _ => Some(format!("{count} {counted}s are {what}")),
        };
        let all = [
            rows(*before, "as before the run"),
            rows(*after, "as after it"),
            rows(*neither, "neither"),
            rows(*out, "out, as the run left it"),
        ];
        format!("{table}: {}", all.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl Evidence {
    /// Whether the run's changes are there.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let verdict = self.weighed();
        match self.hold {
            // What is clear is not outvoted.
            Some(hold) if matches!(verdict, Verdict::Unclear(_)) => match hold {
                Hold::New => Verdict::Done,
                Hold::Old => Verdict::Open,
            },
            _ => verdict,
        }
    }

    /// Whether it is clear that the changes are not there, whatever a person says.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.weighed() == Verdict::Open
    }

    /// Whether what takes the run back was done.
    #[must_use]
    pub fn verdict_of_undo(self) -> Verdict {
        let turned = |marked| match marked {
            Marked::Done => Marked::TakenBack,
            Marked::TakenBack => Marked::Done,
        };
        let hold = self.hold.map(|hold| if hold == Hold::New { Hold::Old } else { Hold::New });
        let turned = Evidence {
            marked: self.marked.map(turned),
            hold,
            tallies: self.tallies.iter().cloned().map(Tally::reversed).collect(),
            ..self.clone()
        };
        match turned.verdict() {
            Verdict::Unclear(_) => Verdict::Unclear(self.told()),
            clear => clear,
        }
    }

    fn weighed(&self) -> Verdict {
        let any = |is: fn(&Tally) -> bool| self.tallies.iter().any(is);
        let (before, after) = (any(|t| t.before > 0), any(|t| t.after > 0));
        let unclear = || Verdict::Unclear(self.told());
        match (self.marked, self.known) {
            // A table may have been put back alone.
            (Some(Marked::Done), _) if any(Tally::is_before) => unclear(),
            (Some(Marked::Done), _) => Verdict::Done,
            (Some(Marked::TakenBack), _) if any(Tally::is_after) => unclear(),
            (Some(Marked::TakenBack), _) => Verdict::Open,
            (None, _) if self.elsewhere.is_some() => unclear(),
            // A table that was put back has the rows that the run took out.
            (None, Known::Came) if any(|t| t.before > 0 && t.out > 0) => unclear(),
            (None, Known::Came) if any(Tally::is_before) => {
                if after {
                    unclear()
                } else {
                    Verdict::Open
                }
            }
            (None, Known::Came) if any(|t| t.neither > 0) => unclear(),
            (None, Known::Came) if after => Verdict::Done,
            (None, Known::Open) if before && after => unclear(),
            (None, Known::Open) if after => Verdict::Done,
            (None, Known::Open) if before => Verdict::Open,
            (None, _) if any(|t| t.neither > 0) => unclear(),
            // What is to come back is not there.
            (None, _) if any(|t| t.comes_back && t.out > 0) => Verdict::Open,
            // What is left is the same before and afterwards, or is gone.
            (None, _) => Verdict::Done,
        }
    }

    /// What was seen, for a person.
    fn told(&self) -> Vec<String> {
        let mark = match self.marked {
            None => "the run's mark is not among the extension's settings",
            Some(Marked::Done) => "the run's mark says that it was done",
            Some(Marked::TakenBack) => "the run's mark says that it was taken back",
        };
        let elsewhere = self.elsewhere.iter().map(|(then, now)| format!("the run worked on {then}, and this is {now}"));
        let tables = self.tallies.iter().filter(|t| t.before + t.after + t.neither + t.out > 0).map(Tally::told);
        std::iter::once(mark.to_owned()).chain(elsewhere).chain(tables).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally([before, after, neither]: [u64; 3]) -> Tally {
        Tally { table: "t".into(), counted: "row", before, after, neither, out: 0, comes_back: false }
    }

    fn evidence(known: Known, marked: Option<Marked>, tallies: &[[u64; 3]]) -> Evidence {
        Evidence { known, marked, tallies: tallies.iter().copied().map(tally).collect(), hold: None, elsewhere: None }
    }

    const BEFORE: [u64; 3] = [2, 0, 1];
    const AFTER: [u64; 3] = [0, 2, 0];
    const PARTLY: [u64; 3] = [0, 2, 1];
    const BOTH: [u64; 3] = [1, 1, 0];
    const MOST: [u64; 3] = [1, 3, 0];
    const FEW: [u64; 3] = [3, 1, 0];
    const WRITTEN: [u64; 3] = [0, 0, 2];
    const SAME: [u64; 3] = [0; 3];
    const ALL: [[u64; 3]; 8] = [BEFORE, AFTER, PARTLY, BOTH, MOST, FEW, WRITTEN, SAME];

    /// `D`one, `O`pen or `U`nclear.
    fn letter(verdict: &Verdict) -> char {
        match verdict {
            Verdict::Done => 'D',
            Verdict::Open => 'O',
            Verdict::Unclear(seen) => {
                assert!(!seen.is_empty());
                'U'
            }
        }
    }

    fn letters(known: Known, marked: Option<Marked>, undo: bool) -> String {
        let of = |rows: &[u64; 3]| {
            let evidence = evidence(known, marked, &[*rows]);
            letter(&if undo { evidence.verdict_of_undo() } else { evidence.verdict() })
        };
        ALL.iter().map(of).collect()
    }

    #[test]
    fn mark_and_rows_are_held_against_each_other() {
        // Rows as before, as after, some of these written since, both, most as after, few so, all written since, the same.
        for (known, marked, run, undo) in [
            (Known::Came, Some(Marked::Done), "UDDUDUDD", "UOOUOUOO"),
            (Known::Open, Some(Marked::Done), "UDDUDUDD", "UOOUOUOO"),
            (Known::Came, Some(Marked::TakenBack), "OUUUUOOO", "DUUUUDDD"),
            (Known::Open, Some(Marked::TakenBack), "OUUUUOOO", "DUUUUDDD"),
            (Known::Came, None, "ODUUDUUD", "UOOUUDUD"),
            (Known::Open, None, "ODDUUUUD", "DOOUUUUD"),
        ] {
            assert_eq!(
                (letters(known, marked, false).as_str(), letters(known, marked, true).as_str()),
                (run, undo),
                "{known:?} {marked:?}"
            );
        }
    }

    #[test]
    fn each_table_is_asked() {
        for known in [Known::Came, Known::Open] {
            for marked in [None, Some(Marked::Done), Some(Marked::TakenBack)] {
                let verdict = evidence(known, marked, &[BEFORE, AFTER]).verdict();
                let seen = ["t: 2 rows are as before the run, 1 row is neither", "t: 2 rows are as after it"];
                assert!(matches!(&verdict, Verdict::Unclear(list) if list[1..] == seen), "{verdict:?}");
                assert_eq!(letter(&evidence(known, marked, &[BEFORE, AFTER]).verdict_of_undo()), 'U');
            }
            assert_eq!(evidence(known, None, &[BEFORE, SAME]).verdict(), Verdict::Open);
            assert_eq!(evidence(known, None, &[AFTER, SAME]).verdict(), Verdict::Done);
            assert_eq!(evidence(known, None, &[]).verdict(), Verdict::Done);
            // Rows that are out are as the run left them, where nothing else tells.
            let mut out = evidence(known, None, &[SAME]);
            out.tallies[0].out = 2;
            assert_eq!((out.verdict(), out.clone().verdict_of_undo()), (Verdict::Done, Verdict::Open));
            out.marked = Some(Marked::TakenBack);
            assert_eq!((out.verdict(), out.verdict_of_undo()), (Verdict::Open, Verdict::Done));
        }
    }

    #[test]
    fn what_a_person_says_counts_where_nothing_is_certain() {
        for known in [Known::Came, Known::Open] {
            for rows in ALL {
                for (hold, verdict, of_undo) in [(Hold::New, Verdict::Done, Verdict::Open), (Hold::Old, Verdict::Open, Verdict::Done)] {
                    let unsaid = evidence(known, None, &[rows]);
                    let said = Evidence { hold: Some(hold), ..unsaid.clone() };
                    let or = |clear: Verdict, said: &Verdict| if letter(&clear) == 'U' { said.clone() } else { clear };
                    assert_eq!(said.verdict(), or(unsaid.verdict(), &verdict), "{rows:?}");
                    assert_eq!(said.verdict_of_undo(), or(unsaid.verdict_of_undo(), &of_undo), "{rows:?}");
                }
            }
            let sure = Evidence { hold: Some(Hold::Old), ..evidence(known, Some(Marked::Done), &[AFTER]) };
            assert_eq!((sure.verdict(), sure.verdict_of_undo()), (Verdict::Done, Verdict::Open));
        }
        let other = Evidence { elsewhere: Some(("a".into(), "b".into())), ..evidence(Known::Came, None, &[BEFORE]) };
        assert!(matches!(other.verdict(), Verdict::Unclear(list) if list[1].contains('a')));
    }
}
