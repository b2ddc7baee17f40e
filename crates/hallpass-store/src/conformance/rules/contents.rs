//! What comes back is what was given.

use super::{Broken, Probe, Rule, entry};
use crate::{Entry, Key, Revision, TokenStore};

pub(super) const BYTES: Rule = Rule {
    name: "the bytes of an entry must come back exactly",
    advice: "store bytes, not text: any value, any length, none too (a column of type bytea or blob, a base64 field)",
};

pub(super) async fn bytes<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let every_value: Vec<u8> = (0..=u8::MAX).collect();
    let past_64_kib: Vec<u8> = (0..=u8::MAX).cycle().take(65_537).collect();
    let tried: [&[u8]; 9] = [
        b"",
        b"\0",
        b"plain",
        b" blanks around \n",
        b"\xff\xfe\x80 no UTF-8 \xc3\x28",
        b"it's \"quoted\" \\ and % _ ; --",
        b"\r\n\r\n",
        &every_value,
        &past_64_kib,
    ];
    let key = Key::new("bytes");
    let mut stored = None;
    for bytes in tried {
        let next = entry(bytes);
        probe.writes(&key, stored, Some(&next)).await?;
        probe.holds(&key, Some(&next)).await?;
        stored = Some(next.revision);
    }
    Ok(())
}

pub(super) const BIG: Rule = Rule {
    name: "an entry of 1 MiB must come back exactly",
    advice: "take a column, a field and a buffer without a limit, or with one far above a megabyte, and look for proxies with one",
};

pub(super) async fn big<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let key = Key::new("big");
    let mut stored = None;
    // The second time over one as big: what held one may not hold two.
    for number in 0..2_u8 {
        let every_value: Vec<u8> = (0..=u8::MAX).map(|value| value ^ number).collect();
        let next = entry(&every_value.repeat(4096));
        probe.writes(&key, stored, Some(&next)).await?;
        probe.holds(&key, Some(&next)).await?;
        stored = Some(next.revision);
    }
    let small = entry(b"small again");
    probe.writes(&key, stored, Some(&small)).await?;
    probe.holds(&key, Some(&small)).await
}

pub(super) const REVISIONS: Rule = Rule {
    name: "the revision of an entry must come back exactly, and be compared whole",
    advice: "store the caller's 16 bytes as they are; do not draw, count, cut or parse them",
};

pub(super) async fn revisions<S: TokenStore>(mut probe: Probe<'_, S>) -> Result<(), Broken> {
    let key = Key::new("revisions");
    let mut first_byte_differs = [0xff; 16];
    first_byte_differs[0] = 0xfe;
    let mut last_byte_differs = [0xff; 16];
    last_byte_differs[15] = 0xfe;
    let tried = [
        [0; 16],
        [0xff; 16],
        first_byte_differs,
        last_byte_differs,
        *b"0123456789abcdef",
    ];
    let mut stored = None;
    for (number, bytes) in tried.into_iter().enumerate() {
        let next = Entry::new(Revision::from_bytes(bytes), b"same bytes".to_vec());
        probe.writes(&key, stored, Some(&next)).await?;
        probe.holds(&key, Some(&next)).await?;
        for other in tried.iter().skip(number + 1) {
            let other = Revision::from_bytes(*other);
            probe.conflicts(&key, Some(other), None).await?;
        }
        stored = Some(next.revision);
    }
    probe
        .holds(
            &key,
            Some(&Entry::new(
                Revision::from_bytes(tried[4]),
                b"same bytes".to_vec(),
            )),
        )
        .await
}
