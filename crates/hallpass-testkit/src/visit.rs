//! What a visit to the authorization endpoint comes to: a page, or at once an answer (OpenID Connect Core §3.1.2.3).

use crate::{
    AuthorizationServer, Request, Response,
    authorization_request::AuthorizationRequest,
    authorization_response::Outcome,
    jws,
    openid_request::{OpenIdRequest, Prompt},
    page,
    session::Session,
};

/// Stands in the address after a login that was asked for, so that it is not asked for again.
const LOGGED_IN: &str = "logged_in=yes";

impl AuthorizationServer {
    /// Shows the page that comes next, or answers where none is needed or none may be shown.
    pub(crate) fn visit(
        &mut self,
        request: &Request,
        authorization: &AuthorizationRequest,
        here: &str,
        now: u64,
    ) -> Response {
        let client = &authorization.client;
        let is_back = request.query().ends_with(LOGGED_IN);
        let session = self.session(request).cloned();
        let session = session.filter(|session| is_back || is_fresh(authorization, session, now));
        let is_silent = asks(authorization, Prompt::None);
        if let (Some(user), false) = (self.config.allow_at_once.clone(), is_silent) {
            let begun = session.is_none().then(|| self.begin_session(&user, now));
            let (cookie, session) = match (session, begun) {
                (None, Some((cookie, session))) => (Some(cookie), session),
                (session, _) => (None, session.unwrap_or_default()),
            };
            let scopes = authorization.scopes.clone();
            let mut response = self.allow(authorization, &session, scopes, now);
            let cookie = cookie.map(|cookie| ("Set-Cookie".to_owned(), cookie));
            response.headers.splice(0..0, cookie);
            return response;
        }
        match (session, is_silent) {
            (None, true) => self.refuse_silently(authorization, "login_required"),
            (None, false) => page::login(&again(authorization, here), client.shown_name(), None),
            (Some(session), true) => {
                let scopes = &authorization.scopes;
                if !is_of_hint(authorization, &session) {
                    return self.refuse_silently(authorization, "login_required");
                }
                if !self.ledger.has_allowed(client.id(), &session.user, scopes) {
                    return self.refuse_silently(authorization, "consent_required");
                }
                self.allow(authorization, &session, scopes.clone(), now)
            }
            (Some(_), false) => self.ask_for(request, client.id(), &authorization.scopes, here),
        }
    }

    /// Gives the client what it asked for.
    pub(crate) fn allow(
        &mut self,
        authorization: &AuthorizationRequest,
        session: &Session,
        scopes: Vec<String>,
        now: u64,
    ) -> Response {
        let outcome = self.issue(authorization, session, scopes, now);
        let response = self.send_back(&authorization.address, outcome);
        match authorization.openid {
            Some(_) => self.with_browser_state(response, session),
            None => response,
        }
    }

    fn refuse_silently(&mut self, authorization: &AuthorizationRequest, error: &str) -> Response {
        let description = "prompt is none, and a page would be needed";
        self.send_back(&authorization.address, Outcome::refused(error, description))
    }
}

/// Where a login leads: here, and not to the login page again.
pub(crate) fn again(authorization: &AuthorizationRequest, here: &str) -> String {
    let asks_for_login = authorization.openid.as_ref().is_some_and(|openid| {
        openid.max_age.is_some()
            || openid.prompts(Prompt::Login)
            || openid.prompts(Prompt::SelectAccount)
    });
    match asks_for_login && !here.ends_with(LOGGED_IN) {
        true => format!("{here}&{LOGGED_IN}"),
        false => here.to_owned(),
    }
}

fn asks(authorization: &AuthorizationRequest, prompt: Prompt) -> bool {
    let openid = authorization.openid.as_ref();
    openid.is_some_and(|openid| openid.prompts(prompt))
}

/// Whether the user need not show again who they are.
fn is_fresh(authorization: &AuthorizationRequest, session: &Session, now: u64) -> bool {
    let openid = authorization.openid.as_ref();
    let default = authorization.client.openid.default_max_age;
    let max_age = openid.and_then(|openid: &OpenIdRequest| openid.max_age.or(default));
    let is_young = max_age.is_none_or(|age| now <= session.auth_time.saturating_add(age));
    let is_asked = asks(authorization, Prompt::Login) || asks(authorization, Prompt::SelectAccount);
    is_young && !is_asked
}

/// Whether the session is that of the user whom `id_token_hint` names.
fn is_of_hint(authorization: &AuthorizationRequest, session: &Session) -> bool {
    let openid = authorization.openid.as_ref();
    let Some(hint) = openid.and_then(|openid| openid.id_token_hint.as_deref()) else {
        return true;
    };
    let claims = jws::unverified_claims(hint).unwrap_or_default();
    claims.get("sub").and_then(serde_json::Value::as_str) == Some(&session.user)
}
