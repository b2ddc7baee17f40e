#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod cause;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod lease;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod row;
mod settings;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use settings::Settings;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_type_crosses_threads() {
        fn crosses<T: Send + Sync>() {}
        crosses::<Settings>();
        #[cfg(feature = "postgres")]
        crosses::<PostgresStore>();
        #[cfg(feature = "sqlite")]
        crosses::<SqliteStore>();
    }
}
