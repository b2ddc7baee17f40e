//! Other handles on the same place, and opening again.

use super::{
    Broken, Harness, Probe, Report, Rule, entry,
    many::{AT_ONCE, counts_up, many_entries, one_of_many},
};
use crate::Key;

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
    let (first, second, third) = (entry(b"first"), entry(b"second"), entry(b"third"));
    let key = Key::new("shared");
    let mut probe = Probe::new(&store, &SECOND_HANDLE);
    probe.holds(&key, None).await?;
    // What is remembered of a load is old when another writes, and so is that there was nothing.
    let mut probe = probe.on(&other, ON_THE_SECOND);
    probe.holds(&key, None).await?;
    let mut probe = probe.on(&store, ON_THE_FIRST);
    probe.writes(&key, None, Some(&first)).await?;
    let mut probe = probe.on(&other, ON_THE_SECOND);
    probe.holds(&key, Some(&first)).await?;
    probe.conflicts(&key, None, Some(&second)).await?;
    probe
        .writes(&key, Some(first.revision), Some(&second))
        .await?;
    let mut probe = probe.on(&store, ON_THE_FIRST);
    probe.holds(&key, Some(&second)).await?;
    probe.conflicts(&key, Some(first.revision), None).await?;
    probe.writes(&key, Some(second.revision), None).await?;
    let mut probe = probe.on(&other, ON_THE_SECOND);
    probe.holds(&key, None).await?;
    probe.writes(&key, None, Some(&third)).await?;
    let mut probe = probe.on(&store, ON_THE_FIRST);
    probe.holds(&key, Some(&third)).await?;
    let writes = many_entries();
    one_of_many(
        &mut probe,
        &[&store, &other],
        &key,
        Some(third.revision),
        &writes,
    )
    .await?;
    let handles: Vec<_> = [&store, &other].into_iter().cycle().take(AT_ONCE).collect();
    counts_up(&mut probe, &handles, &Key::new("count")).await?;
    report.keep(&SECOND_HANDLE);
    Ok(())
}

const ON_THE_FIRST: &str = "(on the first handle)";
const ON_THE_SECOND: &str = "(on the second handle)";

pub(super) const REOPENED: Rule = Rule {
    name: "a store that is opened again must hold what it held",
    advice: "answer a swap only when what it wrote outlives the process",
};

pub(super) async fn reopened<H: Harness>(harness: &H, report: &mut Report) -> Result<(), Broken> {
    let store = harness.fresh().await;
    let [kept_key, gone_key, replaced_key] = ["kept", "gone", "replaced"].map(Key::new);
    let (kept, gone) = (entry(b"kept"), entry(b"gone"));
    let (before, replaced) = (entry(b"before"), entry(b"replaced"));
    let mut probe = Probe::new(&store, &REOPENED);
    probe.writes(&kept_key, None, Some(&kept)).await?;
    probe.writes(&gone_key, None, Some(&gone)).await?;
    probe.writes(&gone_key, Some(gone.revision), None).await?;
    probe.writes(&replaced_key, None, Some(&before)).await?;
    probe
        .writes(&replaced_key, Some(before.revision), Some(&replaced))
        .await?;
    let done = probe.into_done();
    let Some(store) = harness.reopen(store).await else {
        report.leave_out(&REOPENED);
        return Ok(());
    };
    let mut probe = Probe::continued(&store, &REOPENED, done, "(closed and opened again)");
    probe.holds(&kept_key, Some(&kept)).await?;
    probe.holds(&gone_key, None).await?;
    probe.holds(&replaced_key, Some(&replaced)).await?;
    probe.conflicts(&kept_key, None, Some(&gone)).await?;
    probe
        .writes(&kept_key, Some(kept.revision), Some(&gone))
        .await?;
    report.keep(&REOPENED);
    Ok(())
}
