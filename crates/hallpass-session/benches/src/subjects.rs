//! The same thing with three crates: a token that is at hand, and good for another hour.
//!
//! Each call is what an application does for each request it sends: asks for the token, of an object that is shared and that knows
//! when the token ends, and looks at it.

mod hallpass;
mod huskarl_crate;
mod yup_oauth2_crate;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures_executor::block_on;

/// One call.
pub type Call = Box<dyn Fn() + Send + Sync>;

/// The subjects by name, all with a token.
pub fn all() -> [(&'static str, Call); 3] {
    [
        ("hallpass-session", hallpass::call()),
        ("huskarl", huskarl_crate::call()),
        ("yup-oauth2", yup_oauth2_crate::call()),
    ]
}

const TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA.2YotnFZFEjr1zCsicMWpAA.2YotnFZFEjr1zCsicMWpAA";

/// What a future gives: at once, as in a task of an application, or after waiting for another thread's lock.
#[inline(always)]
fn polled<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => block_on(future),
    }
}
