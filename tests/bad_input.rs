//! Bad input over the real binary: every piece of it gets one clear error that names the thing and the next step, and every file stays as it was.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used, unreachable_pub)]

#[path = "support/mod.rs"]
mod support;

#[path = "bad_input/databases.rs"]
mod databases;
#[path = "bad_input/disk.rs"]
mod disk;
#[path = "bad_input/dumps.rs"]
mod dumps;
#[path = "bad_input/extensions.rs"]
mod extensions;
#[path = "bad_input/large.rs"]
mod large;
#[path = "bad_input/manifests.rs"]
mod manifests;
#[path = "bad_input/paths.rs"]
mod paths;
#[path = "bad_input/records.rs"]
mod records;
#[path = "bad_input/values.rs"]
mod values;
#[path = "bad_input/world.rs"]
mod world;
