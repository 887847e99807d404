//! Where a host is.
//!
//! Owns: which addresses are one, and how names and values stand in a path or
//! a query. Must not know: what is asked for there.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use ureq::http::Uri;

/// Where a host is: `http://NAME:PORT`, with nothing behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// Where a program on this machine finds who listens there; none where it
    /// is listened at an address of a network only.
    pub(crate) fn on_this_machine(listening: SocketAddr) -> Option<Self> {
        let ip = match listening.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let address = SocketAddr::new(ip, listening.port());
        ip.is_loopback().then(|| Self(format!("http://{address}")))
    }

    /// Whether nothing leaves this machine on the way there. A name is asked of
    /// others, so it is none.
    pub(crate) fn is_on_this_machine(&self) -> bool {
        let uri: Option<Uri> = self.0.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for Address {
    type Err = &'static str;

    /// What is wrong is told without the address, which may hold a password.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text
            .parse()
            .map_err(|_| "write it as http://127.0.0.1:7878")?;
        if uri.scheme_str() != Some("http") {
            return Err("a host speaks http: write it as http://127.0.0.1:7878");
        }
        let authority = uri.authority().ok_or("it names no host")?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err("it names a host and a port; the token comes from LOMBARD_TOKEN");
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err("it ends with the port: the host's own paths follow");
        }
        Ok(Self(format!("http://{authority}")))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text as it stands in a path or a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_http_and_end_with_the_port() {
        let read = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        assert_eq!(
            read("http://127.0.0.1:7878/").as_deref(),
            Ok("http://127.0.0.1:7878")
        );
        assert_eq!(
            read("http://desk.example").as_deref(),
            Ok("http://desk.example")
        );
        for bad in [
            "",
            "127.0.0.1:7878",
            "https://127.0.0.1:7878",
            "file:///etc/passwd",
            "http://",
            "http://me:secret@127.0.0.1:7878",
            "http://127.0.0.1:7878/api",
            "http://127.0.0.1:7878/?a=b",
            "http://a b",
        ] {
            let fault = read(bad).expect_err(bad);
            assert!(!fault.contains("secret"), "{fault}");
        }
    }

    #[test]
    fn only_a_number_is_surely_on_this_machine() {
        let is = |text: &str| text.parse::<Address>().unwrap().is_on_this_machine();
        for local in ["http://127.0.0.1:1", "http://127.9.9.9:1", "http://[::1]:1"] {
            assert!(is(local), "{local}");
        }
        for other in [
            "http://localhost:1",
            "http://127.0.0.1.evil.example:1",
            "http://10.0.0.1:1",
            "http://0.0.0.0:1",
        ] {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn who_listens_everywhere_is_found_on_this_machine() {
        let at = |text: &str| {
            let address = Address::on_this_machine(text.parse().unwrap());
            address.map(|address| address.to_string())
        };
        assert_eq!(at("0.0.0.0:80").as_deref(), Some("http://127.0.0.1:80"));
        assert_eq!(at("[::]:80").as_deref(), Some("http://[::1]:80"));
        assert_eq!(at("127.0.0.2:80").as_deref(), Some("http://127.0.0.2:80"));
        assert_eq!(at("192.0.2.1:80"), None);
    }

    #[test]
    fn nothing_in_a_name_leads_elsewhere() {
        assert_eq!(encoded("a-1.b_~"), "a-1.b_~");
        assert_eq!(encoded("../é?&="), "..%2F%C3%A9%3F%26%3D");
    }
}
