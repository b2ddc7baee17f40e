//! Devices that wait for a user elsewhere (RFC 8628): what they were told, and how far the user has come.

use std::collections::BTreeMap;

use crate::{
    ledger::{Access, GrantId},
    random::Random,
};

/// Letters that are no vowels, so that a user code is no word (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// By their device codes.
#[derive(Default)]
pub(crate) struct Devices(BTreeMap<String, Device>);

#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) client_id: String,
    pub(crate) user_code: String,
    pub(crate) access: Access,
    pub(crate) expires_at: u64,
    /// In seconds. It grows whenever the client is too fast.
    pub(crate) interval: u64,
    pub(crate) polled_at: Option<u64>,
    pub(crate) state: DeviceState,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum DeviceState {
    Pending,
    Allowed(GrantId),
    Denied,
    /// The tokens were fetched.
    Spent(GrantId),
}

impl Devices {
    /// A user code that nobody has, as it is shown: `WDJB-MJHT`.
    pub(crate) fn new_user_code(&self, random: &mut Random) -> String {
        loop {
            let drawn = random.text();
            let mut letters = drawn
                .bytes()
                .filter_map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()))
                .map(|letter| char::from(*letter));
            let half =
                |letters: &mut dyn Iterator<Item = char>| letters.take(4).collect::<String>();
            let code = format!("{}-{}", half(&mut letters), half(&mut letters));
            if self.0.values().all(|known| known.user_code != code) {
                return code;
            }
        }
    }

    pub(crate) fn add(&mut self, device_code: &str, device: Device) {
        self.0.insert(device_code.to_owned(), device);
    }

    pub(crate) fn by_device_code(&mut self, device_code: &str) -> Option<&mut Device> {
        self.0.get_mut(device_code)
    }

    /// The device that waits for this code, however it is typed (RFC 8628 §6.1).
    pub(crate) fn waiting(&mut self, user_code: &str, now: u64) -> Option<&mut Device> {
        let typed = letters(user_code);
        self.0.values_mut().find(|device| {
            let waits = device.state == DeviceState::Pending && now < device.expires_at;
            waits && letters(&device.user_code) == typed
        })
    }
}

fn letters(user_code: &str) -> String {
    let letters = user_code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

impl std::fmt::Debug for Devices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.values().map(|device| &device.client_id))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_code_is_eight_letters_that_make_no_word() {
        let code = Devices::default().new_user_code(&mut Random::new(0, "a"));
        let (left, right) = code.split_once('-').unwrap();
        assert_eq!((left.len(), right.len()), (4, 4));
        assert!(
            letters(&code)
                .bytes()
                .all(|letter| LETTERS.contains(&letter)),
            "{code}"
        );
    }

    #[test]
    fn case_spaces_and_dashes_of_a_user_code_do_not_count() {
        assert_eq!(letters(" wdjb mjht"), letters("WDJB-MJHT"));
        assert_ne!(letters("WDJB-MJH"), letters("WDJB-MJHT"));
    }
}
