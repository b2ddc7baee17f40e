//! The ways to meet a requirement, one after the other.

use std::collections::BTreeSet;
use std::fmt;

use hallpass_session::Tokens;
use hallpass_token::Secret;

use crate::scheme::Kind;
use crate::{Applied, NoToken, Origin, Outgoing, SchemeFailure, Security, SecurityError, Unmet};

use super::choice::{Choice, Found, Known};
use super::write::{self, Changes, NotPresented, Refusal, Write};

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
/// None comes twice with the same tokens, and one that needs the same schemes as another is the same. What a scheme answered is kept from
/// one to the next: a token endpoint is asked once, and once more for tokens that the resource refused. After 1,024 that were looked at
/// there are no more.
#[must_use]
pub struct Alternatives {
    pub(super) security: Security,
    states: Vec<State>,
    pub(super) failures: Vec<SchemeFailure>,
    search: Search,
    pub(super) refused: BTreeSet<BTreeSet<usize>>,
    pub(super) next: Next,
    /// The schemes whose sources were told of a refusal.
    renewed: BTreeSet<usize>,
    /// Whether one of them should have had other tokens.
    is_renewal_lost: bool,
}

/// What comes next.
pub(super) enum Next {
    /// One that was not written yet.
    Other,
    /// This once more, for a nonce was demanded.
    Again(BTreeSet<usize>),
    /// This once more if there are other tokens for it.
    Renewed {
        used: BTreeSet<usize>,
        repeated: bool,
    },
}

/// What a scheme turned out to be.
enum State {
    NotAsked,
    Ready,
    Tokens(Tokens),
    Failed,
}

struct Search {
    choice: Choice,
    begun: bool,
    looked_at: usize,
}

const MAX_LOOKED_AT: usize = 1024;

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
            next: Next::Other,
            renewed: BTreeSet::new(),
            is_renewal_lost: false,
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
        match self.find_for(request.origin()?).await? {
            Some((used, repeated)) => self.write(request, used, repeated).await,
            None => Err(self.unmet().await.into()),
        }
    }

    /// The same after an answer. `None`: nothing is left, and nothing else is known than that answer.
    #[cfg(any(feature = "reqwest", feature = "tower"))]
    pub(crate) async fn authorize_again(
        mut self,
        request: &mut impl Outgoing,
    ) -> Result<Option<Applied>, SecurityError> {
        match self.find_for(request.origin()?).await? {
            Some((used, repeated)) => Ok(Some(self.write(request, used, repeated).await?)),
            None if self.is_renewal_lost => Err(self.unmet().await.into()),
            None => Ok(None),
        }
    }

    /// Tells the sources what was refused, though nothing is sent again.
    #[cfg(any(feature = "reqwest", feature = "tower"))]
    pub(crate) async fn tell_refusal(mut self) -> Result<(), SecurityError> {
        match std::mem::replace(&mut self.next, Next::Other) {
            Next::Renewed { used, .. } => self.renew(&used).await.map(drop),
            Next::Other | Next::Again(_) => Ok(()),
        }
    }

    /// The schemes to be written, and whether they were written before and a nonce was demanded.
    async fn find_for(
        &mut self,
        origin: Origin,
    ) -> Result<Option<(BTreeSet<usize>, bool)>, SecurityError> {
        self.security.check_origin(&origin)?;
        match std::mem::replace(&mut self.next, Next::Other) {
            Next::Again(used) => return Ok(Some((used, true))),
            Next::Renewed { used, repeated } => match self.renew(&used).await? {
                true => return Ok(Some((used, repeated))),
                false => drop(self.refused.insert(used)),
            },
            Next::Other => {}
        }
        let found = self.find().await?;
        Ok(found.map(|used| (used, false)))
    }

    async fn write(
        self,
        request: &mut impl Outgoing,
        used: BTreeSet<usize>,
        repeated: bool,
    ) -> Result<Applied, SecurityError> {
        let method = request.method().clone();
        let target = format!("{}{}", request.origin()?, request.path());
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
        let parameters = parameters(&writes);
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
                parameters,
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
    async fn find(&mut self) -> Result<Option<BTreeSet<usize>>, SecurityError> {
        loop {
            match self.look() {
                Some(Found::Ask(scheme)) => self.ask(scheme).await?,
                Some(Found::Unmet) | None => return Ok(None),
                Some(Found::Met) => {
                    let nodes = &self.security.checked().nodes;
                    let schemes = self.search.choice.schemes(nodes);
                    if !self.refused.contains(&schemes) && self.are_ready(&schemes).await? {
                        return Ok(Some(schemes));
                    }
                }
            }
        }
    }

    /// A scheme that was met when an alternative was chosen may have failed since: its tokens were refused, and there were no others.
    async fn are_ready(&mut self, schemes: &BTreeSet<usize>) -> Result<bool, SecurityError> {
        for scheme in schemes {
            if matches!(self.states[*scheme], State::NotAsked) {
                self.ask(*scheme).await?;
            }
            if matches!(self.states[*scheme], State::Failed) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells each source once what was refused. Whether the same alternative can be written with other tokens.
    async fn renew(&mut self, used: &BTreeSet<usize>) -> Result<bool, SecurityError> {
        let mut is_other = false;
        for scheme in used {
            let refused = match (self.kind(*scheme), &self.states[*scheme]) {
                (Kind::OAuth(source), State::Tokens(tokens)) if !self.renewed.contains(scheme) => {
                    let others = source.refused(tokens).await;
                    // The same are never sent again.
                    others
                        .map(|others| others.filter(|own| own.access_token != tokens.access_token))
                }
                _ => continue,
            };
            self.renewed.insert(*scheme);
            match refused {
                Ok(Some(others)) => {
                    self.states[*scheme] = State::Tokens(others);
                    is_other = true;
                }
                Ok(None) => {}
                Err(failure) => {
                    let failure = SchemeFailure::of(&self.name(*scheme), failure)?;
                    self.fail(*scheme, failure);
                    self.is_renewal_lost = true;
                    return Ok(false);
                }
            }
        }
        Ok(is_other)
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
                Ok(tokens) => Ok(State::Tokens(tokens)),
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

    pub(super) fn kind(&self, scheme: usize) -> &Kind {
        &self.security.checked().schemes[scheme].kind
    }

    fn name(&self, scheme: usize) -> String {
        self.security.checked().schemes[scheme].name().to_owned()
    }
}

/// What is written in the query.
fn parameters(writes: &[(usize, Write)]) -> Vec<(String, Secret)> {
    let of_query = |(_, write): &(usize, Write)| match write {
        Write::Query { name, value } => Some((name.clone(), value.clone())),
        Write::Header(..) | Write::Cookie { .. } => None,
    };
    writes.iter().filter_map(of_query).collect()
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

impl fmt::Debug for Alternatives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alternatives")
            .field("security", &self.security)
            .field("refused", &self.refused.len())
            .finish_non_exhaustive()
    }
}
