//! The id's way through the code, as a picture: from where it comes to where it is kept.

use maud::{Markup, html};

use super::super::text::visible;
use super::finding::spot_of;
use crate::lint::{Finding, Linted, Location, Role};

/// Steps that are drawn before the last one.
const MOST: usize = 5;
/// Sizes in the units of the picture, which is shown at about one to one.
const WIDTH: usize = 340;
const BOX: usize = 52;
const GAP: usize = 26;
/// Characters that fit into a box.
const LABEL: usize = 48;
const SPOT: usize = 46;

/// A box.
struct Step {
    label: String,
    spot: String,
}

/// The picture, if there is a way at all: a place, and somewhere else that shows it.
pub(super) fn picture(linted: &Linted, finding: &Finding) -> Markup {
    let (Some(place), Some(first)) = (&finding.place, finding.locations.first()) else { return html! {} };
    let related: Vec<&Location> = finding.locations.iter().filter(|l| l.role == Role::Related).collect();
    if related.is_empty() {
        return html! {};
    }
    // A picture has no backticks.
    let plain = |text: &str| visible(text).replace('`', "");
    let step = |l: &Location| Step { label: plain(&l.label), spot: spot_of(linted, l) };
    let mut steps: Vec<Step> = related.iter().take(MOST).map(|l| step(l)).collect();
    if related.len() > MOST {
        steps.push(Step { label: format!("and {} more", related.len() - MOST), spot: String::new() });
    }
    let end = Step { label: visible(&place.to_string()), spot: spot_of(linted, first) };
    draw(&steps, &end)
}

fn draw(steps: &[Step], end: &Step) -> Markup {
    let height = (steps.len() + 1) * (BOX + GAP) + 12;
    let told: Vec<String> = steps.iter().chain([end]).map(|s| format!("{} ({})", s.label, s.spot)).collect();
    let middle = WIDTH / 2;
    html! {
        svg.way viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label={ "The id's way: " (told.join("; then ")) } {
            @for (index, step) in steps.iter().enumerate() {
                @let y = index * (BOX + GAP) + 2;
                g {
                    title { (step.label) " " (step.spot) }
                    rect x="2" y=(y) width=(WIDTH - 4) height=(BOX) rx="6" {}
                    (texts(step, y))
                }
                path.arrow d={ "M" (middle) " " (y + BOX) " V" (y + BOX + GAP - 7) } {}
                path.head d={ "M" (middle - 5) " " (y + BOX + GAP - 8) " h10 l-5 8 z" } {}
            }
            @let y = steps.len() * (BOX + GAP) + 2;
            // A store is drawn as one: a cylinder.
            @let (left, right, top, bottom) = (2, WIDTH - 2, y + 7, y + BOX + 7);
            g {
                title { (end.label) " " (end.spot) }
                path.store d={ "M" (left) " " (top) " V" (bottom) " C" (left) " " (bottom + 9) " " (right) " " (bottom + 9) " " (right) " " (bottom)
                    " V" (top) " C" (right) " " (top - 9) " " (left) " " (top - 9) " " (left) " " (top)
                    " C" (left) " " (top + 9) " " (right) " " (top + 9) " " (right) " " (top) } {}
                (texts(end, y + 11))
            }
        }
    }
}

fn texts(step: &Step, y: usize) -> Markup {
    html! {
        text x="14" y=(y + 21) { (shortened(&step.label, LABEL, false)) }
        text.spot x="14" y=(y + 40) { (shortened(&step.spot, SPOT, true)) }
    }
}

/// At most `most` characters; of a path the end tells more than the start.
fn shortened(text: &str, most: usize, keep_end: bool) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    if keep_end {
        format!("…{}", text.chars().skip(length - most + 1).collect::<String>())
    } else {
        format!("{}…", text.chars().take(most - 1).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_where_they_tell_least() {
        assert_eq!(shortened("a/long/path.php:1", 8, true), "…h.php:1");
        assert_eq!(shortened("a long label", 6, false), "a lon…");
        assert_eq!(shortened("short", 6, false), "short");
    }
}
