//! `plimsoll hit`: one URL under load, without a file. It is a scenario of one step.

use crate::args::{Hit, Http, Output};
use crate::drive::{self, Job};
use crate::failure::Failure;
use crate::load;
use plimsoll_scenario::{Connections, HitOptions, HttpVersion, Load, Masker, Resolve, Scenario};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

/// What is driven when nothing is said: as few users as a closed loop makes sense with.
const USUAL: Load = Load::Closed {
    users: 10,
    pacing: None,
    duration: Some(Duration::from_secs(10)),
    iterations: None,
};

/// Hits a URL and returns the exit code of the verdict.
pub(crate) fn hit(hit: &Hit, output: &Output) -> Result<u8, Failure> {
    let mut scenario = Scenario::single(options(hit)?).map_err(|problems| {
        Failure::Usage(problems.render(crate::terminal::colored_messages(output)))
    })?;
    hide_credentials(&mut scenario, hit);
    load::amend(&mut scenario, &hit.load)?;
    let load = load::resolve(&hit.load, None, Some(USUAL))?;
    drive::drive(
        Job {
            scenario,
            load,
            arguments: &hit.load,
        },
        output,
    )
}

/// Keeps credentials of the command line out of everything that is written: values of headers that
/// carry them, and of query parameters whose names say so.
fn hide_credentials(scenario: &mut Scenario, hit: &Hit) {
    let mut hidden = Vec::new();
    for (name, value) in hit
        .header
        .iter()
        .filter_map(|header| header.split_once(':'))
    {
        let (name, value) = (name.trim(), value.trim());
        if scenario.secrets.header(name, value) != value || Masker::is_credential(name) {
            // `Bearer TOKEN`: the token by itself is the secret.
            hidden.extend(value.rsplit(' ').next().map(str::to_owned));
            hidden.push(value.to_owned());
        }
    }
    if let Some((_, query)) = hit.url.split_once('?') {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let secret = pairs.filter(|(name, _)| Masker::is_credential(name));
        hidden.extend(secret.map(|(_, value)| value.into_owned()));
    }
    for secret in hidden.iter().filter(|secret| !secret.is_empty()) {
        scenario.secrets.hide(secret);
    }
    scenario.name = scenario.secrets.mask(&scenario.name).into_owned();
}

fn options(hit: &Hit) -> Result<HitOptions, Failure> {
    let url = if hit.url.contains("://") || hit.url.starts_with("demo") {
        hit.url.clone()
    } else {
        format!("http://{}", hit.url)
    };
    let body = hit.data.as_deref().map(body).transpose()?;
    let method = match (&hit.method, &body) {
        (Some(method), _) => method.to_uppercase(),
        (None, Some(_)) => "POST".to_owned(),
        (None, None) => "GET".to_owned(),
    };
    let headers = hit
        .header
        .iter()
        .map(|header| {
            header
                .split_once(':')
                .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                .ok_or_else(|| {
                    Failure::Usage(format!(
                        "-H \"{header}\": write `name: value`, such as `accept: text/html`"
                    ))
                })
        })
        .collect::<Result<_, _>>()?;
    let connections = if hit.no_keepalive {
        Connections::NewEachRequest
    } else {
        Connections::Pooled {
            max: hit.connections,
            streams: hit.streams,
        }
    };
    Ok(HitOptions {
        method,
        headers,
        body,
        http: match hit.http {
            Http::Auto => HttpVersion::Auto,
            Http::Http1 => HttpVersion::Http1,
            Http::Http2 => HttpVersion::Http2,
        },
        timeout: hit.timeout,
        connections,
        insecure: hit.insecure,
        ca: hit.ca.as_deref().map(read).transpose()?.map(Into::into),
        resolve: hit
            .resolve
            .iter()
            .map(|text| resolve(text))
            .collect::<Result<_, _>>()?,
        redirects: hit.redirects,
        ..HitOptions::get(url)
    })
}

fn body(text: &str) -> Result<bytes::Bytes, Failure> {
    match text.strip_prefix('@') {
        Some(path) => read(Path::new(path)).map(Into::into),
        None => Ok(text.to_owned().into()),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|problem| Failure::Usage(format!("cannot read {}: {problem}", path.display())))
}

/// `HOST:ADDRESS` or `HOST:PORT:ADDRESS`, addresses separated by commas.
fn resolve(text: &str) -> Result<Resolve, Failure> {
    let wrong = || {
        Failure::Usage(format!(
            "--resolve \"{text}\": write HOST:ADDRESS or HOST:PORT:ADDRESS, such as shop.example:443:127.0.0.1"
        ))
    };
    let (host, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (port, addresses) = match rest.split_once(':') {
        Some((port, addresses)) if port.parse::<u16>().is_ok() => (port.parse().ok(), addresses),
        _ => (None, rest),
    };
    let addresses = addresses
        .split(',')
        .map(|address| address.trim_matches(['[', ']']).parse::<IpAddr>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| wrong())?;
    Ok(Resolve {
        host: host.to_owned(),
        port,
        addresses,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_given_as_to_curl() {
        let parsed = resolve("shop.example:443:127.0.0.1,127.0.0.2").unwrap();
        assert_eq!(
            (parsed.host.as_str(), parsed.port, parsed.addresses.len()),
            ("shop.example", Some(443), 2)
        );
        let parsed = resolve("shop.example:[::1]").unwrap();
        assert_eq!(
            (parsed.port, parsed.addresses[0].to_string()),
            (None, "::1".into())
        );
        assert!(resolve("shop.example").is_err());
        assert!(resolve("shop.example:80:nowhere").is_err());
    }
}
