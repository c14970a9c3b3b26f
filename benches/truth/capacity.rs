//! Searches for a capacity that is set.

use crate::{Field, conclude, tell, text, words};
use anyhow::ensure;
use plimsoll_benches::program::{Running, find};
use plimsoll_benches::server::{free_ports, wait_until_up};
use std::process::Command;

/// How far off a capacity may be.
const WITHIN: f64 = 0.05;

/// Short probes: nothing of these services needs longer ones.
const OPTIONS: &str =
    "--start 50/s --probe 5s --longest 15s --trim 2s --confirm 15s --cool-down 30s --json";

/// What a search found: the capacity, `None` if there is none that may be relied on; and whether the system comes back to
/// it from overload, `None` if that was not tried or cannot be told.
struct Found {
    capacity: Option<f64>,
    comes_back: Option<bool>,
}

/// Finds the capacity of what a page is.
fn search(
    field: &Field,
    name: &str,
    url: &str,
    objectives: &[&str],
    server: Option<String>,
) -> anyhow::Result<Found> {
    let (target, path) = url.rsplit_once('/').unwrap_or((url, ""));
    let scenario = format!(
        "name: one\ntarget: {target}\njourneys: {{ j: {{ steps: [ {{ name: page, GET: /{path} }} ] }} }}\n"
    );
    let scenario = text(&field.file(&format!("{name}.yaml"), &scenario)?);
    let mut arguments = vec!["capacity".to_owned(), scenario];
    for objective in objectives {
        arguments.extend(["--slo".to_owned(), (*objective).to_owned()]);
    }
    arguments.extend(words(OPTIONS));
    arguments.extend(["--out".to_owned(), name.to_owned()]);
    if let Some(server) = server {
        arguments.extend(["--server".to_owned(), server]);
        arguments.extend(words("--ready /healthz"));
    }
    let document = field.json(&arguments)?;
    let found = &document["capacity"];
    ensure!(found.is_object(), "no search: {document:#}");
    Ok(Found {
        capacity: found["sustained_rate"].as_f64(),
        comes_back: found["comes_back"].as_bool(),
    })
}

/// Whether it is near enough to what is set, said in a line.
fn is_near(found: &Found, set: u32) -> bool {
    let off = found.capacity.map(|found| found / f64::from(set) - 1.0);
    let told = match (found.capacity, off) {
        (Some(found), Some(off)) => format!("{found:.1}/s, {:+.1} %", 100.0 * off),
        _ => "none".to_owned(),
    };
    let comes_back = match found.comes_back {
        Some(true) => ", comes back",
        Some(false) => ", does not come back",
        None => "",
    };
    let told = format!("{told}{comes_back}");
    tell(&format!("{set}/s: {told}"));
    off.is_some_and(|off| off.abs() <= WITHIN)
}

/// Searches a service whose capacity is set, and which comes back from overload, or does not. Neither is it said of any
/// that it does the other.
fn service(
    field: &Field,
    name: &str,
    comes_back: bool,
    behaviour: impl Fn(u32) -> String,
) -> anyhow::Result<bool> {
    let runs = field.runs.unwrap_or(10);
    let (mut near, mut told_rightly, mut told_wrongly) = (0, 0, 0);
    for run in 1..=runs {
        // None of them is a power of two times the start.
        let set = 150 + (run as u32 * 137) % 450;
        let [port] = free_ports()?;
        let behaviour = format!("--latency 5ms..15ms --capacity {set}/s {}", behaviour(set));
        let server = field.service(port, &behaviour);
        let url = format!("http://127.0.0.1:{port}/null");
        let objectives = ["p99 < 300ms", "errors < 1%"];
        let name = format!("{name}-{run}");
        let found = search(field, &name, &url, &objectives, Some(server))?;
        near += u64::from(is_near(&found, set));
        told_rightly += u64::from(found.comes_back == Some(comes_back));
        told_wrongly += u64::from(found.comes_back == Some(!comes_back));
    }
    let does = match comes_back {
        true => "comes back from overload",
        false => "does not come back from overload",
    };
    let told = format!(
        "{near} of {runs} within 5 %; that it {does} was found {told_rightly} times, the opposite {told_wrongly} times"
    );
    let is_kept = near * 10 >= runs * 9 && told_rightly > 0 && told_wrongly == 0;
    Ok(conclude(name, &told, is_kept))
}

/// What does not fit waits.
pub(crate) fn fifo(field: &Field) -> anyhow::Result<bool> {
    service(field, "a queue", true, |_| String::new())
}

/// What does not fit is refused.
pub(crate) fn shedding(field: &Field) -> anyhow::Result<bool> {
    service(field, "shedding", true, |_| "--queue 20".to_owned())
}

/// What does not fit makes all slower.
pub(crate) fn collapsing(field: &Field) -> anyhow::Result<bool> {
    service(field, "collapsing", false, |set| {
        format!("--queue {} --collapse 1s", set * 6 / 10)
    })
}

/// A limit of nginx, with requests refused above it.
pub(crate) fn nginx(field: &Field) -> anyhow::Result<bool> {
    let limits: [u32; 4] = [200, 500, 730, 1_000];
    let [port] = free_ports()?;
    let www = field.scratch.path().join("www");
    std::fs::create_dir_all(&www)?;
    let (mut zones, mut pages) = (String::new(), String::new());
    for limit in limits {
        std::fs::write(www.join(limit.to_string()), "ok\n")?;
        zones.push_str(&format!(
            "limit_req_zone $server_addr zone=z{limit}:1m rate={limit}r/s;\n"
        ));
        pages.push_str(&format!(
            "location /{limit} {{ limit_req zone=z{limit} burst=20 nodelay; }}\n"
        ));
    }
    let folder = text(field.scratch.path());
    let configuration = format!(
        "daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log crit; worker_processes 1;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000;
{zones} server {{ listen 127.0.0.1:{port}; root {folder}/www;
{pages} }} }}
"
    );
    let file = field.file("nginx.conf", &configuration)?;
    let mut command = Command::new(find("nginx")?);
    command.arg("-c").arg(&file).arg("-p").arg(&folder);
    let mut running = Running::start(command)?;
    let log = field.scratch.path().join("error.log");
    wait_until_up(&mut running, &[port], &log)?;
    let mut near = 0;
    let runs = field.runs.unwrap_or(4).min(4) as usize;
    for limit in &limits[..runs] {
        let url = format!("http://127.0.0.1:{port}/{limit}");
        let found = search(
            field,
            &format!("nginx-{limit}"),
            &url,
            &["errors < 1%"],
            None,
        )?;
        near += usize::from(is_near(&found, *limit));
    }
    let told = format!("{near} of {runs} within 5 %");
    Ok(conclude("nginx with limit_req", &told, near == runs))
}
