//! Formats: texts with places for values.

use super::graph::Node;
use super::texts::Piece;

/// The pieces of a `sprintf` format. `value` gives the argument of a number, from 0, and is told whether it is put in as it is. A conversion that cannot be
/// read, or has no argument, becomes nothing.
pub(super) fn pieces(format: &str, mut value: impl FnMut(usize, bool) -> Option<Piece>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut next = 0;
    let mut parts = format.split('%');
    push(&mut pieces, parts.next().unwrap_or_default());
    let mut literal = false;
    for part in parts {
        if literal {
            // The second half of `%%`.
            push(&mut pieces, "%");
            push(&mut pieces, part);
            literal = false;
            continue;
        }
        if part.is_empty() {
            literal = true;
            continue;
        }
        let Some(end) = part.find(|c: char| c.is_ascii_alphabetic()) else { continue };
        let number = match part[..end].split_once('$').and_then(|(n, _)| n.parse::<usize>().ok()) {
            Some(n) => n.saturating_sub(1),
            None => {
                next += 1;
                next - 1
            }
        };
        // `%x` and `%.2s` make other digits of it, or some.
        let as_it_is = matches!(part.as_bytes()[end], b'd' | b's' | b'u' | b'i') && !part[..end].contains(['.', '\'']);
        pieces.extend(value(number, as_it_is));
        push(&mut pieces, &part[end + 1..]);
    }
    pieces
}

/// The pieces of `text` with `value` wherever `search` stands; somewhere, where that is not known.
pub(super) fn replaced(text: &str, search: Option<&str>, value: Node) -> Vec<Piece> {
    match search.filter(|s| !s.is_empty()) {
        Some(search) => put(Piece::Text(text.to_owned()), search, &Piece::Value(value)),
        None => vec![Piece::Value(value)],
    }
}

/// `piece` with `value` wherever `search` stands in it.
pub(super) fn put(piece: Piece, search: &str, value: &Piece) -> Vec<Piece> {
    let Piece::Text(text) = &piece else { return vec![piece] };
    if search.is_empty() {
        return vec![piece];
    }
    let mut pieces = Vec::new();
    for (position, part) in text.split(search).enumerate() {
        if position > 0 {
            pieces.push(value.clone());
        }
        push(&mut pieces, part);
    }
    pieces
}

fn push(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: &str) -> String {
        let shown = |n, as_it_is| if as_it_is { format!("<{n}>") } else { format!("<{n}?>") };
        let pieces = pieces(format, |n, as_it_is| (n < 3).then(|| Piece::Text(shown(n, as_it_is))));
        pieces.into_iter().map(|p| if let Piece::Text(text) = p { text } else { String::new() }).collect()
    }

    #[test]
    fn conversions_stand_for_their_arguments() {
        assert_eq!(shown("a_%d_%s"), "a_<0>_<1>");
        assert_eq!(shown("%05d-%2$s-%10d|%1$s"), "<0>-<1>-<1>|<0>");
        assert_eq!(shown("%x %.2s %o"), "<0?> <1?> <2?>");
        assert_eq!(shown("100%% of %s%%"), "100% of <0>%");
        assert_eq!(shown("%"), "");
        assert_eq!(shown("%s%s%s%s"), "<0><1><2>");
    }

    #[test]
    fn a_search_is_replaced_wherever_it_stands() {
        let put = put(Piece::Text("x-{id}-{id}".to_owned()), "{id}", &Piece::Text("1".to_owned()));
        assert_eq!(put.len(), 4);
    }
}
