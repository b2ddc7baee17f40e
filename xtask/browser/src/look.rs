//! How a page is looked at.

use std::{env, fs, path::PathBuf};

use serde_json::json;

use crate::{Browser, WebDriverResult};

/// Where pictures go, if they are wanted.
const FOLDER: &str = "HALLPASS_SCREENSHOTS";
const FAULTS: &str = include_str!("faults.js");

/// A device before which somebody sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    scheme: &'static str,
    width: u32,
    height: u32,
}

impl Look {
    /// Light and dark, narrow and wide.
    pub const ALL: [Self; 4] = [
        Self::new("light", 390, 844),
        Self::new("dark", 390, 844),
        Self::new("light", 1280, 800),
        Self::new("dark", 1280, 800),
    ];

    const fn new(scheme: &'static str, width: u32, height: u32) -> Self {
        Self {
            scheme,
            width,
            height,
        }
    }
}

impl Browser {
    /// Looks at the page in every way there is; `name` is what its pictures are called.
    ///
    /// # Panics
    /// With what is wrong with it.
    pub async fn looks_at(&self, name: &str) -> WebDriverResult<()> {
        for look in Look::ALL {
            let Look {
                scheme,
                width,
                height,
            } = look;
            let device = json!({
                "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
            });
            self.devtools("Emulation.setDeviceMetricsOverride", device)
                .await?;
            let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            self.devtools("Emulation.setEmulatedMedia", media).await?;
            if let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) {
                let file = folder.join(format!("{name}-{scheme}-{width}.png"));
                let picture = self.picture().await?;
                fs::create_dir_all(&folder)
                    .and_then(|()| fs::write(&file, picture))
                    .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            }
            let faults = self.faults().await?;
            assert!(
                faults.is_empty(),
                "{name}, {scheme}, {width} wide: {faults:#?}"
            );
        }
        Ok(())
    }

    /// What keeps people from reading or using the page, as sentences.
    pub async fn faults(&self) -> WebDriverResult<Vec<String>> {
        let faults = self.run(FAULTS).await?;
        let faults = faults.as_array().into_iter().flatten();
        Ok(faults
            .filter_map(|fault| fault.as_str().map(str::to_owned))
            .collect())
    }
}
