//! Terminals without colours, terminals that are narrow, and no terminal at all.

use crate::terminal::{Home, NARROW, WIDE};
use crate::{Answer, answer, approve};

const ESCAPE: u8 = 0x1b;

#[test]
fn no_color_is_honoured() {
    let home = Home::new();
    let coloured = home.terminal(WIDE);
    coloured.run("hallpass token; hallpass inspect $ISSUER");
    assert!(coloured.bytes().contains(&ESCAPE));
    let plain = home.terminal_with(WIDE, &[("NO_COLOR", "1")]);
    plain.run("hallpass token; hallpass inspect $ISSUER");
    let seen = plain.bytes();
    assert!(
        !seen.contains(&ESCAPE),
        "{}",
        String::from_utf8_lossy(&seen)
    );
    let screen = plain.screen();
    assert!(screen.contains("error:"), "{screen}");
    // A certified provider, which has tokens in redirects as well.
    assert!(
        screen.contains("Found: 1 weak") && screen.contains("(implicit-grant)"),
        "{screen}"
    );
}

#[test]
fn in_a_narrow_terminal_the_address_can_be_taken_whole_and_no_code_is_drawn_that_does_not_fit() {
    let home = Home::new();
    let terminal = home.terminal(NARROW);
    let login = terminal
        .begin("hallpass login $ISSUER --client-id hallpass-native --scope openid --no-browser");
    let url = login.line("  http");
    assert!(url.len() > 200, "{url}");
    answer(url.trim(), Answer::Allow);
    login.ended();

    let login = terminal
        .begin("clear; hallpass login $ISSUER --client-id hallpass-device --scope openid --profile tv --device");
    let uri = login.line("  http");
    let screen = terminal.until("the code", |screen| screen.contains("Waiting"));
    assert!(!screen.contains('█'), "{screen}");
    let code = screen
        .lines()
        .find(|line| line.len() == 11 && line.as_bytes()[6] == b'-');
    approve(uri.trim(), code.unwrap().trim());
    login.ended();
}

#[test]
fn where_nobody_sits_nothing_is_drawn_and_the_output_is_the_token_alone() {
    let home = Home::new();
    let terminal = home.terminal(WIDE);
    let login = terminal.begin(
        "hallpass login $ISSUER --client-id hallpass-device --scope openid --device 2> said",
    );
    let said = || std::fs::read_to_string(home.path().join("said")).unwrap_or_default();
    // What the program says goes to a file, of which a terminal tells nothing.
    let begun = std::time::Instant::now();
    while !said().contains("Waiting") {
        assert!(begun.elapsed().as_secs() < 20, "{}", said());
        std::thread::yield_now();
    }
    let said = said();
    assert!(!said.contains(['█', '\u{1b}']), "{said}");
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let uri = lines.iter().find(|line| line.starts_with("http")).unwrap();
    let code = lines
        .iter()
        .find(|line| line.len() == 9 && line.as_bytes()[4] == b'-')
        .unwrap();
    approve(uri, code);
    login.ended();
    let token = terminal.run("clear; hallpass token 2>&1 | wc -l");
    assert_eq!(token.trim(), "1");
}
