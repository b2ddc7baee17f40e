//! What a Redis answers decides what a swap says: a server that answers as it is told.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use hallpass_store::{
    Entry, Key, ListKeys, Revision, StoreError, StoreErrorKind, SwapError, TokenStore,
};
use hallpass_store_redis::RedisStore;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Answers everything but the client's greeting with the same text.
struct FakeRedis {
    url: String,
    connections: Arc<AtomicU32>,
}

impl FakeRedis {
    async fn that_answers(answer: &str) -> FakeRedis {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicU32::new(0));
        let (answer, count) = (answer.to_owned(), connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, answer.clone()));
            }
        });
        FakeRedis { url, connections }
    }

    fn store(&self) -> RedisStore {
        RedisStore::open(&self.url).unwrap()
    }

    fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(stream: TcpStream, answer: String) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let words = number(&mut stream, '*').await?;
        let mut command = Vec::new();
        for at in 0..words {
            let mut word = vec![0; number(&mut stream, '$').await? + 2];
            stream.read_exact(&mut word).await.ok()?;
            if at == 0 {
                command = word;
            }
        }
        let answer = match command.as_slice() {
            b"CLIENT\r\n" => "+OK",
            _ => &answer,
        };
        let answer = format!("{answer}\r\n");
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn number(stream: &mut BufReader<TcpStream>, sign: char) -> Option<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    line.strip_prefix(sign)?.trim_end().parse().ok()
}

fn key() -> Key {
    Key::new("canary-key")
}

async fn swap(store: &RedisStore) -> Result<(), SwapError> {
    let new = Entry::new(Revision::from_bytes([1; 16]), b"canary-bytes".to_vec());
    store.swap(&key(), None, Some(new)).await
}

fn assert_shows_nothing(error: &StoreError) {
    let mut told = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        told += &format!("{error} {error:?}");
        source = error.source();
    }
    assert!(!told.contains("canary"), "{told}");
}

#[tokio::test]
async fn an_error_that_says_nothing_was_done_is_a_failed_swap() {
    use StoreErrorKind::{Busy, Corrupt, Other, Refused, Unavailable};

    for (answer, kind) in [
        (
            "-READONLY You can't write against a read only replica.",
            Unavailable,
        ),
        (
            "-LOADING Redis is loading the dataset in memory",
            Unavailable,
        ),
        (
            "-OOM command not allowed when used memory > 'maxmemory'.",
            Unavailable,
        ),
        (
            "-MISCONF Redis is configured to save RDB snapshots",
            Unavailable,
        ),
        (
            "-NOREPLICAS Not enough good replicas to write.",
            Unavailable,
        ),
        ("-MASTERDOWN Link with MASTER is down", Unavailable),
        ("-CLUSTERDOWN Hash slot not served", Unavailable),
        (
            "-TRYAGAIN Multiple keys request during rehashing of slot",
            Unavailable,
        ),
        ("-BUSY Redis is busy running a script.", Busy),
        (
            "-WRONGTYPE Operation against a key holding the wrong kind of value",
            Corrupt,
        ),
        ("-NOAUTH Authentication required.", Refused),
        (
            "-NOPERM User canary has no permissions to run the 'eval' command",
            Refused,
        ),
        ("-MOVED 3999 canary.example:6381", Other),
        ("-ASK 3999 canary.example:6381", Other),
        (
            "-CROSSSLOT Keys in request don't hash to the same slot",
            Other,
        ),
    ] {
        let server = FakeRedis::that_answers(answer).await;
        match swap(&server.store()).await {
            Err(SwapError::Failed(error)) => {
                assert_eq!(error.kind(), kind, "{answer}");
                assert_shows_nothing(&error);
            }
            other => panic!("{answer}: {other:?}"),
        }
        let error = server.store().load(&key()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{answer}");
    }
}

#[tokio::test]
async fn an_error_that_leaves_it_open_is_an_unknown_swap_and_its_text_is_not_passed_on() {
    for answer in [
        "-ERR Connection timed out",
        "-ERR unknown command 'EVAL', with args beginning with: 'canary-bytes'",
        "-UPSTREAM canary failure",
        "-canary",
        "-",
    ] {
        let server = FakeRedis::that_answers(answer).await;
        match swap(&server.store()).await {
            Err(SwapError::Unknown(error)) => assert_shows_nothing(&error),
            other => panic!("{answer}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_no_redis_gives_is_an_unknown_swap_and_no_load() {
    for answer in [
        ":2",
        ":-1",
        "+OK",
        "$-1",
        "$6\r\ncanary",
        "*0",
        "canary",
        "HTTP/1.1 400 Bad Request",
    ] {
        let server = FakeRedis::that_answers(answer).await;
        match swap(&server.store()).await {
            Err(SwapError::Unknown(error)) => assert_shows_nothing(&error),
            other => panic!("{answer}: {other:?}"),
        }
        match server.store().load(&key()).await {
            Err(error) => assert_shows_nothing(&error),
            Ok(None) => assert_eq!(answer, "$-1"),
            Ok(Some(_)) => panic!("{answer}"),
        }
        if answer != "*0" {
            let error = server.store().keys().await.unwrap_err();
            assert_shows_nothing(&error);
        }
    }
}

#[tokio::test]
async fn one_and_nought_are_the_answers_of_the_script() {
    let server = FakeRedis::that_answers(":1").await;
    swap(&server.store()).await.unwrap();
    let server = FakeRedis::that_answers(":0").await;
    assert!(matches!(
        swap(&server.store()).await,
        Err(SwapError::Conflict)
    ));
}

#[tokio::test]
async fn a_connection_is_kept_after_a_refusal_and_made_anew_after_a_replicas() {
    for (answer, connections) in [("-OOM no", 1), ("-READONLY no", 3), ("-LOADING no", 3)] {
        let server = FakeRedis::that_answers(answer).await;
        let store = server.store();
        for _ in 0..3 {
            assert!(swap(&store).await.is_err());
        }
        assert_eq!(server.connections(), connections, "{answer}");
    }
}

#[tokio::test]
async fn a_store_that_is_not_used_does_not_connect() {
    let server = FakeRedis::that_answers("$-1").await;
    let store = server.store();
    assert_eq!(server.connections(), 0);
    for _ in 0..3 {
        assert_eq!(store.clone().load(&key()).await.unwrap(), None);
    }
    assert_eq!(server.connections(), 1, "clones share a connection");
}
