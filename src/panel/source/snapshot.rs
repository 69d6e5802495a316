//! Snapshot files: an inventory as lines of JSON.
