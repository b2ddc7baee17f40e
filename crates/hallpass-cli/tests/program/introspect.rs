//! `hallpass introspect` (RFC 7662).

use crate::support::Home;

#[test]
fn the_sessions_token_is_asked_about_and_so_is_one_on_standard_input() {
    let home = Home::new();
    assert_eq!(home.log_in_itself(&["--scope", "read"]).code, 0);
    let own = home.run(&["introspect"]);
    assert_eq!(own.code, 0, "{own:?}");
    assert!(own.stdout.starts_with("active      true\n"), "{own:?}");
    let token = home.run(&["token"]).stdout;
    let given = home.run_with(&["introspect", "--token-stdin", "--json"], &token);
    let told: serde_json::Value = serde_json::from_str(&given.stdout).unwrap();
    assert_eq!(
        (&told["active"], &told["scope"]),
        (&true.into(), &"read".into())
    );
    assert!(!given.stdout.contains(token.trim()), "{given:?}");
}

#[test]
fn a_token_that_is_not_good_ends_with_5() {
    let home = Home::new();
    assert_eq!(home.log_in_itself(&[]).code, 0);
    let ran = home.run_with(&["introspect", "--token-stdin"], "nonsense\n");
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (5, "active      false\n"),
        "{ran:?}"
    );
}

#[test]
fn a_resource_server_asks_with_the_client_of_its_profile_and_without_a_session() {
    let home = Home::new();
    assert_eq!(home.log_in_itself(&[]).code, 0);
    let token = home.run(&["token"]).stdout;
    let (issuer, secret) = (home.server.issuer(), home.path("secret"));
    home.write(
        ".config/hallpass/config.toml",
        &format!(
            "[profile.api]\nissuer = \"{issuer}\"\nclient-id = \"service\"\nclient-secret-file = \"{}\"\n",
            secret.display()
        ),
    );
    let ran = home.run_with(&["introspect", "--profile", "api", "--token-stdin"], &token);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_token_on_the_command_line_is_refused_and_not_repeated() {
    let home = Home::new();
    let ran = home.run(&["introspect", "canary-token"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--token-stdin"), "{ran:?}");
    assert!(!ran.stderr.contains("canary"), "{ran:?}");
}
