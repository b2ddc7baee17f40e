//! What waits for servers and browsers, and for Ctrl-C.

use std::io;
use std::pin::pin;
use std::time::Duration;

use hallpass::Session;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::error::Failure;
use crate::exit::Exit;
use crate::output::Output;

/// Waits for what a command does, on one thread. Ctrl-C ends it.
pub(crate) fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    run(async {
        tokio::select! {
            done = work => done,
            asked = asked_to_end() => Err(ended(asked)),
        }
    })
}

/// Waits for what a session does. Ctrl-C ends it when nothing is under way any more: a refresh that was sent is finished and saved. A
/// second one ends it at once.
pub(crate) fn wait_for_session<T>(
    output: Output,
    session: &Session,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    run(async {
        let done = tokio::select! {
            done = work => done,
            asked = asked_to_end() => Err(ended(asked)),
        };
        let mut settled = pin!(session.settled());
        if timeout(AT_ONCE, settled.as_mut()).await.is_ok() {
            return done;
        }
        if let Err(failure) = &done
            && matches!(failure.exit(), Exit::Interrupted | Exit::Terminated)
        {
            output.say("A new token is on its way, and is saved first. Ctrl-C once more ends this at once.");
        }
        tokio::select! {
            left = timeout(LONGEST, settled) => match left {
                Ok(()) => done,
                Err(_) => done.and_then(|_| Err(unsettled())),
            },
            asked = asked_to_end() => Err(ended(asked)),
        }
    })
}

/// What is under way so long is told.
const AT_ONCE: Duration = Duration::from_millis(100);

/// A crashed program is watched for half a minute before it is taken over from, and a request takes a quarter at most. What is not over
/// then cannot be saved.
const LONGEST: Duration = Duration::from_secs(60);

fn unsettled() -> Failure {
    Failure::new(Exit::Store, "what came from the server could not be saved")
        .next("mend the disk or the folder that sessions are kept in; if the server then refuses, log in again")
}

fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime: Runtime = runtime.map_err(|error| failed(&error))?;
    let done = runtime.block_on(work);
    // A thread that waits for a line from the terminal waits for ever.
    runtime.shutdown_background();
    done
}

fn failed(error: &io::Error) -> Failure {
    Failure::failed("this machine gives the program nothing to wait with").because(error)
}

/// Until somebody asks this program to end.
#[cfg(unix)]
async fn asked_to_end() -> io::Result<Exit> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(Exit::Interrupted),
        _ = terminate.recv() => Ok(Exit::Terminated),
        _ = hang_up.recv() => Ok(Exit::Terminated),
    }
}

/// Until somebody asks this program to end.
#[cfg(not(unix))]
async fn asked_to_end() -> io::Result<Exit> {
    tokio::signal::ctrl_c().await.map(|()| Exit::Interrupted)
}

fn ended(asked: io::Result<Exit>) -> Failure {
    match asked {
        Ok(exit) => Failure::new(exit, "ended before it was done"),
        Err(error) => failed(&error),
    }
}
