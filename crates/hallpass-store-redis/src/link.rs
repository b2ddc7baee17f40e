//! The connection to Redis: made when it is needed, made anew when it was lost, shared by everybody.
//!
//! The redis crate's own `ConnectionManager` gives one error for a command that could not be sent and for one whose answer was
//! lost. A swap has to know which it was, so connecting is a step of its own here. A command that writes is never sent twice.

use std::time::{Duration, Instant};

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, Value,
    aio::MultiplexedConnection,
};
use tokio::sync::Mutex;

use crate::trouble::{Trouble, is_broken, is_elsewhere};

/// The way to one Redis.
pub(crate) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    connection: Option<MultiplexedConnection>,
    /// How many connections there have been; tells the one that was lost from the one made since.
    number: u64,
    failed: Option<(Instant, Trouble)>,
}

/// One use of the connection.
struct Line {
    connection: MultiplexedConnection,
    number: u64,
    is_new: bool,
}

impl Link {
    pub(crate) fn new(client: Client, connect: Duration, response: Duration) -> Self {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(connect))
            .set_response_timeout(Some(response));
        Self {
            client,
            config,
            kept: Mutex::default(),
        }
    }

    /// A command that changes nothing. It is sent again where an old connection turns out to be lost.
    pub(crate) async fn read(&self, command: &Cmd) -> Result<Value, Trouble> {
        let line = self.line().await?;
        match self.ask(&line, command).await {
            Err(error) if is_broken(&error) && !error.is_timeout() && !line.is_new => {
                let line = self.line().await?;
                self.ask(&line, command).await
            }
            answer => answer,
        }
        .map_err(|error| Trouble::of_command(&error))
    }

    /// As [`read`](Self::read), for many of them at once.
    pub(crate) async fn read_all<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<Vec<T>, Trouble> {
        let line = self.line().await?;
        let answers = commands.query_async(&mut line.connection.clone()).await;
        self.look_at(&line, answers, true)
            .await
            .map_err(|error| Trouble::of_command(&error))
    }

    /// Commands of which the first writes. They are sent once; the answer to each comes back.
    pub(crate) async fn write(
        &self,
        commands: &Pipeline,
        patience: Duration,
    ) -> Result<Vec<RedisResult<Value>>, Trouble> {
        let mut line = self.line().await?;
        line.connection.set_response_timeout(patience);
        let answers = commands.query_async(&mut line.connection).await;
        let answers: Vec<RedisResult<Value>> = self
            .look_at(&line, answers, false)
            .await
            .map_err(|error| Trouble::of_command(&error))?;
        if let Some(Err(error)) = answers.first()
            && is_elsewhere(error)
        {
            self.lose(&line).await;
        }
        Ok(answers)
    }

    async fn ask(&self, line: &Line, command: &Cmd) -> RedisResult<Value> {
        let answer = command.query_async(&mut line.connection.clone()).await;
        self.look_at(line, answer, true).await
    }

    /// Gives the connection up where it is of no use any more. One that is only slow is kept after a write: the read that
    /// looks what became of it has to arrive behind it.
    async fn look_at<T>(
        &self,
        line: &Line,
        answer: RedisResult<T>,
        lose_a_slow_one: bool,
    ) -> RedisResult<T> {
        if let Err(error) = &answer {
            let is_slow = error.is_timeout() && !lose_a_slow_one;
            if is_elsewhere(error) || is_broken(error) && !is_slow {
                self.lose(line).await;
            }
        }
        answer
    }

    /// The connection, which is made first where there is none. Whoever waits meanwhile shares the failure too: an
    /// outage costs each caller one timeout, not one for everybody before it.
    async fn line(&self) -> Result<Line, Trouble> {
        let asked = Instant::now();
        let mut kept = self.kept.lock().await;
        if let Some(connection) = &kept.connection {
            return Ok(Line {
                connection: connection.clone(),
                number: kept.number,
                is_new: false,
            });
        }
        if let Some((when, trouble)) = &kept.failed
            && *when >= asked
        {
            return Err(trouble.clone());
        }
        match self.connect().await {
            Ok(connection) => {
                kept.number = kept.number.wrapping_add(1);
                kept.connection = Some(connection.clone());
                Ok(Line {
                    connection,
                    number: kept.number,
                    is_new: true,
                })
            }
            Err(error) => {
                let trouble = Trouble::of_connecting(&error);
                kept.failed = Some((Instant::now(), trouble.clone()));
                Err(trouble)
            }
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        provide_crypto();
        let client = &self.client;
        client
            .get_multiplexed_async_connection_with_config(&self.config)
            .await
    }

    async fn lose(&self, line: &Line) {
        let mut kept = self.kept.lock().await;
        if kept.number == line.number {
            kept.connection = None;
        }
    }
}

/// rustls panics where an application has compiled two providers of its primitives and chosen none.
#[cfg(feature = "tls")]
fn provide_crypto() {
    use rustls::crypto::{CryptoProvider, ring};

    if CryptoProvider::get_default().is_none() {
        // Somebody else may be quicker, which is as good.
        let _ = ring::default_provider().install_default();
    }
}

#[cfg(not(feature = "tls"))]
fn provide_crypto() {}
