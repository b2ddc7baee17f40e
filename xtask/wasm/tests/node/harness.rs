//! The tests of `#[test]` by number, for who can catch what they panic with: here that ends the call.

extern crate test;

use std::cell::Cell;
use std::panic;

use test::{ShouldPanic, TestDescAndFn, TestFn};
use wasm_bindgen::prelude::*;

thread_local! {
    static TESTS: Cell<&'static [&'static TestDescAndFn]> = const { Cell::new(&[]) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn say(text: &str);
}

/// Called with all there are when the program is loaded.
pub(crate) fn keep(tests: &'static [&'static TestDescAndFn]) {
    panic::set_hook(Box::new(|panic| say(&panic.to_string())));
    TESTS.set(tests);
}

/// The names, in the order of their numbers. One that has to panic ends in `!`.
#[wasm_bindgen]
pub fn names() -> Vec<String> {
    let name = |test: &&'static TestDescAndFn| match test.desc.should_panic {
        ShouldPanic::No => test.desc.name.to_string(),
        _ => format!("{}!", test.desc.name),
    };
    TESTS.get().iter().map(name).collect()
}

/// Runs one.
#[wasm_bindgen]
pub fn run(number: usize) -> Result<(), String> {
    match TESTS.get().get(number) {
        Some(TestDescAndFn {
            testfn: TestFn::StaticTestFn(run),
            ..
        }) => run(),
        _ => Err("there is no such test".to_owned()),
    }
}
