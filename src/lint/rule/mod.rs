//! One file a rule. `build.rs` lists the files of this folder: a new rule needs this folder's file and its page in `rules/`.
