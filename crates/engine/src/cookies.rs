//! A user's cookies (RFC 6265). Most users of most services never get one, so the store is made when
//! the first arrives.

use crate::origin::Origin;
use cookie_store::{Cookie, CookieExpiration, CookieStore, RawCookie};
use http::HeaderValue;
use url::Url;

/// A user's cookie jar.
#[derive(Debug, Default)]
pub(crate) struct Jar(Option<Box<Held>>);

#[derive(Debug, Default)]
struct Held {
    store: CookieStore,
    /// Whether every cookie is for all paths until the session ends, as those of most services are: which ones go
    /// along then depends on the origin alone.
    is_plain: bool,
    /// What goes along to this origin, until something is stored, where all are plain.
    last: Option<(Origin, Option<HeaderValue>)>,
}

impl Held {
    fn header(&self, url: &Url) -> Option<HeaderValue> {
        let mut header = String::with_capacity(64);
        for (name, value) in self.store.get_request_values(url) {
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.push_str(name);
            header.push('=');
            header.push_str(value);
        }
        let header = Some(header).filter(|text| !text.is_empty())?;
        HeaderValue::try_from(header).ok()
    }
}

impl Jar {
    /// Keeps what a response to a request of `url` sets: the values of its Set-Cookie headers.
    pub(crate) fn store<'a>(&mut self, set_cookies: impl Iterator<Item = &'a [u8]>, url: &Url) {
        let cookies = set_cookies
            .filter_map(|value| std::str::from_utf8(value).ok())
            .filter_map(|text| RawCookie::parse(text.to_owned()).ok());
        let held = self.0.get_or_insert_default();
        held.store.store_response_cookies(cookies, url);
        held.last = None;
        held.is_plain = held.store.iter_any().all(|cookie| {
            cookie.path.as_ref() == "/" && cookie.expires == CookieExpiration::SessionEnd
        });
    }

    /// The Cookie header for a URL of this origin; `None` where the user holds none for it.
    pub(crate) fn header(
        &mut self,
        origin: &Origin,
        url: impl FnOnce() -> Option<Url>,
    ) -> Option<HeaderValue> {
        let held = self.0.as_deref_mut()?;
        if let Some((known, header)) = &held.last
            && known == origin
        {
            return header.clone();
        }
        let header = held.header(&url()?);
        if held.is_plain {
            held.last = Some((origin.clone(), header.clone()));
        }
        header
    }

    /// The value of a cookie that the user holds: the one that goes along to this URL, that of the longest path where there
    /// are several, or else whichever path or host it is for.
    pub(crate) fn get(&self, name: &str, url: Option<&Url>) -> Option<String> {
        let held = self.0.as_deref()?;
        let is_it = |cookie: &&Cookie<'static>| cookie.name() == name;
        let path = |cookie: &&Cookie<'static>| {
            let path: &str = cookie.path.as_ref();
            path.to_owned()
        };
        let going = url.into_iter().flat_map(|url| held.store.matches(url));
        let going = going.filter(is_it).max_by_key(|cookie| path(cookie).len());
        // In an order of their own, because that of the store is another one for every user.
        let any = || held.store.iter_unexpired().filter(is_it).min_by_key(path);
        going.or_else(any).map(|cookie| cookie.value().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Option<Url> {
        Url::parse(&format!("http://shop.example{path}")).ok()
    }

    /// The header for a path of the shop.
    fn header(jar: &mut Jar, path: &str) -> Option<String> {
        let origin = Origin::of(&url(path)?)?;
        let header = jar.header(&origin, || url(path))?;
        header.to_str().ok().map(str::to_owned)
    }

    #[test]
    fn cookies_are_kept_scoped_and_replaced() {
        let mut jar = Jar::default();
        assert_eq!(header(&mut jar, "/"), None);
        let set: [&[u8]; 3] = [
            b"a=1; Path=/",
            b"b=2; Path=/account",
            b"c=3; Domain=elsewhere.example",
        ];
        jar.store(set.into_iter(), &url("/").unwrap());
        assert_eq!(header(&mut jar, "/").as_deref(), Some("a=1"));
        assert_eq!(
            header(&mut jar, "/account").unwrap().len(),
            "a=1; b=2".len()
        );
        assert_eq!(jar.get("b", url("/").as_ref()).as_deref(), Some("2"));
        assert_eq!(
            jar.get("c", None),
            None,
            "another domain's cookie is refused"
        );
        let set: [&[u8]; 1] = [b"a=; Max-Age=0; Path=/"];
        jar.store(set.into_iter(), &url("/").unwrap());
        assert_eq!(header(&mut jar, "/"), None);
    }

    #[test]
    fn of_cookies_of_one_name_it_is_the_one_that_goes_along() {
        let mut jar = Jar::default();
        let bank = Url::parse("http://bank.example/").unwrap();
        let shop = url("/account/orders").unwrap();
        let mut set = |text: &str, url: &Url| jar.store(std::iter::once(text.as_bytes()), url);
        set("id=shop; Path=/", &shop);
        set("id=account; Path=/account", &shop);
        set("id=bank; Path=/", &bank);
        let get = |url: Option<&Url>| jar.get("id", url);
        assert_eq!(get(Some(&bank)).as_deref(), Some("bank"));
        assert_eq!(get(Some(&shop)).as_deref(), Some("account"));
        assert_eq!(get(url("/").as_ref()).as_deref(), Some("shop"));
        let elsewhere = Url::parse("http://elsewhere.example/").unwrap();
        assert!(get(Some(&elsewhere)).is_some());
    }

    #[test]
    fn what_goes_along_everywhere_is_that_of_the_origin_and_of_now() {
        let mut jar = Jar::default();
        let set = |jar: &mut Jar, text: &str| {
            jar.store(std::iter::once(text.as_bytes()), &url("/").unwrap());
        };
        set(&mut jar, "a=1; Path=/");
        for path in ["/", "/account", "/"] {
            assert_eq!(header(&mut jar, path).as_deref(), Some("a=1"));
        }
        let elsewhere = Url::parse("http://elsewhere.example/").unwrap();
        let origin = Origin::of(&elsewhere).unwrap();
        for _ in 0..2 {
            assert_eq!(jar.header(&origin, || Some(elsewhere.clone())), None);
            assert_eq!(header(&mut jar, "/").as_deref(), Some("a=1"));
        }
        set(&mut jar, "a=2; Path=/");
        assert_eq!(header(&mut jar, "/account").as_deref(), Some("a=2"));
        // From then on it depends on the path.
        set(&mut jar, "b=3; Path=/account");
        assert_eq!(header(&mut jar, "/").as_deref(), Some("a=2"));
        assert!(header(&mut jar, "/account").unwrap().contains("b=3"));
        // And, with an end, on the time.
        set(&mut jar, "b=; Max-Age=0; Path=/account");
        set(&mut jar, "a=4; Max-Age=1000; Path=/");
        assert_eq!(header(&mut jar, "/account").as_deref(), Some("a=4"));
        assert!(jar.0.unwrap().last.is_none());
    }
}
