//! Where an answer leads, and what goes there.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_LOCATION, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RANGE, TRANSFER_ENCODING,
    USER_AGENT,
};
use http::{Method, StatusCode};
use reqwest::Request;

use hallpass_grant::{Endpoint, Reach};

use crate::{InvalidOrigin, Origin, Security};

/// Why a redirect was not followed. Nothing was sent to where it leads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// It leads to an address that cannot be used: without TLS, with a user name in it, or none at all.
    #[error("the API redirects to an address that is not followed: {0}")]
    Address(#[from] InvalidOrigin),
    /// It leads from another machine to this one.
    #[error("the API redirects to this machine, {to}, and is not on this machine itself")]
    Inward {
        /// Where.
        to: Origin,
    },
    /// It would take a request that may change something to an origin that the schemes are not for.
    #[error(
        "the API redirects a {method} to {to}, which the schemes are not for: send it there yourself if you trust it, or add the origin \
         to the schemes if it is the same API"
    )]
    OtherOrigin {
        /// The request's method.
        method: Method,
        /// Where.
        to: Origin,
    },
    /// The body was sent, and cannot be sent again.
    #[error("the API redirects a request whose body can be sent once: send it to {to}")]
    Body {
        /// Where.
        to: Origin,
    },
    /// More than ten, one after the other.
    #[error("the API redirects again and again: more than {MAX_HOPS} times")]
    TooMany,
}

pub(crate) const MAX_HOPS: usize = 10;

/// A request without anything put on it.
pub(crate) struct Hop {
    pub(crate) request: Request,
    /// It goes to where nothing is put on it; so do all that follow, for whoever is there says where to.
    pub(crate) is_bare: bool,
}

/// What a request was, as far as it can be sent again.
pub(crate) struct Sent {
    request: Request,
    /// Whether its body is there.
    is_whole: bool,
    is_bare: bool,
}

impl Sent {
    pub(crate) fn of(hop: &Hop) -> Self {
        let whole = hop.request.try_clone();
        let is_whole = whole.is_some();
        Self {
            request: whole.unwrap_or_else(|| without_body(&hop.request)),
            is_whole,
            is_bare: hop.is_bare,
        }
    }

    /// The next hop after an answer; `None` when it leads nowhere.
    pub(crate) fn redirected(
        self,
        status: StatusCode,
        headers: &HeaderMap,
        security: &Security,
    ) -> Result<Option<Hop>, RedirectError> {
        let (true, Some(location)) = (is_redirect(status), headers.get(LOCATION)) else {
            return Ok(None);
        };
        let text = location.to_str().map_err(|_| InvalidOrigin::Relative)?;
        let url = self.request.url().join(text);
        let url = url.map_err(|_| InvalidOrigin::Relative)?;
        let to = Origin::try_from(&url)?;
        let from = Origin::try_from(self.request.url()).ok();
        if is_here(&to) && !from.as_ref().is_some_and(is_here) {
            return Err(RedirectError::Inward { to });
        }
        let is_bare = self.is_bare || !security.is_for(&to);
        let is_elsewhere = is_bare && from.as_ref() != Some(&to);
        let request = match self.method_after(status) {
            None if is_elsewhere && !self.request.method().is_safe() => {
                let method = self.request.method().clone();
                return Err(RedirectError::OtherOrigin { method, to });
            }
            None if !self.is_whole => return Err(RedirectError::Body { to }),
            None => self.request,
            Some(method) => {
                let mut request = without_body(&self.request);
                *request.method_mut() = method;
                for name in OF_BODIES {
                    request.headers_mut().remove(name);
                }
                request
            }
        };
        let mut request = match is_elsewhere {
            true => for_strangers(request),
            false => request,
        };
        *request.url_mut() = url;
        Ok(Some(Hop { request, is_bare }))
    }

    /// `None`: the same with the same body (RFC 9110 §15.4).
    fn method_after(&self, status: StatusCode) -> Option<Method> {
        match (status, self.request.method()) {
            (StatusCode::SEE_OTHER, &Method::GET | &Method::HEAD) => None,
            (StatusCode::SEE_OTHER, _)
            | (StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND, &Method::POST) => {
                Some(Method::GET)
            }
            _ => None,
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

/// Whether it is this machine, under whatever name.
fn is_here(origin: &Origin) -> bool {
    Endpoint::new(origin.as_str()).is_ok_and(|own| own.reach() == Reach::ThisMachine)
}

/// A key of the caller's own may stand in any header, so that only those go along that are known to have none.
fn for_strangers(request: Request) -> Request {
    let mut bare = without_body(&request);
    bare.headers_mut().clear();
    for (name, value) in request.headers() {
        if CARRIED.contains(name) {
            bare.headers_mut().append(name, value.clone());
        }
    }
    bare
}

fn without_body(request: &Request) -> Request {
    let mut same = Request::new(request.method().clone(), request.url().clone());
    *same.headers_mut() = request.headers().clone();
    *same.timeout_mut() = request.timeout().copied();
    *same.version_mut() = request.version();
    same
}

/// What goes along to another origin.
const CARRIED: &[HeaderName] = &[ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, RANGE, USER_AGENT];

/// What says something of a body.
const OF_BODIES: &[HeaderName] = &[
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_LOCATION,
    CONTENT_TYPE,
    TRANSFER_ENCODING,
];

#[cfg(test)]
mod tests {
    use super::*;

    use crate::{Requirement, Scheme, Schemes};

    fn redirected(request: Request, status: u16, to: &str) -> Result<Option<Hop>, RedirectError> {
        let api = Origin::new("https://api.example").unwrap();
        let scheme = Scheme::header_key("key", api, "x-api-key", "canary").unwrap();
        let is_bare = false;
        redirected_by(&scheme.into(), Hop { request, is_bare }, status, to)
    }

    fn redirected_by(
        security: &Security,
        hop: Hop,
        status: u16,
        to: &str,
    ) -> Result<Option<Hop>, RedirectError> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, to.parse().unwrap());
        let status = StatusCode::from_u16(status).unwrap();
        Sent::of(&hop).redirected(status, &headers, security)
    }

    fn request(method: Method) -> Request {
        Request::new(method, "https://api.example/a/b?c".parse().unwrap())
    }

    fn error(to: &str) -> RedirectError {
        match redirected(request(Method::GET), 302, to) {
            Ok(_) => panic!("{to} is followed"),
            Err(error) => error,
        }
    }

    #[test]
    fn what_is_no_address_for_a_secret_is_not_followed_without_one_either() {
        for to in [
            "http://api.example/",
            "http://other.example/",
            "https://alice:pw@api.example/",
            "ftp://api.example/",
            "https://[::ffff:127.0.0.1]/",
            "javascript:alert(1)",
            "https://",
            "\u{e4}",
        ] {
            assert!(matches!(error(to), RedirectError::Address(_)), "{to}");
        }
    }

    #[test]
    fn nobody_elsewhere_leads_a_request_to_this_machine() {
        for to in [
            "http://127.0.0.1:8080/",
            "http://localhost/",
            "https://[::1]/",
            "https://0.0.0.0/",
            "https://[::]/",
            "https://app.localhost/",
            "https://localhost.localdomain/",
        ] {
            assert!(matches!(error(to), RedirectError::Inward { .. }), "{to}");
        }
    }

    #[test]
    fn only_a_redirect_that_says_where_is_one() {
        for status in [200, 201, 300, 304, 305, 401, 503] {
            let to = "https://other.example/";
            let next = redirected(request(Method::GET), status, to).unwrap();
            assert!(next.is_none(), "{status}");
        }
    }

    #[test]
    fn the_method_changes_as_browsers_change_it() {
        for (method, status, next) in [
            (Method::POST, 301, Method::GET),
            (Method::POST, 302, Method::GET),
            (Method::POST, 303, Method::GET),
            (Method::POST, 307, Method::POST),
            (Method::PUT, 302, Method::PUT),
            (Method::PUT, 303, Method::GET),
            (Method::DELETE, 308, Method::DELETE),
            (Method::HEAD, 303, Method::HEAD),
        ] {
            let hop = redirected(request(method.clone()), status, "../x")
                .unwrap()
                .unwrap();
            assert_eq!(*hop.request.method(), next, "{method} {status}");
            assert_eq!(hop.request.url().as_str(), "https://api.example/x");
            assert!(!hop.is_bare);
        }
    }

    #[test]
    fn what_may_change_something_is_asked_of_nobody_else() {
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let to = "https://api.example.evil.example/";
            let next = redirected(request(method), 307, to);
            assert!(matches!(next, Err(RedirectError::OtherOrigin { .. })));
        }
    }

    #[test]
    fn where_nothing_is_required_every_other_origin_is_another_all_the_same() {
        let nothing = Schemes::default()
            .require(Requirement::all([""; 0]))
            .unwrap();
        let hop = |method| Hop {
            request: request(method),
            is_bare: false,
        };
        let elsewhere = "https://other.example/";
        let next = redirected_by(&nothing, hop(Method::POST), 307, elsewhere);
        assert!(matches!(next, Err(RedirectError::OtherOrigin { .. })));
        let next = redirected_by(&nothing, hop(Method::POST), 307, "/x").unwrap();
        assert_eq!(*next.unwrap().request.method(), Method::POST);
    }

    #[test]
    fn a_request_with_nothing_put_on_it_keeps_its_own_headers_at_its_own_origin() {
        let scheme = Origin::new("https://other.example").unwrap();
        let scheme = Scheme::header_key("key", scheme, "x-api-key", "canary").unwrap();
        let mut request = request(Method::POST);
        request.headers_mut().insert("x-mine", "1".parse().unwrap());
        let is_bare = true;
        let hop = Hop { request, is_bare };
        let next = redirected_by(&scheme.clone().into(), hop, 308, "/x")
            .unwrap()
            .unwrap();
        assert!(next.is_bare && next.request.headers().contains_key("x-mine"));
        let to = "https://other.example/";
        let next = redirected_by(&scheme.into(), next, 303, to)
            .unwrap()
            .unwrap();
        assert!(next.is_bare && next.request.headers().is_empty());
    }

    #[test]
    fn no_error_shows_a_query() {
        let to = "https://other.example/?code=canary";
        let Err(error) = redirected(request(Method::POST), 307, to) else {
            panic!("it is followed")
        };
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
