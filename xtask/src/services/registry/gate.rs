//! What stands between cargo and the registry's program. The program takes crates and serves files; the gate adds what every
//! registry in use does besides: it answers 404 where nothing is, takes a crate only with a token, takes no version twice, yanks,
//! and, like every registry in use, fails.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{TOKEN, index_file};

/// Nobody who asks is slower than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// The open gate. Its thread ends with this process.
#[derive(Debug)]
pub(crate) struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What goes wrong with one crate's upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The registry is out of order when this crate comes.
    Refuse(String),
    /// The crate is taken, and the connection cut before that is said.
    LoseAnswer(String),
    /// The crate is taken, and the next looks into the index do not show it yet.
    ShowLate(String, usize),
}

/// A crate that was to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) was_taken: bool,
}

#[derive(Debug)]
struct Shared {
    registry: SocketAddr,
    files: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<Fault>,
    uploads: Vec<Upload>,
    /// An index file as it was, and how often it is still shown.
    old: Option<(String, Answer, usize)>,
}

#[derive(Debug)]
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Gate {
    pub(super) fn open(registry: SocketAddr, files: PathBuf) -> Result<Gate, String> {
        let said = |error: io::Error| format!("no gate before the registry: {error}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(said)?;
        let address = listener.local_addr().map_err(said)?;
        let shared = Arc::new(Shared {
            registry,
            files,
            state: Mutex::default(),
        });
        let ours = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let shared = Arc::clone(&ours);
                // Who gives up is not answered.
                thread::spawn(move || drop(shared.serve(&stream)));
            }
        });
        Ok(Gate { address, shared })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn take_uploads(&self) -> Vec<Upload> {
        std::mem::take(&mut self.shared.state().uploads)
    }

    pub(super) fn set_faults(&self, faults: Vec<Fault>) {
        let mut state = self.shared.state();
        state.faults = faults;
        state.old = None;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request = Request::read(stream)?;
        match self.answer(&request)? {
            Some(answer) => answer.write(stream),
            None => stream.shutdown(Shutdown::Both),
        }
    }

    /// Nothing where the answer is lost.
    fn answer(&self, request: &Request) -> io::Result<Option<Answer>> {
        let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let is_allowed = request.method == "GET" || request.header("authorization") == Some(TOKEN);
        match (request.method.as_str(), parts.as_slice()) {
            _ if !is_allowed => Ok(Some(Answer::error(403, "this token may not do that"))),
            ("PUT", ["api", "v1", "crates", "new"]) => self.publish(request),
            ("DELETE", ["api", "v1", "crates", name, version, "yank"]) => {
                self.set_yanked(name, version, true).map(Some)
            }
            ("PUT", ["api", "v1", "crates", name, version, "unyank"]) => {
                self.set_yanked(name, version, false).map(Some)
            }
            ("GET", ["crates", ..]) => {
                let mut state = self.state();
                match &mut state.old {
                    Some((path, old, times)) if *path == request.path && *times > 0 => {
                        *times -= 1;
                        return Ok(Some(old.clone()));
                    }
                    _ => drop(state),
                }
                self.forward(request).map(Some)
            }
            _ => self.forward(request).map(Some),
        }
    }

    fn publish(&self, request: &Request) -> io::Result<Option<Answer>> {
        let Some((name, version)) = crate_in(&request.body) else {
            return Ok(Some(Answer::error(400, "this is not a crate")));
        };
        let fault = self.state().fault_of(&name);
        let index = index_file(&self.files, &name);
        let is_there = fs::read_to_string(&index)
            .unwrap_or_default()
            .lines()
            .any(|line| is_version(line, &version));
        let answer = match &fault {
            Some(Fault::Refuse(_)) => Answer::error(503, "the registry is out of order"),
            _ if is_there => Answer::error(400, "this version is already uploaded"),
            Some(Fault::ShowLate(_, times)) => {
                let path = format!("/crates/{}", index_path(&name));
                let before = self.forward(&Request::get(&path))?;
                self.state().old = Some((path, before, *times));
                self.forward(request)?
            }
            _ => self.forward(request)?,
        };
        let is_lost = matches!(fault, Some(Fault::LoseAnswer(_)));
        self.state().uploads.push(Upload {
            name,
            version,
            was_taken: answer.status == 200 && !contains(&answer.body, b"\"errors\""),
        });
        Ok((!is_lost).then_some(answer))
    }

    /// As any registry does it: the version's line in the index file says so.
    fn set_yanked(&self, name: &str, version: &str, is_yanked: bool) -> io::Result<Answer> {
        let path = index_file(&self.files, name);
        let mut text = String::new();
        for line in fs::read_to_string(&path)?.lines() {
            let mut entry: Value = serde_json::from_str(line)?;
            if entry["vers"] == *version {
                entry["yanked"] = is_yanked.into();
            }
            text.push_str(&format!("{entry}\n"));
        }
        fs::write(&path, text)?;
        Ok(Answer::json(200, &json!({ "ok": true })))
    }

    fn forward(&self, request: &Request) -> io::Result<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.registry, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = format!("{} {} HTTP/1.0\r\n", request.method, request.path);
        for (name, value) in &request.headers {
            // Its times have whole seconds, and much happens in one: what is read must be what is there.
            if !["connection", "expect", "if-modified-since", "if-none-match"]
                .contains(&name.as_str())
            {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
        stream.write_all(&request.body)?;
        let mut answer = Answer::read(&stream)?;
        if request.method == "GET" && answer.status == 405 {
            answer = Answer::error(404, "there is nothing of this name");
        }
        Ok(answer)
    }
}

impl State {
    fn fault_of(&self, name: &str) -> Option<Fault> {
        let mut faults = self.faults.iter();
        faults.find(|fault| fault.concerns() == name).cloned()
    }
}

impl Fault {
    fn concerns(&self) -> &str {
        match self {
            Fault::Refuse(name) | Fault::LoseAnswer(name) | Fault::ShowLate(name, _) => name,
        }
    }
}

impl Request {
    fn get(path: &str) -> Request {
        Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: vec![("host".to_owned(), "127.0.0.1".to_owned())],
            body: Vec::new(),
        }
    }

    fn read(mut stream: &TcpStream) -> io::Result<Request> {
        let mut reader = BufReader::new(stream);
        let (first, headers) = head(&mut reader)?;
        let mut words = first.split(' ').map(str::to_owned);
        let mut request = Request {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            headers,
            body: Vec::new(),
        };
        if request.header("expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let length = request.header("content-length").unwrap_or("0").parse();
        let length = length.map_err(io::Error::other)?;
        reader.take(length).read_to_end(&mut request.body)?;
        Ok(request)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Answer {
    fn error(status: u16, detail: &str) -> Answer {
        Answer::json(status, &json!({ "errors": [{ "detail": detail }] }))
    }

    fn json(status: u16, body: &Value) -> Answer {
        Answer {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    /// All until the end of the connection, which the registry was asked to close.
    fn read(stream: &TcpStream) -> io::Result<Answer> {
        let mut reader = BufReader::new(stream);
        let (first, headers) = head(&mut reader)?;
        let status = first.split(' ').nth(1).unwrap_or_default();
        let mut answer = Answer {
            status: status.parse().map_err(io::Error::other)?,
            headers,
            body: Vec::new(),
        };
        reader.read_to_end(&mut answer.body)?;
        Ok(answer)
    }

    fn write(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} .\r\n", self.status);
        for (name, value) in &self.headers {
            if !["connection", "content-length", "last-modified"].contains(&name.as_str()) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        let length = self.body.len();
        head.push_str(&format!(
            "content-length: {length}\r\nconnection: close\r\n\r\n"
        ));
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)
    }
}

/// The first line, and the headers with their names in small letters.
fn head(reader: &mut impl BufRead) -> io::Result<(String, Vec<(String, String)>)> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Ok((first, headers.collect()))
}

/// The name and the version in what `cargo publish` sends: a length in four bytes, and so much JSON.
fn crate_in(body: &[u8]) -> Option<(String, String)> {
    let (length, rest) = body.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let metadata: Value = serde_json::from_slice(rest.get(..length)?).ok()?;
    let text = |field: &str| metadata[field].as_str().map(str::to_owned);
    Some((text("name")?, text("vers")?))
}

fn is_version(line: &str, version: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|entry| entry["vers"] == *version)
}

fn index_path(name: &str) -> String {
    index_file(PathBuf::new().as_path(), name)
        .display()
        .to_string()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_known_by_what_cargo_says_of_it() {
        let metadata = br#"{"name":"a","vers":"0.1.0"}"#;
        let mut body = u32::try_from(metadata.len())
            .unwrap()
            .to_le_bytes()
            .to_vec();
        body.extend_from_slice(metadata);
        body.extend_from_slice(b"and the crate");
        let known = ("a".to_owned(), "0.1.0".to_owned());
        assert_eq!(crate_in(&body), Some(known));
        assert_eq!(crate_in(&body[..20]), None);
        assert_eq!(crate_in(b"no"), None);
    }

    #[test]
    fn a_head_ends_with_an_empty_line_and_its_names_are_small() {
        let mut text = "PUT /new HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".as_bytes();
        let (first, headers) = head(&mut text).unwrap();
        assert_eq!(first, "PUT /new HTTP/1.1");
        let length = ("content-length".to_owned(), "3".to_owned());
        assert_eq!(headers, [length]);
        assert_eq!(text, b"abc");
    }
}
