//! Many callers at once, callers that go away, other handles, and opening again.

use super::{Broken, Harness, Probe, Report, Rule, entry};
use crate::{
    Entry, Key, Revision, SwapError, TokenStore,
    conformance::{
        drive::{self, Boxed},
        probe::answer,
    },
};

const AT_ONCE: usize = 8;

pub(super) const ONE_INSERT: Rule = Rule {
    name: "of many inserts at once exactly one must be written",
    advice: "compare and write in one step: a unique key, a transaction, a lock held over both",
};

pub(super) async fn one_insert<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let store = probe.store();
    one_of_many(&mut probe, &[store], &Key::new("at once"), None).await
}

pub(super) const ONE_SWAP: Rule = Rule {
    name: "of many swaps at once that expect the same revision exactly one must be written",
    advice: "compare and write in one step: a conditional update, a transaction, a lock held over both",
};

pub(super) async fn one_swap<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (key, first) = (Key::new("at once"), entry(b"first"));
    probe.writes(&key, None, Some(&first)).await?;
    let store = probe.store();
    one_of_many(&mut probe, &[store], &key, Some(first.revision)).await
}

async fn one_of_many<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    handles: &[&S],
    key: &Key,
    expected: Option<Revision>,
) -> Result<(), Broken> {
    let entries: Vec<_> = (0..AT_ONCE)
        .map(|n| entry(n.to_string().as_bytes()))
        .collect();
    for new in &entries {
        probe.note_swap(key, expected, Some(new));
    }
    probe.note(format!("(these {AT_ONCE} at once)"));
    let swaps = entries
        .iter()
        .zip(handles.iter().cycle())
        .map(|(new, handle)| {
            handle.swap(key, expected, Some(new.clone())) as Boxed<'_, Result<(), SwapError>>
        })
        .collect();
    let answers = drive::all(swaps).await;
    let stored = probe.load(key).await?.map(|found| found.revision);
    let written = answers.iter().filter(|answer| answer.is_ok()).count();
    // A store may be too busy for one that lost, and it may not know; it may not claim what is not so.
    let agrees = entries.iter().zip(&answers).all(|(new, answer)| {
        let is_stored = stored == Some(new.revision);
        match answer {
            Ok(()) => is_stored,
            Err(SwapError::Conflict | SwapError::Failed(_)) => !is_stored,
            Err(SwapError::Unknown(_)) => true,
        }
    });
    if written <= 1 && agrees && stored != expected {
        return Ok(());
    }
    let seen: Vec<_> = answers.iter().map(answer).collect();
    Err(probe.broken(
        "one Ok, whose revision is stored; Err(Conflict) for the others",
        format!("{}; stored is {stored:?}", seen.join(", ")),
    ))
}

pub(super) const NO_LOST_UPDATE: Rule = Rule {
    name: "a count that many callers raise by load and swap must lose no step",
    advice: "a swap that answered Ok is there for good, and no load sees half of it; look for a write outside the comparison",
};

const STEPS: u32 = 4;

pub(super) async fn no_lost_update<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let key = Key::new("count");
    let store = probe.store();
    let handles = vec![store; AT_ONCE];
    counts_up(&mut probe, &handles, &key).await
}

async fn counts_up<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    handles: &[&S],
    key: &Key,
) -> Result<(), Broken> {
    probe.note(format!(
        "{} callers at once: load a number, swap it for the next, {STEPS} times each",
        handles.len()
    ));
    let callers = handles
        .iter()
        .map(|store| Box::pin(raise(*store, key)) as Boxed<'_, Result<(), String>>)
        .collect();
    for caller in drive::all(callers).await {
        caller.map_err(|seen| probe.broken("every caller gets its steps done", seen))?;
    }
    let expected = handles.len() * STEPS as usize;
    let counted = probe.load(key).await?.and_then(|found| count(&found));
    if counted.and_then(|counted| usize::try_from(counted).ok()) == Some(expected) {
        return Ok(());
    }
    Err(probe.broken(&format!("the number {expected}"), format!("{counted:?}")))
}

async fn raise<S: TokenStore + ?Sized>(store: &S, key: &Key) -> Result<(), String> {
    // Far more than fair losing takes, far less than forever.
    let mut tries_left = 2_000_u32;
    let mut done = 0;
    while done < STEPS {
        tries_left = tries_left
            .checked_sub(1)
            .ok_or("no step within 2,000 tries: the swaps of others always come first")?;
        let stored = match store.load(key).await {
            Ok(stored) => stored,
            Err(error) => return Err(format!("load answered {error}")),
        };
        let number = match &stored {
            None => 0,
            Some(found) => count(found).ok_or("an entry that nobody wrote")?,
        };
        let next = entry(&(number + 1).to_be_bytes());
        let revision = next.revision;
        match store
            .swap(key, stored.map(|found| found.revision), Some(next))
            .await
        {
            Ok(()) => done += 1,
            Err(SwapError::Conflict | SwapError::Failed(_)) => {}
            Err(SwapError::Unknown(_)) => match store.load(key).await {
                Ok(Some(found)) if found.revision == revision => done += 1,
                _ => return Err("an answer Unknown that could not be cleared up".to_owned()),
            },
        }
    }
    Ok(())
}

fn count(entry: &Entry) -> Option<u32> {
    let bytes = entry.bytes.expose_secret().try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

pub(super) const GIVEN_UP: Rule = Rule {
    name: "a swap whose future is dropped half way must leave the old entry or the new one, whole, and the key usable",
    advice: "write in one step, or finish on a task of your own; hold no lock that only the dropped future would free",
};

const PAUSES: usize = 16;

pub(super) async fn given_up<S: TokenStore>(probe: Probe<'_, S>) -> Result<(), Broken> {
    let store = probe.store();
    for pauses in 1..=PAUSES {
        let mut probe = Probe::new(store, &GIVEN_UP);
        let key = Key::new(format!("given up {pauses}"));
        let (old, new, last) = (entry(b"old"), entry(&[7; 4096]), entry(b"last"));
        probe.writes(&key, None, Some(&old)).await?;
        probe.note_swap(&key, Some(old.revision), Some(&new));
        let swap = store.swap(&key, Some(old.revision), Some(new.clone()));
        if drive::give_up_after(swap, pauses).await.is_some() {
            return Ok(());
        }
        probe.note(format!("(dropped after it was pending {pauses} times)"));
        let found = probe.holds_one_of(&key, &[&old, &new]).await?;
        if let Err(conflict) = probe.writes(&key, Some(found.revision), Some(&last)).await {
            // It went on without its future and was written since: then it is there now.
            if found == new {
                return Err(conflict);
            }
            probe.holds(&key, Some(&new)).await?;
            probe.writes(&key, Some(new.revision), Some(&last)).await?;
        }
        probe.holds(&key, Some(&last)).await?;
    }
    Ok(())
}

pub(super) const SECOND_HANDLE: Rule = Rule {
    name: "a second handle must see what the first one wrote, and compare with it",
    advice: "keep nothing in the handle: what is stored is what every handle and process sees",
};

pub(super) async fn second_handle<H: Harness>(
    harness: &H,
    report: &mut Report,
) -> Result<(), Broken> {
    let store = harness.fresh().await;
    let Some(other) = harness.again(&store).await else {
        report.leave_out(&SECOND_HANDLE);
        return Ok(());
    };
    let (key, first, second) = (Key::new("shared"), entry(b"first"), entry(b"second"));
    let mut probe = Probe::new(&store, &SECOND_HANDLE);
    probe.holds(&key, None).await?;
    probe.writes(&key, None, Some(&first)).await?;
    let mut probe = probe.on(&other, "(on the second handle)");
    probe.holds(&key, Some(&first)).await?;
    probe.conflicts(&key, None, Some(&second)).await?;
    probe
        .writes(&key, Some(first.revision), Some(&second))
        .await?;
    let mut probe = probe.on(&store, "(on the first handle)");
    probe.holds(&key, Some(&second)).await?;
    probe.conflicts(&key, Some(first.revision), None).await?;
    one_of_many(&mut probe, &[&store, &other], &key, Some(second.revision)).await?;
    let handles: Vec<_> = [&store, &other].into_iter().cycle().take(AT_ONCE).collect();
    counts_up(&mut probe, &handles, &Key::new("count")).await?;
    report.keep(&SECOND_HANDLE);
    Ok(())
}

pub(super) const REOPENED: Rule = Rule {
    name: "a store that is opened again must hold what it held",
    advice: "answer a swap only when what it wrote outlives the process",
};

pub(super) async fn reopened<H: Harness>(harness: &H, report: &mut Report) -> Result<(), Broken> {
    let store = harness.fresh().await;
    let (kept_key, gone_key) = (Key::new("kept"), Key::new("gone"));
    let (kept, gone) = (entry(b"kept"), entry(b"gone"));
    let mut probe = Probe::new(&store, &REOPENED);
    probe.writes(&kept_key, None, Some(&kept)).await?;
    probe.writes(&gone_key, None, Some(&gone)).await?;
    probe.writes(&gone_key, Some(gone.revision), None).await?;
    let done = probe.into_done();
    let Some(store) = harness.reopen(store).await else {
        report.leave_out(&REOPENED);
        return Ok(());
    };
    let mut probe = Probe::continued(&store, &REOPENED, done, "(closed and opened again)");
    probe.holds(&kept_key, Some(&kept)).await?;
    probe.holds(&gone_key, None).await?;
    probe.conflicts(&kept_key, None, Some(&gone)).await?;
    probe
        .writes(&kept_key, Some(kept.revision), Some(&gone))
        .await?;
    report.keep(&REOPENED);
    Ok(())
}
