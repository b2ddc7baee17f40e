//! What a person or a packager asks for beside tokens.

use crate::support::Home;

#[test]
fn completions_and_manual_pages_know_every_command() {
    let home = Home::new();
    let bash = home.run(&["completions", "bash"]);
    assert_eq!(bash.code, 0, "{bash:?}");
    let folder = home.path("man");
    let pages = home.run(&["man", folder.to_str().unwrap()]);
    assert_eq!((pages.code, pages.stdout.as_str()), (0, ""), "{pages:?}");
    for command in ["login", "token", "inspect", "credential"] {
        assert!(bash.stdout.contains(command), "{command}");
        assert!(
            folder.join(format!("hallpass-{command}.1")).is_file(),
            "{command}"
        );
    }
    let page = home.run(&["man"]).stdout;
    assert!(page.contains(".TH hallpass 1"), "{page}");
}

#[test]
fn a_shell_that_is_not_known_is_told_and_not_guessed() {
    let home = Home::new();
    let output = home
        .hallpass(&["completions"])
        .env("SHELL", "/bin/tcsh")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = home
        .hallpass(&["completions"])
        .env("SHELL", "/usr/bin/fish")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("complete -c hallpass"));
}
