//! The revocation endpoint (RFC 7009).

use crate::{
    AuthorizationServer, Request, Response, token_endpoint::read_form, token_error::TokenError,
};

impl AuthorizationServer {
    pub(crate) fn revocation(&mut self, request: &Request, now: u64) -> Response {
        if request.method != "POST" {
            return Response::new(405).header("Allow", "POST");
        }
        match self.try_revoke(request, now) {
            Ok(()) => Response::new(200).header("Cache-Control", "no-store"),
            Err(error) => error.response(),
        }
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
