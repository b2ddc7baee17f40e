//! What a holder is told to do, line by line.

use std::future;
use std::io;
use std::process;
use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::clock::Clock;
use super::gate::Gate;
use crate::worker::say;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Ask for tokens.
    Use,
    /// Ask for others than the last.
    Refuse,
    /// The same until the session is over.
    Rotate,
}

/// The orders that come. Those for the gate and the clock are carried out as they come, whatever else goes on, and the process
/// ends with its input.
pub(super) struct Orders(UnboundedReceiver<Order>);

impl Orders {
    pub(super) fn read(gate: Arc<Gate>, clock: Clock) -> Orders {
        let (told, orders) = mpsc::unbounded_channel();
        thread::spawn(move || {
            for line in io::stdin().lines().map_while(Result::ok) {
                let order = match line.split_once(' ') {
                    None if line == "use" => Some(Order::Use),
                    None if line == "refuse" => Some(Order::Refuse),
                    None if line == "rotate" => Some(Order::Rotate),
                    None if line == "go" => {
                        gate.go();
                        None
                    }
                    Some(("jump", seconds)) => {
                        clock.jump(seconds.parse().unwrap_or_default());
                        say("jumped");
                        None
                    }
                    _ => process::exit(2),
                };
                if order.is_some_and(|order| told.send(order).is_err()) {
                    break;
                }
            }
            process::exit(0);
        });
        Orders(orders)
    }

    pub(super) async fn next(&mut self) -> Order {
        match self.0.recv().await {
            Some(order) => order,
            // The process is about to end.
            None => future::pending().await,
        }
    }
}
