//! The order in which ids are moved to their new values so that each one's is free by then.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A value that moves: an id in its storage class, numbered; where it goes, if that is among the values that move.
pub(super) type Next = Option<usize>;

/// One move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Rows of this value leave for a value that nobody has.
    Park(usize),
    /// Rows of this value go where they belong; `true`: from where they were parked.
    Move(usize, bool),
}

/// The moves, in order. `next[i]`: the value whose place value `i` takes, if that one moves too. Several may go to one place.
///
/// A chain is walked from its free end backwards; of each cycle one value is parked.
pub(super) fn order(next: &[Next]) -> Vec<Step> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Waits,
        Walking,
        Parked,
        Done,
    }
    let mut state = vec![State::Waits; next.len()];
    let mut steps = Vec::with_capacity(next.len());
    for start in 0..next.len() {
        // The way from `start` to a place that is free, or back to itself.
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(i) = at.filter(|&i| state[i] == State::Waits) {
            state[i] = State::Walking;
            path.push(i);
            at = next[i];
        }
        let parked = at.filter(|&i| state[i] == State::Walking);
        if let Some(i) = parked {
            steps.push(Step::Park(i));
            state[i] = State::Parked;
        }
        for &i in path.iter().rev() {
            if state[i] != State::Parked {
                steps.push(Step::Move(i, false));
                state[i] = State::Done;
            }
        }
        if let Some(i) = parked {
            steps.push(Step::Move(i, true));
            state[i] = State::Done;
        }
    }
    steps
}

/// The smallest positive number that is not `taken`.
pub(super) fn free(taken: impl Fn(i64) -> bool) -> i64 {
    (1..=i64::MAX).find(|n| !taken(*n)).unwrap_or(i64::MAX)
}

/// For each of the values, the one of them whose place it takes. A value that takes no place of the sort goes to `None`.
pub(super) fn links<K: Copy + Eq + Hash>(moves: &[(K, Option<K>)]) -> Vec<Next> {
    let number: FxHashMap<K, usize> = moves.iter().enumerate().map(|(i, (from, _))| (*from, i)).collect();
    moves.iter().map(|(_, to)| to.and_then(|to| number.get(&to).copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(moves: &[(i64, i64)]) -> Vec<(i64, Option<i64>)> {
        moves.iter().map(|&(from, to)| (from, Some(to))).collect()
    }

    /// Plays the moves with one row per value under UNIQUE, and gives where each row ends.
    fn play(moves: &[(i64, i64)]) -> Vec<i64> {
        let mut at: Vec<i64> = moves.iter().map(|m| m.0).collect();
        for step in order(&links(&some(moves))) {
            let (i, to) = match step {
                Step::Park(i) => (i, -1),
                Step::Move(i, parked) => {
                    assert_eq!(parked, at[i] == -1);
                    (i, moves[i].1)
                }
            };
            // A place that several go to in the end may hold those already.
            assert!(at.iter().enumerate().all(|(j, &v)| v != to || moves[j].1 == to && at[j] != moves[j].0), "{moves:?} {step:?}");
            at[i] = to;
        }
        at
    }

    #[test]
    fn every_way_to_move_four_ids_is_walked_without_a_clash() {
        // Each of four ids stays out of the walk, or goes to one of the others or to a fifth.
        let ids = [2i64, 5, 7, 11];
        let mut cases = 0;
        for code in 0..6usize.pow(4) {
            let moves: Vec<(i64, i64)> = ids
                .iter()
                .enumerate()
                .filter_map(|(i, &id)| {
                    let to = [0, 2, 5, 7, 11, 13][code / 6usize.pow(i as u32) % 6];
                    (to != 0 && to != id).then_some((id, to))
                })
                .collect();
            assert_eq!(play(&moves), moves.iter().map(|m| m.1).collect::<Vec<_>>());
            cases += 1;
        }
        assert_eq!(cases, 1296);
    }

    #[test]
    fn one_id_of_a_cycle_is_parked_and_none_of_a_chain() {
        let parked = |moves: &[(i64, i64)]| order(&links(&some(moves))).iter().filter(|s| matches!(s, Step::Park(_))).count();
        assert_eq!(parked(&[(1, 2), (2, 3), (3, 4)]), 0);
        assert_eq!(parked(&[(3, 1), (1, 2), (2, 3)]), 1);
        assert_eq!(parked(&[(1, 2), (2, 1), (5, 6), (6, 5), (8, 9)]), 2);
        assert_eq!(order(&[]), []);
    }

    #[test]
    fn a_free_number_is_the_smallest_that_nobody_has() {
        let taken = [1, 2, 4, -1, i64::MAX];
        assert_eq!(free(|n| taken.contains(&n)), 3);
    }
}
