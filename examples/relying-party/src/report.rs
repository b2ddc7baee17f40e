//! What is told of each step: JSON for scripts, words for people. No token, code, secret or key is ever in it.

use std::io::{self, Write};
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// Tells each step as it ends, on standard output.
pub(crate) struct Report {
    form: Form,
    output: Mutex<Box<dyn Write + Send>>,
}

enum Form {
    Json,
    Words,
}

/// One thing the program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Setup,
    WebFinger,
    Discovery,
    Registration,
    Keys,
    Authorization,
    Login,
    Refresh,
    UserInfo,
    Claims,
    Logout,
    BackChannelLogout,
    FrontChannelLogout,
    ThirdPartyLogin,
    Session,
    Unregistration,
    End,
}

impl Step {
    /// Its name for scripts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::WebFinger => "webfinger",
            Self::Discovery => "discovery",
            Self::Registration => "registration",
            Self::Keys => "keys",
            Self::Authorization => "authorization",
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::UserInfo => "userinfo",
            Self::Claims => "claims",
            Self::Logout => "logout",
            Self::BackChannelLogout => "backchannel_logout",
            Self::FrontChannelLogout => "frontchannel_logout",
            Self::ThirdPartyLogin => "third_party_login",
            Self::Session => "session",
            Self::Unregistration => "unregistration",
            Self::End => "end",
        }
    }

    /// What a person calls it.
    fn words(self) -> &'static str {
        match self {
            Self::Setup => "Made ready",
            Self::WebFinger => "Asked who the provider is",
            Self::Discovery => "Asked the provider about itself",
            Self::Registration => "Registered as a client",
            Self::Keys => "Fetched the provider's keys",
            Self::Authorization => "Sent the user to the provider",
            Self::Login => "Logged in",
            Self::Refresh => "Refreshed the tokens",
            Self::UserInfo => "Asked for UserInfo",
            Self::Claims => "Collected claims that others make",
            Self::Logout => "Logged out at the provider",
            Self::BackChannelLogout => "The provider sent a logout token",
            Self::FrontChannelLogout => "A browser brought word of a logout",
            Self::ThirdPartyLogin => "Somebody sent the user here to log in",
            Self::Session => "Watched the session at the provider",
            Self::Unregistration => "Took the registration back",
            Self::End => "Done",
        }
    }
}

impl Report {
    pub(crate) fn json() -> Self {
        Self::new(Form::Json)
    }

    pub(crate) fn words() -> Self {
        Self::new(Form::Words)
    }

    fn new(form: Form) -> Self {
        Self {
            form,
            output: Mutex::new(Box::new(io::stdout())),
        }
    }

    /// A step that went well, with what there is to know.
    pub(crate) fn ok(&self, step: Step, facts: Value) {
        match self.form {
            Form::Json => self.object(step, "ok", facts),
            Form::Words => {
                self.line(step.words());
                for (name, value) in object(facts) {
                    match value {
                        Value::Object(members) => members
                            .iter()
                            .for_each(|(name, value)| self.fact(name, value)),
                        value => self.fact(&name, &value),
                    }
                }
            }
        }
    }

    /// A step that did not.
    pub(crate) fn failed(&self, step: Step, failure: &Failure) {
        match self.form {
            Form::Json => {
                let facts = json!({"error": failure.name(), "message": failure.message()});
                self.object(step, failure.outcome(), facts);
            }
            Form::Words => {
                self.line(&format!("{}: {}", step.words(), failure.blame()));
                self.line(&format!("  {}", failure.message()));
            }
        }
    }

    /// Where a person has to go. A script that has a browser of its own reads it as `visit`.
    pub(crate) fn visit(&self, step: Step, address: &str) {
        match self.form {
            Form::Json => self.object(step, "ok", json!({"visit": address})),
            Form::Words => self.line(&format!("Open this in your browser:\n  {address}")),
        }
    }

    fn fact(&self, name: &str, value: &Value) {
        self.line(&format!("  {name}: {}", plain(value)));
    }

    /// `step` and `outcome` come first, for people who read along.
    fn object(&self, step: Step, outcome: &str, facts: Value) {
        let mut line = format!(r#"{{"step":"{}","outcome":"{outcome}""#, step.name());
        for (name, value) in object(facts) {
            line.push_str(&format!(",{}:{value}", Value::String(name)));
        }
        line.push('}');
        self.line(&line);
    }

    fn line(&self, text: &str) {
        // Whoever reads no more has seen enough.
        if let Ok(mut output) = self.output.lock() {
            let _ = writeln!(output, "{text}").and_then(|()| output.flush());
        }
    }
}

fn object(facts: Value) -> Map<String, Value> {
    match facts {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
