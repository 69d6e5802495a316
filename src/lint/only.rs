//! Which files of an extension findings are shown of. The whole extension is read and judged in each case.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

/// Files whose findings are shown: all of them, unless something else is said. Paths are relative to the extension's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// None but these. `None`: any.
    pub files: Option<BTreeSet<Utf8PathBuf>>,
    /// None but what lies below one of these folders. `None`: anywhere.
    pub folders: Option<BTreeSet<Utf8PathBuf>>,
}

impl Only {
    /// One file and no other.
    #[must_use]
    pub fn file(path: Utf8PathBuf) -> Only {
        Only { files: Some([path].into()), folders: None }
    }

    /// Whether findings in the file at `path` are shown.
    #[must_use]
    pub fn shows(&self, path: &Utf8Path) -> bool {
        self.files.as_ref().is_none_or(|files| files.contains(path))
            && self.folders.as_ref().is_none_or(|folders| folders.iter().any(|folder| path.starts_with(folder)))
    }

    /// Whether findings in all files are shown.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.files.is_none() && self.folders.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_both_have_to_fit() {
        let set = |paths: &[&str]| Some(paths.iter().map(Utf8PathBuf::from).collect::<BTreeSet<_>>());
        let shown = |files: Option<BTreeSet<_>>, folders: Option<BTreeSet<_>>| {
            let only = Only { files, folders };
            ["a/x.php", "a/b/y.php", "ab/z.php"].map(|path| only.shows(path.into()))
        };
        assert_eq!(shown(None, None), [true, true, true]);
        assert_eq!(shown(set(&["a/x.php", "ab/z.php"]), None), [true, false, true]);
        assert_eq!(shown(None, set(&["a"])), [true, true, false], "a folder's name is no prefix of another's");
        assert_eq!(shown(None, set(&["a/b", "ab"])), [false, true, true]);
        assert_eq!(shown(set(&["a/x.php", "ab/z.php"]), set(&["a"])), [true, false, false]);
        assert_eq!(shown(set(&[]), None), [false, false, false]);
    }
}
