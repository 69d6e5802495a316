//! Which calls were found to call which functions.

use crate::discover::program::Fun;

const NONE: u32 = u32::MAX;

/// Pairs of a call and a function that it calls, found by either. A call calls few functions, so a list of them is looked through.
#[derive(Default)]
pub(super) struct Joins {
    pairs: Vec<Pair>,
    /// For each call, the last pair with it. Shorter than the list of calls.
    last_of_call: Vec<u32>,
    /// For each function, the last pair with it. Shorter than the list of functions.
    last_of_fun: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Pair {
    call: u32,
    fun: Fun,
    before_of_call: u32,
    before_of_fun: u32,
}

impl Joins {
    /// Adds a pair; false if it was there.
    pub(super) fn add(&mut self, call: u32, fun: Fun) -> bool {
        if self.of_call(call).any(|pair| pair.fun == fun) {
            return false;
        }
        let number = u32::try_from(self.pairs.len()).expect("fewer than 2³² pairs");
        let before_of_call = put_last(&mut self.last_of_call, call, number);
        let before_of_fun = put_last(&mut self.last_of_fun, fun.0, number);
        self.pairs.push(Pair { call, fun, before_of_call, before_of_fun });
        true
    }

    /// The functions that a call calls, ordered.
    pub(super) fn called(&self, call: u32) -> Vec<Fun> {
        let mut called: Vec<Fun> = self.of_call(call).map(|pair| pair.fun).collect();
        called.sort_unstable();
        called
    }

    /// The calls of a function, in the order in which they stand.
    pub(super) fn callers(&self, fun: Fun) -> Vec<u32> {
        let first = self.last_of_fun.get(fun.0 as usize).and_then(|last| self.pairs.get(*last as usize));
        let mut callers: Vec<u32> =
            std::iter::successors(first, |pair| self.pairs.get(pair.before_of_fun as usize)).map(|pair| pair.call).collect();
        callers.sort_unstable();
        callers
    }

    fn of_call(&self, call: u32) -> impl Iterator<Item = &Pair> {
        let first = self.last_of_call.get(call as usize).and_then(|last| self.pairs.get(*last as usize));
        std::iter::successors(first, |pair| self.pairs.get(pair.before_of_call as usize))
    }
}

/// Makes `number` the last one at `at`; gives the one that was.
fn put_last(last: &mut Vec<u32>, at: u32, number: u32) -> u32 {
    let at = at as usize;
    if last.len() <= at {
        last.resize(at + 1, NONE);
    }
    std::mem::replace(&mut last[at], number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_from_both_sides() {
        let mut joins = Joins::default();
        for (call, fun) in [(3, 1), (3, 0), (1, 1), (7, 1)] {
            assert!(joins.add(call, Fun(fun)));
        }
        assert!(!joins.add(3, Fun(1)));
        assert_eq!(joins.called(3), [Fun(0), Fun(1)]);
        assert_eq!(joins.called(2), []);
        assert_eq!(joins.callers(Fun(1)), [1, 3, 7]);
        assert_eq!(joins.callers(Fun(5)), Vec::<u32>::new());
    }
}
