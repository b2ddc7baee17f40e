//! ID tokens (OpenID Connect Core §2).

use crate::{
    AuthorizationServer, Client, Jwt, Value, claims, issue::Members, ledger::GrantId, login::Login,
};

/// What an ID token comes with, and is bound to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Beside<'a> {
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
    /// Whether UserInfo cannot be asked, so that every claim has to be in it (OpenID Connect Core §5.4).
    pub(crate) is_alone: bool,
}

impl AuthorizationServer {
    /// The ID token for a grant; `None` where the client has not asked for one, or a fault keeps it back.
    pub(crate) fn id_token(
        &mut self,
        jwt: Jwt,
        client: &Client,
        grant: GrantId,
        beside: Beside<'_>,
        now: u64,
    ) -> Option<String> {
        let grant = self.ledger.grant(grant)?.clone();
        let login = grant.login.as_ref()?;
        let lifetime = self.config.id_token_lifetime.as_secs();
        let number = |number: u64| Value::Json(number.to_string());
        let mut claims: Members = vec![
            ("iss".to_owned(), Value::text(self.issuer())),
            ("sub".to_owned(), Value::text(&grant.subject)),
            ("aud".to_owned(), Value::text(client.id())),
            ("exp".to_owned(), number(now.saturating_add(lifetime))),
            ("iat".to_owned(), number(now)),
            ("auth_time".to_owned(), number(login.auth_time)),
            ("sid".to_owned(), Value::text(&login.sid)),
        ];
        let mut add = |name: &str, value| claims.push((name.to_owned(), value));
        if let Some(nonce) = login
            .nonce
            .as_deref()
            .filter(|_| jwt != Jwt::RefreshedIdToken)
        {
            add("nonce", Value::text(nonce));
        }
        if let Some(acr) = &login.acr {
            add("acr", Value::text(acr));
        }
        let algorithm = client.algorithm(jwt);
        for (name, text) in [
            ("at_hash", beside.access_token),
            ("c_hash", beside.code),
            ("s_hash", beside.state),
        ] {
            if let Some(text) = text {
                let hash = self.half_hash(jwt, name, algorithm, text);
                claims.push((name.to_owned(), hash));
            }
        }
        let personal = self.claims_of(&grant.subject, &grant.access.scopes, login, beside.is_alone);
        claims.extend(personal);
        self.sign_jwt(jwt, client, claims, now)
    }

    /// The members of a token answer, and the ID token where there is one.
    pub(crate) fn with_id_token(
        &mut self,
        jwt: Jwt,
        client: &Client,
        grant: GrantId,
        mut members: Members,
        now: u64,
    ) -> Members {
        let access_token = members.iter().find_map(|(name, value)| match value {
            Value::Text(text) if name == "access_token" => Some(text.clone()),
            _ => None,
        });
        let beside = Beside {
            access_token: access_token.as_deref(),
            ..Beside::default()
        };
        let id_token = self.id_token(jwt, client, grant, beside, now);
        members.extend(id_token.map(|text| ("id_token".to_owned(), Value::Text(text))));
        members
    }

    /// What an ID token says about its user.
    fn claims_of(&self, user: &str, scopes: &[String], login: &Login, is_alone: bool) -> Members {
        let mut names = login.asked.id_token_claims();
        if is_alone {
            names.extend(claims::of_scopes(scopes));
        }
        self.personal_claims(user, names)
    }

    /// The claims of these names that the server knows of a user.
    pub(crate) fn personal_claims(&self, user: &str, mut names: Vec<String>) -> Members {
        names.sort_unstable();
        names.dedup();
        let user = self.config.users.iter().find(|known| known.name() == user);
        let claim = |name: String| {
            let value = user?.find_claim(&name)?;
            Some((name, value))
        };
        names.into_iter().filter_map(claim).collect()
    }
}
