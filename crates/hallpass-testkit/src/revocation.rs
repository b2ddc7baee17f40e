//! The revocation endpoint (RFC 7009).

use crate::{
    AuthorizationServer, Fault, Request, Response, token_error::TokenError, token_form::read_form,
};

impl AuthorizationServer {
    pub(crate) fn revocation(&mut self, request: &Request, now: u64) -> Response {
        if request.method != "POST" {
            return Response::new(405).header("Allow", "POST");
        }
        match self.try_revoke(request, now) {
            Ok(()) => {
                let body = self.faults.take(|fault| match fault {
                    Fault::RevocationBody(body) => Some(Response::json(200, body.as_str())),
                    _ => None,
                });
                body.unwrap_or_else(|| Response::new(200))
                    .header("Cache-Control", "no-store")
            }
            Err(error) => error.response(),
        }
    }

    /// Whether this, sent to the token endpoint, is a revocation.
    pub(crate) fn is_revocation(&mut self, request: &Request) -> bool {
        request.form_parameter("token").is_some()
            && request.form_parameter("grant_type").is_none()
            && self.faults.happens(&Fault::RevocationAtToken)
    }

    fn try_revoke(&mut self, request: &Request, now: u64) -> Result<(), TokenError> {
        let form = read_form(request)?;
        let client = self.authenticate(request, &form, now)?;
        let token = form
            .find("token")
            .ok_or_else(|| TokenError::new("invalid_request", "the request has no token"))?;
        self.ledger.give_back(token, client.id());
        Ok(())
    }
}
