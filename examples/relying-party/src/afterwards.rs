//! What is done when somebody is logged in: new tokens, and what the provider knows of them.

use hallpass_grant::Misuse;
use hallpass_http::OsRandom;
use hallpass_jose::Members;
use hallpass_oidc::{ClaimCollection, ClaimSources, ClaimsProviders, Fault, UserInfoMethod};
use serde_json::{Map, Value, json};

use crate::arguments::UserInfo;
use crate::failure::Failure;
use crate::login::{User, told};
use crate::party::Party;
use crate::program::Program;
use crate::report::Step;
use crate::run::Ended;

impl Program {
    /// Refreshes, and asks for UserInfo, with the newest token there is.
    pub(crate) async fn afterwards(&self, party: &Party, user: User) -> Result<User, Ended> {
        let user = match self.arguments.afterwards.refresh {
            true => self.told(Step::Refresh, self.refresh(party, user).await)?,
            false => user,
        };
        let claims = self.user_info(party, &user).await;
        if let Some(claims) = self.told(Step::UserInfo, claims)? {
            self.told(Step::Claims, self.collect(party, &claims).await)?;
        }
        Ok(user)
    }

    async fn refresh(&self, party: &Party, user: User) -> Result<User, Failure> {
        let tokens = user.tokens.as_ref();
        let tokens = tokens
            .ok_or(Misuse::Missing("access token"))
            .map_err(hallpass_grant::Error::from)?;
        let missing = || Failure::refused("no_refresh_token", "the provider gave no refresh token");
        let refresh_token = tokens.refresh_token.as_ref().ok_or_else(missing)?;
        let mut refresh = party.relying_party().refresh(
            refresh_token,
            &tokens.scopes,
            None,
            &user.id_token,
            &mut OsRandom,
        )?;
        let new = self.driver.drive(&mut refresh).await?;
        let facts = json!({
            "claims": told(new.id_token.members()),
            "new_id_token": new.tokens.id_token.is_some(),
            "new_refresh_token": new.tokens.refresh_token != tokens.refresh_token,
        });
        self.report.ok(Step::Refresh, facts);
        Ok(User {
            raw_id_token: new.tokens.id_token.clone().unwrap_or(user.raw_id_token),
            tokens: Some(new.tokens),
            id_token: new.id_token,
            session_state: user.session_state,
        })
    }

    /// What the provider says of the user, unless nobody is to be asked, or there is no token to ask with.
    async fn user_info(&self, party: &Party, user: &User) -> Result<Option<Members>, Failure> {
        let how = self.arguments.afterwards.userinfo;
        let Some(tokens) = user.tokens.as_ref().filter(|_| how != Some(UserInfo::None)) else {
            return Ok(None);
        };
        // Nobody asked for it, and a provider need not have it.
        if how.is_none() && party.provider().userinfo_endpoint().is_none() {
            return Ok(None);
        }
        let method = match how {
            Some(UserInfo::Body) => UserInfoMethod::Form,
            _ => UserInfoMethod::Get,
        };
        let relying_party = party.relying_party();
        let mut asking = relying_party.user_info(tokens, &user.id_token, method, &mut OsRandom)?;
        let claims = self.driver.drive(&mut asking).await?;
        self.report
            .ok(Step::UserInfo, json!({"claims": told(claims.members())}));
        Ok(Some(claims.into_members()))
    }

    /// Claims that others make, where UserInfo names any. A source that fails costs its own claims alone.
    async fn collect(&self, party: &Party, claims: &Members) -> Result<(), Failure> {
        let sources = ClaimSources::of(claims, party.provider().issuer())?;
        if sources.is_empty() {
            return Ok(());
        }
        let rules = party.relying_party().rules().clone().requiring_only(&[]);
        let providers = ClaimsProviders::new(rules).with_unsigned_aggregated_claims();
        let mut collection = ClaimCollection::new(&sources, providers);
        let collected = self.driver.drive(&mut collection).await?;
        let mut failed = Map::new();
        for (source, error) in collected.failed {
            let name = Fault::of(&error).map_or("failed", Fault::name);
            failed.insert(source, Value::from(name));
        }
        let unsigned = told(&collected.unsigned);
        let facts =
            json!({"claims": told(&collected.claims), "unsigned": unsigned, "failed": failed});
        self.report.ok(Step::Claims, facts);
        Ok(())
    }
}
