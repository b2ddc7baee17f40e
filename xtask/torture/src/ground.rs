//! What every scenario stands on.

use std::path::PathBuf;
use std::sync::Arc;

use hallpass_store::TokenStore;
use tokio::runtime::Runtime;

use crate::backend::Backend;
use crate::options::{Options, Size};

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
        self.wait_for(backend.open())
    }

    /// The durable stores, or those of them that were asked for, each empty.
    pub(crate) fn durable(&self, scenario: &str) -> Result<Vec<Backend>, String> {
        let stores = self.stores.iter().map(|name| {
            let path = self.path(&format!("{scenario}-{name}"));
            match name.as_str() {
                "file" => Ok(Backend::File(path)),
                "lying" => Ok(Backend::Lying(path)),
                other => Err(format!("no store is called `{other}`")),
            }
        });
        stores.collect()
    }
}
