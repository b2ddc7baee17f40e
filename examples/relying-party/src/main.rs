#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod afterwards;
mod arguments;
mod claims;
mod endpoints;
mod failure;
mod keys;
mod listener;
mod login;
mod logout;
mod own;
mod page;
mod party;
mod program;
mod registration;
mod report;
mod run;
mod tls;
mod user_agent;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use clap::error::ErrorKind;
use serde_json::json;

use arguments::Arguments;
use failure::Failure;
use program::Program;
use report::{Report, Step};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            let is_help = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            return ExitCode::from(u8::from(!is_help));
        }
    };
    let report = Arc::new(match arguments.json {
        true => Report::json(),
        false => Report::words(),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&report, &Failure::of("the async runtime", error)),
    };
    runtime.block_on(async {
        let mut program = match Program::prepare(arguments, report.clone()).await {
            Ok(program) => program,
            Err(failure) => return failed(&report, &failure),
        };
        let status = match program.run().await {
            Ok(()) => {
                report.ok(Step::End, json!({}));
                ExitCode::SUCCESS
            }
            Err(ended) => ExitCode::from(ended.status()),
        };
        program.close().await;
        status
    })
}

fn failed(report: &Report, failure: &Failure) -> ExitCode {
    report.failed(Step::Setup, failure);
    ExitCode::from(failure.status())
}
