//! An authorization server that rotates refresh tokens, as strict ones do; or does not.

use hallpass_grant::Response;
use hallpass_grant::token::{AccessToken, RefreshToken, TokenSet};
use time::UtcDateTime;

/// What the server does about a refresh token that was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reuse {
    /// It takes it for theft: the whole family is dead.
    Revokes,
    /// It is refused, and nothing else.
    Refuses,
    /// For so many milliseconds after the first use it is answered again; after that it is theft.
    Grace(u64),
    /// It never rotates: one refresh token is good for as long as its family.
    Expects,
}

/// Why a family is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Death {
    Reuse,
    Consent,
    Revoked,
}

#[derive(Debug)]
pub(super) struct Family {
    /// The number of the refresh token that is good.
    pub(super) current: u32,
    pub(super) dead: Option<Death>,
    /// The number of the refresh token whose reuse was taken for theft.
    pub(super) reused: Option<u32>,
    rotated_at: u64,
    /// How many access tokens were given for the same refresh token.
    answers: u32,
}

/// Names one refresh token: its family, and its number in it.
pub(super) type Name = (usize, u32);

#[derive(Debug)]
pub(super) struct Server {
    pub(super) reuse: Reuse,
    /// Whether the revocation of a spent refresh token ends its family too.
    pub(super) revokes_families: bool,
    pub(super) lifetime: u64,
    /// `DPoP` where it binds tokens to a key.
    pub(super) token_type: &'static str,
    pub(super) families: Vec<Family>,
}

impl Server {
    /// What a login gives.
    pub(super) fn log_in(&mut self, now: UtcDateTime) -> TokenSet {
        self.families.push(Family {
            current: 0,
            dead: None,
            reused: None,
            rotated_at: 0,
            answers: 0,
        });
        let family = self.families.len() - 1;
        let access_token = AccessToken::new(format!("a{family}.0")).unwrap();
        let lifetime = time::Duration::seconds(self.lifetime.cast_signed());
        TokenSet::new(access_token)
            .with_refresh_token(RefreshToken::new(format!("r{family}.0")).unwrap())
            .with_expiry(now.saturating_add(lifetime))
    }

    /// Answers a refresh. The flag: the refresh token was rotated by it.
    pub(super) fn refresh(&mut self, (family, number): Name, now: u64) -> (Response, bool) {
        let reuse = self.reuse;
        let it = &mut self.families[family];
        if it.dead.is_some() {
            return (refused(), false);
        }
        if number == it.current && reuse == Reuse::Expects {
            it.answers += 1;
            let answers = it.answers;
            return (self.granted(family, answers, ""), false);
        }
        if number == it.current {
            it.current += 1;
            it.rotated_at = now;
            return (self.rotated(family), true);
        }
        match reuse {
            Reuse::Grace(grace) if number + 1 == it.current && now < it.rotated_at + grace => {
                (self.rotated(family), false)
            }
            Reuse::Refuses | Reuse::Expects => (refused(), false),
            Reuse::Revokes | Reuse::Grace(_) => {
                it.dead = Some(Death::Reuse);
                it.reused = Some(number);
                (refused(), false)
            }
        }
    }

    pub(super) fn is_good(&self, (family, number): Name) -> bool {
        let it = &self.families[family];
        it.dead.is_none() && it.current == number
    }

    fn rotated(&self, family: usize) -> Response {
        let number = self.families[family].current;
        let new = format!(r#","refresh_token":"r{family}.{number}""#);
        self.granted(family, number, &new)
    }

    fn granted(&self, family: usize, number: u32, more: &str) -> Response {
        let (token_type, lifetime) = (self.token_type, self.lifetime);
        json(200).with_body(format!(
            r#"{{"access_token":"a{family}.{number}","token_type":"{token_type}","expires_in":{lifetime}{more}}}"#
        ))
    }

    /// Revokes a refresh token that is good; one that is spent is nothing to it (RFC 7009 §2.2), or ends its family.
    pub(super) fn revoke(&mut self, (family, number): Name) -> Response {
        let it = &mut self.families[family];
        if (number == it.current || self.revokes_families) && it.dead.is_none() {
            it.dead = Some(Death::Revoked);
        }
        Response::new(200)
    }
}

/// The name in a refresh token's text, or in a form that it stands in.
pub(super) fn name(text: &str) -> Name {
    let after = text
        .rsplit_once("token=r")
        .map_or_else(|| text.strip_prefix('r').unwrap(), |(_, after)| after);
    let (family, rest) = after.split_once('.').unwrap();
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    (family.parse().unwrap(), rest[..digits].parse().unwrap())
}

/// Asks for the same once more, with a nonce.
pub(super) fn challenge(nonce: u64) -> Response {
    json(400)
        .with_header("dpop-nonce", &format!("n{nonce}"))
        .with_body(r#"{"error":"use_dpop_nonce"}"#.to_owned())
}

fn refused() -> Response {
    json(400).with_body(r#"{"error":"invalid_grant"}"#.to_owned())
}

pub(super) fn json(status: u16) -> Response {
    Response::new(status).with_header("content-type", "application/json")
}
