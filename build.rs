//! Lists the files that are found by their folder alone, so that a new rule or a new kind of panel object needs no list to be edited.
//!
//! Writes three files to `OUT_DIR`: `pages.rs` (the rule pages of `rules/*.md`), `panel.rs` (the facts of `rules/panel/*.toml`) and
//! `rules.rs` (one module for each file of `src/lint/rule/`). Rule pages with a wrong front matter, or a name that is another rule's, stop the build.

#[allow(dead_code, reason = "the program reads the rest of it")]
#[path = "src/lint/front.rs"]
mod front;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    check_pages(&root)?;
    fs::write(out.join("pages.rs"), embedded(&root, "rules", "md")?)?;
    fs::write(out.join("panel.rs"), embedded(&root, "rules/panel", "toml")?)?;
    fs::write(out.join("rules.rs"), rules(&root)?)?;
    Ok(())
}

/// The files of `folder` that end in `.extension`, in the order of their names.
fn files(root: &Path, folder: &str, extension: &str) -> io::Result<Vec<PathBuf>> {
    let folder = root.join(folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort_by(|a, b| stem(a).cmp(stem(b)));
    Ok(found)
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|s| s.to_str()).expect("files of this repository have UTF-8 names")
}

/// Fails where a rule's page is wrong, or two rules have a name in common.
fn check_pages(root: &Path) -> io::Result<()> {
    let paths = files(root, "rules", "md")?;
    let texts = paths.iter().map(fs::read_to_string).collect::<io::Result<Vec<String>>>()?;
    let mut pages = Vec::new();
    for (path, text) in paths.iter().zip(&texts) {
        pages.push(front::Front::read(text).map_err(|e| io::Error::other(format!("{}: {e}", path.display())))?);
    }
    front::distinct(&pages).map_err(|e| io::Error::other(format!("rules/: {e}")))
}

/// `&[(stem, text), …]`.
fn embedded(root: &Path, folder: &str, extension: &str) -> io::Result<String> {
    let mut code = String::from("&[\n");
    for path in files(root, folder, extension)? {
        let _ = writeln!(code, "    ({:?}, include_str!({:?})),", stem(&path), path);
    }
    code.push(']');
    Ok(code)
}

/// A module for each rule file, and `ALL`, the rules in the order of their names.
fn rules(root: &Path) -> io::Result<String> {
    let mut modules = String::new();
    let mut all = String::from("pub(crate) static ALL: &[&dyn Rule] = &[");
    for path in files(root, "src/lint/rule", "rs")? {
        let name = stem(&path);
        if name == "mod" {
            continue;
        }
        let _ = writeln!(modules, "#[path = {path:?}]\nmod {name};");
        let _ = write!(all, "&{name}::RULE, ");
    }
    all.push_str("];\n");
    Ok(modules + &all)
}
