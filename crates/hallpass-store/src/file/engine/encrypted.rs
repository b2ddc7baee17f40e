//! A folder whose files are encrypted: its one key, and the file that says which.

use zeroize::Zeroizing;

use super::{Content, Engine, Form, MARKER, MOST_MARKER, Names, Unreadable, format};
use crate::{
    StoreError, StoreErrorKind, SwapError,
    file::{
        disk::Disk,
        encryption::{EncryptionKey, KeySource},
    },
};

const FIRST: &str = "hallpass encryption key id ";
const NO_KEY: &str =
    "the entries of this folder are encrypted and their key is not where it was kept";
const ANOTHER_KEY: &str = "the entries of this folder are encrypted with another key than this one";

impl<D: Disk> Engine<D> {
    /// The key of this folder. One is made where the folder has none and the source has none, and then the folder says
    /// which it is before the first entry is written with it.
    pub(in crate::file) fn encryption_key(
        &self,
        source: &dyn KeySource,
    ) -> Result<EncryptionKey, StoreError> {
        self.disk.judge()?;
        match (self.marker()?, source.load()?) {
            (Some(marker), key) => right(&marker, key),
            (None, _) => self.first_key(source),
        }
    }

    /// Under a lock, so that of many that open a new folder at once one makes the key. Where only the marker is gone, the
    /// entries say which key it named.
    fn first_key(&self, source: &dyn KeySource) -> Result<EncryptionKey, StoreError> {
        let names = Names::of_marker();
        let _lock = self.lock(&names)?;
        let found = source.load()?;
        if let Some(marker) = self.marker()? {
            return right(&marker, found);
        }
        let carried = self.encryption_keys()?;
        let key = match found {
            Some(key) if carried.iter().all(|id| *id == key.id()) => key,
            Some(_) => return Err(refused(ANOTHER_KEY)),
            None if carried.is_empty() => made(source)?,
            None => return Err(refused(NO_KEY)),
        };
        let marker = format!("{FIRST}{}\n", key.id_hex());
        self.replace(&names, marker.as_bytes()).map_err(inner)?;
        Ok(key)
    }

    /// Writes every entry that is in plain once more, encrypted, and says how many there were.
    pub(in crate::file) fn encrypt_plain_files(&self) -> Result<usize, StoreError> {
        self.disk.judge()?;
        let mut encrypted = 0;
        for name in self.disk.names()? {
            let Some(names) = Names::of_entry_file(&name) else {
                continue;
            };
            match self.read(&names) {
                Ok(Content::Unreadable(Unreadable::NotSealed)) => {
                    encrypted += usize::from(self.encrypt(&names)?);
                }
                // Whatever else it is, it is for a load of its key to tell, or for `unreadable`.
                Ok(_) => {}
                Err(error) if error.kind() == StoreErrorKind::Refused => {}
                Err(error) => return Err(error),
            }
        }
        Ok(encrypted)
    }

    /// Whether it was (still) there, and in plain.
    fn encrypt(&self, names: &Names) -> Result<bool, StoreError> {
        let _lock = self.lock(names)?;
        let file = self.disk.read(&names.entry, format::MOST_BYTES)?;
        let Some(Ok((key, entry))) = file.map(|file| Form::Plain.decode(&file, &names.stem)) else {
            return Ok(false);
        };
        let file = self.form.encode(&key, &entry)?;
        self.replace(names, &file).map_err(inner)?;
        Ok(true)
    }

    fn marker(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.disk.read(MARKER, MOST_MARKER)
    }
}

/// A new key, which the source keeps.
fn made(source: &dyn KeySource) -> Result<EncryptionKey, StoreError> {
    source.keep(&EncryptionKey::generate()?)?;
    // Not what was made: whoever opens the folder next has to find the same.
    source.load()?.ok_or_else(|| {
        StoreError::new(
            StoreErrorKind::Other,
            "the source of the encryption key did not keep the new key",
        )
    })
}

/// The key, if it is the one that the folder names.
fn right(marker: &[u8], key: Option<EncryptionKey>) -> Result<EncryptionKey, StoreError> {
    let named = marker
        .trim_ascii_end()
        .strip_prefix(FIRST.as_bytes())
        .ok_or_else(|| refused("the file that names the key of this folder is damaged"))?;
    let key = key.ok_or_else(|| refused(NO_KEY))?;
    match named == key.id_hex().as_bytes() {
        true => Ok(key),
        false => Err(refused(ANOTHER_KEY)),
    }
}

fn refused(message: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Refused, message)
}

/// Nothing but the marker or the same entry was to be written, so whether it was does not matter: it is tried again.
fn inner(error: SwapError) -> StoreError {
    match error {
        SwapError::Failed(error) | SwapError::Unknown(error) => error,
        SwapError::Conflict => StoreError::new(StoreErrorKind::Other, "nothing was compared"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{
        Entry, Key, Revision,
        file::sim::{Fault, SimDisk},
    };

    /// A source that keeps what it is given.
    #[derive(Default)]
    struct Kept(Mutex<Option<EncryptionKey>>);

    impl KeySource for Kept {
        fn load(&self) -> Result<Option<EncryptionKey>, StoreError> {
            Ok(self.0.lock().unwrap().clone())
        }

        fn keep(&self, key: &EncryptionKey) -> Result<(), StoreError> {
            self.0.lock().unwrap().get_or_insert_with(|| key.clone());
            Ok(())
        }
    }

    /// A source that takes every key and keeps none.
    struct Forgets;

    impl KeySource for Forgets {
        fn load(&self) -> Result<Option<EncryptionKey>, StoreError> {
            Ok(None)
        }

        fn keep(&self, _key: &EncryptionKey) -> Result<(), StoreError> {
            Ok(())
        }
    }

    fn keys() -> [Key; 2] {
        [Key::new("ada"), Key::new("grace")]
    }

    fn entry() -> Entry {
        Entry::new(Revision::from_bytes([1; 16]), b"a record".to_vec())
    }

    fn in_plain() -> SimDisk {
        let engine = Engine::new(SimDisk::default());
        for key in keys() {
            engine.swap(&key, None, Some(entry())).unwrap();
        }
        engine.disk
    }

    fn kind<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> StoreErrorKind {
        answer.unwrap_err().kind()
    }

    #[test]
    fn whatever_the_moment_of_a_power_cut_a_folder_has_one_key_and_it_is_kept() {
        let mut cuts = 0;
        for operation in 0.. {
            let engine = Engine::new(SimDisk::default());
            let source = Kept::default();
            engine.disk.fault_at(operation, Fault::Cut);
            let answer = engine.encryption_key(&source);
            if !engine.disk.fault_came() {
                answer.unwrap();
                break;
            }
            assert!(answer.is_err());
            for disk in engine.disk.after_power_cut() {
                let engine = Engine::new(disk);
                let before = source.load().unwrap();
                let key = engine.encryption_key(&source).unwrap();
                assert!(before.is_none_or(|before| before == key));
                assert_eq!(engine.encryption_key(&source).unwrap(), key);
                assert_eq!(kind(engine.refuse_encrypted()), StoreErrorKind::Refused);
                cuts += 1;
            }
        }
        assert!(cuts > 50, "{cuts}");
    }

    #[test]
    fn another_key_no_key_and_a_damaged_name_of_the_key_are_refused() {
        let engine = Engine::new(SimDisk::default());
        let key = engine.encryption_key(&Kept::default()).unwrap();
        let other = EncryptionKey::generate().unwrap();
        assert_eq!(kind(engine.encryption_key(&other)), StoreErrorKind::Refused);
        let error = engine.encryption_key(&Kept::default()).unwrap_err();
        assert!(
            error.to_string().contains("not where it was kept"),
            "{error}"
        );
        assert_eq!(engine.encryption_key(&key).unwrap(), key);
        engine.disk.put(MARKER, b"something else");
        let error = engine.encryption_key(&key).unwrap_err();
        assert!(error.to_string().contains("damaged"), "{error}");
    }

    #[test]
    fn a_source_that_keeps_nothing_encrypts_nothing() {
        let engine = Engine::new(SimDisk::default());
        assert_eq!(kind(engine.encryption_key(&Forgets)), StoreErrorKind::Other);
        assert!(engine.refuse_encrypted().is_ok());
    }

    #[test]
    fn without_the_name_of_the_key_only_the_key_of_the_entries_is_taken() {
        let right = EncryptionKey::from_bytes([1; 32]);
        let written = Engine::new(SimDisk::default()).with_form(Form::Sealed(right.clone()));
        let [key, plain] = keys();
        written.swap(&key, None, Some(entry())).unwrap();
        let engine = Engine::new(written.disk);
        assert_eq!(kind(engine.refuse_encrypted()), StoreErrorKind::Refused);
        let kept = Kept::default();
        assert_eq!(kind(engine.encryption_key(&kept)), StoreErrorKind::Refused);
        assert_eq!(kept.load().unwrap(), None, "no new key may be made");
        let wrong = EncryptionKey::from_bytes([2; 32]);
        assert_eq!(kind(engine.encryption_key(&wrong)), StoreErrorKind::Refused);
        assert_eq!(engine.disk.bytes(MARKER), None);

        // Neither what is in plain nor what is damaged says anything of a key.
        let encode = |form: Form, key: &Key| form.encode(key, &entry()).unwrap().to_vec();
        let mut torn = encode(Form::Sealed(wrong.clone()), &plain);
        torn.pop();
        for file in [encode(Form::Plain, &plain), torn] {
            engine.disk.put(&Names::of(&plain).entry, &file);
            engine.disk.remove(MARKER).unwrap();
            assert_eq!(engine.encryption_key(&right).unwrap(), right);
            assert!(engine.disk.bytes(MARKER).is_some());
        }
        assert_eq!(kind(engine.encryption_key(&wrong)), StoreErrorKind::Refused);
    }

    #[test]
    fn a_handle_from_before_a_folder_was_encrypted_writes_nothing_in_plain() {
        let engine = Engine::new(in_plain());
        engine.encryption_key(&Kept::default()).unwrap();
        let [key, _] = keys();
        let files = || engine.disk.files();
        let before = (files(), engine.disk.bytes(&Names::of(&key).entry));
        let next = Entry::new(Revision::from_bytes([2; 16]), b"next".to_vec());
        for new in [Some(next), None] {
            let swapped = engine.swap(&key, Some(entry().revision), new);
            assert_eq!(kind(swapped.map_err(inner)), StoreErrorKind::Refused);
        }
        let after = (files(), engine.disk.bytes(&Names::of(&key).entry));
        assert_eq!(before, after);
    }

    #[test]
    fn a_file_in_plain_is_refused_left_alone_and_encrypted_only_when_asked() {
        let key = EncryptionKey::generate().unwrap();
        let engine = Engine::new(in_plain()).with_form(Form::Sealed(key));
        let files = engine.disk.files();
        for key in keys() {
            assert_eq!(kind(engine.load(&key)), StoreErrorKind::Refused);
            let swapped = engine.swap(&key, Some(entry().revision), None);
            assert_eq!(kind(swapped.map_err(inner)), StoreErrorKind::Refused);
        }
        assert_eq!(engine.disk.files(), files);
        assert_eq!(engine.list().unwrap().unreadable.len(), 2);

        assert_eq!(engine.encrypt_plain_files().unwrap(), 2);
        assert_eq!(engine.encrypt_plain_files().unwrap(), 0);
        for key in keys() {
            assert_eq!(engine.load(&key).unwrap(), Some(entry()));
            let file = engine.disk.bytes(&Names::of(&key).entry).unwrap();
            assert!(!file.windows(8).any(|window| window == b"a record"));
        }
        assert!(engine.list().unwrap().unreadable.is_empty());
    }

    #[test]
    fn encrypting_what_was_in_plain_can_be_cut_at_any_moment_and_done_again() {
        let key = EncryptionKey::generate().unwrap();
        let form = || Form::Sealed(key.clone());
        for operation in 0.. {
            let engine = Engine::new(in_plain()).with_form(form());
            engine.disk.fault_at(operation, Fault::Cut);
            let answer = engine.encrypt_plain_files();
            if !engine.disk.fault_came() {
                assert_eq!(answer.unwrap(), 2);
                break;
            }
            for disk in engine.disk.after_power_cut() {
                let engine = Engine::new(disk).with_form(form());
                assert!(engine.encrypt_plain_files().unwrap() <= 2);
                for key in keys() {
                    assert_eq!(engine.load(&key).unwrap(), Some(entry()));
                }
            }
        }
    }

    #[test]
    fn another_keys_file_and_an_encrypted_one_without_its_key_are_never_set_aside() {
        let engine = |form| Engine::new(SimDisk::default()).with_form(form);
        let [key, _] = keys();
        let written = engine(Form::Sealed(EncryptionKey::from_bytes([1; 32])));
        written.swap(&key, None, Some(entry())).unwrap();
        let name = Names::of(&key).entry;
        let file = written.disk.bytes(&name).unwrap();
        for form in [
            Form::Plain,
            Form::Sealed(EncryptionKey::from_bytes([2; 32])),
        ] {
            let engine = engine(form);
            engine.disk.put(&name, &file);
            for _ in 0..2 {
                let error = engine.load(&key).unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Refused);
                assert!(error.to_string().contains("encrypt"), "{error}");
                let swapped = engine.swap(&key, None, Some(entry()));
                assert_eq!(kind(swapped.map_err(inner)), StoreErrorKind::Refused);
            }
            assert_eq!(engine.disk.bytes(&name), Some(file.clone()));
        }
    }
}
