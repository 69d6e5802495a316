//! Paths of files in reports: as a person at this place writes them, and as a service takes them that knows the repository alone.

use camino::{Utf8Path, Utf8PathBuf};

use super::LintReport;
use crate::extension::Extension;

/// Between a package and a file in it.
const INSIDE: &str = "!/";

/// A file of an extension as a person opens it from the current directory.
pub(super) fn from_here(extension: &Extension, path: &Utf8Path) -> String {
    let shown = match &extension.root {
        Some(root) => root.join(path).into_string(),
        None if extension.is_file() => extension.input.to_string(),
        None => format!("{}{INSIDE}{path}", extension.input),
    };
    shown.strip_prefix("./").map_or(shown.clone(), str::to_owned)
}

/// Makes paths relative to the repository that an extension lies in, whatever the current directory is.
pub(super) struct InRepository {
    /// The extension's folder, or the package or file itself, relative to the repository.
    prefix: Utf8PathBuf,
    kind: Kind,
}

enum Kind {
    Folder,
    Package,
    Alone,
}

impl InRepository {
    pub(super) fn new(report: &LintReport, extension: &Extension) -> InRepository {
        let (place, kind) = match &extension.root {
            Some(root) => (root, Kind::Folder),
            None if extension.is_file() => (&extension.input, Kind::Alone),
            None => (&extension.input, Kind::Package),
        };
        let absolute = place.canonicalize_utf8().unwrap_or_else(|_| place.clone());
        let workspace = report.around.workspace.as_deref().and_then(|w| w.canonicalize_utf8().ok());
        let here = || std::env::current_dir().ok().and_then(|f| Utf8PathBuf::from_path_buf(f).ok()?.canonicalize_utf8().ok());
        let bases = [workspace, repository(&absolute), here()];
        let prefix = bases.into_iter().flatten().find_map(|base| absolute.strip_prefix(base).ok().map(Utf8Path::to_owned));
        // Outside of all of them there is nothing that a service could show; a path that begins with a slash would be refused.
        let relative = || place.as_str().trim_start_matches(['/', '.']).into();
        InRepository { prefix: prefix.unwrap_or_else(relative), kind }
    }

    /// The path of a file of the extension, with `/`.
    pub(super) fn path(&self, path: &Utf8Path) -> String {
        match self.kind {
            Kind::Folder => self.prefix.join(path).into_string(),
            Kind::Alone => self.prefix.to_string(),
            Kind::Package => format!("{}{INSIDE}{path}", self.prefix),
        }
    }

    /// The same as a relative reference of a URI.
    pub(super) fn uri(&self, path: &Utf8Path) -> String {
        let mut uri = String::new();
        for byte in self.path(path).bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'!' => uri.push(char::from(byte)),
                byte => uri.push_str(&format!("%{byte:02X}")),
            }
        }
        uri
    }
}

/// The folder of the version control that a path lies in.
fn repository(path: &Utf8Path) -> Option<Utf8PathBuf> {
    path.ancestors().find(|folder| folder.join(".git").exists()).map(Utf8Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::files;

    #[test]
    fn a_persons_path_is_the_one_to_open() {
        let mut extension = files(&[("plib/a.php", b"")]);
        for (root, expected) in [("ext", "ext/plib/a.php"), (".", "plib/a.php"), ("/srv/ext", "/srv/ext/plib/a.php")] {
            extension.root = Some(root.into());
            assert_eq!(from_here(&extension, "plib/a.php".into()), expected);
        }
        extension.root = None;
        extension.input = "ext.zip".into();
        assert_eq!(from_here(&extension, "plib/a.php".into()), "ext.zip!/plib/a.php");
        let mut alone = files(&[("a.sql", b"")]);
        alone.input = "db/a.sql".into();
        assert_eq!(from_here(&alone, "a.sql".into()), "db/a.sql");
    }

    #[test]
    fn a_services_path_is_relative_to_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("repo/src/my ext")).unwrap();
        std::fs::create_dir(root.join("repo/.git")).unwrap();
        let mut extension = files(&[("plib/é.php", b"")]);
        extension.root = Some(root.join("repo/src/my ext"));
        let mut report = LintReport::default();
        assert_eq!(InRepository::new(&report, &extension).uri("plib/é.php".into()), "src/my%20ext/plib/%C3%A9.php");
        report.around.workspace = Some(root.to_owned());
        assert_eq!(InRepository::new(&report, &extension).path("plib/é.php".into()), "repo/src/my ext/plib/é.php");
    }
}
