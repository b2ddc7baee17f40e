//! `hallpass man`: the manual pages.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory};

use crate::arguments::Arguments;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

/// Write the manual pages.
#[derive(Args)]
pub(crate) struct Man {
    /// The folder to write a page for each command to; without one, hallpass(1) is printed
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let command = Arguments::command();
        let Some(folder) = self.folder else {
            let mut page = Vec::new();
            let written = clap_mangen::Man::new(command).render(&mut page);
            written
                .map_err(|error| Failure::failed("the page cannot be written").because(&error))?;
            output::write_all(&page)?;
            return Ok(Exit::Done.into());
        };
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| clap_mangen::generate_to(command, &folder));
        written.map_err(|error| {
            Failure::failed(format!(
                "the pages cannot be written to {}",
                folder.display()
            ))
            .because(&error)
        })?;
        Ok(Exit::Done.into())
    }
}
