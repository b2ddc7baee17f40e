//! How far away an address is: this machine, this network, or the Internet.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// From where an address can be reached. The nearer, the less: what a stranger names is to be no nearer than the stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// This machine alone.
    ThisMachine,
    /// This machine's network, or nobody that a single address could mean: private, shared (RFC 6598), link-local, unique local, multicast, for
    /// documentation, reserved.
    Local,
    /// Everybody.
    Global,
}

impl Reach {
    /// That of an address, by the special-purpose registries (RFC 6890). An IPv6 address that a translator makes an IPv4 one of (mapped, NAT64,
    /// 6to4) reaches as far as that.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_ipv4(address),
            IpAddr::V6(address) => Self::of_ipv6(address),
        }
    }

    /// That of a lower-case host name, as far as a name tells: where it leads, the resolver alone knows.
    ///
    /// This machine's are `localhost` with all below it (RFC 6761 §6.3), and what hosts files call it. Local are `local` (RFC 6762 §3),
    /// `home.arpa` (RFC 8375) and `internal` (kept for this by ICANN) with all below them, and names of one label, which each network
    /// completes for itself.
    pub fn of_name(name: &str) -> Self {
        let is_below = |parent: &str| {
            let rest = name.strip_suffix(parent);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if is_below("localhost") || THIS_MACHINE.contains(&name) {
            return Self::ThisMachine;
        }
        match !name.contains('.') || LOCAL.into_iter().any(is_below) {
            true => Self::Local,
            false => Self::Global,
        }
    }

    fn of_ipv4(address: Ipv4Addr) -> Self {
        match address.octets() {
            // What operating systems take for themselves.
            [0, 0, 0, 0] | [127, ..] => Self::ThisMachine,
            [0 | 10, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..] => Self::Local,
            _ => Self::Global,
        }
    }

    fn of_ipv6(address: Ipv6Addr) -> Self {
        let ipv4 = |high: u16, low: u16| {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Self::of_ipv4(Ipv4Addr::new(a, b, c, d))
        };
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Self::ThisMachine,
            // Compatible, mapped (RFC 4291 §2.5.5), translated (RFC 2765 §2.1), NAT64 (RFC 6052 §2.1, RFC 8215).
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
            | [0, 0, 0, 0, 0xffff, 0, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => ipv4(high, low),
            [0x64, 0xff9b, 1, .., high, low] => ipv4(high, low).min(Self::Local),
            // 6to4 (RFC 3056 §2).
            [0x2002, high, low, ..] => ipv4(high, low),
            // Protocol assignments with Teredo, and documentation.
            [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Self::Local,
            [0x2000..=0x3fff, ..] => Self::Global,
            _ => Self::Local,
        }
    }
}

/// What the hosts files of operating systems call this machine, beside `localhost`.
const THIS_MACHINE: [&str; 7] = [
    "localhost.localdomain",
    "localhost4",
    "localhost4.localdomain4",
    "localhost6",
    "localhost6.localdomain6",
    "ip6-localhost",
    "ip6-loopback",
];

const LOCAL: [&str; 3] = ["local", "home.arpa", "internal"];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Reach {
        Reach::of(address.parse().unwrap())
    }

    #[test]
    fn addresses_are_as_far_away_as_the_registries_say() {
        for address in [
            "127.0.0.1",
            "127.255.255.255",
            "0.0.0.0",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b:1::127.0.0.1",
            "2002:7f00:1::",
        ] {
            assert_eq!(of(address), Reach::ThisMachine, "{address}");
        }
        for address in [
            "0.0.0.1",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
        ] {
            assert_eq!(of(address), Reach::Local, "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
        ] {
            assert_eq!(of(address), Reach::Global, "{address}");
        }
    }

    #[test]
    fn names_say_as_much_as_names_can() {
        for (name, reach) in [
            ("localhost", Reach::ThisMachine),
            ("a.localhost", Reach::ThisMachine),
            ("localhost.localdomain", Reach::ThisMachine),
            ("localhost6", Reach::ThisMachine),
            ("ip6-localhost", Reach::ThisMachine),
            ("ip6-loopback", Reach::ThisMachine),
            ("intranet", Reach::Local),
            ("printer.local", Reach::Local),
            ("router.home.arpa", Reach::Local),
            ("metadata.google.internal", Reach::Local),
            ("internal", Reach::Local),
            ("example.com", Reach::Global),
            ("localhost.example", Reach::Global),
            ("notlocalhost.example", Reach::Global),
            ("op.notlocal", Reach::Global),
            ("local.example", Reach::Global),
        ] {
            assert_eq!(Reach::of_name(name), reach, "{name}");
        }
        assert!(Reach::ThisMachine < Reach::Local && Reach::Local < Reach::Global);
    }
}
