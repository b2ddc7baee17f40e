//! How a body is sent again.

/// How a request's body is sent again after a refusal: [`Cloned`], [`SentOnce`], or a function of your own.
///
/// ```
/// # use hallpass::{AuthorizeLayer, Security};
/// # fn example(security: Security) {
/// enum Body {
///     Text(String),
///     Stream,
/// }
/// let layer = AuthorizeLayer::new(security).with_repeat(|body: &Body| match body {
///     Body::Text(text) => Some(Body::Text(text.clone())),
///     Body::Stream => None,
/// });
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "nobody knows how a body of type `{B}` is sent again",
    note = "it is not `Clone`: say how with `AuthorizeLayer::with_repeat`, or that it never is with `with_repeat(SentOnce)`"
)]
pub trait Repeat<B> {
    /// The same body once more. `None`: this one can be sent once.
    fn repeat(&self, body: &B) -> Option<B>;
}

/// A body is sent again as its clone: `String`, `Bytes`, `http_body_util::Full` and `Empty`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cloned;

/// A body is sent once, and no request again: streams.
#[derive(Clone, Copy, Debug, Default)]
pub struct SentOnce;

impl<B: Clone> Repeat<B> for Cloned {
    fn repeat(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }
}

impl<B> Repeat<B> for SentOnce {
    fn repeat(&self, _: &B) -> Option<B> {
        None
    }
}

impl<B, F: Fn(&B) -> Option<B>> Repeat<B> for F {
    fn repeat(&self, body: &B) -> Option<B> {
        self(body)
    }
}
