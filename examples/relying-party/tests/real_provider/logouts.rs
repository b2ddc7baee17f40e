//! Logouts.

use crate::run::{Run, as_client};

#[test]
fn a_logout_at_the_provider_comes_back() {
    let more = [
        "--logout",
        "rp",
        "--post-logout-redirect-uri",
        "https://client.example/goodbye",
    ];
    let run = Run::new(&as_client("hallpass-openid", &more)).completed();
    run.ok("logout");
}

#[test]
fn the_provider_tells_of_a_logout_with_a_token() {
    for response_type in ["code", "code id_token token"] {
        let run = Run::new(&[
            "--register",
            "--unregister",
            "--logout",
            "back",
            "--listen",
            "127.0.0.1:0",
            "--redirect-uri",
            "https://client.example/callback",
            "--post-logout-redirect-uri",
            "https://client.example/goodbye",
            "--response-type",
            response_type,
        ]);
        let run = run.completed();
        run.ok("logout");
        run.ok("backchannel_logout");
    }
}
