//! An API that answers as a test says, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What arrived.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) target: String,
    /// As it came: request line, headers, body.
    pub(crate) whole: String,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.whole.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// A status, and headers by name and value.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>);

pub(crate) struct Api {
    base: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Api {
    /// Answers until the process ends.
    pub(crate) fn start(answer: impl Fn(&Heard) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else {
                    continue;
                };
                kept.lock().unwrap().push(request.clone());
                let (status, headers) = answer(&request);
                let headers = headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\r\n"));
                let headers: String = headers.collect();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n{headers}\r\n"
                );
            }
        });
        Self { base, heard }
    }

    /// Answers everything with this.
    pub(crate) fn saying(status: u16, header: &'static str, value: &str) -> Self {
        let value = value.to_owned();
        Self::start(move |_| (status, vec![(header, value.clone())]))
    }

    /// Says 200 to everything.
    pub(crate) fn friendly() -> Self {
        Self::start(|_| (200, Vec::new()))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Heard> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        (reader.read_line(&mut head).ok()? > 0).then_some(())?;
    }
    let length = |line: &str| line.strip_prefix("content-length: ")?.parse().ok();
    let lower = head.to_ascii_lowercase();
    let mut body = match lower.contains("transfer-encoding: chunked") {
        true => return read_chunked(reader, head),
        false => vec![0; lower.lines().find_map(length).unwrap_or(0)],
    };
    reader.read_exact(&mut body).ok()?;
    Some(heard(head, String::from_utf8(body).ok()?))
}

fn read_chunked(mut reader: impl BufRead, head: String) -> Option<Heard> {
    let mut body = String::new();
    while !body.ends_with("0\r\n\r\n") {
        (reader.read_line(&mut body).ok()? > 0).then_some(())?;
    }
    Some(heard(head, body))
}

fn heard(head: String, body: String) -> Heard {
    let mut words = head.split(' ').map(str::to_owned);
    Heard {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        whole: format!("{head}{body}"),
        body,
    }
}
