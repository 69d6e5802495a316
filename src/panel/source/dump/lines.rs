//! The ends of lines of rows, many bytes at a time.

/// How many bytes are looked at side by side. The compiler makes them into a few operations on the processor's wide registers.
const LANES: usize = 32;
/// From the first bytes follows how the rest is looked at: one by one the newlines are found faster where lines are longer than so many bytes.
const SAMPLE: usize = 512;
const LONG: usize = 128;

/// The lines that end in some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lines {
    /// How many newlines there are.
    pub(super) all: u64,
    /// How many of them do not stand behind `),`.
    pub(super) others: u64,
}

/// Looks at the newlines in `bytes`, before which the bytes `before` stand.
pub(super) fn look(before: [u8; 2], bytes: &[u8]) -> Lines {
    let (sample, rest) = bytes.split_at(bytes.len().min(SAMPLE));
    let seen = one_by_one(before, sample);
    let between = last_two(before, sample);
    let short = seen.all > (SAMPLE / LONG) as u64;
    let others = if short { side_by_side(between, rest) } else { one_by_one(between, rest) };
    Lines { all: seen.all + others.all, others: seen.others + others.others }
}

fn one_by_one(before: [u8; 2], bytes: &[u8]) -> Lines {
    let mut lines = Lines::default();
    memchr::memchr_iter(b'\n', bytes).for_each(|end| lines.add(last_two(before, &bytes[..end]), b'\n'));
    lines
}

fn side_by_side(before: [u8; 2], bytes: &[u8]) -> Lines {
    let mut lines = Lines::default();
    for (i, &byte) in bytes.iter().take(2).enumerate() {
        lines.add(last_two(before, &bytes[..i]), byte);
    }
    let Some(most) = bytes.len().checked_sub(2) else { return lines };
    let whole = most - most % LANES;
    let lanes = |from: usize| bytes[from..from + whole].as_chunks::<LANES>().0;
    let (rows, marks, ends) = (lanes(0), lanes(1), lanes(2));
    let mut from = 0;
    while from < rows.len() {
        // A count in a byte is full after 255.
        let to = rows.len().min(from + usize::from(u8::MAX));
        let (mut all, mut others) = ([0u8; LANES], [0u8; LANES]);
        for ((row, mark), end) in rows[from..to].iter().zip(&marks[from..to]).zip(&ends[from..to]) {
            for i in 0..LANES {
                let newline = u8::from(end[i] == b'\n');
                let usual = u8::from(row[i] == b')') & u8::from(mark[i] == b',');
                all[i] += newline;
                others[i] += newline & (usual ^ 1);
            }
        }
        let sum = |counts: [u8; LANES]| counts.iter().map(|n| u64::from(*n)).sum::<u64>();
        lines.all += sum(all);
        lines.others += sum(others);
        from = to;
    }
    for three in bytes[whole..].windows(3) {
        lines.add([three[0], three[1]], three[2]);
    }
    lines
}

/// The last two bytes of `before` and `bytes`.
pub(super) fn last_two(before: [u8; 2], bytes: &[u8]) -> [u8; 2] {
    match *bytes {
        [] => before,
        [only] => [before[1], only],
        [.., a, b] => [a, b],
    }
}

impl Lines {
    fn add(&mut self, before: [u8; 2], byte: u8) {
        self.all += u64::from(byte == b'\n');
        self.others += u64::from(byte == b'\n' && before != *b"),");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newlines_are_counted_wherever_they_stand() {
        let mut text = Vec::new();
        for i in 0..3 * 255 * LANES {
            text.extend_from_slice([&b"),\n"[..], b"\n", b"),\n", b";\n", b"x", b")", b",", b"),\n"][(i * i / 7 + i) % 8]);
        }
        let slowly = |before: [u8; 2], bytes: &[u8]| {
            let all = [&before[..], bytes].concat();
            let ends = || all.windows(3).filter(|w| w[2] == b'\n');
            Lines { all: ends().count() as u64, others: ends().filter(|w| w[..2] != *b"),").count() as u64 }
        };
        for before in [*b"),", *b"x)", *b"\n\n"] {
            for length in (0..200).chain([255 * LANES + 1, 255 * LANES + 2, 255 * LANES + 3, text.len() - 7]) {
                for from in [0, 1, 2, 5] {
                    let bytes = &text[from..from + length];
                    for by in [look, one_by_one, side_by_side] {
                        assert_eq!(by(before, bytes), slowly(before, bytes), "{length} from {from}");
                    }
                }
            }
        }
        assert_eq!([last_two(*b"ab", b""), last_two(*b"ab", b"c"), last_two(*b"ab", b"cde")], [*b"ab", *b"bc", *b"de"]);
    }
}
