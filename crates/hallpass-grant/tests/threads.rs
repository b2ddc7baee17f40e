//! Every public type goes to another thread, and can be looked at from two.

use hallpass_grant::*;

#[test]
fn public_types_are_send_and_sync() {
    fn check<T: Send + Sync + 'static>() {}
    check::<AnswerForm>();
    check::<Assertion>();
    check::<AssertionAudience>();
    check::<AuthorizationRequest>();
    check::<AuthorizationUrl>();
    check::<AuthorizedCode>();
    check::<BasicEncoding>();
    check::<Call<DeletionAnswer>>();
    check::<Call<DeviceAnswer>>();
    check::<Call<ExchangeAnswer>>();
    check::<Call<IntrospectionAnswer>>();
    check::<Call<PushedAnswer>>();
    check::<Call<RegistrationAnswer>>();
    check::<Call<RevocationAnswer>>();
    check::<Call<TokenAnswer>>();
    check::<Callback<'static>>();
    check::<Client>();
    check::<ClientAuthentication>();
    check::<ClientMetadata>();
    check::<CodeGrant<'static>>();
    check::<DeviceAuthorization>();
    check::<DevicePoll>();
    check::<Discovery>();
    check::<DpopKey>();
    check::<Endpoint>();
    check::<Error>();
    check::<ErrorCode>();
    check::<ErrorKind>();
    check::<ExchangedToken>();
    check::<ImplicitGrant<'static>>();
    check::<Input>();
    check::<Introspection>();
    check::<InvalidEndpoint>();
    check::<IssuedToken<'static>>();
    check::<Issuer>();
    check::<IssuerComparison>();
    check::<JwtBearer>();
    check::<Lost>();
    check::<MacAlgorithm>();
    check::<MacKey>();
    check::<Method>();
    check::<Misuse>();
    check::<NotSigned>();
    check::<ObjectRequest>();
    check::<Pending<Code>>();
    check::<Pending<Token>>();
    check::<Profile>();
    check::<Proof>();
    check::<PushedRequest>();
    check::<RandomError>();
    check::<Recovery>();
    check::<Refused>();
    check::<RegisteredClient>();
    check::<Request>();
    check::<RequestObject>();
    check::<Response>();
    check::<ResponseMode>();
    check::<ScopeSeparator>();
    check::<ServerMetadata>();
    check::<Signatory>();
    check::<Signature>();
    check::<SigningAlgorithm>();
    check::<SigningInput>();
    check::<SigningKeyName>();
    check::<Step<token::TokenSet>>();
    check::<TokenExchange>();
    check::<TokenInformation>();
    check::<TokenParameter>();
    check::<TokenTypeMember>();
    check::<TokenTypeUri>();
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
