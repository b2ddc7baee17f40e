//! What waits for servers and browsers, and for Ctrl-C.

use std::io;

use hallpass::Session;
use tokio::runtime::{Builder, Runtime};

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
        if let Err(failure) = &done
            && matches!(failure.exit(), Exit::Interrupted | Exit::Terminated)
        {
            output.say("Waiting for the server, so that no login is lost. Ctrl-C once more ends it at once.");
        }
        tokio::select! {
            () = session.settled() => done,
            asked = asked_to_end() => Err(ended(asked)),
        }
    })
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
