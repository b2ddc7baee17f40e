//! What every value beside the login has to be.

use hallpass_oidc::*;

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
