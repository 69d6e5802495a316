//! A tree that several threads read at once.
//!
//! Its leaves make up runs, which the threads take by turns. What is summed up over rows is the sum of what each of them has. What depends on the rows' order is
//! noted with the number of the run, each of which one thread reads, in its order: so it can be put in the order of the rows in the end.

#[cfg(test)]
mod tests;

use std::num::NonZero;
use std::thread::ScopedJoinHandle;

use crate::sqlite::Error;
use crate::sqlite::pages::{Layout, Met, Pages, Share, Visit};

/// How a thread ended: with the pages that it met and what it has to show. `None`: it could not go on.
type Ended<R> = Result<Option<(Met, R)>, Error>;

/// Threads that read one tree at most. In debug builds there is one less on any machine: tests are to meet what several come to.
const MOST: u32 = 4;

#[cfg(test)]
thread_local! {
    /// How many threads read each tree, whatever its size.
    pub(super) static FORCED: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
}

/// How many threads are to read a tree.
pub(super) fn threads(pages: &Pages, layout: &Layout) -> u32 {
    #[cfg(test)]
    if let Some(forced) = FORCED.get() {
        return forced;
    }
    if !pages.is_large(layout) {
        return 1;
    }
    match std::thread::available_parallelism().map_or(1, NonZero::get) {
        _ if cfg!(debug_assertions) => MOST - 1,
        processors => u32::try_from(processors).unwrap_or(MOST).min(MOST),
    }
}

/// Shows all rows of a tree to what `make` makes for each thread, and gives these back. `None`: the file cannot be read so.
pub(super) fn over<V: Visit + Send>(pages: &Pages, layout: &Layout, make: impl Fn() -> V) -> Result<Option<Vec<V>>, Error> {
    let threads = threads(pages, layout);
    if threads == 1 {
        let mut visit = make();
        return Ok(pages.rows(layout, &mut visit)?.then(|| vec![visit]));
    }
    shared(pages, layout, (0..threads).map(|_| make()).collect(), |visit| Ok(visit), || {})
}

/// As [`over`], with as many threads as there are `visits`. What a thread showed is handed to `end` on that thread, unless it ended early; then it is dropped.
/// This thread does `meanwhile`.
pub(super) fn shared<V: Visit + Send, R: Send>(
    pages: &Pages,
    layout: &Layout,
    visits: Vec<V>,
    end: impl Fn(V) -> Result<R, Error> + Sync,
    meanwhile: impl FnOnce(),
) -> Result<Option<Vec<R>>, Error> {
    let (of, end) = (u32::try_from(visits.len()).unwrap_or(u32::MAX), &end);
    let walk = |number: u32, mut visit: V| {
        let met = pages.share(layout, Share { of, number }, &mut visit)?;
        met.map(|met| Ok((met, end(visit)?))).transpose()
    };
    let walk = &walk;
    let ended: Option<Vec<_>> = std::thread::scope(|scope| {
        let mut threads = Vec::with_capacity(visits.len());
        for (number, visit) in (0..of).zip(visits) {
            threads.push(std::thread::Builder::new().spawn_scoped(scope, move || walk(number, visit)));
        }
        meanwhile();
        // Where the system has no room for a thread, it is one that ended early.
        let joined = |thread: ScopedJoinHandle<'_, Ended<R>>| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        threads.into_iter().map(|thread| thread.ok().map(joined)).collect()
    });
    // One that could not go on ends the others, which may have been asked to stop at the same time: who reads by other means is asked that again.
    let Some(ended) = ended.filter(|e| !e.iter().any(|e| matches!(e, Ok(None)))) else { return Ok(None) };
    let (mut met, mut results) = (Vec::new(), Vec::new());
    for ended in ended {
        let Some((pages, result)) = ended? else { return Ok(None) };
        met.push(pages);
        results.push(result);
    }
    Ok(Met::apart(&met).then_some(results))
}
