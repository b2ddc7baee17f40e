//! Every public type goes to another thread, and can be looked at from two.

use hallpass_grant::*;

#[test]
fn public_types_are_send_and_sync() {
    fn check<T: Send + Sync + 'static>() {}
    check::<AuthorizationRequest>();
    check::<AuthorizationUrl>();
    check::<AuthorizedCode>();
    check::<BasicEncoding>();
    check::<Call<TokenAnswer>>();
    check::<Callback<'static>>();
    check::<Client>();
    check::<ClientAuthentication>();
    check::<CodeGrant<'static>>();
    check::<Discovery>();
    check::<Endpoint>();
    check::<Error>();
    check::<ErrorCode>();
    check::<ErrorKind>();
    check::<ImplicitGrant<'static>>();
    check::<Input>();
    check::<InvalidEndpoint>();
    check::<Issuer>();
    check::<Lost>();
    check::<Method>();
    check::<Misuse>();
    check::<Pending<Code>>();
    check::<Pending<Token>>();
    check::<Profile>();
    check::<RandomError>();
    check::<Recovery>();
    check::<Refused>();
    check::<Request>();
    check::<Response>();
    check::<ResponseMode>();
    check::<ServerMetadata>();
    check::<Signature>();
    check::<SigningAlgorithm>();
    check::<SigningInput>();
    check::<SigningKeyName>();
    check::<Step<token::TokenSet>>();
    check::<TokenParameter>();
    check::<Violation>();
}

#[test]
fn a_conversation_can_be_boxed_as_what_it_is_for() {
    type Boxed = Box<dyn Conversation<Output = ServerMetadata> + Send>;
    let issuer = Issuer::new("https://as.example").unwrap();
    let mut boxed: Boxed = Box::new(Discovery::new(issuer));
    assert!(
        boxed
            .step(Input::Begin, time::UtcDateTime::UNIX_EPOCH)
            .is_ok()
    );
}
