//! What is wrong with a map file.

use std::fmt;
use std::ops::Range;

use camino::Utf8PathBuf;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// How many things that are wrong are told; a map of another panel has as many as it has lines.
pub(super) const TOLD: usize = 20;

/// A map file that cannot be used. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: Utf8PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// It is larger than any map.
    #[error("{path}: is larger than any map ({size} bytes; at most {most} are read)")]
    TooLarge {
        /// The file.
        path: Utf8PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        most: u64,
    },
    /// It is not UTF-8.
    #[error("{path} is not UTF-8 text: the first wrong byte is byte {offset}")]
    Encoding {
        /// The file.
        path: Utf8PathBuf,
        /// The first byte that is not UTF-8, from 0.
        offset: usize,
    },
    /// What it says is wrong, or does not fit the inventories; in the order of the file.
    #[error("{} cannot be used{}", .source_code.name(), count(problems, *more))]
    Wrong {
        /// Its name and text.
        source_code: NamedSource<String>,
        /// What is wrong: the message, and the bytes of the text.
        problems: Vec<(String, Range<usize>)>,
        /// How many further things are wrong.
        more: usize,
    },
}

fn count(problems: &[(String, Range<usize>)], more: usize) -> String {
    match (problems.len(), more) {
        (1, 0) => String::new(),
        (told, 0) => format!(": {told} things are wrong in it"),
        (told, more) => format!(": {} things are wrong in it; these are the first {told}", told + more),
    }
}

impl Diagnostic for MapError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = match self {
            MapError::Unreadable { .. } => "check the path and its permissions; `reguid plan … --map-out FILE` writes a map",
            MapError::TooLarge { .. } => "leave out the pairs that you do not change: what a map does not name is matched by the rules",
            MapError::Encoding { .. } => "save it as UTF-8",
            MapError::Wrong { .. } => {
                "nothing was done; correct the map, or make it anew with the same inventories: reguid plan … --map-out FILE (its format: docs/map.md)"
            }
        };
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match self {
            MapError::Wrong { source_code, .. } => Some(source_code),
            _ => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        match self {
            MapError::Wrong { problems, .. } => {
                Some(Box::new(problems.iter().map(|(message, span)| LabeledSpan::new_with_span(Some(message.clone()), span.clone()))))
            }
            _ => None,
        }
    }
}
