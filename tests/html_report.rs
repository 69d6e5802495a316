//! The HTML reports in a real browser: nothing is loaded, nothing overflows, all text can be read in light and dark, and keys alone are enough.
//!
//! `REGUID_BLESS=1 cargo test --test html_report` takes the pictures under `docs/images/` anew.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};

use support::browser::Browser;
use support::cli::Cli;

const WIDE: (u32, u32) = (1280, 1500);
const NARROW: (u32, u32) = (360, 1500);

/// The keys of WebDriver.
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

fn corpus(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path)
}

/// The report on samples of the corpus, with findings of many rules.
fn report(cli: &Cli) -> PathBuf {
    let samples = ["site-notes", "status-board", "night-jobs", "postbox"].map(|name| corpus(name).join("extension"));
    let mut args = vec!["lint", "--format", "html", "--output-file", "report.html", "--exit-zero"];
    args.extend(samples.iter().map(|p| p.to_str().unwrap()));
    let ran = cli.run(&args);
    assert_eq!(ran.code, 0, "{ran}");
    cli.root().join("report.html")
}

/// Checks that hold for every page, at two widths, in light and dark.
fn good(browser: &Browser, page: &Path) {
    browser.open(page);
    for (width, height) in [WIDE, NARROW] {
        for dark in [false, true] {
            browser.show(width, height, dark);
            let name = format!("{} {width} {dark}", page.display());
            let overflow = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(overflow, 0, "{name}: the page scrolls sideways");
            let faint = browser.run(CONTRAST);
            assert_eq!(faint, serde_json::json!([]), "{name}: text that is hard to read");
            let paper = browser.run("return getComputedStyle(document.body).backgroundColor");
            assert_eq!(paper == "rgb(255, 255, 255)", !dark, "{name}: {paper}");
        }
    }
    assert_eq!(browser.run("return performance.getEntriesByType('resource').length"), 0, "nothing is loaded");
    assert_eq!(browser.complaints(), [serde_json::Value::Null; 0]);
}

/// Text whose contrast with what is behind it is below 4.5:1, the bound of WCAG AA.
const CONTRAST: &str = r"
    const parse = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
    const part = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const box = e.closest('svg') ? e.closest('svg').querySelector('rect, path.store') : e;
            const colour = parse(e.closest('svg') ? getComputedStyle(box).fill : getComputedStyle(e).backgroundColor);
            if (colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const bad = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || ['SCRIPT', 'STYLE', 'title'].includes(element.tagName)) continue;
        const style = getComputedStyle(element);
        const [a, b] = [light(parse(element.closest('svg') ? style.fill : style.color)), light(behind(element))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) bad.push(element.outerHTML.slice(0, 100));
    }
    return bad.slice(0, 5);
";

#[test]
fn the_report_on_findings_is_read_and_used() {
    let cli = Cli::new();
    let page = report(&cli);
    let browser = Browser::start();
    good(&browser, &page);
    browser.show(WIDE.0, WIDE.1, false);

    // All findings are there: those of the JSON report.
    let number = |selector: &str| browser.run(&format!("return document.querySelectorAll({selector:?}).length")).as_u64().unwrap();
    let all = number("details[data-rule]");
    assert!(all >= 6, "{all}");
    assert!(number("svg.way") >= 3);
    let outside = browser.run(
        "document.querySelectorAll('details').forEach(d => { d.open = true; });
         return [...document.querySelectorAll('svg.way text')].filter(t => t.getBBox().x + t.getComputedTextLength() > 336).map(t => t.textContent)",
    );
    assert_eq!(outside, serde_json::json!([]), "text stands in its box");

    // Keys alone: past the head, from finding to finding, open and close, search.
    browser.open(&page);
    let focus = || browser.run("return document.activeElement.textContent.trim().slice(0, 60)").as_str().unwrap().to_owned();
    browser.press(&[TAB]);
    assert_eq!(focus(), "Skip to the report");
    let ring = browser.run("return getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(ring, "solid", "the focus is seen");
    browser.press(&["j"]);
    let first = focus();
    assert!(first.starts_with("error"), "the gravest first: {first}");
    let open = || browser.run("return document.activeElement.parentElement.open");
    assert_eq!(open(), true);
    browser.press(&[ENTER]);
    assert_eq!(open(), false);
    browser.press(&["j"]);
    assert_ne!(focus(), first);
    browser.press(&["k"]);
    assert_eq!(focus(), first);
    browser.press(&["/", "n", "o", "t", "e", "s", "."]);
    let shown = browser.run("return document.querySelector('#shown').textContent");
    let left =
        browser.run("return [...document.querySelectorAll('details[data-rule]')].filter(d => !d.hidden && d.checkVisibility()).length");
    let left = left.as_u64().unwrap();
    assert!(left > 0 && left < all, "{left} of {all}");
    assert_eq!(shown, format!("{left} of {all} shown"));
    // A link to a rule opens its page.
    browser.run("document.querySelector('a[href^=\"#rule-\"]').focus()");
    browser.press(&[ENTER]);
    assert!(browser.comes_true("return location.hash !== '' && document.querySelector(location.hash).open"));
}

#[test]
fn the_report_is_whole_without_its_script() {
    let cli = Cli::new();
    let text = std::fs::read_to_string(report(&cli)).unwrap();
    let (before, after) = text.split_once("<script>").unwrap();
    cli.file("plain.html", format!("{before}{}", after.split_once("</script>").unwrap().1));
    let browser = Browser::start();
    browser.open(&cli.root().join("plain.html"));
    assert_eq!(browser.run("return document.querySelector('form').checkVisibility()"), false, "what would do nothing is not shown");
    assert!(browser.run("return document.querySelectorAll('details[data-rule]').length").as_u64().unwrap() >= 6);
}

#[test]
fn the_pages_of_plan_and_run_are_read() {
    let cli = Cli::new();
    let sample = corpus("site-notes");
    std::fs::create_dir(cli.root().join("var")).unwrap();
    let database = rusqlite::Connection::open(cli.root().join("var/notes.sqlite3")).unwrap();
    database.execute_batch(&std::fs::read_to_string(sample.join("data/notes.sqlite3.sql")).unwrap()).unwrap();
    drop(database);
    let manifest = sample.join("reguid.toml");
    let (before, after) = (corpus("panel/before.dump.sql"), corpus("panel/after.dump.sql"));
    let inputs = ["var", "--manifest", manifest.to_str().unwrap(), "--old", before.to_str().unwrap(), "--new", after.to_str().unwrap()];
    let browser = Browser::start();
    let page = |args: &[&str], name: &str, code: i32| {
        let ran = cli.run(&[args, &inputs, &["--format", "html"]].concat());
        assert_eq!(ran.code, code, "{ran}");
        cli.file(name, &ran.stdout);
        good(&browser, &cli.root().join(name));
        browser.run("return document.body.innerText").as_str().unwrap().to_owned()
    };
    let text = page(&["plan"], "plan.html", 0);
    assert!(text.contains("6 cells in 6 rows would change") && text.contains("sqlite:notes.domain_id"), "{text}");
    assert!(text.contains("alice.example"), "{text}");
    let dry = page(&["fix", "--dry-run"], "dry.html", 0);
    assert!(dry.contains("would change"), "{dry}");
    let text = page(&["fix"], "run.html", 0);
    assert!(text.contains("Run 1: 6 cells in 6 rows changed") && text.contains("reguid undo var"), "{text}");
    let text = page(&["fix"], "again.html", 0);
    assert!(text.contains("Nothing to do"), "{text}");
}

/// The pictures of the documentation, taken anew when asked for; they are there otherwise.
#[test]
fn the_pictures_of_the_documentation_are_there() {
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    let pictures = [("report-light.png", 1100, 1400, false), ("report-dark-narrow.png", 390, 1400, true)];
    if std::env::var_os("REGUID_BLESS").is_some() {
        let cli = Cli::new();
        // Without the folder of this machine.
        let copied =
            std::process::Command::new("cp").arg("-r").arg(corpus("site-notes/extension")).arg(cli.root().join("site-notes")).status();
        assert!(copied.unwrap().success());
        assert_eq!(cli.run(&["lint", "site-notes", "--format", "html", "--output-file", "report.html"]).code, 1);
        std::fs::create_dir_all(&images).unwrap();
        let browser = Browser::start();
        for (name, width, height, dark) in pictures {
            browser.show(width, height, dark);
            browser.open(&cli.root().join("report.html"));
            std::fs::write(images.join(name), browser.picture()).unwrap();
        }
    }
    for (name, width, ..) in pictures {
        let png = std::fs::read(images.join(name)).unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), width);
    }
}
