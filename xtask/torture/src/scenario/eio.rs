//! A disk that fails at each system call of a write (strace puts the error in): the error is told as what it is, the old
//! entry or the new one is there, whole, and a descriptor whose fsync failed is not synced again.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use hallpass_store::{FileStore, blocking::TokenStore};

use crate::ground::Ground;
use crate::mark::Mark;
use crate::process::{self, Process};
use crate::report::{Report, Row};
use crate::worker::{failing, left_over};

const NEEDS: &str = "strace puts the errors in: install it (`apt-get install strace`), allow it to trace, or leave this out by `--without eio`";

/// A system call of a write, on which path, and what its failure must be told as.
struct Fault {
    call: &'static str,
    on: On,
    /// Whether the write is a removal.
    removes: bool,
    told: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    NewFile,
    Entry,
    Folder,
}

const fn writing(call: &'static str, on: On, told: &'static str) -> Fault {
    Fault {
        call,
        on,
        removes: false,
        told,
    }
}

const fn removing(call: &'static str, on: On, told: &'static str) -> Fault {
    Fault {
        call,
        on,
        removes: true,
        told,
    }
}

const FAULTS: &[Fault] = &[
    writing("unlink", On::NewFile, "failed"),
    writing("openat", On::NewFile, "failed"),
    writing("fchmod", On::NewFile, "failed"),
    writing("write", On::NewFile, "failed"),
    writing("fsync", On::NewFile, "failed"),
    writing("rename", On::NewFile, "failed"),
    writing("openat", On::Folder, "unknown"),
    writing("fsync", On::Folder, "unknown"),
    removing("unlink", On::Entry, "failed"),
    removing("openat", On::Folder, "unknown"),
    removing("fsync", On::Folder, "unknown"),
];

const MOST_CALLS: u32 = 8;
const ERRORS: &[&str] = &["EIO", "ENOSPC", "EDQUOT"];

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    report.add("eio", "file", one(ground));
    Ok(())
}

fn one(ground: &Ground) -> Result<Row, String> {
    let begun = Instant::now();
    let errors = ground.size.pick(&ERRORS[..1], ERRORS);
    let (mut broken, mut tried) = (Vec::new(), 0_u64);
    for fault in FAULTS {
        // Once, and each time it is tried again.
        for (error, again) in errors.iter().flat_map(|error| [(error, ""), (error, "+")]) {
            // The first such calls may be made when the store is opened, before there is a write to fail.
            for when in 1..=MOST_CALLS {
                tried += 1;
                let folder = ground.path(&format!("failing-{tried}"));
                let inject = format!("{}:error={error}:when={when}{again}", fault.call);
                match fail(&folder, fault, &inject) {
                    Ok(Reached::Write) => break,
                    Ok(Reached::Opening) if when < MOST_CALLS => {}
                    Ok(Reached::Opening) => broken.push(format!("{inject}: no write was reached")),
                    Err(wrong) if wrong.ends_with(NEEDS) => return Err(wrong),
                    Err(wrong) => {
                        broken.push(format!("{inject}: {wrong}"));
                        break;
                    }
                }
            }
        }
    }
    Ok(Row {
        scenario: "eio",
        on: "file".to_owned(),
        saw: format!(
            "{tried} writes with an error ({}) at one of {} places: each told as failed or unknown as it was, the entry whole, \
             nothing left behind, no failed fsync repeated",
            errors.join(", "),
            FAULTS.len()
        ),
        broken,
        took: begun.elapsed(),
        ..Row::default()
    })
}

/// How far a worker came.
enum Reached {
    /// The store could not be opened or read, which changed nothing.
    Opening,
    Write,
}

fn fail(folder: &Path, fault: &Fault, inject: &str) -> Result<Reached, String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let store = FileStore::open(folder).map_err(|error| text(&error))?;
    let mut random = fastrand::Rng::with_seed(1);
    let old = Mark::entry(1, 512, &mut random);
    store
        .swap(&failing(), None, Some(old))
        .map_err(|error| text(&error))?;

    let stem = store.folder().join(failing().sha256_hex());
    let path = match fault.on {
        On::NewFile => stem.with_extension("new"),
        On::Entry => stem.with_extension("entry"),
        On::Folder => store.folder().to_owned(),
    };
    let trace = folder.with_extension("trace");
    let number = if fault.removes { "-" } else { "2" };
    let words = [("folder", &*folder.to_string_lossy()), ("number", number)];
    let worker = process::worker("failing-disk", &words)?;
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-o"])
        .arg(&trace)
        .arg("-P")
        .arg(&path);
    strace.args([
        "-e",
        &format!("inject={inject}"),
        "-e",
        "trace=unlink,openat,fchmod,write,fsync,rename,close",
    ]);
    let worker = Process::of(strace.arg(worker.get_program()).args(worker.get_args()))
        .map_err(|error| format!("{error}: {NEEDS}"))?;
    let (said, _) = worker.end()?;
    let trace = fs::read_to_string(&trace).unwrap_or_default();
    if !trace.contains("(INJECTED)") {
        return Err(format!("no error was put in ({}): {NEEDS}", said.join(" ")));
    }
    let is_unread = said == ["unread"];
    if !is_unread && said != [fault.told] {
        let (said, told) = (said.join(" "), fault.told);
        return Err(format!("is told as `{said}` and not as `{told}`"));
    }
    let syncs = trace.lines().filter(|line| line.contains(" fsync("));
    if syncs.count() > 1 {
        return Err(format!("fsync was tried again:\n{trace}"));
    }

    let stored = store.load(&failing()).map_err(|error| text(&error))?;
    let found = Mark::of(stored.as_ref())?;
    let wanted = match (is_unread || fault.told == "failed", fault.removes) {
        (true, _) => Mark::Number(1),
        (false, true) => Mark::Absent,
        (false, false) => Mark::Number(2),
    };
    if found != wanted {
        return Err(format!("{found:?} is stored and not {wanted:?}"));
    }
    let next = Mark::entry(3, 512, &mut random);
    store
        .swap(&failing(), stored.map(|entry| entry.revision), Some(next))
        .map_err(|error| format!("the next write: {error}"))?;
    match left_over(store.folder())?.as_slice() {
        [] if is_unread => Ok(Reached::Opening),
        [] => Ok(Reached::Write),
        names => Err(format!("left behind: {}", names.join(", "))),
    }
}
