//! What the guide quotes is what the suite says.

use hallpass_store::{
    Entry, Key, MemoryStore, Revision, StoreError, SwapError, TokenStore, async_trait, conformance,
};

const GUIDE: &str = include_str!("../docs/write-a-token-store.md");

/// Removes by the key alone.
#[derive(Default)]
struct ByTheKeyAlone(MemoryStore);

#[async_trait]
impl TokenStore for ByTheKeyAlone {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        TokenStore::load(&self.0, key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let stored = self.load(key).await.map_err(SwapError::Failed)?;
        let stored = stored.map(|stored| stored.revision);
        match (new, expected, stored) {
            (None, Some(_), Some(_)) => TokenStore::swap(&self.0, key, stored, None).await,
            (new, ..) => TokenStore::swap(&self.0, key, expected, new).await,
        }
    }
}

#[test]
fn the_guide_quotes_the_suite_word_for_word() {
    let broken = conformance::block_on(conformance::check(ByTheKeyAlone::default)).unwrap_err();
    let told = broken.to_string();
    // Revisions are others in every run.
    let mut parts = told.split("Revision(");
    let mut without = parts.next().unwrap().to_owned();
    for part in parts {
        without.push_str("Revision(…");
        without.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    assert!(
        GUIDE.contains(&without),
        "the guide does not have\n{without}"
    );
}
