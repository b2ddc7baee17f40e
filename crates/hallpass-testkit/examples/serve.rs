//! An authorization server to look at in a browser. It ends when its standard input does.

use hallpass_testkit::{Config, TestServer};

fn main() {
    let server = TestServer::start(Config::new());
    let (endpoint, redirect_uri) = (
        server.authorization_endpoint(),
        "http%3A%2F%2F127.0.0.1%2Fcallback",
    );
    println!(
        "{endpoint}?response_type=token&client_id=httpig&redirect_uri={redirect_uri}&scope=read+write&state=look"
    );
    let _ = std::io::read_to_string(std::io::stdin());
}
