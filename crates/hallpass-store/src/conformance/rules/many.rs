//! Many callers at once.

use super::{Broken, Probe, Rule, entry};
use crate::{
    Entry, Key, Revision, SwapError, TokenStore,
    conformance::{
        drive::{self, Boxed},
        probe::answer,
    },
};

pub(super) const AT_ONCE: usize = 8;

pub(super) const ONE_INSERT: Rule = Rule {
    name: "of many inserts at once exactly one must be written",
    advice: "compare and write in one step: a unique key, a transaction, a lock held over both",
};

pub(super) async fn one_insert<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let store = probe.store();
    let (key, inserts) = (Key::new("at once"), many_entries());
    one_of_many(&mut probe, &[store], &key, None, &inserts).await
}

pub(super) const ONE_SWAP: Rule = Rule {
    name: "of many swaps at once that expect the same revision exactly one must be written",
    advice: "compare and write in one step: a conditional update, a transaction, a lock held over both",
};

pub(super) async fn one_swap<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (key, first) = (Key::new("at once"), entry(b"first"));
    probe.writes(&key, None, Some(&first)).await?;
    let store = probe.store();
    let writes = many_entries();
    one_of_many(&mut probe, &[store], &key, Some(first.revision), &writes).await
}

pub(super) const ONE_REMOVAL: Rule = Rule {
    name: "of removals and writes at once that expect the same revision exactly one must be done",
    advice: "a removal compares and deletes in one step too: what was written after the comparison is not its to delete",
};

pub(super) async fn one_removal<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let store = probe.store();
    for first_removes in [true, false] {
        let key = Key::new(format!("removed at once, {first_removes}"));
        let first = entry(b"first");
        probe.writes(&key, None, Some(&first)).await?;
        let mut removes = first_removes;
        let mut swaps = many_entries();
        for swap in &mut swaps {
            if removes {
                *swap = None;
            }
            removes = !removes;
        }
        one_of_many(&mut probe, &[store], &key, Some(first.revision), &swaps).await?;
    }
    Ok(())
}

/// What so many callers write at once.
pub(super) fn many_entries() -> Vec<Option<Entry>> {
    (0..AT_ONCE)
        .map(|number| Some(entry(number.to_string().as_bytes())))
        .collect()
}

pub(super) async fn one_of_many<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    handles: &[&S],
    key: &Key,
    expected: Option<Revision>,
    swaps: &[Option<Entry>],
) -> Result<(), Broken> {
    for new in swaps {
        probe.note_swap(key, expected, new.as_ref());
    }
    probe.note(format!("(these {} at once)", swaps.len()));
    let racing = swaps
        .iter()
        .zip(handles.iter().cycle())
        .map(|(new, handle)| {
            handle.swap(key, expected, new.clone()) as Boxed<'_, Result<(), SwapError>>
        })
        .collect();
    let answers = drive::all(racing).await;
    let stored = probe.load(key).await?.map(|found| found.revision);
    let news = swaps.iter().map(Option::as_ref);
    if stored != expected && one_was_done(stored, news.zip(&answers)) {
        return Ok(());
    }
    let seen: Vec<_> = answers.iter().map(answer).collect();
    Err(probe.broken(
        "one Ok, and what it wrote is stored; Err(Conflict) for the others",
        format!("{}; stored is {stored:?}", seen.join(", ")),
    ))
}

/// A store may be too busy for one that lost, and it may not know; it may not claim what is not so.
pub(super) fn one_was_done<'a>(
    stored: Option<Revision>,
    swaps: impl Iterator<Item = (Option<&'a Entry>, &'a Result<(), SwapError>)>,
) -> bool {
    let mut done = 0;
    for (new, answer) in swaps {
        let is_stored = stored == new.map(|new| new.revision);
        let is_so = match (new, answer) {
            (_, Ok(())) => {
                done += 1;
                is_stored
            }
            (Some(_), Err(SwapError::Conflict | SwapError::Failed(_))) => !is_stored,
            // Where nothing is stored it may have been another that removed it.
            (None, Err(_)) | (_, Err(SwapError::Unknown(_))) => true,
        };
        if !is_so {
            return false;
        }
    }
    done <= 1
}

pub(super) const NO_LOST_UPDATE: Rule = Rule {
    name: "a count that many callers raise by load and swap must lose no step",
    advice: "a swap that answered Ok is there for good, and no load sees half of it; look for a write outside the comparison",
};

const STEPS: u32 = 4;

// Far more than fair losing takes, far less than forever.
const TRIES_FOR_A_STEP: u32 = 2_000;

pub(super) async fn no_lost_update<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let key = Key::new("count");
    let store = probe.store();
    let handles = vec![store; AT_ONCE];
    counts_up(&mut probe, &handles, &key).await
}

pub(super) async fn counts_up<S: TokenStore>(
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
        .map(|store| Box::pin(raise(*store, key, STEPS)) as Boxed<'_, Result<(), String>>)
        .collect();
    for caller in drive::all(callers).await {
        caller.map_err(|seen| probe.broken("every caller gets its steps done", seen))?;
    }
    has_counted(probe, key, handles.len() * STEPS as usize).await
}

pub(super) async fn has_counted<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    key: &Key,
    expected: usize,
) -> Result<(), Broken> {
    let counted = probe.load(key).await?.and_then(|found| count(&found));
    if counted.and_then(|counted| usize::try_from(counted).ok()) == Some(expected) {
        return Ok(());
    }
    Err(probe.broken(&format!("the number {expected}"), format!("{counted:?}")))
}

/// Takes the number that is stored so many steps further.
pub(super) async fn raise<S: TokenStore + ?Sized>(
    store: &S,
    key: &Key,
    steps: u32,
) -> Result<(), String> {
    let mut tries_left = TRIES_FOR_A_STEP;
    let mut done = 0;
    while done < steps {
        tries_left = tries_left
            .checked_sub(1)
            .ok_or("no step within 2,000 tries: the swaps of others always come first")?;
        let before = done;
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
        if done > before {
            tries_left = TRIES_FOR_A_STEP;
        }
    }
    Ok(())
}

fn count(entry: &Entry) -> Option<u32> {
    let bytes = entry.bytes.expose_secret().try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}
