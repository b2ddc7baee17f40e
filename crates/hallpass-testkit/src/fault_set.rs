//! The faults that are switched on.

use crate::{Endpoint, Fault, Injection};

#[derive(Debug, Default)]
pub(crate) struct FaultSet(Vec<Injection>);

impl FaultSet {
    pub(crate) fn inject(&mut self, injection: Injection) {
        if injection.times != Some(0) {
            self.0.push(injection);
        }
    }

    pub(crate) fn remove(&mut self, fault: &Fault) {
        self.0.retain(|injection| injection.fault != *fault);
    }

    /// Takes this back, where and as often as it was injected.
    pub(crate) fn withdraw(&mut self, injection: &Injection) {
        self.0.retain(|known| !known.is_same(injection));
    }

    pub(crate) fn has(&self, injection: &Injection) -> bool {
        self.0.iter().any(|known| known.is_same(injection))
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn active(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().map(|injection| &injection.fault)
    }

    /// The first that `pick` takes; it has then happened once.
    pub(crate) fn take<T>(&mut self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.take_if(|injection| pick(&injection.fault))
    }

    /// Whether exactly this is switched on; it has then happened once.
    pub(crate) fn happens(&mut self, fault: &Fault) -> bool {
        self.take(|active| (active == fault).then_some(()))
            .is_some()
    }

    /// The first of this endpoint, among those that any endpoint can have, that `pick` takes.
    pub(crate) fn take_at<T>(
        &mut self,
        endpoint: Endpoint,
        pick: impl Fn(&Fault) -> Option<T>,
    ) -> Option<T> {
        self.take_if(|injection| {
            let is_here = injection.endpoint == endpoint && injection.fault.is_for_any_endpoint();
            is_here.then(|| pick(&injection.fault)).flatten()
        })
    }

    fn take_if<T>(&mut self, pick: impl Fn(&Injection) -> Option<T>) -> Option<T> {
        let (at, found) = self
            .0
            .iter()
            .enumerate()
            .find_map(|(at, injection)| Some((at, pick(injection)?)))?;
        if let Some(times) = self
            .0
            .get_mut(at)
            .and_then(|injection| injection.times.as_mut())
        {
            *times = times.saturating_sub(1);
        }
        self.0.retain(|injection| injection.times != Some(0));
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_for_once_happens_once() {
        let mut faults = FaultSet::default();
        faults.inject(Fault::StateMissing.once());
        assert!(faults.happens(&Fault::StateMissing));
        assert!(!faults.happens(&Fault::StateMissing));
    }

    #[test]
    fn a_fault_without_a_number_happens_until_it_is_removed() {
        let mut faults = FaultSet::default();
        faults.inject(Fault::StateMissing.into());
        assert!(faults.happens(&Fault::StateMissing) && faults.happens(&Fault::StateMissing));
        faults.remove(&Fault::StateMissing);
        assert!(!faults.happens(&Fault::StateMissing));
    }

    #[test]
    fn a_fault_happens_at_its_own_endpoint() {
        let mut faults = FaultSet::default();
        faults.inject(Fault::Hang.at(Endpoint::Metadata));
        let hang = |fault: &Fault| (*fault == Fault::Hang).then_some(());
        assert_eq!(faults.take_at(Endpoint::Token, hang), None);
        assert_eq!(faults.take_at(Endpoint::Metadata, hang), Some(()));
    }
}
