//! The scoring itself, on reports that are made up.

use super::*;

const TRUTH: &str = r#"
    [[silent]]
    place = "sqlite:apps.rank"
    known = true
    why = "taken for an id"
    [[finding]]
    rule = "raw-id-column"
    place = "sqlite:apps.domain_id"
    kinds = ["domain"]
    confidence = "proven"
    severity = "error"
    declared = ["a.php:3"]
    written = ["a.php:7-9"]
    [[finding]]
    rule = "raw-id-column"
    place = "sqlite:apps.target"
    kinds = ["client"]
    confidence = "proven"
    declared = ["a.php:4"]
    written = ["b.php:1"]
    needs = "flow"
    [[silent]]
    place = "sqlite:apps.zone_id"
    why = "a remote service's"
    [[silent]]
    at = "a.php:20"
    why = "a task"
"#;

fn finding(place: &str, confidence: &str, severity: &str, lines: &[(&str, u64)]) -> serde_json::Value {
    let locations: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(i, (path, line))| serde_json::json!({"role": if i == 0 { "primary" } else { "related" }, "path": path, "line": line}))
        .collect();
    serde_json::json!({"rule": "raw-id-column", "severity": severity, "confidence": confidence, "kind": "domain", "place": place,
        "message": "m", "locations": locations, "evidence": []})
}

fn score(findings: &[serde_json::Value]) -> Score {
    let report = serde_json::json!({"summary": {"unreadable": 0}, "findings": findings});
    Score::of(&toml::from_str(TRUTH).unwrap(), &serde_json::from_value(report).unwrap())
}

#[test]
fn a_report_that_is_right_has_nothing_wrong() {
    let score = score(&[finding("sqlite:apps.domain_id", "proven", "error", &[("a.php", 3), ("a.php", 8)])]);
    assert_eq!(score.wrong, Vec::<String>::new());
    assert_eq!((score.found, score.required, score.early, score.later, score.extra), (1, 1, 0, 1, 0));
    assert_eq!((score.precision(), score.recall()), ("1.000".to_owned(), "0.500".to_owned()));
}

#[test]
fn whatever_is_not_right_is_told() {
    let place = "sqlite:apps.domain_id";
    let right: &[(&str, u64)] = &[("a.php", 3), ("a.php", 8)];
    for (findings, told) in [
        (vec![], "sqlite:apps.domain_id: missed (declared a.php:3)"),
        (vec![finding(place, "possible", "error", right)], "missed"),
        (vec![finding(place, "likely", "error", right)], "Likely, expected at least Proven"),
        (vec![finding(place, "proven", "warning", right)], "severity Warning, expected Error"),
        (vec![finding(place, "proven", "error", &[("a.php", 2), ("a.php", 8)])], "shown at a.php:2, is declared at a.php:3"),
        (vec![finding(place, "proven", "error", &[("a.php", 3), ("a.php", 10)])], "a.php:10 is neither a declaration nor a write of it"),
        (vec![finding(place, "proven", "error", &[("a.php", 3)])], "does not show the write at a.php:7-9"),
        (vec![finding(place, "proven", "error", right); 2], "found 2 times"),
        (vec![finding("sqlite:apps.zone_id", "likely", "error", &[("a.php", 5)])], "a look-alike: a remote service's"),
        (vec![finding("sqlite:apps.other", "likely", "error", &[("a.php", 5)])], "not in expected.toml"),
        (vec![finding("sqlite:apps.other", "likely", "error", &[("a.php", 20)])], "a.php:20: shown by raw-id-column"),
    ] {
        let score = score(&findings);
        assert!(score.wrong.iter().any(|line| line.contains(told)), "{told}: {:?}", score.wrong);
    }
}

#[test]
fn what_is_not_required_yet_counts_when_it_is_found() {
    let mut early = finding("sqlite:apps.target", "proven", "error", &[("a.php", 4), ("b.php", 1)]);
    early["kind"] = "client".into();
    let score = score(&[early]);
    assert_eq!((score.early, score.later, score.extra), (1, 1, 0));
}

#[test]
fn what_is_known_to_be_wrong_is_counted_and_told() {
    let right = finding("sqlite:apps.domain_id", "proven", "error", &[("a.php", 3), ("a.php", 8)]);
    let without = score(std::slice::from_ref(&right));
    assert!(without.told.iter().any(|line| line.contains("sqlite:apps.rank: is not found any more")), "{:?}", without.told);
    let with = score(&[right, finding("sqlite:apps.rank", "proven", "error", &[("a.php", 30)])]);
    assert_eq!(with.wrong, Vec::<String>::new());
    assert!(with.told.iter().any(|line| line.contains("taken for an id")), "{:?}", with.told);
    assert_eq!(with.rules["raw-id-column"], Tally { found: 1, missed: 1, wrong: 1 });
}

#[test]
fn a_stray_location_is_told() {
    let mut truth: Expected = toml::from_str(TRUTH).unwrap();
    truth.finding[0].strays = vec!["a.php:30".parse().unwrap()];
    for (last, told) in [(30, "a.php:30: shown with it, wrongly"), (8, "a.php:30: is not shown any more")] {
        let found = finding("sqlite:apps.domain_id", "proven", "error", &[("a.php", 3), ("a.php", 8), ("a.php", last)]);
        let report = serde_json::json!({"summary": {"unreadable": 0}, "findings": [found]});
        let score = Score::of(&truth, &serde_json::from_value(report).unwrap());
        assert_eq!(score.wrong, Vec::<String>::new());
        assert!(score.told.iter().any(|line| line.contains(told)), "{told}: {:?}", score.told);
    }
}

#[test]
fn what_is_not_required_yet_and_found_otherwise_is_missed() {
    let score = score(&[finding("sqlite:apps.target", "likely", "error", &[("a.php", 4), ("b.php", 1)])]);
    assert_eq!((score.early, score.later, score.extra), (0, 1, 0));
    assert_eq!(score.rules["raw-id-column"], Tally { found: 0, missed: 2, wrong: 0 });
    assert!(score.told.iter().any(|line| line.contains("Likely, expected at least Proven, needs Flow")), "{:?}", score.told);
}

#[test]
fn the_calibration_counts_every_confidence() {
    let findings = [
        finding("sqlite:apps.domain_id", "proven", "error", &[("a.php", 3)]),
        finding("sqlite:apps.rank", "proven", "error", &[("a.php", 9)]),
        finding("sqlite:apps.target", "possible", "note", &[("a.php", 4)]),
    ];
    let report = serde_json::json!({"summary": {"unreadable": 0}, "findings": findings});
    let mut calibration = Calibration::default();
    calibration.add(&toml::from_str(TRUTH).unwrap(), &serde_json::from_value(report).unwrap());
    let table: Vec<Vec<String>> = calibration.table().lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    assert_eq!(table[1], ["proven", "1", "1", "0.500"]);
    assert_eq!(table[2], ["possible", "1", "0", "1.000"]);
}
