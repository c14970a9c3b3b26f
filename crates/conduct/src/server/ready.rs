//! How a server is known to be ready.

use crate::fetch::Fetch;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;
use url::Url;

/// What tells that a server is ready, and before it is started that something else is in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// This path of the default target, or this URL, answers 2xx.
    Answers(String),
    /// Somebody listens at this URL.
    Listens(String),
}

impl Ready {
    /// Where it is looked at.
    pub(super) fn place(&self) -> &str {
        let (Self::Answers(place) | Self::Listens(place)) = self;
        place
    }

    /// What is seen there: `Ok` with a sentence if a server is ready, `Err` with the end of one if not.
    pub(super) fn look(&self, fetch: &dyn Fetch, timeout: Duration) -> Result<String, String> {
        match self {
            Self::Answers(place) => match fetch.get(place, timeout) {
                Ok(answer) if answer.is_success() => {
                    Ok(format!("{place} answered {}", answer.status))
                }
                Ok(answer) => Err(format!("answered {}", answer.status)),
                Err(problem) => Err(format!("did not answer ({problem})")),
            },
            Self::Listens(url) if is_open(url, timeout) => {
                Ok(format!("something listened at {url}"))
            }
            Self::Listens(_) => Err("had nobody listening".to_owned()),
        }
    }
}

fn is_open(url: &str, timeout: Duration) -> bool {
    let addresses = || {
        let url = Url::parse(url).ok()?;
        let port = url.port_or_known_default()?;
        // An address in brackets is none for the resolver.
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        (host.as_str(), port).to_socket_addrs().ok()
    };
    let mut addresses = addresses().into_iter().flatten();
    addresses.any(|address| TcpStream::connect_timeout(&address, timeout).is_ok())
}
