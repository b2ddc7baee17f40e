//! The project's first page, compiled: what it shows has to work.
#![doc = include_str!("../../../README.md")]
