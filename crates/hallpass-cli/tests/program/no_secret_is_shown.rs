//! No secret, code or token is on standard output or standard error, but where it was asked for.

use hallpass_testkit::{Decision, Endpoint, Fault, NamedFault, User};

use crate::support::{Home, Ran, visit};

/// What the server gave out and what the client proves itself with.
fn secrets(home: &Home, location: &str) -> Vec<String> {
    let mut secrets = vec!["acg-secret".to_owned()];
    let code = location
        .split(['?', '&'])
        .find_map(|part| part.strip_prefix("code="));
    secrets.extend(code.map(str::to_owned));
    if let Some(entry) = home.stored("default") {
        let text = String::from_utf8(entry.bytes.expose_secret().to_vec()).unwrap();
        let (head, record) = text.split_once('\n').unwrap();
        let head: serde_json::Value = serde_json::from_str(head).unwrap();
        let record: serde_json::Value = serde_json::from_str(record).unwrap();
        let found = [
            &record["tokens"]["access_token"],
            &record["tokens"]["refresh_token"],
            &head["account"]["dpop"],
        ];
        secrets.extend(
            found
                .into_iter()
                .filter_map(|own| own.as_str())
                .map(str::to_owned),
        );
    }
    secrets
}

fn check(ran: &Ran, secrets: &[String]) {
    for secret in secrets {
        assert!(secret.len() > 5);
        assert!(!ran.stdout.contains(secret), "{secret} in {ran:?}");
        assert!(!ran.stderr.contains(secret), "{secret} in {ran:?}");
    }
}

#[test]
fn no_command_shows_a_secret_that_was_not_asked_for() {
    for json in [&[][..], &["--json"]] {
        let home = Home::new();
        let secret = home.write("secret", "acg-secret");
        let issuer = home.server.issuer();
        let login = [
            "login",
            &issuer,
            "--no-browser",
            "--dpop",
            "--client-id",
            "oauthacg",
            "--client-secret-file",
            &secret,
        ];
        let mut login = home.begin(&[&login, json].concat());
        let url = login.address();
        let location = home
            .server
            .consent(&url, &User::alice(), &Decision::Allow)
            .unwrap();
        visit(&location);
        let ran = login.end();
        assert_eq!(ran.code, 0, "{ran:?}");
        let mut known = secrets(&home, &location);
        assert_eq!(known.len(), 5);
        check(&ran, &known);
        let check_run = |arguments: &[&str], known: &[String]| {
            check(&home.run(&[arguments, json].concat()), known)
        };
        for command in [&["status"][..], &["list"], &["refresh"]] {
            check_run(command, &known);
        }
        known.extend(secrets(&home, &location));
        for fault in [
            Fault::TokenError {
                error: "invalid_request".to_owned(),
                // What was sent comes back in what the server says.
                description: known[known.len() - 2].clone(),
            }
            .once(),
            NamedFault::BadGateway.once(),
            NamedFault::LoseAnswer.once(),
            NamedFault::JsonDeep.once(),
        ] {
            home.expire("default");
            home.server.inject(fault);
            check_run(&["token"], &known);
            check_run(&["refresh"], &known);
            home.server.heal();
        }
        home.server
            .inject(Fault::CloseBeforeAnswer.at(Endpoint::Revocation));
        check_run(&["logout"], &known);
    }
}

#[test]
fn a_login_that_fails_shows_no_code() {
    let home = Home::new();
    let secret = home.write("secret", "acg-secret");
    let issuer = home.server.issuer();
    for fault in [
        NamedFault::BadGateway,
        NamedFault::LoseAnswer,
        NamedFault::NoAccessToken,
    ] {
        home.server.inject(fault.once());
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
        let location = home
            .server
            .consent(&url, &User::alice(), &Decision::Allow)
            .unwrap();
        let page = visit(&location);
        let ran = login.end();
        assert_ne!(ran.code, 0, "{ran:?}");
        let known = secrets(&home, &location);
        assert_eq!(known.len(), 2);
        check(&ran, &known);
        assert!(!page.contains(&known[1]), "{page}");
        home.server.heal();
    }
}
