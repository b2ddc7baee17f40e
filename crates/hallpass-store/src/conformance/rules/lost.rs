//! Answers that are lost on their way.

use super::{Broken, Harness, Probe, Report, Rule, entry};
use crate::{
    Entry, Key, StoreErrorKind, SwapError, TokenStore,
    conformance::{
        harness::Loss,
        probe::{answer, show},
    },
};

pub(super) const LOST: Rule = Rule {
    name: "a swap whose answer was lost must be answered Unknown unless the store found out, and a load must then tell the truth",
    advice: "from the moment a write is sent to the moment its answer is read, every error (a timeout too) is Unknown; do not send it again on your own, or look for your own revision first",
};

pub(super) async fn lost<H: Harness>(harness: &H, report: &mut Report) -> Result<(), Broken> {
    for loss in [Loss::BeforeTheWrite, Loss::AfterTheWrite] {
        // An insert, a replacement, a removal.
        for (before, after) in [(false, true), (true, true), (true, false)] {
            let store = harness.fresh().await;
            let mut probe = Probe::new(&store, &LOST);
            let key = Key::new("lost");
            let old = before.then(|| entry(b"old"));
            let new = after.then(|| entry(b"new"));
            if old.is_some() {
                probe.writes(&key, None, old.as_ref()).await?;
            }
            if !harness.lose_answer(&store, loss).await {
                report.opt_out(&LOST);
                return Ok(());
            }
            probe.note(match loss {
                Loss::BeforeTheWrite => "(the next swap is lost before it is written)".to_owned(),
                Loss::AfterTheWrite => "(the next swap is written, its answer is lost)".to_owned(),
            });
            tells_the_truth(&mut probe, &key, old.as_ref(), new.as_ref()).await?;
        }
    }
    report.keep(&LOST);
    Ok(())
}

async fn tells_the_truth<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    key: &Key,
    old: Option<&Entry>,
    new: Option<&Entry>,
) -> Result<(), Broken> {
    let expected = old.map(|old| old.revision);
    probe.note_swap(key, expected, new);
    let given = probe.store().swap(key, expected, new.cloned()).await;
    let possible = match given {
        Ok(()) => [new, new],
        Err(SwapError::Failed(_)) => [old, old],
        Err(SwapError::Unknown(_)) => [old, new],
        Err(SwapError::Conflict) => {
            return Err(probe.broken(
                "Err(Unknown), or Ok or Err(Failed) where that is known: nobody else wrote",
                answer(&given),
            ));
        }
    };
    probe.note(format!("(answered {})", answer(&given)));
    let found = load_again(probe, key).await?;
    if !possible.contains(&found.as_ref()) {
        let expected = format!("{}, as was answered", show(possible[0]));
        let expected = match possible {
            [old, new] if old != new => format!("{}, or {}", show(old), show(new)),
            _ => expected,
        };
        return Err(probe.broken(&expected, show(found.as_ref())));
    }
    // What a load told is so: it is there the next time, and can be swapped.
    probe.holds(key, found.as_ref()).await?;
    let (last, revision) = (entry(b"last"), found.map(|found| found.revision));
    probe.writes(key, revision, Some(&last)).await?;
    probe.holds(key, Some(&last)).await
}

/// The first answer counts; but a store may need another connection first, and say so.
async fn load_again<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    key: &Key,
) -> Result<Option<Entry>, Broken> {
    for _ in 0..REFUSALS {
        match probe.store().load(key).await {
            Ok(found) => {
                probe.note("load(\"lost\")".to_owned());
                return Ok(found);
            }
            Err(error) if error.kind() == StoreErrorKind::Unavailable => {}
            Err(error) if error.kind() == StoreErrorKind::Busy => {}
            Err(_) => break,
        }
    }
    probe.load(key).await
}

const REFUSALS: usize = 16;
