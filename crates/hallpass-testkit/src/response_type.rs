//! What an authorization response carries (OAuth 2.0 Multiple Response Type Encoding Practices §3 and §5).

use crate::GrantType;

/// Any of the three, and at least one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct ResponseType {
    pub(crate) code: bool,
    pub(crate) id_token: bool,
    pub(crate) token: bool,
}

impl ResponseType {
    pub(crate) const ALL: [Self; 7] = [
        Self::of(true, false, false),
        Self::of(false, false, true),
        Self::of(false, true, false),
        Self::of(false, true, true),
        Self::of(true, true, false),
        Self::of(true, false, true),
        Self::of(true, true, true),
    ];

    const fn of(code: bool, id_token: bool, token: bool) -> Self {
        Self {
            code,
            id_token,
            token,
        }
    }

    /// Whose words come in any order.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut asked: Vec<&str> = name.split(' ').collect();
        asked.sort_unstable();
        let fits = |known: &Self| known.name().split(' ').eq(asked.iter().copied());
        Self::ALL.into_iter().find(fits)
    }

    /// As in metadata.
    pub(crate) fn name(self) -> &'static str {
        match (self.code, self.id_token, self.token) {
            (true, false, false) => "code",
            (true, true, false) => "code id_token",
            (true, false, true) => "code token",
            (true, true, true) => "code id_token token",
            (false, true, true) => "id_token token",
            (false, true, false) => "id_token",
            (false, false, _) => "token",
        }
    }

    /// Whether something comes with the response that no server's log may have.
    pub(crate) fn is_front(self) -> bool {
        self.id_token || self.token
    }

    /// The grants that a client needs for it (OpenID Connect Dynamic Client Registration §2).
    pub(crate) fn grant_types(self) -> Vec<GrantType> {
        let code = self.code.then_some(GrantType::AuthorizationCode);
        let implicit = self.is_front().then_some(GrantType::Implicit);
        code.into_iter().chain(implicit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_come_in_any_order_and_each_once() {
        for known in ResponseType::ALL {
            assert_eq!(ResponseType::named(known.name()), Some(known));
        }
        let all = ResponseType::named("token code id_token");
        assert_eq!(all.map(ResponseType::name), Some("code id_token token"));
        for name in ["", "none", "code code", "code  token", "Code"] {
            assert_eq!(ResponseType::named(name), None, "{name}");
        }
    }
}
