//! Extensions and discoveries for the tests of lint and of its reports.

use crate::discover::{Discovery, Sighting};
use crate::extension::Extension;
use crate::extension::php::parse::parse;
use crate::extension::source::{FileId, SourceFile, Span};
use crate::lint::{Linted, Settings, lint, lint_as};
use crate::reference::manifest::Manifest;
use crate::reference::{Confidence, Encoding, Evidence, EvidenceClass, Place, Reference};

/// A table with an id column.
pub(crate) const DDL: &str = "CREATE TABLE apps (\n    id INTEGER PRIMARY KEY,\n    domain_id INTEGER NOT NULL\n);\n";

/// An extension of one `.sql` file.
pub(crate) fn extension(sql: &str) -> Extension {
    files(&[("db/schema.sql", sql.as_bytes())])
}

/// An extension of these files.
pub(crate) fn files(files: &[(&str, &[u8])]) -> Extension {
    let files = files.iter().map(|(path, bytes)| SourceFile::new((*path).into(), bytes.to_vec())).collect();
    Extension { input: "ext".into(), files, ..Extension::default() }
}

/// `apps.domain_id`, seen in the first file at its first `domain_id`, or at its start.
pub(crate) fn column(confidence: Confidence) -> Discovery {
    Discovery {
        reference: Reference {
            place: Place::Column { table: "apps".into(), column: "domain_id".into(), path: None },
            kinds: vec!["domain".parse().unwrap()],
            encoding: Encoding::Integer,
            evidence: vec![Evidence { class: EvidenceClass::Name, text: "the name `domain_id`".into() }],
            confidence,
            twin: None,
        },
        database: None,
        forms: Vec::new(),
        coded: false,
        sightings: vec![Sighting { span: Span::new(FileId(0), 52, 61), label: "declared here".into() }],
    }
}

/// The first `word` in file `file` of `extension`.
pub(crate) fn spot(extension: &Extension, file: u32, word: &str) -> Span {
    let bytes = &extension.file(FileId(file)).bytes;
    let start = memchr::memmem::find(bytes, word.as_bytes()).unwrap();
    Span::new(FileId(file), u32::try_from(start).unwrap(), u32::try_from(start + word.len()).unwrap())
}

/// Lints, showing everything, with a manifest if `manifest` is not empty.
pub(crate) fn lint_with(extension: Extension, discoveries: &[Discovery], manifest: &str) -> Linted {
    let manifest = (!manifest.is_empty()).then(|| Manifest::parse("reguid.toml".into(), manifest).unwrap());
    lint(extension, discoveries, manifest.as_ref(), Confidence::Possible)
}

/// Lints one PHP file by one rule, with fixes.
pub(crate) fn lint_php(rule: &str, code: &str) -> Linted {
    let mut extension = files(&[("plib/Example.php", code.as_bytes())]);
    extension.root = Some("ext".into());
    extension.scripts = vec![parse(FileId(0), code.as_bytes())];
    let discoveries = crate::discover::discover(&extension);
    let settings = Settings { fixes: true, min_confidence: Some(Confidence::Possible), ..Settings::default() };
    let mut linted = lint_as(extension, &discoveries, None, &settings);
    linted.findings.retain(|f| f.rule == rule);
    linted
}

/// What one rule says of one PHP file: the message of each finding.
pub(crate) fn messages(rule: &str, code: &str) -> Vec<String> {
    lint_php(rule, code).findings.into_iter().map(|f| f.message).collect()
}
