//! The two loops do the same.

use std::error::Error as _;

use hallpass_grant::{Error, Lost};
use hallpass_http::{blocking, drive};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::script::{Ask, Event, Failure, Play, World};

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        6 => Just(Ask::Send),
        3 => Just(Ask::Sign),
        3 => (-10i64..100).prop_map(Ask::Wait),
        1 => Just(Ask::Done),
        1 => prop_oneof![Just(Failure::Transport), Just(Failure::InDoubt), Just(Failure::Misuse)].prop_map(Ask::Fail),
    ]
}

/// What the world does with each ask, in case it comes to that.
fn event(ask: &Ask, chance: u16) -> Option<Event> {
    match (ask, chance % 4) {
        (Ask::Send, 0) => Some(Event::Lost(Lost::NotSent)),
        (Ask::Send, 1) => Some(Event::Lost(Lost::MaybeSent)),
        (Ask::Send, _) => Some(Event::Answered(200 + chance % 400)),
        (Ask::Sign, 0) => Some(Event::NotSigned),
        (Ask::Sign, _) => Some(Event::Signed),
        (Ask::Wait(_) | Ask::Done | Ask::Fail(_), _) => None,
    }
}

fn told(outcome: Result<&'static str, Error>) -> String {
    match outcome {
        Ok(done) => done.to_owned(),
        Err(error) => format!(
            "{error} {error:?} {:?}",
            error.source().map(ToString::to_string)
        ),
    }
}

proptest! {
    #[test]
    fn the_async_and_the_blocking_driver_leave_the_same_trace(script in vec((ask(), any::<u16>()), 0..12)) {
        let asks: Vec<Ask> = script.iter().map(|(ask, _)| *ask).collect();
        let world = || World::new(script.iter().filter_map(|(ask, chance)| event(ask, *chance)));

        let one = world();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let waited = runtime.block_on(drive(&mut Play::new(asks.clone(), &one), &one, &one, &one));
        let other = world();
        let blocked = blocking::drive(&mut Play::new(asks.clone(), &other), &other, &other, &other);

        prop_assert!(!one.trace().is_empty());
        prop_assert_eq!(one.trace(), other.trace());
        prop_assert_eq!(told(waited), told(blocked));
    }
}
