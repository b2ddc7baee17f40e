//! `glue FILE.wasm FOLDER`: puts the JavaScript around a program for `wasm32-unknown-unknown` that has Node.js load it, into the
//! folder.
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
        .nodejs_module(true)
        .and_then(|glue| glue.typescript(false).generate(folder));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
