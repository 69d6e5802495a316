//! How often a command makes each system call that changes something, and at which of them it is cut off.
#![allow(dead_code, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use std::collections::BTreeMap;

/// Whether every point is to be tried.
pub(crate) fn all() -> bool {
    std::env::var("REGUID_CRASH_SWEEP").is_ok_and(|v| v == "all")
}

/// The points to try among `total`: all of them, or so many, from the first to the last.
pub(crate) fn points(total: usize, sample: usize) -> Vec<usize> {
    if all() || total <= sample {
        return (1..=total).collect();
    }
    let mut points: Vec<usize> = (0..sample).map(|i| 1 + i * (total - 1) / sample.saturating_sub(1).max(1)).collect();
    points.dedup();
    points
}

/// How often each of `calls` stands in what strace recorded with `-f`, of the thread that makes the most of them: each thread counts for itself where a call is
/// to be met.
pub(crate) fn counts(log: &str, calls: &[&'static str]) -> BTreeMap<&'static str, usize> {
    let mut of_threads: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in log.lines() {
        let mut words = line.split_whitespace();
        let (Some(thread), Some(rest)) = (words.next(), words.next()) else { continue };
        if let Some(call) = calls.iter().find(|c| rest.strip_prefix(**c).is_some_and(|rest| rest.starts_with('('))) {
            *of_threads.entry((call, thread)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for call in calls {
        if let Some(count) = of_threads.iter().filter(|((of, _), _)| of == call).map(|(_, count)| *count).max() {
            most.insert(*call, count);
        }
    }
    most
}
