//@ features = ["sqlite"]
//@ hallpass-store = "ours"
//@ tokio = { version = "1", features = ["rt", "time"] }
use hallpass_store::{Entry, Key, Revision, TokenStore};
use hallpass_store_sql::SqliteStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("hallpass-outside-sql-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let store = SqliteStore::open(&folder.join("sessions.db")).await?;
        let key = Key::new("https://as.example client-1 ada");
        let entry = Entry::new(Revision::from_bytes(*b"0123456789abcdef"), b"a record".to_vec());
        store.swap(&key, None, Some(entry.clone())).await?;
        assert_eq!(store.load(&key).await?, Some(entry));
        store.close().await;
        Ok::<_, Box<dyn std::error::Error>>(())
    })?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
