//! What OpenID Connect adds to an authorization request (OpenID Connect Core §3.1.2.1).

use crate::{claims::ClaimsRequest, form::Parameters};

/// The parameters of a request with the scope `openid`.
#[derive(Clone, Default)]
pub(crate) struct OpenIdRequest {
    pub(crate) nonce: Option<String>,
    /// In seconds.
    pub(crate) max_age: Option<u64>,
    pub(crate) prompt: Vec<Prompt>,
    pub(crate) claims: ClaimsRequest,
    acr_values: Vec<String>,
    pub(crate) id_token_hint: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Prompt {
    None,
    Login,
    Consent,
    SelectAccount,
}

impl OpenIdRequest {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, &'static str> {
        let text = |name: &str| parameters.find(name).map(str::to_owned);
        let words = |name: &str| parameters.find(name).unwrap_or_default().split(' ');
        let max_age = parameters.find("max_age").map(str::parse).transpose();
        let prompt = words("prompt")
            .filter(|word| !word.is_empty())
            .map(Prompt::named);
        let prompt: Option<Vec<_>> = prompt.collect();
        let prompt = prompt.ok_or("prompt is not known")?;
        if prompt.contains(&Prompt::None) && prompt.len() > 1 {
            return Err("prompt is none and something beside");
        }
        let claims = parameters.find("claims").map(ClaimsRequest::read);
        Ok(Self {
            nonce: text("nonce"),
            max_age: max_age.map_err(|_| "max_age is no number of seconds")?,
            prompt,
            claims: claims
                .unwrap_or(Some(ClaimsRequest::default()))
                .ok_or("claims is no JSON object of objects")?,
            acr_values: words("acr_values")
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
            id_token_hint: text("id_token_hint"),
        })
    }

    /// The class that the login is said to be of: the one that is wanted most.
    pub(crate) fn acr(&self) -> Option<String> {
        let wanted = self.claims.wanted("acr").map(str::to_owned);
        wanted.or_else(|| self.acr_values.first().cloned())
    }

    pub(crate) fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

impl Prompt {
    fn named(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "login" => Some(Self::Login),
            "consent" => Some(Self::Consent),
            "select_account" => Some(Self::SelectAccount),
            _ => None,
        }
    }
}
