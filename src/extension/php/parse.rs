//! Parsing PHP and lowering it to [`ir`](super::ir). The only module that names the PHP parser's crates.

use super::ir::Script;
use crate::extension::source::FileId;

/// Placeholder until the lowering is merged.
#[must_use]
pub fn parse(file: FileId, _bytes: &[u8]) -> Script {
    Script {
        file,
        exprs: Vec::new(),
        lists: Vec::new(),
        args: Vec::new(),
        elements: Vec::new(),
        functions: Vec::new(),
        classes: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
        parts: Vec::new(),
        pool: Vec::new(),
    }
}
