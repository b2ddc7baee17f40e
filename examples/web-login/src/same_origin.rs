//! Requests that change something come from our own pages.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, StatusCode, header::ORIGIN, request::Parts},
    response::Response,
};

use crate::{Home, page};

/// The request was caused by one of our own pages. A handler that asks for this cannot be reached from elsewhere.
///
/// Every browser of today says so itself, in `Sec-Fetch-Site`; older ones name the page's origin with each POST. A request
/// that says nothing is refused. `SameSite=Lax` on the cookie is the second wall, and does not see another host of
/// the same domain.
pub(crate) struct SameOrigin;

impl<S: Sync> FromRequestParts<S> for SameOrigin
where
    Home: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match is_same_origin(&parts.headers, Home::from_ref(state).origin()) {
            true => Ok(Self),
            false => Err(page::refused(
                StatusCode::FORBIDDEN,
                "This came from another site",
                "Another site has tried to do something in your name. Nothing was done.",
            )),
        }
    }
}

fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(named)) => named == origin,
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_the_same_origin() {
        const SITE: &str = "sec-fetch-site";
        for (headers, is_same) in [
            (vec![(SITE, "same-origin")], true),
            (vec![("origin", "https://app.example")], true),
            (vec![(SITE, "same-origin"), ("origin", "null")], true),
            (vec![(SITE, "same-site")], false),
            (vec![(SITE, "cross-site")], false),
            (vec![(SITE, "none")], false),
            (
                vec![(SITE, "cross-site"), ("origin", "https://app.example")],
                false,
            ),
            (vec![("origin", "null")], false),
            (vec![("origin", "https://app.example:8443")], false),
            (vec![("origin", "http://app.example")], false),
            (vec![], false),
        ] {
            let map = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(
                is_same_origin(&map, "https://app.example"),
                is_same,
                "{headers:?}"
            );
        }
    }
}
