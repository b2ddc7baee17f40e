//! What an API wants to see, as it says in `WWW-Authenticate` (RFC 9110 §11.6.1).

/// Whether one of the field's challenges has the scheme `DPoP` and the error `use_dpop_nonce` (RFC 9449 §9).
pub(crate) fn demands_dpop_nonce(field: &str) -> bool {
    let mut scheme = "";
    elements(field).any(|element| {
        let (name, value) = element.split_once('=').unwrap_or((element, ""));
        // A challenge's first parameter has the scheme before it, and a space between them.
        let name = match name.trim().split_once(char::is_whitespace) {
            Some((before, name)) => {
                scheme = before;
                name.trim_start()
            }
            None if !element.contains('=') => {
                scheme = name.trim();
                ""
            }
            None => name.trim(),
        };
        scheme.eq_ignore_ascii_case("dpop")
            && name.eq_ignore_ascii_case("error")
            && value.trim().trim_matches('"') == "use_dpop_nonce"
    })
}

/// What stands between the commas that stand in no quotes.
fn elements(field: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    field.split(move |c| {
        let is_escaped = std::mem::replace(&mut escaped, false);
        match c {
            '\\' => escaped = quoted && !is_escaped,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        c == ',' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commas_in_quotes_separate_nothing() {
        let field = r#"Bearer realm="a, \"b\\", x=1,, DPoP"#;
        let found: Vec<_> = elements(field).map(str::trim).collect();
        assert_eq!(found, [r#"Bearer realm="a, \"b\\""#, "x=1", "", "DPoP"]);
    }

    proptest! {
        #[test]
        fn a_demand_is_found_behind_any_other_challenge(name in "[A-Za-z]{1,9}", text in "[ -~]*") {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            let field = format!(r#"X {name}="{text}", DPoP error="use_dpop_nonce""#);
            prop_assert!(demands_dpop_nonce(&field));
        }

        #[test]
        fn no_field_makes_it_panic(field in ".*") {
            let _ = demands_dpop_nonce(&field);
        }
    }
}
