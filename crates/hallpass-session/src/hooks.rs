//! Who is told what happens to a session.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hallpass_grant::token::TokenSet;

use crate::Event;

type OnUpdate = dyn Fn(&TokenSet) + Send + Sync;
type OnEvent = dyn Fn(Event) + Send + Sync;

/// Who is told what happens to a session.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) on_update: Option<Arc<OnUpdate>>,
    pub(crate) on_event: Option<Arc<OnEvent>>,
}

impl Hooks {
    pub(crate) fn updated(&self, tokens: &TokenSet) {
        if let Some(hook) = &self.on_update {
            unharmed(|| hook(tokens));
        }
    }

    pub(crate) fn happened(&self, events: Vec<Event>) {
        for event in events {
            #[cfg(feature = "tracing")]
            event.trace();
            if let Some(hook) = &self.on_event {
                unharmed(|| hook(event));
            }
        }
    }
}

/// Calls a hook of the application's. If it panics, that was told by the panic handler: tokens that have come are not lost with it.
fn unharmed(hook: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(hook)));
}
