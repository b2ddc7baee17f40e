//! The `hallpass` program.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    hallpass_cli::main()
}
