//! Which keys there are.

use std::collections::BTreeSet;

use hallpass_store::Key;
use redis::{Value, from_redis_value};

use crate::{link::Link, stored, trouble::Trouble};

/// How many names Redis looks at in one step.
const STEP: u32 = 500;

pub(crate) async fn keys(link: &Link, prefix: &str) -> Result<Vec<Key>, Trouble> {
    let pattern = stored::pattern(prefix);
    // A step may give a name that an earlier one has given.
    let mut keys = BTreeSet::new();
    let mut cursor = 0;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(&pattern);
        scan.arg("COUNT").arg(STEP);
        let (next, names) = step(link.read(&scan).await?)?;
        keys.extend(of_names(link, prefix, &names).await?);
        if next == 0 {
            return Ok(keys.into_iter().collect());
        }
        cursor = next;
    }
}

fn step(answer: Value) -> Result<(u64, Vec<Vec<u8>>), Trouble> {
    from_redis_value(answer).map_err(|_| Trouble::of_answer())
}

/// The keys whose entries stand under these names. An entry that has gone since, and what is no entry, has none.
async fn of_names(link: &Link, prefix: &str, names: &[Vec<u8>]) -> Result<Vec<Key>, Trouble> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut commands = redis::pipe();
    for name in names {
        let script = include_str!("key_text.lua");
        commands.cmd("EVAL").arg(script).arg(1).arg(name);
    }
    let texts: Vec<Option<Vec<u8>>> = link.read_all(&commands).await?;
    let keys = names.iter().zip(texts).filter_map(|(name, text)| {
        let key = Key::new(String::from_utf8(text?).ok()?);
        (stored::name(prefix, &key).as_bytes() == name.as_slice()).then_some(key)
    });
    Ok(keys.collect())
}
