//! Parsing PHP and lowering it to [`ir`](super::ir). The only module that names the PHP parser's crates.
