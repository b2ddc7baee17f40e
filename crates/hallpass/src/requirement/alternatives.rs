//! The ways to meet a requirement, one after the other.

use std::collections::BTreeSet;
use std::fmt;

use http::{HeaderMap, StatusCode};

use hallpass_token::TokenSet;

use crate::scheme::Kind;
use crate::{NoToken, Outgoing, SchemeFailure, Security, SecurityError, Unmet};

use super::choice::{Choice, Found, Known};
use super::write::{self, Changes, NotPresented, Refusal};

/// The ways to meet a requirement that the resource has not refused.
///
/// ```
/// # use hallpass::{Security, SecurityError};
/// # use http::{Request, Response};
/// async fn call(
///     security: &Security,
///     request: &Request<()>,
///     send: impl AsyncFn(Request<()>) -> Response<()>,
/// ) -> Result<Response<()>, SecurityError> {
///     let mut left = security.alternatives();
///     loop {
///         let mut attempt = request.clone();
///         let applied = left.authorize(&mut attempt).await?;
///         let response = send(attempt).await;
///         match applied.answered(response.status(), response.headers()) {
///             Some(next) => left = next,
///             None => return Ok(response),
///         }
///     }
/// }
/// ```
///
/// None comes twice, and one that needs the same schemes as another is the same. What a scheme answered is kept from
/// one to the next: a token endpoint is asked once. After 1,024 that were looked at there are no more.
#[must_use]
pub struct Alternatives {
    security: Security,
    states: Vec<State>,
    failures: Vec<SchemeFailure>,
    search: Search,
    refused: BTreeSet<BTreeSet<usize>>,
    /// What is to be written once more.
    repeat: Option<BTreeSet<usize>>,
}

/// What a scheme turned out to be.
enum State {
    NotAsked,
    Ready,
    Tokens(Box<TokenSet>),
    Failed,
}

struct Search {
    choice: Choice,
    begun: bool,
    looked_at: usize,
}

const MAX_LOOKED_AT: usize = 1024;

/// How a request was authorised.
pub struct Applied {
    used: BTreeSet<usize>,
    /// The request's address without its query, as proofs name it.
    target: String,
    /// Whether it was written before, and a nonce was demanded.
    repeated: bool,
    left: Alternatives,
}

impl Alternatives {
    pub(crate) fn new(security: Security) -> Self {
        let checked = security.checked();
        let search = Search {
            choice: Choice::new(&checked.nodes),
            begun: false,
            looked_at: 0,
        };
        Self {
            states: checked.schemes.iter().map(|_| State::NotAsked).collect(),
            failures: Vec::new(),
            search,
            refused: BTreeSet::new(),
            repeat: None,
            security,
        }
    }

    /// Writes the next alternative onto a request that none was written on: see [`Security::authorize`].
    ///
    /// # Errors
    /// [`SecurityError`]; the request is then as it was. [`SecurityError::Unmet`] when there is no alternative left.
    pub async fn authorize(
        mut self,
        request: &mut impl Outgoing,
    ) -> Result<Applied, SecurityError> {
        let origin = request.origin()?;
        self.security.check_origin(&origin)?;
        let method = request.method().clone();
        let target = format!("{origin}{}", request.path());
        let repeated = self.repeat.is_some();
        let used = match self.repeat.take() {
            Some(used) => used,
            None => self.find().await?,
        };
        let mut writes = Vec::new();
        for scheme in &used {
            let own = match (self.kind(*scheme), &self.states[*scheme]) {
                (Kind::OAuth(source), State::Tokens(tokens)) => {
                    let own = write::present(&**source, &method, &target, tokens).await;
                    own.map_err(|why| self.not_presented(*scheme, why))?
                }
                (kind, _) => kind.write().map_err(|_| SecurityError::Value {
                    scheme: self.name(*scheme),
                })?,
            };
            writes.extend(own.into_iter().map(|write| (*scheme, write)));
        }
        // From here on nothing waits: a future that is dropped has written nothing.
        let changes = Changes::new(writes, request.query(), request.headers());
        let changes = changes.map_err(|refusal| match refusal {
            Refusal::Occupied { scheme, place } => SecurityError::Occupied {
                scheme: self.name(scheme),
                place,
            },
            Refusal::TooLarge => SecurityError::TooLarge,
        })?;
        match request.change(changes) {
            Ok(()) => Ok(Applied {
                used,
                target,
                repeated,
                left: self,
            }),
            Err(write::TooLarge) => Err(SecurityError::TooLarge),
        }
    }

    /// The same for a request that is being built: see [`Security::authorize_reqwest`].
    ///
    /// # Errors
    /// [`SecurityError`]; nothing was sent.
    #[cfg(feature = "reqwest")]
    pub async fn authorize_reqwest(
        self,
        request: reqwest::RequestBuilder,
    ) -> Result<(reqwest::RequestBuilder, Applied), SecurityError> {
        let (client, request) = request.build_split();
        let mut request = request.map_err(|error| SecurityError::Request(error.without_url()))?;
        let applied = self.authorize(&mut request).await?;
        Ok((
            reqwest::RequestBuilder::from_parts(client, request),
            applied,
        ))
    }

    /// The schemes of the next alternative that was not refused, each ready.
    async fn find(&mut self) -> Result<BTreeSet<usize>, SecurityError> {
        loop {
            match self.look() {
                Some(Found::Ask(scheme)) => self.ask(scheme).await?,
                Some(Found::Unmet) | None => return Err(self.unmet().await.into()),
                Some(Found::Met) => {
                    let nodes = &self.security.checked().nodes;
                    let schemes = self.search.choice.schemes(nodes);
                    if !self.refused.contains(&schemes) {
                        return Ok(schemes);
                    }
                }
            }
        }
    }

    /// `None`: enough was looked at.
    fn look(&mut self) -> Option<Found> {
        let nodes = &self.security.checked().nodes;
        let known: Vec<Known> = self.states.iter().map(State::known).collect();
        let search = &mut self.search;
        let found = match search.begun {
            false => search.choice.first(nodes, &known),
            true => search.choice.next(nodes, &known),
        };
        if found == Found::Met {
            search.begun = true;
            search.looked_at += 1;
        }
        (search.looked_at <= MAX_LOOKED_AT).then_some(found)
    }

    async fn ask(&mut self, scheme: usize) -> Result<(), SecurityError> {
        let name = self.name(scheme);
        let kind = self.kind(scheme);
        let answer = match (kind, kind.undefined()) {
            (Kind::OAuth(source), _) => match source.obtain().await {
                Ok(tokens) => Ok(State::Tokens(Box::new(tokens))),
                Err(failure) => Err(SchemeFailure::of(&name, failure)?),
            },
            (_, Some(what)) => Err(SchemeFailure::Undefined { scheme: name, what }),
            (_, None) => Ok(State::Ready),
        };
        match answer {
            Ok(state) => self.states[scheme] = state,
            Err(failure) => self.fail(scheme, failure),
        }
        Ok(())
    }

    fn fail(&mut self, scheme: usize, failure: SchemeFailure) {
        self.states[scheme] = State::Failed;
        self.failures.push(failure);
    }

    /// Looks also at the schemes that nobody asked, so that the message names all that is missing.
    async fn unmet(&mut self) -> Unmet {
        for scheme in 0..self.states.len() {
            if !matches!(self.states[scheme], State::NotAsked) {
                continue;
            }
            let name = self.name(scheme);
            let kind = self.kind(scheme);
            let failure = match (kind, kind.undefined()) {
                (Kind::OAuth(source), _) => {
                    let lack = source.lack().await;
                    lack.map(|lack| NoToken { scheme: name, lack }.into())
                }
                (_, what) => what.map(|what| SchemeFailure::Undefined { scheme: name, what }),
            };
            if let Some(failure) = failure {
                self.fail(scheme, failure);
            }
        }
        let names = |schemes: &BTreeSet<usize>| schemes.iter().map(|at| self.name(*at)).collect();
        let refused = self.refused.iter().map(names).collect();
        let failures = std::mem::take(&mut self.failures);
        Unmet::new(self.security.checked(), failures, refused)
    }

    fn not_presented(&self, scheme: usize, why: NotPresented) -> SecurityError {
        let scheme = self.name(scheme);
        match why {
            NotPresented::NoHeaderValue => SecurityError::Value { scheme },
            NotPresented::NoProof => SecurityError::NoKey { scheme },
            NotPresented::Failed(source) => SecurityError::Tokens { scheme, source },
        }
    }

    fn kind(&self, scheme: usize) -> &Kind {
        &self.security.checked().schemes[scheme].kind
    }

    fn name(&self, scheme: usize) -> String {
        self.security.checked().schemes[scheme].name().to_owned()
    }
}

impl State {
    fn known(&self) -> Known {
        match self {
            Self::NotAsked => Known::Nothing,
            Self::Ready | Self::Tokens(_) => Known::Usable,
            Self::Failed => Known::Failed,
        }
    }
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

    /// What to try after the resource's answer; `None` when these schemes were not refused.
    ///
    /// After 401 it is the next alternative, never the same again. But where the answer demands a nonce (RFC 9449 §9), the same
    /// comes once more, with a proof that has it.
    pub fn answered(self, status: StatusCode, headers: &HeaderMap) -> Option<Alternatives> {
        let demands_nonce = self.demands_nonce(status, headers);
        match (status, demands_nonce && !self.repeated) {
            (_, true) => Some(self.again()),
            (StatusCode::UNAUTHORIZED, false) => Some(self.refused()),
            (_, false) => None,
        }
    }

    /// What is left when the resource refused this.
    pub fn refused(mut self) -> Alternatives {
        self.left.refused.insert(self.used);
        self.left
    }

    fn again(mut self) -> Alternatives {
        self.left.repeat = Some(self.used);
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

impl fmt::Debug for Alternatives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alternatives")
            .field("security", &self.security)
            .field("refused", &self.refused.len())
            .finish_non_exhaustive()
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
