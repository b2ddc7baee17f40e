//! git's credential protocol (git-credential(1), gitcredentials(7)): attributes, one a line, `key=value`.

use hallpass::Secret;

use super::{Credential, InvalidTarget, Target};

/// The longest question that is read, in bytes. A token is a few thousand at most.
pub const MAX_BYTES: usize = 1 << 16;

/// What git asks, or tells: the attributes that matter here.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Question {
    /// `protocol`
    pub protocol: String,
    /// `host`, with a port if the remote's address has one.
    pub host: String,
    /// `path`; git leaves it out unless `credential.useHttpPath` is set.
    pub path: Option<String>,
    /// `username`, if the address has one.
    pub username: Option<String>,
    /// `password`: what was used, when git tells how it went.
    pub password: Option<Secret>,
    /// `credential`: the same where it was no password but a part of a header (git 2.46).
    pub credential: Option<Secret>,
    /// Whether git understands `authtype` and `credential` (git 2.46).
    pub takes_authtype: bool,
}

/// Why a question cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidQuestion {
    /// It is longer than [`MAX_BYTES`].
    Length,
    /// It is not UTF-8.
    Encoding,
    /// A line without `=`.
    Line,
    /// A carriage return or NUL: a host with one in it is somebody's attempt to have one host's credential for another.
    Control,
    /// A `url` that cannot be taken apart.
    Url,
}

impl Question {
    /// Reads what came on standard input, up to a blank line or its end.
    ///
    /// # Errors
    /// [`InvalidQuestion`] says what is wrong with it. Attributes that are not known here are left out.
    pub fn read(text: &[u8]) -> Result<Self, InvalidQuestion> {
        if text.len() > MAX_BYTES {
            return Err(InvalidQuestion::Length);
        }
        let text = str::from_utf8(text).map_err(|_| InvalidQuestion::Encoding)?;
        let mut question = Self::default();
        for line in text.split('\n').take_while(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=').ok_or(InvalidQuestion::Line)?;
            if value.contains(['\r', '\0']) {
                return Err(InvalidQuestion::Control);
            }
            question.take(key, value)?;
        }
        Ok(question)
    }

    /// The server that is asked about, and which part of it. A path that could be read in two ways is no part of anything: only who may
    /// have a token for the whole server gets one.
    ///
    /// # Errors
    /// [`InvalidTarget`] when it is none that a token may be given to: `ssh`, `http` elsewhere.
    pub fn target(&self) -> Result<Target, InvalidTarget> {
        let path = self.path.as_deref().unwrap_or_default();
        let whole = Target::of(&self.protocol, &self.host, "")?;
        Ok(Target::of(&self.protocol, &self.host, path).unwrap_or(whole))
    }

    /// What was used, when git tells how it went.
    pub fn used(&self) -> Option<&Secret> {
        self.credential.as_ref().or(self.password.as_ref())
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), InvalidQuestion> {
        let text = || Some(value.to_owned());
        match key {
            "protocol" => self.protocol = value.to_owned(),
            "host" => self.host = value.to_owned(),
            "path" => self.path = text(),
            "username" => self.username = text(),
            "password" => self.password = Some(Secret::new(value)),
            "credential" => self.credential = Some(Secret::new(value)),
            // An empty one takes back those before it.
            "capability[]" => {
                self.takes_authtype =
                    !value.is_empty() && (self.takes_authtype || value == "authtype");
            }
            "url" => {
                let (protocol, rest) = value.split_once("://").ok_or(InvalidQuestion::Url)?;
                let (authority, path) = match rest.split_once('/') {
                    Some((authority, path)) => (authority, Some(path.to_owned())),
                    None => (rest, None),
                };
                let (user, host) = match authority.rsplit_once('@') {
                    Some((user, host)) => (Some(user), host),
                    None => (None, authority),
                };
                self.protocol = protocol.to_owned();
                self.host = host.to_owned();
                self.path = path.filter(|path| !path.is_empty());
                self.username = user.map(|user| user.split(':').next().unwrap_or(user).to_owned());
                self.password = None;
            }
            _ => {}
        }
        Ok(())
    }
}

/// How git is to send a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sent {
    /// As the password of a user: what most servers that speak git take.
    #[default]
    Password,
    /// As a bearer token (RFC 6750 §2.1), which git can since 2.46.
    Bearer,
}

/// What git is told. No refresh token is in it: it would go into every other helper's store.
pub fn answer(question: &Question, credential: &Credential, sent: Sent) -> Secret {
    let token = credential.token.expose_secret();
    let mut text = match (sent, question.takes_authtype) {
        (Sent::Bearer, true) => {
            // `ephemeral`: no other helper is to store it.
            format!("capability[]=authtype\nauthtype=Bearer\ncredential={token}\nephemeral=1\n")
        }
        _ => {
            let username = question.username.as_ref().unwrap_or(&credential.username);
            format!("username={username}\npassword={token}\n")
        }
    };
    if let Some(at) = credential.expires_at {
        text += &format!("password_expiry_utc={}\n", at.unix_timestamp());
    }
    Secret::new(text)
}

impl std::fmt::Display for InvalidQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Length => "it is too long",
            Self::Encoding => "it is not UTF-8",
            Self::Line => "a line has no `=`",
            Self::Control => "a value has a carriage return or NUL in it",
            Self::Url => "its url is none",
        })
    }
}

impl std::error::Error for InvalidQuestion {}

#[cfg(test)]
mod tests {
    use time::UtcDateTime;

    use super::*;

    fn credential(token: &str) -> Credential {
        Credential {
            username: "oauth2".to_owned(),
            token: Secret::new(token),
            expires_at: UtcDateTime::from_unix_timestamp(1_700_000_000).ok(),
        }
    }

    fn target(text: &str) -> Target {
        Question::read(text.as_bytes()).unwrap().target().unwrap()
    }

    #[test]
    fn the_manuals_examples_are_understood() {
        // git-credential(1), "Typical use".
        assert_eq!(
            target("protocol=https\nhost=example.com\npath=foo.git\n\n").to_string(),
            "https://example.com/foo.git"
        );
        assert_eq!(
            target("url=https://example.com/foo.git\n\n").to_string(),
            "https://example.com/foo.git"
        );
        assert_eq!(
            target("protocol=https\nhost=example.com:8088\n").to_string(),
            "https://example.com:8088"
        );
    }

    #[test]
    fn git_is_given_a_name_the_token_and_its_end() {
        let question = Question::read(b"protocol=https\nhost=example.com\n").unwrap();
        let answer = answer(&question, &credential("t0ken"), Sent::Password);
        assert_eq!(
            answer.expose_secret(),
            "username=oauth2\npassword=t0ken\npassword_expiry_utc=1700000000\n"
        );
    }

    #[test]
    fn the_name_in_the_address_is_kept() {
        let question = Question::read(b"url=https://bob@example.com/foo.git\n").unwrap();
        let answer = answer(&question, &credential("t"), Sent::Password);
        assert!(answer.expose_secret().starts_with("username=bob\n"));
    }

    #[test]
    fn a_git_that_takes_headers_is_given_a_bearer_token_and_no_other() {
        let new = Question::read(
            b"capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=example.com\n",
        )
        .unwrap();
        let told = answer(&new, &credential("t"), Sent::Bearer);
        assert_eq!(
            told.expose_secret(),
            "capability[]=authtype\nauthtype=Bearer\ncredential=t\nephemeral=1\npassword_expiry_utc=1700000000\n"
        );
        for old in [
            "protocol=https\nhost=example.com\n",
            "capability[]=authtype\ncapability[]=\nhost=example.com\n",
        ] {
            let old = Question::read(old.as_bytes()).unwrap();
            assert!(
                answer(&old, &credential("t"), Sent::Bearer)
                    .expose_secret()
                    .contains("\npassword=t\n")
            );
        }
    }

    #[test]
    fn a_host_with_a_line_break_or_a_second_host_in_it_is_refused() {
        // CVE-2020-5260, CVE-2024-52006: the host of one line is not to be read as another's.
        assert_eq!(
            Question::read(b"protocol=https\nhost=git.example\rhost=evil.example\n").unwrap_err(),
            InvalidQuestion::Control
        );
        assert_eq!(
            Question::read(b"protocol=https\nhost=a\0b\n").unwrap_err(),
            InvalidQuestion::Control
        );
        assert!(
            Question::read(b"protocol=https\nhost=git.example@evil.example\n")
                .unwrap()
                .target()
                .is_err()
        );
        assert!(
            Question::read(b"url=https://evil.example%0ahost=git.example\n")
                .unwrap()
                .target()
                .is_err()
        );
    }

    #[test]
    fn a_path_that_climbs_is_no_part_of_what_is_named() {
        let team = Target::new("https://git.example/team").unwrap();
        let whole = Target::new("https://git.example").unwrap();
        for path in [
            "team/../other.git",
            "team/%2e%2e/other.git",
            "team/my repository.git",
        ] {
            let asked = target(&format!("protocol=https\nhost=git.example\npath={path}\n"));
            assert!(!team.contains(&asked) && whole.contains(&asked), "{path}");
        }
    }

    #[test]
    fn what_is_no_question_is_refused() {
        for (text, why) in [
            (&b"protocol"[..], InvalidQuestion::Line),
            (b"host=\xff\n", InvalidQuestion::Encoding),
            (b"url=example.com\n", InvalidQuestion::Url),
            (&vec![b'a'; MAX_BYTES + 1], InvalidQuestion::Length),
        ] {
            assert_eq!(Question::read(text).unwrap_err(), why);
        }
        for protocol in ["ssh", "http", "", "file"] {
            let text = format!("protocol={protocol}\nhost=example.com\n");
            assert!(Question::read(text.as_bytes()).unwrap().target().is_err());
        }
    }

    #[test]
    fn what_git_tells_of_other_helpers_is_not_read_and_no_secret_is_shown() {
        let told = b"protocol=https\nhost=h\npassword=canary\noauth_refresh_token=canary\nwwwauth[]=Basic\n";
        let question = Question::read(told).unwrap();
        assert_eq!(question.used().unwrap().expose_secret(), "canary");
        assert!(!format!("{question:?} {:?}", credential("canary")).contains("canary"));
    }
}
