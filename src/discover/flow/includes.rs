//! Files that include one another.

use rustc_hash::FxHashMap;

use super::build::Builder;
use crate::discover::program::Fun;
use crate::extension::php::functions::Functions;
use crate::extension::php::ir::{ExprId, ExprKind, Script};

/// A file that is included by more places than this is a part of everything, and one that includes more is nothing but a list.
const MAX_INCLUDES: usize = 200;

/// A place at which a file is included.
pub(super) struct Included {
    /// The function in which it stands.
    pub(super) by: Fun,
    /// The script in which it stands.
    pub(super) script: u32,
    /// The expression that includes.
    pub(super) expr: ExprId,
    /// The included script.
    pub(super) of: u32,
}

impl Builder<'_, '_> {
    /// The places at which one file of the extension includes another.
    pub(super) fn includes(&self) -> Vec<Included> {
        let scripts = self.program.scripts();
        if scripts.iter().all(|s| s.includes.is_empty()) {
            return Vec::new();
        }
        let extension = self.program.extension;
        let path = |script: &Script| extension.file(script.file).path.as_str();
        let by_path: FxHashMap<&str, u32> = scripts.iter().map(path).zip(0..).collect();
        let mut by_name: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (script, number) in scripts.iter().zip(0..) {
            by_name.entry(path(script).rsplit('/').next().unwrap_or_default()).or_default().push(number);
        }
        let mut found = Vec::new();
        for (script, number) in scripts.iter().zip(0..) {
            if script.includes.is_empty() {
                continue;
            }
            let functions = Functions::of(script);
            let folder = path(script).rsplit_once('/').map_or("", |(folder, _)| folder);
            for include in script.includes.iter().take(MAX_INCLUDES) {
                let Some((up, text)) = spelled(script, include.path) else { continue };
                let beside = up.and_then(|up| joined(folder, up, &text)).and_then(|path| by_path.get(path.as_str()).copied());
                // Where the folder is told at run time, the end of the path may tell the file.
                let end = text.trim_start_matches(['.', '/']);
                let ends =
                    |of: &&u32| path(&scripts[**of as usize]).strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
                let named = by_name.get(end.rsplit('/').next().unwrap_or_default()).map_or(&[][..], Vec::as_slice);
                let mut fitting = named.iter().filter(ends);
                let only = fitting.next().filter(|_| fitting.next().is_none()).copied();
                if let Some(of) = beside.or(only).filter(|of| *of != number) {
                    found.push(Included {
                        by: self.program.fun(number, functions.at(script.expr(include.expr).at.start)),
                        script: number,
                        expr: include.expr,
                        of,
                    });
                }
            }
        }
        let mut times: FxHashMap<u32, usize> = FxHashMap::default();
        found.iter().for_each(|included| *times.entry(included.of).or_default() += 1);
        found.retain(|included| times[&included.of] <= MAX_INCLUDES);
        found
    }
}

/// How many folders above that of the file the path begins, and the text behind it; `None` for the first: that is told at run time.
fn spelled(script: &Script, path: ExprId) -> Option<(Option<usize>, String)> {
    match script.expr(path).kind {
        ExprKind::Text(text) => Some((Some(0), script.text(text).to_owned())),
        ExprKind::Concat(parts) => {
            let (first, rest) = script.list(parts).split_first()?;
            let mut text = String::new();
            for part in rest {
                let ExprKind::Text(sym) = script.expr(*part).kind else { return None };
                text.push_str(script.text(sym));
            }
            Some((folders_up(script, *first, 0), text))
        }
        _ => None,
    }
}

/// How many folders above the file's own an expression means: `__DIR__`, `dirname(__FILE__)`, `dirname(__DIR__)`.
fn folders_up(script: &Script, expr: ExprId, depth: usize) -> Option<usize> {
    match script.expr(expr).kind {
        ExprKind::Constant(name) if script.text(name).eq_ignore_ascii_case("__DIR__") => Some(0),
        ExprKind::Call { name, args } if depth < 8 && script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("dirname") => {
            let [only] = script.args(args) else { return None };
            match script.expr(only.value).kind {
                ExprKind::Constant(name) if script.text(name).eq_ignore_ascii_case("__FILE__") => Some(0),
                _ => folders_up(script, only.value, depth + 1).map(|up| up + 1),
            }
        }
        _ => None,
    }
}

/// The path that `text` means from `up` folders above `folder`.
fn joined(folder: &str, up: usize, text: &str) -> Option<String> {
    let mut steps: Vec<&str> = folder.split('/').filter(|s| !s.is_empty()).collect();
    steps.truncate(steps.len().checked_sub(up)?);
    for step in text.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()?),
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn paths_are_joined() {
        assert_eq!(joined("htdocs/inc", 0, "/head.php").as_deref(), Some("htdocs/inc/head.php"));
        assert_eq!(joined("htdocs/inc", 1, "../plib/./a.php").as_deref(), Some("plib/a.php"));
        assert_eq!(joined("htdocs", 0, "inc/a.php").as_deref(), Some("htdocs/inc/a.php"));
        assert_eq!(joined("", 1, "a.php"), None);
        assert_eq!(joined("htdocs", 0, "../../a.php"), None);
    }
}
