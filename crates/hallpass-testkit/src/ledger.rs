//! The grants users gave, and the codes and tokens that came of them.

use std::collections::BTreeMap;

use crate::login::Login;

/// A code or token belongs to a grant, and is worth nothing once the grant is revoked: so a family of refresh tokens ends
/// together (RFC 9700 §4.14.2), and a code used twice takes its tokens with it (RFC 6749 §4.1.2).
#[derive(Default)]
pub(crate) struct Ledger {
    grants: Vec<Grant>,
    codes: BTreeMap<String, Code>,
    access_tokens: BTreeMap<String, AccessToken>,
    refresh_tokens: BTreeMap<String, RefreshToken>,
    reuses: usize,
    revoked_families: usize,
    refreshes: usize,
}

/// What a user, or a client for itself, allowed.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    /// A user's name, or the client's own id.
    pub(crate) subject: String,
    /// Who acts for the subject, where somebody does (RFC 8693 §4.1).
    pub(crate) actor: Option<String>,
    pub(crate) access: Access,
    pub(crate) is_revoked: bool,
    /// Where the client asked who the user is.
    pub(crate) login: Option<Login>,
}

/// What a token may do, and where.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Access {
    pub(crate) scopes: Vec<String>,
    /// Resources and audiences (RFC 8707, RFC 8693); empty where the client named none.
    pub(crate) targets: Vec<String>,
}

/// Which grant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct GrantId(usize);

#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) grant: GrantId,
    /// As the authorization request had it, or had it not.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) challenge: Option<String>,
    /// The thumbprint it is bound to (RFC 9449 §10).
    pub(crate) key: Option<String>,
    pub(crate) expires_at: u64,
    pub(crate) is_spent: bool,
}

#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) grant: GrantId,
    /// The thumbprint it is bound to (RFC 9449 §6).
    pub(crate) key: Option<String>,
    pub(crate) access: Access,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
}

#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) grant: GrantId,
    pub(crate) key: Option<String>,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
    /// When it was first used.
    pub(crate) spent_at: Option<u64>,
    /// How many of its grant came before it.
    pub(crate) rotations: usize,
}

impl Ledger {
    pub(crate) fn open(&mut self, client_id: &str, subject: &str, access: Access) -> GrantId {
        self.open_for(client_id, subject, None, access)
    }

    /// The same where somebody acts for the subject.
    pub(crate) fn open_for(
        &mut self,
        client_id: &str,
        subject: &str,
        actor: Option<String>,
        access: Access,
    ) -> GrantId {
        let (client_id, subject) = (client_id.to_owned(), subject.to_owned());
        self.grants.push(Grant {
            client_id,
            subject,
            actor,
            access,
            is_revoked: false,
            login: None,
        });
        GrantId(self.grants.len() - 1)
    }

    pub(crate) fn remember_login(&mut self, GrantId(at): GrantId, login: Login) {
        if let Some(grant) = self.grants.get_mut(at) {
            grant.login = Some(login);
        }
    }

    pub(crate) fn grant(&self, GrantId(at): GrantId) -> Option<&Grant> {
        self.grants.get(at).filter(|grant| !grant.is_revoked)
    }

    /// Whether the user has allowed the client all of this before.
    pub(crate) fn has_allowed(&self, client_id: &str, subject: &str, scopes: &[String]) -> bool {
        self.grants.iter().any(|grant| {
            let is_theirs = grant.client_id == client_id && grant.subject == subject;
            let covers = |scope| grant.access.scopes.contains(scope);
            is_theirs && !grant.is_revoked && scopes.iter().all(covers)
        })
    }

    pub(crate) fn revoke(&mut self, GrantId(at): GrantId) {
        if let Some(grant) = self.grants.get_mut(at) {
            grant.is_revoked = true;
        }
    }

    /// The clients that know this session. Their grants end with it, but for those of users who are not there
    /// (OpenID Connect Back-Channel Logout §2.7).
    pub(crate) fn end_session(&mut self, sid: &str) -> Vec<String> {
        let mut clients = Vec::new();
        for grant in &mut self.grants {
            let is_of = grant.login.as_ref().is_some_and(|login| login.sid == sid);
            if !is_of || grant.is_revoked {
                continue;
            }
            if !clients.contains(&grant.client_id) {
                clients.push(grant.client_id.clone());
            }
            let scopes = &grant.access.scopes;
            grant.is_revoked = !scopes.iter().any(|scope| scope == "offline_access");
        }
        clients
    }

    pub(crate) fn revoke_client(&mut self, client_id: &str) {
        let grants = self.grants.iter_mut();
        grants
            .filter(|grant| grant.client_id == client_id)
            .for_each(|grant| grant.is_revoked = true);
    }

    pub(crate) fn revoke_everything(&mut self) {
        self.grants
            .iter_mut()
            .for_each(|grant| grant.is_revoked = true);
    }

    pub(crate) fn add_code(&mut self, text: &str, code: Code) {
        self.codes.insert(text.to_owned(), code);
    }

    pub(crate) fn code(&self, text: &str) -> Option<&Code> {
        self.codes.get(text)
    }

    pub(crate) fn spend_code(&mut self, text: &str) {
        if let Some(code) = self.codes.get_mut(text) {
            code.is_spent = true;
        }
    }

    pub(crate) fn add_access(&mut self, text: &str, token: AccessToken) {
        self.access_tokens.insert(text.to_owned(), token);
    }

    /// The access token and its grant, if both are good.
    pub(crate) fn access(&self, text: &str, now: u64) -> Option<(&AccessToken, &Grant)> {
        let token = self
            .access_tokens
            .get(text)
            .filter(|token| now < token.expires_at)?;
        Some((token, self.grant(token.grant)?))
    }

    pub(crate) fn add_refresh(&mut self, text: &str, token: RefreshToken) {
        self.refresh_tokens.insert(text.to_owned(), token);
    }

    pub(crate) fn refresh(&self, text: &str) -> Option<&RefreshToken> {
        self.refresh_tokens.get(text)
    }

    /// The refresh token and its grant, if both are good.
    pub(crate) fn active_refresh(&self, text: &str, now: u64) -> Option<(&RefreshToken, &Grant)> {
        let token = self.refresh(text)?;
        let is_active = token.spent_at.is_none() && now < token.expires_at;
        let grant = self.grant(token.grant)?;
        is_active.then_some((token, grant))
    }

    /// Where it was spent before, that stays the moment it was.
    pub(crate) fn spend_refresh(&mut self, text: &str, now: u64) {
        if let Some(token) = self.refresh_tokens.get_mut(text) {
            token.spent_at.get_or_insert(now);
        }
    }

    pub(crate) fn count_refresh(&mut self) {
        self.refreshes += 1;
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.refreshes
    }

    pub(crate) fn count_reuse(&mut self) {
        self.reuses += 1;
    }

    /// Ends the grant of a refresh token that was used again.
    pub(crate) fn revoke_family(&mut self, grant: GrantId) {
        if self.grant(grant).is_some() {
            self.revoked_families += 1;
        }
        self.revoke(grant);
    }

    pub(crate) fn revoked_families(&self) -> usize {
        self.revoked_families
    }

    pub(crate) fn reuses(&self) -> usize {
        self.reuses
    }

    /// Takes a token back that this client owns: an access token alone, a refresh token with its whole grant.
    pub(crate) fn give_back(&mut self, text: &str, client_id: &str) {
        let owns = |ledger: &Self, grant| {
            ledger
                .grant(grant)
                .is_some_and(|grant| grant.client_id == client_id)
        };
        if let Some(grant) = self.access_tokens.get(text).map(|token| token.grant)
            && owns(self, grant)
        {
            self.access_tokens.remove(text);
        }
        if let Some(grant) = self.refresh_tokens.get(text).map(|token| token.grant)
            && owns(self, grant)
        {
            self.revoke(grant);
        }
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("grants", &self.grants)
            .field("codes", &self.codes.len())
            .field("access_tokens", &self.access_tokens.len())
            .field("refresh_tokens", &self.refresh_tokens.len())
            .field("refreshes", &self.refreshes)
            .field("reuses", &self.reuses)
            .field("revoked_families", &self.revoked_families)
            .finish()
    }
}
