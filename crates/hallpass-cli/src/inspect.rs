//! What a server says of itself, and what is wrong or weak in it: a function of its documents, without a socket.

use std::cmp::Reverse;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use hallpass::Issuer;
use hallpass::token::Members;

mod clients;
mod differences;
mod endpoints;
mod finding;
mod keys;
mod offers;
mod supports;

pub use finding::{Finding, Severity};
pub use supports::{Feature, Supports};

/// What was read of a server.
#[derive(Clone, Debug)]
pub struct Documents {
    /// Who was asked for.
    pub issuer: Issuer,
    /// `/.well-known/oauth-authorization-server` (RFC 8414 §3).
    pub oauth: Document,
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery §4).
    pub openid: Document,
    /// What `jwks_uri` leads to (RFC 7517 §5).
    pub keys: Document,
}

/// One document, as it came, or why there is none.
#[derive(Clone, PartialEq, Eq)]
pub enum Document {
    /// Its bytes.
    Read(Vec<u8>),
    /// Why there is none, for a person.
    Absent(String),
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(bytes) => write!(f, "Read({} bytes)", bytes.len()),
            Self::Absent(why) => write!(f, "Absent({why})"),
        }
    }
}

/// What came of looking at a server's documents.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Who was asked for.
    pub issuer: String,
    /// What the server supports, by its own account.
    pub supports: Supports,
    /// What is wrong or weak, the worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The worst that was found; `None` when nothing was.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// What both documents say together. Where they differ it is what RFC 8414's says: a client of the library reads that first.
pub fn metadata(documents: &Documents) -> Map<String, Value> {
    let object = |document: &Document| -> Map<String, Value> {
        match document {
            Document::Read(bytes) => serde_json::from_slice(bytes).unwrap_or_default(),
            Document::Absent(_) => Map::new(),
        }
    };
    let mut members = object(&documents.openid);
    members.extend(object(&documents.oauth));
    sorted(members)
}

/// Whether a map has its members in the order they came in depends on what else is built with this program.
fn sorted(mut members: Map<String, Value>) -> Map<String, Value> {
    members.sort_keys();
    members
}

/// Says what the documents show.
pub fn inspect(documents: &Documents) -> Report {
    let mut findings = Vec::new();
    let oauth = object("RFC 8414's metadata", &documents.oauth, &mut findings);
    let openid = object(
        "OpenID Connect's metadata",
        &documents.openid,
        &mut findings,
    );
    match (&oauth, &openid) {
        (Some(oauth), Some(openid)) => differences::check(oauth, openid, &mut findings),
        (None, Some(_)) => findings.push(Finding::note(
            "openid-metadata-only",
            absence("/.well-known/oauth-authorization-server", &documents.oauth),
            "RFC 8414 §3: clients that know no OpenID Connect look there alone",
            "serve the same document at both places",
        )),
        (None, None) => findings.push(Finding::severe(
            "no-metadata",
            format!(
                "{}; {}",
                absence("/.well-known/oauth-authorization-server", &documents.oauth),
                absence("/.well-known/openid-configuration", &documents.openid)
            ),
            "RFC 8414 §3",
            "publish metadata; until then give clients the endpoints by hand (--authorization-endpoint, --token-endpoint, …)",
        )),
        (Some(_), None) => {}
    }
    let is_openid = openid.is_some();
    let metadata = metadata(documents);
    if !metadata.is_empty() {
        endpoints::check(&documents.issuer, &metadata, is_openid, &mut findings);
        offers::check(&metadata, &mut findings);
        clients::check(&metadata, is_openid, &mut findings);
        keys::check(&metadata, &documents.keys, is_openid, &mut findings);
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    Report {
        issuer: documents.issuer.to_string(),
        supports: Supports::of(&metadata),
        findings,
    }
}

/// The object in a document. One that a strict reader refuses is told, and read all the same.
fn object(
    name: &str,
    document: &Document,
    findings: &mut Vec<Finding>,
) -> Option<Map<String, Value>> {
    let Document::Read(bytes) = document else {
        return None;
    };
    let Ok(object) = serde_json::from_slice(bytes).map(sorted) else {
        findings.push(Finding::wrong(
            "not-json",
            format!("{name} is not a JSON object"),
            "RFC 8414 §3.2",
            "answer 404 where there is no metadata",
        ));
        return None;
    };
    if let Err(error) = Members::read(bytes) {
        findings.push(Finding::wrong(
            "ambiguous-json",
            format!("a strict reader refuses {name}: {error}"),
            "RFC 8259 §4: two readers may see two different documents in it",
            "send each member once, within 1 MiB and 32 levels",
        ));
    }
    Some(object)
}

fn absence(place: &str, document: &Document) -> String {
    match document {
        Document::Read(_) => format!("{place} has no JSON object"),
        Document::Absent(why) => format!("{place}: {why}"),
    }
}

/// The texts in a list; whatever else stands in it is left out.
fn texts<'m>(metadata: &'m Map<String, Value>, name: &str) -> Option<Vec<&'m str>> {
    let values = metadata.get(name)?.as_array()?;
    Some(values.iter().filter_map(Value::as_str).collect())
}

fn flag(metadata: &Map<String, Value>, name: &str) -> bool {
    metadata.get(name).and_then(Value::as_bool) == Some(true)
}

/// What a server says, on one line and without control characters, in quotation marks.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

fn listed<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    const MOST: usize = 20;
    let texts: Vec<String> = texts
        .into_iter()
        .map(|text| quoted(text.as_ref()))
        .collect();
    let shown = texts[..texts.len().min(MOST)].join(", ");
    match texts.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
