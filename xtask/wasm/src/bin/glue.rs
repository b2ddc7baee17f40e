//! `glue FILE.wasm FOLDER`: puts into the folder `program_bg.wasm`, and `program.js`, by which a page or Node.js loads it.
#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [program, folder] = words.as_slice() else {
        eprintln!("Usage: glue FILE.wasm FOLDER");
        return ExitCode::from(2);
    };
    let mut glue = Bindgen::new();
    let made = glue
        .input_path(program)
        .web(true)
        .and_then(|glue| glue.typescript(false).out_name("program").generate(folder));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
