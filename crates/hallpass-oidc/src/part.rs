//! A conversation that is part of a larger one.

use std::ops::ControlFlow;

use hallpass_grant::Step;

/// What a part has come to: it is done, or the whole does as it says.
pub(crate) fn part<T, U>(step: Step<T>) -> ControlFlow<Step<U>, T> {
    ControlFlow::Break(match step {
        Step::Done(output) => return ControlFlow::Continue(output),
        Step::Send(request) => Step::Send(request),
        Step::Sign(input) => Step::Sign(input),
        Step::Wait(until) => Step::Wait(until),
    })
}
