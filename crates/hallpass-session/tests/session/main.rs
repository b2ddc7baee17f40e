//! A session loads, uses, refreshes and saves; and loses nothing on the way.

mod clocks;
mod crowd;
mod elsewhere;
mod ended;
mod giving_up;
mod hooks;
mod limits;
mod lost;
mod own;
mod provider;
mod refused;
mod secrets;
mod support;
mod unsaved;
mod using;
mod windows;
mod without_async;
