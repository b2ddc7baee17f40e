//! The faults of logouts, of sessions and of what comes before a login, by name.

/// Adds them to those that come before, and goes on with the next table.
macro_rules! logout_faults {
    ($then:ident $($rest:ident)* { $($so_far:tt)* }) => { $then! { $($rest)* { $($so_far)*
    LogoutTokenIssWrong "logout-token-iss-wrong" "Logout token" "`iss` is another server."
        claim(Jwt::LogoutToken, "iss", Value::text("https://other-issuer.example"));
    LogoutTokenIssMissing "logout-token-iss-missing" "Logout token" "no `iss`."
        claim(Jwt::LogoutToken, "iss", Value::Absent);
    LogoutTokenAudWrong "logout-token-aud-wrong" "Logout token" "`aud` is another client."
        claim(Jwt::LogoutToken, "aud", Value::text("another-client"));
    LogoutTokenAudMissing "logout-token-aud-missing" "Logout token" "no `aud`."
        claim(Jwt::LogoutToken, "aud", Value::Absent);
    LogoutTokenIatMissing "logout-token-iat-missing" "Logout token" "no `iat`."
        claim(Jwt::LogoutToken, "iat", Value::Absent);
    LogoutTokenIatPast "logout-token-iat-past" "Logout token" "`iat` is a month ago."
        time(Jwt::LogoutToken, "iat", -30 * 86_400, TimeForm::Number);
    LogoutTokenIatFuture "logout-token-iat-future" "Logout token" "`iat` is an hour ahead."
        time(Jwt::LogoutToken, "iat", 3600, TimeForm::Number);
    LogoutTokenExpMissing "logout-token-exp-missing" "Logout token" "no `exp`."
        claim(Jwt::LogoutToken, "exp", Value::Absent);
    LogoutTokenExpPast "logout-token-exp-past" "Logout token" "`exp` was an hour ago."
        time(Jwt::LogoutToken, "exp", -3600, TimeForm::Number);
    LogoutTokenJtiMissing "logout-token-jti-missing" "Logout token" "no `jti`."
        claim(Jwt::LogoutToken, "jti", Value::Absent);
    LogoutTokenReplayed "logout-token-replayed" "Logout token" "`jti` is the same each time."
        claim(Jwt::LogoutToken, "jti", Value::text("always-the-same"));
    LogoutTokenNoSubject "logout-token-no-subject" "Logout token" "neither `sub` nor `sid`."
        Fault::LogoutTokenNoSubject.into();
    LogoutTokenSubMissing "logout-token-sub-missing" "Logout token" "no `sub`, as it may be."
        claim(Jwt::LogoutToken, "sub", Value::Absent);
    LogoutTokenSubNumber "logout-token-sub-number" "Logout token" "`sub` is a number."
        claim(Jwt::LogoutToken, "sub", Value::json("4711"));
    LogoutTokenSidMissing "logout-token-sid-missing" "Logout token" "no `sid`, as it may be where the client does not need it."
        claim(Jwt::LogoutToken, "sid", Value::Absent);
    LogoutTokenEventsMissing "logout-token-events-missing" "Logout token" "no `events`."
        claim(Jwt::LogoutToken, "events", Value::Absent);
    LogoutTokenEventsWrong "logout-token-events-wrong" "Logout token" "`events` has another event."
        claim(Jwt::LogoutToken, "events", Value::json("{\"https://example.com/another-event\":{}}"));
    LogoutTokenEventsEmpty "logout-token-events-empty" "Logout token" "`events` is empty."
        claim(Jwt::LogoutToken, "events", Value::json("{}"));
    LogoutTokenEventsList "logout-token-events-list" "Logout token" "`events` is a list."
        claim(Jwt::LogoutToken, "events", Value::json("[\"http://schemas.openid.net/event/backchannel-logout\"]"));
    LogoutTokenEventText "logout-token-event-text" "Logout token" "the event is no object."
        claim(Jwt::LogoutToken, "events", Value::json("{\"http://schemas.openid.net/event/backchannel-logout\":\"yes\"}"));
    LogoutTokenNonce "logout-token-nonce" "Logout token" "it has a `nonce`, so that it might be an ID token."
        claim(Jwt::LogoutToken, "nonce", Value::text("a-nonce"));
    LogoutTokenNone "logout-token-none" "Logout token" "not signed: `alg` is `none`."
        signature(Jwt::LogoutToken, SignatureFault::Unsigned);
    LogoutTokenSignatureBroken "logout-token-signature-broken" "Logout token" "one bit of the signature is another."
        signature(Jwt::LogoutToken, SignatureFault::Broken);
    LogoutTokenOtherKey "logout-token-other-key" "Logout token" "signed by a key that is not published."
        signature(Jwt::LogoutToken, SignatureFault::OtherKey);
    LogoutTokenHmacOfSecret "logout-token-hmac-of-secret" "Logout token" "HS256 with the client's secret, whatever it has registered."
        signature(Jwt::LogoutToken, SignatureFault::HmacOfSecret);
    LogoutTokenHmacOfPem "logout-token-hmac-of-pem" "Logout token" "HS256 with the published RSA key as PEM."
        signature(Jwt::LogoutToken, SignatureFault::HmacOfPem);
    LogoutTokenRs512 "logout-token-rs512" "Logout token" "RS512, whatever the client has registered."
        signature(Jwt::LogoutToken, SignatureFault::By(Algorithm::Rs512));
    LogoutTokenTyp "logout-token-typ" "Logout token" "`typ` is `at+jwt`."
        header(Jwt::LogoutToken, "typ", Value::text("at+jwt"));
    LogoutTokenTypJwt "logout-token-typ-jwt" "Logout token" "`typ` is `JWT`, as it may be."
        header(Jwt::LogoutToken, "typ", Value::text("JWT"));
    LogoutTokenMissing "logout-token-missing" "Logout token" "none is sent."
        Fault::Jwt(Jwt::LogoutToken, JwtFault::Missing).into();
    LogoutStateAltered "logout-state-altered" "End session" "`state` comes back as another."
        Fault::LogoutStateAltered.into();
    LogoutStateMissing "logout-state-missing" "End session" "`state` does not come back."
        Fault::LogoutStateMissing.into();
    FrontChannelIssuer "front-channel-issuer" "End session" "the frame of a client has another `iss`."
        Fault::FrontChannelIssuer.into();
    FrontChannelSession "front-channel-session" "End session" "the frame of a client has another `sid`."
        Fault::FrontChannelSession.into();
    SessionStateMissing "session-state-missing" "Session management" "no `session_state`, as it may be where the client does not need it."
        Fault::SessionStateMissing.into();
    WebFingerIssuerOther "web-finger-issuer-other" "WebFinger" "the issuer is another server."
        Fault::WebFingerIssuer(Value::text("https://other-issuer.example")).into();
    WebFingerIssuerHttp "web-finger-issuer-http" "WebFinger" "the issuer is `http` on a host that is not loopback."
        Fault::WebFingerIssuer(Value::text("http://auth.example")).into();
    WebFingerNoLink "web-finger-no-link" "WebFinger" "there is no link."
        Fault::WebFingerIssuer(Value::Absent).into();
    WebFingerIssuerNumber "web-finger-issuer-number" "WebFinger" "the issuer is a number."
        Fault::WebFingerIssuer(Value::json("7")).into();
    WebFingerSubject "web-finger-subject" "WebFinger" "the answer is about somebody else."
        Fault::WebFingerSubject.into();
    WebFingerRedirect "web-finger-redirect" "WebFinger" "302 to another host."
        redirect().at(Endpoint::WebFinger);
    ThirdPartyIssuer "third-party-issuer" "Third-party login" "`iss` is another server."
        Fault::ThirdPartyIssuer.into();
    ClaimsOfAnotherBroken "claims-of-another-broken" "UserInfo" "one bit of the signature of aggregated or distributed claims is another."
        signature(Jwt::ClaimsOfAnother, SignatureFault::Broken);
    ClaimsOfAnotherNone "claims-of-another-none" "UserInfo" "aggregated and distributed claims are not signed."
        signature(Jwt::ClaimsOfAnother, SignatureFault::Unsigned);
    ClaimsOfAnotherSub "claims-of-another-sub" "UserInfo" "aggregated and distributed claims have a `sub`, which is somebody else."
        claim(Jwt::ClaimsOfAnother, "sub", Value::text("mallory"));
    ClaimsOfAnotherEndpoint "claims-of-another-endpoint" "UserInfo" "500 where the distributed claims are."
        body(500, Body::Html).at(Endpoint::Claims);
    } } };
}

pub(crate) use logout_faults;
