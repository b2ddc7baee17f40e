//! What every scenario stands on.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use hallpass_http::{Driver, ReqwestTransport, TokioRuntime};
use hallpass_session::{Record, Session};
use hallpass_store::{Entry, Key, Revision, StoreErrorKind, TokenStore};
use tokio::runtime::Runtime;

use crate::backend::Backend;
use crate::mark::Mark;
use crate::options::{Options, Size};
use crate::service::Service;
use crate::strict::{self, Strict};
use crate::text;

const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// A folder that goes with the run, a runtime for what is asynchronous, and the seed.
pub(crate) struct Ground {
    pub(crate) size: Size,
    seed: u64,
    stores: Vec<String>,
    folder: tempfile::TempDir,
    runtime: Runtime,
}

impl Ground {
    pub(crate) fn new(options: &Options) -> Result<Ground, String> {
        let folder = tempfile::Builder::new().prefix("torture-").tempdir();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        Ok(Ground {
            size: options.size,
            seed: options.seed,
            stores: options.stores.clone(),
            folder: folder.map_err(|error| format!("no folder to work in: {error}"))?,
            runtime: runtime.map_err(|error| format!("no runtime to work with: {error}"))?,
        })
    }

    /// A path in the folder of the run, at which nothing is yet.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Random numbers of its own for each part of a scenario, so that parts that run at once draw the same in each run.
    pub(crate) fn random(&self, part: &str) -> fastrand::Rng {
        let part = part.bytes().fold(self.seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        fastrand::Rng::with_seed(part)
    }

    pub(crate) fn wait_for<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    pub(crate) fn open(&self, backend: &Backend) -> Result<Arc<dyn TokenStore>, String> {
        self.patiently(async || backend.open().await)
    }

    /// Begins a session under this key with the tokens of a new login.
    pub(crate) fn begin(
        &self,
        backend: &Backend,
        strict: &Strict,
        key: &str,
    ) -> Result<(), String> {
        let client = strict::client(&strict.endpoint())?;
        let tokens = strict.log_in()?;
        let transport = ReqwestTransport::builder().without_proxy().build();
        let driver = Driver::new(transport.map_err(text)?, TokioRuntime);
        self.patiently(async || {
            let store = backend.open().await?;
            let session = Session::new(store, Key::new(key), client.clone(), driver.clone());
            session.save(&tokens).await.map_err(text)
        })
    }

    /// What is stored under the key of a session.
    pub(crate) fn record(
        &self,
        store: &dyn TokenStore,
        key: &str,
    ) -> Result<Option<Record>, String> {
        let stored = self.load(store, &Key::new(key))?;
        let record = stored.map(|entry| Record::decode(&entry.bytes));
        record.transpose().map_err(text)
    }

    /// The revision of what is stored under the key of a session.
    pub(crate) fn revision(
        &self,
        store: &dyn TokenStore,
        key: &str,
    ) -> Result<Option<Revision>, String> {
        let stored = self.load(store, &Key::new(key))?;
        Ok(stored.map(|entry| entry.revision))
    }

    /// What a raw writer's key holds.
    pub(crate) fn mark(&self, store: &dyn TokenStore, key: &Key) -> Result<Mark, String> {
        Mark::of(self.load(store, key)?.as_ref())
    }

    fn load(&self, store: &dyn TokenStore, key: &Key) -> Result<Option<Entry>, String> {
        self.patiently(async || match store.load(key).await {
            Err(error) if error.kind() == StoreErrorKind::Corrupt => Ok(Err(text(error))),
            loaded => loaded.map(Ok).map_err(text),
        })?
    }

    /// A machine that is busy with hundreds of processes may not answer in time: that breaks no rule, and is tried again.
    fn patiently<T>(&self, work: impl AsyncFn() -> Result<T, String>) -> Result<T, String> {
        let begun = Instant::now();
        loop {
            match self.wait_for(work()) {
                Err(_) if begun.elapsed() < PATIENCE => thread::sleep(BETWEEN_TRIES),
                done => return done,
            }
        }
    }

    /// The durable stores, or those of them that were asked for, each empty.
    pub(crate) fn durable(&self, scenario: &str) -> Result<Vec<Backend>, String> {
        let stores = self.stores.iter().map(|name| {
            let path = self.path(&format!("{scenario}-{name}"));
            match name.as_str() {
                "file" => Ok(Backend::File(path)),
                "lying" => Ok(Backend::Lying(path)),
                "sqlite" => {
                    fs::DirBuilder::new()
                        .mode(0o700)
                        .create(&path)
                        .map_err(text)?;
                    Ok(Backend::Sqlite(path.join("sessions.db")))
                }
                "redis" => Ok(Backend::Redis {
                    url: Service::find("redis")?.url,
                    prefix: format!("{scenario}:"),
                }),
                "postgres" => Ok(Backend::Postgres {
                    url: Service::find("postgres")?.url,
                    table: scenario.replace('-', "_"),
                }),
                other => Err(format!("no store is called `{other}`")),
            }
        });
        stores.collect()
    }
}
