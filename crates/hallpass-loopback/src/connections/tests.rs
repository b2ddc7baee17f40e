//! What hyper and the limits make of bytes, in memory.

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::Builder;

use hallpass_grant::{
    AuthorizationRequest, Callback, Client, Endpoint, Pending, ResponseMode, ServerMetadata, Token,
};

use super::*;
use crate::desk::{Decision, Desk};

/// What one connection answers to these bytes, after which nothing more comes; and the requests that got through.
async fn answer_to(bytes: &[u8]) -> (String, Vec<(Parts, Bytes)>) {
    let (mut browser, ours) = duplex(4096);
    let (calls, mut queue) = mpsc::channel::<Call>(1);
    let desk = async {
        let mut requests = Vec::new();
        while let Some(call) = queue.recv().await {
            requests.push((call.head, call.body));
            call.reply.send(Response::new("the answer".to_owned()));
        }
        requests
    };
    let client = async {
        // The other side may have had enough.
        let _ = browser.write_all(bytes).await;
        let _ = browser.shutdown().await;
        let mut answer = Vec::new();
        let _ = browser.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    let (answer, (), requests) = tokio::join!(client, converse(ours, calls), desk);
    (answer, requests)
}

fn status(answer: &str) -> &str {
    answer.get(..12).unwrap_or(answer)
}

#[tokio::test]
async fn a_request_that_is_one_gets_through_once() {
    let request = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let (answer, requests) = answer_to(request).await;
    assert_eq!(status(&answer), "HTTP/1.1 200");
    assert!(answer.contains("connection: close") && answer.ends_with("the answer"));
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].1, "abc");
}

#[tokio::test]
async fn what_is_too_much_or_broken_is_answered_and_does_not_get_through() {
    let head = "POST /a HTTP/1.1\r\nHost: x\r\n";
    let long = "x".repeat(256 * 1024);
    let many = "X: y\r\n".repeat(101);
    let chunk = format!("10001\r\n{}\r\n0\r\n\r\n", "x".repeat(64 * 1024 + 1));
    let cases = [
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), "431"),
        (format!("{head}X: {long}\r\n\r\n"), "431"),
        (format!("{head}{many}\r\n"), "431"),
        (format!("{head}Content-Length: 1073741824\r\n\r\nx"), "413"),
        (format!("{head}Content-Length: 65537\r\n\r\n"), "413"),
        (
            format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}"),
            "413",
        ),
        (
            format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
            "400",
        ),
        (
            format!("{head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
            "400",
        ),
        (
            format!("{head}Transfer-Encoding: chunked\r\n\r\n3\r\nabcd"),
            "400",
        ),
        (format!("{head}Content-Length: -1\r\n\r\n"), "400"),
        (format!("{head}Content-Length: 5\r\n\r\nabc"), "400"),
        ("GET / HTTP/1.1\nHost : x\r\n\r\n".to_owned(), "400"),
        ("\u{16}\u{3}\u{1}\0\u{5}hello".to_owned(), "400"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), ""),
    ];
    for (request, expected) in cases {
        let (answer, requests) = answer_to(request.as_bytes()).await;
        let shown = request.get(..60).unwrap_or(&request);
        assert_eq!(requests.len(), 0, "{shown}");
        let told = answer.strip_prefix("HTTP/1.1 ").unwrap_or(&answer);
        assert_eq!(told.get(..3).unwrap_or(""), expected, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_or_a_body_that_does_not_end_is_not_waited_for() {
    for (begun, expected) in [
        ("GET / HTTP/1.1\r\nHost: x\r\n", ""),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
            "HTTP/1.1 408",
        ),
    ] {
        let (mut browser, ours) = duplex(4096);
        let (calls, mut queue) = mpsc::channel::<Call>(1);
        browser.write_all(begun.as_bytes()).await.unwrap();
        let began = tokio::time::Instant::now();
        converse(ours, calls).await;
        assert_eq!(began.elapsed().as_secs(), 5, "{begun}");
        let mut answer = String::new();
        browser.read_to_string(&mut answer).await.unwrap();
        assert_eq!(status(&answer), expected, "{begun}");
        assert!(queue.recv().await.is_none());
    }
}

/// Lets connections in as long as any come, with a clock that stands still meanwhile. None of them has a request.
async fn let_in(connections: &mut Connections) {
    tokio::select! {
        biased;
        call = connections.next() => panic!("{:?}", call.head),
        () = async {
            for _ in 0..1000 {
                yield_now().await;
            }
        } => {}
    }
}

/// How many were let in and are open.
fn open(connections: &Connections) -> usize {
    let tasks = connections.oldest_first.iter();
    tasks.filter(|open| !open.task.is_finished()).count()
}

#[tokio::test(start_paused = true)]
async fn of_256_connections_the_oldest_makes_room_when_it_has_had_its_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut connections = Connections::new(listener).unwrap();
    let mut browsers = Vec::new();
    let most = if cfg!(target_os = "macos") { 128 } else { 256 };
    // The system keeps 128 before they are let in.
    for many in [most / 2, most / 2, 2] {
        for _ in 0..many {
            browsers.push(TcpStream::connect(at).await.unwrap());
        }
        let_in(&mut connections).await;
    }
    assert_eq!(open(&connections), most);
    let mut byte = [0];
    let is_open = |browser: &TcpStream, byte: &mut [u8]| browser.try_read(byte).is_err();
    assert!(browsers.iter().all(|browser| is_open(browser, &mut byte)));

    tokio::time::advance(Duration::from_millis(51)).await;
    let_in(&mut connections).await;
    assert_eq!(open(&connections), most);
    assert_eq!(browsers[0].read(&mut byte).await.unwrap(), 0);
    assert_eq!(browsers[1].read(&mut byte).await.unwrap(), 0);
    assert!(
        browsers[2..]
            .iter()
            .all(|browser| is_open(browser, &mut byte))
    );
}

#[tokio::test(start_paused = true)]
async fn of_many_that_come_at_once_each_is_looked_at_before_it_makes_room() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut connections = Connections::new(listener).unwrap();
    let mut browsers = Vec::new();
    for _ in 0..3 {
        let mut browser = TcpStream::connect(at).await.unwrap();
        let request = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
        browser.write_all(request).await.unwrap();
        browsers.push(browser);
    }
    let first = connections.next().await;
    assert_eq!(first.head.uri, "/a");
    assert!(
        open(&connections) < 3,
        "all were let in before one was read"
    );
}

/// On other systems a listener that was shut down says something else, or nothing.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn where_nobody_can_be_let_in_the_oldest_makes_room_and_there_is_a_pause() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let twin = std::os::fd::OwnedFd::from(listener.try_clone().unwrap());
    let mut connections = Connections::new(listener).unwrap();
    let mut browsers = Vec::new();
    for _ in 0..9 {
        browsers.push(TcpStream::connect(at).await.unwrap());
    }
    let_in(&mut connections).await;
    assert_eq!(open(&connections), 9);
    // From now on every try to let one in is an error.
    let twin = std::net::TcpStream::from(twin);
    twin.shutdown(std::net::Shutdown::Both).unwrap();
    let_in(&mut connections).await;
    assert_eq!(open(&connections), 8);
    let a_while = Duration::from_millis(25);
    assert!(timeout(a_while, connections.next()).await.is_err());
    assert_eq!(open(&connections), 5);
}

/// Bytes, many of which begin as a request does.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let begun = prop_oneof![
        Just(""),
        Just("GET /callback?"),
        Just("GET /callback HTTP/1.1\r\n"),
        Just("POST /callback HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nTransfer-Encoding: chunked\r\n"),
        Just(
            "POST /callback HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nContent-Length: 9\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        ),
    ];
    let rest = proptest::collection::vec(any::<u8>(), 0..400);
    (begun, rest).prop_map(|(begun, rest)| [begun.as_bytes(), &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_it_panic_or_are_taken_for_a_callback(bytes in bytes()) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (_, requests) = runtime.block_on(answer_to(&bytes));
        prop_assert!(requests.len() <= 1);
        for mode in [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::FormPost] {
            let desk = Desk {
                authority: "127.0.0.1:4711".to_owned(),
                path: "/callback".to_owned(),
                mode,
                page_token: "the-page-token".into(),
            };
            let expects = |callback: &Callback<'_>| pending().expects(callback);
            for (head, body) in &requests {
                let decision = desk.waiting(head, body, &expects);
                prop_assert!(matches!(decision, Decision::Show(..)));
            }
        }
    }
}

fn pending() -> Pending<Token> {
    let endpoint = Endpoint::new("https://as.example/authorize").unwrap();
    let server = ServerMetadata::default().with_authorization_endpoint(endpoint);
    let client = Client::new(server, "c").unwrap();
    let client = client
        .with_redirect_uri("http://127.0.0.1:4711/callback")
        .unwrap();
    let now = time::UtcDateTime::UNIX_EPOCH;
    let grant = client.implicit().unwrap();
    let begun = grant.begin(AuthorizationRequest::new(), &mut || Ok([8; 32]), now);
    begun.unwrap().1
}
