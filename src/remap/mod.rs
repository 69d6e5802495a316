//! Plan, apply, journal, verify, undo: an extension's data rewritten to the ids of a new panel state, all or nothing.
