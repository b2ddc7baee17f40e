//! JSON written member by member: a correct library would refuse to write what some faults need.

/// An object of names and values that are JSON already.
pub(crate) fn object(members: &[(String, String)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}:{value}", text(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string.
pub(crate) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A JSON array of strings.
pub(crate) fn texts<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    format!(
        "[{}]",
        items.into_iter().map(text).collect::<Vec<_>>().join(",")
    )
}
