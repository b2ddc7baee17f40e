//! A request that can be authorised.

use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};

use hallpass_token::Secret;

use crate::{InvalidOrigin, Origin};

use super::write::{Changes, TooLarge};

/// A request that can be authorised: `http::Request<B>`, `http::request::Parts` and, with the feature `reqwest`,
/// `reqwest::Request`.
///
/// Its address has to say where it goes: one with a path alone is refused.
pub trait Outgoing: sealed::Outgoing {}

impl<B> Outgoing for Request<B> {}
impl Outgoing for Parts {}
#[cfg(feature = "reqwest")]
impl Outgoing for reqwest::Request {}

pub(crate) mod sealed {
    use super::*;

    pub trait Outgoing {
        fn origin(&self) -> Result<Origin, InvalidOrigin>;

        fn method(&self) -> &Method;

        fn path(&self) -> &str;

        fn query(&self) -> Option<&str>;

        fn headers(&self) -> &HeaderMap;

        /// Makes all changes, or none.
        fn change(&mut self, changes: Changes) -> Result<(), TooLarge>;
    }

    impl<B> Outgoing for Request<B> {
        fn origin(&self) -> Result<Origin, InvalidOrigin> {
            Origin::try_from(self.uri())
        }

        fn method(&self) -> &Method {
            Request::method(self)
        }

        fn path(&self) -> &str {
            self.uri().path()
        }

        fn query(&self) -> Option<&str> {
            self.uri().query()
        }

        fn headers(&self) -> &HeaderMap {
            Request::headers(self)
        }

        fn change(&mut self, changes: Changes) -> Result<(), TooLarge> {
            let uri = with_query(self.uri(), changes.query.as_ref())?;
            changes.write_headers(self.headers_mut())?;
            *self.uri_mut() = uri;
            Ok(())
        }
    }

    impl Outgoing for Parts {
        fn origin(&self) -> Result<Origin, InvalidOrigin> {
            Origin::try_from(&self.uri)
        }

        fn method(&self) -> &Method {
            &self.method
        }

        fn path(&self) -> &str {
            self.uri.path()
        }

        fn query(&self) -> Option<&str> {
            self.uri.query()
        }

        fn headers(&self) -> &HeaderMap {
            &self.headers
        }

        fn change(&mut self, changes: Changes) -> Result<(), TooLarge> {
            let uri = with_query(&self.uri, changes.query.as_ref())?;
            changes.write_headers(&mut self.headers)?;
            self.uri = uri;
            Ok(())
        }
    }

    #[cfg(feature = "reqwest")]
    impl Outgoing for reqwest::Request {
        fn origin(&self) -> Result<Origin, InvalidOrigin> {
            Origin::try_from(self.url())
        }

        fn method(&self) -> &Method {
            reqwest::Request::method(self)
        }

        fn path(&self) -> &str {
            self.url().path()
        }

        fn query(&self) -> Option<&str> {
            self.url().query()
        }

        fn headers(&self) -> &HeaderMap {
            reqwest::Request::headers(self)
        }

        fn change(&mut self, changes: Changes) -> Result<(), TooLarge> {
            changes.write_headers(self.headers_mut())?;
            if let Some(query) = &changes.query {
                self.url_mut().set_query(Some(query.expose_secret()));
            }
            Ok(())
        }
    }
}

fn with_query(uri: &Uri, query: Option<&Secret>) -> Result<Uri, TooLarge> {
    let Some(query) = query else {
        return Ok(uri.clone());
    };
    let mut parts = uri.clone().into_parts();
    let path = format!("{}?{}", uri.path(), query.expose_secret());
    parts.path_and_query = Some(path.try_into().map_err(|_| TooLarge)?);
    Uri::from_parts(parts).map_err(|_| TooLarge)
}
