use hallpass_store_redis::RedisStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = RedisStore::builder("redis://127.0.0.1:6379/0").prefix("my-service:").build()?;
    assert!(!format!("{store:?}").is_empty());
    assert!(RedisStore::open("http://127.0.0.1").is_err());
    Ok(())
}
