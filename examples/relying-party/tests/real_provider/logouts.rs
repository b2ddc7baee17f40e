//! Logouts.

use crate::provider::PROVIDER;
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
fn the_provider_tells_of_a_logout_with_a_token_in_plain_text_and_by_tls() {
    let [certificate, key] = ["server.pem", "server.key"].map(|file| PROVIDER.file(file));
    let tls = ["--listen-cert", &certificate, "--listen-key", &key];
    for (response_type, more) in [("code", &[][..]), ("code id_token token", &tls)] {
        let mut arguments = vec!["--register", "--unregister", "--logout", "back"];
        arguments.extend(["--redirect-uri", "https://client.example/callback"]);
        arguments.extend([
            "--post-logout-redirect-uri",
            "https://client.example/goodbye",
        ]);
        arguments.extend(["--response-type", response_type, "--listen", "127.0.0.1:0"]);
        arguments.extend(more);
        let run = Run::new(&arguments).completed();
        run.ok("logout");
        run.ok("backchannel_logout");
    }
}
