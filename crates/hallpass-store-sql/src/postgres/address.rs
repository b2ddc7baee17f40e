//! The server's address, and whether it has to prove itself.

use std::{env, net::IpAddr};

use hallpass_store::{StoreError, StoreErrorKind};
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

/// What the driver knows. It passes over the others and writes them to the log.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

pub(super) fn read(address: &str) -> Result<PgConnectOptions, StoreError> {
    if !address.starts_with("postgres://") && !address.starts_with("postgresql://") {
        return Err(wrong("the address does not begin with postgres://"));
    }
    let parameters = parameters(address);
    let is_known = |name: &&str| PARAMETERS.contains(name) || name.starts_with("options[");
    if !parameters.iter().all(is_known) {
        return Err(wrong(
            "the address has a parameter that is not known (perhaps a mistyped one)",
        ));
    }
    let options: PgConnectOptions = address
        .parse()
        .map_err(|_| wrong("the address is not one of a PostgreSQL server"))?;
    let is_said = parameters
        .iter()
        .any(|name| matches!(*name, "sslmode" | "ssl-mode"))
        || env::var_os("PGSSLMODE").is_some();
    let options = match is_said || is_here(&options) {
        true => options,
        false if cfg!(feature = "tls") => options.ssl_mode(PgSslMode::VerifyFull),
        false => {
            return Err(StoreError::new(
                StoreErrorKind::Refused,
                "the server is on another machine and this was built without the feature `tls`: switch it on, \
                 or add sslmode=disable to the address where nobody else is on the network",
            ));
        }
    };
    Ok(options.disable_statement_logging())
}

/// The names in the query.
fn parameters(address: &str) -> Vec<&str> {
    let address = address
        .split_once('#')
        .map_or(address, |(address, _)| address);
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
        .collect()
}

/// Whether the server is on this machine: a socket, or an address of it.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse().is_ok_and(|host: IpAddr| host.is_loopback())
}

fn wrong(message: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Other, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_parameter_is_refused_and_not_repeated() {
        for query in [
            "ssl_mode=canary",
            "sslmode=disable&pasword=canary",
            "canary",
        ] {
            let error = read(&format!("postgres://u:canary@localhost/db?{query}")).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Other);
            assert!(!format!("{error:?} {error}").contains("canary"));
        }
    }

    #[test]
    fn what_is_no_address_is_not_repeated() {
        for address in [
            "canary",
            "postgres://u:canary@h:port/",
            "mysql://u:canary@localhost/",
            "",
        ] {
            let error = read(address).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Other, "{error}");
            assert!(!format!("{error:?} {error}").contains("canary"));
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn a_server_on_another_machine_has_to_prove_itself_unless_told_otherwise() {
        let mode = |address: &str| format!("{:?}", read(address).unwrap().get_ssl_mode());
        assert_eq!(mode("postgres://u@db.example/d"), "VerifyFull");
        assert_eq!(mode("postgres://u@192.0.2.1/d"), "VerifyFull");
        assert_eq!(
            mode("postgres://u@localhost/d?host=db.example"),
            "VerifyFull"
        );
        assert_eq!(mode("postgres://u@db.example/d?sslmode=require"), "Require");
        for here in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://u@{here}/d")), "Prefer", "{here}");
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn a_server_on_another_machine_is_refused_without_tls_unless_told_otherwise() {
        let error = read("postgres://u@db.example/d").unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        for fine in [
            "postgres://u@db.example/d?sslmode=disable",
            "postgres://u@localhost/d",
            "postgres://u@127.0.0.1/d",
            "postgres://u@[::1]/d",
            "postgres://u@%2Frun%2Fpostgresql/d",
        ] {
            assert!(read(fine).is_ok(), "{fine}");
        }
    }
}
