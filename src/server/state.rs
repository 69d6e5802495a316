//! What the client has open, and what is found in its extensions.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, InitializeParams, Location, NumberOrString,
    PublishDiagnosticsParams, Range, Uri,
};

use super::position::Encoding;
use super::uri;
use crate::extension::package;
use crate::lint::load::{MANIFEST, Reading, lint_package};
use crate::lint::{Finding, Linted, Role, Settings, Severity};
use crate::report::error;

/// A document that the client has open: what counts is its text there.
struct Document {
    uri: Uri,
    version: i32,
    text: String,
}

/// Everything that the server knows.
pub(super) struct State {
    /// How the client counts.
    pub(super) encoding: Encoding,
    /// Whether the client makes files when it is asked to.
    pub(super) creates_files: bool,
    /// By path.
    documents: BTreeMap<Utf8PathBuf, Document>,
    /// What was found, by the extension's folder, or by the path of a file that is in none.
    linted: BTreeMap<Utf8PathBuf, Linted>,
    /// The extensions to be judged anew.
    dirty: BTreeSet<Utf8PathBuf>,
    /// The files that the client shows findings of, by extension.
    published: BTreeMap<Utf8PathBuf, BTreeSet<Utf8PathBuf>>,
}

/// What a judgment has for the client.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) published: Vec<PublishDiagnosticsParams>,
    pub(super) errors: Vec<String>,
}

impl State {
    /// Before anything is open; the extensions of the client's folders are to be judged.
    pub(super) fn new(params: &InitializeParams, encoding: Encoding) -> State {
        let edit = params.capabilities.workspace.as_ref().and_then(|w| w.workspace_edit.as_ref());
        let operations = edit.filter(|e| e.document_changes == Some(true)).and_then(|e| e.resource_operations.as_deref());
        let creates_files = operations.is_some_and(|o| o.contains(&lsp_types::ResourceOperationKind::Create));
        let folders = params.workspace_folders.iter().flatten().filter_map(|f| uri::to_path(&f.uri));
        let dirty = folders.flat_map(|folder| package::find_all(&folder).map(|all| all.packages).unwrap_or_default()).filter_map(|p| {
            let root = p.root()?;
            // A folder without an extension is none to be judged.
            root.join("meta.xml").is_file().then(|| root.canonicalize_utf8().ok()).flatten()
        });
        let dirty = dirty.collect();
        let (documents, linted, published) = Default::default();
        State { encoding, creates_files, documents, linted, dirty, published }
    }

    pub(super) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    pub(super) fn open(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        self.put(Document { uri: document.uri, version: document.version, text: document.text });
    }

    pub(super) fn change(&mut self, mut params: DidChangeTextDocumentParams) {
        // Whole texts were asked for; the last one counts.
        if let Some(change) = params.content_changes.pop() {
            let document = params.text_document;
            self.put(Document { uri: document.uri, version: document.version, text: change.text });
        }
    }

    pub(super) fn close(&mut self, params: &DidCloseTextDocumentParams) {
        if let Some(path) = uri::to_path(&params.text_document.uri) {
            self.documents.remove(&path);
            self.touch(&path);
        }
    }

    pub(super) fn saved(&mut self, params: &DidSaveTextDocumentParams) {
        if let Some(path) = uri::to_path(&params.text_document.uri) {
            self.touch(&path);
        }
    }

    pub(super) fn changed_on_disk(&mut self, params: &DidChangeWatchedFilesParams) {
        for path in params.changes.iter().filter_map(|change| uri::to_path(&change.uri)) {
            self.touch(&path);
        }
    }

    fn put(&mut self, document: Document) {
        if let Some(path) = uri::to_path(&document.uri) {
            self.documents.insert(path.clone(), document);
            self.touch(&path);
        }
    }

    fn touch(&mut self, path: &Utf8Path) {
        self.dirty.insert(home(path));
    }

    /// Judges the extensions that changed.
    pub(super) fn judge(&mut self) -> Judged {
        let mut judged = Judged::default();
        for home in std::mem::take(&mut self.dirty) {
            let lint = catch_unwind(AssertUnwindSafe(|| self.lint(&home)));
            let mut by_file: BTreeMap<Utf8PathBuf, Vec<Diagnostic>> = BTreeMap::new();
            match lint {
                Ok(Ok(Some(linted))) => {
                    for finding in linted.findings.iter().filter(|f| f.counts()) {
                        if let Some((path, diagnostic)) = self.diagnostic(&home, &linted, finding) {
                            by_file.entry(path).or_default().push(diagnostic);
                        }
                    }
                    self.linted.insert(home.clone(), linted);
                }
                Ok(Ok(None)) => drop(self.linted.remove(&home)),
                Ok(Err(report)) => {
                    // A wrong manifest, most of the time: it is told where the author looks.
                    let message = error::text(&report);
                    let manifest = home.join(MANIFEST);
                    if manifest.is_file() || self.documents.contains_key(&manifest) {
                        let severity = Some(DiagnosticSeverity::ERROR);
                        let source = Some("reguid".to_owned());
                        let diagnostic = Diagnostic { range: Range::default(), severity, source, message, ..Diagnostic::default() };
                        by_file.entry(manifest).or_default().push(diagnostic);
                    } else {
                        judged.errors.push(message);
                    }
                    self.linted.remove(&home);
                }
                Err(_) => judged.errors.push(format!("{home} could not be judged: please report this")),
            }
            let shown: BTreeSet<Utf8PathBuf> = by_file.keys().cloned().collect();
            let before = self.published.insert(home, shown.clone()).unwrap_or_default();
            // What was shown of a file that has nothing now is taken back.
            by_file.extend(before.into_iter().filter(|path| !shown.contains(path)).map(|path| (path, Vec::new())));
            judged.published.extend(by_file.into_iter().filter_map(|(path, diagnostics)| {
                let version = self.documents.get(&path).map(|d| d.version);
                Some(PublishDiagnosticsParams { uri: self.uri(&path)?, diagnostics, version })
            }));
        }
        judged
    }

    /// What is found at a place that is an extension's folder or a file; `None`: there is nothing to be judged any more.
    fn lint(&self, home: &Utf8Path) -> miette::Result<Option<Linted>> {
        let settings = Settings { fixes: true, ..Settings::default() };
        let package = if home.is_dir() {
            let mut package = package::find(home)?;
            for (path, document) in self.documents.range(home.to_owned()..) {
                let Ok(inside) = path.strip_prefix(home) else { break };
                package.put(inside.to_owned(), Some(document.text.clone().into_bytes()));
            }
            package
        } else {
            // A file that is in no extension, and of a kind that says nothing, is none of ours.
            let Some(document) = self.documents.get(home) else { return Ok(None) };
            match package::of_file(home, document.text.clone().into_bytes()) {
                Ok(package) => package,
                Err(_) => return Ok(None),
            }
        };
        lint_package(&package, Reading::default(), &settings).map(Some)
    }

    /// A finding as the client shows it, with the file that it stands in.
    fn diagnostic(&self, home: &Utf8Path, linted: &Linted, finding: &Finding) -> Option<(Utf8PathBuf, Diagnostic)> {
        let primary = finding.locations.first()?;
        let file = linted.extension.file(primary.span.file);
        if file.schema {
            return None; // A database has no lines that an editor could show.
        }
        let related = finding.locations.iter().filter(|l| l.role == Role::Related).filter_map(|l| {
            let file = linted.extension.file(l.span.file);
            let uri = self.uri(&absolute(home, &file.path)).filter(|_| !file.schema)?;
            Some(DiagnosticRelatedInformation {
                location: Location { uri, range: self.encoding.span(file, l.span) },
                message: l.label.clone(),
            })
        });
        let related: Vec<DiagnosticRelatedInformation> = related.collect();
        let severity = match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        };
        let diagnostic = Diagnostic {
            range: self.encoding.span(file, primary.span),
            severity: Some(severity),
            code: Some(NumberOrString::String(finding.rule.to_owned())),
            source: Some("reguid".to_owned()),
            message: format!("{}\n{}", finding.message, finding.help),
            related_information: (!related.is_empty()).then_some(related),
            tags: (finding.rule == "unused-suppression").then(|| vec![DiagnosticTag::UNNECESSARY]),
            data: Some(finding.fingerprint.clone().into()),
            ..Diagnostic::default()
        };
        Some((absolute(home, &file.path), diagnostic))
    }

    /// What is found in the extension of a document, with the document's path in it and the extension's folder.
    pub(super) fn at(&self, uri: &Uri) -> Option<(&Linted, Utf8PathBuf, Utf8PathBuf)> {
        let path = uri::to_path(uri)?;
        let home = home(&path);
        let linted = self.linted.get(&home)?;
        let inside = path.strip_prefix(&home).ok().filter(|p| !p.as_str().is_empty()).map(Utf8Path::to_owned);
        Some((linted, inside.or_else(|| path.file_name().map(Utf8PathBuf::from))?, home))
    }

    /// The diagnostic of a finding, as it was published.
    pub(super) fn shown(&self, home: &Utf8Path, linted: &Linted, finding: &Finding) -> Option<Diagnostic> {
        self.diagnostic(home, linted, finding).map(|(_, diagnostic)| diagnostic)
    }

    /// A file's URI, as the client writes it, if it has it open.
    pub(super) fn uri(&self, path: &Utf8Path) -> Option<Uri> {
        self.documents.get(path).map(|d| d.uri.clone()).or_else(|| uri::of_path(path))
    }

    /// The version of a file that the client has open.
    pub(super) fn version(&self, path: &Utf8Path) -> Option<i32> {
        self.documents.get(path).map(|d| d.version)
    }
}

/// A file of what was judged at `home`.
pub(super) fn absolute(home: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    // A file alone is its own home.
    if home.file_name() == Some(path.as_str()) && !home.is_dir() { home.to_owned() } else { home.join(path) }
}

/// The folder of the extension that a file belongs to; the file itself, where it is in none.
fn home(path: &Utf8Path) -> Utf8PathBuf {
    let root = package::above(path).and_then(|root| root.canonicalize_utf8().ok());
    // The path as the client has it: its folders may be links.
    let folder =
        root.and_then(|root| path.ancestors().skip(1).find(|f| f.canonicalize_utf8().is_ok_and(|c| c == root)).map(Utf8Path::to_owned));
    folder.unwrap_or_else(|| path.to_owned())
}
