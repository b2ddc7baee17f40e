use hallpass_testkit::{AuthorizationServer, Config, Request};

fn main() {
    let mut server = AuthorizationServer::new(Config::new());
    let response = server.respond(&Request::get("/resource"), 4_102_444_800);
    assert_eq!(response.status, 401);
    #[cfg(feature = "default")]
    assert!(
        hallpass_testkit::TestServer::start(Config::new())
            .authorization_endpoint()
            .starts_with("http://127.0.0.1:")
    );
}
