//! A login that somebody else begins (OpenID Connect Core §4).

use std::fmt;

use hallpass_grant::{Endpoint, Error, Issuer, Parameters};

use crate::{AuthenticationRequest, Fault};

/// A request to `initiate_login_uri`: a third party, or the provider itself, wants the user to log in here.
///
/// Anybody can have a user agent make it, in a frame as well unless it is answered so that nobody may frame it. What it names is checked: the issuer is one that this application knows, and the page to show
/// afterwards is one of this application's.
#[derive(Clone)]
pub struct InitiatedLogin {
    issuer: Issuer,
    login_hint: Option<String>,
    target_link_uri: Option<String>,
}

impl InitiatedLogin {
    /// Reads a `GET`. `url` is a whole address, or the target of a request line; `known` are the issuers whose users may log in here; `own`
    /// is any address of this application's.
    ///
    /// # Errors
    /// [`Fault::UnknownIssuer`] where `iss` is missing or no known one, character by character; [`Fault::TargetLink`] where
    /// `target_link_uri` is elsewhere; a [`Violation`](hallpass_grant::Violation) where the query cannot be taken apart.
    pub fn from_url<'i>(
        url: &str,
        known: impl IntoIterator<Item = &'i Issuer>,
        own: &Endpoint,
    ) -> Result<Self, Error> {
        Self::from_form(crate::logout::query(url), known, own)
    }

    /// Reads the body of a `POST` (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// As for [`from_url`](Self::from_url).
    pub fn from_form<'i>(
        body: &str,
        known: impl IntoIterator<Item = &'i Issuer>,
        own: &Endpoint,
    ) -> Result<Self, Error> {
        let parameters = Parameters::parse(body)?;
        let text = |name| parameters.value(name).filter(|text| !text.is_empty());
        let named = text("iss").unwrap_or("");
        let issuer = known.into_iter().find(|issuer| issuer.as_str() == named);
        let target = text("target_link_uri");
        if target.is_some_and(|target| !is_of(own, target)) {
            return Err(Fault::TargetLink.into());
        }
        Ok(Self {
            issuer: issuer.ok_or(Fault::UnknownIssuer)?.clone(),
            login_hint: text("login_hint").map(str::to_owned),
            target_link_uri: target.map(str::to_owned),
        })
    }

    /// Where the user is to log in: one of the issuers that were given.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Who is to log in, as the provider understands it.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// The page to show after the login. It has the origin of this application.
    pub fn target_link_uri(&self) -> Option<&str> {
        self.target_link_uri.as_deref()
    }

    /// The same request for this user.
    pub fn ask(&self, request: AuthenticationRequest) -> AuthenticationRequest {
        match self.login_hint() {
            Some(hint) => request.login_hint(hint),
            None => request,
        }
    }
}

/// Whether a page has the same scheme, host and port. It may have a fragment, which [`Endpoint`] has not.
fn is_of(own: &Endpoint, page: &str) -> bool {
    let (address, fragment) = page.split_once('#').unwrap_or((page, ""));
    let address = Endpoint::new(address);
    address.is_ok_and(|address| address.origin() == own.origin())
        && fragment.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Shows the issuer alone.
impl fmt::Debug for InitiatedLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InitiatedLogin(at {})", self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Result<InitiatedLogin, Error> {
        let known = ["https://other.example", "https://op.example/t"];
        let known = known.map(|text| Issuer::new(text).unwrap());
        let own = Endpoint::new("https://rp.example:8443/callback").unwrap();
        let by_url = InitiatedLogin::from_url(&format!("/login?{form}#x"), &known, &own);
        let by_form = InitiatedLogin::from_form(form, &known, &own);
        assert_eq!(by_url.is_ok(), by_form.is_ok());
        by_form
    }

    fn fault(form: &str) -> Option<Fault> {
        Fault::of(&read(form).unwrap_err()).cloned()
    }

    const ISS: &str = "iss=https%3A%2F%2Fop.example%2Ft";

    #[test]
    fn a_known_issuer_is_enough() {
        let login = read(&format!("{ISS}&other=1")).unwrap();
        assert_eq!(login.issuer().as_str(), "https://op.example/t");
        assert_eq!((login.login_hint(), login.target_link_uri()), (None, None));
        let empty = read(&format!("{ISS}&login_hint=&target_link_uri=")).unwrap();
        assert_eq!((empty.login_hint(), empty.target_link_uri()), (None, None));
    }

    #[test]
    fn an_issuer_that_is_not_known_to_the_letter_is_refused() {
        for form in [
            "",
            "iss=",
            "iss=https://op.example",
            "iss=https://op.example/t/",
            "iss=https://OP.example/t",
            "iss=http://op.example/t",
            "login_hint=a",
        ] {
            assert_eq!(fault(form), Some(Fault::UnknownIssuer), "{form}");
        }
        assert!(read(&format!("{ISS}&{ISS}")).is_err());
    }

    #[test]
    fn a_page_of_this_application_may_be_named() {
        for page in [
            "https://rp.example:8443/inbox?x=1",
            "https://rp.example:8443",
            "https://rp.example:8443/app#/inbox",
        ] {
            let login = read(&format!(
                "{ISS}&target_link_uri={}",
                page.replace('#', "%23")
            ));
            assert_eq!(login.unwrap().target_link_uri(), Some(page));
        }
    }

    #[test]
    fn a_page_of_anybody_elses_is_refused() {
        for page in [
            "https://evil.example/",
            "https://rp.example/",
            "https://rp.example:8444/",
            "http://rp.example:8443/",
            "https://rp.example:8443.evil.example/",
            "https://rp.example:8443@evil.example/",
            "https://sub.rp.example:8443/",
            "//evil.example/",
            "/inbox",
            "javascript:alert(1)",
            "https://rp.example:8443\\@evil.example/",
            "https://rp.example:8443/%0d%0aSet-Cookie:x%23%0d%0a",
            "https://rp.example:8443/%23a%0d%0ab",
        ] {
            let form = format!("{ISS}&target_link_uri={page}");
            assert_eq!(fault(&form), Some(Fault::TargetLink), "{page}");
        }
    }

    #[test]
    fn the_hint_goes_into_the_request() {
        let login = read(&format!("{ISS}&login_hint=jane%40example.com")).unwrap();
        assert_eq!(login.login_hint(), Some("jane@example.com"));
        let request = login.ask(AuthenticationRequest::new());
        assert!(format!("{request:?}").contains("login_hint"));
        let bare = read(ISS).unwrap().ask(AuthenticationRequest::new());
        assert!(!format!("{bare:?}").contains("login_hint"));
        assert_eq!(
            format!("{login:?}"),
            "InitiatedLogin(at https://op.example/t)"
        );
    }
}
