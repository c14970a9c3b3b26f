//! Where a redirect leads, and with which method (RFC 9110 §15.4, and what browsers do).

use http::{Method, StatusCode};
use url::Url;

/// Whether a status asks to go elsewhere.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The URL that a response redirects to by its Location header, relative ones resolved.
///
/// # Errors
/// No usable Location header.
pub(crate) fn location(header: Option<&[u8]>, from: &Url) -> Result<Url, String> {
    let value = header.ok_or("a redirect without a Location header")?;
    let text =
        std::str::from_utf8(value).map_err(|_| "a redirect whose Location header is not text")?;
    from.join(text)
        .map_err(|problem| format!("a redirect to `{text}`, which is no URL: {problem}"))
}

/// The method of the request that follows, and whether the body goes with it.
pub(crate) fn method_after(status: StatusCode, method: &Method) -> (Method, bool) {
    let becomes_get = match status.as_u16() {
        303 => *method != Method::HEAD,
        301 | 302 => *method == Method::POST,
        _ => false,
    };
    if becomes_get {
        (Method::GET, false)
    } else {
        (method.clone(), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_resolved_against_the_request() {
        let from = Url::parse("http://shop.example/a/b?c").unwrap();
        let to = |text: &str| location(Some(text.as_bytes()), &from).map(|url| url.to_string());
        assert_eq!(to("/x").unwrap(), "http://shop.example/x");
        assert_eq!(to("x?y=1").unwrap(), "http://shop.example/a/x?y=1");
        assert_eq!(to("https://pay.example/").unwrap(), "https://pay.example/");
        assert!(to("http://[").is_err());
        assert!(location(None, &from).is_err());
    }

    #[test]
    fn methods_change_as_in_browsers() {
        let after =
            |status: u16, method| method_after(StatusCode::from_u16(status).unwrap(), &method);
        assert_eq!(after(302, Method::POST), (Method::GET, false));
        assert_eq!(after(303, Method::PUT), (Method::GET, false));
        assert_eq!(after(301, Method::PUT), (Method::PUT, true));
        assert_eq!(after(307, Method::POST), (Method::POST, true));
        assert_eq!(after(303, Method::HEAD), (Method::HEAD, true));
    }
}
