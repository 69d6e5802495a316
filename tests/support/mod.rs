//! What the integration tests share.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

pub mod browser;
pub mod cli;
pub mod tools;
