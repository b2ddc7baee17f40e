use proptest::prelude::*;

use super::*;

const START: i64 = 1_700_000_000;

fn at(seconds: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(START + seconds).unwrap()
}

fn lost() -> Error {
    hallpass_grant::ErrorKind::Transport.into()
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

fn fetched(cache: &mut KeyCache, now: i64) -> u64 {
    match cache.ask(at(now)) {
        Answer::Fetch(fetch) => fetch,
        answer => panic!("{answer:?}"),
    }
}

/// A cache that has had its first keys at 0, for so many seconds.
fn filled(max_age: Option<Duration>) -> KeyCache {
    let mut cache = KeyCache::default();
    let fetch = fetched(&mut cache, 0);
    cache.put(fetch, JwkSet::default(), max_age, at(0));
    cache
}

fn is_used(answer: &Answer) -> bool {
    matches!(answer, Answer::Use(_))
}

#[test]
fn what_the_provider_says_of_the_time_of_its_keys_is_held_within_limits() {
    let day = 24 * 60 * 60;
    for (max_age, ends) in [
        (None, 600),
        (seconds(0), 60),
        (seconds(59), 60),
        (seconds(61), 61),
        (seconds(300), 300),
        (seconds(1_000_000_000_000), day),
        (Some(Duration::MAX), day),
    ] {
        let mut cache = filled(max_age);
        assert!(is_used(&cache.ask(at(ends - 1))), "{max_age:?}");
        assert_eq!(cache.ask(at(ends)), Answer::Fetch(2), "{max_age:?}");
    }
}

#[test]
fn one_fetches_and_the_others_look_again_until_it_is_taken_for_lost() {
    let mut cache = KeyCache::default();
    let fetch = fetched(&mut cache, 0);
    let wait = Answer::Wait(fetch, at(0) + LOOK_AGAIN);
    assert_eq!(cache.ask(at(0)), wait);
    assert_eq!(cache.ask_newer(0, at(0)), wait);
    assert!(matches!(cache.ask(at(19)), Answer::Wait(1, _)));
    assert_eq!(cache.ask(at(20)), Answer::Fetch(2));
    cache.land(1);
    assert!(matches!(cache.ask(at(20)), Answer::Wait(2, _)));
    cache.land(2);
    assert_eq!(cache.ask(at(20)), Answer::Fetch(3));
}

#[test]
fn tokens_that_name_unknown_keys_cost_one_fetch_each_cool_down() {
    let mut cache = filled(None);
    let Answer::Fetch(second) = cache.ask_newer(1, at(5)) else {
        panic!("the first is worth a fetch");
    };
    let keys = cache.put(second, JwkSet::default(), None, at(5));
    assert_eq!(cache.ask_newer(keys.fetch, at(14)), Answer::TooSoon);
    assert_eq!(cache.ask_newer(keys.fetch, at(15)), Answer::Fetch(3));
    cache.land(3);
    // A clock that stepped back does not lock the next fetch out for longer than the cool-down.
    assert_eq!(cache.ask_newer(keys.fetch, at(5)), Answer::Fetch(4));
}

#[test]
fn newer_keys_that_are_there_already_cost_nothing() {
    let mut cache = filled(None);
    let used = cache.ask_newer(0, at(1));
    assert!(matches!(used, Answer::Use(Keys { fetch: 1, .. })));
    assert_eq!(cache.refetched, None);
}

#[test]
fn a_fetch_that_brought_the_missing_key_does_not_hold_the_next_back() {
    let mut cache = filled(None);
    assert_eq!(cache.ask_newer(1, at(5)), Answer::Fetch(2));
    cache.put(2, JwkSet::default(), None, at(5));
    cache.was_worth_it();
    assert_eq!(cache.ask_newer(2, at(6)), Answer::Fetch(3));
}

#[test]
fn in_an_outage_the_last_keys_are_used_for_an_hour() {
    let mut cache = filled(seconds(60));
    assert_eq!(cache.ask(at(60)), Answer::Fetch(2));
    cache.fail(2, lost(), at(61));
    assert!(is_used(&cache.ask(at(70))), "without asking each time");
    assert_eq!(cache.ask(at(71)), Answer::Fetch(3));
    let ends = 60 + 60 * 60;
    assert!(cache.usable(at(ends - 1)).is_some());
    assert_eq!(cache.usable(at(ends)), None);
    cache.fail(3, lost(), at(ends));
    assert_eq!(cache.ask(at(ends)), Answer::Failed);
    assert_eq!(cache.ask(at(ends + 10)), Answer::Fetch(4));
}

#[test]
fn those_who_wait_are_told_of_a_failure_and_not_of_one_before() {
    let mut cache = KeyCache::default();
    let fetch = fetched(&mut cache, 0);
    assert!(cache.failure(fetch).is_none());
    cache.fail(fetch, lost(), at(1));
    assert!(cache.failure(fetch).is_some());
    let next = fetched(&mut cache, 11);
    assert!(cache.failure(next).is_none());
    cache.fail(next, lost(), at(12));
    assert!(
        cache.failure(fetch).is_some(),
        "it is older than one that failed"
    );
}

#[test]
fn a_provider_that_is_down_is_asked_once_each_cool_down() {
    let mut cache = KeyCache::default();
    let fetch = fetched(&mut cache, 0);
    cache.fail(fetch, lost(), at(5));
    assert_eq!(cache.ask(at(14)), Answer::Failed);
    let next = fetched(&mut cache, 15);
    assert!(matches!(cache.ask(at(15)), Answer::Wait(2, _)));
    cache.fail(next, lost(), at(20));
    // What becomes of an older one later says nothing of the newest.
    cache.fail(fetch, lost(), at(29));
    assert!(cache.failure(next).is_some());
    assert_eq!(cache.ask(at(29)), Answer::Failed);
    assert_eq!(cache.ask(at(30)), Answer::Fetch(3));
}

#[test]
fn a_late_answer_never_brings_a_withdrawn_key_back() {
    let mut cache = KeyCache::default();
    let slow = fetched(&mut cache, 0);
    let quick = fetched(&mut cache, 20);
    cache.put(quick, JwkSet::default(), None, at(21));
    let late = cache.put(slow, JwkSet::default(), None, at(22));
    assert_eq!(late.fetch, quick, "nor for the one who has it");
    let Answer::Use(keys) = cache.ask(at(22)) else {
        panic!("there are keys");
    };
    assert_eq!(keys.fetch, quick);
}

#[test]
fn a_clock_that_steps_back_has_the_keys_fetched_again() {
    let mut cache = filled(None);
    assert!(is_used(&cache.ask(at(-60))));
    assert_eq!(cache.usable(at(-61)), None);
    assert_eq!(cache.ask(at(-61)), Answer::Fetch(2));
}

#[test]
fn given_keys_are_good_for_ever_and_there_are_no_newer_ones() {
    let mut cache = KeyCache::given(JwkSet::default());
    for now in [UtcDateTime::MIN, at(0), UtcDateTime::MAX - LOOK_AGAIN] {
        assert!(is_used(&cache.ask(now)));
        assert_eq!(cache.ask_newer(0, now), Answer::TooSoon);
    }
}

/// What may happen next, to one of four who verify tokens.
#[derive(Clone, Copy, Debug)]
enum Event {
    Asks(usize),
    /// The keys it has do not verify its token.
    AsksNewer(usize),
    Answered(usize, u64),
    Fails(usize),
    GivesUp(usize),
    Passes(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let who = || 0..4_usize;
    prop_oneof![
        4 => who().prop_map(Event::Asks),
        3 => who().prop_map(Event::AsksNewer),
        4 => (who(), prop_oneof![Just(0), 0..200_u64, Just(u64::MAX)]).prop_map(|(who, age)| Event::Answered(who, age)),
        2 => who().prop_map(Event::Fails),
        1 => who().prop_map(Event::GivesUp),
        4 => prop_oneof![0..3_i64, 0..100_i64, Just(4000_i64)].prop_map(Event::Passes),
    ]
}

#[derive(Clone, Copy, Debug, Default)]
struct Verifier {
    fetches: Option<u64>,
    keys: u64,
}

/// What the provider's keys were when, and what came of asking.
#[derive(Debug, Default)]
struct World {
    now: i64,
    verifiers: [Verifier; 4],
    /// When each fetch began, and the newest that was put.
    began: Vec<i64>,
    put: Vec<(u64, i64)>,
    forced: Vec<i64>,
    /// The newest fetch that failed, and when.
    failed: Option<(u64, i64)>,
}

proptest! {
    /// One fetch at a time, no storm, no keys past their time, none of an older fetch after those of a newer one.
    #[test]
    fn whatever_happens_nobody_storms_the_provider_and_nobody_uses_old_keys(
        events in prop::collection::vec(event(), 0..120),
    ) {
        let mut cache = KeyCache::default();
        let mut world = World::default();
        for event in events {
            let now = at(world.now);
            match event {
                Event::Passes(time) => world.now += time,
                Event::Asks(who) => {
                    let answer = cache.ask(now);
                    world.check(who, answer, false)?;
                }
                Event::AsksNewer(who) => {
                    let than = world.verifiers[who].keys;
                    let answer = cache.ask_newer(than, now);
                    if let Answer::Use(keys) = &answer {
                        prop_assert!(keys.fetch > than);
                    }
                    world.check(who, answer, true)?;
                }
                Event::Answered(who, age) => {
                    if let Some(fetch) = world.verifiers[who].fetches.take() {
                        cache.put(fetch, JwkSet::default(), Some(Duration::from_secs(age)), now);
                        world.put.push((fetch, world.now));
                    }
                }
                Event::Fails(who) => {
                    if let Some(fetch) = world.verifiers[who].fetches.take() {
                        cache.fail(fetch, lost(), now);
                        if world.failed.is_none_or(|(newest, _)| newest < fetch) {
                            world.failed = Some((fetch, world.now));
                        }
                    }
                }
                Event::GivesUp(who) => {
                    if let Some(fetch) = world.verifiers[who].fetches.take() {
                        cache.land(fetch);
                    }
                }
            }
        }
    }
}

impl World {
    fn rests(&self) -> bool {
        self.failed.is_some_and(|(_, at)| self.now - at < 10)
    }

    fn check(&mut self, who: usize, answer: Answer, newer: bool) -> Result<(), TestCaseError> {
        match answer {
            Answer::Fetch(fetch) => {
                let others = self.verifiers.iter().filter_map(|own| own.fetches);
                let mut alive = others.filter(|own| self.now - self.began[*own as usize - 1] < 20);
                prop_assert_eq!(alive.next(), None, "two fetch at once");
                prop_assert_eq!(fetch, self.began.len() as u64 + 1);
                self.began.push(self.now);
                self.verifiers[who].fetches = Some(fetch);
                prop_assert!(newer || !self.rests(), "a storm");
                if newer {
                    let last = self.forced.last().copied().unwrap_or(i64::MIN / 2);
                    prop_assert!(self.now - last >= 10, "a storm");
                    self.forced.push(self.now);
                }
            }
            Answer::Use(keys) => {
                let newest = self.put.iter().map(|(fetch, _)| *fetch).max();
                prop_assert_eq!(Some(keys.fetch), newest);
                let put = self.put.iter().find(|(fetch, _)| *fetch == keys.fetch);
                let age = self.now - put.map_or(i64::MIN / 2, |(_, at)| *at);
                prop_assert!(age < 24 * 60 * 60 + 60 * 60);
                self.verifiers[who].keys = keys.fetch;
            }
            Answer::Wait(fetch, until) => {
                prop_assert!(self.now - self.began[fetch as usize - 1] < 20);
                prop_assert!(until > at(self.now));
            }
            Answer::Failed => prop_assert!(!newer && self.rests()),
            Answer::TooSoon => {
                let last = self.forced.last().copied();
                prop_assert!(newer && last.is_some_and(|last| self.now - last < 10));
            }
        }
        Ok(())
    }
}
