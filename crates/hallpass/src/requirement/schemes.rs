//! The schemes of an API by name, and a requirement that is checked against them.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::{Applied, Origin, Outgoing, Place, Requirement, Scheme, SecurityError};

use super::alternatives::Alternatives;
use super::{Excess, MAX_DEPTH, MAX_SIZE, Step};

/// The schemes of an API, each by its name. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Schemes(Arc<HashMap<String, Arc<Scheme>>>);

/// Two schemes have this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two schemes are called {0}: give each a name of its own")]
pub struct DuplicateScheme(
    /// The name.
    pub String,
);

/// Why a requirement cannot be used with these schemes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequirementError {
    /// No scheme has this name.
    #[error("there is no scheme called {0:?}: give it to `Schemes::new`")]
    Unknown(String),
    /// An `any` has no members, so it could never be met.
    #[error(
        "an `any` without members can never be met: what needs nothing is an `all` without members"
    )]
    EmptyAny,
    /// More than 256 names, `all` and `any`.
    #[error("a requirement has at most {MAX_SIZE} names, `all` and `any` together")]
    TooLarge,
    /// More than 32 levels.
    #[error("a requirement is at most {MAX_DEPTH} levels deep")]
    TooDeep,
    /// Two schemes that may be used together write the same place.
    #[error("{first} and {second} may be needed together, and both write {place}: only one can")]
    Conflict {
        /// The one that is named first.
        first: String,
        /// The other.
        second: String,
        /// What both write.
        place: Place,
    },
}

/// A requirement and the schemes it names. Cheap to clone.
///
/// ```
/// # use hallpass::{Origin, Requirement, Scheme, Schemes};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let api = Origin::new("https://api.example")?;
/// let schemes = Schemes::new([
///     Scheme::bearer("apiToken", &api, "")?, // not set
///     Scheme::basic("login", &api, "alice", "wonderland")?,
/// ])?;
/// let security = schemes.require(Requirement::any(["apiToken", "login"]))?;
///
/// let mut request = http::Request::get("https://api.example/files").body(())?;
/// let applied = security.authorize(&mut request).await?;
/// assert_eq!(applied.schemes(), ["login"]);
/// assert_eq!(applied.passed_over()[0].to_string(), "[apiToken: token is undefined.]");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Security(Arc<Checked>);

/// What [`Security`] shares.
pub(crate) struct Checked {
    requirement: Requirement,
    /// Each that is named, once.
    pub(crate) schemes: Vec<Arc<Scheme>>,
    /// Members before what has them; the whole is the last.
    pub(crate) nodes: Vec<Node>,
}

/// Schemes and members by their index.
pub(crate) enum Node {
    Scheme(usize),
    All(Vec<usize>),
    Any(Vec<usize>),
}

impl Schemes {
    /// These schemes.
    ///
    /// # Errors
    /// [`DuplicateScheme`].
    pub fn new(schemes: impl IntoIterator<Item = Scheme>) -> Result<Self, DuplicateScheme> {
        let mut named = HashMap::new();
        for scheme in schemes {
            let name = scheme.name().to_owned();
            if named.insert(name.clone(), Arc::new(scheme)).is_some() {
                return Err(DuplicateScheme(name));
            }
        }
        Ok(Self(Arc::new(named)))
    }

    /// The scheme with this name.
    pub fn scheme(&self, name: &str) -> Option<&Scheme> {
        self.0.get(name).map(|scheme| &**scheme)
    }

    /// A requirement with the schemes it names.
    ///
    /// Two schemes that could come together, whichever alternatives are taken, must not write the same place: that is
    /// told here, and not on the day when both have a token.
    ///
    /// # Errors
    /// [`RequirementError`].
    pub fn require(
        &self,
        requirement: impl Into<Requirement>,
    ) -> Result<Security, RequirementError> {
        let requirement = requirement.into();
        let steps = requirement.steps().map_err(|excess| match excess {
            Excess::Size => RequirementError::TooLarge,
            Excess::Depth => RequirementError::TooDeep,
        })?;
        let mut schemes = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut nodes = Vec::with_capacity(steps.len());
        let mut stack: Vec<usize> = Vec::new();
        for step in steps {
            let mut last = |count: &usize| stack.split_off(stack.len().saturating_sub(*count));
            let node = match step {
                Step::Scheme(name) => {
                    let known = self.0.get(name).ok_or_else(|| unknown(name))?;
                    Node::Scheme(*places.entry(name).or_insert_with(|| {
                        schemes.push(known.clone());
                        schemes.len() - 1
                    }))
                }
                Step::Any(0) => return Err(RequirementError::EmptyAny),
                Step::All(count) => Node::All(last(count)),
                Step::Any(count) => Node::Any(last(count)),
            };
            stack.push(nodes.len());
            nodes.push(node);
        }
        without_conflict(&nodes, &schemes)?;
        Ok(Security(Arc::new(Checked {
            requirement,
            schemes,
            nodes,
        })))
    }
}

impl Security {
    /// Writes what the requirement needs onto a request: an `http::Request`, its `Parts`, a `reqwest::Request`.
    ///
    /// The first member of an `any` that can be met is used. One that has no token, or whose authorization server says no
    /// or cannot be reached, is passed over ([`Applied::passed_over`]). The members of an `all` are asked one after
    /// the other; after one that cannot be met no authorization server is asked any more.
    ///
    /// # Errors
    /// [`SecurityError`]; the request is then as it was, and so it is when the future is dropped.
    pub async fn authorize(&self, request: &mut impl Outgoing) -> Result<Applied, SecurityError> {
        self.alternatives().authorize(request).await
    }

    /// The same for a request that is being built.
    ///
    /// A `reqwest::Client` that follows a redirect to another origin takes `Authorization` and `Cookie` off, but not
    /// a header of the API's own, a `DPoP` proof, or the query that stands in `Referer`: build it with `redirect::Policy::none()`, or take an
    /// `AuthorizedClient` (feature `reqwest-middleware`), which follows redirects safely.
    ///
    /// # Errors
    /// [`SecurityError`]; nothing was sent.
    #[cfg(feature = "reqwest")]
    pub async fn authorize_reqwest(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<(reqwest::RequestBuilder, Applied), SecurityError> {
        self.alternatives().authorize_reqwest(request).await
    }

    /// The ways to meet the requirement, none of them tried.
    pub fn alternatives(&self) -> Alternatives {
        Alternatives::new(self.clone())
    }

    /// The requirement.
    pub fn requirement(&self) -> &Requirement {
        &self.0.requirement
    }

    pub(crate) fn checked(&self) -> &Checked {
        &self.0
    }

    /// Whether something is put on a request to this origin.
    #[cfg(feature = "reqwest-middleware")]
    pub(crate) fn is_for(&self, origin: &Origin) -> bool {
        !self.0.schemes.is_empty() && self.check_origin(origin).is_ok()
    }

    /// Every scheme has to be for this origin, also one that would not be used: whether a request may go out must not
    /// depend on which token happens to be valid.
    pub(crate) fn check_origin(&self, origin: &Origin) -> Result<(), SecurityError> {
        let foreign = |scheme: &&Arc<Scheme>| !scheme.origins().contains(origin);
        match self.0.schemes.iter().find(foreign) {
            None => Ok(()),
            Some(scheme) => Err(SecurityError::OtherOrigin {
                scheme: scheme.name().to_owned(),
                origin: origin.clone(),
            }),
        }
    }
}

/// A call that needs just this scheme.
impl From<Scheme> for Security {
    fn from(scheme: Scheme) -> Self {
        Self(Arc::new(Checked {
            requirement: Requirement::scheme(scheme.name()),
            schemes: vec![Arc::new(scheme)],
            nodes: vec![Node::Scheme(0)],
        }))
    }
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Security")
            .field("requirement", &self.0.requirement)
            .field("schemes", &self.0.schemes)
            .finish()
    }
}

/// What stands in a message is bounded.
fn unknown(name: &str) -> RequirementError {
    RequirementError::Unknown(name.chars().take(128).collect())
}

/// Looks in each `all` whether schemes of two of its members write the same place.
fn without_conflict(nodes: &[Node], schemes: &[Arc<Scheme>]) -> Result<(), RequirementError> {
    let places: Vec<Place> = schemes.iter().map(|scheme| scheme.place()).collect();
    let mut below: Vec<BTreeSet<usize>> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut own = BTreeSet::new();
        match node {
            Node::Scheme(scheme) => drop(own.insert(*scheme)),
            Node::Any(members) => own.extend(members.iter().flat_map(|member| &below[*member])),
            Node::All(members) => {
                let mut writers: HashMap<&Place, BTreeSet<usize>> = HashMap::new();
                for member in members {
                    for second in &below[*member] {
                        let before = writers.get(&places[*second]);
                        if let Some(first) =
                            before.and_then(|all| all.iter().find(|one| *one != second))
                        {
                            return Err(RequirementError::Conflict {
                                first: schemes[*first].name().to_owned(),
                                second: schemes[*second].name().to_owned(),
                                place: places[*second].clone(),
                            });
                        }
                    }
                    for scheme in &below[*member] {
                        writers.entry(&places[*scheme]).or_default().insert(*scheme);
                    }
                    own.extend(&below[*member]);
                }
            }
        }
        below.push(own);
    }
    Ok(())
}
