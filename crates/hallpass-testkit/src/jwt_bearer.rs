//! An assertion as a grant (RFC 7523 §2.1): a client asks for a user, or for itself, by what it signs.

use crate::{
    AuthorizationServer, Client, GrantType, Request, form::Parameters, issue::Members,
    token_error::TokenError, token_form::required,
};

impl AuthorizationServer {
    /// The client of a request with an assertion, which need not authenticate beside it (RFC 7521 §4.1): then it is the
    /// one that signed.
    pub(crate) fn client_of_token_request(
        &mut self,
        request: &Request,
        form: &Parameters,
        now: u64,
    ) -> Result<Option<Client>, TokenError> {
        let is_jwt_bearer = form.find("grant_type") == Some(GrantType::JwtBearer.name());
        let names_client = request.header("authorization").is_some()
            || ["client_id", "client_secret", "client_assertion"]
                .iter()
                .any(|name| form.has(name));
        if is_jwt_bearer && !names_client {
            return Ok(None);
        }
        self.authenticate(request, form, now).map(Some)
    }

    pub(crate) fn jwt_bearer(
        &mut self,
        client: Option<&Client>,
        request: &Request,
        form: &Parameters,
        now: u64,
    ) -> Result<Members, TokenError> {
        let compact = required(form, "assertion")?;
        let assertion = self.verify_assertion(compact, request, now);
        let assertion = assertion.map_err(TokenError::invalid_grant)?;
        let (signer, subject) = (assertion.client, assertion.subject);
        if client.is_some_and(|client| client.id() != signer.id()) {
            let description = "iss of the assertion is another client";
            return Err(TokenError::invalid_grant(description));
        }
        if !signer.may(GrantType::JwtBearer) {
            return Err(TokenError::not_registered());
        }
        self.hold_to_proof(&signer)?;
        let is_user = self.config.users.iter().any(|user| user.name() == subject);
        if !is_user && subject != signer.id() {
            let description = "sub of the assertion is neither a user nor the client";
            return Err(TokenError::invalid_grant(description));
        }
        let access = self.access(&signer, form)?;
        let grant = self.ledger.open(signer.id(), &subject, access.clone());
        // The assertion takes the place of a refresh token (RFC 7521 §4.1).
        Ok(self.access_token(grant, access, None, now))
    }
}
