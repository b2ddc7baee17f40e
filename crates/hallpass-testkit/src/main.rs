//! The authorization server, to play with from any language.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
    thread,
    time::Duration,
};

use hallpass_testkit::{AuthorizationServer, Config, NamedFault, TestServer};

const USAGE: &str = "\
Usage: hallpass-testkit serve [--port N] [--fault NAME]... [--access-token-lifetime SECONDS]
                              [--allow-at-once USER]
       hallpass-testkit faults

serve    runs the authorization server on 127.0.0.1 until it is stopped; its page is at /,
         and each request is told on standard error
           --port N      the port; 8080 if left out, and 0 for any that is free
           --fault NAME  switches a fault on; may come more than once
           --access-token-lifetime SECONDS
                         how long an access token is good; 3600 if left out
           --allow-at-once USER
                         every visitor is this user, who allows everything without a page
faults   lists the faults and their names
";

/// Those of `serve`, each with a value.
const OPTIONS: [&str; 4] = [
    "--port",
    "--fault",
    "--access-token-lifetime",
    "--allow-at-once",
];

enum Command {
    Serve(Box<Serve>),
    Faults,
    Help,
}

struct Serve {
    port: u16,
    faults: Vec<NamedFault>,
    config: Config,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    match read(&arguments) {
        Ok(Command::Serve(options)) => serve(*options),
        Ok(Command::Faults) => {
            let faults = NamedFault::ALL.iter();
            let lines = faults
                .map(|fault| format!("{}: {}: {}\n", fault.name(), fault.place(), fault.about()));
            say(&lines.collect::<String>())
        }
        Ok(Command::Help) => say(USAGE),
        Err(problem) => {
            eprint!("{problem}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn say(text: &str) -> ExitCode {
    // Whoever reads it may have read enough.
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn read(arguments: &[String]) -> Result<Command, String> {
    let mut arguments = arguments.iter().map(String::as_str);
    match arguments.next() {
        Some("serve") => {}
        Some("faults") => {
            return match arguments.next() {
                None => Ok(Command::Faults),
                Some(more) => Err(format!("`faults` takes no {more}.")),
            };
        }
        Some("help" | "--help" | "-h") => return Ok(Command::Help),
        Some(other) => return Err(format!("There is no command {other}.")),
        None => return Err("The command is missing.".to_owned()),
    }
    let config = Config::new().front_page(true);
    let (port, faults) = (8080, Vec::new());
    let mut serve = Serve {
        port,
        faults,
        config,
    };
    while let Some(option) = arguments.next() {
        let (option, value) = match option.split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (option, None),
        };
        if ["--help", "-h"].contains(&option) {
            return Ok(Command::Help);
        }
        if !OPTIONS.contains(&option) {
            return Err(format!("There is no option {option}."));
        }
        let value = value.or_else(|| arguments.next());
        let value = value.ok_or_else(|| format!("{option} needs a value."))?;
        serve = serve.with(option, value)?;
    }
    Ok(Command::Serve(Box::new(serve)))
}

impl Serve {
    fn with(mut self, option: &str, value: &str) -> Result<Self, String> {
        match option {
            "--port" => {
                let number = value.parse();
                self.port = number
                    .map_err(|_| format!("{value} is no port: one is a number up to 65535."))?;
            }
            "--access-token-lifetime" => {
                let seconds = value.parse();
                let seconds = seconds.map_err(|_| format!("{value} is no number of seconds."))?;
                let lifetime = Duration::from_secs(seconds);
                self.config = self.config.access_token_lifetime(lifetime);
            }
            "--allow-at-once" => self.config = self.config.allow_at_once(value),
            _ => {
                let fault = NamedFault::find(value);
                self.faults.push(fault.ok_or_else(|| {
                    format!("There is no fault {value}: `hallpass-testkit faults` lists them.")
                })?);
            }
        }
        Ok(self)
    }
}

/// What was asked and answered since the last look, without queries and bodies.
fn answered(server: &mut AuthorizationServer) -> Vec<String> {
    let exchanges = server.journal();
    let lines = exchanges.map(|exchange| {
        let (request, response) = (&exchange.request, &exchange.response);
        format!("{} {} {}", request.method, request.path(), response.status)
    });
    let lines = lines.collect();
    server.clear_journal();
    lines
}

fn serve(options: Serve) -> ExitCode {
    let port = options.port;
    let server = match TestServer::start_at(options.config, port) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("Port {port} of 127.0.0.1 cannot be had: {error}. Name another by --port.");
            return ExitCode::FAILURE;
        }
    };
    for fault in options.faults {
        server.inject(fault);
    }
    say(&format!("{}/\n", server.base_url()));
    loop {
        thread::sleep(Duration::from_millis(100));
        for line in server.with(answered) {
            eprintln!("{line}");
        }
    }
}
