//! Watching a run from outside: how far it is, and asking it to stop.
//!
//! Who wants that makes a [`Watch`], shares it with another thread or a signal handler, and calls the work within [`Watch::over`]. All work on that thread
//! then reports to it. Until the commit, a run that is asked to stop ends with [`RemapError::Interrupted`] and leaves the state before it; from then on it
//! is not asked any more.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};

use super::error::RemapError;
use crate::sqlite::{Action, Connection, Error, interrupted};

/// How many instructions of SQLite's machine stand between two questions whether to stop: well under a millisecond of work.
const PACE: i32 = 10_000;

/// How many rows that are read past SQLite stand between two such questions.
const ROWS: u32 = 1024;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Watch>>> = const { RefCell::new(None) };
}

/// What a run is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing that takes long has begun.
    Starting,
    /// Rows are read, to plan or to compare.
    Reading,
    /// What is known of the panel goes into the companion.
    Recording,
    /// Rows are journalled and rewritten.
    Writing,
    /// What was written is read again.
    Checking,
    /// The result is made durable. It can no longer be stopped.
    Committing,
}

impl Phase {
    const ALL: [Phase; 6] = [Phase::Starting, Phase::Reading, Phase::Recording, Phase::Writing, Phase::Checking, Phase::Committing];

    /// `reading`, …
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Phase::Starting => "starting",
            Phase::Reading => "reading",
            Phase::Recording => "recording",
            Phase::Writing => "writing",
            Phase::Checking => "checking",
            Phase::Committing => "committing",
        }
    }
}

/// The state of a run, shared between the run and who watches it.
#[derive(Debug, Default)]
pub struct Watch {
    /// The number of the signal that asked to stop; 0: none did.
    stop: Arc<AtomicUsize>,
    counts: bool,
    phase: AtomicU8,
    done: AtomicU64,
    total: AtomicU64,
}

impl Watch {
    /// A watch. With `counts`, rows are counted, which costs a pass over the tables' keys at the start.
    #[must_use]
    pub fn new(stop: Arc<AtomicUsize>, counts: bool) -> Watch {
        Watch { stop, counts, ..Watch::default() }
    }

    /// Does the work under this watch.
    pub fn over<T>(self: &Arc<Watch>, work: impl FnOnce() -> T) -> T {
        struct Restore(Option<Arc<Watch>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(Arc::clone(self))));
        work()
    }

    /// The signal that asked to stop.
    #[must_use]
    pub fn stopped(&self) -> Option<u8> {
        u8::try_from(self.stop.load(Ordering::Relaxed)).ok().filter(|signal| *signal != 0)
    }

    /// Phase, rows done, and rows to be done in all, as far as that is known: each row counts once for each time that it is read or written.
    #[must_use]
    pub fn state(&self) -> (Phase, u64, u64) {
        let phase = Phase::ALL[usize::from(self.phase.load(Ordering::Relaxed)).min(Phase::ALL.len() - 1)];
        let total = self.total.load(Ordering::Relaxed);
        (phase, self.done.load(Ordering::Relaxed).min(total), total)
    }

    fn row(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts rows, where somebody watches. Each thread has its own.
pub(super) struct Rows {
    watch: Option<Arc<Watch>>,
    done: Cell<u32>,
}

impl Rows {
    /// One more row is done. Now and then it is asked whether to stop: rows that are read past SQLite are not stopped by it.
    pub(super) fn row(&self) -> Result<(), Error> {
        let Some(watch) = &self.watch else { return Ok(()) };
        if watch.counts {
            watch.row();
        }
        self.asked()
    }

    /// As [`Rows::row`], of what is no row.
    pub(super) fn asked(&self) -> Result<(), Error> {
        let Some(watch) = &self.watch else { return Ok(()) };
        self.done.set(self.done.get().wrapping_add(1));
        if self.done.get().is_multiple_of(ROWS) && watch.stopped().is_some() { Err(interrupted()) } else { Ok(()) }
    }
}

/// Counts rows that are read.
pub(super) fn rows() -> Rows {
    Rows { watch: CURRENT.with_borrow(Clone::clone), done: Cell::new(0) }
}

/// Begins a phase.
///
/// # Errors
/// [`RemapError::Interrupted`].
pub(super) fn phase(phase: Phase) -> Result<(), RemapError> {
    CURRENT.with_borrow(|watch| {
        let Some(watch) = watch else { return Ok(()) };
        watch.phase.store(phase as u8, Ordering::Relaxed);
        watch.stopped().map_or(Ok(()), |signal| Err(RemapError::Interrupted { signal }))
    })
}

/// Whether it was asked to stop.
///
/// # Errors
/// [`RemapError::Interrupted`].
pub(super) fn check() -> Result<(), RemapError> {
    let stopped = CURRENT.with_borrow(|watch| watch.as_ref().and_then(|w| w.stopped()));
    stopped.map_or(Ok(()), |signal| Err(RemapError::Interrupted { signal }))
}

/// Says how many rows there are to be done in all; the number is asked for only where somebody watches.
pub(super) fn expect<E>(total: impl FnOnce() -> Result<u64, E>) -> Result<(), E> {
    let watch = CURRENT.with_borrow(|w| w.clone().filter(|w| w.counts));
    if let Some(watch) = watch {
        watch.total.store(total()?, Ordering::Relaxed);
    }
    Ok(())
}

/// Puts all work on the connection under the watch of this thread, if there is one: statements end when they are to stop, and rows that are written are
/// counted.
pub(super) fn attend(connection: &mut Connection) -> Result<(), Error> {
    let Some(watch) = CURRENT.with_borrow(Clone::clone) else { return Ok(()) };
    let counts = watch.counts.then(|| Arc::clone(&watch));
    connection.progress_handler(PACE, Some(move || watch.stopped().is_some()))?;
    if let Some(watch) = counts {
        connection.update_hook(Some(move |_: Action, _: &str, _: &str, _: i64| watch.row()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_ends_when_it_is_to_stop() {
        let stop = Arc::new(AtomicUsize::new(0));
        let watch = Arc::new(Watch::new(Arc::clone(&stop), true));
        let mut connection = Connection::open_in_memory().unwrap();
        let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
        let error = watch.over(|| {
            attend(&mut connection).unwrap();
            expect(|| Ok::<_, Error>(3)).unwrap();
            connection.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)").unwrap();
            phase(Phase::Reading).unwrap();
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    stop.store(2, Ordering::Relaxed);
                });
                connection.query_row(endless, [], |_| Ok(())).unwrap_err()
            })
        });
        assert_eq!(error.sqlite_error_code(), Some(crate::sqlite::ErrorCode::OperationInterrupted));
        assert_eq!(watch.state(), (Phase::Reading, 2, 3));
        assert!(watch.over(|| matches!(phase(Phase::Writing), Err(RemapError::Interrupted { signal: 2 }))));
        assert!(check().is_ok(), "the watch is over");
    }
}
