//! A real provider of our own, with TLS and certificates that are made here: `xtask/provider/server.mjs --tls`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tempfile::{NamedTempFile, TempDir};

/// One for all tests: it ends with this process, which holds its standard input.
pub(crate) static PROVIDER: LazyLock<Provider> = LazyLock::new(Provider::start);

pub(crate) struct Provider {
    pub(crate) issuer: String,
    folder: TempDir,
    _server: Mutex<Child>,
}

fn variable(name: &str) -> PathBuf {
    let value = std::env::var_os(name).unwrap_or_else(|| {
        panic!("{name} is not set: run these tests with `cargo xtask test provider`, which has the provider installed")
    });
    value.into()
}

impl Provider {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let mut server = Command::new(variable("HALLPASS_NODE"))
            .args(["server.mjs", "--key"])
            .arg(folder.path().join("key.pem"))
            .arg("--tls")
            .arg(folder.path())
            .current_dir(variable("HALLPASS_PROVIDER_FOLDER"))
            // It tells our endpoints of logouts.
            .env("NODE_EXTRA_CA_CERTS", folder.path().join("ca.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("server.log")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let issuer = lines.find_map(|line| Some(line.unwrap().strip_prefix("ready ")?.to_owned()));
        Self {
            issuer: issuer.expect("the provider says when it is ready"),
            folder,
            _server: Mutex::new(server),
        }
    }

    /// A file of what was made for it, as text for a command line.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A file with this text, which is never there in part: other tests read it meanwhile.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let mut file = NamedTempFile::new_in(self.folder.path()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.persist(self.folder.path().join(name)).unwrap();
        self.file(name)
    }
}

/// An authority, and what it signs: the server, and a client. Another client signs itself.
fn certificates(folder: &Path) {
    let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority
        .distinguished_name
        .push(DnType::CommonName, "the tests' authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    write("ca.pem", authority.pem());

    let signed = |name: &str, params: CertificateParams| {
        let key = KeyPair::generate().unwrap();
        write(
            &format!("{name}.pem"),
            params.signed_by(&key, &authority).unwrap().pem(),
        );
        write(&format!("{name}.key"), key.serialize_pem());
    };
    let hosts = ["localhost", "127.0.0.1"].map(str::to_owned);
    signed("server", CertificateParams::new(hosts).unwrap());
    signed("hallpass-openid-mtls", named("hallpass-openid-mtls"));

    let key = KeyPair::generate().unwrap();
    write(
        "self-signed.pem",
        named("nobody knows it").self_signed(&key).unwrap().pem(),
    );
    write("self-signed.key", key.serialize_pem());
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
