//! `file:` URIs and the paths that they name.

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types::Uri;

/// The path of a `file:` URI; `None` for what is no file.
pub(super) fn to_path(uri: &Uri) -> Option<Utf8PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut bytes = Vec::with_capacity(path.len());
    let mut at = 0;
    while at < path.len() {
        let hex = path.get(at + 1..at + 3).filter(|_| path.as_bytes()[at] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(hex.unwrap_or(path.as_bytes()[at]));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8(bytes).ok().map(Utf8PathBuf::from)
}

/// The `file:` URI of an absolute path.
pub(super) fn of_path(path: &Utf8Path) -> Option<Uri> {
    let mut uri = String::from("file://");
    for byte in path.as_str().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_there_and_back() {
        for path in ["/a/b.php", "/my ext/é 100%#?.sql"] {
            assert_eq!(to_path(&of_path(path.into()).unwrap()).as_deref(), Some(Utf8Path::new(path)));
        }
        let path = |uri: &str| to_path(&uri.parse().unwrap());
        assert_eq!(path("file://host/a%20b"), Some("/a b".into()));
        assert_eq!(path("untitled:Untitled-1"), None);
    }
}
