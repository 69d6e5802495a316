//! Work that is shared out among threads.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, Builder};

/// What a thread's stack may grow to: the parser goes as deep as the code does. Only what is used is taken from memory.
const STACK: usize = 256 << 20;

/// What `work` gives for each number below `count`, in their order. It runs on `threads` threads (0 for one a core), each of which has a `state` of its own
/// and takes the next number when it is done with one.
///
/// # Errors
/// No thread can be started.
pub(crate) fn map<S, T: Send>(
    threads: usize,
    count: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> io::Result<Vec<T>> {
    let threads = if threads == 0 { thread::available_parallelism().map_or(1, NonZero::get) } else { threads };
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = state();
        let mut done = Vec::with_capacity(count / threads + 1);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return done;
            }
            done.push((number, work(&mut state, number)));
        }
    };
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for number in 0..threads.min(count) {
            match Builder::new().name(format!("worker-{number}")).stack_size(STACK).spawn_scoped(scope, run) {
                Ok(worker) => workers.push(worker),
                // Those that run take its share.
                Err(_) if !workers.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        let mut results: Vec<Option<T>> = Vec::new();
        results.resize_with(count, || None);
        for worker in workers {
            for (number, result) in worker.join().unwrap_or_else(|panic| resume_unwind(panic)) {
                results[number] = Some(result);
            }
        }
        Ok(results.into_iter().flatten().collect())
    })
}

/// As [`map`], for work that needs no state: on this thread alone where one is asked for, or no other can be started.
pub(crate) fn map_plain<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let alone = || (0..count).map(&work).collect();
    if threads == 1 || count < 2 { alone() } else { map(threads, count, || (), |(), number| work(number)).unwrap_or_else(|_| alone()) }
}

/// Two things that are done side by side: `here` on this thread, `there` on another, where more than one is asked for and one can be started.
pub(crate) fn both<A, B: Send>(threads: usize, here: impl FnOnce() -> A, there: impl Fn() -> B + Sync) -> (A, B) {
    if threads == 1 {
        return (here(), there());
    }
    thread::scope(|scope| {
        let worker = Builder::new().name("worker-0".to_owned()).stack_size(STACK).spawn_scoped(scope, &there);
        let here = here();
        let there = worker.map_or_else(|_| there(), |worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        (here, there)
    })
}

/// As [`map_plain`], but this thread takes what there is in the order of the numbers, while the others go on.
pub(crate) fn pipe<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync, mut take: impl FnMut(T)) {
    if threads == 1 || count < 2 {
        return (0..count).map(work).for_each(take);
    }
    let threads = if threads == 0 { thread::available_parallelism().map_or(1, NonZero::get) } else { threads };
    let next = AtomicUsize::new(0);
    let (give, given) = mpsc::channel();
    let run = |give: mpsc::Sender<(usize, T)>| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count || give.send((number, work(number))).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for number in 0..threads.min(count) {
            let (give, run) = (give.clone(), &run);
            if let Ok(worker) = Builder::new().name(format!("worker-{number}")).stack_size(STACK).spawn_scoped(scope, move || run(give)) {
                workers.push(worker);
            }
        }
        if workers.is_empty() {
            run(give);
        } else {
            drop(give);
        }
        let mut early: BTreeMap<usize, T> = BTreeMap::new();
        let mut wanted = 0;
        for (number, one) in given {
            early.insert(number, one);
            while let Some(one) = early.remove(&wanted) {
                take(one);
                wanted += 1;
            }
        }
        workers.into_iter().for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn results_come_in_order_and_each_number_is_worked_on_once() {
        for threads in [0, 1, 2, 7, 100] {
            for count in [0, 1, 5, 1_000] {
                let counter = AtomicUsize::new(0);
                let work = |state: &mut usize, number| {
                    *state += 1;
                    counter.fetch_add(1, Ordering::Relaxed);
                    (number * 2, *state)
                };
                let results = map(threads, count, || 0, work).unwrap();
                assert_eq!(counter.into_inner(), count);
                assert!(results.iter().enumerate().all(|(i, (double, _))| *double == i * 2));
                // A state is a thread's own.
                let firsts = results.iter().filter(|(_, nth)| *nth == 1).count();
                assert!(count == 0 || firsts >= 1 && (threads == 0 || firsts <= threads), "{threads} {count} {firsts}");
            }
        }
    }

    #[test]
    fn plain_work_is_done_on_any_number_of_threads() {
        for threads in [0, 1, 2, 7] {
            for count in [0, 1, 5, 100] {
                assert_eq!(map_plain(threads, count, |number| number * 2), (0..count).map(|n| n * 2).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn two_things_are_done_on_any_number_of_threads() {
        for threads in [0, 1, 2, 7] {
            assert_eq!(both(threads, || "here", || "there"), ("here", "there"));
        }
    }

    #[test]
    fn piped_work_is_taken_in_order() {
        for threads in [0, 1, 2, 7] {
            for count in [0, 1, 2, 5, 1_000] {
                let mut taken = Vec::new();
                pipe(threads, count, |number| number * 2, |one| taken.push(one));
                assert_eq!(taken, (0..count).map(|n| n * 2).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    #[should_panic(expected = "number 3")]
    fn a_panic_comes_out_of_a_pipe() {
        pipe(2, 5, |number| assert_ne!(number, 3, "number {number}"), |()| ());
    }

    #[test]
    #[should_panic(expected = "number 3")]
    fn a_panic_comes_out() {
        let _ = map(2, 5, || (), |(), number| assert_ne!(number, 3, "number {number}"));
    }
}
