//! How a request was authorised, and what comes after the resource's answer.

use std::collections::BTreeSet;
use std::fmt;

use http::{HeaderMap, StatusCode};

use hallpass_token::Secret;

use crate::refusal::Refusal;
use crate::scheme::Kind;
use crate::{Alternatives, SchemeFailure};

use super::alternatives::Next;

/// How a request was authorised.
pub struct Applied {
    pub(super) used: BTreeSet<usize>,
    /// The request's address without its query, as proofs name it.
    pub(super) target: String,
    /// Whether it was written before, and a nonce was demanded.
    pub(super) repeated: bool,
    /// What was written in the query.
    pub(super) parameters: Vec<(String, Secret)>,
    pub(super) left: Alternatives,
}

impl Applied {
    /// The names of the schemes that were used, in the order the requirement names them.
    pub fn schemes(&self) -> Vec<&str> {
        let schemes = &self.left.security.checked().schemes;
        self.used.iter().map(|at| schemes[*at].name()).collect()
    }

    /// Why others that come before could not be used.
    pub fn passed_over(&self) -> &[SchemeFailure] {
        &self.left.failures
    }

    /// What to try after the resource's answer; `None` when these schemes were not refused, and when no other token would do: 403, and a
    /// 401 that says `insufficient_scope`.
    ///
    /// After 401 it is the same with other tokens, if a source that is told ([`TokenSource::refused`](crate::TokenSource::refused)) has
    /// any, which is asked of it once; else the next alternative. But where the answer demands a nonce (RFC 9449 §9), the same comes once
    /// more, with a proof that has it. The same is never sent again.
    pub fn answered(self, status: StatusCode, headers: &HeaderMap) -> Option<Alternatives> {
        let demands_nonce = self.demands_nonce(status, headers);
        match (demands_nonce, Refusal::of(status, headers)) {
            (true, _) if !self.repeated => Some(self.again()),
            (true, _) if status != StatusCode::UNAUTHORIZED => None,
            (true, _) | (false, Refusal::Presentation) => Some(self.refused()),
            (false, Refusal::Token) => Some(self.renewed()),
            (false, Refusal::None) => None,
        }
    }

    /// What is left when the resource refused this: the next alternative.
    pub fn refused(mut self) -> Alternatives {
        self.left.refused.insert(self.used);
        self.left
    }

    /// An address without the secrets that were written into the query: servers repeat what they were asked with where they redirect to
    /// (`Location`), be it another server's address. `None`: it has none of them.
    pub fn without_secrets(&self, address: &str) -> Option<String> {
        let (address, fragment) = match address.split_once('#') {
            Some((address, fragment)) => (address, format!("#{fragment}")),
            None => (address, String::new()),
        };
        let (path, query) = address.split_once('?')?;
        let kept: Vec<&str> = query.split('&').filter(|pair| !self.wrote(pair)).collect();
        match kept.join("&") {
            same if same.len() == query.len() => None,
            none if none.is_empty() => Some(format!("{path}{fragment}")),
            kept => Some(format!("{path}?{kept}{fragment}")),
        }
    }

    /// Whether one of the secrets stands in this pair of a query: as it was written, or, where it is long enough not to stand there by
    /// chance, in the middle of something else.
    fn wrote(&self, pair: &str) -> bool {
        const LONG: usize = 16;
        let is_one = |name: &str, value: &str| {
            self.parameters.iter().any(|(own, secret)| {
                let secret = secret.expose_secret();
                own == name && secret == value || secret.len() >= LONG && value.contains(secret)
            })
        };
        form_urlencoded::parse(pair.as_bytes()).any(|(name, value)| is_one(&name, &value))
    }

    fn again(mut self) -> Alternatives {
        self.left.next = Next::Again(self.used);
        self.left
    }

    fn renewed(mut self) -> Alternatives {
        self.left.next = Next::Renewed {
            used: self.used,
            repeated: self.repeated,
        };
        self.left
    }

    fn demands_nonce(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let demands = |scheme: &usize| match self.left.kind(*scheme) {
            Kind::OAuth(source) => source.demands_nonce(&self.target, status, headers),
            _ => false,
        };
        // Each is told, so that each keeps its nonce.
        self.used.iter().filter(|scheme| demands(scheme)).count() > 0
    }
}

impl fmt::Debug for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applied")
            .field("schemes", &self.schemes())
            .field("passed_over", &self.passed_over())
            .finish_non_exhaustive()
    }
}
