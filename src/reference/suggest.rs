//! "Did you mean …?"

/// Names less similar than this are not offered: a wrong hint is worse than none.
const SIMILAR: f64 = 0.8;

/// The one of `known` that `word` was probably meant to be.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_ascii_lowercase().replace('_', "-");
    let scored = known.iter().map(|name| (strsim::jaro_winkler(name, &word), *name));
    scored.filter(|(score, _)| *score >= SIMILAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// `; did you mean `x`?`, or nothing.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    question(nearest(word, known))
}

/// The one of the rules' names that `word` was probably meant to be; `names` has each name with its rule's id. Codes differ by a digit, and that of another
/// rule is no hint: of them only one in other letters is offered.
pub(crate) fn nearest_rule<'a>(word: &str, names: &[(&'a str, &'a str)]) -> Option<&'a str> {
    let ids: Vec<&str> = names.iter().filter(|(name, id)| name == id).map(|(_, id)| *id).collect();
    let same = names.iter().map(|(name, _)| *name).find(|name| name.eq_ignore_ascii_case(word));
    same.or_else(|| nearest(word, &ids))
}

/// As [`hint`], for rules.
pub(crate) fn rule_hint(word: &str, names: &[(&str, &str)]) -> String {
    question(nearest_rule(word, names))
}

fn question(meant: Option<&str>) -> String {
    meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_names_are_offered() {
        let known = ["on-missing", "column", "kind"];
        assert_eq!(nearest("on_missing", &known), Some("on-missing"));
        assert_eq!(nearest("colum", &known), Some("column"));
        assert_eq!(nearest("zzz", &known), None);
    }
}
