//! Where things are, and what was asked for in general.

use std::env;
use std::path::{Path, PathBuf};

use hallpass::SessionError;
use hallpass::store::FileStore;

use crate::arguments::Common;
use crate::config::Config;
use crate::error::Failure;
use crate::exit::Exit;
use crate::name::Name;
use crate::output::Output;
use crate::receivers::Receivers;
use crate::settings::Settings;
use crate::stored::nobody;

/// Where things are, and what was asked for in general: what every command is given.
pub(crate) struct Context {
    /// Where to say things.
    pub(crate) output: Output,
    /// Which session.
    pub(crate) name: Name,
    /// Whether the command line says which, and not the environment or nobody.
    pub(crate) is_named: bool,
    config: ConfigFile,
    store: Option<PathBuf>,
}

#[derive(Clone)]
enum ConfigFile {
    /// It was named, and has to be there.
    Named(PathBuf),
    /// It is looked for, and may be missing.
    Usual,
}

impl Context {
    pub(crate) fn new(common: &Common, output: Output) -> Result<Self, Failure> {
        Ok(Self {
            output,
            name: common.profile.clone().unwrap_or_default(),
            is_named: common.profile.as_ref().is_some_and(|name| {
                env::var_os("HALLPASS_PROFILE").is_none_or(|own| own != name.as_str())
            }),
            config: match &common.config {
                Some(path) => ConfigFile::Named(path.clone()),
                None => ConfigFile::Usual,
            },
            store: common.store.clone(),
        })
    }

    /// The same for another session.
    pub(crate) fn named(&self, name: Name) -> Self {
        Self {
            output: self.output,
            name,
            is_named: true,
            config: self.config.clone(),
            store: self.store.clone(),
        }
    }

    /// The folder that sessions are kept in.
    pub(crate) fn store_folder(&self) -> Result<PathBuf, Failure> {
        match &self.store {
            Some(folder) => Ok(folder.clone()),
            None => Ok(xdg("XDG_STATE_HOME", ".local/state")?.join("hallpass/sessions")),
        }
    }

    /// The store that sessions are kept in.
    pub(crate) fn store(&self) -> Result<FileStore, Failure> {
        Ok(FileStore::open(self.store_folder()?)?)
    }

    /// The profile of the session's name in the configuration; an empty one if there is none.
    pub(crate) fn profile(&self) -> Result<Settings, Failure> {
        Ok(self.config()?.profile(&self.name))
    }

    /// The names of sessions that somebody has written down.
    pub(crate) fn known_names(&self) -> Vec<Name> {
        // A configuration that is wrong is told by those who need it.
        let config = self.config().unwrap_or_default();
        let own = [Name::default(), self.name.clone()];
        own.into_iter().chain(config.names()).collect()
    }

    /// Whom tokens may be given to.
    pub(crate) fn receivers(&self) -> Result<Receivers, Failure> {
        Ok(self.config()?.receivers())
    }

    /// Why a session has no token to give, in the session's name.
    pub(crate) fn session(&self, error: SessionError) -> Failure {
        let failure = Failure::from(error);
        match failure.exit() {
            Exit::NotLoggedIn => nobody(&self.name),
            Exit::LoginAgain => failure.next(format!("hallpass login{}", self.name.option())),
            _ => failure,
        }
    }

    fn config(&self) -> Result<Config, Failure> {
        match &self.config {
            ConfigFile::Named(path) => Config::read(path)?.ok_or_else(|| {
                Failure::usage(format!("there is no configuration file {}", path.display()))
                    .next("name one that is there, or leave --config and HALLPASS_CONFIG out")
            }),
            ConfigFile::Usual => {
                let path = xdg("XDG_CONFIG_HOME", ".config")?.join("hallpass/config.toml");
                Ok(Config::read(&path)?.unwrap_or_default())
            }
        }
    }
}

/// A folder of the XDG base directories: what the variable says if it is absolute, else the usual one in the user's home.
fn xdg(variable: &str, usual: &str) -> Result<PathBuf, Failure> {
    let named = env::var_os(variable).map(PathBuf::from);
    if let Some(folder) = named.filter(|folder| folder.is_absolute()) {
        return Ok(folder);
    }
    let home = env::home_dir().filter(|home| home.as_path() != Path::new(""));
    let home = home.ok_or_else(|| {
        Failure::usage("nothing says where your home folder is")
            .next(format!("set HOME or {variable}"))
    })?;
    Ok(home.join(usual))
}
