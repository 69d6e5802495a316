//! Finding an extension: a folder, a `.zip` package, or a single file.

use std::collections::BTreeMap;
use std::io::Read;

use camino::{Utf8Path, Utf8PathBuf};

use super::Unreadable;
use super::archive::Archive;
use super::error::LoadError;
use super::kind::{self, FileKind};
use super::{meta, walk};

/// How much of a file is read to tell what it is.
const HEAD: u64 = 64;

/// The largest file that [`Package::file`] gives.
const MAX_SMALL_FILE: u64 = 1 << 20;

/// Something that can be read as an extension. Found, but not read yet.
#[derive(Debug)]
pub struct Package {
    input: Utf8PathBuf,
    content: Content,
    /// Files as they are to be seen, whatever is on disk: their bytes, or `None` where they are to be seen as gone.
    overlay: BTreeMap<Utf8PathBuf, Option<Vec<u8>>>,
}

#[derive(Debug)]
enum Content {
    Folder {
        root: Utf8PathBuf,
    },
    Archive {
        archive: Archive,
        prefix: Utf8PathBuf,
    },
    File {
        kind: FileKind,
        /// The folder of the extension that it belongs to, and its path in there.
        within: Option<(Utf8PathBuf, Utf8PathBuf)>,
    },
}

/// Finds what stands at `input`: an extension's folder, its package, a `.sql` or `.php` file or a SQLite database. Archives and databases are
/// told by their bytes, not by their names.
///
/// The root of an extension is the folder that holds `meta.xml`: `input` itself, or the shallowest one below it.
///
/// # Errors
/// [`LoadError::Missing`], [`LoadError::Io`], [`LoadError::Archive`], [`LoadError::UnknownKind`].
pub fn find(input: &Utf8Path) -> Result<Package, LoadError> {
    let fail = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => LoadError::Missing { path: input.to_owned() },
        _ => LoadError::Io { path: input.to_owned(), source },
    };
    // The error names the path already, so the plain one of the standard library is wanted.
    let metadata = std::fs::metadata(input).map_err(fail)?;
    let content = if metadata.is_dir() {
        std::fs::read_dir(input).map_err(fail)?;
        Content::Folder { root: walk::root(input) }
    } else if !metadata.is_file() {
        // To open a pipe would wait for somebody to write to it.
        return Err(LoadError::UnknownKind { path: input.to_owned() });
    } else {
        let mut file = std::fs::File::open(input).map_err(fail)?;
        let mut head = Vec::new();
        (&mut file).take(HEAD).read_to_end(&mut head).map_err(fail)?;
        if kind::is_zip(&head) {
            return of_zip(input, std::fs::read(input).map_err(fail)?);
        }
        let kind = kind::by_head(input, &head).ok_or_else(|| LoadError::UnknownKind { path: input.to_owned() })?;
        Content::File { kind, within: within(input) }
    };
    Ok(Package { input: input.to_owned(), content, overlay: BTreeMap::new() })
}

/// What stands at or below a path.
#[derive(Debug)]
pub struct All {
    /// The extensions.
    pub packages: Vec<Package>,
    /// Copies that are left out, as a build leaves them: each with the extension whose `<id>` it has.
    pub copies: Vec<(Utf8PathBuf, Utf8PathBuf)>,
}

/// All extensions at or below `input`: one, unless `input` is a folder without a `meta.xml` of its own with several extensions below it. Copies, which have
/// the same `<id>`, are left out but for the shallowest.
///
/// # Errors
/// As [`find`].
pub fn find_all(input: &Utf8Path) -> Result<All, LoadError> {
    let first = find(input)?;
    let alone = |package: Package, copies| Ok(All { packages: vec![package], copies });
    let Content::Folder { root } = &first.content else { return alone(first, Vec::new()) };
    if root == input {
        return alone(first, Vec::new());
    }
    let of_root = |root: Utf8PathBuf| Package { input: root.clone(), content: Content::Folder { root }, overlay: BTreeMap::new() };
    let mut roots = Vec::new();
    let mut copies = Vec::new();
    let mut ids: BTreeMap<String, Utf8PathBuf> = BTreeMap::new();
    for root in walk::roots(input) {
        let id = std::fs::read(root.join("meta.xml")).ok().and_then(|bytes| meta::read(&bytes).id);
        match id.as_ref().and_then(|id| ids.get(id)) {
            Some(original) => copies.push((root, original.clone())),
            None => {
                ids.extend(id.map(|id| (id, root.clone())));
                roots.push(root);
            }
        }
    }
    if roots.len() < 2 { alone(first, copies) } else { Ok(All { packages: roots.into_iter().map(of_root).collect(), copies }) }
}

/// A single file of these bytes that need not be on disk. `name` tells what it is.
///
/// # Errors
/// [`LoadError::UnknownKind`].
pub fn of_file(name: &Utf8Path, bytes: Vec<u8>) -> Result<Package, LoadError> {
    let head = &bytes[..bytes.len().min(usize::try_from(HEAD).unwrap_or(usize::MAX))];
    let kind = kind::by_head(name, head).ok_or_else(|| LoadError::UnknownKind { path: name.to_owned() })?;
    let mut package = Package { input: name.to_owned(), content: Content::File { kind, within: None }, overlay: BTreeMap::new() };
    package.put(name.file_name().unwrap_or(name.as_str()).into(), Some(bytes));
    Ok(package)
}

/// The extension that the file at `path` belongs to, and its path in there.
fn within(path: &Utf8Path) -> Option<(Utf8PathBuf, Utf8PathBuf)> {
    let root = above(path)?;
    let inside = path.canonicalize_utf8().ok()?.strip_prefix(root.canonicalize_utf8().ok()?).ok()?.to_owned();
    Some((root, inside))
}

/// The extension that a folder lies in: its folder, and the path in there. `None` for what is no folder, is in no extension, is or holds one itself, or
/// has a `reguid.toml` of its own, as a var directory may.
#[must_use]
pub fn around(folder: &Utf8Path) -> Option<(Utf8PathBuf, Utf8PathBuf)> {
    if !folder.is_dir() || folder.join("reguid.toml").is_file() || !walk::roots(folder).is_empty() {
        return None;
    }
    // The name of a file in it, as the nearest folder above that file is looked for.
    let root = above(&folder.join("meta.xml"))?;
    let inside = folder.canonicalize_utf8().ok()?.strip_prefix(root.canonicalize_utf8().ok()?).ok()?.to_owned();
    Some((root, inside))
}

/// The folder of the extension that the file at `path` belongs to: the nearest one above it that holds an extension's `meta.xml`.
#[must_use]
pub fn above(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let folder = path.parent()?;
    let folder = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    let absolute = folder.canonicalize_utf8().ok()?;
    let depth = absolute.ancestors().position(walk::is_extension)?;
    absolute.ancestors().nth(depth).map(nearby)
}

/// Whether a folder is the root of an extension.
#[must_use]
pub fn is_extension(folder: &Utf8Path) -> bool {
    walk::is_extension(folder)
}

/// A folder from the current one, where that is possible without going up: messages then name files as a person would.
#[must_use]
pub fn nearby(folder: &Utf8Path) -> Utf8PathBuf {
    let here = std::env::current_dir().ok().and_then(|f| Utf8PathBuf::from_path_buf(f).ok()?.canonicalize_utf8().ok());
    let relative = here.and_then(|here| folder.strip_prefix(here).ok().map(Utf8Path::to_owned));
    relative.map_or_else(|| folder.to_owned(), |r| if r.as_str().is_empty() { ".".into() } else { r })
}

/// The package whose bytes are `zip`. `input` is the path that errors name; nothing is read from there.
///
/// # Errors
/// [`LoadError::Archive`].
pub fn of_zip(input: &Utf8Path, zip: Vec<u8>) -> Result<Package, LoadError> {
    let archive = Archive::open(input, zip)?;
    let prefix = archive_root(&archive);
    Ok(Package { input: input.to_owned(), content: Content::Archive { archive, prefix }, overlay: BTreeMap::new() })
}

/// The folder of the shallowest `meta.xml` of an archive.
fn archive_root(archive: &Archive) -> Utf8PathBuf {
    let mut roots: Vec<&Utf8Path> = Vec::new();
    for (i, entry) in archive.entries.iter().enumerate() {
        if entry.path.file_name() == Some("meta.xml") {
            let folder = entry.path.parent().unwrap_or(Utf8Path::new(""));
            if folder.as_str().is_empty() || archive.read(i, HEAD * 1024).is_ok_and(|(bytes, _)| walk::is_meta(&bytes)) {
                roots.push(folder);
            }
        }
    }
    let key = |folder: &&&Utf8Path| (folder.components().count(), folder.file_name() != Some("src"), folder.as_str().to_owned());
    roots.iter().min_by_key(key).map_or_else(Utf8PathBuf::new, |folder| (*folder).to_owned())
}

/// A file of a package that may be read.
#[derive(Debug)]
pub(super) struct Listed {
    /// Relative to the root.
    pub(super) path: Utf8PathBuf,
    /// Its number in the archive.
    entry: Option<usize>,
}

impl Package {
    /// The path that it was found at, as given.
    #[must_use]
    pub fn input(&self) -> &Utf8Path {
        &self.input
    }

    /// The root on disk, of a folder.
    #[must_use]
    pub fn root(&self) -> Option<&Utf8Path> {
        if let Content::Folder { root } = &self.content { Some(root) } else { None }
    }

    /// The folder on disk that its files may be written to: the root, or where a single file lies. `None` for an archive.
    #[must_use]
    pub fn folder(&self) -> Option<&Utf8Path> {
        match &self.content {
            Content::Folder { root } => Some(root),
            Content::File { .. } => Some(self.input.parent().unwrap_or(Utf8Path::new(""))),
            Content::Archive { .. } => None,
        }
    }

    /// Shows a file, whose path is relative to the root, with other bytes than it has on disk; with `None` as if it were gone.
    pub fn put(&mut self, path: Utf8PathBuf, bytes: Option<Vec<u8>>) {
        self.overlay.insert(path, bytes);
    }

    /// The folder of the extension that a single file belongs to.
    #[must_use]
    pub fn enclosing(&self) -> Option<&Utf8Path> {
        if let Content::File { within: Some((root, _)), .. } = &self.content { Some(root) } else { None }
    }

    /// The path of a single file in the extension that it belongs to.
    #[must_use]
    pub fn place(&self) -> Option<&Utf8Path> {
        if let Content::File { within: Some((_, path)), .. } = &self.content { Some(path) } else { None }
    }

    /// The kind of a single file.
    pub(super) fn single(&self) -> Option<FileKind> {
        if let Content::File { kind, .. } = self.content { Some(kind) } else { None }
    }

    /// The bytes of a small file at the root, such as `reguid.toml`. `None` when there is none (for a single file: never any).
    ///
    /// # Errors
    /// [`LoadError::Io`], [`LoadError::Archive`], [`LoadError::TooLarge`].
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>, LoadError> {
        if let Some(bytes) = self.overlay.get(Utf8Path::new(name)) {
            return Ok(bytes.clone());
        }
        match &self.content {
            Content::Folder { root } => {
                let path = root.join(name);
                match std::fs::metadata(&path) {
                    Ok(m) if m.len() > MAX_SMALL_FILE => Err(LoadError::TooLarge { path, size: m.len(), limit: MAX_SMALL_FILE }),
                    Ok(m) if m.is_file() => std::fs::read(&path).map(Some).map_err(|source| LoadError::Io { path, source }),
                    Ok(_) => Ok(None),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
                    Err(source) => Err(LoadError::Io { path, source }),
                }
            }
            Content::Archive { archive, prefix } => {
                let path = prefix.join(name);
                let Some(entry) = archive.find(&path) else { return Ok(None) };
                match archive.read(entry, MAX_SMALL_FILE) {
                    Ok((_, true)) => Err(LoadError::TooLarge { path, size: MAX_SMALL_FILE + 1, limit: MAX_SMALL_FILE }),
                    Ok((bytes, false)) => Ok(Some(bytes)),
                    Err(reason) => Err(LoadError::Archive { path: self.input.clone(), reason: format!("`{path}`: {reason}") }),
                }
            }
            Content::File { .. } => Ok(None),
        }
    }

    /// Whether there are files below a folder, whose path is relative to the root, that would be read if nothing left them out.
    #[must_use]
    pub fn is_anything_below(&self, folder: &Utf8Path) -> bool {
        self.list().0.iter().any(|file| file.path.starts_with(folder) && kind::by_name(&file.path).is_some())
    }

    /// All files, ordered by path, and what could not be listed.
    pub(super) fn list(&self) -> (Vec<Listed>, Vec<Unreadable>) {
        let (mut listed, mut unreadable) = self.list_content();
        if !self.overlay.is_empty() {
            listed.retain(|f| !self.overlay.contains_key(&f.path));
            listed.extend(self.overlay.iter().filter(|(_, b)| b.is_some()).map(|(path, _)| Listed { path: path.clone(), entry: None }));
            listed.sort_by(|a, b| a.path.cmp(&b.path));
            unreadable.retain(|u| !self.overlay.contains_key(&u.path));
        }
        (listed, unreadable)
    }

    fn list_content(&self) -> (Vec<Listed>, Vec<Unreadable>) {
        match &self.content {
            Content::Folder { root } => {
                let (files, unreadable) = walk::files(root);
                (files.into_iter().map(|path| Listed { path, entry: None }).collect(), unreadable)
            }
            Content::Archive { archive, prefix } => {
                let below = |path: &Utf8Path| path.strip_prefix(prefix).map(Utf8Path::to_owned).ok();
                let entries = archive.entries.iter().enumerate();
                let listed = entries.filter_map(|(i, e)| Some(Listed { path: below(&e.path)?, entry: Some(i) })).collect();
                // A refused entry is named whatever it would have unpacked to.
                let unreadable = archive.refused.iter().map(|(path, reason)| Unreadable {
                    path: below(path).unwrap_or_else(|| path.clone()),
                    span: None,
                    reason: reason.clone(),
                });
                (listed, unreadable.collect())
            }
            Content::File { .. } => {
                let name = self.input.file_name().unwrap_or(self.input.as_str());
                (vec![Listed { path: name.into(), entry: None }], Vec::new())
            }
        }
    }

    /// The path of a listed file on disk.
    pub(super) fn on_disk(&self, file: &Listed) -> Option<Utf8PathBuf> {
        if self.overlay.contains_key(&file.path) {
            return None;
        }
        match &self.content {
            Content::Folder { root } => Some(root.join(&file.path)),
            Content::Archive { .. } => None,
            Content::File { .. } => Some(self.input.clone()),
        }
    }

    /// The first `limit` bytes of a listed file, and whether there are more.
    ///
    /// # Errors
    /// Why it cannot be read, for a person.
    pub(super) fn read(&self, file: &Listed, limit: u64) -> Result<(Vec<u8>, bool), String> {
        if let Some(bytes) = self.overlay.get(&file.path) {
            let bytes = bytes.as_ref().ok_or("it is gone")?;
            let length = bytes.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok((bytes[..length].to_vec(), length < bytes.len()));
        }
        if let (Content::Archive { archive, .. }, Some(entry)) = (&self.content, file.entry) {
            return archive.read(entry, limit);
        }
        let path = self.on_disk(file).unwrap_or_else(|| file.path.clone());
        read_start(&path, limit).map_err(|e| format!("it cannot be read: {e}"))
    }

    /// The first bytes of a listed file, enough to tell its kind, and whether there are more.
    ///
    /// # Errors
    /// As [`Package::read`].
    pub(super) fn head(&self, file: &Listed) -> Result<(Vec<u8>, bool), String> {
        self.read(file, HEAD)
    }

    /// The bytes of the file beside a listed one whose name has `suffix` appended, from an archive.
    pub(super) fn beside(&self, file: &Listed, suffix: &str, limit: u64) -> Option<Vec<u8>> {
        let Content::Archive { archive, prefix } = &self.content else { return None };
        let entry = archive.find(&prefix.join(format!("{}{suffix}", file.path)))?;
        archive.read(entry, limit).ok().and_then(|(bytes, more)| (!more).then_some(bytes))
    }
}

/// The first `limit` bytes of a file, and whether there are more.
fn read_start(path: &Utf8Path, limit: u64) -> std::io::Result<(Vec<u8>, bool)> {
    let file = std::fs::File::open(path)?;
    let wanted = limit.saturating_add(1);
    // Room for all of it, so that it is read in one go.
    let size = file.metadata().map_or(0, |m| m.len());
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(wanted)).unwrap_or(0));
    file.take(wanted).read_to_end(&mut bytes)?;
    let more = bytes.len() as u64 > limit;
    bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((bytes, more))
}
