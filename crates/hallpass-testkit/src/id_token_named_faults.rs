//! The faults of ID tokens by name.

/// Adds them to those that come before, and goes on with the next table.
macro_rules! id_token_faults {
    ($then:ident $($rest:ident)* { $($so_far:tt)* }) => { $then! { $($rest)* { $($so_far)*
    IdTokenMissing "id-token-missing" "ID token" "there is none."
        Fault::Jwt(Jwt::IdToken, JwtFault::Missing).into();
    IdTokenIssWrong "id-token-iss-wrong" "ID token" "`iss` is another server."
        claim(Jwt::IdToken, "iss", Value::text("https://other-issuer.example"));
    IdTokenIssMissing "id-token-iss-missing" "ID token" "no `iss`."
        claim(Jwt::IdToken, "iss", Value::Absent);
    IdTokenSubMissing "id-token-sub-missing" "ID token" "no `sub`."
        claim(Jwt::IdToken, "sub", Value::Absent);
    IdTokenSubEmpty "id-token-sub-empty" "ID token" "`sub` is empty."
        claim(Jwt::IdToken, "sub", Value::text(""));
    IdTokenSubNumber "id-token-sub-number" "ID token" "`sub` is a number."
        claim(Jwt::IdToken, "sub", Value::json("4711"));
    IdTokenAudWrong "id-token-aud-wrong" "ID token" "`aud` is another client."
        claim(Jwt::IdToken, "aud", Value::text("another-client"));
    IdTokenAudMissing "id-token-aud-missing" "ID token" "no `aud`."
        claim(Jwt::IdToken, "aud", Value::Absent);
    IdTokenAudEmpty "id-token-aud-empty" "ID token" "`aud` is an empty list."
        claim(Jwt::IdToken, "aud", Value::json("[]"));
    IdTokenAudList "id-token-aud-list" "ID token" "`aud` is a list that has the client alone, as it may be."
        audience(Audience::List);
    IdTokenAudWithAnother "id-token-aud-with-another" "ID token" "`aud` is the client and another, and there is no `azp`."
        audience(Audience::WithAnother);
    IdTokenAudWithAnotherAzp "id-token-aud-with-another-azp" "ID token" "`aud` is the client and another, and `azp` is the client."
        audience(Audience::WithAnotherAuthorized);
    IdTokenAzpOther "id-token-azp-other" "ID token" "`aud` is the client and another, and `azp` is the other."
        audience(Audience::WithAnotherAuthorizedOther);
    IdTokenAzpWrong "id-token-azp-wrong" "ID token" "`aud` is the client, and `azp` another."
        claim(Jwt::IdToken, "azp", Value::text("another-client"));
    IdTokenNonceWrong "id-token-nonce-wrong" "ID token" "`nonce` is another."
        claim(Jwt::IdToken, "nonce", Value::text("another-nonce"));
    IdTokenNonceMissing "id-token-nonce-missing" "ID token" "no `nonce`."
        claim(Jwt::IdToken, "nonce", Value::Absent);
    IdTokenIatMissing "id-token-iat-missing" "ID token" "no `iat`."
        claim(Jwt::IdToken, "iat", Value::Absent);
    IdTokenIatPast "id-token-iat-past" "ID token" "`iat` is a month ago."
        time(Jwt::IdToken, "iat", -30 * 86_400, TimeForm::Number);
    IdTokenIatFuture "id-token-iat-future" "ID token" "`iat` is an hour ahead."
        time(Jwt::IdToken, "iat", 3600, TimeForm::Number);
    IdTokenIatText "id-token-iat-text" "ID token" "`iat` is a text."
        time(Jwt::IdToken, "iat", 0, TimeForm::Text);
    IdTokenExpPast "id-token-exp-past" "ID token" "`exp` was an hour ago."
        time(Jwt::IdToken, "exp", -3600, TimeForm::Number);
    IdTokenExpMissing "id-token-exp-missing" "ID token" "no `exp`."
        claim(Jwt::IdToken, "exp", Value::Absent);
    IdTokenExpText "id-token-exp-text" "ID token" "`exp` is a text."
        time(Jwt::IdToken, "exp", 600, TimeForm::Text);
    IdTokenExpNull "id-token-exp-null" "ID token" "`exp` is `null`."
        claim(Jwt::IdToken, "exp", Value::json("null"));
    IdTokenExpHuge "id-token-exp-huge" "ID token" "`exp` is `1e308`."
        claim(Jwt::IdToken, "exp", Value::json("1e308"));
    IdTokenExpFloat "id-token-exp-float" "ID token" "`exp` has half a second, as it may have."
        time(Jwt::IdToken, "exp", 600, TimeForm::Float);
    IdTokenNbfFuture "id-token-nbf-future" "ID token" "`nbf` is an hour ahead."
        time(Jwt::IdToken, "nbf", 3600, TimeForm::Number);
    IdTokenNbfText "id-token-nbf-text" "ID token" "`nbf` is a text."
        time(Jwt::IdToken, "nbf", 0, TimeForm::Text);
    IdTokenAuthTimeMissing "id-token-auth-time-missing" "ID token" "no `auth_time`."
        claim(Jwt::IdToken, "auth_time", Value::Absent);
    IdTokenAuthTimeStale "id-token-auth-time-stale" "ID token" "`auth_time` is a month ago."
        time(Jwt::IdToken, "auth_time", -30 * 86_400, TimeForm::Number);
    IdTokenAuthTimeText "id-token-auth-time-text" "ID token" "`auth_time` is a text."
        time(Jwt::IdToken, "auth_time", 0, TimeForm::Text);
    IdTokenAcrWrong "id-token-acr-wrong" "ID token" "`acr` is another than was asked for."
        claim(Jwt::IdToken, "acr", Value::text("another-class"));
    IdTokenAcrMissing "id-token-acr-missing" "ID token" "no `acr`, though it was asked for."
        claim(Jwt::IdToken, "acr", Value::Absent);
    IdTokenSignatureBroken "id-token-signature-broken" "ID token" "one bit of the signature is another."
        signature(Jwt::IdToken, SignatureFault::Broken);
    IdTokenSignatureEmpty "id-token-signature-empty" "ID token" "the signature is empty."
        signature(Jwt::IdToken, SignatureFault::Empty);
    IdTokenOtherKey "id-token-other-key" "ID token" "signed by a key that is not published, under the name of one that is."
        signature(Jwt::IdToken, SignatureFault::OtherKey);
    IdTokenNone "id-token-none" "ID token" "not signed: `alg` is `none`."
        signature(Jwt::IdToken, SignatureFault::Unsigned);
    IdTokenNoneUpperCase "id-token-none-upper-case" "ID token" "not signed: `alg` is `NONE`."
        signature(Jwt::IdToken, SignatureFault::UnsignedUpperCase);
    IdTokenHmacOfPem "id-token-hmac-of-pem" "ID token" "HS256 with the published RSA key as PEM."
        signature(Jwt::IdToken, SignatureFault::HmacOfPem);
    IdTokenHmacOfDer "id-token-hmac-of-der" "ID token" "HS256 with the published RSA key as DER."
        signature(Jwt::IdToken, SignatureFault::HmacOfDer);
    IdTokenHmacOfJwk "id-token-hmac-of-jwk" "ID token" "HS256 with the published RSA key as a JWK."
        signature(Jwt::IdToken, SignatureFault::HmacOfJwk);
    IdTokenHmacOfSecret "id-token-hmac-of-secret" "ID token" "HS256 with the client's secret, whatever it has registered."
        signature(Jwt::IdToken, SignatureFault::HmacOfSecret);
    IdTokenRs512 "id-token-rs512" "ID token" "RS512, whatever the client has registered."
        signature(Jwt::IdToken, SignatureFault::By(Algorithm::Rs512));
    IdTokenPs256 "id-token-ps256" "ID token" "PS256, whatever the client has registered."
        signature(Jwt::IdToken, SignatureFault::By(Algorithm::Ps256));
    IdTokenEs256 "id-token-es256" "ID token" "ES256, whatever the client has registered."
        signature(Jwt::IdToken, SignatureFault::By(Algorithm::Es256));
    IdTokenAsn1 "id-token-asn1" "ID token" "an ES256 signature in ASN.1."
        signature(Jwt::IdToken, SignatureFault::Asn1);
    IdTokenKidMissing "id-token-kid-missing" "ID token" "no `kid`, though the keys have one."
        header(Jwt::IdToken, "kid", Value::Absent);
    IdTokenKidUnknown "id-token-kid-unknown" "ID token" "`kid` is none of the keys."
        header(Jwt::IdToken, "kid", Value::text("nobody"));
    IdTokenKidNumber "id-token-kid-number" "ID token" "`kid` is a number."
        header(Jwt::IdToken, "kid", Value::json("1"));
    IdTokenJwk "id-token-jwk" "ID token" "the header brings its own key along as `jwk`."
        Fault::Jwt(Jwt::IdToken, JwtFault::EmbeddedKey(EmbeddedKey::Jwk)).into();
    IdTokenJku "id-token-jku" "ID token" "the header says by `jku` where its key is."
        Fault::Jwt(Jwt::IdToken, JwtFault::EmbeddedKey(EmbeddedKey::Jku)).into();
    IdTokenX5u "id-token-x5u" "ID token" "the header says by `x5u` where its certificate is."
        Fault::Jwt(Jwt::IdToken, JwtFault::EmbeddedKey(EmbeddedKey::X5u)).into();
    IdTokenCrit "id-token-crit" "ID token" "`crit` names an extension that nobody knows."
        header(Jwt::IdToken, "crit", Value::json("[\"exp\",\"https://example.com/unknown\"]"));
    IdTokenCritEmpty "id-token-crit-empty" "ID token" "`crit` is an empty list."
        header(Jwt::IdToken, "crit", Value::json("[]"));
    IdTokenB64 "id-token-b64" "ID token" "`b64` is `false`, and `crit` does not name it."
        header(Jwt::IdToken, "b64", Value::json("false"));
    IdTokenTyp "id-token-typ" "ID token" "`typ` is that of a logout token."
        header(Jwt::IdToken, "typ", Value::text("logout+jwt"));
    IdTokenDuplicateClaim "id-token-duplicate-claim" "ID token" "`sub` comes twice, the good one last."
        Fault::Jwt(Jwt::IdToken, JwtFault::DuplicateClaim("sub".to_owned())).into();
    IdTokenDuplicateAlgorithm "id-token-duplicate-algorithm" "ID token" "`alg` comes twice, the good one last."
        Fault::Jwt(Jwt::IdToken, JwtFault::DuplicateAlgorithm).into();
    IdTokenNotCanonical "id-token-not-canonical" "ID token" "the signature is base64url that no encoder writes."
        Fault::Jwt(Jwt::IdToken, JwtFault::NotCanonical).into();
    IdTokenEncrypted "id-token-encrypted" "ID token" "five parts, as if it were encrypted."
        Fault::Jwt(Jwt::IdToken, JwtFault::Encrypted).into();
    AtHashWrong "at-hash-wrong" "ID token" "`at_hash` is that of another token."
        claim(Jwt::IdToken, "at_hash", Value::text("77QmUPtjPfzWtF2AnpK9RQ"));
    AtHashMissing "at-hash-missing" "ID token" "no `at_hash`."
        claim(Jwt::IdToken, "at_hash", Value::Absent);
    AtHashLength "at-hash-length" "ID token" "`at_hash` is made by another algorithm."
        hash_of_another_length("at_hash");
    CHashWrong "c-hash-wrong" "ID token" "`c_hash` is that of another code."
        claim(Jwt::FrontIdToken, "c_hash", Value::text("LDktKdoQak3Pk0cnXxCltA"));
    CHashMissing "c-hash-missing" "ID token" "no `c_hash`, though a code comes beside it."
        claim(Jwt::FrontIdToken, "c_hash", Value::Absent);
    CHashLength "c-hash-length" "ID token" "`c_hash` is made by another algorithm."
        hash_of_another_length("c_hash");
    SHashWrong "s-hash-wrong" "ID token" "`s_hash` is that of another state."
        claim(Jwt::FrontIdToken, "s_hash", Value::text("LDktKdoQak3Pk0cnXxCltA"));
    SHashMissing "s-hash-missing" "ID token" "no `s_hash`, as it may be."
        claim(Jwt::FrontIdToken, "s_hash", Value::Absent);
    SHashLength "s-hash-length" "ID token" "`s_hash` is made by another algorithm."
        hash_of_another_length("s_hash");
    FrontIdTokenMissing "front-id-token-missing" "ID token" "there is none in the authorization response."
        Fault::Jwt(Jwt::FrontIdToken, JwtFault::Missing).into();
    CodeIdTokenMissing "code-id-token-missing" "ID token" "there is none for a code."
        Fault::Jwt(Jwt::CodeIdToken, JwtFault::Missing).into();
    CodeIdTokenIss "code-id-token-iss" "ID token" "the one for a code has another `iss` than the one beside the code."
        claim(Jwt::CodeIdToken, "iss", Value::text("https://other-issuer.example"));
    CodeIdTokenSub "code-id-token-sub" "ID token" "the one for a code has another `sub` than the one beside the code."
        claim(Jwt::CodeIdToken, "sub", Value::text("mallory"));
    RefreshedIdTokenIss "refreshed-id-token-iss" "ID token" "that of a refresh has another `iss`."
        claim(Jwt::RefreshedIdToken, "iss", Value::text("https://other-issuer.example"));
    RefreshedIdTokenSub "refreshed-id-token-sub" "ID token" "that of a refresh has another `sub`."
        claim(Jwt::RefreshedIdToken, "sub", Value::text("mallory"));
    RefreshedIdTokenAud "refreshed-id-token-aud" "ID token" "that of a refresh has another `aud`."
        claim(Jwt::RefreshedIdToken, "aud", Value::text("another-client"));
    RefreshedIdTokenAzp "refreshed-id-token-azp" "ID token" "that of a refresh has an `azp` that the first had not."
        claim(Jwt::RefreshedIdToken, "azp", Value::text("another-client"));
    RefreshedIdTokenAuthTime "refreshed-id-token-auth-time" "ID token" "that of a refresh has another `auth_time`."
        time(Jwt::RefreshedIdToken, "auth_time", -30 * 86_400, TimeForm::Number);
    RefreshedIdTokenNonce "refreshed-id-token-nonce" "ID token" "that of a refresh has a `nonce`, which is another."
        claim(Jwt::RefreshedIdToken, "nonce", Value::text("another-nonce"));
    RefreshedIdTokenMissing "refreshed-id-token-missing" "ID token" "a refresh has none, as it may be."
        Fault::Jwt(Jwt::RefreshedIdToken, JwtFault::Missing).into();
    } } };
}

pub(crate) use id_token_faults;
