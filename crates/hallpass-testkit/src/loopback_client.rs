//! A client for what listens on a loopback IP: request objects by reference, and logout tokens.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

/// How long one may take to connect, to read and to write.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest answer that is read.
const LIMIT: u64 = 1 << 20;

/// The body of a good answer.
pub(crate) fn get(url: &str) -> Option<String> {
    let (status, body) = ask("GET", url, "")?;
    (status == 200).then_some(body)
}

/// The status of what a form is answered.
pub(crate) fn post_form(url: &str, form: &str) -> Option<u16> {
    let (status, _) = ask("POST", url, form)?;
    Some(status)
}

/// By HTTP/1.0, so that the answer is no chunks. `None` where the URL leads elsewhere, or there is no answer.
fn ask(method: &str, url: &str, form: &str) -> Option<(u16, String)> {
    let rest = url.strip_prefix("http://")?;
    let rest = rest.split('#').next()?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let slash = if path.starts_with('/') { "" } else { "/" };
    let address = authority.to_socket_addrs().ok()?;
    let address = address
        .into_iter()
        .find(|address| address.ip().is_loopback())?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let length = form.len();
    let request = format!(
        "{method} {slash}{path} HTTP/1.0\r\nHost: {authority}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.take(LIMIT).read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}
