//! What every value beside the login has to be.

use hallpass_grant::{Endpoint, Issuer};
use hallpass_oidc::*;
use proptest::prelude::*;

use crate::common::{ISSUER, provider_with, relying_party_of, rules};

#[test]
fn what_a_web_server_keeps_can_cross_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<StandardClaims>();
    check::<ClaimsRequest>();
    check::<ClaimSources>();
    check::<ClaimCollection>();
    check::<WebFinger>();
    check::<LogoutRequest>();
    check::<PendingLogout>();
    check::<FrontChannelLogout>();
    check::<BackChannelLogout>();
    check::<SeenLogoutTokens>();
    check::<SessionPage>();
    check::<InitiatedLogin>();
    check::<RelyingPartyMetadata>();
}

proptest! {
    #[test]
    fn no_text_of_anybodys_makes_it_panic(text in ".{0,80}") {
        if let Ok(identifier) = Identifier::new(&text) {
            let _ = WebFinger::new(&identifier);
        }
        let _ = text.parse::<Birthdate>();
        let _ = SessionState::new(text.as_str());
        let _ = FrontChannelLogout::read(&text, SessionRequirement::Required);
        let own = Endpoint::new("https://rp.example").unwrap();
        let known = [Issuer::new(ISSUER).unwrap()];
        let asked = format!("iss={ISSUER}&target_link_uri={text}&login_hint={text}");
        if let Ok(login) = InitiatedLogin::from_form(&asked, &known, &own)
            && let Some(page) = login.target_link_uri()
        {
            prop_assert!(page.starts_with("https://rp.example"), "{page}");
        }
        let form = "application/x-www-form-urlencoded";
        let body = format!("logout_token={text}");
        let _ = BackChannelLogout::read("POST", form, body.as_bytes(), LogoutRules::new(rules()));
    }

    #[test]
    fn whatever_host_an_identifier_has_is_the_one_that_is_asked(text in "[a-z0-9:/?#@.%\\\\ é-]{1,30}") {
        let Ok(identifier) = Identifier::new(&text) else {
            return Ok(());
        };
        let Ok(conversation) = WebFinger::new(&identifier) else {
            return Ok(());
        };
        let shown = format!("{conversation:?}");
        let expected = format!("https://{}/.well-known/webfinger", identifier.host());
        prop_assert!(shown.contains(&expected), "{shown}");
    }
}

#[test]
fn a_relying_party_logs_out_and_watches_at_its_own_provider() {
    let provider = provider_with(
        r#"{"end_session_endpoint":"https://op.example/end","check_session_iframe":"https://op.example/check"}"#,
    );
    let relying_party = relying_party_of(provider);
    let url = relying_party.logout().unwrap().url();
    assert_eq!(url.as_str(), "https://op.example/end?client_id=cid");
    let state = SessionState::new("hash.salt").unwrap();
    let page = relying_party.session_page(&state, OnChange::TellParent);
    let html = page.unwrap().html();
    assert!(html.contains(r#"data-message="cid hash.salt""#), "{html}");
}
