#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod link;
mod listing;
mod store;
mod stored;
mod trouble;

pub use builder::Builder;
pub use store::RedisStore;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_type_crosses_threads() {
        fn crosses<T: Send + Sync>() {}
        crosses::<Builder>();
        crosses::<RedisStore>();
    }
}
