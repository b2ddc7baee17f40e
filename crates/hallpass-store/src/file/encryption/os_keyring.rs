//! An encryption key in the keyring of the operating system.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use keyring_core::{Entry, Error, api::CredentialStoreApi};
use zeroize::Zeroizing;

use super::{EncryptionKey, KeySource};
use crate::{StoreError, StoreErrorKind};

/// Keeps an encryption key in the keyring of the operating system: the Secret Service (GNOME Keyring, KWallet and their like) on Linux
/// and the other Unixes, the login keychain on macOS, the Credential Manager on Windows.
///
/// Only the key is there, never a session: a keyring has no compare-and-swap and takes small things only. A keyring that is missing,
/// locked or silent is an error ([`Unavailable`](StoreErrorKind::Unavailable)), at the latest after 5 seconds; a prompt it showed may
/// be answered and the store be opened again.
#[derive(Clone)]
pub struct OsKeyring {
    service: String,
    account: String,
    /// Kept once it is had: to talk to a keyring in secret takes an exchange of keys.
    entry: OnceLock<Arc<Entry>>,
}

impl OsKeyring {
    /// The key that the keyring keeps for this application under this name. Every folder should have a name of its own.
    pub fn new(service: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            account: account.into(),
            entry: OnceLock::new(),
        }
    }

    fn entry(&self) -> Result<&Entry, StoreError> {
        match self.entry.get() {
            Some(entry) => Ok(entry),
            None => {
                let entry = native()
                    .and_then(|keyring| keyring.build(&self.service, &self.account, None))
                    .map_err(told)?;
                Ok(self.entry.get_or_init(|| Arc::new(entry)))
            }
        }
    }
}

impl fmt::Debug for OsKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (service, account) = (&self.service, &self.account);
        write!(f, "OsKeyring({service:?}, {account:?})")
    }
}

impl KeySource for OsKeyring {
    fn load(&self) -> Result<Option<EncryptionKey>, StoreError> {
        // Digits, because some keyrings keep nothing but text.
        match self.entry()?.get_password().map(Zeroizing::new) {
            Ok(digits) => match EncryptionKey::from_hex(digits.as_bytes()) {
                Some(key) => Ok(Some(key)),
                None => Err(no_key()),
            },
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    fn keep(&self, key: &EncryptionKey) -> Result<(), StoreError> {
        match self.load()? {
            Some(_) => Ok(()),
            None => self.entry()?.set_password(&key.to_hex()).map_err(told),
        }
    }
}

fn native() -> keyring_core::Result<Arc<dyn CredentialStoreApi>> {
    #[cfg(target_os = "macos")]
    return Ok(apple_native_keyring_store::keychain::Store::new()?);
    #[cfg(windows)]
    return Ok(windows_native_keyring_store::Store::new()?);
    #[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
    return Ok(zbus_secret_service_keyring_store::Store::new()?);
    #[allow(unreachable_code)]
    Err(Error::NotSupportedByStore(
        "there is no keyring for this system".to_owned(),
    ))
}

/// What the keyring answered, without what it holds: some of its errors carry that.
fn told(error: Error) -> StoreError {
    let unavailable = |message| StoreError::new(StoreErrorKind::Unavailable, message);
    match error {
        Error::NoStorageAccess(source) => {
            unavailable("the keyring is locked or not to be used").with_source(source)
        }
        Error::PlatformFailure(source) => {
            unavailable("the keyring did not answer as it should").with_source(source)
        }
        Error::BadEncoding(_) | Error::BadDataFormat(..) => no_key(),
        Error::Ambiguous(_) => StoreError::new(
            StoreErrorKind::Refused,
            "the keyring holds more than one key of this name",
        ),
        Error::NotSupportedByStore(why) | Error::BadStoreFormat(why) => StoreError::new(
            StoreErrorKind::Other,
            format!("the keyring cannot do it: {why}"),
        ),
        Error::Invalid(what, why) => StoreError::new(
            StoreErrorKind::Other,
            format!("the keyring does not take this {what}: {why}"),
        ),
        Error::TooLong(what, most) => StoreError::new(
            StoreErrorKind::Other,
            format!("the keyring takes a {what} of at most {most} characters"),
        ),
        _ => unavailable("the keyring cannot be used"),
    }
}

fn no_key() -> StoreError {
    StoreError::new(
        StoreErrorKind::Refused,
        "what the keyring holds under this name is no encryption key",
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{env, fs, os::unix::net::UnixListener, process::Command, time::Duration};

    use super::super::key_source::within;
    use super::*;
    use crate::FileStore;

    /// Set where this process was started for one bus, so that no test ever asks a real keyring.
    const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
    const STARTED: &str = "HALLPASS_STORE_TEST_BUS";

    fn keyring() -> OsKeyring {
        OsKeyring::new("hallpass-store-test", "nobody")
    }

    /// Whether this is the process that was started with this bus; if not, starts it and waits for it.
    fn with_bus(test: &str, address: &str) -> bool {
        if env::var_os(STARTED).is_some() {
            return true;
        }
        let name = format!("file::encryption::os_keyring::tests::{test}");
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", &name])
            .env(STARTED, "1")
            .env(BUS, address)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("1 passed"), "{told}");
        false
    }

    #[test]
    fn a_keyring_that_never_answers_is_given_up() {
        let home = tempfile::tempdir().unwrap();
        let socket = home.path().join("bus");
        // It takes connections and says nothing.
        let _bus = UnixListener::bind(&socket).unwrap();
        let address = format!("unix:path={}", socket.display());
        if with_bus("a_keyring_that_never_answers_is_given_up", &address) {
            let asked = within(Duration::from_millis(300), || keyring().load());
            let error = asked.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
            assert!(error.to_string().contains("within 300ms"), "{error}");
        }
    }

    #[test]
    fn a_system_without_a_keyring_is_an_error_and_nothing_is_written() {
        let test = "a_system_without_a_keyring_is_an_error_and_nothing_is_written";
        if with_bus(test, "unix:path=/nonexistent/bus") {
            let home = tempfile::tempdir().unwrap();
            let folder = home.path().join("tokens");
            let error = FileStore::open_encrypted(&folder, keyring()).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        }
    }

    #[test]
    fn no_error_shows_what_the_keyring_holds() {
        let held = b"canary".to_vec();
        let errors = [
            Error::BadEncoding(held.clone()),
            Error::BadDataFormat(held, "canary".into()),
        ];
        for error in errors {
            let error = told(error);
            assert_eq!(error.kind(), StoreErrorKind::Refused);
            assert!(
                !format!("{error} {error:?}").contains("canary"),
                "{error:?}"
            );
        }
        let locked = told(Error::NoStorageAccess("prompt dismissed".into()));
        assert!(locked.to_string().contains("locked"), "{locked}");
    }
}
