//! Where the client's secret may come from.

use hallpass_testkit::{AuthenticationMethod, Config, GrantType, TEST_KEY};

use crate::support::{Home, visit};

fn arguments<'a>(issuer: &'a str, how: &[&'a str]) -> Vec<&'a str> {
    [
        &[
            "login",
            issuer,
            "--client-credentials",
            "--client-id",
            "service",
        ],
        how,
    ]
    .concat()
}

#[test]
fn a_secret_comes_from_a_file_from_standard_input_or_from_the_environment() {
    let home = Home::new();
    let issuer = home.server.issuer();
    assert_eq!(home.log_in_itself(&[]).code, 0);
    let ran = home.run_with(
        &arguments(&issuer, &["--client-secret-stdin"]),
        "service-secret\n",
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let mut command = home.hallpass(&arguments(&issuer, &["--client-secret-env", "SERVICE"]));
    assert_eq!(command.output().unwrap().status.code(), Some(2));
    let output = command.env("SERVICE", "service-secret").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let home = Home::new();
    let issuer = home.server.issuer();
    for how in [
        &["--client-secret", "canary"][..],
        &["--client-secret=canary"],
        &["--client-secret", "-canary"],
        &["--client-secret"],
        &["--client-secret", "canary", "--client-secret-stdin"],
    ] {
        let ran = home.run(&arguments(&issuer, how));
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(
            ran.stderr.contains("--client-secret-file") && !ran.stderr.contains("canary"),
            "{ran:?}"
        );
    }
    assert!(home.server.requests().is_empty());
}

#[test]
fn what_was_read_from_standard_input_is_asked_for_again_when_it_is_needed() {
    let home = Home::new();
    let issuer = home.server.issuer();
    home.run_with(
        &arguments(&issuer, &["--client-secret-stdin"]),
        "service-secret",
    );
    assert_eq!(
        home.run(&["token"]).code,
        0,
        "nothing is needed for a token at hand"
    );
    let ran = home.run(&["status"]);
    assert!(ran.stdout.contains("needs the secret again"), "{ran:?}");
    home.expire("default");
    let ran = home.run(&["status", "--json"]);
    assert_eq!(
        (&ran.json()["state"], &ran.json()["refreshable"]),
        (&"stale".into(), &false.into())
    );
    let ran = home.run(&["token"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("--client-secret-stdin"), "{ran:?}");
    let ran = home.run_with(&["token", "--client-secret-stdin"], "service-secret");
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_secret_goes_where_it_is_said_to_go() {
    let home = Home::new();
    for (method, is_in_form) in [("client_secret_post", true), ("client_secret_basic", false)] {
        home.server.with(|server| server.clear_journal());
        home.log_in_itself(&["--client-auth", method]);
        let requests = home.server.requests_to(hallpass_testkit::Endpoint::Token);
        assert_eq!(
            requests[0].form_parameter("client_secret").is_some(),
            is_in_form
        );
        assert_eq!(requests[0].header("authorization").is_some(), !is_in_form);
    }
}

#[test]
fn a_secret_that_signs_is_never_sent() {
    const SECRET: &str = "canary-secret-of-a-length-that-signs";
    let client = hallpass_testkit::Client::confidential("signs", SECRET)
        .authentication_method(AuthenticationMethod::ClientSecretJwt)
        .grant_types([GrantType::ClientCredentials]);
    let home = Home::with(Config::new().client(client));
    let issuer = home.server.issuer();
    let login = |secret: &str| {
        let arguments = [
            "login",
            &issuer,
            "--client-credentials",
            "--client-id",
            "signs",
            "--client-auth",
            "client_secret_jwt",
            "--client-secret-stdin",
        ];
        home.run_with(&arguments, secret)
    };
    assert_eq!(login(SECRET).code, 0, "{:?}", login(SECRET));
    let requests = home.server.requests_to(hallpass_testkit::Endpoint::Token);
    assert!(requests[0].form_parameter("client_assertion").is_some());
    assert!(requests[0].form_parameter("client_secret").is_none());
    assert!(requests[0].header("authorization").is_none());
    let ran = login("canary-short");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("shorter than the hash"), "{ran:?}");
    assert!(!ran.stderr.contains("canary"), "{ran:?}");
}

#[test]
fn a_key_proves_the_client_in_place_of_a_secret() {
    let home = Home::new();
    let key = home.write("key.jwk", TEST_KEY);
    let issuer = home.server.issuer();
    let ran = home.run(&[
        "login",
        &issuer,
        "--client-credentials",
        "--client-id",
        "jwt",
        "--client-auth",
        "private_key_jwt",
        "--key",
        &key,
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    home.expire("default");
    assert!(home.token().starts_with("access-"));
    let wrong = home.write(
        "key.pem",
        "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n",
    );
    let ran = home.run(&[
        "login",
        &issuer,
        "--client-credentials",
        "--client-id",
        "jwt",
        "--key",
        &wrong,
    ]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("openssl pkcs8"), "{ran:?}");
}

#[test]
fn a_confidential_client_logs_its_user_in_and_refreshes() {
    let home = Home::new();
    let secret = home.write("secret", "acg-secret");
    let issuer = home.server.issuer();
    let mut login = home.begin(&[
        "login",
        &issuer,
        "--no-browser",
        "--client-id",
        "oauthacg",
        "--client-secret-file",
        &secret,
    ]);
    let url = login.address();
    let decision = hallpass_testkit::Decision::Allow;
    visit(
        &home
            .server
            .consent(&url, &hallpass_testkit::User::alice(), &decision)
            .unwrap(),
    );
    assert_eq!(login.end().code, 0);
    home.expire("default");
    assert!(home.token().starts_with("access-"));
}
