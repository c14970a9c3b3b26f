//! Whose machine is about to be loaded? A mistyped URL must not turn into an attack.

use crate::error::EngineError;
use crate::origin::Origin;
use crate::resolve::{look_up, overriding};
use plimsoll_scenario::{Address, Scenario};
use std::net::IpAddr;

/// How far a target is, by the addresses that it resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every target is on this machine or a private network, or was allowed by name.
    Nearby,
    /// These hosts are public and nobody said that they may be loaded.
    Public(Vec<String>),
}

/// Resolves every target and says whether all of them may be loaded. `allowed` are the hosts
/// named on the command line; the scenario's own `allow:` list is honoured too.
///
/// # Errors
/// A name that does not resolve, or a runtime that cannot be set up.
pub fn check_reach(scenario: &Scenario, allowed: &[String]) -> Result<Reach, EngineError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut public = Vec::new();
    for target in &scenario.targets {
        let Address::Url(url) = &target.address else {
            continue;
        };
        let Some(origin) = Origin::of(url) else {
            return Err(EngineError::Target {
                target: target.name.clone(),
                problem: format!("`{url}` is not an http or https URL with a host"),
            });
        };
        let fixed = overriding(&target.resolve, &origin.host, origin.port);
        let addresses: Vec<IpAddr> = match (origin.host.parse(), fixed) {
            (Ok(address), _) => vec![address],
            (_, Some(fixed)) => fixed.addresses.clone(),
            _ => runtime
                .block_on(look_up(&origin.host))
                .map_err(|problem| EngineError::Unresolved {
                    target: target.name.clone(),
                    host: origin.host.clone(),
                    problem,
                })?
                .to_vec(),
        };
        let named = |list: &[String]| {
            list.iter()
                .any(|name| name.eq_ignore_ascii_case(&origin.host) || *name == origin.authority())
        };
        if !addresses.iter().copied().all(is_nearby)
            && !named(allowed)
            && !named(&scenario.allow)
            && !public.contains(&origin.host)
        {
            public.push(origin.host);
        }
    }
    Ok(if public.is_empty() {
        Reach::Nearby
    } else {
        Reach::Public(public)
    })
}

/// Whether an address is loopback, private (RFC 1918), link-local, or unique-local (RFC 4193).
pub fn is_nearby(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_private_networks_are_nearby() {
        for near in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_nearby(near.parse().unwrap()), "{near}");
        }
        for far in [
            "8.8.8.8",
            "172.32.0.1",
            "100.64.0.1",
            "2606:4700::1111",
            "0.0.0.0",
            "::ffff:8.8.8.8",
        ] {
            assert!(!is_nearby(far.parse().unwrap()), "{far}");
        }
    }
}
