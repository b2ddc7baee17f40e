//! What a login needs, and what it says when something is missing or wrong.

use hallpass_testkit::{Certificate, Config, Decision, Endpoint, NamedFault, TestServer, User};

use crate::support::{Home, visit};

#[test]
fn a_login_leads_to_a_token_that_works() {
    let home = Home::new();
    let ran = home.log_in(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.starts_with("Logged in to http://127.0.0.1:"),
        "{ran:?}"
    );
    let token = home.token();
    let is_valid = home
        .server
        .with(|server| server.is_valid(&token, home.server.now()));
    assert!(is_valid);
}

#[test]
fn a_program_logs_in_for_itself() {
    let home = Home::new();
    let ran = home.log_in_itself(&["--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.json()["grant"], "client_credentials");
    assert!(home.token().starts_with("access-"));
}

#[test]
fn what_is_missing_is_told_with_the_option_that_gives_it() {
    let home = Home::new();
    let issuer = home.server.issuer();
    for (arguments, next) in [
        (&["login"][..], "hallpass login ISSUER"),
        (&["login", "githib", "--client-id", "x"], "`github`"),
        (&["login", "intranet", "--client-id", "x"], "https://"),
        (&["login", &issuer], "--client-id ID"),
        (
            &["login", &issuer, "--client-id", "x", "--client-credentials"],
            "--client-secret-file",
        ),
        (
            &[
                "login",
                &issuer,
                "--client-id",
                "x",
                "--client-auth",
                "client_secret_post",
            ],
            "--client-secret-file",
        ),
        (
            &[
                "login",
                &issuer,
                "--client-id",
                "x",
                "--client-auth",
                "private_key_jwt",
            ],
            "--key FILE",
        ),
        (
            &[
                "login",
                "--token-endpoint",
                "https://a.example/",
                "--client-id",
                "x",
            ],
            "--authorization-endpoint",
        ),
        (
            &[
                "login",
                "--token-endpoint",
                "https://a.example/",
                "--client-id",
                "x",
                "--device",
            ],
            "--device-authorization-endpoint",
        ),
        (
            &["login", &issuer, "--client-id", "x", "--scope", "a\"b"],
            "--scope",
        ),
    ] {
        let ran = home.run(arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(next), "{ran:?}");
        assert!(!ran.stderr.contains("before this call"), "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn each_kind_of_trouble_has_an_exit_code_of_its_own() {
    let home = Home::new();
    let (issuer, elsewhere) = (
        home.server.issuer(),
        format!("{}/elsewhere", home.server.issuer()),
    );
    let login = |issuer: &str| home.run(&["login", issuer, "--client-id", "native"]);
    assert_eq!(login(&elsewhere).code, 5, "no metadata there");
    assert_eq!(login("http://127.0.0.1:1").code, 6, "nobody there");
    home.server.inject(NamedFault::MetadataIssuerSlash);
    let ran = login(&issuer);
    assert_eq!(ran.code, 8, "another server's metadata: {ran:?}");
    assert!(ran.stderr.contains("with or without a slash"), "{ran:?}");
    assert!(!ran.stderr.contains("needs a profile"), "{ran:?}");
}

#[test]
fn a_server_without_metadata_is_described_by_hand() {
    let home = Home::new();
    home.server
        .inject(NamedFault::BadGateway.injection().at(Endpoint::Metadata));
    let (authorization, token) = (
        home.server.authorization_endpoint(),
        home.server.token_endpoint(),
    );
    let mut login = home.begin(&[
        "login",
        "--no-browser",
        "--authorization-endpoint",
        &authorization,
        "--token-endpoint",
        &token,
        "--client-id",
        "native",
    ]);
    let url = login.address();
    // Without an issuer nobody could tell whose answer this is, so that the server must not name itself.
    home.server
        .with(|server| server.configure(|config| config.iss_parameter(false)));
    let location = home
        .server
        .consent(&url, &User::alice(), &Decision::Allow)
        .unwrap();
    visit(&location);
    let ran = login.end();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        home.server
            .with(|server| server.count_of(Endpoint::Metadata)),
        0
    );
    home.expire("default");
    assert!(home.token().starts_with("access-"));
}

#[test]
fn another_client_or_server_does_not_take_the_place_of_a_login() {
    let home = Home::new();
    home.log_in(&[]);
    let token = home.token();
    let ran = home.log_in_itself(&[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("--profile NAME"), "{ran:?}");
    assert_eq!(home.token(), token);
    let ran = home.log_in_itself(&["--profile", "ci"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let list = home.run(&["list", "--json"]).json();
    let names: Vec<_> = list["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["profile"].clone())
        .collect();
    assert_eq!(names, ["ci", "default"]);
}

#[test]
fn whoever_was_logged_in_need_not_say_everything_again() {
    let home = Home::new();
    home.log_in_itself(&[]);
    let before = home.token();
    let ran = home.run(&["login"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_ne!(home.token(), before);
}

#[test]
fn a_profile_says_what_a_command_line_need_not() {
    let home = Home::new();
    let secret = home.write("secret", "service-secret");
    let issuer = home.server.issuer();
    home.write(
        ".config/hallpass/config.toml",
        &format!("[profile.ci]\nissuer = \"{issuer}\"\nclient-id = \"service\"\nclient-secret-file = \"{secret}\"\nscope = [\"read\"]\n"),
    );
    let ran = home.run(&["login", "--profile", "ci", "--client-credentials"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let status = home.run(&["status", "--profile", "ci", "--json"]).json();
    assert_eq!(
        (&status["client_id"], &status["scope"]),
        (&"service".into(), &"read".into())
    );
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_and_nothing_is_done() {
    let home = Home::new();
    home.write(
        ".config/hallpass/config.toml",
        "[profile.default]\nclient-secret = \"canary\"\n",
    );
    let ran = home.run(&["login", &home.server.issuer(), "--client-id", "native"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.stderr.contains("client-secret-file") && !ran.stderr.contains("canary"),
        "{ran:?}"
    );
    let ran = home.run(&["login", "--config", "none.toml", "https://as.example"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(home.server.requests().is_empty());
}

#[test]
fn a_scope_that_was_not_granted_is_told() {
    let home = Home::new();
    let mut login = home.begin(&[
        "login",
        &home.server.issuer(),
        "--no-browser",
        "--client-id",
        "native",
        "--scope",
        "read write",
    ]);
    let url = login.address();
    let some = Decision::AllowOnly(vec!["read".to_owned()]);
    visit(&home.server.consent(&url, &User::alice(), &some).unwrap());
    let ran = login.end();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("did not grant: write"), "{ran:?}");
}

#[test]
fn a_certificate_of_ones_own_is_trusted_when_it_is_named_and_remembered() {
    let home = Home::of(TestServer::start_tls(Config::new(), Certificate::Valid));
    let issuer = home.server.issuer();
    let secret = home.write("secret", "service-secret");
    let login = [
        "login",
        &issuer,
        "--client-credentials",
        "--client-id",
        "service",
        "--client-secret-file",
        &secret,
    ];
    let ran = home.run(&login);
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.stderr.contains("certificate"), "{ran:?}");
    let none = home.write("none.pem", "no certificate");
    assert_eq!(home.run(&[&login[..], &["--ca", &none]].concat()).code, 2);
    let ca = home.write("ca.pem", home.server.ca_pem().unwrap());
    let ran = home.run(&[&login[..], &["--ca", &ca]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    home.expire("default");
    assert!(home.token().starts_with("access-"));
}

#[test]
fn what_a_profile_says_goes_to_no_other_server() {
    let home = Home::new();
    let (secret, other) = (home.write("secret", "service-secret"), Home::new());
    let issuer = home.server.issuer();
    home.write(
        ".config/hallpass/config.toml",
        &format!("[profile.default]\nissuer = \"{issuer}\"\nclient-id = \"service\"\nclient-secret-file = \"{secret}\"\n"),
    );
    let (elsewhere, endpoint) = (other.server.issuer(), other.server.token_endpoint());
    for server in [
        &[elsewhere.as_str()][..],
        &["--token-endpoint", &endpoint],
        &[&issuer, "--token-endpoint", &endpoint],
    ] {
        let ran = home.run(&[&["login", "--client-credentials"], server].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains("--profile NAME"), "{ran:?}");
    }
    assert!(other.server.requests().is_empty());
    assert_eq!(
        home.run(&["login", &issuer, "--client-credentials"]).code,
        0
    );
}

#[test]
fn a_server_that_is_not_as_it_should_be_is_described_in_the_configuration() {
    let home = Home::new();
    home.server.inject(NamedFault::NoTokenType);
    let ran = home.log_in_itself(&[]);
    assert_eq!(ran.code, 8, "{ran:?}");
    assert!(ran.stderr.contains("[profile.NAME.quirks]"), "{ran:?}");
    home.write(
        ".config/hallpass/config.toml",
        "[profile.default.quirks]\ntoken_type = \"optional\"\n",
    );
    assert_eq!(home.log_in_itself(&[]).code, 0);
    home.expire("default");
    assert!(home.token().starts_with("access-"));
}
