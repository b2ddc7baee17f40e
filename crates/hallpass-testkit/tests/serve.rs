//! The program that runs the server from a shell.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

use hallpass_testkit::{Config, NamedFault, TestServer};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass-testkit"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program starts")
}

/// Ends with the test.
struct Served {
    child: Child,
    host: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut command = program(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let host = line.trim().trim_end_matches('/');
        let host = host.strip_prefix("http://").expect("an address").to_owned();
        Self { child, host }
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let (line, rest) = request.split_once('\n').unwrap_or((request, ""));
        let host = &self.host;
        let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        stream
            .write_all(format!("{head}{rest}\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn each_request_is_told_on_standard_error_without_its_query() {
    let mut command = program(&["serve", "--port", "0"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let host = line.trim().trim_end_matches('/').replace("http://", "");
    let served = Served { child, host };
    served.ask("GET /resource?canary=1");
    let line = told.lines().next().unwrap().unwrap();
    assert_eq!(line, "GET /resource 401");
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_where_it_is_and_has_a_page_there() {
    let served = Served::start(&["serve", "--port", "0"]);
    let page = served.ask("GET /");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let token = format!("http://{}/oauth/token", served.host);
    assert!(page.contains(&token) && page.contains("No fault is on."));
}

#[test]
fn faults_are_on_from_the_start() {
    let served = Served::start(&[
        "serve",
        "--port=0",
        "--fault",
        "metadata-only-openid",
        "--fault=dropped-scope",
    ]);
    let metadata = served.ask("GET /.well-known/oauth-authorization-server");
    assert!(metadata.starts_with("HTTP/1.1 404"), "{metadata}");
    assert!(served.ask("GET /").contains("2 faults are on."));
}

#[test]
fn settings_come_by_options() {
    let served = Served::start(&[
        "serve",
        "--port=0",
        "--access-token-lifetime=7",
        "--allow-at-once",
        "alice",
    ]);
    let answer = served.ask(
        "GET /oauth/authorize?response_type=token&client_id=httpig&redirect_uri=https://app.example/callback",
    );
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(answer.contains("&expires_in=7&"), "{answer}");
}

#[test]
fn wrong_arguments_print_the_usage_and_exit_with_2() {
    for (arguments, problem) in [
        (&[][..], "The command is missing."),
        (&["sreve"], "There is no command sreve."),
        (&["serve", "--prot", "1"], "There is no option --prot."),
        (&["serve", "--port"], "--port needs a value."),
        (&["serve", "--port", "65536"], "65536 is no port"),
        (&["serve", "--fault", "x"], "There is no fault x"),
        (
            &["serve", "--access-token-lifetime", "x"],
            "x is no number of seconds",
        ),
        (&["faults", "x"], "`faults` takes no x."),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(problem), "{said}");
        assert!(said.contains("Usage: hallpass-testkit serve"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_is_no_mistake() {
    for arguments in [&["--help"][..], &["serve", "--help"]] {
        let output = run(arguments);
        assert!(output.status.success());
        assert!(output.stdout.starts_with(b"Usage: "));
    }
}

#[test]
fn every_fault_is_listed() {
    let listed = String::from_utf8(run(&["faults"]).stdout).unwrap();
    assert_eq!(listed.lines().count(), NamedFault::ALL.len());
    assert!(listed.contains("dropped-scope: Token answer: "));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TestServer::start(Config::new());
    let port = taken.address().port().to_string();
    let output = run(&["serve", "--port", &port]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with(&format!("Port {port} of 127.0.0.1")),
        "{said}"
    );
}
