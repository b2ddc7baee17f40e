//! The stores that stand on a server, against private servers that are started for them.

use crate::services::redis::{Keeps, Redis};
use crate::workspace::Workspace;

pub(super) fn check(workspace: &Workspace) -> Result<(), String> {
    let mut durable = Redis::start(workspace, "durable", Keeps::EveryWrite)?;
    println!(
        "  redis-server is process {} at {}",
        durable.id(),
        durable.address()
    );
    durable.restart()?;
    println!("  restarted: {}\n{}", durable.url(), durable.log_tail());
    let passing = Redis::start(workspace, "passing", Keeps::Nothing)?;
    println!("  redis-server is process {}", passing.id());
    Ok(())
}
