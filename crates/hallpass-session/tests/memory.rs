//! What is dropped is wiped: this process's own memory is searched for it.
//!
//! A process of its own, so that no other test has anything to do with what is found.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hallpass_grant::token::{AccessToken, RefreshToken, TokenSet};
use hallpass_grant::{Client, Endpoint, Request, Response, ServerMetadata};
use hallpass_http::{Driver, Runtime, Task, Transport, TransportError, Work};
use hallpass_session::{Key, Session};
use hallpass_store::MemoryStore;
use zeroize::Zeroize;

/// Both halves of every secret here; the whole stands nowhere but in a secret.
const CANARY: [&str; 2] = ["canary-of-this-", "process-7f3a"];

struct Server;

#[async_trait]
impl Transport for Server {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        let (access, refresh) = (secret("new-"), secret("rotated-"));
        let body = zeroized(&[
            r#"{"access_token":""#,
            &access,
            r#"","token_type":"bearer","expires_in":3600,"refresh_token":""#,
            &refresh,
            r#""}"#,
        ]);
        for mut text in [access, refresh] {
            text.zeroize();
        }
        Ok(Response::new(200)
            .with_header("content-type", "application/json")
            .with_body(body))
    }
}

/// The parts in one allocation that is exactly as large: none is left behind by growing.
fn zeroized(parts: &[&str]) -> String {
    let mut whole = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| whole.push_str(part));
    whole
}

/// A token full of canaries, as long as tokens are: a part of it that is left somewhere is found too.
fn secret(name: &str) -> String {
    let mut parts = vec![name];
    parts.extend(std::iter::repeat_n(CANARY, 60).flatten());
    zeroized(&parts)
}

struct Threadless;

#[async_trait]
impl Runtime for Threadless {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }

    fn spawn_blocking(&self, work: Work) {
        work();
    }
}

fn session() -> Session {
    let endpoint = Endpoint::new("https://as.example/token").unwrap();
    let server = ServerMetadata::default().with_token_endpoint(endpoint);
    let client = Client::new(server, "client").unwrap();
    let driver = Driver::new(Server, Threadless);
    Session::new(
        Arc::new(MemoryStore::new()),
        Key::new("alice"),
        client,
        driver,
    )
}

fn login() -> TokenSet {
    let access_token = AccessToken::new(secret("first-")).unwrap();
    let refresh_token = RefreshToken::new(secret("old-")).unwrap();
    TokenSet::new(access_token).with_refresh_token(refresh_token)
}

/// How often the whole canary stands in what this process can write to.
fn found() -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut found = 0;
    let mut page = vec![0; 1 << 16];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        let (mut at, end) = (number(from), number(to));
        while at < end {
            let length = usize::try_from(end - at).unwrap().min(page.len());
            match memory.read_at(&mut page[..length], at) {
                Ok(read) if read > 0 => found += count(&page[..read]),
                // What the kernel keeps to itself, and what has gone meanwhile.
                _ => break,
            }
            // Two pages overlap, so that nothing is missed between them.
            at += u64::try_from(length.saturating_sub(64).max(1)).unwrap();
        }
    }
    // What it is searched with is not left for the next search.
    page.fill(0);
    std::hint::black_box(&page);
    found
}

fn count(bytes: &[u8]) -> usize {
    let [first, second] = CANARY.map(str::as_bytes);
    let whole = first.len() + second.len();
    let is_canary = |at: &[u8]| at.starts_with(first) && at[first.len()..].starts_with(second);
    bytes.windows(whole).filter(|at| is_canary(at)).count()
}

#[tokio::test(flavor = "current_thread")]
async fn no_token_is_in_memory_once_the_session_and_its_tokens_are_dropped() {
    let session = session();
    session.save(&login()).await.unwrap();
    let first = session.tokens().await.unwrap();
    let second = session.refresh().await.unwrap();
    assert_ne!(first.access_token, second.access_token);
    session.settled().await;
    assert!(found() > 0, "what is in use is found");
    drop((first, second));
    session.logout().await.unwrap();
    session.settled().await;
    drop(session);
    tokio::task::yield_now().await;
    assert_eq!(found(), 0);
}
