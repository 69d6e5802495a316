//! What is wrong with a manifest.

use std::fmt;
use std::ops::Range;

use camino::Utf8PathBuf;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read. The message names it.
    #[error(transparent)]
    Io(std::io::Error),
    /// It is not UTF-8.
    #[error("{path} is not UTF-8 text: the first wrong byte is byte {offset}")]
    Encoding {
        /// Its path.
        path: Utf8PathBuf,
        /// The first byte that is not UTF-8, from 0.
        offset: usize,
    },
    /// What it says is wrong; all of it, in the order of the file.
    #[error("{}", headline(.source_code.name(), .problems))]
    Wrong {
        /// Its name and text.
        source_code: NamedSource<String>,
        /// What is wrong.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub message: String,
    /// Where: bytes of the text.
    pub span: Range<usize>,
}

fn headline(name: &str, problems: &[Problem]) -> String {
    match problems {
        [_] => format!("{name} cannot be used"),
        _ => format!("{name} cannot be used: {} things are wrong in it", problems.len()),
    }
}

impl Diagnostic for ManifestError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            ManifestError::Io(_) => Some(Box::new("check the path and its permissions; `reguid references --write` writes a manifest")),
            ManifestError::Encoding { .. } => Some(Box::new("save it as UTF-8")),
            ManifestError::Wrong { .. } => Some(Box::new("nothing was done; correct the manifest and run the command again")),
        }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match self {
            ManifestError::Wrong { source_code, .. } => Some(source_code),
            _ => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        match self {
            ManifestError::Wrong { problems, .. } => {
                Some(Box::new(problems.iter().map(|p| LabeledSpan::new_with_span(Some(p.message.clone()), p.span.clone()))))
            }
            _ => None,
        }
    }
}
