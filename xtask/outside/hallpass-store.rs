use hallpass_store::{Entry, Key, MemoryStore, Revision, SwapError, blocking::TokenStore};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    swaps(&MemoryStore::new());
    #[cfg(feature = "default")]
    {
        let folder = std::env::temp_dir().join(format!("hallpass-outside-{}", std::process::id()));
        swaps(&hallpass_store::FileStore::open(&folder)?);
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn swaps(store: &impl TokenStore) {
    let key = Key::new("https://as.example client-1 ada");
    let entry = Entry::new(Revision::from_bytes(*b"0123456789abcdef"), b"a record".to_vec());
    store.swap(&key, None, Some(entry.clone())).unwrap();
    assert_eq!(store.load(&key).unwrap(), Some(entry.clone()));
    let late = store.swap(&key, None, Some(entry));
    assert!(matches!(late, Err(SwapError::Conflict)));
}
