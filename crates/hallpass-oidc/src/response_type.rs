//! What is asked for in the redirect, and what comes out of a login (OpenID Connect Core §3).

use serde::Serialize;
use serde::de::DeserializeOwned;
use time::UtcDateTime;

use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, AuthorizedCode, Callback, Client, Code, CodeIdToken,
    CodeIdTokenToken, CodeToken, Error, IdToken, IdTokenToken, Opened, Pending, Random,
};
use hallpass_token::TokenSet;

/// A response type of OpenID Connect. Sealed: there are six.
pub trait ResponseType: sealed::Flow {
    /// The tokens that come out of a login: a [`TokenSet`], or nothing for [`IdToken`].
    type Tokens;

    /// Its name, as it is registered and discovered.
    fn name() -> &'static str;

    /// Whether this text names it, in whatever order its parts stand (OAuth 2.0 Multiple Response Types §3).
    fn is_named(text: &str) -> bool {
        let sorted = |text: &str| {
            let mut parts: Vec<String> = text.split(' ').map(str::to_owned).collect();
            parts.sort_unstable();
            parts
        };
        sorted(text) == sorted(Self::name())
    }

    /// `None` where there are to be tokens and none came.
    #[doc(hidden)]
    fn tokens(tokens: Option<TokenSet>) -> Option<Self::Tokens>;
}

/// What a redirect has brought.
#[derive(Debug)]
pub enum Received {
    /// A code alone.
    Code(AuthorizedCode),
    /// Whatever else, sealed.
    Opened(Opened),
}

pub(crate) mod sealed {
    use super::*;

    pub trait Flow: hallpass_grant::ResponseType + Serialize + DeserializeOwned + Sized {
        /// Whether only a code comes.
        const IS_CODE: bool;

        fn begin(
            client: &Client,
            request: AuthorizationRequest,
            random: &mut impl Random,
            now: UtcDateTime,
        ) -> Result<(AuthorizationUrl, Pending<Self>), Error>;

        fn take(
            pending: Pending<Self>,
            callback: &Callback<'_>,
            now: UtcDateTime,
        ) -> Result<Received, Error>;
    }
}

impl sealed::Flow for Code {
    const IS_CODE: bool = true;

    fn begin(
        client: &Client,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Pending<Self>), Error> {
        client.code()?.begin(request, random, now)
    }

    fn take(
        pending: Pending<Self>,
        callback: &Callback<'_>,
        now: UtcDateTime,
    ) -> Result<Received, Error> {
        pending.receive(callback, now).map(Received::Code)
    }
}

impl ResponseType for Code {
    type Tokens = TokenSet;

    fn name() -> &'static str {
        "code"
    }

    fn tokens(tokens: Option<TokenSet>) -> Option<TokenSet> {
        tokens
    }
}

macro_rules! front_channel {
    ($($name:ident: $text:literal, $tokens:ty, $out:expr;)*) => {$(
        impl sealed::Flow for $name {
            const IS_CODE: bool = false;

            fn begin(
                client: &Client,
                request: AuthorizationRequest,
                random: &mut impl Random,
                now: UtcDateTime,
            ) -> Result<(AuthorizationUrl, Pending<Self>), Error> {
                client.front_channel::<Self>()?.begin(request, random, now)
            }

            fn take(
                pending: Pending<Self>,
                callback: &Callback<'_>,
                now: UtcDateTime,
            ) -> Result<Received, Error> {
                pending.receive(callback, now).map(Received::Opened)
            }
        }

        impl ResponseType for $name {
            type Tokens = $tokens;

            fn name() -> &'static str {
                $text
            }

            fn tokens(tokens: Option<TokenSet>) -> Option<$tokens> {
                $out(tokens)
            }
        }
    )*};
}

front_channel! {
    CodeIdToken: "code id_token", TokenSet, std::convert::identity;
    CodeToken: "code token", TokenSet, std::convert::identity;
    CodeIdTokenToken: "code id_token token", TokenSet, std::convert::identity;
    IdTokenToken: "id_token token", TokenSet, std::convert::identity;
    IdToken: "id_token", (), |_| Some(());
}
