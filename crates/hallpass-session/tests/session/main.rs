//! A session loads, uses, refreshes and saves; and loses nothing on the way.

mod crowd;
mod ended;
mod lost;
mod own;
mod support;
mod unsaved;
mod using;
