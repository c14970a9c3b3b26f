//! A user's cookies (RFC 6265). Most users of most services never get one, so the store is made when
//! the first arrives.

use cookie_store::{CookieStore, RawCookie};
use url::Url;

/// A user's cookie jar.
#[derive(Debug, Default)]
pub(crate) struct Jar(Option<Box<CookieStore>>);

impl Jar {
    /// Keeps what a response to a request of `url` sets: the values of its Set-Cookie headers.
    pub(crate) fn store<'a>(&mut self, set_cookies: impl Iterator<Item = &'a [u8]>, url: &Url) {
        let cookies = set_cookies
            .filter_map(|value| std::str::from_utf8(value).ok())
            .filter_map(|text| RawCookie::parse(text.to_owned()).ok());
        self.0
            .get_or_insert_default()
            .store_response_cookies(cookies, url);
    }

    /// The Cookie header for a URL; `None` where the user holds none.
    pub(crate) fn header(&self, url: impl FnOnce() -> Option<Url>) -> Option<String> {
        let store = self.0.as_deref()?;
        let url = url()?;
        let mut header = String::new();
        for (name, value) in store.get_request_values(&url) {
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.push_str(name);
            header.push('=');
            header.push_str(value);
        }
        Some(header).filter(|text| !text.is_empty())
    }

    /// The value of a cookie that the user holds, whichever path it is for.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let store = self.0.as_deref()?;
        store
            .iter_unexpired()
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Option<Url> {
        Url::parse(&format!("http://shop.example{path}")).ok()
    }

    #[test]
    fn cookies_are_kept_scoped_and_replaced() {
        let mut jar = Jar::default();
        assert_eq!(jar.header(|| url("/")), None);
        let set: [&[u8]; 3] = [
            b"a=1; Path=/",
            b"b=2; Path=/account",
            b"c=3; Domain=elsewhere.example",
        ];
        jar.store(set.into_iter(), &url("/").unwrap());
        assert_eq!(jar.header(|| url("/")).as_deref(), Some("a=1"));
        assert_eq!(
            jar.header(|| url("/account")).unwrap().len(),
            "a=1; b=2".len()
        );
        assert_eq!(jar.get("b").as_deref(), Some("2"));
        assert_eq!(jar.get("c"), None, "another domain's cookie is refused");
        let set: [&[u8]; 1] = [b"a=; Max-Age=0; Path=/"];
        jar.store(set.into_iter(), &url("/").unwrap());
        assert_eq!(jar.header(|| url("/")), None);
    }
}
