//! The faults of keys, UserInfo, discovery and registration by name.

/// Adds them to those that come before, and goes on with the next table.
macro_rules! openid_faults {
    ($then:ident $($rest:ident)* { $($so_far:tt)* }) => { $then! { $($rest)* { $($so_far)*
    KeysRotated "keys-rotated" "Keys" "new ones just before each signature, and the old are withdrawn."
        Fault::Keys(KeysFault::RotatedBeforeSigning).into();
    KeysWithdrawn "keys-withdrawn" "Keys" "those that sign are not among them."
        Fault::Keys(KeysFault::Withdrawn).into();
    KeysOneWithoutKid "keys-one-without-kid" "Keys" "none has a `kid`, nor have the JWTs, and one fits."
        Fault::Keys(KeysFault::OneWithoutKid).into();
    KeysSeveralWithoutKid "keys-several-without-kid" "Keys" "none has a `kid`, nor have the JWTs, and two fit."
        Fault::Keys(KeysFault::SeveralWithoutKid).into();
    KeysSameKid "keys-same-kid" "Keys" "two of a kind have the same `kid`."
        Fault::Keys(KeysFault::SameKid).into();
    KeysJunk "keys-junk" "Keys" "some are no keys, and the others are good."
        Fault::Keys(KeysFault::Junk).into();
    KeysUnknownType "keys-unknown-type" "Keys" "one is of a `kty` that nobody knows, and the others are good."
        Fault::Keys(KeysFault::UnknownType).into();
    KeysPrivate "keys-private" "Keys" "they are private keys."
        Fault::Keys(KeysFault::Private).into();
    KeysSecret "keys-secret" "Keys" "they are secrets, as `oct`."
        Fault::Keys(KeysFault::Secret).into();
    KeysExponentOne "keys-exponent-one" "Keys" "the exponent of RSA is 1, so that anybody can sign."
        Fault::Keys(KeysFault::ExponentOne).into();
    KeysRsa1024 "keys-rsa-1024" "Keys" "the RSA key has 1,024 bits, and signs."
        Fault::Keys(KeysFault::Rsa1024).into();
    KeysOffCurve "keys-off-curve" "Keys" "the P-256 key is no point of the curve."
        Fault::Keys(KeysFault::OffCurve).into();
    KeysForEncryption "keys-for-encryption" "Keys" "their `use` is `enc`."
        Fault::Keys(KeysFault::ForEncryption).into();
    KeysOtherOperations "keys-other-operations" "Keys" "their `key_ops` are `encrypt` alone."
        Fault::Keys(KeysFault::OtherOperations).into();
    KeysOtherAlgorithm "keys-other-algorithm" "Keys" "their `alg` is `RSA-OAEP`."
        Fault::Keys(KeysFault::OtherAlgorithm).into();
    KeysEmpty "keys-empty" "Keys" "there are none."
        Fault::Keys(KeysFault::Empty).into();
    KeysMany "keys-many" "Keys" "4,000 more come first."
        Fault::Keys(KeysFault::Many(4000)).into();
    KeysMaxAge "keys-max-age" "Keys" "they may be kept for 30,000 years."
        Fault::Keys(KeysFault::MaxAge).into();
    KeysServerError "keys-server-error" "Keys" "500, with a page."
        body(500, Body::Html).at(Endpoint::Jwks);
    KeysHtml "keys-html" "Keys" "200, with a page."
        body(200, Body::Html).at(Endpoint::Jwks);
    KeysEndless "keys-endless" "Keys" "the set never ends."
        Fault::EndlessBody.at(Endpoint::Jwks);
    KeysRedirect "keys-redirect" "Keys" "302 to another host."
        redirect().at(Endpoint::Jwks);
    UserInfoSubWrong "user-info-sub-wrong" "UserInfo" "`sub` is another user."
        claim(Jwt::UserInfo, "sub", Value::text("mallory"));
    UserInfoSubMissing "user-info-sub-missing" "UserInfo" "no `sub`."
        claim(Jwt::UserInfo, "sub", Value::Absent);
    UserInfoIssWrong "user-info-iss-wrong" "UserInfo" "`iss` is another server."
        claim(Jwt::UserInfo, "iss", Value::text("https://other-issuer.example"));
    UserInfoAudWrong "user-info-aud-wrong" "UserInfo" "`aud` is another client."
        claim(Jwt::UserInfo, "aud", Value::text("another-client"));
    UserInfoUnsigned "user-info-unsigned" "UserInfo" "plain JSON, though the client has registered to have it signed."
        Fault::Jwt(Jwt::UserInfo, JwtFault::Missing).into();
    UserInfoSignatureBroken "user-info-signature-broken" "UserInfo" "one bit of the signature is another."
        signature(Jwt::UserInfo, SignatureFault::Broken);
    UserInfoNone "user-info-none" "UserInfo" "not signed: `alg` is `none`."
        signature(Jwt::UserInfo, SignatureFault::Unsigned);
    UserInfoOtherKey "user-info-other-key" "UserInfo" "signed by a key that is not published."
        signature(Jwt::UserInfo, SignatureFault::OtherKey);
    UserInfoContentType "user-info-content-type" "UserInfo" "a good answer that says `text/html`."
        Fault::ContentType("text/html".to_owned()).at(Endpoint::UserInfo);
    UserInfoUnauthorized "user-info-unauthorized" "UserInfo" "401, whatever the token."
        body(401, Body::Error("invalid_token".to_owned())).at(Endpoint::UserInfo);
    UserInfoDuplicateClaim "user-info-duplicate-claim" "UserInfo" "`sub` comes twice, the good one last."
        Fault::Jwt(Jwt::UserInfo, JwtFault::DuplicateClaim("sub".to_owned())).into();
    MetadataIssuerCase "metadata-issuer-case" "Metadata" "`issuer` is in upper case."
        Fault::MetadataIssuerCase.into();
    MetadataNoIssuer "metadata-no-issuer" "Metadata" "no `issuer`."
        metadata("issuer", Value::Absent);
    MetadataNoJwksUri "metadata-no-jwks-uri" "Metadata" "no `jwks_uri`."
        metadata("jwks_uri", Value::Absent);
    MetadataJwksUriHttp "metadata-jwks-uri-http" "Metadata" "`jwks_uri` is `http` on a host that is not loopback."
        metadata("jwks_uri", Value::text("http://auth.example/oauth/jwks"));
    MetadataUserInfoHttp "metadata-user-info-http" "Metadata" "`userinfo_endpoint` is `http` on a host that is not loopback."
        metadata("userinfo_endpoint", Value::text("http://auth.example/oauth/userinfo"));
    MetadataNoAuthorizationEndpoint "metadata-no-authorization-endpoint" "Metadata" "no `authorization_endpoint`."
        metadata("authorization_endpoint", Value::Absent);
    MetadataNoTokenEndpoint "metadata-no-token-endpoint" "Metadata" "no `token_endpoint`."
        metadata("token_endpoint", Value::Absent);
    MetadataNoResponseTypes "metadata-no-response-types" "Metadata" "no `response_types_supported`."
        metadata("response_types_supported", Value::Absent);
    MetadataNoSubjectTypes "metadata-no-subject-types" "Metadata" "no `subject_types_supported`."
        metadata("subject_types_supported", Value::Absent);
    MetadataNoAlgorithms "metadata-no-algorithms" "Metadata" "no `id_token_signing_alg_values_supported`."
        metadata("id_token_signing_alg_values_supported", Value::Absent);
    MetadataServerError "metadata-server-error" "Metadata" "500, with a page."
        body(500, Body::Html).at(Endpoint::Metadata);
    MetadataRedirect "metadata-redirect" "Metadata" "302 to another host."
        redirect().at(Endpoint::Metadata);
    RegistrationNoClientId "registration-no-client-id" "Registration" "no `client_id`."
        registration("client_id", Value::Absent);
    RegistrationNoSecret "registration-no-secret" "Registration" "no `client_secret`, though the client has one."
        registration("client_secret", Value::Absent);
    RegistrationOtherAlgorithm "registration-other-algorithm" "Registration" "`id_token_signed_response_alg` is `none`."
        registration("id_token_signed_response_alg", Value::text("none"));
    RegistrationOtherMethod "registration-other-method" "Registration" "`token_endpoint_auth_method` is `client_secret_post`."
        registration("token_endpoint_auth_method", Value::text("client_secret_post"));
    RegistrationOtherRedirectUris "registration-other-redirect-uris" "Registration" "`redirect_uris` are others."
        registration("redirect_uris", Value::json("[\"https://evil.example/callback\"]"));
    } } };
}

pub(crate) use openid_faults;
