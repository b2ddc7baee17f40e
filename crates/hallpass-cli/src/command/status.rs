//! `hallpass status`: who is logged in, and how long the token is good.

use std::process::ExitCode;

use clap::Args;

use crate::context::Context;
use crate::error::Failure;
use crate::stored::Stored;
use crate::summary::Summary;

/// Tell who is logged in, and how long the token is good.
#[derive(Args)]
pub(crate) struct Status {}

impl Status {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        let stored = Stored::found(&store, &context.name)?;
        let summary = Summary::new(&context.name, &stored);
        context.output.answer(&summary.lines(), &summary)?;
        Ok(summary.exit().into())
    }
}
