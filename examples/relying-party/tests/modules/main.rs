//! The program against a provider that breaks one rule after the other: the modules of the OpenID Foundation's plans for relying parties,
//! and what is judged of each.

mod beside;
mod run;
mod table;

use std::thread;

use hallpass_testkit::{Config, Endpoint, NamedFault, TestServer};

use run::Run;
use table::{MODULES, Module, Verdict};

fn provider() -> TestServer {
    TestServer::start(Config::new().allow_at_once("alice"))
}

#[test]
fn every_module_gets_its_verdict() {
    let all = MODULES.iter().flat_map(|module| {
        let types = module.response_types.iter();
        types.map(move |response_type| (module, *response_type))
    });
    let all: Vec<_> = all.collect();
    // They wait for a process each.
    let wrong: Vec<String> = thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(4));
        let judges: Vec<_> = parts.map(|part| scope.spawn(|| judged(part))).collect();
        let said = judges.into_iter().flat_map(|judge| judge.join().unwrap());
        said.collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is wrong with these.
fn judged(modules: &[(&Module, &str)]) -> Vec<String> {
    let wrong = modules.iter().filter_map(|(module, response_type)| {
        let said = judge(module, response_type).err()?;
        Some(format!("{} ({response_type}): {said}", module.name))
    });
    wrong.collect()
}

fn judge(module: &Module, response_type: &str) -> Result<(), String> {
    let server = provider();
    for fault in module.faults {
        server.inject(NamedFault::find(fault).unwrap_or_else(|| panic!("no fault {fault}")));
    }
    let mut arguments = vec!["--headless", "--response-type", response_type];
    arguments.extend(module.arguments);
    let run = Run::new(&server, &arguments);
    let expected = match module.verdict {
        Verdict::Accepted => (0, None),
        Verdict::Rejected(error) => (3, Some(error)),
        Verdict::Refused(error) => (4, Some(error)),
    };
    let asked_for_user_info = server.requests_to(Endpoint::UserInfo).len();
    let is_too_much = module.is_told_before_user_info() && asked_for_user_info > 0;
    match run.end() == expected && !is_too_much {
        true => Ok(()),
        false => Err(format!(
            "{:?}, UserInfo {asked_for_user_info} times\n{}",
            run.end(),
            run.said
        )),
    }
}

#[test]
fn a_front_channel_that_is_wrong_sends_no_code_anywhere() {
    for response_type in ["code id_token", "code id_token token"] {
        let server = provider();
        server.inject(NamedFault::CHashWrong);
        Run::new(&server, &["--headless", "--response-type", response_type]);
        assert_eq!(server.requests_to(Endpoint::Token).len(), 0);
    }
}
