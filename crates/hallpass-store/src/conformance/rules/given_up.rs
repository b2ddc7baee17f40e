//! Callers that go away.

use super::{Broken, Probe, Rule, entry};
use crate::{
    Entry, Key, TokenStore,
    conformance::{drive, probe::show_key},
};

pub(super) const GIVEN_UP: Rule = Rule {
    name: "a swap whose future is dropped half way must leave the old entry or the new one, whole, and the key usable",
    advice: "write in one step, or finish on a task of your own; hold no lock that only the dropped future would free",
};

const PAUSES: usize = 16;

pub(super) async fn given_up<S: TokenStore>(probe: Probe<'_, S>) -> Result<(), Broken> {
    let store = probe.store();
    // An insert, a replacement, a removal.
    for (before, after) in [(false, true), (true, true), (true, false)] {
        for pauses in 1..=PAUSES {
            let mut probe = Probe::new(store, &GIVEN_UP);
            let key = Key::new(format!("given up {before} {after} {pauses}"));
            let old = before.then(|| entry(b"old"));
            let new = after.then(|| entry(&[7; 4096]));
            if old.is_some() {
                probe.writes(&key, None, old.as_ref()).await?;
            }
            if !gives_up(&mut probe, &key, old.as_ref(), new.as_ref(), pauses).await? {
                break;
            }
        }
    }
    Ok(())
}

/// Whether the swap was still under way when it was dropped.
async fn gives_up<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    key: &Key,
    old: Option<&Entry>,
    new: Option<&Entry>,
    pauses: usize,
) -> Result<bool, Broken> {
    let (expected, last) = (old.map(|old| old.revision), entry(b"last"));
    probe.note_swap(key, expected, new);
    let swap = probe.store().swap(key, expected, new.cloned());
    if drive::give_up_after(swap, pauses).await.is_some() {
        return Ok(false);
    }
    probe.note(format!("(dropped after it was pending {pauses} times)"));
    let found = probe.holds_either(key, old, new).await?;
    let revision = found.as_ref().map(|found| found.revision);
    if let Err(conflict) = probe.writes(key, revision, Some(&last)).await {
        // It went on without its future and was written since: then it is there now.
        if found.as_ref() == new {
            return Err(conflict);
        }
        probe.holds(key, new).await?;
        let revision = new.map(|new| new.revision);
        probe.writes(key, revision, Some(&last)).await?;
    }
    probe.holds(key, Some(&last)).await?;
    Ok(true)
}

pub(super) const GIVEN_UP_LOAD: Rule = Rule {
    name: "a load whose future is dropped half way must leave its answer to no other, and the store usable",
    advice: "match each answer with its question, or close the connection of a load that was dropped; give back what a load holds when it is dropped, and give every wait a timeout",
};

// More than the connections of most pools: each may be lost with a load.
const DROPPED_LOADS: usize = 16;

pub(super) async fn given_up_load<S: TokenStore>(probe: Probe<'_, S>) -> Result<(), Broken> {
    let store = probe.store();
    let (dropped_key, key) = (Key::new("given up"), Key::new("another"));
    let (other, mut own) = (entry(b"of the dropped load"), entry(b"its own"));
    let mut probe = Probe::new(store, &GIVEN_UP_LOAD);
    probe.writes(&dropped_key, None, Some(&other)).await?;
    probe.writes(&key, None, Some(&own)).await?;
    for pauses in 1..=PAUSES {
        if !gives_up_loads(&mut probe, &dropped_key, pauses).await {
            break;
        }
        probe.holds(&key, Some(&own)).await?;
        probe.holds(&Key::new("nothing"), None).await?;
        gives_up_loads(&mut probe, &dropped_key, pauses).await;
        let next = entry(b"its own");
        probe.writes(&key, Some(own.revision), Some(&next)).await?;
        probe.holds(&key, Some(&next)).await?;
        probe.holds(&dropped_key, Some(&other)).await?;
        own = next;
    }
    Ok(())
}

/// Whether any of them was still under way when it was dropped.
async fn gives_up_loads<S: TokenStore>(probe: &mut Probe<'_, S>, key: &Key, pauses: usize) -> bool {
    let mut dropped = 0;
    for _ in 0..DROPPED_LOADS {
        let load = probe.store().load(key);
        if drive::give_up_after(load, pauses).await.is_none() {
            dropped += 1;
        }
    }
    probe.note(format!(
        "{DROPPED_LOADS} times load({}), one after the other, {dropped} of them dropped after being pending {pauses} times",
        show_key(key)
    ));
    dropped > 0
}
