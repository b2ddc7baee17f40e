//! JavaScript's event loop. What belongs to it stays on it, and hands over a result that may go anywhere.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_channel::oneshot;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

/// The longest that a timer of JavaScript's can be set to; it takes more for nothing.
const LONGEST: u32 = i32::MAX as u32;

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, of a window, a worker or a server.
    #[wasm_bindgen(js_name = fetch, catch)]
    pub(crate) fn fetch(request: &web_sys::Request) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    /// Gives a number in a browser, an object elsewhere.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(wakes: &Closure<dyn FnMut()>, milliseconds: u32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// Begins work on the event loop. It ends with the future that this gives, also when that one is dropped; `None` comes when
/// the loop has dropped the work.
pub(crate) fn begin<T: Send + 'static>(
    work: impl Future<Output = T> + 'static,
) -> impl Future<Output = Option<T>> + Send + 'static {
    let (mut teller, told) = oneshot::channel();
    wasm_bindgen_futures::spawn_local(async move {
        let mut work = pin!(work);
        let done = poll_fn(|context| match teller.poll_canceled(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => work.as_mut().poll(context).map(Some),
        });
        if let Some(result) = done.await {
            // Whoever waited may have gone just now.
            let _ = teller.send(result);
        }
    });
    async move { told.await.ok() }
}

/// What comes of the work, or `None` where it takes longer.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut over) = (pin!(work), pin!(sleep(limit)));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => over.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Waits, never shorter. A timer alone may be a little early, and cannot be set to more than 24 days.
pub(crate) async fn sleep(duration: Duration) {
    let end = steady().saturating_add(duration);
    loop {
        let left = end.saturating_sub(steady());
        if left.is_zero() {
            return;
        }
        let milliseconds = left.as_nanos().div_ceil(1_000_000);
        Timer::set(u32::try_from(milliseconds).unwrap_or(LONGEST).min(LONGEST)).await;
    }
}

/// Since the page was opened.
pub(crate) fn steady() -> Duration {
    Duration::try_from_secs_f64(performance_now() / 1000.0).unwrap_or_default()
}

/// A timer that runs. It is cleared when this is dropped.
struct Timer {
    id: JsValue,
    woken: oneshot::Receiver<()>,
    /// What it calls has to be there until then.
    _wakes: Closure<dyn FnMut()>,
}

impl Timer {
    fn set(milliseconds: u32) -> Self {
        let (wake, woken) = oneshot::channel();
        let wakes = Closure::once(move || {
            let _ = wake.send(());
        });
        Self {
            id: set_timeout(&wakes, milliseconds),
            woken,
            _wakes: wakes,
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.woken).poll(context).map(drop)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
