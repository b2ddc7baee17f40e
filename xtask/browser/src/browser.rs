//! A browser with a user before it.

use std::{
    env, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{
    BrowserCapabilitiesHelper, By, CapabilitiesHelper, ChromiumLikeCapabilities, Cookie,
    DesiredCapabilities, WebDriver, WebElement, error::WebDriverResult,
};

use crate::Sent;

/// Where the chromedriver is, as `cargo xtask test browser` says.
const DRIVER: &str = "HALLPASS_CHROMEDRIVER";
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // The browser ends with the driver, however that ends.
    "--remote-debugging-pipe",
];
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A Chromium with an empty profile. It ends when this is dropped; [`close`](Self::close) says so in time.
#[derive(Debug)]
pub struct Browser {
    // Before the profile, so that it is dropped before.
    driver: WebDriver,
    profile: TempDir,
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As browsers come.
    On,
    /// As careful people have them.
    Off,
}

/// What a browser leaves on the disk.
#[derive(Debug)]
pub struct Profile(TempDir);

impl Browser {
    /// Opens one.
    ///
    /// # Panics
    /// Without a chromedriver.
    pub async fn open(scripts: Scripts) -> Self {
        Self::with_hosts(scripts, "").await
    }

    /// Opens one that finds this host at this address, and believes whatever certificate it shows: `app.example:443` at `127.0.0.1:4711`.
    ///
    /// # Panics
    /// Without a chromedriver.
    pub async fn open_where(host: &str, address: SocketAddr) -> Self {
        Self::with_hosts(Scripts::On, &format!("MAP {host} {address}")).await
    }

    async fn with_hosts(scripts: Scripts, hosts: &str) -> Self {
        let server = env::var(DRIVER);
        let server = server.expect("a chromedriver: run `cargo xtask test browser`");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let profile = TempDir::new().expect("a folder for the profile");
        let capabilities = capabilities(profile.path(), scripts, hosts).expect("capabilities");
        let client = reqwest::Client::builder().no_proxy().timeout(3 * PATIENCE);
        let client = client.build().expect("an HTTP client");
        let driver = WebDriver::builder(server, capabilities).client(client);
        let driver = driver.connect().await.expect("a chromium to drive");
        Self { driver, profile }
    }

    /// Types an address.
    pub async fn goto(&self, url: &str) -> WebDriverResult<()> {
        self.driver.goto(url).await
    }

    /// Presses a button or follows a link, by its CSS selector.
    pub async fn click(&self, selector: &str) -> WebDriverResult<()> {
        self.element(selector).await?.click().await
    }

    /// Types into a field.
    pub async fn type_into(&self, selector: &str, text: &str) -> WebDriverResult<()> {
        self.element(selector).await?.send_keys(text).await
    }

    /// The button that goes back.
    pub async fn back(&self) -> WebDriverResult<()> {
        self.driver.back().await
    }

    /// The button that goes forward again.
    pub async fn forward(&self) -> WebDriverResult<()> {
        self.driver.forward().await
    }

    /// The button that loads again.
    pub async fn reload(&self) -> WebDriverResult<()> {
        self.driver.refresh().await
    }

    /// What stands in the address line.
    pub async fn address(&self) -> WebDriverResult<String> {
        Ok(self.driver.current_url().await?.to_string())
    }

    /// What the page says, as a user sees it.
    pub async fn text(&self) -> WebDriverResult<String> {
        self.element("body").await?.text().await
    }

    /// The source of the page as it now is.
    pub async fn source(&self) -> WebDriverResult<String> {
        self.driver.source().await
    }

    /// Waits until the page says this.
    ///
    /// # Panics
    /// With what the page says instead, after ten seconds.
    pub async fn reads(&self, words: &str) {
        let begun = Instant::now();
        loop {
            // Between two pages there is nothing to read.
            let text = self.text().await.unwrap_or_default();
            if text.contains(words) {
                return;
            }
            let address = self.address().await.unwrap_or_default();
            assert!(
                begun.elapsed() < PATIENCE,
                "the page never said {words:?}; it says {text:?} at {address}"
            );
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Logs in at the test kit's page and comes to the consent page.
    pub async fn logs_in_as(&self, name: &str, password: &str) -> WebDriverResult<()> {
        self.reads("wants to use your account").await;
        self.type_into("#username", name).await?;
        self.type_into("#password", password).await?;
        self.click("button.main").await?;
        self.reads("Allow access?").await;
        Ok(())
    }

    /// Presses `Allow` there.
    pub async fn allows(&self) -> WebDriverResult<()> {
        self.click("button[value=allow]").await
    }

    /// Presses `Deny` there.
    pub async fn denies(&self) -> WebDriverResult<()> {
        self.click("button[value=deny]").await
    }

    /// Runs a script in the page; it returns JSON.
    pub async fn run(&self, script: &str) -> WebDriverResult<Value> {
        Ok(self
            .driver
            .execute(script, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// The addresses that the buttons back and forward lead to, and the one between them.
    pub async fn history(&self) -> WebDriverResult<Vec<String>> {
        let history = self
            .devtools("Page.getNavigationHistory", json!({}))
            .await?;
        let entries = history["entries"].as_array().cloned().unwrap_or_default();
        let addresses = entries.iter().filter_map(|entry| entry["url"].as_str());
        Ok(addresses.map(str::to_owned).collect())
    }

    /// What was sent since this was asked last.
    pub async fn sent(&self) -> WebDriverResult<Vec<Sent>> {
        let log = self.driver.get_log("performance").await?;
        Ok(log
            .iter()
            .filter_map(|entry| Sent::read(&entry.message))
            .collect())
    }

    /// What the console complains of since this was asked last.
    pub async fn complaints(&self) -> WebDriverResult<Vec<String>> {
        let log = self.driver.get_log("browser").await?;
        Ok(log.into_iter().map(|entry| entry.message).collect())
    }

    /// The cookies that go to the page's host.
    pub async fn cookies(&self) -> WebDriverResult<Vec<Cookie>> {
        self.driver.get_all_cookies().await
    }

    /// A command of DevTools.
    pub async fn devtools(&self, command: &str, parameters: Value) -> WebDriverResult<Value> {
        self.driver.cdp().send_raw(command, parameters).await
    }

    /// The page as a picture (PNG).
    pub async fn picture(&self) -> WebDriverResult<Vec<u8>> {
        self.driver.screenshot_as_png().await
    }

    /// Ends it, and returns what it leaves on the disk.
    pub async fn close(self) -> WebDriverResult<Profile> {
        self.driver.quit().await?;
        Ok(Profile(self.profile))
    }

    /// Waits until it is there.
    async fn element(&self, selector: &str) -> WebDriverResult<WebElement> {
        let begun = Instant::now();
        loop {
            match self.driver.find(By::Css(selector)).await {
                Err(_) if begun.elapsed() < PATIENCE => tokio::time::sleep(BETWEEN_LOOKS).await,
                found => return found,
            }
        }
    }
}

fn capabilities(
    profile: &Path,
    scripts: Scripts,
    hosts: &str,
) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    if !hosts.is_empty() {
        capabilities.add_arg(&format!("--host-resolver-rules={hosts}"))?;
        capabilities.accept_insecure_certs(true)?;
    }
    if scripts == Scripts::Off {
        let preferences = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.set_browser_option("prefs", preferences)?;
    }
    let logs = json!({"browser": "ALL", "performance": "ALL"});
    capabilities.as_mut().set("goog:loggingPrefs", logs)?;
    Ok(capabilities)
}

impl Profile {
    /// The files in which this text stands, as it is or with two bytes for a character; their paths within the profile.
    ///
    /// # Errors
    /// What the disk says.
    pub fn files_with(&self, text: &str) -> io::Result<Vec<PathBuf>> {
        let narrow = text.as_bytes().to_vec();
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut found = Vec::new();
        search(self.0.path(), &[narrow, wide], &mut found)?;
        let within = |path: &PathBuf| path.strip_prefix(self.0.path()).map(Path::to_owned);
        Ok(found.iter().flat_map(within).collect())
    }
}

fn search(folder: &Path, texts: &[Vec<u8>], found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            search(&path, texts, found)?;
        } else if kind.is_file() {
            let bytes = fs::read(&path)?;
            let has = |text: &Vec<u8>| bytes.windows(text.len()).any(|part| part == text);
            if texts.iter().any(has) {
                found.push(path);
            }
        }
    }
    Ok(())
}
