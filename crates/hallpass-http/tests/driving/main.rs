//! The drivers, async and blocking, against scripted transports, signers and clocks.

mod cancelling;
mod order;
mod script;
mod signing;
mod threads;
mod twins;
