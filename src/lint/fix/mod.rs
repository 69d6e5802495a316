//! How findings are mended: edits of the extension's files, entries of its manifest, or a patch that a person has to fit in.

mod apply;
mod comment;
mod converge;
mod declare;
mod guid;
mod signature;

pub use apply::{apply, conflict};
pub use converge::{Converged, FixError, MOST_ROUNDS, Which, converge};

pub(crate) use comment::{directive_at, remove_entry, remove_from_comment, rename_rule};
pub(crate) use declare::declare;
pub(crate) use guid::keep_guid;
pub(crate) use signature::{Call, Head, same};

use std::ops::Range;

use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::Serialize;

use crate::reference::manifest::merge::Proposal;

/// One way to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words: `remove this suppression`.
    pub title: String,
    /// Who may apply it.
    pub safety: Safety,
    /// What changes.
    pub change: Change,
}

/// Who may apply a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// A program: it changes nothing but what the finding is about. `--fix` does.
    Safe,
    /// A program, when a person looks at the result: it may be meant otherwise. `--fix --unsafe-fixes` does.
    Unsafe,
    /// A person alone: it shows what is to be written, and where it goes depends on the code around.
    DisplayOnly,
}

/// What a fix changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Pieces of files, which do not overlap. All of them, or none.
    Edits(Vec<Edit>),
    /// An entry of the manifest is added. `edit` is what that alone would be; several are merged.
    Declare {
        /// The entry.
        proposal: Box<Proposal>,
        /// The manifest's change, if this entry alone were added.
        edit: Edit,
    },
    /// Nothing by itself: a text to be shown.
    Show(String),
}

/// A piece of a file that becomes another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the extension's root. Where there is none, it is made.
    pub path: Utf8PathBuf,
    /// The bytes that go.
    pub range: Range<usize>,
    /// What stands there instead.
    pub text: String,
}

impl Fix {
    /// The edits that it makes, if it were applied alone; none where a person has to write them.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        match &self.change {
            Change::Edits(edits) => edits,
            Change::Declare { edit, .. } => std::slice::from_ref(edit),
            Change::Show(_) => &[],
        }
    }

    /// The text that it shows, where that is all that it does.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        if let Change::Show(text) = &self.change { Some(text) } else { None }
    }
}

/// The one piece in which two texts differ, as an edit of the first.
fn difference(path: &str, before: &str, after: &str) -> Edit {
    let start = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    // Not within a character.
    let start = (0..=start).rev().find(|at| before.is_char_boundary(*at) && after.is_char_boundary(*at)).unwrap_or(0);
    let (old, new) = (&before[start..], &after[start..]);
    let same = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count();
    let boundary = |same: &usize| old.is_char_boundary(old.len() - same) && new.is_char_boundary(new.len() - same);
    let end = (0..=same).rev().find(boundary).unwrap_or(0);
    Edit { path: path.into(), range: start..start + old.len() - end, text: new[..new.len() - end].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_of_two_texts_turns_one_into_the_other() {
        for (before, after) in [
            ("", "a"),
            ("a", ""),
            ("one two", "one three two"),
            ("aaa", "aa"),
            ("é", "è"),
            ("x é y", "x èé y"),
            ("same", "same"),
            ("abab", "ab"),
        ] {
            let edit = difference("f", before, after);
            let mut text = before.to_owned();
            text.replace_range(edit.range.clone(), &edit.text);
            assert_eq!(text, after, "{before} {edit:?}");
        }
    }
}
