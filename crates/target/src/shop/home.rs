//! The home page, made once.

use crate::random::splitmix;
use bytes::Bytes;
use std::fmt::Write;

/// The home page and the secret of its form.
#[derive(Debug)]
pub(crate) struct Home {
    csrf: String,
    page: Bytes,
}

const DESTINATIONS: [(&str, &str); 12] = [
    ("ROM", "Rome"),
    ("LIS", "Lisbon"),
    ("OSL", "Oslo"),
    ("ATH", "Athens"),
    ("DUB", "Dublin"),
    ("PRG", "Prague"),
    ("VIE", "Vienna"),
    ("BCN", "Barcelona"),
    ("CPH", "Copenhagen"),
    ("WAW", "Warsaw"),
    ("BUD", "Budapest"),
    ("HEL", "Helsinki"),
];

impl Home {
    pub(crate) fn new(seed: u64) -> Self {
        let csrf = format!(
            "{:016x}{:016x}",
            splitmix(seed, 1_000),
            splitmix(seed, 1_001)
        );
        let mut offers = String::new();
        for (code, city) in DESTINATIONS {
            // Writing to a string cannot fail.
            let _ = write!(
                offers,
                r#"    <li class="offer" data-destination="{code}">
      <h3>{city}</h3>
      <p>Weekends in {city}: two nights, a window seat and a map drawn by somebody who lives there.</p>
      <a href="/search?from=AMS&amp;to={code}">Flights from Amsterdam to {city}</a>
    </li>
"#
            );
        }
        let page = format!(
            r#"<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Plimsoll Travel</title>
  <link rel="canonical" href="/">
</head>
<body>
  <nav>
    <a href="/">Home</a> <a href="/search?from=AMS&amp;to=ROM">Search</a> <a href="/lounge">Lounge</a>
    <a href="/recommend">Recommended</a> <a href="/account">Account</a>
  </nav>
  <h1>Where to?</h1>
  <form id="search" action="/search" method="get">
    <input name="from" value="AMS"> <input name="to" value="ROM"> <button>Search</button>
  </form>
  <form id="login" action="/login" method="post">
    <input type="hidden" name="csrf" value="{csrf}">
    <input name="user"> <input name="password" type="password"> <button>Log in</button>
  </form>
  <ul id="offers">
{offers}  </ul>
</body>
</html>
"#
        );
        Self {
            csrf,
            page: page.into(),
        }
    }

    pub(crate) fn page(&self) -> Bytes {
        self.page.clone()
    }

    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }
}
