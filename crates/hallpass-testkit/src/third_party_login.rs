//! A login that begins elsewhere (OpenID Connect Core §4).

use crate::{AuthorizationServer, Fault, form};

impl AuthorizationServer {
    /// The address at which a client begins a login for whoever comes there: its `initiate_login_uri` with `iss`, and with
    /// where the user wants to go. `None` where the client has registered none.
    pub fn third_party_login(
        &mut self,
        client_id: &str,
        login_hint: Option<&str>,
        target_link_uri: Option<&str>,
    ) -> Option<String> {
        let client = self.config.find_client(client_id)?;
        let uri = client.openid.initiate_login_uri.clone()?;
        let is_other = self.faults.happens(&Fault::ThirdPartyIssuer);
        let iss = match is_other {
            true => "https://other-issuer.example".to_owned(),
            false => self.issuer().to_owned(),
        };
        let all = [
            ("iss", Some(iss.as_str())),
            ("login_hint", login_hint),
            ("target_link_uri", target_link_uri),
        ];
        let pairs = all
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let mark = if uri.contains('?') { '&' } else { '?' };
        Some(format!("{uri}{mark}{}", form::encode(pairs)))
    }
}
