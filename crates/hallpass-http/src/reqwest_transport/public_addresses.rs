//! Looking a name up, and forgetting the addresses that strangers must not have this machine connect to.

use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use hallpass_grant::Reach;

/// What a resolver answers, without the addresses that are not on the Internet. It is asked once for each connection, so that nothing else can be
/// connected to than what was looked at.
pub(super) struct PublicAddresses(pub(super) Arc<dyn Resolve>);

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let resolving = self.0.resolve(name);
        Box::pin(async move {
            let is_public =
                |address: &std::net::SocketAddr| Reach::of(address.ip()) == Reach::Global;
            let public: Vec<_> = resolving.await?.filter(is_public).collect();
            match public.is_empty() {
                true => Err("the server's name leads to no address on the Internet".into()),
                false => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// The operating system's resolver.
pub(super) struct OperatingSystem;

impl Resolve for OperatingSystem {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr, TcpListener};

    use hallpass_grant::{Endpoint, Lost, Request};

    use super::*;
    use crate::{ReqwestTransport, Transport, TransportErrorKind};

    /// A resolver that somebody else has a say in.
    struct Answers(&'static [&'static str]);

    impl Resolve for Answers {
        fn resolve(&self, _: Name) -> Resolving {
            let parsed = self.0.iter().map(|address| address.parse::<IpAddr>());
            let addresses: Vec<_> = parsed.map(|ip| SocketAddr::new(ip.unwrap(), 0)).collect();
            Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
        }
    }

    #[tokio::test]
    async fn a_name_leads_to_its_public_addresses_alone() {
        let kept = async |addresses| {
            let resolver = PublicAddresses(Arc::new(Answers(addresses)));
            let resolved = resolver.resolve("op.example".parse().unwrap()).await;
            resolved.map_or(Vec::new(), |kept| {
                kept.map(|kept| kept.ip().to_string()).collect()
            })
        };
        assert_eq!(
            kept(&["127.0.0.1", "10.0.0.1", "::1", "fe80::1"]).await,
            [""; 0]
        );
        assert_eq!(kept(&["::ffff:127.0.0.1", "64:ff9b::a00:1"]).await, [""; 0]);
        assert_eq!(kept(&[]).await, [""; 0]);
        assert_eq!(
            kept(&["10.0.0.1", "1.1.1.1", "127.0.0.1"]).await,
            ["1.1.1.1"]
        );
    }

    #[tokio::test]
    async fn nothing_here_is_connected_to_whatever_a_name_leads_to_or_an_address_says() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let builder = ReqwestTransport::builder().public_addresses_only();
        let transport = builder
            .looking_up_with(Arc::new(Answers(&["127.0.0.1", "10.0.0.1"])))
            .build()
            .unwrap();
        for (host, kind) in [
            ("op.example", TransportErrorKind::Connect),
            ("127.0.0.1", TransportErrorKind::InvalidRequest),
            ("localhost", TransportErrorKind::InvalidRequest),
            ("[::1]", TransportErrorKind::InvalidRequest),
            ("10.0.0.1", TransportErrorKind::InvalidRequest),
        ] {
            let endpoint = Endpoint::new(format!("https://{host}:{port}/")).unwrap();
            let error = transport.send(Request::get(endpoint)).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.lost()),
                (kind, Lost::NotSent),
                "{host}"
            );
        }
        assert!(listener.accept().is_err());
    }
}
