use hallpass_grant::ErrorKind;

use super::*;

fn client(json: &str) -> ClientMetadata {
    let mut metadata = ClientMetadata::new().with_redirect_uri("https://rp.example/cb");
    metadata.extra = Members::read(json.as_bytes()).unwrap();
    metadata
}

fn whole() -> RelyingPartyMetadata {
    let text = |text: &str| Some(text.to_owned());
    let mut whole = RelyingPartyMetadata::new();
    whole.application_type = text("web");
    whole.subject_type = text("pairwise");
    whole.sector_identifier_uri = text("https://rp.example/sector");
    whole.jwks_uri = text("https://rp.example/jwks");
    whole.id_token_signed_response_alg = text("ES256");
    whole.id_token_encrypted_response_alg = text("RSA-OAEP");
    whole.id_token_encrypted_response_enc = text("A128GCM");
    whole.userinfo_signed_response_alg = text("PS256");
    whole.userinfo_encrypted_response_alg = text("dir");
    whole.userinfo_encrypted_response_enc = text("A256GCM");
    whole.request_object_signing_alg = text("none");
    whole.request_object_encryption_alg = text("ECDH-ES");
    whole.request_object_encryption_enc = text("A128CBC-HS256");
    whole.token_endpoint_auth_signing_alg = text("EdDSA");
    whole.default_max_age = Some(3600);
    whole.require_auth_time = true;
    whole.default_acr_values = vec!["gold".to_owned()];
    whole.initiate_login_uri = text("https://rp.example/login");
    whole.request_uris = vec!["https://rp.example/request#hash".to_owned()];
    whole.post_logout_redirect_uris = vec!["https://rp.example/bye".to_owned()];
    whole.frontchannel_logout_uri = text("https://rp.example/front?x=1");
    whole.frontchannel_logout_session_required = true;
    whole.backchannel_logout_uri = text("https://rp.example/back");
    whole.backchannel_logout_session_required = true;
    whole
}

#[test]
fn every_member_goes_out_under_its_name_and_comes_back() {
    let metadata = whole().join(client(
        r#"{"contacts":["a@b.example"],"subject_type":"public"}"#,
    ));
    let metadata = metadata.unwrap();
    let sent: Vec<&str> = metadata.extra.iter().map(|(name, _)| name).collect();
    for name in NAMES {
        assert_eq!(sent.contains(&name), name != "jwks", "{name}");
    }
    assert!(sent.contains(&"contacts"));
    assert_eq!(sent.len(), NAMES.len());
    let subject = metadata.extra.value("subject_type").and_then(Json::as_str);
    assert_eq!(subject, Some("pairwise"));
    assert_eq!(RelyingPartyMetadata::of(&metadata).unwrap(), whole());
    let nothing = RelyingPartyMetadata::new().join(client("{}")).unwrap();
    assert!(nothing.extra.is_empty());
}

#[test]
fn what_the_server_says_counts_and_otherwise_what_was_asked_for() {
    let answer = client(
        r#"{"id_token_signed_response_alg":"RS256","require_auth_time":false,"subject_type":null,"other":7}"#,
    );
    let registered = whole().answered(&answer).unwrap();
    assert_eq!(
        registered.id_token_signed_response_alg.as_deref(),
        Some("RS256")
    );
    assert!(!registered.require_auth_time);
    assert_eq!(registered.subject_type.as_deref(), Some("pairwise"));
    assert_eq!(registered.default_max_age, Some(3600));
}

#[test]
fn a_member_of_the_wrong_type_is_named() {
    for (name, json) in [
        ("jwks_uri", r#"{"jwks_uri":7}"#),
        ("jwks", r#"{"jwks":[]}"#),
        (
            "default_max_age",
            r#"{"subject_type":"public","default_max_age":-1}"#,
        ),
        ("default_max_age", r#"{"default_max_age":"60"}"#),
        ("require_auth_time", r#"{"require_auth_time":"true"}"#),
        ("request_uris", r#"{"request_uris":"https://rp.example"}"#),
        ("default_acr_values", r#"{"default_acr_values":[1]}"#),
    ] {
        for read in [
            RelyingPartyMetadata::of(&client(json)),
            whole().answered(&client(json)),
        ] {
            let error = read.unwrap_err();
            assert_eq!(
                error.kind(),
                &ErrorKind::Violation(Violation::Metadata(name)),
                "{json}"
            );
        }
    }
}

#[test]
fn an_address_that_nobody_may_be_sent_to_is_the_callers_mistake() {
    let misuse = |change: &dyn Fn(&mut RelyingPartyMetadata)| {
        let mut metadata = whole();
        change(&mut metadata);
        match metadata.join(client("{}")).map(|_| ()) {
            Ok(()) => None,
            Err(error) => match error.kind() {
                ErrorKind::Misuse(Misuse::Invalid { field, .. }) => Some(*field),
                other => panic!("{other:?}"),
            },
        }
    };
    let bad = || Some("http://rp.example/x".to_owned());
    assert_eq!(misuse(&|_| ()), None);
    assert_eq!(
        misuse(&|own| own.sector_identifier_uri = bad()),
        Some("sector_identifier_uri")
    );
    assert_eq!(misuse(&|own| own.jwks_uri = bad()), Some("jwks_uri"));
    assert_eq!(
        misuse(&|own| own.initiate_login_uri = bad()),
        Some("initiate_login_uri")
    );
    assert_eq!(
        misuse(&|own| own.frontchannel_logout_uri = bad()),
        Some("frontchannel_logout_uri")
    );
    assert_eq!(
        misuse(&|own| own.backchannel_logout_uri = bad()),
        Some("backchannel_logout_uri")
    );
    assert_eq!(
        misuse(&|own| own.request_uris.extend(bad())),
        Some("request_uris")
    );
    let fragment = Some("https://rp.example/back#x".to_owned());
    assert_eq!(
        misuse(&|own| own.backchannel_logout_uri.clone_from(&fragment)),
        Some("backchannel_logout_uri")
    );
    assert_eq!(
        misuse(&|own| own.jwks = Some(Members::default())),
        Some("jwks")
    );
    let no_keys = Members::read(br#"{"keys":[]}"#).unwrap();
    assert_eq!(
        misuse(&|own| (own.jwks, own.jwks_uri) = (Some(no_keys.clone()), None)),
        None
    );
    // A frame of another origin could not end this one's session.
    let elsewhere = Some("https://other.example/front".to_owned());
    assert_eq!(
        misuse(&|own| own.frontchannel_logout_uri.clone_from(&elsewhere)),
        Some("frontchannel_logout_uri")
    );
}

#[test]
fn the_registration_says_how_tokens_must_be_signed_and_never_none() {
    let with = |id_token: Option<&str>, user_info: Option<&str>| RelyingPartyMetadata {
        id_token_signed_response_alg: id_token.map(str::to_owned),
        userinfo_signed_response_alg: user_info.map(str::to_owned),
        ..RelyingPartyMetadata::new()
    };
    let nothing = with(None, None);
    assert_eq!(
        nothing.id_token_algorithm().unwrap(),
        SignatureAlgorithm::Rs256
    );
    assert_eq!(nothing.user_info_algorithm().unwrap(), None);
    let both = with(Some("ES384"), Some("PS512"));
    assert_eq!(
        both.id_token_algorithm().unwrap(),
        SignatureAlgorithm::Es384
    );
    assert_eq!(
        both.user_info_algorithm().unwrap(),
        Some(SignatureAlgorithm::Ps512)
    );
    for (name, fault) in [
        ("none", Fault::Unsigned),
        ("RS1", Fault::UnexpectedAlgorithm),
        ("", Fault::UnexpectedAlgorithm),
    ] {
        let metadata = with(Some(name), Some(name));
        let id_token = metadata.id_token_algorithm().unwrap_err();
        assert_eq!(Fault::of(&id_token), Some(&fault));
        let user_info = metadata.user_info_algorithm().unwrap_err();
        assert_eq!(Fault::of(&user_info), Some(&fault));
    }
}

#[test]
fn the_registration_says_what_a_logout_must_name() {
    assert_eq!(
        whole().front_channel_session(),
        SessionRequirement::Required
    );
    assert_eq!(whole().back_channel_session(), SessionRequirement::Required);
    let nothing = RelyingPartyMetadata::new();
    assert_eq!(
        nothing.front_channel_session(),
        SessionRequirement::Optional
    );
    assert_eq!(nothing.back_channel_session(), SessionRequirement::Optional);
}

#[test]
fn no_private_or_symmetric_key_is_registered() {
    let joined = |keys: &str| {
        let keys = Members::read(keys.as_bytes()).unwrap();
        let typed = RelyingPartyMetadata {
            jwks: Some(keys.clone()),
            ..RelyingPartyMetadata::new()
        };
        let mut untyped = ClientMetadata::new();
        untyped.extra.insert("jwks", Json::Object(keys));
        let outcomes = [
            typed.join(ClientMetadata::new()),
            RelyingPartyMetadata::new().join(untyped),
        ];
        outcomes.map(|outcome| outcome.map(|_| ()))
    };
    let public = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let private = public.replace("}", r#","d":"canary"}"#);
    let unknown = r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#;
    for keys in [
        String::new(),
        public.to_owned(),
        format!("{public},{unknown}"),
    ] {
        let set = format!(r#"{{"keys":[{keys}]}}"#);
        assert!(joined(&set).iter().all(Result::is_ok), "{set}");
    }
    for set in [
        format!(r#"{{"keys":[{public},{private}]}}"#),
        r#"{"keys":[{"kty":"oct","alg":"HS256"}]}"#.to_owned(),
        r#"{"keys":[{"kty":"oct","k":"canary"}]}"#.to_owned(),
        r#"{"keys":[{"kty":"AKP","d":"canary"}]}"#.to_owned(),
        "{}".to_owned(),
    ] {
        for outcome in joined(&set) {
            let error = outcome.unwrap_err();
            let is_named = matches!(
                error.kind(),
                ErrorKind::Misuse(Misuse::Invalid { field: "jwks", .. })
            );
            assert!(
                is_named && !format!("{error:?}").contains("canary"),
                "{set}"
            );
        }
    }
}

#[test]
fn debug_shows_no_address() {
    let shown = format!("{:?}", whole());
    assert!(
        shown.contains("ES256") && !shown.contains("rp.example"),
        "{shown}"
    );
}
