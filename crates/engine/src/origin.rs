//! Where requests may go: the origins named by the scenario, and nothing else.

use url::Url;

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) https: bool,
    /// Host name or address; IPv6 without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an `http` or `https` URL; `None` for anything else.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        let https = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let host = match url.host()? {
            url::Host::Domain(name) => name.to_owned(),
            url::Host::Ipv4(address) => address.to_string(),
            url::Host::Ipv6(address) => address.to_string(),
        };
        Some(Self {
            https,
            host,
            port: url.port_or_known_default()?,
        })
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    fn has_default_port(&self) -> bool {
        self.port == if self.https { 443 } else { 80 }
    }

    /// `host[:port]` as it stands in a Host header.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.has_default_port() {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// Whether `other` is the same service: the same origin, or the same host reached by the other
    /// scheme, both on their default ports (the usual redirect from http to https).
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self == other
            || (self.host == other.host && self.has_default_port() && other.has_default_port())
    }

    /// Whether what was given for this origin in confidence may go to `other`: the same origin, or the same
    /// host by https where it was http, both on their default ports. Never the other way round.
    pub(crate) fn trusts(&self, other: &Self) -> bool {
        self == other || (other.https && self.covers(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Origin {
        Origin::of(&Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn authorities_leave_out_default_ports_and_bracket_ipv6() {
        assert_eq!(origin("http://shop.example/").authority(), "shop.example");
        assert_eq!(
            origin("https://shop.example:443/").authority(),
            "shop.example"
        );
        assert_eq!(
            origin("https://shop.example:80/").authority(),
            "shop.example:80"
        );
        assert_eq!(origin("http://[::1]:8080/").authority(), "[::1]:8080");
    }

    #[test]
    fn another_port_of_the_same_host_is_another_service() {
        let shop = origin("http://shop.example/");
        assert!(shop.covers(&origin("https://shop.example/")));
        assert!(!shop.covers(&origin("http://shop.example:8080/")));
        assert!(!shop.covers(&origin("http://pay.example/")));
        assert!(!origin("http://127.0.0.1:1/").covers(&origin("http://127.0.0.1:2/")));
    }

    #[test]
    fn credentials_go_to_the_same_origin_or_up_to_https() {
        let shop = origin("http://shop.example/");
        assert!(shop.trusts(&shop));
        assert!(shop.trusts(&origin("https://shop.example/")));
        assert!(!origin("https://shop.example/").trusts(&shop));
        assert!(!shop.trusts(&origin("https://shop.example:8443/")));
        assert!(!shop.trusts(&origin("https://pay.example/")));
        assert!(!origin("http://127.0.0.1:1/").trusts(&origin("http://127.0.0.1:2/")));
    }
}
