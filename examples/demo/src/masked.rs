//! Texts from the wire, with every secret in them replaced by its first characters.

/// Names whose values are shown; every other value is masked.
const SHOWN: [&str; 14] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "code_challenge_method",
    "grant_type",
    "token_type",
    "expires_in",
    "error",
    "error_description",
    "iss",
    "response_mode",
    "message",
    "sub",
];

/// `name=value&…`, decoded, one a line, indented.
pub fn form(text: &str) -> String {
    let Ok(address) = reqwest::Url::parse(&format!("form:?{text}")) else {
        return String::new();
    };
    let lines = address
        .query_pairs()
        .map(|(name, value)| match SHOWN.contains(&&*name) {
            true => format!("\n        {name} = {value}"),
            false => format!("\n        {name} = {}", mask(&value)),
        });
    lines.collect()
}

/// An address: what stands before `?` and `#` in one line, the parameters below it.
pub fn url(text: &str) -> String {
    match text.find(['?', '#']) {
        Some(at) => {
            let parameters = text[at + 1..].replace(['?', '#'], "&");
            format!("{}{}{}", &text[..at], &text[at..=at], form(&parameters))
        }
        None => text.to_owned(),
    }
}

/// The first three characters of a secret, and how long it is.
pub fn mask(secret: &str) -> String {
    let head: String = secret.chars().take(3).collect();
    format!("{head}… ({} characters)", secret.chars().count())
}
