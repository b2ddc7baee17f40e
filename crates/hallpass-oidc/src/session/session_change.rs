//! What a login with `prompt=none` says of a session that has changed (OpenID Connect Session Management §3.1).

use hallpass_grant::{Error, ErrorKind};

/// What has become of the user's session at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionChange {
    /// It goes on: keep the new `session_state`, and watch that.
    SameUser,
    /// Somebody else is logged in there now: end the session here.
    OtherUser,
    /// Nobody is logged in there, or nobody who may be logged in here unasked: end the session here.
    LoggedOut,
    /// No answer came that tells: ask again later.
    Unknown,
}

impl SessionChange {
    /// Compares who was logged in with who came out of a login with `prompt=none`: the `sub` of the new ID token, checked, or the error.
    pub fn of(before: &str, after: Result<&str, &Error>) -> Self {
        match after.map_err(Error::kind) {
            Ok(sub) if sub == before => Self::SameUser,
            Ok(_) => Self::OtherUser,
            Err(ErrorKind::Refused(refused)) if refused.code().is_some() => Self::LoggedOut,
            Err(_) => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use hallpass_grant::{Client, Endpoint, Issuer, Misuse, Response, ServerMetadata, Violation};
    use time::UtcDateTime;

    use super::*;

    fn refused(callback: &str) -> Error {
        let endpoint = |path| Endpoint::new(format!("https://op.example/{path}")).unwrap();
        let server = ServerMetadata::default()
            .with_issuer(Issuer::new("https://op.example").unwrap())
            .with_authorization_endpoint(endpoint("authorize"))
            .with_token_endpoint(endpoint("token"));
        let client = Client::new(server, "c").unwrap();
        let client = client.with_redirect_uri("https://rp.example/cb").unwrap();
        let now = UtcDateTime::UNIX_EPOCH;
        let (_, pending) = client
            .code()
            .unwrap()
            .begin(Default::default(), &mut || Ok([7; 32]), now)
            .unwrap();
        let callback = format!("{callback}&state={}", pending.state().expose_secret());
        pending
            .receive(&(&callback).into(), now)
            .map(|_| ())
            .unwrap_err()
    }

    #[test]
    fn the_same_user_goes_on_and_another_does_not() {
        assert_eq!(SessionChange::of("7", Ok("7")), SessionChange::SameUser);
        assert_eq!(SessionChange::of("7", Ok("8")), SessionChange::OtherUser);
    }

    #[test]
    fn whatever_the_provider_refuses_with_ends_the_session() {
        for code in ["login_required", "interaction_required", "consent_required"] {
            let error = refused(&format!("/cb?error={code}"));
            assert_eq!(
                SessionChange::of("7", Err(&error)),
                SessionChange::LoggedOut
            );
        }
    }

    #[test]
    fn what_tells_nothing_ends_nothing() {
        let busy = Response::new(503).json().unwrap_err();
        for error in [
            busy,
            Error::transport("connection refused"),
            Violation::StateMismatch.into(),
            Misuse::Over.into(),
        ] {
            assert_eq!(SessionChange::of("7", Err(&error)), SessionChange::Unknown);
        }
    }
}
