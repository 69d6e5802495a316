//! The companion's inventory: what the ids in an extension's data mean.
