//! Many keys.

use std::collections::BTreeSet;

use super::{Broken, Probe, Rule, entry, many::AT_ONCE};
use crate::{
    Entry, Key, ListKeys, Revision, TokenStore,
    conformance::{
        drive,
        probe::{answer, show_key},
    },
};

pub(super) const DISTINCT: Rule = Rule {
    name: "two keys with different texts must be two keys",
    advice: "fold, trim, cut and escape nothing; where names are limited, Key::sha256_hex gives one that is not",
};

pub(super) async fn distinct<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let mut stored: Vec<(Key, Entry)> = Vec::new();
    for key in tricky_keys() {
        let own = entry(key.as_str().as_bytes());
        probe.writes(&key, None, Some(&own)).await?;
        stored.push((key, own));
    }
    for (key, own) in &stored {
        probe.holds(key, Some(own)).await?;
    }
    for (key, own) in stored.iter().step_by(2) {
        probe.writes(key, Some(own.revision), None).await?;
    }
    for (number, (key, own)) in stored.iter().enumerate() {
        let is_kept = number % 2 == 1;
        probe.holds(key, is_kept.then_some(own)).await?;
    }
    Ok(())
}

pub(super) const INDEPENDENT: Rule = Rule {
    name: "a swap of one key must not touch another",
    advice: "every statement of a swap names its key, the removal too",
};

pub(super) async fn independent<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let keys = ["one", "two", "three"].map(Key::new);
    let [one, two, three] = &keys;
    let (first, second, third) = (entry(b"1"), entry(b"2"), entry(b"3"));
    probe.writes(one, None, Some(&first)).await?;
    probe.writes(two, None, Some(&second)).await?;
    probe.writes(three, None, Some(&third)).await?;
    let replaced = entry(b"2, replaced");
    probe
        .writes(two, Some(second.revision), Some(&replaced))
        .await?;
    probe.conflicts(one, Some(replaced.revision), None).await?;
    probe.writes(three, Some(third.revision), None).await?;
    probe.holds(one, Some(&first)).await?;
    probe.holds(two, Some(&replaced)).await?;
    probe.holds(three, None).await
}

pub(super) const AT_ONCE_APART: Rule = Rule {
    name: "swaps of different keys at once must all be there afterwards",
    advice: "where keys share a file, a document or a row, the lock or the comparison is over all of it, not over one key",
};

pub(super) async fn at_once_apart<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let keys: Vec<_> = (0..2 * AT_ONCE)
        .map(|n| Key::new(format!("apart {n}")))
        .collect();
    let mut stored: Vec<Option<Entry>> = vec![None; keys.len()];
    // Inserts; replacements and removals; and all there again.
    for removed in [0, 3, 0] {
        let mut swaps = Vec::new();
        for (number, (key, old)) in (0..).zip(keys.iter().zip(&stored)) {
            let is_removed = removed > 0 && number % removed == 0;
            let new = (!is_removed).then(|| entry(key.as_str().as_bytes()));
            swaps.push((key.clone(), old.as_ref().map(|old| old.revision), new));
        }
        write_at_once(&mut probe, &swaps).await?;
        stored = swaps.into_iter().map(|(_, _, new)| new).collect();
        for (key, own) in keys.iter().zip(&stored) {
            probe.holds(key, own.as_ref()).await?;
        }
    }
    Ok(())
}

pub(super) const MANY_ENTRIES: Rule = Rule {
    name: "every entry must stay however many there are",
    advice: "a token that is forgotten is a user logged out: no cache with a limit, no eviction, no cleaning up by count",
};

// More than the limit of many a cache, and than the pages of most services hold.
const ENTRIES: usize = 1_100;

fn entry_key(number: usize) -> Key {
    Key::new(format!("entry {number}"))
}

pub(super) async fn many_entries<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let swaps: Vec<_> = (0..ENTRIES)
        .map(|n| (entry_key(n), None, Some(entry(b"small"))))
        .collect();
    for some in swaps.chunks(AT_ONCE) {
        write_at_once(&mut probe, some).await?;
    }
    for (key, _, own) in &swaps {
        probe.holds(key, own.as_ref()).await?;
    }
    Ok(())
}

async fn write_at_once<S: TokenStore>(
    probe: &mut Probe<'_, S>,
    swaps: &[(Key, Option<Revision>, Option<Entry>)],
) -> Result<(), Broken> {
    for (key, expected, new) in swaps {
        probe.note_swap(key, *expected, new.as_ref());
    }
    probe.note(format!("(these {} at once)", swaps.len()));
    let store = probe.store();
    let writes = swaps
        .iter()
        .map(|(key, expected, new)| store.swap(key, *expected, new.clone()))
        .collect();
    for written in drive::all(writes).await {
        if written.is_err() {
            return Err(probe.broken("Ok: it is written", answer(&written)));
        }
    }
    Ok(())
}

pub(super) const LISTING: Rule = Rule {
    name: "keys must list every key under which something is stored, exactly, and no other",
    advice: "store the key's whole text beside the entry, and leave out what was removed",
};

pub(super) async fn listing<S: TokenStore + ListKeys>(store: &S) -> Result<(), Broken> {
    let mut probe = Probe::new(store, &LISTING);
    let mut stored = BTreeSet::new();
    lists(&mut probe, store, &stored).await?;
    for key in tricky_keys() {
        probe.writes(&key, None, Some(&entry(b"listed"))).await?;
        stored.insert(key);
    }
    lists(&mut probe, store, &stored).await?;
    let (kept, gone) = (entry(b"kept"), entry(b"gone"));
    let (kept_key, gone_key) = (Key::new("kept"), Key::new("gone"));
    probe.writes(&kept_key, None, Some(&kept)).await?;
    probe.writes(&gone_key, None, Some(&gone)).await?;
    probe.writes(&gone_key, Some(gone.revision), None).await?;
    stored.insert(kept_key);
    lists(&mut probe, store, &stored).await
}

pub(super) const LISTING_MANY: Rule = Rule {
    name: "keys must list every key however many there are",
    advice: "ask for every page of the list, and count none twice",
};

/// Where [`many_entries`] left its entries.
pub(super) async fn listing_many<S: TokenStore + ListKeys>(store: &S) -> Result<(), Broken> {
    let mut probe = Probe::new(store, &LISTING_MANY);
    probe.note(format!("{ENTRIES} inserts under keys of their own"));
    let stored = (0..ENTRIES).map(entry_key).collect();
    lists(&mut probe, store, &stored).await
}

async fn lists<S: TokenStore + ListKeys>(
    probe: &mut Probe<'_, S>,
    store: &S,
    stored: &BTreeSet<Key>,
) -> Result<(), Broken> {
    probe.note("keys()".to_owned());
    let expected = format!("the {} keys that are stored, each once", stored.len());
    let listed = match store.keys().await {
        Ok(listed) => listed,
        Err(error) => return Err(probe.broken(&expected, format!("Err({error})"))),
    };
    let (count, listed) = (listed.len(), BTreeSet::from_iter(listed));
    if count == stored.len() && listed == *stored {
        return Ok(());
    }
    let missing: Vec<_> = stored
        .difference(&listed)
        .map(show_key)
        .take(SHOWN)
        .collect();
    // Not the suite's own, so their texts are not shown.
    let strange: Vec<_> = listed.difference(stored).take(SHOWN).collect();
    Err(probe.broken(
        &expected,
        format!(
            "{count} keys; missing [{}]; not stored {strange:?}",
            missing.join(", ")
        ),
    ))
}

const SHOWN: usize = 8;

/// Each pair of these is one key to some file system, database or careless code.
fn tricky_keys() -> Vec<Key> {
    let long = "k".repeat(10_240);
    let texts = [
        "",
        " ",
        "a",
        "A",
        "a ",
        " a",
        "a.",
        "a\0",
        "a\0b",
        "a\n",
        "a\r\n",
        ".",
        "..",
        "/",
        "../a",
        "../../a",
        "/a",
        "a/",
        "a/b",
        "a//b",
        "a\\b",
        "a:b",
        "a%2Fb",
        "a%00",
        "a*",
        "a%",
        "a_",
        "a\t",
        "a  ",
        "a'b",
        "a\"b",
        "CON",
        "con",
        "null",
        "NULL",
        "0",
        "00",
        "straße",
        "STRASSE",
        // NFC and NFD of the same letter.
        "caf\u{e9}",
        "cafe\u{301}",
        // Dotless and dotted i, the Kelvin sign and K.
        "i",
        "\u{131}",
        "\u{130}",
        "K",
        "\u{212a}",
        "\u{200b}",
        "\u{feff}a",
        "🗝",
    ];
    let mut keys: Vec<_> = texts.into_iter().map(Key::new).collect();
    keys.push(Key::new(&long[..255]));
    keys.push(Key::new(&long[..256]));
    keys.push(Key::new(format!("{long}1")));
    keys.push(Key::new(format!("{long}2")));
    keys
}
