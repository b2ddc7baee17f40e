//! One caller, one key.

use super::{Broken, Probe, Rule, entry, revision};
use crate::{Key, TokenStore};

pub(super) const EMPTY: Rule = Rule {
    name: "a load of a key under which nothing was stored must answer None",
    advice: "answer Ok(None) where nothing is found, and see that the harness makes an empty store",
};

pub(super) async fn empty<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    probe.holds(&key(), None).await
}

pub(super) const INSERT: Rule = Rule {
    name: "a swap that expects None where nothing is stored must write",
    advice: "where nothing is stored, a swap that expects None inserts",
};

pub(super) async fn insert<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let first = entry(b"first");
    probe.writes(&key(), None, Some(&first)).await?;
    probe.holds(&key(), Some(&first)).await
}

pub(super) const REPLACE: Rule = Rule {
    name: "a swap that expects the revision that is stored must write",
    advice: "compare the expected revision with the one that is stored, and replace bytes and revision together",
};

pub(super) async fn replace<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (first, second) = (entry(b"first"), entry(b"second"));
    probe.writes(&key(), None, Some(&first)).await?;
    probe
        .writes(&key(), Some(first.revision), Some(&second))
        .await?;
    probe.holds(&key(), Some(&second)).await
}

pub(super) const LATER_LOADS: Rule = Rule {
    name: "every load after a swap was answered must see it",
    advice: "read where you wrote: no cache, no replica that lags",
};

pub(super) async fn later_loads<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let mut stored = None;
    for number in 0..8_u8 {
        let next = entry(&[number]);
        probe.writes(&key(), stored, Some(&next)).await?;
        // Twice: the first load may be what fills a cache.
        probe.holds(&key(), Some(&next)).await?;
        probe.holds(&key(), Some(&next)).await?;
        stored = Some(next.revision);
    }
    Ok(())
}

pub(super) const INSERT_OVER: Rule = Rule {
    name: "a swap that expects None where something is stored must answer Conflict and change nothing",
    advice: "expected None means that nothing may be there: it is not a wish to overwrite",
};

pub(super) async fn insert_over<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (first, second) = (entry(b"first"), entry(b"second"));
    probe.writes(&key(), None, Some(&first)).await?;
    probe.conflicts(&key(), None, Some(&second)).await?;
    probe.conflicts(&key(), None, None).await?;
    probe.holds(&key(), Some(&first)).await
}

pub(super) const WRONG_REVISION: Rule = Rule {
    name: "a swap that expects a revision that is not stored must answer Conflict and change nothing",
    advice: "compare all 16 bytes of the revision before anything is written, in the same transaction as the write",
};

pub(super) async fn wrong_revision<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (first, second, third) = (entry(b"first"), entry(b"second"), entry(b"third"));
    probe.writes(&key(), None, Some(&first)).await?;
    probe
        .conflicts(&key(), Some(revision()), Some(&second))
        .await?;
    probe.holds(&key(), Some(&first)).await?;
    probe
        .conflicts(&key(), Some(second.revision), Some(&second))
        .await?;
    probe.holds(&key(), Some(&first)).await?;
    probe
        .writes(&key(), Some(first.revision), Some(&second))
        .await?;
    probe
        .conflicts(&key(), Some(first.revision), Some(&third))
        .await?;
    probe.holds(&key(), Some(&second)).await
}

pub(super) const NOTHING_THERE: Rule = Rule {
    name: "a swap that expects a revision where nothing is stored must answer Conflict and store nothing",
    advice: "an update that found no row is a conflict, not a reason to insert",
};

pub(super) async fn nothing_there<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let first = entry(b"first");
    probe
        .conflicts(&key(), Some(revision()), Some(&first))
        .await?;
    probe
        .conflicts(&key(), Some(first.revision), Some(&first))
        .await?;
    probe.conflicts(&key(), Some(revision()), None).await?;
    probe.holds(&key(), None).await
}

pub(super) const REMOVE: Rule = Rule {
    name: "a removal that expects the revision that is stored must remove",
    advice: "a swap whose new entry is None deletes what is stored",
};

pub(super) async fn remove<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let first = entry(b"first");
    probe.writes(&key(), None, Some(&first)).await?;
    probe.writes(&key(), Some(first.revision), None).await?;
    probe.holds(&key(), None).await
}

pub(super) const WRONG_REMOVAL: Rule = Rule {
    name: "a removal that expects a revision that is not stored must answer Conflict and remove nothing",
    advice: "a removal compares the revision as every swap does",
};

pub(super) async fn wrong_removal<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let first = entry(b"first");
    probe.writes(&key(), None, Some(&first)).await?;
    probe.conflicts(&key(), Some(revision()), None).await?;
    probe.holds(&key(), Some(&first)).await
}

pub(super) const REMOVED: Rule = Rule {
    name: "a swap that expects the revision of a removed entry must answer Conflict",
    advice: "forget the revision when you remove the entry: this is what keeps a session from coming back after logout",
};

pub(super) async fn removed<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (first, second) = (entry(b"first"), entry(b"second"));
    probe.writes(&key(), None, Some(&first)).await?;
    probe.writes(&key(), Some(first.revision), None).await?;
    probe
        .conflicts(&key(), Some(first.revision), Some(&second))
        .await?;
    probe.conflicts(&key(), Some(first.revision), None).await?;
    probe.holds(&key(), None).await
}

pub(super) const INSERT_AGAIN: Rule = Rule {
    name: "a key that was removed can be inserted again",
    advice: "leave no trace of a removed entry that a later insert could meet",
};

pub(super) async fn insert_again<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (first, second) = (entry(b"first"), entry(b"second"));
    probe.writes(&key(), None, Some(&first)).await?;
    probe.writes(&key(), Some(first.revision), None).await?;
    probe.writes(&key(), None, Some(&second)).await?;
    probe
        .conflicts(&key(), Some(first.revision), Some(&first))
        .await?;
    probe.holds(&key(), Some(&second)).await
}

pub(super) const REMOVE_NOTHING: Rule = Rule {
    name: "a removal that expects None where nothing is stored must answer Ok and store nothing",
    advice: "what is stored has the expected revision (none), so it is no conflict, and there is nothing to do",
};

pub(super) async fn remove_nothing<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    probe.writes(&key(), None, None).await?;
    probe.holds(&key(), None).await
}

pub(super) const ABA: Rule = Rule {
    name: "the same bytes under another revision are another entry",
    advice: "compare revisions, not bytes, and write the new revision even where the bytes did not change",
};

pub(super) async fn aba<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let (first, between, back) = (entry(b"a"), entry(b"b"), entry(b"a"));
    probe.writes(&key(), None, Some(&first)).await?;
    probe
        .writes(&key(), Some(first.revision), Some(&between))
        .await?;
    probe
        .writes(&key(), Some(between.revision), Some(&back))
        .await?;
    probe
        .conflicts(&key(), Some(first.revision), Some(&between))
        .await?;
    probe.holds(&key(), Some(&back)).await?;
    let same = entry(b"a");
    probe
        .conflicts(&key(), Some(first.revision), Some(&same))
        .await?;
    probe
        .writes(&key(), Some(back.revision), Some(&same))
        .await?;
    probe.conflicts(&key(), Some(back.revision), None).await?;
    probe.holds(&key(), Some(&same)).await
}

fn key() -> Key {
    Key::new("a key")
}
