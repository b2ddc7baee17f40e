//! What runs in Node.js, on `wasm32-unknown-unknown`. `run.mjs` calls it.
#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]
#![feature(custom_test_frameworks, test)]
#![test_runner(crate::harness::keep)]
#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "only what is public is exported")]

mod fetch;
mod harness;
mod login;
mod page;
mod runtime;
mod sans_io;
