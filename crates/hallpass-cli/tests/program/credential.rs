//! Tokens for programs that ask others for credentials: the real git, and what Docker and kubectl say.

use std::process::{Command, Stdio};

use crate::support::{Home, Ran};

const CONFIG: &str = r#"
[credential.git."https://git.example/team"]
profile = "default"
[credential.git."https://bearer.example"]
profile = "default"
bearer = true
[credential.docker."registry.example:5000"]
profile = "default"
[credential.kubernetes."https://k8s.example:6443"]
profile = "default"
"#;

fn home() -> Home {
    let home = Home::new();
    assert_eq!(home.log_in_itself(&[]).code, 0);
    home.write(".config/hallpass/config.toml", CONFIG);
    home
}

/// The real git, which asks hallpass and nobody else.
fn git(home: &Home, action: &str, question: &str) -> Ran {
    let program = env!("CARGO_BIN_EXE_hallpass");
    let mut git = Command::new("git");
    git.args([
        "-c",
        &format!("credential.helper=!'{program}' credential git"),
    ])
    .args(["-c", "credential.useHttpPath=true", "credential", action])
    .env_clear()
    .env("HOME", home.path(""))
    .env("PATH", std::env::var_os("PATH").unwrap())
    .env("GIT_TERMINAL_PROMPT", "0")
    .env("GIT_CONFIG_NOSYSTEM", "1")
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped());
    let mut child = git.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), question.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn git_fills_in_the_token_where_the_configuration_says_so_and_nowhere_else() {
    let home = home();
    let token = home.run(&["token"]).stdout;
    let filled = git(&home, "fill", "url=https://git.example/team/app.git\n\n");
    assert!(filled.stdout.contains("\nusername=oauth2\n"), "{filled:?}");
    assert!(
        filled.stdout.contains(&format!("\npassword={token}")),
        "{filled:?}"
    );
    for other in [
        "https://git.example/other",
        "https://git.example.evil.example/team/x",
        "http://git.example/team/x",
    ] {
        let filled = git(&home, "fill", &format!("url={other}\n\n"));
        assert_eq!(
            (filled.code, filled.stdout.as_str()),
            (128, ""),
            "{other}: {filled:?}"
        );
        assert!(!filled.stderr.contains(token.trim()));
    }
}

#[test]
fn git_that_says_a_token_was_refused_is_given_another_next_time() {
    let home = home();
    let before = home.run(&["token"]).stdout;
    let question = |password: &str| {
        format!("url=https://git.example/team/app.git\nusername=oauth2\npassword={password}\n\n")
    };
    assert_eq!(git(&home, "reject", &question("another")).code, 0);
    assert_eq!(
        home.run(&["token"]).stdout,
        before,
        "it was not this one that was refused"
    );
    assert_eq!(git(&home, "reject", &question(before.trim())).code, 0);
    assert_ne!(home.run(&["token"]).stdout, before);
    assert_eq!(git(&home, "approve", &question("another")).code, 0);
}

#[test]
fn a_path_that_git_does_not_say_is_hinted_at_and_a_newer_git_gets_a_bearer_token() {
    let home = home();
    let ask = |question: &str| home.run_with(&["credential", "git", "get"], question);
    let ran = ask("protocol=https\nhost=git.example\n\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("useHttpPath"), "{ran:?}");
    let ran = ask("capability[]=authtype\nprotocol=https\nhost=bearer.example\n\n");
    assert!(
        ran.stdout.contains("authtype=Bearer\ncredential="),
        "{ran:?}"
    );
    let ran = ask("protocol=https\nhost=git.example\rhost=evil.example\n\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let ran = home.run_with(&["credential", "git", "capability"], "");
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "", "")
    );
}

#[test]
fn docker_gets_the_token_for_its_registry_and_what_it_knows_where_there_is_none() {
    let home = home();
    let token = home.run(&["token"]).stdout;
    let docker =
        |action: &str, stdin: &str| home.run_with(&["credential", "docker", action], stdin);
    let got = docker("get", "registry.example:5000\n");
    let read: serde_json::Value = serde_json::from_str(&got.stdout).unwrap();
    assert_eq!(read["Secret"], token.trim());
    let none = docker("get", "https://index.docker.io/v1/");
    assert_eq!(
        (none.code, none.stdout.as_str()),
        (1, "credentials not found in native keychain\n")
    );
    assert!(
        docker("list", "")
            .stdout
            .contains("\"https://registry.example:5000\"")
    );
    let stored = docker(
        "store",
        r#"{"ServerURL":"registry.example:5000","Username":"me","Secret":"canary"}"#,
    );
    assert_eq!(stored.code, 2);
    assert!(
        stored
            .stdout
            .contains("keeps no password for registry.example:5000"),
        "{stored:?}"
    );
    assert!(
        stored
            .stdout
            .contains("[credential.docker.\"registry.example:5000\"]"),
        "{stored:?}"
    );
    assert!(!format!("{stored:?}").contains("canary"));
}

#[test]
fn kubectl_gets_the_token_for_its_cluster_with_the_end_of_it() {
    let home = home();
    let ask = |server: &str| {
        let asked = format!(
            r#"{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{{"cluster":{{"server":"{server}"}},"interactive":false}}}}"#
        );
        let mut command = home.hallpass(&["credential", "kubernetes"]);
        command.env("KUBERNETES_EXEC_INFO", asked).output().unwrap()
    };
    let output = ask("https://k8s.example:6443");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        answer["status"]["token"],
        home.run(&["token"]).stdout.trim()
    );
    assert!(
        answer["status"]["expirationTimestamp"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    let output = ask("https://evil.example:6443");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}

#[test]
fn where_nobody_is_logged_in_or_the_tokens_are_bound_nothing_is_given() {
    let home = home();
    assert_eq!(home.run(&["logout"]).code, 0);
    let docker = || home.run_with(&["credential", "docker", "get"], "registry.example:5000");
    let ran = docker();
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("hallpass login"), "{ran:?}");
    assert_eq!(home.log_in_itself(&["--dpop"]).code, 0);
    let ran = docker();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("bound to a key"), "{ran:?}");
}
